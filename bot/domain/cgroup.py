"""From the text of /proc/PID/cgroup to the container a process lives in.

What liblxc writes, by its age (`NAME` is the instance, or `PROJECT_INSTANCE` outside the default project):

    0::/lxc.payload.NAME/...            LXC 4 and later, cgroup v2; v1 has a line per controller, some of them empty
    4:memory:/lxc.payload/NAME/...      LXC 3.1 and 3.2
    4:memory:/lxc/NAME/...              LXC 3.0 and older
    0::/lxc.payload.NAME-1/...          an earlier run's cgroup was still there (`-1` to `-999`)
    0::/../lxc.payload.NAME (deleted)   read from another cgroup namespace; removed under a zombie
    0::/lxc.monitor.NAME                LXD's own watcher of the container: a process of the host

Below that may follow anything, even another container's name (LXD in LXD): the first one counts.

`c1-1` is a legal name too. Where both `c1` and `c1-1` exist, `lxc.payload.c1-1` may be either's (measured: with the
cgroup of an earlier `c1` still there, as a process that hangs in the driver leaves it, `c1` runs in `c1-1`'s). Only
LXD's own watcher above the process tells then; whoever has none to ask gets no name, since a wrong one is a wrong
accusation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from bot.domain.sample import InInstance, OnHost, Origin, Untraced

DELETED = " (deleted)"
PAYLOAD = "lxc.payload"
MONITOR = "[lxc monitor] "
SUFFIX = re.compile(r"-[1-9][0-9]{0,2}$")


def origin_of(
    cgroup_text: str,
    instance_names: Iterable[str],
    *,
    project: str = "default",
    watched: Callable[[], str | None] = lambda: None,
) -> Origin:
    """Where the process with this cgroup text lives. `instance_names`: the instances of `project`.

    `watched`: what LXD's watcher above the process watches, as liblxc names it; None if there is none. Asked only
    where the cgroup's name could be two containers'.
    """
    paths = tuple(_paths(cgroup_text))
    if not paths:
        return Untraced("no_cgroup")
    for path in paths:
        name = _payload_name(path)
        if name is not None:
            return _instance_of(name, frozenset(instance_names), project, watched)
    return OnHost()


def watched_by(command: str) -> str | None:
    """Which container a process watches that is titled so, as LXD titles its watchers; None if it is none of them."""
    words = command.split()
    return words[-1] if command.startswith(MONITOR) and len(words) > len(MONITOR.split()) + 1 else None


def _paths(cgroup_text: str) -> Iterator[str]:
    for line in cgroup_text.splitlines():
        _, _, rest = line.partition(":")
        _, colon, path = rest.partition(":")
        if colon:
            yield path.removesuffix(DELETED)


def _payload_name(path: str) -> str | None:
    """The first payload component. A host user may call a cgroup in their own slice whatever they like: not that."""
    parts = [part for part in path.split("/") if part not in ("", "..")]
    for place, part in enumerate(parts):
        if part == "user.slice" or part.startswith("lxc.monitor"):
            return None
        if part.startswith(PAYLOAD + "."):
            return part[len(PAYLOAD) + 1 :]
        if part in (PAYLOAD, "lxc") and place + 1 < len(parts):
            return parts[place + 1]
    return None


def _instance_of(
    name: str, known: frozenset[str], own_project: str, watched: Callable[[], str | None]
) -> InInstance | Untraced:
    project, instance = _split_project(name)
    if project != own_project:
        return InInstance(instance, project)
    meant = [one for one in (instance, SUFFIX.sub("", instance)) if one in known]
    if len(set(meant)) < 2:
        return InInstance(meant[0] if meant else instance, project)
    watched_name = watched()
    found = None if watched_name is None else _split_project(watched_name)
    return InInstance(found[1], project) if found in [(project, one) for one in meant] else Untraced("two_names")


def _split_project(name: str) -> tuple[str, str]:
    """LXD itself splits at the last underscore: instance names have none, old project names may."""
    project, underscore, instance = name.rpartition("_")
    return (project, instance) if underscore and project and instance else ("default", name)
