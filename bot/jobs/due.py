"""Whether a cron line's time has come since it was last asked. What was due while junzi was off is done late, once."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone, tzinfo

from apscheduler.triggers.cron import CronTrigger

from bot.books import Books
from bot.domain.cron import with_weekdays_by_name


def last_due(cron: str, zone: tzinfo, after: datetime, until: datetime) -> datetime | None:
    """The last instant in `(after, until]` at which the cron line says so; None if there is none."""
    trigger = CronTrigger.from_crontab(with_weekdays_by_name(cron), timezone=zone)
    due, found = trigger.get_next_fire_time(None, after + timedelta(seconds=1)), None
    while due is not None and due <= until:
        found = due.astimezone(timezone.utc)
        due = trigger.get_next_fire_time(None, due + timedelta(seconds=1))
    return found


def is_due(books: Books, fact: str, cron: str, zone: tzinfo, now: datetime, latest: timedelta) -> bool:
    """Decided and noted (under `fact`) in one transaction, so that two ticks, or two processes, do it once.

    Noted before it is done: what kills junzi is not begun again for ever. Older than `latest`, it is let go.
    """
    considered = books.facts.get(fact)
    after = max(considered, now - latest) if isinstance(considered, datetime) else now
    if considered is None or now > considered:
        books.facts.put(fact, now)
    return last_due(cron, zone, after, now) is not None
