"""What currencies and goods are worth: paths through time, known at every moment.

A path is built from the coarse to the fine: levels at midnight out of slow waves,
then hours between them, five minutes between those, minutes, quarters of minutes.
Every part is computed from its place in time alone, so any stretch can be had
without what lies before it, and always comes out the same. A pair of currencies is
worth what the one is worth in the other, so crosses agree with their legs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .noise import Stream, key, shares, waves, words
from .recent import Recent

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_OCTAVES: Final = 11  # the slowest wave takes 1,024 trading days, four years
_OCTAVE: Final = np.arange(_OCTAVES)[:, None]
_HOURS: Final = 24
_FIVES: Final = 12
_MINUTES: Final = 5
QUARTERS: Final = 4
_HOURS_KEPT: Final = 2  # around a full hour, both sides are asked for

# How lively the hours of the server's day are; the mean of the squares is 1.
_LIVELY = np.array(
    [4, 4, 5, 5, 4, 4, 4, 5, 7, 11, 13, 12, 11, 10, 10, 13, 16, 17, 15, 12, 9, 8, 6, 4],
    np.float64,
)
LIVELY: Final[Floats] = _LIVELY / np.sqrt(np.mean(_LIVELY**2))
_WEEKEND: Final = 0.35


class Asset(NamedTuple):
    """Something that has a price.

    Attributes:
        name: tells its path from others.
        level: its worth in the middle, in any unit that all assets share.
        daily: standard deviation of a day's relative change.
    """

    name: str
    level: float
    daily: float


class Worth(NamedTuple):
    """A stretch of a path.

    Attributes:
        minutes: at the start of every minute and at the end of the last: (n + 1,).
        quarters: 15, 30 and 45 s into every minute: (3, n).
    """

    minutes: Floats
    quarters: Floats


class Path:
    """The path of one asset.

    Single hours, which all symbols of the asset are quoted from, are kept a while.

    Args:
        seed: of the whole market.
        asset: what it is.
    """

    def __init__(self, seed: int, asset: Asset) -> None:
        self._asset = asset
        waves_of_days = [key(seed, asset.name, "day", k) for k in range(_OCTAVES)]
        self._wave = np.array(waves_of_days)[:, None]
        self._hour = key(seed, asset.name, "hour")
        self._five = key(seed, asset.name, "five")
        self._minute = key(seed, asset.name, "minute")
        self._quarter = key(seed, asset.name, "quarter")
        self._single: Recent[int, Worth] = Recent(_HOURS_KEPT)

    def stretch(self, first: int, hours: int) -> Worth:
        """The path over some hours.

        Args:
            first: number of the first hour since 1970.
            hours: how many.
        """
        if hours > 1:
            return self._made(first, hours)
        return self._single.get(first, lambda: self._made(first, 1))

    def _made(self, first: int, hours: int) -> Worth:
        ends, scale = self._hours(first, hours)
        scale = scale / _FIVES**0.5
        ends = _split(self._five, ends, scale, first, _FIVES)
        scale = np.repeat(scale, _FIVES) / _MINUTES**0.5
        ends = _split(self._minute, ends, scale, first * _FIVES, _MINUTES)
        minutes = self._asset.level * (1.0 + np.maximum(ends, 0.0))
        minutes /= 1.0 - np.minimum(ends, 0.0)
        scale = np.repeat(scale, _MINUTES)
        return Worth(minutes, self._quarters(minutes, scale, first))

    def _hours(self, first: int, hours: int) -> tuple[Floats, Floats]:
        """Levels at the ends of the hours, and how far each hour may go."""
        first_day = first // _HOURS
        days = np.arange(first_day, -(-(first + hours) // _HOURS) + 1)
        calm = np.where(_weekday(days[:-1]) < 5, 1.0, _WEEKEND)
        scale = self._asset.daily / _HOURS**0.5 * LIVELY[:, None] * calm
        ends = _split(self._hour, self._midnights(days), scale, first_day, _HOURS)
        start = first - first_day * _HOURS
        within = slice(start, start + hours)
        return ends[start : start + hours + 1], scale.T.reshape(-1)[within]

    def _midnights(self, days: Ints) -> Floats:
        """Relative levels at the starts of days since 1970."""
        day = _trading_day(days)
        place = day >> _OCTAVE
        part = (day - (place << _OCTAVE)) / (1 << _OCTAVE)
        here, there = waves(self._wave, place), waves(self._wave, place + 1)
        waved = 2 ** (_OCTAVE / 2) * (here + (there - here) * part)
        levels: Floats = np.cumsum(waved, axis=0)[-1] * (self._asset.daily / 2)
        return levels

    def _quarters(self, minutes: Floats, scale: Floats, first: int) -> Floats:
        start = minutes[:-1]
        step = np.diff(minutes) / QUARTERS
        far = start * scale
        chance = shares(words(self._quarter, first * 60 + np.arange(len(start))))
        inner = np.empty((QUARTERS - 1, len(start)))
        for row in range(QUARTERS - 1):
            part = (row + 1) / QUARTERS
            reach = (12 * part * (1 - part)) ** 0.5
            np.multiply(chance[row] - 0.5, reach, out=inner[row])
            inner[row] *= far
            inner[row] += start
            inner[row] += (row + 1) * step
        return inner


def _split(
    stream: Stream, ends: Floats, scale: Floats, first: int, parts: int
) -> Floats:
    """The ends of `parts` equal pieces of every piece: a walk pinned at both ends.

    Args:
        stream: where the steps come from.
        ends: levels at the ends of n pieces: (n + 1,).
        scale: standard deviation of a step: (n,) or (parts, n).
        first: number of the first piece.
        parts: into how many each is split.
    """
    count = len(ends) - 1
    index = (first + np.arange(count)) * parts + np.arange(parts)[:, None]
    walk = waves(stream, index)
    walk *= scale
    for row in range(1, parts):
        walk[row] += walk[row - 1]
    drift = (np.diff(ends) - walk[-1]) / parts
    split = np.empty(count * parts + 1)
    split[::parts] = ends
    for row in range(1, parts):
        split[row::parts] = walk[row - 1] + row * drift + ends[:-1]
    return split


def _weekday(days: Ints) -> Ints:
    """0 Monday .. 6 Sunday of days since 1970."""
    return (days + 3) % 7


def _trading_day(days: Ints) -> Ints:
    """Days without weekends, so that little happens between Friday and Monday."""
    return 5 * ((days + 3) // 7) + np.minimum(_weekday(days), 5)


def paths(seed: int, assets: Sequence[Asset]) -> dict[str, Path]:
    """The paths of assets by their names."""
    return {asset.name: Path(seed, asset) for asset in assets}
