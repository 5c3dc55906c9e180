"""One card in detail: how it is, what is promised on it, what it did in the last day, and every process on it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.domain.board import CardRow, OnCard
from bot.domain.bucket import CardUse, Level
from bot.domain.past import Past
from bot.domain.sample import CardReading, InInstance, OnHost, Unread
from bot.domain.saying import Button, Bytes, Code, Listing, Message, Person, Saying, Style
from bot.views.board import UUID_TAIL, amount, number, reading_lines
from bot.views.calendar import short_model
from bot.views.looks import holding_line

NOTHING = Saying("common.nothing")
MOST_HOLDINGS, MOST_PROCESSES = 6, 8
COMMAND_LIMIT = 60


def card_message(row: CardRow, past: Past) -> Message:
    """`past`: the card's last day, in buckets, with what stands."""
    holdings = [h for h in past.holdings if h.reservation.card == row.card.id and h.reservation.window.end > past.now]
    lines = tuple(holding_line(h, past.now) for h in holdings[:MOST_HOLDINGS]) or (Saying("looks.nobody_holds"),)
    values = {
        "card": Code(row.card.name),
        "model": short_model(row.card.model),
        "reading": reading_lines(row, past.now),
        "health": NOTHING if row.reading is None or row.trouble is not None else _health(row.reading),
        "holdings": Listing(lines),
        "processes": _processes(row, past.now),
        "day": _day([use for use in past.uses if use.card == row.card.id]),
    }
    return Message(Saying("card.card", values), _buttons(row), silent=True)


def _health(reading: CardReading) -> Saying:
    power: object = Saying("common.unknown")
    if not isinstance(reading.power_watts, Unread):
        power = f"{reading.power_watts:.0f} W"
    troubles = []
    if not isinstance(reading.throttled_by, Unread) and reading.throttled_by:
        reasons = Listing(tuple(sorted(reading.throttled_by)), in_a_row=True)
        troubles.append(Saying("card.throttled", {"by": reasons}))
    if not isinstance(reading.ecc_uncorrected, Unread) and reading.ecc_uncorrected:
        troubles.append(Saying("card.ecc", {"count": reading.ecc_uncorrected}))
    if reading.xid is not None and not isinstance(reading.xid, Unread):
        troubles.append(Saying("card.xid", {"code": reading.xid.code, "at": reading.xid.at}))
    return Saying(
        "card.health", {"power": power, "troubles": Listing(tuple(troubles), separator=""), "mig": _mig(reading)}
    )


def _mig(reading: CardReading) -> Saying:
    if not reading.mig:
        return NOTHING
    slices = tuple(
        Saying("card.mig_slice", {"index": one.index, "used": amount(one.memory_used_bytes),
                                  "total": amount(one.memory_total_bytes)})
        for one in reading.mig
    )  # fmt: skip
    return Saying("card.mig", {"slices": Listing(slices)})


def _processes(row: CardRow, now: datetime) -> object:
    if isinstance(row.processes, Unread):
        return Saying("board.users_unknown", {"why": row.processes})
    if not row.processes:
        return Saying("board.nobody")
    lines: list[object] = [_process(on, now) for on in row.processes[:MOST_PROCESSES]]
    if len(row.processes) > MOST_PROCESSES:
        lines.append(Saying("card.more", {"count": len(row.processes) - MOST_PROCESSES}))
    return Listing(tuple(lines))


def _process(on: OnCard, now: datetime) -> Saying:
    process = on.process
    started = process.started_at
    values = {
        "who": _whose(on),
        "pid": process.pid,
        "memory": amount(process.memory_bytes),
        "age": NOTHING if isinstance(started, Unread) else Saying("card.since", {"age": now - started}),
        "command": NOTHING if isinstance(process.command, Unread) else Code(_shortened(process.command)),
    }
    return Saying("card.process", values)


def _whose(on: OnCard) -> object:
    if on.member is not None:
        return Person(on.member.display_name)
    origin = on.process.origin
    if isinstance(origin, InInstance):
        return Code(origin.instance)
    return Saying("card.on_host" if isinstance(origin, OnHost) else "card.untraced")


def _shortened(command: str) -> str:
    line = " ".join(command.split())
    return line if len(line) <= COMMAND_LIMIT else line[: COMMAND_LIMIT - 1] + "…"


def _day(uses: Sequence[CardUse]) -> Saying:
    """Means of what was read; how much of the day that was is said when it was not nearly all."""
    read = sum(use.read_seconds for use in uses)
    if read <= 0:
        return Saying("card.day_unknown")
    load = sum((use.load for use in uses), Level())
    memory = sum((use.memory for use in uses), Level())
    traced, busy = sum(use.traced_seconds for use in uses), sum(use.busy_seconds for use in uses)
    hottest = max((use.temperature_highest for use in uses if use.temperature_highest is not None), default=None)
    values = {
        "load": _percent(load.mean),
        "busy": _percent(100 * busy / traced if traced else None),
        "peak": Saying("common.unknown") if memory.highest is None else Bytes(int(memory.highest)),
        "hottest": Saying("common.unknown") if hottest is None else number(round(hottest), "°C"),
        "hours": read / 3600,
    }
    return Saying("card.day", values)


def _percent(value: float | None) -> object:
    return Saying("common.unknown") if value is None else f"{value:.0f}%"


def _buttons(row: CardRow) -> tuple[tuple[Button, ...], ...]:
    tail = row.card.id.uuid[-UUID_TAIL:]
    back = Button(Saying("card.button_back"), "gpus")
    refresh = Button(Saying("board.button_refresh"), f"card:{tail}")
    book = Button(Saying("card.button_book", {"card": row.card.name}), f"bookcard:{tail}", style=Style.GREEN)
    bell = Button(Saying("runs.bell_button"), f"bell:{tail}")
    is_free = not row.holding_now and row.processes == ()
    return ((back, refresh, book),) if is_free else ((back, refresh, book), (bell,))
