"""The scheduled status post. What was due while junzi was off is posted late, if it is not stale; never twice."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone, tzinfo

from apscheduler.triggers.cron import CronTrigger

from bot.books import Books
from bot.domain.cron import with_weekdays_by_name
from bot.domain.saying import Message
from bot.services.lab import Lab
from bot.services.owing import owe_group
from bot.views.board import board_message
from bot.views.board_table import with_table

LATEST = timedelta(hours=1)  # a 9:00 post at 11:00 is no news
FACT = "status_post.considered_until"


def last_due(cron: str, zone: tzinfo, after: datetime, until: datetime) -> datetime | None:
    """The last instant in `(after, until]` at which the cron line says so; None if there is none."""
    trigger = CronTrigger.from_crontab(with_weekdays_by_name(cron), timezone=zone)
    due, found = trigger.get_next_fire_time(None, after + timedelta(seconds=1)), None
    while due is not None and due <= until:
        found = due.astimezone(timezone.utc)
        due = trigger.get_next_fire_time(None, due + timedelta(seconds=1))
    return found


async def post(lab: Lab) -> None:
    if not lab.status_cron or lab.group is None:
        return
    now = lab.clock.now()
    seen = await lab.board.board()
    board = with_table(board_message(seen), seen)
    await lab.store.write(lambda books: _owe_if_due(books, lab, board, now))


def _owe_if_due(books: Books, lab: Lab, board: Message, now: datetime) -> None:
    """Decide and note in one transaction, so that two ticks, or two processes, post once."""
    considered = books.facts.get(FACT)
    after = max(considered, now - LATEST) if isinstance(considered, datetime) else now
    if last_due(lab.status_cron, lab.zone, after, now) is not None:
        owe_group(books, board, now)
    if considered is None or now > considered:
        books.facts.put(FACT, now)
