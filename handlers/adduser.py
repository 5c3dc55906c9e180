"""/adduser, /invite: from a name and options to a container that answers, and the link that hands it over."""

from __future__ import annotations

import logging

from bot.context import JunziContext
from bot.domain.claim_link import claim_link
from bot.domain.container import UserAdded
from bot.domain.errors import Undelivered
from bot.domain.provisioning import Step
from bot.domain.saying import Code, Saying
from bot.domain.user_options import OptionFault, read_wish
from bot.views.containers import added_message, not_added_message, progress

logger = logging.getLogger("junzi.adduser")


async def adduser(context: JunziContext) -> None:
    """One message tells the progress, and in the end the result."""
    try:
        wish = read_wish(context.words)
    except OptionFault as fault:
        await context.answer(Saying(f"option.{fault.key}", fault.values))
        return
    name = wish.name
    message_id = await context.answer(progress(name, Step.CHECK))

    async def on_step(step: Step) -> None:
        try:
            await context.change(message_id, progress(name, step))
        except Undelivered as exc:  # the container matters more than its progress bar
            logger.info("progress of %s was not shown: %s", name, exc)

    outcome = await context.lab.new_users.add(context.member, wish, on_step, context.origin)
    if isinstance(outcome, UserAdded):
        await context.change(message_id, added_message(outcome, context.lab.bot_name))
    else:
        await context.change(message_id, not_added_message(name, outcome))


async def invite(context: JunziContext) -> None:
    """A new claim link for a member who lost theirs; the old one stops working."""
    words = context.words.split()
    member = await context.lab.members.by_name(words[0]) if len(words) == 1 else None
    if member is None:
        await context.answer(Saying("invite.unknown" if words else "invite.usage", {"name": " ".join(words)}))
        return
    code = await context.lab.members.renew_claim(member)
    link = claim_link(context.lab.bot_name, code)
    await context.answer(Saying("invite.link", {"name": member.unix_name, "link": Code(link)}))
