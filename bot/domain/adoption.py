"""An existing container moves in: what it is is read from it, and only its owner is written into it."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from bot.domain.archive import LONGEST_NAME
from bot.domain.container import InstanceRecord, InstanceState, login_of
from bot.domain.instance import (
    Dataset,
    Instance,
    SeenCards,
    datasets_of,
    listening_ports,
    name_fault,
    seen_cards,
    ssh_port,
)
from bot.domain.member import Member
from bot.domain.provisioning import MEMBER_KEY, OPERATION_KEY
from bot.domain.saying import Listing, Saying


@dataclass(frozen=True)
class AdoptionWish:
    """`who`: a member's Unix name, "" = as the container is called. `telegram`: their @name; no other account may open
    the link.

    `port`: how SSH gets in where no proxy device tells.
    """

    name: str
    who: str = ""
    telegram: str = ""
    port: int | None = None


def read_adoption(text: str) -> AdoptionWish | None:
    """ "liren @li_ren 10005", in any order behind the name. None: not understood."""
    words = text.split()
    if not words or len(words) > 4:
        return None
    wish = AdoptionWish(words[0])
    for word in words[1:]:
        if word.startswith("@") and len(word) > 1 and not wish.telegram:
            wish = AdoptionWish(wish.name, wish.who, word, wish.port)
        elif word.isdecimal() and 1 <= int(word) <= 65535 and wish.port is None:
            wish = AdoptionWish(wish.name, wish.who, wish.telegram, int(word))
        elif not wish.who and not word.startswith("@") and not word.isdecimal():
            wish = AdoptionWish(wish.name, word, wish.telegram, wish.port)
        else:
            return None
    return wish


@dataclass(frozen=True)
class Known:
    """What the registry knows, as far as adopting asks."""

    records: Sequence[InstanceRecord]
    archives: Collection[str]
    members: Mapping[str, Member]
    templates: Collection[str]


@dataclass(frozen=True)
class Found:
    """What a container turned out to be. `who`: whose it will be. `account`: who logs in, None = nobody is there to.

    `refusal`: why it can't be adopted. `mends`: it is ours already, and the registry is put right.
    """

    name: str
    who: str
    port: int | None
    other_ports: tuple[int, ...]
    cards: SeenCards
    datasets: tuple[Dataset, ...]
    is_running: bool
    account: str | None = None
    accounts: tuple[str, ...] = ()
    refusal: Saying | None = None
    mends: bool = False


def examine(instance: Instance, wish: AdoptionWish, known: Known, passwd: bytes | None) -> Found:
    """`passwd`: the container's own /etc/passwd; None if it has none."""
    devices = instance.expanded_devices
    port = wish.port or ssh_port(devices)
    record = next((record for record in known.records if record.name == instance.name), None)
    who = _who(instance, wish, known, record)
    accounts = login_accounts(passwd or b"")
    account = _account(who, accounts)
    return Found(
        name=instance.name,
        who=who,
        port=port,
        other_ports=tuple(sorted(listening_ports(devices) - {port})),
        cards=seen_cards(devices),
        datasets=datasets_of(devices),
        is_running=instance.is_running,
        account=account,
        accounts=accounts,
        refusal=_refusal(instance, who, port, known, record, account) or _which_account(wish, who, account, accounts),
        mends=record is not None,
    )


def _who(instance: Instance, wish: AdoptionWish, known: Known, record: InstanceRecord | None) -> str:
    """The name that was said, else whose it is already, else the container's own in lower case."""
    if wish.who:
        return wish.who
    if record is not None:
        owner = next((member for member in known.members.values() if member.id == record.member_id), None)
        return owner.unix_name if owner is not None else instance.name.lower()
    return instance.name.lower()


def _account(who: str, accounts: Sequence[str]) -> str | None:
    """Who logs in: the one of that name, else the only person there. An image's own account counts if it is alone."""
    if who in accounts:
        return who
    people = _people(accounts)
    return people[0] if len(people) == 1 else None


def _people(accounts: Sequence[str]) -> Sequence[str]:
    return [account for account in accounts if account not in IMAGES_OWN] or accounts


def _which_account(wish: AdoptionWish, who: str, account: str | None, accounts: Sequence[str]) -> Saying | None:
    """Several people's accounts, and none of the container's name: a guess would give a student a login that fails."""
    if account is not None or not accounts or wish.who:
        return None
    people = tuple(_people(accounts))
    values = {"name": wish.name, "who": who, "accounts": Listing(people, in_a_row=True), "example": people[0]}
    return Saying("adopt.which_account", values)


def _refusal(
    instance: Instance,
    who: str,
    port: int | None,
    known: Known,
    record: InstanceRecord | None,
    account: str | None,
) -> Saying | None:
    name = instance.name
    if name in known.templates:
        return Saying("adopt.is_template", {"name": name})
    if name in known.archives:
        return Saying("adopt.is_archived", {"name": name})
    if instance.config.get(OPERATION_KEY) or (record is not None and record.state is InstanceState.MAKING):
        return Saying("adopt.half_made", {"name": name})
    if len(name) > LONGEST_NAME:
        return Saying("adopt.name_too_long", {"name": name, "limit": LONGEST_NAME})
    member = known.members.get(who)
    if member is None and name_fault(who) is not None:
        return Saying("adopt.say_who", {"name": name, "who": who})
    if record is not None:
        return _already(instance, record, member, port, account)
    other = next((r for r in known.records if member is not None and r.member_id == member.id), None)
    if other is not None:
        return Saying("adopt.has_another", {"who": who, "other": other.name, "name": name})
    holder = next((r for r in known.records if port is not None and r.ssh_port == port), None)
    return Saying("adopt.port_held", {"port": str(port), "other": holder.name}) if holder is not None else None


def _already(
    instance: Instance, record: InstanceRecord, member: Member | None, port: int | None, account: str | None
) -> Saying | None:
    """It is in the registry: only what disagrees is mended, and it stays whose it is."""
    if member is None or member.id != record.member_id:
        return Saying("adopt.is_others", {"name": instance.name})
    logs_in = account in (None, login_of(record, member))
    if record.ssh_port == port and logs_in and instance.config.get(MEMBER_KEY) == member.unix_name:
        return Saying("adopt.already", {"name": instance.name})
    return None


def login_accounts(passwd: bytes) -> tuple[str, ...]:
    """People's accounts in an /etc/passwd: numbers from 1000 on, with a shell."""
    rows = (line.split(":") for line in passwd.decode(errors="replace").splitlines())
    return tuple(
        row[0]
        for row in rows
        if len(row) >= 7 and row[2].isdecimal() and 1000 <= int(row[2]) < 60000 and not row[6].endswith(NO_SHELLS)
    )


IMAGES_OWN = frozenset({"ubuntu", "debian"})  # accounts that cloud images bring
NO_SHELLS = ("nologin", "false", "sync")


@dataclass(frozen=True)
class Adopted:
    """`claim_code`: for somebody whom Telegram does not know yet; None if it does."""

    found: Found
    member: Member
    claim_code: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class NotAdopted:
    name: str
    why: Saying


def fingerprint(found: Sequence[Found]) -> str:
    """Of what an admin was shown: a button pressed later does just that, or asks again."""

    shown = "|".join(f"{one.name}:{one.who}:{one.port}" for one in found if one.refusal is None)
    return f"{zlib.crc32(shown.encode()):08x}"
