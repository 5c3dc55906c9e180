"""The parameters of a Bot API call, however they came: query, form fields, JSON or multipart."""

from __future__ import annotations

import json
from typing import Any

from bot.demo.server.errors import bad_request
from bot.demo.server.files import Upload


def whole(value: Any, default: int = 0) -> int:
    """Return an integer, the default for anything that is none."""
    if isinstance(value, bool):
        return default
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return default


class Arguments:
    """Parameters by name, read in the types the API documents."""

    def __init__(self, values: dict[str, Any], uploads: dict[str, Upload] | None = None) -> None:
        """Keep the values as they came; empty ones count as absent, as Telegram has it."""
        self.values = {key: value for key, value in values.items() if value not in (None, "")}
        self.uploads = uploads or {}

    def text(self, name: str) -> str:
        """Return a string, empty when absent."""
        value = self.values.get(name, "")
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    def integer(self, name: str, default: int = 0) -> int:
        """Return an integer; what is not one counts as the default, as in Telegram's own server."""
        return whole(self.values.get(name), default)

    def flag(self, name: str) -> bool:
        """Return a Boolean."""
        value = self.values.get(name, False)
        return value if isinstance(value, bool) else str(value).lower() in ("true", "1", "yes")

    def json(self, name: str, what: str) -> Any:
        """Return an object or array that was sent as JSON, None when absent."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise bad_request(f"can't parse {what} JSON object") from None

    def object(self, name: str, what: str) -> dict[str, Any]:
        """Return an object that was sent as JSON, empty when absent."""
        value = self.json(name, what)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise bad_request(f"object expected as {what}")
        return value

    def objects(self, name: str, what: str) -> list[dict[str, Any]]:
        """Return an array of objects that was sent as JSON, empty when absent."""
        value = self.json(name, what)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise bad_request(f"expected an Array of {what}")
        return value

    def upload(self, name: str) -> Upload | str | None:
        """Return the file a parameter means: an upload, a file_id or URL, or nothing."""
        value = self.values.get(name)
        if isinstance(value, str) and value.startswith("attach://"):
            return self.attached(value)
        return self.uploads.get(name) or (value if isinstance(value, str) else None)

    def attached(self, value: str) -> Upload | str:
        """Return the part that ``attach://NAME`` names, or the value itself when it names none."""
        if not value.startswith("attach://"):
            return value
        name = value.removeprefix("attach://")
        if name not in self.uploads:
            raise bad_request("wrong file identifier/HTTP URL specified")
        return self.uploads[name]
