"""What an admin and a student do to a container after its birth, as they type and read it."""

from __future__ import annotations

from pathlib import Path

from bot.demo.file import File
from bot.domain.errors import InstanceError
from bot.domain.instance import proxy_to_ssh, seen_cards
from tests.stories.conftest import ADMIN, LISI, WANGWU, Talk, in_private

pytestmark = in_private
BOSS, STUDENT = ADMIN.telegram_id, LISI.telegram_id


async def sees(talk: Talk, name: str) -> object:
    seen = seen_cards((await talk.demo.lxd.get(name)).expanded_devices)
    return "all" if seen.all else seen.pci_addresses


async def test_cards_are_assigned_at_once_and_the_line_to_copy_follows(talk: Talk) -> None:
    done = await talk.say(BOSS, "/assign lisi gpu0,gpu2")
    assert "lisi 现在能看到的显卡：gpu0、gpu2。已经生效。" in done["text"]
    assert await sees(talk, "lisi") == ("0000:17:00.0", "0000:b1:00.0")
    assert "显卡 gpu0、gpu2" in (await talk.say(STUDENT, "/mycontainer"))["text"]
    await talk.demo.junzi.lab.watch.poll()
    booked = await talk.say(STUDENT, "/reserve gpu2 2h")
    assert "CUDA_VISIBLE_DEVICES=1 python train.py" in booked["text"]

    assert "能看到的显卡：无" in (await talk.say(BOSS, "/assign lisi none"))["text"]
    assert "已改 2 个容器" in (await talk.say(BOSS, "/assign all all"))["text"]
    assert await sees(talk, "lisi") == "all"


async def test_what_cant_be_assigned_is_said_in_one_sentence(talk: Talk) -> None:
    assert "没有这些卡：gpu9。这里有：gpu0、gpu1、gpu2、gpu3。" in (await talk.say(BOSS, "/assign lisi gpu9"))["text"]
    assert "没有叫 nobody 的容器" in (await talk.say(BOSS, "/assign nobody gpu0"))["text"]
    assert "马上生效，不用重启" in (await talk.say(BOSS, "/assign lisi"))["text"]
    talk.demo.lxd.host.gpus.pop()
    assert "LXD 在主机上没找到 gpu3" in (await talk.say(BOSS, "/assign lisi gpu3"))["text"]
    assert await sees(talk, "lisi") == "all"
    assert "只有管理员" in (await talk.say(STUDENT, "/assign lisi all"))["text"]


async def test_a_dead_card_does_not_keep_a_member_out(talk: Talk) -> None:
    await talk.demo.lxd.stop("lisi", timeout_seconds=1, force=True)
    cards, talk.demo.lxd.host.gpus = talk.demo.lxd.host.gpus, []
    view = await talk.say(STUDENT, "/mycontainer")
    await talk.press(STUDENT, view, "开机")
    refused = await talk.until(STUDENT, "它的某张显卡不见了")
    await talk.press(STUDENT, refused, "不带显卡开机")
    runs = await talk.until(STUDENT, "🟢 运行中")
    assert "有张卡坏了，容器是不带显卡启动的" in runs["text"]
    talk.demo.lxd.host.gpus = cards
    await talk.press(STUDENT, runs, "把显卡还给它")
    await talk.until(STUDENT, "显卡 全部")
    assert await sees(talk, "lisi") == "all"


async def test_an_admin_switches_anybodys_container(talk: Talk) -> None:
    asked = await talk.say(BOSS, "/power wangwu stop")
    assert "要关掉 wangwu 吗？" in asked["text"]
    await talk.press(BOSS, asked, "确定关机")
    await talk.until(BOSS, "⚪ 已关机")
    talk.demo.lxd.host.ports_in_use.add(10002)
    assert "它的 SSH 端口被主机上别的程序占用了" in await talk.say_and_read_last(BOSS, "/power wangwu start")
    talk.demo.lxd.host.ports_in_use.clear()
    assert "🟢 运行中" in await talk.say_and_read_last(BOSS, "/power wangwu start")
    assert "开关谁的容器" in (await talk.say(BOSS, "/power wangwu explode"))["text"]
    assert "没有叫 nobody" in (await talk.say(BOSS, "/power nobody start"))["text"]
    assert "只有管理员" in (await talk.say(WANGWU.telegram_id, "/power wangwu stop"))["text"]


