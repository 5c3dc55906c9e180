"""Private words about one's own bookings: a card used without one, a booking without use, a run that outlived its own.

Each is said once, and each has its answer one tap away.
"""

from __future__ import annotations

from datetime import timedelta

from bot.domain.case import Answered
from bot.domain.saying import Button, Code, Message, Saying, Style
from bot.domain.story import Ending
from bot.views.letters import NOTHING, Letter, Scene, resolved


def unbooked(scene: Scene) -> list[Letter]:
    """ "Book it?" Harmless, so without a sound."""
    case = scene.case
    values = {**scene.values, "age": scene.now - case.first_seen}
    if case.ending is not None:
        return _to_owner(scene, resolved(Saying(f"offer.unbooked_{_END[case.ending]}", values)))
    lengths = _book_buttons(scene, "offer.button_book")
    if not lengths:  # others hold shares of it: how much is meant only its owner knows
        line = Code(f"/reserve {case.cards[0].name} 4h 10G")
        return _to_owner(scene, Message(Saying("offer.unbooked_shared", {**values, "line": line}), silent=True))
    return _to_owner(scene, Message(Saying("offer.unbooked", values), (lengths,), silent=True))


def overrun(scene: Scene) -> list[Letter]:
    case = scene.case
    ends = [finding.ended.window.end for finding in case.findings if finding.ended is not None]
    values = {**scene.values, "over": max(ends, default=case.first_seen)}
    if case.ending is not None:
        return _to_owner(scene, resolved(Saying(f"offer.unbooked_{_END[case.ending]}", values)))
    lengths = _book_buttons(scene, "offer.button_extend")
    ask = Saying("offer.overrun_free") if lengths else Saying("offer.overrun_taken")
    stop = scene.button(Saying("warning.button_stopping"), "stopping")
    rows = ((*lengths,), (stop,)) if lengths else ((stop,),)
    return _to_owner(scene, Message(Saying("offer.overrun", {**values, "ask": ask}), rows))


def idle(scene: Scene) -> list[Letter]:
    """ "Still needed?" Whoever keeps it is not asked again."""
    case = scene.case
    waiting = Saying("offer.waiting", {"count": scene.waiting}) if scene.waiting else NOTHING
    values = {**scene.values, "age": scene.now - case.first_seen, "waiting": waiting}
    if case.answer is not None and case.answer.what is Answered.LEFT_TO_WAITING:
        return _to_owner(scene, Message(Saying("offer.idle_left", values)))
    if case.ending is not None:
        return _to_owner(scene, resolved(Saying("offer.idle_over", values)))
    release = scene.button(Saying("offer.button_release"), "release", style=Style.RED)
    keep = scene.button(Saying("offer.button_keep"), "keep", style=Style.GREEN)
    return _to_owner(scene, Message(Saying("offer.idle", values), ((release, keep),)))


def kept(scene: Scene) -> Message:
    return Message(Saying("offer.kept", scene.values))


_END = {Ending.OVER: "over", Ending.ALLOWED: "changed", Ending.LOST_SIGHT: "changed"}


def _to_owner(scene: Scene, message: Message) -> list[Letter]:
    return [Letter(scene.case.subject.people[0], message)]


def _book_buttons(scene: Scene, key: str) -> tuple[Button, ...]:
    """As long as the card is free that long."""
    return tuple(
        scene.button(Saying(key, {"duration": length}), "book", length // timedelta(minutes=1), Style.GREEN)
        for length in scene.lengths
    )
