"""The start, the end and the length in a row of tokens, and whether they agree with one another and with now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo

from bot.domain.grammar import instants, moments
from bot.domain.grammar.atoms import Broken, Clock, Day, Integer, Length, Mark, Moment, Part, Token
from bot.domain.grammar.errors import PhraseError
from bot.domain.grammar.folded import Folded
from bot.domain.grammar.scan import composed_alone

# A window and a length that were both said agree if they differ by less than this.
_AGREEMENT = timedelta(minutes=1)
# Parts of today that may have begun when they are said: "tonight" at 21:00 means from now.
_MAY_HAVE_BEGUN = ("afternoon", "evening", "night")

_SMALL_WORDS = ("", "on", "the", "at", "around", "about", "时", "大概", "大约", "左右", "就", "再", "我", "我就", "会")


@dataclass(frozen=True)
class _Said:
    """A moment, or a length from now, and the token it was said with."""

    what: Moment | Length
    token: Token


def _near(text: str, first: Token, second: Token) -> bool:
    """Whether nothing but space, a comma or a small word is between two tokens."""
    return text[first.end : second.start].strip(" ,") in _SMALL_WORDS


def with_bare_hours(text: str, tokens: list[Token]) -> list[Token]:
    """The row with a bare number as an hour where one is due: "until 6", "tomorrow at 9", "from 9 to 17"."""
    row: list[Token] = []
    for token in tokens:
        before = row[-1] if row else None
        if isinstance(token.atom, Integer) and before is not None and _near(text, before, token):
            clock = moments.bare_hour(token.atom.value)
            if not isinstance(clock, Broken) and _hour_is_due(row):
                token = Token(composed_alone(clock), token.start, token.end)
        row.append(token)
        _join_moments(text, row)
    return row


def _hour_is_due(row: list[Token]) -> bool:
    last = row[-1].atom
    if isinstance(last, Mark):
        after_moment = last.name == "to" and len(row) > 1 and isinstance(row[-2].atom, Moment)
        return after_moment or last.name in ("until", "from", "at")
    return isinstance(last, Moment) and last.day is not None and last.clock is None and not last.day.weekend


def _join_moments(text: str, row: list[Token]) -> None:
    """Put a new last moment together with the one before it: "tomorrow" "at" "9", "6" "tomorrow"."""
    if len(row) > 1 and isinstance(row[-2].atom, Mark) and row[-2].atom.name == "at" and len(row) > 2:
        first, second = row[-3], row[-1]
        at = [row[-2]]
    elif len(row) > 1:
        first, second = row[-2], row[-1]
        at = []
    else:
        return
    if not (isinstance(first.atom, Moment) and isinstance(second.atom, Moment)):
        return
    if text[first.end : second.start].strip(" ,") not in ("", "at", "on", "@") or second.atom.instant:
        return
    whole: Moment | None = first.atom
    for atom in (second.atom.day, second.atom.clock):
        whole = moments.composed(whole, atom) if whole and atom else whole
    if whole and second.atom.part:
        whole = moments.composed(whole, Part(second.atom.part))
    if whole:
        del row[-2 - len(at) :]
        row.append(Token(whole, first.start, second.end))


def fold_times(text: str, tokens: list[Token], folded: Folded) -> tuple[_Said | None, _Said | None]:
    """The start and the end as said; a length goes into `folded` unless it is counted from now."""
    start: _Said | None = None
    end: _Said | None = None
    for place, token in enumerate(tokens):
        if not isinstance(token.atom, (Moment, Length)):
            continue
        role, marks = _role(text, tokens, place, start is not None)
        folded.used += [token, *marks]
        if role == "past":
            elapsed = token.atom.elapsed if isinstance(token.atom, Length) else timedelta()
            folded.ago = max(elapsed, folded.ago or timedelta())
        elif role == "length":
            _fold_length(text, token, folded)
        elif role == "end":
            end = _only(text, end, token, folded)
        else:
            start = _only(text, start, token, folded)
    return start, end


def _only(text: str, said: _Said | None, token: Token, folded: Folded) -> _Said:
    """The one start or end; a clock goes with an earlier day ("tomorrow", "from 2pm"), any other second is an error."""
    assert isinstance(token.atom, (Moment, Length))  # noqa: S101 - told apart by _fold_times
    if said is not None and isinstance(said.what, Moment) and isinstance(token.atom, Moment):
        clock, open_day = token.atom.clock, said.what.clock is None and said.what.day is not None
        part = token.atom.part or said.what.part
        if clock and open_day and token.atom.day is None and said.what.part in (None, part):
            return _Said(Moment(said.what.day, part, clock), token)
    if said is not None and said.what != token.atom:
        first, second = (text[t.start : t.end].strip() for t in (said.token, token))
        folded.errors.append(PhraseError("phrase.two_times", {"first": first, "second": second}))
        return said
    return _Said(token.atom, token)


def _fold_length(text: str, token: Token, folded: Folded) -> None:
    assert isinstance(token.atom, Length)  # noqa: S101 - told apart by _role
    if folded.length_token is not None and folded.duration != token.atom.elapsed:
        first, second = (text[t.start : t.end].strip() for t in (folded.length_token, token))
        folded.errors.append(PhraseError("phrase.two_durations", {"first": first, "second": second}))
    folded.duration, folded.length_token = token.atom.elapsed, token


def _role(text: str, tokens: list[Token], place: int, has_start: bool) -> tuple[str, list[Token]]:
    """What a moment or length is by its neighbours ("start", "end", "length"), and the marks that said so."""
    token = tokens[place]
    before = tokens[place - 1] if place and _near(text, tokens[place - 1], token) else None
    after = tokens[place + 1] if place + 1 < len(tokens) and _near(text, token, tokens[place + 1]) else None
    leading = before.atom.name if before and isinstance(before.atom, Mark) else ""
    trailing = after.atom.name if after and isinstance(after.atom, Mark) else ""
    marks = [mark for mark in (before, after) if mark is not None]
    if isinstance(token.atom, Length):
        if trailing == "later" and _is_before(text, after):
            return "past", marks[-1:]
        if trailing == "later":
            following = tokens[place + 2] if place + 2 < len(tokens) else None
            closed = following if following and after and _near(text, after, following) else None
            if closed is not None and closed.atom == Mark("closes"):
                return "end", [*marks[-1:], closed]
            kept = marks if leading in ("until", "in") else marks[-1:]
            return ("end" if leading == "until" else "start"), kept
        return ("start", [t for t in marks if t is before]) if leading == "in" else ("length", [])
    said_to = before is not None and text[before.start : before.end] == "to"
    if leading == "until" or (leading == "to" and (has_start or said_to)):
        return "end", [t for t in marks if t is before or trailing == "closes"]
    if trailing in ("closes", "later"):
        return ("end" if trailing == "closes" or _is_before(text, after) else "start"), [t for t in marks if t is after]
    kept = [t for t, name in ((before, leading), (after, trailing)) if t and name in ("from", "at", "begins")]
    return "start", kept


def _is_before(text: str, token: Token | None) -> bool:
    return token is not None and text[token.start : token.end].strip().endswith(("前", "ago"))


def place_times(start: _Said | None, end: _Said | None, now: datetime, zone: tzinfo, folded: Folded) -> None:
    """Find the instants of a start and an end, and check them against now, one another and the length."""
    start, end = _sharing(start, end)
    if start is not None and isinstance(start.what, Moment) and start.what.day is not None and start.what.day.weekend:
        _place_weekend(start.what.day, now, zone, folded)
    elif start is not None:
        folded.start = _instant(start, now, zone, None, folded)
        folded.rough = isinstance(start.what, Moment) and start.what.clock is None and start.what.instant is None
    if end is not None:
        folded.end = _instant(end, now, zone, folded.start or now, folded)
    _check(now, folded)


def _sharing(start: _Said | None, end: _Said | None) -> tuple[_Said | None, _Said | None]:
    """Let "9:00-13:00 tomorrow" share its day, and "9点到18点" its 24-hour clock."""
    if start is None or end is None or not (isinstance(start.what, Moment) and isinstance(end.what, Moment)):
        return start, end
    first, last = start.what, end.what
    if first.day is None and first.part is None and last.day is not None and last.day_last and first.clock:
        first = Moment(last.day, first.part, first.clock)
    if first.clock and first.clock.either and last.clock and last.clock.hour > 12 and not last.clock.half_day:
        clock = Clock(first.clock.hour, first.clock.minute)
        first = Moment(first.day, first.part, clock)
    return _Said(first, start.token), end


def _place_weekend(day: Day, now: datetime, zone: tzinfo, folded: Folded) -> None:
    """A weekend is Saturday 0:00 to Monday 0:00, or what is left of it."""
    saturday = Moment(day=day, clock=Clock(0))
    starts = instants.resolve(saturday, now, zone)
    if starts is None:
        return
    monday = starts.replace(tzinfo=None) + timedelta(days=2)
    folded.start = starts if starts > now else None
    if folded.duration is None:
        folded.end = instants.in_zone(monday, zone)


def _from(now: datetime, elapsed: timedelta) -> datetime:
    """That much elapsed time from now: by way of UTC, or the zone's own arithmetic would be by the wall clock."""
    return now.astimezone(timezone.utc) + elapsed


