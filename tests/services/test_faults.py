"""What people read of an error from outside."""

from __future__ import annotations

import pytest

from bot.domain.errors import InstanceError, PortTaken
from bot.domain.provisioning import AccountRefused
from bot.services.faults import fault

BACKUP = "/var/snap/lxd/common/lxd/containers/zhangsan/backup.yaml"


@pytest.mark.parametrize(
    ("words", "key"),
    [
        (f'Failed to create file "{BACKUP}": open {BACKUP}: disk quota exceeded', "fault.quota_full"),
        (f"write {BACKUP}: no space left on device", "fault.pool_full"),
        ('sftp: "mkdir /home/mary/.ssh: disk quota exceeded" (SSH_FX_FAILURE)', "fault.quota_full"),
        (
            f"Failed to run: btrfs property set {BACKUP} ro true: exit status 1 (ERROR: Could not set subvolume flags: "
            "Disk quota exceeded)",
            "fault.quota_full",
        ),
        ("device or resource busy", "fault.other"),
    ],
)
def test_a_full_disk_is_told_from_a_full_pool_and_no_path_of_the_host_is_shown(words: str, key: str) -> None:
    said = fault(InstanceError(words))
    assert said.key == key
    assert bool(said.values) == (key == "fault.other")


def test_a_password_that_could_not_be_written_points_to_the_disk() -> None:
    said = "chpasswd: (user li) pam_chauthtok() failed, error:\nAuthentication token manipulation error"
    assert fault(AccountRefused(said)).key == "fault.password_unwritten"
    assert fault(AccountRefused("chpasswd: line 1: user li unknown")).key == "fault.account"


def test_an_error_with_a_kind_of_its_own_goes_by_that() -> None:
    assert fault(PortTaken("bind: address already in use")).key == "fault.port_taken"
