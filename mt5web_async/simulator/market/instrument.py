"""One symbol of the running market: its quote, its day, its bars, its book."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import inf
from typing import Final

from mt5web_async.enums import TickFields
from mt5web_async.protocol.records import FullSymbol, Statistics
from mt5web_async.protocol.responses import read_schedule

from .archive import Archive, Hours
from .book import EMPTY, AutomaticBook, Levels
from .chart import Chart, ChartPrice
from .figures import Figures, figures_at
from .listing import Listing
from .quoting import Quoting
from .ticks import UNIT, LiveTick, Source, changed

_VALUES: Final = (TickFields.BID, TickFields.ASK, TickFields.LAST, TickFields.VOLUME)
_TRADED: Final = int(TickFields.LAST | TickFields.VOLUME)
_QUOTED: Final = int(TickFields.BID)
_OFF_TICK: Final = 1e-3  # of a tick


class Instrument:
    """A symbol that is quoted.

    Args:
        listing: what it is.
        quoting: its price process.
        archive: the bars of years back.
        seed: of the whole market.
        now: ms, server time, from which on ticks are sent.
    """

    def __init__(
        self, listing: Listing, quoting: Quoting, archive: Archive, seed: int, now: int
    ) -> None:
        self.symbol: FullSymbol = listing.symbol
        self.model = listing.model
        self.driven = False
        self.hours = Hours(read_schedule(listing.symbol.schedule))
        self._source = Source(quoting, self.hours)
        depth = listing.symbol.ticks_book_depth
        price = ChartPrice(listing.symbol.chart_mode, depth > 0)
        self.chart = Chart(listing.symbol.name, self._source, price, archive)
        self.quote: LiveTick | None = self._source.latest(now)
        self._figures: Figures | None = None
        self._auto_book = _automatic_book(listing, seed) if depth else None
        self._set_book: Levels | None = None

    @property
    def scale(self) -> float:
        """10**digits: points in a price of 1."""
        return self.symbol.multiply

    @property
    def price(self) -> ChartPrice:
        """Which price makes the bars."""
        return self.chart.price

    def upcoming(self, after: int) -> Iterator[LiveTick]:
        """The automatic ticks later than `after` (ms), every value marked."""
        return self._source.after(after)

    def mark(self, tick: LiveTick) -> LiveTick:
        """An automatic tick with only what is new marked."""
        return changed(self.quote, tick, _TRADED if self.model.trades else _QUOTED)

    def tick(self, time: int, given: Mapping[TickFields, float]) -> LiveTick:
        """A tick out of plain prices, and whole units of volume.

        Raises:
            ValueError: a price is not above 0, or does not lie on the tick size.
        """
        points = {
            field: round(value * UNIT)
            if field is TickFields.VOLUME
            else self._points(value)
            for field, value in given.items()
        }
        return LiveTick(
            time, int(sum(points)), *(points.get(field, 0) for field in _VALUES)
        )

    def _points(self, price: float) -> int:
        step = max(round(self.symbol.tick_size * self.scale), 1)
        steps = price * self.scale / step
        if not 0 < price < inf or abs(steps - round(steps)) > _OFF_TICK:
            raise ValueError(
                f"price {price} of {self.symbol.name}: it must be above 0 and a "
                f"multiple of {step / self.scale}"
            )
        return round(steps) * step

    def apply(self, tick: LiveTick) -> None:
        """A tick is sent: quote, bars and figures follow it.

        Raises:
            ValueError: the tick is older than the one before.
        """
        if self.quote is not None and tick.time < self.quote.time:
            raise ValueError(
                f"tick of {self.symbol.name} at {tick.time} ms: the one before was at "
                f"{self.quote.time} ms, and ticks never go back"
            )
        if self._figures is not None:
            self._figures = self._figures.after(tick, self.price)
        self.quote = tick if self.quote is None else self.quote.then(tick)
        self.chart.record(tick)

    def drive(self, now: int) -> None:
        """Quotes come from outside from now (ms) on, the price process is silent."""
        if not self.driven:
            self._figures = self.figures(now)
            self.chart.take_over(now)
            self.driven = True

    def release(self, now: int) -> None:
        """The price process quotes again from now (ms) on."""
        if self.driven:
            self.chart.hand_back(now)
            self.driven = False

    def jump(self, now: int) -> None:
        """Go on at now (ms) as if all ticks until then had been sent."""
        self.quote = self._source.latest(now) or self.quote
        self._figures = None

    def figures(self, now: int) -> Figures:
        """The figures of the day, with all ticks up to now (ms, server time)."""
        if self._figures is None:
            self._figures = figures_at(self._source, self.price, now)
        return self._figures

    def statistics(self, now: int) -> Statistics:
        """The figures of the day as they are sent."""
        figures = self.figures(now)
        return figures.record(self.symbol.symbol_id, self.symbol.digits)

    @property
    def levels(self) -> Levels:
        """The depth of market as it is now."""
        if self._set_book is not None:
            return self._set_book
        if self._auto_book is None or self.quote is None:
            return EMPTY
        return self._auto_book.levels(self.quote)

    @property
    def book_set(self) -> bool:
        """Whether the depth of market was set by hand."""
        return self._set_book is not None

    def set_levels(self, levels: Levels | None) -> None:
        """Put a depth of market in place of the automatic one; None: give it back."""
        self._set_book = levels


def _automatic_book(listing: Listing, seed: int) -> AutomaticBook:
    symbol = listing.symbol
    return AutomaticBook(
        seed,
        symbol.name,
        depth=symbol.ticks_book_depth,
        tick=listing.model.tick,
        contract=symbol.contract_size,
        step=symbol.trade.volume_step / 100_000_000,
    )
