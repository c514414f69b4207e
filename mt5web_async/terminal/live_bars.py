"""The bar still forming, kept up to date by the ticks that the server pushes."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from mt5web_async.calculation.quotes import Quote
from mt5web_async.enums import ChartMode, TickFields
from mt5web_async.protocol.records import FullSymbol

from .rates import Rates
from .ticks.rows import Rows

MAX_TICKS: Final = 1000
"""Most ticks that are kept per symbol; after more the server is asked instead."""

_UNIT: Final = 1e8
_BID: Final = int(TickFields.BID)
_LAST: Final = int(TickFields.LAST)
_VOLUME: Final = int(TickFields.VOLUME)


class ChartTick(NamedTuple):
    """What a tick does to a bar.

    Attributes:
        time: s, server time.
        price: as bars have it.
        volume: whole units of traded volume.
    """

    time: int
    price: float
    volume: float


@dataclass(eq=False)
class _Record:
    """The last ticks of a symbol, `dropped` having been there before."""

    ticks: list[ChartTick] = field(default_factory=list)
    dropped: int = 0


class Mark(NamedTuple):
    """A place between two ticks of a symbol."""

    record: _Record
    position: int


@dataclass(frozen=True)
class Running:
    """The newest bar of a series.

    Attributes:
        row: the bar; shape (1,).
        end: s, server time: the next bar opens then or later.
        mark: ticks after it are not in the bar yet; None: ticks cannot update it.
        told: when the server told it, s of a clock that never goes back.
        fraction: of a whole unit of traded volume, that ticks brought.
    """

    row: Rates
    end: int
    mark: Mark | None
    told: float
    fraction: float = 0.0

    @property
    def time(self) -> int:
        """When it opened, s of server time."""
        return int(self.row["time"][0])


class LiveTicks:
    """The last ticks of the symbols whose bars somebody asked for."""

    def __init__(self) -> None:
        self._records: dict[str, _Record] = {}
        self._ticks_lock = threading.Lock()

    def note(self, name: str, quote: Quote, symbols: Mapping[str, FullSymbol]) -> None:
        """A tick changed a quote; in the I/O thread.

        Args:
            name: of the symbol.
            quote: its quote since the tick.
            symbols: full records by name.
        """
        record = self._records.get(name)
        if record is not None and name in symbols:
            self._add(record, [chart_tick(symbols[name], quote)])

    def note_rows(
        self, name: str, rows: Rows, symbols: Mapping[str, FullSymbol]
    ) -> None:
        """As :meth:`note`, of many ticks as the official package hands them out."""
        record = self._records.get(name)
        if record is None or name not in symbols:
            return
        fields = ("flags", "bid", "last", "volume_real", "time")
        columns = (rows[field].tolist() for field in fields)
        symbol = symbols[name]
        ticks = (
            _chart_tick(symbol, flags >> 1, bid, last, volume, time)
            for flags, bid, last, volume, time in zip(*columns, strict=True)
        )
        self._add(record, ticks)

    def _add(self, record: _Record, ticks: Iterable[ChartTick | None]) -> None:
        with self._ticks_lock:
            record.ticks.extend(tick for tick in ticks if tick is not None)
            over = len(record.ticks) - MAX_TICKS
            if over > 0:
                dropped = over + MAX_TICKS // 2
                record.dropped += dropped
                del record.ticks[:dropped]

    def mark(self, name: str) -> Mark:
        """The place after the symbol's newest tick; from now on its ticks are kept."""
        with self._ticks_lock:
            record = self._records.setdefault(name, _Record())
            return Mark(record, record.dropped + len(record.ticks))

    def keep(self, names: Collection[str]) -> None:
        """No mark of other symbols made so far can be used any more."""
        with self._ticks_lock:
            for name in [one for one in self._records if one not in names]:
                record = self._records.pop(name)
                record.dropped += len(record.ticks) + 1
                record.ticks.clear()

    def clear(self) -> None:
        """No mark made so far can be used any more."""
        self.keep(())

    def updated(self, running: Running) -> Running | None:
        """The bar with all ticks that came since; None: the server must be asked.

        That is so when ticks began another bar, or when they are not known any more.
        """
        if running.mark is None:
            return None
        record, position = running.mark
        with self._ticks_lock:
            if position < record.dropped:
                return None
            ticks = record.ticks[position - record.dropped :]
        if any(tick.time >= running.end for tick in ticks):
            return None
        mark = Mark(record, position + len(ticks))
        return _with_ticks(running, [t for t in ticks if t.time >= running.time], mark)


def chart_tick(symbol: FullSymbol, quote: Quote) -> ChartTick | None:
    """What the last tick of a quote does to bars; None: nothing."""
    return _chart_tick(
        symbol,
        quote.changed,
        quote.raw_bid,
        quote.last,
        quote.volume / _UNIT,
        quote.time_msc // 1000,
    )


def _chart_tick(
    symbol: FullSymbol, changed: int, bid: float, last: float, volume: float, time: int
) -> ChartTick | None:
    if not changed & _LAST:
        last = 0.0
    if not changed & _BID:
        bid = 0.0
    match symbol.chart_mode:
        case ChartMode.LAST:
            price = last
        case ChartMode.DEFAULT:
            price = last or (0.0 if symbol.ticks_book_depth else bid)
        case _:
            price = bid
    if not price:
        return None
    return ChartTick(time, price, volume if changed & _VOLUME else 0.0)


def _with_ticks(running: Running, ticks: list[ChartTick], mark: Mark) -> Running:
    if not ticks:
        return replace(running, mark=mark)
    row = running.row.copy()
    prices = [tick.price for tick in ticks]
    traded = running.fraction + sum(tick.volume for tick in ticks)
    row["high"] = max(row["high"][0], *prices)
    row["low"] = min(row["low"][0], *prices)
    row["close"] = prices[-1]
    row["tick_volume"] += len(ticks)
    row["real_volume"] += int(traded)
    return replace(running, row=row, mark=mark, fraction=traded - int(traded))
