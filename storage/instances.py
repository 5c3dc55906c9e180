"""The registry of containers: whose each is, and which host port it holds."""

from __future__ import annotations

import sqlite3

from bot.domain.container import InstanceRecord, InstanceState
from storage.instants import instant, seconds


def _record(row: sqlite3.Row) -> InstanceRecord:
    return InstanceRecord(
        server=row["server"],
        name=row["name"],
        member_id=row["member_id"],
        ssh_port=row["ssh_port"],
        template=row["template"],
        state=InstanceState(row["state"]),
        operation=row["operation"],
        created_at=instant(row["created_at"]),
        account=row["account"],
    )


class InstanceTable:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def _where(self, condition: str, *values: object) -> list[InstanceRecord]:
        query = f"SELECT * FROM instances WHERE state <> 'gone' AND {condition} ORDER BY name"  # noqa: S608
        return [_record(row) for row in self._connection.execute(query, values)]

    def all(self) -> list[InstanceRecord]:
        return self._where("TRUE")

    def get(self, server: str, name: str) -> InstanceRecord | None:
        return next(iter(self._where("server = ? AND name = ?", server, name)), None)

    def of_member(self, member_id: int) -> list[InstanceRecord]:
        return self._where("member_id = ?", member_id)

    def unfinished(self) -> list[InstanceRecord]:
        return self._where("state = 'making'")

    def ports(self, server: str) -> frozenset[int]:
        """Held for SSH, and beside it by containers that are there."""
        rows = self._connection.execute(
            "SELECT port FROM extra_ports JOIN instances USING (server, name) WHERE server = ? AND state <> 'gone'",
            (server,),
        )
        beside = {row["port"] for row in rows}
        return frozenset(r.ssh_port for r in self._where("server = ?", server) if r.ssh_port is not None) | beside

    def add(self, record: InstanceRecord) -> None:
        """sqlite3.IntegrityError if the name or the port is held on that server."""
        self._connection.execute(
            "INSERT INTO instances (server, name, member_id, ssh_port, template, state, operation, created_at, "
            "account) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                record.server,
                record.name,
                record.member_id,
                record.ssh_port,
                record.template,
                record.state.value,
                record.operation,
                seconds(record.created_at),
                record.account,
            ),
        )

    def set_state(self, server: str, name: str, state: InstanceState) -> None:
        self._connection.execute(
            "UPDATE instances SET state = ? WHERE server = ? AND name = ? AND state <> 'gone'",
            (state.value, server, name),
        )

    def set_port(self, server: str, name: str, port: int | None) -> None:
        """sqlite3.IntegrityError if another container holds it."""
        self._connection.execute(
            "UPDATE instances SET ssh_port = ? WHERE server = ? AND name = ? AND state <> 'gone'", (port, server, name)
        )

    def set_account(self, server: str, name: str, account: str | None) -> None:
        """Who logs in; None: whoever is called as its member is."""
        self._connection.execute(
            "UPDATE instances SET account = ? WHERE server = ? AND name = ? AND state <> 'gone'",
            (account, server, name),
        )

    def forget(self, server: str, name: str) -> None:
        """For one that never came to be: its port and name are free again."""
        self._connection.execute(
            "DELETE FROM instances WHERE server = ? AND name = ? AND state = 'making'", (server, name)
        )
