"""/adopt: an existing lab moves in; nothing is changed but the owner's name, and /containers tells the truth."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.adoption import Adopted, AdoptionWish, NotAdopted
from bot.domain.errors import InstanceError, LxdUnreachable
from bot.domain.instance import Instance, proxy_to_ssh
from bot.domain.inventory import Disagreement
from bot.domain.saying import Saying
from bot.services.inventory import Inventory
from bot.services.members import Account, Claimed, ClaimRefused, MemberService
from storage.database import Database
from tests.conftest import FakeClock
from tests.services.lifecycle_lab import Lab, quiet

DEVICES = {
    "myport": proxy_to_ssh(19011),
    "gpu7": {"type": "gpu"},
    "data": {"type": "disk", "source": "/srv/datasets", "path": "/data"},
}


@pytest.fixture
def lab(database: Database, clock: FakeClock) -> Lab:
    lab = Lab(database, clock)
    inside = lab.lxd.plant("liren", devices=DEVICES, config={"limits.cpu": "2"}, running=True)
    inside.append("/etc/passwd", "ubuntu:x:1000:1000::/home/ubuntu:/bin/bash")
    return lab


async def adopt(lab: Lab, name: str = "liren", origin: str = "update:1", **wish) -> Adopted | NotAdopted:
    return await lab.adopting.adopt(lab.admin, AdoptionWish(name, **wish), origin)


def but_for_its_owner(instance: Instance) -> Instance:
    return replace(instance, config={k: v for k, v in instance.config.items() if k != "user.junzi.member"})


def record(lab: Lab, name: str = "liren"):
    return lab.write(lambda books: books.instances.get("local", name))


async def test_it_moves_in_as_it_is(lab: Lab):
    before = await lab.lxd.get("liren")
    outcome = await adopt(lab)
    assert isinstance(outcome, Adopted)
    assert outcome.claim_code is not None
    after = await lab.lxd.get("liren")
    assert but_for_its_owner(after) == before
    assert after.config["user.junzi.member"] == "liren"
    assert (record(lab).ssh_port, record(lab).account) == (19011, "ubuntu")
    again = await adopt(lab)
    assert isinstance(again, Adopted)  # the message is taken up again
    later = await adopt(lab, origin="update:2")
    assert isinstance(later, NotAdopted)
    assert later.why.key == "adopt.already"


async def test_the_account_is_put_right_when_it_is_adopted_again(lab: Lab):
    await adopt(lab)
    await lab.lxd.write_file("liren", "/etc/passwd", b"xiaoli:x:1001:1001::/home/xiaoli:/bin/bash\n")
    outcome = await adopt(lab, origin="update:2")
    assert isinstance(outcome, Adopted)
    assert outcome.found.mends
    assert record(lab).account == "xiaoli"


async def test_to_a_member_who_is_there(lab: Lab):
    member = lab.plant("wangwu", 10001, telegram_id=7)
    code = await lab.deletion.ask(lab.admin, "wangwu")
    await lab.deletion.delete(lab.admin, "wangwu", code, quiet, "update:0")
    outcome = await adopt(lab, who="wangwu")
    assert isinstance(outcome, Adopted)
    assert record(lab).member_id == member.id
    assert outcome.claim_code is not None  # the one who left is a stranger, whoever gets the name now


async def test_all_that_is_nobodys_is_found(lab: Lab):
    lab.plant("wangwu", 10001)
    lab.lxd.plant("Zhao_", devices={})
    lab.lxd.plant("half", config={"user.junzi.operation": "x"})
    found = await lab.adopting.found()
    assert not isinstance(found, Saying)
    assert {one.name: one.refusal.key if one.refusal else None for one in found} == {
        "liren": None,
        "Zhao_": "adopt.say_who",
    }


async def test_a_failed_step_leaves_nothing(lab: Lab):
    before = await lab.lxd.get("liren")
    lab.lxd.fail_next("set_config", InstanceError("no space left on device"))
    assert isinstance(await adopt(lab), NotAdopted)
    assert await lab.lxd.get("liren") == before
    assert record(lab) is None
    assert lab.write(lambda books: books.members.by_name("liren")) is None


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_killed_in_the_middle_the_next_start_finishes_it(lab: Lab, after: bool):
    await lab.killed_at("set_config", lambda: adopt(lab), after=after)
    assert await lab.operations.reconcile() == 1
    assert lab.told() == ["adopt.finished_after_stop"]
    assert (await lab.lxd.get("liren")).config["user.junzi.member"] == "liren"
    assert record(lab) is not None
    outcome = await adopt(lab)
    assert isinstance(outcome, Adopted)
    assert outcome.claim_code is not None


async def rows(lab: Lab):
    taken = await lab.inventory.take()
    assert isinstance(taken, Inventory)
    return {row.name: row for row in taken.rows}


async def test_a_port_that_was_changed_by_hand_is_seen_and_mended(lab: Lab):
    lab.plant("wangwu", 10001)
    await lab.lxd.set_device("wangwu", "ssh", proxy_to_ssh(10009))
    assert (await rows(lab))["wangwu"].disagreements() == (Disagreement.OTHER_PORT,)
    outcome = await adopt(lab, "wangwu")
    assert isinstance(outcome, Adopted)
    assert outcome.found.mends
    assert record(lab, "wangwu").ssh_port == 10009
    assert (await rows(lab))["wangwu"].disagreements() == ()


async def test_the_table_asks_lxd_once_and_knows_everybody(lab: Lab):
    lab.plant("wangwu", 10001)
    lab.plant("zhangsan", 10002)
    await lab.archives.archive(lab.admin, "zhangsan", quiet, "update:0")
    known = await rows(lab)
    assert sorted(known) == ["liren", "template", "wangwu", "zhangsan-archived-20261125"]
    assert known["liren"].disagreements() == (Disagreement.NO_RECORD,)
    assert known["wangwu"].owner.unix_name == "wangwu"
    assert known["zhangsan-archived-20261125"].owner.unix_name == "zhangsan"
    lab.lxd.unreachable = True
    assert isinstance(await lab.inventory.take(), Saying)
    lab.lxd.unreachable = False
    lab.lxd.fail_next("list_with_usage", LxdUnreachable("away"))
    assert isinstance(await lab.inventory.take(), Saying)


def account(telegram_id: int, username: str | None) -> Account:
    return Account(telegram_id, "Li Ren", username, "zh")


async def test_a_link_for_an_account_that_was_named_opens_for_that_account_alone(lab: Lab):
    outcome = await adopt(lab, telegram="@Li_Ren")
    assert isinstance(outcome, Adopted)
    members, code = MemberService(lab.store, lab.clock), outcome.claim_code or ""
    for stranger in (account(8, "li_ren2"), account(9, None)):
        refused = await members.claim(code, stranger)
        assert refused == ClaimRefused("for_another", "@Li_Ren")
    claimed = await members.claim(code, account(10, "li_ren"))  # Telegram's names know no capitals
    assert isinstance(claimed, Claimed)
    assert claimed.member.unix_name == "liren"


async def test_a_new_link_from_the_admin_opens_for_whoever_has_it(lab: Lab):
    """Somebody changed their @name meanwhile, or has none."""
    outcome = await adopt(lab, telegram="@li_ren")
    assert isinstance(outcome, Adopted)
    members = MemberService(lab.store, lab.clock)
    code = await members.renew_claim(outcome.member)
    assert isinstance(await members.claim(code, account(9, None)), Claimed)
