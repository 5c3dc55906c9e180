"""From the first day to graduation on a real LXD: moving in, a table of new ones, leaving, coming back, deleting.

And kill -9 at every step of adduser, archive and restore in turn, with what the next start did. Killed after a call:
LXD has done the step and the journal does not know; the moment before a call is that after the one before it.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.lxd import LxdInstances
from bot.adapters.ssh_banner import wait_for_ssh
from bot.domain.adoption import Adopted, AdoptionWish, NotAdopted
from bot.domain.archive import ARCHIVE_KEY, PROTECTION_KEY, Archived, Deleted, NotDone, Restored
from bot.domain.batch import Planned
from bot.domain.container import InstanceRecord, InstanceState, UserAdded
from bot.domain.errors import InstanceError, InstanceNotFound
from bot.domain.instance import proxy_to_ssh, ssh_port
from bot.domain.inventory import Disagreement, Row
from bot.domain.member import Member, Role
from bot.domain.provisioning import OPERATION_KEY
from bot.domain.user_options import UserWish
from bot.services import archive_steps
from bot.services.inventory import Inventory
from storage.database import Database
from tests.real.lifecycle_worker import services
from tests.real.lxd_lab import TEMPLATE, Lab, free_port, occupied
from tests.services.lifecycle_lab import Services, quiet

pytestmark = pytest.mark.real_lxd


@dataclass
class Lxd:
    """A junzi on a real LXD; `fails` is the call that LXD refuses next, once."""

    lab: Lab
    lxd: LxdInstances
    database: Database
    first_port: int
    boss: Member
    fails: str = ""

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.lxd, name)
        if name != self.fails:
            return method

        async def refusing(*_arguments: Any, **_named: Any) -> Any:
            self.fails = ""
            raise InstanceError("no space left on device")

        return refusing

    def process(self) -> Services:
        """A process of junzi."""
        return services(self, self.database, self.first_port)

    async def plant(self, name: str, port: int | None = None) -> int:
        """A member with a running container, quicker than /adduser makes it; its port."""
        port = port or free_port()
        config = {"user.junzi.member": name}
        await self.lxd.copy(TEMPLATE, name, devices={"ssh": proxy_to_ssh(port)}, config=config)
        await self.lxd.start(name)
        assert await wait_for_ssh(port)  # a shutdown so soon after the start would be lost: systemd misses it

        def remember(books: Any) -> None:
            now = datetime.now(timezone.utc)
            member = books.members.add(name, Role.STUDENT, now)
            ready = InstanceState.READY
            books.instances.add(InstanceRecord("local", name, member.id, port, TEMPLATE, ready, "planted", now))

        self.database.write_now(remember)
        return port

    def record(self, name: str) -> InstanceRecord | None:
        return self.database.write_now(lambda books: books.instances.get("local", name))

    def told(self) -> list[str]:
        """What the admin is owed."""
        due = self.database.write_now(lambda books: books.outbox.due(datetime.now(timezone.utc)))
        return [owed.notice.message.saying.key for owed in due]

    async def killed_at(self, action: str, name: str, call: str, *, after: bool) -> None:
        """Another process does it, and is killed by itself at that call."""
        order = {
            "socket": self.lab.socket,
            "database": str(self.database.path),
            "first_port": self.first_port,
            "action": action,
            "name": name,
            "call": call,
            "after": after,
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.real.lifecycle_worker", json.dumps(order), stderr=asyncio.subprocess.PIPE
        )
        _, words = await asyncio.wait_for(process.communicate(), 120)
        assert process.returncode == -signal.SIGKILL, words.decode()


@pytest.fixture
async def junzi(lab: Lab, lxd: LxdInstances, tmp_path: Path) -> AsyncIterator[Lxd]:
    lab.clear()  # of what a test before left, that needed no adapter
    database = Database(tmp_path / "junzi.db")
    now = datetime.now(timezone.utc)
    boss = database.write_now(lambda books: books.members.add("boss", Role.ADMIN, now, telegram_id=1))
    yield Lxd(lab, lxd, database, free_port(), boss)
    database.close()


async def rows(services: Services) -> dict[str, Row]:
    taken = await services.inventory.take()
    assert isinstance(taken, Inventory)
    return {row.name: row for row in taken.rows}


def kept_name(name: str) -> str:
    return f"{name}-archived-{datetime.now(timezone.utc):%Y%m%d}"


async def test_an_existing_container_moves_in_untouched(junzi: Lxd):
    port, lxc = free_port(), junzi.lab.lxc
    lxc("copy", TEMPLATE, "liren")
    lxc("config", "set", "liren", "limits.cpu=1")
    lxc("config", "device", "add", "liren", "old", "proxy", f"listen=tcp:0.0.0.0:{port}", "connect=tcp:127.0.0.1:22")
    lxc("start", "liren")
    assert await wait_for_ssh(port)
    before = await junzi.lxd.get("liren")
    booted = await junzi.lxd.run("liren", ["cat", "/proc/1/stat"])
    services = junzi.process()
    assert (await rows(services))["liren"].disagreements() == (Disagreement.NO_RECORD,)

    found = await services.adopting.found()
    assert isinstance(found, list)
    assert [(one.name, one.port, one.refusal) for one in found] == [("liren", port, None)]
    outcome = await services.adopting.adopt(junzi.boss, AdoptionWish("liren"), "update:1")
    assert isinstance(outcome, Adopted)
    assert outcome.claim_code
    after = await junzi.lxd.get("liren")
    assert after.devices == before.devices
    assert {k: v for k, v in after.config.items() if before.config.get(k) != v} == {"user.junzi.member": "liren"}
    assert (await junzi.lxd.run("liren", ["cat", "/proc/1/stat"])).stdout.split()[21] == booted.stdout.split()[21]
    row = (await rows(services))["liren"]
    assert (row.disagreements(), row.port, row.limit("cpu")) == ((), port, "1")
    assert row.usage is not None
    assert row.usage.addresses


async def test_what_can_not_move_in_stays_as_it_was(junzi: Lxd):
    services = junzi.process()
    missing = await services.adopting.adopt(junzi.boss, AdoptionWish("nobody"), "update:1")
    assert isinstance(missing, NotAdopted)
    template = await services.adopting.adopt(junzi.boss, AdoptionWish(TEMPLATE), "update:2")
    assert isinstance(template, NotAdopted)
    junzi.lab.lxc("copy", TEMPLATE, "liren")
    before = await junzi.lxd.get("liren")
    junzi.fails = "set_config"
    failed = await services.adopting.adopt(junzi.boss, AdoptionWish("liren"), "update:3")
    assert isinstance(failed, NotAdopted)
    assert await junzi.lxd.get("liren") == before
    assert junzi.record("liren") is None


async def test_what_was_changed_by_hand_shows_in_the_table(junzi: Lxd):
    await junzi.plant("lisi")
    await junzi.plant("wangwu")
    other = free_port()
    junzi.lab.lxc("config", "device", "set", "lisi", "ssh", f"listen=tcp:0.0.0.0:{other}")
    junzi.lab.lxc("delete", "--force", "wangwu")
    services = junzi.process()
    known = await rows(services)
    assert known["lisi"].disagreements() == (Disagreement.OTHER_PORT,)
    assert known["wangwu"].disagreements() == (Disagreement.NO_CONTAINER,)
    assert known[TEMPLATE].disagreements() == ()
    assert isinstance(await services.adopting.adopt(junzi.boss, AdoptionWish("lisi"), "update:1"), Adopted)
    record = junzi.record("lisi")
    assert record is not None
    assert record.ssh_port == other


async def test_a_table_of_several_new_users(junzi: Lxd):
    services = junzi.process()
    taken = junzi.first_port + 1
    names = [f"s{number}" for number in range(6)]
    table = "name,cpu\n" + "".join(f"{name},1\n" for name in names)
    with occupied(taken):
        plan = await services.batches.plan(junzi.boss, table.encode())
        assert isinstance(plan, Planned)
        assert taken not in plan.ports.values()

        async def unseen(_state: object) -> None:
            return None

        state = await services.batches.run(junzi.boss, plan.token, unseen, "update:1")
    assert state is not None
    assert state.failed == {}
    assert sorted(state.done) == names
    for name in names:
        assert await wait_for_ssh(plan.ports[name])
        assert (await junzi.lxd.get(name)).config["limits.cpu"] == "1"
    refused = await services.batches.plan(junzi.boss, b"name,template\ns0,\nnew,nope\n")
    assert not isinstance(refused, Planned)
    assert [(fault.line, fault.why.key) for fault in refused] == [(2, "adduser.exists"), (3, "adduser.no_template")]


async def test_graduation_and_back_with_the_files(junzi: Lxd):
    port = await junzi.plant("lisi")
    await junzi.lxd.write_file("lisi", "/root/thesis", b"done")
    services = junzi.process()
    archived = await services.archives.archive(junzi.boss, "lisi", quiet, "update:1")
    assert isinstance(archived, Archived)
    kept = await junzi.lxd.get(kept_name("lisi"))
    assert not kept.is_running
    assert "ssh" not in kept.devices
    assert (kept.config[PROTECTION_KEY], kept.config[ARCHIVE_KEY]) == ("true", "lisi")
    with pytest.raises(RuntimeError, match="protected"):
        junzi.lab.lxc("delete", kept.name)
    assert (await rows(services))[kept.name].disagreements() == ()

    restored = await services.returning.restore(junzi.boss, "lisi", quiet, "update:2")
    assert isinstance(restored, Restored)
    assert (restored.port, restored.port_changed, restored.ssh_answers) == (port, False, True)
    assert await junzi.lxd.read_file("lisi", "/root/thesis") == b"done"
    back = await junzi.lxd.get("lisi")
    assert PROTECTION_KEY not in back.config
    assert back.config["user.junzi.member"] == "lisi"
    assert list(await junzi.lxd.snapshots("lisi")) == []


async def test_back_with_another_port_where_the_old_one_is_in_use(junzi: Lxd):
    port = await junzi.plant("lisi")
    services = junzi.process()
    assert isinstance(await services.archives.archive(junzi.boss, "lisi", quiet, "update:1"), Archived)
    with occupied(port):
        restored = await services.returning.restore(junzi.boss, "lisi", quiet, "update:2")
    assert isinstance(restored, Restored)
    assert restored.port_changed
    assert restored.ssh_answers
    assert ssh_port((await junzi.lxd.get("lisi")).devices) == restored.port


@pytest.mark.parametrize("call", ["snapshot", "rename", "reconfigure"])
async def test_an_archiving_that_fails_is_undone(junzi: Lxd, call: str):
    port = await junzi.plant("lisi")
    services = junzi.process()
    junzi.fails = call
    outcome = await services.archives.archive(junzi.boss, "lisi", quiet, "update:1")
    assert isinstance(outcome, NotDone)
    assert outcome.left_behind is None
    instance = await junzi.lxd.get("lisi")
    assert instance.is_running
    assert ssh_port(instance.devices) == port
    assert PROTECTION_KEY not in instance.config
    assert list(await junzi.lxd.snapshots("lisi")) == []
    assert await wait_for_ssh(port)


async def test_one_that_does_not_shut_down_is_forced_only_when_asked(junzi: Lxd, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(archive_steps, "GRACE_SECONDS", 2)
    await junzi.plant("lisi")
    pid = int(junzi.lab.lxc("query", "/1.0/instances/lisi/state").split('"pid": ')[1].split(",")[0])
    services = junzi.process()
    os.kill(pid, signal.SIGSTOP)  # an init that hears nothing
    try:
        outcome = await services.archives.archive(junzi.boss, "lisi", quiet, "update:1")
        assert isinstance(outcome, NotDone)
        assert (outcome.step, outcome.may_force) == ("stop", True)
        assert (await junzi.lxd.get("lisi")).is_running
        forced = await services.archives.archive(junzi.boss, "lisi", quiet, "update:2", force=True)
        assert isinstance(forced, Archived)
    except BaseException:
        os.kill(pid, signal.SIGCONT)
        raise
    assert (await junzi.lxd.get(kept_name("lisi"))).config[PROTECTION_KEY] == "true"


async def test_deleted_is_deleted_archived_or_not(junzi: Lxd):
    for name in ("lisi", "wangwu"):
        await junzi.plant(name)
    services = junzi.process()
    assert isinstance(await services.archives.archive(junzi.boss, "wangwu", quiet, "update:1"), Archived)
    wrong = await services.deletion.delete(junzi.boss, "lisi", "0000", quiet, "update:2")
    assert isinstance(wrong, NotDone)
    for number, name in enumerate(("lisi", "wangwu")):
        code = await services.deletion.ask(junzi.boss, name)
        outcome = await services.deletion.delete(junzi.boss, name, code, quiet, f"update:{3 + number}")
        assert isinstance(outcome, Deleted)
    assert junzi.lab.names() == [TEMPLATE]


async def test_an_archive_whose_deletion_fails_stays_protected(junzi: Lxd):
    await junzi.plant("lisi")
    services = junzi.process()
    assert isinstance(await services.archives.archive(junzi.boss, "lisi", quiet, "update:1"), Archived)
    code = await services.deletion.ask(junzi.boss, "lisi")
    junzi.fails = "delete"
    assert isinstance(await services.deletion.delete(junzi.boss, "lisi", code, quiet, "update:2"), NotDone)
    assert (await junzi.lxd.get(kept_name("lisi"))).config[PROTECTION_KEY] == "true"


@pytest.mark.parametrize(
    ("call", "after"),
    [
        ("copy", False),
        ("copy", True),
        ("write_file", False),
        ("start", True),
        ("run", False),
        ("set_config", True),
    ],
)
async def test_killed_at_a_step_of_adduser(junzi: Lxd, call: str, after: bool):
    await junzi.killed_at("adduser", "zhangsan", call, after=after)
    services = junzi.process()
    assert await services.operations.reconcile() == 1
    finished = (call, after) == ("set_config", True)
    assert junzi.told() == ["adduser.finished_after_stop" if finished else "adduser.undone_after_stop"]
    assert ("zhangsan" in junzi.lab.names()) == finished
    again = await services.new_users.add(junzi.boss, UserWish("zhangsan"), quiet, "update:1")
    assert isinstance(again, UserAdded)
    instance = await junzi.lxd.get("zhangsan")
    assert OPERATION_KEY not in instance.config
    assert await wait_for_ssh(again.record.ssh_port or 0)
    assert await services.operations.reconcile() == 0


@pytest.mark.parametrize(
    ("call", "after"),
    [("stop", False), ("stop", True), ("snapshot", True), ("rename", True), ("reconfigure", True)],
)
async def test_killed_at_a_step_of_archive(junzi: Lxd, call: str, after: bool):
    await junzi.plant("lisi")
    await junzi.killed_at("archive", "lisi", call, after=after)
    services = junzi.process()
    assert await services.operations.reconcile() == 1
    assert junzi.told() == ["archive.finished_after_stop"]
    kept = await junzi.lxd.get(kept_name("lisi"))
    assert not kept.is_running
    assert kept.config[PROTECTION_KEY] == "true"
    assert "ssh" not in kept.devices
    assert [snapshot.name for snapshot in await junzi.lxd.snapshots(kept.name)] == ["junzi-archived"]
    assert junzi.record("lisi") is None
    with pytest.raises(InstanceNotFound):
        await junzi.lxd.get("lisi")
    assert await services.operations.reconcile() == 0


@pytest.mark.parametrize(
    ("call", "after"),
    [("rename", False), ("rename", True), ("reconfigure", True), ("start", True), ("delete_snapshot", True)],
)
async def test_killed_at_a_step_of_restoreuser(junzi: Lxd, call: str, after: bool):
    port = await junzi.plant("lisi")
    assert isinstance(await junzi.process().archives.archive(junzi.boss, "lisi", quiet, "update:1"), Archived)
    await junzi.killed_at("restoreuser", "lisi", call, after=after)
    services = junzi.process()
    assert await services.operations.reconcile() == 1
    assert junzi.told() == ["archive.restored_after_stop"]
    instance = await junzi.lxd.get("lisi")
    assert instance.is_running
    assert ssh_port(instance.devices) == port
    assert PROTECTION_KEY not in instance.config
    assert list(await junzi.lxd.snapshots("lisi")) == []
    record = junzi.record("lisi")
    assert record is not None
    assert record.state is InstanceState.READY
    assert await wait_for_ssh(port)
    assert await services.operations.reconcile() == 0


async def test_lxds_events_are_heard_again_after_its_daemon_was_restarted(lab: Lab, lxd: LxdInstances):
    heard = lxd.changes()
    first = asyncio.ensure_future(anext(heard))
    while not first.done():  # the channel takes a moment to open
        lab.lxc("copy", TEMPLATE, "lisi")
        lab.lxc("delete", "--force", "lisi")
        await asyncio.wait([first], timeout=0.2)
    assert await first == "lisi"
    await asyncio.to_thread(lab.stop_daemon)
    await asyncio.to_thread(lab.start_daemon)

    async def until(wanted: str) -> None:
        async for name in heard:
            if name == wanted:
                return

    await asyncio.wait_for(until(""), 60)
    await asyncio.to_thread(lab.lxc, "copy", TEMPLATE, "wangwu")
    await asyncio.wait_for(until("wangwu"), 60)
    await heard.aclose()


async def test_what_is_changed_on_the_host_is_told_once(junzi: Lxd):
    await junzi.plant("lisi")
    services = junzi.process()
    assert await services.noticing.look() == 0
    junzi.lab.lxc("config", "set", "lisi", "limits.memory=256MiB")
    junzi.lab.lxc("copy", TEMPLATE, "stranger")
    assert await services.noticing.look() == 2
    assert await services.noticing.look() == 0
    assert junzi.told() == ["noticed.told"]
    assert (await junzi.lxd.get("lisi")).config["limits.memory"] == "256MiB"
    assert isinstance(await services.archives.archive(junzi.boss, "lisi", quiet, "update:1"), Archived)
    assert await services.noticing.look() == 0
