"""Magic numbers and outcomes outlive the process that knew them."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mt5web.journal import Journal
from mt5web_async.enums import OrderType, Reason, Retcode, TradeAction
from mt5web_async.errors import JournalFailed
from mt5web_async.protocol.records import Deal, Order, Position, TradeRequest
from mt5web_async.terminal.fate import (
    AccountKey,
    Executed,
    NotExecuted,
    Sending,
    Unknown,
)
from mt5web_async.terminal.journal import settle_entries
from mt5web_async.terminal.traces import Known

T = 1_773_136_800  # s
LOT = 100_000_000
ACCOUNT = AccountKey("Demo", 7)
BUY = TradeRequest(
    action_id=1000,
    action=TradeAction.MARKET,
    symbol="EURUSD",
    volume=LOT,
    digits=5,
    type=OrderType.BUY,
    price_order=1.1,
    comment="grid",
)
POSITION = Position(
    position_id=1001,
    order=1001,
    symbol="EURUSD",
    volume=LOT,
    comment="grid",
    reason=Reason.WEB,
    time_create=T + 1,
)
ORDER = Order(
    order=1001,
    symbol="EURUSD",
    volume_initial=LOT,
    state=4,
    comment="grid",
    reason=Reason.WEB,
    time_setup=T + 1,
    position_id=1001,
)
DEAL = Deal(
    deal=501,
    order=1001,
    symbol="EURUSD",
    volume=LOT,
    comment="grid",
    reason=Reason.WEB,
    time_create=T + 1,
    position_id=1001,
)
KNOWN = Known(
    now_msc=(T + 1000) * 1000,
    positions=[POSITION],
    history=[ORDER],
    deals=[DEAL],
    since=T - 9000,
)


def sent(magic: int, request: TradeRequest = BUY, **more: Any) -> Sending:
    more.setdefault("account", ACCOUNT)
    more.setdefault("newest_order", 900)
    return Sending(time_msc=T * 1000, request=request, magic=magic, **more)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "journal.sqlite3"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    journal = Journal(path)
    yield journal
    journal.close()


@pytest.fixture
def later(path: Path, journal: Journal) -> Iterator[Journal]:
    """The same journal in what counts as another process."""
    later = Journal(path)
    yield later
    later.close()


def test_magic_numbers_are_known_by_ticket(journal: Journal, later: Journal) -> None:
    number = journal.sending(sent(234000))
    journal.finish(number, Executed(order=1001, deal=501))
    for known in journal, later:
        magic = known.magics(ACCOUNT)
        assert [magic(POSITION), magic(ORDER), magic(DEAL)] == [234000] * 3


def test_a_request_is_noted_before_anything_is_known_of_it(
    journal: Journal, path: Path
) -> None:
    journal.sending(sent(7, original='{"volume": 1.0}'))
    with sqlite3.connect(path) as base:
        row = base.execute(
            "SELECT state, action_id, sent_msc, symbol, volume, type, price, comment,"
            " magic, server, login, original FROM requests"
        ).fetchone()
    base.close()
    assert row == (
        *("sending", 1000, T * 1000, "EURUSD", LOT, 0, 1.1, "grid"),
        *(7, "Demo", 7, '{"volume": 1.0}'),
    )


def test_entries_come_back_as_they_were(journal: Journal, later: Journal) -> None:
    request = BUY._replace(position=2**64 - 1, price_order=float("inf"))
    sending = sent(2**64 - 1, request, hedging=False, original="☃")
    fate = Executed(order=1, deal=2, position=2**64 - 1, volume=3, price=1.5)
    number = journal.sending(sending)
    journal.finish(number, fate)
    (entry,) = later.recent(ACCOUNT, 5)
    assert entry == later.entry(number) == later.by_order(ACCOUNT, 1)
    assert (entry.sending, entry.fate, entry.own) == (sending, fate, False)
    (own,) = journal.recent(ACCOUNT, 5)
    assert own.own


@pytest.mark.parametrize(
    "fate",
    [
        NotExecuted(retcode=Retcode.NO_MONEY, why="No money"),
        NotExecuted(retcode=Retcode.REJECT, order=5, settled=True),
        Executed(order=5, settled=True),
        Unknown(why="the connection broke"),
    ],
    ids=str,
)
def test_fates_come_back_as_they_were(
    journal: Journal, fate: Executed | NotExecuted | Unknown
) -> None:
    number = journal.sending(sent(1))
    journal.finish(number, fate)
    entry = journal.entry(number)
    assert entry is not None
    assert entry.fate == fate


def test_a_closing_deal_has_the_magic_of_its_own_order(journal: Journal) -> None:
    journal.finish(journal.sending(sent(1)), Executed(order=1001))
    closing = BUY._replace(type=OrderType.SELL, position=1001)
    journal.finish(journal.sending(sent(2, closing)), Executed(order=1002))
    out = DEAL._replace(deal=502, order=1002, action=1, entry=1)
    magic = journal.magics(ACCOUNT)
    assert [magic(DEAL), magic(out), magic(POSITION)] == [1, 2, 1]


@pytest.mark.parametrize("reason", [Reason.SL, Reason.TP, Reason.SO])
def test_what_a_server_does_by_itself_has_the_magic_of_the_position(
    journal: Journal, reason: Reason
) -> None:
    journal.finish(journal.sending(sent(1)), Executed(order=1001))
    stop = Deal(deal=502, order=1002, action=1, position_id=1001, reason=reason)
    order = Order(order=1002, type=1, position_id=1001, reason=reason)
    by_hand = stop._replace(reason=Reason.MOBILE)
    magic = journal.magics(ACCOUNT)
    assert [magic(stop), magic(order), magic(by_hand)] == [1, 1, 0]


def test_a_turned_position_has_the_magic_of_the_order_that_turned_it(
    journal: Journal,
) -> None:
    journal.finish(journal.sending(sent(1)), Executed(order=1001))
    journal.finish(journal.sending(sent(2)), Executed(order=1002))
    turned = POSITION._replace(position_id=1002, expert_position_id=1001)
    moved = POSITION._replace(position_id=5, order=5, expert_position_id=1001)
    magic = journal.magics(ACCOUNT)
    assert [magic(turned), magic(moved)] == [2, 1]


def test_changing_an_order_does_not_change_its_magic(journal: Journal) -> None:
    placing = BUY._replace(action=TradeAction.PENDING, type=OrderType.BUY_LIMIT)
    journal.finish(journal.sending(sent(1, placing)), Executed(order=1001))
    for action in TradeAction.MODIFY, TradeAction.REMOVE:
        change = BUY._replace(action=action, order=1001)
        journal.finish(journal.sending(sent(2, change)), Executed(order=1001))
    assert journal.magics(ACCOUNT)(ORDER) == 1


def test_what_the_server_tells_comes_first(journal: Journal) -> None:
    journal.finish(journal.sending(sent(1)), Executed(order=1001))
    magic = journal.magics(ACCOUNT)
    assert magic(ORDER._replace(expert=9)) == 9
    assert magic(ORDER._replace(expert=-1)) == 2**64 - 1


@pytest.mark.parametrize(
    "other", [AccountKey("Live", 7), AccountKey("Demo", 8)], ids=str
)
def test_tickets_count_within_one_account(journal: Journal, other: AccountKey) -> None:
    journal.finish(journal.sending(sent(1)), Executed(order=1001))
    journal.sending(sent(2))
    assert journal.magics(other)(ORDER) == 0
    assert not journal.unsettled(other)
    assert not journal.claimed(other)


def test_an_order_is_known_before_its_answer_came(journal: Journal) -> None:
    journal.sending(sent(1))
    magic = journal.magics(ACCOUNT)
    assert [magic(POSITION), magic(ORDER), magic(DEAL)] == [1, 1, 1]
    assert magic(ORDER._replace(order=1002, symbol="GBPUSD")) == 0
    assert magic(ORDER._replace(order=899)) == 0


def test_requests_under_way_share_out_the_orders_they_fit_to(journal: Journal) -> None:
    for magic_number in 1, 2:
        journal.sending(sent(magic_number))
    magic = journal.magics(ACCOUNT)
    orders = [ORDER._replace(order=t, position_id=t) for t in (1001, 1002, 1003)]
    assert [magic(order) for order in orders] == [1, 2, 0]
    assert magic(DEAL._replace(order=1002, position_id=1002)) == 2


def test_unknown_ends_are_settled_by_what_is_there(
    journal: Journal, later: Journal
) -> None:
    number = journal.sending(sent(1))
    journal.finish(number, Unknown(why="the connection broke"))
    (settled,) = settle_entries(journal, ACCOUNT, KNOWN)
    assert settled.number == number
    entry = later.entry(number)
    assert entry is not None
    assert entry.fate == settled.fate
    assert isinstance(entry.fate, Executed)
    assert (entry.fate.order, entry.fate.deal, entry.fate.settled) == (1001, 501, True)
    assert not journal.unsettled(ACCOUNT)


def test_what_another_process_left_behind_is_settled(
    journal: Journal, later: Journal
) -> None:
    journal.sending(sent(1))
    assert not settle_entries(journal, ACCOUNT, KNOWN), "it is under way here"
    assert len(settle_entries(later, ACCOUNT, KNOWN)) == 1
    assert journal.magics(ACCOUNT)(POSITION) == 1


def test_what_was_looked_for_in_vain_gives_way_to_its_twin(
    journal: Journal, later: Journal
) -> None:
    lost = journal.sending(sent(1))
    soon = Known(now_msc=(T + 5) * 1000, since=T - 9000)
    assert not settle_entries(journal, ACCOUNT, soon, numbers=[lost])
    journal.finish(lost, Unknown())
    twin = journal.sending(sent(2))
    assert later.magics(ACCOUNT)(ORDER) == 2
    journal.finish(twin, Unknown())
    settled = settle_entries(journal, ACCOUNT, KNOWN)
    assert [type(entry.fate) for entry in settled] == [NotExecuted, Executed]


def test_only_what_had_ended_before_counts_as_looked_for_in_vain(
    journal: Journal,
) -> None:
    lost, late = journal.sending(sent(1)), journal.sending(sent(2))
    for number in lost, late:
        journal.finish(number, Unknown())
    soon = Known(now_msc=(T + 5) * 1000, since=T - 9000)
    assert not settle_entries(journal, ACCOUNT, soon, numbers=[lost])
    missed = [entry.sending.missed for entry in journal.unsettled(ACCOUNT)]
    assert missed == [True, False]


def test_nobody_asks_after_a_month_what_became_of_a_request(
    journal: Journal, later: Journal
) -> None:
    moments = [1000 * (T + days * 86_400) for days in (0, 2, 31)]
    for moment in moments:
        later.sending(replace(sent(1), time_msc=moment))
    left = [entry.sending.time_msc for entry in journal.unsettled(ACCOUNT)]
    assert left == moments[1:]


def test_a_settled_order_is_not_given_away_again(
    journal: Journal, later: Journal
) -> None:
    for magic_number in 1, 2:
        journal.sending(sent(magic_number))
    settled = settle_entries(later, ACCOUNT, KNOWN)
    assert [type(entry.fate) for entry in settled] == [Executed, NotExecuted]
    assert not settle_entries(later, ACCOUNT, KNOWN)
    assert later.magics(ACCOUNT)(ORDER) == 1


def test_what_the_server_told_wins_over_conclusions(
    journal: Journal, later: Journal
) -> None:
    first, second = journal.sending(sent(1)), journal.sending(sent(2))
    later.finish(first, Executed(order=1001, settled=True))
    assert later.magics(ACCOUNT)(ORDER) == 1
    journal.finish(second, Executed(order=1001))
    assert later.magics(ACCOUNT)(ORDER) == 2
    (open_one,) = later.unsettled(ACCOUNT)
    assert open_one.number == first
    later.finish(second, NotExecuted(retcode=Retcode.TIMEOUT, settled=True))
    later.finish(first, Executed(order=1001, settled=True))
    assert later.magics(ACCOUNT)(ORDER) == 2


def test_a_late_conclusion_does_not_undo_an_answer(journal: Journal) -> None:
    number = journal.sending(sent(1))
    journal.finish(number, Executed(order=1001))
    journal.finish(number, Unknown())
    entry = journal.entry(number)
    assert entry is not None
    assert entry.fate == Executed(order=1001)


def test_tags_in_comments_count_where_nothing_else_is_known(path: Path) -> None:
    record = Order(order=5, comment="~ysCS~grid")
    plain = Journal(path)
    tags = Journal(path, read_tags=True)
    try:
        assert plain.magics(ACCOUNT)(record) == 0
        assert tags.magics(ACCOUNT)(record) == 234000
        plain.finish(plain.sending(sent(1)), Executed(order=5))
        assert tags.magics(ACCOUNT)(record) == 1
    finally:
        plain.close()
        tags.close()


def test_magic_numbers_beyond_those_in_memory_are_looked_up(
    journal: Journal, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for ticket in range(1, 10):
        journal.finish(journal.sending(sent(ticket)), Executed(order=ticket))
    monkeypatch.setattr("mt5web.journal.REMEMBERED", 3)
    fresh = Journal(path)
    try:
        for ticket in range(10, 15):
            magic = fresh.magics(ACCOUNT)
            assert len(magic.by_order) == 3
            assert [magic(Order(order=t)) for t in range(1, ticket + 2)] == [
                *range(1, ticket),
                0,
                0,
            ]
            fresh.finish(fresh.sending(sent(ticket)), Executed(order=ticket))
    finally:
        fresh.close()


def test_the_oldest_entries_give_way(journal: Journal, path: Path) -> None:
    unknown = journal.sending(sent(1))
    for ticket in range(5):
        journal.finish(journal.sending(sent(1)), Executed(order=ticket))
    Journal(path, keep=2).close()
    numbers = [entry.number for entry in journal.recent(ACCOUNT, 10)]
    assert numbers == [unknown, 5, 6]


def test_a_file_that_is_no_journal_is_refused(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"something else" * 100)
    with pytest.raises(JournalFailed, match=r"journal\.sqlite3"):
        Journal(path)


def test_a_journal_of_a_newer_version_is_refused(path: Path) -> None:
    Journal(path).close()
    base = sqlite3.connect(path)
    base.execute("PRAGMA user_version = 99")
    base.close()
    with pytest.raises(JournalFailed, match="version 99"):
        Journal(path)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(JournalFailed):
        Journal(tmp_path / "file" / "journal.sqlite3")


def test_a_closed_journal_says_so(path: Path) -> None:
    journal = Journal(path)
    journal.close()
    journal.close()
    with pytest.raises(JournalFailed, match="closed"):
        journal.sending(sent(1))


def test_what_was_read_before_is_known_when_the_file_fails(
    journal: Journal, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    journal.finish(journal.sending(sent(7)), Executed(order=1001))
    assert journal.magics(ACCOUNT)(POSITION) == 7
    journal.close()
    assert journal.magics(ACCOUNT)(POSITION) == 7
    assert f"journal {path}" in caplog.text
    with pytest.raises(JournalFailed):
        journal.magics(AccountKey("Demo", 8))


def test_others_cannot_read_the_file(journal: Journal, path: Path) -> None:
    journal.sending(sent(1))
    for file in path.parent.iterdir():
        assert file.stat().st_mode & 0o077 == 0


def test_many_threads_may_write(journal: Journal) -> None:
    def trade(ticket: int) -> None:
        journal.finish(journal.sending(sent(ticket)), Executed(order=ticket))
        assert journal.magics(ACCOUNT)(Order(order=ticket)) == ticket

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(trade, range(1, 200)))
    magic = journal.magics(ACCOUNT)
    assert [magic(Order(order=t)) for t in range(1, 200)] == list(range(1, 200))


SCRIPT = """
import os, signal, sys
from pathlib import Path
from mt5web.journal import Journal
from tests.journal.test_journal import ACCOUNT, Executed, sent

