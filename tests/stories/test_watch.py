"""The watch as four people live it: told once, with evidence, and the way out one tap away."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.demo.hardware import GIB
from tests.stories.conftest import ADMIN_ID, LISI_ID, WANGWU_ID, WORLDS, labels
from tests.stories.quiet_lab import TRAIN, QuietTalk, quiet_lab


@pytest.fixture(params=WORLDS)
async def talk(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[QuietTalk]:
    async with quiet_lab(tmp_path, request.param) as talk:
        yield talk


async def test_stopping_it_is_acknowledged_in_the_group_and_only_by_whose_run_it_is(talk: QuietTalk) -> None:
    pid = talk.run("wangwu", 0)
    warning = await talk.until(talk.group, "你的程序跑在 gpu0 上")
    assert labels(warning) == ["👌 没关系", "🛑 我这就停", "➡️ 我换到 gpu1"]
    answer = await talk.press(LISI_ID, warning, "我这就停", chat=talk.group)
    assert answer["text"] == "这个按钮是给 王五 Wang Wu 的。"

    await talk.press(WANGWU_ID, warning, "我这就停", chat=talk.group)
    await talk.becomes(talk.group, warning, "我这就停。")
    talk.demo.world.end_run(pid)
    await talk.becomes(talk.group, warning, "✅ 已解决")
    await talk.until(WANGWU_ID, "✅ 谢谢")


async def test_the_holder_does_not_mind_and_nobody_is_told_again(talk: QuietTalk) -> None:
    talk.run("wangwu", 0)
    warning = await talk.until(talk.group, "你的程序跑在 gpu0 上")
    assert "给 李四" in (await talk.press(WANGWU_ID, warning, "没关系", chat=talk.group))["text"]
    said = await talk.press(LISI_ID, warning, "没关系", chat=talk.group)
    assert said["text"].startswith("好的，到 ")
    assert "之前不再提醒这件事" in said["text"]
    fine = await talk.becomes(talk.group, warning, "李四 Li Si 说没关系")
    assert labels(fine) == ["还是要用"]
    await talk.until(WANGWU_ID, "李四 Li Si 说没关系")
    talk.run("wangwu", 0, 4)
    await talk.pass_time(45)
    await talk.look(4)
    assert len(talk.warned(talk.group)) == 1


async def test_a_holder_who_needs_the_card_after_all_says_so_and_the_watch_looks_again(talk: QuietTalk) -> None:
    talk.run("wangwu", 0)
    warning = await talk.until(talk.group, "你的程序跑在 gpu0 上")
    await talk.press(LISI_ID, warning, "没关系", chat=talk.group)
    fine = await talk.becomes(talk.group, warning, "李四 Li Si 说没关系")
    await talk.look(3)
    refused = await talk.press(WANGWU_ID, fine, "还是要用", chat=talk.group)
    assert refused["text"] == "这个按钮是给 李四 Li Si 的。"
    await talk.press(LISI_ID, fine, "还是要用", chat=talk.group)
    await talk.until(WANGWU_ID, "李四 Li Si 还是要用 gpu0：请停掉程序")
    again = await talk.becomes(talk.group, warning, "你的程序跑在 gpu0 上")
    assert "👌 没关系" in labels(again)


async def test_moving_books_a_free_card_and_shows_how_to_use_it(talk: QuietTalk) -> None:
    talk.run("wangwu", 0)
    private = await talk.until(WANGWU_ID, "是不是忘了设 CUDA_VISIBLE_DEVICES？")
    await talk.press(WANGWU_ID, private, "我换到 gpu1")
    booked = await talk.until(WANGWU_ID, "✅ gpu1 归你用")
    assert "CUDA_VISIBLE_DEVICES=1 python train.py" in booked["text"]
    await talk.until(talk.group, "我换到 gpu1，已经约好了")


async def test_a_run_that_goes_on_into_the_next_booking_need_not_stop_if_its_holder_moves(talk: QuietTalk) -> None:
    await talk.say(WANGWU_ID, "/reserve gpu2 1h")
    await talk.say(LISI_ID, "/reserve gpu2 in 1h for 6h")
    talk.run("wangwu", 2)
    await talk.pass_time(62)
    told = await talk.until(LISI_ID, "gpu2 现在归你用")
    await talk.until(WANGWU_ID, "⚠️ 你在 gpu2 上的预约到期了，现在归 李四 Li Si 用")
    assert "gpu3 是一样的卡，你约的这段时间一直空着" in told["text"]
    assert labels(told) == ["➡️ 把我的预约换到 gpu3", "👌 没关系"]

    await talk.press(LISI_ID, told, "换到 gpu3")
    booked = await talk.until(LISI_ID, "✅ gpu3 归你用")
    assert "CUDA_VISIBLE_DEVICES=3" in booked["text"]
    moved = await talk.until(talk.group, "把预约换到 gpu3 了，王五 Wang Wu 的程序可以接着在 gpu2 上跑")
    assert labels(moved) == []
    await talk.until(WANGWU_ID, "请补个预约")
    await talk.look(3)
    await talk.becomes(talk.group, moved, "把预约换到 gpu3 了")
    assert "你的预约回到 gpu2 了" in (await talk.say(LISI_ID, "/undo"))["text"]
    await talk.becomes(talk.group, moved, "你的程序跑在 gpu2 上")


async def test_one_run_on_several_of_a_holders_cards_is_one_message(talk: QuietTalk) -> None:
    await talk.say(LISI_ID, "/reserve gpu1,gpu2,gpu3 5h")
    first = talk.run("wangwu", 0)
    others = [talk.run("wangwu", card, process_group=first) for card in (1, 2, 3)]
    warning = await talk.until(talk.group, "你的程序跑在 gpu0、gpu1、gpu2、gpu3 上")
    assert warning["text"].count(TRAIN) == 1, "a command that all share is shown once"
    for pid in (first, *others[:2]):
        talk.demo.world.end_run(pid)
    await talk.becomes(talk.group, warning, "你的程序跑在 gpu3 上")
    talk.demo.world.end_run(others[2])
    await talk.becomes(talk.group, warning, "✅ 已解决")
    assert len(talk.warned(talk.group)) == 1


async def test_it_is_said_again_after_half_an_hour_and_the_old_message_points_on(talk: QuietTalk) -> None:
    pid = talk.run("wangwu", 0)
    warning = await talk.until(talk.group, "你的程序跑在 gpu0 上")
    await talk.pass_time(31)
    again = await talk.until(talk.group, "第 2 次提醒")
    assert again["message_id"] != warning["message_id"]
    old = await talk.becomes(talk.group, warning, "又提醒了一次")
    assert labels(old) == []
    talk.demo.world.end_run(pid)
    await talk.becomes(talk.group, again, "✅ 已解决")


async def test_two_on_a_card_that_nobody_booked_are_told_so_together(talk: QuietTalk) -> None:
    talk.run("wangwu", 2)
    pid = talk.run("lisi", 2)
    warning = await talk.until(talk.group, "同时在用 gpu2，没有人预约")
    assert "王五 Wang Wu" in warning["text"]
    assert "李四 Li Si" in warning["text"]
    assert "给" in (await talk.press(ADMIN_ID, warning, "我这就停", chat=talk.group))["text"]
    talk.demo.world.end_run(pid)
    await talk.becomes(talk.group, warning, "不再撞车")


async def test_more_memory_than_ones_share_is_said_in_private_first(talk: QuietTalk) -> None:
    await talk.say(WANGWU_ID, "/reserve gpu2 5h 10G")
    await talk.say(LISI_ID, "/reserve gpu2 5h 40G")
    talk.run("wangwu", 2, 30)
    talk.run("lisi", 2, 20)
    own = await talk.until(WANGWU_ID, "你用的显存比约定的多")
    assert "▸ gpu2：用了 30 GiB，预约的是 10 GiB" in own["text"]
    await talk.until(LISI_ID, "王五 Wang Wu 用的显存比约定的多")
    assert talk.warned(talk.group) == []
    await talk.pass_time(31)
    await talk.until(talk.group, "王五 Wang Wu 用的显存比约定的多")


async def test_a_card_used_without_a_booking_is_offered_and_one_tap_books_it(talk: QuietTalk) -> None:
    talk.run("wangwu", 1)
    await talk.look(2)
    await talk.pass_time(9)
    offer = await talk.until(WANGWU_ID, "目前没有预约。要预约吗")
    assert labels(offer) == ["预约 4 小时", "预约 1 天", "预约 2 天"]
    await talk.press(WANGWU_ID, offer, "预约 1 天")
    await talk.becomes(WANGWU_ID, offer, "✅ gpu1 归你用")
    await talk.look(3)
    await talk.becomes(WANGWU_ID, offer, "✅ gpu1 归你用")
    assert talk.warned(talk.group) == []


async def test_a_booking_without_use_is_asked_about_once_and_kept_or_given_back(talk: QuietTalk) -> None:
    await talk.say(WANGWU_ID, "/reserve gpu1,gpu2 9h")
    await talk.pass_time(125)
    asked = await talk.until(WANGWU_ID, "💤 gpu1、gpu2")
    assert labels(asked) == ["释放", "还要用"]
    await talk.press(WANGWU_ID, asked, "还要用")
    await talk.becomes(WANGWU_ID, asked, "继续给你留到")

    asked = await talk.until(LISI_ID, "💤 gpu0")
    await talk.press(LISI_ID, asked, "释放")
    await talk.becomes(LISI_ID, asked, "gpu0 已释放")
    assert "你现在没有预约" in (await talk.say(LISI_ID, "/mine"))["text"]


async def test_a_lost_card_keeps_its_booking_and_its_holder_is_told(talk: QuietTalk) -> None:
    talk.demo.world.lose_card(0)
    told = await talk.until(LISI_ID, "🔌 gpu0 没有响应了")
    assert "你的预约还在" in told["text"]
    admin = await talk.until(ADMIN_ID, "🔌 gpu0 没有响应了")
    assert "占着的人：李四 Li Si" in admin["text"]
    assert "dmesg" in admin["text"]
    talk.demo.world.restore_card(0)
    await talk.becomes(LISI_ID, told, "✅ gpu0 恢复正常")
    await talk.becomes(ADMIN_ID, admin, "✅ gpu0 恢复正常")


async def test_memory_that_nobody_holds_is_for_the_admins(talk: QuietTalk) -> None:
    talk.demo.world.leak(3, 12 * GIB)
    told = await talk.until(ADMIN_ID, "▸ gpu3：12 GiB")
    talk.demo.world.leak(3, 0)
    await talk.becomes(ADMIN_ID, told, "✅ gpu3 上没主的显存释放了")
    assert not any("gpu3" in text for text in talk.texts(LISI_ID))


async def test_a_card_that_was_seen_once_can_be_booked_while_the_driver_is_away(talk: QuietTalk) -> None:
    talk.demo.world.hang()
    await talk.look(3)
    assert (await talk.say(WANGWU_ID, "/reserve gpu1 2h"))["text"].startswith("✅ gpu1 归你用")


async def test_a_driver_that_hangs_is_told_once_with_its_fix_and_resolved_once(talk: QuietTalk) -> None:
    talk.demo.world.hang()
    told = await talk.until(ADMIN_ID, "🚨 从")
    assert "驱动没有响应" in told["text"]
    assert "nvidia-smi" in told["text"]
    talk.demo.world.wake()
    await talk.becomes(ADMIN_ID, told, "✅ 又能读到卡了")
    assert not any("🚨" in text for text in talk.texts(LISI_ID))


async def test_a_booking_that_ends_under_a_trespass_says_so_and_not_that_somebody_left(talk: QuietTalk) -> None:
    talk.run("wangwu", 0)
    warning = await talk.until(talk.group, "你的程序跑在 gpu0 上")
    await talk.say(LISI_ID, "/release gpu0")
    await talk.becomes(talk.group, warning, "李四 Li Si 对 gpu0 的预约到期或改动了。王五 Wang Wu 的程序还在上面。")
