"""Charts that ticks carry on."""

from __future__ import annotations

from typing import Final

from mt5web_async.enums import ChartMode, Period, TickFields
from mt5web_async.protocol.records import Bar, FullSymbol, Tick

_LENGTHS: Final = {
    Period.M1: 60,
    Period.M5: 300,
    Period.M15: 900,
    Period.M30: 1800,
    Period.H1: 3600,
    Period.H4: 14_400,
    Period.D1: 86_400,
}


class Chart:
    """Bars of one symbol and period, up to days.

    Args:
        symbol: its full record.
        period: of the bars.
        bars: as they were loaded, the running one included.

    Attributes:
        stale: after a gap it has to be loaded again.
    """

    def __init__(self, symbol: FullSymbol, period: Period, bars: list[Bar]) -> None:
        self.symbol = symbol
        self.bars = bars
        self.stale = False
        self.period = period
        self._length = _LENGTHS[period]

    def hear(self, tick: Tick) -> None:
        """Let a tick extend the last bar, or begin the one directly after it."""
        points = chart_price(self.symbol, tick)
        if not points or not self.bars:
            return
        price = round(points / self.symbol.multiply, self.symbol.digits)
        volume = tick.volume / 1e8 if tick.fields & TickFields.VOLUME else 0.0
        start, last = tick.time // self._length * self._length, self.bars[-1]
        if start == last.time:
            self.bars[-1] = last._replace(
                high=max(last.high, price),
                low=min(last.low, price),
                close=price,
                tick_volume=last.tick_volume + 1,
                real_volume=last.real_volume + volume,
            )
        elif start == last.time + self._length:
            self.bars.append(Bar(start, price, price, price, price, 1, volume))
        else:
            self.stale = True


def chart_price(symbol: FullSymbol, tick: Tick) -> float:
    """The price of a tick that makes bars, points; 0: it has none."""
    last = tick.last if tick.fields & TickFields.LAST else 0.0
    bid = tick.bid if tick.fields & TickFields.BID else 0.0
    if symbol.chart_mode == ChartMode.LAST:
        return last
    if symbol.chart_mode == ChartMode.DEFAULT:
        return last or (0.0 if symbol.ticks_book_depth else bid)
    return bid
