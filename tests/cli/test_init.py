"""`junzi init`, asked and not asked: what it writes, what it refuses, and the link that makes an admin."""

from __future__ import annotations

import asyncio
import os
import pty
import re
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timezone
from ipaddress import ip_address
from pathlib import Path

import pytest

from bot import questions
from bot.__main__ import main
from bot.demo.server import LocalTelegram
from bot.services.members import Account, Claimed, MemberService
from bot.settings import load
from bot.this_host import name_of_this_host
from storage.database import Database
from tests.cli.conftest import TOKEN
from tests.conftest import FakeClock

Init = Callable[..., "asyncio.Future[int]"]


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "etc" / "junzi.toml"


@pytest.fixture
def init(telegram: LocalTelegram, tmp_path: Path, target: Path) -> Init:
    """Runs it in a thread, as the server answers on this one."""
    token = tmp_path / "token"
    token.write_text(f"{TOKEN}\n")

    def run(*more: str) -> asyncio.Future[int]:
        options = [
            "init", "--config", str(target), "--telegram-api-url", telegram.url, "--storage-path",
            str(tmp_path / "lib" / "junzi.db"), *more,
        ]  # fmt: skip
        if "--interactive" in options:
            options.remove("--interactive")
        else:
            options += ["--non-interactive", "--token-file", str(token)]
        return asyncio.ensure_future(asyncio.to_thread(main, options))

    return run


async def test_it_writes_what_it_was_told_for_the_owner_alone(
    init: Init, telegram: LocalTelegram, target: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        await init("--lab-host", "gpu.lab", "--lab-name", '302 "最好"', "--telegram-group", str(telegram.group_id)) == 0
    )
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    settings = load(target)
    assert settings.telegram.token.get_secret_value() == TOKEN
    assert (settings.lab.host, settings.lab.name) == ("gpu.lab", '302 "最好"')
    assert settings.telegram.group == telegram.group_id
    output = capsys.readouterr()
    assert TOKEN not in output.out + output.err
    assert "Lab 302" in output.out
    assert "LXD does not answer" in output.out


