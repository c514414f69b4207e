"""Trade requests of the official package: planned, checked, sent."""

from __future__ import annotations

import itertools
import json
import logging
from typing import TYPE_CHECKING

from mt5web_async.calculation import planning
from mt5web_async.calculation.orders import live_order_price
from mt5web_async.calculation.planning import TickValues
from mt5web_async.calculation.requests import prepared
from mt5web_async.enums import OrderType, Retcode, Side
from mt5web_async.errors import InvalidArgument, NotFound, TradeError
from mt5web_async.protocol.records import TradeRequest as WireRequest
from mt5web_async.waiting import drive

from .magic_tags import tag
from .mapping.trading import (
    refused_check,
    refused_result,
    retcode_text,
    send_result,
)
from .structs import OrderCheckResult

if TYPE_CHECKING:
    from mt5web_async.calculation.market import Market
    from mt5web_async.protocol.records import FullSymbol, Order
    from mt5web_async.terminal.terminal import Terminal

    from .settings import Options
    from .structs import OrderSendResult, TradeRequest

log = logging.getLogger("mt5web")

_request_ids = itertools.count(1)


def tick_values(market: Market, symbol: FullSymbol) -> tuple[float, float]:
    """What a winning and a losing tick are worth; (0, 0) without quotes."""
    values: TickValues = planning.tick_values(market, symbol)
    return values.profit, values.loss


def order_price(market: Market, order: Order) -> float:
    """The market price of an open order's side."""
    symbol = market.symbols.get(order.symbol)
    if symbol is None:
        return order.price_current
    return live_order_price(market, symbol, order)


def send(engine: Terminal, request: TradeRequest, options: Options) -> OrderSendResult:
    """Send a request, at most once; whatever becomes of it is a result.

    Args:
        engine: the terminal.
        request: as the program gave it.
        options: whether programs may trade, and mark their orders.
    """
    number = next(_request_ids)
    if not options.trade_allowed:
        return refused_result(Retcode.CLIENT_DISABLES_AT, request, number)
    if not engine.connected:
        return refused_result(Retcode.CONNECTION, request, number)
    wire = _prepared(engine, request)
    if isinstance(wire, Retcode):
        return refused_result(wire, request, number)
    if options.magic_in_comment:
        wire = wire._replace(comment=tag(wire.comment, request.magic))
    try:
        result = drive(
            engine.send(
                wire, magic=request.magic, original=json.dumps(request._asdict())
            )
        )
    except TradeError as exc:
        log.warning("order_send: %s", exc)
        return refused_result(exc.retcode, request, number)
    return send_result(result, request, number)


def check(engine: Terminal, request: TradeRequest) -> OrderCheckResult:
    """What a request would do to the account."""
    try:
        name = request.symbol or _symbol_of(engine, request)
        if name:
            _quoted(engine, name)
    except NotFound:
        return refused_check(Retcode.INVALID, request)
    held = engine.model.holdings.now
    found = planning.order_check(
        engine.model.market(held.state),
        request,
        WireRequest(),
        held.positions.values(),
        held.orders.values(),
    )
    comment = "Done" if found.retcode == 0 else retcode_text(found.retcode)
    return OrderCheckResult((*found, comment, request))


def _prepared(engine: Terminal, request: TradeRequest) -> WireRequest | Retcode:
    """The request as it would travel, or the code of the check that it fails."""
    try:
        _await_prices(engine, request)
    except NotFound:
        return Retcode.INVALID
    held = engine.model.holdings.now
    checked = prepared(
        engine.model.market(held.state),
        request,
        WireRequest(),
        held.positions.values(),
        held.orders.values(),
    )
    return checked.request if checked.retcode is None else checked.retcode


def _await_prices(engine: Terminal, request: TradeRequest) -> None:
    """Have the symbol of a request quoted.

    Raises:
        NotFound: the server has no such symbol.
    """
    name = request.symbol or _symbol_of(engine, request)
    if name and engine.model.quotes.get(name) is None:
        drive(engine.quote(name))


def _symbol_of(engine: Terminal, request: TradeRequest) -> str:
    """The symbol of what a request is about that names none."""
    held = engine.model.holdings.now
    position = held.positions.get(request.position)
    if position is not None:
        return position.symbol
    order = held.orders.get(request.order)
    return "" if order is None else order.symbol


def calc_profit(
    engine: Terminal,
    action: int,
    symbol: str,
    volume: float,
    price_open: float,
    price_close: float,
) -> float:
    """The profit of a deal in the deposit currency."""
    if action not in (OrderType.BUY, OrderType.SELL):
        raise InvalidArgument(f"action {action}: ORDER_TYPE_BUY or _SELL is right")
    _check_volume(volume)
    market = _quoted(engine, symbol)
    full, side = market.symbols[symbol], Side(action)
    profit = planning.profit_of(market, full, side, volume, price_open, price_close)
    return _known(symbol, profit)


def calc_margin(
    engine: Terminal, action: int, symbol: str, volume: float, price: float
) -> float:
    """The margin of a deal in the deposit currency."""
    if not 0 <= action <= OrderType.SELL_STOP_LIMIT:
        raise InvalidArgument(
            f"action {action}: an ORDER_TYPE_... from 0 to 7 is right"
        )
    _check_volume(volume)
    market = _quoted(engine, symbol)
    margin = planning.margin_of(market, market.symbols[symbol], action, volume, price)
    return _known(symbol, margin)


def _check_volume(volume: float) -> None:
    if not volume > 0:
        raise InvalidArgument(f"volume {volume}: more than 0 lots are right")


def _quoted(engine: Terminal, symbol: str) -> Market:
    """The market once a symbol and what converts its money are quoted.

    A pair that steps in for one without quotes has another rate, so all are waited
    for, each one once and for a limited time.

    Raises:
        NotFound: the server has no such symbol.
    """
    drive(engine.ask(symbol))
    drive(engine.full_symbols([symbol]))
    drive(engine.quoted([symbol, *engine.conversions([symbol])]))
    return engine.model.market()


def _known(symbol: str, money: float | None) -> float:
    if money is None:
        raise NotFound(f"{symbol}: no quotes to convert its money", symbol=symbol)
    return money
