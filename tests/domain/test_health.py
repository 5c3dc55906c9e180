"""When a storage pool is low: by its share, and by what is left."""

from __future__ import annotations

import pytest

from bot.domain.health import PoolSpace

GIB = 1 << 30


@pytest.mark.parametrize(
    ("total", "free", "percent", "gib", "low"),
    [
        (1000, 100, 10, 20, False),
        (1000, 99, 10, 20, True),  # the share, of a large pool
        (100, 20, 10, 20, False),
        (100, 19, 10, 20, True),  # the amount, of a small one
        (1000, 21, 0, 20, False),  # without a share
        (1000, 5, 0, 0, False),  # never
        (1000, 0, 10, 0, True),
    ],
)
def test_a_pool_is_low_by_its_share_or_by_what_is_left(
    total: int, free: int, percent: float, gib: float, low: bool
) -> None:
    pool = PoolSpace("default", (total - free) * GIB, total * GIB)
    assert pool.is_low(percent, gib * GIB) is low
