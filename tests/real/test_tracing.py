"""Whose a process is, on a real LXD: by its cgroup where that says it, by LXD's own watcher where it does not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from bot.adapters.lxd import LxdInstances
from bot.adapters.procfs import ProcFs
from bot.domain.sample import InInstance
from tests.real.lxd_lab import TEMPLATE, Lab

pytestmark = pytest.mark.real_lxd

CGROUPS = Path("/sys/fs/cgroup")


@pytest.fixture
def a_cgroup_was_left(lab: Lab) -> Iterator[None]:
    """What a process leaves that hangs in the driver when its container is restarted: the cgroup of the run before."""
    roots = [CGROUPS] if (CGROUPS / "cgroup.procs").exists() else [one for one in CGROUPS.iterdir() if one.is_dir()]
    left = [root / "lxc.payload.left" for root in roots]
    for folder in left:
        with suppress(OSError):
            folder.mkdir()
    yield
    lab.clear()
    for folder in left:
        with suppress(OSError):
            folder.rmdir()


@pytest.mark.usefixtures("a_cgroup_was_left")
async def test_a_container_in_a_cgroup_that_is_called_like_another_container(lab: Lab, lxd: LxdInstances) -> None:
    lab.lxc("copy", TEMPLATE, "left")
    lab.lxc("copy", TEMPLATE, "left-1")
    lab.lxc("start", "left")
    init = int(lab.lxc("query", "/1.0/instances/left/state").partition('"pid":')[2].partition(",")[0])
    assert "lxc.payload.left-1" in Path(f"/proc/{init}/cgroup").read_text()

    names = frozenset(one.name for one in await lxd.list())
    assert {"left", "left-1"} <= names
    assert ProcFs().facts(init, names).origin == InInstance("left")
