"""The tables as the steps of `storage/migrations.py` make them.

What a released step uses is never edited: old files and new ones would have different shapes.

Times are UTC seconds (integers, so that the same instant is the same number everywhere).
"""

from __future__ import annotations

MEMBERS = """
CREATE TABLE members (
    id INTEGER PRIMARY KEY,
    unix_name TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL CHECK (role IN ('student', 'admin')),
    telegram_id INTEGER UNIQUE,
    display_name TEXT NOT NULL,
    language TEXT,
    created_at INTEGER NOT NULL
);
CREATE TABLE claims (
    code_hash TEXT PRIMARY KEY,
    member_id INTEGER REFERENCES members (id) ON DELETE CASCADE,
    role TEXT NOT NULL CHECK (role IN ('student', 'admin')),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER,
    used_by INTEGER
)
"""

CARDS = """
CREATE TABLE cards (
    host TEXT NOT NULL,
    uuid TEXT NOT NULL,
    card_index INTEGER NOT NULL,
    model TEXT NOT NULL,
    memory_total_bytes INTEGER,
    pci_address TEXT NOT NULL,
    seen_at INTEGER NOT NULL,
    PRIMARY KEY (host, uuid)
) WITHOUT ROWID
"""

INSTANCES = """
CREATE TABLE instances (
    id INTEGER PRIMARY KEY,
    server TEXT NOT NULL,
    name TEXT NOT NULL,
    member_id INTEGER NOT NULL REFERENCES members (id),
    ssh_port INTEGER,
    template TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('making', 'ready', 'gone')),
    operation TEXT NOT NULL,
    created_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX instances_by_name ON instances (server, name) WHERE state <> 'gone';
CREATE UNIQUE INDEX instances_by_port ON instances (server, ssh_port) WHERE state <> 'gone';
CREATE INDEX instances_by_member ON instances (member_id)
"""

RESERVATIONS = """
CREATE TABLE reservations (
    id INTEGER PRIMARY KEY,
    booking INTEGER NOT NULL,
    host TEXT NOT NULL,
    uuid TEXT NOT NULL,
    member_id INTEGER NOT NULL REFERENCES members (id),
    start_at INTEGER NOT NULL,
    end_at INTEGER NOT NULL,
    memory_bytes INTEGER CHECK (memory_bytes > 0),
    note TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('booking', 'maintenance', 'offer')),
    state TEXT NOT NULL CHECK (state IN ('standing', 'cancelled')),
    origin TEXT,
    created_at INTEGER NOT NULL,
    CHECK (end_at > start_at),
    FOREIGN KEY (host, uuid) REFERENCES cards (host, uuid)
);
CREATE INDEX reservations_by_end ON reservations (end_at) WHERE state = 'standing';
CREATE INDEX reservations_by_card ON reservations (host, uuid, end_at) WHERE state = 'standing';
CREATE INDEX reservations_by_member ON reservations (member_id, end_at);
CREATE INDEX reservations_by_booking ON reservations (booking);
CREATE UNIQUE INDEX reservations_by_origin ON reservations (origin, host, uuid) WHERE origin IS NOT NULL
"""

# The second lock: whatever process writes, with whatever bug, no instant of a card is promised twice.
NO_OVERLAP = """
CREATE TRIGGER reservations_no_overlap_on_{event} BEFORE {event} ON reservations WHEN NEW.state = 'standing'
BEGIN
    SELECT RAISE(ABORT, 'overlap: the card is promised at that time')
    WHERE EXISTS (
        SELECT 1 FROM reservations r
        WHERE r.host = NEW.host AND r.uuid = NEW.uuid AND r.state = 'standing' AND r.id IS NOT NEW.id
          AND r.end_at > NEW.start_at AND r.start_at < NEW.end_at
          AND (r.memory_bytes IS NULL OR NEW.memory_bytes IS NULL)
    );
    SELECT RAISE(ABORT, 'overlap: more memory would be promised than the card has')
    WHERE NEW.memory_bytes IS NOT NULL AND EXISTS (
        SELECT 1 FROM (
            SELECT NEW.start_at AS instant
            UNION
            SELECT r.start_at FROM reservations r
            WHERE r.host = NEW.host AND r.uuid = NEW.uuid AND r.state = 'standing' AND r.id IS NOT NEW.id
              AND r.end_at > NEW.start_at AND r.start_at > NEW.start_at AND r.start_at < NEW.end_at
        ) moments
        WHERE NEW.memory_bytes + (
            SELECT COALESCE(SUM(r.memory_bytes), 0) FROM reservations r
            WHERE r.host = NEW.host AND r.uuid = NEW.uuid AND r.state = 'standing' AND r.id IS NOT NEW.id
              AND r.end_at > moments.instant AND r.start_at <= moments.instant
        ) > (SELECT COALESCE(c.memory_total_bytes, 0) FROM cards c WHERE c.host = NEW.host AND c.uuid = NEW.uuid)
    );
END
"""

