"""All the tables open in one transaction."""

from __future__ import annotations

import sqlite3

from storage.archives import ArchiveTable
from storage.audit import AuditTable
from storage.cards import CardTable
from storage.cases import CaseTable
from storage.drafts import DraftTable
from storage.extra_ports import ExtraPortTable
from storage.facts import FactTable
from storage.inbox import InboxTable
from storage.instances import InstanceTable
from storage.ledger import ReservationTable
from storage.members import MemberTable
from storage.operations import OperationTable
from storage.outbox import OutboxTable
from storage.reminders import ReminderTable
from storage.runs import RunTable
from storage.samples import UsageTable
from storage.stories import StoryTable
from storage.waiting import WaitingTable
from storage.wishes import WishTable


class SqliteBooks:
    """`bot.books.Books` on a connection whose transaction is open."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.members = MemberTable(connection)
        self.cards = CardTable(connection)
        self.instances = InstanceTable(connection)
        self.operations = OperationTable(connection)
        self.archives = ArchiveTable(connection)
        self.extra_ports = ExtraPortTable(connection)
        self.ledger = ReservationTable(connection)
        self.drafts = DraftTable(connection)
        self.outbox = OutboxTable(connection)
        self.inbox = InboxTable(connection)
        self.audit = AuditTable(connection)
        self.facts = FactTable(connection)
        self.stories = StoryTable(connection)
        self.cases = CaseTable(connection)
        self.waiting = WaitingTable(connection)
        self.reminders = ReminderTable(connection)
        self.usage = UsageTable(connection)
        self.runs = RunTable(connection)
        self.wishes = WishTable(connection)
