"""Changes of several steps as they go on: what is done, what runs, what is to come."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.archive import NotDone
from bot.domain.saying import Code, Listing, Message, Saying


def operation_progress(kind: str, name: str, steps: Sequence[str], step: str) -> Message:
    """`kind` names the sentence above the steps ("operation.doing_<kind>"); `step` is the one that runs."""
    place = steps.index(step) if step in steps else 0
    marks = tuple(
        Saying(
            f"adduser.{'done' if number < place else 'doing' if number == place else 'to_do'}",
            {"step": Saying(f"operation.step_{one}")},
        )
        for number, one in enumerate(steps)
    )
    return Message(Saying(f"operation.doing_{kind}", {"name": Code(name), "steps": Listing(marks)}))


def not_done_saying(name: str, outcome: NotDone) -> Saying:
    """Which step failed and why, and that nothing is left of it (or what is)."""
    if not outcome.step:
        return Saying("operation.not_begun", {"why": outcome.why})
    values = {
        "name": Code(name),
        "step": Saying(f"operation.step_{outcome.step}"),
        "why": outcome.why,
        "rest": outcome.left_behind or Saying("operation.nothing_left"),
    }
    return Saying("operation.failed", values)