journal = Journal(Path(sys.argv[1]))
"""


def start(path: Path, work: str) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", SCRIPT + textwrap.dedent(work), str(path)],
        stdout=subprocess.PIPE,
        text=True,
    )


def test_several_processes_may_write_at_once(path: Path) -> None:
    work = """
        for ticket in range({first}, {first} + 50):
            journal.finish(journal.sending(sent(ticket)), Executed(order=ticket))
    """
    processes = [start(path, work.format(first=n * 100)) for n in (1, 2, 3)]
    for process in processes:
        process.communicate(timeout=60)
        assert process.returncode == 0
    journal = Journal(path)
    magic = journal.magics(ACCOUNT)
    tickets = [n * 100 + i for n in (1, 2, 3) for i in range(50)]
    assert [magic(Order(order=ticket)) for ticket in tickets] == tickets
    journal.close()


@pytest.mark.skipif(sys.platform == "win32", reason="there is no kill -9")
def test_a_request_is_known_when_its_process_was_killed_after_sending_it(
    path: Path,
) -> None:
    process = start(
        path,
        """
        journal.sending(sent(234000))
        os.kill(os.getpid(), signal.SIGKILL)
        """,
    )
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    journal = Journal(path)
    magic = journal.magics(ACCOUNT)
    assert [magic(POSITION), magic(ORDER), magic(DEAL)] == [234000] * 3
    (entry,) = settle_entries(journal, ACCOUNT, KNOWN)
    assert isinstance(entry.fate, Executed)
    assert entry.fate.order == 1001
    journal.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_fork_has_a_journal_of_its_own(path: Path) -> None:
    process = start(
        path,
        """
        journal.sending(sent(1))
        if os.fork() == 0:
            left = journal.unsettled(ACCOUNT)
            journal.finish(journal.sending(sent(2)), Executed(order=2))
            os._exit(0 if [e.sending.magic for e in left] == [1] else 1)
        assert os.wait()[1] == 0
        journal.finish(1, Executed(order=1))
        print(sorted(journal.claimed(ACCOUNT)))
        """,
    )
    output, _ = process.communicate(timeout=60)
    assert (process.returncode, output) == (0, "[1, 2]\n")


def test_reading_does_not_wait_for_a_writer(journal: Journal, path: Path) -> None:
    journal.finish(journal.sending(sent(1)), Executed(order=1001))
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    read = threading.Thread(target=lambda: journal.magics(ACCOUNT)(ORDER))
    read.start()
    read.join(30)
    assert not read.is_alive()
    writer.execute("ROLLBACK")
    writer.close()
