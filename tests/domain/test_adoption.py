"""What an existing container turns out to be, and why it can't be adopted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.adoption import AdoptionWish, Known, examine, fingerprint, login_accounts, read_adoption
from bot.domain.container import InstanceRecord, InstanceState
from bot.domain.instance import Instance, InstanceStatus
from bot.domain.member import Member, Role
from bot.texts import load
from tests.conftest import NOON

PASSWD = (
    b"root:x:0:0:root:/root:/bin/bash\nubuntu:x:1000:1000::/home/ubuntu:/bin/bash\n"
    b"nobody:x:65534:65534::/:/usr/sbin/nologin\nsvc:x:1001:1001::/:/usr/sbin/nologin\n"
)
OLD = {
    "myport": {"type": "proxy", "listen": "tcp:0.0.0.0:19011", "connect": "tcp:127.0.0.1:22"},
    "rdp": {"type": "proxy", "listen": "tcp:0.0.0.0:19012", "connect": "tcp:127.0.0.1:3389"},
    "g": {"type": "gpu"},
    "d": {"type": "disk", "source": "/data", "path": "/data"},
}
LIREN = Instance("liren", InstanceStatus.RUNNING, OLD, OLD)
WANGWU = Member(2, "wangwu", Role.STUDENT, 8, "Wang Wu", None)
HERS = InstanceRecord("local", "wangwu", 2, 10002, "base", InstanceState.READY, "op", NOON)
KNOWN = Known([HERS], frozenset({"old-archived"}), {"wangwu": WANGWU}, {"template"})


def look(instance: Instance = LIREN, known: Known = KNOWN, **wish):
    return examine(instance, AdoptionWish(instance.name, **wish), known, PASSWD)


def test_a_container_of_before_is_recognised_whatever_its_devices_are_called() -> None:
    found = look()
    assert (found.who, found.port, found.other_ports, found.refusal) == ("liren", 19011, (19012,), None)
    assert found.cards.all
    assert [dataset.path for dataset in found.datasets] == ["/data"]
    assert (found.account, found.accounts) == ("ubuntu", ("ubuntu",))


def with_accounts(*names: str) -> bytes:
    return b"".join(f"{name}:x:{1000 + n}:1::/home/{name}:/bin/bash\n".encode() for n, name in enumerate(names))


@pytest.mark.parametrize(
    ("names", "account"),
    [
        (("ubuntu", "liren"), "liren"),
        (("ubuntu", "xiaoli"), "xiaoli"),  # the image's own account is nobody's while somebody else is there
        (("ubuntu",), "ubuntu"),
        (("alice", "bob"), None),
        ((), None),
    ],
)
def test_who_logs_in_is_the_namesake_or_the_only_person_there(names: tuple[str, ...], account: str | None) -> None:
    assert examine(LIREN, AdoptionWish("liren"), KNOWN, with_accounts(*names)).account == account


def test_where_several_could_log_in_it_is_asked_whose_it_is() -> None:
    inside = with_accounts("ubuntu", "alice", "bob")
    refusal = examine(LIREN, AdoptionWish("liren"), KNOWN, inside).refusal
    assert refusal is not None
    assert (refusal.key, refusal.values["example"]) == ("adopt.which_account", "alice")
    assert examine(LIREN, AdoptionWish("liren", who="bob"), KNOWN, inside).account == "bob"
    assert examine(LIREN, AdoptionWish("liren", who="liren"), KNOWN, inside).refusal is None  # the admin says so
    assert examine(LIREN, AdoptionWish("liren"), KNOWN, b"").refusal is None  # nobody but root


def test_a_port_that_was_said_counts_where_no_device_tells() -> None:
    assert look(replace(LIREN, devices={}, expanded_devices={})).port is None
    assert look(replace(LIREN, devices={}, expanded_devices={}), port=20001).port == 20001


@pytest.mark.parametrize(
    ("instance", "wish", "key"),
    [
        (replace(LIREN, name="template"), {}, "is_template"),
        (replace(LIREN, name="old-archived"), {}, "is_archived"),
        (replace(LIREN, config={"user.junzi.operation": "x"}), {}, "half_made"),
        (replace(LIREN, name="x" * 41), {}, "name_too_long"),
        (replace(LIREN, name="Li-Ren-"), {}, "say_who"),
        (replace(LIREN, name="ubuntu"), {}, "say_who"),
        (LIREN, {"who": "wangwu"}, "has_another"),
        (LIREN, {"port": 10002}, "port_held"),
        (replace(LIREN, name="wangwu"), {"who": "liren"}, "is_others"),
    ],
)
def test_why_not(instance: Instance, wish: dict, key: str) -> None:
    found = look(instance, **wish)
    assert found.refusal is not None
    assert found.refusal.key == f"adopt.{key}"
    assert found.refusal.key in load("zh")


def test_a_capital_letter_is_no_obstacle() -> None:
    assert look(replace(LIREN, name="LiRen")).who == "liren"


def test_one_that_is_registered_is_mended_or_left_alone() -> None:
    hers = replace(LIREN, name="wangwu", config={"user.junzi.member": "wangwu"})
    assert look(hers).mends
    assert look(hers).refusal is None
    known = replace(KNOWN, records=[replace(HERS, ssh_port=19011, account="ubuntu")])
    again = look(hers, known)
    assert again.refusal is not None
    assert again.refusal.key == "adopt.already"


@pytest.mark.parametrize(
    ("typed", "wish"),
    [
        ("liren", AdoptionWish("liren")),
        ("liren @li_ren", AdoptionWish("liren", telegram="@li_ren")),
        ("liren wangwu 19011", AdoptionWish("liren", "wangwu", port=19011)),
        ("liren 19011 @li_ren", AdoptionWish("liren", telegram="@li_ren", port=19011)),
        ("", None),
        ("liren a b", None),
        ("liren 0", None),
        ("liren @a @b", None),
        ("liren 1 2", None),
    ],
)
def test_what_is_typed(typed: str, wish: AdoptionWish | None) -> None:
    assert read_adoption(typed) == wish


def test_accounts_are_people() -> None:
    assert login_accounts(PASSWD + b"broken\n\xff:x:1002:1:::/bin/sh\n") == ("ubuntu", "�")


def test_what_was_shown_is_known_again() -> None:
    one, two = look(), look(replace(LIREN, name="zhaoliu"))
    assert fingerprint([one, two]) != fingerprint([one])
    assert fingerprint([one, two]) == fingerprint([one, two])
