"""The single checks of a trade request, for clients and servers alike (section 9.2)."""

from __future__ import annotations

from math import fmod, isfinite
from typing import Final, NamedTuple

from mt5web_async.enums import (
    ExecutionMode,
    FillFlags,
    Filling,
    OrderFlags,
    OrderTime,
    OrderType,
    Retcode,
    Side,
    TimeFlags,
    TradeMode,
)

from .orders import LIMIT_TYPES, MARKET_TYPES, STOP_LIMIT_TYPES, STOP_TYPES, order_side
from .quotes import Quote
from .rounding import normalize
from .settings import is_collateral, negative_prices_allowed
from .values import FullSymbol

MAX_PRICE: Final = 1e9
MAX_I32: Final = 2**31 - 1

_FILL_FLAGS: Final = {
    Filling.FOK: FillFlags.FOK,
    Filling.IOC: FillFlags.IOC,
    Filling.BOC: FillFlags.BOC,
}
_BY_DEALER: Final = (ExecutionMode.REQUEST, ExecutionMode.INSTANT)


class Levels(NamedTuple):
    """The prices of a request, or those that it would replace.

    Attributes:
        price: of the deal or order; 0: the market's.
        trigger: where a stop limit places its limit order.
        sl, tp: 0: none.
    """

    price: float = 0.0
    trigger: float = 0.0
    sl: float = 0.0
    tp: float = 0.0


def price_valid(symbol: FullSymbol, price: float) -> bool:
    """Whether a price is finite, of an allowed sign, and a multiple of the tick size.

    It is rounded to the symbol's digits first: more decimals are no error.
    """
    if not isfinite(price) or price > MAX_PRICE:
        return False
    if price < 0 and not negative_prices_allowed(symbol):
        return False
    return on_tick(price, symbol.tick_size, symbol.digits)


def on_tick(price: float, tick_size: float, digits: int) -> bool:
    """Whether a price, rounded to its digits, is a multiple of the tick size."""
    if not tick_size or not price:
        return True
    rest = abs(normalize(fmod(normalize(price, digits), tick_size), digits))
    return rest <= 10.0 ** -(digits + 1) or rest >= tick_size


def prices_valid(symbol: FullSymbol, levels: Levels) -> Retcode | None:
    """Whether all prices of a request are ones."""
    if not (price_valid(symbol, levels.price) and price_valid(symbol, levels.trigger)):
        return Retcode.INVALID_PRICE
    if not (price_valid(symbol, levels.sl) and price_valid(symbol, levels.tp)):
        return Retcode.INVALID_STOPS
    return None


def deal_filling(symbol: FullSymbol, filling: int) -> int | None:
    """The filling that a deal is sent with; None: the symbol does not allow it."""
    mode = symbol.trade.execution_mode
    if mode in _BY_DEALER:
        return Filling.FOK
    if mode == ExecutionMode.MARKET and filling not in (Filling.FOK, Filling.IOC):
        return None
    return filling if filling_allowed(symbol, filling) else None


def pending_filling(
    symbol: FullSymbol, order_type: int, filling: int, type_time: int
) -> tuple[int, int] | None:
    """Filling and expiry type of a pending order; None: they are not allowed."""
    if symbol.trade.execution_mode != ExecutionMode.EXCHANGE:
        return Filling.RETURN, type_time
    if order_type in STOP_TYPES and filling != Filling.RETURN:
        return Filling.RETURN, OrderTime.GTC
    return (filling, type_time) if filling_allowed(symbol, filling) else None


def filling_allowed(symbol: FullSymbol, filling: int) -> bool:
    """Whether the symbol's flags have a filling; Return needs none."""
    if filling == Filling.RETURN:
        return True
    flag = _FILL_FLAGS.get(Filling(filling))
    return flag is not None and bool(symbol.trade.fill_flags & flag)


def volume_valid(symbol: FullSymbol, volume: int, *, closing: bool) -> bool:
    """Whether a volume (1e-8 lots) is within bounds and on a step."""
    trade = symbol.trade
    if volume <= 0 or (volume < trade.volume_min and not closing):
        return False
    return volume <= trade.volume_max and on_step(volume, trade.volume_step)


def on_step(volume: int, step: int) -> bool:
    """Whether a volume is a multiple of the step; a step of 0 allows any."""
    return not step or volume % step == 0


def mode_permits(symbol: FullSymbol, side: int, *, closing: bool) -> Retcode | None:
    """Whether the symbol's trade mode lets this side trade."""
    mode = symbol.trade.trade_mode
    if mode == TradeMode.CLOSE_ONLY:
        return None if closing else Retcode.CLOSE_ONLY
    if mode not in (TradeMode.LONG_ONLY, TradeMode.SHORT_ONLY, TradeMode.FULL):
        return Retcode.TRADE_DISABLED
    if is_collateral(symbol):
        return Retcode.TRADE_DISABLED
    if mode == TradeMode.FULL or closing:
        return None
    allowed = Side.BUY if mode == TradeMode.LONG_ONLY else Side.SELL
    if side == allowed:
        return None
    long_only = mode == TradeMode.LONG_ONLY
    return Retcode.LONG_ONLY if long_only else Retcode.SHORT_ONLY


def type_allowed(symbol: FullSymbol, order_type: int) -> bool:
    """Whether the symbol's flags have an order type."""
    flags = symbol.trade.order_flags
    if order_type in MARKET_TYPES:
        needed = OrderFlags.MARKET
    elif order_type in LIMIT_TYPES:
        needed = OrderFlags.LIMIT
    elif order_type in STOP_TYPES:
        needed = OrderFlags.STOP
    else:
        needed = OrderFlags.LIMIT | OrderFlags.STOP_LIMIT
    return flags & needed == needed


