"""The week's digest in the group: made when it is due, posted once, late rather than never, but not when stale.

It does not go through the outbox, which keeps words and not pictures: what was considered is noted when it is posted,
so a fault in between means another try at the next tick.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo

from bot.books import Books, Store
from bot.domain.asked import Asked
from bot.domain.bucket import COARSE, FINE
from bot.domain.digest import Digest, digest, week_before
from bot.domain.errors import Never, NotYet
from bot.domain.saying import Message
from bot.ports import Clock, Messenger, Voice, Voices
from bot.services.drawing import DrawingService
from bot.services.history import past
from bot.views.digest import digest_caption, digest_message, heat_rows
from bot.views.digest_tables import with_tables

logger = logging.getLogger("junzi.digest")

FACT = "digest.considered_until"
LATEST = timedelta(hours=12)  # Monday's digest is still read on Monday evening
CAPTION_LIMIT = 1024  # UTF-16 units, after tags

# The last instant in `(after, until]` at which the digest is due; None if there is none.
Due = Callable[[datetime, datetime], datetime | None]


class DigestService:
    """`group` None: there is nobody to post to."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        messenger: Messenger,
        voices: Voices,
        drawing: DrawingService,
        group: int | None,
        zone: tzinfo,
    ) -> None:
        self._store = store
        self._clock = clock
        self._messenger = messenger
        self._voices = voices
        self._drawing = drawing
        self._group = group
        self._zone = zone

    async def post(self, due: Due) -> None:
        """May be called at any time, as often as one likes."""
        if self._group is None:
            return
        now = self._clock.now()
        considered = await self._store.read(lambda books: books.facts.get(FACT))
        after = max(considered, now - LATEST) if isinstance(considered, datetime) else now
        if due(after, now) is not None:
            try:
                await self._post(self._group, await self.week(), self._voices.for_group())
            except NotYet as exc:
                logger.info("the digest is postponed: %s", exc)
                return
            except Never as exc:
                logger.warning("the digest can't be posted: %s", exc)
        await self._store.write(lambda books: books.facts.put(FACT, now))

    async def week(self) -> Digest:
        """The seven days before the last midnight."""
        now = self._clock.now()
        window = week_before(now, self._zone)

        def read(books: Books) -> Digest:
            return digest(past(books, window, now, COARSE), books.usage.present(window, FINE.length), self._zone)

        return await self._store.look_back(read)

    async def _post(self, group: int, week: Digest, voice: Voice) -> None:
        """One message where tables are known or everything fits under the picture, else the table as an answer."""
        png = await self._drawing.heatmap(heat_rows(week), voice)
        whole = with_tables(digest_message(week), week)
        if await self._messenger.send_page(group, png, whole, voice) is not None:
            return
        if _fits(whole, voice):
            await self._messenger.send_photo(group, png, whole, voice)
            return
        picture = await self._messenger.send_photo(group, png, digest_caption(week), voice)
        await self._messenger.send(group, whole, voice, asked=Asked(picture))


def _fits(message: Message, voice: Voice) -> bool:
    return len(voice.plain(message.saying).encode("utf-16-le")) // 2 <= CAPTION_LIMIT
