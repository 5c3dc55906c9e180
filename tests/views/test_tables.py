"""The tables, read line by line in both languages; none is wider than a phone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.archive import Archive
from bot.domain.board import Board, CardRow, Holding, OnCard
from bot.domain.container import InstanceRecord, InstanceState
from bot.domain.cuda import CudaLine
from bot.domain.digest import CardWeek, Digest, MemberWeek
from bot.domain.disk_use import DiskFigure
from bot.domain.instance import Instance, InstanceStatus, InstanceUsage, proxy_to_ssh
from bot.domain.inventory import Row
from bot.domain.past import Past
from bot.domain.sample import CardReading, InInstance, Process, Unread
from bot.domain.saying import Message
from bot.domain.window import Window
from bot.texts import Voice
from bot.views import bookings, inventory, mine_table
from bot.views.board import board_message
from bot.views.board_table import with_table as board_with_table
from bot.views.calendar import calendar_text
from bot.views.calendar_table import with_table as calendar_with_table
from bot.views.digest import digest_message
from bot.views.digest_tables import with_tables as digest_with_tables
from bot.views.inventory_table import with_table as inventory_with_table
from bot.views.live import live_board
from tests.views.lab_of_two import CARDS, LEI, MEI, MEMBERS, NOW, ZONE, Kind, booked, held
from tests.views.reading import blocks_of, read, words

GIB = 1 << 30
DAY = timedelta(days=1)


def mine(*standing: bookings.Booked) -> Message:
    line = CudaLine("CUDA_VISIBLE_DEVICES=0", ())
    return mine_table.with_table(bookings.mine(standing, NOW, line), standing, NOW)


def calendar(*standing: Any, viewer: Any = None) -> Message:
    window = Window.lasting(NOW, 3 * DAY)
    past = Past(window, NOW, CARDS, tuple(Holding(r, MEMBERS.get(r.member_id)) for r in standing), (LEI, MEI))
    plain = calendar_text(CARDS, past.reservations, MEMBERS, viewer, window, NOW)
    return calendar_with_table(plain, past, viewer, 3)


def board() -> Board:
    reading = CardReading(CARDS[0], 11 * GIB, 24 * GIB, 97, 75)
    idle = CardReading(CARDS[1], 0, 24 * GIB, 0, 31)
    return Board(
        (
            CardRow(CARDS[0], reading, NOW, None, (Holding(held(0, -1, 3), LEI),), None, ()),
            CardRow(CARDS[1], idle, NOW, None, (), Holding(held(1, 30, 3, MEI), MEI), ()),
            CardRow(CARDS[2], None, None, Unread("lost"), (), None, Unread("lost")),
        ),
        NOW,
        NOW,
        None,
    )


def containers() -> Message:
    def running(name: str, port: int) -> Instance:
        devices = {"ssh": proxy_to_ssh(port)}
        return Instance(name, InstanceStatus.RUNNING, devices, devices, created_at=NOW, last_started_at=NOW - 3 * DAY)

    record = InstanceRecord("local", "lilei", 1, 10001, "base", InstanceState.READY, "op", NOW)
    usage = InstanceUsage(("10.77.0.4",), 2 * GIB, 26 * GIB)
    old = Archive(1, "local", "wei-archived-20261101", "wei", 1, 10003, "base", None, {}, NOW, NOW + 60 * DAY)
    rows = (
        Row("stray", running("stray", 10009), usage),
        Row("lilei", running("lilei", 10001), usage, record, owner=LEI),
        Row("base", Instance("base", InstanceStatus.STOPPED), usage, is_template=True),
        Row(old.name, Instance(old.name, InstanceStatus.STOPPED, config={}), usage, archive=old, at_work=True),
    )
    return inventory_with_table(inventory.containers(rows, CARDS, 0), rows, CARDS, 0)


def test_a_disk_that_was_counted_at_night_says_so() -> None:
    instance = Instance("lilei", InstanceStatus.RUNNING)
    row = Row("lilei", instance, InstanceUsage(), counted=DiskFigure(26 * GIB, NOW - DAY))
    message = inventory_with_table(inventory.containers((row,), CARDS, 0), (row,), CARDS, 0)
    assert any("≈26G" in line for line in read(message, "zh"))
    assert any("硬盘 26 GiB（⟨11月24日 周二 as r⟩数的）" in line for line in read(message, "zh"))


def test_a_small_disk_is_not_called_empty() -> None:
    row = Row("lilei", Instance("lilei", InstanceStatus.RUNNING), InstanceUsage(disk_bytes=217 << 20))
    message = inventory_with_table(inventory.containers((row,), CARDS, 0), (row,), CARDS, 0)
    assert any("<1G" in line for line in read(message, "zh"))


def digest() -> Message:
    week = Digest(
        Window.lasting(NOW - 7 * DAY, 7 * DAY),
        (MemberWeek(MEI, 12.4, 3.6), MemberWeek(LEI, 0, 100)),
        (CardWeek(CARDS[0], 12.4, 103.6, 160, 71.4), CardWeek(CARDS[1], 0, 0, 0, None)),
        (),
        2,
        1,
    )
    return digest_with_tables(digest_message(week), week)


def test_mine_in_chinese() -> None:
    message = mine(booked((0,), -1, 3, note="ResNet"), booked((1, 2), 40, 6), booked((0,), 5, 30, memory_bytes=8 * GIB))
    assert read(message, "zh") == [
        "我的预约",
        "卡 | 时间",
        "gpu0 | 到 ⟨11月25日 周三 22:00 as wt⟩",
        " | ⟨11月25日 周三 22:00 as r⟩结束",
        "gpu1、gpu2 | ⟨11月27日 周五 12:00 as wt⟩ – ⟨18:00 as t⟩",
        "gpu0 | ⟨11月26日 周四 01:00 as wt⟩ – ⟨11月27日 周五 07:00 as wt⟩",
        "8 GiB | ⟨11月26日 周四 01:00 as r⟩开始",
        "📝 gpu0：ResNet",
        "这样启动训练：",
        "CUDA_VISIBLE_DEVICES=0 python train.py",
    ]


def test_mine_in_english() -> None:
    message = mine(booked((0,), -1, 3), booked((1,), 200, 6))
    assert read(message, "en")[:5] == [
        "Your bookings",
        "card | when",
        "gpu0 | until ⟨Wed 25 Nov 22:00 as wt⟩",
        " | ends ⟨Wed 25 Nov 22:00 as r⟩",
        "gpu1 | ⟨Fri 4 Dec 04:00 as wdt⟩ – ⟨10:00 as t⟩",
    ]


def test_nothing_booked_is_a_sentence_and_no_table() -> None:
    assert mine_table.with_table(bookings.mine((), NOW), (), NOW).rich is None


def test_calendar() -> None:
    standing = (held(0, -1, 3), held(0, 12, 4, MEI, memory_bytes=GIB), held(1, 20, 3, kind=Kind.MAINTENANCE))
    assert read(calendar(*standing, viewer=LEI), "zh") == [
        "未来 3 天的预约",
        "gpu0 RTX 4090",
        "🔒 你 | 到 ⟨11月25日 周三 22:00 as wt⟩",
        "▫️ 韩梅梅 1G | ⟨11月26日 周四 08:00 as wt⟩ – ⟨12:00 as t⟩",
        "gpu1 RTX 4090",
        "🛠 维护 | ⟨11月26日 周四 16:00 as wt⟩ – ⟨19:00 as t⟩",
        "gpu2 A100-SXM4-80GB",
        "🟢 一直空闲",
    ]
    assert "🔒 李雷 | until ⟨Wed 25 Nov 22:00 as wt⟩" in read(calendar(*standing), "en")


def test_board() -> None:
    message = board_with_table(board_message(board()), board())
    assert read(message, "zh") == [
        "卡 | 负载 | 显存",
        "RTX 4090",
        "gpu0 | ▰▰▰▰ 97% | ▰▰▱▱ 11/24G",
        "75° | 🔒 李雷，⟨11月25日 周三 22:00 as r⟩结束",
        "gpu1 | ▱▱▱▱ 0% | ▱▱▱▱ 0/24G",
        "31° | 🟢 空闲，之后 韩梅梅：⟨11月27日 周五 02:00 as wt⟩",
        "A100-SXM4-80GB",
        "gpu2 | ⚠️ 卡没有响应",
        " | 没人预约",
        "⟨20:00 as r⟩读取",
    ]
    assert "75° | 🔒 李雷: ⟨Wed 25 Nov 22:00 as r⟩" in read(live_board(board()).message, "en")


def shared_board() -> Board:
    """Two shares of a card that is offered to a third; the other is closed."""
    seen = board()
    shares = (held(0, -1, 20, MEI, memory_bytes=12 * GIB), held(0, -1, 9, memory_bytes=8 * GIB))
    offered = held(0, 0, 0.5, MEI, memory_bytes=4 * GIB, kind=Kind.OFFER)
    holdings = tuple(Holding(one, MEMBERS[one.member_id]) for one in (*shares, offered))
    closed = Holding(held(1, -1, 4, kind=Kind.MAINTENANCE), LEI)
    rows = (replace(seen.rows[0], holding_now=holdings), replace(seen.rows[1], holding_now=(closed,)))
    return replace(seen, rows=rows)


def test_everybody_on_a_shared_card_has_a_line_and_cards_of_one_model_no_heading() -> None:
    assert read(board_with_table(board_message(shared_board()), shared_board()), "zh")[1:-1] == [
        "gpu0 | ▰▰▰▰ 97% | ▰▰▱▱ 11/24G",
        "75° | 🔒 韩梅梅 12G，⟨11月26日 周四 15:00 as wt⟩结束",
        " | 🔒 李雷 8G，⟨11月26日 周四 04:00 as r⟩结束",
        " | ⏳ 韩梅梅 4G，⟨11月25日 周三 20:30 as r⟩结束",
        "gpu1 | ▱▱▱▱ 0% | ▱▱▱▱ 0/24G",
        "31° | 🛠 维护，⟨11月25日 周三 23:00 as r⟩结束",
    ]


def test_what_is_not_known_is_neither_free_nor_zero() -> None:
    seen = board()
    blind = replace(seen.rows[1], next=None, processes=Unread("no_permission"))
    runs = replace(blind, processes=(OnCard(Process(7, InInstance("lilei"), GIB), LEI),))
    for row, words_of_it in ((blind, "gpu1: who is on it: unknown"), (runs, "31° | 🟡 not booked, but in use")):
        shown = replace(seen, rows=(row,))
        assert any(words_of_it in line for line in read(board_with_table(board_message(shown), shown), "en"))
    dead = replace(seen, rows=(seen.rows[2],))
    for message in (board_message(dead), live_board(dead).message):
        assert "free" not in Voice("en", ZONE).say(message.saying)


def test_containers() -> None:
    page = read(containers(), "zh")
    assert page[:9] == [
        "容器 3 个，2 个在运行",
        "⚠️ 1 个和登记的不一致",
        "stray ⚠️ 不是我开的，没有主人。接管：/adopt stray",
        "容器 | 端口 | 硬盘 | 上次用",
        "🟢 stray | 10009 | 26G | ⟨11月22日 周日 as r⟩",
        "🟢 lilei | 10001 | 26G | ⟨11月22日 周日 as r⟩",
        "📄 base |  | 26G | ",
        "📦 wei-archived-20261101",
        "归档，保留到 ⟨1月24日 周日 as wd⟩",
    ]
    assert "> 详细" in page
    assert page[page.index(">   🟢 lilei 李雷") :][1:5] == [
        ">   端口 10001 · 10.77.0.4 · 显卡 无",
        ">   内存 2 GiB · 硬盘 26 GiB",
        ">   模板 base · 建于 ⟨11月25日 周三 as wd⟩",
        ">   上次用 ⟨11月22日 周日 as r⟩",
    ]


def test_digest() -> None:
    assert read(digest(), "zh")[-8:] == [
        "每人（卡时）",
        "谁 | 预约 | 在用",
        "韩梅梅 | 12 | 4",
        "李雷 | 0 | 100",
        "每张卡（卡时）",
        "卡 | 预约 | 在用 | 负载",
        "gpu0 | 12 | 104 | 71%",
        "gpu1 | 0 | 未知 | 未知",
    ]
    assert read(digest(), "en")[0] == "[picture]"


def test_a_week_in_which_no_card_could_be_read_claims_neither_idleness_nor_peace() -> None:
    cards = tuple(CardWeek(card, 12.4, 0, 0, None) for card in CARDS[:2])
    week = Digest(Window.lasting(NOW - 7 * DAY, 7 * DAY), (MemberWeek(MEI, 24.8, 0),), cards, (), 2, 2)
    for message in (digest_message(week), digest_with_tables(digest_message(week), week)):
        words = "\n".join(read(message, "zh")) if message.rich else Voice("zh", ZONE).say(message.saying)
        assert "显卡一次都没读到" in words
        assert "真正在用 0" not in words
        assert "没被打扰" not in words
        assert "未知" in words


# What a phone has for a table, and what it takes: the demo's page at 390 px, text of 13.5 px, 12 px around each cell.
PHONE, HAN, LATIN, AROUND = 295, 13.5, 7.4, 12
SHOWN = {"r": "in 23 hours", "wt": "Wed 22:00", "t": "22:00", "wd": "Wed 27/11/26", "wdt": "Wed 27/11/26 22:00"}


def width(text: Any) -> float:
    if isinstance(text, str):
        return sum(HAN if ord(ch) > 0x2E80 else LATIN for ch in text)
    if isinstance(text, list):
        return sum(map(width, text))
    return width(SHOWN[text["date_time_format"]] if text["type"] == "date_time" else text["text"])


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    "message",
    [
        mine(booked((0, 1, 2), -1, 60, memory_bytes=8 * GIB), booked((1, 2), 40, 30)),
        calendar(held(0, -1, 3, MEI), held(0, 12, 40, MEI, memory_bytes=GIB), held(1, 20, 3, kind=Kind.MAINTENANCE)),
        board_with_table(board_message(board()), board()),
        board_with_table(board_message(shared_board()), shared_board()),
        containers(),
        digest(),
    ],
    ids=["mine", "calendar", "board", "shared board", "containers", "digest"],
)
def test_no_table_is_wider_than_a_phone(message: Message, language: str) -> None:
    for table in (block for block in blocks_of(message, language) if block["type"] == "table"):
        for row in table["cells"]:
            taken = sum(width(cell["text"]) + AROUND for cell in row)
            assert taken <= PHONE, " | ".join(words(cell["text"]) for cell in row)
