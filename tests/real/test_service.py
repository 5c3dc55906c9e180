"""The systemd units on a machine that has systemd: installed as the guide says, started, killed, backed up, stopped.

The machine is a container of the real LXD (service_host.py). What it can't show: cards and their devices, the snap's
LXD, and fences that a container has around it anyway (a module can't be loaded there, with the unit or without).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import datetime, timezone
from pathlib import Path

import pytest
import pytest_asyncio

from bot.demo.server import LocalTelegram, Persona
from tests.real.conftest import skip_without_lxd
from tests.real.lxd_lab import TEMPLATE, borrowed_lab
from tests.real.service_host import CHECKOUT, JUNZI, ServiceHost
from tests.stories.conftest import Conversation

pytestmark = [pytest.mark.real_lxd, pytest.mark.asyncio(loop_scope="module")]

TOKEN = "7:token-of-a-service"
BOSS = 11
PATIENCE = 60.0
UNITS = ("junzi.service", "junzi-backup.service", "junzi-backup.timer")
# What `systemd-analyze security` calls exposure: 0 is a locked box, 10 an open field. To be raised with a reason only.
MOST_EXPOSURE = {"junzi.service": 2.2, "junzi-backup.service": 0.5}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def telegram() -> AsyncIterator[LocalTelegram]:
    people = (Persona(BOSS, "Boss", "boss", "en", group_admin=True),)
    server = LocalTelegram(TOKEN, "lab_bot", people, "Lab", lambda: datetime.now(timezone.utc), flood_limits=False)
    await server.start(port=0)
    yield server
    await server.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def host(telegram: LocalTelegram, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServiceHost]:
    """With junzi installed and configured, and its first admin."""
    skip_without_lxd()
    with borrowed_lab() as lab:
        server = ServiceHost(lab)
        try:
            await asyncio.to_thread(server.make, wheels_folder(tmp_path_factory), int(telegram.url.rpartition(":")[2]))
            said = await server.install()
            assert "sudo /opt/junzi/.venv/bin/junzi init" in said
            await first_admin(server, telegram)
            yield server
        finally:
            lab.clear()


def wheels_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Open to the container's root, who is nobody here."""
    folder = tmp_path_factory.mktemp("wheels")
    folder.chmod(0o755)
    return folder


async def first_admin(host: ServiceHost, telegram: LocalTelegram) -> None:
    """Step 6 of the guide: `junzi init`, start, and the link that it printed."""
    await host.sh("umask 077; cat >/root/token", f"{TOKEN}\n".encode())
    said = await host.sh(
        f"{JUNZI} init --non-interactive --token-file /root/token --telegram-api-url {telegram.url}"
        f" --telegram-group={telegram.group_id} --lab-host gpu.example.org --lxd-template {TEMPLATE}"
    )
    code = re.search(r"\?start=([\w-]+)", said)
    assert code is not None, said
    await host.sh("systemctl enable --now junzi 2>&1")
    await telegram.wait_for(lambda: telegram.is_polled, PATIENCE)
    await Conversation(telegram, PATIENCE).begin(BOSS, code[1])


@pytest_asyncio.fixture(loop_scope="module")
async def talk(host: ServiceHost, telegram: LocalTelegram) -> Conversation:
    """With the service running, whatever the test before did to it."""
    await host.sh("systemctl start junzi")
    await telegram.wait_for(lambda: telegram.is_polled, PATIENCE)
    return Conversation(telegram, PATIENCE)


async def test_systemd_finds_nothing_wrong_with_the_units(host: ServiceHost) -> None:
    assert await host.sh(f"systemd-analyze verify {' '.join(UNITS)} 2>&1") == ""


@pytest.mark.parametrize("unit", MOST_EXPOSURE)
async def test_the_units_are_as_closed_as_they_can_be(host: ServiceHost, unit: str) -> None:
    said = await host.sh(f"systemd-analyze security --no-pager {unit} 2>&1")
    exposure = re.search(r"Overall exposure level for \S+: ([\d.]+)", said)
    assert exposure is not None
    assert float(exposure[1]) <= MOST_EXPOSURE[unit], said


async def test_it_answers_as_a_user_with_one_privilege(host: ServiceHost, talk: Conversation) -> None:
    assert TEMPLATE in str(await talk.say(BOSS, "/containers"))
    pid = await host.property("junzi", "MainPID")
    status = await host.sh(f"cat /proc/{pid}/status")
    cap_sys_ptrace = 1 << 19
    for row in ("CapEff", "CapBnd", "CapAmb"):
        found = re.search(rf"^{row}:\s+(\w+)$", status, re.MULTILINE)
        assert found is not None
        assert int(found[1], 16) == cap_sys_ptrace
    assert (await host.sh(f"stat -c %U /proc/{pid}")).strip() == "junzi"
    assert (await host.sh("stat -c '%U %a' /etc/junzi/junzi.toml")).strip() == "junzi 600"
    assert TOKEN not in await host.sh(f"journalctl -u junzi; cat /proc/{pid}/cmdline")


async def test_it_writes_to_its_own_folders_and_nowhere_else(host: ServiceHost, talk: Conversation) -> None:
    pid = await host.property("junzi", "MainPID")
    inside = f"nsenter --target {pid} --mount setpriv --reuid junzi --regid junzi --init-groups"
    for folder in ("/var/lib/junzi", "/var/backups/junzi", "/tmp"):
        await host.sh(f"{inside} touch {folder}/tried && {inside} rm {folder}/tried")
    for folder in ("/etc/junzi", "/home", "/opt/junzi", "/var/lib", "/sys/fs/cgroup"):
        refused = await host.sh(f"nsenter --target {pid} --mount touch {folder}/tried 2>&1 || true")  # root even
        assert "Read-only file system" in refused, folder


