"""Which processes are one run, and what it is called."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.run import Run, named, runs_in
from bot.domain.sample import Process, Unread
from tests.domain.watched_lab import (
    GIB,
    GPU0,
    GPU1,
    HOST,
    LISI,
    OWNERS,
    UNTRACED,
    WANGWU,
    ZHANGSAN,
    lost,
    process,
    row,
    sample,
)


def on(pid: int, home: str, *, group: int, session: int = 1, parent: int = 5, **changes: object) -> Process:
    return replace(process(pid, home), process_group=group, session=session, parent=parent, **changes)  # type: ignore[arg-type]


def pids(runs: tuple[Run, ...]) -> list[list[int]]:
    return [[one.pid for _, one in run.processes] for run in runs]


def test_a_script_over_two_cards_is_one_run() -> None:
    rows = [row(on(11, "lisi", group=10)), row(on(12, "lisi", group=10), card=GPU1)]
    (run,) = runs_in(sample(*rows), OWNERS)
    assert (run.member, run.instance, run.cards) == (LISI, "lisi", (GPU0, GPU1))
    assert run.memory_bytes == 20 * GIB
    assert run.load_percent == 90


def test_torchruns_workers_have_sessions_of_their_own() -> None:
    workers = [on(pid, "lisi", group=pid, session=pid, parent=9, command="python -u train.py") for pid in (11, 12, 13)]
    alone = on(20, "lisi", group=20, session=20, parent=8, command="python -u train.py")
    assert pids(runs_in(sample(row(*workers, alone)), OWNERS)) == [[11, 12, 13], [20]]


def test_workers_told_apart_by_their_rank() -> None:
    workers = [
        on(pid, "lisi", group=pid, session=pid, parent=9, command=f"python train.py --local_rank={pid}")
        for pid in (1, 2)
    ]
    assert pids(runs_in(sample(row(*workers)), OWNERS)) == [[1, 2]]


def test_two_jobs_of_one_terminal_are_two_runs() -> None:
    jobs = [on(11, "lisi", group=11, session=3, parent=3), on(12, "lisi", group=12, session=3, parent=3)]
    assert pids(runs_in(sample(row(*jobs)), OWNERS)) == [[11], [12]]


def test_two_notebooks_are_two_runs() -> None:
    kernels = [
        on(pid, "lisi", group=pid, session=pid, command=f"python -m ipykernel_launcher -f kernel-{pid}.json")
        for pid in (1, 2)
    ]
    assert pids(runs_in(sample(row(*kernels)), OWNERS)) == [[1], [2]]


def test_a_process_on_two_cards_is_one_run() -> None:
    one = process(11, "lisi")
    (run,) = runs_in(sample(row(one), row(one, card=GPU1)), OWNERS)
    assert len(run.processes) == 2
    assert len(run.identities) == 1


def test_group_numbers_of_two_containers_have_nothing_in_common() -> None:
    rows = row(
        on(11, "lisi", group=10),
        on(12, "zhangsan", group=10),
        on(13, "wangwu", group=10),
        on(14, "wangwu-old", group=10),
    )
    runs = runs_in(sample(rows), OWNERS)
    assert [run.member for run in runs] == [LISI, WANGWU, WANGWU, ZHANGSAN]


def test_what_nobody_can_say_whose_it_is_is_no_run() -> None:
    assert runs_in(sample(row(process(1, HOST), process(2, UNTRACED), process(3, "web")), lost(GPU1)), OWNERS) == ()
    assert runs_in(sample(row(process(1, "lisi")), trouble=Unread("timeout")), OWNERS) == ()


def test_order_does_not_matter() -> None:
    group = [on(pid, "lisi", group=10 + pid % 2) for pid in range(1, 7)]
    assert runs_in(sample(row(*group)), OWNERS) == runs_in(sample(row(*reversed(group))), OWNERS)


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("python train.py --model vit", "train.py"),
        ("/opt/conda/bin/python3.11 -u /home/lisi/vit/train.py --lr 1", "train.py"),
        ("python -m ipykernel_launcher -f k.json", "ipykernel_launcher"),
        ("torchrun --nproc_per_node=2 finetune.py", "finetune.py"),
        ("/usr/local/bin/ollama serve", "ollama"),
        ("env A=1 nohup ./a.out", "a.out"),
        ("[python]", "[python]"),
        ("python", "python"),
        ("", ""),
    ],
)
def test_named(command: str, name: str) -> None:
    assert named(command) == name


def test_the_folder_tells_two_train_py_apart() -> None:
    (run,) = runs_in(sample(row(on(1, "lisi", group=1, command="python train.py", folder="/home/lisi/vit"))), OWNERS)
    assert run.name == "train.py (vit)"


def test_environment_and_session_are_part_of_the_name_where_they_are_known() -> None:
    first = on(1, "lisi", group=1, command="python vit.py", folder="/home/lisi/exp")
    second = on(2, "lisi", group=1, environment="conda torch2", session_name="tmux train")
    (run,) = runs_in(sample(row(first, second)), OWNERS)
    assert run.name == "vit.py (exp) · conda torch2 · tmux train"
    (bare,) = runs_in(sample(row(replace(second, command=Unread("vanished")))), OWNERS)
    assert bare.name is None
