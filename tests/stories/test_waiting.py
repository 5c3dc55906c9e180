"""The waiting list as three people live it: queue with one tap, be offered in private, take it or pass it on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.stories.conftest import ADMIN_ID, LISI_ID, PRIVATE_WORLDS, WANGWU_ID, Talk, in_private, labels
from tests.stories.quiet_lab import quiet_lab


async def queue(talk: Talk, who: int, wish: str) -> dict[str, Any]:
    """Ask for a card that is taken, and tap the button under the refusal."""
    refused = await talk.say(who, f"/reserve {wish}")
    assert any("排队" in label for label in labels(refused)), refused["text"]
    await talk.press(who, refused, "帮我排队")
    return await talk.until(who, "⏳")


@in_private
async def test_a_card_that_is_given_back_is_offered_to_the_first_in_line(talk: Talk) -> None:
    waiting = await queue(talk, WANGWU_ID, "gpu0 2h # ResNet")
    assert "排上了：gpu0，2 小时。下一个就是你，排队有效到" in waiting["text"]
    assert "给你留 10 分钟" in waiting["text"]

    await talk.say(LISI_ID, "/release gpu0")
    offer = await talk.until(WANGWU_ID, "轮到你了：gpu0 让出来了")
    assert "📝 ResNet" in offer["text"]
    snatched = await talk.say(ADMIN_ID, "/reserve gpu0 1h")
    assert "王五 Wang Wu：排在最前面，正在决定要不要" in snatched["text"]
    assert "你现在没有预约" in (await talk.say(WANGWU_ID, "/mine"))["text"], "an offer is no booking yet"

    assert "归你了" in (await talk.press(WANGWU_ID, offer, "我要了"))["text"]
    await talk.becomes(WANGWU_ID, offer, "✅ gpu0 归你用")
    assert "gpu0" in (await talk.say(WANGWU_ID, "/mine"))["text"]
    assert "你没有在排队" in (await talk.say(WANGWU_ID, "/waiting"))["text"]


@in_private
async def test_no_thanks_passes_it_to_the_next_in_line(talk: Talk) -> None:
    await queue(talk, WANGWU_ID, "gpu0 2h")
    second = await queue(talk, ADMIN_ID, "gpu0 3h")
    assert "你前面还有 1 个人" in second["text"]

    await talk.say(LISI_ID, "/release gpu0")
    offer = await talk.until(WANGWU_ID, "轮到你了")
    await talk.press(WANGWU_ID, offer, "不用了")
    await talk.until(WANGWU_ID, "gpu0 不给你留了")
    await talk.until(ADMIN_ID, "轮到你了：gpu0")


@in_private
async def test_an_offer_that_is_not_answered_goes_on_and_the_late_press_is_told_kindly(talk: Talk) -> None:
    await queue(talk, WANGWU_ID, "gpu0 2h")
    await talk.say(LISI_ID, "/release gpu0")
    offer = await talk.until(WANGWU_ID, "轮到你了")

    await talk.delivered()  # whoever can't have read it yet is given more time
    talk.demo.clock.skip(minutes=11)
    answer = await talk.press(WANGWU_ID, offer, "我要了")
    assert "时间已经过了" in answer["text"]
    passed = await talk.becomes(WANGWU_ID, offer, "没等到回复")

    await talk.press(WANGWU_ID, passed, "重新排队")
    await talk.until(WANGWU_ID, "现在正好空着")
    await talk.until(WANGWU_ID, "轮到你了")


@in_private
async def test_one_sees_ones_place_and_leaves_the_line(talk: Talk) -> None:
    await queue(talk, WANGWU_ID, "gpu0 2h")
    listed = await talk.say(WANGWU_ID, "/waiting")
    assert "• gpu0，2 小时：下一个就是你，排队有效到 " in listed["text"]
    await talk.press(WANGWU_ID, listed, "不排了")
    await talk.until(WANGWU_ID, "👌 不排了：gpu0，2 小时")

    await talk.say(LISI_ID, "/release gpu0")
    assert (await talk.say(ADMIN_ID, "/reserve gpu0 1h"))["text"].startswith("✅ gpu0 归你用")


@in_private
async def test_any_card_will_do(talk: Talk) -> None:
    for name in ("gpu1", "gpu2", "gpu3"):
        await talk.say(ADMIN_ID, f"/reserve {name} 5h")
    waiting = await queue(talk, WANGWU_ID, "any 2h")
    assert "任意 1 张卡，2 小时" in waiting["text"]
    await talk.say(ADMIN_ID, "/release gpu2")
    await talk.until(WANGWU_ID, "轮到你了：gpu2 让出来了")


@pytest.mark.quiet_lab
@in_private
async def test_who_waits_for_two_cards_is_not_passed_over_by_those_who_want_one(talk: Talk) -> None:
    """gpu0 is 李四's for two days. gpu1 is free: for others until then, and then both are kept for 王五."""
    for name in ("gpu2", "gpu3"):
        await talk.say(ADMIN_ID, f"/reserve {name} 5d")
    waiting = await queue(talk, WANGWU_ID, "2 cards 12h")
    assert "任意 2 张卡，12 小时。下一个就是你，最晚从" in waiting["text"]
    assert "给你留着 gpu0、gpu1" in waiting["text"]
    assert "最晚从" in (await talk.say(WANGWU_ID, "/waiting"))["text"]

    refused = await talk.say(LISI_ID, "/reserve gpu1 5d")
    assert "王五 Wang Wu：排在最前面，要好几张卡，这段时间先留着" in refused["text"]
    assert (await talk.say(LISI_ID, "/reserve gpu1 4h"))["text"].startswith("✅ gpu1 归你用")
    assert "在排队等几张卡，先留着" in (await talk.say(LISI_ID, "/who gpu1"))["text"]

    await talk.say(LISI_ID, "/release gpu1")
    await talk.say(LISI_ID, "/release gpu0")
    await talk.until(WANGWU_ID, "轮到你了：gpu0、gpu1 让出来了")


@pytest.mark.parametrize("world", PRIVATE_WORLDS)
async def test_an_offer_says_so_if_a_run_is_still_on_the_card(tmp_path: Path, world: str) -> None:
    async with quiet_lab(tmp_path, world) as talk:
        talk.run("lisi", 0)
        await queue(talk, WANGWU_ID, "gpu0 2h")
        await queue(talk, ADMIN_ID, "gpu0 3h")
        await talk.say(LISI_ID, "/release gpu0")
        offer = await talk.until(WANGWU_ID, "轮到你了：gpu0 让出来了")
        await talk.look(2)
        await talk.press(WANGWU_ID, offer, "不用了")
        told = await talk.until(ADMIN_ID, "轮到你了：gpu0")
        assert "⚠️ gpu0 上还有人的程序在跑（没有预约）" in told["text"]
