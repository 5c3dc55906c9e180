"""/help: a short page by role with a button for each topic, and the topics, filled in for who reads them."""

from __future__ import annotations

from collections.abc import Iterable

from bot.domain.saying import Button, Message, Saying, Style
from bot.domain.topic import BY_NAME, Reader, Topic, topics_for

A_ROW = 3
# The topics that show how to reach one's own container, and those that show a path to the datasets.
WITH_LOGIN = frozenset({"first", "ssh", "scp", "port"})
WITH_DATASETS = frozenset({"first", "datasets"})
SOME_FOLDER = "/mnt/datasets"


def overview(*, admin: bool, as_student: bool = False) -> Message:
    """What there is to type. An admin gets the admin's page, with a button for the students'."""
    admins_page = admin and not as_student
    rows = [*_rows(topic for topic in topics_for(admin=admins_page) if topic.at_once)]
    if admin:
        label, data = ("help.button_student", "help:student") if admins_page else ("help.button_admin", "help:admin")
        rows.append((Button(Saying(label), data, style=Style.BLUE),))
    return Message(Saying("help.admin" if admins_page else "help.student"), tuple(rows))


def page(topic: Topic, reader: Reader) -> Message:
    """One topic. Under it, what one goes on to, and the way back."""
    values = {"page": Saying(f"topic.{topic.name}", values_for(reader)), "note": _note(topic, reader)}
    seen = [BY_NAME[name] for name in topic.see if reader.is_admin or not BY_NAME[name].for_admins]
    back = Button(Saying("topic.back"), "help:all" if topic.for_admins or not reader.is_admin else "help:student")
    return Message(Saying("topic.page", values), (*_rows(seen), (back,)))


def _note(topic: Topic, reader: Reader) -> Saying:
    """What in the examples is made up for this reader."""
    if reader.is_example and topic.name in WITH_LOGIN:
        return Saying("topic.example")
    if reader.datasets is None and topic.name in WITH_DATASETS:
        return Saying("topic.no_datasets")
    return Saying("common.nothing")


def values_for(reader: Reader) -> dict[str, object]:
    """The placeholders that a topic's sentences may have."""
    return {
        "host": reader.host,
        "port": str(reader.port),
        "user": reader.user,
        "datasets": reader.datasets or SOME_FOLDER,
        "lab": reader.lab,
    }


def unknown(words: str, *, admin: bool) -> Message:
    return Message(Saying("topic.unknown", {"words": words[:40]}), overview(admin=admin).buttons)


def _rows(topics: Iterable[Topic]) -> tuple[tuple[Button, ...], ...]:
    buttons = [Button(Saying(f"topic.button_{topic.name}"), f"help:{topic.name}") for topic in topics]
    return tuple(tuple(buttons[i : i + A_ROW]) for i in range(0, len(buttons), A_ROW))
