"""A table of new users: read whole, every bad line named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.batch import MOST_ROWS, read_batch
from bot.domain.provisioning import Limits
from bot.texts import load


def faults(content: bytes) -> list[tuple[int, str]]:
    return [(fault.line, fault.why.key) for fault in read_batch(content).faults]


@pytest.mark.parametrize(
    "content",
    [
        b"name,port,memory\nzhangsan,10005,32GiB\nlisi,,\n",
        "\ufeffname,port,memory\r\nzhangsan,10005,32GiB\r\nlisi,,\r\n".encode(),
        b"Name;Port;Memory\nzhangsan;10005;32GiB\n\n;;\nlisi;;\n",
        b"name\tport\tmemory\nzhangsan\t10005\t32GiB\nlisi\n",
        "姓名,端口,内存\nzhangsan,10005,32G\nlisi,,\n".encode("gb18030"),
    ],
    ids=["plain", "excel", "semicolons", "tabs", "chinese excel"],
)
def test_tables_as_spreadsheets_write_them(content: bytes) -> None:
    batch = read_batch(content)
    assert batch.faults == ()
    assert [(row.wish.name, row.wish.port, row.wish.limits) for row in batch.rows] == [
        ("zhangsan", 10005, Limits(memory="32GiB")),
        ("lisi", None, Limits()),
    ]


def test_every_bad_line_is_named() -> None:
    content = (
        "name,port,cpu,cards\n"
        "zhangsan,10005,4,\n"
        "张三,,,\n"
        ",10006,,\n"
        "lisi,abc,,\n"
        "zhangsan,,,\n"
        "wangwu,10005,,\n"
        'zhaoliu,,,"gpu0,gpu1"\n'
        "sunqi,,,gpu0,gpu1\n"
    )
    assert faults(content.encode()) == [
        (3, "option.name_bad_characters"),
        (4, "option.row_without_name"),
        (5, "option.port"),
        (6, "batch.name_twice"),
        (7, "batch.port_twice"),
        (9, "option.too_many_cells"),
    ]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", (1, "batch.no_name_column")),
        (b"port\n10005\n", (1, "batch.no_name_column")),
        (b"name,colour\nzhangsan,red\n", (1, "batch.unknown_column")),
        (b"name,port,Port\nzhangsan,1,2\n", (1, "batch.column_twice")),
        (b"name\n", (2, "batch.empty")),
        (b"PK\x03\x04\0\0\0", (1, "batch.not_text")),
        (b"name\n" + b"".join(b"s%d\n" % n for n in range(MOST_ROWS + 1)), (MOST_ROWS + 2, "batch.too_many")),
    ],
)
def test_a_table_that_is_none(content: bytes, fault: tuple[int, str]) -> None:
    assert faults(content) == [fault]


@given(st.binary(max_size=300))
def test_whatever_is_dropped_is_read_or_refused(content: bytes) -> None:
    batch = read_batch(b"name,port,memory\n" + content)
    assert batch.rows or batch.faults
    assert all(fault.why.key in load("zh") for fault in batch.faults)
