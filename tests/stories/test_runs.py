"""One's runs: told when one ends, asked when one seems to hang, listed, and silent for whoever wants that."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.stories.conftest import ADMIN_ID, LISI_ID, PRIVATE_WORLDS, WANGWU_ID, labels
from tests.stories.quiet_lab import QuietTalk, quiet_lab


@pytest.fixture(params=PRIVATE_WORLDS)
async def talk(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[QuietTalk]:
    async with quiet_lab(tmp_path, request.param) as talk:
        yield talk


async def trained(talk: QuietTalk, minutes: float = 30, card: int = 0, who: str = "lisi") -> int:
    """A run that was seen for so long."""
    pid = talk.run(who, card)
    await talk.look(2)
    await talk.pass_time(minutes)
    return pid


async def test_when_a_run_ends_its_owner_reads_what_it_took_and_gives_back_the_rest(talk: QuietTalk) -> None:
    talk.demo.world.end_run(await trained(talk))
    told = await talk.until(LISI_ID, "⏹ train.py")
    assert "跑了 " in told["text"]
    assert "gpu0 · 显存峰值 8 GiB · 平均负载 9" in told["text"]
    assert "是跑完了还是出错了我看不到" in told["text"]
    assert "gpu0 还给你留到" in told["text"]
    assert labels(told) == ["释放剩下的", "继续留着"]
    await talk.press(LISI_ID, told, "释放剩下的")
    await talk.becomes(LISI_ID, told, "gpu0 已释放")
    assert "你现在没有预约" in (await talk.say(LISI_ID, "/mine"))["text"]


async def test_keeping_the_rest(talk: QuietTalk) -> None:
    talk.demo.world.end_run(await trained(talk))
    told = await talk.until(LISI_ID, "⏹ train.py")
    await talk.press(LISI_ID, told, "继续留着")
    await talk.becomes(LISI_ID, told, "gpu0 继续给你留着")
    assert "gpu0" in (await talk.say(LISI_ID, "/mine"))["text"]


async def test_a_run_that_was_killed_for_want_of_memory_says_so(talk: QuietTalk) -> None:
    talk.demo.world.kill_for_memory(await trained(talk))
    told = await talk.until(LISI_ID, "⏹ train.py")
    assert "系统杀掉了里面的程序（OOM）" in told["text"]


async def test_a_short_run_is_nobodys_news_unless_asked_for(talk: QuietTalk) -> None:
    talk.demo.world.end_run(await trained(talk, minutes=3))
    await talk.look(4)
    assert not any("⏹" in text for text in talk.texts(LISI_ID))
    assert "全部" in (await talk.say(LISI_ID, "/notify all"))["text"]
    talk.demo.world.end_run(await trained(talk, minutes=3))
    await talk.until(LISI_ID, "⏹ train.py")


async def test_whoever_wants_no_word_gets_none(talk: QuietTalk) -> None:
    shown = await talk.say(LISI_ID, "/notify")
    assert "10 分钟以上" in shown["text"]
    await talk.press(LISI_ID, shown, "不通知")
    await talk.becomes(LISI_ID, shown, "程序结束时的通知：不通知")
    talk.demo.world.end_run(await trained(talk))
    await talk.look(4)
    assert not any("⏹" in text for text in talk.texts(LISI_ID))
    assert "1 小时" in (await talk.say(LISI_ID, "/notify 1h"))["text"]
    assert "既不是一张卡" in (await talk.say(LISI_ID, "/notify nonsense"))["text"]
    assert "没有 gpu9。现有的卡：gpu0" in (await talk.say(LISI_ID, "/notify gpu9"))["text"]


async def test_a_run_that_lies_idle_is_asked_about_once(talk: QuietTalk) -> None:
    talk.run("lisi", 0, effort=0)
    await talk.look(2)
    await talk.pass_time(70)
    asked = await talk.until(LISI_ID, "😴 train.py")
    assert "可能卡住了，也可能是忘了关的 notebook" in asked["text"]
    await talk.pass_time(8)
    await talk.look(2)
    assert sum("😴" in text for text in talk.texts(LISI_ID)) == 1


async def test_runs_lists_ones_own_and_all_for_the_admin(talk: QuietTalk) -> None:
    assert "没看到你" in (await talk.say(WANGWU_ID, "/runs"))["text"]
    talk.demo.world.end_run(await trained(talk))
    talk.run("wangwu", 1)
    await talk.look(4)
    own = (await talk.say(LISI_ID, "/runs"))["text"]
    assert "▸ " in own
    assert "train.py" in own
    everybody = (await talk.say(ADMIN_ID, "/runs all"))["text"]
    assert "李四 Li Si" in everybody
    assert "王五 Wang Wu" in everybody
    assert "train.py" in (await talk.say(ADMIN_ID, "/runs lisi"))["text"]


async def test_a_bell_rings_once_when_the_card_is_free_and_nobody_is_on_it(talk: QuietTalk) -> None:
    pid = talk.run("lisi", 0)
    assert "gpu0" in (await talk.say(WANGWU_ID, "/notify gpu0"))["text"]
    await talk.say(LISI_ID, "/release gpu0")
    await talk.look(3)
    assert not any("🔔 gpu0 空了" in text for text in talk.texts(WANGWU_ID)), "free in the ledger, but in use"
    talk.demo.world.end_run(pid)
    rung = await talk.until(WANGWU_ID, "🔔 gpu0 空了")
    assert labels(rung) == ["预约 gpu0"]
    await talk.look(3)
    assert sum("🔔 gpu0 空了" in text for text in talk.texts(WANGWU_ID)) == 1
