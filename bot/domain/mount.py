"""Host folders in containers: which paths may be given, and which may be covered."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.instance import Dataset, Device

# What a container must never see of its host, and what must not be hidden inside one. "/x/" = and all below.
SECRET = ("/etc/ /root/ /proc/ /sys/ /dev/ /boot/ /run/ /var/lib/lxd/ /var/snap/ /var/lib/junzi/ / /home /usr /var "
          "/var/lib /bin /sbin /lib /lib64").split()  # fmt: skip
VITAL = "/etc/ /usr/ /bin/ /sbin/ /lib/ /lib64/ /proc/ /sys/ /dev/ /root/ /boot/ /run/ /var/ /tmp/ / /home".split()
PATH = re.compile(r"/[^\x00-\x1f\x7f:]{0,200}")
WRITABLE = frozenset({"rw", "write", "可写", "读写"})
READ_ONLY = frozenset({"ro", "readonly", "只读"})


@dataclass(frozen=True)
class DatasetSeen:
    """A mounted folder, and what lies right in it. `size_bytes` None: not known (yet). `names`: as many as are told."""

    dataset: Dataset
    size_bytes: int | None = None
    in_containers: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    has_more: bool = False


def path_fault(path: str, forbidden: list[str]) -> str | None:
    """Why not ("bad_path", "forbidden"); None if it may be. `forbidden`: SECRET of a host, VITAL of a container."""
    if PATH.fullmatch(path) is None or posixpath.normpath(path) != path or path.startswith("//"):
        return "bad_path"
    for rule in forbidden:
        if path == rule.rstrip("/") or path == rule or (rule.endswith("/") and rule != "/" and path.startswith(rule)):
            return "forbidden"
    return None


def read_mount(words: list[str]) -> Dataset | None:
    """ "/srv/imagenet /mnt/imagenet" and perhaps "rw"; None if that is not what was typed."""
    mode = words[2].lower() if len(words) == 3 else "ro"
    if len(words) not in (2, 3) or mode not in WRITABLE | READ_ONLY:
        return None
    return Dataset(_bare(words[0]), _bare(words[1]), mode in READ_ONLY)


def _bare(path: str) -> str:
    return path.rstrip("/") or "/"


def mounted_at(devices: Mapping[str, Device], path: str) -> list[str]:
    """The names of the disk devices at that path of the container."""
    return [n for n, d in devices.items() if d.get("type") == "disk" and d.get("path", "").rstrip("/") == path]
