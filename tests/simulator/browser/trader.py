"""Somebody who clicks wildly in a web terminal, the same way for the same seed."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any, Final, TypeVar

from mt5web_async.calculation.account import AccountFigures
from mt5web_async.enums import (
    ChartMode,
    ExecutionMode,
    MarginMode,
    OrderTime,
    OrderType,
    Side,
)
from mt5web_async.protocol.records import FullSymbol, Position
from mt5web_async.simulator import Simulator
from mt5web_async.simulator.trading.rules import funds

from .terminal import Browser
from .window import LOT

T = TypeVar("T")

PRICES: Final = {
    "EURUSD": 1.1,
    "EURJPY": 163.0,
    "EURGBP": 0.85,
    "USDNOK": 10.6,
    "USDSEK": 10.4,
    "XAUUSD": 2600.0,
    "DE40": 19_500.0,
    "ACME": 180.0,
    "US500F": 5600.0,
}
"""What is traded: every way of execution, most ways of calculation."""

PAIRS: Final = {"USDJPY": 148.0, "GBPUSD": 1.29}
"""By which the rest is converted."""

BOOKS: Final = ("EURUSD", "ACME", "US500F")
_PENDING: Final = tuple(OrderType)[OrderType.BUY_LIMIT : OrderType.CLOSE_BY]
_UPWARDS: Final = (OrderType.SELL_LIMIT, OrderType.BUY_STOP, OrderType.BUY_STOP_LIMIT)
_PAUSES: Final = (1.0, 60.0, 3600.0, 30_000.0)


class Trader:
    """Moves the prices of a server, which is quoted by hand, and trades in it.

    Args:
        server: on a manual clock.
        browser: on a connection that has its key.
        seed: of what is done.

    Attributes:
        codes: how often each result came.
    """

    def __init__(self, server: Simulator, browser: Browser, seed: int) -> None:
        self.server = server
        self.browser = browser
        self.codes: Counter[int] = Counter()
        self._chance = random.Random(seed)  # noqa: S311 - a repeatable session
        self._prices = {**PRICES, **PAIRS}
        self._symbols: dict[str, FullSymbol] = server.do(
            lambda broker: {
                one.symbol.name: one.symbol for one in broker.catalogue.listings
            }
        )
        for name in self._prices:
            self._quote(name)
        browser.log_in(server.login, server.password)
        browser.show(*PRICES)
        browser.watch(*BOOKS)
        self._mode = browser.account.account.margin_mode

    def settle(self) -> None:
        """Let the browser hear of everything."""
        self.server.advance(0)
        self.browser.settle()

    @property
    def expected(self) -> AccountFigures:
        """The account as the trade server computes it."""
        login = self.server.login
        result: AccountFigures = self.server.do(
            lambda broker: funds.figures(broker.exchange._desk(login))
        )
        return result

    def act(self) -> None:
        """Do one thing or another."""
        doings = (
            self._move,
            self._move,
            self._deal,
            self._deal,
            self._close,
            self._place,
            self._delete,
            self._change,
            self._levels,
            self._pass_time,
        )
        code = self._any(doings)()
        if code:
            self.codes[code] += 1

    def _any(self, choices: Any) -> Any:
        return self._chance.choice(tuple(choices))

    def _wait(self) -> None:
        self.server.advance(1)

    def _quote(self, name: str) -> None:
        symbol, price = self._symbols[name], self._prices[name]
        bid = round(price / symbol.tick_size) * symbol.tick_size
        spread = self._chance.randint(1, 20) * symbol.tick_size
        sides = {
            "bid": round(bid, symbol.digits),
            "ask": round(bid + spread, symbol.digits),
        }
        if symbol.chart_mode == ChartMode.LAST:
            deal = {"last": self._any(sides.values()), "volume": 5.0}
            self.server.quote(name, **sides, **deal)
        else:
            self.server.quote(name, **sides)

    def _move(self) -> int:
        name = self._any(self._prices)
        self._prices[name] *= 1 + self._chance.uniform(-0.003, 0.003)
        self._quote(name)
        return 0

    def _deal(self) -> int:
        name, side = self._any(PRICES), self._any(Side)
        lots = self._lots(name)
        browser = self.browser
        mode = browser.symbol(name).trade.execution_mode
        if mode == ExecutionMode.REQUEST and self._chance.random() < 0.5:
            return browser.deal_at_prices_asked_for(name, side, lots, self._wait)
        return browser.outcome(browser.window.deal(name, side, lots), self._wait)

    def _lots(self, name: str) -> float:
        trade = self.browser.symbol(name).trade
        steps = self._chance.randint(1, 30) * trade.volume_step
        return max(trade.volume_min, steps) / LOT

    def _close(self) -> int:
        held = list(self.browser.trades.positions.values())
        if not held:
            return 0
        window, position = self.browser.window, self._any(held)
        others = [one for one in held if _closes(one, position)]
        if self._mode == MarginMode.HEDGING and others and self._chance.random() < 0.3:
            request = window.close_by(position, self._any(others))
        else:
            step = self.browser.symbol(position.symbol).trade.volume_step
            steps = self._chance.randint(1, max(position.volume // step, 1))
            request = window.close(position, self._any((None, steps * step / LOT)))
        return self.browser.outcome(request, self._wait)

    def _place(self) -> int:
        name, kind, browser = self._any(PRICES), self._any(_PENDING), self.browser
        way = 1 if kind in _UPWARDS else -1
        price = browser.price(name, kind % 2)
        price *= 1 + way * self._chance.uniform(-0.0005, 0.004)
        more: dict[str, Any] = self._expiry()
        if kind >= OrderType.BUY_STOP_LIMIT:
            trigger = browser.window.aligned(name, price * (1 - way * 0.001))
            more["price_trigger"] = trigger
        if browser.symbol(name).trade.execution_mode == ExecutionMode.EXCHANGE:
            more["type_filling"] = self._chance.randrange(4)
        request = browser.window.place(name, kind, self._lots(name), price, **more)
        return browser.outcome(request, self._wait)

    def _expiry(self) -> dict[str, Any]:
        kind = self._any(OrderTime)
        if kind in (OrderTime.GTC, OrderTime.DAY):
            return {"type_time": int(kind)}
        now = self.server.do(lambda broker: broker.now) // 1000
        end = now + self._chance.randint(1, 100_000)
        return {"type_time": int(kind), "time_expiration": end}

    def _delete(self) -> int:
        waiting = self.browser.trades.orders.values()
        if not waiting:
            return 0
        request = self.browser.window.delete(self._any(waiting))
        return self.browser.outcome(request, self._wait)

    def _change(self) -> int:
        waiting = self.browser.trades.orders.values()
        if not waiting:
            return 0
        order, window = self._any(waiting), self.browser.window
        step = self.browser.symbol(order.symbol).tick_size
        price = order.price_order + step * self._chance.randint(-20, 20)
        request = window.change(order, window.aligned(order.symbol, price))
        return self.browser.outcome(request, self._wait)

    def _levels(self) -> int:
        held = self.browser.trades.positions.values()
        if not held:
            return 0
        position = self._any(held)
        name, window = position.symbol, self.browser.window
        way = 0.002 if position.action == Side.BUY else -0.002
        price = self.browser.price(name, 1 - position.action)
        sl = self._any((0.0, window.aligned(name, price * (1 - way))))
        tp = self._any((0.0, window.aligned(name, price * (1 + way))))
        return self.browser.outcome(window.levels(position, sl, tp), self._wait)

    def _pass_time(self) -> int:
        self.server.advance(self._any(_PAUSES))
        return 0


def _closes(one: Position, other: Position) -> bool:
    return one.symbol == other.symbol and one.action != other.action
