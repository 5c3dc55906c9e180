"""The steps by which a file gets its shape. One that has been released is never edited: add another at the end.

They are done in the order in which they stand here, each once in the life of a file; the number is a part of the name.
"""

from __future__ import annotations

from sqlite_utils import Database, Migrations

from storage import schema

migrations = Migrations("junzi")


@migrations()
def m001_initial(db: Database) -> None:
    """Members, cards, instances, the ledger, inbox and outbox, the audit log."""
    for script in (
        schema.MEMBERS,
        schema.CARDS,
        schema.INSTANCES,
        schema.RESERVATIONS,
        schema.DRAFTS,
        schema.POST,
        schema.RECORDS,
    ):
        _do(db, script)
    db.execute(schema.NO_OVERLAP.format(event="INSERT"))
    db.execute(schema.NO_OVERLAP.format(event="UPDATE"))


@migrations()
def m002_waiting_list(db: Database) -> None:
    """Who waits for a card."""
    _do(db, schema.WAITING)


@migrations()
def m003_reminders(db: Database) -> None:
    """What people were reminded of."""
    db.execute(schema.REMINDERS)


@migrations()
def m020_usage_buckets(db: Database) -> None:
    """What the cards did, and who was really on them."""
    _do(db, schema.USAGE)


@migrations()
def m010_runs(db: Database) -> None:
    """What people ran, what they want to hear of it, and who waits to hear that a card is free."""
    _do(db, schema.RUNS)


@migrations()
def m011_cases(db: Database) -> None:
    """What the watch tells in one message. Stories of before had another shape: they are seen anew within two polls."""
    db.execute("DELETE FROM stories")
    _do(db, schema.CASES)


@migrations()
def m004_inbox_attempts(db: Database) -> None:
    """How often an update was taken up again: one that kills junzi each time must not do so for ever."""
    db.execute("ALTER TABLE inbox ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0")


@migrations()
def m030_operations(db: Database) -> None:
    """What was begun with a container, step by step."""
    _do(db, schema.OPERATIONS)
    db.execute(  # what was half-made before there was a journal
        "INSERT INTO operations (id, kind, server, name, detail, step, state, begun_at) "
        "SELECT operation, 'adduser', server, name, '{}', '', 'running', created_at FROM instances "
        "WHERE state = 'making'"
    )


@migrations()
def m031_leaving(db: Database) -> None:
    """People leave, and are remembered; their containers are kept for a while. Adopted ones have accounts of others."""
    _do(db, schema.LEAVING)


@migrations()
def m040_extra_ports(db: Database) -> None:
    """Ports for Jupyter and the like."""
    db.execute(schema.EXTRA_PORTS)


@migrations()
def m050_promises(db: Database) -> None:
    """What is kept for the first in line who needs several cards, as an offer (the kinds are fixed) not made yet."""
    db.execute("ALTER TABLE reservations ADD COLUMN promised INTEGER NOT NULL DEFAULT 0 CHECK (promised IN (0, 1))")


@migrations()
def m051_allowances_end(db: Database) -> None:
    """Until when a holder does not mind, as it was said to both; of before: as long as the booking lasts."""
    db.execute("ALTER TABLE allowances ADD COLUMN until INTEGER")


@migrations()
def m052_claims_of_an_account(db: Database) -> None:
    """Links that only one Telegram account may open, by its @name; of before: whoever opens it first."""
    db.execute("ALTER TABLE claims ADD COLUMN username TEXT")


def _do(db: Database, script: str) -> None:
    """Statement by statement: `executescript` would first commit what is pending."""
    for statement in script.split(";"):
        db.execute(statement)
