"""`junzi doctor`: the patient made of the real host, the examination, the report."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path

from bot import settings as configuration
from bot.adapters.clock import SystemClock
from bot.adapters.folders import is_folder
from bot.adapters.hops import first_fault, is_loopback, proxy_for
from bot.adapters.lxd import LxdInstances
from bot.adapters.lxd_checkup import LxdCheckup
from bot.adapters.nightly_copy import last_copy_at
from bot.adapters.nvidia_driver import driver_version, library_version
from bot.adapters.nvml import NvmlCards
from bot.adapters.pci import nvidia_cards
from bot.adapters.ports import bindable
from bot.adapters.server_clock import seconds_ahead
from bot.adapters.telegram_probe import TelegramProbe
from bot.doctor import Patient, as_json, as_text, examine
from bot.domain.health import Finding, State, fault
from bot.settings import Settings
from bot.terminal import spoken_here
from bot.texts import Voice, language_for
from storage.checkup import examine as examine_database


async def run(file: Path | None, *, json: bool) -> int:
    """Print the findings; 1 if there is a fault."""
    file = file or configuration.found()
    try:
        settings = configuration.load(file)
    except configuration.ClosedSettings as closed:
        settings, findings = Settings.model_construct(), [fault("configuration_closed", file=closed.file)]
    except configuration.BadSettings as wrong:
        settings, findings = Settings.model_construct(), [fault("configuration_wrong", words=str(wrong))]
    else:
        with _no_log():
            async with on_this_host(settings, file) as patient:
                findings = [*await examine(patient)]
    voice = Voice(language_for(settings.telegram.language, spoken_here()), settings.lab.zone)
    if json:
        print(as_json(findings, voice))
    else:
        print(f"{as_text(findings, voice)}\n{_summary(findings, settings, voice)}")
    return int(any(finding.state is State.FAULT for finding in findings))


@contextmanager
def _no_log() -> Iterator[None]:
    """What the adapters would log is said in the findings."""
    logger = logging.getLogger("junzi")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)


def _summary(findings: Sequence[Finding], settings: Settings, voice: Voice) -> str:
    states = Counter(finding.state for finding in findings)
    return voice.plain(
        "doctor.title",
        lab=settings.lab.name,
        ok=states[State.OK],
        warnings=states[State.WARNING],
        faults=states[State.FAULT],
        unknowns=states[State.UNKNOWN],
    )


def _mode(file: Path | None) -> int | None:
    return file.stat().st_mode if file is not None and file.is_file() else None


@asynccontextmanager
async def on_this_host(settings: Settings, file: Path | None) -> AsyncIterator[Patient]:
    """Probes of the real LXD, cards and Telegram; nothing is asked before a check asks."""
    telegram, lxd = settings.telegram, settings.lxd
    token = telegram.token.get_secret_value()
    checkup = LxdCheckup(lxd.endpoint, cert=lxd.cert, key=lxd.key, project=lxd.project)
    instances = LxdInstances(lxd.endpoint, cert=lxd.cert, key=lxd.key, project=lxd.project)
    cards = NvmlCards(socket.gethostname(), SystemClock().now, frozenset, project=lxd.project)
    probe = TelegramProbe(token, telegram.api_url, telegram.proxy) if token else None
    async with AsyncExitStack() as stack:
        stack.callback(checkup.close)
        stack.push_async_callback(instances.close)
        stack.push_async_callback(cards.close)
        if probe is not None:
            await stack.enter_async_context(probe)
        yield Patient(
            settings=settings,
            config_mode=_mode(file),
            telegram=probe,
            hops=lambda: first_fault(telegram.api_url, proxy_for(telegram.api_url, telegram.proxy)),
            lxd=checkup,
            is_folder=None if lxd.endpoint.startswith("https://") else is_folder,
            sample=cards.sample,
            cards_on_bus=nvidia_cards,
            database=partial(asyncio.to_thread, examine_database, settings.storage.path),
            is_bindable=bindable,
            now=SystemClock().now,
            instances=instances,
            driver_version=driver_version,
            library_version=library_version,
            last_copy_at=last_copy_at,
            seconds_ahead=partial(seconds_ahead, SystemClock(), telegram.api_url, telegram.proxy)
            if probe is not None and not is_loopback(telegram.api_url)
            else None,
        )
