"""What admins and students do to a container after its birth, on a real LXD: each with its failure."""

from __future__ import annotations

import asyncio
import os
import tarfile
from collections.abc import AsyncIterator
from datetime import datetime, timezone
from pathlib import Path

import asyncssh
import pytest

from bot.adapters.folders import LocalFolders
from bot.adapters.host_keys import make_host_keys
from bot.adapters.lxd import LxdInstances
from bot.adapters.ports import bindable
from bot.adapters.ssh_banner import wait_for_ssh
from bot.adapters.template_scripts import template_script
from bot.domain.card import Card, CardId
from bot.domain.container import InstanceRecord, InstanceState
from bot.domain.health import Finding
from bot.domain.instance import Dataset, all_cards_device, card_device, proxy_to_ssh
from bot.domain.limits import LimitsSeen, LimitWish
from bot.domain.member import Role
from bot.domain.password import new_password
from bot.domain.provisioning import MEMBER_KEY, Plan, Step
from bot.domain.schedule import Schedule
from bot.domain.snapshot import WayBack
from bot.domain.upkeep import (
    BackedUp,
    Batch,
    DiskSeen,
    KeysSeen,
    Limited,
    NotDone,
    PortOpened,
    Restored,
    SnapshotTaken,
    TemplateMade,
)
from bot.services.at_work import AtWork
from bot.services.configuration import Configuration, configuration
from bot.services.new_users import HostFacts, HostTools
from bot.services.provisioning import provision
from bot.services.templates import TemplateService
from bot.services.workshop import By, Workshop
from storage.database import Database
from tests.conftest import FakeClock
from tests.real.lxd_lab import TEMPLATE, free_port, occupied

pytestmark = pytest.mark.real_lxd

NOBODY = By(None)
APT_MIRROR = os.environ.get("JUNZI_TEST_MIRROR", "http://deb.debian.org/debian")
CARD = Card(CardId("gpu-lab", "GPU-0"), 0, "NVIDIA A100", None, "0000:99:00.0")


async def _nothing_found() -> tuple[Finding, ...]:
    return ()


class Shop:
    """A registry with zhangsan's container in it, on a real LXD."""

    def __init__(self, lxd: LxdInstances, database: Database, folder: Path) -> None:
        self.lxd = lxd
        self.database = database
        self.folder = folder
        self.port = free_port()
        host = HostFacts("127.0.0.1", range(self.port, self.port + 20), TEMPLATE)
        workshop = Workshop(database, FakeClock(datetime.now(timezone.utc)), lxd, host, AtWork())
        tools = HostTools(make_host_keys, wait_for_ssh, bindable)
        self.use: Configuration = configuration(
            workshop,
            tools,
            LocalFolders(),
            _nothing_found,
            template_script,
            enforced=False,
            environment={"APT_MIRROR": APT_MIRROR, "PIP_MIRROR": "https://pip.example/simple"},
            backup_folder=str(folder),
        )

    async def make(self, name: str = "zhangsan", *, running: bool = True, **more: object) -> InstanceRecord:
        devices = {"ssh": proxy_to_ssh(self.port), **more.pop("devices", {})}  # type: ignore[dict-item]
        await self.lxd.copy(TEMPLATE, name, devices=devices, config=more.pop("config", {}))  # type: ignore[arg-type]
        record = await self.database.write(lambda books: _remember(books, name, self.port))
        if running:
            await self.lxd.start(name)
        return record

    async def record(self, name: str = "zhangsan") -> InstanceRecord:
        (found,) = await self.database.read(lambda books: [one for one in books.instances.all() if one.name == name])
        return found

    async def account(self, name: str = "zhangsan") -> None:
        done = await self.lxd.run(name, ["useradd", "-m", "-d", f"/home/{name}", "-s", "/bin/bash", name])
        assert done.exit_code == 0, done.stderr


def _remember(books, name: str, port: int) -> InstanceRecord:
    now = datetime.now(timezone.utc)
    member = books.members.add(name, Role.STUDENT, now)
    record = InstanceRecord("local", name, member.id, port, TEMPLATE, InstanceState.READY, "planted", now)
    books.instances.add(record)
    return record


@pytest.fixture
async def shop(lxd: LxdInstances, tmp_path: Path) -> AsyncIterator[Shop]:
    database = Database(tmp_path / "junzi.db")
    tmp_path.chmod(0o755)
    yield Shop(lxd, database, tmp_path)
    database.close()