async def test_back_to_a_snapshot_with_todays_ports_and_cards(talk: Talk) -> None:
    lxd = talk.demo.lxd
    lxd.inside("lisi").files["/home/lisi/train.py"] = File(b"good")
    assert "快照 before-cuda12 已拍好" in (await talk.say(STUDENT, "/snapshot before-cuda12"))["text"]
    assert "已经有叫 before-cuda12 的快照" in (await talk.say(STUDENT, "/snapshot before-cuda12"))["text"]
    lxd.inside("lisi").files["/home/lisi/train.py"] = File(b"broken")
    await lxd.reconfigure("lisi", devices={"ssh": proxy_to_ssh(10042)}, config={"limits.cpu": "4"})
    await talk.say(BOSS, "/assign lisi gpu1")

    asked = await talk.say(STUDENT, "/restore before-cuda12")
    assert "从那以后装的、写的、下载的，都会从容器里消失" in asked["text"]
    assert "先给现在的样子拍一个快照" in asked["text"]
    await talk.press(STUDENT, asked, "确定回去")
    done = await talk.until(STUDENT, "lisi 已回到快照 before-cuda12")
    assert "之前的样子留在快照 before-restore 里" in done["text"]
    assert "容器已经重新开机" in done["text"]
    now = await lxd.get("lisi")
    assert now.is_running
    assert lxd.inside("lisi").files["/home/lisi/train.py"].content == b"good"
    assert now.devices["ssh"] == proxy_to_ssh(10042)
    assert now.config["limits.cpu"] == "4"
    assert await sees(talk, "lisi") == ("0000:31:00.0",)

    listed = await talk.say(STUDENT, "/snapshots")
    assert listed["text"].index("before-restore") < listed["text"].index("before-cuda12")
    await talk.press(STUDENT, listed, "drop:lisi:before-cuda12")
    await talk.press(STUDENT, listed, "drop!:lisi:before-cuda12")
    await talk.until(STUDENT, "lisi 的快照\nbefore-restore")


async def test_a_restore_that_fails_leaves_it_running_as_it_was(talk: Talk) -> None:
    lxd = talk.demo.lxd
    await talk.say(STUDENT, "/snapshot one")
    lxd.fail_next("restore", InstanceError("In use"))
    asked = await talk.say(STUDENT, "/restore one")
    await talk.press(STUDENT, asked, "确定回去")
    await talk.until(STUDENT, "没能恢复：In use 容器保持原样。")
    assert (await lxd.get("lisi")).is_running


async def test_on_zfs_the_newer_snapshots_go_and_that_is_said(talk: Talk) -> None:
    lxd = talk.demo.lxd
    lxd.pool.driver = "zfs"
    for name in ("one", "two", "three"):
        await talk.say(STUDENT, f"/snapshot {name}")
    asked = await talk.say(STUDENT, "/restore one")
    assert "比它新的快照也会被删掉：two、three" in asked["text"]
    assert "没法同时留住现在的样子" in asked["text"]
    await talk.press(STUDENT, asked, "确定回去")
    await talk.until(STUDENT, "lisi 已回到快照 one。")
    assert [snapshot.name for snapshot in await lxd.snapshots("lisi")] == ["one"]


async def test_names_and_strangers_are_refused_in_one_sentence(talk: Talk) -> None:
    assert "快照名只能用字母" in (await talk.say(STUDENT, "/snapshot $(reboot)"))["text"]
    assert "太长了" in (await talk.say(STUDENT, f"/snapshot {'x' * 25}"))["text"]
    assert "没有叫 nothing 的快照" in (await talk.say(STUDENT, "/restore nothing"))["text"]
    listed = await talk.say(STUDENT, "/snapshots")
    assert "lisi 还没有快照" in listed["text"]
    assert "快照 by-the-boss 已拍好" in (await talk.say(BOSS, "/snapshot lisi by-the-boss"))["text"]
    assert "by-the-boss" in (await talk.say(STUDENT, "/snapshots"))["text"]


KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"


