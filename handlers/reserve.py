"""/reserve, /mine, /release, /extend, and the buttons under their answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from bot.context import JunziContext
from bot.domain.card import Card
from bot.domain.cuda import cuda_line
from bot.domain.outcome import Booked, Extended, NotBooked, NotChanged, Outcome, Released
from bot.domain.phrase import Phrase, PhraseError, read_booking
from bot.domain.reservation import Reservation
from bot.domain.saying import Message, Saying
from bot.views import bookings
from handlers.dialogue import ask


async def reserve(context: JunziContext) -> None:
    """Book what was typed; ask by buttons for what was left out."""
    phrase = _read(context)
    if isinstance(phrase, PhraseError):
        await context.answer(Saying(phrase.key, phrase.values))
        return
    outcome = await context.lab.reservations.reserve(context.member, phrase, context.origin)
    await context.answer(await outcome_message(context, outcome))


async def book(context: JunziContext, arguments: list[str]) -> None:
    """The button that books a draft: an alternative that was offered, or the dialogue's last tap."""
    draft_id = int(arguments[0])
    if not await _is_ones_own(context, draft_id):
        return
    outcome = await context.lab.reservations.book_draft(context.member, draft_id)
    await context.pop_up(Saying("booking.popup_booked") if isinstance(outcome, Booked) else None)
    await context.change_pressed(await outcome_message(context, outcome))


async def _is_ones_own(context: JunziContext, draft_id: int) -> bool:
    draft = await context.lab.reservations.get_draft(draft_id)
    if draft is not None and draft.member_id == context.member.id:
        return True
    await context.pop_up(Saying("refused.not_yours"), alert=True)
    return False


async def outcome_message(context: JunziContext, outcome: Outcome) -> Message:
    """What to say to a request for cards."""
    if isinstance(outcome, Booked):
        record = await context.lab.containers.of(context.member)
        seen = None if record is None else context.lab.observed.cards_seen_by(record.name)
        line = cuda_line(outcome.cards, await context.lab.reservations.cards(), seen)
        return bookings.booked(outcome, line, context.lab.clock.now())
    if isinstance(outcome, NotBooked):
        return bookings.not_booked(outcome)
    return await ask(context, outcome.draft_id, outcome.draft)


async def mine(context: JunziContext) -> None:
    standing = await context.lab.reservations.mine(context.member)
    await context.answer(bookings.mine(standing, context.lab.clock.now()))


async def release(context: JunziContext) -> None:
    """`/release gpu0`, `/release all`, or alone: then the one booking there is, or buttons to choose from."""
    words = context.words.strip()
    standing = await context.lab.reservations.mine(context.member)
    if not words and len(standing) > 1:
        await context.answer(bookings.mine(standing, context.lab.clock.now()))
        return
    which = _all if not words else _which(context, words)
    if isinstance(which, PhraseError):
        await context.answer(Saying(which.key, which.values))
        return
    outcome = await context.lab.changes.release(context.member, which, context.origin)
    await context.answer(_released(outcome))


async def release_pressed(context: JunziContext, arguments: list[str]) -> None:
    """Only one's own: the service looks among the presser's reservations and nowhere else."""
    booking = int(arguments[0])
    outcome = await context.lab.changes.release(context.member, _of_booking(booking), context.origin)
    if isinstance(outcome, NotChanged):
        await context.pop_up(Saying("refused.not_yours_or_over"), alert=True)
        return
    await context.pop_up(Saying("booking.popup_released"))
    await context.change_pressed(bookings.released(outcome))


async def extend(context: JunziContext) -> None:
    """`/extend 6h`, `/extend gpu0 6h`, `/extend until fri 18:00`."""
    phrase = _read(context)
    if isinstance(phrase, PhraseError):
        await context.answer(Saying(phrase.key, phrase.values))
        return
    if phrase.duration is None and phrase.end is None:
        await context.answer(Saying("refused.extend_how_long"))
        return
    standing = await context.lab.reservations.mine(context.member)
    if phrase.cards is None and len(standing) > 1:
        await context.answer(bookings.mine(standing, context.lab.clock.now()))
        return
    outcome = await context.lab.changes.extend(
        context.member, _by_cards(phrase), by=phrase.duration, until=phrase.end, origin=context.origin
    )
    booking = standing[0].booking if len(standing) == 1 else None
    await context.answer(_extended(outcome, booking))


async def extend_pressed(context: JunziContext, arguments: list[str]) -> None:
    """`extend:BOOKING:MINUTES`, or `extend:BOOKING:max` for as far as there is room."""
    booking, minutes = int(arguments[0]), arguments[1]
    as_far = minutes == "max"
    outcome = await context.lab.changes.extend(
        context.member,
        _of_booking(booking),
        by=timedelta(days=1) if as_far else timedelta(minutes=int(minutes)),
        as_far_as_possible=as_far,
        origin=context.origin,
    )
    if isinstance(outcome, NotChanged) and outcome.reason == "nothing_to_extend":
        await context.pop_up(Saying("refused.not_yours_or_over"), alert=True)
        return
    await context.pop_up()
    await context.answer(_extended(outcome, booking))


def _released(outcome: Released | NotChanged) -> Message:
    return bookings.released(outcome) if isinstance(outcome, Released) else bookings.not_changed(outcome)


def _extended(outcome: Extended | NotChanged, booking: int | None) -> Message:
    if isinstance(outcome, Extended):
        return bookings.extended(outcome)
    return bookings.not_changed(outcome, booking=booking)


def _read(context: JunziContext) -> Phrase | PhraseError:
    return read_booking(context.words, context.lab.clock.now(), context.lab.zone)


Chooser = Callable[[Reservation, Card], bool]


def _all(_reservation: Reservation, _card: Card) -> bool:
    return True


def _of_booking(booking: int) -> Chooser:
    return lambda reservation, _card: reservation.booking == booking


def _which(context: JunziContext, words: str) -> Chooser | PhraseError:
    phrase = read_booking(words, context.lab.clock.now(), context.lab.zone)
    return phrase if isinstance(phrase, PhraseError) else _by_cards(phrase)


def _by_cards(phrase: Phrase) -> Chooser:
    wish = phrase.cards
    if wish is None or wish.every:
        return _all
    return lambda _reservation, card: card.index in wish.indices
