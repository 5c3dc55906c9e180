"""The main job as a lab lives it: `junzi run` as a process of its own, on a real LXD, with people in a chat."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from bot.demo.server import LocalTelegram, Persona
from tests.real.lxd_lab import TEMPLATE, Lab, free_port
from tests.stories.conftest import Conversation

pytestmark = pytest.mark.real_lxd

TOKEN = "7:real-lab"
BOSS, STUDENT = 11, 12
PEOPLE = (Persona(BOSS, "Boss", "boss", "en"), Persona(STUDENT, "Zhang San", "zhangsan", "en"))
PATIENCE = 60.0


@pytest.fixture
async def telegram() -> AsyncIterator[LocalTelegram]:
    server = LocalTelegram(TOKEN, "lab_bot", PEOPLE, "Lab", lambda: datetime.now(timezone.utc), flood_limits=False)
    await server.start(port=0)
    yield server
    await server.stop()


@pytest.fixture
def environment(telegram: LocalTelegram, lab: Lab, tmp_path: Path) -> dict[str, str]:
    """The environment alone is enough to run."""
    datasets = tmp_path / "datasets"
    datasets.mkdir()
    (datasets / "labels.txt").write_text("cat dog\n")
    tmp_path.chmod(0o755)
    first = free_port()
    return {
        **os.environ,
        "JUNZI_TELEGRAM__TOKEN": TOKEN,
        "JUNZI_TELEGRAM__API_URL": telegram.url,
        "JUNZI_TELEGRAM__GROUP": str(telegram.group_id),
        "JUNZI_TELEGRAM__ADMINS": str(BOSS),
        "JUNZI_LAB__HOST": "127.0.0.1",
        "JUNZI_LAB__TIMEZONE": "Asia/Shanghai",
        "JUNZI_LAB__PORT_RANGE": f"{first}-{first + 50}",
        "JUNZI_LXD__ENDPOINT": lab.socket,
        "JUNZI_LXD__TEMPLATE": TEMPLATE,
        "JUNZI_LXD__DATASETS": f"{datasets}:/mnt/datasets",
        "JUNZI_STORAGE__PATH": str(tmp_path / "junzi.db"),
    }


@asynccontextmanager
async def running(environment: dict[str, str], telegram: LocalTelegram, log: Path) -> AsyncIterator[Any]:
    """`junzi run`, until the block ends (by SIGTERM) or a test kills it."""
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "run", env=environment, stdout=output, stderr=output
        )
        try:
            await telegram.wait_for(lambda: telegram.is_polled, PATIENCE)
            yield process
        finally:
            if process.returncode is None:
                process.terminate()
            await asyncio.wait_for(process.wait(), 30)


async def test_from_adduser_to_ssh_and_scp_and_back(
    telegram: LocalTelegram, lab: Lab, environment: dict[str, str], tmp_path: Path
) -> None:
    talk = Conversation(telegram, PATIENCE)
    log = tmp_path / "junzi.log"
    async with running(environment, telegram, log):
        await talk.begin(BOSS)
        await talk.telegram.say(BOSS, BOSS, "/adduser zhangsan")
        added = await talk.until(BOSS, "zhangsan is ready")
        assert "LXD sees no NVIDIA card on this host" in added["text"]
        code = re.search(r"\?start=([\w-]+)", added["text"])
        assert code is not None

        await talk.telegram.begin(STUDENT, code[1])
        welcome = (await talk.until(STUDENT, "Log in"))["text"]
        port = re.search(r"ssh -p (\d+) zhangsan@127\.0\.0\.1", welcome)
        password = re.search(r"Password (\S+)", welcome)
        assert port is not None
        assert password is not None
        assert f"scp -P {port[1]} my_data.zip zhangsan@127.0.0.1:~/" in welcome

        login = {"port": int(port[1]), "username": "zhangsan", "password": password[1]}
        async with asyncssh.connect("127.0.0.1", **login, known_hosts=None, client_keys=None, config=None) as ssh:
            assert (await ssh.run("hostname", check=True)).stdout == "zhangsan\n"
            assert (await ssh.run("cat /mnt/datasets/labels.txt", check=True)).stdout == "cat dog\n"
            (tmp_path / "my_data.zip").write_bytes(os.urandom(100_000))
            await asyncssh.scp(str(tmp_path / "my_data.zip"), (ssh, "my_data.zip"))
            size = await ssh.run("stat -c %s my_data.zip", check=True)
            assert size.stdout == "100000\n"

        view = await talk.say(STUDENT, "/mycontainer")
        assert "🟢 running" in view["text"]
        assert "/mnt/datasets (read-only)" in view["text"]
        await talk.press(STUDENT, view, "Stop")
        await talk.press(STUDENT, view, "Yes, stop it")
        stopped = await talk.until(STUDENT, "⚪ stopped")
        await talk.press(STUDENT, stopped, "Start")
        await talk.until(STUDENT, "🟢 running")

        assert "no NVIDIA card" in (await talk.say(STUDENT, "/gpus"))["text"]
        assert "already" in (await talk.say_and_read_last(BOSS, "/adduser zhangsan"))
    secrets = (password[1], code[1], TOKEN)
    assert not [secret for secret in secrets if secret in log.read_text()]


async def test_killed_in_the_middle_of_adduser_the_next_start_finishes_the_job_and_says_so(
    telegram: LocalTelegram, lab: Lab, environment: dict[str, str], tmp_path: Path
) -> None:
    talk = Conversation(telegram, PATIENCE)
    log = tmp_path / "junzi.log"
    async with running(environment, telegram, log) as process:
        await talk.begin(BOSS)
        await talk.telegram.say(BOSS, BOSS, "/adduser lisi")
        await talk.telegram.wait_for(lambda: "lisi" in lab.names(), PATIENCE)
        process.send_signal(signal.SIGKILL)
        await process.wait()
    async with running(environment, telegram, log):
        told = await talk.until(BOSS, "I was stopped")
        if "taken back" in told["text"]:  # and what the admin typed is taken up again
            await talk.until(BOSS, "lisi is ready")
        assert lab.names().count("lisi") == 1
        assert "already" in (await talk.say_and_read_last(BOSS, "/adduser lisi"))