DRAFTS = """
CREATE TABLE drafts (
    id INTEGER PRIMARY KEY,
    member_id INTEGER NOT NULL REFERENCES members (id),
    content TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    booking INTEGER
)
"""

POST = """
CREATE TABLE inbox (
    update_id INTEGER PRIMARY KEY,
    received_at INTEGER NOT NULL,
    content TEXT,
    done_at INTEGER
);
CREATE INDEX inbox_unfinished ON inbox (update_id) WHERE done_at IS NULL;
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY,
    audience TEXT NOT NULL CHECK (audience IN ('group', 'member')),
    member_id INTEGER REFERENCES members (id),
    story TEXT,
    content TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('owed', 'sent', 'dropped')),
    attempts INTEGER NOT NULL DEFAULT 0,
    not_before INTEGER NOT NULL DEFAULT 0,
    chat_id INTEGER,
    message_id INTEGER,
    CHECK ((audience = 'member') = (member_id IS NOT NULL))
);
CREATE INDEX outbox_owed ON outbox (id) WHERE state = 'owed';
CREATE INDEX outbox_by_story ON outbox (story, audience, member_id) WHERE story IS NOT NULL
"""

RECORDS = """
CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    actor INTEGER,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    origin TEXT
);
CREATE INDEX audit_by_subject ON audit (subject);
CREATE INDEX audit_by_actor ON audit (actor, id);
CREATE TABLE facts (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE stories (
    story TEXT PRIMARY KEY,
    content TEXT NOT NULL
) WITHOUT ROWID
"""


WAITING = """
CREATE TABLE waiting (
    id INTEGER PRIMARY KEY,
    member_id INTEGER NOT NULL REFERENCES members (id),
    wish TEXT NOT NULL,
    joined_at INTEGER NOT NULL,
    lapses_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'offered', 'taken', 'left', 'passed', 'lapsed')),
    booking INTEGER,
    offered_until INTEGER,
    CHECK (state <> 'offered' OR (booking IS NOT NULL AND offered_until IS NOT NULL))
);
CREATE INDEX waiting_in_line ON waiting (id) WHERE state IN ('waiting', 'offered')
"""

# `at`: the start or end of the booking that was spoken of. A booking that is moved has another, and is told again.
REMINDERS = """
CREATE TABLE reminders (
    at INTEGER NOT NULL,
    booking INTEGER NOT NULL,
    kind TEXT NOT NULL,
    told_at INTEGER NOT NULL,
    PRIMARY KEY (at, booking, kind)
) WITHOUT ROWID
"""

# Buckets of time by their length in seconds. Sums over seconds, so that a poll adds; "highest" is NULL if never known.
USAGE = """
CREATE TABLE usage_cards (
    length INTEGER NOT NULL,
    start_at INTEGER NOT NULL,
    host TEXT NOT NULL,
    uuid TEXT NOT NULL,
    read_seconds REAL NOT NULL,
    unread_seconds REAL NOT NULL,
    load_total REAL NOT NULL,
    load_seconds REAL NOT NULL,
    load_highest REAL,
    memory_total REAL NOT NULL,
    memory_seconds REAL NOT NULL,
    memory_highest REAL,
    temperature_highest REAL,
    traced_seconds REAL NOT NULL,
    busy_seconds REAL NOT NULL,
    PRIMARY KEY (length, start_at, host, uuid)
) WITHOUT ROWID;
CREATE TABLE usage_members (
    length INTEGER NOT NULL,
    start_at INTEGER NOT NULL,
    member_id INTEGER NOT NULL,
    host TEXT NOT NULL,
    uuid TEXT NOT NULL,
    used_seconds REAL NOT NULL,
    idle_seconds REAL NOT NULL,
    PRIMARY KEY (length, start_at, member_id, host, uuid)
) WITHOUT ROWID
"""

