"""What may be mounted is decided by where a path leads, not by how it is written."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from bot.adapters.folders import LocalFolders
from bot.demo.host import MadeUpFolders, MadeUpHost
from bot.domain.instance import Dataset
from bot.services.datasets import DatasetService
from bot.services.workshop import Workshop

SHARED = "/srv/shared"


def service(links: dict[str, str]) -> DatasetService:
    host = MadeUpHost(folders={SHARED, f"{SHARED}/link"}, links=links)
    return DatasetService(cast("Workshop", None), MadeUpFolders(host))


@pytest.mark.parametrize("target", ["/", "/etc", "/root/.ssh", "/var/lib/lxd/containers"])
async def test_a_link_that_a_member_made_in_a_shared_folder_is_not_followed_into_the_host(target: str) -> None:
    refusal = await service({f"{SHARED}/link": target}).refusal(Dataset(f"{SHARED}/link", "/mnt/x"))
    assert refusal is not None
    assert refusal.key == "mount.source_forbidden"


async def test_a_link_to_where_the_data_lie_is_as_good_as_they() -> None:
    assert await service({SHARED: "/data/shared"}).refusal(Dataset(SHARED, "/mnt/x")) is None


async def test_links_of_this_machine_are_followed_to_their_end(tmp_path: Path) -> None:
    (tmp_path / "end").mkdir()
    (tmp_path / "second").symlink_to("end")
    (tmp_path / "first").symlink_to(tmp_path / "second")
    assert await LocalFolders().real(str(tmp_path / "first")) == str((tmp_path / "end").resolve())
