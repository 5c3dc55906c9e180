"""Is a port of this host free? The registry knows what junzi gave away; only a bind knows what anybody took."""

from __future__ import annotations

import asyncio
import errno
import socket


async def bindable(port: int) -> bool:
    """Nobody listens on this TCP port, on any address of either family."""
    return await asyncio.to_thread(_bindable, port)


def _bindable(port: int) -> bool:
    return all(_binds(family, address, port) for family, address in ((socket.AF_INET, ""), (socket.AF_INET6, "::")))


def _binds(family: socket.AddressFamily, address: str, port: int) -> bool:
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            # As a server does: connections of yesterday that are still being wound up are no obstacle.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            probe.bind((address, port))
            probe.listen(1)
    except OSError as error:
        # A host without IPv6 takes no ports of it.
        return error.errno in (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL)
    return True
