"""The audit that stands behind every story: a leak of each kind, planted, is seen; and an ordinary answer is none."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.demo.lab import Demo
from bot.domain.ability import Occasion
from bot.domain.asked import Asked
from bot.domain.saying import Button, Code, Message, Saying
from bot.services.lab import Lab
from tests.stories.audit import Audit, audited
from tests.stories.conftest import LISI, WANGWU, WORLDS

REFUSED = Message(Saying("access.admins_only"))
PASSWORD = "k7mp-x3ra-9tqe-bd4h"
CLAIM = "Zm9vYmFyYmF6cXV4MTIzNDU2"


def saying(words: object) -> Message:
    """A public line with these words in it."""
    return Message(Saying("public.released", {"who": words, "cards": "gpu0"}))


@dataclass
class Planted:
    """A lab in which a test says what the bot should not, and looks at the faults before the end does."""

    demo: Demo
    lab: Lab
    audit: Audit
    group: int

    async def say(self, message: Message, chat: int | None = None, reply_to: int | None = None) -> int:
        voice = self.lab.voices.for_group()
        return await self.lab.messenger.send(chat or self.group, message, voice, asked=Asked(reply_to))


@pytest.fixture
async def planted(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Planted]:
    """The audit's own verdict is kept from the end of the story: here the faults are the point."""
    demo = Demo(tmp_path, quiet=True, flood_limits=False, **WORLDS[request.param])
    with pytest.raises(AssertionError, match="in the group:"):  # noqa: PT012 - a fixture's yield
        async with audited(demo) as audit:
            assert demo.junzi is not None
            assert demo.junzi.lab is not None
            assert audit.faults() == [], "nothing is wrong before something is planted"
            yield Planted(demo, demo.junzi.lab, audit, demo.telegram.group_id)


Leak = Callable[[Planted], Awaitable[object]]


async def a_refusal_for_all(planted: Planted) -> None:
    typed = await planted.demo.telegram.say(LISI.telegram_id, planted.group, "hello")
    await planted.say(REFUSED, reply_to=typed["message_id"])


async def an_edit_for_all(planted: Planted) -> None:
    number = await planted.say(saying("x"))
    await planted.lab.messenger.edit(planted.group, number, REFUSED, planted.lab.voices.for_group())


async def a_call_past_the_messenger(planted: Planted) -> None:
    assert planted.demo.junzi is not None
    await planted.demo.junzi.application.bot.send_message(planted.group, "hello")


@pytest.mark.parametrize("planted", ["administrator"], indirect=True)
@pytest.mark.parametrize(
    ("leak", "words"),
    [
        (a_refusal_for_all, "can whisper at any time"),
        (an_edit_for_all, "can whisper at any time"),
        (a_call_past_the_messenger, "went past the messenger"),
    ],
)
async def test_what_one_person_should_see_and_all_saw(planted: Planted, leak: Leak, words: str) -> None:
    await leak(planted)
    assert any(words in fault for fault in planted.audit.faults())


@pytest.mark.parametrize("planted", ["administrator"], indirect=True)
@pytest.mark.parametrize(
    ("secret", "what"),
    [
        (PASSWORD, "a password"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----", "a private key"),
        ("socks5://lab:hunter2@proxy.example:1080", "a proxy with its password"),
        (f"https://t.me/bot?start={CLAIM}", "a claim code"),
        ("1:made-up", "the bot's token"),
    ],
)
async def test_a_secret_in_the_group(planted: Planted, secret: str, what: str) -> None:
    await planted.say(saying(Code(secret)))
    assert any(fault.endswith(what) for fault in planted.audit.faults())


@pytest.mark.parametrize("planted", ["administrator"], indirect=True)
async def test_a_claim_code_that_was_given_in_private_is_a_secret_without_its_link_and_in_a_whisper(
    planted: Planted,
) -> None:
    await planted.say(saying(f"t.me/bot?start={CLAIM}"), chat=LISI.telegram_id)
    assert planted.audit.faults() == []
    whisper = saying(Code(CLAIM))
    voice = planted.lab.voices.for_group()
    await planted.lab.messenger.whisper(planted.group, LISI.telegram_id, whisper, voice, Occasion())
    assert planted.audit.faults() == ["sendMessage: a claim code"]


@pytest.mark.parametrize("planted", ["old server"], indirect=True)
async def test_the_plain_form_is_a_short_reply_and_never_a_second_message(planted: Planted) -> None:
    """A press of one's own answer changes it; somebody else's press must not."""
    typed = await planted.demo.telegram.say(LISI.telegram_id, planted.group, "hello")
    button = Button(Saying("board.button_refresh"), "outdated")
    first = await planted.say(Message(REFUSED.saying, ((button,),)), reply_to=typed["message_id"])
    await planted.demo.telegram.press(WANGWU.telegram_id, planted.group, first, "outdated")
    await planted.say(REFUSED, reply_to=first)
    assert planted.audit.faults() == []
    await planted.demo.telegram.press(LISI.telegram_id, planted.group, first, "outdated")
    await planted.say(REFUSED)
    faults = planted.audit.faults()
    assert [fault.partition(": ")[2].partition(",")[0] for fault in faults] == ["a second message", "answers nobody"]
