"""What junzi may rely on of `bot.ports.Instances`: the made-up LXD and the real one pass the same tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.adapters.lxd import LxdInstances
from bot.demo.lxd import MadeUpInstances
from bot.domain.errors import (
    CardDeviceMissing,
    FolderMissing,
    InstanceBusy,
    InstanceError,
    InstanceExists,
    InstanceNotFound,
    LxdUnreachable,
    PortTaken,
    SourceMissing,
)
from bot.domain.instance import (
    Instance,
    InstanceStatus,
    InstanceUsage,
    all_cards_device,
    card_device,
    proxy_to_ssh,
)
from bot.ports import Instances
from tests.real.conftest import lab_or_skip
from tests.real.lxd_lab import TEMPLATE, Lab, free_port, occupied

NO_SUCH_CARD = "0000:99:00.0"


@dataclass
class Server:
    """One of the two, with the little that a test needs to know of its host."""

    lxd: Instances
    folder: str
    occupied: Callable[[int], AbstractContextManager[None]]
    unreachable: Callable[[], Instances]

    async def copy(self, name: str = "zhangsan", template: str = TEMPLATE, **wanted) -> None:
        await self.lxd.copy(template, name, **{"devices": {}, "config": {}} | wanted)

    async def running(self, name: str = "zhangsan") -> None:
        await self.copy(name)
        await self.lxd.start(name)


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    yield from lab_or_skip()


@pytest.fixture(params=["made-up", pytest.param("real", marks=pytest.mark.real_lxd)])
async def server(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Server]:
    if request.param == "made-up":
        yield _made_up(str(tmp_path))
        return
    lab = request.getfixturevalue("lab")
    lxd = LxdInstances(lab.socket)
    yield Server(lxd, str(tmp_path), occupied, lambda: LxdInstances(str(tmp_path / "unix.socket")))
    await lxd.close()
    lab.clear()


def _made_up(folder: str) -> Server:
    lxd = MadeUpInstances(folders=(folder,), template=TEMPLATE)

    @contextmanager
    def occupy(port: int) -> Iterator[None]:
        lxd.host.ports_in_use.add(port)
        yield
        lxd.host.ports_in_use.discard(port)

    def unreachable() -> Instances:
        other = MadeUpInstances()
        other.unreachable = True
        return other

    return Server(lxd, folder, occupy, unreachable)


async def test_what_is_there_is_listed_and_what_is_not_is_not_found(server: Server):
    assert [instance.name for instance in await server.lxd.list()] == [TEMPLATE]
    template = await server.lxd.get(TEMPLATE)
    assert template.status is InstanceStatus.STOPPED
    assert template.expanded_devices["root"]["path"] == "/"
    assert template.created_at is not None
    assert template.created_at.utcoffset() is not None
    with pytest.raises(InstanceNotFound):
        await server.lxd.get("nobody")
    for call in (server.lxd.usage("nobody"), server.lxd.start("nobody"), server.lxd.run("nobody", ["true"])):
        with pytest.raises(InstanceNotFound):
            await call


async def test_a_copy_is_stopped_and_has_what_was_sent_along(server: Server):
    await server.copy(devices={"ssh": proxy_to_ssh(20001)}, config={"limits.cpu": "1", "user.junzi.operation": "7"})
    copy = await server.lxd.get("zhangsan")
    assert copy.status is InstanceStatus.STOPPED
    assert copy.devices == {"ssh": proxy_to_ssh(20001)}
    assert (copy.config["limits.cpu"], copy.config["user.junzi.operation"]) == ("1", "7")
    assert copy.profiles == ("default",)


async def test_a_copy_leaves_behind_what_belongs_to_the_one_it_is_made_of(server: Server):
    devices = {"ssh": proxy_to_ssh(20002), "gpu": all_cards_device(), "data": {"type": "disk", "source": server.folder}}
    devices["data"]["path"] = "/mnt/data"
    mine = {"user.junzi.member": "lisi", "user.note": "kept", "limits.cpu": "1", "security.protection.delete": "true"}
    await server.copy("lisi", devices=devices, config=mine)
    await server.copy("zhangsan", "lisi", devices={"gpu": {"type": "none"}}, config={"limits.cpu": ""})
    copy = await server.lxd.get("zhangsan")
    assert copy.devices == {"data": devices["data"]}
    assert {key for key in copy.config if not key.startswith(("volatile.", "image."))} == {"user.note"}
    assert (await server.lxd.get("lisi")).devices == devices
    await server.lxd.set_config("lisi", {"security.protection.delete": ""})


async def test_a_profiles_device_stays_masked(server: Server):
    await server.copy(devices={"eth0": {"type": "none"}})
    copy = await server.lxd.get("zhangsan")
    assert copy.expanded_devices["eth0"] == {"type": "none"}


async def test_names_that_are_taken_unknown_or_impossible(server: Server):
    await server.copy()
    with pytest.raises(InstanceExists):
        await server.copy()
    with pytest.raises(InstanceNotFound):
        await server.copy("lisi", "no-such-template")
    for name in ("", "a_b", "张三", "-a", "x" * 64):
        with pytest.raises(InstanceError):
            await server.copy(name)
    assert [instance.name for instance in await server.lxd.list()] == [TEMPLATE, "zhangsan"]


async def test_of_two_copies_at_once_one_is_refused_and_settle_waits_for_the_other(server: Server):
    copies = [asyncio.ensure_future(server.copy()) for _ in range(2)]
    await asyncio.wait(copies, return_when=asyncio.FIRST_COMPLETED)
    await server.lxd.settle("zhangsan")
    await server.lxd.start("zhangsan")
    outcomes = await asyncio.gather(*copies, return_exceptions=True)
    assert len([outcome for outcome in outcomes if isinstance(outcome, InstanceExists | InstanceBusy)]) == 1


async def test_settle_knows_nothing_of_who_is_not_there(server: Server):
    await server.lxd.settle("nobody")


async def test_a_missing_folder_is_refused_unless_it_may_be_missing(server: Server):
    gone = {"type": "disk", "source": f"{server.folder}/gone", "path": "/mnt/data"}
    with pytest.raises(SourceMissing):
        await server.copy(devices={"data": gone})
    await server.copy(devices={"data": gone | {"required": "false"}})
    with pytest.raises(SourceMissing):
        await server.lxd.set_device("zhangsan", "other", gone | {"path": "/mnt/other"})
    await server.lxd.start("zhangsan")


async def test_start_and_stop_may_be_said_twice(server: Server):
    await server.running()
    await server.lxd.start("zhangsan")
    assert (await server.lxd.get("zhangsan")).is_running
    assert (await server.lxd.usage("zhangsan")).memory_bytes
    await server.lxd.stop("zhangsan", timeout_seconds=0, force=True)
    await server.lxd.stop("zhangsan", timeout_seconds=1)
    stopped = await server.lxd.usage("zhangsan")
    assert (stopped.addresses, stopped.memory_bytes) == ((), None)


@pytest.mark.parametrize("device", [all_cards_device(), card_device(NO_SUCH_CARD)], ids=["all", "one"])
async def test_a_card_that_is_not_there_blocks_the_start_until_its_device_is_gone(server: Server, device):
    if isinstance(server.lxd, MadeUpInstances):
        server.lxd.host.gpus.clear()
    await server.copy(devices={"gpu": device})
    with pytest.raises(CardDeviceMissing):
        await server.lxd.start("zhangsan")
    assert not (await server.lxd.get("zhangsan")).is_running
    await server.lxd.remove_device("zhangsan", "gpu")
    await server.lxd.remove_device("zhangsan", "gpu")
    await server.lxd.start("zhangsan")
    with pytest.raises(CardDeviceMissing):
        await server.lxd.set_device("zhangsan", "gpu", device)
    assert "gpu" not in (await server.lxd.get("zhangsan")).devices


async def test_a_port_in_use_blocks_the_start_and_is_not_added_to_a_running_one(server: Server):
    port = free_port()
    await server.copy(devices={"ssh": proxy_to_ssh(port)})
    with server.occupied(port):
        with pytest.raises(PortTaken):
            await server.lxd.start("zhangsan")
        assert not (await server.lxd.get("zhangsan")).is_running
        await server.lxd.remove_device("zhangsan", "ssh")
        await server.lxd.start("zhangsan")
        with pytest.raises(PortTaken):
            await server.lxd.set_device("zhangsan", "ssh", proxy_to_ssh(port))
        assert (await server.lxd.get("zhangsan")).devices == {}
    await server.lxd.set_device("zhangsan", "ssh", proxy_to_ssh(port))
    assert (await server.lxd.get("zhangsan")).devices == {"ssh": proxy_to_ssh(port)}


async def test_changes_at_the_same_time_are_all_kept(server: Server):
    await server.copy()
    devices = {f"gone{number}": {"type": "none"} for number in range(6)}
    config = {f"user.key{number}": str(number) for number in range(6)}
    await asyncio.gather(
        *(_patiently(lambda n=n, d=d: server.lxd.set_device("zhangsan", n, d)) for n, d in devices.items()),
        *(_patiently(lambda k=k, v=v: server.lxd.set_config("zhangsan", {k: v})) for k, v in config.items()),
    )
    after = await server.lxd.get("zhangsan")
    assert after.devices == devices
    assert config.items() <= after.config.items()


async def _patiently(change: Callable[[], object]) -> None:
    """A change may be told that another one runs; it is never half done."""
    while True:
        try:
            return await change()
        except InstanceBusy:
            await asyncio.sleep(0)


async def test_an_empty_value_removes_a_key(server: Server):
    await server.copy(config={"user.junzi.operation": "7", "user.note": "x"})
    await server.lxd.set_config("zhangsan", {"user.junzi.operation": "", "user.absent": "", "user.note": "y"})
    config = (await server.lxd.get("zhangsan")).config
    assert {key: value for key, value in config.items() if key.startswith("user.")} == {"user.note": "y"}


@pytest.mark.parametrize("running", [False, True], ids=["stopped", "running"])
async def test_files_of_a_stopped_or_running_container(server: Server, running):
    lxd = server.lxd
    await (server.running() if running else server.copy())
    assert await lxd.read_file("zhangsan", "/root/note") is None
    await lxd.write_file("zhangsan", "/root/note", b"one \xff\n", mode=0o600)
    assert await lxd.read_file("zhangsan", "/root/note") == b"one \xff\n"
    await lxd.write_file("zhangsan", "/root/note", b"")
    assert await lxd.read_file("zhangsan", "/root/note") == b""
    await lxd.delete_file("zhangsan", "/root/note")
    await lxd.delete_file("zhangsan", "/root/note")
    assert await lxd.read_file("zhangsan", "/root/note") is None
    assert await lxd.read_file("zhangsan", "/root") is None
    with pytest.raises(FolderMissing):
        await lxd.write_file("zhangsan", "/no/such/folder/note", b"x")


async def test_files_of_nobody(server: Server):
    for call in (
        server.lxd.read_file("nobody", "/x"),
        server.lxd.write_file("nobody", "/x", b""),
        server.lxd.delete_file("nobody", "/x"),
    ):
        with pytest.raises(InstanceNotFound):
            await call


async def test_a_read_only_folder_stays_as_it_is(server: Server):
    data = {"type": "disk", "source": server.folder, "path": "/mnt/data", "readonly": "true"}
    await server.copy(devices={"data": data})
    await server.lxd.start("zhangsan")
    with pytest.raises(InstanceError):
        await server.lxd.write_file("zhangsan", "/mnt/data/mine", b"x")
    assert list(Path(server.folder).iterdir()) == []


async def test_programs_get_their_input_and_say_how_they_ended(server: Server):
    await server.running()

    async def run(*command: str, **more):
        return await server.lxd.run("zhangsan", command, **more)

    assert (await run("true")).exit_code == 0
    assert (await run("false")).exit_code == 1
    assert (await run("cat")).stdout == ""
    assert (await run("cat", stdin=b"one\ntwo \xff")).stdout == "one\ntwo �"
    assert (await run("id", "-u")).stdout == "0\n"
    refused = await run("cat", "/no/such/file")
    assert refused.exit_code == 1
    assert "No such file" in refused.stderr
    assert (await run("no-such-program")).exit_code == 127
    assert (await run("sleep", "30", timeout_seconds=1)).exit_code == 124


async def test_an_account_and_its_password(server: Server):
    await server.running()

    async def run(*command: str, **more):
        return await server.lxd.run("zhangsan", command, **more)

    assert (await run("chpasswd", stdin=b"zhangsan:pw\n")).exit_code == 1
    assert (await run("useradd", "-m", "-s", "/bin/bash", "-G", "sudo", "zhangsan")).exit_code == 0
    assert (await run("useradd", "-m", "zhangsan")).exit_code == 9
    assert (await run("chpasswd", stdin=b"zhangsan:pw\n")).exit_code == 0
    assert (await run("useradd", "-G", "no-such-group", "lisi")).exit_code == 6
    assert b"zhangsan:x:1000:1000:" in (await server.lxd.read_file("zhangsan", "/etc/passwd") or b"")
    assert b"sudo:x:27:zhangsan\n" in (await server.lxd.read_file("zhangsan", "/etc/group") or b"")
    shadow = (await server.lxd.read_file("zhangsan", "/etc/shadow") or b"").decode()
    assert "zhangsan:$" in shadow
    assert ":pw:" not in shadow


async def test_a_program_waits_for_a_container_that_is_just_being_started(server: Server):
    await server.copy(devices={"ssh": proxy_to_ssh(free_port())})
    with pytest.raises(InstanceError):
        await server.lxd.run("zhangsan", ["true"])
    _, result = await asyncio.gather(server.lxd.start("zhangsan"), server.lxd.run("zhangsan", ["id", "-u"]))
    assert result.stdout == "0\n"


async def test_a_console_shows_how_it_boots(server: Server):
    await server.copy()
    assert await server.lxd.console("zhangsan") == ""
    await server.lxd.start("zhangsan")
    for _ in range(100):
        if "Debian GNU/Linux 12" in (shown := await server.lxd.console("zhangsan")):
            break
        await asyncio.sleep(0.1)
    assert "Debian GNU/Linux 12" in shown
    assert "\x1b" not in shown
    with pytest.raises(InstanceNotFound):
        await server.lxd.console("nobody")


async def test_deleting_takes_a_running_one_too_and_may_be_said_twice(server: Server):
    await server.running()
    await server.lxd.delete("zhangsan")
    await server.lxd.delete("zhangsan")
    assert [instance.name for instance in await server.lxd.list()] == [TEMPLATE]


async def test_a_protected_container_is_not_deleted(server: Server):
    await server.copy(config={"security.protection.delete": "true"})
    with pytest.raises(InstanceError, match="protected"):
        await server.lxd.delete("zhangsan")
    await server.lxd.set_config("zhangsan", {"security.protection.delete": ""})
    await server.lxd.delete("zhangsan")


async def test_cards_are_listed_by_pci_address(server: Server):
    for gpu in await server.lxd.host_gpus():
        assert len(gpu.pci_address) == len(NO_SUCH_CARD)


async def test_an_lxd_that_does_not_answer(server: Server):
    lxd = server.unreachable()
    for call in (lxd.list(), lxd.start("zhangsan"), lxd.settle("zhangsan")):
        with pytest.raises(LxdUnreachable):
            await call
    await lxd.close()


async def used_by_all(server: Server) -> dict[str, tuple[Instance, InstanceUsage]]:
    return {instance.name: (instance, usage) for instance, usage in await server.lxd.list_with_usage()}


async def test_one_question_tells_what_everybody_uses(server: Server):
    await server.copy("lisi")
    await server.running()
    found = await used_by_all(server)
    for _ in range(100):  # in the first moment of a container LXD knows no memory of it
        if found["zhangsan"][1].memory_bytes is not None:
            break
        await asyncio.sleep(0.1)
        found = await used_by_all(server)
    assert sorted(found) == ["lisi", TEMPLATE, "zhangsan"]
    instance, usage = found["zhangsan"]
    assert instance == await server.lxd.get("zhangsan")
    assert usage.memory_bytes
    assert instance.last_started_at is not None
    assert found["lisi"][0].last_started_at is None
    assert found["lisi"][1].memory_bytes is None


async def test_a_stopped_container_gets_another_name_and_keeps_what_it_has(server: Server):
    lxd = server.lxd
    await server.copy(devices={"ssh": proxy_to_ssh(free_port())}, config={"user.note": "x"})
    await server.copy("lisi")
    await lxd.write_file("zhangsan", "/root/note", b"mine")
    await lxd.snapshot("zhangsan", "before")
    with pytest.raises(InstanceExists):
        await lxd.rename("zhangsan", "lisi")
    for name in ("", "a_b", "x" * 64):
        with pytest.raises(InstanceError):
            await lxd.rename("zhangsan", name)
    await lxd.rename("zhangsan", "zhangsan-archived")
    with pytest.raises(InstanceNotFound):
        await lxd.get("zhangsan")
    with pytest.raises(InstanceNotFound):
        await lxd.rename("zhangsan", "wangwu")
    kept = await lxd.get("zhangsan-archived")
    assert (kept.config["user.note"], sorted(kept.devices)) == ("x", ["ssh"])
    assert await lxd.read_file("zhangsan-archived", "/root/note") == b"mine"
    assert [snapshot.name for snapshot in await lxd.snapshots("zhangsan-archived")] == ["before"]


async def test_a_running_container_keeps_its_name(server: Server):
    await server.running()
    with pytest.raises(InstanceError, match="unning"):
        await server.lxd.rename("zhangsan", "lisi")
    assert (await server.lxd.get("zhangsan")).is_running


async def test_a_protected_container_may_be_renamed(server: Server):
    await server.copy(config={"security.protection.delete": "true"})
    await server.lxd.rename("zhangsan", "lisi")
    await server.lxd.set_config("lisi", {"security.protection.delete": ""})
    await server.lxd.delete("lisi")


async def test_snapshots_come_in_order_and_go_one_by_one(server: Server):
    lxd = server.lxd
    await server.running()
    assert list(await lxd.snapshots("zhangsan")) == []
    for name in ("first", "second"):
        await lxd.snapshot("zhangsan", name)
    found = await lxd.snapshots("zhangsan")
    assert [snapshot.name for snapshot in found] == ["first", "second"]
    assert all(snapshot.created_at and snapshot.expires_at is None for snapshot in found)
    with pytest.raises(InstanceExists):
        await lxd.snapshot("zhangsan", "first")
    await lxd.delete_snapshot("zhangsan", "first")
    await lxd.delete_snapshot("zhangsan", "first")
    assert [snapshot.name for snapshot in await lxd.snapshots("zhangsan")] == ["second"]
    for call in (lxd.snapshot("nobody", "x"), lxd.snapshots("nobody"), lxd.delete_snapshot("nobody", "x")):
        with pytest.raises(InstanceNotFound):
            await call


async def test_several_changes_are_made_in_one_or_not_at_all(server: Server):
    await server.running()
    await server.lxd.reconfigure(
        "zhangsan", devices={"a": {"type": "none"}, "b": {"type": "none"}}, config={"user.x": "1", "user.y": "2"}
    )
    await server.lxd.reconfigure(
        "zhangsan", devices={"a": None, "absent": None, "c": {"type": "none"}}, config={"user.x": None, "user.z": "3"}
    )
    now = await server.lxd.get("zhangsan")
    assert now.devices == {"b": {"type": "none"}, "c": {"type": "none"}}
    assert {k: v for k, v in now.config.items() if k.startswith("user.")} == {"user.y": "2", "user.z": "3"}
    with pytest.raises(CardDeviceMissing):
        await server.lxd.reconfigure("zhangsan", devices={"b": None, "gpu": card_device(NO_SUCH_CARD)})
    assert (await server.lxd.get("zhangsan")).devices == now.devices


async def test_a_snapshot_brings_back_files_devices_and_settings(server: Server):
    await server.copy(config={"limits.cpu": "1"})
    await server.lxd.set_device("zhangsan", "old", {"type": "none"})
    await server.lxd.write_file("zhangsan", "/root/note", b"then")
    await server.lxd.snapshot("zhangsan", "monday")
    await server.lxd.write_file("zhangsan", "/root/note", b"now")
    await server.lxd.reconfigure("zhangsan", devices={"old": None, "new": {"type": "none"}}, config={"limits.cpu": "2"})
    await server.lxd.set_config("zhangsan", {"snapshots.expiry": "7d"})
    await server.lxd.snapshot("zhangsan", "tuesday")
    assert [snapshot.expires_at for snapshot in await server.lxd.snapshots("zhangsan")] == [None, None]

    await server.lxd.restore("zhangsan", "monday")
    now = await server.lxd.get("zhangsan")
    assert await server.lxd.read_file("zhangsan", "/root/note") == b"then"
    assert now.devices == {"old": {"type": "none"}}
    assert now.config["limits.cpu"] == "1"
    assert not now.is_running


async def test_a_running_one_goes_back_and_runs_on(server: Server):
    await server.running()
    await server.lxd.snapshot("zhangsan", "live")
    await server.lxd.restore("zhangsan", "live")
    assert (await server.lxd.get("zhangsan")).is_running
    with pytest.raises(InstanceNotFound):
        await server.lxd.restore("zhangsan", "no-such")
    for call in (
        server.lxd.restore("nobody", "x"),
        server.lxd.pool_space("nobody"),
        server.lxd.log("nobody"),
        server.lxd.reconfigure("nobody", devices={}),
    ):
        with pytest.raises(InstanceNotFound):
            await call


async def test_an_export_is_a_file_with_all_of_it_and_what_fails_leaves_none(server: Server, tmp_path: Path):
    await server.copy()
    seen: list[int] = []
    path = tmp_path / "zhangsan.tar.gz"
    size = await server.lxd.export("zhangsan", str(path), seen.append)
    assert size == path.stat().st_size == seen[-1]
    with pytest.raises(InstanceNotFound):
        await server.lxd.export("nobody", str(tmp_path / "nobody.tar.gz"), seen.append)
    with pytest.raises(InstanceError):
        await server.lxd.export("zhangsan", str(tmp_path / "gone" / "x.tar.gz"), seen.append)
    assert [file.name for file in tmp_path.iterdir()] == ["zhangsan.tar.gz"]


async def test_the_pool_says_how_full_it_is(server: Server):
    space = await server.lxd.pool_space(TEMPLATE)
    assert 0 < space.used_bytes < space.total_bytes
    assert space.driver in ("btrfs", "dir", "zfs")


async def test_folders_are_made_once_and_stay(server: Server):
    await server.copy()
    for _ in range(2):
        await server.lxd.make_folder("zhangsan", "/root/.ssh", mode=0o700)
    await server.lxd.write_file("zhangsan", "/root/.ssh/authorized_keys", b"x")
    with pytest.raises(FolderMissing):
        await server.lxd.make_folder("zhangsan", "/no/such/folder")
    assert isinstance(await server.lxd.log("zhangsan"), str)


async def test_what_happens_to_containers_is_heard(server: Server):
    heard = server.lxd.changes()
    first = asyncio.ensure_future(anext(heard))
    await asyncio.sleep(0)
    while not first.done():  # a channel takes a moment to open
        await server.copy("lisi")
        await server.lxd.delete("lisi")
        await asyncio.wait([first], timeout=0.2)
    assert await first == "lisi"
    await server.copy("zhangsan")
    await server.lxd.set_config("zhangsan", {"user.note": "x"})
    while await anext(heard) != "zhangsan":
        pass
    await heard.aclose()
