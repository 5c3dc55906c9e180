"""The made-up lab: that what it promises to whoever watches does happen, and happens the same way every time."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.demo.cards import MadeUpCards
from bot.demo.hardware import A100, GIB, RTX_4090
from bot.demo.lxd import MadeUpInstances
from bot.demo.runs import FINETUNE, opening_acts
from bot.demo.simulation import World
from bot.domain.finding import judge
from bot.domain.policy import WatchPolicy
from bot.domain.reservation import Reservation
from bot.domain.sample import InInstance, Sample, Unread
from bot.domain.sight import seen
from bot.domain.story import follow
from bot.domain.window import Window
from tests.conftest import NOON, FakeClock

EVERYBODY = ["lisi", "wangwu", "zhangsan"]
OWNERS = {"lisi": 1, "wangwu": 2, "zhangsan": 3}


@pytest.fixture
def clock() -> FakeClock:
    """The lab's clock; the local server's tests have another."""
    return FakeClock()


def world_of(clock: FakeClock, running: list[str] | None = None, **options: object) -> World:
    who = EVERYBODY if running is None else running
    return World(clock.now, lambda: who, acts=opening_acts("lisi", "wangwu"), **options)  # type: ignore[arg-type]


def look(world: World) -> Sample:
    return asyncio.run(MadeUpCards(world).sample())


def on(sample: Sample, index: int) -> set[str]:
    processes = sample.cards[index].processes
    assert not isinstance(processes, Unread)
    return {one.origin.instance for one in processes if isinstance(one.origin, InInstance)}


@pytest.mark.parametrize("poll_seconds", [5, 10, 15])
def test_within_two_minutes_a_trespass_is_warned_of_and_resolved(clock: FakeClock, poll_seconds: int) -> None:
    world = world_of(clock)
    holds_gpu0 = Reservation(1, 1, world.cards[0].id, 1, Window.lasting(NOON - timedelta(hours=1), timedelta(hours=48)))
    stories, moves = (), []
    for _ in range(120 // poll_seconds):
        now = clock.advance(seconds=poll_seconds)
        sample = look(world)
        chapter = follow(
            stories, judge(sample, [holds_gpu0], OWNERS, now, WatchPolicy()), seen(sample), WatchPolicy(), now
        )
        stories = chapter.stories
        moves += [("opened", story.key) for story in chapter.opened if story.key.kind.value == "trespass"]
        moves += [("resolved", story.key) for story in chapter.resolved if story.key.kind.value == "trespass"]
    assert [(move, key.offender, key.holder) for move, key in moves] == [("opened", 2, 1), ("resolved", 2, 1)]


def test_it_does_not_matter_how_often_one_looks(clock: FakeClock) -> None:
    often, once = world_of(clock), world_of(clock)
    for _ in range(180):
        clock.advance(seconds=2)
        look(often)
    assert often.runs() == once.runs()
    assert look(often) == look(once)


def test_another_seed_is_another_day(clock: FakeClock) -> None:
    one, other = world_of(clock, seed=1), world_of(clock, seed=2)
    clock.advance(minutes=20)
    assert one.runs() != other.runs()


def test_life_goes_on(clock: FakeClock) -> None:
    world = world_of(clock)
    seen_pids: set[int] = set()
    for _ in range(60):
        clock.advance(minutes=1)
        sample = look(world)
        seen_pids |= {run.pid for run in world.runs()}
        for row in sample.cards:
            assert isinstance(row.memory_used_bytes, int)
            assert isinstance(row.memory_total_bytes, int)
            assert row.memory_used_bytes < row.memory_total_bytes
            assert isinstance(row.temperature_celsius, int)
            assert 30 <= row.temperature_celsius <= 80
    assert len(seen_pids) > 10
    assert world.runs()


def test_nobody_shares_a_card_but_in_the_script(clock: FakeClock) -> None:
    world = world_of(clock)
    for _ in range(120):
        clock.advance(seconds=30)
        sample = look(world)
        assert all(len(on(sample, index)) <= 1 for index in (1, 2, 3))
        assert on(sample, 0) <= {"lisi", "wangwu"}


def test_a_stopped_container_runs_nothing(clock: FakeClock) -> None:
    running = list(EVERYBODY)
    world = world_of(clock, running)
    clock.advance(minutes=1)
    assert "lisi" in on(look(world), 0)
    running.remove("lisi")
    clock.advance(seconds=4)
    assert all("lisi" not in on(look(world), index) for index in range(4))


def test_without_the_intruder_another_plays_the_part_if_the_script_allows(clock: FakeClock) -> None:
    world = World(clock.now, lambda: ["lisi", "zhangsan"], acts=opening_acts("lisi"), habits=())
    clock.advance(seconds=40)
    assert on(look(world), 0) == {"lisi", "zhangsan"}


def test_by_hand(clock: FakeClock) -> None:
    world = World(clock.now, lambda: EVERYBODY, habits=())
    pid = world.start_run("zhangsan", 2, "python a.py", 3 * GIB, lasts=timedelta(minutes=5))
    assert [run.pid for run in world.runs()] == [pid]
    clock.advance(minutes=5)
    assert world.runs() == ()
    world.leak(1, 5 * GIB)
    used = look(world).cards[1].memory_used_bytes
    assert isinstance(used, int)
    assert used > 5 * GIB


def test_a_torchrun_is_one_process_group_on_two_cards(clock: FakeClock) -> None:
    world = World(clock.now, lambda: ["lisi"], habits=(FINETUNE,), makes=(RTX_4090, A100, A100))
    clock.advance(seconds=60)
    runs = world.runs()
    assert [run.card_index for run in runs] == [1, 2]
    assert len({run.process_group for run in runs}) == 1


def test_a_week_is_caught_up_with(clock: FakeClock) -> None:
    world = world_of(clock)
    clock.advance(days=7)
    assert len(look(world).cards) == 4


async def test_cards_are_those_that_the_made_up_lxd_has(clock: FakeClock) -> None:
    gpus = await MadeUpInstances().host_gpus()
    cards = world_of(clock).cards
    assert [(card.pci_address, card.id.uuid) for card in cards] == [(gpu.pci_address, gpu.uuid) for gpu in gpus]
