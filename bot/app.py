"""The composition root: the only file that knows everybody.

`Outside` is what differs between a real lab and the made-up one; everything else is built here, once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from bot import jobs
from bot.adapters.folders import DistantFolders
from bot.adapters.telegram import TelegramMessenger
from bot.adapters.telegram_abilities import find_out
from bot.adapters.telegram_pace import PacedCalls
from bot.adapters.template_scripts import template_script
from bot.application import ALLOWED_UPDATES, build_application, connect, take_up_unfinished
from bot.configured import booking_policy, host_facts, reminder_policy, watch_policy
from bot.domain.ability import Able
from bot.domain.policy import RunPolicy
from bot.lab_checkup import examine_lab
from bot.menus import refresh_admin_menus, set_menus
from bot.polling import PollingTroubles
from bot.ports import Cards, Clock, HostFolders, Instances, OomKills
from bot.services.abilities import AbilityService
from bot.services.administration import AdministrationService
from bot.services.adopting import AdoptionService
from bot.services.answers import AnswerService
from bot.services.archives import ArchiveService
from bot.services.at_work import AtWork
from bot.services.batches import BatchService
from bot.services.board import BoardService
from bot.services.census import CensusService
from bot.services.changes import ChangeService
from bot.services.configuration import configuration
from bot.services.containers import ContainerService
from bot.services.deletion import DeletionService
from bot.services.delivery import DeliveryService
from bot.services.digest import DigestService
from bot.services.drawing import DrawingService
from bot.services.following import RunFollower
from bot.services.history import HistoryService
from bot.services.inventory import InventoryService
from bot.services.lab import Lab
from bot.services.lifecycle import Lifecycle
from bot.services.live_board import LiveBoardService
from bot.services.looks import LookService
from bot.services.members import MemberService
from bot.services.new_users import HostTools, NewUserService
from bot.services.noticing import NoticingService
from bot.services.observed import Observed
from bot.services.operations import OperationService
from bot.services.policies import Policies, PolicyService
from bot.services.reminders import ReminderService
from bot.services.reservations import ReservationService
from bot.services.returning import ReturnService
from bot.services.runs import RunService
from bot.services.tags import TagService
from bot.services.telling import Teller
from bot.services.topic import TopicService
from bot.services.waiting import WaitingService
from bot.services.watch import WatchService
from bot.services.workshop import Workshop
from bot.settings import Settings
from bot.texts import LabVoices
from handlers import register
from storage.database import Database

logger = logging.getLogger("junzi")


@dataclass(frozen=True)
class Outside:
    """LXD, NVML, the host and the clock, real or made up. `cards` is given the observed world for tracing."""

    clock: Clock
    instances: Instances
    cards: Callable[[Observed], Cards]
    tools: HostTools
    oom_kills: OomKills
    speed: float = 1.0
    folders: HostFolders = field(default_factory=DistantFolders)
    cards_on_bus: Callable[[], Mapping[str, str]] = dict
    driver_version: Callable[[], str | None] = lambda: None
    library_version: Callable[[], str | None] = lambda: None
    last_copy_at: Callable[[], datetime | None] = lambda: None


class Junzi:
    """One bot with its lab, from `start` to `stop`. `load` is called at the start, on a thread."""

    def __init__(self, settings: Settings, clock: Clock, load: Callable[[], Outside]) -> None:
        self._settings = settings
        self._clock = clock
        self._load = load
        self._close_outside: list[Callable[[], Awaitable[None]]] = []
        self.database = Database(settings.storage.path)
        self._observed = Observed()
        self._paced = PacedCalls(clock)
        self.application = build_application(settings, self.database, clock, self._paced)
        self._scheduler: Any = None
        self._listening: asyncio.Task[None] | None = None
        self._metrics: Any = None
        self.lab: Lab | None = None

    async def start(self) -> Lab:
        """Connect, settle what was left half-done, then listen. Raises InvalidToken for a token Telegram refuses."""
        # The vendors' libraries take about as long to load as Telegram to answer: both at once.
        _, outside = await asyncio.gather(connect(self.application), asyncio.to_thread(self._load))
        cards = outside.cards(self._observed)
        self._close_outside = [cards.close, outside.instances.close]
        lab = self._make_lab(self.application.bot.username, outside, cards)
        self.lab = lab
        self.application.bot_data["lab"] = lab
        register(self.application, lab)
        await lab.abilities.refresh()
        await lab.watch.poll()
        await lab.operations.reconcile()
        await lab.noticing.look()
        await lab.waiting.settle()
        await self.application.start()
        await take_up_unfinished(self.application, self.database)
        assert self.application.updater is not None  # noqa: S101 - built with one
        await self.application.updater.start_polling(
            allowed_updates=ALLOWED_UPDATES,
            bootstrap_retries=-1,
            error_callback=PollingTroubles(self._clock, lab.configuration.health.rival_noticed),
        )
        # Calls to Telegram that nobody's answer has to wait for.
        await set_menus(self.application.bot, lab, self._settings.telegram.admins)
        await lab.live_board.show()
        menus = jobs.Job("menus", partial(refresh_admin_menus, self.application.bot), 5, in_real_time=True)
        ticks = (*jobs.timetable(self._settings.gpu.poll_seconds), menus)
        self._scheduler = jobs.schedule(lab, ticks, speed=outside.speed)
        self._scheduler.start()
        self._listening = asyncio.create_task(lab.noticing.listen())
        await self._serve_metrics(lab)
        logger.info("junzi listens as @%s", lab.bot_name)
        return lab

    async def stop(self) -> None:
        """Finish what runs, then let go of everything."""
        if self._scheduler is not None:
            self._scheduler.shutdown(wait=False)
        if self._listening is not None:
            self._listening.cancel()
        if self._metrics is not None:
            await self._metrics.stop()
        updater = self.application.updater
        if updater is not None and updater.running:
            await updater.stop()
        if self.application.running:
            await self.application.stop()
        await self.application.shutdown()
        for close in self._close_outside:
            await close()
        if self.lab is not None:
            self.lab.drawing.close()
        self.database.close()

    def _make_lab(self, bot_name: str, outside: Outside, cards: Cards) -> Lab:
        settings, store, clock = self._settings, self.database, self._clock
        instances, observed = outside.instances, self._observed
        policies = Policies(booking_policy(settings))
        host = host_facts(settings)
        at_work = AtWork()
        new_users = NewUserService(store, clock, instances, host, outside.tools, at_work)
        waiting = WaitingService(store, clock, policies, observed)
        life = Lifecycle(store, clock, instances, host, outside.tools, at_work, waiting.settle_in)
        adopting, returning, deletion = AdoptionService(life), ReturnService(life), DeletionService(life)
        inventory = InventoryService(life)
        archives = ArchiveService(life, timedelta(days=settings.policy.archive_days))
        changes = ChangeService(store, clock, policies, waiting.settle_in, waiting.make_way)
        reservations = ReservationService(store, clock, policies, observed, waiting.settle_in, waiting.make_way)
        teller = Teller(observed, watch_policy(settings), has_group=settings.telegram.group is not None)
        group = settings.telegram.group
        able = Able()
        bot = self.application.bot
        abilities = AbilityService(
            able,
            lambda: find_out(bot, group),
            quiet=settings.telegram.quiet == "auto",
            rich=settings.telegram.rich == "auto",
        )
        topic = TopicService(store, clock, settings.telegram.topic)
        messenger = TelegramMessenger(bot, group=group, topic=topic, able=able, paced=self._paced)
        history = HistoryService(store, clock)
        drawing = DrawingService(history, clock, settings.lab.zone)
        voices = LabVoices(settings.lab.zone, settings.telegram.language, able)
        board = BoardService(store, clock, observed)
        is_wanted = settings.posts.live_board
        live_board = LiveBoardService(
            store, clock, messenger, voices, board, group, topic=topic.number, is_wanted=is_wanted
        )
        workshop = Workshop(store, clock, instances, host, at_work)
        upkeep = configuration(
            workshop,
            outside.tools,
            outside.folders,
            partial(examine_lab, settings, outside, cards),
            template_script,
            enforced=settings.policy.mode == "enforce",
            environment=settings.template.environment,
            backup_folder=settings.lxd.backups,
        )
        settles = {
            "adduser": new_users.settle,
            "adopt": adopting.settle,
            "archive": archives.settle,
            "restoreuser": returning.settle,
            "deluser": deletion.settle,
            "restore": upkeep.snapshots.settle,
            "publish": upkeep.templates.settle,
        }
        return Lab(
            name=settings.lab.name,
            zone=settings.lab.zone,
            group=group,
            bot_name=bot_name,
            status_cron=settings.posts.status_cron,
            digest_cron=settings.posts.digest_cron,
            announcements=settings.telegram.announcements,
            clock=clock,
            store=store,
            messenger=messenger,
            abilities=abilities,
            tags=TagService(store, clock, messenger, voices, able, group if settings.telegram.tags == "auto" else None),
            voices=voices,
            observed=observed,
            members=MemberService(store, clock, settings.telegram.admins),
            reservations=reservations,
            changes=changes,
            administration=AdministrationService(store, clock, policies, waiting.settle_in),
            policies=PolicyService(store, clock, policies),
            looks=LookService(store, clock, observed),
            history=history,
            drawing=drawing,
            waiting=waiting,
            reminders=ReminderService(store, clock, observed, changes, reminder_policy(settings)),
            containers=ContainerService(store, clock, instances, host, at_work),
            new_users=new_users,
            configuration=upkeep,
            batches=BatchService(store, clock, instances, host, outside.tools, new_users),
            inventory=inventory,
            noticing=NoticingService(life, inventory),
            adopting=adopting,
            archives=archives,
            returning=returning,
            deletion=deletion,
            operations=OperationService(store, clock, at_work, settles),
            board=board,
            live_board=live_board,
            digest=DigestService(store, clock, messenger, voices, drawing, group, settings.lab.zone),
            watch=WatchService(
                store,
                clock,
                cards,
                instances,
                observed,
                teller,
                RunFollower(observed, outside.oom_kills, RunPolicy(), teller.policy, settings.lxd.project),
                waiting.settle_in,
                project=settings.lxd.project,
            ),
            runs=RunService(store, clock, changes, RunPolicy()),
            answers=AnswerService(store, clock, reservations, teller, waiting.settle_in),
            delivery=DeliveryService(store, clock, messenger, voices, group),
        )

    async def _serve_metrics(self, lab: Lab) -> None:
        """A port that is taken costs the graphs, not the bot."""
        listen = self._settings.metrics.listen
        if not listen:
            return
        # Imported here: aiohttp and prometheus-client cost a third of the time to start, and few labs want metrics.
        from bot.adapters.prometheus import PrometheusEndpoint

        census = CensusService(self.database, self._clock, self._observed, lab.board)
        endpoint = PrometheusEndpoint(listen, census.take)
        try:
            logger.info("metrics at %s", await endpoint.start())
        except OSError as exc:
            logger.error("no metrics: %s can't be listened on (%s)", listen, exc)
            return
        self._metrics = endpoint
