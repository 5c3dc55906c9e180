"""`junzi doctor` on made-up faults: each is named by its own key, and the sentence says what to do."""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.__main__ import main
from bot.adapters.nightly_copy import last_copy_at
from bot.demo.server import LocalTelegram
from bot.doctor import Patient, as_json, as_text, examine
from bot.domain.ability import Abilities
from bot.domain.card import Card, CardId
from bot.domain.errors import InstanceError, InstanceNotFound, LxdUnreachable
from bot.domain.health import BotAccount, DatabaseState, Finding, GroupView, HopFault, PoolSpace, State, TelegramTrouble
from bot.domain.sample import CardReading, Sample, Unread
from bot.settings import LabSection, LxdSection, Settings, TelegramSection
from bot.texts import LANGUAGES, Voice, load
from storage.database import Database
from tests.cli.conftest import TOKEN
from tests.conftest import NOON

GIB, MIB = 1 << 30, 1 << 20
CARD = Card(CardId("gpu-lab", "GPU-0"), 0, "NVIDIA A100", 80 * GIB, "0000:1b:00.0")
GROUP = -1001
SETTINGS = Settings(
    telegram=TelegramSection(token=SecretStr(TOKEN), group=GROUP, admins=(1,)),
    lab=LabSection(name="Lab 302", host="gpu.lab", port_range="10001-10020"),
    lxd=LxdSection(datasets=("/srv/sets:/mnt/datasets",)),
)


BOT = BotAccount(7, "lab_bot", True)
IN_GROUP = GroupView(GROUP, "Lab 302", True, True, True)
IN_FORUM = replace(IN_GROUP, is_forum=True)
ROOMY = SETTINGS.model_copy(
    update={"lxd": SETTINGS.lxd.model_copy(update={"pool_free_percent": 2.0, "pool_free_gib": 1.0})}
)
WITH_TOPIC = SETTINGS.model_copy(update={"telegram": SETTINGS.telegram.model_copy(update={"topic": 17})})
POOL = PoolSpace("default", 100 * GIB, 900 * GIB)
DATABASE = DatabaseState(True, True, 50 * GIB, 4096, None, 1, frozenset({10001}))


@dataclass(frozen=True)
class MadeUpTelegram:
    account: BotAccount | TelegramTrouble = BOT
    view: GroupView | TelegramTrouble = IN_GROUP

    async def me(self) -> BotAccount:
        if isinstance(self.account, TelegramTrouble):
            raise self.account
        return self.account

    async def group(self, chat_id: int, bot_id: int) -> GroupView:
        if isinstance(self.view, TelegramTrouble):
            raise self.view
        return self.view

    async def abilities(self, chat_id: int) -> Abilities:
        return Abilities(date_times=True, whispers=True, is_admin=True)


@dataclass(frozen=True)
class MadeUpLxd:
    answer: str | InstanceError = "5.21"
    pool: PoolSpace | InstanceError = POOL

    async def version(self) -> str:
        if isinstance(self.answer, InstanceError):
            raise self.answer
        return self.answer

    async def pool_of(self, name: str) -> PoolSpace:
        if isinstance(self.pool, InstanceError):
            raise self.pool
        return self.pool


WELL_TELEGRAM, WELL_LXD, WELL_CARDS = MadeUpTelegram(), MadeUpLxd(), (CardReading(CARD),)


def patient(
    settings: Settings = SETTINGS,
    *,
    config_mode: int | None = 0o100600,
    telegram: MadeUpTelegram | None = WELL_TELEGRAM,
    hop: HopFault | None = None,
    lxd: MadeUpLxd = WELL_LXD,
    folders: Sequence[str] | None = ("/srv/sets",),
    closed: Sequence[str] = (),
    cards: tuple[CardReading, ...] = WELL_CARDS,
    trouble: Unread | None = None,
    on_bus: int = 1,
    database: DatabaseState = DATABASE,
    taken: Sequence[int] = (),
) -> Patient:
    """Well in every respect but those named."""

    async def hops() -> HopFault | None:
        return hop

    async def sample() -> Sample:
        return Sample("gpu-lab", NOON, () if trouble else cards, trouble)

    async def state() -> DatabaseState:
        return database

    async def is_bindable(port: int) -> bool:
        return port not in taken

    bus = {f"0000:{number:02x}:00.0": "nvidia" for number in range(on_bus)}

    def is_folder(path: str) -> bool | None:
        return None if path in closed else path in (folders or ())

    seen = None if folders is None else is_folder
    return Patient(
        *(settings, config_mode, telegram, hops, lxd, seen, sample, lambda: bus, state, is_bindable), now=lambda: NOON
    )


