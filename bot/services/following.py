"""Following people's runs from poll to poll, and telling their owners what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.books import Books
from bot.domain.card import Card
from bot.domain.policy import RunPolicy, WatchPolicy
from bot.domain.reservation import Kind, Reservation
from bot.domain.run import runs_in
from bot.domain.run_story import RunMove, RunRecord, Surroundings, follow_runs
from bot.domain.sample import Sample
from bot.ports import OomKills
from bot.services.observed import Observed
from bot.services.owing import LASTING, owe_member
from bot.views import runs as views

Rest = tuple[tuple[Reservation, Card], ...]


@dataclass(frozen=True)
class RunFollower:
    """`watch`: for its quiet hours, in which nothing of this makes a sound."""

    observed: Observed
    oom_kills: OomKills
    policy: RunPolicy
    watch: WatchPolicy
    project: str = "default"

    def kills(self) -> Mapping[str, int]:
        """Reads files; not on the event loop."""
        return self.oom_kills.counts(self.observed.instance_names())

    def follow(self, books: Books, sample: Sample, owners: Mapping[str, int], kills: Mapping[str, int]) -> None:
        """In the transaction of the poll."""
        runs = runs_in(sample, owners, project=self.project)
        stopped = {name for name, one in (self.observed.instances or {}).items() if not one.is_running}
        before = {record.id: record for record in books.runs.open()}
        for step in follow_runs(before.values(), runs, sample, Surroundings(stopped, kills), self.policy):
            if step.record == before.get(step.record.id):
                continue
            record = books.runs.keep(step.record)
            if step.move is RunMove.ENDED:
                self._tell_end(books, record, sample.taken_at)
            elif step.move is RunMove.IDLE:
                self._tell_idle(books, record, sample.taken_at)

    def _tell_end(self, books: Books, record: RunRecord, now: datetime) -> None:
        owner = books.members.get(record.member)
        told_from = books.wishes.told_from(record.member, self.policy.told_from)
        if owner is None or told_from is None or record.lasted(now) < told_from:
            return
        message = views.ended(record, rest_of_booking(books, record, now), silent=self.watch.is_quiet(now))
        owe_member(books, owner, message, now, story=f"run:{record.id}", lasts=LASTING)

    def _tell_idle(self, books: Books, record: RunRecord, now: datetime) -> None:
        owner = books.members.get(record.member)
        wants = books.wishes.told_from(record.member, self.policy.told_from) is not None
        if owner is not None and wants:
            message = views.idle(record, now, silent=self.watch.is_quiet(now))
            owe_member(books, owner, message, now, story=f"run-idle:{record.id}")


def rest_of_booking(books: Books, record: RunRecord, now: datetime) -> Rest:
    """What its owner still holds of its cards, and no other run of theirs is on."""
    others = {card for one in books.runs.open() if one.member == record.member for card in one.on}
    cards = {card.id: card for card in record.cards if card.id not in others}
    own = books.ledger.of_member(record.member, now)
    return tuple(
        (r, cards[r.card]) for r in own if r.kind is Kind.BOOKING and r.card in cards and r.window.contains(now)
    )
