"""`junzi doctor`'s questions to a real LXD."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.adapters.lxd_checkup import LxdCheckup
from bot.domain.errors import InstanceNotFound, LxdUnreachable
from tests.real.lxd_lab import TEMPLATE, Lab

pytestmark = pytest.mark.real_lxd


@pytest.fixture
def checkup(lab: Lab) -> Iterator[LxdCheckup]:
    checkup = LxdCheckup(lab.socket)
    yield checkup
    checkup.close()


async def test_a_well_lxd_tells_its_version_and_the_room_for_copies(checkup: LxdCheckup) -> None:
    assert (await checkup.version())[0].isdigit()
    pool = await checkup.pool_of(TEMPLATE)
    assert pool.name == "default"
    assert 0 < pool.free_bytes < pool.total_bytes


async def test_a_template_that_is_not_there_is_told_from_an_lxd_that_is_not_there(
    checkup: LxdCheckup, tmp_path: Path
) -> None:
    with pytest.raises(InstanceNotFound):
        await checkup.pool_of("nobody")
    nowhere = LxdCheckup(str(tmp_path / "unix.socket"))
    with pytest.raises(LxdUnreachable):
        await nowhere.version()
    nowhere.close()
