"""Every poll: read the cards, compare them with the ledger, and tell who must be told; one transaction a poll."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from bot.books import Books, Store
from bot.domain.errors import InstanceError
from bot.domain.evidence import FindingKind
from bot.domain.finding import judge
from bot.domain.member import Member
from bot.domain.policy import WatchPolicy
from bot.domain.reservation import Reservation
from bot.domain.sample import Sample
from bot.domain.sight import seen
from bot.domain.story import Story, follow
from bot.ports import Cards, Clock, Instances
from bot.services.observed import Observed
from bot.services.owing import LASTING, owe_group, owe_member
from bot.services.recording import record_usage
from bot.views.warnings import trespass, trespass_private

logger = logging.getLogger("junzi.watch")


class WatchService:
    def __init__(
        self, store: Store, clock: Clock, cards: Cards, instances: Instances, observed: Observed, policy: WatchPolicy
    ) -> None:
        self._store = store
        self._clock = clock
        self._cards = cards
        self._instances = instances
        self._observed = observed
        self._policy = policy
        self._in_trouble: set[str] = set()

    async def poll(self) -> None:
        """One look at everything. May run late or twice without harm."""
        await self._look_at_instances()
        sample = await self._cards.sample()
        self._observed.saw_sample(sample)
        self._log_changes(sample)
        await self._store.write(lambda books: self._judge(books, sample))

    async def _look_at_instances(self) -> None:
        try:
            self._observed.saw_instances(await self._instances.list())
        except InstanceError as error:
            # The names of the last good look still serve to trace processes: containers are not renamed in a hurry.
            self._log_once("lxd", f"LXD does not list its containers: {error}")
        else:
            self._log_recovery("lxd", "LXD answers again")

    def _judge(self, books: Books, sample: Sample) -> None:
        now = sample.taken_at
        if sample.trouble is None:
            books.cards.see((reading.card for reading in sample.cards), now)
        owners = {record.name: record.member_id for record in books.instances.all()}
        standing = [*books.ledger.standing(now), *self._ended_lately(books, sample)]
        record_usage(books, sample, owners, standing, self._policy.longest_gap)
        findings = judge(sample, standing, owners, now, self._policy)
        previous = books.stories.all()
        chapter = follow(previous, findings, seen(sample), self._policy, now)
        books.stories.keep(chapter.stories)
        members = {member.id: member for member in books.members.all()}
        for story in (*chapter.opened, *chapter.repeated, *chapter.reopened, *chapter.updated, *chapter.resolved):
            self._tell(books, story, members)

    def _ended_lately(self, books: Books, sample: Sample) -> list[Reservation]:
        """For overruns: a booking that ended while its process goes on."""
        since = sample.taken_at - self._policy.lost_sight_after
        return list(books.ledger.ended_between(since, sample.taken_at))

    def _tell(self, books: Books, story: Story, members: Mapping[int, Member]) -> None:
        """One story is one message: a notice of the same story edits it. A repeat is a message of its own."""
        if story.key.kind is not FindingKind.TRESPASS:
            return
        offender = members.get(story.key.offender or 0)
        holder = members.get(story.key.holder or 0)
        if offender is None or holder is None:
            return
        now = self._clock.now()
        name = _name(story)
        owe_group(books, trespass(story, offender, holder), now, story=name, lasts=LASTING)
        owe_member(books, offender, trespass_private(story, offender, holder), now, story=name, lasts=LASTING)

    def _log_changes(self, sample: Sample) -> None:
        """Trouble is logged once, and recovery once."""
        troubles = {reading.card.name: reading.lost for reading in sample.cards if reading.lost is not None}
        if sample.trouble is not None:
            self._log_once("cards", f"the cards can't be read: {sample.trouble.reason} {sample.trouble.detail}")
            return
        self._log_recovery("cards", "the cards can be read again")
        for reading in sample.cards:
            name = reading.card.name
            if reading.lost is not None:
                self._log_once(name, f"{name} does not answer: {troubles[name].reason} {troubles[name].detail}")
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


def _name(story: Story) -> str:
    """The outbox's name for one message of a story: who, where, since when, and which repeat it is."""
    key = story.key
    began = int(story.first_seen.timestamp())
    return f"{key.kind.value}:{key.card.uuid}:{key.offender}:{key.holder}:{key.aspect}:{began}:{story.warnings}"
