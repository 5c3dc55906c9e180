"""Cron lines as cron means them: 0 and 7 are Sunday, 1 is Monday.

APScheduler's `CronTrigger.from_crontab` (3.11) reads the day of the week its own way, with 0 for Monday, so that
"0 9 * * 1" would be Tuesday. Names mean the same to both: numbers are turned into names before it sees them.
"""

from __future__ import annotations

import re

_NAMES = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")
_PART = re.compile(r"(?:\*|(?P<first>[0-7])(?:-(?P<last>[0-7]))?)(?:/(?P<step>[1-9]))?")


def with_weekdays_by_name(line: str) -> str:
    """The same cron line with its last field in names. What is not understood is left for the scheduler to refuse."""
    fields = line.split()
    if len(fields) == 5 and fields[4] != "*":
        fields[4] = ",".join(_part(part) for part in fields[4].split(","))
    return " ".join(fields)


def _part(part: str) -> str:
    """ "1-5" is "mon,tue,wed,thu,fri": a list, since the scheduler's week begins on another day than cron's."""
    match = _PART.fullmatch(part)
    if match is None:
        return part
    first, last = (0, 6) if match["first"] is None else (int(match["first"]), int(match["last"] or match["first"]))
    if match["first"] is not None and match["last"] is None and match["step"] is not None:
        last = 6  # "3/2" is "3-6/2"
    if last < first:
        return part
    return ",".join(_NAMES[day] for day in range(first, last + 1, int(match["step"] or 1)))
