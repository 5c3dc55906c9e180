"""Members and the claim codes that make a Telegram account one of them."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from bot.books import Claim
from bot.domain.member import Member, Role
from storage.instants import instant, seconds


def _member(row: sqlite3.Row) -> Member:
    return Member(
        row["id"],
        row["unix_name"],
        Role(row["role"]),
        row["telegram_id"],
        row["display_name"],
        row["language"],
        None if row["left_at"] is None else instant(row["left_at"]),
    )


class MemberTable:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def _one(self, where: str, value: object) -> Member | None:
        row = self._connection.execute(f"SELECT * FROM members WHERE {where} = ?", (value,)).fetchone()  # noqa: S608
        return None if row is None else _member(row)

    def get(self, member_id: int) -> Member | None:
        return self._one("id", member_id)

    def by_telegram(self, telegram_id: int) -> Member | None:
        return self._one("telegram_id", telegram_id)

    def by_name(self, unix_name: str) -> Member | None:
        return self._one("unix_name", unix_name)

    def all(self) -> list[Member]:
        return [_member(row) for row in self._connection.execute("SELECT * FROM members ORDER BY unix_name")]

    def add(
        self, unix_name: str, role: Role, now: datetime, *, telegram_id: int | None = None, display_name: str = ""
    ) -> Member:
        cursor = self._connection.execute(
            "INSERT INTO members (unix_name, role, telegram_id, display_name, created_at) VALUES (?, ?, ?, ?, ?)",
            (unix_name, role.value, telegram_id, display_name or unix_name, seconds(now)),
        )
        return Member(int(cursor.lastrowid or 0), unix_name, role, telegram_id, display_name or unix_name, None)

    def remove(self, member_id: int) -> None:
        """Only for a member that never came to be: history refers to all others (foreign keys refuse)."""
        self._connection.execute("DELETE FROM members WHERE id = ?", (member_id,))

    def leave(self, member_id: int, now: datetime) -> None:
        """They keep their row and their history; open claim links stop working."""
        self._connection.execute("DELETE FROM claims WHERE member_id = ? AND used_at IS NULL", (member_id,))
        self._connection.execute("UPDATE members SET left_at = ? WHERE id = ?", (seconds(now), member_id))

    def come_back(self, member_id: int, *, same_person: bool) -> None:
        """Not the same person: somebody else gets the name, so the old Telegram account must not get in with it."""
        self._connection.execute("UPDATE members SET left_at = NULL WHERE id = ?", (member_id,))
        if not same_person:
            self._connection.execute(
                "UPDATE members SET telegram_id = NULL, language = NULL, display_name = unix_name WHERE id = ?",
                (member_id,),
            )

    def unbind(self, member_id: int) -> None:
        """Their Telegram account is another member's from now on."""
        self._connection.execute("UPDATE members SET telegram_id = NULL WHERE id = ?", (member_id,))

    def bind(self, member_id: int, telegram_id: int, display_name: str, language: str | None) -> None:
        self._connection.execute(
            "UPDATE members SET telegram_id = ?, display_name = ?, language = ? WHERE id = ?",
            (telegram_id, display_name, language, member_id),
        )

    def set_role(self, member_id: int, role: Role) -> None:
        self._connection.execute("UPDATE members SET role = ? WHERE id = ?", (role.value, member_id))

    def add_claim(
        self,
        code_hash: str,
        role: Role,
        member_id: int | None,
        now: datetime,
        expires_at: datetime,
        username: str | None = None,
    ) -> None:
        """Older unused codes of the same member stop working: the newest link is the one that counts."""
        if member_id is not None:
            self._connection.execute("DELETE FROM claims WHERE member_id = ? AND used_at IS NULL", (member_id,))
        self._connection.execute(
            "INSERT INTO claims (code_hash, member_id, role, created_at, expires_at, username) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (code_hash, member_id, role.value, seconds(now), seconds(expires_at), username),
        )

    def claim(self, code_hash: str) -> Claim | None:
        row = self._connection.execute("SELECT * FROM claims WHERE code_hash = ?", (code_hash,)).fetchone()
        if row is None:
            return None
        used_at = None if row["used_at"] is None else instant(row["used_at"])
        expires_at = instant(row["expires_at"])
        return Claim(row["member_id"], Role(row["role"]), expires_at, used_at, row["used_by"], row["username"])

    def use_claim(self, code_hash: str, telegram_id: int, now: datetime) -> None:
        self._connection.execute(
            "UPDATE claims SET used_at = ?, used_by = ? WHERE code_hash = ?", (seconds(now), telegram_id, code_hash)
        )
