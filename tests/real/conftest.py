"""The real LXD for this folder's tests; skipped by name where there can be none."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator

import pytest

from bot.adapters.lxd import LxdInstances
from tests.real.lxd_lab import Lab, borrowed_lab, why_not


def skip_without_lxd() -> None:
    """$JUNZI_NO_SKIP turns a skip into a failure: CI must have it all."""
    if (reason := why_not()) is not None:
        (pytest.fail if os.environ.get("JUNZI_NO_SKIP") else pytest.skip)(reason)


def lab_or_skip() -> Iterator[Lab]:
    """For session fixtures."""
    skip_without_lxd()
    with borrowed_lab() as lab:
        yield lab


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    yield from lab_or_skip()


@pytest.fixture
async def lxd(lab: Lab) -> AsyncIterator[LxdInstances]:
    """The adapter on the lab's LXD; afterwards only the template is left."""
    instances = LxdInstances(lab.socket)
    yield instances
    await instances.close()
    lab.clear()
