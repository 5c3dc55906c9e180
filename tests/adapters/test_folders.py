"""Folders of the host, seen with the rights of the service's user: what can't be seen is not called missing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.adapters.folders import LocalFolders, is_folder

NOBODY = 65534


@contextmanager
def as_nobody() -> Iterator[None]:
    """Root may look everywhere, the service's user may not."""
    was_root = os.geteuid() == 0
    if was_root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if was_root:
            os.seteuid(0)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """With datasets in it, and closed to others: Ubuntu makes homes so."""
    for folder in [tmp_path, *tmp_path.parents]:
        if folder.owner() == tmp_path.owner() and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o011)
        if folder.name.startswith("pytest-of-"):
            break
    (tmp_path / "home" / "datasets").mkdir(parents=True)
    (tmp_path / "home").chmod(0o000)
    yield tmp_path / "home"
    (tmp_path / "home").chmod(0o700)


def test_what_is_there_is_there(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert is_folder(str(tmp_path)) is True
    assert is_folder(str(tmp_path / "file")) is False
    assert is_folder(str(tmp_path / "gone")) is False
    assert is_folder(str(tmp_path / "file" / "below")) is False


def test_behind_a_closed_folder_nothing_is_known(home: Path) -> None:
    with as_nobody():
        assert is_folder(str(home / "datasets")) is None


async def test_what_lies_in_a_folder_is_told_in_order_without_hidden_files_and_not_without_end(tmp_path: Path) -> None:
    for name in ("MNIST", "coco", ".cache", "ImageNet"):
        (tmp_path / name).mkdir()
    folders = LocalFolders()
    assert await folders.names(str(tmp_path), 9) == ["coco", "ImageNet", "MNIST"]
    assert await folders.names(str(tmp_path), 2) == ["coco", "ImageNet"]
    assert await folders.names(str(tmp_path / "gone"), 9) is None


async def test_there_is_no_room_where_we_may_not_write(tmp_path: Path) -> None:
    folders = LocalFolders()
    assert await folders.free_bytes(str(tmp_path)) is not None
    assert await folders.free_bytes(str(tmp_path / "gone")) is None
    with as_nobody():
        assert await folders.free_bytes("/usr") is None
