"""Which cards a container sees, by devices."""

from __future__ import annotations

import pytest

from bot.domain.assignment import (
    UnknownCards,
    changes_to_give_back,
    changes_to_see,
    changes_to_view,
    own_view,
    read_assignment,
    sees,
)
from bot.domain.card import Card, CardId
from bot.domain.instance import NO_DEVICE, Device, Instance, InstanceStatus, all_cards_device, card_device, seen_cards

CARDS = [Card(CardId("gpu-lab", f"GPU-{n}"), n, "A100", None, f"0000:{n}7:00.0") for n in range(4)]
PROFILE = {"root": {"type": "disk", "path": "/"}}


def container(own: dict[str, Device], profile: dict[str, Device] | None = None) -> Instance:
    return Instance("x", InstanceStatus.RUNNING, own, {**PROFILE, **(profile or {}), **own})


def after(instance: Instance, wanted, profile: dict[str, Device] | None = None) -> Instance:
    """As LXD would have it after the changes were made until none is left."""
    for _ in range(3):
        own = {**instance.devices, **changes_to_see(instance, wanted)}
        instance = container({name: device for name, device in own.items() if device is not None}, profile)
    return instance


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("all", "all"),
        ("全部", "all"),
        ("none", ()),
        ("无", ()),
        ("gpu0,gpu2", (CARDS[0], CARDS[2])),
        ("GPU2 gpu0 gpu0", (CARDS[0], CARDS[2])),
        ("0、1", (CARDS[0], CARDS[1])),
        ("卡3", (CARDS[3],)),
        ("gpu9", UnknownCards(("gpu9",))),
        ("gpu0,gpux", UnknownCards(("gpux",))),
        ("gpu0;rm -rf /", UnknownCards(("gpu0;rm", "-rf", "/"))),
        ("", UnknownCards(())),
    ],
)
def test_what_an_admin_types(text: str, wanted: object) -> None:
    assert read_assignment(text, CARDS) == wanted


@pytest.mark.parametrize("profile", [{}, {"gpu": all_cards_device()}, {"gpu": {"type": "gpu", "id": "0"}}])
@pytest.mark.parametrize(
    "own", [{}, {"gpu": all_cards_device()}, {"gpu": NO_DEVICE}, {"mine": {"type": "gpu", "id": "1"}}]
)
@pytest.mark.parametrize("wanted", ["all", (), ("0000:07:00.0",), ("0000:07:00.0", "0000:27:00.0")])
def test_from_anything_to_exactly_these(profile: dict, own: dict, wanted: object) -> None:
    before = container(own, profile)
    now = after(before, wanted, profile)
    seen = seen_cards(now.expanded_devices)
    assert (seen.all, seen.by_other_means) == (wanted == "all", ())
    assert sorted(seen.pci_addresses) == ([] if wanted == "all" else sorted(wanted))
    assert sees(now, wanted)
    assert now.expanded_devices["root"] == PROFILE["root"]


def test_what_is_right_is_left_alone() -> None:
    assert changes_to_see(container({"gpu": all_cards_device()}), "all") == {}
    assert changes_to_see(container({}, {"gpu": all_cards_device()}), "all") == {}
    assert changes_to_see(container({}), ()) == {}


def test_given_back_is_what_it_had() -> None:
    before = {"gpu-a": card_device("0000:07:00.0")}
    hidden = container({"gpu": NO_DEVICE, "eth0": NO_DEVICE})
    assert changes_to_give_back(hidden, before) == {"gpu": None, **before}


@pytest.mark.parametrize(
    ("profile", "own"),
    [
        ({}, {"mine": card_device("0000:07:00.0"), "eth1": {"type": "nic"}}),
        ({"cuda": all_cards_device()}, {}),
        ({"cuda": all_cards_device()}, {"cuda": card_device("0000:17:00.0")}),
        ({"cuda": all_cards_device()}, {"cuda": NO_DEVICE, "gpu": card_device("0000:17:00.0")}),
        ({"usb": {"type": "usb"}}, {"usb": NO_DEVICE}),
    ],
)
def test_a_view_comes_back_whatever_was_enforced_meanwhile(profile: dict, own: dict) -> None:
    before = container(own, profile)
    view = own_view(before)
    enforced = after(after(before, (), profile), ("0000:27:00.0",), profile)
    changed = {**enforced.devices, **changes_to_view(enforced, view)}
    back = container({name: device for name, device in changed.items() if device is not None}, profile)
    assert back == before
    assert changes_to_view(back, view) == {}
    undone = {**back.devices, **changes_to_view(back, own_view(enforced, view))}
    assert container({name: device for name, device in undone.items() if device is not None}, profile) == enforced
