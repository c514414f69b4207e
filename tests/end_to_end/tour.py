"""A tour through all trade requests, which checks everything after each of them."""

from __future__ import annotations

from typing import Any

import mt5web as mt5
from mt5web_async.calculation.account import AccountFigures
from mt5web_async.enums import RETCODE_TEXTS
from mt5web_async.simulator import Simulator
from mt5web_async.simulator.trading.rules import funds
from tests.waiting import eventually

EURUSD = "EURUSD"
FAR = 2**31 - 1


class Tourist:
    """A terminal at a server whose prices stand still.

    Args:
        server: the server.
        login: of the account; 0: the server's first one.
        password: of that account.
    """

    def __init__(self, server: Simulator, login: int = 0, password: str = "") -> None:
        self.server = server
        self.login = login or server.login
        self.switches = server.config.switches
        self.terminal = mt5.Terminal()
        assert self.terminal.initialize(
            server=server.url, login=self.login, password=password or server.password
        )
        self.sent = 0

    def quote(self, symbol: str, bid: float, ask: float) -> None:
        """Set a price and wait until the terminal has it."""
        self.server.quote(symbol, bid=bid, ask=ask)

        def known() -> bool:
            tick = self.terminal.symbol_info_tick(symbol)
            return tick is not None and (tick.bid, tick.ask) == (bid, ask)

        eventually(known)

    def order(self, **request: Any) -> mt5.OrderSendResult:
        """Send a request, and look at what a result always has."""
        result = self.terminal.order_send(request)
        assert result is not None, self.terminal.last_error()
        assert self.terminal.last_error() == (1, "Success")
        for name, value in request.items():
            assert getattr(result.request, name) == value
        assert result.comment == RETCODE_TEXTS[result.retcode]
        assert result.retcode_external == 0
        self.check_figures()
        return result

    def done(self, *codes: int, **request: Any) -> mt5.OrderSendResult:
        """Send a request that is carried out, with one of these codes."""
        result = self.order(**request)
        assert result.retcode in (codes or (mt5.TRADE_RETCODE_DONE,)), result
        return result

    def refused(self, code: int, **request: Any) -> mt5.OrderSendResult:
        """Send a request that is refused by the server."""
        result = self.order(**request)
        assert (result.retcode, result.deal, result.order) == (code, 0, 0), result
        assert self.terminal.orders_total() == len(self.orders)
        return result

    def deal(self, *codes: int, **request: Any) -> mt5.OrderSendResult:
        """Make a deal; it is in the history and its order is not open any more."""
        tick = self.terminal.symbol_info_tick(request.setdefault("symbol", EURUSD))
        assert tick is not None
        kind = request.setdefault("type", mt5.ORDER_TYPE_BUY)
        request.setdefault("price", (tick.ask, tick.bid)[kind])
        request.setdefault("type_filling", mt5.ORDER_FILLING_IOC)
        result = self.done(*codes, action=mt5.TRADE_ACTION_DEAL, **request)
        assert result.deal
        deals = self.deals_of(result.order)
        assert deals[-1].ticket == result.deal
        assert round(sum(one.volume for one in deals), 8) == result.volume
        assert {one.magic for one in deals} == {request.get("magic", 0)}
        assert {one.comment for one in deals} == {request.get("comment", "")}
        assert self.terminal.orders_get(ticket=result.order) == ()
        (order,) = self.terminal.history_orders_get(ticket=result.order) or ()
        assert (order.volume_initial, order.type) == (request["volume"], kind)
        assert (result.bid > 0, result.ask >= result.bid) == (True, True)
        return result

    def deals_of(self, order: int) -> list[mt5.TradeDeal]:
        """All deals of an order."""
        every = self.terminal.history_deals_get(0, FAR) or ()
        return [deal for deal in every if deal.order == order]

    def opened(self, *codes: int, **request: Any) -> mt5.TradePosition:
        """Open a position; its ticket is that of the order."""
        result = self.deal(*codes, **request)
        (position,) = self.terminal.positions_get(ticket=result.order) or ()
        assert (position.price_open, position.volume) == (result.price, result.volume)
        assert (position.identifier, position.magic) == (
            result.order,
            request.get("magic", 0),
        )
        assert position.comment == request.get("comment", "")
        return position

    def closed(self, position: mt5.TradePosition, **request: Any) -> None:
        """Close a position, or a part of it."""
        request.setdefault("volume", position.volume)
        kind = mt5.ORDER_TYPE_SELL if position.type == 0 else mt5.ORDER_TYPE_BUY
        result = self.deal(
            symbol=position.symbol, type=kind, position=position.ticket, **request
        )
        rest = round(position.volume - request["volume"], 8)
        left = self.terminal.positions_get(ticket=position.ticket) or ()
        assert [one.volume for one in left] == ([rest] if rest else [])
        deals = self.terminal.history_deals_get(position=position.ticket) or ()
        assert (deals[-1].ticket, deals[-1].entry) == (result.deal, mt5.DEAL_ENTRY_OUT)

    def placed(self, **request: Any) -> mt5.TradeOrder:
        """Place a pending order."""
        code = (
            mt5.TRADE_RETCODE_PLACED
            if self.switches.pending_as_placed
            else mt5.TRADE_RETCODE_DONE
        )
        request.setdefault("symbol", EURUSD)
        request.setdefault("volume", 0.1)
        result = self.done(code, action=mt5.TRADE_ACTION_PENDING, **request)
        assert (result.deal, result.volume) == (0, request["volume"])
        (order,) = self.terminal.orders_get(ticket=result.order) or ()
        assert (order.type, order.price_open) == (request["type"], request["price"])
        assert order.price_stoplimit == request.get("stoplimit", 0.0)
        assert (order.volume_initial, order.volume_current) == (request["volume"],) * 2
        assert (order.state, order.magic) == (
            mt5.ORDER_STATE_PLACED,
            request.get("magic", 0),
        )
        assert order.type_time == request.get("type_time", mt5.ORDER_TIME_GTC)
        return order

    def removed(self, order: mt5.TradeOrder) -> None:
        """Delete a pending order."""
        result = self.done(action=mt5.TRADE_ACTION_REMOVE, order=order.ticket)
        assert (result.order, result.deal) == (order.ticket, 0)
        assert self.terminal.orders_get(ticket=order.ticket) == ()
        (done,) = self.terminal.history_orders_get(ticket=order.ticket) or ()
        assert (done.state, done.magic) == (mt5.ORDER_STATE_CANCELED, order.magic)

    @property
    def orders(self) -> tuple[Any, ...]:
        """Open orders as the server has them."""
        login = self.login
        return self.server.do(lambda broker: broker.exchange.orders(login))

    def check_figures(self) -> None:
        """Account, positions and orders are those of the server, now."""
        login = self.login
        held = self.server.do(lambda broker: broker.exchange.positions(login))
        shown = self.terminal.positions_get() or ()
        assert [one.ticket for one in shown] == [one.position_id for one in held]
        assert [one.profit for one in shown] == [one.profit for one in held]
        figures: AccountFigures = self.server.do(
            lambda broker: funds.figures(broker.exchange._desk(login))
        )
        account = self.terminal.account_info()
        assert account is not None
        assert (account.balance, account.equity, account.margin) == (
            figures.balance,
            figures.equity,
            figures.margin,
        )
