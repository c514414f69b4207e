"""The quotes of all subscribed symbols, as ticks and session figures change them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import TypeVar

from mt5web_async.calculation.market import Quotes as Snapshot
from mt5web_async.calculation.quotes import (
    Quote,
    apply_statistics,
    apply_tick,
    statistics_delayed,
    tick_delayed,
)
from mt5web_async.calculation.settings import quotes_delayed
from mt5web_async.calculation.spread import Pricing
from mt5web_async.events import QuoteListener
from mt5web_async.listeners import Listeners
from mt5web_async.protocol.records import STATISTICS, Statistics, Tick
from mt5web_async.protocol.responses import read_ticks

from .arrivals import Arrivals
from .symbols import Symbols

R = TypeVar("R", Tick, Statistics)

log = logging.getLogger("mt5web_async.terminal.quotes")

_NONE = Quote()


class Quotes:
    """Live and delayed quotes by symbol name.

    Written by the I/O thread only; what one push changes becomes visible at once.

    Args:
        symbols: what tells how to read a quote.
    """

    def __init__(self, symbols: Symbols) -> None:
        self._symbols = symbols
        self._live: dict[str, Quote] = {}
        self._delayed: dict[str, Quote] = {}
        self._listeners: Listeners[str, Quote] = Listeners(log)
        self._arrivals: Arrivals[Quote] = Arrivals(self.get)

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
        full = self._symbols.full.get(name)
        if full is None:
            return None
        source = self._delayed if quotes_delayed(full) else self._live
        return source.get(name)

    def listen(self, listener: QuoteListener) -> None:
        """Call `listener(name, quote)` after every tick that changed a quote."""
        self._listeners.add(listener)

    def first(self, name: str) -> Future[Quote]:
        """A future that the symbol's first quote completes; it may be complete."""
        return self._arrivals.first(name)

    def take_ticks(self, payload: memoryview) -> None:
        """A push of ticks."""
        counted = self._take(read_ticks(payload), tick_delayed, apply_tick)
        for name, quote in counted:
            if quote.changed:
                self._listeners.tell(name, quote)
        self._arrivals.came(dict(counted))

    def take_statistics(self, payload: memoryview) -> None:
        """A push of session figures."""
        records = STATISTICS.records(payload)
        counted = self._take(records, statistics_delayed, apply_statistics)
        self._arrivals.came(dict(counted))

    def forget(self) -> None:
        """A new connection: what was quoted before is history."""
        self._live = {}
        self._delayed = {}

    def _take(
        self,
        records: Iterable[R],
        belongs_to_delayed: Callable[[R], bool],
        apply: Callable[[Quote, R, Pricing], Quote],
    ) -> list[tuple[str, Quote]]:
        """Let all records of a push count at once.

        Returns:
            What each of them made of the quote that counts for its symbol.
        """
        known = self._symbols.quoted
        live: dict[str, Quote] = {}
        delayed: dict[str, Quote] = {}
        counted: list[tuple[str, Quote]] = []
        for record in records:
            quoted = known.get(record.symbol_id)
            if quoted is None:
                continue
            name, pricing, by_delayed = quoted
            is_delayed = belongs_to_delayed(record)
            fresh, before = (
                (delayed, self._delayed) if is_delayed else (live, self._live)
            )
            quote = fresh.get(name) or before.get(name, _NONE)
            fresh[name] = quote = apply(quote, record, pricing)
            if is_delayed is by_delayed:
                counted.append((name, quote))
        self._live.update(live)
        self._delayed.update(delayed)
        return counted
