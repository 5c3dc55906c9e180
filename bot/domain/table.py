"""Tables as files: CSV for a spreadsheet, Markdown for a wiki. Names come from people, so neither may run anything."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

Rows = Sequence[Sequence[str]]


def as_csv(header: Sequence[str], rows: Rows) -> bytes:
    """With the mark by which Excel knows UTF-8. A cell that it would take for a formula gets an apostrophe."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([_no_formula(cell) for cell in row] for row in rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _no_formula(cell: str) -> str:
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def as_markdown(header: Sequence[str], rows: Rows) -> bytes:
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(map(_no_markup, line))} |\n" for line in lines).encode()


def _no_markup(cell: str) -> str:
    return " ".join(cell.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").split()) or " "
