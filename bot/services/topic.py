"""The topic of the group for posts of the bot's own. One that takes no more posts is told to the admins, once."""

from __future__ import annotations

import logging

from bot.books import Books, Store
from bot.domain.saying import Message, Saying
from bot.ports import Clock
from bot.services.owing import owe_admins

logger = logging.getLogger("junzi.topic")

FACT = "group.topic_refused"  # the topic's number, or None


class TopicService:
    """`bot.ports.TopicKeeper`. A topic is tried again with every post: opened or restored, it is used at once."""

    def __init__(self, store: Store, clock: Clock, number: int | None) -> None:
        self.number = number
        self._store = store
        self._clock = clock

    async def refused(self, words: str) -> None:
        logger.warning("topic %s of the group takes no post (%s); it was made in General", self.number, words)
        await self._store.write(lambda books: self._tell(books, words))

    async def taken(self) -> None:
        if await self._store.read(lambda books: books.facts.get(FACT)) is not None:
            await self._store.write(lambda books: books.facts.put(FACT, None))
            logger.info("topic %s of the group takes posts again", self.number)

    def _tell(self, books: Books, words: str) -> None:
        if books.facts.get(FACT) != self.number:
            books.facts.put(FACT, self.number)
            saying = Saying("forum.topic_refused", {"topic": self.number, "words": words})
            owe_admins(books, Message(saying), self._clock.now())
