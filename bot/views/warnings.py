"""Where two people want the same card: trespass, collision, over-share. By name, with evidence, without blame."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.case import Answered, Case
from bot.domain.evidence import Finding
from bot.domain.saying import Button, Bytes, Code, Listing, Message, Saying, Style
from bot.domain.story import Ending
from bot.views.letters import GROUP, NOTHING, UNKNOWN, Letter, Scene, each, names, resolved


def trespass(scene: Scene) -> list[Letter]:
    """To the group; and to whose run it is in private, since they may just have forgotten something. To the holder in
    private where their booking can be had on an equal card."""
    offender, holder = scene.case.subject.people
    who = {"offender": scene.person(offender), "holder": scene.person(holder)}
    values = {**scene.values, **who}
    fine = scene.button(Saying("warning.button_fine"), "fine", style=Style.GREEN)
    end = _trespass_end(scene.case)
    values["moved_to"] = names(scene.case.answer.cards) if scene.case.answer is not None else NOTHING
    if end is not None:
        group, private = (resolved(Saying(f"warning.{where}_{end}", values)) for where in ("trespass", "private"))
        if end == "fine" and scene.case.ending is None:
            mind = scene.button(Saying("warning.button_mind"), "mind")
            group = replace(group, buttons=((mind,),))
        if end == "minded":  # whose run it is has it in a message of its own, which rings
            return [*_to_group(scene, group), *_to_holder(scene, holder, group)]
        return [*_to_group(scene, group), Letter(offender, private), *_to_holder(scene, holder, group)]
    again = "_again" if scene.case.tellings > 1 else ""
    warned = Message(Saying(f"warning.trespass{again}", values), ((fine,), scene.ways_out()))
    outlived = "_outlived" if not again and all(finding.ended is not None for finding in scene.case.findings) else ""
    how = Button(Saying("warning.button_how"), "how:warning")
    own = Message(Saying(f"warning.private{again}{outlived}", values), (scene.ways_out(), (how,)))
    return [*_to_group(scene, warned), Letter(offender, own), *_to_holder(scene, holder, _shift(scene, values, fine))]


def _to_holder(scene: Scene, holder: int, message: Message) -> list[Letter]:
    """Only where there is something to offer; once they have the message, it goes on with the matter."""
    return [Letter(holder, message)] if scene.equal or holder in scene.case.told else []


def _shift(scene: Scene, values: dict[str, object], fine: Button) -> Message:
    """Nothing is moved without the holder's tap."""
    if not scene.equal:
        return Message(Saying("warning.holder", values), ((fine,),))
    values = {**values, "equal": names(scene.equal)}
    label = Saying("warning.button_shift", {"cards": Listing(tuple(c.name for c in scene.equal), in_a_row=True)})
    indices = ".".join(str(card.index) for card in scene.equal)
    shift = scene.button(label, "shift", indices, Style.BLUE)
    return Message(Saying("warning.shift", values), ((shift,), (fine,)))


def minded(scene: Scene) -> Message:
    """To whose run it is: what was fine is not any more."""
    holder = scene.person(scene.case.subject.people[1])
    return Message(Saying("warning.private_minded", {**scene.values, "holder": holder}))


def _trespass_end(case: Case) -> str | None:
    if case.answer is not None and case.answer.what is Answered.ALLOWED:
        return "fine"
    if case.answer is not None and case.answer.what is Answered.MINDED and case.ending is Ending.ALLOWED:
        return "minded"
    if case.answer is not None and case.answer.what is Answered.SHIFTED and case.ending in (None, Ending.ALLOWED):
        # What was seen on the card since then means that the booking was moved back.
        return "shifted" if all(finding.seen_at <= case.answer.at for finding in case.findings) else None
    return None if case.ending is None else _ENDS[case.ending]


_ENDS = {Ending.OVER: "resolved", Ending.ALLOWED: "booking_over", Ending.LOST_SIGHT: "lost_sight"}


def collision(scene: Scene) -> list[Letter]:
    """To the group: nobody is in the right, so nobody is told to leave."""
    members = sorted({member for finding in scene.case.findings for member in finding.members})
    values = {**scene.values, "members": scene.people(members)}
    if scene.case.ending is not None:
        lost = scene.case.ending is Ending.LOST_SIGHT
        key = "warning.collision_lost_sight" if lost else "warning.collision_resolved"
        return _to_group(scene, resolved(Saying(key, values)))
    key = "warning.collision_again" if scene.case.tellings > 1 else "warning.collision"
    return _to_group(scene, Message(Saying(key, values), (scene.ways_out(),)))


def over_share(scene: Scene) -> list[Letter]:
    """To whose run it is and to those it takes memory from; to the group only if it goes on."""
    offender = scene.case.subject.people[0]
    others = sorted({member for finding in scene.case.findings for member in finding.affected})
    values = {
        **scene.values,
        "offender": scene.person(offender),
        "others": scene.people(others),
        "shares": Listing(tuple(_share(finding) for finding in scene.case.findings)),
    }
    in_group = scene.case.tellings >= scene.policy.group_at
    if scene.case.ending is not None:
        end, own_end = (resolved(Saying(f"warning.share{own}_resolved", values)) for own in ("", "_private"))
        return [*(_to_group(scene, end) if in_group else []), Letter(offender, own_end), *each(others, end)]
    own = Message(Saying("warning.share_private", values), (scene.ways_out(),))
    letters = [Letter(offender, own), *each(others, Message(Saying("warning.share_holder", values)))]
    if in_group:
        letters += _to_group(scene, Message(Saying("warning.share", values), (scene.ways_out(),)))
    return letters


def _share(finding: Finding) -> Saying:
    """How much is used, and of what: one's own share, or what the others' shares leave."""
    used = UNKNOWN if finding.amount is None else Bytes(finding.amount)
    allowed = UNKNOWN if finding.allowed is None else Bytes(finding.allowed)
    key = "warning.share_own" if finding.reservation is not None else "warning.share_left"
    return Saying(key, {"card": Code(finding.card.name), "used": used, "allowed": allowed})


def _to_group(scene: Scene, message: Message) -> list[Letter]:
    """And to the admins, once it was said so often that somebody else must look at it."""
    letters = [Letter(GROUP, message)]
    if scene.case.tellings >= scene.policy.escalate_at:
        values = {"count": scene.case.tellings, "warning": message.saying}
        is_over = scene.case.ending is not None or scene.case.is_final
        words = message.saying if is_over else Saying("warning.escalated", values)
        letters += each(scene.admins, Message(words, silent=True))
    return letters


def superseded(scene: Scene) -> Message:
    """The message before, once the matter is said again: no two messages may look like two warnings."""
    return resolved(Saying("warning.superseded", {"cards": names(scene.case.cards), "at": scene.now}))
