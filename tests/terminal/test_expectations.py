"""What is waited for is known to everybody when the waiting ends."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from mt5web_async.enums import TransactionKind, TransactionType
from mt5web_async.events import DealAdded, Event, OrderDone
from mt5web_async.protocol.records import (
    ORDER_TRANSACTION,
    Deal,
    DealTransaction,
    Order,
    OrderTransaction,
    Position,
)
from mt5web_async.protocol.responses import DealGroup, write_deal_group
from mt5web_async.terminal.account import Holdings, Sight


def deal(ticket: int) -> memoryview:
    transaction = DealTransaction(
        kind=TransactionKind.DEAL,
        deal=Deal(deal=ticket),
        position=Position(position_id=ticket, symbol="EURUSD", volume=1),
    )
    return memoryview(write_deal_group(DealGroup(transaction)))


def done(ticket: int) -> memoryview:
    record = OrderTransaction(
        TransactionKind.HISTORY_ORDER, 1, TransactionType.ADD, Order(order=ticket)
    )
    return memoryview(ORDER_TRANSACTION.write(record))


def test_listeners_know_a_deal_before_the_waiting_for_it_ends() -> None:
    holdings = Holdings()
    expected = holdings.expect().want([(Sight.DEAL, 501), (Sight.DONE, 7)])
    heard: list[tuple[type[Event], bool]] = []
    holdings.listen(lambda event: heard.append((type(event), expected.done())))
    holdings.take_transactions(deal(501))
    holdings.take_transactions(done(7))
    assert (DealAdded, False) in heard
    assert (OrderDone, False) in heard
    assert expected.done()


def test_no_expectation_is_lost_among_many_threads() -> None:
    holdings = Holdings()

    def wait(ticket: int) -> bool:
        expectations = [holdings.expect() for _ in range(100)]
        wanted = [one.want([(Sight.DEAL, ticket)]) for one in expectations]
        holdings.take_transactions(deal(ticket))
        for one in expectations:
            holdings.release(one)
        return all(one.done() for one in wanted)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(wait, range(1, 60)))
