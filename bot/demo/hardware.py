"""The made-up cards: makes that exist, with the figures of the real ones, on a host that does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.card import Card, CardId

GIB = 1 << 30
PCI_BUSES = ("17", "31", "b1", "ca", "18", "32", "b2", "cb")  # as bot/demo/host.py has them


@dataclass(frozen=True)
class Make:
    """What `nvidia-smi` shows of such a card at rest and at full load."""

    name: str
    memory_bytes: int
    watts: tuple[float, float]
    celsius: tuple[float, float]


RTX_4090 = Make("NVIDIA GeForce RTX 4090", 24564 << 20, (22, 430), (34, 76))
A100 = Make("NVIDIA A100-SXM4-80GB", 81920 << 20, (55, 395), (31, 68))
FOUR_MAKES = (RTX_4090, RTX_4090, A100, A100)


def made_up_cards(host: str = "gpu-lab", makes: Sequence[Make] = FOUR_MAKES) -> tuple[Card, ...]:
    """The cards as the made-up LXD lists them too: the same PCI addresses, the same UUIDs (all zeros: made up)."""
    return tuple(
        Card(
            id=CardId(host, f"GPU-00000000-0000-0000-0000-{index:012d}"),
            index=index,
            model=make.name,
            memory_total_bytes=make.memory_bytes,
            pci_address=f"0000:{PCI_BUSES[index]}:00.0",
        )
        for index, make in enumerate(makes)
    )
