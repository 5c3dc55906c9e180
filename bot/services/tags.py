"""Sets the holders' tags in the group, where the bot may; level-triggered, so a restart or a lost call heals itself."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime

from bot.books import Books, Store
from bot.domain.ability import Able
from bot.domain.errors import Never
from bot.domain.member import Member
from bot.domain.reservation import Kind
from bot.domain.tag import TagState, next_step, tag_text
from bot.ports import Clock, Messenger, Voices

logger = logging.getLogger("junzi.tags")

FACT = "tags"


class TagService:
    def __init__(
        self, store: Store, clock: Clock, messenger: Messenger, voices: Voices, able: Able, group: int | None
    ) -> None:
        self._store = store
        self._clock = clock
        self._messenger = messenger
        self._voices = voices
        self._able = able
        self._group = group
        self._impossible: set[int] = set()  # administrators and who left: asked once a run of the bot

    async def converge(self) -> None:
        """Bring every holder's tag to what the ledger says now."""
        if self._group is None or not self._able.now.may_tag:
            return
        wanted, known = await self._store.read(self._read)
        for telegram_id in sorted(wanted.keys() | known.keys()):
            state = known.get(telegram_id)
            if telegram_id in self._impossible or (state is not None and state.ours == wanted.get(telegram_id, "")):
                continue
            await self._one(telegram_id, wanted.get(telegram_id, ""), state)

    async def _one(self, telegram_id: int, wanted: str, state: TagState | None) -> None:
        assert self._group is not None  # noqa: S101 - asked by converge
        try:
            present = await self._messenger.tag_of(self._group, telegram_id)
            step = next_step(wanted, present, state)
            if step.tag is not None:
                await self._messenger.set_tag(self._group, telegram_id, step.tag)
        except Never as exc:
            logger.info("no tag for %d: %s", telegram_id, exc)
            self._impossible.add(telegram_id)
            return
        await self._store.write(lambda books: _remember(books, telegram_id, step.state))

    def _read(self, books: Books) -> tuple[Mapping[int, str], Mapping[int, TagState]]:
        now = self._clock.now()
        members = {member.id: member for member in books.members.all() if member.telegram_id is not None}
        cards = {card.id: card.index for card in books.cards.all()}
        held: dict[int, list[tuple[int, datetime]]] = {}
        voice = self._voices.for_group()
        for reservation in books.ledger.standing(now):
            if reservation.window.contains(now) and reservation.kind is Kind.BOOKING and reservation.card in cards:
                held.setdefault(reservation.member_id, []).append((cards[reservation.card], reservation.window.end))
        wanted = {
            _telegram(members[member_id]): tag_text(
                [index for index, _ in rows],
                voice.plain("common.tag_until", end=min(end for _, end in rows)),
            )
            for member_id, rows in held.items()
            if member_id in members
        }
        return wanted, dict(books.facts.get(FACT) or {})


def _telegram(member: Member) -> int:
    assert member.telegram_id is not None  # noqa: S101 - filtered by the caller
    return member.telegram_id


def _remember(books: Books, telegram_id: int, state: TagState | None) -> None:
    known = dict(books.facts.get(FACT) or {})
    if state is None:
        known.pop(telegram_id, None)
    else:
        known[telegram_id] = state
    books.facts.put(FACT, known)
