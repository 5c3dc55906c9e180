"""From the text of /proc/PID/cgroup to the container a process lives in.

What liblxc writes, by its age (`NAME` is the instance, or `PROJECT_INSTANCE` outside the default project):

    0::/lxc.payload.NAME/...            LXC 4 and later, cgroup v2; v1 has a line per controller, some of them empty
    4:memory:/lxc.payload/NAME/...      LXC 3.1 and 3.2
    4:memory:/lxc/NAME/...              LXC 3.0 and older
    0::/lxc.payload.NAME-1/...          an earlier run's cgroup was still there (`-1` to `-999`)
    0::/../lxc.payload.NAME (deleted)   read from another cgroup namespace; removed under a zombie
    0::/lxc.monitor.NAME                LXD's own watcher of the container: a process of the host

Below that may follow anything, even another container's name (LXD in LXD): the first one counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from bot.domain.sample import InInstance, OnHost, Origin, Untraced

DELETED = " (deleted)"
PAYLOAD = "lxc.payload"


def origin_of(cgroup_text: str, instance_names: Iterable[str], *, project: str = "default") -> Origin:
    """Where the process with this cgroup text lives. `instance_names`: the instances of `project`."""
    paths = tuple(_paths(cgroup_text))
    if not paths:
        return Untraced("no_cgroup")
    for path in paths:
        name = _payload_name(path)
        if name is not None:
            return _instance_of(name, frozenset(instance_names), project)
    return OnHost()


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


def _instance_of(name: str, known: frozenset[str], own_project: str) -> InInstance:
    """`c1-1` is a legal name too: an exact match goes before the suffix of an earlier run."""
    project, instance = _split_project(name)
    if project == own_project and instance not in known:
        shorter = re.sub(r"-[1-9][0-9]{0,2}$", "", instance)
        if shorter in known:
            instance = shorter
    return InInstance(instance, project)


def _split_project(name: str) -> tuple[str, str]:
    """LXD itself splits at the last underscore: instance names have none, old project names may."""
    project, underscore, instance = name.rpartition("_")
    return (project, instance) if underscore and project and instance else ("default", name)
