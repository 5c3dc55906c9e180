"""Every spelling that liblxc has had, as found in its sources and in captures of real hosts (bot/domain/cgroup.py)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.cgroup import origin_of, watched_by
from bot.domain.sample import InInstance, OnHost, Untraced

KNOWN = frozenset({"zhangsan", "c1", "c1-1", "web-2"})

V1 = """12:pids:/
11:memory:/lxc.payload.zhangsan/user.slice/user-1000.slice/session-3.scope
10:cpuset:/
1:name=systemd:/lxc.payload.zhangsan/init.scope
"""
HYBRID = """5:devices:/lxc.payload/zhangsan
1:name=systemd:/lxc.payload/zhangsan/system.slice/ssh.service
0::/
"""


@pytest.mark.parametrize(
    ("text", "instance"),
    [
        ("0::/lxc.payload.zhangsan\n", "zhangsan"),
        ("0::/lxc.payload.zhangsan/init.scope\n", "zhangsan"),
        ("0::/lxc.payload.zhangsan/.lxc\n", "zhangsan"),
        ("0::/lxc.payload.zhangsan/.lxc-2\n", "zhangsan"),
        ("0::/lxc.payload.zhangsan/system.slice/docker-0123abc.scope\n", "zhangsan"),
        ("0::/lxc.payload.zhangsan/user.slice/user-1000.slice/session-3.scope\n", "zhangsan"),
        ("0::/../lxc.payload.zhangsan/init.scope\n", "zhangsan"),
        ("0::/../../lxc.payload.zhangsan (deleted)\n", "zhangsan"),
        ("0::/lxc.payload.zhangsan/lxc.payload.c1/init.scope\n", "zhangsan"),
        ("0::/lxc.payload.zhangsan/lxc.monitor.c1\n", "zhangsan"),
        ("4:memory:/lxc.payload/zhangsan/init.scope\n", "zhangsan"),
        ("4:memory:/lxc/zhangsan\n", "zhangsan"),
        (V1, "zhangsan"),
        (HYBRID, "zhangsan"),
        # An earlier run's cgroup was still there: `-N`. But a container may really be called so.
        ("0::/lxc.payload.zhangsan-1\n", "zhangsan"),
        ("0::/lxc.payload.zhangsan-999/init.scope\n", "zhangsan"),
        ("0::/lxc.payload.c1\n", "c1"),
        ("0::/lxc.payload.c1-2\n", "c1"),
        ("0::/lxc.payload.c1-1-1\n", "c1-1"),
        ("0::/lxc.payload.web-2-3\n", "web-2"),
        # Not known to us: named as it is, blamed on nobody later.
        ("0::/lxc.payload.stranger\n", "stranger"),
        ("0::/lxc.payload.stranger-1\n", "stranger-1"),
        ("0::/lxc.payload.zhangsan-1000\n", "zhangsan-1000"),
    ],
)
def test_instance(text: str, instance: str) -> None:
    assert origin_of(text, KNOWN) == InInstance(instance)


@pytest.mark.parametrize(
    ("watched", "origin"),
    [
        ("c1", InInstance("c1")),
        ("c1-1", InInstance("c1-1")),
        (None, Untraced("two_names")),
        ("zhangsan", Untraced("two_names")),
        ("lab_c1", Untraced("two_names")),
    ],
)
def test_a_name_that_could_be_two_containers_is_what_lxd_watches_or_nobodys(
    watched: str | None, origin: InInstance | Untraced
) -> None:
    assert origin_of("0::/lxc.payload.c1-1/init.scope\n", KNOWN, watched=lambda: watched) == origin


def test_the_watcher_is_asked_only_then() -> None:
    def never() -> str:
        raise AssertionError("not needed")

    assert origin_of("0::/lxc.payload.zhangsan-1\n", KNOWN, watched=never) == InInstance("zhangsan")


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("[lxc monitor] /var/snap/lxd/common/lxd/containers c1-1", "c1-1"),
        ("[lxc monitor] /var/lib/lxd/containers lab_c1", "lab_c1"),
        ("[lxc monitor] ", None),
        ("[lxc monitor] c1", None),
        ("python [lxc monitor] /var/lib/lxd/containers c1", None),
        ("", None),
    ],
)
def test_what_lxd_titles_its_watchers(command: str, name: str | None) -> None:
    assert watched_by(command) == name


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("0::/lxc.payload.lab_zhangsan/init.scope\n", InInstance("zhangsan", "lab")),
        ("0::/lxc.payload.lab_x_zhangsan\n", InInstance("zhangsan", "lab_x")),
        ("0::/lxc.payload.lab.one_zhangsan\n", InInstance("zhangsan", "lab.one")),
        # Another project's container is another container, whatever it is called: no suffix of ours is cut from it.
        ("0::/lxc.payload.lab_zhangsan-1\n", InInstance("zhangsan-1", "lab")),
    ],
)
def test_other_project(text: str, origin: InInstance) -> None:
    assert origin_of(text, KNOWN) == origin


def test_own_project_may_have_a_name() -> None:
    assert origin_of("0::/lxc.payload.lab_zhangsan-1\n", KNOWN, project="lab") == InInstance("zhangsan", "lab")


@pytest.mark.parametrize(
    "text",
    [
        "0::/\n",
        "0::/system.slice/ssh.service\n",
        "0::/user.slice/user-1000.slice/session-3.scope\n",
        "0::/lxc.monitor.zhangsan\n",
        "4:memory:/lxc.monitor/zhangsan\n",
        "0::/lxc.pivot\n",
        "0::/system.slice/docker-0123abc.scope\n",
        # A user of the host may call a cgroup in their own slice what they like; it accuses nobody.
        "0::/user.slice/user-1000.slice/user@1000.service/lxc.payload.zhangsan\n",
    ],
)
def test_host(text: str) -> None:
    assert origin_of(text, KNOWN) == OnHost()


@pytest.mark.parametrize("text", ["", "\n", "nonsense", "0:\n"])
def test_unreadable_is_untraced_not_host(text: str) -> None:
    assert origin_of(text, KNOWN) == Untraced("no_cgroup")


@given(st.text(max_size=200), st.frozensets(st.text(max_size=10)))
def test_takes_any_text(text: str, names: frozenset[str]) -> None:
    origin_of(text, names)


@given(
    st.from_regex(r"[a-z][a-z0-9]{0,8}(-[0-9]{1,4}){0,2}", fullmatch=True),
    st.sampled_from(["", "/init.scope", "/.lxc"]),
)
def test_a_known_name_is_itself(name: str, rest: str) -> None:
    assert origin_of(f"0::/lxc.payload.{name}{rest}\n", {name}) == InInstance(name)
