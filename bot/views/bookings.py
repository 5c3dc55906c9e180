"""Messages about bookings: made, refused, changed, listed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from bot.domain.board import CardRow
from bot.domain.card import Card, CardId
from bot.domain.cuda import CudaLine
from bot.domain.member import Member
from bot.domain.outcome import Alternative, Booked, Extended, Moved, NotBooked, NotChanged, Released, Undone
from bot.domain.reservation import Kind, Refused, Reservation
from bot.domain.saying import Ahead, Button, Bytes, Code, Listing, Message, Person, Saying, Style
from bot.views.board import users_of
from bot.views.holders import share_of
from bot.views.people import name_of
from bot.views.spans import span

NOTHING = Saying("common.nothing")
USUAL_EXTENSION = timedelta(hours=4)
HOLDER_LINES = {Kind.OFFER: "waiting.offer_line", Kind.PROMISE: "waiting.promise_line"}
MOST_SHOWN = 10  # a phone screen, and far from Telegram's 100 buttons and 4096 characters


def card_names(cards: Sequence[Card]) -> Listing:
    return Listing(tuple(Code(name) for name in dict.fromkeys(card.name for card in cards)), in_a_row=True)


def plain_names(cards: Sequence[Card]) -> Listing:
    """For button labels, which take no markup."""
    return Listing(tuple(card.name for card in cards), in_a_row=True)


def booked(outcome: Booked, cuda: CudaLine, others: Sequence[CardRow], now: datetime) -> Message:
    """The promise, until when, the line to start a run with, and who is on the card all the same (`others`)."""
    window = outcome.window
    later = window.start > now
    values = {
        "cards": card_names(outcome.cards),
        "start": Ahead(window.start, now),
        "end": Ahead(window.end, now),
        "duration": window.duration,
        "share": share_of(outcome.reservations[0].memory_bytes),
        "note": _note(outcome.reservations[0]),
        "line": _cuda(cuda, later=later),
        "others": NOTHING if later or not others else _others(others),
    }
    key = "booking.booked_later" if later else "booking.booked"
    known = {"cards": values["cards"], "window": window, "end": window.end}
    public = _public("booked_later" if later else "booked", outcome.member, known)
    copy = () if cuda.unseen else ((Button(Saying("booking.button_copy"), copies=f"{cuda.assignments} "),),)
    return Message(Saying(key, values), (*copy, _booking_buttons(outcome.booking)), public=public)


def _others(rows: Sequence[CardRow]) -> Saying:
    lines = tuple(Saying("booking.other", {"card": Code(row.card.name), "users": users_of(row)}) for row in rows)
    return Saying("booking.others", {"lines": Listing(lines)})


def _cuda(cuda: CudaLine, *, later: bool = False) -> Saying:
    if cuda.unseen:
        return Saying("booking.unseen", {"cards": card_names(cuda.unseen)})
    line = Code(f"{cuda.assignments} python train.py")
    return Saying("booking.cuda_later" if later else "booking.cuda", {"line": line})


def _note(reservation: Reservation) -> Saying:
    return Saying("booking.note", {"note": reservation.note}) if reservation.note else NOTHING


def _booking_buttons(booking: int) -> tuple[Button, ...]:
    return (
        Button(Saying("booking.button_extend"), f"extend:{booking}:240", style=Style.BLUE),
        Button(Saying("booking.button_change"), f"change:{booking}"),
        Button(Saying("booking.button_release"), f"release:{booking}", style=Style.RED),
    )


def not_booked(outcome: NotBooked, now: datetime | None = None) -> Message:
    """Why not, by whom and until when, and what is free instead. With `now`, close days are said by weekday."""
    refusal = outcome.refusal
    if refusal.reason == "taken" and outcome.is_ones_own:
        return _already_yours(outcome, now)
    if refusal.reason == "taken":
        saying = _taken(outcome, now)
    else:
        saying = Saying(f"refused.{refusal.reason}", _shown(refusal.values))
    rows = [(_alternative(a),) for a in outcome.alternatives]
    if outcome.wait is not None:
        rows.append((Button(Saying("waiting.button_join"), f"wait:{outcome.wait}", style=Style.BLUE),))
    return Message(saying, tuple(rows))


def _already_yours(outcome: NotBooked, now: datetime | None) -> Message:
    """What stands in the way is their own: they mean to keep it longer, or forgot."""
    own = outcome.refusal.blockers[0]
    values = {
        "card": _shown(outcome.refusal.values)["card"],
        "window": span(own.window, now),
        "together": _together(outcome.refusal),
    }
    return Message(Saying("refused.already_yours", values), (_booking_buttons(own.booking),))


def _taken(outcome: NotBooked, now: datetime | None) -> Saying:
    lines = [
        Saying("refused.maintenance_line", {"window": span(r.window, now), "note": _note_inline(r)})
        if r.kind is Kind.MAINTENANCE
        else Saying(
            HOLDER_LINES.get(r.kind, "refused.holder_line"),
            {
                "who": _holder(outcome, r),
                "window": span(r.window, now),
                "share": share_of(r.memory_bytes),
            },
        )
        for r in outcome.refusal.blockers[:5]
    ]
    offer = Saying("refused.instead") if outcome.alternatives else NOTHING
    values = {
        "card": _shown(outcome.refusal.values)["card"],
        "holders": Listing(tuple(lines)),
        "together": _together(outcome.refusal),
        "offer": offer,
    }
    return Saying("refused.taken", values)


def _together(refusal: Refused) -> Saying:
    """Whoever asked for several cards might think that they have the others."""
    return Saying("refused.together") if refusal.values.get("asked", 1) != 1 else NOTHING


def _holder(outcome: NotBooked, reservation: Reservation) -> object:
    return name_of(outcome.holders.get(reservation.member_id))


def _note_inline(reservation: Reservation) -> Saying:
    return Saying("booking.note_inline", {"note": reservation.note}) if reservation.note else NOTHING


def _shown(values: object) -> dict[str, object]:
    """Values of a refusal as they are shown: cards by name, bytes as amounts."""
    assert hasattr(values, "items")  # noqa: S101
    shown: dict[str, object] = {}
    for name, value in values.items():
        if isinstance(value, Card):
            shown[name] = Code(value.name)
        elif name.endswith("_bytes") and isinstance(value, int):
            shown[name] = Bytes(value)
        elif isinstance(value, tuple):
            shown[name] = Listing(value, in_a_row=True)
        else:
            shown[name] = value
    return shown


def _alternative(alternative: Alternative) -> Button:
    values = {
        "cards": plain_names(alternative.cards),
        "start": alternative.window.start,
        "end": alternative.window.end,
        "duration": alternative.window.duration,
    }
    return Button(Saying(_alternative_key(alternative), values), f"book:{alternative.draft_id}", style=Style.GREEN)


def _alternative_key(alternative: Alternative) -> str:
    if alternative.in_use:
        return "refused.button_in_use"
    if not alternative.starts_now:
        return "refused.button_later"
    return "refused.button_until" if alternative.is_shorter else "refused.button_now"


def mine(
    bookings: Sequence[Booked], now: datetime, cuda: CudaLine | None = None, longer: timedelta = USUAL_EXTENSION
) -> Message:
    """One's standing bookings with buttons to keep each longer (by `longer`) or give it back, and the line that uses
    what is held now."""
    if not bookings:
        return Message(Saying("booking.none"), ((Button(Saying("booking.button_new"), "newhere", style=Style.GREEN),),))
    shown, rest = bookings[:MOST_SHOWN], len(bookings) - MOST_SHOWN
    lines: tuple[Saying, ...] = tuple(_mine_line(booking, now) for booking in shown)
    if rest > 0:
        lines = (*lines, Saying("booking.mine_more", {"count": rest}))
    buttons = tuple(row for booking in shown for row in _mine_buttons(booking, shown, longer))
    line = NOTHING if cuda is None else Saying("booking.mine_line", {"line": _cuda(cuda)})
    return Message(Saying("booking.mine", {"bookings": Listing(lines), "line": line}), buttons)


def _mine_buttons(booking: Booked, shown: Sequence[Booked], longer: timedelta) -> tuple[tuple[Button, ...], ...]:
    """Longer and back. Of several bookings of the same cards each says from when it is, in a row of its own."""
    twins = [other for other in shown if {c.id for c in other.cards} == {c.id for c in booking.cards}]
    suffix, values = "", {"cards": plain_names(booking.cards), "longer": longer}
    if len(twins) > 1:
        suffix, values = "_of", {**values, "start": booking.window.start}
    extend = Button(
        Saying(f"booking.button_extend_one{suffix}", values),
        f"extend:{booking.booking}:{longer // timedelta(minutes=1)}",
        style=Style.BLUE,
    )
    release = Button(
        Saying(f"booking.button_release_one{suffix}", values), f"release:{booking.booking}", style=Style.RED
    )
    return ((extend,), (release,)) if suffix else ((extend, release),)


def _mine_line(booking: Booked, now: datetime) -> Saying:
    window = booking.window
    values = {
        "cards": card_names(booking.cards),
        "when": span(window, now),
        "end": Ahead(window.end, now),
        "share": share_of(booking.reservations[0].memory_bytes),
        "note": _note(booking.reservations[0]),
    }
    return Saying("booking.mine_now" if window.start <= now else "booking.mine_later", values)


def released(outcome: Released, who: Member, own: Collection[CardId] = ()) -> Message:
    """`own`: the cards that their own runs were on at the last look; whoever comes next must not meet them there."""
    still = [card for card in outcome.cards if card.id in own]
    run = Saying("booking.still_on", {"cards": card_names(still)}) if still else NOTHING
    values = {"cards": card_names(outcome.cards), "remaining": outcome.remaining, "run": run}
    return Message(Saying("booking.released", values), public=_public("released", who, values))


def extended(outcome: Extended, who: Member) -> Message:
    values = {"cards": card_names(outcome.cards), "end": outcome.end}
    key = "booking.extended" if outcome.wanted_end is None else "booking.extended_partly"
    saying = Saying(key, {**values, "wanted": outcome.wanted_end or outcome.end})
    return Message(saying, public=_public("extended", who, values))


def _public(key: str, who: Member, values: dict[str, object]) -> Saying:
    """What the others need to know of it, by name, in one line."""
    return Saying(f"public.{key}", {**values, "who": Person(who.display_name)})


def not_changed(outcome: NotChanged, *, booking: int | None = None) -> Message:
    """Why nothing changed; where there is some room before the next booking, a button takes it."""
    values = dict(outcome.values)
    if outcome.reason == "next_booking" and not values.get("room"):
        return Message(Saying("refused.no_room", values))
    buttons: tuple[tuple[Button, ...], ...] = ()
    if outcome.reason == "next_booking" and booking is not None:
        label = Saying("refused.button_up_to", {"end": values["possible"]})
        buttons = ((Button(label, f"extend:{booking}:max", style=Style.BLUE),),)
    return Message(Saying(f"refused.{outcome.reason}", values), buttons)


def change_menu(booking: Booked, now: datetime) -> Message:
    """Everything that can be done with a booking, by thumb: longer, shorter, back, or one card of several."""
    number = booking.booking

    def by(minutes: int, key: str, style: Style = Style.PLAIN) -> Button:
        return Button(Saying(key), f"extend:{number}:{minutes}", style=style)

    rows: list[tuple[Button, ...]] = [
        (by(60, "booking.plus_1h"), by(240, "booking.button_extend"), by(1440, "booking.plus_1d")),
        (by(-60, "booking.minus_1h"), by(-240, "booking.minus_4h"), by(-1440, "booking.minus_1d")),
    ]
    if len(booking.cards) > 1:
        pairs = [(r, card) for r in booking.reservations for card in booking.cards if card.id == r.card]
        rows += [
            (Button(Saying("booking.button_release_one", {"cards": card.name}), f"release1:{r.id}", style=Style.RED),)
            for r, card in pairs
        ]
    rows.append((Button(Saying("booking.button_release"), f"release:{number}", style=Style.RED),))
    start = NOTHING
    if booking.window.start > now:
        start = Saying("booking.change_start", {"line": Code(f"/move {booking.cards[0].name} 20:00")})
    return Message(Saying("booking.change", {"booking": _mine_line(booking, now), "start": start}), tuple(rows))


def moved(outcome: Moved, who: Member) -> Message:
    values: dict[str, object] = {"cards": card_names(outcome.cards)}
    window = outcome.window
    saying = Saying("booking.moved", {**values, "start": window.start, "end": window.end})
    return Message(saying, public=_public("moved", who, {**values, "window": window}))


def undone(outcome: Undone, who: Member) -> Message:
    values: dict[str, object] = {"cards": card_names(outcome.cards)}
    return Message(
        Saying(f"booking.undone_{outcome.action}", values), public=_public(f"undone_{outcome.action}", who, values)
    )
