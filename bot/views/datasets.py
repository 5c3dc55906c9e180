"""Messages about host folders in containers."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.instance import Dataset
from bot.domain.mount import DatasetSeen
from bot.domain.saying import Bytes, Code, Listing, Saying
from bot.domain.upkeep import Batch
from bot.views.assignment import batch


def mounted(outcome: Batch, dataset: Dataset) -> Saying:
    kind = "mount.done_ro" if dataset.read_only else "mount.done_rw"
    values = {"source": Code(dataset.source), "path": Code(dataset.path), "where": _names(outcome.done)}
    return batch(outcome, Saying(kind, values) if outcome.done else Saying("mount.done_nowhere"))


def unmounted(outcome: Batch, path: str) -> Saying:
    values = {"path": Code(path), "where": _names(outcome.done)}
    return batch(outcome, Saying("mount.undone", values) if outcome.done else Saying("mount.done_nowhere"))


def _names(names: tuple[str, ...]) -> Listing:
    return Listing(tuple(Code(name) for name in names), in_a_row=True)


def for_a_member(seen: Sequence[DatasetSeen]) -> Saying:
    if not seen:
        return Saying("mount.none")
    lines = Listing(tuple(Saying("mount.line", {**_line(one), "names": _contents(one)}) for one in seen))
    example = "/".join((seen[0].dataset.path, *seen[0].names[:1]))
    return Saying("mount.list", {"lines": lines, "example": Code(example)})


def for_an_admin(seen: Sequence[DatasetSeen]) -> Saying:
    if not seen:
        return Saying("mount.none_anywhere")
    lines = (
        Saying("mount.line_admin", {**_line(one), "source": Code(one.dataset.source), "count": len(one.in_containers)})
        for one in seen
    )
    return Saying("mount.list_admin", {"lines": Listing(tuple(lines))})


def _contents(one: DatasetSeen) -> Saying:
    if not one.names:
        return Saying("common.nothing")
    names = Listing(tuple(Code(name) for name in one.names), in_a_row=True)
    return Saying("mount.contents_more" if one.has_more else "mount.contents", {"names": names})


def _line(one: DatasetSeen) -> dict[str, object]:
    return {
        "path": Code(one.dataset.path),
        "size": Saying("mount.size_unknown") if one.size_bytes is None else Bytes(one.size_bytes),
        "mode": Saying("mount.ro" if one.dataset.read_only else "mount.rw"),
    }
