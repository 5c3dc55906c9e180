"""What the watch remembers: cases, runs, and what people want to hear; all of it survives a restart."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

from bot.domain.card import Card
from bot.domain.case import Answer, Answered, Case, Subject
from bot.domain.evidence import Finding, FindingKind
from bot.domain.member import Role
from bot.domain.run_story import RunEnding, RunRecord
from bot.domain.story import Ending, Story
from storage.books import SqliteBooks
from storage.database import Database
from tests.conftest import NOON
from tests.domain.watched_lab import GPU0, GPU1, LISI, ZHANGSAN, booking, process

HOUR = timedelta(hours=1)
FINDING = Finding(
    FindingKind.TRESPASS, GPU0, NOON, ZHANGSAN, LISI, members=(ZHANGSAN,), processes=(process(1, "zhangsan"),),
    reservation=booking(LISI), affected=(LISI,),
)  # fmt: skip
STORY = Story(FINDING, NOON, NOON, NOON, warned_at=NOON)
CASE = Case(Subject(FindingKind.TRESPASS, (ZHANGSAN, LISI)), (STORY,), NOON, told_at=NOON, tellings=2, told=(0, 1))
RUN = RunRecord(
    member=1, instance="zhangsan", name="train.py (vit)", cards=(GPU0, GPU1), on=(GPU0.id,),
    identities=frozenset({(7, NOON), (8, None)}), groups=frozenset({7}), started_at=NOON, last_seen=NOON + HOUR,
)  # fmt: skip


def keep(database: Database, case: Case) -> Case:
    return database.write_now(lambda books: books.cases.keep(case))


def keep_run(database: Database, run: RunRecord) -> RunRecord:
    return database.write_now(lambda books: books.runs.keep(run))


def member_id(database: Database, name: str = "zhangsan") -> int:
    return database.write_now(lambda books: books.members.add(name, Role.STUDENT, NOON)).id


def told_from_after(member: int, wanted: timedelta | None, books: SqliteBooks) -> timedelta | None:
    books.wishes.tell_from(member, wanted)
    return books.wishes.told_from(member, 5 * HOUR)


def hang_bell(member: int, card: Card, books: SqliteBooks) -> None:
    books.wishes.hang_bell(member, card.id, NOON)


def test_a_case_comes_back_as_it_was_with_a_number_of_its_own(database: Database) -> None:
    kept = keep(database, CASE)
    assert kept.id is not None
    number = kept.id
    answered = replace(kept, answer=Answer(Answered.MOVING, ZHANGSAN, NOON, (GPU1,)))
    keep(database, answered)
    assert database.write_now(lambda books: books.cases.get(number)) == answered
    assert database.write_now(lambda books: books.cases.get(number + 1)) is None


def test_which_cases_are_not_over(database: Database) -> None:
    over = replace(CASE, stories=(replace(STORY, ended_at=NOON, ending=Ending.OVER),), ended_at=NOON)
    first, second = keep(database, CASE), keep(database, over)
    assert database.write_now(lambda books: books.cases.not_over_since(NOON)) == [first, second]
    assert database.write_now(lambda books: books.cases.not_over_since(NOON + HOUR)) == [first]
    database.write_now(lambda books: books.cases.forget_before(NOON + HOUR))
    assert database.write_now(lambda books: books.cases.not_over_since(NOON)) == [first]
    assert keep(database, CASE).id not in (first.id, second.id)


def test_who_is_allowed_where_is_noted_once(database: Database) -> None:
    member = member_id(database)
    for _ in range(2):
        database.write_now(lambda books: books.cases.allow(member, 5, NOON + timedelta(hours=2), NOON))
    assert database.write_now(lambda books: books.cases.allowed(NOON)) == {(member, 5)}


def test_a_run_comes_back_as_it_was(database: Database) -> None:
    member = member_id(database)
    kept = keep_run(database, replace(RUN, member=member))
    assert database.write_now(lambda books: books.runs.open()) == [kept]
    ended = replace(kept, ended_at=NOON + HOUR, ending=RunEnding.OUT_OF_MEMORY)
    keep_run(database, ended)
    assert database.write_now(lambda books: books.runs.open()) == []
    assert database.write_now(lambda books: books.runs.get(kept.id or 0)) == ended


def test_the_latest_runs_are_ones_own_and_the_newest_first(database: Database) -> None:
    ids = [member_id(database, name) for name in ("zhangsan", "lisi")]
    for hour in range(4):
        record = replace(RUN, member=ids[hour % 2], started_at=NOON + hour * HOUR, ended_at=NOON + 9 * HOUR)
        keep_run(database, record)
    starts = [one.started_at for one in database.write_now(lambda books: books.runs.latest(ids[0], NOON, 10))]
    assert starts == [NOON + 2 * HOUR, NOON]
    everybody = database.write_now(lambda books: books.runs.latest(None, NOON + HOUR, 2))
    assert [one.started_at for one in everybody] == [NOON + 3 * HOUR, NOON + 2 * HOUR]
    database.write_now(lambda books: books.runs.forget_before(NOON + 10 * HOUR))
    assert database.write_now(lambda books: books.runs.latest(None, NOON, 10)) == []


def test_what_one_wants_to_hear(database: Database) -> None:
    member = member_id(database)
    for wanted in (HOUR, None, timedelta(0)):
        assert database.write_now(partial(told_from_after, member, wanted)) == wanted
    assert database.write_now(lambda books: books.wishes.told_from(member + 1, 5 * HOUR)) == 5 * HOUR


def test_a_bell_hangs_once_and_is_taken_down(database: Database) -> None:
    member = member_id(database)
    for card in (GPU0, GPU0, GPU1):
        database.write_now(partial(hang_bell, member, card))
    assert len(database.write_now(lambda books: books.wishes.bells())) == 2
    database.write_now(lambda books: books.wishes.take_bell(member, GPU0.id))
    assert database.write_now(lambda books: books.wishes.bells()) == [(member, GPU1.id)]
