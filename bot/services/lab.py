"""All use cases of one lab, built once by `bot.app` and handed to every handler and job."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo

from bot.books import Store
from bot.ports import Clock, Messenger, Voices
from bot.services.abilities import AbilityService
from bot.services.administration import AdministrationService
from bot.services.adopting import AdoptionService
from bot.services.answers import AnswerService
from bot.services.archives import ArchiveService
from bot.services.batches import BatchService
from bot.services.board import BoardService
from bot.services.changes import ChangeService
from bot.services.configuration import Configuration
from bot.services.containers import ContainerService
from bot.services.deletion import DeletionService
from bot.services.delivery import DeliveryService
from bot.services.digest import DigestService
from bot.services.drawing import DrawingService
from bot.services.history import HistoryService
from bot.services.inventory import InventoryService
from bot.services.live_board import LiveBoardService
from bot.services.looks import LookService
from bot.services.members import MemberService
from bot.services.new_users import NewUserService
from bot.services.noticing import NoticingService
from bot.services.observed import Observed
from bot.services.operations import OperationService
from bot.services.policies import PolicyService
from bot.services.reminders import ReminderService
from bot.services.reservations import ReservationService
from bot.services.returning import ReturnService
from bot.services.runs import RunService
from bot.services.tags import TagService
from bot.services.waiting import WaitingService
from bot.services.watch import WatchService


@dataclass(frozen=True)
class Lab:
    """`group` is the chat id of the lab's group, None if none is configured. `bot_name` is what links lead to."""

    name: str
    zone: tzinfo
    group: int | None
    bot_name: str
    status_cron: str
    digest_cron: str
    announcements: bool
    clock: Clock
    store: Store
    messenger: Messenger
    abilities: AbilityService
    tags: TagService
    voices: Voices
    observed: Observed
    members: MemberService
    reservations: ReservationService
    changes: ChangeService
    administration: AdministrationService
    policies: PolicyService
    looks: LookService
    history: HistoryService
    drawing: DrawingService
    waiting: WaitingService
    reminders: ReminderService
    containers: ContainerService
    configuration: Configuration
    new_users: NewUserService
    batches: BatchService
    inventory: InventoryService
    noticing: NoticingService
    adopting: AdoptionService
    archives: ArchiveService
    returning: ReturnService
    deletion: DeletionService
    operations: OperationService
    board: BoardService
    live_board: LiveBoardService
    digest: DigestService
    watch: WatchService
    answers: AnswerService
    runs: RunService
    delivery: DeliveryService
