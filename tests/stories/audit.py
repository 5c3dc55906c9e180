"""After a story: every call the bot made, looked at as the group would. What concerns one person was seen by them alone
where the server could do it; where it could not, it was a short threaded reply; and nothing secret was there.

Two sources that can't agree by accident: a tap in the messenger, which knows what each call *means*, and the server's
own list of calls, which knows what was *said*. A call that went past the tap is a fault of its own.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import wraps
from typing import Any
from unittest.mock import patch

from bot.adapters.telegram import TelegramMessenger
from bot.demo.lab import Demo
from bot.demo.server import LocalTelegram
from bot.demo.server.rich_walk import plain_blocks
from bot.domain.password import ALPHABET
from bot.domain.saying import Message
from bot.views.audience import Audience, audience_of

SHORT = 1024  # characters of a reply that everybody has to scroll past
# What one goes on looking at while one books; under another answer a press changes that answer.
STAYS = ("board.", "card.", "calendar.", "looks.")
POSTED_BY_THE_CLOCK = ("board.", "digest.")  # on demand they are personal; the scheduled ones answer nobody
NOT_A_CLAIM = "hello"  # the link that only opens the private chat
ANY_CLAIM = re.compile(r"[?&]start=([A-Za-z0-9_-]+)")
SECRETS = {
    "a password": re.compile(rf"(?<![\w-])[{ALPHABET}]{{4}}(?:-[{ALPHABET}]{{4}}){{3}}(?![\w-])"),
    "a private key": re.compile(r"PRIVATE KEY"),
    "a proxy with its password": re.compile(r"\w+://[^/\s:@\"]+:[^/\s@\"]+@"),
}


@dataclass(frozen=True)
class Said:
    """One message as the bot meant it, and what the server was like at that moment."""

    method: str  # of the messenger: send, edit, whisper, send_photo ...
    chat_id: int
    message: Message
    number: int | None  # of the message that was sent or edited; for a whisper its ephemeral id, None if it was none
    reply_to: int | None
    could_whisper: bool  # at any time, whatever the occasion
    held_up_seconds: float  # by Telegram's flood limits, on the lab's clock

    @property
    def is_whisper(self) -> bool:
        return "whisper" in self.method

    @property
    def is_new(self) -> bool:
        return self.method.startswith("send")

    @property
    def is_answer(self) -> bool:
        """To somebody who asked just now; no edit, and nothing by the clock."""
        return self.number is not None and (self.method == "whisper" or (self.is_new and self.reply_to is not None))

    @property
    def is_personal(self) -> bool:
        return audience_of(self.message) is Audience.PERSONAL

    @property
    def is_by_the_clock(self) -> bool:
        return self.reply_to is None and self.message.saying.key.startswith(POSTED_BY_THE_CLOCK)

    def __str__(self) -> str:
        return f"{self.method} of {self.message.saying.key!r}"


def tapped(audit: Audit) -> type[TelegramMessenger]:
    """The real messenger, every method of which that takes a message writes down what it was given."""
    methods: dict[str, Any] = {}
    for name, method in inspect.getmembers(TelegramMessenger, inspect.iscoroutinefunction):
        if not name.startswith("_") and "message" in inspect.signature(method).parameters:
            methods[name] = _tapped(name, method, audit)
    return type("TappedMessenger", (TelegramMessenger,), methods)


def _tapped(name: str, method: Callable[..., Any], audit: Audit) -> Callable[..., Any]:
    signature = inspect.signature(method)

    @wraps(method)
    async def call(*args: Any, **kwargs: Any) -> Any:
        given = signature.bind(*args, **kwargs).arguments
        core = audit.telegram.core
        could = core.knows("ephemeral") and core.world.bot_status == "administrator"
        held_up = given["self"].wait_seconds(given["chat_id"])
        try:
            result = await method(*args, **kwargs)
        except asyncio.CancelledError:
            audit.cut_off += 1
            raise
        number = given.get("message_id", given.get("ephemeral_id", result))
        asked = given.get("asked")
        answered = None if asked is None else asked.message_id
        audit.said.append(Said(name, given["chat_id"], given["message"], number, answered, could, held_up))
        return result

    return call


@dataclass
class Audit:
    """`said` is filled by the tap while the lab lives; `faults` is asked at the end.

    `cut_off`: calls that were under way when the lab was stopped. The server may have them, and nobody knows which
    messages they made.
    """

    telegram: LocalTelegram
    said: list[Said] = field(default_factory=list)
    cut_off: int = 0

    def faults(self) -> list[str]:
        return [*self._secrets(), *self._past_the_tap(), *self._too_public(), *self._too_much()]

    # What was said, in the group, in any form.

    def _secrets(self) -> Iterator[str]:
        everything = json.dumps([call.parameters for call in self.telegram.calls], ensure_ascii=False)
        claims = set(ANY_CLAIM.findall(everything)) - {NOT_A_CLAIM}
        token = self.telegram.core.token
        for where, words in self._words_in_the_group():
            yield from (f"{where}: {what}" for what, shape in SECRETS.items() if shape.search(words))
            if any(claim in words for claim in claims):
                yield f"{where}: a claim code"
            if token in words:
                yield f"{where}: the bot's token"

    def _words_in_the_group(self) -> Iterator[tuple[str, str]]:
        """Every text that a call brought there, whispers, pop-ups and refused calls included, and the files."""
        group = str(self.telegram.group_id)
        for call in self.telegram.calls:
            chat = str(call.parameters.get("chat_id", ""))
            query = self.telegram.core.queries.get(str(call.parameters.get("callback_query_id", "")))
            if chat == group or (query is not None and query.post.chat_id == self.telegram.group_id):
                yield call.method, json.dumps(call.parameters, ensure_ascii=False)
        for message in self.telegram.messages(self.telegram.group_id):
            document = message.get("document") if message["from"]["is_bot"] else None
            if document is not None:
                stored = self.telegram.core.files.by_id[document["file_id"]]
                yield f"the file {document.get('file_name')}", stored.upload.data.decode("utf-8", "replace")

    # What was meant, and for whom.

    def _past_the_tap(self) -> Iterator[str]:
        known = {(s.number, s.is_whisper) for s in self._in_the_group()}
        deleted = {int(c.parameters["message_id"]) for c in self._calls("deleteMessage")}
        past = []
        for call in self._calls("send", "edit"):
            number, is_whisper = _subject(call.parameters, call.result)
            was_meant = (number, is_whisper) in known
            was_taken_back = "ephemeral_message_parameters" in call.parameters and number in deleted
            if not was_meant and not was_taken_back:
                past.append(f"{call.method} of {str(call.parameters)[:200]} went past the messenger")
        yield from past[: max(0, len(past) - self.cut_off)]

    def _calls(self, *beginnings: str) -> Iterator[Any]:
        group = str(self.telegram.group_id)
        for call in self.telegram.calls:
            is_there = str(call.parameters.get("chat_id")) == group and call.error is None
            if is_there and call.method.startswith(beginnings) and call.method != "sendChatAction":
                yield call

    def _in_the_group(self) -> Iterator[Said]:
        return (said for said in self.said if said.chat_id == self.telegram.group_id)

    def _too_public(self) -> Iterator[str]:
        """Personal, and shown to everybody, though a whisper was possible."""
        for said in self._in_the_group():
            if said.is_whisper or not said.is_personal or said.is_by_the_clock:
                continue
            if said.could_whisper:
                yield f"{said}: personal, and everybody saw it though the bot can whisper at any time"
            elif said.is_new and self._answers_a_press(said) and self.telegram.core.knows("ephemeral"):
                yield f"{said}: personal, and everybody saw it though a press may be answered with a whisper"

    def _too_much(self) -> Iterator[str]:
        """The plain form: a short reply to what was asked, and no second one where the first can be edited."""
        last: dict[int | None, Said] = {}
        for said in self._in_the_group():
            if said.is_whisper:
                continue
            if said.is_new and said.is_personal and not said.is_by_the_clock:
                yield from self._plain(said, last.get(said.reply_to))
            last[said.number] = said

    def _plain(self, said: Said, answered: Said | None) -> Iterator[str]:
        if said.reply_to is None:
            yield f"{said}: answers nobody"
        text = self._text(said.number)
        if len(text) > SHORT:
            yield f"{said}: {len(text)} characters that everybody has to scroll past"
        is_done_with = (
            answered is not None and answered.is_personal and not answered.message.saying.key.startswith(STAYS)
        )
        if is_done_with and self._pressed_by_who_asked(said):
            yield f"{said}: a second message, where {answered} could have been edited"

    def _answers_a_press(self, said: Said) -> bool:
        post = self.telegram.core.world.group.posts.get(said.reply_to or 0)
        return post is not None and post.sender_id == self.telegram.core.world.bot_id

    def _pressed_by_who_asked(self, said: Said) -> bool:
        """Somebody else's answer is not overwritten."""
        post = self.telegram.core.world.group.posts.get(said.reply_to or 0)
        asker = post.reply_to.sender_id if post is not None and post.reply_to is not None else None
        pressed = (query for query in self.telegram.core.queries.values() if query.post is post)
        return any(query.person_id == asker for query in pressed)

    def _text(self, number: int | None) -> str:
        post = self.telegram.core.world.group.posts.get(number or 0)
        if post is None:
            return ""
        rich = post.content.get("rich_message")
        return (
            plain_blocks(rich["blocks"]) if rich else str(post.content.get("text") or post.content.get("caption", ""))
        )


def _subject(parameters: dict[str, Any], result: Any) -> tuple[int, bool]:
    """Which message a call made or changed, and whether one person alone sees it."""
    whisper = parameters.get("ephemeral_message_id") or (
        result.get("ephemeral_message_id") if isinstance(result, dict) else None
    )
    if whisper is not None:
        return int(whisper), True
    number = parameters.get("message_id")
    return int(result["message_id"] if number is None else number), False


@asynccontextmanager
async def audited(demo: Demo) -> AsyncIterator[Audit]:
    """The lab, alive; when the story is over, nothing in the group may have been a fault."""
    audit = Audit(demo.telegram)
    with patch("bot.app.TelegramMessenger", tapped(audit)):
        await demo.start(port=0)
    try:
        yield audit
    finally:
        await demo.stop()
    faults = audit.faults()
    assert not faults, "in the group:\n" + "\n".join(faults)
