"""Agreeing on a price: instant execution, requotes, requests for prices."""

from __future__ import annotations

from typing import Final

from mt5web_async.calculation.orders import order_side
from mt5web_async.calculation.quotes import Quote
from mt5web_async.calculation.rounding import normalize
from mt5web_async.enums import Side, TradeAction
from mt5web_async.protocol.records import FullSymbol, TradeRequest

from .desk import Desk
from .offers import Offer
from .prices import price_of

USUAL_TIMEOUT: Final = 7
"""Seconds that offered prices hold where the symbol does not say."""


def agreed_price(
    desk: Desk, request: TradeRequest, symbol: FullSymbol, quote: Quote
) -> float | None:
    """The price at which a deal that names one is made; None: a requote.

    A price that was offered to the account holds until its time is over.
    """
    if _accepts_offer(desk, request, symbol):
        desk.floor.offers.take(desk.login, symbol.name)
        return request.price_order
    market = price_of(quote, order_side(request.type))
    if request.action == TradeAction.REQUEST:
        return market if market == request.price_order else None
    if desk.floor.offers.unlucky(desk.login, desk.switches.requote_rate):
        return None
    return _instant_price(request, symbol, market)


def offer(desk: Desk, symbol: FullSymbol, quote: Quote) -> None:
    """Stand by the present prices for a while."""
    made = Offer(quote.bid, quote.ask, desk.now)
    desk.floor.offers.make(desk.login, symbol.name, made)


def _accepts_offer(desk: Desk, request: TradeRequest, symbol: FullSymbol) -> bool:
    settings = symbol.trade
    timeout = (
        settings.request_timeout
        if request.action == TradeAction.REQUEST
        else settings.instant_timeout
    )
    standing = desk.floor.offers.standing(
        desk.login, symbol.name, desk.now, timeout or USUAL_TIMEOUT
    )
    if standing is None:
        return False
    return standing.price(order_side(request.type)) == request.price_order


def _instant_price(
    request: TradeRequest, symbol: FullSymbol, market: float
) -> float | None:
    if request.price_top or request.price_bottom:
        return market if _inside(request, market) else None
    wanted, settings = request.price_order, symbol.trade
    sign = 1 if order_side(request.type) == Side.BUY else -1
    worse = normalize(sign * (market - wanted), symbol.digits)
    if worse > _points(symbol, request.deviation):
        return None
    if settings.instant_slip_losing and worse > _points(
        symbol, settings.instant_slip_losing
    ):
        return None
    if settings.instant_slip_profit:
        most = _points(symbol, settings.instant_slip_profit)
        worse = max(worse, -most)
        return normalize(wanted + sign * worse, symbol.digits)
    return market


def _inside(request: TradeRequest, market: float) -> bool:
    above = not request.price_bottom or market >= request.price_bottom
    below = not request.price_top or market <= request.price_top
    return above and below


def _points(symbol: FullSymbol, count: int) -> float:
    return normalize(symbol.point * count, symbol.digits)
