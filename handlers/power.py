"""/power zhangsan start|stop|restart: anybody's container on and off, with what dies of it said first."""

from __future__ import annotations

from bot.context import JunziContext
from bot.domain.saying import Saying
from bot.views.containers import confirm
from handlers.mycontainer import done, runs_in, view_of
from handlers.whose import named, unknown

ACTIONS = {"start": "start", "on": "start", "开机": "start", "stop": "stop", "off": "stop", "关机": "stop"}
ACTIONS |= {"restart": "restart", "reboot": "restart", "重启": "restart"}


async def power(context: JunziContext) -> None:
    """Without an action it shows the container, with buttons."""
    words = context.words.split()
    action = ACTIONS.get(words[1].lower()) if len(words) == 2 else None
    if not words or len(words) > 2 or (len(words) == 2 and action is None):
        await context.answer(Saying("power.usage"))
        return
    record = await named(context, words[0])
    if record is None:
        await unknown(context, words[0])
    elif action is None:
        await context.answer(await view_of(context, record))
    elif action == "start":
        message_id = await context.answer(Saying("container.at_it", {"what": Saying("container.doing_start")}))
        await context.change(message_id, await done(context, "start", record))
    else:
        await context.answer(confirm(action, record.name, runs_in(context, record.name)))
