"""Every message of the watch and of runs can be said, in both languages, in every state it can be in."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest

from bot.domain.case import Answer, Answered, Case, subject_of
from bot.domain.evidence import Finding, FindingKind
from bot.domain.member import Member, Role
from bot.domain.outage import Outage
from bot.domain.policy import WatchPolicy
from bot.domain.run_story import RunEnding, RunRecord
from bot.domain.sample import REASONS, Unread
from bot.domain.saying import Message
from bot.domain.story import Ending, Story
from bot.services.telling import WRITERS
from bot.texts import LANGUAGES, Voice
from bot.views import offers, runs, sickness, warnings
from bot.views.letters import GROUP, Scene
from tests.domain.watched_lab import GIB, GPU0, GPU1, LISI, NOW, VANISHED, WANGWU, ZHANGSAN, booking, process

HOUR = timedelta(hours=1)
PEOPLE = {
    number: Member(number, name, role, number, name.title(), None)
    for number, name, role in (
        (ZHANGSAN, "zhangsan", Role.STUDENT),
        (LISI, "lisi", Role.STUDENT),
        (WANGWU, "wangwu", Role.ADMIN),
    )
}
UNREADABLE = replace(process(2, VANISHED, Unread("vanished")), command=Unread("vanished"))
FINDINGS = [
    Finding(kind, GPU0, NOW, offender=ZHANGSAN, holder=LISI, aspect=aspect, members=(ZHANGSAN, LISI),
            processes=(process(1, "zhangsan"), UNREADABLE), reservation=held, ended=booking(ZHANGSAN, end=-1),
            amount=amount, allowed=amount, detail="lost: GPU is lost" if amount is None else "", affected=(LISI,))
    for kind in FindingKind
    for aspect in (("lost", "hot", "ecc", "throttled", "xid") if kind is FindingKind.SICK_CARD else ("",))
    for held, amount in ((booking(LISI), 30 * GIB), (None, None))
]  # fmt: skip
ANSWERS = (None, *(Answer(what, ZHANGSAN, NOW, (GPU1,)) for what in Answered))


def said(message: Message) -> list[str]:
    """In both languages, buttons too."""
    voices = [Voice(language, ZoneInfo("Asia/Shanghai")) for language in LANGUAGES]
    buttons = [button for row in message.buttons for button in row]
    for button in buttons:
        assert 1 <= len(button.data.encode()) <= 64
    return [voice.say(message.saying) for voice in voices] + [v.plain(b.label) for v in voices for b in buttons]


def check(text: str) -> None:
    assert text.strip()
    assert not re.search(r"\{|\}|None|Saying\(|[ \t]\n", text), text
    assert len(text) < 4096


def case_of(finding: Finding, ending: Ending | None, answer: Answer | None, tellings: int) -> Case:
    ended_at = None if ending is None else NOW + HOUR
    story = Story(finding, NOW, NOW, NOW, warned_at=NOW, ended_at=ended_at, ending=ending)
    return Case(subject_of(finding), (story,), NOW, 7, NOW, tellings, ended_at=ended_at, answer=answer, told=(0, LISI))


@pytest.mark.parametrize("finding", FINDINGS, ids=lambda f: f"{f.kind.value}-{f.aspect}-{f.amount is not None}")
def test_every_case_can_be_told(finding: Finding) -> None:
    for ending, answer, tellings in product((None, *Ending), ANSWERS, (1, 2, 5)):
        scene = Scene(case_of(finding, ending, answer, tellings), PEOPLE, WatchPolicy(), NOW + HOUR)
        rich = replace(scene, spare=(GPU1,), lengths=(4 * HOUR, 24 * HOUR), waiting=2)
        for one in (scene, rich):
            for letter in WRITERS[finding.kind](one):
                assert ending is None or letter.message.buttons == (), "what is over has nothing to press"
                for text in said(letter.message):
                    check(text)
        for message in (warnings.superseded(scene), offers.kept(scene)):
            for text in said(message):
                check(text)


@pytest.mark.parametrize("code", sorted(sickness.KNOWN_XIDS | {999}))
def test_every_xid_has_a_meaning_and_what_another_card_would_not_help_has_no_button(code: int) -> None:
    aspects = [one for one in FINDINGS if one.aspect == "xid" and one.reservation is not None]
    finding = replace(aspects[0], amount=code, detail=f"XID {code}")
    scene = Scene(case_of(finding, None, None, 1), PEOPLE, WatchPolicy(), NOW)
    holder, admin = sickness.sick(scene)
    assert (holder.to, admin.to) == (LISI, WANGWU)
    assert bool(holder.message.buttons) == (code not in sickness.ANOTHER_CARD_IS_NO_HELP)
    for text in (*said(holder.message)[:2], *said(admin.message)):
        check(text)
        assert f"XID {code}" in text


@pytest.mark.parametrize(
    ("codes", "fix"),
    [
        ((79, 48), "A card that is off the bus can't be reset"),
        ((48, 13), "nvidia-smi --gpu-reset"),
        ((13,), "Nothing has to be done to the card."),
        ((63, 45), "Nothing has to be done to the card."),
        ((74,), "Where the card is at fault"),
        ((999,), "Where the card is at fault"),
    ],
)
def test_an_admin_is_told_to_do_what_nvidia_says_for_the_gravest(codes: tuple[int, ...], fix: str) -> None:
    one = next(one for one in FINDINGS if one.aspect == "xid")
    stories = tuple(story for code in codes for story in case_of(replace(one, amount=code), None, None, 1).stories)
    scene = Scene(replace(case_of(one, None, None, 1), stories=stories), PEOPLE, WatchPolicy(), NOW)
    assert any(fix in text for text in said(sickness.sick(scene)[-1].message))


def test_an_xid_that_is_old_does_not_say_that_the_card_is_fine() -> None:
    finding = replace(next(one for one in FINDINGS if one.aspect == "xid"), amount=48)
    scene = Scene(case_of(finding, Ending.OVER, None, 1), PEOPLE, WatchPolicy(), NOW + HOUR)
    for letter in sickness.sick(scene):
        assert any("no further XID" in text for text in said(letter.message))


def test_many_processes_are_a_short_message() -> None:
    processes = tuple(process(pid, "zhangsan") for pid in range(1, 41))
    finding = replace(FINDINGS[0], processes=processes)
    for text in said(
        WRITERS[finding.kind](Scene(case_of(finding, None, None, 1), PEOPLE, WatchPolicy(), NOW))[0].message
    ):
        check(text)
        assert len(text) < 900


@pytest.mark.parametrize("reason", sorted(REASONS))
def test_every_outage_has_its_fix(reason: str) -> None:
    for ended_at in (None, NOW + HOUR):
        for text in said(sickness.outage(Outage(Unread(reason, "Driver/library <mismatch>"), NOW, ended_at=ended_at))):
            check(text)


@pytest.mark.parametrize("ending", RunEnding)
def test_every_end_of_a_run_can_be_told(ending: RunEnding) -> None:
    record = RunRecord(
        member=ZHANGSAN, instance="zhangsan", name="train.py (vit)", cards=(GPU0, GPU1), on=(GPU0.id,),
        identities=frozenset({(7, NOW)}), groups=frozenset(), started_at=NOW, last_seen=NOW + HOUR, id=3,
        peak_memory_bytes=10 * GIB, load_sum=10.0, load_seconds=1.0, idle_since=NOW, ended_at=NOW + HOUR, ending=ending,
    )  # fmt: skip
    bare = replace(record, name=None, peak_memory_bytes=None, load_seconds=0.0, ended_at=None, ending=None)
    for one in (record, bare):
        messages = [
            runs.ended(one, [], silent=True),
            runs.ended(one, [(booking(ZHANGSAN), GPU0)], silent=False),
            runs.answered(one, (GPU0,), kept=True),
            runs.answered(one, (GPU0,), kept=False),
            runs.idle(one, NOW + HOUR, silent=True),
            runs.latest([record, bare], PEOPLE, NOW + HOUR, everybody=True),
            runs.latest([], PEOPLE, NOW, everybody=False),
        ]
        for text in (text for message in messages for text in said(message)):
            check(text)


@pytest.mark.parametrize("told_from", runs.CHOICES)
def test_what_one_wants_to_hear(told_from: timedelta | None) -> None:
    for text in (*said(runs.wanted(told_from, (GPU0,))), *said(runs.wanted(told_from, ())), *said(runs.free_now(GPU0))):
        check(text)


def test_whoever_is_warned_in_private_can_ask_how_a_run_is_stopped_and_the_group_is_spared_that() -> None:
    finding = next(one for one in FINDINGS if one.kind is FindingKind.TRESPASS)
    letters = warnings.trespass(Scene(case_of(finding, None, None, 1), PEOPLE, WatchPolicy(), NOW + HOUR))
    asks = {one.to: [b.data for row in one.message.buttons for b in row if b.data == "how:warning"] for one in letters}
    assert {to for to, buttons in asks.items() if buttons} == {finding.offender}
    assert GROUP in asks
