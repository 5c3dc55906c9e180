"""What a person calls a run by besides its script: the Python environment and the tmux or screen session it is in.

Both are in the variables that a shell hands on. Of a process's environment only these names are ever looked at: the
rest holds tokens and passwords. It is the environment the program was started with; what it changed since is unseen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from bot.domain.masking import shown_command

WANTED = ("CONDA_DEFAULT_ENV", "VIRTUAL_ENV", "TMUX", "STY")
LONGEST_NAME = 40
COMMON_VENV_FOLDERS = frozenset({"venv", ".venv", "env", ".env"})


@dataclass(frozen=True)
class Ancestor:
    """A process above ours: its short name and its arguments."""

    comm: str
    arguments: tuple[str, ...]


def wanted(environ: bytes) -> Mapping[str, str]:
    """/proc/PID/environ (`NAME=value` with a NUL after each), but for anything that is not WANTED."""
    found: dict[str, str] = {}
    for entry in environ.split(b"\0"):
        name, _, value = entry.partition(b"=")
        if value and (known := name.decode("ascii", "replace")) in WANTED:
            found.setdefault(known, value.decode("utf-8", "replace"))
    return found


def environment_of(around: Mapping[str, str]) -> str | None:
    """ "venv vit", "conda torch2". A venv is made within a conda environment, not the other way round."""
    if venv := around.get("VIRTUAL_ENV"):
        parts = [part for part in venv.split("/") if part]
        is_common = len(parts) > 1 and parts[-1] in COMMON_VENV_FOLDERS
        return _named("venv", parts[-2] if is_common else parts[-1]) if parts else None
    # An environment made with `conda create --prefix` is named by its path.
    return _named("conda", around.get("CONDA_DEFAULT_ENV", "").rstrip("/").rpartition("/")[2])


def session_of(around: Mapping[str, str], ancestors: Callable[[], Iterable[Ancestor]]) -> str | None:
    """ "screen eval", "tmux train".

    screen: STY is "PID.NAME". tmux: TMUX is "SOCKET,PID,NUMBER" and does not hold the name; the first session (0) has
    it on the server's command line, if it got one there. Else "tmux $3", which `tmux attach -t '$3'` finds whatever
    its name is. Check by hand: tmux list-sessions -F '#{session_id} #{session_name}'
    """
    if tmux := around.get("TMUX"):
        number = tmux.rpartition(",")[2]
        if not (number.isascii() and number.isdigit()):
            return None
        return _named("tmux", (_first_session(ancestors()) if number == "0" else None) or f"${number}")
    return _named("screen", around.get("STY", "").partition(".")[2])


def _first_session(ancestors: Iterable[Ancestor]) -> str | None:
    """The server is a fork of the `tmux new -s NAME` that began it, and keeps its arguments."""
    server = next((one for one in ancestors if one.comm.startswith("tmux: server")), None)
    arguments = () if server is None else server.arguments
    for place, argument in enumerate(arguments):
        if argument == "-s":
            return next(iter(arguments[place + 1 :]), None)
        if argument.startswith("-s") and len(argument) > 2:
            return argument[2:]
    return None


def _named(kind: str, name: str) -> str | None:
    """Masked as a command line is: people name things as they like."""
    shown = shown_command([name]).strip("'")
    return f"{kind} {shown[:LONGEST_NAME]}" if shown else None
