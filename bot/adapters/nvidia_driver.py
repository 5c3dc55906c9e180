"""Which NVIDIA driver the kernel has loaded, and which one its library on the disk belongs to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

VERSION = "/sys/module/nvidia/version"
# Where Debian, Ubuntu and NVIDIA's installer put it: a link to the file that has the version in its name.
FOLDERS = ("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib")
LIBRARY = re.compile(r"libnvidia-ml\.so\.(\d+(?:\.\d+)+)")


def driver_version(path: str = VERSION) -> str | None:
    """ "535.104.05"; None if none is loaded, or this is not the machine with the cards."""
    try:
        return Path(path).read_text().strip() or None
    except OSError:
        return None


def library_version(folders: Sequence[str] = FOLDERS) -> str | None:
    """ "535.104.05" of what a program that starts now would load; None if there is none, or it does not say."""
    for folder in folders:
        link = Path(folder, "libnvidia-ml.so.1")
        if link.exists():
            match = LIBRARY.fullmatch(link.resolve().name)
            return match[1] if match else None
    return None