async def test_the_link_makes_the_first_who_opens_it_an_admin(
    init: Init, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await init("--lab-host", "gpu.lab") == 0
    link = re.search(r"https://t\.me/lab_bot\?start=([\w-]+)", capsys.readouterr().out)
    assert link is not None
    database = Database(tmp_path / "lib" / "junzi.db")
    members = MemberService(database, FakeClock(datetime.now(timezone.utc)))
    claimed = await members.claim(link[1], Account(101, "Ada Wang", "ada", "en"))
    database.close()
    assert isinstance(claimed, Claimed)
    assert claimed.member.is_admin

    assert await init("--lab-host", "gpu.lab", "--force") == 0
    again = capsys.readouterr().out
    assert "?start=" not in again
    assert "--admin-link" in again


async def test_another_link_is_had_without_a_question_and_without_a_change(
    init: Init, target: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await init("--lab-host", "gpu.lab") == 0
    first = re.search(r"\?start=([\w-]+)", capsys.readouterr().out)
    written = target.read_text()

    def asked(prompt: str) -> str:
        raise AssertionError(prompt)

    monkeypatch.setattr("builtins.input", asked)
    monkeypatch.setattr(questions.getpass, "getpass", asked)
    assert await init("--interactive", "--admin-link") == 0
    second = re.search(r"https://t\.me/lab_bot\?start=([\w-]+)", capsys.readouterr().out)
    assert first is not None
    assert second is not None
    assert second[1] != first[1]
    assert target.read_text() == written


async def test_an_existing_file_is_kept_unless_forced(
    init: Init, target: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target.parent.mkdir()
    target.write_text('[lab]\nname = "mine"\nhost = "here"\n[gpu]\npoll_seconds = 7.0\n')
    assert await init() == 1
    assert "--force" in capsys.readouterr().out
    assert "token" not in target.read_text()
    assert await init("--force") == 0
    settings = load(target)
    assert (settings.lab.name, settings.lab.host, settings.gpu.poll_seconds) == ("mine", "here", 7)


@pytest.mark.parametrize(
    ("token", "words"),
    [
        ("", "There is no token"),
        ("hello", "does not look like a token"),
        ("7000000001:another-bots-token", "Telegram refuses the token"),
    ],
)
async def test_a_wrong_token_is_told_and_nothing_written(
    init: Init, tmp_path: Path, target: Path, capsys: pytest.CaptureFixture[str], token: str, words: str
) -> None:
    (tmp_path / "token").write_text(token)
    assert await init() == 1
    assert words in capsys.readouterr().out
    assert not target.exists()


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--telegram-group", "-1005", "The group -1005 can't be reached"),
        ("--lab-timezone", "Mars/Olympus", "lab.timezone"),
        ("--telegram-language", "fr", "telegram.language"),
        ("--telegram-api-url", "http://127.0.0.1:9", "No connection to 127.0.0.1:9"),
    ],
)
async def test_a_wrong_answer_is_told_and_nothing_written(
    init: Init, target: Path, capsys: pytest.CaptureFixture[str], option: str, value: str, words: str
) -> None:
    assert await init("--lab-host", "gpu.lab", option, value) == 1
    output = capsys.readouterr()
    assert words in output.out + output.err
    assert not target.exists()


async def test_the_environment_may_answer(init: Init, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUNZI_LAB__HOST", "from-the-environment")
    monkeypatch.setenv("JUNZI_LXD__DATASETS", "/srv/a:/mnt/a,/srv/b:/mnt/b")
    assert await init() == 0
    monkeypatch.delenv("JUNZI_LAB__HOST")
    monkeypatch.delenv("JUNZI_LXD__DATASETS")
    assert load(target).lab.host == "from-the-environment"
    assert load(target).lxd.datasets == ("/srv/a:/mnt/a", "/srv/b:/mnt/b")


async def test_a_person_is_asked_again_after_a_wrong_answer(
    init: Init,
    telegram: LocalTelegram,
    target: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    await telegram.say(101, telegram.group_id, "/help")
    tokens = iter(["1:nonsense-nonsense", TOKEN])
    answers = {
        "Chat id": ["-1005", str(telegram.group_id)],
        "What students type": ["", "gpu.lab"],
        "Time zone": ["Nowhere", "Europe/Berlin"],
        "Language": ["zh"],
    }
    asked: list[str] = []

    def answer(prompt: str) -> str:
        asked.append(prompt)
        return next((given.pop(0) for start, given in answers.items() if prompt.startswith(start) and given), "")

    monkeypatch.setattr(questions.getpass, "getpass", lambda _prompt: next(tokens))
    monkeypatch.setattr("builtins.input", answer)
    monkeypatch.setattr("bot.init.name_of_this_host", str)
    assert await init("--interactive") == 0
    settings = load(target)
    assert settings.telegram.group == telegram.group_id
    assert (settings.lab.host, settings.lab.timezone, settings.telegram.language) == ("gpu.lab", "Europe/Berlin", "zh")
    output = capsys.readouterr().out
    assert f"{telegram.group_id}  Lab 302" in output
    assert "can't be left empty" in output
    assert not any("roxy" in prompt for prompt in asked)


@pytest.mark.parametrize(
    ("fqdn", "offered"), [("gpu.lab", "gpu.lab"), ("gpu", None), ("localhost", None), ("localhost.localdomain", None)]
)
def test_a_name_that_means_nothing_elsewhere_is_not_offered_to_students(
    fqdn: str, offered: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("socket.getfqdn", lambda: fqdn)
    name = name_of_this_host()
    assert name == offered if offered else name == "" or ip_address(name)


async def test_an_lxd_that_is_neither_here_nor_an_address_is_not_taken(
    init: Init, monkeypatch: pytest.MonkeyPatch, target: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = {"LXD": ["localhost", ""], "What students type": ["gpu.lab"]}

    def answer(prompt: str) -> str:
        return next((given.pop(0) for start, given in answers.items() if prompt.startswith(start) and given), "")

    monkeypatch.setattr(questions.getpass, "getpass", lambda _prompt: TOKEN)
    monkeypatch.setattr("builtins.input", answer)
    assert await init("--interactive") == 0
    assert '"localhost" must be empty for this host\'s own LXD' in capsys.readouterr().out
    assert load(target).lxd.endpoint == ""


async def test_the_only_group_is_offered_and_without_a_person_shown(
    init: Init,
    telegram: LocalTelegram,
    target: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    await telegram.say(101, telegram.group_id, "/help")
    assert await init("--lab-host", "gpu.lab") == 0
    assert f"{telegram.group_id}  Lab 302" in capsys.readouterr().out
    assert load(target).telegram.group is None

    monkeypatch.setattr(questions.getpass, "getpass", lambda _prompt: TOKEN)
    monkeypatch.setattr("builtins.input", lambda _prompt: "")
    monkeypatch.setattr("socket.getfqdn", lambda: "gpu.lab")
    assert await init("--interactive", "--force") == 0
    assert load(target).telegram.group == telegram.group_id


async def test_a_group_with_topics_is_asked_for_one(
    init: Init,
    telegram: LocalTelegram,
    target: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    telegram.people.change_forum(is_forum=True)
    topic = telegram.people.begin_topic(101, "cards").topic_id
    telegram.core.updates.drop()
    await telegram.say(101, telegram.group_id, "/help", topic=topic)
    monkeypatch.setattr(questions.getpass, "getpass", lambda _prompt: TOKEN)
    monkeypatch.setattr("builtins.input", lambda prompt: str(topic) if prompt.startswith("Topic") else "")
    monkeypatch.setattr("socket.getfqdn", lambda: "gpu.lab")
    assert await init("--interactive") == 0
    said = capsys.readouterr().out
    assert f"{topic}  cards" in said
    assert "go to General" not in said, "what is asked next is not answered before"
    assert load(target).telegram.topic == topic

    # The only one where somebody wrote is offered: /help is sent where the posts are to go.
    monkeypatch.setattr("builtins.input", lambda _prompt: "")
    target.unlink()
    assert await init("--interactive") == 0
    assert load(target).telegram.topic == topic

    # Nobody to ask: an option answers; General, which apps number 1, is no topic.
    assert await init("--lab-host", "gpu.lab", "--force", "--telegram-topic", "1") == 0
    assert load(target).telegram.topic is None


@pytest.mark.parametrize(
    ("host", "told", "zone"),
    [
        ("Europe/Berlin", (), "Europe/Berlin"),
        ("Europe/Berlin", ("--lab-timezone", "Asia/Tokyo"), "Asia/Tokyo"),
        ("Etc/UTC", (), "Asia/Shanghai"),
        ("Not/AZone", (), "Asia/Shanghai"),
    ],
)
async def test_the_time_zone_is_the_hosts_unless_it_has_none(
    init: Init, target: Path, monkeypatch: pytest.MonkeyPatch, host: str, told: tuple[str, ...], zone: str
) -> None:
    monkeypatch.setattr("bot.init.zone_of_this_host", lambda: host)
    assert await init("--lab-host", "gpu.lab", *told) == 0
    assert load(target).lab.timezone == zone


@pytest.mark.parametrize(("user", "typed"), [(0, "sudo /opt/junzi/.venv/bin/junzi"), (7, "/opt/junzi/.venv/bin/junzi")])
async def test_what_comes_next_can_be_typed_as_it_stands(
    init: Init, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], user: int, typed: str
) -> None:
    monkeypatch.setattr("sys.argv", ["/opt/junzi/.venv/bin/junzi", "init"])
    monkeypatch.setattr("bot.this_host.os.geteuid", lambda: user)
    monkeypatch.setattr("bot.init.hand_over", lambda _path: None)
    assert await init("--lab-host", "gpu.lab") == 0
    assert f"{typed} doctor" in capsys.readouterr().out


async def test_a_person_who_pressed_enter_too_soon_is_asked_for_the_token_again(
    init: Init, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tokens = iter(["", TOKEN])
    monkeypatch.setattr(questions.getpass, "getpass", lambda _prompt: next(tokens))
    monkeypatch.setattr("builtins.input", lambda prompt: "gpu.lab" if prompt.startswith("What students") else "")
    assert await init("--interactive") == 0
    told = capsys.readouterr().out
    assert "Paste what @BotFather gave you" in told
    assert "--token-file" not in told


def test_one_ctrl_c_ends_it_and_nothing_is_written(target: Path) -> None:
    """At a real terminal: the question is read in the midst of asyncio, which keeps the first Ctrl-C to itself."""
    master, terminal = pty.openpty()
    command = [sys.executable, "-m", "bot", "init", "--config", str(target)]
    with subprocess.Popen(command, stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True) as init:
        shown = b""
        while b"not shown" not in shown:
            shown += os.read(master, 4096)
        init.send_signal(signal.SIGINT)
        try:
            assert init.wait(timeout=20) == 1
        finally:
            init.kill()
    os.close(terminal)
    os.close(master)
    assert not target.exists()


async def test_it_speaks_the_language_of_the_terminal(
    init: Init, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert await init("--lab-host", "gpu.lab") == 0
    assert "打开这个链接即成为管理员" in capsys.readouterr().out
