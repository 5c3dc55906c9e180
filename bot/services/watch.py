"""Every poll: read the cards, compare them with the ledger, and tell who must be told; one transaction a poll."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from bot.books import Books, Store
from bot.domain.card import Card
from bot.domain.case import Case, Move, follow_cases, memory
from bot.domain.errors import InstanceError
from bot.domain.finding import judge
from bot.domain.outage import Outage, follow_outage
from bot.domain.policy import WatchPolicy
from bot.domain.reservation import Reservation
from bot.domain.sample import CardReading, Sample, Unread
from bot.domain.sight import seen
from bot.domain.story import Chapter, follow
from bot.ports import Cards, Clock, Instances
from bot.services.bells import ring_bells
from bot.services.following import RunFollower
from bot.services.idle import release_what_idles
from bot.services.observed import Observed
from bot.services.owing import owe_admins
from bot.services.recording import record_usage
from bot.services.telling import Teller
from bot.views.sickness import outage as outage_message

logger = logging.getLogger("junzi.watch")

OUTAGE = "watch.outage"
MISSING = Unread("lost", "the driver does not list it any more")


class WatchService:
    """`project` is LXD's: whose instances are the lab's. `on_freed` serves whoever waits for what is given back."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        cards: Cards,
        instances: Instances,
        observed: Observed,
        teller: Teller,
        runs: RunFollower,
        on_freed: Callable[[Books, datetime], None],
        *,
        project: str = "default",
    ) -> None:
        self._store = store
        self._clock = clock
        self._cards = cards
        self._instances = instances
        self._observed = observed
        self._teller = teller
        self._runs = runs
        self._on_freed = on_freed
        self._project = project
        self._in_trouble: set[str] = set()

    @property
    def _policy(self) -> WatchPolicy:
        return self._teller.policy

    async def poll(self) -> None:
        """One look at everything. May run late or twice without harm."""
        await self._look_at_instances()
        sample = await self._cards.sample()
        self._observed.saw_sample(sample)
        self._log_changes(sample)
        kills = await asyncio.to_thread(self._runs.kills)
        await self._store.write(lambda books: self._judge(books, sample, kills))

    async def _look_at_instances(self) -> None:
        try:
            self._observed.saw_instances(await self._instances.list())
        except InstanceError as error:
            # The names of the last good look still serve to trace processes: containers are not renamed in a hurry.
            self._log_once("lxd", f"LXD does not list its containers: {error}")
        else:
            self._log_recovery("lxd", "LXD answers again")

    def _judge(self, books: Books, sample: Sample, kills: Mapping[str, int]) -> None:
        now = sample.taken_at
        if sample.trouble is None:
            books.cards.see((reading.card for reading in sample.cards), now)
            sample = with_missing(sample, books.cards.all())
        self._tell_outage(books, sample)
        owners = {record.name: record.member_id for record in books.instances.all()}
        chapter = self._follow(books, sample, owners)
        self._tell(books, chapter, now)
        release_what_idles(books, self._teller, self._on_freed, now)
        self._runs.follow(books, sample, owners, kills)
        ring_bells(books, sample)

    def _follow(self, books: Books, sample: Sample, owners: Mapping[str, int]) -> Chapter:
        now = sample.taken_at
        standing = [*books.ledger.standing(now), *self._ended_lately(books, sample)]
        record_usage(books, sample, owners, standing, self._policy.longest_gap)
        allowed = books.cases.allowed(now)
        findings = judge(sample, standing, owners, now, self._policy, project=self._project, allowed=allowed)
        chapter = follow(books.stories.all(), findings, seen(sample), self._policy, now)
        books.stories.keep(chapter.stories)
        return chapter

    def _tell(self, books: Books, chapter: Chapter, now: datetime) -> None:
        before = books.cases.not_over_since(now - memory(self._policy))
        known: dict[int | None, Case] = {case.id: case for case in before}
        for step in follow_cases(before, chapter, self._policy, now):
            if step.move is not Move.KEEP or step.case != known.get(step.case.id):
                self._teller.take(books, step, now)

    def _ended_lately(self, books: Books, sample: Sample) -> list[Reservation]:
        """For overruns: a booking that ended while its process goes on."""
        since = sample.taken_at - self._policy.lost_sight_after
        return list(books.ledger.ended_between(since, sample.taken_at))

    def _tell_outage(self, books: Books, sample: Sample) -> None:
        before: Outage | None = books.facts.get(OUTAGE)
        outage, is_news = follow_outage(before, sample, self._policy)
        if outage != before:
            books.facts.put(OUTAGE, outage)
        if outage is not None and is_news:
            story = f"outage:{int(outage.since.timestamp())}"
            owe_admins(books, outage_message(outage), sample.taken_at, story=story)

    def _log_changes(self, sample: Sample) -> None:
        """Trouble is logged once, and recovery once."""
        if sample.trouble is not None:
            self._log_once("cards", f"the cards can't be read: {sample.trouble.reason} {sample.trouble.detail}")
            return
        self._log_recovery("cards", "the cards can be read again")
        for reading in sample.cards:
            name = reading.card.name
            if reading.lost is not None:
                self._log_once(name, f"{name} does not answer: {reading.lost.reason} {reading.lost.detail}")
            else:
                self._log_recovery(name, f"{name} answers again")

    def _log_once(self, what: str, words: str) -> None:
        if what not in self._in_trouble:
            self._in_trouble.add(what)
            logger.error("%s", words)

    def _log_recovery(self, what: str, words: str) -> None:
        if what in self._in_trouble:
            self._in_trouble.remove(what)
            logger.info("%s", words)


def with_missing(sample: Sample, known: Iterable[Card]) -> Sample:
    """With a row for every card of the host that the driver listed once and does not list now: its bookings stand."""
    listed = {reading.card.id for reading in sample.cards}
    gone = [card for card in known if card.id.host == sample.host and card.id not in listed]
    return replace(sample, cards=(*sample.cards, *(CardReading(card, lost=MISSING) for card in gone)))
