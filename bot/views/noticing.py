"""The one message about what was changed on the host past junzi."""

from __future__ import annotations

from bot.domain.inventory import Disagreement
from bot.domain.noticing import HandChange, News
from bot.domain.saying import Button, Code, Listing, Message, Saying

MOST_LINES = 12
NOTHING = Saying("common.nothing")


def told(news: News) -> Message:
    lines = [*_strangers(news), *_disagreements(news), *map(_change, news.changes)]
    more = len(lines) - MOST_LINES
    rest = Saying("batch.more", {"count": more}) if more > 0 else NOTHING
    values = {"lines": Listing(tuple(lines[:MOST_LINES])), "more": rest}
    return Message(Saying("noticed.told", values), ((Button(Saying("noticed.button"), "containers:page:0"),),))


def _strangers(news: News) -> list[Saying]:
    """Many at once are a lab that has not moved in yet."""
    names = [row.name for row, what in news.disagreements if what is Disagreement.NO_RECORD]
    if len(names) <= 3:
        return [Saying("noticed.stranger", {"name": Code(name)}) for name in names]
    return [Saying("noticed.strangers", {"count": len(names)})]


def _disagreements(news: News) -> list[Saying]:
    return [
        Saying(
            "noticed.disagrees",
            {
                "name": Code(row.name),
                "what": Saying(
                    f"inventory.{what.value}",
                    {
                        "name": row.name,
                        "port": str(row.port or ""),
                        "held": str(row.record.ssh_port or "") if row.record is not None else "",
                        "mend": Code(row.mend(what)),
                    },
                ),
            },
        )
        for row, what in news.disagreements
        if what is not Disagreement.NO_RECORD
    ]


def _change(change: HandChange) -> Saying:
    """Values are shown where they say something; which of two devices is meant, its name says."""
    values = {"name": Code(change.container), "key": Code(change.key)}
    if change.kind == "device":
        key = "gone" if change.after is None else "new" if change.before is None else "other"
        return Saying(f"noticed.device_{key}", values)
    if not change.before and not change.after:
        return Saying("noticed.config", values)
    shown = {"before": change.before or "–", "after": change.after or "–"}
    return Saying("noticed.config_from_to", {**values, **shown})
