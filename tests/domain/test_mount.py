"""Which host folders may be shown, and where."""

from __future__ import annotations

import pytest

from bot.domain.instance import Dataset
from bot.domain.mount import SECRET, VITAL, mounted_at, path_fault, read_mount


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("/srv/imagenet", None),
        ("/home/ubuntu/shared_datasets", None),
        ("/data/数据集", None),
        ("/", "forbidden"),
        ("/etc", "forbidden"),
        ("/etc/ssh", "forbidden"),
        ("/root", "forbidden"),
        ("/home", "forbidden"),
        ("/var/lib/lxd/unix.socket", "forbidden"),
        ("/var/snap/lxd/common", "forbidden"),
        ("/etcetera", None),
        ("srv", "bad_path"),
        ("", "bad_path"),
        ("/srv/../etc", "bad_path"),
        ("//srv", "bad_path"),
        ("/srv//x", "bad_path"),
        ("/srv/a\nb", "bad_path"),
        ("/srv:x", "bad_path"),
    ],
)
def test_sources(path: str, fault: str | None) -> None:
    assert path_fault(path, SECRET) == fault


@pytest.mark.parametrize(
    ("path", "fault"),
    [("/mnt/imagenet", None), ("/data", None), ("/home/lisi/data", None)]
    + [(path, "forbidden") for path in ("/", "/usr/lib", "/home", "/proc", "/dev/shm", "/tmp", "/var/log")]
    + [("/mnt/..", "bad_path")],
)  # fmt: skip
def test_places_in_a_container(path: str, fault: str | None) -> None:
    assert path_fault(path, VITAL) == fault


@pytest.mark.parametrize(
    ("text", "dataset"),
    [
        ("/srv/a /mnt/a", Dataset("/srv/a", "/mnt/a")),
        ("/srv/a/ /mnt/a/ ro", Dataset("/srv/a", "/mnt/a")),
        ("/srv/a /mnt/a rw", Dataset("/srv/a", "/mnt/a", read_only=False)),
        ("/srv/a /mnt/a 可写", Dataset("/srv/a", "/mnt/a", read_only=False)),
        ("/srv/a", None),
        ("/srv/a /mnt/a please", None),
        ("", None),
    ],
)
def test_what_an_admin_types(text: str, dataset: Dataset | None) -> None:
    assert read_mount(text.split()) == dataset


def test_what_is_mounted_where() -> None:
    devices = {"a": {"type": "disk", "path": "/mnt/a/"}, "b": {"type": "nic"}, "root": {"type": "disk", "path": "/"}}
    assert mounted_at(devices, "/mnt/a") == ["a"]
    assert mounted_at(devices, "/mnt/b") == []
