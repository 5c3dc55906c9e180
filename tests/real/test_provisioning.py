"""A new container on a real LXD: what the student finds when they log in, and what is left when it fails."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import asyncssh
import pytest

from bot.adapters.host_keys import make_host_keys
from bot.adapters.lxd import LxdInstances
from bot.adapters.ssh_banner import wait_for_ssh
from bot.domain.errors import InstanceError, PortTaken
from bot.domain.instance import Dataset, HostGpu, datasets_of, ssh_port
from bot.domain.password import Secret, new_password
from bot.domain.provisioning import MEMBER_KEY, Limits, Plan, Provisioned, ProvisioningFailed, Step, WithoutCards
from bot.services.provisioning import provision, set_password, take_back, unfinished
from tests.real.lxd_lab import TEMPLATE, Lab, free_port, occupied

pytestmark = pytest.mark.real_lxd


def plan(name: str, **wanted) -> Plan:
    basis = Plan("op-1", name, name, name, TEMPLATE, free_port(), new_password())
    return replace(basis, **wanted)


async def make(lxd: LxdInstances, planned: Plan) -> Provisioned:
    async def on_step(_step: Step) -> None:
        return None

    return await provision(lxd, planned, make_host_keys, wait_for_ssh, on_step)


def log_in(planned: Plan, password: Secret | None = None, **options) -> asyncssh.misc.MaybeAwait:
    """As `ssh -p PORT NAME@host` does, with a password and nothing else."""
    return asyncssh.connect(
        "127.0.0.1",
        planned.ssh_port,
        username=planned.unix_name,
        password=(password or planned.password).reveal(),
        known_hosts=None,
        client_keys=None,
        config=None,
        **options,
    )


async def test_a_student_logs_in_copies_data_reads_datasets_and_is_root_by_sudo(lxd: LxdInstances, tmp_path: Path):
    (tmp_path / "datasets").mkdir()
    (tmp_path / "datasets" / "labels.txt").write_text("cat dog\n")
    tmp_path.chmod(0o755)
    planned = plan("zhangsan", datasets=(Dataset(str(tmp_path / "datasets"), "/mnt/datasets"),), limits=Limits(cpu="1"))
    made = await make(lxd, planned)
    assert made.without_cards == WithoutCards("none_on_host")
    async with log_in(planned) as ssh:
        assert (await ssh.run("hostname", check=True)).stdout == "zhangsan\n"
        assert (await ssh.run("cat /mnt/datasets/labels.txt", check=True)).stdout == "cat dog\n"
        assert "Read-only file system" in (await ssh.run("touch /mnt/datasets/mine")).stderr
        sudo = await ssh.run("sudo -S -p '' id -u", input=f"{planned.password.reveal()}\n", check=True)
        assert (sudo.stdout, sudo.stderr) == ("0\n", "")
        host_key = ssh.get_server_host_key()
        assert host_key is not None
        public = host_key.export_public_key("openssh").decode().split()[:2]
        assert public in [line.split()[:2] for line in made.host_public_keys]

        (tmp_path / "data.bin").write_bytes(os.urandom(3_000_000))
        await asyncssh.scp(str(tmp_path / "data.bin"), (ssh, "data.bin"))
        await asyncssh.scp((ssh, "data.bin"), str(tmp_path / "back.bin"))
    assert (tmp_path / "back.bin").read_bytes() == (tmp_path / "data.bin").read_bytes()
    instance = await lxd.get("zhangsan")
    assert ssh_port(instance.devices) == planned.ssh_port
    assert datasets_of(instance.devices) == planned.datasets
    assert instance.config[MEMBER_KEY] == "zhangsan"
    assert await unfinished(lxd) == {}


async def test_the_scp_program_works_too(lxd: LxdInstances, tmp_path: Path):
    """scp and ssh as a student types them; sshpass types the password."""
    planned = plan("zhangsan")
    await make(lxd, planned)
    (tmp_path / "train.py").write_text("print('hello')\n")
    known = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR"]
    environment = {**os.environ, "SSHPASS": planned.password.reveal()}
    for command in (
        ["scp", *known, "-P", str(planned.ssh_port), str(tmp_path / "train.py"), "zhangsan@127.0.0.1:"],
        ["ssh", *known, "-p", str(planned.ssh_port), "zhangsan@127.0.0.1", "python3", "train.py"],
    ):
        done = await asyncio.to_thread(
            subprocess.run, ["sshpass", "-e", *command], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    assert done.stdout == "hello\n"


async def test_two_students_share_no_identity(lxd: LxdInstances):
    plans = [plan("zhangsan"), plan("lisi")]
    made = await asyncio.gather(*(make(lxd, planned) for planned in plans))
    assert not set(made[0].host_public_keys) & set(made[1].host_public_keys)
    identities = []
    for planned in plans:
        files = ["/etc/machine-id", "/etc/hostname", "/etc/ssh/ssh_host_rsa_key.pub", "/etc/ssh/ssh_host_ecdsa_key.pub"]
        identities.append([await lxd.read_file(planned.name, file) for file in files])
    assert all(one != other for one, other in zip(*identities, strict=True))
    assert len((identities[0][0] or b"").strip()) == 32
    async with log_in(plans[1]) as ssh:
        assert (await ssh.run("cat /proc/sys/kernel/hostname", check=True)).stdout == "lisi\n"
        assert (await ssh.run("stat -c %a /etc/ssh/ssh_host_*_key", check=True)).stdout == "600\n600\n600\n"
    with pytest.raises(asyncssh.PermissionDenied):
        await log_in(plans[1], plans[0].password)


async def test_a_new_password_and_a_key_of_ones_own(lxd: LxdInstances):
    key = asyncssh.generate_private_key("ssh-ed25519")
    planned = plan("zhangsan", authorized_keys=(key.export_public_key("openssh").decode().strip(),))
    await make(lxd, planned)
    fresh = new_password()
    await set_password(lxd, "zhangsan", "zhangsan", fresh)
    async with log_in(planned, fresh):
        pass
    with pytest.raises(asyncssh.PermissionDenied):
        await log_in(planned)
    async with asyncssh.connect(
        "127.0.0.1", planned.ssh_port, username="zhangsan", client_keys=[key], known_hosts=None, config=None
    ) as ssh:
        assert (await ssh.run("stat -c %U:%a .ssh/authorized_keys", check=True)).stdout == "zhangsan:600\n"


async def test_nobody_else_sees_the_password(lab: Lab, lxd: LxdInstances):
    """Not in the arguments of any process, not in LXD's log at debug level, not among its operations."""
    planned = plan("zhangsan")
    with watched_processes() as seen:
        await make(lxd, planned)
        await set_password(lxd, "zhangsan", "zhangsan", planned.password)
    operations = lab.lxc("query", "/1.0/operations?recursion=1")
    secret = planned.password.reveal()
    assert any("chpasswd" in command for command in seen), "the watch sees nothing"
    assert not [command for command in seen if secret in command]
    log = lab.log.read_text(errors="replace")
    assert "chpasswd" in log, "the log tells nothing"
    assert secret not in log
    assert secret not in operations


