"""Bookings as an iCalendar file (RFC 5545), for the calendar on a phone or in a mail program.

Written by hand: the whole of what junzi needs is the thirty lines below, in the standard library, so that it stays in
the domain. The tests read the files back with the `icalendar` package.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone

from bot.domain.window import Window

LINE_OCTETS = 75  # without the line break
_LINE_BREAKS = re.compile("\r\n|[\r\n\v\f\x1c\x1d\x1e\x85\u2028\u2029]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class Event:
    """`uid` is the same in every file that tells of this booking, so that a calendar changes it in its place."""

    uid: str
    window: Window
    summary: str
    description: str = ""


def event_uid(reservation_id: int, host: str) -> str:
    """Unique among labs by the server's name."""
    return f"reservation-{reservation_id}@{re.sub('[^A-Za-z0-9.-]', '-', host) or 'junzi'}"


def calendar_file(events: Iterable[Event], name: str, stamp: datetime) -> bytes:
    """A .ics file. `name` is what calendars call it; `stamp` is when it was made."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//junzi//GPU bookings//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{escaped(name)}",
    ]
    for event in events:
        lines += _event(event, stamp)
    lines.append("END:VCALENDAR")
    return b"".join(folded(line) for line in lines)


def _event(event: Event, stamp: datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{escaped(event.uid)}"
    yield f"DTSTAMP:{_utc(stamp)}"
    yield f"DTSTART:{_utc(event.window.start)}"
    yield f"DTEND:{_utc(event.window.end)}"
    yield f"SUMMARY:{escaped(event.summary)}"
    if event.description:
        yield f"DESCRIPTION:{escaped(event.description)}"
    yield "TRANSP:TRANSPARENT"  # the card is busy, its holder is not
    yield "END:VEVENT"


def escaped(text: str) -> str:
    """A TEXT value: its four special characters escaped, any line break as one of its own, no control characters."""
    text = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return _CONTROLS.sub("", _LINE_BREAKS.sub(r"\\n", text))


def folded(line: str) -> bytes:
    """One content line with its CRLF, in pieces of at most 75 octets that never cut a character in two."""
    pieces: list[bytes] = [b""]
    for character in line:
        encoded = character.encode("utf-8", "replace")
        if len(pieces[-1]) + len(encoded) > LINE_OCTETS:
            pieces.append(b" ")
        pieces[-1] += encoded
    return b"\r\n".join(pieces) + b"\r\n"


def _utc(instant: datetime) -> str:
    return f"{instant.astimezone(timezone.utc):%Y%m%dT%H%M%SZ}"
