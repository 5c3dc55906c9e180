"""The way to Telegram, the token, and what the bot may do in the group."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.doctor.patient import Patient, TelegramView
from bot.domain.ability import Abilities
from bot.domain.health import BotAccount, Finding, GroupView, TelegramTrouble, fault, ok, warning
from bot.domain.saying import Listing, Saying

# Twice as long as a rival that stays is noticed again (bot/polling.py).
RIVAL_IS_GONE_AFTER = timedelta(minutes=10)


async def check(patient: Patient) -> Sequence[Finding]:
    if patient.telegram is None:
        return [fault("no_token")]
    try:
        bot = await patient.telegram.me()
    except TelegramTrouble as trouble:
        return [await _not_reached(patient, trouble)]
    return [_reached(bot), *await _rival(patient, bot), *await _group(patient, patient.telegram, bot)]


async def token_check(patient: Patient) -> Sequence[Finding]:
    """Only the way and the token: `junzi init` asks for the group later."""
    if patient.telegram is None:
        return [fault("no_token")]
    try:
        return [_reached(await patient.telegram.me())]
    except TelegramTrouble as trouble:
        return [await _not_reached(patient, trouble)]


async def group_check(patient: Patient) -> Sequence[Finding]:
    """The rest of `check`, for when the token was looked at before."""
    return [finding for finding in await check(patient) if finding.key != "telegram"]


def _reached(bot: BotAccount) -> Finding:
    return ok("telegram", bot=f"@{bot.username}")


async def _rival(patient: Patient, bot: BotAccount) -> list[Finding]:
    """Only the process that polls is told of another; it wrote down when."""
    noticed = (await patient.database()).rival_at
    if noticed is None or patient.now() - noticed > RIVAL_IS_GONE_AFTER:
        return []
    return [fault("token_shared", bot=f"@{bot.username}")]


async def _not_reached(patient: Patient, trouble: TelegramTrouble) -> Finding:
    """The token is looked at last: only a server that was reached can refuse it."""
    if trouble.reason == "token":
        return fault("token_refused")
    hop = await patient.hops()
    if hop is not None:
        return fault(f"hop_{hop.hop}", where=hop.where, words=hop.words)
    return fault("telegram_strange", url=patient.settings.telegram.api_url, words=str(trouble))


async def _group(patient: Patient, telegram: TelegramView, bot: BotAccount) -> Sequence[Finding]:
    chat_id = patient.settings.telegram.group
    if chat_id is None:
        return [warning("no_group")]
    try:
        group = await telegram.group(chat_id, bot.telegram_id)
    except TelegramTrouble as trouble:
        if trouble.reason == "migrated":
            return [fault("group_migrated", new=trouble.new_chat_id)]
        return [fault("group_unreachable", group=chat_id, bot=f"@{bot.username}", words=str(trouble))]
    findings = [ok("group", title=group.title)]
    if patient.settings.telegram.announcements and not (bot.reads_everything or group.is_admin):
        findings.append(warning("privacy_mode", bot=f"@{bot.username}"))
    findings += await _topic(patient, group)
    findings.append(_features(await telegram.abilities(chat_id)))
    return findings + _rights(patient, group)


async def _topic(patient: Patient, group: GroupView) -> list[Finding]:
    """Whether a topic exists can't be asked without writing in it: what became of the last post there says it."""
    topic = patient.settings.telegram.topic
    if topic is None:
        return [ok("topic_none")] if group.is_forum else []
    if not group.is_forum:
        return [warning("topic_no_forum", number=topic)]
    if (await patient.database()).refused_topic == topic:
        return [warning("topic_refused", number=topic)]
    return [ok("topic", number=topic)]


def _features(able: Abilities) -> Finding:
    """What the server and the bot's rights allow; each has a plain form, so nothing here is a fault."""
    features = {
        "date_times": able.date_times,
        "rich": able.rich,
        "whispers": able.whispers and able.is_admin,
        "pin": able.may_pin,
        "tags": able.may_tag,
    }
    on, off = ([name for name, has in features.items() if has is wanted] for wanted in (True, False))
    return ok("features", on=_named(on), off=_named(off))


def _named(features: list[str]) -> object:
    names = tuple(Saying(f"doctor.feature_{name}") for name in features)
    return Listing(names, in_a_row=True) if names else Saying("doctor.feature_none")


def _rights(patient: Patient, group: GroupView) -> list[Finding]:
    """Without these everything works in its plain form; so they are no fault."""
    missing = [right for right, has in (("pin", group.may_pin), ("tag", group.may_tag)) if not has]
    if not group.is_admin:
        return [warning("not_admin")] if patient.settings.telegram.quiet == "auto" else []
    if missing:
        names = Listing(tuple(Saying(f"doctor.right_{right}") for right in missing), in_a_row=True)
        return [warning("rights_missing", rights=names)]
    return []