def _instant(said: _Said, now: datetime, zone: tzinfo, after: datetime | None, folded: Folded) -> datetime | None:
    """The instant of a start (`after` None) or an end; None where it is now, or can't be."""
    if isinstance(said.what, Length):
        return _from(now, said.what.elapsed).astimezone(zone)
    moment = said.what
    today = moment.day is not None and moment.day.offset == 0 and moment.clock is None
    if today and moment.part is None:
        if after is None:
            return None
        moment = Moment(moment.day, "midnight")
    found = instants.resolve(moment, now, zone, after)
    if found is None:
        folded.errors.append(PhraseError("phrase.bad_time", {"text": ""}))
    elif after is None and found <= now:
        just_now = now - found < timedelta(minutes=1)
        return None if just_now or (today and moment.part in _MAY_HAVE_BEGUN) else found
    return found


def _check(now: datetime, folded: Folded) -> None:
    """Refuse what lies in the past, ends before it starts or contradicts its own length. Elapsed time, so in UTC."""
    if folded.ago is not None:
        folded.errors.append(PhraseError("phrase.in_the_past", {"time": _from(now, -folded.ago)}))
    starts = (folded.start or now).astimezone(timezone.utc)
    if folded.start is not None and starts < now:
        folded.errors.append(PhraseError("phrase.in_the_past", {"time": folded.start}))
    if folded.end is None:
        return
    ends = folded.end.astimezone(timezone.utc)
    if ends <= now.astimezone(timezone.utc):
        folded.errors.append(PhraseError("phrase.in_the_past", {"time": folded.end}))
    elif ends <= starts:
        folded.errors.append(PhraseError("phrase.end_before_start", {"start": folded.start, "end": folded.end}))
    elif folded.duration is not None and abs(ends - starts - folded.duration) >= _AGREEMENT:
        values = {"end": folded.end, "duration": folded.duration}
        folded.errors.append(PhraseError("phrase.end_contradicts_duration", values))
