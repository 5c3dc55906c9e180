"""From a plan to a container that answers, on a made-up LXD: every step, every way it fails, and the way back."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.demo.lxd import MadeUpInstances
from bot.demo.programs import run_in
from bot.domain.errors import (
    CardDeviceMissing,
    InstanceError,
    InstanceExists,
    InstanceNotFound,
    LxdUnreachable,
    PortTaken,
)
from bot.domain.instance import Dataset, seen_cards, ssh_port
from bot.domain.password import Secret
from bot.domain.provisioning import (
    MEMBER_KEY,
    OPERATION_KEY,
    AccountRefused,
    BootFailed,
    HostKey,
    Limits,
    Plan,
    ProvisioningFailed,
    SshSilent,
    Step,
    WithoutCards,
)
from bot.services.provisioning import hide_cards, provision, set_password, take_back, unfinished

PLAN = Plan(
    operation="op-1",
    member="zhangsan",
    name="zhangsan",
    unix_name="zhangsan",
    template="template",
    ssh_port=10001,
    password=Secret("k7mp-x3ra-9tqe-bd4h"),
    datasets=(Dataset("/srv/datasets", "/mnt/datasets"),),
)


async def host_keys() -> list[HostKey]:
    return [HostKey(f"ssh_host_{kind}_key", b"private", f"ssh-{kind} AAAA\n".encode()) for kind in ("ed25519", "rsa")]


async def quiet(_step: Step) -> None:
    return None


async def make(lxd: MadeUpInstances, plan: Plan = PLAN, on_step=quiet, **changes):
    return await provision(lxd, replace(plan, **changes), host_keys, lxd.wait_for_ssh, on_step)


async def test_the_student_can_log_in_with_the_password_and_use_sudo():
    lxd = MadeUpInstances()
    done = await make(lxd)
    assert done.name == "zhangsan"
    assert done.without_cards is None
    assert done.host_public_keys == ("ssh-ed25519 AAAA", "ssh-rsa AAAA")
    assert lxd.can_log_in(10001, "zhangsan", "k7mp-x3ra-9tqe-bd4h")
    assert not lxd.can_log_in(10001, "zhangsan", "guessed")
    assert lxd.inside("zhangsan").members_of("sudo") == ("zhangsan",)


async def test_devices_limits_and_owner_are_what_the_plan_says():
    lxd = MadeUpInstances()
    await make(lxd, limits=Limits(cpu="4", memory="16GiB", disk="100GiB"))
    instance = await lxd.get("zhangsan")
    assert instance.is_running
    assert ssh_port(instance.devices) == 10001
    assert seen_cards(instance.expanded_devices).all
    assert instance.devices["dataset-mnt-datasets"] == {
        "type": "disk",
        "source": "/srv/datasets",
        "path": "/mnt/datasets",
        "readonly": "true",
        "required": "false",
    }
    assert instance.devices["root"]["size"] == "100GiB"
    assert instance.config == {"limits.cpu": "4", "limits.memory": "16GiB", MEMBER_KEY: "zhangsan"}


async def test_two_copies_share_no_identity():
    lxd = MadeUpInstances()
    await make(lxd)
    await make(lxd, name="lisi", unix_name="lisi", member="lisi", ssh_port=10002)
    one, other = lxd.inside("zhangsan"), lxd.inside("lisi")
    assert (one.hostname, other.hostname) == ("zhangsan", "lisi")
    assert "127.0.1.1\tlisi" in other.text("/etc/hosts")
    assert (
        len(
            {one.text("/etc/machine-id"), other.text("/etc/machine-id"), lxd.inside("template").text("/etc/machine-id")}
        )
        == 3
    )
    assert one.files["/etc/ssh/ssh_host_ed25519_key"].mode == 0o600
    assert "/etc/ssh/ssh_host_ecdsa_key" not in one.files, "an old key that was not replaced is gone"


async def test_the_templates_port_owner_and_dataset_do_not_come_along():
    lxd = MadeUpInstances(folders=("/srv/datasets", "/srv/old"))
    lxd.plant(
        "old-one",
        devices={
            "ssh": {"type": "proxy", "listen": "tcp:0.0.0.0:10009", "connect": "tcp:127.0.0.1:22"},
            "jupyter": {"type": "proxy", "listen": "tcp:0.0.0.0:8888", "connect": "tcp:127.0.0.1:8888"},
            "card": {"type": "gpu", "id": "0"},
            "data": {"type": "disk", "source": "/srv/old", "path": "/mnt/datasets"},
        },
        config={MEMBER_KEY: "wangwu", "limits.cpu": "2"},
        running=True,
    )
    await make(lxd, template="old-one", cards=("0000:17:00.0",))
    instance = await lxd.get("zhangsan")
    assert set(instance.devices) == {"ssh", "data", "gpu-0000-17-00-0"}
    assert instance.devices["data"]["source"] == "/srv/datasets"
    assert instance.config == {MEMBER_KEY: "zhangsan", "limits.cpu": "2"}


async def test_steps_are_told_in_order():
    seen: list[Step] = []

    async def on_step(step: Step) -> None:
        seen.append(step)

    await make(MadeUpInstances(), on_step=on_step)
    assert seen == [step for step in Step if step in seen]
    assert {Step.CHECK, Step.COPY, Step.IDENTITY, Step.START, Step.FINISH} <= set(seen)


async def test_a_slow_or_broken_chat_does_not_hold_up_the_work(caplog):
    lxd = MadeUpInstances()
    told: list[Step] = []
    made = asyncio.Event()

    async def on_step(step: Step) -> None:
        told.append(step)
        if step is Step.CHECK:
            await made.wait()
        raise RuntimeError("Telegram is away")

    task = asyncio.create_task(make(lxd, on_step=on_step))
    while not task.done() and MEMBER_KEY not in (await lxd.list())[-1].config:
        await asyncio.sleep(0)
    made.set()
    await task
    assert told == [Step.CHECK, Step.FINISH]
    assert "progress could not be told" in caplog.text


async def test_an_ssh_key_is_the_members_own_file():
    lxd = MadeUpInstances()
    await make(lxd, authorized_keys=("ssh-ed25519 AAAA me@laptop",))
    file = lxd.inside("zhangsan").files["/home/zhangsan/.ssh/authorized_keys"]
    assert (file.content, file.mode, file.uid) == (b"ssh-ed25519 AAAA me@laptop\n", 0o600, 1000)


FAILURES = [
    ("host_gpus", LxdUnreachable("gone"), None),  # only asks; the start would tell
    ("copy", InstanceError("no space left on device"), Step.COPY),
    ("write_file", InstanceError("EOF"), Step.IDENTITY),
    ("delete_file", InstanceError("EOF"), Step.IDENTITY),
    ("start", PortTaken("bind: address already in use"), Step.START),
    ("run", InstanceError("Instance is not running"), Step.ACCOUNT),
    ("set_config", InstanceError("disk quota exceeded"), Step.FINISH),
]


@pytest.mark.parametrize(("call", "error", "step"), FAILURES)
async def test_each_step_may_fail_and_what_was_made_is_taken_back(call, error, step):
    lxd = MadeUpInstances()
    lxd.fail_next(call, error)
    if step is None:
        await make(lxd)
        return
    with pytest.raises(ProvisioningFailed) as failed:
        await make(lxd)
    assert (failed.value.step, failed.value.cause) == (step, error)
    there = step is not Step.COPY
    assert await unfinished(lxd) == ({"zhangsan": "op-1"} if there else {})
    assert await take_back(lxd, "zhangsan", "op-1") is there
    assert [instance.name for instance in await lxd.list()] == ["template"]
    await make(lxd)  # the name and the port are free again


async def test_no_template_says_so():
    with pytest.raises(ProvisioningFailed) as failed:
        await make(MadeUpInstances(), template="ubuntu")
    assert failed.value.step is Step.CHECK
    assert isinstance(failed.value.cause, InstanceNotFound)


async def test_a_container_that_is_not_ours_is_neither_overwritten_nor_deleted():
    lxd = MadeUpInstances()
    lxd.plant("zhangsan", config={"user.note": "years of work"})
    with pytest.raises(ProvisioningFailed) as failed:
        await make(lxd)
    assert isinstance(failed.value.cause, InstanceExists)
    assert await take_back(lxd, "zhangsan", "op-1") is False
    assert (await lxd.get("zhangsan")).config == {"user.note": "years of work"}


async def test_a_finished_container_is_not_taken_back():
    lxd = MadeUpInstances()
    await make(lxd)
    assert await take_back(lxd, "zhangsan", "op-1") is False
    assert OPERATION_KEY not in (await lxd.get("zhangsan")).config


async def test_of_two_at_once_for_the_same_name_one_wins():
    lxd = MadeUpInstances()
    outcomes = await asyncio.gather(make(lxd), make(lxd, operation="op-2", ssh_port=10002), return_exceptions=True)
    failures = [outcome for outcome in outcomes if isinstance(outcome, ProvisioningFailed)]
    assert len(failures) == 1
    assert isinstance(failures[0].cause, InstanceExists)
    assert await take_back(lxd, "zhangsan", "op-2") is False
    assert ssh_port((await lxd.get("zhangsan")).devices) == 10001


async def test_stopped_in_the_middle_of_the_copy_it_can_be_taken_back():
    lxd = MadeUpInstances()
    task = asyncio.create_task(make(lxd))
    while not task.done() and len(await lxd.list()) == 1:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await take_back(lxd, "zhangsan", "op-1") is True


@pytest.mark.parametrize(
    ("cards", "gpus_there", "without", "seen"),
    [
        ("all", False, WithoutCards("none_on_host"), ()),
        (("0000:17:00.0",), False, WithoutCards("none_on_host", ("0000:17:00.0",)), ()),
        (("0000:17:00.0", "0000:99:00.0"), True, WithoutCards("not_on_host", ("0000:99:00.0",)), ("0000:17:00.0",)),
        ((), True, None, ()),
    ],
)
async def test_without_the_cards_it_is_made_all_the_same(cards, gpus_there, without, seen):
    lxd = MadeUpInstances()
    if not gpus_there:
        lxd.host.gpus.clear()
    done = await make(lxd, cards=cards)
    assert done.without_cards == without
    assert seen_cards((await lxd.get("zhangsan")).expanded_devices).pci_addresses == seen
    assert lxd.can_log_in(10001, "zhangsan", PLAN.password.reveal())


async def test_a_card_that_dies_before_the_start_is_left_out_and_said():
    lxd = MadeUpInstances()
    lxd.fail_next("start", CardDeviceMissing("Failed to detect requested GPU device"))
    done = await make(lxd)
    assert done.without_cards == WithoutCards("refused_at_start", (), "Failed to detect requested GPU device")
    instance = await lxd.get("zhangsan")
    assert instance.is_running
    assert "gpu" not in instance.devices


async def test_an_account_that_the_template_has_already_is_refused_with_the_programs_words():
    lxd = MadeUpInstances()
    run_in(lxd.inside("template"), ["useradd", "-m", "zhangsan"], b"", 60)
    with pytest.raises(ProvisioningFailed) as failed:
        await make(lxd)
    assert failed.value.step is Step.ACCOUNT
    assert isinstance(failed.value.cause, AccountRefused)
    assert str(failed.value.cause) == "useradd: user 'zhangsan' already exists"


async def test_no_banner_is_a_failure_at_ssh():
    lxd = MadeUpInstances()

    async def silence(_port: int) -> bool:
        return False

    with pytest.raises(ProvisioningFailed) as failed:
        await provision(lxd, PLAN, host_keys, silence, quiet)
    assert failed.value.step is Step.SSH
    assert isinstance(failed.value.cause, SshSilent)


async def test_a_container_that_dies_at_boot_says_what_its_console_said():
    """As the 18th does on a host with the kernel's own limits: LXD's start succeeds, and PID 1 gives up."""
    lxd = MadeUpInstances()
    real_start = lxd.start

    async def start(name: str) -> None:
        await real_start(name)
        await lxd.stop(name, timeout_seconds=0, force=True)
        lxd.inside(name).console = "Welcome\n\nFailed to allocate manager object: Too many open files\n"

    lxd.start = start
    lxd.fail_next("run", InstanceError("Instance is not running"))
    with pytest.raises(ProvisioningFailed) as failed:
        await make(lxd)
    assert isinstance(failed.value.cause, BootFailed)
    assert str(failed.value.cause) == "Welcome\nFailed to allocate manager object: Too many open files"


async def test_a_new_password_replaces_the_old_one_and_nobody_elses():
    lxd = MadeUpInstances()
    await make(lxd)
    await set_password(lxd, "zhangsan", "zhangsan", Secret("new: one"))
    assert lxd.can_log_in(10001, "zhangsan", "new: one")
    with pytest.raises(ValueError, match="line break"):
        await set_password(lxd, "zhangsan", "zhangsan", Secret("x\nroot:pwned"))
    assert not lxd.can_log_in(10001, "root", "pwned")
    with pytest.raises(AccountRefused):
        await set_password(lxd, "zhangsan", "nobody-here", Secret("x"))


async def test_hidden_cards_may_come_from_the_container_alone():
    lxd = MadeUpInstances()
    lxd.plant("lisi", devices={"gpu": {"type": "gpu"}, "data": {"type": "none"}})
    await hide_cards(lxd, "lisi")
    assert (await lxd.get("lisi")).devices == {"data": {"type": "none"}}
