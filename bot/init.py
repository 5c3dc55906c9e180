"""`junzi init`: the few questions, each answer tried out at once; then the file, the database and the first link.

What can go wrong is looked at by the same checks as `junzi doctor`'s, so it is said in the same words.
"""

from __future__ import annotations

import argparse
import os
import re
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from bot import settings as configuration
from bot import settings_file
from bot.adapters.clock import SystemClock
from bot.adapters.telegram_probe import TelegramProbe
from bot.checkup import on_this_host
from bot.doctor import as_text, cards, lxd, telegram
from bot.doctor.patient import Patient
from bot.domain.claim_link import claim_link
from bot.domain.health import Finding, GroupView, State, TelegramTrouble
from bot.domain.saying import Listing, Saying
from bot.domain.template import likely_template
from bot.init_options import SETTING_OPTIONS
from bot.questions import Given, GivenUp, Talk, Terminal
from bot.services.members import MemberService
from bot.settings import Settings
from bot.terminal import voice_here
from bot.texts import Voice
from bot.this_host import as_typed, hand_over, name_of_this_host, zone_of_this_host
from storage.database import Database

TOKEN = re.compile(r"\d+:[\w-]{10,}")
NOTHING = "-"  # takes away what is offered
EMPTY = {"telegram.group": None, "telegram.topic": None}
UTC = frozenset({"UTC", "Etc/UTC", "Etc/UCT", "Universal", "Zulu"})

Check = Callable[[Patient], Awaitable[Sequence[Finding]]]


async def run(options: argparse.Namespace) -> int:
    """The exit status."""
    voice = voice_here()
    talk: Talk = Given(voice) if options.non_interactive else Terminal(voice)
    target = options.config or Path(os.environ.get("JUNZI_CONFIG") or configuration.DEFAULT_PATH)
    try:
        setup = Setup(talk, voice, target, options)
        return await setup.run()
    except GivenUp:
        return 1
    except (EOFError, KeyboardInterrupt):
        print()
        return 1