async def test_its_check_up_sees_lxd_and_names_what_it_may_not_see(host: ServiceHost, talk: Conversation) -> None:
    """Datasets in a home, as Ubuntu makes homes: LXD mounts them, the service can't look into them."""
    await host.sh("install -d -m 750 /home/ubuntu && install -d /home/ubuntu/datasets && install -d /srv/datasets")
    sets = {"home": "/home/ubuntu/datasets", "srv": "/srv/datasets", "gone": "/srv/gone"}
    for name, source in sets.items():
        options = ("disk", f"source={source}", f"path=/mnt/{name}", "required=false")
        await asyncio.to_thread(host.lab.lxc, "config", "device", "add", TEMPLATE, name, *options)
    try:
        report = await talk.say_and_read_last(BOSS, "/doctor")
    finally:
        for name in sets:
            await asyncio.to_thread(host.lab.lxc, "config", "device", "remove", TEMPLATE, name)
    assert "LXD does not answer" not in report
    assert "Whether the folder /home/ubuntu/datasets is there can't be seen" in report
    assert "The folder /srv/gone, mounted in template, is gone" in report
    assert "/srv/datasets" not in report


async def test_killed_it_comes_back(host: ServiceHost, talk: Conversation, telegram: LocalTelegram) -> None:
    before = await host.property("junzi", "MainPID")
    restarts = int(await host.property("junzi", "NRestarts"))
    await host.sh("systemctl kill --signal KILL junzi")
    await telegram.wait_for(lambda: not telegram.is_polled, PATIENCE)
    await telegram.wait_for(lambda: telegram.is_polled, PATIENCE)
    assert await host.property("junzi", "MainPID") not in {before, "0"}
    assert int(await host.property("junzi", "NRestarts")) == restarts + 1
    assert "admin" in (await talk.say(BOSS, "/start"))["text"]


async def test_the_nightly_copy_is_whole_and_its_owners_alone(host: ServiceHost, talk: Conversation) -> None:
    assert await host.property("junzi-backup.timer", "ActiveState") == "active"
    await host.sh("systemctl start junzi-backup.service")
    assert await host.property("junzi-backup.service", "Result") == "success"
    copies = (await host.sh("cd /var/backups/junzi && stat -c '%n %U %a' *.db")).splitlines()
    assert [re.sub(r"-\d+", "-N", copy) for copy in copies] == ["day-N.db junzi 600", "month-N.db junzi 600"]
    exported = await host.sh(f"JUNZI_STORAGE__PATH=/var/backups/junzi/{copies[0].split()[0]} {JUNZI} export")
    assert str(BOSS) in exported


async def test_a_container_goes_into_the_folder_of_backups(host: ServiceHost, talk: Conversation) -> None:
    await asyncio.to_thread(host.lab.lxc, "copy", TEMPLATE, "lisi", "--instance-only")
    await asyncio.to_thread(host.lab.lxc, "config", "set", "backups.compression_algorithm=none")  # seconds, not bytes
    await talk.say(BOSS, "/adopt lisi")
    await talk.until(BOSS, "lisi is lisi's now")
    await talk.say(BOSS, "/backup lisi")
    await talk.until(BOSS, "lisi is exported")
    await asyncio.to_thread(host.lab.lxc, "config", "unset", "backups.compression_algorithm")
    assert (await host.sh("stat -c '%U %a' /var/backups/junzi/lisi-*.tar.gz")).strip() == "junzi 600"
    refused = await talk.say_and_read_last(BOSS, "/backup lisi /srv")
    assert "sudo systemctl edit junzi" in refused


async def test_it_stops_at_once_and_cleanly(host: ServiceHost, talk: Conversation, telegram: LocalTelegram) -> None:
    await host.sh("timeout 15 systemctl stop junzi")
    assert not telegram.is_polled
    assert await host.property("junzi", "Result") == "success"
    assert await host.property("junzi", "ExecMainStatus") == "0"
    journal = await host.sh("journalctl -u junzi --no-pager")
    assert "Traceback" not in journal


async def test_an_upgrade_is_the_same_script_again(
    host: ServiceHost, talk: Conversation, telegram: LocalTelegram
) -> None:
    before = await host.property("junzi", "MainPID")
    assert "junzi runs" in await host.install()
    await telegram.wait_for(lambda: telegram.is_polled, PATIENCE)
    assert await host.property("junzi", "MainPID") != before


async def test_an_upgrade_to_what_can_not_start_leaves_the_old_one_running(
    host: ServiceHost, talk: Conversation, telegram: LocalTelegram
) -> None:
    before = await host.property("junzi", "MainPID")
    module = f"{CHECKOUT}/handlers/__init__.py"
    await host.sh(f"cp -p {module} /root/kept && echo 'from handlers import nothing_of_this_name' >>{module}")
    try:
        assert "what ran before is left running" in await host.sh(f"{CHECKOUT}/deploy/install.sh 2>&1 || true")
    finally:
        await host.sh(f"cp -p /root/kept {module}")
    assert await host.property("junzi", "MainPID") == before
    assert telegram.is_polled


async def test_a_service_that_ends_at_once_is_not_called_running(host: ServiceHost, talk: Conversation) -> None:
    settings = "/etc/junzi/junzi.toml"
    await host.sh(f"cp -p {settings} /root/kept && echo 'not toml' >>{settings}")
    try:
        said = await host.sh(f"{CHECKOUT}/deploy/install.sh 2>&1 || true")
    finally:
        await host.sh(f"cp -p /root/kept {settings} && systemctl restart junzi")
    assert "junzi runs" not in said
    assert "junzi was started and ended at once" in said
