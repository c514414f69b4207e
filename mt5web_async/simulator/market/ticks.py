"""Single ticks, and the stream of them that the price process makes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from mt5web_async.enums import TickFields
from mt5web_async.protocol.records import Tick
from mt5web_async.simulator.clock import MS

from .archive import Hours
from .quotes import RawQuote
from .quoting import Minutes, Quoting
from .recent import Recent

UNIT: Final = 100_000_000
"""One whole unit in the steps in which volumes are sent."""

_MINUTE_MS: Final = 60_000

# plain numbers: every tick is tested against them, and enums are slow at that
_BID: Final = int(TickFields.BID)
_ASK: Final = int(TickFields.ASK)
_LAST: Final = int(TickFields.LAST)
_VOLUME: Final = int(TickFields.VOLUME)
_HOURS_KEPT: Final = 2  # around a full hour, both sides are asked for in turns
_LOOK_MIN: Final = 10 * 1440  # longest pause between two ticks, minutes


class LiveTick(NamedTuple):
    """A tick on its way, prices in points.

    Attributes:
        time: ms, server time.
        fields: which values are new, :class:`TickFields`.
        bid: 0 is no price, and so the two after it.
        ask: likewise.
        last: likewise.
        volume: of the trade, 1e-8 units.
    """

    time: int
    fields: int
    bid: int = 0
    ask: int = 0
    last: int = 0
    volume: int = 0

    def then(self, tick: LiveTick) -> LiveTick:
        """The state after a further tick; all values that are known are marked."""
        marked = tick.fields
        return LiveTick(
            tick.time,
            self.fields | marked,
            tick.bid if marked & _BID else self.bid,
            tick.ask if marked & _ASK else self.ask,
            tick.last if marked & _LAST else self.last,
            tick.volume if marked & _VOLUME else self.volume,
        )

    def record(self, symbol_id: int) -> Tick:
        """The tick as it is sent."""
        return Tick(
            symbol_id,
            self.time // MS,
            self.fields,
            float(self.bid),
            float(self.ask),
            float(self.last),
            self.volume,
            self.time % MS,
        )

    def quote(self, scale: float) -> RawQuote:
        """The tick in plain prices.

        Args:
            scale: 10**digits of the symbol.
        """
        bid, ask, last = self.bid / scale, self.ask / scale, self.last / scale
        return RawQuote(bid, ask, last, self.volume, self.fields)


class Source:
    """Where the automatic ticks of one symbol come from.

    Args:
        quoting: the price process.
        hours: when the symbol is quoted.
    """

    def __init__(self, quoting: Quoting, hours: Hours) -> None:
        self.quoting = quoting
        self.hours = hours
        self._hours: Recent[int, Minutes] = Recent(_HOURS_KEPT)

    def minute(self, number: int) -> list[LiveTick]:
        """All ticks of a minute since 1970, every value marked."""
        if not self.hours.is_open(number * _MINUTE_MS):
            return []
        made = self.quoting.ticks(self._minutes(number), number)
        fields = _BID | _ASK
        if self.quoting.model.trades:
            fields |= _LAST | _VOLUME
        columns = (column.tolist() for column in made)
        return [
            LiveTick(time, fields, bid, ask, last, volume * UNIT)
            for time, bid, ask, last, volume in zip(*columns, strict=True)
        ]

    def until(self, time: int) -> list[LiveTick]:
        """The ticks of the minute that holds `time` (ms), up to that time."""
        return [t for t in self.minute(time // _MINUTE_MS) if t.time <= time]

    def latest(self, time: int) -> LiveTick | None:
        """The last tick at `time` (ms) or before; None after a long silence."""
        found = self.until(time)
        last = time // _MINUTE_MS
        for number in range(last - 1, last - _LOOK_MIN, -1):
            if found:
                break
            found = self.minute(number)
        return found[-1] if found else None

    def after(self, time: int) -> Iterator[LiveTick]:
        """The ticks later than `time` (ms), one by one, as long as there are any."""
        number = time // _MINUTE_MS
        silent = 0
        while silent < _LOOK_MIN:
            ticks = [tick for tick in self.minute(number) if tick.time > time]
            yield from ticks
            silent = 0 if ticks else silent + 1
            number += 1

    def _minutes(self, number: int) -> Minutes:
        hour = number // 60
        return self._hours.get(hour, lambda: self.quoting.minutes(hour, 1))


def changed(before: LiveTick | None, tick: LiveTick, always: int) -> LiveTick:
    """The tick with only what is new marked.

    Args:
        before: the state that it meets.
        tick: with every value marked.
        always: fields that are marked even when unchanged.
    """
    if before is None:
        return tick
    new = tick.fields & always
    new |= _BID * (tick.bid != before.bid) | _ASK * (tick.ask != before.ask)
    return tick._replace(fields=new & tick.fields)


def total_volume(ticks: list[LiveTick]) -> float:
    """Whole units traded in these ticks."""
    return float(np.sum([tick.volume for tick in ticks])) / UNIT
