"""Deals that a client asks for: market orders in every execution mode."""

from __future__ import annotations

from collections.abc import Sequence

from mt5web_async.enums import Filling, Retcode, TradeAction
from mt5web_async.protocol.records import Order
from mt5web_async.simulator.market.quotes import DepthLevel
from mt5web_async.simulator.trading.order_states import OrderEvent

from . import instant, liquidity
from .case import Case
from .dealing import Dealt
from .filling import fill
from .orders import market_order, with_ticket
from .prices import price_of
from .results import Outcome, refused


def tell_prices(case: Case) -> Outcome:
    """Answer a request for prices; they hold for a while."""
    instant.offer(case.desk, case.the_symbol, case.quote)
    request = case.request
    price = price_of(case.quote, case.side)
    return Outcome(Retcode.PRICES, request, volume=request.volume, price=price)


def deal(case: Case) -> Outcome:
    """Execute a deal at once, by the symbol's way of execution."""
    if case.request.action in (TradeAction.REQUEST, TradeAction.INSTANT):
        return _deal_at_price(case)
    return _deal_at_market(case)


def _deal_at_price(case: Case) -> Outcome:
    desk, request = case.desk, case.request
    price = instant.agreed_price(desk, request, case.the_symbol, case.quote)
    if price is None:
        instant.offer(desk, case.the_symbol, case.quote)
        return refused(request, Retcode.REQUOTE)
    return _execute(case, request.price_order, (DepthLevel(price, request.volume),))


def _deal_at_market(case: Case) -> Outcome:
    found = liquidity.levels(case.desk, case.the_symbol, case.side, case.request.volume)
    return _execute(case, 0.0, found)


def _execute(case: Case, price_order: float, found: Sequence[DepthLevel]) -> Outcome:
    desk = case.desk
    request = case.request._replace(price_order=price_order)
    market = price_of(case.quote, case.side)
    order = market_order(desk, request, case.the_symbol, market)
    order = with_ticket(desk, order)
    desk.add_order(order)
    volume = liquidity.total(found)
    whole = request.type_filling != Filling.FOK or volume == request.volume
    if not whole or request.type_filling == Filling.BOC:
        return _rejected(case, order)  # to book an order of the market is no deal
    if not volume:
        return _without_volume(case, order)
    return _reported(case, fill(desk, _priced(case, order, found), found))


def _priced(case: Case, order: Order, found: Sequence[DepthLevel]) -> Order:
    """The order with the price it got for its own, where servers show it so."""
    by_market = case.request.action in (TradeAction.MARKET, TradeAction.EXCHANGE)
    if case.desk.switches.fill_price_in_order and by_market:
        return order._replace(price_order=found[0].price)
    return order


def _without_volume(case: Case, order: Order) -> Outcome:
    """Nothing is on offer: a Return order waits for it, another is refused."""
    if case.request.type_filling != Filling.RETURN:
        return _rejected(case, order)
    case.desk.change_order(order, OrderEvent.PLACE)
    request = case.request
    return Outcome(Retcode.PLACED, request, order=order.order, volume=request.volume)


def _rejected(case: Case, order: Order) -> Outcome:
    case.desk.end_order(order, OrderEvent.REJECT)
    return refused(case.request, Retcode.REJECT)


def _reported(case: Case, dealt: Dealt) -> Outcome:
    accepted = case.request._replace(price_order=dealt.price)
    return Outcome(
        _retcode(case, dealt),
        accepted,
        deal=dealt.deal,
        order=dealt.order.order,
        volume=dealt.volume,
        price=dealt.price,
        dealt=True,
    )


def _retcode(case: Case, dealt: Dealt) -> int:
    if dealt.volume == case.request.volume:
        return Retcode.DONE
    if case.request.type_filling == Filling.RETURN:
        return Retcode.DONE_PARTIAL
    return case.desk.switches.partial_retcode
