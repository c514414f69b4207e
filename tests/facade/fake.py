"""A backend that answers what it is told to, and remembers what it was asked."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, Final, NamedTuple, cast

import numpy as np

from mt5web.backend import Backend
from mt5web.facade import Terminal
from mt5web.structs import (
    AccountInfo,
    BookInfo,
    OrderCheckResult,
    OrderSendResult,
    SymbolInfo,
    TerminalInfo,
    Tick,
    TradeDeal,
    TradeOrder,
    TradePosition,
    TradeRequest,
)
from mt5web.structseq import StructSequence
from tests.facade.official import API, PYTHON_TYPES, TYPES, python_type

RATES: Final = np.dtype([tuple(field) for field in API["dtypes"]["rates"]["descr"]])
TICKS: Final = np.dtype([tuple(field) for field in API["dtypes"]["ticks"]["descr"]])


class Call(NamedTuple):
    """One call of a backend's method."""

    method: str
    args: tuple[Any, ...]


def filled(kind: type[StructSequence], **given: object) -> Any:
    """A struct sequence of zeros, empty strings and what is given."""
    return kind(
        given.get(field["name"], _empty(python_type(field["type"])))
        for field in TYPES[kind.__name__]["fields"]
    )


def _empty(official: str) -> object:
    if official in PYTHON_TYPES:
        return PYTHON_TYPES[official]()
    return filled(TradeRequest)


ANSWERS: Final[dict[str, Any]] = {
    "initialize": None,
    "login": None,
    "shutdown": None,
    "version": (500, 5000, "14 Sep 2022"),
    "terminal_info": filled(TerminalInfo),
    "account_info": filled(AccountInfo, login=5001),
    "symbols_total": 6000,
    "symbols_get": (filled(SymbolInfo, name="EURUSD"),),
    "symbol_info": filled(SymbolInfo, name="EURUSD"),
    "symbol_info_tick": filled(Tick, bid=1.1, ask=1.2),
    "symbol_select": None,
    "market_book_add": None,
    "market_book_get": (filled(BookInfo, type=1),),
    "market_book_release": None,
    "copy_rates_from": np.zeros(3, RATES),
    "copy_rates_from_pos": np.zeros(3, RATES),
    "copy_rates_range": np.zeros(0, RATES),
    "copy_ticks_from": np.zeros(3, TICKS),
    "copy_ticks_range": np.zeros(0, TICKS),
    "positions_total": 2,
    "positions_get": (
        filled(TradePosition, ticket=1, symbol="EURUSD"),
        filled(TradePosition, ticket=2, symbol="GBPUSD"),
    ),
    "orders_total": 2,
    "orders_get": (
        filled(TradeOrder, ticket=3, symbol="EURUSD"),
        filled(TradeOrder, ticket=4, symbol="GBPUSD"),
    ),
    "history_orders_total": 2,
    "history_orders_get": (filled(TradeOrder, ticket=5, symbol="EURUSD"),),
    "history_deals_total": 2,
    "history_deals_get": (
        filled(TradeDeal, ticket=6, symbol=""),
        filled(TradeDeal, ticket=7, symbol="EURUSD"),
    ),
    "order_check": filled(OrderCheckResult, comment="Done"),
    "order_send": filled(OrderSendResult, retcode=10009),
    "order_calc_margin": 1100.0,
    "order_calc_profit": 12.5,
}


class FakeBackend:
    """Stands for a connected terminal.

    Attributes:
        calls: what was asked, in order.
        answers: what each method returns; what is callable is called for it.
        failure: raised by every method but `shutdown`, when not None.
    """

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.answers = dict(ANSWERS)
        self.failure: BaseException | None = None

    def __getattr__(self, method: str) -> Callable[..., Any]:
        signature = inspect.signature(getattr(Backend, method))

        def call(*args: object, **keywords: object) -> Any:
            bound = signature.bind(self, *args, **keywords).args[1:]
            self.calls.append(Call(method, bound))
            if self.failure is not None and method != "shutdown":
                raise self.failure
            answer = self.answers[method]
            return answer(*bound) if callable(answer) else answer

        return call

    @property
    def last(self) -> Call:
        """What was asked last."""
        return self.calls[-1]


class Setting(NamedTuple):
    """A terminal and what does its work."""

    terminal: Terminal
    backend: FakeBackend

    def call(self, function: str, /, *args: object, **keywords: object) -> Any:
        """Call an official function."""
        return getattr(self.terminal, function)(*args, **keywords)


def unopened() -> Setting:
    """A terminal before `initialize`."""
    backend = FakeBackend()
    return Setting(Terminal(lambda: cast("Backend", backend)), backend)


def connected() -> Setting:
    """A terminal after `initialize`, of which nothing is remembered."""
    setting = unopened()
    assert setting.terminal.initialize()
    setting.backend.calls.clear()
    return setting