async def test_a_card_that_lxd_does_not_find_is_not_assigned(shop: Shop) -> None:
    record = await shop.make(running=False)
    outcome = await shop.use.assignments.assign(record, (CARD,), NOBODY)
    assert isinstance(outcome, NotDone)
    assert outcome.why.key == "assign.not_on_host"
    assert "gpu-0000-99-00-0" not in (await shop.lxd.get("zhangsan")).devices


async def test_a_dead_card_blocks_the_start_and_is_set_aside_and_given_back(shop: Shop) -> None:
    dead = {"gpu-0000-99-00-0": card_device("0000:99:00.0"), "gpu": all_cards_device()}
    record = await shop.make(running=False, devices=dead)
    assert await shop.use.assignments.start_without_cards(record, NOBODY) is None
    now = await shop.lxd.get("zhangsan")
    assert now.is_running
    assert not [name for name in now.expanded_devices if name.startswith("gpu")]
    assert await shop.use.assignments.set_aside(record)

    outcome = await shop.use.assignments.give_back(record, NOBODY)
    assert isinstance(outcome, NotDone)
    assert outcome.why.key == "fault.card_missing"
    assert await shop.use.assignments.set_aside(record)
    await shop.lxd.stop("zhangsan", timeout_seconds=0, force=True)
    assert await shop.use.assignments.give_back(record, NOBODY) is None
    assert (await shop.lxd.get("zhangsan")).devices == {**dead, "ssh": proxy_to_ssh(shop.port)}


async def test_none_and_all_are_said_by_devices(shop: Shop) -> None:
    record = await shop.make(running=False, devices={"gpu": all_cards_device()})
    await shop.use.assignments.assign(record, (), NOBODY)
    assert "gpu" not in (await shop.lxd.get("zhangsan")).expanded_devices
    await shop.use.assignments.assign(record, "all", NOBODY)
    assert (await shop.lxd.get("zhangsan")).expanded_devices["gpu"] == {"type": "gpu"}


async def test_a_start_that_fails_has_last_words(shop: Shop) -> None:
    record = await shop.make(running=False, config={"raw.lxc": "lxc.hook.pre-start = /bin/false"})
    why = await shop.use.workshop.alone("start", record, NOBODY, lambda: shop.lxd.start("zhangsan"))
    assert isinstance(why, NotDone)
    words = await shop.use.workshop.last_words(record)
    assert "ERROR" in words
    assert len(words.splitlines()) <= 4


async def test_back_to_a_snapshot_with_todays_port_limits_and_owner(shop: Shop) -> None:
    record = await shop.make(config={"limits.cpu": "1"})
    await shop.lxd.write_file("zhangsan", "/root/train.py", b"good")
    assert isinstance(await shop.use.snapshots.take(record, "monday", NOBODY), SnapshotTaken)
    assert isinstance(await shop.use.snapshots.take(record, "monday", NOBODY), NotDone)
    await shop.lxd.write_file("zhangsan", "/root/train.py", b"broken")
    other = free_port()
    await shop.lxd.reconfigure("zhangsan", devices={"ssh": proxy_to_ssh(other)}, config={"limits.cpu": "2"})
    way = await shop.use.snapshots.way_back(record, "monday")
    assert isinstance(way, WayBack)
    assert way.keeps_now

    outcome = await shop.use.snapshots.restore(record, "monday", NOBODY)
    assert outcome == Restored(record, "monday", "before-restore", True)
    now = await shop.lxd.get("zhangsan")
    assert await shop.lxd.read_file("zhangsan", "/root/train.py") == b"good"
    assert now.devices["ssh"] == proxy_to_ssh(other)
    assert (now.config["limits.cpu"], now.config[MEMBER_KEY]) == ("2", "zhangsan")

    await shop.use.snapshots.restore(record, "before-restore", NOBODY)
    assert await shop.lxd.read_file("zhangsan", "/root/train.py") == b"broken"
    nothing = await shop.use.snapshots.restore(record, "no-such", NOBODY)
    assert isinstance(nothing, NotDone)
    assert nothing.why.key == "snapshot.unknown"


