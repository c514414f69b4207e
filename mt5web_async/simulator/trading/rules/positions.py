"""What a deal does to a position, on netting and hedging accounts alike."""

from __future__ import annotations

from typing import NamedTuple

from mt5web_async.calculation.rounding import normalize
from mt5web_async.enums import DealEntry, Side
from mt5web_async.protocol.records import FullSymbol, Order, Position

_EXTRA_DIGITS = 3
"""Digits that an average price has beyond the symbol's."""


class Fill(NamedTuple):
    """Volume of an order that is dealt at a price.

    Attributes:
        order: the order that is filled.
        symbol: its symbol.
        side: of the deal.
        volume: 1e-8 lots.
        price: of the deal.
        rate: from the margin currency to the deposit currency.
        seconds: server time, s.
        ms: to add to it.
    """

    order: Order
    symbol: FullSymbol
    side: Side
    volume: int
    price: float
    rate: float
    seconds: int
    ms: int


class Change(NamedTuple):
    """What became of the positions.

    Attributes:
        entry: direction of the deal.
        position: the position after the deal; volume 0: it is closed.
        opened: volume that the deal opened.
        closed: volume that it closed.
        storage: swap that goes from the position to the deal.
        gone: the reversed position under its old ticket, without volume.
    """

    entry: DealEntry
    position: Position
    opened: int = 0
    closed: int = 0
    storage: float = 0.0
    gone: tuple[Position, ...] = ()


def opened(fill: Fill, digits_currency: int) -> Change:
    """A position that begins."""
    order, symbol = fill.order, fill.symbol
    position = Position(
        position_id=order.order,
        order=order.order,
        time_create=fill.seconds,
        time_update=fill.seconds,
        symbol=symbol.name,
        action=fill.side,
        price_open=fill.price,
        sl=order.sl,
        tp=order.tp,
        volume=fill.volume,
        rate_margin=fill.rate,
        expert=order.expert,
        expert_position_id=order.order,
        comment=order.comment,
        contract_size=symbol.contract_size,
        digits=symbol.digits,
        digits_currency=digits_currency,
        reason=order.reason,
        time_create_ms=fill.ms,
        time_update_ms=fill.ms,
    )
    return Change(DealEntry.IN, position, opened=fill.volume)


def added(position: Position, fill: Fill) -> Change:
    """A position that grows.

    On netting accounts the adding order's levels, comment and reason take over; more
    volume of the order that opened the position leaves them as they are.
    """
    volume = position.volume + fill.volume
    price = _mean(position.price_open, position.volume, fill.price, fill.volume)
    rate = _mean(position.rate_margin, position.volume, fill.rate, fill.volume)
    position = _touched(position, fill)._replace(
        volume=volume,
        price_open=normalize(price, fill.symbol.digits + _EXTRA_DIGITS),
        rate_margin=rate,
    )
    if fill.order.order != position.order:
        position = position._replace(
            sl=fill.order.sl,
            tp=fill.order.tp,
            comment=fill.order.comment,
            reason=fill.order.reason,
        )
    return Change(DealEntry.IN, position, opened=fill.volume)


def reduced(position: Position, fill: Fill) -> Change:
    """A position that shrinks or is closed; price and levels of the rest stay."""
    storage = _storage_share(position, fill.volume)
    rest = _touched(position, fill)._replace(
        volume=position.volume - fill.volume,
        storage=normalize(position.storage - storage, position.digits_currency),
    )
    return Change(DealEntry.OUT, rest, closed=fill.volume, storage=storage)


def reversed_(position: Position, fill: Fill) -> Change:
    """A netting position that turns round: a new ticket, the old identifier."""
    rest = fill._replace(volume=fill.volume - position.volume)
    turned = opened(rest, position.digits_currency).position._replace(
        expert_position_id=position.expert_position_id
    )
    return Change(
        DealEntry.INOUT,
        turned,
        opened=rest.volume,
        closed=position.volume,
        storage=position.storage,
        gone=(_touched(position, fill)._replace(volume=0, storage=0.0),),
    )


def _mean(first: float, weight: int, second: float, other: int) -> float:
    return (first * weight + second * other) / (weight + other)


def _storage_share(position: Position, volume: int) -> float:
    if volume == position.volume:
        return position.storage
    share = position.storage * volume / position.volume
    return normalize(share, position.digits_currency)


def _touched(position: Position, fill: Fill) -> Position:
    return position._replace(time_update=fill.seconds, time_update_ms=fill.ms)
