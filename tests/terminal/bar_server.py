"""A server of bars that is asked in place, and counts what it is asked."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Final, TypeVar

import numpy as np
import pandas as pd

from mt5web_async.enums import ChartMode, Period, TickFields
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.records import (
    BAR,
    RATES_REQUEST,
    SYMBOL,
    TICK,
    FullSymbol,
    RatesRequest,
    Symbol,
    Tick,
)
from mt5web_async.terminal.bars import Bars, BarsOptions
from mt5web_async.terminal.model import Model
from mt5web_async.terminal.rates import RATES, Rates
from mt5web_async.terminal.timeframes import Timeframe
from mt5web_async.waiting import Deadline, wait_for

T = TypeVar("T")

DIGITS: Final = 5
SYMBOLS: Final = ("EURUSD", "XAUUSD", "QUIET")
TIMEOUT: Final = 30.0

RULES: Final = {
    **{tf: f"{tf.seconds // 60}min" for tf in Timeframe if tf < Timeframe.W1},
    Timeframe.W1: "W-SUN",
    Timeframe.MN1: "MS",
}
"""The same timeframes in the words of pandas."""


def at(text: str) -> int:
    """Seconds since 1970 of a moment as the server's wall clock shows it."""
    return int(np.datetime64(text, "s").astype(np.int64))


def resampled(rates: Rates, timeframe: Timeframe) -> Rates:
    """Bars of another timeframe as pandas makes them out of M1."""
    frame = pd.DataFrame(rates)
    frame.index = pd.to_datetime(frame["time"], unit="s")
    groups = frame.resample(RULES[timeframe], closed="left", label="left")
    bars = groups.agg(
        {
            "open": "first",
            "high": "max",
            "low": "min",
            "close": "last",
            "tick_volume": "sum",
            "spread": "last",
            "real_volume": "sum",
        }
    )
    bars = bars[groups["open"].count() > 0]
    rows = np.empty(len(bars), RATES)
    rows["time"] = bars.index.to_numpy().astype("datetime64[s]").astype(np.int64)
    for name in bars.columns:
        rows[name] = bars[name].to_numpy()
    return rows


def minutes(*spans: tuple[str, str], seed: int = 1, every: int = 1) -> Rates:
    """M1 bars at random prices.

    Args:
        spans: from when to when, the end not included.
        seed: of the prices.
        every: minutes from one bar to the next.
    """
    times = np.concatenate(
        [np.arange(at(a), at(b), 60 * every) for a, b in spans]
        or [np.empty(0, np.int64)]
    )
    random = np.random.default_rng(seed)
    steps = random.integers(-9, 10, (4, len(times)))
    prices = 110_000 + np.cumsum(steps.sum(axis=0)) + np.cumsum(steps, axis=0)
    rows = np.zeros(len(times), RATES)
    rows["time"] = times
    rows["open"], rows["close"] = prices[0] / 1e5, prices[3] / 1e5
    rows["high"], rows["low"] = prices.max(axis=0) / 1e5, prices.min(axis=0) / 1e5
    rows["tick_volume"] = random.integers(1, 100, len(times))
    rows["real_volume"] = random.integers(0, 1000, len(times))
    return rows


