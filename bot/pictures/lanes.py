"""Shares of a card's memory as lanes: each as high as its part of the memory, none over another.

Shares that touch the same stretch of time are laid by first fit from the bottom. Where that leaves holes and would
reach above the card, or where thin lanes had to be made visible, the whole group is pressed together to fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

THINNEST = 0.14  # of the height: a small share is still to be seen


@dataclass(frozen=True)
class Claim:
    """From `x0` to `x1`, `fraction` of the height."""

    x0: float
    x1: float
    fraction: float


@dataclass(frozen=True)
class Lane:
    """From `low` to `high`, parts of the height counted from the bottom."""

    low: float
    high: float


def lanes(claims: Sequence[Claim]) -> list[Lane]:
    """One lane for each claim, in their order."""
    laid: dict[int, Lane] = {}
    for group in _groups(claims):
        placed: list[tuple[Claim, Lane]] = []
        for index in group:
            lane = _first_fit(claims[index], placed)
            placed.append((claims[index], lane))
            laid[index] = lane
        top = max(lane.high for _, lane in placed)
        if top > 1:
            laid.update({index: Lane(laid[index].low / top, laid[index].high / top) for index in group})
    return [laid[index] for index in range(len(claims))]


def _groups(claims: Sequence[Claim]) -> list[list[int]]:
    """Indices of claims that hang together in time, each group by start and then the largest first."""
    order = sorted(range(len(claims)), key=lambda i: (claims[i].x0, -claims[i].fraction, i))
    groups: list[list[int]] = []
    reach = float("-inf")
    for index in order:
        if claims[index].x0 >= reach:
            groups.append([])
        groups[-1].append(index)
        reach = max(reach, claims[index].x1)
    return groups


def _first_fit(claim: Claim, placed: Sequence[tuple[Claim, Lane]]) -> Lane:
    height = max(claim.fraction, THINNEST)
    beside = sorted((lane.low, lane.high) for other, lane in placed if claim.x0 < other.x1 and other.x0 < claim.x1)
    low = 0.0
    for other_low, other_high in beside:
        if low + height <= other_low:
            break
        low = max(low, other_high)
    return Lane(low, low + height)
