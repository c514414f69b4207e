"""Trade requests of the official package: planned, checked, sent."""

from __future__ import annotations

import itertools
import json
import logging
from typing import TYPE_CHECKING

from mt5web_async.calculation import planning
from mt5web_async.calculation.orders import live_order_price
from mt5web_async.calculation.planning import TickValues
from mt5web_async.calculation.requests import (
    DEAL,
    SLTP,
    acceptable,
    prepared,
    wire_request,
)
from mt5web_async.calculation.settings import margin_mode, trading_allowed
from mt5web_async.enums import MarginMode, OrderType, Retcode, Side, TradeAction
from mt5web_async.errors import (
    EngineError,
    InvalidArgument,
    NotFound,
    OutcomeUnknown,
    TradeError,
    TradeRefused,
)
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
    from collections.abc import Mapping

    from mt5web_async.calculation.market import Market
    from mt5web_async.calculation.values import Account
    from mt5web_async.connection.session import Session
    from mt5web_async.protocol.records import (
        FullSymbol,
        Order,
        Position,
        TradeResult,
    )
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
    if not options.trade_allowed:
        return refused_result(Retcode.CLIENT_DISABLES_AT, request)
    try:
        session = drive(engine.trading())
        wire = _prepared(engine, request)
    except TradeError as exc:
        return refused_result(exc.retcode, request)
    except EngineError as exc:
        log.warning("order_send: nothing sent: %s", exc)
        return refused_result(Retcode.CONNECTION, request)
    if options.magic_in_comment:
        wire = wire._replace(comment=tag(wire.comment, request.magic))
    number = next(_request_ids)
    try:
        return send_result(_sent(engine, session, wire, request), request, number)
    except OutcomeUnknown as exc:
        log.warning("order_send: %s", exc)
        return refused_result(exc.retcode, request, number)
    except TradeError as exc:
        return refused_result(exc.retcode, request)


def _sent(
    engine: Terminal, session: Session, wire: WireRequest, request: TradeRequest
) -> TradeResult:
    """What became of a request on this connection."""
    if wire.action == TradeAction.REQUEST:
        offer = drive(engine.send(_question(wire), session=session))
        if offer.answer.retcode != Retcode.PRICES:
            return offer
        buying = wire.type == OrderType.BUY
        price = offer.answer.ask if buying else offer.answer.bid
        if not acceptable(engine.model.symbols.full[wire.symbol], wire, price):
            requote = offer.answer._replace(retcode=int(Retcode.REQUOTE), comment="")
            return offer._replace(answer=requote)
        wire = wire._replace(price_order=price)
    original = json.dumps(request._asdict())
    return drive(
        engine.send(wire, magic=request.magic, original=original, session=session)
    )


def _question(wire: WireRequest) -> WireRequest:
    """What asks for the price of a deal that is made by request."""
    return wire._replace(
        action=int(TradeAction.PRICES), price_order=0.0, sl=0.0, tp=0.0, comment=""
    )


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


def _prepared(engine: Terminal, request: TradeRequest) -> WireRequest:
    """The request as it would travel.

    Raises:
        TradeRefused: it fails a check.
    """
    try:
        _await_prices(engine, request)
    except NotFound:
        raise _refused(Retcode.INVALID, request) from None
    now = engine.model.holdings.now
    market = engine.model.market(now.state)
    held, waiting = now.positions, now.orders.values()
    if _is_gone(request, held, market.account):
        found = wire_request(market, request, WireRequest(), held.values(), waiting)
        if isinstance(found, Retcode):
            raise _refused(found, request)
        return found
    checked = prepared(market, request, WireRequest(), held.values(), waiting)
    if checked.retcode is not None:
        raise _refused(checked.retcode, request)
    return checked.request


def _is_gone(
    request: TradeRequest, held: Mapping[int, Position], account: Account
) -> bool:
    """Whether it is about a position that is not there: the server is to say so."""
    named = request.action in (DEAL, SLTP) and request.position not in {0, *held}
    by_ticket = margin_mode(account) == MarginMode.HEDGING or not request.symbol
    return named and by_ticket and trading_allowed(account)


def _refused(retcode: Retcode, request: TradeRequest) -> TradeRefused:
    return TradeRefused(
        retcode_text(retcode), retcode=int(retcode), symbol=request.symbol
    )


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
    drive(engine.valued([symbol]))
    return engine.model.market()


def _known(symbol: str, money: float | None) -> float:
    if money is None:
        raise NotFound(f"{symbol}: no quotes to convert its money", symbol=symbol)
    return money
