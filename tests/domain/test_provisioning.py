"""Plans that could not work are refused early; ports, cards and datasets are chosen as promised."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.instance import Dataset, HostGpu, Instance, InstanceStatus
from bot.domain.password import Secret, chpasswd_line, new_password
from bot.domain.provisioning import HostKey, Limits, Plan, cards_to_give, choose_port, dataset_devices, devices_for

GOOD = {
    "operation": "op",
    "member": "m",
    "name": "zhangsan",
    "unix_name": "zhangsan",
    "template": "t",
    "ssh_port": 10001,
    "password": Secret("pw"),
}


@pytest.mark.parametrize(
    "bad",
    [
        {"name": "张三"},
        {"name": "a_b"},
        {"name": "-a"},
        {"unix_name": "root"},
        {"unix_name": "Zhang"},
        {"unix_name": "a:b"},
        {"ssh_port": 0},
        {"ssh_port": 70000},
        {"operation": ""},
        {"password": Secret("")},
        {"password": Secret("x\nroot:pwned")},
        {"authorized_keys": ("ssh-rsa A\nssh-rsa B",)},
    ],
)
def test_a_plan_that_could_not_work_can_not_be_made(bad):
    Plan(**GOOD)
    with pytest.raises(ValueError):
        Plan(**GOOD | bad)


@given(st.integers(1, 100), st.sets(st.integers(1, 120)))
def test_a_chosen_port_is_free_and_the_lowest(size, taken):
    ports = range(1, size + 1)
    port = choose_port(ports, taken)
    free = set(ports) - taken
    assert port == (min(free) if free else None)


def test_a_secret_is_shown_by_nothing_but_reveal():
    secret = Secret("hunter2")
    plan = Plan(**GOOD | {"password": secret})
    key = HostKey("ssh_host_rsa_key", b"hunter2", b"public")
    shown = [
        repr(secret),
        str(secret),
        f"{secret}",
        f"{secret:>20}",
        f"{secret!r}",
        "{}".format(secret),  # noqa: UP032 - the point is `format`
        repr(plan),
        repr(key),
    ]
    assert not [text for text in shown if "hunter2" in text]
    assert secret.reveal() == "hunter2"


def test_secrets_are_equal_by_value():
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert len({Secret("a"), Secret("a")}) == 1


def test_new_passwords_are_readable_and_differ():
    passwords = {new_password().reveal() for _ in range(100)}
    assert len(passwords) == 100
    for password in passwords:
        assert [len(group) for group in password.split("-")] == [4, 4, 4, 4]
        assert not set(password) & set("lo01LOI")


@given(st.text(), st.text())
def test_chpasswd_never_reads_more_than_one_account(name, password):
    try:
        line = chpasswd_line(name, Secret(password))
    except ValueError:
        return
    except UnicodeEncodeError:
        return
    assert line.count(b"\n") == 1
    assert line.decode().rstrip("\n").split(":", 1) == [name, password]


def test_datasets_with_alike_paths_get_devices_of_their_own():
    datasets = [Dataset("/a", "/mnt/a-b"), Dataset("/b", "/mnt/a/b"), Dataset("/c", "/mnt/" + "x" * 200)]
    devices = dataset_devices(datasets, {})
    assert [device["source"] for device in devices.values()] == ["/a", "/b", "/c"]
    assert all(len(name) <= 63 for name in devices)


def test_a_profiles_cards_are_masked_and_the_plans_are_given():
    template = Instance(
        "t",
        InstanceStatus.STOPPED,
        expanded_devices={"gpu": {"type": "gpu"}, "root": {"type": "disk", "path": "/", "pool": "p"}},
    )
    given_cards, _ = cards_to_give((), None)
    devices = devices_for(Plan(**GOOD | {"cards": (), "limits": Limits(disk="9GiB")}), template, given_cards)
    assert devices["gpu"] == {"type": "none"}
    assert devices["root"] == {"type": "disk", "path": "/", "pool": "p", "size": "9GiB"}


def test_only_nvidia_cards_count():
    aspeed = HostGpu("0000:03:00.0", "1a03", None)
    assert cards_to_give("all", [aspeed])[0] == {}
    assert cards_to_give("all", [aspeed, HostGpu("0000:17:00.0", "10de", None)])[1] is None
