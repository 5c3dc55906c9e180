"""/notify: what one wants to hear of one's runs; and to be told once when a card is free."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.context import JunziContext
from bot.domain.card import Card
from bot.domain.phrase import CardWish, PhraseError, read_cards, read_duration
from bot.domain.saying import Code, Listing, Saying
from bot.views import runs as views
from handlers.buttons import MOST_MINUTES, number

NOTHING = frozenset({"off", "none", "never", "关", "不要", "不用"})
EVERYTHING = frozenset({"all", "on", "always", "全部", "都要", "开"})


async def notify(context: JunziContext) -> None:
    """`/notify off`, `all`, `1h` ("only runs of an hour and more"), `gpu2` ("when it is free"); alone: by buttons."""
    words = context.words.strip()
    if not words:
        await _show(context)
    elif words.lower() in NOTHING:
        await _set(context, None)
    elif words.lower() in EVERYTHING:
        await _set(context, timedelta(0))
    elif isinstance(length := read_duration(words.removeprefix(">").strip()), timedelta):
        await _set(context, length)
    else:
        await _hang_bells(context, words, length)


async def notify_pressed(context: JunziContext, arguments: list[str]) -> None:
    """`notify:SECONDS` or `notify:off`; the answer concerns the presser alone, so it is only in private chats."""
    at_least = None if arguments[0] == "off" else timedelta(seconds=number(arguments[0], MOST_MINUTES))
    await context.lab.runs.tell_from(context.member, at_least)
    await context.pop_up()
    wanted = await context.lab.runs.wanted(context.member)
    await context.change_pressed(views.wanted(wanted.told_from, wanted.bells))


async def bell_pressed(context: JunziContext, arguments: list[str]) -> None:
    """`bell:TAIL`: "tell me when it is free"."""
    cards = await context.lab.reservations.cards()
    card = next((card for card in cards if card.id.uuid.endswith(arguments[0])), None)
    if card is None:
        await context.pop_up(Saying("board.gone"), alert=True)
        return
    await context.lab.runs.hang_bell(context.member, card)
    await context.pop_up(views.bell_hung(card), alert=True)


async def _hang_bells(context: JunziContext, words: str, error: PhraseError) -> None:
    wish = read_cards(words)
    known = {card.index: card for card in await context.lab.reservations.cards()}
    cards: list[Card] = []
    if not isinstance(wish, PhraseError):
        cards = [known[index] for index in wish.indices if index in known]
    if not cards:
        await context.answer(_not_meant(words, wish, error, sorted(known)))
        return
    for card in cards:
        await context.lab.runs.hang_bell(context.member, card)
    await _show(context)


def _not_meant(words: str, wish: CardWish | PhraseError, error: PhraseError, known: Sequence[int]) -> Saying:
    """Of a card that is not there: those that are. Of what is neither a card nor a length: all that could be said."""
    if not isinstance(wish, PhraseError) and wish.indices:
        cards = Listing(tuple(f"gpu{index}" for index in known), in_a_row=True)
        return Saying("refused.unknown_card", {"asked": wish.indices[0], "known": cards})
    if error.key in ("phrase.bad_duration", "phrase.unknown_unit"):
        return Saying("runs.notify_how", {"words": Code(words[:40])})
    return Saying(error.key, error.values)


async def _set(context: JunziContext, at_least: timedelta | None) -> None:
    await context.lab.runs.tell_from(context.member, at_least)
    await _show(context)


async def _show(context: JunziContext) -> None:
    wanted = await context.lab.runs.wanted(context.member)
    await context.answer(views.wanted(wanted.told_from, wanted.bells))