def weekdays(start: str, end: str) -> Rates:
    """M1 bars of a market that is closed at weekends, with some minutes left out."""
    rows = minutes((start, end))
    days = (rows["time"] // 86_400 + 4) % 7  # Sunday is 0
    rows = rows[(days >= 1) & (days <= 5)]
    return rows[np.random.default_rng(2).random(len(rows)) > 0.05]


@dataclass
class BarServer:
    """Answers requests for bars, and pushes ticks.

    Attributes:
        m1: what it has, by symbol; all else follows.
        most: bars in an answer at most.
        keeps_oldest: which end of a long answer is sent.
        depth: s, server time: what opened before is there in months only.
        asked: all requests, in order.
        answered: how many bars they brought.
        limits: s that each of them had, at most.
        gate: requests wait for it.
        then: is called with every request, before it is answered.
    """

    m1: dict[str, Rates]
    most: int = 1 << 30
    keeps_oldest: bool = False
    depth: int = 0
    asked: list[RatesRequest] = field(default_factory=list)
    answered: list[int] = field(default_factory=list)
    limits: list[float] = field(default_factory=list)
    gate: Future[None] | None = None
    then: Callable[[RatesRequest], None] | None = None
    _made: dict[tuple[str, Period], tuple[Rates, Rates]] = field(default_factory=dict)

    async def __call__(
        self,
        command: int,
        payload: bytes,
        handler: Callable[[memoryview], T],
        *,
        timeout: float,
    ) -> T:
        assert command == Command.RATES
        request = RATES_REQUEST.read(payload)
        self.asked.append(request)
        self.limits.append(timeout)
        if self.gate is not None:
            await wait_for(self.gate, Deadline(30.0))
        if self.then is not None:
            self.then(request)
        rows = self.bars(request.symbol, Period(request.period))
        if request.period != Period.MN1:
            rows = rows[rows["time"] >= self.depth]
        times = rows["time"]
        rows = rows[(times >= request.from_) & (times <= request.to)]
        rows = rows[: self.most] if self.keeps_oldest else rows[-self.most :]
        self.answered.append(len(rows))
        return handler(memoryview(encoded(rows)))

    def bars(self, symbol: str, period: Period) -> Rates:
        """All it has of a symbol."""
        m1 = self.m1.get(symbol, np.empty(0, RATES))
        if period == Period.M1 or not len(m1):
            return m1
        made_of, bars = self._made.get((symbol, period), (m1[:0], m1[:0]))
        if made_of is not m1:
            bars = resampled(m1, Timeframe(period))
            self._made[symbol, period] = m1, bars
        return bars


def encoded(rates: Rates) -> bytes:
    """Rows as the wire has them."""
    rows = np.empty(len(rates), BAR.dtype)
    for name in BAR.dtype.names or ():
        rows[name] = rates[name]
    return rows.tobytes()


class Desk:
    """Bars over a server, with a model and a clock that hardly moves.

    Args:
        server: is asked for bars.
        now: server time as the model knows it.
        options: of the bars.
    """

    def __init__(
        self, server: BarServer, now: str, options: BarsOptions | None = None
    ) -> None:
        self.server = server
        self.model = Model()
        self.model.clock._utc = lambda: float(at(now))
        listed = [Symbol(name=n, symbol_id=i + 1) for i, n in enumerate(SYMBOLS)]
        self.model.symbols.take_list(SYMBOL.rows(SYMBOL.write_all(listed)))
        self.watched: set[str] = set()
        self.seconds = 0.0
        self.bars = Bars(
            self.model,
            server,
            lambda name: name in self.watched,
            options,
            timeout=TIMEOUT,
            clock=self._clock,
        )

    def _clock(self) -> float:
        self.seconds += 1e-6
        return self.seconds

    def watch(self, name: str, *, chart: ChartMode = ChartMode.BID) -> None:
        """Let ticks of a symbol come in."""
        number = SYMBOLS.index(name) + 1
        full = FullSymbol(
            name=name, symbol_id=number, digits=DIGITS, chart_mode=int(chart)
        )
        self.model.symbols.take_full([full])
        self.watched.add(name)

    def tick(
        self, name: str, time: int, bid: float = 0.0, last: float = 0.0, volume: int = 0
    ) -> None:
        """Push a tick; only what is not 0 is marked, the ask along with the bid."""
        ask = bid and bid + 0.0001
        given = {
            TickFields.BID: bid,
            TickFields.ASK: ask,
            TickFields.LAST: last,
            TickFields.VOLUME: volume,
        }
        tick = Tick(
            symbol_id=SYMBOLS.index(name) + 1,
            time=time,
            fields=int(sum(mark for mark, value in given.items() if value)),
            bid=bid * 10**DIGITS,
            ask=ask * 10**DIGITS,
            last=last * 10**DIGITS,
            volume=volume * 10**8,
        )
        self.model.quotes.take_ticks(memoryview(TICK.write(tick)))

    def requests(self) -> list[RatesRequest]:
        """What was asked since the last look."""
        asked, self.server.asked = self.server.asked, []
        return asked
