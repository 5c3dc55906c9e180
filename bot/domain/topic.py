"""The topics of /help, one phone screen each. The sentences in `bot/texts/*/topic.toml` make the guides too."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Topic:
    """`also`: other words for it, commands among them. `see`: topics that one goes on to; `at_once`: has a button on
    the first page too, which has room for so many."""

    name: str
    also: tuple[str, ...] = ()
    see: tuple[str, ...] = ()
    for_admins: bool = False
    at_once: bool = True


@dataclass(frozen=True)
class Reader:
    """What fills the examples in. `is_example`: they have no container, so port and user are made up.

    `datasets`: where the public datasets are mounted, None if there are none.
    """

    host: str
    port: int
    user: str
    datasets: str | None
    lab: str
    is_admin: bool
    is_example: bool = False


# In the order in which a newcomer needs them.
TOPICS = (
    Topic(
        "first", ("start", "begin", "day", "开始", "第一天", "入门"), ("ssh", "conda", "scp", "reserve", "cuda", "runs")
    ),
    Topic("ssh", ("login", "sshkey", "password", "vscode", "登录", "登陆", "密码", "密钥"), ("scp", "container")),
    Topic("scp", ("data", "upload", "download", "rsync", "上传", "下载", "传数据", "数据"), ("datasets",)),
    Topic("conda", ("pip", "env", "environment", "apt", "环境"), ("cuda", "copy", "snapshot")),
    Topic("cuda", ("cuda_visible_devices", "driver", "驱动"), ("gpus", "share")),
    Topic("datasets", ("dataset", "mnist", "imagenet", "数据集", "公共数据"), ("scp",)),
    Topic(
        "reserve",
        ("book", "booking", "free", "who", "calendar", "policy", "约卡", "预约"),
        ("mine", "wait", "share", "announcements"),
    ),
    Topic("mine", ("extend", "release", "move", "undo", "ics", "history", "续时", "释放", "撤销"), ("reserve", "runs")),
    Topic("wait", ("waiting", "queue", "排队", "等卡"), ("reserve",), at_once=False),
    Topic("share", ("memory", "共享", "显存", "合用"), ("reserve", "warning")),
    Topic("gpus", ("gpu", "cards", "card", "nvidia-smi", "显卡", "看卡"), ("cuda", "reserve")),
    Topic("announcements", ("announce", "announcement", "group", "群", "公告", "群里"), ("reserve",), at_once=False),
    Topic("warning", ("warnings", "trespass", "提醒", "警告"), ("cuda", "runs"), at_once=False),
    Topic("runs", ("run", "notify", "process", "进程", "程序", "通知"), ("mine", "warning")),
    Topic("container", ("mycontainer", "disk", "restart", "容器", "重启"), ("ssh", "snapshot")),
    Topic("port", ("jupyter", "tensorboard", "notebook", "端口"), ("conda", "ssh")),
    Topic("snapshot", ("snapshots", "restore", "快照", "恢复"), ("container",)),
    Topic("why", ("lxd", "为什么", "为什么用lxd"), ("copy", "conda")),
    Topic("copy", ("packages", "template", "模板", "共享什么", "包"), ("why", "datasets"), at_once=False),
    # The admin's.
    Topic("adduser", ("invite", "csv", "开户", "开容器", "加人"), ("templates", "containers"), for_admins=True),
    Topic("templates", ("template", "模板"), ("adduser", "copy"), for_admins=True),
    Topic("containers", ("power", "ports", "table", "容器表"), ("assign", "adopt", "leaving"), for_admins=True),
    Topic("assign", ("limit", "limits", "分卡", "配额", "限额"), ("containers", "gpus"), for_admins=True),
    Topic("library", ("mount", "unmount", "datasets", "挂载"), ("templates",), for_admins=True),
    Topic("adopt", ("接管",), ("containers",), for_admins=True),
    Topic("leaving", ("archive", "restoreuser", "deluser", "毕业", "离开", "归档"), ("containers",), for_admins=True),
    Topic("rules", ("policy", "bookfor", "revoke", "block", "unblock", "规则"), ("warning",), for_admins=True),
    Topic("chat", ("group", "privacy", "rights", "admin", "群", "权限", "隐私"), ("announcements",), for_admins=True),
    Topic("host", ("doctor", "backup", "autosnapshot", "upgrade", "主机", "体检", "备份"), ("chat",), for_admins=True),
)
BY_NAME = {topic.name: topic for topic in TOPICS}


def topics_for(*, admin: bool) -> tuple[Topic, ...]:
    """An admin's own come first: what a student needs, they have a button for."""
    return tuple(topic for topic in TOPICS if topic.for_admins == admin)


def find_topic(words: str, *, admin: bool) -> Topic | None:
    """The topic that somebody means; for an admin, the admin's topic where a word means two."""
    word = words.strip().lstrip("/").casefold()
    may = [topic for topic in TOPICS if admin or not topic.for_admins]
    may.sort(key=lambda topic: not topic.for_admins)
    exact = (topic for topic in may if topic.name == word)
    return next(exact, None) or next((topic for topic in may if word in topic.also), None)
