"""What was changed on the host past junzi: told once, in whatever order things happen; junzi's own doing never."""

from __future__ import annotations

import asyncio
from zoneinfo import ZoneInfo

import pytest

from bot.domain.archive import Archived
from bot.domain.instance import proxy_to_ssh
from bot.domain.noticing import Seen, compare, snapshot_of
from bot.domain.user_options import UserWish
from bot.texts import LabVoices
from storage.database import Database
from tests.conftest import FakeClock
from tests.services.lifecycle_lab import Lab, quiet


@pytest.fixture
async def lab(database: Database, clock: FakeClock) -> Lab:
    lab = Lab(database, clock)
    lab.plant("lisi", 10001)
    assert await lab.noticing.look() == 0
    return lab


def said(lab: Lab, language: str = "en") -> str:
    """Everything that the admin is owed, in words."""
    voice = LabVoices(ZoneInfo("Asia/Shanghai"), language).for_group()
    due = lab.write(lambda books: books.outbox.due(lab.clock.now()))
    return "\n".join(voice.plain(owed.notice.message.saying) for owed in due)


async def test_each_thing_is_told_once(lab: Lab):
    await lab.lxd.set_config("lisi", {"limits.memory": "64GiB", "environment.TOKEN": "hunter2"})
    await lab.lxd.remove_device("lisi", "gpu")
    await lab.lxd.set_device("lisi", "web", {**proxy_to_ssh(10009), "connect": "tcp:127.0.0.1:80"})
    lab.lxd.plant("stranger")
    assert await lab.noticing.look() == 5
    words = said(lab)
    assert "lisi: limits.memory – → 64GiB" in words
    assert "lisi: the setting environment.TOKEN changed" in words
    assert "lisi has lost its device gpu" in words
    assert "lisi has a new device, web" in words
    assert "stranger is new and nobody's. To adopt it: /adopt stranger" in words
    assert await lab.noticing.look() == 0
    assert (await lab.lxd.get("lisi")).config["limits.memory"] == "64GiB"


async def test_no_secret_is_kept(lab: Lab):
    await lab.lxd.set_config("lisi", {"environment.TOKEN": "hunter2", "user.user-data": "password: hunter2"})
    await lab.noticing.look()
    assert "hunter2" not in str(lab.write(lambda books: books.facts.get("noticed")))
    assert "hunter2" not in said(lab)
    await lab.lxd.set_config("lisi", {"environment.TOKEN": "hunter3"})
    assert await lab.noticing.look() == 1


async def test_a_port_changed_by_hand_says_how_to_mend_it(lab: Lab):
    await lab.lxd.set_device("lisi", "ssh", proxy_to_ssh(10009))
    assert await lab.noticing.look() == 1
    assert "Registered with port 10001, but it is 10009. To register what is: /adopt lisi" in said(lab)
    await lab.lxd.set_device("lisi", "ssh", proxy_to_ssh(10001))
    await lab.noticing.look()
    await lab.lxd.set_device("lisi", "ssh", proxy_to_ssh(10009))
    assert await lab.noticing.look() == 1  # it was mended in between: this is another time


async def test_what_junzi_does_is_no_news(lab: Lab):
    await lab.new_users.add(lab.admin, UserWish("zhangsan"), quiet, "update:1")
    assert isinstance(await lab.archives.archive(lab.admin, "lisi", quiet, "update:2"), Archived)
    assert await lab.noticing.look() == 0
    await lab.returning.restore(lab.admin, "lisi", quiet, "update:3")
    assert await lab.noticing.look() == 0
    assert await lab.noticing.look() == 0


async def test_nor_is_what_junzi_did_before_it_was_killed(lab: Lab):
    await lab.killed_at(
        "set_config", lambda: lab.new_users.add(lab.admin, UserWish("zhangsan"), quiet, "update:1"), after=True
    )
    await lab.operations.reconcile()
    assert await lab.noticing.look() == 0
    await lab.lxd.set_config("zhangsan", {"limits.cpu": "1"})
    assert await lab.noticing.look() == 0  # it was just made: how it is now is how it is to be
    await lab.lxd.set_config("zhangsan", {"limits.cpu": "2"})
    assert await lab.noticing.look() == 1


async def test_what_was_changed_while_junzi_was_off_is_told_at_the_next_start(lab: Lab):
    await lab.lxd.set_config("lisi", {"limits.cpu": "1"})
    lab.start()
    assert await lab.noticing.look() == 1


async def test_a_container_that_is_gone_and_an_archive_that_anybody_could_delete(lab: Lab):
    lab.plant("wangwu", 10002)
    await lab.archives.archive(lab.admin, "wangwu", quiet, "update:2")
    await lab.noticing.look()
    await lab.lxd.set_config("wangwu-archived-20261125", {"security.protection.delete": ""})
    await lab.lxd.delete("lisi")
    assert await lab.noticing.look() == 3
    words = said(lab)
    assert "lxc config set wangwu-archived-20261125 security.protection.delete=true" in words
    assert "To take it off the list: /deluser lisi" in words
    assert "没有删除保护" in said(lab, "zh")


async def test_lxd_that_does_not_answer_is_no_news(lab: Lab):
    lab.lxd.unreachable = True
    assert await lab.noticing.look() == 0
    lab.lxd.unreachable = False
    assert await lab.noticing.look() == 0


async def test_it_looks_as_soon_as_lxd_says_so(lab: Lab):
    listening = asyncio.create_task(lab.noticing.listen())
    await asyncio.sleep(0)
    await lab.lxd.set_config("lisi", {"limits.cpu": "1"})
    while not said(lab):
        await asyncio.sleep(0)
    listening.cancel()


async def test_a_whole_lab_that_has_not_moved_in_is_one_line(lab: Lab):
    for number in range(5):
        lab.lxd.plant(f"old{number}")
    assert await lab.noticing.look() == 5
    assert "5 containers are nobody's. To see and adopt them: /adopt all" in said(lab)


async def test_comparing_what_has_not_changed_says_nothing_and_remembers_the_same(lab: Lab):
    taken = await lab.inventory.take()
    first = compare(Seen(), taken.rows, ())
    second = compare(first.seen, taken.rows, ())
    assert (second.is_any, second.seen) == (False, first.seen)
    assert "volatile.x" not in snapshot_of(taken.rows[0].instance)["config"]
