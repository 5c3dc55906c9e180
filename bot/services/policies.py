"""The lab's limits: the configuration's, with the exceptions that admins made by /policy."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from bot.books import Books, Store
from bot.domain.member import Member
from bot.domain.policy import FIELDS, BookingPolicy, Overrides, policy_for
from bot.ports import Clock

FACT = "policy.overrides"


@dataclass(frozen=True)
class Policies:
    """`base` is the configuration's. `of` is asked inside a transaction: a change counts from the next booking on."""

    base: BookingPolicy

    def of(self, books: Books, member: Member) -> BookingPolicy:
        return policy_for(member, self.base, overrides(books))

    def general(self, books: Books) -> BookingPolicy:
        """What binds a student without exceptions."""
        found = overrides(books)
        return replace(self.base, **{**found.get("all", {}), **found.get("role:student", {})})  # type: ignore[arg-type]


def overrides(books: Books) -> Overrides:
    found: Overrides = books.facts.get(FACT) or {}
    return found


class PolicyService:
    def __init__(self, store: Store, clock: Clock, policies: Policies) -> None:
        self._store = store
        self._clock = clock
        self._policies = policies

    async def show(self) -> tuple[BookingPolicy, Overrides]:
        """What binds a student without exceptions, and every exception by scope."""
        return await self._store.read(lambda books: (self._policies.general(books), overrides(books)))

    async def change(self, admin: Member, scope: str, name: str, value: Any, origin: str) -> None:
        """Set a limit for a scope ("all", "role:student", "member:NAME"); KeyError for a name not in FIELDS."""
        await self._write(admin, scope, origin, {FIELDS[name]: value}, None)

    async def reset(self, admin: Member, scope: str, name: str, origin: str) -> None:
        """Back to what is more general."""
        await self._write(admin, scope, origin, {}, FIELDS[name])

    async def _write(self, admin: Member, scope: str, origin: str, new: dict[str, Any], gone: str | None) -> None:
        def work(books: Books) -> None:
            found = {name: dict(values) for name, values in overrides(books).items()}
            limits = {**found.get(scope, {}), **new}
            limits.pop(gone or "", None)
            found[scope] = limits
            books.facts.put(FACT, {name: values for name, values in found.items() if values})
            detail = {key: str(value) for key, value in new.items()} | ({"reset": gone} if gone else {})
            books.audit.record("policy", scope, self._clock.now(), actor=admin.id, origin=origin, detail=detail)

        await self._store.write(work)
