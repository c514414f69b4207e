"""Trade requests and what they would cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from mt5web import trade_request
from mt5web.arguments import Rejected, c_double, c_unsigned
from mt5web.arguments import symbol as checked
from mt5web.calling import NONE, NUMBER, UNNAMED, Convention, positional
from mt5web.constants import RES_E_AUTO_TRADING_DISABLED
from mt5web.official import official
from mt5web.session import Session

if TYPE_CHECKING:
    from mt5web.structs import OrderCheckResult, OrderSendResult, TradeRequest

NO_AUTO_TRADING: Final = {
    RES_E_AUTO_TRADING_DISABLED: "Auto-Trading using Python API disabled in Terminal"
}


def _dict_or_fields(
    _name: str, args: tuple[object, ...], keywords: Mapping[str, object]
) -> None:
    """Either one dict by position, or its items as keywords."""
    if args and keywords:
        raise Rejected(UNNAMED)
    if len(args) + bool(keywords) != 1:
        raise Rejected(NUMBER)


dict_or_fields: Final = Convention(range(1, 2), _dict_or_fields)


@official(
    "order_check(request)",
    "Check if there are enough funds to execute required trading operation",
    takes=dict_or_fields,
    answers=NONE,
)
def order_check(
    session: Session, request: dict[str, Any] | None = None, /, **fields: Any
) -> OrderCheckResult:
    """Find out what a trade request would do to the account, without sending it.

    Args:
        request: the fields of the request, see `order_send`.
        fields: the same as keyword arguments, instead of a dict.

    Returns:
        The account as it would be, money in the deposit currency and margin_level in
        percent; retcode is 0, not TRADE_RETCODE_DONE, when the request could be sent.
        None on failure.

    Errors (see last_error):
        RES_E_INVALID_PARAMS: a field of the wrong type; its name is in the text.
        RES_E_INTERNAL_FAIL_CONNECT: not connected.

    Raises:
        SystemError: a number is negative or too large for its field.

    Example:
        >>> check = mt5.order_check(
        ...     action=mt5.TRADE_ACTION_DEAL,
        ...     symbol="EURUSD",
        ...     volume=1.0,
        ...     type=mt5.ORDER_TYPE_BUY,
        ...     price=mt5.symbol_info_tick("EURUSD").ask,
        ... )
        >>> check.retcode, check.comment, check.margin
        (0, 'Done', 1100.12)
    """
    return session.backend.order_check(_request(request, fields))


@official(
    "order_send(request)",
    "Send trading requests to server",
    takes=dict_or_fields,
    answers=NONE,
    texts=NO_AUTO_TRADING,
)
def order_send(
    session: Session, request: dict[str, Any] | None = None, /, **fields: Any
) -> OrderSendResult:
    """Send a trade request, once, and wait for its result.

    Fields, all of which may be left out; other keys are ignored:

    * action, type, type_filling, type_time: one of TRADE_ACTION_..., ORDER_TYPE_...,
      ORDER_FILLING_... and ORDER_TIME_...;
    * symbol and comment: str of at most 29 UTF-16 units;
    * volume (lots), price, stoplimit, sl, tp: float;
    * deviation (points), magic (the number of your program): int;
    * order, position, position_by: int, tickets;
    * expiration: int, seconds on the trade server's clock; no datetime.

    An int is no float here, and a numpy integer is no int; None is no value.

    Args:
        request: the fields of the request.
        fields: the same as keyword arguments, instead of a dict.

    Returns:
        What became of it. A refusal is a result too: look at retcode. The outcome is
        not known when that is TRADE_RETCODE_TIMEOUT: look at positions and orders
        before you send anything again, or ask `mt5web.sent_requests`. None when
        nothing was sent.

    Errors (see last_error):
        RES_E_INVALID_PARAMS: a field of the wrong type; its name is in the text.
        RES_E_INTERNAL_FAIL_CONNECT: not connected.

    Raises:
        SystemError: a number is negative or too large for its field.

    Example:
        >>> result = mt5.order_send(
        ...     {
        ...         "action": mt5.TRADE_ACTION_DEAL,
        ...         "symbol": "EURUSD",
        ...         "volume": 0.1,
        ...         "type": mt5.ORDER_TYPE_BUY,
        ...         "price": mt5.symbol_info_tick("EURUSD").ask,
        ...         "type_filling": mt5.ORDER_FILLING_IOC,
        ...     }
        ... )
        >>> result.retcode == mt5.TRADE_RETCODE_DONE, result.comment
        (True, 'Request executed')
    """
    return session.backend.order_send(_request(request, fields))


@official(
    "order_calc_margin(action, symbol, volume, price,)",
    "Calculate margin required for specified order",
    takes=positional(4, 4),
    answers=NONE,
)
def order_calc_margin(
    session: Session, action: int, symbol: str, volume: float, price: float, /
) -> float:
    """Calculate the margin of a deal or order on its own, whatever else is open.

    Args:
        action: an ORDER_TYPE_... value but ORDER_TYPE_CLOSE_BY.
        symbol: its exact name.
        volume: lots.
        price: of the deal.

    Returns:
        The margin in the deposit currency; None on failure.

    Errors (see last_error):
        RES_E_INVALID_PARAMS: wrong number of arguments, symbol no str or of more than
            29 UTF-16 units, no such action, no volume.
        RES_E_NOT_FOUND: no such symbol.
        RES_E_INTERNAL_FAIL_CONNECT: not connected.

    Raises:
        SystemError: action is no int, volume or price no number.

    Example:
        >>> mt5.order_calc_margin(mt5.ORDER_TYPE_BUY, "EURUSD", 1.0, 1.1)
        1100.0
    """
    side, lots, quote = c_unsigned(action), c_double(volume), c_double(price)
    return session.backend.order_calc_margin(side, checked(symbol), lots, quote)


@official(
    "order_calc_profit(action, symbol, volume, price_open, price_close)",
    "Calculate profit for the current account in the current market conditions"
    " based on parameters passed",
    takes=positional(5, 5),
    answers=NONE,
)
def order_calc_profit(
    session: Session,
    action: int,
    symbol: str,
    volume: float,
    price_open: float,
    price_close: float,
    /,
) -> float:
    """Calculate the profit of a deal and its opposite, without costs.

    Args:
        action: ORDER_TYPE_BUY or ORDER_TYPE_SELL.
        symbol: its exact name.
        volume: lots.
        price_open: of the deal.
        price_close: of the opposite deal.

    Returns:
        The profit in the deposit currency, at present rates; None on failure.

    Errors (see last_error):
        RES_E_INVALID_PARAMS: wrong number of arguments, symbol no str or of more than
            29 UTF-16 units, no such action, no volume.
        RES_E_NOT_FOUND: no such symbol.
        RES_E_INTERNAL_FAIL_CONNECT: not connected.

    Raises:
        SystemError: action is no int, volume or a price no number.

    Example:
        >>> mt5.order_calc_profit(mt5.ORDER_TYPE_BUY, "EURUSD", 1.0, 1.1, 1.1025)
        250.0
    """
    side, lots = c_unsigned(action), c_double(volume)
    opened, closed = c_double(price_open), c_double(price_close)
    return session.backend.order_calc_profit(
        side, checked(symbol), lots, opened, closed
    )


def _request(request: object, fields: dict[str, Any]) -> TradeRequest:
    return trade_request.read(fields or request)
