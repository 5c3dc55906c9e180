"""The agreement in plain words, as people say it: an offer with a button for the speaker. Only the tap counts.

In the group, chatter gets silence; so does whoever is no member, and a sentence that lay on Telegram's server for a
while: it meant "now" then. In private it was said to the bot, and everything gets an answer.
"""

from __future__ import annotations

from datetime import timedelta

from bot.context import JunziContext
from bot.domain.outcome import Incomplete, NotBooked
from bot.domain.phrase import Phrase, read_announcement
from bot.domain.saying import Message, Saying
from bot.domain.ssh_key import looks_like_a_key
from bot.domain.topic import find_topic
from bot.views import announcements as views
from bot.views import bookings
from bot.views.looks import who_message
from handlers.dialogue import ask
from handlers.free import day
from handlers.help import topic_page
from handlers.own_words import in_own_words
from handlers.sshkey import take_key
from handlers.which import by_cards, read

FRESH = timedelta(minutes=10)
# A "no" that whoever spoke in the group must hear, or they believe that they hold the card. Any other means that the
# sentence was about something else: a card of another machine, a time that is over.
HEARD_IN_GROUP = frozenset(
    ("taken", "none_free", "too_many_cards", "too_many_card_hours", "too_long", "too_far_ahead", "no_cards_seen")
)


async def announcement(context: JunziContext) -> None:
    """Read a sentence of the lab's group; answer under it, or not at all."""
    said = context.incoming.message
    if said is None or said.text is None or context.speaker is None or context.chat.id != context.lab.group:
        return
    if context.lab.clock.now() - said.date > FRESH:
        return
    phrase = read_announcement(said.text, context.lab.clock.now(), context.lab.zone)
    answer = await _answer(context, phrase)
    if answer is not None:
        await context.answer(answer)


async def said_in_private(context: JunziContext) -> None:
    """A sentence, a booking without its command ("gpu0 48h"), a topic of /help ("ssh"), a key, or a question."""
    said = context.incoming.message
    if said is None or said.text is None:
        return
    if looks_like_a_key(said.text):
        await take_key(context, said.text)
        return
    await context.answer(await _reply(context, said.text))


async def _reply(context: JunziContext, text: str) -> Message | Saying:
    topic = find_topic(text, admin=context.member.is_admin)
    if topic is not None:
        return await topic_page(context, topic.name)
    sentence = read_announcement(text, context.lab.clock.now(), context.lab.zone)
    phrase = read(context, text) if sentence.intent == "none" else sentence
    if isinstance(phrase, Phrase) and (phrase.intent != "reserve" or phrase.cards is not None):
        answer = await _answer(context, phrase, addressed=True)
        if answer is not None:
            return answer
    return await in_own_words(context, text)


async def _answer(context: JunziContext, phrase: Phrase, *, addressed: bool = False) -> Message | None:
    """`addressed`: said to the bot, so that a "no" is wanted too."""
    if phrase.intent == "reserve":
        return await _offer(context, phrase, addressed=addressed)
    if phrase.intent == "query":
        return await _tell(context, phrase)
    if phrase.intent in ("release", "extend"):
        return await _change(context, phrase, addressed=addressed)
    return None


async def _offer(context: JunziContext, phrase: Phrase, *, addressed: bool) -> Message | None:
    """ "Book gpu0 until Fri 14:00?"; what is taken gets its holder and what is free instead."""
    if phrase.cards is None:
        return None
    outcome = await context.lab.reservations.propose(context.member, phrase)
    if isinstance(outcome, Incomplete):
        return await ask(context, outcome.draft_id, outcome.draft)
    if isinstance(outcome, NotBooked):
        wanted = addressed or outcome.refusal.reason in HEARD_IN_GROUP
        return bookings.not_booked(outcome, context.lab.clock.now()) if wanted else None
    said = context.incoming.message
    return views.offer(outcome, said.message_id if said is not None else 0)


async def _tell(context: JunziContext, phrase: Phrase) -> Message:
    """Who is on that card; or, of no card in particular, what is free on the day that was meant."""
    board = await context.lab.board.board()
    indices = phrase.cards.indices if phrase.cards is not None else ()
    rows = [row for row in board.rows if row.card.index in indices]
    if not rows:
        today = board.now.astimezone(context.lab.zone).date()
        meant = phrase.start.astimezone(context.lab.zone).date() if phrase.start is not None else today
        return await day(context, min(max((meant - today).days, 0), 7))
    return who_message(rows, await context.lab.looks.agenda(), board.now)


async def _change(context: JunziContext, phrase: Phrase, *, addressed: bool) -> Message | None:
    """Only about what the speaker really holds; anything else that was overheard was not about the ledger."""
    which = by_cards(phrase)
    standing = await context.lab.reservations.mine(context.member)
    meant = [
        booking
        for booking in standing
        if any(which(r, card) for r in booking.reservations for card in booking.cards if card.id == r.card)
    ]
    if not meant:
        return Message(Saying(f"refused.nothing_to_{phrase.intent}")) if addressed else None
    if phrase.intent == "release":
        return views.offer_release(meant, which)
    extension = views.offer_extension(meant[0], phrase.duration, phrase.end)
    return Message(Saying("refused.extend_how_long")) if extension is None and addressed else extension
