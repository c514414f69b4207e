"""The table of a journal: how it is made, changed and read."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Container
from pathlib import Path
from typing import Any, Final

from mt5web_async.errors import JournalFailed
from mt5web_async.protocol.records import TradeRequest
from mt5web_async.terminal.fate import (
    MAKES_ORDER,
    AccountKey,
    Executed,
    Fate,
    NotExecuted,
    Sending,
    Unknown,
)
from mt5web_async.terminal.journal import Entry

BUSY: Final = 5.0
"""s to wait for another process that is writing."""

SETTLED_WITHIN: Final = 30 * 86_400_000
"""ms after which nobody asks any more what became of a request."""

VERSION: Final = 1
_OPEN: Final = ("sending", "unknown")
OPEN: Final = f"{_OPEN}"
"""States of requests of unknown fate."""

MAKERS: Final = f"({', '.join(str(int(action)) for action in sorted(MAKES_ORDER))})"
SCHEMA: Final = (
    """
CREATE TABLE IF NOT EXISTS requests (
    entry        INTEGER PRIMARY KEY AUTOINCREMENT,
    revision     INTEGER NOT NULL,  -- rises with every change
    server       TEXT NOT NULL,
    login        INTEGER NOT NULL,
    process      TEXT NOT NULL,     -- that sends it
    state        TEXT NOT NULL,     -- sending, executed, refused, unknown
    settled      INTEGER NOT NULL DEFAULT 0,  -- looked for, not told by the server
    sent_msc     INTEGER NOT NULL,  -- server time
    action_id    INTEGER NOT NULL,
    action       INTEGER NOT NULL,
    symbol       TEXT NOT NULL,
    volume       INTEGER NOT NULL,  -- 1e-8 lots
    type         INTEGER NOT NULL,
    price        REAL,
    comment      TEXT NOT NULL,
    magic        INTEGER NOT NULL,  -- above 2**63: less 2**64
    hedging      INTEGER NOT NULL,
    newest_order INTEGER NOT NULL,
    wire         TEXT NOT NULL,     -- the request as it was sent, a JSON array
    original     TEXT NOT NULL,     -- as it was asked for
    retcode      INTEGER NOT NULL DEFAULT 0,
    order_ticket INTEGER NOT NULL DEFAULT 0,
    deal         INTEGER NOT NULL DEFAULT 0,
    position     INTEGER NOT NULL DEFAULT 0,
    done_volume  INTEGER NOT NULL DEFAULT 0,
    done_price   REAL,
    why          TEXT NOT NULL DEFAULT ''
)
""",
    "CREATE INDEX IF NOT EXISTS requests_by_revision ON requests (revision)",
    """CREATE INDEX IF NOT EXISTS requests_by_account
        ON requests (server, login, revision)""",
    """CREATE INDEX IF NOT EXISTS requests_by_order
        ON requests (server, login, order_ticket)""",
    f"""CREATE INDEX IF NOT EXISTS requests_open
        ON requests (server, login, entry) WHERE state IN {OPEN}""",
)
_REVISION: Final = "(SELECT COALESCE(MAX(revision), 0) + 1 FROM requests)"
INSERT: Final = f"""
INSERT INTO requests (revision, server, login, process, state, sent_msc, action_id,
    action, symbol, volume, type, price, comment, magic, hedging, newest_order, wire,
    original)
