"""Messages about ports beside SSH."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.domain.container import InstanceRecord
from bot.domain.extra_port import KNOWN, extra_ports
from bot.domain.instance import Instance, ssh_port
from bot.domain.saying import Block, Button, Code, Listing, Message, Saying, Style
from bot.domain.upkeep import PortOpened, PortsSeen

NOTHING = Saying("common.nothing")


def tunnel(record: InstanceRecord, target: int, host: str, user: str) -> str:
    """What does the same for oneself alone, and opens nothing to others."""
    return f"ssh -N -L {target}:localhost:{target} -p {record.ssh_port} {user}@{host}"


def ask(seen: PortsSeen, target: int) -> Message:
    """A port is open to everybody who reaches the host: say so, and show what is safer."""
    values = {
        "name": Code(seen.record.name),
        "target": str(target),
        "what": Saying("port.known", {"what": KNOWN[target]}) if target in KNOWN else NOTHING,
        "ssh": Block(tunnel(seen.record, target, seen.host, seen.user)),
        "url": Code(f"http://localhost:{target}"),
    }
    yes = Button(Saying("port.confirm"), f"port!:{seen.record.name}:{target}", style=Style.RED)
    no = Button(Saying("container.cancel"), f"ports:{seen.record.name}")
    return Message(Saying("port.ask", values), ((yes, no),))


def opened(outcome: PortOpened) -> Message:
    url = f"http://{outcome.host}:{outcome.port}"
    values = {
        "target": str(outcome.target),
        "port": Code(str(outcome.port)),
        "url": Code(url),
        "ssh": Block(tunnel(outcome.record, outcome.target, outcome.host, outcome.user)),
        "local": Code(f"http://localhost:{outcome.target}"),
        "stopped": NOTHING if outcome.running else Saying("port.stopped"),
    }
    close = Button(
        Saying("port.close", {"target": str(outcome.target)}), f"port-:{outcome.record.name}:{outcome.target}"
    )
    return Message(Saying("port.opened", values), ((Button(Saying("port.copy"), copies=url), close),))


def listed(seen: PortsSeen, closed: int | None = None) -> Message:
    """What is open; `closed`: said first, what has just been closed."""
    news = NOTHING if closed is None else Saying("port.closed", {"target": str(closed)})
    if not seen.ports:
        return Message(Saying("port.none", {"name": Code(seen.record.name), "news": news}))
    lines = tuple(
        Saying("port.line", {"target": str(target), "url": Code(f"http://{seen.host}:{port}")})
        for port, target in seen.ports
    )
    rows = tuple(
        (Button(Saying("port.close", {"target": str(target)}), f"port-:{seen.record.name}:{target}"),)
        for _, target in seen.ports
    )
    values = {"name": Code(seen.record.name), "lines": Listing(lines), "news": news}
    return Message(Saying("port.list", values), rows)


def everybodys(records: Sequence[InstanceRecord], instances: Mapping[str, Instance]) -> Saying:
    """Who holds which port, SSH first; a container that LXD does not know is a line that says so."""
    lines = tuple(
        Saying("port.holder", {"name": Code(record.name), "ports": _ports(instances.get(record.name))})
        for record in records
    )
    return Saying("port.holders", {"lines": Listing(lines)}) if lines else Saying("port.nobody")


def _ports(instance: Instance | None) -> object:
    if instance is None:
        return Saying("common.unknown")
    ssh = ssh_port(instance.expanded_devices)
    pairs = ((port, target) for port, target in ((ssh, 22), *extra_ports(instance.expanded_devices)) if port)
    return Listing(tuple(Code(f"{port} → {target}") for port, target in pairs), in_a_row=True)