@contextmanager
def watched_processes() -> Iterator[set[str]]:
    """Command lines of all processes of the host, looked at as often as a thread can."""
    seen: set[str] = set()
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            for file in Path("/proc").glob("[0-9]*/cmdline"):
                with suppress(OSError):
                    seen.add(file.read_bytes().replace(b"\0", b" ").decode(errors="replace"))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


class CardsUnknown(LxdInstances):
    """An LXD that does not say which cards there are: the start tells."""

    async def host_gpus(self) -> Sequence[HostGpu]:
        raise InstanceError("resources are not available")


async def test_a_dead_card_does_not_keep_the_student_out(lab: Lab, lxd: LxdInstances):
    unsure = CardsUnknown(lab.socket)
    made = await make(unsure, planned := plan("zhangsan"))
    await unsure.close()
    assert made.without_cards is not None
    assert made.without_cards.reason == "refused_at_start"
    assert "GPU" in made.without_cards.detail
    assert "gpu" not in (await lxd.get("zhangsan")).expanded_devices
    async with log_in(planned):
        pass


async def test_a_port_that_somebody_took_meanwhile_fails_the_start_and_nothing_is_left(lab: Lab, lxd: LxdInstances):
    planned = plan("zhangsan")
    with occupied(planned.ssh_port), pytest.raises(ProvisioningFailed) as failed:
        await make(lxd, planned)
    assert failed.value.step is Step.START
    assert isinstance(failed.value.cause, PortTaken)
    assert await take_back(lxd, "zhangsan", "op-1")
    assert lab.names() == [TEMPLATE]


