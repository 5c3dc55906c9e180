"""Which cards a container sees, as changes of its devices. By PCI address: LXD's `id` is a DRM number, not an index."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.domain.card import Card
from bot.domain.instance import (
    NO_DEVICE,
    Device,
    Instance,
    SeenCards,
    all_cards_device,
    card_device,
    card_device_name,
    seen_cards,
)
from bot.domain.provisioning import ALL_CARDS_DEVICE

# PCI addresses, or every card of the host, those that come later too.
Wanted = Literal["all"] | tuple[str, ...]
Changes = Mapping[str, Device | None]

EVERY = frozenset({"all", "全部", "所有", "*"})
NONE = frozenset({"none", "no", "无", "0卡", "没有"})


@dataclass(frozen=True)
class UnknownCards:
    """Words that name no card of the lab."""

    words: tuple[str, ...]


def read_assignment(text: str, cards: Sequence[Card]) -> Literal["all"] | tuple[Card, ...] | UnknownCards:
    """ "all", "none", "gpu0,gpu2", "0 2"; in Chinese too."""
    words = [word for word in re.split(r"[\s,，、+]+", text.strip().lower()) if word]
    if len(words) == 1 and words[0] in EVERY:
        return "all"
    if len(words) == 1 and words[0] in NONE:
        return ()
    known = {str(card.index): card for card in cards}
    numbers = [re.fullmatch(r"(?:gpu|card|卡)?(\d{1,3})号?卡?", word) for word in words]
    unknown = [word for word, found in zip(words, numbers, strict=True) if not found or found[1] not in known]
    if unknown or not words:
        return UnknownCards(tuple(unknown))
    chosen = {known[found[1]] for found in numbers if found}
    return tuple(sorted(chosen, key=lambda card: card.index))


def devices_to_see(wanted: Wanted) -> dict[str, Device]:
    """The gpu devices of a container that sees exactly these."""
    if wanted == "all":
        return {ALL_CARDS_DEVICE: all_cards_device()}
    return {card_device_name(address): card_device(address) for address in wanted}


def changes_to_see(instance: Instance, wanted: Wanted) -> dict[str, Device | None]:
    """What to change so that it sees exactly these; {} when it does.

    A profile's device can only be masked, and one under a container's own device of the same name comes to light when
    that is removed: so ask again after the change, until nothing is left to change.
    """
    target = devices_to_see(wanted)
    changes: dict[str, Device | None] = {}
    for name, device in instance.expanded_devices.items():
        if device.get("type") == "gpu" and target.get(name) != device:
            changes[name] = None if name in instance.devices else NO_DEVICE
    changes.update({name: device for name, device in target.items() if instance.expanded_devices.get(name) != device})
    return changes


def sees(instance: Instance, wanted: Wanted) -> bool:
    return not changes_to_see(instance, wanted)


def gpu_devices(devices: Mapping[str, Device]) -> dict[str, Device]:
    return {name: device for name, device in devices.items() if device.get("type") == "gpu"}


def changes_to_give_back(instance: Instance, before: Mapping[str, Device]) -> dict[str, Device | None]:
    """Undo having hidden every card: `before` were its own gpu devices, masks over a profile's go.

    A mask is taken for ours when it hides the only gpu device of that name: junzi masks nothing else so.
    """
    masks: dict[str, Device | None] = {
        name: None
        for name, device in instance.devices.items()
        if device.get("type") == "none" and name.startswith("gpu") and name not in before
    }
    return {**masks, **before}


def own_view(instance: Instance, names: Collection[str] = ()) -> Changes:
    """What of a container's own devices decides which cards it sees: its gpu devices, and masks over a profile's.
    None: a gpu device that its profile gives it. `names`: devices that are of interest in any case."""
    own = {
        name: device
        for name, device in instance.devices.items()
        if device.get("type") == "gpu" or (device.get("type") == "none" and (name in names or name.startswith("gpu")))
    }
    given = gpu_devices(instance.expanded_devices).keys() | set(names)
    return {**dict.fromkeys(sorted(given - own.keys())), **own}


def changes_to_view(instance: Instance, before: Changes) -> Changes:
    """So that its own view (`own_view`) is that of before; {} when it is."""
    now = own_view(instance, before)
    wanted = {**dict.fromkeys(now), **before}
    return {name: device for name, device in wanted.items() if now.get(name) != device}


def cards_of(seen: SeenCards, cards: Iterable[Card]) -> tuple[Card, ...]:
    """Those of the lab's cards that a container sees."""
    return tuple(card for card in cards if seen.all or card.pci_address in seen.pci_addresses)


def shown(instance: Instance) -> SeenCards:
    return seen_cards(instance.expanded_devices)