async def test_killed_in_the_middle_of_a_restore_it_is_carried_on(shop: Shop) -> None:
    """As far as LXD's own restore it went; the old port and limits are in force, and it is stopped."""
    record = await shop.make(config={"limits.cpu": "1"})
    snapshots = shop.use.snapshots
    await snapshots.take(record, "monday", NOBODY)
    await shop.lxd.set_config("zhangsan", {"limits.cpu": "2"})
    way = await snapshots.way_back(record, "monday")
    assert isinstance(way, WayBack)
    operation = await snapshots._begin(record, way, NOBODY)
    await shop.lxd.stop("zhangsan", timeout_seconds=0, force=True)
    await shop.lxd.restore("zhangsan", "monday")
    await shop.database.write(lambda books: books.operations.reach(operation.id, "put_back"))
    assert (await shop.lxd.get("zhangsan")).config["limits.cpu"] == "1"

    (left,) = await shop.database.read(lambda books: books.operations.unfinished())
    told = await snapshots.settle(left)
    assert told is not None
    assert told.key == "snapshot.finished_after_stop"
    now = await shop.lxd.get("zhangsan")
    assert now.is_running
    assert now.config["limits.cpu"] == "2"
    assert await shop.database.read(lambda books: list(books.operations.unfinished())) == []


async def test_a_port_leads_in_and_one_that_is_taken_is_passed_over(shop: Shop) -> None:
    record = await shop.make()
    with occupied(shop.port + 1):
        outcome = await shop.use.ports.open(record, 8888, NOBODY)
    assert isinstance(outcome, PortOpened)
    assert outcome.port > shop.port + 1
    serve = ["python3", "-c", "import socket; s=socket.create_server(('127.0.0.1',8888)); s.accept()[0].send(b'hi')"]
    served = asyncio.ensure_future(shop.lxd.run("zhangsan", serve))
    for _ in range(100):
        reader, writer = await asyncio.open_connection("127.0.0.1", outcome.port)
        if said := await reader.read(2):
            break
        writer.close()
        await asyncio.sleep(0.1)
    assert said == b"hi"
    writer.close()
    await served
    again = await shop.use.ports.open(record, 8888, NOBODY)
    assert again == outcome
    refused = await shop.use.ports.open(record, 22, NOBODY)
    assert isinstance(refused, NotDone)
    await shop.use.ports.close(record, 8888, NOBODY)
    assert list((await shop.lxd.get("zhangsan")).devices) == ["ssh"]
    assert await bindable(outcome.port)


async def test_a_key_opens_it_and_then_no_more(shop: Shop) -> None:
    record = await shop.make()
    no_account = await shop.use.ssh_keys.all(record)
    assert isinstance(no_account, NotDone)
    await shop.account()
    for name, key in (host_keys := {key.file_name: key for key in await make_host_keys()}).items():
        await shop.lxd.write_file("zhangsan", f"/etc/ssh/{name}", key.private, mode=0o600)
    assert host_keys
    private = asyncssh.generate_private_key("ssh-ed25519")
    line = private.export_public_key().decode().strip()

    async def log_in() -> str:
        async with asyncssh.connect(
            "127.0.0.1", shop.port, username="zhangsan", client_keys=[private], known_hosts=None, config=None
        ) as ssh:
            return str((await ssh.run("stat -c '%a %U' .ssh .ssh/authorized_keys", check=True)).stdout)

    with pytest.raises(asyncssh.PermissionDenied):
        await log_in()
    added = await shop.use.ssh_keys.add(record, line, NOBODY)
    assert isinstance(added, KeysSeen)
    assert await log_in() == "700 zhangsan\n600 zhangsan\n"
    await shop.use.ssh_keys.remove(record, "1", NOBODY)
    with pytest.raises(asyncssh.PermissionDenied):
        await log_in()
    await shop.lxd.stop("zhangsan", timeout_seconds=0, force=True)
    assert isinstance(await shop.use.ssh_keys.add(record, line, NOBODY), KeysSeen)


