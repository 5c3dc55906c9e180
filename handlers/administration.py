"""/bookfor, /revoke, /block, /unblock: an admin's hand in the ledger."""

from __future__ import annotations

from datetime import timedelta

from bot.context import JunziContext
from bot.domain.card import Card
from bot.domain.outcome import Blocked, Booked, NotBooked, NotChanged
from bot.domain.phrase import CardWish, Phrase, PhraseError
from bot.domain.reservation import Refused
from bot.domain.saying import Message, Saying
from bot.domain.window import Window, elapsed
from bot.domain.wish import named_cards, without_cards
from bot.views import administration as views
from bot.views import bookings
from handlers.which import read


async def bookfor(context: JunziContext) -> None:
    """`/bookfor zhangsan gpu0 48h`: in their name, by their limits, and they are told."""
    name, _, rest = context.words.strip().partition(" ")
    member = await context.lab.members.by_name(name) if name and rest else None
    if member is None:
        await context.answer(
            Saying("looks.no_member" if name and rest else "administration.usage_bookfor", {"name": name})
        )
        return
    phrase = read(context, rest)
    if isinstance(phrase, PhraseError):
        await context.answer(Saying(phrase.key, phrase.values))
        return
    outcome = await context.lab.reservations.reserve(member, phrase, context.origin, by=context.member)
    if isinstance(outcome, Booked):
        await context.answer(views.booked_for(outcome))
    elif isinstance(outcome, NotBooked):
        await context.answer(Message(bookings.not_booked(outcome, context.lab.clock.now()).saying))
    else:
        await context.answer(Saying("administration.usage_bookfor", {"name": name}))


async def revoke(context: JunziContext) -> None:
    """`/revoke gpu0 # reason`, `/revoke zhangsan # reason`."""
    words, _, reason = context.words.partition("#")
    name = words.strip()
    owner = await context.lab.members.by_name(name) if name else None
    cards: frozenset[Card] = frozenset()
    if owner is None:
        phrase = read(context, name)
        wish = phrase.cards if isinstance(phrase, Phrase) else None
        if wish is None:
            await context.answer(Saying("administration.usage_revoke"))
            return
        named = await _cards(context, wish)
        if isinstance(named, Refused):
            await context.answer(_no_such_cards(named))
            return
        cards = frozenset(named)
    ids = frozenset(card.id for card in cards)
    outcome = await context.lab.administration.revoke(context.member, ids, owner, reason.strip(), context.origin)
    await context.answer(bookings.not_changed(outcome) if isinstance(outcome, NotChanged) else views.revoked(outcome))


async def block(context: JunziContext) -> None:
    """`/block gpu0 4h # new fan`: closed for maintenance from now, or from the start that is said."""
    phrase = read(context)
    if isinstance(phrase, PhraseError):
        await context.answer(Saying(phrase.key, phrase.values))
        return
    cards = await _cards(context, phrase.cards) if phrase.cards is not None else ()
    if isinstance(cards, Refused):
        await context.answer(_no_such_cards(cards))
        return
    now = context.lab.clock.now()
    start = phrase.start or now
    length = phrase.duration or (None if phrase.end is None else elapsed(start, phrase.end))
    if not cards or length is None or length <= timedelta(0):
        await context.answer(Saying("administration.usage_block"))
        return
    reason = phrase.note or ""
    outcome = await context.lab.administration.block(
        context.member, cards, Window.lasting(start, length), reason, context.origin
    )
    if isinstance(outcome, Blocked):
        await context.answer(views.blocked(outcome, reason))
    else:
        await context.answer(bookings.not_changed(outcome))


async def unblock(context: JunziContext) -> None:
    phrase = read(context)
    wish = phrase.cards if isinstance(phrase, Phrase) else None
    cards = await _cards(context, wish) if wish is not None else ()
    if isinstance(cards, Refused):
        await context.answer(_no_such_cards(cards))
        return
    if not cards:
        await context.answer(Saying("administration.usage_unblock"))
        return
    ids = frozenset(card.id for card in cards)
    outcome = await context.lab.administration.unblock(context.member, ids, context.origin)
    await context.answer(views.unblocked(outcome) if isinstance(outcome, Blocked) else bookings.not_changed(outcome))


async def _cards(context: JunziContext, wish: CardWish) -> tuple[Card, ...] | Refused:
    """Those that are named; Refused for one that is not there, or where no card was ever seen."""
    known = await context.lab.reservations.cards()
    if not known:
        return without_cards(context.lab.observed.sample)
    return named_cards(wish, known) or ()


def _no_such_cards(refused: Refused) -> Saying:
    return bookings.not_booked(NotBooked(refused, {})).saying
