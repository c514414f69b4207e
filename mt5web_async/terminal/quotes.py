"""The quotes of all subscribed symbols, as ticks and session figures change them."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from concurrent.futures import Future

from mt5web_async.calculation.market import Quotes as Snapshot
from mt5web_async.calculation.quotes import (
    Quote,
    apply_statistics,
    apply_tick,
    statistics_delayed,
    tick_delayed,
)
from mt5web_async.calculation.settings import quotes_delayed
from mt5web_async.events import QuoteListener
from mt5web_async.listeners import Listeners
from mt5web_async.protocol.records import STATISTICS, Statistics, Tick
from mt5web_async.protocol.responses import read_ticks

from .arrivals import Arrivals
from .symbols import Quoted, Symbols

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

    def take_ticks(self, payload: memoryview) -> Mapping[str, Quote]:
        """A push of ticks; the quotes that changed."""
        return self._take(
            (
                (quoted, tick, tick_delayed(tick))
                for tick in read_ticks(payload)
                if (quoted := self._symbols.quoted.get(tick.symbol_id)) is not None
            ),
        )

    def take_statistics(self, payload: memoryview) -> Mapping[str, Quote]:
        """A push of session figures; the quotes that changed."""
        return self._take(
            (
                (quoted, record, statistics_delayed(record))
                for record in STATISTICS.records(payload)
                if (quoted := self._symbols.quoted.get(record.symbol_id)) is not None
            ),
        )

    def forget(self) -> None:
        """A new connection: what was quoted before is history."""
        self._live = {}
        self._delayed = {}

    def _take(
        self, records: Iterable[tuple[Quoted, Tick | Statistics, bool]]
    ) -> Mapping[str, Quote]:
        live: dict[str, Quote] = {}
        delayed: dict[str, Quote] = {}
        counted: dict[str, Quote] = {}
        for quoted, record, is_delayed in records:
            name = quoted.name
            fresh, known = (
                (delayed, self._delayed) if is_delayed else (live, self._live)
            )
            before = fresh.get(name) or known.get(name, _NONE)
            if isinstance(record, Tick):
                quote = apply_tick(before, record, quoted.pricing)
            else:
                quote = apply_statistics(before, record, quoted.pricing)
            fresh[name] = quote
            if is_delayed is quoted.delayed:
                counted[name] = quote
                if quote.changed and isinstance(record, Tick):
                    self._listeners.tell(name, quote)
        self._live.update(live)
        self._delayed.update(delayed)
        self._arrivals.came(counted)
        return counted