async def test_a_port_is_asked_for_opened_listed_and_closed(talk: Talk) -> None:
    asked = await talk.say(STUDENT, "/port 8888")
    assert "要开放 lisi 的端口 8888（Jupyter）？" in asked["text"]
    assert "ssh -N -L 8888:localhost:8888 -p 10001 lisi@gpu-lab.example" in asked["text"]
    await talk.press(STUDENT, asked, "确定开放")
    opened = await talk.until(STUDENT, "✅ 端口 8888 已开放：http://gpu-lab.example:10003")
    device = (await talk.demo.lxd.get("lisi")).devices["port-8888"]
    assert device == {"type": "proxy", "listen": "tcp:0.0.0.0:10003", "connect": "tcp:127.0.0.1:8888"}
    assert "8888 → http://gpu-lab.example:10003" in (await talk.say(STUDENT, "/port"))["text"]
    assert "10001 → 22、10003 → 8888" in (await talk.say(BOSS, "/ports"))["text"]
    added = await talk.say_and_read_last(BOSS, "/adduser zhangsan")
    assert "10004" in (await talk.until(BOSS, "zhangsan 开好了"))["text"], added

    await talk.press(STUDENT, opened, "关闭 8888")
    closed = await talk.until(STUDENT, "✅ 端口 8888 已关闭，外面连不上了。")
    assert "lisi 除了 SSH 没有开放别的端口" in closed["text"]
    assert "port-8888" not in (await talk.demo.lxd.get("lisi")).devices
    assert "端口 8888 没有开放" in (await talk.say(STUDENT, "/port close 8888"))["text"]


async def test_a_port_that_something_else_took_is_passed_over(talk: Talk) -> None:
    talk.demo.lxd.host.ports_in_use.add(10003)
    asked = await talk.say(STUDENT, "/port 6006")
    await talk.press(STUDENT, asked, "确定开放")
    await talk.until(STUDENT, "✅ 端口 6006 已开放：http://gpu-lab.example:10004")
    assert "要开放哪个端口" in (await talk.say(STUDENT, "/port 99999"))["text"]
    assert "要开放哪个端口" in (await talk.say(STUDENT, "/port 8888;reboot"))["text"]
    assert "22 就是 SSH，已经在主机端口 10001 上了" in (await talk.say(STUDENT, "/port 22"))["text"]


async def test_a_key_opens_the_container_and_is_taken_out_again(talk: Talk) -> None:
    assert "lisi 还没有登录密钥" in (await talk.say(STUDENT, "/sshkey"))["text"]
    assert "✅ 已加入 SHA256:" in (await talk.say(STUDENT, f"/sshkey {KEY} lisi@laptop"))["text"]
    file = talk.demo.lxd.inside("lisi").files["/home/lisi/.ssh/authorized_keys"]
    assert file.content == f"{KEY} lisi@laptop\n".encode()
    assert (file.mode, file.uid) == (0o600, 1000)
    assert "lisi@laptop" in (await talk.say(STUDENT, "/sshkey"))["text"]
    assert "没有对得上“7”的密钥" in (await talk.say(STUDENT, "/sshkey remove 7"))["text"]
    assert "它不能再登录了" in (await talk.say(STUDENT, "/sshkey remove 1"))["text"]
    assert talk.demo.lxd.inside("lisi").files["/home/lisi/.ssh/authorized_keys"].content == b""
    assert "这是私钥" in (await talk.say(STUDENT, "/sshkey -----BEGIN OPENSSH PRIVATE KEY-----"))["text"]
    assert "不完整" in (await talk.say(STUDENT, f"/sshkey {KEY[:-4]}"))["text"]


async def test_a_password_of_ones_own_is_not_taken_from_the_chat(talk: Talk) -> None:
    told = (await talk.say(STUDENT, "/password 123456"))["text"]
    assert "你发来的那个没有用上" in told
    assert "密码 123456" not in told
    assert "你发来的" not in (await talk.say(STUDENT, "/password"))["text"]


async def test_limits_hold_at_once_and_a_disk_is_not_cut_below_its_files(talk: Talk) -> None:
    done = await talk.say(BOSS, "/limit lisi cpu=4 memory=32g disk=500GiB")
    assert "CPU 4 · 内存 32GiB · 硬盘 500GiB（已用 " in done["text"]
    instance = await talk.demo.lxd.get("lisi")
    assert (instance.config["limits.cpu"], instance.config["limits.memory"]) == ("4", "32GiB")
    assert instance.devices["root"]["size"] == "500GiB"
    assert "不能缩到 2GiB：LXD 会把容器弄坏" in (await talk.say(BOSS, "/limit lisi disk=2GiB"))["text"]
    assert "CPU 不限 · 内存 32GiB" in (await talk.say(BOSS, "/limit lisi cpu=none"))["text"]
    assert "看不懂" in (await talk.say(BOSS, "/limit lisi cpu=many"))["text"]
    assert "没有叫 nobody" in (await talk.say(BOSS, "/limit nobody cpu=1"))["text"]
    assert "给谁多少" in (await talk.say(BOSS, "/limit"))["text"]
    assert "内存 32GiB" in (await talk.say(BOSS, "/limit lisi"))["text"]


