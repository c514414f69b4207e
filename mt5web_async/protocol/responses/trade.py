"""Positions, orders, history and their changes (commands 4 and 5, push 10)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from mt5web_async.enums import TransactionKind
from mt5web_async.protocol.records import (
    DEAL,
    DEAL_TRANSACTION,
    ORDER,
    ORDER_TRANSACTION,
    POSITION,
    Deal,
    DealTransaction,
    Order,
    OrderTransaction,
    Position,
)
from mt5web_async.protocol.wire import Buffer, read_count


def read_positions(body: Buffer) -> tuple[list[Position], list[Order]]:
    """Open positions and open orders (command 4)."""
    positions, offset = POSITION.counted(body)
    orders, _ = ORDER.counted(body, offset)
    return positions, orders


def write_positions(positions: Iterable[Position], orders: Iterable[Order]) -> bytes:
    """The way back of :func:`read_positions`."""
    return POSITION.write_counted(positions) + ORDER.write_counted(orders)


def read_history(body: Buffer) -> tuple[list[Deal], list[Order]]:
    """Deals and done orders of a span of time (command 5)."""
    deals, offset = DEAL.counted(body)
    orders, _ = ORDER.counted(body, offset)
    return deals, orders


def write_history(deals: Iterable[Deal], orders: Iterable[Order]) -> bytes:
    """The way back of :func:`read_history`."""
    return DEAL.write_counted(deals) + ORDER.write_counted(orders)


class DealGroup(NamedTuple):
    """A deal transaction with the further deals and positions it moved."""

    transaction: DealTransaction
    deals: tuple[Deal, ...] = ()
    positions: tuple[Position, ...] = ()


def read_transactions(body: Buffer) -> list[OrderTransaction] | list[DealGroup]:
    """The changes of one push 10: orders, or deals.

    The kind of the first record says what the whole message holds.
    """
    if read_count(body) != TransactionKind.DEAL:
        return ORDER_TRANSACTION.records(body)
    groups = []
    offset = 0
    while offset < len(body):
        transaction = DEAL_TRANSACTION.read(body, offset)
        deals, offset = DEAL.counted(body, offset + DEAL_TRANSACTION.size)
        positions, offset = POSITION.counted(body, offset)
        groups.append(DealGroup(transaction, tuple(deals), tuple(positions)))
    return groups


def write_deal_group(group: DealGroup) -> bytes:
    """One group of :func:`read_transactions`."""
    return (
        DEAL_TRANSACTION.write(group.transaction)
        + DEAL.write_counted(group.deals)
        + POSITION.write_counted(group.positions)
    )
