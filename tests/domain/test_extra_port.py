"""Ports beside SSH."""

from __future__ import annotations

import pytest

from bot.domain.extra_port import extra_ports, proxy_device, read_port
from bot.domain.instance import proxy_to_ssh


@pytest.mark.parametrize(
    ("text", "port"),
    [
        ("8888", 8888),
        ("1", 1),
        ("65535", 65535),
        *((text, None) for text in ("0", "65536", "-1", "8e3", "٨٨", "", "8888;reboot", "123456")),
    ],
)
def test_what_is_a_port(text: str, port: int | None) -> None:
    assert read_port(text) == port


def test_ssh_is_none_of_them_and_ranges_are() -> None:
    devices = {
        "ssh": proxy_to_ssh(10001),
        "b": proxy_device(10006, 8888),
        "a": proxy_device(10005, 6006),
        "root": {"type": "disk"},
        "inward": {"type": "proxy", "bind": "instance", "listen": "tcp:127.0.0.1:80", "connect": "tcp:127.0.0.1:80"},
    }
    assert extra_ports(devices) == ((10005, 6006), (10006, 8888))
