"""Finding LXD as `lxc` finds it, and the one door through which blocking calls to it leave the event loop."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote, urlsplit

import requests
from pylxd import Client
from pylxd.client import get_session_for_url

from bot.adapters.lxd_errors import in_our_words
from bot.adapters.lxd_exec import Door
from bot.domain.errors import LxdUnreachable

T = TypeVar("T")

SNAP_DIRECTORY = "/var/snap/lxd/common/lxd"
PACKAGE_DIRECTORY = "/var/lib/lxd"

# A batch of 20 new containers waits for LXD in 20 places; threads that wait cost next to nothing.
THREADS = 32

# pylxd warns on standard error about every attribute that a newer LXD has and it does not know.
os.environ.setdefault("PYLXD_WARNINGS", "none")


def socket_path() -> str:
    """Where the local LXD listens: $LXD_DIR, else the snap's place, else the Debian package's."""
    if "LXD_DIR" in os.environ:
        return str(Path(os.environ["LXD_DIR"]) / "unix.socket")
    snap = Path(SNAP_DIRECTORY) / "unix.socket"
    return str(snap if snap.exists() else Path(PACKAGE_DIRECTORY) / "unix.socket")


class LxdConnection:
    """Connects at the first call, and again after LXD was away. Nothing but `InstanceError` gets out of `call`."""

    def __init__(self, endpoint: str, cert: str, key: str, server_cert: str, project: str) -> None:
        self._endpoint = endpoint.rstrip("/")
        self._cert = (cert, key) if cert and key else None
        self._server_cert = server_cert or _kept_by_lxc(self._endpoint, cert)
        self._project = project
        self._client: Client | None = None
        self._connecting = threading.Lock()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="junzi-lxd")

    async def call(self, work: Callable[[Client], T]) -> T:
        """The one door: run this on a thread of LXD's own. Stopping to wait does not stop the work."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._do, work)
        except RuntimeError as error:  # the pool's word for "shut down"
            raise LxdUnreachable(str(error)) from error

    def close(self) -> None:
        """Calls under way end by themselves."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._drop()

    def door(self) -> Door:
        """The way to it for what needs no thread."""
        return Door(self._endpoint or socket_path(), self._cert, self._server_cert, self._project)

    def _do(self, work: Callable[[Client], T]) -> T:
        try:
            with in_our_words():
                return work(self._connected())
        except LxdUnreachable:
            self._drop()
            raise

    def _drop(self) -> None:
        with self._connecting:
            client, self._client = self._client, None
        if client is not None:
            client.api.session.close()

    def _connected(self) -> Client:
        if (path := self.door().endpoint).startswith("/"):
            _knock(path)
        with self._connecting:
            if self._client is None:
                self._client = self._connect()
            return self._client

    def _connect(self) -> Client:
        door = self.door()
        local = door.endpoint.startswith("/")
        endpoint = f"http+unix://{quote(door.endpoint, safe='')}" if local else door.endpoint
        session: requests.Session = get_session_for_url(endpoint, verify=door.server_cert or True, cert=door.cert)
        # A proxy for Telegram is none for LXD, and REQUESTS_CA_BUNDLE would override the pinned certificate (measured).
        session.trust_env = False
        return Client(endpoint=endpoint, cert=door.cert, session=session, project=door.project)


def _knock(path: str) -> None:
    """pylxd leaves a socket open that does not connect (2.4.2), and its words do not say which."""
    with socket.socket(socket.AF_UNIX) as knocking:
        try:
            knocking.connect(path)
        except OSError as error:
            raise LxdUnreachable(f"{path}: {error.strerror}") from error


def _kept_by_lxc(endpoint: str, cert: str) -> str | None:
    """LXD's own certificate is self-signed; `lxc remote add` keeps it in servercerts/HOST.crt beside client.crt."""
    kept = Path(cert).parent / "servercerts" / f"{urlsplit(endpoint).hostname}.crt"
    return str(kept) if cert and kept.exists() else None
