"""The scheduled status post."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.books import Books
from bot.domain.saying import Message
from bot.jobs.due import is_due
from bot.services.lab import Lab
from bot.services.owing import owe_group
from bot.views.board import board_message
from bot.views.board_table import with_table

LATEST = timedelta(hours=1)  # a 9:00 post at 11:00 is no news
FACT = "status_post.considered_until"


async def post(lab: Lab) -> None:
    if not lab.status_cron or lab.group is None:
        return
    now = lab.clock.now()
    seen = await lab.board.board()
    board = with_table(board_message(seen), seen)
    await lab.store.write(lambda books: _owe_if_due(books, lab, board, now))


def _owe_if_due(books: Books, lab: Lab, board: Message, now: datetime) -> None:
    if is_due(books, FACT, lab.status_cron, lab.zone, now, LATEST):
        owe_group(books, board, now)
