"""Messages about leaving and coming back: /archive, /restoreuser, /deluser."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.domain.archive import Archive, Archived, Deleted, Farewell, NotDone, Restored
from bot.domain.claim_link import claim_link
from bot.domain.member import Member
from bot.domain.saying import Button, Bytes, Code, Listing, Message, Person, Saying, Style
from bot.views.operations import not_done_saying

NOTHING = Saying("common.nothing")


def ask_archive(farewell: Farewell, keep: timedelta, running: int | None) -> Message:
    """What it would mean, before it is done. `running`: processes on cards; None = not known."""
    days = str(keep.days)
    values = {
        "name": Code(farewell.name),
        "who": _who(farewell.name, farewell.member),
        "days": days,
        "costs": _costs(farewell, running),
    }
    yes = Button(Saying("archive.button_yes"), f"archive:go:{farewell.name}:{days}", style=Style.RED)
    no = Button(Saying("container.cancel"), f"archive:no:{farewell.name}:0")
    return Message(Saying("archive.ask", values), ((yes, no),))


def ask_delete(farewell: Farewell) -> Message:
    """The first of two questions."""
    values = {"name": Code(farewell.name), "who": _who(farewell.name, farewell.member), "costs": _losses(farewell)}
    yes = Button(Saying("deluser.button_yes"), f"deluser:ask:{farewell.name}", style=Style.RED)
    rather = Button(Saying("deluser.button_archive"), f"archive:ask:{farewell.name}:0")
    no = Button(Saying("container.cancel"), f"archive:no:{farewell.name}:0")
    first = (yes,) if farewell.archive is not None or not farewell.is_there else (yes, rather)
    return Message(Saying("deluser.ask", values), (first, (no,)))


def ask_for_code(name: str, code: str, lasts: timedelta) -> Message:
    """The second question: name and code are typed, not tapped."""
    return Message(Saying("deluser.type_it", {"name": name, "code": code, "lasts": lasts}))


def _who(name: str, member: Member | None) -> Saying:
    """Nobody whom Telegram does not know yet has another name than their container's."""
    if member is None:
        return Saying("archive.nobody")
    if member.display_name == name:
        return NOTHING
    return Saying("archive.whose", {"who": Person(member.display_name, member.telegram_id)})


def _costs(farewell: Farewell, running: int | None) -> Listing:
    lines: list[object] = []
    if farewell.is_running:
        lines.append(Saying("archive.cost_running"))
    if running:
        lines.append(Saying("archive.cost_processes", {"count": running}))
    if farewell.bookings:
        lines.append(Saying("archive.cost_bookings", {"count": farewell.bookings}))
    lines.append(Saying("archive.cost_access"))
    return Listing(tuple(lines))


def _losses(farewell: Farewell) -> Listing:
    lines: list[object] = []
    if farewell.is_there and farewell.disk_bytes is None:
        lines.append(Saying("deluser.cost_all"))
    elif farewell.disk_bytes is not None:
        lines.append(Saying("deluser.cost_disk", {"disk": Bytes(farewell.disk_bytes)}))
    if farewell.snapshots:
        lines.append(Saying("deluser.cost_snapshots", {"count": farewell.snapshots}))
    if farewell.bookings:
        lines.append(Saying("archive.cost_bookings", {"count": farewell.bookings}))
    lines.append(Saying("deluser.cost_for_good" if farewell.is_there else "deluser.cost_access"))
    return Listing(tuple(lines))


def archived(outcome: Archived) -> Message:
    values = {
        "name": Code(outcome.archive.original),
        "kept": Code(outcome.archive.name),
        "until": outcome.archive.keep_until,
        "bookings": Saying("archive.given_back", {"count": outcome.bookings}) if outcome.bookings else NOTHING,
    }
    return Message(Saying("archive.done", values))


def not_done(name: str, outcome: NotDone, days: int = 0) -> Message:
    """One that did not shut down may be switched off by force, by name."""
    saying = not_done_saying(name, outcome)
    if not outcome.may_force:
        return Message(saying)
    force = Button(Saying("archive.button_force"), f"archive:force:{name}:{days}", style=Style.RED)
    return Message(saying, ((force, Button(Saying("container.cancel"), f"archive:no:{name}:0")),))


def told_archived(archive: Archive) -> Message:
    """The last word to who leaves."""
    return Message(Saying("archive.farewell", {"name": Code(archive.original), "until": archive.keep_until}))


def archives(kept: Sequence[tuple[Archive, Member | None]]) -> Message:
    if not kept:
        return Message(Saying("archive.none"))
    lines = tuple(
        Saying(
            "archive.line",
            {
                "name": Code(archive.original),
                "who": _who(archive.original, member),
                "since": archive.archived_at,
                "until": archive.keep_until,
            },
        )
        for archive, member in kept
    )
    return Message(Saying("archive.list", {"archives": Listing(lines)}))


def offer(archive: Archive, member: Member | None) -> Message:
    """Its time is over: shall it be deleted?"""
    values = {"name": Code(archive.original), "who": _who(archive.original, member), "since": archive.archived_at}
    row = (
        Button(Saying("archive.button_delete"), f"archive:delete:{archive.id}:0", style=Style.RED),
        Button(Saying("archive.button_keep"), f"archive:keep:{archive.id}:0"),
    )
    return Message(Saying("archive.offer", values), (row,))


def kept_longer(archive: Archive) -> Message:
    return Message(Saying("archive.kept", {"name": Code(archive.original), "until": archive.keep_until}))


def restored(outcome: Restored, bot_name: str) -> Message:
    """`bot_name`: for the claim link of a member who never opened one."""
    link = claim_link(bot_name, outcome.claim_code) if outcome.claim_code else ""
    notes = [
        Saying(f"archive.note_{key}")
        for key, said in (
            ("port_changed", outcome.port_changed),
            ("cards_hidden", outcome.cards_hidden),
            ("ssh_silent", not outcome.ssh_answers),
        )
        if said
    ]
    values = {
        "name": Code(outcome.name),
        "who": _who(outcome.name, outcome.member),
        "port": Code(str(outcome.port)) if outcome.port is not None else Saying("common.unknown"),
        "notes": Listing(tuple(notes)) if notes else NOTHING,
        "link": Saying("archive.link", {"link": Code(link)}) if link else NOTHING,
    }
    copy = ((Button(Saying("adduser.copy_link"), copies=link),),) if link else ()
    return Message(Saying("archive.restored", values), copy)


def deleted(outcome: Deleted) -> Message:
    values = {
        "name": Code(outcome.name),
        "bookings": Saying("archive.given_back", {"count": outcome.bookings}) if outcome.bookings else NOTHING,
    }
    return Message(Saying("deluser.done", values))
