"""Two people, three cards and some bookings, for tests of what tables and messages look like."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from bot.domain.card import Card, CardId
from bot.domain.member import Member, Role
from bot.domain.outcome import Booked
from bot.domain.reservation import Kind, Reservation
from bot.domain.window import Window
from tests.conftest import NOON

NOW = NOON  # a Wednesday, 20:00 in Shanghai
ZONE = ZoneInfo("Asia/Shanghai")
HOUR = timedelta(hours=1)
CARDS = tuple(
    Card(CardId("host", f"GPU-{i}"), i, model, 24 << 30, f"0000:{i}b:00.0")
    for i, model in enumerate(("NVIDIA GeForce RTX 4090", "NVIDIA GeForce RTX 4090", "NVIDIA A100-SXM4-80GB"))
)
LEI = Member(1, "lilei", Role.STUDENT, 11, "李雷", "zh")
MEI = Member(2, "hanmeimei", Role.STUDENT, 12, "韩梅梅", "zh")
MEMBERS = {1: LEI, 2: MEI}


def held(card: int, start: float, hours: float, member: Member = LEI, **values: object) -> Reservation:
    """`start`: hours from now."""
    window = Window.lasting(NOW + start * HOUR, hours * HOUR)
    return Reservation(1, 1, CARDS[card].id, member.id, window, **values)  # type: ignore[arg-type]


def booked(cards: tuple[int, ...], start: float, hours: float, **values: object) -> Booked:
    reservations = tuple(held(card, start, hours, **values) for card in cards)
    return Booked(LEI, reservations, tuple(CARDS[card] for card in cards))


__all__ = ["CARDS", "HOUR", "LEI", "MEI", "MEMBERS", "NOW", "ZONE", "Kind", "booked", "held"]
