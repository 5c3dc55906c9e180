"""The admin's year with other people's containers, as it is typed and read: the table, moving in, leaving, deleting."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest

from bot.demo.inside import made_up_hash
from bot.domain.instance import proxy_to_ssh
from tests.stories.conftest import ADMIN, LISI, ZHANGSAN, Talk, buttons

# All of it is private: what the bot may do in the group makes no difference.
pytestmark = [pytest.mark.quiet_lab, pytest.mark.parametrize("talk", ["administrator"], indirect=True)]
BOSS = ADMIN.telegram_id


async def typed_code(talk: Talk, name: str) -> str:
    """/deluser as far as its second question; the code."""
    asked = await talk.say(BOSS, f"/deluser {name}")
    await talk.press(BOSS, asked, "永久删除")
    question = await talk.when(
        BOSS, lambda m: m["message_id"] == asked["message_id"] and "最后确认一次" in m.get("text", "")
    )
    code = re.search(r"/deluser 名字 (\d{4})", question["text"])
    assert code is not None
    return code[1]


async def files(talk: Talk, name: str) -> dict[str, Any]:
    return await talk.when(BOSS, lambda m: name in m.get("document", {}).get("file_name", ""))


def content(talk: Talk, message: dict[str, Any]) -> bytes:
    stored: bytes = talk.telegram.core.files.by_id[message["document"]["file_id"]].upload.data
    return stored


async def test_the_table_tells_who_has_what(talk: Talk) -> None:
    table = await talk.say(BOSS, "/containers")
    assert table["text"].startswith("容器 2 个，2 个在运行\n")
    assert "🟢 lisi 李四 Li Si\n端口 10001 · 10.77.0." in table["text"]
    assert "显卡 全部" in table["text"]
    assert "📄 template" in table["text"]
    assert "⚠️" not in table["text"]


async def test_the_table_as_files(talk: Talk) -> None:
    table = await talk.say(BOSS, "/containers")
    await talk.press(BOSS, table, "CSV")
    rows = list(csv.DictReader(io.StringIO(content(talk, await files(talk, ".csv")).decode("utf-8-sig"))))
    assert [row["name"] for row in rows] == ["lisi", "wangwu", "template"]
    assert (rows[0]["port"], rows[0]["state"], rows[0]["cards"]) == ("10001", "running", "all")
    await talk.press(BOSS, table, "Markdown")
    assert content(talk, await files(talk, ".md")).decode().startswith("| name | member | state | port |")


async def test_what_is_not_as_registered_is_shown_with_its_remedy(talk: Talk) -> None:
    talk.demo.lxd.plant("liren", devices={"p": proxy_to_ssh(19011)}, running=True)
    await talk.demo.lxd.delete("wangwu")
    await talk.demo.lxd.set_device("lisi", "ssh", proxy_to_ssh(10009))
    table = (await talk.say(BOSS, "/containers"))["text"]
    assert "⚠️ 3 个和登记的不一致" in table
    assert "不是我开的，没有主人。接管：/adopt liren" in table
    assert "登记里有，LXD 里没有，可能被手动删了。清掉记录：/deluser wangwu" in table
    assert "登记的端口是 10001，实际是 10009。按实际的登记：/adopt lisi" in table
    mended = await talk.say(BOSS, "/adopt lisi")
    assert "✅ lisi（李四 Li Si）已按实际情况重新登记" in mended["text"]
    assert "登记的端口" not in (await talk.say(BOSS, "/containers"))["text"]


async def test_an_existing_container_moves_in_and_its_student_gets_in(talk: Talk) -> None:
    inside = talk.demo.lxd.plant("zhangsan", devices={"p": proxy_to_ssh(19011)}, running=True)
    inside.append("/etc/passwd", "ubuntu:x:1000:1000::/home/ubuntu:/bin/bash")
    inside.append("/etc/shadow", "ubuntu:!:20000::::::")
    adopted = await talk.say(BOSS, "/adopt zhangsan @zhangsan")
    assert adopted["text"].startswith("✅ zhangsan 归 zhangsan 了，🟢 运行中\n端口 19011 · 显卡 无\n登录用户 ubuntu")
    assert "把这个链接发给 @zhangsan，只有这个账号能打开" in adopted["text"]
    code = re.search(r"\?start=([\w-]+)", adopted["text"])
    assert code is not None
    refused = await talk.begin(LISI.telegram_id, code[1])
    assert "这个链接只有 @zhangsan 能打开" in refused["text"]
    await talk.begin(ZHANGSAN.telegram_id, code[1])
    welcome = (await talk.until(ZHANGSAN.telegram_id, "ssh -p 19011 ubuntu@"))["text"]
    password = re.search(r"密码 ([a-z0-9-]{19})", welcome)
    assert password is not None
    assert talk.demo.lxd.can_log_in(19011, "ubuntu", password[1])


async def test_who_moves_in_with_a_password_keeps_it(talk: Talk) -> None:
    inside = talk.demo.lxd.plant("zhangsan", devices={"p": proxy_to_ssh(19011)}, running=True)
    inside.append("/etc/passwd", "zhangsan:x:1000:1000::/home/zhangsan:/bin/bash")
    inside.append("/etc/shadow", f"zhangsan:{made_up_hash('of-before')}:20000::::::")
    code = re.search(r"\?start=([\w-]+)", (await talk.say(BOSS, "/adopt zhangsan"))["text"])
    assert code is not None
    await talk.begin(ZHANGSAN.telegram_id, code[1])
    welcome = (await talk.until(ZHANGSAN.telegram_id, "ssh -p 19011 zhangsan@"))["text"]
    assert "密码：还是你原来的，没有改" in welcome
    assert talk.demo.lxd.can_log_in(19011, "zhangsan", "of-before")


async def test_a_login_that_is_not_there_is_not_called_a_full_disk(talk: Talk) -> None:
    talk.demo.lxd.plant("zhangsan", devices={}, running=True)
    adopted = (await talk.say(BOSS, "/adopt zhangsan"))["text"]
    assert "现在没有端口能 SSH 进去" in adopted
    code = re.search(r"\?start=([\w-]+)", adopted)
    assert code is not None
    await talk.begin(ZHANGSAN.telegram_id, code[1])
    welcome = (await talk.until(ZHANGSAN.telegram_id, "还没有端口通到它"))["text"]
    assert "容器里没有 zhangsan 这个用户" in welcome
    assert "ssh -p" not in welcome


async def test_a_whole_lab_moves_in_after_it_was_shown(talk: Talk) -> None:
    assert "没有无主的容器" in (await talk.say(BOSS, "/adopt all"))["text"]
    talk.demo.lxd.plant("liren", devices={"p": proxy_to_ssh(19011), "g": {"type": "gpu"}}, running=True)
    talk.demo.lxd.plant("zhaoliu", devices={"p": proxy_to_ssh(19012)})
    talk.demo.lxd.plant("Old_1")
    shown = await talk.say(BOSS, "/adopt all")
    assert "找到 3 个无主的容器，其中 2 个可以接管" in shown["text"]
    assert "🟢 运行中 liren → liren\n端口 19011 · 显卡 全部" in shown["text"]
    assert "⚪ 已关机 zhaoliu → zhaoliu" in shown["text"]
    assert "✖️ Old_1：“old_1”不能当成员名" in shown["text"]
    assert (await talk.demo.lxd.get("liren")).config == {}
    await talk.press(BOSS, shown, "接管这 2 个")
    done = await talk.until(BOSS, "接管了 2 个容器")
    assert len(re.findall(r"\?start=[\w-]+", done["text"])) == 2
    assert (await talk.demo.lxd.get("liren")).config == {"user.junzi.member": "liren"}


async def test_what_can_not_be_adopted_says_why(talk: Talk) -> None:
    assert "是模板" in (await talk.say(BOSS, "/adopt template"))["text"]
    assert "LXD 里没有它" in (await talk.say(BOSS, "/adopt nobody"))["text"]
    assert "写法：/adopt" in (await talk.say(BOSS, "/adopt"))["text"]


async def test_graduation_and_back(talk: Talk) -> None:
    await talk.say(LISI.telegram_id, "/reserve gpu1 4h")
    asked = await talk.say(BOSS, "/archive lisi")
    assert asked["text"].startswith("要归档 lisi（李四 Li Si）吗？\n• 容器正在运行")
    assert "• 2 个预约会释放" in asked["text"]
    assert "保留 90 天" in asked["text"]
    await talk.press(BOSS, asked, "archive:go")
    done = await talk.until(BOSS, "📦 lisi 已归档，保留到 ")
    assert "释放了 2 个预约" in done["text"]
    await talk.until(LISI.telegram_id, "📦 你的容器 lisi 已经归档")
    assert "我还不认识你" in (await talk.say(LISI.telegram_id, "/mine"))["text"]
    assert "📦 lisi（李四 Li Si），归档于" in (await talk.say(BOSS, "/archive"))["text"]
    assert "📦 lisi-archived-" in (await talk.say(BOSS, "/containers"))["text"]
    assert "容器还在归档里" in (await talk.say_and_read_last(BOSS, "/adduser lisi"))

    await talk.say(BOSS, "/restoreuser lisi")
    back = await talk.until(BOSS, "✅ lisi 回来了")
    assert "SSH 端口 10001" in back["text"]
    assert "🟢 运行中" in (await talk.say(LISI.telegram_id, "/mycontainer"))["text"]


async def test_one_that_does_not_shut_down_is_forced_only_when_asked(talk: Talk) -> None:
    talk.demo.lxd.ignoring_shutdown.add("lisi")
    asked = await talk.say(BOSS, "/archive lisi 30")
    await talk.press(BOSS, asked, "archive:go")
    failed = await talk.until(BOSS, "❌ lisi 没做成，停在：关机")
    assert "已经做了的都还原了" in failed["text"]
    assert "lisi" in talk.demo.lxd.running()
    await talk.press(BOSS, failed, "强制关机并归档")
    await talk.until(BOSS, "📦 lisi 已归档")


async def test_deleting_is_asked_twice_and_the_name_is_typed(talk: Talk) -> None:
    asked = await talk.say(BOSS, "/deluser lisi")
    assert "• ⚠️ 删了就找不回来了" in asked["text"]
    assert [b["text"] for b in buttons(asked)] == ["永久删除……", "改为归档", "算了"]
    code = await typed_code(talk, "lisi")
    wrong = await talk.say_and_read_last(BOSS, f"/deluser wangwu {code}")
    assert "名字和确认码对不上，什么都没删" in wrong
    code = await typed_code(talk, "wangwu")
    talk.demo.clock.skip(minutes=6)
    assert "确认码过期了" in (await talk.say_and_read_last(BOSS, f"/deluser wangwu {code}"))
    code = await typed_code(talk, "wangwu")
    await talk.say(BOSS, f"/deluser wangwu {code}")
    await talk.until(BOSS, "🗑 wangwu 已删除")
    assert "wangwu" not in talk.demo.lxd.running()


async def test_a_user_with_options_and_what_is_wrong_with_some(talk: Talk) -> None:
    assert "“gpus”的选项" in (await talk.say(BOSS, "/adduser zhangsan gpus=2"))["text"]
    assert "memory=“32”看不懂" in (await talk.say(BOSS, "/adduser zhangsan memory=32"))["text"]
    assert "只有一台服务器" in (await talk.say(BOSS, "/adduser zhangsan server=gpu2"))["text"]
    assert "没有 gpu9。现在有：gpu0" in (await talk.say_and_read_last(BOSS, "/adduser zhangsan cards=gpu9"))
    await talk.say(BOSS, "/adduser zhangsan port=10050 cpu=4 memory=32g cards=gpu0")
    await talk.until(BOSS, "zhangsan 开好了")
    instance = await talk.demo.lxd.get("zhangsan")
    assert (instance.config["limits.cpu"], instance.config["limits.memory"]) == ("4", "32GiB")


async def test_a_table_of_new_users_is_dropped_into_the_chat(talk: Talk) -> None:
    await talk.telegram.upload(BOSS, BOSS, "新生.csv", "姓名,端口,内存\nzhangsan,abc,32G\n张三,,\n".encode("gb18030"))
    faulty = await talk.until(BOSS, "表里有 2 处要改")
    assert "第 2 行：“abc”不是端口" in faulty["text"]
    assert "第 3 行：“张三”不能当名字" in faulty["text"]

    await talk.telegram.upload(
        BOSS, BOSS, "新生.csv", "姓名,端口,内存\nzhangsan,,32G\nsunqi,10020,\n".encode("gb18030")
    )
    asked = await talk.until(BOSS, "要给这 2 个人开容器吗？")
    assert "• zhangsan 端口 10003 memory=32G\n• sunqi 端口 10020" in asked["text"]
    await talk.press(BOSS, asked, "开 2 个")
    done = await talk.until(BOSS, "2 个里开好了 2 个")
    assert len(re.findall(r"\?start=[\w-]+", done["text"])) == 2
    assert {"zhangsan", "sunqi"} <= talk.demo.lxd.running()


async def test_many_links_come_as_a_file(talk: Talk) -> None:
    table = "name\n" + "".join(f"s{number}\n" for number in range(12))
    await talk.telegram.upload(BOSS, BOSS, "people.csv", table.encode())
    asked = await talk.until(BOSS, "要给这 12 个人开容器吗？")
    await talk.press(BOSS, asked, "开 12 个")
    await talk.until(BOSS, "12 个里开好了 12 个")
    rows = list(csv.DictReader(io.StringIO(content(talk, await files(talk, "claim-links")).decode("utf-8-sig"))))
    assert len(rows) == 12
    assert all("?start=" in row["link"] for row in rows)


async def test_a_spreadsheet_or_a_students_table_is_not_taken(talk: Talk) -> None:
    await talk.telegram.upload(BOSS, BOSS, "people.xlsx", b"PK")
    await talk.until(BOSS, "另存为 CSV")
    await talk.telegram.upload(LISI.telegram_id, LISI.telegram_id, "people.csv", b"name\nsunqi\n")
    await talk.until(LISI.telegram_id, "只有管理员能用")


@pytest.mark.parametrize(
    "command", ["containers", "adopt all", "archive wangwu", "restoreuser wangwu", "deluser wangwu"]
)
async def test_a_student_is_refused(talk: Talk, command: str) -> None:
    assert "只有管理员能用" in (await talk.say(LISI.telegram_id, f"/{command}"))["text"]


async def test_what_is_done_on_the_host_is_told_once_and_left_alone(talk: Talk) -> None:
    await talk.demo.lxd.set_config("lisi", {"limits.memory": "64GiB"})
    talk.demo.lxd.plant("liren", running=True)
    await talk.demo.lxd.set_config("wangwu", {"limits.cpu": "2"})
    told = await talk.until(BOSS, "🔧 有人没通过我，直接在主机上改了容器")
    assert "lisi 的 limits.memory：– → 64GiB" in told["text"]
    assert "wangwu 的 limits.cpu：– → 2" in told["text"]
    assert "liren 是新的，没有主人。接管：/adopt liren" in told["text"]
    await talk.press(BOSS, told, "看全部容器")
    await talk.until(BOSS, "容器 3 个")