async def test_limits_hold_at_once_and_a_disk_is_not_cut_below_its_files(shop: Shop) -> None:
    record = await shop.make()
    done = await shop.use.limits.limit(record, LimitWish("1", "512MiB", "3GiB"), NOBODY)
    assert isinstance(done, Limited), done
    assert done.limits == LimitsSeen("1", "512MiB", "3GiB")
    small = await shop.use.limits.limit(record, LimitWish(disk="50MiB"), NOBODY)
    assert isinstance(small, NotDone)
    assert small.why.key == "limit.too_small"
    smaller = await shop.use.limits.limit(record, LimitWish(disk="2GiB"), NOBODY)
    assert isinstance(smaller, Limited)
    full = await shop.lxd.run("zhangsan", ["dd", "if=/dev/urandom", "of=/root/big", "bs=1M", "count=2500"])
    assert full.exit_code != 0
    # Full to the last byte LXD itself may fail to write what it changes there (btrfs): troubles.md says what to do.
    await shop.lxd.run("zhangsan", ["sh", "-c", "truncate -s -200M /root/big && sync"])
    lifted = await shop.use.limits.limit(record, LimitWish("", "", ""), NOBODY)
    assert isinstance(lifted, Limited), lifted
    assert lifted.limits == LimitsSeen()
    await shop.lxd.stop("zhangsan", timeout_seconds=0, force=True)
    await shop.lxd.start("zhangsan")


async def test_how_full_a_disk_without_a_limit_is_is_counted_where_the_pool_does_not_say(shop: Shop) -> None:
    """btrfs knows nothing before there is a limit in the pool, which another test of this lab may have set."""
    record = await shop.make()
    await shop.lxd.run("zhangsan", ["dd", "if=/dev/urandom", "of=/root/big", "bs=1M", "count=50"])
    await shop.lxd.run("zhangsan", ["sync"])  # btrfs counts what it has written
    known = (await shop.lxd.usage("zhangsan")).disk_bytes
    counted = await shop.use.limits.seen(record)
    assert isinstance(counted, Limited)
    assert counted.used_bytes is not None
    assert counted.used_bytes > 50 << 20
    assert shop.use.disk_counts.remembered("zhangsan") == (counted.used_bytes if known is None else None)


async def test_what_a_snapshot_shares_counts_when_a_disk_is_made_smaller(shop: Shop) -> None:
    """btrfs's own figure is then nearly 0; asked for 1 GiB, LXD would set it, fail, and leave a disk that is full."""
    record = await shop.make()
    assert isinstance(await shop.use.limits.limit(record, LimitWish(disk="6GiB"), NOBODY), Limited)
    await shop.lxd.run("zhangsan", ["dd", "if=/dev/urandom", "of=/root/big", "bs=1M", "count=1200"])
    await shop.lxd.run("zhangsan", ["sync"])
    await shop.lxd.snapshot("zhangsan", "s1")
    smaller = await shop.use.limits.limit(record, LimitWish(disk="1GiB"), NOBODY)
    assert isinstance(smaller, NotDone)
    assert smaller.why.key == "limit.too_small"
    assert (await shop.lxd.run("zhangsan", ["touch", "/root/one-more"])).exit_code == 0


async def test_a_folder_is_mounted_read_only_and_taken_out(shop: Shop) -> None:
    await shop.make()
    folder = shop.folder / "imagenet"
    folder.mkdir()
    (folder / "labels").write_text("cat dog\n")
    dataset = Dataset(str(folder), "/mnt/imagenet")
    outcome = await shop.use.datasets.mount(("zhangsan", TEMPLATE, "nobody"), dataset, NOBODY)
    assert isinstance(outcome, Batch)
    assert (outcome.done, list(outcome.failed)) == (("zhangsan", TEMPLATE), ["nobody"])
    assert (await shop.lxd.run("zhangsan", ["cat", "/mnt/imagenet/labels"])).stdout == "cat dog\n"
    assert (await shop.lxd.run("zhangsan", ["touch", "/mnt/imagenet/x"])).exit_code == 1
    (seen,) = await shop.use.datasets.seen_in(await shop.record())
    assert seen.dataset == dataset
    assert seen.size_bytes

    await shop.lxd.copy(TEMPLATE, "lisi", devices={}, config={})
    await shop.lxd.start("lisi")
    assert (await shop.lxd.run("lisi", ["cat", "/mnt/imagenet/labels"])).stdout == "cat dog\n"
    await shop.use.datasets.unmount(("zhangsan", TEMPLATE), "/mnt/imagenet", NOBODY)
    assert (await shop.lxd.run("zhangsan", ["cat", "/mnt/imagenet/labels"])).exit_code == 1
    gone = await shop.use.datasets.mount(("zhangsan",), Dataset(str(shop.folder / "gone"), "/mnt/gone"), NOBODY)
    assert isinstance(gone, NotDone)
    assert gone.why.key == "mount.no_source"


