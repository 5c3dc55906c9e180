"""The one board that is pinned in the group: edited in place as things change, found again after a restart."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from dataclasses import replace
from datetime import datetime, timedelta

from bot.books import Books, Store
from bot.domain.board import Board
from bot.domain.errors import Never, NotYet, Undelivered
from bot.domain.posted import PostedBoard
from bot.domain.saying import Message, Saying
from bot.ports import Clock, Messenger, Voices
from bot.services.board import BoardService
from bot.views.live import LiveBoard, live_board

logger = logging.getLogger("junzi.board")

FACT = "live_board"
# Without a change it is edited this often all the same: the clock under it says that junzi is alive.
HEARTBEAT = timedelta(minutes=5)
MOVED = Message(Saying("live.moved"))


class LiveBoardService:
    """`group` None, or `is_wanted` false: there is no board. `topic`: if it is another, the board moves."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        messenger: Messenger,
        voices: Voices,
        board: BoardService,
        group: int | None,
        *,
        topic: int | None = None,
        is_wanted: bool = True,
    ) -> None:
        self._store = store
        self._clock = clock
        self._messenger = messenger
        self._voices = voices
        self._board = board
        self._group = group if is_wanted else None
        self._topic = topic
        self._not_before: datetime | None = None
        self._turn = asyncio.Lock()
        self._in_trouble = False

    async def show(self) -> None:
        """Bring the message in the group up to date. How often this is called is how often it may be edited.

        The newest state wins: what could not be said is not kept, the next call says what is true then.
        """
        if self._group is None or self._turn.locked() or self._must_wait():
            return
        async with self._turn:
            try:
                await self._show(self._group, await self._board.board())
            except NotYet as exc:
                if exc.retry_after_seconds is not None:
                    self._not_before = self._clock.now() + timedelta(seconds=exc.retry_after_seconds)
                self._log_once(exc)
            except Never as exc:
                self._log_once(exc)
            else:
                self._in_trouble = False

    def _must_wait(self) -> bool:
        return self._not_before is not None and self._clock.now() < self._not_before

    async def _show(self, group: int, board: Board) -> None:
        view = live_board(board)
        posted: PostedBoard | None = await self._store.read(_posted)
        shown = self._digest(view)
        if posted is None and not board.rows:
            return  # nothing is known of any card yet, or there is none: no board of nothing is pinned
        if posted is None or posted.chat_id != group:
            await self._post(group, view, shown)
        elif posted.topic != self._topic:
            await self._post(group, view, shown)
            await self._leave(posted)
        elif self._is_worth_an_edit(posted, shown):
            await self._edit(posted, view, shown)

    def _is_worth_an_edit(self, posted: PostedBoard, shown: str) -> bool:
        """While the group's limit is used up, people's answers go first: the board waits for a free place, not in
        line, for as long as it may stand unchanged."""
        if self._clock.now() - posted.at >= HEARTBEAT:
            return True
        return posted.shown != shown and self._messenger.wait_seconds(posted.chat_id) == 0

    async def _edit(self, posted: PostedBoard, view: LiveBoard, shown: str) -> None:
        try:
            await self._messenger.edit(posted.chat_id, posted.message_id, view.message, self._voices.for_group())
        except Never:
            logger.info("the board in the group is gone; posting a new one")
            await self._post(posted.chat_id, view, shown)
        else:
            await self._keep(replace(posted, shown=shown, at=self._clock.now()))

    async def _post(self, group: int, view: LiveBoard, shown: str) -> None:
        message_id = await self._messenger.send(group, view.message, self._voices.for_group())
        await self._keep(PostedBoard(group, message_id, shown, self._clock.now(), self._topic))
        try:
            await self._messenger.pin(group, message_id)
        except Undelivered as exc:
            logger.info(
                "the board is not pinned (%s); give the bot the right to pin messages, then pin it by hand", exc
            )

    async def _leave(self, posted: PostedBoard) -> None:
        """A board in another topic would go on being believed."""
        try:
            await self._messenger.edit(posted.chat_id, posted.message_id, MOVED, self._voices.for_group())
            await self._messenger.unpin(posted.chat_id, posted.message_id)
        except Undelivered as exc:
            logger.info("the board that was left can't say so, or stays pinned: %s", exc)

    async def _keep(self, posted: PostedBoard) -> None:
        await self._store.write(lambda books: books.facts.put(FACT, posted))

    def _digest(self, view: LiveBoard) -> str:
        """What it says, but for the clock: in words, so that another language is another board."""
        words = self._voices.for_group().say(view.rows)
        return hashlib.sha256(f"{words}\n{view.state}\n{view.buttons}".encode()).hexdigest()

    def _log_once(self, exc: Undelivered) -> None:
        if not self._in_trouble:
            self._in_trouble = True
            logger.warning("the board in the group can't be brought up to date: %s", exc)


def _posted(books: Books) -> PostedBoard | None:
    found = books.facts.get(FACT)
    return found if isinstance(found, PostedBoard) else None
