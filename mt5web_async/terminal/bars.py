"""Bars of every timeframe, as far back as the server has them."""

from __future__ import annotations

import threading
import time
from collections.abc import AsyncIterator, Callable, Collection
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final

from mt5web_async.calculation.quotes import Quote
from mt5web_async.errors import EngineError, InvalidArgument, NoBars
from mt5web_async.waiting import Deadline, settle, wait_for

from .bar_cache import BarCache, Known, Series
from .bar_source import LAST_SECOND, BarSource, Moment, Patience, Request
from .bar_walk import Span, Walk
from .live_bars import LiveTicks, Running
from .model import Model
from .rates import Rates, SpareMemory, joined
from .ticks.rows import Rows
from .timeframes import Timeframe

_SETTLED: Final = 10
"""s after which a tick of the next bar means that all ticks of a bar are in it."""


@dataclass(frozen=True, kw_only=True)
class BarsOptions:
    """How bars are fetched and kept.

    Attributes:
        cache_size: most bytes of bars that are kept for later calls, all symbols and
            timeframes together; a bar takes 60. Answers themselves come on top, and
            up to 16 MiB that are made ready for the next one.
        max_bars: a call for so many bars or more is refused.
        fresh_for: s that the bar still forming may be kept up to date by ticks alone,
            before the server is asked for it again.
    """

    cache_size: int = 128 * 1024 * 1024
    max_bars: int = 10_000_000
    fresh_for: float = 10.0


def _now(work: Callable[[], None]) -> None:
    work()


