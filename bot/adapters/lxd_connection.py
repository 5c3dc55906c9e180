"""Finding LXD as `lxc` finds it, and the one door through which blocking calls to it leave the event loop."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote, urlsplit

import requests
from pylxd import Client
from pylxd.client import get_session_for_url

from bot.adapters.lxd_errors import NO_ANSWER, VENDOR_ERRORS, instance_error
from bot.domain.errors import InstanceError, LxdUnreachable

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
        self._server_cert = server_cert
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
        if self._client is not None:
            self._client.api.session.close()

    def _do(self, work: Callable[[Client], T]) -> T:
        try:
            return work(self._connected())
        except InstanceError:
            raise
        except VENDOR_ERRORS as error:
            if isinstance(error, NO_ANSWER):
                self._client = None
            raise instance_error(error) from error

    def _connected(self) -> Client:
        with self._connecting:
            if self._client is None:
                self._client = self._connect()
            return self._client

    def _connect(self) -> Client:
        endpoint = self._endpoint or f"http+unix://{quote(socket_path(), safe='')}"
        session: requests.Session = get_session_for_url(endpoint, verify=self._verify(), cert=self._cert)
        # A proxy for Telegram is none for LXD, and REQUESTS_CA_BUNDLE would override the pinned certificate (measured).
        session.trust_env = False
        return Client(endpoint=endpoint, cert=self._cert, session=session, project=self._project)

    def _verify(self) -> str | bool:
        """LXD's own certificate is self-signed: pin it, as `lxc` does in servercerts/HOST.crt beside its client.crt."""
        if self._server_cert:
            return self._server_cert
        if self._cert is not None:
            host = urlsplit(self._endpoint).hostname or ""
            pinned = Path(self._cert[0]).parent / "servercerts" / f"{host}.crt"
            if pinned.exists():
                return str(pinned)
        return True
