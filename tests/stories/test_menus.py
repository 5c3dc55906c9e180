"""The command menu of somebody who becomes an admin, and of one who is none any more, without a restart."""

from __future__ import annotations

from bot.demo.server import command_menu
from bot.domain.member import Role
from tests.stories.conftest import ADMIN, PATIENCE, WANGWU, Talk


def commands(talk: Talk, who: int) -> set[str]:
    """What the app of that person shows in the private chat with the bot."""
    core = talk.telegram.core
    person = next(one for one in core.world.personas.values() if one.telegram_id == who)
    return {one["command"] for one in command_menu.effective(core, core.world.chats[who], person)}


async def test_who_opens_an_admins_link_has_the_admins_menu_at_once_and_loses_it_with_the_role(talk: Talk) -> None:
    assert talk.demo.junzi is not None
    lab = talk.demo.junzi.lab
    assert lab is not None
    wangwu = WANGWU.telegram_id
    assert "adduser" in commands(talk, ADMIN.telegram_id)
    assert "adduser" not in commands(talk, wangwu)

    await talk.begin(wangwu, await lab.members.admin_link_code())
    assert await talk.telegram.wait_for(lambda: "adduser" in commands(talk, wangwu), PATIENCE)

    member = await lab.members.by_name("wangwu")
    assert member is not None
    await lab.store.write(lambda books: books.members.set_role(member.id, Role.STUDENT))
    assert await talk.telegram.wait_for(lambda: "adduser" not in commands(talk, wangwu), PATIENCE)
    assert "reserve" in commands(talk, wangwu)
    assert "adduser" in commands(talk, ADMIN.telegram_id), "nobody else's menu changed"