KILLED = """
import asyncio, os, signal, sys
from bot.adapters.host_keys import make_host_keys
from bot.adapters.lxd import LxdInstances
from bot.adapters.ssh_banner import wait_for_ssh
from bot.domain.password import new_password
from bot.domain.provisioning import Plan
from bot.services.provisioning import provision

socket, call, delay, port = sys.argv[1:]
lxd = LxdInstances(socket)
real = getattr(lxd, call)

async def dying(*args, **named):
    asyncio.get_running_loop().call_later(float(delay), os.kill, os.getpid(), signal.SIGKILL)
    return await real(*args, **named)

async def on_step(step):
    pass

setattr(lxd, call, dying)
plan = Plan("op-9", "zhangsan", "zhangsan", "zhangsan", "template", int(port), new_password())
asyncio.run(provision(lxd, plan, make_host_keys, wait_for_ssh, on_step))
"""


@pytest.mark.parametrize(
    ("call", "delay"),
    [
        ("copy", 0.005),
        ("copy", 0.1),
        ("write_file", 0.02),
        ("start", 0.1),
        ("run", 0.01),
        ("run", 0.6),
        ("set_config", 0),
    ],
)
async def test_killed_in_the_middle_the_next_start_takes_it_back(lab: Lab, lxd: LxdInstances, call: str, delay: float):
    command = [sys.executable, "-c", KILLED, lab.socket, call, str(delay), str(free_port())]
    killed = await asyncio.to_thread(subprocess.run, command, check=False)
    assert killed.returncode == -signal.SIGKILL
    await take_back(lxd, "zhangsan", "op-9")
    assert lab.names() == [TEMPLATE]
    assert await unfinished(lxd) == {}


async def test_stopped_while_it_copies_it_can_be_taken_back(lab: Lab, lxd: LxdInstances):
    for pause_seconds in (0.05, 0.15, 0.3):
        task = asyncio.create_task(make(lxd, plan("zhangsan")))
        await asyncio.sleep(pause_seconds)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await take_back(lxd, "zhangsan", "op-1")
        assert lab.names() == [TEMPLATE]


async def test_after_lxd_was_away_it_is_found_again(lab: Lab, lxd: LxdInstances):
    """An upgrade of LXD: its daemon restarts, the containers run on."""
    planned = plan("zhangsan")
    await make(lxd, planned)
    lab.stop_daemon()
    with pytest.raises(InstanceError):
        await lxd.get("zhangsan")
    lab.start_daemon()
    assert (await lxd.get("zhangsan")).is_running
    assert (await lxd.run("zhangsan", ["hostname"])).stdout == "zhangsan\n"


async def test_lxd_is_found_where_lxc_finds_it(lab: Lab, monkeypatch: pytest.MonkeyPatch):
    """LXD_DIR, with proxies and certificate bundles in the environment that are for others."""
    monkeypatch.setenv("LXD_DIR", str(lab.directory))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/no/such/bundle")
    instances = LxdInstances()
    assert [instance.name for instance in await instances.list()] == [TEMPLATE]
    await instances.close()
