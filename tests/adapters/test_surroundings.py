"""The environment and the session that a run is named by, from variables that hold secrets too."""

from __future__ import annotations

import pytest

from bot.adapters.procfs import ProcFs
from bot.adapters.surroundings import Ancestor, environment_of, session_of, wanted
from tests.standin.proc import StandInProc

NAMES = frozenset({"zhangsan"})
SERVER = Ancestor("tmux: server", ("tmux", "new", "-s", "train"))
SHELL = Ancestor("bash", ("-bash", "-s", "no"))


def test_nothing_but_the_wanted_names_is_kept() -> None:
    environ = b"HF_TOKEN=hf_abcdefghijklmnopqrst\0CONDA_DEFAULT_ENV=torch2\0MY_TMUX=x\0TMUX=\0odd\0\xff=1\0"
    assert wanted(environ) == {"CONDA_DEFAULT_ENV": "torch2"}
    assert wanted(b"") == {}


@pytest.mark.parametrize(
    ("around", "name"),
    [
        ({}, None),
        ({"CONDA_DEFAULT_ENV": "torch2"}, "conda torch2"),
        ({"CONDA_DEFAULT_ENV": "/data/envs/torch2/"}, "conda torch2"),
        ({"VIRTUAL_ENV": "/home/lisi/vit/.venv"}, "venv vit"),
        ({"VIRTUAL_ENV": "/home/lisi/envs/jax"}, "venv jax"),
        ({"VIRTUAL_ENV": "/venv"}, "venv venv"),
        ({"VIRTUAL_ENV": "/"}, None),
        ({"VIRTUAL_ENV": "/home/lisi/envs/jax", "CONDA_DEFAULT_ENV": "base"}, "venv jax"),
        ({"CONDA_DEFAULT_ENV": "my env\n"}, "conda my env"),
        ({"CONDA_DEFAULT_ENV": "x" * 90}, "conda " + "x" * 40),
        ({"CONDA_DEFAULT_ENV": "hf_abcdefghijklmnopqrst"}, "conda ***"),
    ],
)
def test_environment(around: dict[str, str], name: str | None) -> None:
    assert environment_of(around) == name


@pytest.mark.parametrize(
    ("around", "above", "name"),
    [
        ({}, (SERVER,), None),
        ({"STY": "4711.eval"}, (), "screen eval"),
        ({"STY": "4711.pts-0.lab"}, (), "screen pts-0.lab"),
        ({"STY": "odd"}, (), None),
        ({"TMUX": "/tmp/tmux-1000/default,31,0"}, (SHELL, SERVER), "tmux train"),
        (
            {"TMUX": "/tmp/tmux-1000/default,31,0"},
            (Ancestor("tmux: server", ("tmux", "new", "-strain")),),
            "tmux train",
        ),
        ({"TMUX": "/tmp/tmux-1000/default,31,0"}, (Ancestor("tmux: server", ("tmux",)),), "tmux $0"),
        ({"TMUX": "/tmp/tmux-1000/default,31,0"}, (Ancestor("tmux: server", ("tmux", "new", "-s")),), "tmux $0"),
        ({"TMUX": "/tmp/tmux-1000/default,31,2"}, (SHELL, SERVER), "tmux $2"),  # the server's name is another's
        ({"TMUX": "/tmp/tmux-1000/default,31,0"}, (SHELL,), "tmux $0"),
        ({"TMUX": "odd"}, (SERVER,), None),
    ],
)
def test_session(around: dict[str, str], above: tuple[Ancestor, ...], name: str | None) -> None:
    assert session_of(around, lambda: above) == name


def test_it_is_read_from_proc(tmp_path_factory: pytest.TempPathFactory) -> None:
    proc = StandInProc(tmp_path_factory.mktemp("proc"))
    payload = "/lxc.payload.zhangsan"
    proc.add(5, payload, ["tmux", "new", "-s", "train"], comm="tmux: server")
    proc.add(6, payload, ["-bash"], comm="bash", parent=5)
    around = {"TMUX": "/tmp/tmux-1000/default,31,0", "CONDA_DEFAULT_ENV": "torch2", "WANDB_API_KEY": "0123456789" * 4}
    proc.add(7, payload, parent=6, environment=around)
    facts = ProcFs(proc.root).facts(7, NAMES)
    assert (facts.environment, facts.session_name) == ("conda torch2", "tmux train")
    assert "0123456789" not in repr(facts)


def test_what_cannot_be_read_is_absent_and_what_is_known_is_not_read_again(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    proc = StandInProc(tmp_path_factory.mktemp("proc"))
    reader = ProcFs(proc.root)
    proc.add(7, "/lxc.payload.zhangsan")  # no environ: as if it were not ours to read
    assert (reader.facts(7, NAMES).environment, reader.facts(7, NAMES).session_name) == (None, None)
    proc.add(7, "/lxc.payload.zhangsan", environment={"STY": "1.eval"})
    assert reader.facts(7, NAMES).session_name is None
    reader.forget_all_but(())  # on no card for a round; then the same number, another process
    proc.add(7, "/lxc.payload.zhangsan", environment={"STY": "1.eval"}, start_ticks=900)
    assert reader.facts(7, NAMES).session_name == "screen eval"
