"""A physical GPU, known by its host and its NVML UUID; its index is only what people call it today."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class CardId:
    """What a promise is tied to. A reboot may renumber cards; it changes no UUID."""

    host: str
    uuid: str


@dataclass(frozen=True)
class Card:
    """A card as last seen.

    `index` is the number that nvidia-smi shows on that host today: for display only.
    `pci_address` is in LXD's form ("0000:1b:00.0"): LXD's own `id` is a DRM number, another numbering.
    """

    id: CardId
    index: int
    model: str
    memory_total_bytes: int | None
    pci_address: str

    @property
    def name(self) -> str:
        return f"gpu{self.index}"


def normal_pci_address(text: str) -> str:
    """NVML's "00000000:1B:00.0" as LXD writes it, "0000:1b:00.0"; ValueError if it is no PCI address.

    Source: LXD's NormaliseAddress accepts a four-digit domain in lower case only.
    """
    match = re.fullmatch(r"(?:([0-9a-fA-F]{4,8}):)?([0-9a-fA-F]{2}):([0-9a-fA-F]{2})\.([0-7])", text.strip())
    if match is None:
        raise ValueError(f"not a PCI address: {text!r}")
    domain, bus, device, function = match.groups()
    return f"{int(domain or '0', 16):04x}:{bus}:{device}.{function}".lower()


def is_model(card: Card, model: str | None) -> bool:
    """ "a100" is in "NVIDIA A100-SXM4-80GB"; spaces, dashes and case don't matter."""
    if model is None:
        return True
    bare = card.model.lower().replace(" ", "").replace("-", "")
    return model.lower().replace(" ", "").replace("-", "") in bare