def without_token() -> Settings:
    return SETTINGS.model_copy(update={"telegram": TelegramSection(group=GROUP, admins=(1,))})


async def test_a_well_lab_has_nothing_but_good_news() -> None:
    findings = await examine(patient())
    assert {finding.state for finding in findings} == {State.OK}
    assert [finding.key for finding in findings] == [
        "configuration", "database", "telegram", "group", "features", "lxd", "template", "pool", "cards", "ports",
    ]  # fmt: skip


# What is looked at in the containers and of the clock is tried in tests/services/test_health.py.
KEYS_OF_CONTAINERS = frozenset(
    "clock clock_ahead clock_behind containers containers_unknown container_error port_collision source_missing "
    "machine_id_shared host_key_shared template_account library_mismatch no_address port_stolen driver_waits".split()
)
NETWORK = MadeUpTelegram(TelegramTrouble("network", "httpx.ConnectError"))
CASES: list[tuple[dict[str, Any], str, State]] = [
    ({"config_mode": 0o100644}, "configuration_open", State.WARNING),
    ({"settings": SETTINGS.model_copy(update={"lab": LabSection()})}, "no_host", State.WARNING),
    ({"database": DatabaseState(False, True, 50 * GIB)}, "database_new", State.WARNING),
    ({"database": DatabaseState(True, False, 50 * GIB)}, "database_unwritable", State.FAULT),
    ({"database": DatabaseState(True, True, 50 * GIB, 1, "page 3 is never used")}, "database_damaged", State.FAULT),
    ({"database": DatabaseState(True, True, 50 * GIB, 1, is_newer=True)}, "database_newer", State.FAULT),
    ({"database": DatabaseState(True, True, GIB // 2)}, "disk_low", State.WARNING),
    ({"database": DatabaseState(True, True, 0)}, "disk_full", State.FAULT),
    ({"settings": without_token(), "telegram": None}, "no_token", State.FAULT),
    ({"telegram": MadeUpTelegram(TelegramTrouble("token", "x"))}, "token_refused", State.FAULT),
    ({"telegram": NETWORK}, "telegram_strange", State.FAULT),
    ({"database": replace(DATABASE, rival_at=NOON)}, "token_shared", State.FAULT),
    *(
        ({"telegram": NETWORK, "hop": HopFault(hop, "somewhere:443", "no")}, f"hop_{hop}", State.FAULT)
        for hop in ("name", "tcp", "tls", "proxy_name", "proxy_tcp", "proxy_tls", "proxy_refused")
    ),
    ({"telegram": MadeUpTelegram(view=TelegramTrouble("no_chat", "chat not found"))}, "group_unreachable", State.FAULT),
    ({"telegram": MadeUpTelegram(view=TelegramTrouble("migrated", "x", -1002))}, "group_migrated", State.FAULT),
    (
        {"telegram": MadeUpTelegram(BotAccount(7, "lab_bot", False), GroupView(GROUP, "Lab"))},
        "privacy_mode",
        State.WARNING,
    ),
    ({"telegram": MadeUpTelegram(view=GroupView(GROUP, "Lab"))}, "not_admin", State.WARNING),
    ({"telegram": MadeUpTelegram(view=GroupView(GROUP, "Lab", True, may_pin=True))}, "rights_missing", State.WARNING),
    ({"telegram": MadeUpTelegram(view=IN_FORUM)}, "topic_none", State.OK),
    ({"telegram": MadeUpTelegram(view=IN_FORUM), "settings": WITH_TOPIC}, "topic", State.OK),
    ({"settings": WITH_TOPIC}, "topic_no_forum", State.WARNING),
    (
        {
            "telegram": MadeUpTelegram(view=IN_FORUM),
            "settings": WITH_TOPIC,
            "database": replace(DATABASE, refused_topic=17),
        },
        "topic_refused",
        State.WARNING,
    ),
    ({"lxd": MadeUpLxd(LxdUnreachable("[Errno 2] No such file"))}, "lxd_unreachable", State.FAULT),
    ({"lxd": MadeUpLxd(LxdUnreachable("PermissionError(13, 'Permission denied')"))}, "lxd_permission", State.FAULT),
    ({"lxd": MadeUpLxd(pool=InstanceNotFound("not found"))}, "template_missing", State.FAULT),
    ({"lxd": MadeUpLxd(pool=InstanceError("boom"))}, "template_unknown", State.UNKNOWN),
    ({"lxd": MadeUpLxd(pool=PoolSpace("default", 890 * GIB, 900 * GIB))}, "pool_low", State.WARNING),
    ({"lxd": MadeUpLxd(pool=PoolSpace("default", 892 * GIB, 900 * GIB))}, "pool_full", State.FAULT),
    ({"lxd": MadeUpLxd(pool=PoolSpace("default", 12 * GIB - 457 * MIB, 12 * GIB))}, "pool_full", State.FAULT),
    ({"lxd": MadeUpLxd(pool=PoolSpace("default", 811 * GIB, 900 * GIB))}, "pool_low", State.WARNING),
    ({"lxd": MadeUpLxd(pool=PoolSpace("default", 81 * GIB, 100 * GIB))}, "pool_low", State.WARNING),
    ({"lxd": MadeUpLxd(pool=PoolSpace("default", 880 * GIB, 900 * GIB)), "settings": ROOMY}, "pool", State.OK),
    ({"lxd": MadeUpLxd(pool=PoolSpace("default", 0, 0))}, "pool_unknown", State.UNKNOWN),
    ({"folders": ()}, "dataset_missing", State.FAULT),
    ({"closed": ("/srv/sets",)}, "folder_unseen", State.UNKNOWN),
    ({"folders": None}, "datasets_elsewhere", State.UNKNOWN),
    ({"folders": None}, "ports_elsewhere", State.UNKNOWN),
    ({"trouble": Unread("driver_missing"), "on_bus": 0}, "no_cards", State.WARNING),
    ({"cards": (), "on_bus": 0}, "no_cards", State.WARNING),
    ({"trouble": Unread("driver_missing"), "on_bus": 8}, "driver_missing", State.FAULT),
    ({"trouble": Unread("version_mismatch")}, "driver_mismatch", State.FAULT),
    ({"trouble": Unread("timeout")}, "driver_hangs", State.FAULT),
    ({"trouble": Unread("error", "boom")}, "cards_unreadable", State.FAULT),
    ({"cards": (CardReading(CARD, lost=Unread("lost")),)}, "card_lost", State.FAULT),
    ({"on_bus": 8}, "cards_missing", State.WARNING),
    ({"taken": range(10002, 10021)}, "ports_gone", State.FAULT),
    ({"taken": range(10004, 10021)}, "ports_few", State.WARNING),
    ({"taken": (10007,)}, "ports_taken", State.WARNING),
]


@pytest.mark.parametrize(("ill", "key", "state"), CASES, ids=[key for _, key, _ in CASES])
async def test_each_fault_has_a_finding_of_its_own(ill: dict[str, Any], key: str, state: State) -> None:
    findings = await examine(patient(**ill))
    assert Finding(key, state) in [replace(finding, values={}) for finding in findings]
    for language in LANGUAGES:  # KeyError for a placeholder that nobody fills
        assert as_text(findings, Voice(language, NOON.tzinfo)).count("\n") == len(findings) - 1  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("answer", "key"), [(LxdUnreachable("refused"), "lxd_unreachable_at"), (InstanceError("403"), "lxd_refuses")]
)
async def test_an_lxd_elsewhere_is_named_by_its_address(answer: InstanceError, key: str) -> None:
    lxd = LxdSection(endpoint="https://far:8443", cert="c", key="k")
    findings = await examine(patient(SETTINGS.model_copy(update={"lxd": lxd}), lxd=MadeUpLxd(answer), folders=None))
    (found,) = [finding for finding in findings if finding.key == key]
    assert found.values["endpoint"] == "https://far:8443"


async def test_a_socket_of_another_place_is_the_local_lxd() -> None:
    lxd = LxdSection(endpoint="/var/lib/lxd-2/unix.socket")
    away = MadeUpLxd(LxdUnreachable("No such file or directory"))
    findings = await examine(patient(SETTINGS.model_copy(update={"lxd": lxd}), lxd=away))
    assert "lxd_unreachable" in {finding.key for finding in findings}


async def test_the_template_looked_at_is_the_one_that_was_chosen_in_the_chat() -> None:
    asked: list[str] = []

    class Lxd(MadeUpLxd):
        async def pool_of(self, name: str) -> PoolSpace:
            asked.append(name)
            return POOL

    await examine(patient(lxd=Lxd()))
    await examine(patient(lxd=Lxd(), database=replace(DATABASE, template="cuda10")))
    assert asked == ["template", "cuda10"]


@pytest.mark.parametrize(("hours", "days"), [(30, None), (47, None), (49, 2), (24 * 9 + 1, 9), (None, None)])
async def test_a_night_without_a_copy_is_told(hours: int | None, days: int | None) -> None:
    last = None if hours is None else NOON - timedelta(hours=hours)
    stale = [f for f in await examine(replace(patient(), last_copy_at=lambda: last)) if f.key == "copy_stale"]
    assert [finding.values["days"] for finding in stale] == ([] if days is None else [days])


def test_the_newest_copy_counts_and_before_the_first_the_folder(tmp_path: Path) -> None:
    assert last_copy_at(str(tmp_path / "none")) is None
    os.utime(tmp_path, (100, 100))
    assert last_copy_at(str(tmp_path)) == datetime.fromtimestamp(100, timezone.utc)
    for name, at in (("day-1.db", 300), ("month-11.db", 200), ("zhangsan.tar.gz", 400)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (at, at))
    assert last_copy_at(str(tmp_path)) == datetime.fromtimestamp(300, timezone.utc)


async def test_a_rival_that_was_not_noticed_for_long_is_gone() -> None:
    findings = await examine(patient(database=replace(DATABASE, rival_at=NOON - timedelta(minutes=11))))
    assert "token_shared" not in {finding.key for finding in findings}


async def test_nobody_can_administer_a_lab_without_admins() -> None:
    telegram = SETTINGS.telegram.model_copy(update={"admins": (), "group": None})
    findings = await examine(
        patient(SETTINGS.model_copy(update={"telegram": telegram}), database=DatabaseState(True, True, 50 * GIB))
    )
    assert {"no_admin", "no_group"} <= {finding.key for finding in findings}


async def test_a_check_that_fails_itself_hides_no_other() -> None:
    def broken() -> dict[str, str]:
        raise ValueError("odd bus")

    findings = await examine(replace(patient(), cards_on_bus=broken))
    assert Finding("check_failed", State.UNKNOWN, {"topic": "cards", "words": "odd bus"}) in findings
    assert findings[-1].key == "ports"


async def test_json_holds_plain_values() -> None:
    rows = json.loads(as_json(await examine(patient(taken=(10007,))), Voice("en", NOON.tzinfo)))  # type: ignore[arg-type]
    by_key = {row["key"]: row for row in rows}
    assert by_key["pool"]["values"] == {"pool": "default", "free": 800 * GIB, "total": 900 * GIB}
    assert by_key["ports_taken"]["values"] == {"ports": [10007], "count": 1}
    assert by_key["ports_taken"]["state"] == "warning"


def test_every_finding_of_the_code_has_a_sentence_and_a_case() -> None:
    folder = Path(__file__).parents[2] / "bot" / "doctor"
    said = {
        key
        for file in folder.glob("*.py")
        for key in re.findall(r'\b(?:ok|warning|fault|unknown)\("([a-z_]+)"', file.read_text())
    }
    assert {f"doctor.{key}" for key in said} <= load("en").keys()
    tried = (
        {key for _, key, _ in CASES}
        | KEYS_OF_CONTAINERS
        | {"lxd_unreachable_at", "lxd_refuses", "copy_stale", "no_admin", "no_group", "check_failed"}
    )
    well = {"configuration", "database", "telegram", "group", "features", "lxd", "template", "pool", "cards", "ports"}
    assert said - tried - well == set()


async def test_the_command_on_this_host(
    telegram: LocalTelegram, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Database(tmp_path / "junzi.db").close()
    file = tmp_path / "junzi.toml"
    file.write_text(
        f'[telegram]\ntoken = "{TOKEN}"\napi_url = "{telegram.url}"\ngroup = {telegram.group_id}\n'
        f'[lab]\nhost = "x"\nport_range = "20001-20012"\n[storage]\npath = "{tmp_path}/junzi.db"\n'
    )
    file.chmod(0o600)
    assert await asyncio.to_thread(main, ["doctor", "--config", str(file), "--json"]) == 1
    output = capsys.readouterr()
    states = {row["key"]: row["state"] for row in json.loads(output.out)}
    assert states["telegram"] == states["group"] == states["database"] == "ok"
    assert states["lxd_unreachable"] == "fault"
    assert TOKEN not in output.out + output.err

    assert await asyncio.to_thread(main, ["doctor", "--config", str(file)]) == 1
    assert "✗ LXD does not answer" in capsys.readouterr().out


def test_a_wrong_configuration_is_a_finding_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "junzi.toml"
    file.write_text('[lab]\ntimezone = "Mars"')
    assert main(["doctor", "--config", str(file), "--json"]) == 1
    (row,) = json.loads(capsys.readouterr().out)
    assert row["key"] == "configuration_wrong"
    assert "lab.timezone" in row["text"]
