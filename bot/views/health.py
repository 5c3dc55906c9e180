"""Messages about the check-up: faults first, what is well only counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bot.domain.health import Finding, State
from bot.domain.saying import Button, Listing, Message, Saying

MARKS = {State.FAULT: "doctor_chat.fault", State.WARNING: "doctor_chat.warning", State.UNKNOWN: "doctor_chat.unknown"}


def saying_of(finding: Finding) -> Saying:
    return Saying(f"doctor.{finding.key}", finding.values)


def report(findings: Sequence[Finding]) -> Message:
    """On a phone: what is wrong, the gravest first; then how much is well."""
    lines = [
        Saying(mark, {"finding": saying_of(finding)})
        for state, mark in MARKS.items()
        for finding in findings
        if finding.state is state
    ]
    well = Counter(finding.state for finding in findings)[State.OK]
    again = ((Button(Saying("doctor_chat.again"), "doctor"),),)
    if not lines:
        return Message(Saying("doctor_chat.all_well", {"count": well}), again)
    return Message(Saying("doctor_chat.report", {"lines": Listing(tuple(lines)), "count": well}), again)


def changes_message(new: Sequence[Finding], over: Sequence[Saying]) -> Message:
    """`over`: what was said of each when it was new; what it was like is not kept."""
    lines = (
        *(Saying(MARKS[one.state], {"finding": Saying("doctor_chat.new", {"finding": saying_of(one)})}) for one in new),
        *(Saying("doctor_chat.over", {"finding": saying}) for saying in over),
    )
    return Message(Saying("doctor_chat.changes", {"lines": Listing(lines)}))
