"""What a symbol's day has brought so far: highs, lows, opening, change."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mt5web_async.calculation.rounding import normalize
from mt5web_async.enums import StatisticsFields, TickFields
from mt5web_async.protocol.records import Statistics
from mt5web_async.simulator.clock import DAY_S, MS

from .chart import ChartPrice, day_start
from .quoting import Minutes
from .ticks import UNIT, LiveTick, Source
from .worth import QUARTERS

_BACK_DAYS: Final = 10
_QUOTED: Final = (
    StatisticsFields.BID
    | StatisticsFields.BID_HIGH
    | StatisticsFields.BID_LOW
    | StatisticsFields.ASK
    | StatisticsFields.ASK_HIGH
    | StatisticsFields.ASK_LOW
    | StatisticsFields.PRICE_OPEN
    | StatisticsFields.PRICE_CLOSE
    | StatisticsFields.PRICE_CHANGE
)
_TRADED: Final = (
    StatisticsFields.LAST
    | StatisticsFields.LAST_HIGH
    | StatisticsFields.LAST_LOW
    | StatisticsFields.VOLUME
    | StatisticsFields.VOLUME_HIGH
    | StatisticsFields.VOLUME_LOW
    | StatisticsFields.DEALS
    | StatisticsFields.DEALS_VOLUME
    | StatisticsFields.PRICE_AVERAGE
)


@dataclass(frozen=True, slots=True)
class Extent:
    """The latest, highest and lowest of a value, 0 while there is none."""

    latest: int = 0
    high: int = 0
    low: int = 0

    def with_value(self, value: int) -> Extent:
        """The extent after a further value; 0 is none."""
        if not value:
            return self
        low = min(self.low, value) if self.low else value
        return Extent(value, max(self.high, value), low)


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures of one day, prices in points.

    Attributes:
        day: s, server time, of its midnight; 0: no tick ever fell.
        time: ms, server time, of the last tick.
        bid: its extent, and so the three after it.
        ask: likewise.
        last: likewise.
        volume: of single trades, 1e-8 units.
        open: first chart price of the day.
        close: last chart price of the day before.
        price: last chart price.
        deals: trades of the day.
        traded: their volumes, 1e-8 units.
        turnover: sum of price x volume, points x whole units.
    """

    day: int = 0
    time: int = 0
    bid: Extent = Extent()
    ask: Extent = Extent()
    last: Extent = Extent()
    volume: Extent = Extent()
    open: int = 0
    close: int = 0
    price: int = 0
    deals: int = 0
    traded: int = 0
    turnover: float = 0.0

    def after(self, tick: LiveTick, price: ChartPrice) -> Figures:
        """The figures after a tick; the first of a new day begins them anew."""
        day = day_start(tick.time)
        start = self if day == self.day else self._tomorrow(day, tick)
        marked, chart = tick.fields, price.of(tick)
        traded = tick.volume if marked & TickFields.VOLUME else 0
        return replace(
            start,
            time=tick.time,
            bid=start.bid.with_value(tick.bid if marked & TickFields.BID else 0),
            ask=start.ask.with_value(tick.ask if marked & TickFields.ASK else 0),
            last=start.last.with_value(tick.last if marked & TickFields.LAST else 0),
            volume=start.volume.with_value(traded),
            open=start.open or chart,
            price=chart or start.price,
            deals=start.deals + bool(traded),
            traded=start.traded + traded,
            turnover=start.turnover + tick.last * traded / UNIT,
        )

    def _tomorrow(self, day: int, tick: LiveTick) -> Figures:
        """A day that begins where the one before ended."""
        marked = tick.fields
        bid = 0 if marked & TickFields.BID else self.bid.latest
        ask = 0 if marked & TickFields.ASK else self.ask.latest
        return Figures(
            day,
            bid=Extent().with_value(bid),
            ask=Extent().with_value(ask),
            close=self.price,
            price=self.price,
        )

    @property
    def change(self) -> float:
        """By how many percent the price differs from the day before, 2 decimals."""
        if not self.close:
            return 0.0
        return normalize((self.price - self.close) / self.close * 100, 2)

    def record(self, symbol_id: int, digits: int) -> Statistics:
        """The figures as they are sent."""
        fields = _QUOTED | _TRADED if self.last.latest else _QUOTED
        return Statistics(
            symbol_id=symbol_id,
            fields=int(fields),
            time=self.time // MS,
            time_ms=self.time % MS,
            digits=digits,
            bid=float(self.bid.latest),
            bid_high=float(self.bid.high),
            bid_low=float(self.bid.low),
            ask=float(self.ask.latest),
            ask_high=float(self.ask.high),
            ask_low=float(self.ask.low),
            last=float(self.last.latest),
            last_high=float(self.last.high),
            last_low=float(self.last.low),
            volume=self.volume.latest,
            volume_high=self.volume.high,
            volume_low=self.volume.low,
            deals=self.deals,
            deals_volume=self.traded,
            price_open=float(self.open),
            price_close=float(self.close),
            price_average=self._average(),
            price_change=round(self.change * 100.0),
        )

    def _average(self) -> float:
        units = self.traded / UNIT
        return float(round(self.turnover / units)) if units else 0.0


def figures_at(source: Source, price: ChartPrice, now: int) -> Figures:
    """The figures of the price process's day up to `now` (ms, server time)."""
    day = day_start(now)
    made = source.hours.within(source.quoting.minutes(day // 3600, 24))
    so_far = _whole_minutes(made, now // 60_000 - made.first, source)
    figures = replace(so_far, day=day, close=_close_before(source, day))
    for tick in source.until(now):
        figures = figures.after(tick, price)
    if figures.time:
        return figures
    before = source.latest(now)
    return Figures().after(before, price) if before else Figures()


def _whole_minutes(made: Minutes, count: int, source: Source) -> Figures:
    """Figures of the first `count` minutes of a day."""
    ticked = np.flatnonzero(made.number[:count])
    if not len(ticked):
        return Figures()
    nodes, number = made.nodes[:, ticked], made.number[ticked]
    high, low = nodes.max(axis=0), nodes.min(axis=0)
    below, above = made.below[ticked], made.above[ticked]
    close = int(nodes[QUARTERS, -1])
    trades = int(source.quoting.model.trades)
    volume = made.volume[ticked] * UNIT * trades
    last_tick = source.minute(made.first + int(ticked[-1]))[-1]
    return Figures(
        time=last_tick.time,
        bid=_extent(close - below[-1], high - below, low - below),
        ask=_extent(close + above[-1], high + above, low + above),
        last=_extent(close * trades, high * trades, low * trades),
        volume=_extent(volume[-1], volume, volume),
        open=int(nodes[0, 0]),
        price=close,
        deals=int(number.sum()) * trades,
        traded=int((number * volume).sum()),
        turnover=float((number * made.volume[ticked] * (high + low) / 2).sum()),
    )


def _extent(
    latest: int | np.int64, high: NDArray[np.int64], low: NDArray[np.int64]
) -> Extent:
    return Extent(int(latest), int(high.max()), int(low.min()))


def _close_before(source: Source, day: int) -> int:
    """The last chart price before a midnight (s)."""
    for back in range(1, _BACK_DAYS):
        hour = (day - back * DAY_S) // 3600
        made = source.hours.within(source.quoting.minutes(hour, 24))
        ticked = np.flatnonzero(made.number)
        if len(ticked):
            return int(made.nodes[QUARTERS, ticked[-1]])
    return 0
