"""The journey of the main job, as four people type and read it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from bot.demo.cast import BOT_NAME
from tests.stories.conftest import ADMIN, LISI, WANGWU, ZHANGSAN, Talk, buttons


async def add_zhangsan(talk: Talk) -> str:
    """/adduser to its end; the claim code."""
    await talk.say(ADMIN.telegram_id, "/adduser zhangsan")
    done = await talk.until(ADMIN.telegram_id, "zhangsan 开好了")
    link = re.search(r"https://t\.me/\w+\?start=([\w-]{1,64})", done["text"])
    assert link is not None
    return link[1]


async def test_from_adduser_to_a_password_that_works(talk: Talk) -> None:
    code = await add_zhangsan(talk)

    await talk.begin(ZHANGSAN.telegram_id, code)
    welcome = await talk.until(ZHANGSAN.telegram_id, "ssh -p 10003 zhangsan@gpu-lab.example")

    assert "scp -P 10003 my_data.zip zhangsan@gpu-lab.example:~/" in welcome["text"]
    assert "Host zhangsan-gpu\n" in welcome["text"]
    password = re.search(r"密码 ([a-z0-9-]{19})", welcome["text"])
    assert password is not None
    assert talk.demo.lxd.can_log_in(10003, "zhangsan", password[1])


async def test_a_claim_link_works_once(talk: Talk) -> None:
    code = await add_zhangsan(talk)
    await talk.begin(ZHANGSAN.telegram_id, code)
    await talk.until(ZHANGSAN.telegram_id, "ssh -p")

    assert "已经用过" in (await talk.begin(ZHANGSAN.telegram_id, code))["text"]
    assert "已经用过" in (await talk.begin(WANGWU.telegram_id, code))["text"]


async def test_where_browsers_cannot_open_it_the_link_is_sent_as_it_is(talk: Talk) -> None:
    stranger = await talk.say(ZHANGSAN.telegram_id, "你好")
    assert "打不开的话，把链接原样私聊发给我" in stranger["text"]
    code = await add_zhangsan(talk)
    link = f"我的链接：https://t.me/{BOT_NAME}?start={code}"
    await talk.say(ZHANGSAN.telegram_id, link)
    await talk.until(ZHANGSAN.telegram_id, "ssh -p")
    assert "已经用过" in (await talk.say(WANGWU.telegram_id, link))["text"]


async def test_a_password_and_a_claim_code_are_never_in_the_group_nor_in_the_database(talk: Talk) -> None:
    code = await add_zhangsan(talk)
    await talk.begin(ZHANGSAN.telegram_id, code)
    welcome = await talk.until(ZHANGSAN.telegram_id, "ssh -p")
    await talk.type(ZHANGSAN.telegram_id, "/password", talk.group)
    second = await talk.until(ZHANGSAN.telegram_id, "要新密码")
    passwords = re.findall(r"密码 ([a-z0-9-]{19})", welcome["text"] + second["text"])
    assert passwords
    # Both bring the message with the password along.
    await talk.press(ZHANGSAN.telegram_id, second, "mycontainer")
    await talk.telegram.say(ZHANGSAN.telegram_id, ZHANGSAN.telegram_id, "/mine", reply_to=second["message_id"])
    await talk.settled()

    group = "\n".join(talk.texts(talk.group))
    folder = talk.demo.junzi.database.path.parent if talk.demo.junzi else None
    assert folder is not None
    stored = b"".join(file.read_bytes() for file in folder.iterdir() if file.is_file())
    for secret in (code, *passwords):
        assert secret not in group
        assert secret.encode() not in stored


async def test_a_container_is_seen_stopped_and_started(talk: Talk) -> None:
    view = await talk.say(LISI.telegram_id, "/mycontainer")
    assert "lisi" in view["text"]
    assert "🟢 运行中" in view["text"]
    assert "/mnt/datasets（只读）" in view["text"]

    await talk.press(LISI.telegram_id, view, "关机")
    asked = await talk.until(LISI.telegram_id, "要关掉 lisi 吗？")
    await talk.press(LISI.telegram_id, asked, "确定关机")
    stopped = await talk.until(LISI.telegram_id, "⚪ 已关机")
    await talk.press(LISI.telegram_id, stopped, "开机")
    await talk.until(LISI.telegram_id, "🟢 运行中")


async def test_a_card_is_booked_shown_and_given_back(talk: Talk) -> None:
    booked = await talk.say(LISI.telegram_id, "/reserve gpu1 48h # ViT", chat=talk.group)
    assert booked["text"].startswith("✅ gpu1 归你用，到 ")
    assert "CUDA_VISIBLE_DEVICES=1 python train.py" in booked["text"]

    mine = await talk.say(LISI.telegram_id, "/mine")
    assert "gpu0" in mine["text"]
    assert "gpu1" in mine["text"]
    assert "CUDA_VISIBLE_DEVICES=0,1 python train.py" in mine["text"]

    released = await talk.say(LISI.telegram_id, "/release gpu1")
    assert released["text"].startswith("👌 gpu1 已释放")
    assert "gpu1" not in (await talk.say(LISI.telegram_id, "/mine"))["text"]


async def test_who_gives_a_card_back_under_their_own_run_is_told_to_stop_it(talk: Talk) -> None:
    demo = talk.demo
    await talk.say(LISI.telegram_id, "/reserve gpu2 4h")
    demo.world.start_run("lisi", 2, "python train.py", 8 << 30)
    assert demo.junzi is not None
    assert demo.junzi.lab is not None
    await demo.junzi.lab.watch.poll()
    told = (await talk.say(LISI.telegram_id, "/release gpu2"))["text"]
    assert "刚才还看到你的程序在 gpu2 上" in told
    await talk.say(LISI.telegram_id, "/reserve gpu3 4h")
    assert "刚才还看到" not in (await talk.say(LISI.telegram_id, "/release gpu3"))["text"]


async def test_a_card_that_is_taken_says_by_whom_and_offers_what_is_free(talk: Talk) -> None:
    refused = await talk.say(WANGWU.telegram_id, "/reserve gpu0 2h")
    assert "gpu0 已有人预约" in refused["text"]
    assert "李四 Li Si" in refused["text"]
    labels = [b["text"] for b in buttons(refused)]
    assert any(label.startswith("gpu0 从 ") for label in labels), labels

    answer = await talk.press(WANGWU.telegram_id, refused, "gpu0 从")
    assert "已预约" in answer["text"]
    await talk.until(WANGWU.telegram_id, "✅ gpu0 归你用，从 ")


async def test_a_button_of_a_month_ago_says_that_it_is_too_old(talk: Talk) -> None:
    refused = await talk.say(WANGWU.telegram_id, "/reserve gpu0 2h")
    dialogue = await talk.say(WANGWU.telegram_id, "/reserve")
    await talk.say(WANGWU.telegram_id, "/reserve")
    junzi = talk.demo.junzi
    assert junzi is not None
    now = talk.demo.clock.now()
    await junzi.database.write(lambda books: books.drafts.forget_before(now + timedelta(days=31)))
    for message, label in ((refused, "gpu0 从"), (refused, "帮我排队"), (dialogue, "gpu1")):
        answer = await talk.press(WANGWU.telegram_id, message, label)
        assert answer["text"] == "这个按钮太旧，已经失效了。请重新发 /reserve。"


async def test_a_button_pressed_by_somebody_else_does_nothing(talk: Talk) -> None:
    refused = await talk.say(WANGWU.telegram_id, "/reserve gpu0 2h", chat=talk.group)
    await talk.can_not_press(LISI.telegram_id, refused, "gpu0 从")

    booked = await talk.say(WANGWU.telegram_id, "/reserve gpu1 2h", chat=talk.group)
    await talk.can_not_press(LISI.telegram_id, booked, "释放")
    assert "gpu1" in (await talk.say(WANGWU.telegram_id, "/mine"))["text"]


async def test_gpus_shows_every_card_its_holder_and_who_is_on_it(talk: Talk) -> None:
    await talk.until(talk.group, "预约到")  # two polls have seen the intruder, who may be gone again by now
    board = (await talk.say(LISI.telegram_id, "/gpus", chat=talk.group))["text"]
    for name in ("gpu0", "gpu1", "gpu2", "gpu3"):
        assert name in board
    assert "🔒 李四 Li Si" in board
    assert "容器 lisi" in board


async def test_the_group_is_warned_by_name_with_evidence_and_told_when_it_is_over(talk: Talk) -> None:
    warning = await talk.until(talk.group, "你的程序跑在 gpu0 上")
    assert "王五 Wang Wu" in warning["text"]
    assert "李四 Li Si 已预约到" in warning["text"]
    assert "▸ wangwu · 进程 " in warning["text"]
    assert "GiB" in warning["text"]
    private = await talk.until(WANGWU.telegram_id, "是不是忘了设 CUDA_VISIBLE_DEVICES？")

    resolved = await talk.until(talk.group, "✅ 已解决")
    assert resolved["message_id"] == warning["message_id"], "one story is one message, edited"
    thanks = await talk.until(WANGWU.telegram_id, "✅ 谢谢")
    assert thanks["message_id"] == private["message_id"]
    assert sum("你的程序" in text or "已解决" in text for text in talk.texts(talk.group)) == 1


async def test_a_stranger_gets_one_clear_sentence(talk: Talk) -> None:
    for command in ("/reserve gpu0 2h", "/mine", "/mycontainer", "/adduser mallory", "/password", "/gpus"):
        assert "我还不认识你" in (await talk.say(ZHANGSAN.telegram_id, command))["text"], command


async def test_a_student_can_not_type_an_admins_command(talk: Talk) -> None:
    assert "只有管理员能用" in (await talk.say(LISI.telegram_id, "/adduser mallory"))["text"]
    assert "只有管理员能用" in (await talk.say(LISI.telegram_id, "/invite wangwu", chat=talk.group))["text"]


@pytest.mark.quiet_lab
async def test_bad_input_says_what_to_type_instead(talk: Talk) -> None:
    for typed, said in {
        "/reserve gpu0 0h": "例如",
        "/reserve gpu0 -3h": "例如",
        "/reserve gpu1 10000d": "最多",
        "/reserve gpu9 2h": "现有的卡：gpu0、gpu1、gpu2、gpu3",
        "/reserve hello": "例如",
        "/extend": "例如",
    }.items():
        assert said in (await talk.say(WANGWU.telegram_id, typed))["text"], typed
    for name, said in {
        "Bad_Name": "只能用小写字母",
        "张三": "只能用小写字母",
        "-x": "只能用小写字母",
        "root": "系统保留",
        "x" * 33: "太长了",
    }.items():
        assert said in (await talk.say(ADMIN.telegram_id, f"/adduser {name}"))["text"], name
    assert "给谁？" in (await talk.say(ADMIN.telegram_id, "/adduser"))["text"]
    assert talk.demo.lxd.running() == {"lisi", "wangwu"}, "nothing was made"
    assert "没有这个命令" in (await talk.say(WANGWU.telegram_id, "/nonsense"))["text"]


async def test_two_adduser_at_once_for_one_name_make_one_container(talk: Talk) -> None:
    import asyncio

    await asyncio.gather(*(talk.telegram.say(ADMIN.telegram_id, ADMIN.telegram_id, "/adduser twice") for _ in "ab"))
    await talk.until(ADMIN.telegram_id, "twice 开好了")
    await talk.until(ADMIN.telegram_id, "❌")
    assert sum("twice 开好了" in text for text in talk.texts(ADMIN.telegram_id)) == 1
