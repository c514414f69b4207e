"""Stop loss and take profit of positions."""

from __future__ import annotations

from mt5web_async.calculation.quotes import Quote, market_prices
from mt5web_async.enums import GroupFlags, Reason, Retcode, Side
from mt5web_async.protocol.records import FullSymbol, Position

from . import comments
from .case import Case
from .dealing import opposite
from .desk import Desk
from .forced import Closing, close
from .prices import price_of
from .results import Outcome
from .symbols import priced_by_last


def change(case: Case) -> Outcome:
    """Give a position the levels of a request."""
    request, position = case.request, case.the_position
    for one in _with_the_same_levels(case.desk, position):
        case.desk.change_position(one._replace(sl=request.sl, tp=request.tp))
    accepted = request._replace(
        symbol=position.symbol, price_order=position.price_close, type=position.action
    )
    return Outcome(Retcode.DONE, accepted)


def close_stopped(desk: Desk, symbol: FullSymbol, quote: Quote) -> None:
    """Close the positions of a symbol whose stop loss is reached."""
    for position in desk.positions_of(symbol.name):
        if stop_loss_reached(position, symbol, quote):
            comment = comments.stop_loss(position.sl, symbol.digits)
            closing = Closing(Reason.SL, comment, position.volume, position.sl)
            close(desk, position, closing)


def close_profitable(desk: Desk, symbol: FullSymbol, quote: Quote) -> None:
    """Close the positions of a symbol whose take profit is reached."""
    at_market = desk.switches.tp_at_market or priced_by_last(symbol)
    for position in desk.positions_of(symbol.name):
        if take_profit_reached(position, symbol, quote):
            comment = comments.take_profit(position.tp, symbol.digits)
            closing = Closing(Reason.TP, comment, position.volume, position.tp)
            price = None if at_market else position.tp
            close(desk, position, closing._replace(fill_price=price))


def stop_loss_reached(position: Position, symbol: FullSymbol, quote: Quote) -> bool:
    """Whether the closing price is at the stop loss or beyond."""
    return _beyond(position.sl, -1, position, symbol, quote)


def take_profit_reached(position: Position, symbol: FullSymbol, quote: Quote) -> bool:
    """Whether the closing price is at the take profit or beyond."""
    return _beyond(position.tp, 1, position, symbol, quote)


def _beyond(
    level: float, way: int, position: Position, symbol: FullSymbol, quote: Quote
) -> bool:
    if not level:
        return False
    price = price_of(market_prices(symbol, quote), opposite(position.action))
    sign = way if position.action == Side.BUY else -way
    return price != 0 and sign * (price - level) >= 0


def _with_the_same_levels(desk: Desk, position: Position) -> tuple[Position, ...]:
    """The positions that share their levels: all of a side on FIFO accounts."""
    if not desk.flags & GroupFlags.FIFO_CLOSE:
        return (position,)
    same = desk.positions_of(position.symbol)
    return tuple(one for one in same if one.action == position.action)
