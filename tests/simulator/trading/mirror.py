"""What a client knows of an account by listening to pushes alone."""

from __future__ import annotations

from collections.abc import Iterable

from mt5web_async.enums import TransactionKind, TransactionType
from mt5web_async.protocol.records import (
    Deal,
    DealTransaction,
    Order,
    OrderTransaction,
    Position,
)
from mt5web_async.simulator.trading.pushes import DealPush, OrdersPush, Push


class Mirror:
    """Positions, orders, history and money of one account, as pushed."""

    def __init__(self, login: int) -> None:
        self.login = login
        self.positions: dict[int, Position] = {}
        self.orders: dict[int, Order] = {}
        self.done: dict[int, Order] = {}
        self.deals: dict[int, Deal] = {}
        self.transactions = 0
        self.money = (0.0, 0.0, 0.0, 0.0)

    def hear(self, pushes: Iterable[Push]) -> None:
        """Take pushes in; those about other accounts are passed over."""
        for push in pushes:
            if isinstance(push, OrdersPush) and push.login == self.login:
                for transaction in push.transactions:
                    self._order(transaction)
            if isinstance(push, DealPush) and push.login == self.login:
                self._deal(
                    push.group.transaction, push.group.deals, push.group.positions
                )

    def _count(self, number: int) -> None:
        assert number == self.transactions + 1
        self.transactions = number

    def _order(self, transaction: OrderTransaction) -> None:
        self._count(transaction.transaction_id)
        order = transaction.order
        if transaction.kind == TransactionKind.HISTORY_ORDER:
            assert transaction.transaction_type == TransactionType.ADD
            assert order.order not in self.orders
            assert order.order not in self.done
            self.done[order.order] = order
        elif transaction.transaction_type == TransactionType.DELETE:
            del self.orders[order.order]
        else:
            added = transaction.transaction_type == TransactionType.ADD
            assert added == (order.order not in self.orders)
            self.orders[order.order] = order

    def _deal(
        self,
        transaction: DealTransaction,
        deals: Iterable[Deal],
        positions: Iterable[Position],
    ) -> None:
        self._count(transaction.transaction_id)
        for deal in (transaction.deal, *deals):
            if deal.deal:
                assert deal.deal not in self.deals
                self.deals[deal.deal] = deal
        for position in (transaction.position, *positions):
            if position.volume:
                self.positions[position.position_id] = position
            else:
                self.positions.pop(position.position_id, None)
        self.money = (
            transaction.balance,
            transaction.credit,
            transaction.commission_daily,
            transaction.commission_monthly,
        )
