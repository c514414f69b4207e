"""From what things are worth to quotes: minutes, their ticks, and their bars.

In every minute that has any, ticks fall at least at the seconds 0, 15, 30 and 45 (a
little later, each symbol in its own way), and others between them stay between
their prices, as do those after the last of them between it and the minute's last.
So these five prices make the bar, and bars of years back need no ticks to be made.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .noise import key, shares, words
from .periods import Bars
from .worth import LIVELY, QUARTERS, Path

Ints = NDArray[np.int64]

_MINUTE_MS: Final = 60_000
_QUARTER_MS: Final = _MINUTE_MS // QUARTERS
_WITHIN_MS: Final = 14_000  # where in a quarter its further ticks fall
_MOST_TICKS: Final = 1000
_PLACES: Final = 1024  # numbers set apart for the ticks of a minute
_HASTE: Final = 0.6  # how far ticks stray from the straight way


class PriceModel(NamedTuple):
    """How a symbol is priced.

    Attributes:
        base: asset that is bought.
        quote: asset that it is paid in; empty for the unit of all worth.
        digits: of the symbol's prices.
        tick: smallest step of the price, points.
        spread: least difference of ask and bid, points.
        spread_range: by how many points it may be more.
        ticks: in a lively minute.
        pauses: share of minutes without ticks in quiet hours.
        trades: ticks bring the price and volume of trades, which make the bars.
        lot: least volume of a trade, whole units.
    """

    base: str
    quote: str
    digits: int
    tick: int = 1
    spread: int = 10
    spread_range: int = 4
    ticks: int = 60
    pauses: float = 0.0
    trades: bool = False
    lot: int = 1


class Minutes(NamedTuple):
    """n minutes of one symbol, as columns.

    Attributes:
        first: number of the first minute since 1970.
        nodes: chart price at the four moments and of the last tick, points: (5, n).
        number: of ticks: (n,).
        below: points from the chart price down to the bid: (n,).
        above: points from the chart price up to the ask: (n,).
        volume: of each trade, whole units: (n,).
    """

    first: int
    nodes: Ints
    number: Ints
    below: Ints
    above: Ints
    volume: Ints


class Ticks(NamedTuple):
    """Ticks as columns of shape (n,), prices in points.

    Attributes:
        time: ms, server time.
        bid: points, and so the two after it.
        ask: likewise.
        last: likewise; all 0 off exchanges.
        volume: of the trade, whole units.
    """

    time: Ints
    bid: Ints
    ask: Ints
    last: Ints
    volume: Ints


class Quoting:
    """Quotes of one symbol at any time, out of the paths of its assets.

    Args:
        seed: of the whole market.
        name: of the symbol.
        model: how it is priced.
        paths: the paths of the assets by name.
    """

    def __init__(
        self, seed: int, name: str, model: PriceModel, paths: Mapping[str, Path]
    ) -> None:
        self.model = model
        self._base = paths[model.base]
        self._quote = paths[model.quote] if model.quote else None
        self._minute = key(seed, name, "minute")
        self._tick = key(seed, name, "tick")
        self._phase = int(key(seed, name, "phase")) % 1000  # ms

    def minutes(self, first: int, hours: int) -> Minutes:
        """The minutes of some hours.

        Args:
            first: number of the first hour since 1970.
            hours: how many.
        """
        numbers = first * 60 + np.arange(hours * 60)
        chance = shares(words(self._minute, numbers))
        count = self._count(numbers, chance[0])
        below, above = self._sides(self._spread(chance[1]), chance[3])
        nodes = self._nodes(first, hours)
        nodes[QUARTERS] = self._last_prices(numbers, nodes, count)
        return Minutes(first * 60, nodes, count, below, above, self._volume(chance[2]))

    def bars(self, minutes: Minutes) -> Bars:
        """The M1 bars of these minutes; none where no tick falls."""
        nodes, count = minutes.nodes, minutes.number
        bars = Bars(
            (minutes.first + np.arange(len(count))) * 60,
            nodes[0],
            np.maximum.reduce(nodes),
            np.minimum.reduce(nodes),
            nodes[QUARTERS],
            count,
            np.multiply(count * minutes.volume, float(self.model.trades)),
        )
        return bars if count.all() else bars.where(count > 0)

    def ticks(self, minutes: Minutes, minute: int) -> Ticks:
        """The ticks of one of these minutes.

        Args:
            minutes: that hold it.
            minute: its number since 1970.
        """
        at = minute - minutes.first
        count = int(minutes.number[at])
        quarter, step, steps = _layout(count)
        way = self._way(np.full(count, minute), quarter, step, step / steps)
        start, stop = minutes.nodes[quarter, at], minutes.nodes[quarter + 1, at]
        price = self._on_tick(start + (stop - start) * way)
        within = (step * _WITHIN_MS) // steps
        trade = int(self.model.trades)
        return Ticks(
            minute * _MINUTE_MS + self._phase + quarter * _QUARTER_MS + within,
            price - minutes.below[at],
            price + minutes.above[at],
            price * trade,
            np.full(count, int(minutes.volume[at]) * trade),
        )

    def _nodes(self, first: int, hours: int) -> Ints:
        worth = self._base.stretch(first, hours)
        starts, inner = worth.minutes, worth.quarters
        if self._quote is not None:
            other = self._quote.stretch(first, hours)
            starts, inner = starts / other.minutes, inner / other.quarters
        nodes = np.empty((QUARTERS + 1, len(starts) - 1))
        nodes[0], nodes[1:QUARTERS], nodes[QUARTERS] = starts[:-1], inner, starts[1:]
        nodes *= 10.0**self.model.digits
        if not self.model.trades:
            nodes -= self.model.spread / 2
        return np.maximum(self._on_tick(nodes), 2 * self.model.tick)

    def _on_tick(self, price: NDArray[np.float64]) -> Ints:
        tick = self.model.tick
        if tick == 1:
            return np.rint(price).astype(np.int64)
        return np.rint(price / tick).astype(np.int64) * tick

    def _spread(self, chance: NDArray[np.float64]) -> Ints:
        tick = self.model.tick
        more = (chance**2 * (self.model.spread_range // tick + 1)).astype(np.int64)
        return (max(self.model.spread // tick, 1) + more) * tick

    def _sides(self, spread: Ints, chance: NDArray[np.float64]) -> tuple[Ints, Ints]:
        """Bid and ask seen from the chart price: the bid itself, or the last trade."""
        if not self.model.trades:
            return np.zeros_like(spread), spread
        below = np.where(chance < 0.5, 0, spread)
        return below, spread - below

    def _count(self, minutes: Ints, chance: NDArray[np.float64]) -> Ints:
        lively = LIVELY[minutes // 60 % 24]
        wanted = (0.5 + chance) * self.model.ticks * (0.2 + 0.8 * lively)
        count = np.clip(wanted.astype(np.int64), QUARTERS, _MOST_TICKS)
        if not self.model.pauses:
            return count
        still = chance * np.minimum(lively, 1.0) < self.model.pauses
        return np.where(still, 0, count)

    def _volume(self, chance: NDArray[np.float64]) -> Ints:
        return (1 + (chance * 20).astype(np.int64)) * self.model.lot

    def _last_prices(self, numbers: Ints, nodes: Ints, count: Ints) -> Ints:
        """Somewhere on the way to the next minute, if a further tick falls there."""
        start, stop = nodes[QUARTERS - 1], nodes[QUARTERS]
        far = self._astray(numbers * _PLACES + _PLACES - 1)
        far[count <= QUARTERS] = 0.0
        return self._on_tick(start + (stop - start) * far)

    def _way(
        self, minute: Ints, quarter: Ints, step: Ints, share: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """How much of the way to the next of the five prices a tick has gone."""
        place = minute * _PLACES + quarter * (_MOST_TICKS // QUARTERS) + step
        way = np.clip(share + (self._astray(place) - 0.5) * _HASTE, 0.0, 1.0)
        return np.where((step == 0) | (share == 1.0), share, way)

    def _astray(self, place: Ints) -> NDArray[np.float64]:
        bits = words(self._tick, place) >> np.uint64(40)
        return np.multiply(bits.view(np.int64), 2.0**-24)


def _layout(count: int) -> tuple[Ints, Ints, Ints]:
    """Quarter of every tick, its number there, and at which number the next begins.

    In the last quarter the last tick itself has that number.
    """
    further = (count - QUARTERS + np.arange(QUARTERS)) // QUARTERS
    sizes = further + 1 if count else np.zeros(QUARTERS, np.int64)
    quarter = np.repeat(np.arange(QUARTERS), sizes)
    step = np.arange(count) - (np.cumsum(sizes) - sizes)[quarter]
    steps = np.maximum(sizes - (np.arange(QUARTERS) == QUARTERS - 1), 1)
    return quarter, step, steps[quarter]
