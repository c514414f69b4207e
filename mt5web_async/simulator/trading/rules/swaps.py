"""Swaps: what holding a position over the end of a day costs or earns."""

from __future__ import annotations

from typing import Final

from mt5web_async.calculation.conversion import profit_rate
from mt5web_async.calculation.margin import record_amount
from mt5web_async.calculation.rounding import normalize
from mt5web_async.calculation.settings import is_forex
from mt5web_async.calculation.valuation import market_value
from mt5web_async.calculation.volumes import lots
from mt5web_async.enums import DealEntry, GroupFlags, Reason, Side, SwapMode
from mt5web_async.protocol.records import Deal, FullSymbol, Order, Position

from . import valuation
from .dealing import blank_deal, opposite
from .desk import Desk
from .prices import price_of

_SATURDAY: Final = 6
_SUNDAY: Final = 0
_DAYS_OF_YEAR: Final = 360
_REOPENING: Final = (SwapMode.REOPEN_CURRENT, SwapMode.REOPEN_BID)
_INTEREST: Final = (SwapMode.INTEREST_CURRENT, SwapMode.INTEREST_OPEN)


def post(desk: Desk, weekday: int) -> None:
    """Charge or credit all positions for a day that ended.

    Args:
        desk: the account's.
        weekday: the day's, 0 Sunday to 6 Saturday.
    """
    if not desk.flags & GroupFlags.SWAPS:
        return
    for position in desk.positions:
        symbol = desk.symbol(position.symbol)
        days = day_factor(symbol, weekday)
        rate = _swap_rate(symbol, position)
        if not days or not rate:
            continue
        if symbol.trade.swap_mode in _REOPENING:
            _reopen(desk, symbol, position, rate * days)
        else:
            _accrue(desk, position, days * _amount(desk, symbol, position, rate))


def day_factor(symbol: FullSymbol, weekday: int) -> float:
    """How many days' swap the end of a weekday posts.

    Args:
        symbol: its rates by weekday count when there are any; else a working day
            posts one, that of the triple swap three.
        weekday: 0 Sunday to 6 Saturday.
    """
    settings = symbol.trade
    if any(settings.swap_rates):
        return settings.swap_rates[weekday]
    if weekday in (_SUNDAY, _SATURDAY):
        return 0.0
    return 3.0 if weekday == settings.swap_rollover3days else 1.0


def _swap_rate(symbol: FullSymbol, position: Position) -> float:
    settings = symbol.trade
    if settings.swap_mode == SwapMode.DISABLED:
        return 0.0
    long = position.action == Side.BUY
    return settings.swap_long if long else settings.swap_short


def _accrue(desk: Desk, position: Position, amount: float) -> None:
    amount = desk.money(amount)
    if amount:
        storage = desk.money(position.storage + amount)
        desk.change_position(
            valuation.at_market(desk, position)._replace(storage=storage)
        )


def _amount(desk: Desk, symbol: FullSymbol, position: Position, rate: float) -> float:
    """The swap of one day, deposit currency."""
    mode, volume = symbol.trade.swap_mode, lots(position.volume)
    if mode == SwapMode.POINTS:
        return desk.money(_point_worth(desk, symbol, position, rate) * rate)
    if mode in _INTEREST:
        value = _value(desk, symbol, position)
        return desk.money(value * rate / 100 / _DAYS_OF_YEAR)
    currency = {
        SwapMode.CURRENCY_SYMBOL: symbol.currency_base,
        SwapMode.CURRENCY_MARGIN: symbol.currency_margin,
        SwapMode.CURRENCY_PROFIT: symbol.currency_profit,
    }.get(SwapMode(mode), desk.account.currency)
    return desk.money(rate * volume * _conversion(desk, symbol, currency, rate))


def _point_worth(
    desk: Desk, symbol: FullSymbol, position: Position, rate: float
) -> float:
    """What one point is worth to the position, rounded in both currencies."""
    units = lots(position.volume) * position.contract_size
    worth = normalize(units * symbol.point, symbol.currency_profit_digits)
    return desk.money(worth * _conversion(desk, symbol, symbol.currency_profit, rate))


def _conversion(desk: Desk, symbol: FullSymbol, source: str, rate: float) -> float:
    """The dear side for what is charged, the cheap one for what is credited."""
    side = Side.BUY if rate < 0 else Side.SELL
    return profit_rate(desk.market, symbol, source, desk.account.currency, side)


def _value(desk: Desk, symbol: FullSymbol, position: Position) -> float:
    """What the position is worth as a loan: at the bid if bought, else at the ask."""
    at_opening = symbol.trade.swap_mode == SwapMode.INTEREST_OPEN
    price = position.price_open if at_opening else position.price_close
    side, market = opposite(position.action), desk.market
    amount = record_amount(symbol, position.volume, position.contract_size)
    value = market_value(market, symbol, side, amount, price)
    source = symbol.currency_base if is_forex(symbol) else symbol.currency_profit
    own = price if at_opening else None
    target = desk.account.currency
    return value * profit_rate(market, symbol, source, target, side, own)


def _reopen(desk: Desk, symbol: FullSymbol, position: Position, points: float) -> None:
    """Close the position and open it again, points dearer or cheaper."""
    quote = desk.quote(symbol)
    if quote is None:
        return
    close = price_of(quote, opposite(position.action))
    by_bid = symbol.trade.swap_mode == SwapMode.REOPEN_BID
    start = quote.bid if by_bid else close
    shift = points * symbol.point
    price = start - shift if position.action == Side.BUY else start + shift
    _close(desk, symbol, position, close)
    _open(desk, symbol, position, normalize(price, symbol.digits))


def _close(desk: Desk, symbol: FullSymbol, position: Position, price: float) -> None:
    result = valuation.realised(desk, symbol, position, price)
    deal = _rollover(desk, symbol, position)._replace(
        action=opposite(position.action),
        entry=DealEntry.OUT,
        price_open=price,
        price_close=position.price_open,
        profit=result.profit,
        rate_profit=result.rate,
        storage=position.storage,
    )
    desk.record_deal(deal)
    gone = position._replace(volume=0, storage=0.0, profit=0.0)
    desk.keep_position(gone)
    desk.tell_deal(deal, gone)


def _open(desk: Desk, symbol: FullSymbol, position: Position, price: float) -> None:
    side = Side(position.action)
    rate = valuation.margin_rate(desk, symbol, side, price)
    opened = position._replace(
        price_open=price,
        rate_margin=rate,
        storage=0.0,
        time_update=desk.seconds,
        time_update_ms=desk.ms,
    )
    deal = _rollover(desk, symbol, opened)._replace(
        action=side, entry=DealEntry.IN, price_open=price
    )
    desk.record_deal(deal)
    opened = valuation.at_market(desk, opened)
    desk.keep_position(opened)
    desk.tell_deal(deal, opened)


def _rollover(desk: Desk, symbol: FullSymbol, position: Position) -> Deal:
    order = Order(reason=Reason.ROLLOVER, expert=position.expert)
    return blank_deal(desk, symbol, order)._replace(
        sl=position.sl,
        tp=position.tp,
        volume=position.volume,
        rate_margin=position.rate_margin,
        position_id=position.expert_position_id,
    )