async def test_where_the_pool_does_not_know_how_full_a_disk_is_it_is_counted_once_for_all(talk: Talk) -> None:
    """btrfs without quotas: /mycontainer and /limit said "unknown" while /disk counted."""
    talk.demo.lxd.host.has_quotas = False
    talk.demo.lxd.inside("lisi").append("/home/lisi/data", "x" * 5 * 1024 * 1024)
    view = await talk.say(STUDENT, "/mycontainer")
    assert "硬盘 正在统计……" in view["text"] or "硬盘 5 MiB" in view["text"]
    counted = await talk.until(STUDENT, "硬盘 5 MiB")
    assert counted["message_id"] == view["message_id"]
    assert "已用 5 MiB" in (await talk.say(BOSS, "/limit lisi"))["text"]
    assert "硬盘 5 MiB" in (await talk.say(STUDENT, "/mycontainer"))["text"], "remembered"


async def test_a_shared_folder_for_everybody_and_for_those_to_come(talk: Talk) -> None:
    talk.demo.lxd.host.folders.add("/srv/imagenet")
    done = await talk.say(BOSS, "/mount all /srv/imagenet /mnt/imagenet")
    assert "✅ /srv/imagenet → /mnt/imagenet（只读），已挂进：lisi、wangwu、template" in done["text"]
    for name in ("lisi", "wangwu", "template"):
        device = (await talk.demo.lxd.get(name)).devices["dataset-mnt-imagenet"]
        assert (device["readonly"], device["required"]) == ("true", "false")
    seen = await talk.say(STUDENT, "/datasets")
    assert "/mnt/datasets · 208 GiB · 只读\n▸ CIFAR10、COCO、ImageNet、MNIST\n" in seen["text"]
    assert "例如 /mnt/datasets/CIFAR10" in seen["text"]
    assert "/mnt/imagenet · 208 GiB · 只读" in seen["text"]
    assert "/srv/imagenet → /mnt/imagenet · 208 GiB · 只读 · 3 个容器" in (await talk.say(BOSS, "/datasets"))["text"]

    gone = await talk.say(BOSS, "/unmount lisi /mnt/imagenet")
    assert "/mnt/imagenet 已从这些容器取下：lisi" in gone["text"]
    assert "那里没有挂载 /mnt/imagenet" in (await talk.say(BOSS, "/unmount lisi /mnt/imagenet"))["text"]


async def test_who_logs_in_is_told_of_the_folders_that_are_really_there(talk: Talk) -> None:
    talk.demo.lxd.host.folders.add("/srv/imagenet")
    assert "/mnt/datasets（只读）" in (await talk.say(STUDENT, "/password"))["text"]
    assert "ls /mnt/datasets" in (await talk.say(STUDENT, "/help datasets"))["text"]

    await talk.say(BOSS, "/mount lisi /srv/imagenet /mnt/imagenet rw")
    await talk.say(BOSS, "/unmount lisi /mnt/datasets")
    told = (await talk.say(STUDENT, "/password"))["text"]
    assert "公共数据集" in told
    assert "/mnt/imagenet" in told
    assert "只读" not in told
    assert "/mnt/datasets" not in told
    assert "ls /mnt/imagenet" in (await talk.say(STUDENT, "/help datasets"))["text"]

    await talk.say(BOSS, "/unmount lisi /mnt/imagenet")
    assert "公共数据集" not in (await talk.say(STUDENT, "/password"))["text"]
    assert "现在没有公共数据集" in (await talk.say(STUDENT, "/help datasets"))["text"]


async def test_a_folder_that_is_not_there_or_is_the_hosts_own_is_not_mounted(talk: Talk) -> None:
    assert "主机上没有目录 /srv/nothing" in (await talk.say(BOSS, "/mount all /srv/nothing /mnt/x"))["text"]
    assert "主机自己的系统目录" in (await talk.say(BOSS, "/mount all /etc /mnt/x"))["text"]
    assert "容器自己的系统目录" in (await talk.say(BOSS, "/mount all /srv/datasets /usr"))["text"]
    assert "默认只读" in (await talk.say(BOSS, "/mount all /srv/datasets"))["text"]
    assert "没有叫 nobody" in (await talk.say(BOSS, "/mount nobody /srv/datasets /mnt/x"))["text"]
    talk.demo.lxd.fail_next("reconfigure", InstanceError("device or resource busy"))
    half = await talk.say(BOSS, "/mount all /srv/datasets /mnt/x rw")
    assert "⚠️ lisi：device or resource busy" in half["text"]
    assert "已挂进：wangwu、template" in half["text"]


