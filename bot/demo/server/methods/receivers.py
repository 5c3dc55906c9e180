"""Who alone sees a message: the ephemeral parameters of Bot API 10.2 and 10.3."""

from __future__ import annotations

from dataclasses import dataclass

from bot.demo.server.arguments import Arguments, whole
from bot.demo.server.chats import Chat, Json
from bot.demo.server.core import Core
from bot.demo.server.errors import bad_request

# A bot without administrator rights may answer this long after a press or an ephemeral command.
ANSWER_SECONDS = 15.0


@dataclass(frozen=True)
class Receiver:
    """The one person, and the message that theirs covers."""

    person_id: int
    replaces: str | None = None


def receiver_of(core: Core, args: Arguments, chat: Chat) -> Receiver | None:
    """Return who alone gets the message; None makes it public.

    A server before 10.2 doesn't know the parameter and sends to everybody: exactly the trap a bot must notice.
    The error texts are guesses, Telegram documents none.
    """
    if not core.knows("ephemeral"):
        return None
    wanted = args.object("ephemeral_message_parameters", "ephemeral message parameters")
    if not wanted and args.integer("receiver_user_id"):
        wanted = {key: args.values.get(key) for key in ("receiver_user_id", "callback_query_id")}
    if not wanted:
        return None
    if not chat.is_group:
        raise bad_request("ephemeral messages can't be sent in private chats")
    person_id = whole(wanted.get("receiver_user_id"))
    if person_id not in core.world.personas:
        raise bad_request("user not found")
    covered = _pressed(core, wanted, person_id)
    if core.world.bot_status != "administrator" and covered is None and not _asked(core, args, chat, person_id):
        raise bad_request("not enough rights to send ephemeral messages")
    if not wanted.get("replace_callback_query_message"):
        return Receiver(person_id)
    if covered is not None and covered in {post.key for post in chat.ephemeral.values()}:
        raise bad_request("ephemeral messages can't be replaced, only edited")
    return Receiver(person_id, covered)


def _pressed(core: Core, wanted: Json, person_id: int) -> str | None:
    """Return the key of the message whose button this person pressed a moment ago."""
    query = core.queries.get(str(wanted.get("callback_query_id") or ""))
    if query is None or query.person_id != person_id or core.seconds_since(query.at) > ANSWER_SECONDS:
        return None
    return query.post.key


def _asked(core: Core, args: Arguments, chat: Chat, person_id: int) -> bool:
    """Tell whether this answers an ephemeral command of a moment ago."""
    parameters = args.object("reply_parameters", "reply parameters")
    post = chat.ephemeral.get(whole(parameters.get("ephemeral_message_id")))
    return post is not None and post.sender_id == person_id and core.seconds_since(post.date) <= ANSWER_SECONDS
