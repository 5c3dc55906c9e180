"""Messages of the waiting list: in line, offered, passed, left."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.card import Card
from bot.domain.outcome import NotBooked
from bot.domain.queueing import InLine, NotJoined, NotTaken
from bot.domain.reservation import Refused
from bot.domain.saying import Button, Listing, Message, Saying, Style
from bot.domain.waiting import TICKET_LASTS, TicketState
from bot.domain.window import Window
from bot.views.bookings import card_names, not_booked
from bot.views.holders import share_of

NOTHING = Saying("common.nothing")


def joined(outcome: InLine) -> Message:
    """Their place, what happens next and how long the place lasts."""
    ticket = outcome.ticket
    if ticket.state is TicketState.OFFERED:
        return Message(Saying("waiting.joined_free", {"cards": card_names(outcome.cards)}))
    key = "waiting.joined_again" if outcome.again else "waiting.joined"
    values = {**_values(outcome), "minutes": ticket.wish.offer_lasts, "kept": _kept(outcome)}
    return Message(Saying(key, values), ((_leave(ticket.id, "waiting.button_leave"),),))


def not_joined(outcome: NotJoined) -> Saying:
    return _refused(outcome.refusal)


def offer(outcome: InLine, window: Window, in_use: Sequence[Card] = ()) -> Message:
    """Private: what is held for them, until when, and the two answers. `in_use`: cards with a run still on them."""
    ticket = outcome.ticket
    values = {
        **_values(outcome),
        "cards": card_names(outcome.cards),
        "start": window.start,
        "end": window.end,
        "duration": window.duration,
        "until": ticket.offered_until,
        "note": Saying("booking.note", {"note": ticket.wish.note}) if ticket.wish.note else NOTHING,
        "in_use": Saying("waiting.in_use", {"cards": card_names(in_use)}) if in_use else NOTHING,
    }
    key = "waiting.offer" if ticket.wish.start is None else "waiting.offer_later"
    if in_use:
        key = "waiting.offer_in_use"
    return Message(Saying(key, values), (_answers(ticket.id),))


def passed(outcome: InLine) -> Message:
    """The offer's message once its time is over."""
    values = {**_values(outcome), "until": outcome.ticket.offered_until}
    return Message(Saying("waiting.passed", values), (_again(outcome.ticket.id),), silent=True)


def withdrawn(outcome: InLine) -> Message:
    """What was offered can't be had after all; they keep their place."""
    return Message(Saying("waiting.withdrawn", _values(outcome)))


def lapsed(outcome: InLine) -> Message:
    """Nothing came in time. A wish for a time that has come can't be asked for again."""
    if outcome.ticket.wish.start is not None:
        return Message(Saying("waiting.lapsed_start", _values(outcome)))
    values = {**_values(outcome), "lasted": TICKET_LASTS}
    return Message(Saying("waiting.lapsed", values), (_again(outcome.ticket.id),))


def left(outcome: InLine) -> Message:
    """After a tap on "leave" or "no, thanks"; `outcome` is the ticket as it was before."""
    state = outcome.ticket.state
    if state is TicketState.OFFERED:
        return Message(Saying("waiting.declined", {"cards": card_names(outcome.cards)}))
    if state is TicketState.PASSED:
        return passed(outcome)
    if state is TicketState.TAKEN:
        return Message(Saying("waiting.over", _values(outcome)))
    return Message(Saying("waiting.left", _values(outcome)), (_again(outcome.ticket.id),))


def not_taken(outcome: NotTaken) -> Message | None:
    """What the pressed message becomes; None: it stays as it is."""
    if outcome.seen is None or outcome.refusal is not None:
        return None
    state = outcome.seen.ticket.state
    if state is TicketState.WAITING:
        return withdrawn(outcome.seen)
    if state is TicketState.PASSED:
        return passed(outcome.seen)
    return Message(Saying("waiting.over", _values(outcome.seen)), (_again(outcome.seen.ticket.id),))


def why_not_taken(outcome: NotTaken) -> Saying:
    """The pop-up's sentence."""
    if outcome.seen is None:
        return Saying("refused.not_yours")
    if outcome.refusal is not None:
        return _refused(outcome.refusal)
    waiting = outcome.seen.ticket.state is TicketState.WAITING
    return Saying("waiting.popup_waiting" if waiting else "waiting.popup_passed")


def mine(tickets: Sequence[InLine]) -> Message:
    """/waiting: every place in line with its buttons."""
    if not tickets:
        return Message(Saying("waiting.none"), ((Button(Saying("booking.button_new"), "newhere", style=Style.GREEN),),))
    rows = tuple(_row(one) for one in tickets)
    return Message(Saying("waiting.mine", {"lines": Listing(tuple(_line(one) for one in tickets))}), rows)


def _line(one: InLine) -> Saying:
    ticket = one.ticket
    if ticket.state is TicketState.OFFERED:
        return Saying("waiting.line_offered", {"cards": card_names(one.cards), "until": ticket.offered_until})
    return Saying("waiting.line", {**_values(one), "kept": _kept(one)})


def _kept(one: InLine) -> Saying:
    """What is sure already: the cards from a certain time on, or the place in line for a week."""
    if one.promised is None:
        return Saying("waiting.kept", {"lapses": one.ticket.lapses_at})
    return Saying("waiting.promised", {"start": one.promised.start, "cards": card_names(one.cards)})


def _row(one: InLine) -> tuple[Button, ...]:
    if one.ticket.state is TicketState.OFFERED:
        return _answers(one.ticket.id)
    label = Saying("waiting.button_leave_one", {"wish": _wish(one)})
    return (Button(label, f"leave:{one.ticket.id}", style=Style.RED),)


def _answers(ticket_id: int) -> tuple[Button, ...]:
    return (
        Button(Saying("waiting.button_take"), f"take:{ticket_id}", style=Style.GREEN),
        _leave(ticket_id, "waiting.button_decline"),
    )


def _leave(ticket_id: int, key: str) -> Button:
    return Button(Saying(key), f"leave:{ticket_id}")


def _again(ticket_id: int) -> tuple[Button, ...]:
    return (Button(Saying("waiting.button_again"), f"again:{ticket_id}", style=Style.BLUE),)


def _values(outcome: InLine) -> dict[str, object]:
    ahead = outcome.ahead
    return {
        "wish": _wish(outcome),
        "ahead": Saying("waiting.first") if ahead == 0 else Saying("waiting.behind", {"count": ahead}),
        "share": share_of(outcome.ticket.wish.memory_bytes),
    }


def _wish(outcome: InLine) -> Saying:
    """ "gpu0, 4 h" or "2 cards (a100), 12 h, 10 GiB of each"."""
    wish = outcome.ticket.wish
    key = "waiting.any_model" if wish.model else "waiting.any"
    cards = card_names(outcome.cards) if wish.cards else Saying(key, {"count": wish.count, "model": wish.model or ""})
    values = {"cards": cards, "duration": wish.duration, "share": share_of(wish.memory_bytes)}
    if wish.start is None:
        return Saying("waiting.wish", values)
    return Saying("waiting.wish_later", {**values, "start": wish.start})


def _refused(refusal: Refused) -> Saying:
    return not_booked(NotBooked(refusal, {})).saying
