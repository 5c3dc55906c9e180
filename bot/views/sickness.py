"""What is wrong with a card, or with all of them: to whom it happens, and to the admins with what they can do."""

from __future__ import annotations

from bot.domain.case import Case
from bot.domain.evidence import Finding
from bot.domain.outage import Outage
from bot.domain.saying import Button, Bytes, Code, Listing, Message, Saying, Style
from bot.domain.story import Ending
from bot.views.letters import GROUP, NOTHING, Letter, Scene, names, resolved, span

# XIDs with a sentence of their own. What each means and what is to be done at once is NVIDIA's word: the columns
# "Description" and "Immediate Action" of https://docs.nvidia.com/deploy/xid-errors/analyzing-xid-catalog.html (A100 and
# later), and https://docs.nvidia.com/deploy/gpu-debug-guidelines/. NVIDIA warns that a number alone proves no cause:
# the sentences say "mostly" where it does. From code 14 on, the catalogue was read in others' transcriptions of it
# (November 2026), not on the page itself.
OF_THE_PROGRAM = frozenset({13, 31, 43, 45})  # RESTART_APP, or nothing (43; 45 follows another XID, or a kill)
NOTED_ONLY = frozenset({63, 92})  # IGNORE: the driver has seen to it itself
RESET = frozenset({48, 64, 95, 119, 120, 140})  # RESET_GPU
REBOOT = frozenset({79})  # RESTART_BM: what is not on the bus can't be reset
KNOWN_XIDS = OF_THE_PROGRAM | NOTED_ONLY | RESET | REBOOT | {74, 94, 154}
ANOTHER_CARD_IS_NO_HELP = OF_THE_PROGRAM | NOTED_ONLY


def sick(scene: Scene) -> list[Letter]:
    """A holder hears what it means for their booking, an admin what to look at. Holders of before hear the end."""
    case = scene.case
    holders = sorted({member for finding in case.findings for member in finding.affected})
    others = [member for member in case.told if member not in (*holders, *scene.admins, GROUP)]
    letters = [Letter(member, _for_holder(scene, member)) for member in holders if member not in scene.admins]
    letters += [Letter(member, _for_holder(scene, member)) for member in others if case.ending is not None]
    return letters + [Letter(admin, _for_admin(scene, holders)) for admin in scene.admins]


def _for_holder(scene: Scene, member: int) -> Message:
    own = [finding for finding in scene.case.findings if member in finding.affected] or scene.case.findings
    ends = [finding.reservation.window.end for finding in own if finding.reservation is not None]
    kept = Saying("sick.booking_kept", {"until": min(ends)}) if ends else NOTHING
    values = {**_values(scene, own), "kept": kept}
    if scene.case.ending is not None:
        return _end(scene.case, values)
    if scene.case.subject.aspect == "xid" and {finding.amount for finding in own} <= ANOTHER_CARD_IS_NO_HELP:
        return Message(Saying("sick.xid", values))  # another card would not help
    another = Button(Saying("sick.button_book_other"), "new", style=Style.BLUE)
    return Message(Saying(f"sick.{scene.case.subject.aspect}", values), ((another,),))


def _for_admin(scene: Scene, holders: list[int]) -> Message:
    values = {**_values(scene, scene.case.findings), "kept": NOTHING}
    if scene.case.ending is not None:
        return _end(scene.case, values)
    held = Saying("sick.held_by", {"who": scene.people(holders)}) if holders else NOTHING
    aspect = scene.case.subject.aspect
    details = Listing(tuple(_detail(finding) for finding in scene.case.findings))
    words = {"what": Saying(f"sick.{aspect}", values), "details": details, "held": held}
    return Message(Saying("sick.for_admin", {**words, "fix": _fix(scene.case)}))


def _fix(case: Case) -> Saying:
    """What an admin does; of several XIDs, for the gravest."""
    aspect = case.subject.aspect
    codes = {finding.amount for finding in case.findings}
    if aspect == "xid" and codes & REBOOT:
        return Saying("sick.fix_xid_reboot")
    if aspect == "xid" and codes & RESET:
        return Saying("sick.fix_xid_reset")
    if aspect == "xid" and codes <= ANOTHER_CARD_IS_NO_HELP:
        return Saying("sick.fix_xid_none")
    return Saying(f"sick.fix_{aspect}")


def _end(case: Case, values: dict[str, object]) -> Message:
    if case.ending is Ending.LOST_SIGHT:
        return resolved(Saying("sick.lost_sight", values))
    # An XID is an event: that it is old news says nothing about the card.
    return resolved(Saying("sick.xid_over" if case.subject.aspect == "xid" else "sick.over", values))


def _values(scene: Scene, findings: tuple[Finding, ...] | list[Finding]) -> dict[str, object]:
    return {
        "cards": names(finding.card for finding in findings),
        "since": scene.case.first_seen,
        "span": span(scene.case.first_seen, scene.case.ended_at or scene.now),
        "amount": max((finding.amount or 0 for finding in findings), default=0),
        "errors": Listing(tuple(_xid(finding) for finding in findings if finding.aspect == "xid")),
    }


def _xid(finding: Finding) -> Saying:
    code = finding.amount or 0
    meaning = Saying(f"sick.xid_{code if code in KNOWN_XIDS else 'other'}")
    return Saying("sick.xid_line", {"card": Code(finding.card.name), "code": code, "meaning": meaning})


def _detail(finding: Finding) -> Saying:
    """The vendor's own words: an admin may want to search for them."""
    said = finding.detail or str(finding.amount)
    return Saying("sick.detail", {"card": Code(finding.card.name), "detail": Code(said)})


def unexplained(scene: Scene) -> list[Letter]:
    """Memory that no living process holds: only an admin can free it."""
    values = {**scene.values, "lines": Listing(tuple(_leak(finding) for finding in scene.case.findings))}
    if scene.case.ending is not None:
        lost = scene.case.ending is Ending.LOST_SIGHT
        message = resolved(Saying("sick.lost_sight" if lost else "sick.unexplained_over", values))
    else:
        message = Message(Saying("sick.unexplained", values), silent=True)
    return [Letter(admin, message) for admin in scene.admins]


def _leak(finding: Finding) -> Saying:
    dead = ", ".join(str(process.pid) for process in finding.processes)
    pids = Saying("sick.dead_pids", {"pids": dead}) if dead else NOTHING
    return Saying("sick.leak", {"card": Code(finding.card.name), "memory": Bytes(finding.amount or 0), "pids": pids})


FIXES = frozenset({"timeout", "driver_missing", "version_mismatch", "no_permission"})


def outage(told: Outage) -> Message:
    """No card can be read at all."""
    if told.ended_at is not None:
        return resolved(Saying("outage.over", {"span": span(told.since, told.ended_at)}))
    fix = Saying(f"outage.fix_{told.why.reason if told.why.reason in FIXES else 'other'}")
    detail = Saying("outage.detail", {"detail": Code(told.why.detail)}) if told.why.detail else NOTHING
    return Message(Saying("outage.told", {"since": told.since, "why": told.why, "fix": fix, "detail": detail}))
