"""A container's ports beside SSH: Jupyter, TensorBoard, VS Code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.instance import Device, listening_ports

MOST_PORTS = 10
SSH = 22
PREFIX = "port-"
KNOWN = {8888: "Jupyter", 6006: "TensorBoard", 8080: "VS Code", 7860: "Gradio", 8501: "Streamlit", 5000: "MLflow"}


@dataclass(frozen=True)
class ExtraPort:
    """Host port `port` leads to port `target` of the container `name`."""

    server: str
    name: str
    port: int
    target: int


def read_port(text: str) -> int | None:
    """1 to 65535 in plain digits; None if it is no port."""
    return int(text) if re.fullmatch(r"[0-9]{1,5}", text) and 1 <= int(text) <= 65535 else None


def device_name(target: int) -> str:
    return f"{PREFIX}{target}"


def proxy_device(port: int, target: int) -> Device:
    """To the container's own loopback: a program that listens on localhost alone is reached too."""
    return {"type": "proxy", "listen": f"tcp:0.0.0.0:{port}", "connect": f"tcp:127.0.0.1:{target}"}


def extra_ports(devices: Mapping[str, Device]) -> tuple[tuple[int, int], ...]:
    """(host port, container port) of the forwards that a container has beside SSH, junzi's own and others'."""
    found = []
    for device in devices.values():
        target = device.get("connect", "").rpartition(":")[2]
        if device.get("type") == "proxy" and target.isdecimal() and int(target) != SSH:
            found += [(port, int(target)) for port in sorted(listening_ports({"": device}))]
    return tuple(sorted(found, key=lambda pair: pair[1]))