class Setup:
    """The answers so far. `_values` holds what was asked or given; the rest comes from the file and the environment."""

    def __init__(self, talk: Talk, voice: Voice, target: Path, options: argparse.Namespace) -> None:
        self._talk = talk
        self._voice = voice
        self._target = target
        self._options = options
        self._before = target if target.is_file() else None
        self._values: dict[str, dict[str, Any]] = given_by(options)
        self._bot_name = ""

    async def run(self) -> int:
        if self._options.admin_link and self._before is not None and not self._options.force:
            return await self._only_a_link()
        if not self._may_write():
            return 1
        await self._telegram()
        await self._group()
        self._lab()
        await self._lxd()
        await self._look(cards.check)
        self._ask("storage.path")
        self._write()
        await self._link()
        self._talk.say("init.next", junzi=as_typed())
        return 0

    async def _only_a_link(self) -> int:
        """The lab is configured, and nothing of that changes: the first link was lost, or another admin is to come."""
        findings = await self._look(telegram.token_check)
        if any(finding.state is State.FAULT for finding in findings):
            return 1
        await self._link()
        return 0

    def _may_write(self) -> bool:
        if self._talk.can_retry:
            self._talk.say("init.hello", file=self._target)
        if self._before is None or self._options.force:
            return True
        if not self._talk.can_retry:
            self._talk.say("init.exists_use_force", file=self._target)
            return False
        self._talk.say("init.exists", file=self._target)
        if self._talk.ask("ask_overwrite", "no").lower() in ("y", "yes", "是", "好"):
            return True
        self._talk.say("init.kept", file=self._target)
        return False

    async def _telegram(self) -> None:
        """Token first; a proxy is asked for only when the way to Telegram turns out to need one."""
        while True:
            self._token()
            findings = await self._look(telegram.token_check)
            if not any(finding.state is State.FAULT for finding in findings):
                return
            self._again_or_give_up()
            if any(finding.key.startswith("hop_") for finding in findings):
                self._ask("telegram.proxy", optional=True)

    def _token(self) -> None:
        before = self._token_of_file() or self.settings.telegram.token.get_secret_value()
        token = self._talk.ask("ask_telegram_token", before, secret=True)
        while TOKEN.fullmatch(token) is None:
            empty = "init.token_empty" if self._talk.can_retry else "init.token_needed"
            self._talk.say("init.token_looks_odd" if token else empty)
            self._again_or_give_up()
            token = self._talk.ask("ask_telegram_token", secret=True)
        self._put("telegram.token", token)

    def _token_of_file(self) -> str:
        file: Path | None = self._options.token_file
        if file is None:
            return ""
        try:
            return file.read_text().strip()
        except OSError as error:
            self._talk.say("init.token_file_unreadable", file=file, words=error.strerror or str(error))
            raise GivenUp from error

    async def _group(self) -> None:
        seen: Sequence[GroupView] = ()
        if self.settings.telegram.group is None:
            seen = await self._groups_seen()
            self._show_groups(seen)
        # Where there is somebody to agree, the only group there is is offered.
        offered = str(seen[0].chat_id) if len(seen) == 1 and self._talk.can_retry else ""
        while True:
            self._ask("telegram.group", default=offered, optional=True)
            findings = await self._look(telegram.group_check, asked_next=frozenset({"topic_none"}))
            if not any(finding.state is State.FAULT for finding in findings):
                break
            self._again_or_give_up()
        await self._topic(findings, seen)
        self._ask("telegram.admins", optional=True)
        self._ask("telegram.language")

    async def _groups_seen(self) -> Sequence[GroupView]:
        settings = self.settings.telegram
        token = settings.token.get_secret_value()
        with suppress(TelegramTrouble):  # a running bot picks the updates up itself: then nothing is seen
            async with TelegramProbe(token, settings.api_url, settings.proxy) as probe:
                return await probe.groups_seen()
        return ()

    def _show_groups(self, groups: Sequence[GroupView]) -> None:
        rows = tuple(Saying("init.group_row", {"id": group.chat_id, "title": group.title}) for group in groups)
        if rows:
            self._talk.say("init.groups_seen", groups=Listing(rows))
        elif self._talk.can_retry:
            self._talk.say("init.group_how")

    async def _topic(self, findings: Sequence[Finding], seen: Sequence[GroupView]) -> None:
        """Only where the group has topics, or one is set that is not there."""
        if not any(finding.key.startswith("topic") for finding in findings):
            return
        if not seen and self.settings.telegram.topic is None and self._talk.can_retry:
            seen = await self._groups_seen()
        topics = next((group.topics for group in seen if group.chat_id == self.settings.telegram.group), {})
        rows = tuple(Saying("init.topic_row", {"number": number, "name": name}) for number, name in topics.items())
        if rows:
            self._talk.say("init.topics_seen", topics=Listing(rows))
        # Somebody wrote /help where the posts are to go, as the guide says.
        offered = str(next(iter(topics))) if len(topics) == 1 and self._talk.can_retry else ""
        self._ask("telegram.topic", default=offered, optional=True)

    def _lab(self) -> None:
        self._ask("lab.name")
        self._ask("lab.host", default=name_of_this_host())
        zone = zone_of_this_host()
        # A server that was never told where it stands runs in UTC: that is no answer.
        if "timezone" not in self.settings.lab.model_fields_set and zone not in UTC:
            self._put("lab.timezone", zone)
        self._ask("lab.timezone")
        self._ask("lab.port_range")

    async def _lxd(self) -> None:
        """A fault here is told, not insisted on: the template may be made later."""
        self._ask("lxd.endpoint", optional=True)
        if self.settings.lxd.endpoint.startswith("https://"):
            self._ask("lxd.cert")
            self._ask("lxd.key")
        if self._talk.can_retry:
            await self._offer_template()
        self._ask("lxd.template")
        self._ask("lxd.datasets", optional=True)
        await self._look(lxd.check)

    async def _offer_template(self) -> None:
        """A lab that moves in has one, of whatever name."""
        async with on_this_host(self.settings, None) as patient:
            there = await patient.containers()
        if not there or self.settings.lxd.template in {instance.name for instance in there}:
            return
        self._talk.say("init.containers_seen", names=Listing(tuple(sorted(i.name for i in there)), in_a_row=True))
        likely = likely_template(there)
        if likely is not None and "template" not in self.settings.lxd.model_fields_set:
            self._put("lxd.template", likely)

    def _write(self) -> None:
        try:
            settings_file.write(self._target, settings_file.as_toml(self.settings))
            hand_over(self._target)
        except OSError as error:
            self._talk.say("init.unwritable", path=self._target, words=error.strerror or str(error))
            raise GivenUp from error
        self._talk.say("init.written", file=self._target)

    async def _link(self) -> None:
        path = self.settings.storage.path
        try:
            code = await self._admin_code(path)
        except (OSError, sqlite3.Error) as error:
            self._talk.say("init.database_failed", path=path, words=str(error))
            raise GivenUp from error
        if code is None:
            self._talk.say("init.admin_there", junzi=as_typed())
        else:
            self._talk.say("init.admin_link", link=claim_link(self._bot_name, code))

    async def _admin_code(self, path: Path) -> str | None:
        """None if somebody is an admin already and no other is asked for: unused links should not lie about."""
        database = Database(path)
        try:
            members = await database.read(lambda books: books.members.all())
            there = any(member.is_admin and member.telegram_id is not None for member in members)
            if there and not self._options.admin_link:
                return None
            return await MemberService(database, SystemClock()).admin_link_code()
        finally:
            database.close()
            for file in path.parent.glob(f"{path.name}*"):
                file.chmod(0o600)
                hand_over(file)

    @property
    def settings(self) -> Settings:
        return configuration.read(self._before, **self._values)

    async def _look(self, check: Check, *, asked_next: frozenset[str] = frozenset()) -> Sequence[Finding]:
        """Check and say what was found, but for what the next question is about, where one can be asked."""
        async with on_this_host(self.settings, None) as patient:
            findings = await check(patient)
        shown = [finding for finding in findings if not (self._talk.can_retry and finding.key in asked_next)]
        if shown:
            print(as_text(shown, self._voice))
        for finding in findings:
            self._bot_name = str(finding.values.get("bot", self._bot_name)).lstrip("@")
        return findings

    def _ask(self, key: str, *, default: str = "", optional: bool = False) -> None:
        """Ask until the settings take it. What was there before is offered."""
        offered = _shown(self._value(key)) or default
        while True:
            answer = self._talk.ask(f"ask_{key.replace('.', '_')}", offered)
            if answer == NOTHING and optional:
                answer = ""
                self._put(key, EMPTY.get(key, ""))
            problem = self._put(key, answer) if answer else None
            if problem is None and (answer or optional):
                return
            self._talk.say("init.not_so" if problem else "init.need_answer", words=problem or "")
            self._again_or_give_up()

    def _put(self, key: str, value: str | None) -> str | None:
        """What is wrong with it, if anything; then nothing changed."""
        section, _, name = key.partition(".")
        before = {name: dict(values) for name, values in self._values.items()}
        self._values.setdefault(section, {})[name] = value
        try:
            _ = self.settings
        except configuration.BadSettings as wrong:
            self._values = before
            return str(wrong)
        return None

    def _value(self, key: str) -> object:
        section, _, name = key.partition(".")
        return getattr(getattr(self.settings, section), name)

    def _again_or_give_up(self) -> None:
        if not self._talk.can_retry:
            raise GivenUp


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(str(item) for item in value)
    return "" if value is None else str(value)


def given_by(options: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """The answers among the options: those of `SETTING_OPTIONS`."""
    values: dict[str, dict[str, Any]] = {}
    for key in SETTING_OPTIONS:
        section, _, name = key.partition(".")
        answer = getattr(options, key.replace(".", "_"))
        if answer is not None:
            values.setdefault(section, {})[name] = answer
    return values
