"""The made-up lab: a local Bot API server with its chat page, made-up containers and cards."""
