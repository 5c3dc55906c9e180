"""/proc as the adapter reads it, on a made-up one and on this machine's own."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

import pytest

from bot.adapters import procmem
from bot.adapters.procfs import ProcFs, parse_stat
from bot.domain.sample import InInstance, OnHost, Unread, Untraced
from tests.standin.proc import BOOT, StandInProc

NAMES = frozenset({"zhangsan"})


@pytest.fixture
def proc(tmp_path: Path) -> StandInProc:
    return StandInProc(tmp_path / "proc")


def test_who_a_process_is(proc: StandInProc) -> None:
    proc.add(7, "/lxc.payload.zhangsan/init.scope", ["python", "train.py", "--token=x"], start_ticks=250, group=5)
    facts = ProcFs(proc.root).facts(7, NAMES)
    assert facts.origin == InInstance("zhangsan")
    assert facts.command == "python train.py --token=***"
    assert facts.started_at == datetime.fromtimestamp(BOOT + 250 / os.sysconf("SC_CLK_TCK"), timezone.utc)
    assert (facts.process_group, facts.session) == (5, 5)


def test_a_vanished_process_is_untraced(proc: StandInProc) -> None:
    facts = ProcFs(proc.root).facts(7, NAMES)
    assert facts.origin == Untraced("vanished")
    assert isinstance(facts.command, Unread)
    assert facts.command.reason == "vanished"


def test_a_reused_pid_is_another_process(proc: StandInProc) -> None:
    reader = ProcFs(proc.root)
    proc.add(7, "/lxc.payload.zhangsan")
    assert reader.facts(7, NAMES).origin == InInstance("zhangsan")
    reader.forget_all_but([])
    proc.add(7, "/system.slice/x.service", start_ticks=900)
    assert reader.facts(7, NAMES).origin == OnHost()


def test_who_gets_the_pid_of_a_process_that_the_driver_still_lists_is_not_taken_for_it(proc: StandInProc) -> None:
    """A driver that leaks lists the dead with their memory for hours, and pids are given out again."""
    reader = ProcFs(proc.root)
    proc.add(7, "/lxc.payload.lisi")
    assert reader.facts(7, NAMES | {"lisi"}).origin == InInstance("lisi")
    proc.remove(7)
    for _ in range(2):
        reader.forget_all_but([7])
        assert reader.facts(7, NAMES | {"lisi"}).origin == Untraced("vanished")
    proc.add(7, "/lxc.payload.zhangsan", ["vim", "paper.tex"], start_ticks=900)
    reader.forget_all_but([7])
    assert reader.facts(7, NAMES | {"lisi"}).origin == Untraced("vanished")


def test_a_pid_that_changes_hands_between_two_rounds_is_nobodys(proc: StandInProc) -> None:
    reader = ProcFs(proc.root)
    proc.add(7, "/lxc.payload.lisi")
    reader.facts(7, NAMES)
    reader.forget_all_but([7])
    proc.add(7, "/lxc.payload.zhangsan", start_ticks=900)
    for _ in range(2):
        assert reader.facts(7, NAMES).origin == Untraced("vanished")
        reader.forget_all_but([7])


def test_when_a_process_started_is_right_after_the_hosts_clock_was_set(proc: StandInProc) -> None:
    """A host boots with a clock that is eight hours off, and learns the time a minute later."""
    reader = ProcFs(proc.root)
    proc.add(7, "/lxc.payload.zhangsan", start_ticks=0)
    assert reader.facts(7, NAMES).started_at == datetime.fromtimestamp(BOOT, timezone.utc)
    proc.set_boot(BOOT + 1)
    reader.forget_all_but([7])
    assert reader.facts(7, NAMES).started_at == datetime.fromtimestamp(BOOT, timezone.utc)
    proc.set_boot(BOOT - 8 * 3600)
    reader.forget_all_but([7])
    proc.add(8, "/lxc.payload.zhangsan", start_ticks=0)
    for pid in (7, 8):
        assert reader.facts(pid, NAMES).started_at == datetime.fromtimestamp(BOOT - 8 * 3600, timezone.utc)


def test_exec_shows_the_new_command(proc: StandInProc) -> None:
    reader = ProcFs(proc.root)
    proc.add(7, "/", ["bash", "-c", "python a.py"], comm="bash")
    assert reader.facts(7, NAMES).command == "bash -c 'python a.py'"
    proc.add(7, "/", ["python", "a.py"], comm="python")
    assert reader.facts(7, NAMES).command == "python a.py"


def test_what_is_known_is_not_read_again(proc: StandInProc) -> None:
    reader = ProcFs(proc.root)
    proc.add(7, "/lxc.payload.zhangsan")
    first = reader.facts(7, NAMES)
    (proc.root / "7" / "cgroup").unlink()
    assert reader.facts(7, NAMES) is first
    reader.forget_all_but([])
    assert reader.facts(7, NAMES).origin == Untraced("vanished")


def test_a_new_container_may_change_whose_an_old_name_is(proc: StandInProc) -> None:
    reader = ProcFs(proc.root)
    proc.add(5, "/lxc.monitor.zhangsan-1", ["[lxc monitor] /var/lib/lxd/containers zhangsan-1"])
    proc.add(7, "/lxc.payload.zhangsan-1", parent=5)
    assert reader.facts(7, NAMES).origin == InInstance("zhangsan")
    assert reader.facts(7, NAMES | {"zhangsan-1"}).origin == InInstance("zhangsan-1")


def test_two_containers_with_one_cgroup_name_are_told_apart_by_lxds_own_watcher(proc: StandInProc) -> None:
    names = frozenset({"zhangsan", "zhangsan-1"})
    proc.add(50, "/lxc.monitor.zhangsan", ["[lxc monitor] /var/lib/lxd/containers zhangsan"])
    proc.add(60, "/lxc.payload.zhangsan-1/init.scope", ["/sbin/init"], parent=50, pids=(60, 1))
    proc.add(61, "/lxc.payload.zhangsan-1/x.scope", parent=60, pids=(61, 9))
    assert ProcFs(proc.root).facts(61, names).origin == InInstance("zhangsan")


def test_a_title_that_somebody_took_inside_a_container_accuses_nobody(proc: StandInProc) -> None:
    names = frozenset({"zhangsan", "zhangsan-1"})
    proc.add(50, "/lxc.monitor.zhangsan", ["[lxc monitor] /var/lib/lxd/containers zhangsan"])
    proc.add(60, "/lxc.payload.zhangsan-1/init.scope", ["/sbin/init"], parent=50, pids=(60, 1))
    false_title = ["[lxc monitor] /var/lib/lxd/containers zhangsan-1"]
    proc.add(61, "/lxc.payload.zhangsan-1/x.scope", false_title, parent=60, pids=(61, 9))
    proc.add(62, "/lxc.payload.zhangsan-1/x.scope", parent=61, pids=(62, 10))
    assert ProcFs(proc.root).facts(62, names).origin == InInstance("zhangsan")
    proc.remove(50)
    assert ProcFs(proc.root).facts(62, names).origin == Untraced("two_names")


def test_titles_and_the_nameless(proc: StandInProc) -> None:
    reader = ProcFs(proc.root)
    proc.add(7, "/", ["vllm::worker --api-key abc"], comm="vllm")
    proc.add(8, "/", [], comm="kworker (x)")
    assert reader.facts(7, NAMES).command == "vllm::worker --api-key ***"
    assert reader.facts(8, NAMES).command == "[kworker (x)]"


def test_a_stat_line_that_is_none_is_untraced(proc: StandInProc) -> None:
    proc.add(7, "/lxc.payload.zhangsan")
    (proc.root / "7" / "stat").write_text("garbage")
    assert ProcFs(proc.root).facts(7, NAMES).origin == Untraced("error")


def test_comm_may_hold_parentheses_and_spaces() -> None:
    zeros = b" ".join(b"0" for _ in range(15))
    assert parse_stat(b"7 (a) (b c) S 1 4 5 " + zeros + b" 99 0").start_ticks == 99


def test_this_very_process() -> None:
    facts = ProcFs().facts(os.getpid(), NAMES)
    assert facts.process_group == os.getpgid(0)
    assert facts.session == os.getsid(0)
    assert facts.folder == str(Path.cwd())
    assert isinstance(facts.started_at, datetime)
    assert facts.started_at < datetime.now(timezone.utc)
    assert not isinstance(facts.origin, Untraced)


def test_a_name_or_folder_of_a_program_can_not_write_lines_into_our_messages(proc: StandInProc) -> None:
    proc.add(7, "/lxc.payload.zhangsan", [], comm="x\n⚠️ lisi")
    (proc.root / "7" / "cwd").symlink_to(b"/home/x/\xff\n\xe2\x80\xae\xe6\x9d\x8e")
    facts = ProcFs(proc.root).facts(7, NAMES)
    assert facts.command == "[x ⚠️ lisi]"
    assert facts.folder == "/home/x/   李"


def test_a_process_whose_memory_does_not_answer_is_known_by_its_container_and_holds_nobody_up(
    proc: StandInProc, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its root has laid the command line into a file system of their own, and that never answers."""
    monkeypatch.setattr(procmem, "PATIENCE_SECONDS", 0.05)
    for pid in range(7, 7 + 2 * procmem.MOST_HANGING):
        proc.add(pid, "/lxc.payload.zhangsan", environment={})
        for name in ("cmdline", "environ"):
            (proc.root / str(pid) / name).unlink()
            os.mkfifo(proc.root / str(pid) / name)
    reader, before = ProcFs(proc.root), threading.active_count()
    for pid in range(7, 7 + 2 * procmem.MOST_HANGING):
        facts = reader.facts(pid, NAMES)
        assert facts.origin == InInstance("zhangsan")
        assert isinstance(facts.command, Unread)
    assert threading.active_count() - before <= procmem.MOST_HANGING

    for pid in range(7, 7 + procmem.MOST_HANGING):  # they answer at last
        (proc.root / str(pid) / "environ").write_bytes(b"")
    proc.add(99, "/lxc.payload.zhangsan", ["python", "x.py"])
    assert wait_until(lambda: threading.active_count() <= before + 1)
    assert reader.facts(99, NAMES).command == "python x.py"


def wait_until(is_so: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 10
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.01)
    return is_so()
