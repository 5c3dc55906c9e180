"""Sends what is owed: once each, edited rather than repeated, dropped when stale."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import timedelta

from bot.books import Books, Store
from bot.domain.errors import Never, NotYet
from bot.domain.member import Member
from bot.domain.notice import Audience, OwedNotice, Parcel, parcels
from bot.ports import Clock, Messenger, Voice, Voices

logger = logging.getLogger("junzi.delivery")

# So long a notice leaves the places that Telegram's limits give a chat to the answers that people wait for. Until then
# it does not stand in line: its story may go on, and what is sent is what is true when there is room.
YIELDS_FOR = timedelta(minutes=1)
FIRST_RETRY = timedelta(seconds=5)
LONGEST_RETRY = timedelta(minutes=10)


class DeliveryService:
    """`group` None: no group is configured, so what is owed to it is dropped, and said once in the log."""

    def __init__(self, store: Store, clock: Clock, messenger: Messenger, voices: Voices, group: int | None) -> None:
        self._store = store
        self._clock = clock
        self._messenger = messenger
        self._voices = voices
        self._group = group

    async def deliver(self) -> int:
        """Try everything that is due; the number of notices sent. May run at any time, as often as it likes.

        Each addressee's notices in their order; nobody waits for a chat that is not theirs.
        """
        due = await self._store.read(lambda books: books.outbox.due(self._clock.now()))
        lines: dict[int | None, list[OwedNotice]] = {}
        for owed in due:
            lines.setdefault(owed.notice.member_id, []).append(owed)
        return sum(await asyncio.gather(*(self._deliver_in_turn(line) for line in lines.values())))

    async def _deliver_in_turn(self, line: Sequence[OwedNotice]) -> int:
        fresh = [owed for owed in line if owed.notice.expires_at > self._clock.now()]
        stale = tuple(owed for owed in line if owed not in fresh)
        if stale:
            logger.warning("notices went stale before they could be sent: %s", [owed.id for owed in stale])
            await self._drop(Parcel(stale))
        return sum([await self._deliver_one(parcel) for parcel in parcels(fresh)])

    async def _deliver_one(self, parcel: Parcel) -> int:
        """The number of notices sent."""
        owed = parcel.first
        chat_id, voice = await self._where_and_how(owed)
        if chat_id is None:
            await self._drop(parcel)
            return 0
        is_young = self._clock.now() - owed.created_at < YIELDS_FOR
        if is_young and self._messenger.wait_seconds(chat_id) > 0:
            return 0
        try:
            message_id = await self._send_or_edit(parcel, chat_id, voice)
        except NotYet as exc:
            logger.info("notice %d is postponed: %s", owed.id, exc)
            await self._postpone(parcel, exc)
            return 0
        except Never as exc:
            logger.warning("notice %d can't be delivered: %s", owed.id, exc)
            await self._drop(parcel)
            return 0
        except Exception:
            # A fault of ours (a broken tag, say) must not hold up what comes after it.
            logger.exception("notice %d could not be sent; it is tried again later", owed.id)
            await self._postpone(parcel, NotYet("a fault of junzi's own"))
            return 0
        await self._note(parcel, lambda books, notice: books.outbox.sent(notice, chat_id, message_id))
        return len(parcel.notices)

    async def _send_or_edit(self, parcel: Parcel, chat_id: int, voice: Voice) -> int:
        owed = parcel.first
        if owed.message_id is not None and owed.chat_id == chat_id:
            try:
                await self._messenger.edit(chat_id, owed.message_id, parcel.message, voice)
                return owed.message_id
            except Never:
                logger.info("message %d of notice %d is gone; sending a new one", owed.message_id, owed.id)
        return await self._messenger.send(chat_id, parcel.message, voice)

    async def _where_and_how(self, owed: OwedNotice) -> tuple[int | None, Voice]:
        """The chat, and the voice that is understood there."""

        def read(books: Books) -> tuple[int | None, Member | None]:
            if owed.notice.audience is Audience.GROUP:
                return self._group, None
            member = books.members.get(owed.notice.member_id or 0)
            return (None if member is None else member.telegram_id), member

        chat_id, member = await self._store.read(read)
        return chat_id, self._voices.for_member(member) if member is not None else self._voices.for_group()

    async def _drop(self, parcel: Parcel) -> None:
        await self._note(parcel, lambda books, notice: books.outbox.drop(notice))

    async def _postpone(self, parcel: Parcel, exc: NotYet) -> None:
        backoff = min(FIRST_RETRY * 2**parcel.first.attempts, LONGEST_RETRY)
        wait = backoff if exc.retry_after_seconds is None else timedelta(seconds=exc.retry_after_seconds)
        until = self._clock.now() + wait
        await self._note(parcel, lambda books, notice: books.outbox.postpone(notice, until))

    async def _note(self, parcel: Parcel, what: Callable[[Books, int], None]) -> None:
        """The same of every notice in it, in one transaction."""

        def write(books: Books) -> None:
            for owed in parcel.notices:
                what(books, owed.id)

        await self._store.write(write)
