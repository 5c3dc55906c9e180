"""The line that puts a run on the cards its owner booked, right inside that owner's container.

Four numberings need not agree: NVML's index, /dev/nvidiaN, DRM's cardN and CUDA's ordinal. CUDA numbers the cards that
the container sees, by default the fastest first, and by PCI address under CUDA_DEVICE_ORDER=PCI_BUS_ID. So the number
is a card's place among the visible ones by PCI address, and the order is spelled out where the models differ. Where it
can't be known what the container sees, the UUID is right in any numbering.
Source: CUDA C++ Programming Guide, "CUDA Environment Variables".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.domain.card import Card
from bot.domain.instance import SeenCards


@dataclass(frozen=True)
class CudaLine:
    """`assignments` go before the command. `unseen` are booked cards that the container does not see."""

    assignments: str
    unseen: tuple[Card, ...] = ()


def cuda_line(booked: Iterable[Card], host_cards: Sequence[Card], seen: SeenCards | None) -> CudaLine:
    """`seen` None: it is not known what the container sees (LXD does not answer)."""
    booked = sorted(booked, key=lambda card: card.pci_address)
    if seen is None or seen.by_other_means:
        return CudaLine(f"CUDA_VISIBLE_DEVICES={','.join(card.id.uuid for card in booked)}")
    visible = sorted(
        (card for card in host_cards if seen.all or card.pci_address in seen.pci_addresses),
        key=lambda card: card.pci_address,
    )
    usable = [card for card in booked if card in visible]
    numbers = ",".join(str(visible.index(card)) for card in usable)
    mixed = len({card.model for card in visible}) > 1
    order = "CUDA_DEVICE_ORDER=PCI_BUS_ID " if mixed else ""
    return CudaLine(f"{order}CUDA_VISIBLE_DEVICES={numbers}", tuple(card for card in booked if card not in visible))
