"""What every use case that makes, keeps and ends containers has at hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.books import Store
from bot.domain.archive import NotDone
from bot.domain.errors import LxdUnreachable
from bot.domain.member import Member
from bot.domain.operation import Operation
from bot.domain.saying import Saying
from bot.ports import Clock, Instances
from bot.services.at_work import AtWork
from bot.services.faults import fault
from bot.services.leaving import OnFreed
from bot.services.new_users import HostFacts, HostTools
from bot.services.operations import Journal, Stopped, new_operation_id


@dataclass(frozen=True)
class Lifecycle:
    store: Store
    clock: Clock
    instances: Instances
    host: HostFacts
    tools: HostTools
    at_work: AtWork
    on_freed: OnFreed

    @property
    def journal(self) -> Journal:
        return Journal(self.store, self.clock)

    def operation(self, kind: str, name: str, by: Member, origin: str, detail: dict[str, Any]) -> Operation:
        now = self.clock.now()
        return Operation(new_operation_id(), kind, self.host.server, name, now, by.id, origin, detail)


def not_done(stopped: Stopped) -> NotDone:
    """A failed step in words; asking to shut down is the one that may be tried by force."""
    left = None if stopped.left_behind is None else Saying("operation.left_behind", {"why": fault(stopped.left_behind)})
    may_force = stopped.step == "stop" and not isinstance(stopped.cause, LxdUnreachable)
    why = Saying("operation.no_shutdown") if may_force else fault(stopped.cause)
    return NotDone(why, stopped.step, left, may_force)
