"""Being reminded: before a booking begins, before it ends, and when it ended under one's run."""

from __future__ import annotations

import re

from tests.stories.conftest import LISI_ID, WANGWU_ID, Talk, in_private, labels

pytestmark = in_private
GIB = 1 << 30


async def test_before_it_ends_one_is_asked_once_and_keeps_the_card_by_a_tap(talk: Talk) -> None:
    await talk.say(WANGWU_ID, "/reserve gpu1 2h # ResNet")
    talk.demo.clock.skip(minutes=95)
    reminder = await talk.until(WANGWU_ID, "⏰ 你的 gpu1")
    assert "📝 ResNet" in reminder["text"]
    assert labels(reminder) == ["续 4 小时", "续 1 天", "到点就结束"]

    await talk.press(WANGWU_ID, reminder, "续 4 小时")
    await talk.becomes(WANGWU_ID, reminder, "✅ gpu1 归你用，到 ")
    await talk.say(WANGWU_ID, "/mine")
    mine = await talk.until(WANGWU_ID, "我的预约")  # on a slow machine something else is said first
    ends = [int(at) for at in re.findall(r"'unix_time': (\d+)", str(mine))]
    assert all(4 < (end - talk.demo.clock.now().timestamp()) / 3600 < 5 for end in ends)
    assert ends, "in the reader's app it counts down"
    assert sum("⏰ 你的" in text for text in talk.texts(WANGWU_ID)) == 0, "the reminder became the new state"


async def test_where_somebody_comes_next_it_can_be_kept_as_far_as_possible(talk: Talk) -> None:
    await talk.say(WANGWU_ID, "/reserve gpu1 2h")
    await talk.say(LISI_ID, "/reserve gpu1 in 3h for 8h")
    talk.demo.clock.skip(minutes=95)
    reminder = await talk.until(WANGWU_ID, "⏰ 你的 gpu1")
    assert "接下来：李四 Li Si" in reminder["text"]
    assert labels(reminder)[0].startswith("续到 ")
    await talk.press(WANGWU_ID, reminder, "续到 ")
    await talk.becomes(WANGWU_ID, reminder, "✅ gpu1 归你用，到 ")


async def test_let_it_end(talk: Talk) -> None:
    await talk.say(WANGWU_ID, "/reserve gpu1 2h")
    talk.demo.clock.skip(minutes=95)
    reminder = await talk.until(WANGWU_ID, "⏰ 你的 gpu1")
    await talk.press(WANGWU_ID, reminder, "到点就结束")
    done = await talk.becomes(WANGWU_ID, reminder, "👌 好的，gpu1 到 ")
    assert labels(done) == []


async def test_before_it_begins_one_is_told_and_may_give_it_back(talk: Talk) -> None:
    refused = await talk.say(WANGWU_ID, "/reserve gpu0 2h")
    await talk.press(WANGWU_ID, refused, "gpu0 从")
    await talk.until(WANGWU_ID, "✅ gpu0 归你用，从")
    talk.demo.clock.skip(hours=46, minutes=50)
    reminder = await talk.until(WANGWU_ID, "开始：gpu0 归你用")
    await talk.press(WANGWU_ID, reminder, "不用了，释放")
    await talk.until(WANGWU_ID, "👌 gpu0 已释放")


async def test_a_booking_that_ended_under_ones_run_is_booked_on_by_a_tap(talk: Talk) -> None:
    await talk.say(LISI_ID, "/reserve gpu1 1h")
    talk.demo.world.start_run("lisi", 1, "python train.py", 4 * GIB)
    talk.demo.clock.skip(minutes=60)
    told = await talk.until(LISI_ID, "⏱ gpu1 的预约")
    assert "你的程序还在上面跑" in told["text"]
    await talk.press(LISI_ID, told, "再预约 4 小时")
    await talk.until(LISI_ID, "✅ gpu1 归你用，到 ")
