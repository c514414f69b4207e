"""Account, positions and orders, as messages leave them."""

from __future__ import annotations

import pytest

from mt5web_async.enums import OrderState, OrderType, TransactionKind, TransactionType
from mt5web_async.events import (
    DealAdded,
    Event,
    OrderChanged,
    OrderDone,
    PositionClosed,
)
from mt5web_async.protocol.records import (
    ORDER_TRANSACTION,
    Deal,
    DealTransaction,
    Order,
    OrderTransaction,
    Position,
)
from mt5web_async.protocol.responses import (
    AccountState,
    DealGroup,
    write_account,
    write_deal_group,
    write_positions,
)
from mt5web_async.terminal.account import Held, Holdings, Sight
from tests.calculation.scenes import account, buy, order, pair, sell

EURUSD = pair("EURUSD")
LONG = buy(EURUSD, 1.0, 1.1)
SHORT = sell(EURUSD, 1.0, 1.2)
WAITING = order(EURUSD, OrderType.BUY_LIMIT, 1.0, 1.0)
GONE = LONG._replace(volume=0)


def account_payload(balance: float = 1000.0, leverage: int = 100) -> memoryview:
    state = AccountState(account(balance=balance, leverage=leverage))
    return memoryview(write_account(state))


def opened(*positions: Position, orders: tuple[Order, ...] = ()) -> Holdings:
    """Holdings after a login."""
    holdings = Holdings()
    holdings.expect_snapshot()
    holdings.take_account(account_payload())
    holdings.take_positions(memoryview(write_positions(positions, orders)))
    return holdings


def deal(
    position: Position, balance: float, *further: Position, ticket: int = 7
) -> memoryview:
    """A deal that leaves these positions and this balance behind."""
    transaction = DealTransaction(
        kind=TransactionKind.DEAL,
        deal=Deal(deal=ticket, symbol=position.symbol),
        position=position,
        balance=balance,
        credit=50.0,
        commission_daily=-2.0,
    )
    return memoryview(write_deal_group(DealGroup(transaction, (), further)))


def order_change(
    one: Order,
    kind: TransactionType = TransactionType.ADD,
    of: TransactionKind = TransactionKind.ORDER,
) -> memoryview:
    transaction = OrderTransaction(kind=of, transaction_type=kind, order=one)
    return memoryview(ORDER_TRANSACTION.write(transaction))


def heard(holdings: Holdings) -> list[tuple[type[Event], Held]]:
    """What is told from now on, and what the account had at that moment."""
    told: list[tuple[type[Event], Held]] = []
    holdings.listen(lambda event: told.append((type(event), holdings.now)))
    return told


def test_a_deal_changes_position_and_money_at_once() -> None:
    holdings = opened(LONG)
    told = heard(holdings)
    holdings.take_transactions(deal(GONE, 1234.5))
    assert [kind for kind, _ in told] == [PositionClosed, DealAdded]
    for _, held in told:
        assert not held.positions
        assert held.state.account.balance == 1234.5


def test_both_positions_of_a_close_by_go_at_once() -> None:
    holdings = opened(LONG, SHORT)
    told = heard(holdings)
    holdings.take_transactions(deal(GONE, 1000.0, SHORT._replace(volume=0)))
    assert [kind for kind, _ in told] == [PositionClosed, PositionClosed, DealAdded]
    assert all(not held.positions for _, held in told)


def test_what_was_seen_before_a_message_stays_as_it_was() -> None:
    holdings = opened(LONG)
    before = holdings.now
    holdings.take_transactions(deal(GONE, 1234.5))
    assert list(before.positions) == [LONG.position_id]
    assert before.state.account.balance == 1000.0


def test_who_waits_for_a_deal_finds_what_it_changed() -> None:
    holdings = opened()
    expectation = holdings.expect()
    found: list[Held] = []
    came = expectation.want([(Sight.DEAL, 7), (Sight.POSITION, LONG.position_id)])
    came.add_done_callback(lambda _: found.append(holdings.now))
    holdings.take_transactions(deal(LONG, 990.0))
    assert [(*held.positions, held.state.account.balance) for held in found] == [
        (LONG.position_id, 990.0)
    ]


def test_a_deal_on_an_unknown_position_moves_money_only() -> None:
    holdings = opened(SHORT)
    told = heard(holdings)
    holdings.take_transactions(deal(GONE, 900.0))
    assert [kind for kind, _ in told] == [DealAdded]
    assert list(holdings.positions) == [SHORT.position_id]
    assert (holdings.account.balance, holdings.account.credit) == (900.0, 50.0)


def test_a_position_without_a_ticket_is_that_of_its_symbol() -> None:
    holdings = opened(LONG)
    holdings.take_transactions(deal(GONE._replace(position_id=0), 1000.0))
    assert not holdings.positions


def test_orders_come_change_and_go() -> None:
    holdings = opened(orders=(WAITING,))
    told = heard(holdings)
    moved = WAITING._replace(price_order=0.9)
    holdings.take_transactions(order_change(moved, TransactionType.UPDATE))
    assert holdings.orders[WAITING.order].price_order == 0.9
    holdings.take_transactions(order_change(moved, TransactionType.DELETE))
    done = moved._replace(state=int(OrderState.CANCELED))
    history = order_change(done, of=TransactionKind.HISTORY_ORDER)
    holdings.take_transactions(history)
    assert not holdings.orders
    assert [kind for kind, _ in told] == [OrderChanged, OrderDone]


def test_a_pushed_account_brings_conditions_and_money() -> None:
    holdings = opened(LONG)
    holdings.take_account_change(account_payload(500.0, leverage=30))
    assert (holdings.account.balance, holdings.account.leverage) == (500.0, 30)
    assert list(holdings.positions) == [LONG.position_id]


def test_what_is_pushed_while_a_snapshot_is_on_its_way_is_newer() -> None:
    holdings = opened(LONG)
    holdings.expect_snapshot()
    holdings.take_transactions(deal(GONE, 1234.5))
    holdings.take_transactions(order_change(WAITING))
    holdings.take_account(account_payload(1000.0))
    holdings.take_positions(memoryview(write_positions((LONG, SHORT), ())))
    assert list(holdings.positions) == [SHORT.position_id]
    assert list(holdings.orders) == [WAITING.order]
    assert holdings.account.balance == 1234.5


@pytest.mark.parametrize("newer", [True, False])
def test_the_newer_record_of_a_position_counts(newer: bool) -> None:
    holdings = opened()
    holdings.expect_snapshot()
    pushed = LONG._replace(sl=1.05, time_update=100)
    holdings.take_transactions(deal(pushed, 1000.0))
    told = LONG._replace(sl=1.01, time_update=101 if newer else 99)
    holdings.take_positions(memoryview(write_positions((told,), ())))
    assert holdings.positions[LONG.position_id].sl == (1.01 if newer else 1.05)
