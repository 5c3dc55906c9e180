"""Rich messages: sendRichMessage, and the rich form of editMessageText."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.demo.server import rich, shapes
from bot.demo.server.arguments import Arguments
from bot.demo.server.chats import Json, Post
from bot.demo.server.core import Core
from bot.demo.server.errors import bad_request, method_not_found
from bot.demo.server.markup import reply_markup
from bot.demo.server.methods.sending import deliver, media_content

Finder = Callable[[], Post]


def content_of(core: Core, args: Arguments) -> Json | None:
    """Return the content of a rich message, None when the call has none or the server is too old for it."""
    if not core.knows("rich"):
        return None
    if args.json("rich_message", "rich message") is None:
        return None
    wanted = args.object("rich_message", "rich message")
    if sum(bool(wanted.get(k)) for k in ("html", "markdown", "blocks")) != 1:
        raise bad_request("exactly one of the fields html, markdown and blocks must be specified")
    if wanted.get("markdown"):
        raise bad_request("rich markdown isn't played here; use html")
    try:
        if wanted.get("blocks"):
            blocks = list(wanted["blocks"])
            rich.check(blocks)
        else:
            blocks = rich.parse(str(wanted["html"]), lambda source: _photo(core, args, wanted, source),
                                with_buttons=core.knows("rich_buttons"))  # fmt: skip
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        # RichError says what is wrong; the others mean blocks of another shape, or a number that is none.
        raise bad_request(f"can't parse rich message: {error}") from None
    return {"rich_message": {"blocks": blocks}}


def _photo(core: Core, args: Arguments, wanted: Json, source: str) -> Json:
    """Return the picture that an ``<img>`` means: one of ``media`` by its id, or a file_id."""
    name = source.removeprefix("tg://photo?id=")
    given: dict[str, Any] = {str(item.get("id")): item.get("media") or {} for item in wanted.get("media") or ()}
    if source.startswith("tg://photo?id=") and name not in given:
        raise bad_request(f"can't find media with the identifier {name}")
    value = str(given[name].get("media", "")) if name in given else source
    return media_content(core, args.attached(value), "photo")


def send_rich_message(core: Core, args: Arguments) -> Json:
    """Send headings, tables, lists, folds and buttons."""
    if not core.knows("rich"):
        raise method_not_found()
    content = content_of(core, args)
    if content is None:
        raise bad_request("rich message is empty")
    return shapes.message(core.world, deliver(core, args, [content], reply_markup(args))[0])


METHODS = {"sendRichMessage": send_rich_message}
