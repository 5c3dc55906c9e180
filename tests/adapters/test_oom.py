"""The kernel's count of what it killed, from files as the kernel writes them."""

from __future__ import annotations

from pathlib import Path

from bot.adapters.oom import CgroupOomKills

V2 = "low 0\nhigh 0\nmax 41\noom 3\noom_kill 2\noom_group_kill 0\n"
V1 = "oom_kill_disable 0\nunder_oom 0\noom_kill 7\n"


def write(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True)
    (root / path).write_text(text)


def test_both_kinds_of_cgroup_are_read_and_what_is_not_there_is_left_out(tmp_path: Path) -> None:
    write(tmp_path, "lxc.payload.lisi/memory.events", V2)
    write(tmp_path, "memory/lxc.payload.wangwu/memory.oom_control", V1)
    write(tmp_path, "lxc.payload.old/memory.events", "low 0\n")
    assert CgroupOomKills(tmp_path).counts(["lisi", "wangwu", "old", "gone"]) == {"lisi": 2, "wangwu": 7}


def test_another_project_has_its_name_before_the_containers(tmp_path: Path) -> None:
    write(tmp_path, "lxc.payload.lab_lisi/memory.events", V2)
    assert CgroupOomKills(tmp_path, project="lab").counts(["lisi"]) == {"lisi": 2}
    assert CgroupOomKills(tmp_path).counts(["lisi"]) == {}
