"""Host keys, the bind test and the wait for an SSH banner, against real sockets."""

from __future__ import annotations

import asyncio
import socket

import asyncssh

from bot.adapters.host_keys import make_host_keys
from bot.adapters.ports import bindable
from bot.adapters.ssh_banner import wait_for_ssh
from tests.tcp_server import Serve, tcp_server


async def test_host_keys_are_what_openssh_reads():
    keys = await make_host_keys()
    assert [key.file_name for key in keys] == ["ssh_host_ed25519_key", "ssh_host_ecdsa_key", "ssh_host_rsa_key"]
    for key in keys:
        private = asyncssh.import_private_key(key.private)
        assert private.export_public_key().split()[:2] == key.public.split()[:2]
        assert key.private.startswith(b"-----BEGIN OPENSSH PRIVATE KEY-----")


async def test_a_port_is_bindable_until_somebody_listens_on_either_family():
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with socket.socket(family) as listener:
            listener.bind((address, 0))
            listener.listen()
            port = listener.getsockname()[1]
            assert not await bindable(port)
        assert await bindable(port)


def greeting(first_words: bytes) -> Serve:
    async def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(first_words)

    return greet


async def test_a_banner_is_seen() -> None:
    async with tcp_server(greeting(b"SSH-2.0-OpenSSH_9.2\r\n")) as port:
        assert await wait_for_ssh(port, timeout_seconds=5)


async def test_a_proxy_that_closes_at_once_and_a_dead_port_are_no_banner() -> None:
    async with tcp_server(greeting(b"")) as port:
        assert not await wait_for_ssh(port, timeout_seconds=0.2)
    assert not await wait_for_ssh(port, timeout_seconds=0.2)