async def test_a_source_that_vanishes_blocks_no_start(shop: Shop) -> None:
    await shop.make()
    folder = shop.folder / "usb"
    folder.mkdir()
    await shop.use.datasets.mount(("zhangsan",), Dataset(str(folder), "/mnt/usb"), NOBODY)
    await shop.lxd.stop("zhangsan", timeout_seconds=0, force=True)
    folder.rmdir()
    await shop.lxd.start("zhangsan")


async def test_a_container_becomes_the_next_template_without_its_people(shop: Shop) -> None:
    data = shop.folder / "writable"
    data.mkdir()
    (data / "thesis.tex").write_text("mine")
    mount = {"type": "disk", "source": str(data), "path": "/home/data"}
    record = await shop.make(devices={"data": mount}, config={"limits.cpu": "1"})
    await shop.account()
    await shop.use.ssh_keys.add(
        record, asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode(), NOBODY
    )
    await shop.lxd.write_file("zhangsan", "/opt-tool", b"the lab's")
    await shop.lxd.write_file("zhangsan", "/root/.bash_history", b"export TOKEN=secret")

    made = await shop.use.templates.publish(record, "", NOBODY)
    assert made == TemplateMade("template-v2", "zhangsan"), made
    there = await shop.lxd.get("template-v2")
    assert there.config["security.protection.delete"] == "true"
    assert "limits.cpu" not in there.config
    assert sorted(there.expanded_devices) == ["eth0", "root"]
    assert await shop.lxd.read_file("template-v2", "/opt-tool") == b"the lab's"
    for path in ("/root/.bash_history", "/home/zhangsan/.ssh/authorized_keys", "/etc/ssh/ssh_host_ed25519_key"):
        assert await shop.lxd.read_file("template-v2", path) is None
    assert b"zhangsan" not in (await shop.lxd.read_file("template-v2", "/etc/passwd") or b"")
    assert await shop.lxd.read_file("template-v2", "/etc/machine-id") == b""
    assert (data / "thesis.tex").read_text() == "mine"
    assert await shop.lxd.read_file("zhangsan", "/root/.bash_history") == b"export TOKEN=secret"

    assert await shop.use.templates.set_default("template-v2", NOBODY) is None
    seen = await shop.use.templates.seen()
    assert not isinstance(seen, NotDone)
    assert [(one.name, one.made_of) for one in seen if one.is_default] == [("template-v2", "zhangsan")]
    refused = await shop.use.templates.set_default("zhangsan", NOBODY)
    assert refused is not None


async def test_a_script_that_fails_leaves_no_template(shop: Shop) -> None:
    record = await shop.make()

    async def broken(_name: str) -> bytes:
        return b"echo it broke >&2; exit 3"

    templates = TemplateService(shop.use.workshop, broken, {})
    outcome = await templates.publish(record, "half", NOBODY)
    assert isinstance(outcome, NotDone)
    assert "it broke" in str(outcome.why.values["words"])
    assert "half" not in [instance.name for instance in await shop.lxd.list()]


async def test_a_container_is_exported_to_a_file_of_the_host(shop: Shop) -> None:
    record = await shop.make(running=False)
    folder = shop.folder / "backups"
    folder.mkdir()

    async def ignore(_written: int) -> None:
        return None

    outcome = await shop.use.backups.export(record, str(folder), ignore, NOBODY)
    assert isinstance(outcome, BackedUp), outcome
    file = Path(outcome.path)
    assert file.stat().st_size == outcome.size_bytes
    assert file.stat().st_mode & 0o777 == 0o600
    with tarfile.open(file) as archive:
        assert "backup/index.yaml" in [archive.next().name for _ in range(3)]  # type: ignore[union-attr]
    nowhere = await shop.use.backups.export(record, str(shop.folder / "gone"), ignore, NOBODY)
    assert isinstance(nowhere, NotDone)
    secret = await shop.use.backups.export(record, "/etc", ignore, NOBODY)
    assert isinstance(secret, NotDone)


