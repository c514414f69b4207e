"""The account, its positions and orders, as answers and pushes tell them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TypeVar

from mt5web_async.enums import TransactionKind, TransactionType
from mt5web_async.events import (
    DealAdded,
    Event,
    Listener,
    OrderChanged,
    OrderDone,
    PositionChanged,
    PositionClosed,
)
from mt5web_async.listeners import Listeners
from mt5web_async.protocol.records import (
    Account,
    DealTransaction,
    Order,
    OrderTransaction,
    Position,
)
from mt5web_async.protocol.responses import (
    AccountState,
    DealGroup,
    read_account,
    read_positions,
    read_transactions,
)
from mt5web_async.waiting import settle

log = logging.getLogger("mt5web_async.terminal.account")

R = TypeVar("R", Position, Order)


class Sight(Enum):
    """What transactions can show of a ticket."""

    DEAL = auto()  # it was made
    ORDER = auto()  # it is open, or changed
    DONE = auto()  # the order is in the history
    POSITION = auto()  # it was opened, changed or closed


class Expectation:
    """Collects the tickets that transactions speak of, until all wanted ones came."""

    def __init__(self) -> None:
        self.came: Future[None] = Future()
        self._seen: set[tuple[Sight, int]] = set()
        self._wanted: frozenset[tuple[Sight, int]] | None = None
        self._seen_lock = threading.Lock()

    def want(self, wanted: Iterable[tuple[Sight, int]]) -> Future[None]:
        """The future completes when all of `(Sight.DEAL, 501)` and the like came."""
        with self._seen_lock:
            self._wanted = frozenset(wanted)
            complete = self._wanted <= self._seen
        if complete:
            settle(self.came, None)
        return self.came

    def see(self, sight: Sight, ticket: int) -> None:
        """A transaction spoke of this ticket, and everybody knows what it told."""
        with self._seen_lock:
            self._seen.add((sight, ticket))
            complete = self._wanted is not None and self._wanted <= self._seen
        if complete:
            settle(self.came, None)


@dataclass(slots=True)
class _Meanwhile:
    """What pushes said since a snapshot was asked for; a record of None is gone."""

    positions: dict[int, Position | None] = field(default_factory=dict)
    orders: dict[int, Order | None] = field(default_factory=dict)
    money: DealTransaction | None = None


class Holdings:
    """Account, positions and orders of the login; swapped whole, never changed.

    Written by the I/O thread only.

    Attributes:
        state: the account record with its rules; money as the last transaction left
            it.
        positions: open positions by ticket.
        orders: open orders by ticket.
    """

    def __init__(self) -> None:
        self.state = AccountState(Account())
        self.positions: Mapping[int, Position] = {}
        self.orders: Mapping[int, Order] = {}
        self._listeners: Listeners[Event] = Listeners(log)
        self._expectations: list[Expectation] = []
        self._expectations_lock = threading.Lock()
        self._meanwhile: _Meanwhile | None = None

    @property
    def account(self) -> Account:
        """The account record."""
        return self.state.account

    def listen(self, listener: Listener) -> None:
        """Call `listener(event)` on every change, in the I/O thread."""
        self._listeners.add(listener)

    def expect(self) -> Expectation:
        """Start to collect the tickets that transactions speak of."""
        expectation = Expectation()
        with self._expectations_lock:
            self._expectations = [*self._expectations, expectation]
        return expectation

    def release(self, expectation: Expectation) -> None:
        """End what :meth:`expect` began."""
        with self._expectations_lock:
            rest = [e for e in self._expectations if e is not expectation]
            self._expectations = rest

    def expect_snapshot(self) -> None:
        """A snapshot is about to be asked for: pushes from now on are newer."""
        self._meanwhile = _Meanwhile()

    def take_account(self, payload: memoryview) -> AccountState:
        """The account, whole: the answer that was asked for."""
        self.state = read_account(payload)
        if self._meanwhile is not None and self._meanwhile.money is not None:
            self._take_money(self._meanwhile.money)
        return self.state

    def take_account_change(self, payload: memoryview) -> AccountState:
        """The account, whole: pushed because something about it changed."""
        self.state = read_account(payload)
        if self._meanwhile is not None:
            self._meanwhile.money = None
        return self.state

    def take_positions(self, payload: memoryview) -> None:
        """All open positions and orders; pushes that came meanwhile are newer."""
        positions, orders = read_positions(payload)
        newer = self._meanwhile or _Meanwhile()
        self._meanwhile = None
        self.positions = _merged(
            {p.position_id: p for p in positions}, newer.positions, _position_time
        )
        self.orders = _merged({o.order: o for o in orders}, newer.orders, _order_time)

    def take_transactions(self, payload: memoryview) -> None:
        """Changes of orders, or deals with the positions and money they moved."""
        for transaction in read_transactions(payload):
            if isinstance(transaction, DealGroup):
                self._take_deals(transaction)
            else:
                self._take_order(transaction)

    def _take_order(self, transaction: OrderTransaction) -> None:
        order = transaction.order
        if transaction.kind == TransactionKind.HISTORY_ORDER:
            self.tell(OrderDone(order=order))
            self._see(Sight.DONE, order.order)
        elif transaction.transaction_type == TransactionType.DELETE:
            self._put_order(order.order, None)
        else:
            self._put_order(order.order, order)
            self.tell(OrderChanged(order=order))
            self._see(Sight.ORDER, order.order)

    def _take_deals(self, group: DealGroup) -> None:
        transaction = group.transaction
        if self._meanwhile is not None:
            self._meanwhile.money = transaction
        self._take_money(transaction)
        for position in (transaction.position, *group.positions):
            self._take_position(position)
        for deal in (transaction.deal, *group.deals):
            if deal.deal:
                self.tell(DealAdded(deal=deal))
                self._see(Sight.DEAL, deal.deal)

    def _take_money(self, transaction: DealTransaction) -> None:
        self.state = self.state._replace(
            account=self.account._replace(
                balance=transaction.balance,
                credit=transaction.credit,
                commission_daily=transaction.commission_daily,
                commission_monthly=transaction.commission_monthly,
                account_profit=transaction.account_profit,
            )
        )

    def _take_position(self, position: Position) -> None:
        """Put a position in place; volume 0 takes it away, no symbol is no position."""
        ticket = position.position_id or self.ticket_of(position.symbol)
        if not ticket:
            return
        if position.volume:
            self._put_position(ticket, position)
            self.tell(PositionChanged(position=position))
        else:
            before = self.positions.get(ticket, position)
            self._put_position(ticket, None)
            self.tell(PositionClosed(position=before))
        self._see(Sight.POSITION, ticket)

    def ticket_of(self, symbol: str) -> int:
        """The first position of a symbol, on netting accounts the only one; 0: none."""
        found = (t for t, p in self.positions.items() if symbol and p.symbol == symbol)
        return next(found, 0)

    def _put_position(self, ticket: int, position: Position | None) -> None:
        self.positions = _put(self.positions, ticket, position)
        if self._meanwhile is not None:
            self._meanwhile.positions[ticket] = position

    def _put_order(self, ticket: int, order: Order | None) -> None:
        self.orders = _put(self.orders, ticket, order)
        if self._meanwhile is not None:
            self._meanwhile.orders[ticket] = order

    def _see(self, sight: Sight, ticket: int) -> None:
        for expectation in self._expectations:
            expectation.see(sight, ticket)

    def tell(self, event: Event) -> None:
        """Pass an event on to all listeners."""
        self._listeners.tell(event)


def _put(before: Mapping[int, R], ticket: int, record: R | None) -> Mapping[int, R]:
    after = {t: r for t, r in before.items() if t != ticket}
    if record is not None:
        after[ticket] = record
    return after


def _merged(
    snapshot: dict[int, R],
    fresh: Mapping[int, R | None],
    time_of: Callable[[R], tuple[int, int]],
) -> Mapping[int, R]:
    """The snapshot with what pushes said meanwhile, unless the snapshot is newer."""
    for ticket, record in fresh.items():
        known = snapshot.get(ticket)
        if record is None:
            snapshot.pop(ticket, None)
        elif known is None or time_of(record) >= time_of(known):
            snapshot[ticket] = record
    return dict(sorted(snapshot.items()))


def _position_time(position: Position) -> tuple[int, int]:
    return position.time_update, position.time_update_ms


def _order_time(order: Order) -> tuple[int, int]:
    return order.time_done or order.time_setup, order.time_done_ms or 0