class Bars:
    """The bars of a terminal's symbols.

    All times are seconds since 1970 on the trade server's clock, when bars open. All
    methods answer with rows of :data:`~mt5web_async.terminal.rates.RATES`, oldest
    first: shape (n,), read-only, memory of their own. The bar still forming is one
    of them. Callers of one symbol and timeframe take turns, so that nothing is
    fetched twice.

    Args:
        model: what is known; tells which symbols there are, and the ticks.
        request: asks the server.
        watched: whether all ticks of a symbol are coming in.
        options: how bars are fetched and kept.
        timeout: s that a call may wait for an answer, and for others before it.
        clock: s of a clock that never goes back.
        later: has something done in another thread, which nobody waits for.

    All methods answer with arrays of shape (n,), oldest bar first: time (s, server
    clock), open, high, low, close (price), tick_volume (price changes), spread (points,
    always 0) and real_volume. Times that they are given are s of the server clock, too.

    Example:
        >>> import asyncio
        >>> from mt5web_async import connect
        >>> from mt5web_async.simulator import Simulator
        >>> from mt5web_async.terminal.timeframes import Timeframe
        >>> async def hours(server):
        ...     joining = connect(server.url, server.login, server.password)
        ...     async with await joining as terminal:
        ...         return await terminal.rates.rates_range(
        ...             "EURUSD", Timeframe.H1, 1773133200, 1773144000
        ...         )
        >>> with Simulator() as server:
        ...     asyncio.run(hours(server))["time"].tolist()
        [1773133200, 1773136800, 1773140400, 1773144000]
    """

    def __init__(
        self,
        model: Model,
        request: Request,
        watched: Callable[[str], bool],
        options: BarsOptions | None = None,
        *,
        timeout: float,
        clock: Callable[[], float] = time.monotonic,
        later: Callable[[Callable[[], None]], None] = _now,
    ) -> None:
        self.options = options or BarsOptions()
        self._model = model
        self._watched = watched
        self._timeout = timeout
        self._clock = clock
        self._later = later
        self._cache = BarCache(self.options.cache_size)
        self._source = BarSource(request, self._moment)
        self._ticks = LiveTicks()
        self._seen: dict[str, int] = {}  # newest time of a bar by symbol, s
        self._spare = SpareMemory()
        self._turns = _Turns()
        model.quotes.record(self)

    @property
    def cached(self) -> int:
        """Bytes of bars that are kept."""
        return self._cache.size

    def take(self, name: str, quote: Quote) -> None:
        """A tick came: records quotes."""
        self._ticks.note(name, quote, self._model.symbols.full)

    def take_rows(self, name: str, rows: Rows) -> None:
        """Many ticks of a symbol came: records quotes."""
        self._ticks.note_rows(name, rows, self._model.symbols.full)

    def forget(self) -> None:
        """Keep nothing: a new connection, the server may have other bars."""
        self._cache.clear()
        self._ticks.clear()
        self._seen = {}

    def keep_ticks(self, symbols: Collection[str]) -> None:
        """No ticks of others come any more; those to come have a gap before."""
        self._ticks.keep(symbols)

    async def rates_from(
        self, symbol: str, timeframe: int, time: int, count: int
    ) -> Rates:
        """The last `count` bars that opened at `time` or before.

        Fewer if the history begins later.

        Raises:
            NotFound: no such symbol.
            InvalidArgument: no such timeframe, or a count out of range.
            NoBars: no bar opened at `time` or before.
            EngineError: the server did not answer.
        """
        self._check_count(count)
        rates = await self._rates(symbol, timeframe, Span(0, time, count))
        if not len(rates):
            raise NoBars(f"{symbol}: no bars at {time} or before", symbol=symbol)
        return rates

    async def rates_from_pos(
        self, symbol: str, timeframe: int, start: int, count: int
    ) -> Rates:
        """`count` bars back from the one at `start`; 0 is the newest one.

        Fewer if the history begins later.

        Raises:
            NotFound: no such symbol.
            InvalidArgument: no such timeframe, start below 0, or a count out of
                range.
            NoBars: the history holds no more than `start` bars.
            EngineError: the server did not answer.
        """
        self._check_count(count)
        if start < 0:
            raise InvalidArgument(f"start {start}: positions begin at 0")
        wanted = Span(0, LAST_SECOND, count, skipped=start)
        rates = await self._rates(symbol, timeframe, wanted)
        if not len(rates):
            raise NoBars(f"{symbol}: no more than {start} bars", symbol=symbol)
        return rates

    async def rates_range(
        self, symbol: str, timeframe: int, start: int, end: int
    ) -> Rates:
        """The bars that opened from `start` to `end`, both included; may be none.

        Raises:
            NotFound: no such symbol.
            InvalidArgument: no such timeframe, or too many bars.
            EngineError: the server did not answer.
        """
        most = self.options.max_bars
        rates = await self._rates(symbol, timeframe, Span(start, end, most))
        if len(rates) >= most:
            raise InvalidArgument(f"{most} bars or more asked for", symbol=symbol)
        return rates

    async def _rates(self, symbol: str, timeframe: int, wanted: Span) -> Rates:
        series = self._series(symbol, timeframe)
        called, patience = self._clock(), Patience(self._timeout, self._clock)
        async with self._turns.of(series, patience):
            while True:
                generation = self._cache.generation
                walk = self._walk(series, generation, patience)
                parts = await walk.gather(wanted, self._fresh(series, called))
                # bars of two connections may not fit together
                if generation == self._cache.generation:
                    break
            rows = sum(map(len, parts))
            rates = joined(parts, self._spare.take(rows))
            if walk.asked:
                self._later(partial(self._spare.prepare, rows))
        rates.flags.writeable = False
        return rates

    def _walk(self, series: Series, generation: int, patience: Patience) -> Walk:
        return Walk(
            series,
            self._cache.get(series),
            partial(self._source.fetch, patience),
            lambda known: self._keep(series, known, generation),
            now=int(self._model.clock.now()),
            seen=self._seen.get(series.symbol, 0),
            clock=self._clock,
        )

    def _keep(self, series: Series, known: Known, generation: int) -> None:
        self._cache.put(series, known, generation)
        if known.running is not None and generation == self._cache.generation:
            seen = self._seen
            seen[series.symbol] = max(seen.get(series.symbol, 0), known.running.time)

    def _fresh(self, series: Series, called: float) -> Running | None:
        """The newest bar, if the server need not be asked for it."""
        running = self._cache.get(series).running
        if running is None:
            return None
        updated = self._ticks.updated(running)
        if running.told > called:  # to the caller before, while this one waited
            return updated or running
        age = self._clock() - running.told
        current = self._watched(series.symbol) and age < self.options.fresh_for
        return updated if current else None

    def _moment(self, symbol: str) -> Moment:
        """How things stand with a symbol; in the I/O thread."""
        quote = self._model.quotes.get(symbol)
        seen = self._seen.get(symbol, 0)
        if quote is None:
            return Moment(None, seen)
        ticked = quote.time_msc // 1000
        return Moment(
            self._ticks.mark(symbol),
            max(ticked - _SETTLED, seen),
            ticked if self._watched(symbol) else None,
        )

    def _series(self, symbol: str, timeframe: int) -> Series:
        self._model.symbols.id_of(symbol)
        try:
            return Series(symbol, Timeframe(timeframe))
        except ValueError:
            raise InvalidArgument(
                f"timeframe {timeframe}: there is no such", symbol=symbol
            ) from None

    def _check_count(self, count: int) -> None:
        most = self.options.max_bars
        if not 0 < count < most:
            raise InvalidArgument(f"{count} bars: 1 to {most - 1} can be asked for")


class _Turns:
    """One caller at a time per series; the others wait.

    A server that does not answer one costs the next ones no more than their own time.
    """

    def __init__(self) -> None:
        self._taken: dict[Series, Future[bool]] = {}  # whether the server answered
        self._taken_lock = threading.Lock()

    @asynccontextmanager
    async def of(self, series: Series, patience: Patience) -> AsyncIterator[None]:
        """Wait for one's turn, and have it.

        Args:
            series: what the turn is about.
            patience: of the caller; renewed by the answers that others get.
        """
        over: Future[bool] = Future()
        while True:
            with self._taken_lock:
                other = self._taken.setdefault(series, over)
            if other is over:
                break
            if await wait_for(other, Deadline(None)):
                patience.renew()
        answered = True
        try:
            yield
        except EngineError:
            answered = False
            raise
        finally:
            with self._taken_lock:
                del self._taken[series]
            settle(over, answered)
