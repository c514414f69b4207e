"""The account, its positions and orders, as answers and pushes tell them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from enum import Enum, auto
from types import MappingProxyType
from typing import Final, NamedTuple, TypeVar

from mt5web_async.calculation.plausible import plausible
from mt5web_async.enums import TransactionKind, TransactionType
from mt5web_async.errors import MalformedMessage
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

MAX_HELD: Final = 200_000
"""Most open positions, and most open orders; more are not believed."""


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


class Held(NamedTuple):
    """What an account has at one moment; it never changes.

    Attributes:
        state: the account record with its rules; money as the last transaction left
            it.
        positions: open positions by ticket.
        orders: open orders by ticket.
    """

    state: AccountState
    positions: Mapping[int, Position] = MappingProxyType({})
    orders: Mapping[int, Order] = MappingProxyType({})

    def ticket_of(self, symbol: str) -> int:
        """The first position of a symbol, on netting accounts the only one; 0: none."""
        found = (t for t, p in self.positions.items() if symbol and p.symbol == symbol)
        return next(found, 0)


@dataclass(slots=True)
class _Meanwhile:
    """What pushes said since a snapshot was asked for; a record of None is gone."""

    positions: dict[int, Position | None] = field(default_factory=dict)
    orders: dict[int, Order | None] = field(default_factory=dict)
    money: DealTransaction | None = None


@dataclass(slots=True)
class _News:
    """What a message makes known, once it counts.

    Attributes:
        events: for listeners.
        seen: tickets and what is known of them, for who waits for them.
    """

    events: list[Event] = field(default_factory=list)
    seen: list[tuple[Sight, int]] = field(default_factory=list)


class Holdings:
    """Account, positions and orders of the login.

    Written by the I/O thread only. What one message changes, a deal with the position
    and the money that it moved, becomes visible at once, in :attr:`now`.
    """

    def __init__(self) -> None:
        self._now = Held(AccountState(Account()))
        self._listeners: Listeners[Event] = Listeners(log)
        self._expectations: list[Expectation] = []
        self._expectations_lock = threading.Lock()
        self._meanwhile: _Meanwhile | None = None

    @property
    def now(self) -> Held:
        """What the account has at this moment."""
        return self._now

    @property
    def state(self) -> AccountState:
        """The account record with its rules."""
        return self._now.state

    @property
    def account(self) -> Account:
        """The account record."""
        return self._now.state.account

    @property
    def positions(self) -> Mapping[int, Position]:
        """Open positions by ticket."""
        return self._now.positions

    @property
    def orders(self) -> Mapping[int, Order]:
        """Open orders by ticket."""
        return self._now.orders

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
        state = _plausible_state(read_account(payload))
        if self._meanwhile is not None and self._meanwhile.money is not None:
            state = _with_money(state, self._meanwhile.money)
        self._now = self._now._replace(state=state)
        return state

    def take_account_change(self, payload: memoryview) -> AccountState:
        """The account, whole: pushed because something about it changed."""
        state = _plausible_state(read_account(payload))
        self._now = self._now._replace(state=state)
        if self._meanwhile is not None:
            self._meanwhile.money = None
        return state

    def take_positions(self, payload: memoryview) -> None:
        """All open positions and orders; pushes that came meanwhile are newer."""
        read = read_positions(payload)
        for records in read:
            _check_number(len(records))
        positions, orders = map(plausible, read[0]), map(plausible, read[1])
        newer = self._meanwhile or _Meanwhile()
        self._meanwhile = None
        held = {one.position_id: one for one in positions if one.position_id >= 0}
        waiting = {one.order: one for one in orders if one.order >= 0}
        self._now = self._now._replace(
            positions=_merged(held, newer.positions, _position_time),
            orders=_merged(waiting, newer.orders, _order_time),
        )

    def take_transactions(self, payload: memoryview) -> None:
        """Changes of orders, or deals with the positions and money they moved."""
        held, news = self._now, _News()
        for transaction in map(plausible, read_transactions(payload)):
            if isinstance(transaction, DealGroup):
                held = self._with_deals(held, transaction, news)
            else:
                held = self._with_order(held, transaction, news)
        self._now = held
        for event in news.events:
            self.tell(event)
        for expectation in self._expectations:
            for sight, ticket in news.seen:
                expectation.see(sight, ticket)

    def _with_order(
        self, held: Held, transaction: OrderTransaction, news: _News
    ) -> Held:
        order = transaction.order
        if order.order < 0:  # no request could name it
            return held
        if transaction.kind == TransactionKind.HISTORY_ORDER:
            news.events.append(OrderDone(order=order))
            news.seen.append((Sight.DONE, order.order))
            return held
        gone = transaction.transaction_type == TransactionType.DELETE
        if not gone:
            news.events.append(OrderChanged(order=order))
            news.seen.append((Sight.ORDER, order.order))
        after = None if gone else order
        if self._meanwhile is not None:
            self._meanwhile.orders[order.order] = after
        return held._replace(orders=_put(held.orders, order.order, after))

    def _with_deals(self, held: Held, group: DealGroup, news: _News) -> Held:
        transaction = group.transaction
        if self._meanwhile is not None:
            self._meanwhile.money = transaction
        held = held._replace(state=_with_money(held.state, transaction))
        for position in (transaction.position, *group.positions):
            held = self._with_position(held, position, news)
        for deal in (transaction.deal, *group.deals):
            if deal.deal:
                news.seen.append((Sight.DEAL, deal.deal))
                news.events.append(DealAdded(deal=deal))
        return held

    def _with_position(self, held: Held, position: Position, news: _News) -> Held:
        """Put a position in place; volume 0 takes it away, no symbol is no position."""
        ticket = position.position_id or held.ticket_of(position.symbol)
        if ticket <= 0:
            return held
        news.seen.append((Sight.POSITION, ticket))
        if position.volume:
            news.events.append(PositionChanged(position=position))
        elif ticket in held.positions:
            news.events.append(PositionClosed(position=held.positions[ticket]))
        after = position if position.volume else None
        if self._meanwhile is not None:
            self._meanwhile.positions[ticket] = after
        return held._replace(positions=_put(held.positions, ticket, after))

    def tell(self, event: Event) -> None:
        """Pass an event on to all listeners."""
        self._listeners.tell(event)


def _plausible_state(state: AccountState) -> AccountState:
    """Overrides of settings stay as they are: their maxima mean "not set"."""
    return plausible(state)._replace(settings=state.settings)


def _with_money(state: AccountState, transaction: DealTransaction) -> AccountState:
    account = state.account._replace(
        balance=transaction.balance,
        credit=transaction.credit,
        commission_daily=transaction.commission_daily,
        commission_monthly=transaction.commission_monthly,
        account_profit=transaction.account_profit,
    )
    return state._replace(account=account)


def _put(before: Mapping[int, R], ticket: int, record: R | None) -> Mapping[int, R]:
    after = {t: r for t, r in before.items() if t != ticket}
    if record is not None:
        after[ticket] = record
    _check_number(len(after))
    return after


def _check_number(held: int) -> None:
    if held > MAX_HELD:
        raise MalformedMessage(f"{held} open at a time, limit {MAX_HELD}")


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
