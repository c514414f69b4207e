"""Orders, positions, deals and history, as transactions make them."""

from __future__ import annotations

import struct
from collections import defaultdict
from typing import NamedTuple

from mt5web_async.enums import DealEntry, TransactionKind, TransactionType
from mt5web_async.protocol.records import (
    ORDER_TRANSACTION,
    Account,
    Deal,
    Order,
    Position,
)
from mt5web_async.protocol.responses import DealGroup, read_transactions


class ClosedPosition(NamedTuple):
    """A line of the list of closed positions."""

    position_id: int
    opened: int
    closed: int
    profit: float


class Trades:
    """What an account holds, wants and did.

    Attributes:
        positions: open ones by ticket, in the order in which they came.
        orders: likewise.
        done: orders of the history.
        deals: by ticket.
    """

    def __init__(self) -> None:
        self.positions: dict[int, Position] = {}
        self.orders: dict[int, Order] = {}
        self.done: dict[int, Order] = {}
        self.deals: dict[int, Deal] = {}

    @property
    def symbols(self) -> list[str]:
        """Of positions and orders, as often as they name them."""
        held = [position.symbol for position in self.positions.values()]
        return held + [order.symbol for order in self.orders.values()]

    def hear(self, body: bytes, account: Account) -> Account:
        """Take a push of transactions in; the account with the money it brings.

        The first number rules the whole message.
        """
        (kind,) = struct.unpack_from("<I", body)
        if kind == TransactionKind.DEAL:
            for group in read_transactions(body):
                assert isinstance(group, DealGroup)
                account = self._deal(group, account)
            return account
        assert len(body) % ORDER_TRANSACTION.size == 0
        for one in ORDER_TRANSACTION.records(body):
            assert one.kind in (TransactionKind.ORDER, TransactionKind.HISTORY_ORDER)
            if one.kind == TransactionKind.ORDER:
                self._open(one.transaction_type, one.order)
            else:
                self._ended(one.transaction_type, one.order)
        return account

    def _open(self, what: int, order: Order) -> None:
        assert order.order not in self.done
        if what == TransactionType.DELETE:
            del self.orders[order.order]
        else:
            added = what == TransactionType.ADD
            assert added == (order.order not in self.orders)
            self.orders[order.order] = order

    def _ended(self, what: int, order: Order) -> None:
        """A ticket that the history knows would be replaced by an update only."""
        assert what == TransactionType.ADD
        assert order.order not in self.orders
        assert order.order not in self.done
        self.done[order.order] = order

    def _deal(self, group: DealGroup, account: Account) -> Account:
        told = group.transaction
        for position in (told.position, *group.positions):
            self._position(position)
        for deal in (told.deal, *group.deals):
            if deal.deal:
                assert deal.deal not in self.deals
                self.deals[deal.deal] = deal
        return account._replace(
            balance=told.balance,
            credit=told.credit,
            commission_daily=told.commission_daily,
            commission_monthly=told.commission_monthly,
            account_profit=told.account_profit,
        )

    def _position(self, position: Position) -> None:
        ticket = position.position_id
        if not ticket:
            assert (position.symbol, position.volume) == ("", 0)
        elif position.volume:
            self.positions[ticket] = position
        else:
            # were it not known, its deal would be lost as well
            del self.positions[ticket]

    @property
    def closed_positions(self) -> list[ClosedPosition]:
        """What the history makes of its deals."""
        apart: defaultdict[int, list[Deal]] = defaultdict(list)
        for deal in self.deals.values():
            if deal.position_id:
                apart[deal.position_id].append(deal)
        lines = (_closed(ticket, deals) for ticket, deals in apart.items())
        return [line for line in lines if line.closed]


def _closed(ticket: int, deals: list[Deal]) -> ClosedPosition:
    opening = (DealEntry.IN, DealEntry.INOUT)
    closing = (DealEntry.OUT, DealEntry.INOUT, DealEntry.OUT_BY)
    return ClosedPosition(
        ticket,
        sum(deal.volume for deal in deals if deal.entry in opening),
        sum(deal.volume for deal in deals if deal.entry in closing),
        round(sum(deal.profit for deal in deals), 2),
    )
