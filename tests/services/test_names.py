"""Warnings are read by name, and everybody may call themselves what they like: two members never read the same."""

from __future__ import annotations

import pytest

from bot.domain.member import LONGEST_NAME, Member, Role, told_apart
from bot.services.members import Account, Claimed, MemberService, new_claim
from storage.database import Database
from tests.conftest import NOON, FakeClock


async def claimed(database: Database, unix_name: str, telegram_id: int, name: str) -> Member:
    code = database.write_now(
        lambda books: new_claim(books, Role.STUDENT, books.members.add(unix_name, Role.STUDENT, NOON).id, NOON)
    )
    outcome = await MemberService(database, FakeClock()).claim(code, Account(telegram_id, name, None, "zh"))
    assert isinstance(outcome, Claimed)
    return outcome.member


def names(database: Database) -> dict[str, str]:
    return database.write_now(lambda books: {member.unix_name: member.display_name for member in books.members.all()})


async def test_a_name_of_ones_own_is_shown_as_it_is(database: Database) -> None:
    await claimed(database, "lisi", 1, "李四 Li Si")
    await claimed(database, "zhangsan", 2, "张三")
    assert names(database) == {"lisi": "李四 Li Si", "zhangsan": "张三"}


@pytest.mark.parametrize("taken", ["李四", " 李 四 ", "李四.", "李\u200b四"])
async def test_whoever_takes_somebodys_name_is_told_apart_and_so_are_they(database: Database, taken: str) -> None:
    await claimed(database, "lisi", 1, "李四")
    await claimed(database, "mallory", 2, taken)
    await claimed(database, "wangwu", 3, "李四")
    shown = names(database)
    assert shown["lisi"] == "李四 (lisi)"
    assert shown["wangwu"] == "李四 (wangwu)"
    assert shown["mallory"].endswith(" (mallory)")


async def test_nor_does_anybody_read_like_somebody_elses_account(database: Database) -> None:
    await claimed(database, "lisi", 1, "李四")
    await claimed(database, "mallory", 2, "LISI")
    assert names(database) == {"lisi": "李四 (lisi)", "mallory": "LISI (mallory)"}


@pytest.mark.parametrize("unix_name", ["lisi", "a" * 29, "a" * 32])
def test_what_tells_them_apart_is_never_cut_off(unix_name: str) -> None:
    shown = told_apart("x" * 64, unix_name)
    assert unix_name in shown
    assert len(shown) <= LONGEST_NAME
