"""Messages about templates."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.saying import Button, Code, Listing, Message, Saying
from bot.domain.template import TemplateSeen
from bot.domain.upkeep import TemplateMade

NOTHING = Saying("common.nothing")
MOST_BYTES = 64


def listed(seen: Sequence[TemplateSeen]) -> Message:
    lines = tuple(_line(one) for one in seen)
    rows = tuple(
        (Button(Saying("template.button_default", {"name": one.name}), f"template:{one.name}"),)
        for one in seen
        if one.exists and not one.is_default and len(f"template:{one.name}") <= MOST_BYTES
    )
    return Message(Saying("template.list", {"lines": Listing(lines)}), rows)


def _line(one: TemplateSeen) -> Saying:
    children = Listing(tuple(Code(name) for name in one.children), in_a_row=True)
    values = {
        "name": Code(one.name),
        "default": Saying("template.is_default") if one.is_default else NOTHING,
        "missing": NOTHING if one.exists else Saying("template.missing"),
        "of": Saying("template.of", {"source": Code(one.made_of)}) if one.made_of else NOTHING,
        "children": Saying("template.children", {"names": children}) if one.children else NOTHING,
    }
    return Saying("template.line", values)


def made(outcome: TemplateMade) -> Message:
    button = Button(Saying("template.button_default", {"name": outcome.name}), f"template:{outcome.name}")
    rows = ((button,),) if len(button.data) <= MOST_BYTES else ()
    return Message(Saying("template.made", {"name": Code(outcome.name), "source": Code(outcome.source)}), rows)
