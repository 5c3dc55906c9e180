"""Which NVIDIA driver the kernel has loaded."""

from __future__ import annotations

from pathlib import Path

VERSION = "/sys/module/nvidia/version"


def driver_version(path: str = VERSION) -> str | None:
    """ "535.104.05"; None if none is loaded, or this is not the machine with the cards."""
    try:
        return Path(path).read_text().strip() or None
    except OSError:
        return None