async def test_lxd_takes_snapshots_by_itself(shop: Shop) -> None:
    record = await shop.make(running=False)
    assert await shop.use.backups.schedule(record, Schedule("@daily", "7d"), NOBODY) is None
    config = (await shop.lxd.get("zhangsan")).config
    assert (config["snapshots.schedule"], config["snapshots.expiry"]) == ("@daily", "7d")
    await shop.use.backups.schedule(record, Schedule(""), NOBODY)
    assert "snapshots.schedule" not in (await shop.lxd.get("zhangsan")).config
    wrong = await shop.use.backups.schedule(record, Schedule("whenever", "7d"), NOBODY)
    assert isinstance(wrong, NotDone)


async def test_what_fills_a_home(shop: Shop) -> None:
    record = await shop.make()
    await shop.account()
    name = "a folder\nwith a line break"
    await shop.lxd.run("zhangsan", ["mkdir", f"/home/zhangsan/{name}"])
    big = ["dd", "if=/dev/urandom", f"of=/home/zhangsan/{name}/big", "bs=1M", "count=5"]
    await shop.lxd.run("zhangsan", big)
    await shop.lxd.run("zhangsan", ["sync"])
    seen = await shop.use.backups.disk(record)
    assert isinstance(seen, DiskSeen), seen
    assert seen.use.folders[0].path == name
    assert 5_000_000 <= seen.use.folders[0].size_bytes <= seen.use.total_bytes
    await shop.lxd.stop("zhangsan", timeout_seconds=0, force=True)
    assert isinstance(await shop.use.backups.disk(record), NotDone)


async def test_a_fresh_container_becomes_a_template_by_the_script_and_may_again(shop: Shop) -> None:
    await shop.lxd.copy(TEMPLATE, "base", devices={}, config={})
    made = await shop.use.templates.build("base", "debian-v1", NOBODY)
    assert made == TemplateMade("debian-v1", "base"), made
    motd = await shop.lxd.read_file("debian-v1", "/etc/motd") or b""
    assert b"CUDA_VISIBLE_DEVICES=0 python train.py" in motd
    assert await shop.lxd.read_file("debian-v1", "/etc/ssh/sshd_config.d/00-junzi.conf") is not None
    assert (
        await shop.lxd.read_file("debian-v1", "/etc/pip.conf") == b"[global]\nindex-url = https://pip.example/simple\n"
    )
    for package in ("vim", "git", "wget", "tmux", "gcc", "make"):
        assert await shop.lxd.read_file("debian-v1", f"/var/lib/dpkg/info/{package}.list"), package
    sources = (await shop.lxd.read_file("debian-v1", "/etc/apt/sources.list") or b"").decode()
    assert f"deb {APT_MIRROR} bookworm main" in sources
    assert " bookworm-security main" in sources
    await a_student_logs_in(shop.lxd, "debian-v1")
    again = await shop.use.templates.build("debian-v1", "debian-v2", NOBODY)
    assert again == TemplateMade("debian-v2", "debian-v1"), again
    assert await shop.lxd.read_file("debian-v2", "/etc/motd") == motd
    assert (await shop.lxd.read_file("debian-v2", "/etc/apt/sources.list") or b"").decode() == sources


async def a_short_password_is_refused(port: int, password: str) -> None:
    """By `passwd`; the old one goes on to work."""
    login = {"username": "lisi", "password": password, "client_keys": None, "known_hosts": None, "config": None}
    async with asyncssh.connect("127.0.0.1", port, **login) as ssh:
        told = await ssh.run("passwd", input=f"{password}\nqwe4567\nqwe4567\n")
    assert told.exit_status != 0
    assert "longer password" in told.stderr + told.stdout


async def a_student_logs_in(lxd: LxdInstances, template: str) -> None:
    """What /adduser makes of it takes a password and a key through its port, and has the tools."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    keys = (key.export_public_key("openssh").decode().strip(),)
    plan = Plan("op-1", "m-1", "lisi", "lisi", template, free_port(), new_password(), authorized_keys=keys)

    async def on_step(_step: Step) -> None:
        return None

    await provision(lxd, plan, make_host_keys, wait_for_ssh, on_step)
    await a_short_password_is_refused(plan.ssh_port, plan.password.reveal())
    for secret in ({"password": plan.password.reveal(), "client_keys": None}, {"client_keys": [key]}):
        async with asyncssh.connect(
            "127.0.0.1", plan.ssh_port, username="lisi", known_hosts=None, config=None, **secret
        ) as ssh:
            assert (await ssh.run("hostname", check=True)).stdout == "lisi\n"
            assert (await ssh.run("git --version && gcc --version && python -m venv --help", check=True)).stdout
