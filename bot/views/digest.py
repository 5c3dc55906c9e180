"""The week in words and as rows of its picture. Names without links: nobody's phone rings for a table."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.digest import CardWeek, Digest, MemberWeek
from bot.domain.saying import Code, Listing, Message, Saying
from bot.pictures.heatmap import HeatRow, busiest_hour
from bot.views.people import name_of

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NOTHING = Saying("common.nothing")


def heat_rows(digest: Digest) -> tuple[HeatRow, ...]:
    return tuple(HeatRow(day.day, day.shares) for day in digest.days)


def digest_message(digest: Digest) -> Message:
    """Everything; see `digest_caption` for what fits under a picture."""
    people = [_member(member, digest) for member in digest.members] or [Saying("digest.nobody")]
    values = {
        "summary": _summary(digest),
        "members": Listing(tuple(people)),
        "cards": Listing(tuple(_card(card) for card in digest.cards)),
    }
    return Message(Saying("digest.digest", values), silent=True)


def digest_caption(digest: Digest) -> Message:
    return Message(_summary(digest), silent=True)


def _summary(digest: Digest) -> Saying:
    values: dict[str, object] = {
        "first": digest.window.start,
        "last": digest.window.end - timedelta(seconds=1),  # the day that is over, not the midnight after it
        "booked": digest.booked_hours,
    }
    if not digest.is_read:
        return Saying("digest.summary_unread", values)
    found = {
        "busy": digest.busy_hours,
        "share": f"{100 * digest.busy_hours / digest.known_hours:.0f}%",
        "promises": _promises(digest),
        "busiest": _busiest(digest),
        "read": _read(digest),
    }
    return Saying("digest.summary", {**values, **found})


def _promises(digest: Digest) -> Saying:
    if not digest.promises:
        return Saying("digest.no_promises")
    if digest.kept == digest.promises:
        return Saying("digest.all_kept", {"count": digest.promises})
    return Saying("digest.kept", {"count": digest.promises, "kept": digest.kept})


def _busiest(digest: Digest) -> Saying:
    found = busiest_hour(heat_rows(digest))
    if found is None:
        return NOTHING
    day, hour = found
    number = next(i for i, shares in enumerate(digest.days) if shares.day == day)
    share = digest.days[number].shares[hour] or 0.0
    values = {"weekday": Saying(f"digest.on_{WEEKDAYS[day.weekday()]}"), "from": hour, "to": hour + 1}
    return Saying("digest.busiest", {**values, "share": f"{share * 100:.0f}%"})


def _read(digest: Digest) -> Saying:
    """Said only when it matters: what was not read is in none of the sums."""
    possible = len(digest.cards) * (digest.window.duration.total_seconds() / 3600)
    if not possible or digest.known_hours >= 0.98 * possible:
        return NOTHING
    return Saying("digest.read", {"share": f"{100 * digest.known_hours / possible:.0f}%"})


def _member(week: MemberWeek, digest: Digest) -> Saying:
    who = name_of(week.member)
    used: object = week.used_hours if digest.is_read else Saying("common.unknown")
    return Saying("digest.member", {"who": who, "booked": week.booked_hours, "used": used})


def _card(week: CardWeek) -> Saying:
    load: object = Saying("common.unknown") if week.load is None else f"{week.load:.0f}%"
    busy: object = week.busy_hours if week.known_hours > 0 else Saying("common.unknown")
    values = {"card": Code(week.card.name), "booked": week.booked_hours, "busy": busy, "load": load}
    return Saying("digest.card", values)
