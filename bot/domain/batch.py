"""Many new users from one table: a CSV file whose first line names the options. Read whole before anything is done."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.domain.container import NotAdded, UserAdded
from bot.domain.saying import Saying
from bot.domain.user_options import OPTIONS, OptionFault, UserWish, wish_of

MOST_ROWS = 200
MOST_BYTES = 1 << 20
DELIMITERS = ",;\t，"
# What spreadsheets are headed with here.
ALIASES = {
    "名字": "name",
    "姓名": "name",
    "用户": "name",
    "用户名": "name",
    "user": "name",
    "模板": "template",
    "端口": "port",
    "处理器": "cpu",
    "核": "cpu",
    "内存": "memory",
    "硬盘": "disk",
    "磁盘": "disk",
    "显卡": "cards",
    "gpu": "cards",
    "公钥": "key",
    "ssh key": "key",
    "服务器": "server",
}


@dataclass(frozen=True)
class BatchRow:
    """One line of the file. `cells`: the options as they were written."""

    line: int
    wish: UserWish
    cells: Mapping[str, str]


@dataclass(frozen=True)
class BatchFault:
    """What is wrong with a line, and in it how to mend it."""

    line: int
    why: Saying


@dataclass(frozen=True)
class Batch:
    rows: tuple[BatchRow, ...] = ()
    faults: tuple[BatchFault, ...] = field(default=())


@dataclass(frozen=True)
class Planned:
    """A table that can be done; `token` is what a button carries, so that it does just what was shown."""

    token: str
    rows: tuple[BatchRow, ...]
    ports: Mapping[str, int]


@dataclass(frozen=True)
class BatchState:
    """How far it is, by name. `doing`: being made now."""

    names: tuple[str, ...]
    doing: frozenset[str] = frozenset()
    done: Mapping[str, UserAdded] = field(default_factory=dict)
    failed: Mapping[str, NotAdded] = field(default_factory=dict)


def read_batch(content: bytes) -> Batch:
    """Every line is looked at, so that a bad file is mended in one go."""
    text = _decoded(content)
    if text is None:
        return Batch(faults=(BatchFault(1, Saying("batch.not_text")),))
    try:
        lines = list(csv.reader(io.StringIO(text), delimiter=_delimiter(text), skipinitialspace=True))
    except csv.Error:  # a quotation mark that is never closed swallows the rest of the file
        return Batch(faults=(BatchFault(1, Saying("batch.not_text")),))
    header = [_column(cell) for cell in lines[0]] if lines else []
    if (fault := _header_fault(header)) is not None:
        return Batch(faults=(BatchFault(1, fault),))
    rows: list[BatchRow] = []
    faults: list[BatchFault] = []
    for number, cells in enumerate(lines[1:], 2):
        if not any(cell.strip() for cell in cells):
            continue
        try:
            rows.append(_row(number, header, cells))
        except OptionFault as fault_of_row:
            faults.append(BatchFault(number, Saying(f"option.{fault_of_row.key}", fault_of_row.values)))
    faults += _clashes(rows)
    if not rows and not faults:
        faults.append(BatchFault(2, Saying("batch.empty")))
    if len(rows) > MOST_ROWS:
        faults.append(BatchFault(MOST_ROWS + 2, Saying("batch.too_many", {"limit": MOST_ROWS})))
    return Batch(tuple(rows), tuple(sorted(faults, key=lambda fault: fault.line)))


def _decoded(content: bytes) -> str | None:
    """Excel writes UTF-8 with a mark, or what the country's Windows is used to."""
    if b"\0" in content[:4096]:
        return None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _delimiter(text: str) -> str:
    first = text.partition("\n")[0]
    return max(DELIMITERS, key=first.count)


def _column(cell: str) -> str:
    bare = " ".join(cell.split()).lower()
    return ALIASES.get(bare, bare)


def _header_fault(header: Sequence[str]) -> Saying | None:
    allowed = ("name", *OPTIONS, "server")
    unknown = [name for name in header if name and name not in allowed]
    twice = [name for name in header if name and header.count(name) > 1]
    if unknown:
        return Saying("batch.unknown_column", {"column": unknown[0], "known": ", ".join(("name", *OPTIONS))})
    if twice:
        return Saying("batch.column_twice", {"column": twice[0]})
    return None if "name" in header else Saying("batch.no_name_column")


def _row(number: int, header: Sequence[str], cells: Sequence[str]) -> BatchRow:
    if len([cell for cell in cells[len(header) :] if cell.strip()]):
        raise OptionFault("too_many_cells", extra=cells[len(header)])
    written = {name: cell.strip() for name, cell in zip(header, cells) if name and cell.strip()}  # noqa: B905
    name = written.pop("name", "")
    if not name:
        raise OptionFault("row_without_name")
    return BatchRow(number, wish_of(name, written), {"name": name, **written})


def _clashes(rows: Sequence[BatchRow]) -> Iterator[BatchFault]:
    """The same name or port on two lines: the later one is the one that is told."""
    yield from _twice("batch.name_twice", ((row, row.wish.name) for row in rows))
    ports = ((row, str(row.wish.port)) for row in rows if row.wish.port is not None)
    yield from _twice("batch.port_twice", ports)


def _twice(key: str, values: Iterable[tuple[BatchRow, str]]) -> Iterator[BatchFault]:
    first: dict[str, int] = {}
    for row, value in values:
        if value in first:
            yield BatchFault(row.line, Saying(key, {"value": value, "line": str(first[value])}))
        first.setdefault(value, row.line)
