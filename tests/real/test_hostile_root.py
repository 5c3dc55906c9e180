"""A member is root in their container: no program and no file in there may hold the bot up, or fill its memory."""

from __future__ import annotations

import asyncio
import time

import pytest

from bot.adapters import lxd as adapter
from bot.adapters import lxd_files
from bot.adapters.lxd import LxdInstances
from bot.domain.errors import InstanceError, LxdUnreachable
from tests.real.lxd_lab import TEMPLATE, Lab

pytestmark = pytest.mark.real_lxd

NAME = "mallory"


@pytest.fixture
def root(lab: Lab, lxd: LxdInstances, monkeypatch: pytest.MonkeyPatch) -> LxdInstances:
    """The adapter, with the patience of a test."""
    monkeypatch.setattr(adapter, "PATIENCE_SECONDS", 1.0)
    monkeypatch.setattr(adapter, "KILL_AFTER_SECONDS", 1)
    monkeypatch.setattr(lxd_files, "SECONDS", 2.0)
    lab.lxc("copy", TEMPLATE, NAME)
    lab.lxc("start", NAME)
    return lxd


def sh(lab: Lab, script: str) -> None:
    lab.lxc("exec", NAME, "--", "sh", "-c", script)


def replace_program(lab: Lab, program: str, script: str) -> None:
    path = f"/usr/local/bin/{program}"
    sh(lab, f"printf '#!/bin/sh\\n{script}\\n' > {path}; chmod +x {path}")


async def test_a_program_that_writes_for_ever_is_given_up_and_nobody_waits_meanwhile(
    lab: Lab, root: LxdInstances
) -> None:
    replace_program(lab, "chpasswd", "exec cat /dev/zero")
    longest_pause = 0.0

    async def watch() -> None:
        nonlocal longest_pause
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.01)
            longest_pause = max(longest_pause, time.monotonic() - before)

    watching = asyncio.create_task(watch())
    with pytest.raises(InstanceError, match="MiB"):
        await root.run(NAME, ["chpasswd"], stdin=b"mallory:x\n")
    watching.cancel()
    assert longest_pause < 2.0  # of two busy cores; a hundred times as long before


async def test_a_program_that_never_ends_is_given_up_though_its_timeout_is_a_false_one(
    lab: Lab, root: LxdInstances
) -> None:
    replace_program(lab, "timeout", "exec sleep 600")
    with pytest.raises(InstanceError, match="did not end") as refused:
        await root.run(NAME, ["true"], timeout_seconds=1)
    assert not isinstance(refused.value, LxdUnreachable)
    assert (await root.get(NAME)).is_running


@pytest.mark.parametrize("made_by", ["mkfifo {0}", "truncate -s 20G {0}", "mkfifo /pipe; ln -s /pipe {0}"])
async def test_a_file_that_has_no_end_is_given_up(lab: Lab, root: LxdInstances, made_by: str) -> None:
    sh(lab, f"rm /etc/passwd; {made_by.format('/etc/passwd')}")
    with pytest.raises(InstanceError) as refused:
        await root.read_file(NAME, "/etc/passwd")
    assert not isinstance(refused.value, LxdUnreachable)
    assert await root.read_file(NAME, "/etc/hostname") is not None


async def test_links_are_followed_as_long_as_they_lead_somewhere(lab: Lab, root: LxdInstances) -> None:
    sh(lab, "echo keys > /root/real; mkdir /root/d; ln -s ../real /root/d/one; ln -s d/one /root/two; ln -s x /root/x")
    assert await root.read_file(NAME, "/root/two") == b"keys\n"
    assert await root.read_file(NAME, "/root/x") is None


async def test_a_link_out_of_the_container_leads_nowhere(lab: Lab, root: LxdInstances) -> None:
    (lab.directory / "secret").write_text("of the host")
    sh(lab, f"ln -s {lab.directory}/secret /root/link; ln -s ../../../../../../../..{lab.directory} /root/folder")
    for path in ("/root/link", "/root/folder/secret", f"/root/../../../../..{lab.directory}/secret"):
        assert await root.read_file(NAME, path) is None


async def test_a_pipe_in_the_place_of_the_keys_folder_is_no_folder(lab: Lab, root: LxdInstances) -> None:
    sh(lab, "mkfifo /srv/.ssh")
    with pytest.raises(InstanceError):
        await root.make_folder(NAME, "/srv/.ssh", mode=0o700)


async def test_whoever_hides_behind_such_files_can_be_deleted_all_the_same(lab: Lab, root: LxdInstances) -> None:
    replace_program(lab, "timeout", "exec sleep 600")
    sh(lab, "rm /etc/passwd; mkfifo /etc/passwd")
    for work in (root.read_file(NAME, "/etc/passwd"), root.run(NAME, ["true"], timeout_seconds=1)):
        with pytest.raises(InstanceError):
            await work
    await root.delete(NAME)
    assert NAME not in lab.names()
