"""What a student reads who asks how things are done: their own host, port and name, one topic a screen."""

from __future__ import annotations

import pytest

from bot.demo.server.chats import Post
from tests.stories.conftest import ADMIN, LISI, ZHANGSAN, Talk, buttons, is_bots, key_of

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


async def test_a_question_in_ones_own_words_gets_its_topic(talk: Talk) -> None:
    assert "lisi@gpu-lab.example:~/" in (await talk.say(LISI.telegram_id, "怎么传文件？"))["text"]
    assert "/password" in (await talk.say(LISI.telegram_id, "忘记密码了"))["text"]
    assert "怎么做……" in (await talk.say(LISI.telegram_id, "帮助"))["text"]
    assert "先记住三件事" in (await talk.say(LISI.telegram_id, "你好"))["text"]
    assert "不客气" in (await talk.say(LISI.telegram_id, "谢谢！"))["text"]
    assert "点了才算数" in (await talk.say(LISI.telegram_id, "好的"))["text"]
    assert "没听懂" in (await talk.say(LISI.telegram_id, "今天谁请客"))["text"]


async def test_a_mistyped_command_is_guessed_with_its_words(talk: Talk) -> None:
    assert "/gpus" in (await talk.say(LISI.telegram_id, "/gpu"))["text"]
    assert "/reserve gpu0 4h" in (await talk.say(LISI.telegram_id, "/rserve gpu0 4h"))["text"]
    assert "/reserve gpu0 4h" in (await talk.say(LISI.telegram_id, "／ｒｅｓｅｒｖｅ　ｇｐｕ０　４ｈ"))["text"]
    for nothing_like_it in ("/", "/foo", "/addusr"):  # an admin's command is nobody else's to know
        answer = await talk.say(LISI.telegram_id, nothing_like_it)
        assert "没有这个命令" in answer["text"]
        assert "是不是" not in answer["text"]
    assert "/adduser" in (await talk.say(ADMIN.telegram_id, "/addusr"))["text"]
    assert "/adduser" not in (await talk.say(ZHANGSAN.telegram_id, "/addusr"))["text"]


async def test_what_has_no_words_is_not_met_with_silence(talk: Talk) -> None:
    """Nor an album with as many answers as pictures."""
    lisi, core = LISI.telegram_id, talk.demo.telegram.core
    before = {key_of(m) for m in talk.demo.telegram.messages(lisi)}
    voice = {"file_id": "v", "file_unique_id": "v", "duration": 3}
    photo = [{"file_id": "p", "file_unique_id": "p", "width": 90, "height": 90}]
    for content in ({"voice": voice}, *({"photo": photo, "media_group_id": "1"},) * 3):
        post = Post(lisi, 0, lisi, core.now(), content)
        core.place(post)
        core.hear(post)
    await talk.demo.telegram.upload(lisi, lisi, "data.zip", b"PK", "application/zip")
    await talk.until(lisi, "用 scp 直接传进你的容器")
    answers = [m for m in talk.demo.telegram.messages(lisi) if key_of(m) not in before and is_bots(m)]
    assert ["只看得懂文字" in m["text"] for m in answers] == [True, True, False]


async def test_a_key_needs_no_command_and_a_private_one_is_warned_of(talk: Talk) -> None:
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIED/zjywfyrzeEfCEIT1FIKNBQEEAXz+m0Kk+Sy/L53h lisi@laptop"
    assert "已加入" in (await talk.say(LISI.telegram_id, key))["text"]
    secret = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1r\n-----END OPENSSH PRIVATE KEY-----"
    assert "私钥" in (await talk.say(LISI.telegram_id, secret))["text"]


async def test_a_word_that_was_not_understood_is_answered_with_the_commands_own_example(talk: Talk) -> None:
    assert "/extend 6h" in (await talk.say(LISI.telegram_id, "/extend abc"))["text"]
    assert "/who gpu0" in (await talk.say(LISI.telegram_id, "/who 张三"))["text"]


async def test_how_a_thing_is_done_does_not_take_the_place_of_a_password_or_a_warning(talk: Talk) -> None:
    lisi = LISI.telegram_id
    password = await talk.say(lisi, "/password")
    password = await talk.until(lisi, "只显示这一次")
    await talk.forge(lisi, password, "how:first")  # the welcome has this button, and is this message
    await talk.until(lisi, "第一天，五步")
    assert talk.says(lisi, password, "只显示这一次")
    answer = await talk.forge(lisi, password, "how:adduser")
    assert "失效" in answer["text"]