VALUES ({_REVISION}, ?, ?, ?, 'sending', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""  # noqa: S608
FINISH: Final = f"""
UPDATE requests SET revision = {_REVISION}, state = :state, settled = :settled,
    retcode = :retcode, order_ticket = :order, deal = :deal, position = :position,
    done_volume = :volume, done_price = :price, why = :why
WHERE entry = :entry
"""  # noqa: S608
LEFT: Final = f"""
UPDATE requests SET revision = {_REVISION}, state = :state, retcode = :retcode,
    why = :why
WHERE entry = :entry AND state = 'sending'
"""  # noqa: S608
CONCLUDE: Final = f"""{FINISH} AND state IN {OPEN} AND (:order = 0
    OR action NOT IN {MAKERS} OR NOT EXISTS (SELECT 1 FROM requests other
        WHERE other.server = requests.server AND other.login = requests.login
        AND other.order_ticket = :order AND other.entry <> :entry
        AND other.action IN {MAKERS}))
"""  # noqa: S608
CORRECT: Final = f"""
UPDATE requests SET revision = {_REVISION}, state = 'unknown', settled = 0,
    order_ticket = 0, deal = 0, position = 0, done_volume = 0
WHERE order_ticket = :order AND entry <> :entry AND settled = 1
    AND action IN {MAKERS} AND (server, login) =
        (SELECT server, login FROM requests WHERE entry = :entry AND action IN {MAKERS})
"""  # noqa: S608
MISSED: Final = f"""
UPDATE requests SET revision = {_REVISION}, settled = 1
WHERE entry = :entry AND settled = 0 AND state IN {OPEN}
"""  # noqa: S608
PRUNE: Final = f"""
DELETE FROM requests WHERE entry <= (SELECT MAX(entry) FROM requests) - ?
    AND state NOT IN {OPEN}
"""  # noqa: S608
CHANGES: Final = f"""
SELECT revision, order_ticket, magic, action IN {MAKERS} AS makes FROM requests
WHERE server = ? AND login = ? AND revision > ? ORDER BY revision DESC LIMIT ?
"""  # noqa: S608
MADE: Final = f"server = ? AND login = ? AND order_ticket = ? AND action IN {MAKERS}"
"""Condition: the request that made an order of an account."""
UNSETTLED: Final = f"""server = ? AND login = ? AND state IN {OPEN}
    AND sent_msc > -{SETTLED_WITHIN} + (SELECT sent_msc FROM requests
        WHERE server = ? AND login = ? ORDER BY revision DESC LIMIT 1)
    ORDER BY entry
"""  # noqa: S608
"""Condition: may still be settled."""

ENTRY: Final = """
SELECT entry, server, login, process, state, settled, sent_msc, magic, hedging,
    newest_order, wire, original, retcode, order_ticket, deal, position, done_volume,
    done_price, why
FROM requests WHERE
"""
"""Columns that :func:`entry` reads; a condition follows."""

UNFINISHED: Final = f"""{ENTRY} server = ? AND login = ? AND state IN {OPEN}
    AND action IN {MAKERS} ORDER BY entry DESC LIMIT 1000
"""


def connect(path: Path) -> sqlite3.Connection:
    """Open a journal; make it, if there is none.

    Raises:
        JournalFailed: it cannot be opened, or a newer version made it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        base = sqlite3.connect(
            path, timeout=BUSY, isolation_level=None, check_same_thread=False
        )
        try:
            _prepare(base)
        except BaseException:
            base.close()
            raise
    except (sqlite3.Error, OSError) as exc:
        raise JournalFailed(f"journal {path}: {exc}") from exc
    return base


def _prepare(base: sqlite3.Connection) -> None:
    base.row_factory = sqlite3.Row
    _write_ahead(base)
    # what is committed outlives the process; a power cut may cost the last entries
    base.execute("PRAGMA synchronous = NORMAL")
    base.execute("BEGIN IMMEDIATE")
    version = base.execute("PRAGMA user_version").fetchone()[0]
    if version > VERSION:
        raise sqlite3.DatabaseError(f"it is of version {version}, newer than {VERSION}")
    for statement in SCHEMA:
        base.execute(statement)
    base.execute(f"PRAGMA user_version = {VERSION}")
    base.execute("COMMIT")


def _write_ahead(base: sqlite3.Connection) -> None:
    """Switch to the mode in which readers and a writer do not wait for each other.

    SQLite does not wait for others while it switches; so this does.
    """
    end = time.monotonic() + BUSY
    while True:
        try:
            base.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() >= end:
                raise
            time.sleep(0.01)
        else:
            return


def sending_values(sending: Sending, process: str) -> list[Any]:
    """The values for INSERT."""
    request = sending.request
    return fitting(
        *sending.account,
        process,
        sending.time_msc,
        request.action_id,
        request.action,
        request.symbol,
        request.volume,
        request.type,
        request.price_order,
        request.comment,
        sending.magic,
        sending.hedging,
        sending.newest_order,
        json.dumps(request),
        sending.original,
    )


def fate_values(number: int, fate: Fate) -> dict[str, Any]:
    """The values for LEFT, FINISH, CONCLUDE and CORRECT."""
    done = fate if isinstance(fate, Executed) else Executed()
    known = not isinstance(fate, Unknown)
    return {
        "entry": number,
        "state": _STATES[type(fate)],
        "settled": not isinstance(fate, Unknown) and fate.settled,
        "retcode": int(fate.retcode),
        "order": signed(fate.order) if known else 0,
        "deal": signed(done.deal),
        "position": signed(done.position),
        "volume": done.volume,
        "price": done.price,
        "why": "" if isinstance(fate, Executed) else fate.why,
    }


_STATES: Final[dict[type[Fate], str]] = {
    Executed: "executed",
    NotExecuted: "refused",
    Unknown: "unknown",
}


def entry(row: sqlite3.Row, process: str, awaited: Container[int]) -> Entry:
    """An entry of the table, as seen by a process that awaits some answers."""
    sending = Sending(
        account=AccountKey(row["server"], unsigned(row["login"])),
        time_msc=row["sent_msc"],
        request=TradeRequest._make(json.loads(row["wire"])),
        magic=unsigned(row["magic"]),
        original=row["original"],
        newest_order=row["newest_order"],
        hedging=bool(row["hedging"]),
        missed=bool(row["settled"]) and row["state"] in _OPEN,
    )
    fate, own = _fate(row), row["process"] == process
    waits = fate is None and row["entry"] in awaited
    if fate is None and own and not waits:
        fate = Unknown(why="interrupted")
    return Entry(
        number=row["entry"], sending=sending, fate=fate, own=own, awaited=waits
    )


def _fate(row: sqlite3.Row) -> Fate | None:
    state, settled = row["state"], bool(row["settled"])
    retcode, order, why = row["retcode"], row["order_ticket"], row["why"]
    if state == "sending":
        return None
    if state == "executed":
        return Executed(
            retcode=retcode,
            order=order,
            deal=row["deal"],
            position=unsigned(row["position"]),
            volume=row["done_volume"],
            price=row["done_price"] or 0.0,
            settled=settled,
        )
    if state == "refused":
        return NotExecuted(retcode=retcode, why=why, order=order, settled=settled)
    return Unknown(why=why)


def fitting(*values: Any) -> list[Any]:
    """Values as SQLite takes them: it has no integers beyond 63 bits."""
    return [signed(v) if isinstance(v, int) else v for v in values]


def signed(number: int) -> int:
    """A number of 64 bits as SQLite keeps it.

    >>> signed(2**64 - 1), signed(234000)
    (-1, 234000)
    """
    number &= _U64
    return number - 2**64 if number >> 63 else number


def unsigned(number: int) -> int:
    """What :func:`signed` was given."""
    return number & _U64


_U64: Final = 2**64 - 1
