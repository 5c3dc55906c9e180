"""From the configuration to what services ask for: the host's facts and the policies."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.instance import Dataset
from bot.domain.policy import BookingPolicy, WatchPolicy
from bot.domain.reminder import ReminderPolicy
from bot.services.new_users import HostFacts
from bot.settings import Settings


def host_facts(settings: Settings) -> HostFacts:
    datasets = tuple(
        Dataset(source, path) for source, _, path in (pair.partition(":") for pair in settings.lxd.datasets)
    )
    return HostFacts(settings.lab.host or "HOST", settings.lab.ports, settings.lxd.template, datasets)


def booking_policy(settings: Settings) -> BookingPolicy:
    policy = settings.policy
    return BookingPolicy(
        longest=timedelta(hours=policy.longest_hours),
        horizon=timedelta(days=policy.horizon_days),
        cards_at_once=policy.cards_at_once,
        card_hours=policy.card_hours,
    )


def reminder_policy(settings: Settings) -> ReminderPolicy:
    return ReminderPolicy(quiet=settings.policy.quiet, zone=settings.lab.zone)


def watch_policy(settings: Settings) -> WatchPolicy:
    gpu, release_idle = settings.gpu, settings.policy.release_idle_minutes
    return WatchPolicy(
        polls_before_warning=gpu.polls_before_warning,
        repeat_after=timedelta(minutes=gpu.repeat_minutes),
        repeat_longest=timedelta(minutes=gpu.repeat_longest_minutes),
        escalate_at=gpu.admins_at,
        unbooked_after=timedelta(minutes=gpu.unbooked_minutes),
        idle_after=timedelta(minutes=gpu.idle_minutes),
        release_idle=None if release_idle is None else timedelta(minutes=release_idle),
        longest_gap=max(timedelta(minutes=10), timedelta(seconds=4 * gpu.poll_seconds)),
        quiet=settings.policy.quiet,
        zone=settings.lab.zone,
    )
