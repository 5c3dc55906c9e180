"""/who gpu0: who holds a card now and later, and who is really on it."""

from __future__ import annotations

from bot.context import JunziContext
from bot.domain.phrase import PhraseError
from bot.domain.saying import Saying
from bot.views.looks import who_message
from handlers.which import read


async def who(context: JunziContext) -> None:
    phrase = read(context)
    unread = isinstance(phrase, PhraseError)  # whatever it was, it named no card
    board = await context.lab.board.board()
    indices = () if isinstance(phrase, PhraseError) or phrase.cards is None else phrase.cards.indices
    rows = [row for row in board.rows if not unread and (not indices or row.card.index in indices)]
    if not rows:
        known = tuple(row.card.name for row in board.rows)
        await context.answer(Saying("looks.which_card", {"known": ", ".join(known)}))
        return
    agenda = await context.lab.looks.agenda()
    await context.answer(who_message(rows, agenda, board.now))
