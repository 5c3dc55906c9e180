"""What Prometheus reads: only what is known, under names that the dashboard asks for, over real HTTP."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.adapters.prometheus import PrometheusEndpoint, exposition
from bot.domain.board import Board, CardRow, Holding, OnCard
from bot.domain.card import Card, CardId
from bot.domain.census import Census
from bot.domain.instance import Instance, InstanceStatus
from bot.domain.member import Member, Role
from bot.domain.reservation import Reservation
from bot.domain.sample import CardReading, InInstance, OnHost, Process, Unread
from bot.domain.window import Window
from tests.conftest import NOON

CARD = Card(CardId("gpu-lab", "GPU-0"), 0, "NVIDIA A100", 80 << 30, "0000:1b:00.0")
LI = Member(1, "lisi", Role.STUDENT, 1002, "李四", None)
PROCESSES = (
    OnCard(Process(1, InInstance("lisi"), 10 << 30), LI),
    OnCard(Process(2, InInstance("lisi"), 2 << 30), LI),
    OnCard(Process(3, OnHost(), Unread("no_permission")), None),
)
READING = CardReading(CARD, 12 << 30, 80 << 30, 87, 61, 300.5, (), frozenset({"power_cap"}), 0)
HOLDING = Holding(Reservation(1, 1, CARD.id, LI.id, Window(NOON, NOON + timedelta(hours=4)), 10 << 30), LI)
ROW = CardRow(CARD, READING, NOON, None, (HOLDING,), None, PROCESSES)
BOARD = Board((ROW,), NOON, NOON, None)
INSTANCES = {"lisi": Instance("lisi", InstanceStatus.RUNNING), "template": Instance("template", InstanceStatus.STOPPED)}
CENSUS = Census(BOARD, INSTANCES, {"lisi": "lisi"}, 3, 1, 2, 0, 0)


def read(census: Census) -> Mapping[str, list[tuple[dict[str, str], float]]]:
    samples = [s for f in text_string_to_metric_families(exposition(census).decode()) for s in f.samples]
    names = {sample.name for sample in samples}
    return {name: [(s.labels, s.value) for s in samples if s.name == name] for name in names}


def with_row(**changes: object) -> Census:
    return replace(CENSUS, board=replace(BOARD, rows=(replace(ROW, **changes),)))  # type: ignore[arg-type]


def test_what_is_known_is_there_with_its_labels_and_units() -> None:
    seen = read(CENSUS)
    card = {"host": "gpu-lab", "gpu": "gpu0", "uuid": "GPU-0", "model": "NVIDIA A100"}
    assert seen["junzi_card_up"] == [(card, 1)]
    assert seen["junzi_card_load_ratio"] == [(card, 0.87)]
    assert seen["junzi_card_memory_used_bytes"] == [(card, 12 << 30)]
    assert seen["junzi_card_throttled"] == [({**card, "reason": "power_cap"}, 1)]
    assert seen["junzi_card_held"] == [({**card, "member": "lisi", "kind": "share"}, 1)]
    assert seen["junzi_card_held_until_seconds"][0][1] == (NOON + timedelta(hours=4)).timestamp()
    assert seen["junzi_container_running"] == [
        ({"container": "lisi", "member": "lisi"}, 1),
        ({"container": "template", "member": ""}, 0),
    ]
    assert {labels["state"]: value for labels, value in seen["junzi_bookings"]} == {"now": 1, "later": 2}


def test_memory_is_only_summed_where_every_part_is_known() -> None:
    seen = read(CENSUS)
    assert {labels["member"]: value for labels, value in seen["junzi_card_processes"]} == {"": 1, "lisi": 2}
    assert {labels["member"]: value for labels, value in seen["junzi_card_process_memory_bytes"]} == {"lisi": 12 << 30}


@pytest.mark.parametrize(
    "census",
    [
        with_row(reading=CardReading(CARD), processes=Unread("no_permission")),
        with_row(trouble=Unread("lost"), processes=Unread("error")),
        with_row(reading=None, processes=Unread("error")),
        replace(CENSUS, board=replace(BOARD, now=NOON + timedelta(minutes=6))),
        replace(CENSUS, board=replace(BOARD, taken_at=None)),
    ],
    ids=["no sensor answers", "lost, with an old reading", "never read", "old", "nothing read yet"],
)
def test_what_is_not_known_is_absent_not_zero(census: Census) -> None:
    about_cards = {name for name in read(census) if name.startswith("junzi_card_")}
    assert about_cards <= {"junzi_card_up", "junzi_card_held", "junzi_card_held_until_seconds"}


def test_a_lost_card_is_down_and_lxds_silence_is_not_a_stopped_container() -> None:
    assert read(with_row(trouble=Unread("lost")))["junzi_card_up"][0][1] == 0
    assert "junzi_container_running" not in read(replace(CENSUS, instances=None))


def test_a_name_with_quotes_and_line_breaks_breaks_nothing() -> None:
    odd = replace(CENSUS, instances={'a"\n\\b': Instance("x", InstanceStatus.RUNNING)}, owners={})
    assert read(odd)["junzi_container_running"][0][0]["container"] == 'a"\n\\b'


async def test_it_is_served_over_http_with_the_bots_own_numbers() -> None:
    async def take() -> Census:
        return CENSUS

    endpoint = PrometheusEndpoint("127.0.0.1:0", take)
    url = await endpoint.start()
    try:
        async with aiohttp.ClientSession() as session, session.get(url) as response:
            assert response.status == 200
            assert response.headers["Content-Type"].startswith("text/plain")
            text = await response.text()
    finally:
        await endpoint.stop()
    assert "junzi_card_load_ratio{" in text
    assert "process_resident_memory_bytes" in text


async def test_a_port_that_is_taken_is_an_error_of_its_own() -> None:
    async def take() -> Census:
        return CENSUS

    first = PrometheusEndpoint("127.0.0.1:0", take)
    port = (await first.start()).split(":")[2].removesuffix("/metrics")
    with pytest.raises(OSError):
        await PrometheusEndpoint(f"127.0.0.1:{port}", take).start()
    await first.stop()


def test_the_dashboard_asks_only_for_what_is_exported() -> None:
    file = Path(__file__).parents[2] / "deploy" / "grafana" / "junzi.json"
    dashboard = json.loads(file.read_text("utf-8"))
    asked = set(re.findall(r"junzi_[a-z_]+", json.dumps(dashboard["panels"])))
    assert asked <= set(read(CENSUS))
    assert len(asked) > 10
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
