"""The daily check-up: the admins hear of what is new and of what is over, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.adapters.nvidia_driver import library_version
from bot.demo.file import File
from bot.demo.inside import made_up_hash
from bot.demo.lxd import MadeUpInstances
from bot.doctor import cards as cards_check
from bot.doctor import clock as clock_check
from bot.doctor import containers
from bot.doctor import ports as ports_check
from bot.doctor.patient import Patient
from bot.domain.errors import InstanceError, LxdUnreachable
from bot.domain.health import DatabaseState, Finding, State, fault, ok, unknown, warning
from bot.domain.instance import Instance, InstanceUsage, all_cards_device, proxy_to_ssh
from bot.domain.member import Role
from bot.domain.notice import OwedNotice
from bot.domain.saying import Bytes
from bot.services.health import HealthService, identity
from bot.texts import LANGUAGES, Voice
from storage.database import Database
from tests.cli.test_doctor import KEYS_OF_CONTAINERS, patient
from tests.conftest import NOON, FakeClock

GIB = 1 << 30


class Health:
    def __init__(self, database: Database, clock: FakeClock) -> None:
        self.findings: list[Finding] = [ok("lxd", version="5")]
        self.database = database

        async def examine() -> list[Finding]:
            return self.findings

        self.service = HealthService(database, clock, examine)

    async def told(self) -> list[str]:
        """What the admins are owed by this look, in Chinese."""
        before = {notice.id for notice in await self._owed()}
        await self.service.tell_changes()
        voice = Voice("zh", NOON.tzinfo)
        return [voice.plain(n.notice.message.saying) for n in await self._owed() if n.id not in before]

    async def _owed(self) -> list[OwedNotice]:
        return list(await self.database.read(lambda books: books.outbox.due(NOON)))


@pytest.fixture
async def health(database: Database, clock: FakeClock) -> Health:
    await database.write(lambda books: books.members.add("boss", Role.ADMIN, NOON, telegram_id=1))
    return Health(database, clock)


async def test_only_what_changed_is_told(health: Health) -> None:
    assert await health.told() == []
    health.findings = [fault("container_error", name="lisi"), warning("pool_low", pool="p", free=Bytes(GIB), total="x")]
    (first,) = await health.told()
    assert "🔴 新：LXD 说容器 lisi 处于错误状态" in first
    assert "🟡 新：存储池 p" in first
    health.findings[1] = warning("pool_low", pool="p", free=Bytes(GIB // 2), total="x")
    assert await health.told() == []
    health.findings = [health.findings[1], fault("container_error", name="wangwu")]
    (second,) = await health.told()
    assert "新：LXD 说容器 wangwu" in second
    assert "已好：<s>LXD 说容器 lisi" in second
    assert "存储池" not in second


async def test_what_could_not_be_looked_at_is_not_over(health: Health) -> None:
    health.findings = [fault("container_error", name="lisi")]
    assert len(await health.told()) == 1
    health.findings = [unknown("containers_unknown", words="LXD is away")]
    (blind,) = await health.told()
    assert "没能查看各个容器" in blind
    assert "已好" not in blind
    health.findings = [ok("containers", count=2)]
    (well,) = await health.told()
    assert well.count("已好") == 2


def test_the_same_trouble_tomorrow() -> None:
    assert identity(fault("x", name="a", free=Bytes(1))) == identity(fault("x", name="a", free=Bytes(2)))
    assert identity(fault("x", name="a")) != identity(fault("x", name="b"))


async def of_containers(lxd: MadeUpInstances, closed: Sequence[str] = (), **more: object) -> dict[str, Finding]:
    basis = patient(folders=("/srv/datasets",), closed=closed)
    looked_at: Patient = replace(basis, instances=lxd, **more)  # type: ignore[arg-type]
    return {finding.key: finding for finding in await containers.check(looked_at)}


def lab() -> MadeUpInstances:
    lxd = MadeUpInstances()
    for number, name in enumerate(("lisi", "wangwu")):
        lxd.plant(name, devices={"ssh": proxy_to_ssh(10001 + number)}, running=True).be(name)
    return lxd


async def test_containers_that_get_along(clock: FakeClock) -> None:
    found = await of_containers(lab())
    assert list(found) == ["containers"]
    assert found["containers"].state is State.OK


async def test_two_that_claim_one_port(clock: FakeClock) -> None:
    lxd = lab()
    lxd.plant("zhangsan", devices={"ssh": proxy_to_ssh(10001)})
    found = await of_containers(lxd)
    assert found["port_collision"].values == {"port": "10001", "names": "lisi, zhangsan"}


async def test_copies_made_by_hand_share_who_they_are(clock: FakeClock) -> None:
    lxd = lab()
    lxd.plant("copied")
    found = await of_containers(lxd)
    assert found["machine_id_shared"].values == {"names": "copied, template"}
    assert found["host_key_shared"].values == {"names": "copied, template"}


async def test_a_template_that_all_copies_can_be_entered_by(clock: FakeClock) -> None:
    lxd = lab()
    inside = lxd.plant("founding-titan-v2", devices={})
    inside.be("founding-titan-v2")
    inside.append("/etc/passwd", "titan:x:1000:1000::/home/titan:/bin/bash")
    inside.append("/etc/shadow", "titan:!:20000::::::")
    chosen = DatabaseState(True, True, 50 * GIB, template="founding-titan-v2")

    async def database() -> DatabaseState:
        return chosen

    assert "template_account" not in await of_containers(lxd, database=database)
    inside.append("/etc/passwd", "guest:x:1001:1001::/home/guest:/bin/bash")
    inside.append("/etc/shadow", f"guest:{made_up_hash('guest')}:20000::::::")
    found = await of_containers(lxd, database=database)
    assert found["template_account"].values == {"name": "founding-titan-v2", "account": "guest"}


async def test_a_folder_that_is_gone(clock: FakeClock) -> None:
    lxd = lab()
    gone = {"type": "disk", "source": "/srv/gone", "path": "/mnt/gone", "required": "false"}
    await lxd.reconfigure("lisi", devices={"x": gone})
    assert (await of_containers(lxd))["source_missing"].values == {"source": "/srv/gone", "names": "lisi"}


async def test_a_folder_that_the_bot_may_not_see_is_not_called_gone(clock: FakeClock) -> None:
    lxd = lab()
    home = "/home/ubuntu/shared_datasets"
    await lxd.reconfigure(
        "lisi", devices={"x": {"type": "disk", "source": home, "path": "/mnt/x", "required": "false"}}
    )
    found = await of_containers(lxd, closed=(home,))
    assert found["folder_unseen"].values == {"source": home}
    assert found["folder_unseen"].state is State.UNKNOWN
    assert "source_missing" not in found


async def test_a_library_of_another_driver(clock: FakeClock) -> None:
    lxd = lab()
    await lxd.reconfigure("lisi", devices={"gpu": all_cards_device()})
    await lxd.reconfigure("wangwu", devices={"gpu": all_cards_device()}, config={"nvidia.runtime": "true"})
    for name in ("lisi", "wangwu"):
        lxd.inside(name).files["/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.535.104.05"] = File(b"")
    assert "library_mismatch" not in await of_containers(lxd, driver_version=lambda: "535.104.05")
    found = await of_containers(lxd, driver_version=lambda: "550.54.14")
    assert found["library_mismatch"].values == {"driver": "550.54.14", "library": "535.104.05", "names": "lisi"}
    assert list(await of_containers(lxd, driver_version=lambda: None)) == ["containers"]


async def test_an_lxd_that_is_away_is_unknown_and_one_that_stumbles_hides_nothing(clock: FakeClock) -> None:
    lxd = lab()
    lxd.fail_next("list_with_usage", LxdUnreachable("away"))
    assert (await of_containers(lxd))["containers_unknown"].state is State.UNKNOWN
    lxd.fail_next("read_file", InstanceError("busy"))
    lxd.plant("zhangsan", devices={"ssh": proxy_to_ssh(10001)})
    assert "port_collision" in await of_containers(lxd)


async def test_a_running_container_without_an_address(clock: FakeClock) -> None:
    class CutOff(MadeUpInstances):
        """On a host whose firewall drops what the bridge sends."""

        async def list_with_usage(self) -> Sequence[tuple[Instance, InstanceUsage]]:
            return [(one, replace(usage, addresses=("fe80::1",))) for one, usage in await super().list_with_usage()]

    lxd = CutOff()
    nic = {"eth0": {"type": "nic", "network": "lxdbr0"}}
    lxd.plant("lisi", devices=nic, running=True).be("lisi")
    lxd.plant("stopped", devices=nic).be("stopped")
    lxd.plant("without-a-network", devices={"eth0": {"type": "none"}}, running=True).be("without-a-network")
    (started,) = [one.last_started_at for one in await lxd.list() if one.name == "lisi"]
    assert started is not None
    assert list(await of_containers(lxd, now=lambda: started + timedelta(seconds=20))) == ["containers"]
    found = await of_containers(lxd, now=lambda: started + timedelta(minutes=2))
    assert found["no_address"].values == {"names": "lisi"}


async def of_ports(lxd: MadeUpInstances, *taken: int) -> dict[str, Finding]:
    looked_at = replace(patient(taken=taken), instances=lxd)
    return {finding.key: finding for finding in await ports_check.check(looked_at)}


async def test_what_a_container_listens_on_is_not_something_else(clock: FakeClock) -> None:
    lxd = lab()
    lxd.plant("by-hand", devices={"ssh": proxy_to_ssh(10007)}, running=True)
    found = await of_ports(lxd, 10001, 10002, 10007)
    assert list(found) == ["ports"]
    assert found["ports"].values["count"] == 17


async def test_a_port_that_was_taken_while_its_container_was_off(clock: FakeClock) -> None:
    lxd = lab()
    await lxd.stop("lisi", timeout_seconds=1)
    assert list(await of_ports(lxd, 10002)) == ["ports"]
    found = await of_ports(lxd, 10001, 10002)
    assert found["port_stolen"].values == {"name": "lisi", "port": "10001"}
    assert found["port_stolen"].state is State.FAULT
    lxd.fail_next("list", LxdUnreachable("away"))
    assert "port_stolen" not in await of_ports(lxd, 10001, 10002)


async def test_a_driver_that_was_upgraded_on_the_disk_only(clock: FakeClock) -> None:
    """The library that junzi has had open since before fits the old kernel module, so its own readings say nothing."""

    async def keys(driver: str | None, library: str | None) -> set[str]:
        looked_at = replace(patient(), driver_version=lambda: driver, library_version=lambda: library)
        return {finding.key for finding in await cards_check.check(looked_at)}

    assert await keys("550.54.14", "570.133.20") == {"driver_waits", "cards"}
    assert await keys("550.54.14", "550.54.14") == {"cards"}
    assert await keys("550.54.14", None) == await keys(None, "570.133.20") == {"cards"}


def test_the_librarys_version_is_in_the_name_of_the_file_that_its_link_leads_to(tmp_path: Path) -> None:
    old, new = tmp_path / "none", tmp_path / "lib"
    new.mkdir()
    assert library_version([str(old), str(new)]) is None
    (new / "libnvidia-ml.so.570.133.20").touch()
    (new / "libnvidia-ml.so.1").symlink_to("libnvidia-ml.so.570.133.20")
    assert library_version([str(old), str(new)]) == "570.133.20"


@pytest.mark.parametrize(
    ("seconds", "keys"),
    [(0.4, ["clock"]), (-59, ["clock"]), (61, ["clock_ahead"]), (-7200, ["clock_behind"]), (None, [])],
)
async def test_the_clock(seconds: float | None, keys: list[str]) -> None:
    async def ahead() -> float | None:
        return seconds

    findings = await clock_check.check(replace(patient(), seconds_ahead=ahead))
    assert [finding.key for finding in findings] == keys


def test_every_finding_of_the_new_checks_can_be_said() -> None:
    values = {
        "minutes": 1,
        "count": 1,
        "names": "a, b",
        "name": "a",
        "account": "a",
        "port": "1",
        "source": "/s",
        "driver": "1",
        "library": "2",
        "words": "w",
    }
    for language in LANGUAGES:
        for key in KEYS_OF_CONTAINERS:
            assert len(Voice(language, NOON.tzinfo).say(f"doctor.{key}", **values)) > 4
