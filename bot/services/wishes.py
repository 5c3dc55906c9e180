"""Can what was asked for be made? The same answer for one new user and for a whole table of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.books import Books
from bot.domain.card import Card
from bot.domain.instance import Dataset
from bot.domain.member import Member
from bot.domain.provisioning import choose_port
from bot.domain.saying import Saying
from bot.domain.user_options import UserWish


@dataclass(frozen=True)
class HostFacts:
    """What the lab's configuration says about its host. `server` names the LXD server in the registry."""

    name: str
    ports: range
    template: str
    datasets: tuple[Dataset, ...] = ()
    server: str = "local"


@dataclass(frozen=True)
class Decided:
    """`member` None: a new one. `addresses`: the PCI addresses of the cards that were named."""

    member: Member | None
    template: str
    port: int
    addresses: tuple[str, ...]


CHOSEN_TEMPLATE = "template.default"


def chosen_template(books: Books, host: HostFacts) -> str:
    """What an admin chose by /template, else what the configuration says."""
    chosen: str | None = books.facts.get(CHOSEN_TEMPLATE)
    return chosen or host.template


def decide(
    books: Books, host: HostFacts, wish: UserWish, present: frozenset[str], taken: frozenset[int]
) -> Decided | Saying:
    """`present`: the names of all containers; `taken`: the ports that LXD or the host holds. A Saying: why not."""
    name = wish.name
    member = books.members.by_name(name)
    if books.instances.get(host.server, name) is not None or (member and books.instances.of_member(member.id)):
        return Saying("adduser.exists", {"name": name})
    if books.archives.of_name(name) is not None:
        return Saying("adduser.archived", {"name": name})
    template = wish.template or chosen_template(books, host)
    if template not in present:
        return Saying("adduser.no_template", {"template": template})
    addresses = _addresses(books.cards.all(), wish)
    if isinstance(addresses, Saying):
        return addresses
    port = _port(host, wish, taken | books.instances.ports(host.server))
    return port if isinstance(port, Saying) else Decided(member, template, port, addresses)


def _port(host: HostFacts, wish: UserWish, taken: frozenset[int]) -> int | Saying:
    if wish.port is not None:
        return Saying("adduser.port_taken", {"port": str(wish.port)}) if wish.port in taken else wish.port
    port = choose_port(host.ports, taken)
    if port is None:
        return Saying("adduser.no_port", {"first": str(host.ports[0]), "last": str(host.ports[-1])})
    return port


def _addresses(known: Sequence[Card], wish: UserWish) -> tuple[str, ...] | Saying:
    if wish.cards == "all":
        return ()
    by_number = {card.index: card for card in known}
    missing = [number for number in wish.cards if number not in by_number]
    if missing:
        names = ", ".join(card.name for card in sorted(known, key=lambda card: card.index)) or "–"
        return Saying("adduser.no_card", {"card": f"gpu{missing[0]}", "known": names})
    return tuple(by_number[number].pci_address for number in wish.cards)
