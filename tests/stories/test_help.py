"""What a student reads who asks how things are done: their own host, port and name, one topic a screen."""

from __future__ import annotations

import pytest

from tests.stories.conftest import ADMIN, LISI, ZHANGSAN, Talk, buttons, is_bots

pytestmark = pytest.mark.quiet_lab


async def test_a_topic_is_filled_in_with_ones_own_port_and_leads_back(talk: Talk) -> None:
    asked = await talk.say(LISI.telegram_id, "/help")
    assert "/reserve gpu0 48h" in asked["text"]
    assert "/adduser" not in asked["text"]

    await talk.press(LISI.telegram_id, asked, "登录")
    page = await talk.until(LISI.telegram_id, "ssh -p 10001 lisi@gpu-lab.example")
    assert "Host lisi-gpu" in page["text"]
    assert "只是例子" not in page["text"]
    await talk.press(LISI.telegram_id, page, "传数据")
    page = await talk.until(LISI.telegram_id, "scp -P 10001 my_data.zip lisi@gpu-lab.example:~/")
    await talk.press(LISI.telegram_id, page, "全部主题")
    await talk.until(LISI.telegram_id, "怎么做……")


async def test_words_find_topics(talk: Talk) -> None:
    assert "为什么还要 LXD" in (await talk.say(LISI.telegram_id, "/help why"))["text"]
    assert "约好以后" in (await talk.say(LISI.telegram_id, "/help extend"))["text"]
    assert "样板间" in (await talk.say(LISI.telegram_id, "/help 模板"))["text"]
    nothing = await talk.say(LISI.telegram_id, "/help adduser")
    assert "没有“adduser”这个主题" in nothing["text"]
    assert any(b["text"] == "conda 环境" for b in buttons(nothing))


async def test_an_admin_has_a_page_of_their_own_and_the_students_too(talk: Talk) -> None:
    asked = await talk.say(ADMIN.telegram_id, "/help")
    assert "/adduser zhangsan" in asked["text"]
    await talk.press(ADMIN.telegram_id, asked, "学生的命令和主题")
    page = await talk.until(ADMIN.telegram_id, "我的预约：")
    await talk.press(ADMIN.telegram_id, page, "管理员的")
    await talk.until(ADMIN.telegram_id, "别人的容器和预约")
    assert "只能用一次" in (await talk.say(ADMIN.telegram_id, "/help adduser"))["text"]


async def test_who_has_no_container_is_told_that_port_and_name_are_examples(talk: Talk) -> None:
    page = await talk.say(ADMIN.telegram_id, "/help ssh")
    assert "ssh -p 10001 " in page["text"]
    assert "只是例子" in page["text"]


async def test_in_the_group_a_topic_is_the_askers_alone(talk: Talk) -> None:
    asked = await talk.say(LISI.telegram_id, "/help", chat=talk.group)
    await talk.press(LISI.telegram_id, asked, "登录", chat=talk.group)

    def told() -> bool:
        mine = talk.texts(LISI.telegram_id) + talk.texts(talk.group, LISI.telegram_id)
        return any("Host lisi-gpu" in text for text in mine)

    await talk.demo.telegram.wait_for(told, talk.patience)
    assert not any("Host lisi-gpu" in m.get("text", "") for m in talk.demo.telegram.messages(talk.group) if is_bots(m))


async def test_a_stranger_is_told_how_to_become_a_member(talk: Talk) -> None:
    for typed in ("/help", "/help ssh"):
        assert "邀请链接" in (await talk.say(ZHANGSAN.telegram_id, typed))["text"]


async def test_start_leads_to_the_first_day(talk: Talk) -> None:
    greeting = await talk.say(LISI.telegram_id, "/start")
    await talk.press(LISI.telegram_id, greeting, "第一步怎么做")
    await talk.until(LISI.telegram_id, "第一天，五步")
