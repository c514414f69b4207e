"""Closing a position by an opposite one of the same symbol."""

from __future__ import annotations

from typing import NamedTuple

from mt5web_async.enums import DealEntry, OrderType, Retcode
from mt5web_async.protocol.records import Deal, Order, Position
from mt5web_async.simulator.trading.order_states import OrderEvent

from . import comments, commissions, positions, valuation
from .case import Case
from .dealing import blank_deal, opposite
from .desk import Desk
from .orders import blank_order, reason_of, with_ticket
from .positions import Fill
from .results import Outcome


class _Leg(NamedTuple):
    """One of the two positions: its deal, and what is left of it."""

    deal: Deal
    position: Position


def close_by(case: Case) -> Outcome:
    """Close two positions by each other, as far as the smaller one goes.

    Each is dealt at the other's opening price; the first carries the whole profit.
    """
    desk, first, other = case.desk, case.the_position, case.the_other
    order = _order(case, min(first.volume, other.volume))
    desk.add_order(order)
    comment = comments.closed_by(first.position_id, other.position_id)
    told = order._replace(comment=comment)
    gain = _leg(desk, told, first, other.price_open, gains=True)
    rest = _leg(desk, told, other, first.price_open, gains=False)
    _tell(desk, gain, rest)
    desk.end_order(
        order._replace(volume_current=0, price_current=other.price_open),
        OrderEvent.FILL,
    )
    accepted = case.request._replace(
        symbol=order.symbol, volume=order.volume_initial, price_order=order.price_order
    )
    return Outcome(
        Retcode.DONE,
        accepted,
        deal=gain.deal.deal,
        order=order.order,
        volume=order.volume_initial,
        price=other.price_open,
        dealt=True,
    )


def _order(case: Case, volume: int) -> Order:
    first, other = case.the_position, case.the_other
    order = blank_order(case.desk, case.the_symbol)._replace(
        type=OrderType.CLOSE_BY,
        reason=reason_of(case.request),
        price_order=other.price_open,
        price_current=other.price_open,
        volume_initial=volume,
        volume_current=volume,
        position_id=first.expert_position_id,
        comment=comments.close_by(first.position_id, other.position_id),
    )
    return with_ticket(case.desk, order)


def _leg(
    desk: Desk, order: Order, position: Position, price: float, *, gains: bool
) -> _Leg:
    symbol = desk.symbol(order.symbol)
    volume = order.volume_initial
    fill = Fill(
        order=order,
        symbol=symbol,
        side=opposite(position.action),
        volume=volume,
        price=price,
        rate=position.rate_margin,
        seconds=desk.seconds,
        ms=desk.ms,
    )
    change = positions.reduced(position, fill)
    closed = position._replace(volume=volume)
    result = valuation.realised(desk, symbol, closed, price)
    deal = blank_deal(desk, symbol, order)._replace(
        action=fill.side,
        entry=DealEntry.OUT_BY,
        price_open=price,
        sl=position.sl,
        tp=position.tp,
        volume=volume,
        profit=result.profit if gains else 0.0,
        rate_profit=result.rate,
        rate_margin=position.rate_margin,
        storage=change.storage,
        position_id=position.expert_position_id,
    )
    charged = change if gains else change._replace(closed=0)
    deal = commissions.charged(desk, symbol, deal, charged)
    desk.record_deal(deal)
    rest = valuation.at_market(desk, change.position)
    desk.keep_position(rest)
    return _Leg(deal, rest)


def _tell(desk: Desk, gain: _Leg, rest: _Leg) -> None:
    if desk.switches.close_by_in_two:
        desk.tell_deal(gain.deal, gain.position)
        desk.tell_deal(rest.deal, rest.position)
    else:
        desk.tell_deal(gain.deal, gain.position, (rest.deal,), (rest.position,))
