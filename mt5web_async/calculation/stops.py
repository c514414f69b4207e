"""Prices and levels that a request may have, and their distances (section 9.2)."""

from __future__ import annotations

from math import isfinite
from typing import Final, NamedTuple

from mt5web_async.enums import ExecutionMode, OrderType, Retcode, Side

from .orders import LIMIT_TYPES, MARKET_TYPES, STOP_LIMIT_TYPES, order_side
from .quotes import Quote
from .rounding import floored_remainder, normalize
from .settings import is_collateral, negative_prices_allowed
from .values import FullSymbol

HIGHEST: Final = 1e9
"""No price is beyond this."""


class Levels(NamedTuple):
    """The prices of an order or request; 0: not given.

    Attributes:
        price: of the order; of a stop limit the price that activates it.
        trigger: the limit price of a stop limit.
        sl, tp: stop loss and take profit.
    """

    price: float = 0.0
    trigger: float = 0.0
    sl: float = 0.0
    tp: float = 0.0


def price_valid(symbol: FullSymbol, price: float) -> bool:
    """Whether a number can be a price of the symbol: in range and on a tick.

    It is rounded to the symbol's digits before the tick is looked at, so that more
    decimals do no harm.
    """
    if not isfinite(price) or price > HIGHEST:
        return False
    if price < 0 and not negative_prices_allowed(symbol):
        return False
    tick, digits = symbol.tick_size, symbol.digits
    if tick == 0 or price == 0:
        return True
    over = normalize(floored_remainder(normalize(price, digits), tick), digits)
    return over <= 10.0 ** -(digits + 1) or over >= tick


def refused_prices(symbol: FullSymbol, new: Levels) -> Retcode | None:
    """Why the prices of a request are none; None: they are prices."""
    if not (price_valid(symbol, new.price) and price_valid(symbol, new.trigger)):
        return Retcode.INVALID_PRICE
    if not (price_valid(symbol, new.sl) and price_valid(symbol, new.tp)):
        return Retcode.INVALID_STOPS
    return None


def refused_stops(
    symbol: FullSymbol, quote: Quote, order_type: int, new: Levels, old: Levels
) -> Retcode | None:
    """Why price, stop loss or take profit cannot stand where they are.

    Each must keep the stops level `N(point * stops level)` from the market, from the
    price of its order, or from the limit price of its stop limit. What stays as it was
    is not tested again.

    Args:
        symbol: stops level and execution mode.
        quote: effective bid and ask.
        order_type: market orders are tested against the market, others against their
            own price too.
        new: what is wanted.
        old: what is there already; zeros for a new order.

    Returns:
        The code; None: all of them may stand there.
    """
    refused = _below_zero(symbol, order_type, new)
    if refused is not None:
        return refused
    if order_type in MARKET_TYPES:
        return _of_deal(symbol, quote, order_type, new, old)
    return _of_order(symbol, quote, order_type, new, old)


def _below_zero(symbol: FullSymbol, order_type: int, new: Levels) -> Retcode | None:
    if negative_prices_allowed(symbol):
        return None
    if order_type in MARKET_TYPES:
        unpriced = new.price < 0
    else:
        stop_limit = order_type in STOP_LIMIT_TYPES
        unpriced = new.price <= 0 or (stop_limit and new.trigger <= 0)
    if unpriced:
        return Retcode.INVALID_PRICE
    return Retcode.INVALID_STOPS if new.sl < 0 or new.tp < 0 else None


class _Room(NamedTuple):
    """The distance that levels keep from a price, for one side."""

    side: Side
    distance: float
    digits: int

    @classmethod
    def of(cls, symbol: FullSymbol, order_type: int) -> _Room:
        distance = normalize(symbol.point * symbol.trade.stops_level, symbol.digits)
        return cls(order_side(order_type), distance, symbol.digits)

    def behind(self, level: float, price: float) -> bool:
        """Whether a level is on the losing side of a price, far enough away."""
        return self._kept(level, price, below=self.side == Side.BUY)

    def ahead(self, level: float, price: float) -> bool:
        """Whether a level is on the winning side of a price, far enough away."""
        return self._kept(level, price, below=self.side == Side.SELL)

    def _kept(self, level: float, price: float, *, below: bool) -> bool:
        if below:
            return level <= normalize(price - self.distance, self.digits)
        return level >= normalize(price + self.distance, self.digits)


def _of_deal(
    symbol: FullSymbol, quote: Quote, order_type: int, new: Levels, old: Levels
) -> Retcode | None:
    if new.price == 0:
        at_market = symbol.trade.execution_mode in _AT_MARKET
        return None if at_market else Retcode.INVALID_PRICE
    closing = quote.bid if order_type == OrderType.BUY else quote.ask
    if closing == 0:
        return None
    if is_collateral(symbol) and (new.sl or new.tp):
        return Retcode.TRADE_DISABLED
    room = _Room.of(symbol, order_type)
    sl = new.sl <= 0 or new.sl == old.sl or room.behind(new.sl, closing)
    tp = new.tp <= 0 or new.tp == old.tp or room.ahead(new.tp, closing)
    return None if sl and tp else Retcode.INVALID_STOPS


_AT_MARKET: Final = (ExecutionMode.MARKET, ExecutionMode.EXCHANGE)


def _of_order(
    symbol: FullSymbol, quote: Quote, order_type: int, new: Levels, old: Levels
) -> Retcode | None:
    room = _Room.of(symbol, order_type)
    if not _price_kept(symbol, quote, order_type, new, old, room):
        return Retcode.INVALID_PRICE
    if order_type in STOP_LIMIT_TYPES:
        reference, standing = new.trigger, False
    else:
        reference, standing = new.price, new.price == old.price
    sl_stays, tp_stays = standing and new.sl == old.sl, standing and new.tp == old.tp
    sl = new.sl <= 0 or sl_stays or room.behind(new.sl, reference)
    tp = new.tp <= 0 or tp_stays or room.ahead(new.tp, reference)
    return None if sl and tp else Retcode.INVALID_STOPS


def _price_kept(
    symbol: FullSymbol,
    quote: Quote,
    order_type: int,
    new: Levels,
    old: Levels,
    room: _Room,
) -> bool:
    """Whether the price of a pending order is on its side of the market.

    On exchanges a limit order may be anywhere.
    """
    exchange = symbol.trade.execution_mode == ExecutionMode.EXCHANGE
    market = quote.ask if room.side == Side.BUY else quote.bid
    tested = market != 0 and new.price != old.price
    if order_type in LIMIT_TYPES:
        return exchange or not tested or room.behind(new.price, market)
    if tested and not room.ahead(new.price, market):
        return False
    if exchange or order_type not in STOP_LIMIT_TYPES:
        return True
    return room.behind(new.trigger, new.price)
