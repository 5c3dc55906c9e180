"""Files inside containers, running or stopped, through LXD's file API.

Their member is root in there: a file may be a pipe that nobody writes into, or endless. LXD follows links inside the
container only (measured).
"""

from __future__ import annotations

import posixpath
import time
from collections.abc import Callable
from typing import TypeVar

import requests
from pylxd import Client
from pylxd.exceptions import LXDAPIException, NotFound

from bot.adapters.lxd_errors import EndlessOutput, is_about_the_instance, words_of
from bot.domain.errors import FolderMissing, InstanceError

T = TypeVar("T")

TRIES = 20
PAUSE_SECONDS = 0.1
SECONDS = 30.0
CHUNK = 64 * 1024
MOST_BYTES = 4 << 20
MOST_LINKS = 8
APPEND = {"X-LXD-type": "file", "X-LXD-write": "append"}


def write(client: Client, name: str, path: str, content: bytes, mode: int, uid: int, gid: int) -> None:
    """Replace a file as a whole; LXD makes no folders on the way."""
    _post(client, name, path, _headers("file", mode, uid, gid), content)


def make_folder(client: Client, name: str, path: str, mode: int, uid: int, gid: int) -> None:
    """One that is there already stays as it is."""
    if _kind(client, name, path) != "directory":
        _post(client, name, path, _headers("directory", mode, uid, gid), None)


def _headers(kind: str, mode: int, uid: int, gid: int) -> dict[str, str]:
    return {"X-LXD-type": kind, "X-LXD-mode": f"{mode:04o}", "X-LXD-uid": str(uid), "X-LXD-gid": str(gid)}


def _post(client: Client, name: str, path: str, headers: dict[str, str], content: bytes | None) -> None:
    files = client.api.instances[name].files
    try:
        _patiently(lambda: files.post(params={"path": path}, data=content, headers=headers, timeout=SECONDS))
    except NotFound as error:
        if is_about_the_instance(error):
            raise
        raise FolderMissing(f"no such folder in {name}: {path.rpartition('/')[0]}") from error


def _open(client: Client, name: str, path: str) -> requests.Response | None:
    """The beginning of what is there, to be closed; None if nothing is.

    LXD's helper waits in a pipe that nobody writes into, and for as long as it waits the container can be neither
    stopped nor deleted (measured, 5.0.2): so it is woken by appending nothing.
    """
    files = client.api.instances[name].files
    try:
        found: requests.Response = _patiently(
            lambda: files.get(params={"path": path}, is_api=False, stream=True, timeout=SECONDS)
        )
    except NotFound as error:
        if is_about_the_instance(error):
            raise
        return None
    except InstanceError:
        files.post(params={"path": path}, data=b"", headers=APPEND, timeout=SECONDS)
        raise
    return found


def _kind(client: Client, name: str, path: str) -> str | None:
    found = _open(client, name, path)
    if found is None:
        return None
    with found:
        return str(found.headers.get("X-LXD-type", "file"))


def read(client: Client, name: str, path: str) -> bytes | None:
    """None if it is not there or no file. InstanceError if it does not come to an end."""
    for _ in range(MOST_LINKS):
        found = _open(client, name, path)
        if found is None:
            return None
        with found:
            kind = found.headers.get("X-LXD-type", "file")
            if kind == "file":
                return _content(found, path)
            if kind != "symlink":
                return None
            path = posixpath.join(posixpath.dirname(path), _content(found, path).decode(errors="surrogateescape"))
    return None


def _content(response: requests.Response, path: str) -> bytes:
    content, deadline = bytearray(), time.monotonic() + SECONDS
    try:
        for chunk in response.iter_content(CHUNK):
            content += chunk
            if len(content) > MOST_BYTES or time.monotonic() > deadline:
                raise EndlessOutput(f"{path} has more than {MOST_BYTES >> 20} MiB, or comes too slowly")
    except requests.RequestException as error:
        raise InstanceError(f"{path} does not come to an end: {error}") from error
    return bytes(content)


def delete(client: Client, name: str, path: str) -> None:
    files = client.api.instances[name].files
    try:
        _patiently(lambda: files.delete(params={"path": path}, timeout=SECONDS))
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
        except requests.Timeout as error:
            raise InstanceError(f"a file of the container does not answer within {SECONDS:.0f} s") from error
        time.sleep(PAUSE_SECONDS)
    return call()