async def test_the_admin_asks_what_is_wrong_with_the_server(talk: Talk) -> None:
    talk.demo.lxd.plant("copied", devices={"ssh": proxy_to_ssh(10001)})
    talk.demo.lxd.host.folders.clear()
    report = await talk.say_and_read_last(BOSS, "/doctor")
    assert "🔴 copied, lisi 都占着主机端口 10001" in report
    assert "的目录 /srv/datasets 在主机上不见了" in report
    assert "项正常" in report
    assert "只有管理员" in (await talk.say(STUDENT, "/doctor"))["text"]


async def test_somebodys_work_becomes_the_next_template(talk: Talk) -> None:
    lxd = talk.demo.lxd
    lxd.inside("lisi").files["/opt/tool"] = File(b"the lab's")
    lxd.inside("lisi").files["/root/.bash_history"] = File(b"secret")
    await talk.say(BOSS, "/template publish lisi")
    made = await talk.until(BOSS, "✅ 新模板 template-v2（来自 lisi）做好了")
    inside = lxd.inside("template-v2")
    assert inside.files["/opt/tool"].content == b"the lab's"
    assert "/root/.bash_history" not in inside.files
    assert "lisi" not in inside.accounts()
    assert (await lxd.get("template-v2")).config["security.protection.delete"] == "true"
    await talk.press(BOSS, made, "用 template-v2 开新容器")
    await talk.until(BOSS, "以后新开的容器都从 template-v2 复制")
    await talk.say(BOSS, "/adduser zhangsan")
    assert "template-v2" in (await talk.until(BOSS, "zhangsan 开好了"))["text"]
    listed = await talk.say(BOSS, "/template")
    assert "template-v2 · 默认 · 来自 lisi → zhangsan" in listed["text"]
    assert "template → lisi、wangwu" in listed["text"]


async def test_what_can_be_no_template(talk: Talk) -> None:
    assert "lisi 是别人在用的容器" in (await talk.say(BOSS, "/template default lisi"))["text"]
    assert "LXD 里没有它" in (await talk.say(BOSS, "/template default nothing"))["text"]
    assert "看有哪些模板" in (await talk.say(BOSS, "/template explode"))["text"]
    assert "不能当模板的名字" in await talk.say_and_read_last(BOSS, "/template publish lisi wangwu")
    talk.demo.lxd.fail_next("run", InstanceError("the script's container is gone"))
    await talk.say(BOSS, "/template publish lisi half")
    await talk.until(BOSS, "the script's container is gone")
    assert "half" not in [instance.name for instance in await talk.demo.lxd.list()]


async def test_a_container_is_exported_and_snapshots_come_by_themselves(talk: Talk, tmp_path: Path) -> None:
    talk.demo.lxd.host.folders.add(str(tmp_path))
    await talk.say(BOSS, f"/backup lisi {tmp_path}")
    done = await talk.until(BOSS, "✅ lisi 已导出")
    (file,) = tmp_path.glob("lisi-*.tar.gz")
    assert f"lxc import {file}" in done["text"]
    await talk.say(BOSS, "/backup lisi /srv/nowhere")
    await talk.until(BOSS, "机器人没法写入 /srv/nowhere")
    await talk.say(BOSS, "/backup lisi /etc")
    await talk.until(BOSS, "主机自己的系统目录")

    on = await talk.say(BOSS, "/autosnapshot all daily 14d")
    assert "lisi、wangwu 从现在起每天自动拍快照，每个保留 14 天" in on["text"]
    config = (await talk.demo.lxd.get("lisi")).config
    assert (config["snapshots.schedule"], config["snapshots.expiry"]) == ("@daily", "14d")
    assert "lisi 不再自动拍快照" in (await talk.say(BOSS, "/autosnapshot lisi off"))["text"]
    assert "让 LXD 自动拍快照" in (await talk.say(BOSS, "/autosnapshot lisi sometimes"))["text"]


async def test_what_fills_a_disk(talk: Talk) -> None:
    inside = talk.demo.lxd.inside("lisi")
    inside.files["/home/lisi/.cache/wheels"] = File(b"x" * (3 << 20))
    inside.files["/home/lisi/a\nb/data"] = File(b"x" * (1 << 20))
    shown = await talk.say_and_read_last(STUDENT, "/disk")
    assert "/home/lisi 共 4 MiB" in shown
    assert shown.index("3 MiB · .cache") < shown.index("1 MiB · a")
    await talk.demo.lxd.stop("lisi", timeout_seconds=1, force=True)
    assert "容器没开机" in await talk.say_and_read_last(STUDENT, "/disk")
