"""Files inside containers, running or stopped, through LXD's file API."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from pylxd import Client
from pylxd.exceptions import LXDAPIException, NotFound

from bot.adapters.lxd_errors import is_about_the_instance, words_of
from bot.domain.errors import FolderMissing

T = TypeVar("T")

TRIES = 20
PAUSE_SECONDS = 0.1


def write(client: Client, name: str, path: str, content: bytes, mode: int, uid: int, gid: int) -> None:
    """Replace a file as a whole; LXD makes no folders on the way."""
    owner = {"X-LXD-mode": f"{mode:04o}", "X-LXD-uid": str(uid), "X-LXD-gid": str(gid), "X-LXD-type": "file"}
    files = client.api.instances[name].files
    try:
        _patiently(lambda: files.post(params={"path": path}, data=content, headers=owner))
    except NotFound as error:
        if is_about_the_instance(error):
            raise
        raise FolderMissing(f"no such folder in {name}: {path.rpartition('/')[0]}") from error


def read(client: Client, name: str, path: str) -> bytes | None:
    files = client.api.instances[name].files
    try:
        response = _patiently(lambda: files.get(params={"path": path}, is_api=False))
    except NotFound as error:
        if is_about_the_instance(error):
            raise
        return None
    return bytes(response.content) if response.headers.get("X-LXD-type", "file") == "file" else None


def delete(client: Client, name: str, path: str) -> None:
    files = client.api.instances[name].files
    try:
        _patiently(lambda: files.delete(params={"path": path}))
    except NotFound as error:
        if is_about_the_instance(error):
            raise


def _patiently(call: Callable[[], T]) -> T:
    """LXD's helper for files may just be coming or going: "dial unix .../forkfile.sock: no such file or directory".

    Measured on a busy machine: 1 of some 2000 calls. Files are replaced as a whole, so once more does no harm.
    """
    for _ in range(TRIES):
        try:
            return call()
        except LXDAPIException as error:
            if "forkfile" not in words_of(error):
                raise
        time.sleep(PAUSE_SECONDS)
    return call()
