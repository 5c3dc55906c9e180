"""Who somebody is, and how a Telegram account becomes a member: by a claim code that works once."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.books import Books, Claim, Store
from bot.domain.member import Member, Role, are_alike, told_apart
from bot.ports import Clock

CLAIM_LIFETIME = timedelta(days=7)


@dataclass(frozen=True)
class Account:
    """A Telegram account as an update shows it. `language` is the app's ("zh-hans"), or None."""

    telegram_id: int
    name: str
    username: str | None
    language: str | None


@dataclass(frozen=True)
class Claimed:
    member: Member


@dataclass(frozen=True)
class ClaimRefused:
    """`reason`: unknown, used, used_by_you, expired, already_member (this account is another member's), for_another
    (the link is for `username` alone)."""

    reason: str
    username: str = ""


def code_hash(code: str) -> str:
    """Only this is stored. The code has 144 random bits, so a plain hash is enough."""
    return hashlib.sha256(code.encode()).hexdigest()


def new_claim(books: Books, role: Role, member_id: int | None, now: datetime, username: str = "") -> str:
    """A fresh one-time code, fit for a `t.me/BOT?start=` link (1 to 64 of [A-Za-z0-9_-]). With a `username` (with or
    without "@") no other account may use it."""
    code = secrets.token_urlsafe(18)
    bound = username.removeprefix("@") or None
    books.members.add_claim(code_hash(code), role, member_id, now, now + CLAIM_LIFETIME, bound)
    return code


class MemberService:
    """`admin_ids` are the Telegram ids that the configuration names as admins."""

    def __init__(self, store: Store, clock: Clock, admin_ids: Collection[int] = ()) -> None:
        self._store = store
        self._clock = clock
        self._admin_ids = frozenset(admin_ids)

    async def who(self, account: Account) -> Member | None:
        """The member behind an account, in the language that their app has now: what the bot says unasked is said in it
        too. An admin named in the configuration is one from the first message on."""
        member = await self._store.read(lambda books: books.members.by_telegram(account.telegram_id))
        if account.telegram_id in self._admin_ids and (member is None or not member.is_admin):
            return await self._store.write(lambda books: self._make_admin(books, account))
        if member is None or member.has_left:
            return None
        if account.language is not None and account.language != member.language:
            return await self._store.write(lambda books: _speaking(books, account))
        return member

    async def by_name(self, unix_name: str) -> Member | None:
        """None for somebody who has left, too."""
        member = await self._store.read(lambda books: books.members.by_name(unix_name))
        return None if member is None or member.has_left else member

    async def claim(self, code: str, account: Account) -> Claimed | ClaimRefused:
        return await self._store.write(lambda books: self._claim(books, code, account))

    async def admin_link_code(self) -> str:
        """A code that makes whoever opens it first an admin: printed once by `junzi init`."""
        return await self._store.write(lambda books: new_claim(books, Role.ADMIN, None, self._clock.now()))

    async def renew_claim(self, member: Member) -> str:
        """A new link for a member who lost theirs; the old one stops working."""
        return await self._store.write(lambda books: new_claim(books, member.role, member.id, self._clock.now()))

    def _claim(self, books: Books, code: str, account: Account) -> Claimed | ClaimRefused:
        now = self._clock.now()
        claim = books.members.claim(code_hash(code))
        present = books.members.by_telegram(account.telegram_id)
        refusal = self._refusal(claim, present, account, now)
        if claim is None or refusal is not None:
            return ClaimRefused(refusal or "unknown", "" if claim is None else f"@{claim.username or ''}")
        if claim.member_id is None:
            member = self._make_admin(books, account)
        else:
            if present is not None and present.id != claim.member_id:  # who left, and is here again by another name
                books.members.unbind(present.id)
            member = _existing(books, claim.member_id)
            name = _name_apart(books, account, member)
            books.members.bind(member.id, account.telegram_id, name, account.language)
            member = _existing(books, member.id)
        books.members.use_claim(code_hash(code), account.telegram_id, now)
        books.audit.record("claim", f"member:{member.unix_name}", now, actor=member.id)
        return Claimed(member)

    @staticmethod
    def _refusal(claim: Claim | None, present: Member | None, account: Account, now: datetime) -> str | None:
        if claim is None:
            return "unknown"
        if claim.used_at is not None:
            return "used_by_you" if claim.used_by == account.telegram_id else "used"
        if claim.expires_at <= now:
            return "expired"
        if claim.username is not None and claim.username.lower() != (account.username or "").lower():
            return "for_another"
        is_another = present is not None and not present.has_left and present.id != claim.member_id
        if is_another and claim.member_id is not None:
            return "already_member"
        return None

    def _make_admin(self, books: Books, account: Account) -> Member:
        now = self._clock.now()
        present = books.members.by_telegram(account.telegram_id)
        if present is not None:
            if present.has_left:
                books.members.come_back(present.id, same_person=True)
            books.members.set_role(present.id, Role.ADMIN)
            return _existing(books, present.id)
        member = books.members.add(
            _free_name(books, account), Role.ADMIN, now, telegram_id=account.telegram_id, display_name=account.name
        )
        books.members.bind(member.id, account.telegram_id, _name_apart(books, account, member), account.language)
        books.audit.record("make_admin", f"member:{member.unix_name}", now, actor=member.id)
        return _existing(books, member.id)


def _speaking(books: Books, account: Account) -> Member | None:
    """The member, in the account's language from now on. Read anew: the account may be another member's by now."""
    member = books.members.by_telegram(account.telegram_id)
    if member is None or member.has_left:
        return None
    books.members.bind(member.id, account.telegram_id, member.display_name, account.language)
    return replace(member, language=account.language)


def _existing(books: Books, member_id: int) -> Member:
    member = books.members.get(member_id)
    if member is None:
        raise LookupError(f"member {member_id} is gone")
    return member


def _name_apart(books: Books, account: Account, member: Member) -> str:
    """The account's name; with the Unix name behind it if it could be taken for another member's, and then behind
    theirs too: everybody may call themselves what they like, and warnings are read by name."""
    alike = [other for other in books.members.all() if other.id != member.id and are_alike(account.name, other)]
    for other in alike:
        apart = told_apart(other.display_name, other.unix_name)
        if other.telegram_id is not None and not other.display_name.endswith(f"({other.unix_name})"):
            books.members.bind(other.id, other.telegram_id, apart, other.language)
    return told_apart(account.name, member.unix_name) if alike else account.name


def _free_name(books: Books, account: Account) -> str:
    """An admin needs no container and so no account, but a name in the ledger: from their username if it is one."""
    wanted = re.sub(r"[^a-z0-9-]+", "-", (account.username or "").lower()).strip("-0123456789")[:28] or "admin"
    candidates = [wanted, *(f"{wanted}{number}" for number in range(2, 1000))]
    return next(name for name in candidates if books.members.by_name(name) is None)