_TIME_FLAGS: Final = {
    OrderTime.GTC: TimeFlags.GTC,
    OrderTime.DAY: TimeFlags.DAY,
    OrderTime.SPECIFIED: TimeFlags.SPECIFIED,
    OrderTime.SPECIFIED_DAY: TimeFlags.SPECIFIED_DAY,
}


def expiry_valid(symbol: FullSymbol, type_time: int, expiration: int) -> bool:
    """Whether the symbol allows an expiry type, and the moment is one."""
    flag = _TIME_FLAGS.get(OrderTime(type_time)) if 0 <= type_time <= 3 else None
    if flag is None or not symbol.trade.time_flags & flag:
        return False
    dated = type_time in (OrderTime.SPECIFIED, OrderTime.SPECIFIED_DAY)
    return not dated or 0 < expiration <= MAX_I32


def stops_valid(
    symbol: FullSymbol, quote: Quote, order_type: int, new: Levels, old: Levels
) -> Retcode | None:
    """Whether prices keep their distance: STOPS of section 9.2.

    Args:
        symbol: its stops level, digits and execution mode.
        quote: effective prices.
        order_type: 0 to 7.
        new: what is asked for.
        old: what it replaces; levels that stay as they are need no distance.
    """
    if not negative_prices_allowed(symbol):
        wrong = _signs(order_type, new)
        if wrong is not None:
            return wrong
    view = _View(symbol, quote, 1 if order_side(order_type) == Side.BUY else -1)
    if order_type in MARKET_TYPES:
        return _market_stops(view, new, old)
    return _pending_stops(view, order_type, new, old)


def _signs(order_type: int, new: Levels) -> Retcode | None:
    least = -1.0 if order_type in MARKET_TYPES else 0.0
    if new.price < 0 or (least == 0.0 and new.price <= 0):
        return Retcode.INVALID_PRICE
    if order_type in STOP_LIMIT_TYPES and new.trigger <= 0:
        return Retcode.INVALID_PRICE
    return Retcode.INVALID_STOPS if new.sl < 0 or new.tp < 0 else None


class _View(NamedTuple):
    """The market as a side sees it; sign is +1 for buying, -1 for selling."""

    symbol: FullSymbol
    quote: Quote
    sign: int

    @property
    def distance(self) -> float:
        """The stops level as a price difference."""
        symbol = self.symbol
        return normalize(symbol.point * symbol.trade.stops_level, symbol.digits)

    @property
    def enters(self) -> float:
        """What the side deals at: ask for buying."""
        return self.quote.ask if self.sign > 0 else self.quote.bid

    @property
    def leaves(self) -> float:
        """What the opposite side deals at: bid for buying."""
        return self.quote.bid if self.sign > 0 else self.quote.ask

    def below(self, level: float, mark: float, away: int) -> bool:
        """Whether a level is on the losing side of a mark by less than asked.

        Args:
            level: the price in question.
            mark: where distances are measured from.
            away: +1: the level must be above the mark (for buying), -1: below it.
        """
        side = self.sign * away
        limit = normalize(mark + side * self.distance, self.symbol.digits)
        gap = normalize(side * (level - limit), self.symbol.digits)
        return gap < 0


def _market_stops(view: _View, new: Levels, old: Levels) -> Retcode | None:
    if is_collateral(view.symbol) and (new.sl or new.tp):
        return Retcode.TRADE_DISABLED
    if new.price == 0:
        by_dealer = view.symbol.trade.execution_mode in _BY_DEALER
        return Retcode.INVALID_PRICE if by_dealer else None
    mark = view.leaves
    if mark == 0:
        return None
    if new.sl > 0 and new.sl != old.sl and view.below(new.sl, mark, -1):
        return Retcode.INVALID_STOPS
    if new.tp > 0 and new.tp != old.tp and view.below(new.tp, mark, 1):
        return Retcode.INVALID_STOPS
    return None


def _pending_stops(
    view: _View, order_type: int, new: Levels, old: Levels
) -> Retcode | None:
    limit, stop_limit = order_type in LIMIT_TYPES, order_type in STOP_LIMIT_TYPES
    exchange = view.symbol.trade.execution_mode == ExecutionMode.EXCHANGE
    moved, quoted = new.price != old.price, view.enters != 0
    if moved and quoted and not (limit and exchange):
        away = -1 if limit else 1
        if view.below(new.price, view.enters, away):
            return Retcode.INVALID_PRICE
    if stop_limit and not exchange and view.below(new.trigger, new.price, -1):
        return Retcode.INVALID_PRICE
    mark = new.trigger if stop_limit else new.price
    kept = not moved and not stop_limit
    if new.sl > 0 and not (kept and new.sl == old.sl) and view.below(new.sl, mark, -1):
        return Retcode.INVALID_STOPS
    if new.tp > 0 and not (kept and new.tp == old.tp) and view.below(new.tp, mark, 1):
        return Retcode.INVALID_STOPS
    return None


def limit_price_within(symbol: FullSymbol, order_type: int, price: float) -> bool:
    """Whether a limit order's price is within the limits of the session."""
    if order_type not in (OrderType.BUY_LIMIT, OrderType.SELL_LIMIT):
        return True
    low, high, digits = symbol.price_limit_min, symbol.price_limit_max, symbol.digits
    if low and normalize(price - low, digits) < 0:
        return False
    return not (high and normalize(price - high, digits) > 0)
