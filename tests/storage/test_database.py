"""One transaction a write, and what survives a kill -9."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.draft import Draft
from bot.domain.member import Role
from bot.domain.notice import Audience, Notice
from bot.domain.saying import Code, Listing, Message, Person, Saying
from storage import codec
from storage.books import SqliteBooks
from storage.checkup import examine
from storage.database import Database, NewerDatabase
from tests.conftest import NOON

WRITER = """
import sys
from pathlib import Path
from datetime import datetime, timezone
from bot.domain.member import Role
from storage.database import Database
database = Database(Path(sys.argv[1]))
now = datetime.now(timezone.utc)
for number in range(100000):
    def work(books):
        books.members.add(f"a{number}", Role.STUDENT, now)
        books.members.add(f"b{number}", Role.STUDENT, now)
    database.write_now(work)
    print(number, flush=True)
"""


def test_a_write_that_raises_leaves_nothing(database: Database) -> None:
    def half(books: SqliteBooks) -> None:
        books.members.add("zhangsan", Role.STUDENT, NOON)
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        database.write_now(half)
    assert database.write_now(lambda books: books.members.all()) == []


def test_what_was_said_to_be_written_survives_kill_9_and_nothing_is_half_written(tmp_path: Path) -> None:
    path = tmp_path / "junzi.db"
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    confirmed = -1
    for line in writer.stdout:
        confirmed = int(line)
        if confirmed == 50:
            os.kill(writer.pid, signal.SIGKILL)
            break
    confirmed = max([confirmed, *(int(line) for line in writer.stdout)])
    writer.wait()
    writer.stdout.close()
    database = Database(path)
    names = {member.unix_name for member in database.write_now(lambda books: books.members.all())}
    database.close()
    for number in range(confirmed + 1):
        assert {f"a{number}", f"b{number}"} <= names
    assert {name[1:] for name in names if name[0] == "a"} == {name[1:] for name in names if name[0] == "b"}


async def test_reading_can_not_write(database: Database) -> None:
    with pytest.raises(Exception, match="readonly"):
        await database.read(lambda books: books.members.add("zhangsan", Role.STUDENT, NOON))


def test_an_update_is_noted_once(database: Database) -> None:
    assert not database.read_now(lambda books: books.inbox.knows(7))
    database.write_now(lambda books: books.inbox.note(7, "{}", NOON))
    database.write_now(lambda books: books.inbox.note(7, "other", NOON))
    assert database.read_now(lambda books: books.inbox.knows(7))
    assert database.write_now(lambda books: books.inbox.take_up(3)) == ["{}"]
    database.write_now(lambda books: books.inbox.done([7], NOON))
    assert database.write_now(lambda books: books.inbox.take_up(3)) == []


def test_an_update_that_is_never_finished_is_given_up_after_some_attempts(database: Database) -> None:
    database.write_now(lambda books: books.inbox.note(7, "{}", NOON))
    taken = [database.write_now(lambda books: books.inbox.take_up(2)) for _ in range(4)]
    assert taken == [["{}"], ["{}"], [], []]


def test_old_updates_are_forgotten_whether_they_were_finished_or_given_up(database: Database) -> None:
    for number in (7, 8, 9):
        database.write_now(lambda books, number=number: books.inbox.note(number, "{}", NOON))
    database.write_now(lambda books: books.inbox.done([7], NOON))
    database.write_now(lambda books: books.inbox.note(10, "{}", NOON + timedelta(days=3)))
    database.write_now(lambda books: books.inbox.forget_before(NOON + timedelta(days=1)))
    assert database.write_now(lambda books: books.inbox.pending()) == 1


def test_the_newest_state_of_a_story_wins_and_edits_the_message_that_told_it(database: Database) -> None:
    def owe(text: str) -> Notice:
        return Notice(Audience.GROUP, Message(Saying(text)), NOON + timedelta(hours=1), story="s")

    database.write_now(lambda books: books.outbox.owe(owe("first"), NOON))
    database.write_now(lambda books: books.outbox.owe(owe("second"), NOON))
    (due,) = database.write_now(lambda books: books.outbox.due(NOON))
    assert due.notice.message.saying.key == "second"
    assert due.message_id is None

    database.write_now(lambda books: books.outbox.sent(due.id, -100, 42))
    database.write_now(lambda books: books.outbox.owe(owe("third"), NOON))
    (due,) = database.write_now(lambda books: books.outbox.due(NOON))
    assert (due.chat_id, due.message_id) == (-100, 42)


def test_old_drafts_are_forgotten_and_no_number_is_given_twice(database: Database) -> None:
    who = database.write_now(lambda books: books.members.add("zhangsan", Role.STUDENT, NOON)).id
    old = [database.write_now(lambda books: books.drafts.add(Draft(who), NOON)) for _ in range(3)]
    database.write_now(lambda books: books.drafts.forget_before(NOON + timedelta(days=1)))
    assert [database.read_now(lambda books, n=number: books.drafts.get(n)) for number in old[:2]] == [None, None]
    new = database.write_now(lambda books: books.drafts.add(Draft(who, note="new"), NOON + timedelta(days=1)))
    assert new not in old
    database.write_now(lambda books: books.drafts.forget_before(NOON + timedelta(days=1)))
    assert database.read_now(lambda books: books.drafts.get(new)) == Draft(who, note="new")


def test_old_notices_are_forgotten_but_never_one_that_is_still_owed(database: Database) -> None:
    def owe(story: str) -> None:
        notice = Notice(Audience.GROUP, Message(Saying("x")), NOON + timedelta(days=200), story=story)
        database.write_now(lambda books: books.outbox.owe(notice, NOON))

    for story in ("told", "owed", "last"):
        owe(story)
    told, *_ = database.write_now(lambda books: books.outbox.due(NOON))
    database.write_now(lambda books: books.outbox.sent(told.id, -100, 42))
    database.write_now(lambda books: books.outbox.forget_before(NOON + timedelta(days=90)))
    assert [due.notice.story for due in database.write_now(lambda books: books.outbox.due(NOON))] == ["owed", "last"]
    owe("told")
    again = database.write_now(lambda books: books.outbox.due(NOON))[-1]
    assert (again.notice.story, again.message_id) == ("told", None)
    assert again.id != told.id


def test_what_is_stored_comes_back_the_same() -> None:
    values = {
        "who": Person("张三 😀", 7),
        "list": Listing((Code("gpu0"), Saying("x", {"n": 1}), NOON, timedelta(hours=4)), in_a_row=True),
        "none": None,
    }
    message = Message(Saying("key", values), silent=True)
    assert codec.decode(codec.encode(message)) == message
    draft = Draft(1, (), NOON, timedelta(minutes=90), None, "笔记")
    assert codec.decode(codec.encode(draft)) == draft


def test_only_known_classes_are_ever_made_from_stored_text() -> None:
    with pytest.raises(KeyError):
        codec.decode('{"~":"Popen","args":"true"}')
    with pytest.raises(TypeError):
        codec.encode(object())


def test_a_file_that_a_newer_junzi_has_changed_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "junzi.db"
    Database(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('junzi', 'of_2031', 'then')"
        )
        connection.commit()
    with pytest.raises(NewerDatabase, match="of_2031"):
        Database(path)
    assert examine(path).is_newer


def test_a_check_up_reads_what_the_bot_noted(tmp_path: Path) -> None:
    path = tmp_path / "junzi.db"
    database = Database(path)
    database.write_now(lambda books: books.facts.put("template.default", "cuda10"))
    database.write_now(lambda books: books.facts.put("telegram.rival_at", NOON))
    database.close()
    state = examine(path)
    assert (state.template, state.rival_at, state.refused_topic, state.is_newer) == ("cuda10", NOON, None, False)
