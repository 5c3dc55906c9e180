"""Templates, schedules and what fills a disk: the values."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from bot.domain.container import InstanceRecord, InstanceState
from bot.domain.disk_use import Folder, read_du
from bot.domain.instance import Instance, InstanceStatus, proxy_to_ssh
from bot.domain.schedule import Schedule, read_schedule
from bot.domain.template import (
    TEMPLATE_KEY,
    folders_to_keep,
    likely_template,
    next_version,
    stripped_config,
    stripped_devices,
    templates_seen,
)

NOW = datetime(2026, 11, 25, tzinfo=timezone.utc)
ROOT = {"type": "disk", "path": "/", "pool": "default", "size": "10GiB"}
READ_ONLY = {"type": "disk", "source": "/srv", "path": "/mnt/srv", "readonly": "true"}
WRITABLE = {"type": "disk", "source": "/data", "path": "/home/data"}


def test_a_template_in_the_making_sees_no_card_and_no_folder_of_the_host() -> None:
    own = {"root": ROOT, "ro": READ_ONLY, "rw": WRITABLE, "ssh": {"type": "proxy"}}
    source = Instance("x", InstanceStatus.RUNNING, own, {**own, "gpu": {"type": "gpu"}, "eth0": {"type": "nic"}})
    nothing = {"type": "none"}
    bare = {key: value for key, value in ROOT.items() if key != "size"}
    assert stripped_devices(source) == {"root": bare, "ro": nothing, "rw": nothing, "gpu": nothing}
    assert folders_to_keep(source) == {"ro": READ_ONLY}
    assert stripped_config(["limits.cpu", "snapshots.schedule", "user.note"]) == {
        "limits.cpu": "",
        "snapshots.schedule": "",
    }


@pytest.mark.parametrize(
    ("name", "taken", "following"),
    [
        ("template", (), "template-v2"),
        ("template", ("template-v2",), "template-v3"),
        ("template-v2", ("template-v3",), "template-v4"),
        ("founding-titan-v2", (), "founding-titan-v3"),
        ("x" * 63, (), f"{'x' * 55}-v2"),
    ],
)
def test_the_next_version(name: str, taken: tuple[str, ...], following: str) -> None:
    assert next_version(name, taken) == following


def test_which_container_came_from_which() -> None:
    def there(name: str, config: dict | None = None) -> Instance:
        return Instance(name, InstanceStatus.STOPPED, config=config or {})

    instances = {name: there(name) for name in ("base", "lisi", "wangwu")}
    instances["base-v2"] = there("base-v2", {TEMPLATE_KEY: "lisi"})
    records = [
        InstanceRecord("local", name, number, None, template, InstanceState.READY, "op", NOW)
        for number, (name, template) in enumerate((("lisi", "base"), ("wangwu", "old")))
    ]
    seen = {one.name: one for one in templates_seen("base-v2", instances, records)}
    assert list(seen) == ["base-v2", "base", "old"]
    assert (seen["base-v2"].is_default, seen["base-v2"].made_of) == (True, "lisi")
    assert (seen["base"].children, seen["old"].exists) == (("lisi",), False)


@pytest.mark.parametrize(
    ("text", "schedule"),
    [
        ("daily", Schedule("@daily", "7d")),
        ("hourly", Schedule("@hourly", "24H")),
        ("weekly keep 8w", Schedule("@weekly", "8w")),
        ("每天 保留 14天", Schedule("@daily", "14d")),
        ("off", Schedule("")),
        ("", None),
        ("daily 0d", None),
        ("daily 7", None),
        ("daily 7d please", None),
        ("* * * * *", None),
        ("@daily", None),
    ],
)
def test_schedules(text: str, schedule: Schedule | None) -> None:
    assert read_schedule(text.split()) == schedule


def test_no_schedule_leaves_no_key() -> None:
    assert set(Schedule("").config().values()) == {None}
    assert Schedule("@daily", "7d").config()["snapshots.expiry"] == "7d"


def test_what_du_says() -> None:
    said = "300\t/home/x/a\nb\x00100\t/home/x/c\x00450\t/home/x\x00"
    use = read_du("/home/x", said, whole=True)
    assert use is not None
    assert use.total_bytes == 450
    assert use.folders == (Folder("a\nb", 300), Folder("c", 100), Folder("", 50))
    assert read_du("/home/x", "", whole=False) is None
    assert read_du("/home/x", "nonsense", whole=False) is None


def test_of_a_lab_that_moves_in_the_one_that_is_off_and_nobody_logs_in_to_is_the_template() -> None:
    def one(name: str, status: InstanceStatus, port: int | None = None) -> Instance:
        return Instance(name, status, expanded_devices={} if port is None else {"ssh": proxy_to_ssh(port)})

    old = one("founding-titan-v2", InstanceStatus.STOPPED)
    lab = [old, one("liren", InstanceStatus.RUNNING, 10001), one("wangwu", InstanceStatus.STOPPED, 19011)]
    assert likely_template(lab) == "founding-titan-v2"
    assert likely_template([*lab, one("cuda10", InstanceStatus.STOPPED)]) is None
    assert likely_template([]) is None
