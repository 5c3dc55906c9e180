"""Messages about snapshots: what there are, what going back costs, what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.domain.container import InstanceRecord
from bot.domain.instance import Snapshot
from bot.domain.saying import Button, Code, Listing, Message, Saying, Style
from bot.domain.snapshot import WayBack
from bot.domain.upkeep import Restored, SnapshotTaken

NOTHING = Saying("common.nothing")
SHOWN = 10
MOST_BYTES = 64  # that a button's data may have


def taken(outcome: SnapshotTaken) -> Message:
    values = {"name": Code(outcome.record.name), "snapshot": Code(outcome.name)}
    row = _row(Button(Saying("snapshot.button_list"), f"snapshots:{outcome.record.name}"))
    return Message(Saying("snapshot.taken", values), row)


def listed(record: InstanceRecord, snapshots: Sequence[Snapshot]) -> Message:
    """The newest first, each with a way back; a long list is cut and says so."""
    take = Button(Saying("snapshot.button_take"), f"snapshot:{record.name}", style=Style.GREEN)
    if not snapshots:
        return Message(Saying("snapshot.none", {"name": Code(record.name)}), ((take,),))
    newest = list(reversed(snapshots))[:SHOWN]
    more = len(snapshots) - len(newest)
    values = {
        "name": Code(record.name),
        "lines": Listing(tuple(_line(snapshot) for snapshot in newest)),
        "more": Saying("snapshot.more", {"count": more}) if more else NOTHING,
    }
    rows = tuple(
        row
        for snapshot in newest
        if (
            row := _row(
                Button(Saying("snapshot.button_back", {"name": snapshot.name}), f"back:{record.name}:{snapshot.name}"),
                Button(Saying("snapshot.button_delete"), f"drop:{record.name}:{snapshot.name}"),
            )[0]
        )
    )
    return Message(Saying("snapshot.list", values), (*rows, (take,)))


def _line(snapshot: Snapshot) -> Saying:
    values = {"name": Code(snapshot.name), "at": _at(snapshot.created_at), "until": NOTHING}
    if snapshot.expires_at is not None:
        values["until"] = Saying("snapshot.until", {"at": snapshot.expires_at})
    return Saying("snapshot.line", values)


def _at(instant: datetime | None) -> datetime | Saying:
    return Saying("common.unknown") if instant is None else instant


def ask_back(record: InstanceRecord, way: WayBack, running: bool | None) -> Message:
    """What will be lost, before anything is done."""
    lost = Listing(tuple(Code(snapshot.name) for snapshot in way.lost), in_a_row=True)
    values = {
        "name": Code(record.name),
        "snapshot": Code(way.to.name),
        "at": _at(way.to.created_at),
        "lost": Saying("snapshot.lose_newer", {"names": lost}) if way.lost else NOTHING,
        "kept": Saying("snapshot.keeps_now" if way.keeps_now else "snapshot.keeps_nothing"),
        "running": Saying("snapshot.will_stop") if running is not False else NOTHING,
    }
    yes = Button(Saying("snapshot.confirm_back"), f"back!:{record.name}:{way.to.name}", style=Style.RED)
    no = Button(Saying("container.cancel"), f"snapshots:{record.name}")
    return Message(Saying("snapshot.ask_back", values), _row(yes, no))


def ask_delete(record: InstanceRecord, name: str) -> Message:
    yes = Button(Saying("snapshot.confirm_delete"), f"drop!:{record.name}:{name}", style=Style.RED)
    no = Button(Saying("container.cancel"), f"snapshots:{record.name}")
    return Message(Saying("snapshot.ask_delete", {"name": Code(name)}), _row(yes, no))


def restored(outcome: Restored) -> Message:
    name = outcome.record.name
    kept = Saying("snapshot.kept", {"name": Code(outcome.kept)}) if outcome.kept else NOTHING
    values = {
        "name": Code(name),
        "snapshot": Code(outcome.snapshot),
        "kept": kept,
        "state": Saying("snapshot.runs_again" if outcome.running else "snapshot.stays_stopped"),
        "disk": Saying("snapshot.disk_kept") if outcome.disk_kept else NOTHING,
        "cards": Saying("snapshot.without_cards") if outcome.without_cards else NOTHING,
    }
    return Message(Saying("snapshot.restored", values), _row(Button(Saying("access.container"), "mycontainer")))


def _row(*buttons: Button) -> tuple[tuple[Button, ...], ...]:
    """Telegram takes 64 bytes behind a button; of a longer name the command must be typed."""
    return (tuple(button for button in buttons if len(button.data.encode()) <= MOST_BYTES),)
