"""The people of the made-up lab, and what a newcomer might try as each of them."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

from bot.demo.server import Hint, Persona
from bot.texts import Voice

ZONE = "Asia/Shanghai"
ENGLISH_ZONE = "Europe/London"  # a group speaks the language of its lab's time zone
BOT_NAME = "junzi_demo_bot"
BOT_TITLE = "君子 junzi"
GROUP_TITLE = "GPU 小组 GPU lab"
TOPICS = ("显卡 GPUs", "闲聊 Chat")  # if somebody turns topics on; posts of the bot's own go to the first

ADMIN = Persona(1001, "王老师 Prof. Wang", "prof_wang", "zh-hans", "管理员 admin", group_admin=True)
LISI = Persona(1002, "李四 Li Si", "lisi", "zh-hans", "学生 student · gpu0")
WANGWU = Persona(1003, "王五 Wang Wu", "wangwu", "zh-hans", "学生 student")
ZHANGSAN = Persona(1004, "张三 Zhang San", "zhangsan", "zh-hans", "新同学 new here")
PERSONAS = (ADMIN, LISI, WANGWU, ZHANGSAN)
ENGLISH_PERSONAS = tuple(replace(persona, language_code="en") for persona in PERSONAS)

_SENTENCES = {ZONE: "我用卡 1 跑两天哈！", ENGLISH_ZONE: "I'll take gpu1 for two days!"}  # said in the group

# Who, in the group or in private, what to type ("": the sentence), and the key of the sentence that says why.
_TRIES = (
    (ADMIN, False, "/adduser zhangsan", "demo.try_adduser"),
    (WANGWU, True, "/reserve gpu0 48h", "demo.try_taken"),
    (WANGWU, True, "", "demo.try_sentence"),
    (LISI, False, "/mycontainer", "demo.try_container"),
    (LISI, True, "/gpus", "demo.try_gpus"),
    (LISI, False, "/calendar", "demo.try_calendar"),
)


def hints(zone: str) -> tuple[Hint, ...]:
    """The "try this" rows of the page, in both languages; the sentence in that of the group."""
    english, chinese = (Voice(language, ZoneInfo(ZONE)) for language in ("en", "zh"))
    return tuple(
        Hint(persona.telegram_id, in_group, text or _SENTENCES[zone], english.plain(key), chinese.plain(key))
        for persona, in_group, text, key in _TRIES
    )
