"""The quotes of all subscribed symbols, as ticks and session figures change them."""

from __future__ import annotations

import logging
from collections.abc import Collection
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from mt5web_async.calculation.market import Quotes as Snapshot
from mt5web_async.calculation.plausible import plausible
from mt5web_async.calculation.quotes import (
    Quote,
    apply_statistics,
    apply_tick,
    statistics_delayed,
    tick_delayed,
)
from mt5web_async.events import QuoteListener
from mt5web_async.listeners import Listeners
from mt5web_async.protocol.records import STATISTICS, TICK, Tick
from mt5web_async.protocol.responses import read_ticks

from .arrivals import Arrivals
from .symbols import Quoted, Symbols
from .tick_columns import Applied, Run, apply_runs, columnar, runs_of
from .ticks.rows import Rows

log = logging.getLogger("mt5web_async.terminal.quotes")

MANY: Final = 128
"""Ticks in one go from which on it pays to treat them as columns."""

_NONE: Final = Quote()


class TickRecorder(Protocol):
    """Takes in ticks, in the I/O thread: one, or many of one symbol."""

    def take(self, name: str, quote: Quote) -> None:
        """A tick made this quote; `quote.changed` says what is new."""

    def take_rows(self, name: str, rows: Rows) -> None:
        """Ticks came, as the official package hands them out, in order."""


class _News:
    """What a push changes, before anybody sees it.

    Attributes:
        live, delayed: quotes by name.
        counted: those that count for their symbol.
        told: what each tick made of them, for listeners.
        newest: ms, server time of the newest of these.
    """

    __slots__ = ("counted", "delayed", "live", "newest", "told")

    def __init__(self) -> None:
        self.live: dict[str, Quote] = {}
        self.delayed: dict[str, Quote] = {}
        self.counted: dict[str, Quote] = {}
        self.told: list[tuple[str, Quote]] = []
        self.newest = 0

    def add(self, quoted: Quoted, delayed: bool, quote: Quote) -> None:
        """A quote after a record."""
        (self.delayed if delayed else self.live)[quoted.name] = quote
        if delayed is quoted.delayed:
            self.counted[quoted.name] = quote


class Quotes:
    """Live and delayed quotes by symbol name.

    Written by the I/O thread only; what one push changes becomes visible at once.

    Args:
        symbols: what tells how to read a quote.

    Attributes:
        arrivals: where the first quote of a symbol is waited for.
    """

    def __init__(self, symbols: Symbols) -> None:
        self._symbols = symbols
        self._live: dict[str, Quote] = {}
        self._delayed: dict[str, Quote] = {}
        self._recorders: list[TickRecorder] = []
        self._listeners: Listeners[str, Quote] = Listeners(log)
        self.arrivals: Arrivals[Quote] = Arrivals(self.get)

    def moment(self) -> Snapshot:
        """All quotes as they are now; it does not change any more."""
        return Snapshot(dict(self._live), dict(self._delayed))

    def live(self, name: str) -> Quote | None:
        """The live quote of a symbol; None: none yet."""
        return self._live.get(name)

    def delayed(self, name: str) -> Quote | None:
        """The delayed quote of a symbol; None: none yet."""
        return self._delayed.get(name)

    def get(self, name: str) -> Quote | None:
        """The quote that counts for a symbol; None: none yet."""
        delayed = name in self._symbols.delayed
        return (self._delayed if delayed else self._live).get(name)

    def record(self, recorder: TickRecorder) -> None:
        """Give a recorder every tick that changes a quote."""
        self._recorders.append(recorder)

    def listen(self, listener: QuoteListener) -> None:
        """Call `listener(name, quote)` after every tick that changed a quote.

        Ticks in a hurry cost several times as much while somebody listens.
        """
        self._listeners.add(listener)

    def take_ticks(self, payload: memoryview) -> int:
        """A push of ticks; how new the quotes are that it changed, ms."""
        if len(payload) >= MANY * TICK.size and not self._listeners:
            return self._take_many(TICK.rows(TICK.complete(payload)))
        news = _News()
        for tick in read_ticks(payload):
            quoted = self._symbols.quoted.get(tick.symbol_id)
            if quoted is not None:
                self._take_tick(tick, quoted, news)
        self._publish(news)
        return news.newest

    def take_statistics(self, payload: memoryview) -> None:
        """A push of session figures."""
        news = _News()
        for record in map(plausible, STATISTICS.records(payload)):
            quoted = self._symbols.quoted.get(record.symbol_id)
            if quoted is not None:
                delayed = statistics_delayed(record)
                before = self._before(quoted.name, delayed, news)
                quote = apply_statistics(before, record, quoted.pricing)
                news.add(quoted, delayed, quote)
        self._publish(news)

    def keep(self, names: Collection[str]) -> None:
        """Nothing comes of other symbols any more: what they quoted is history."""
        self.arrivals.forget(names)
        self._live = {name: self._live[name] for name in self._live if name in names}
        self._delayed = {n: self._delayed[n] for n in self._delayed if n in names}

    def forget(self) -> None:
        """A new connection: what was quoted before is history."""
        self.arrivals.forget()
        self._live = {}
        self._delayed = {}

    def _take_many(self, rows: NDArray[np.void]) -> int:
        """Ticks as columns, as far as they can be taken so."""
        news = _News()
        runs = []
        for run in runs_of(rows):
            quoted = self._symbols.quoted.get(run.symbol_id)
            if quoted is None:
                continue
            before = self._before(quoted.name, run.delayed, news)
            if columnar(before, quoted.pricing):
                runs.append((run, quoted, before))
            else:
                self._take_run(run, quoted, news)
        if runs:
            applied = apply_runs(
                [run.rows for run, _, _ in runs],
                [before for _, _, before in runs],
                [quoted.pricing for _, quoted, _ in runs],
            )
            for (run, quoted, _), made in zip(runs, applied, strict=True):
                if made is None:
                    self._take_run(run, quoted, news)
                else:
                    self._take_applied(made, quoted, run.delayed, news)
        self._publish(news)
        return news.newest

    def _take_run(self, run: Run, quoted: Quoted, news: _News) -> None:
        for tick in TICK.records(run.rows.tobytes()):
            self._take_tick(tick, quoted, news)

    def _take_tick(self, tick: Tick, quoted: Quoted, news: _News) -> None:
        delayed = tick_delayed(tick)
        before = self._before(quoted.name, delayed, news)
        quote = apply_tick(before, tick, quoted.pricing)
        news.add(quoted, delayed, quote)
        if quote.changed and delayed is quoted.delayed:
            news.newest = max(news.newest, quote.time_msc)
            for recorder in self._recorders:
                recorder.take(quoted.name, quote)
            if self._listeners:
                news.told.append((quoted.name, quote))

    def _take_applied(
        self, made: Applied, quoted: Quoted, delayed: bool, news: _News
    ) -> None:
        news.add(quoted, delayed, made.quote)
        if len(made.ticks) and delayed is quoted.delayed:
            quote = made.quote
            news.newest = max(news.newest, quote.time_msc, quote.time_bidask_msc)
            for recorder in self._recorders:
                recorder.take_rows(quoted.name, made.ticks)

    def _before(self, name: str, delayed: bool, news: _News) -> Quote:
        fresh, known = (
            (news.delayed, self._delayed) if delayed else (news.live, self._live)
        )
        return fresh.get(name) or known.get(name, _NONE)

    def _publish(self, news: _News) -> None:
        self._live.update(news.live)
        self._delayed.update(news.delayed)
        for name, quote in news.told:
            self._listeners.tell(name, quote)
        self.arrivals.came(news.counted)
