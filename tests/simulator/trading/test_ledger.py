"""The ledger: kept as a whole, lost as a whole, found again in the file."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mt5web_async.enums import DealType
from mt5web_async.errors import NotFound
from mt5web_async.protocol.records import Deal, Order, Position
from mt5web_async.simulator.market.quotes import RawQuote
from mt5web_async.simulator.switches import Switches
from mt5web_async.simulator.trading.accounts import AccountPlan, Terms
from mt5web_async.simulator.trading.exchange import Exchange
from mt5web_async.simulator.trading.ledger import Ledger, LedgerUnusable
from mt5web_async.simulator.trading.tables.counters import TicketsExhausted

from .house import commission

PLAN = AccountPlan(
    login=7, order_limit=3, position_limit=4, agent=9, commissions=(commission(3.5),)
)


class Spilled(Exception):
    """Something that goes wrong in the middle of a transaction."""


@pytest.fixture
def ledger() -> Ledger:
    """With account 7."""
    made = Ledger(first_order=11, first_deal=21)
    with made.transaction():
        made.accounts.open(PLAN, b"main", b"investor")
    return made


def fill(ledger: Ledger) -> None:
    """A bit of everything."""
    ledger.positions.put(7, Position(position_id=3, symbol="EURUSD", volume=5))
    ledger.orders.put(7, Order(order=ledger.order_tickets.take(), symbol="EURUSD"))
    ledger.orders.put(7, Order(order=ledger.order_tickets.take(), time_done=50))
    ledger.orders.archive(7, Order(order=12, time_done=50, state=4))
    deal = ledger.deal_tickets.take()
    ledger.deals.add(7, Deal(deal=deal, time_create=60, action=DealType.BALANCE))
    ledger.accounts.block(7, "Commission", 8, -3.5)
    state = ledger.accounts.state(7)
    money = state.account._replace(balance=12.5)
    ledger.accounts.put_state(7, state._replace(account=money))
    ledger.accounts.put_terms(7, Terms(order_limit=1))
    ledger.accounts.next_transaction(7)
    ledger.marks.put("day", 99)
    ledger.quotes.put([("EURUSD", RawQuote(1.1, 1.2, 1.15, 4))])


def clear(ledger: Ledger) -> None:
    """Take most of it away again."""
    ledger.positions.drop(7, 3)
    ledger.orders.archive(7, Order(order=11, time_done=70))
    ledger.accounts.block(7, "Commission", 8, 0.0)


def spoil(ledger: Ledger, work: Callable[[Ledger], object]) -> None:
    """Work in a transaction that fails in the end."""
    with ledger.transaction():
        work(ledger)
        raise Spilled


def everything(ledger: Ledger) -> tuple[object, ...]:
    accounts = ledger.accounts
    return (
        accounts.logins(),
        accounts.state(7),
        accounts.terms(7),
        accounts.passwords(7),
        accounts.blocked(7),
        ledger.positions.of(7),
        ledger.orders.of(7),
        ledger.orders.history(7, 0, 100),
        ledger.deals.history(7, 0, 100),
        ledger.marks.get("day"),
        ledger.quotes.all(),
    )


def test_what_is_kept_is_found_again_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "books.db"
    ledger = Ledger(path, first_order=11, first_deal=21)
    with ledger.transaction():
        ledger.accounts.open(PLAN, b"main", b"investor")
        fill(ledger)
    kept = everything(ledger)
    ledger.close()
    again = Ledger(path, first_order=1, first_deal=1)
    assert everything(again) == kept
    assert again.order_tickets.take() == 13
    assert again.deal_tickets.take() == 22
    assert again.accounts.next_transaction(7) == 2
    again.close()


def test_what_an_exception_leaves_behind_is_undone(ledger: Ledger) -> None:
    before = everything(ledger)
    with pytest.raises(Spilled):
        spoil(ledger, fill)
    assert everything(ledger) == before
    assert ledger.order_tickets.take() == 11
    assert ledger.deal_tickets.take() == 21
    assert ledger.accounts.next_transaction(7) == 1


def test_what_was_there_before_survives_the_undoing(ledger: Ledger) -> None:
    with ledger.transaction():
        fill(ledger)
    before = everything(ledger)
    with pytest.raises(Spilled):
        spoil(ledger, clear)
    assert everything(ledger) == before


def test_an_account_opened_in_vain_does_not_exist(ledger: Ledger) -> None:
    with pytest.raises(Spilled):
        spoil(ledger, lambda one: one.accounts.open(AccountPlan()))
    assert ledger.accounts.logins() == (7,)
    with pytest.raises(NotFound, match="no account 8"):
        ledger.accounts.state(8)
    assert ledger.accounts.passwords(8) is None


def test_a_login_exists_once(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match="account 7 exists"):
        ledger.accounts.open(PLAN)


def test_money_comes_as_a_deal_alone() -> None:
    account = PLAN.account._replace(balance=1.0)
    with pytest.raises(ValueError, match="without money"):
        AccountPlan(account=account)


def test_a_plan_does_not_show_its_passwords() -> None:
    plan = AccountPlan(password="s3cret-A", investor_password="s3cret-B")
    assert "s3cret" not in repr(plan)


def test_tickets_end_with_their_range() -> None:
    ledger = Ledger(first_order=5, first_deal=6, last_ticket=6)
    assert (ledger.order_tickets.take(), ledger.order_tickets.take()) == (5, 6)
    with pytest.raises(TicketsExhausted, match="no order ticket beyond 6"):
        ledger.order_tickets.take()
    assert ledger.deal_tickets.take() == 6


def test_positions_and_orders_come_by_ticket(ledger: Ledger) -> None:
    for ticket in (9, 4, 6):
        ledger.positions.put(7, Position(position_id=ticket))
        ledger.orders.put(7, Order(order=ticket))
    assert [one.position_id for one in ledger.positions.of(7)] == [4, 6, 9]
    assert [one.order for one in ledger.orders.of(7)] == [4, 6, 9]
    assert ledger.positions.get(7, 6) == Position(position_id=6)
    assert ledger.positions.get(8, 6) is None


def test_a_span_of_history_holds_both_its_ends(ledger: Ledger) -> None:
    for ticket, time in enumerate((10, 20, 30), 1):
        ledger.deals.add(7, Deal(deal=ticket, time_create=time))
        ledger.orders.put(7, Order(order=ticket))
        ledger.orders.archive(7, Order(order=ticket, time_done=time))
    deals = ledger.deals.history(7, 10, 20)
    orders = ledger.orders.history(7, 20, 30)
    assert [one.deal for one in deals] == [1, 2]
    assert [one.order for one in orders] == [2, 3]
    assert ledger.deals.history(8, 0, 100) == []


@pytest.mark.skipif(sys.platform == "win32", reason="files have no such modes there")
def test_nobody_else_may_read_the_file(tmp_path: Path) -> None:
    path = tmp_path / "books.db"
    Ledger(path).close()
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_is_one_servers_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "books.db"
    first = Ledger(path)
    with pytest.raises(LedgerUnusable, match="database is locked"):
        Ledger(path)
    first.close()
    Ledger(path).close()


def test_no_password_lies_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "books.db"
    ledger = Ledger(path)
    secret = "Very-Secret-1"
    Exchange(ledger, {}, Switches()).open_account(AccountPlan(password=secret))
    ledger.close()
    with sqlite3.connect(path) as base:
        (stored,) = base.execute("SELECT password FROM accounts").fetchone()
    base.close()
    assert secret.encode() not in stored
    assert all(secret.encode() not in one.read_bytes() for one in tmp_path.iterdir())
