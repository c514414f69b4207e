"""What a server holds that never changes, and whether an answer is just that."""

from __future__ import annotations

import random
from collections.abc import Callable, Hashable, Mapping
from typing import Final

import mt5web as mt5
from mt5web_async.simulator import Simulator
from tests.waiting import eventually

DAY: Final = 24 * 3600
START: Final = 1_700_006_400
FRAMES: Final = (mt5.TIMEFRAME_M5, mt5.TIMEFRAME_H1, mt5.TIMEFRAME_D1)
SYMBOLS: Final = ("EURUSD", "GBPUSD", "USDJPY", "XAUUSD", "AUDUSD", "USDCHF")
BOOKED: Final = ("EURUSD", "EURJPY")
FAR: Final = 2**31 - 1

Question = tuple[str, Hashable]
"""Its kind, and what it is about."""


def _bars(terminal: mt5.Terminal, about: tuple[str, int, int]) -> Hashable:
    name, frame, day = about
    start = START + day * 7 * DAY
    rates = terminal.copy_rates_range(name, frame, start, start + DAY)
    return None if rates is None else rates.tobytes()


def _symbol(terminal: mt5.Terminal, name: str) -> Hashable:
    info = terminal.symbol_info(name)
    if info is None:
        return None
    return (info.name, info.path, info.digits, info.trade_contract_size)


def _tick(terminal: mt5.Terminal, name: str) -> Hashable:
    tick = terminal.symbol_info_tick(name)
    return None if tick is None else (tick.bid, tick.ask)


def _book(terminal: mt5.Terminal, name: str) -> Hashable:
    """Empty is no answer: its levels are on their way."""
    if not terminal.market_book_add(name):
        return None
    return tuple(terminal.market_book_get(name) or ()) or None


def _deals(terminal: mt5.Terminal, order: int) -> Hashable:
    deals = terminal.history_deals_get(ticket=order)
    return None if deals is None else tuple(deals)


def _account(terminal: mt5.Terminal, _: None) -> Hashable:
    info = terminal.account_info()
    return None if info is None else (info.login, info.server, info.currency)


ASK: Final[Mapping[str, Callable[..., Hashable]]] = {
    "bars": _bars,
    "symbol": _symbol,
    "tick": _tick,
    "book": _book,
    "deals": _deals,
    "account": _account,
}


def ask(terminal: mt5.Terminal, question: Question) -> Hashable:
    """The answer; None: there is none."""
    kind, about = question
    return ASK[kind](terminal, about)


class Known:
    """Questions, and the answers to them on a connection that nothing disturbs.

    Args:
        server: whose; its market must not move by itself.
        days: how many days' bars of each symbol and timeframe are asked for.
        deals: how many to make, to be asked for.
    """

    def __init__(self, server: Simulator, *, days: int = 3, deals: int = 5) -> None:
        for number, name in enumerate(SYMBOLS, start=1):
            server.quote(name, bid=float(number), ask=number + 0.01)
        for number, name in enumerate(BOOKED, start=1):
            asks = [(number + 0.01 * step, 1.0 * step) for step in range(1, 4)]
            server.depth(name, [(float(number), 1.0)], asks)
        terminal = mt5.Terminal()
        assert terminal.initialize(**server.credentials)
        orders = [terminal.Buy("EURUSD", 0.01) for _ in range(deals)]
        windows = [(n, f, day) for n in SYMBOLS for f in FRAMES for day in range(days)]
        questions: list[Question] = [
            *(("bars", window) for window in windows),
            *(("symbol", name) for name in SYMBOLS),
            *(("tick", name) for name in SYMBOLS),
            *(("book", name) for name in BOOKED),
            *(("deals", one.order) for one in orders if one is not None),
            ("account", None),
        ]
        eventually(lambda: all(_book(terminal, name) for name in BOOKED))
        self.answers = {question: ask(terminal, question) for question in questions}
        assert None not in self.answers.values()
        assert len(set(self.answers.values())) == len(questions)  # all are different
        terminal.shutdown()

    def any(self, chance: random.Random) -> Question:
        """One of the questions; each kind is as likely as any other."""
        kind = chance.choice(list(ASK))
        return chance.choice([q for q in self.answers if q[0] == kind])
