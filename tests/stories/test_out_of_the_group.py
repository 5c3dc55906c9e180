"""The bot loses its group: taken out of it, or the group got another id by becoming a supergroup."""

from __future__ import annotations

from pathlib import Path

from bot.demo.lab import Demo
from bot.settings import Settings
from tests.stories.audit import audited
from tests.stories.conftest import ADMIN, Talk

BOSS = ADMIN.telegram_id


async def test_the_admins_hear_when_it_is_taken_out_and_when_it_is_back(talk: Talk) -> None:
    status = talk.telegram.core.world.bot_status
    talk.telegram.people.change_bot(BOSS, "kicked")
    await talk.until(BOSS, "连不到群")
    talk.telegram.people.change_bot(BOSS, status)
    await talk.until(BOSS, "已好")
    assert "正常" in await talk.say_and_read_last(BOSS, "/doctor")


class Moved(Demo):
    """Its configuration still has the id from before the group became a supergroup."""

    def _settings(self, url: str) -> Settings:
        settings = super()._settings(url)
        telegram = settings.telegram.model_copy(update={"group": self.telegram.former_group_id})
        return settings.model_copy(update={"telegram": telegram})


async def test_a_group_that_has_another_id_now_keeps_no_bot_from_starting_and_the_admins_hear_the_id(
    tmp_path: Path,
) -> None:
    demo = Moved(tmp_path, speed=20, quiet=True, flood_limits=False)
    async with audited(demo):
        talk = Talk(demo)
        await talk.until(BOSS, "👋")
        assert f"telegram.group 改成 {talk.group}" in await talk.say_and_read_last(BOSS, "/doctor")

        former = {"id": talk.telegram.former_group_id, "type": "group", "title": "Lab"}
        said = {"message_id": 7, "date": 1_795_000_000, "chat": former, "migrate_to_chat_id": talk.group}
        talk.telegram.core.update("message", said)
        told = await talk.until(BOSS, "新：")
        assert f"telegram.group 改成 {talk.group}" in told["text"]