# `content` is the whole run. `notify`: what each wants to hear of (no row: the lab's default; NULL: nothing).
# `bells`: who wants to know when a card is free.
RUNS = """
CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    member_id INTEGER NOT NULL REFERENCES members (id) ON DELETE CASCADE,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    content TEXT NOT NULL
);
CREATE INDEX runs_open ON runs (id) WHERE ended_at IS NULL;
CREATE INDEX runs_by_member ON runs (member_id, started_at);
CREATE INDEX runs_by_start ON runs (started_at);
CREATE TABLE notify (
    member_id INTEGER PRIMARY KEY REFERENCES members (id) ON DELETE CASCADE,
    at_least_seconds INTEGER
);
CREATE TABLE bells (
    member_id INTEGER NOT NULL REFERENCES members (id) ON DELETE CASCADE,
    host TEXT NOT NULL,
    uuid TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    PRIMARY KEY (member_id, host, uuid)
) WITHOUT ROWID
"""

# `content` is the whole case; what is looked up has a column. `allowances`: who said "it's fine with me" to whom.
CASES = """
CREATE TABLE cases (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    content TEXT NOT NULL,
    ended_at INTEGER
);
CREATE INDEX cases_by_end ON cases (ended_at);
CREATE TABLE allowances (
    member_id INTEGER NOT NULL REFERENCES members (id) ON DELETE CASCADE,
    booking INTEGER NOT NULL,
    allowed_at INTEGER NOT NULL,
    PRIMARY KEY (member_id, booking)
) WITHOUT ROWID
"""

# `detail`: what is needed to finish or undo it. The index is the second lock: one operation at a time on a container.
OPERATIONS = """
CREATE TABLE operations (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    server TEXT NOT NULL,
    name TEXT NOT NULL,
    actor INTEGER,
    origin TEXT,
    detail TEXT NOT NULL,
    step TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'undoing', 'done', 'undone')),
    why TEXT NOT NULL DEFAULT '',
    begun_at INTEGER NOT NULL,
    ended_at INTEGER,
    CHECK ((ended_at IS NULL) = (state IN ('running', 'undoing')))
);
CREATE UNIQUE INDEX operations_one_at_a_time ON operations (server, name) WHERE state IN ('running', 'undoing');
CREATE INDEX operations_by_origin ON operations (origin) WHERE origin IS NOT NULL
"""

# `account`: who logs in to it, where that is not its member's Unix name. `ports`: the proxy devices it had.
LEAVING = """
ALTER TABLE members ADD COLUMN left_at INTEGER;
ALTER TABLE instances ADD COLUMN account TEXT;
CREATE TABLE archives (
    id INTEGER PRIMARY KEY,
    server TEXT NOT NULL,
    name TEXT NOT NULL,
    original TEXT NOT NULL,
    member_id INTEGER NOT NULL REFERENCES members (id),
    ssh_port INTEGER,
    template TEXT NOT NULL,
    account TEXT,
    ports TEXT NOT NULL,
    archived_at INTEGER NOT NULL,
    keep_until INTEGER NOT NULL,
    offered_at INTEGER,
    state TEXT NOT NULL CHECK (state IN ('kept', 'restored', 'deleted'))
);
CREATE UNIQUE INDEX archives_by_name ON archives (server, name) WHERE state = 'kept'
"""


# Host ports that containers hold beside the one for SSH.
EXTRA_PORTS = """
CREATE TABLE extra_ports (
    server TEXT NOT NULL,
    port INTEGER NOT NULL,
    name TEXT NOT NULL,
    target INTEGER NOT NULL,
    held_at INTEGER NOT NULL,
    PRIMARY KEY (server, port),
    UNIQUE (server, name, target)
) WITHOUT ROWID
"""
