"""Whatever a lab says to each other about cards, as people type it, press it and say it in the group."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.member import Member
from bot.domain.outcome import Booked
from tests.stories.conftest import ADMIN, LISI, WANGWU, ZHANGSAN, Talk, buttons

pytestmark = pytest.mark.quiet_lab

ME, OTHER, BOSS = LISI.telegram_id, WANGWU.telegram_id, ADMIN.telegram_id


async def member(talk: Talk, telegram_id: int) -> Member:
    assert talk.demo.junzi is not None
    found = await talk.demo.junzi.database.read(lambda books: books.members.by_telegram(telegram_id))
    assert found is not None
    return found


def draft_of(message: dict[str, Any]) -> int:
    """The draft behind the first "book" button of a message."""
    data = [b["callback_data"] for b in buttons(message) if b.get("callback_data", "").startswith("book:")]
    return int(data[0].removeprefix("book:"))


async def test_several_cards_any_card_and_by_model(talk: Talk) -> None:
    assert "gpu1、gpu2 归你用" in (await talk.say(ME, "/reserve gpu1,gpu2 4h"))["text"]
    assert "gpu2 归你用" in (await talk.say(OTHER, "/reserve a100 明天上午9点 4小时"))["text"]
    assert "只有 0 张" in (await talk.say(OTHER, "/reserve 2x h100 4h"))["text"]


async def test_a_message_that_is_changed_afterwards_books_nothing_and_that_is_said(talk: Talk) -> None:
    typed = await talk.type(ME, "/reserve gpu2 2h", ME)
    await talk.until(ME, "✅ gpu2 归你用")
    await talk.demo.telegram.edit(ME, ME, typed["message_id"], "/reserve gpu1 2h")
    await talk.until(ME, "改过的消息我不会照着做")
    mine = (await talk.say(ME, "/mine"))["text"]
    assert "gpu2" in mine
    assert "gpu1" not in mine


async def test_cards_that_are_asked_for_together_are_booked_together_or_not_at_all_and_that_is_said(talk: Talk) -> None:
    none_of_them = "几张卡是一起约的，所以一张也没有约。"
    await talk.say(ME, "/reserve gpu1 4h")
    assert none_of_them in (await talk.say(OTHER, "/reserve gpu1,gpu2 4h"))["text"]
    own = (await talk.say(ME, "/reserve gpu1,gpu2 4h"))["text"]
    assert "就是你自己占着的" in own
    assert none_of_them in own
    assert none_of_them not in (await talk.say(OTHER, "/reserve gpu1 4h"))["text"]
    assert "gpu2" not in (await talk.say(ME, "/mine"))["text"]


async def test_a_share_leaves_the_rest_to_others_and_never_more_than_the_card_has(talk: Talk) -> None:
    assert "（其中 60 GiB）" in (await talk.say(ME, "/reserve gpu3 明天9点 4小时 60G"))["text"]
    refused = await talk.say(OTHER, "/reserve gpu3 明天10点 1小时 30G")
    assert "gpu3 已有人预约" in refused["text"]
    assert "（其中 60 GiB）" in refused["text"]
    assert "归你用" in (await talk.say(OTHER, "/reserve gpu3 明天10点 1小时 20G"))["text"]
    assert "gpu3 已有人预约" in (await talk.say(OTHER, "/reserve gpu3 明天10点 1小时"))["text"]

    await talk.say(ME, "/reserve gpu1 4小时 10G")
    await talk.say(OTHER, "/reserve gpu1 6小时 10G")
    shared = next(line for line in (await talk.say(ME, "/free"))["text"].splitlines() if "gpu1" in line)
    assert "李四" in shared
    assert "王五" in shared


async def test_booking_by_thumb_asks_only_for_what_is_missing(talk: Talk) -> None:
    asked = await talk.say(ME, "/reserve gpu1")
    assert "卡：gpu1" in asked["text"]
    await talk.press(ME, asked, "12 小时")
    ready = await talk.until(ME, "多久：12 小时")
    await talk.press(ME, ready, "改天")
    ready = await talk.until(ME, "多久：12 小时")
    await talk.press(ME, ready, "from:3")
    ready = await talk.until(ME, "09:00")
    await talk.press(ME, ready, "预约，到")
    booked = await talk.until(ME, "✅ gpu1 归你用，从 ")
    assert booked["message_id"] == asked["message_id"], "one message, edited in place"


async def test_two_people_in_the_dialogue_do_not_disturb_each_other(talk: Talk) -> None:
    mine = await talk.say(ME, "/reserve", chat=talk.group)
    theirs = await talk.say(OTHER, "/reserve", chat=talk.group)
    await talk.can_not_press(OTHER, mine, "gpu1")
    await talk.press(OTHER, theirs, "gpu2", chat=talk.group)
    await talk.until(talk.group, "卡：gpu2")
    assert not any("卡：gpu1" in text for text in talk.texts(talk.group, OTHER))


async def test_a_press_that_is_delivered_twice_books_once(talk: Talk) -> None:
    refused = await talk.say(OTHER, "/reserve gpu0 2h")
    await talk.press(OTHER, refused, "gpu0 从")
    await talk.until(OTHER, "✅ gpu0 归你用，从 ")
    again = await talk.demo.junzi.lab.reservations.book_draft(await member(talk, OTHER), draft_of(refused))  # type: ignore[union-attr]
    assert isinstance(again, Booked)
    assert again.again
    mine = (await talk.say(OTHER, "/mine"))["text"]
    assert mine.count("gpu0") == 1


async def test_change_extend_shorten_release_one_of_several_and_undo(talk: Talk) -> None:
    booked = await talk.say(ME, "/reserve gpu1,gpu2 10h")
    await talk.press(ME, booked, "修改")
    menu = await talk.until(ME, "修改这个预约")
    await talk.press(ME, menu, "−4 小时")
    await talk.until(ME, "（6 小时）")
    await talk.say(ME, "/release gpu2")
    assert "又归你用了" in (await talk.say(ME, "/undo"))["text"]
    assert "gpu1、gpu2" in (await talk.say(ME, "/mine"))["text"]
    assert "没有可以撤销的" in (await talk.say(ME, "/undo"))["text"]


async def test_extending_into_somebody_elses_booking_offers_what_room_there_is(talk: Talk) -> None:
    await talk.say(ME, "/reserve gpu1 2h")
    await talk.say(OTHER, "/reserve gpu1 明天9点 2小时")
    refused = await talk.say(ME, "/extend gpu1 2d")
    assert "最多能续到" in refused["text"]


async def test_a_booking_that_has_not_begun_moves(talk: Talk) -> None:
    await talk.say(ME, "/reserve gpu2 明天9点 2小时")
    assert "✅ 已改：gpu2" in (await talk.say(ME, "/move gpu2 明天20点"))["text"]
    assert "已经开始了" in (await talk.say(ME, "/move gpu0 明天20点"))["text"]


async def test_an_admin_books_for_somebody_takes_back_and_closes_a_card(talk: Talk) -> None:
    assert "已替 王五 Wang Wu 预约 gpu2" in (await talk.say(BOSS, "/bookfor wangwu gpu2 4h"))["text"]
    await talk.until(OTHER, "替你预约了 gpu2")

    assert "李四 Li Si：gpu0" in (await talk.say(BOSS, "/revoke gpu0 # 赶截稿"))["text"]
    told = await talk.until(ME, "管理员收回了你对 gpu0 的预约")
    assert "赶截稿" in told["text"]
    assert "还给原来的人" in (await talk.say(BOSS, "/undo"))["text"]
    await talk.until(ME, "gpu0 又归你用了")

    closed = await talk.say(BOSS, "/block gpu2 2h # 换风扇")
    assert "gpu2 停用" in closed["text"]
    await talk.until(OTHER, "gpu2 要维护")
    assert "维护中" in (await talk.say(ME, "/reserve gpu2 1h"))["text"]
    assert "恢复使用" in (await talk.say(BOSS, "/unblock gpu2"))["text"]
    assert "归你用" in (await talk.say(ME, "/reserve gpu2 1h"))["text"]


@pytest.mark.parametrize("line", ["/block gpu9 2h # 换风扇", "/unblock gpu9", "/revoke gpu9 # 赶截稿"])
async def test_an_admin_who_names_a_card_that_is_not_there_reads_which_are(talk: Talk, line: str) -> None:
    """It answered with an example of what they had just typed."""
    said = (await talk.say(BOSS, line))["text"]
    assert "gpu0" in said
    assert "例如" not in said


async def test_a_policy_refuses_by_name_and_has_exceptions(talk: Talk) -> None:
    await talk.say(BOSS, "/policy students cards 2")
    assert "上限 2 张" in (await talk.say(ME, "/reserve gpu1,gpu2 4h"))["text"]  # gpu0 is held already
    assert "上限 2 张" in (await talk.say(OTHER, "/reserve 3x 4h"))["text"]
    shown = (await talk.say(BOSS, "/policy lisi cards 3"))["text"]
    assert "• lisi cards：3" in shown
    assert "• students cards：2" in shown
    assert "归你用" in (await talk.say(ME, "/reserve gpu1,gpu2 4h"))["text"]
    assert "只有管理员能用" in (await talk.say(ME, "/policy lisi cards 9"))["text"]


async def test_who_holds_a_card_before_it_is_free_is_named_one_after_the_other(talk: Talk) -> None:
    await talk.say(OTHER, "/reserve gpu2 1h")
    await talk.say(ME, "/reserve gpu2 in 1h for 2h")
    given_on = next(line for line in (await talk.say(OTHER, "/free"))["text"].splitlines() if "gpu2" in line)
    assert given_on.index("王五") < given_on.index("李四")


async def test_looking_free_who_history(talk: Talk) -> None:
    grid = await talk.say(OTHER, "/free")
    assert "gpu0 没空 · 李四 Li Si" in grid["text"]
    await talk.press(OTHER, grid, "周")
    slots = await talk.say(OTHER, "/free 2x 12h")
    assert "gpu1、gpu2" in slots["text"]
    await talk.press(OTHER, slots, "gpu1、gpu2")
    await talk.until(OTHER, "gpu1、gpu2 归你用")
    assert "ViT ablation" in (await talk.say(OTHER, "/who gpu0"))["text"]
    assert "还没有过去的预约" in (await talk.say(OTHER, "/history"))["text"]


async def test_the_agreement_said_in_the_group_becomes_an_offer_for_its_speaker(talk: Talk) -> None:
    offer = await talk.say(ME, "我用卡 1 跑两天哈！", chat=talk.group)
    assert "预约 gpu1，到" in offer["text"]
    assert "gpu1" not in (await talk.say(ME, "/mine"))["text"], "nothing is booked without a tap"
    await talk.can_not_press(OTHER, offer, "好，预约")
    await talk.press(ME, offer, "好，预约", chat=talk.group)
    await talk.until(talk.group, "✅ gpu1 归你用")

    done = await talk.say(ME, "卡1我跑完了", chat=talk.group)
    await talk.press(ME, done, "释放 gpu1", chat=talk.group)
    await talk.until(talk.group, "👌 gpu1 已释放")

    unnamed = await talk.say(ME, "跑完了，卡让出来了", chat=talk.group)
    assert [b["text"] for row in unnamed["reply_markup"]["inline_keyboard"] for b in row] == ["释放 gpu0"]
    longer = await talk.say(ME, "gpu0 再续6小时", chat=talk.group)
    await talk.press(ME, longer, "好，续", chat=talk.group)
    assert "没人预约" in (await talk.say(OTHER, "谁在用卡2?", chat=talk.group))["text"]


async def test_who_speaks_in_the_group_and_may_hold_no_more_hears_it(talk: Talk) -> None:
    await talk.say(BOSS, "/policy students cards 1")
    assert "上限 1 张" in (await talk.say(ME, "我用卡 1 跑两天哈！", chat=talk.group))["text"]  # gpu0 is held already
    assert "一次最多" in (await talk.say(OTHER, "我用卡 2 跑20天", chat=talk.group))["text"]
    await talk.type(OTHER, "我用卡 9 跑两天", talk.group)  # another machine's, maybe
    await talk.say(OTHER, "/who gpu3", chat=talk.group)  # everything before it has been handled
    assert not any("gpu9" in text for text in talk.texts(talk.group))


async def test_chatter_strangers_and_other_peoples_words_get_silence(talk: Talk) -> None:
    for text in ("我校园卡丢了两天了", "李四说他要用卡0", "别用卡2,在维修", "my run on gpu1 took 30 hours"):
        await talk.type(ME, text, talk.group)
    await talk.type(ZHANGSAN.telegram_id, "我用卡 2 跑两天", talk.group)
    await talk.say(OTHER, "/who gpu3", chat=talk.group)  # everything before it has been handled
    assert not any("预约 gpu" in text for text in talk.texts(talk.group))


async def test_said_to_the_bot_alone_everything_gets_an_answer(talk: Talk) -> None:
    offer = await talk.say(ME, "我用卡 1 跑两天哈！")
    assert "预约 gpu1，到" in offer["text"]
    await talk.press(ME, offer, "好，预约")
    await talk.until(ME, "✅ gpu1 归你用")
    assert "预约 gpu2，到" in (await talk.say(ME, "gpu2 4h"))["text"], "a booking without its command"
    assert "ssh -p 10001 lisi@" in (await talk.say(ME, "ssh"))["text"], "a topic of /help"
    assert "释放 gpu1？" in (await talk.say(ME, "卡1我跑完了"))["text"]
    assert "你没有这样的预约" in (await talk.say(ME, "卡3我跑完了"))["text"]
    assert "gpu0 已有人预约" in (await talk.say(OTHER, "我用卡0跑两天"))["text"]
    lost = await talk.say(ME, "中午吃什么")
    assert "这句我没听懂" in lost["text"]
    await talk.press(ME, lost, "我还能做什么")
    await talk.until(ME, "怎么做……")
    assert "我还不认识你" in (await talk.say(ZHANGSAN.telegram_id, "你好"))["text"]


@pytest.mark.parametrize(
    "data",
    [
        "release:abc",
        "release:99999999999999999999999",
        "extend:1:99999999999999999999",
        "keep:1:9999999999999999",
        "draft:1:for:-60",
        "watch:1:move:99999999999999999999",
        "take:",
        "nonsense",
    ],
)
async def test_a_button_that_somebody_made_up_is_said_to_be_none_and_changes_nothing(talk: Talk, data: str) -> None:
    message = await talk.say(WANGWU.telegram_id, "/help")
    before = await talk.say(LISI.telegram_id, "/mine")
    answer = await talk.forge(WANGWU.telegram_id, message, data)
    assert "失效" in answer["text"] or "不是你的" in answer["text"]
    assert (await talk.say(LISI.telegram_id, "/mine"))["text"] == before["text"]
