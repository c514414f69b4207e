"""Many ticks at once: what one after the other would make of the quotes.

Applying a tick costs microseconds, and a market in a hurry sends thousands in one go.
As columns each costs a fraction of that. What needs a mark-up, and deals out of order,
are left to :func:`mt5web_async.calculation.quotes.apply_tick`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mt5web_async.calculation.plausible import LARGEST
from mt5web_async.calculation.quotes import DELAYED_TICK, Quote, percent
from mt5web_async.calculation.rounding import scaled_column
from mt5web_async.calculation.spread import Pricing
from mt5web_async.enums import TickFields
from mt5web_async.protocol.records import TICK

from .ticks.rows import TICKS, UNITS, Rows

Wire: TypeAlias = NDArray[np.void]
"""Rows of the TICK layout."""

_Flags: TypeAlias = NDArray[np.bool_]
_Places: TypeAlias = NDArray[np.intp]
_Times: TypeAlias = NDArray[np.int64]

_BLOCK: Final = f"V{TICK.size}"
_APART: Final = 2**43
"""More ms than lie between any two times of the wire."""

_BID: Final = int(TickFields.BID)
_ASK: Final = int(TickFields.ASK)
_LAST: Final = int(TickFields.LAST)
_VOLUME: Final = int(TickFields.VOLUME)
_FIELDS: Final = {_BID: "bid", _ASK: "ask", _LAST: "last", _VOLUME: "volume"}


class Run(NamedTuple):
    """Ticks of one quote, as they came.

    Attributes:
        symbol_id: whose.
        delayed: whether they belong to the delayed quote.
        rows: one or more.
    """

    symbol_id: int
    delayed: bool
    rows: Wire


class Applied(NamedTuple):
    """What a run made of a quote.

    Attributes:
        quote: after the last tick.
        ticks: those that changed it, as the official package hands them out.
    """

    quote: Quote
    ticks: Rows


def runs_of(rows: Wire) -> list[Run]:
    """Ticks by the quotes that they belong to; one or more."""
    delayed = rows["flags"] & DELAYED_TICK != 0
    keys = rows["symbol_id"].astype(np.int64) * 2 + delayed
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    starts = np.flatnonzero(np.diff(keys, prepend=-1))
    ends = [*starts[1:].tolist(), len(keys)]
    ordered = rows.view(_BLOCK)[order].view(TICK.dtype)
    return [
        Run(key // 2, bool(key % 2), ordered[start:end])
        for key, start, end in zip(
            keys[starts].tolist(), starts.tolist(), ends, strict=True
        )
    ]


def columnar(before: Quote, pricing: Pricing) -> bool:
    """Whether a run can be applied as columns: raw prices are the effective ones."""
    raw = before.raw_bid, before.raw_ask
    return not pricing.diff and (before.bid, before.ask) == raw


def apply_runs(
    runs: Sequence[Wire], before: Sequence[Quote], pricing: Sequence[Pricing]
) -> list[Applied | None]:
    """What runs of ticks make of quotes that are :func:`columnar`.

    Args:
        runs: one or more.
        before: the quote of each run.
        pricing: of each run.

    Returns:
        What each run made; None for one that has deals or empty marks and whose times
        go back.
    """
    rows = np.concatenate([run.view(_BLOCK) for run in runs]).view(TICK.dtype)
    table = _Table(np.array([len(run) for run in runs]))
    marks = _Marks.of(table, rows, before)
    values = _values(table, marks, rows, before, pricing)
    told = marks.changed != 0
    ticks = _official(marks, values, told)
    ends = np.cumsum(table.count(told)).tolist()
    return [
        Applied(quote, ticks[start:end]) if clear else None
        for clear, quote, start, end in zip(
            marks.clear.tolist(),
            _quotes(table, marks, values, before),
            [0, *ends[:-1]],
            ends,
            strict=True,
        )
    ]


class _Table:
    """Where runs lie in a column: each behind a head, which is what was before it."""

    def __init__(self, sizes: _Places) -> None:
        self.sizes = sizes
        self.ends = np.cumsum(sizes + 1) - 1
        self.heads = self.ends - sizes
        self.run = np.repeat(np.arange(len(sizes)), sizes + 1)
        self.head = self.heads[self.run]
        self._all = np.arange(self.ends[-1] + 1)
        self._apart = self.run * _APART
        self.body = np.ones(len(self._all), np.bool_)
        self.body[self.heads] = False

    def column(self, ticks: NDArray[Any], heads: Any) -> NDArray[Any]:
        """What the ticks have, and what was before them."""
        column = np.empty(len(self._all), ticks.dtype)
        column[self.body] = ticks
        column[self.heads] = heads
        return column

    def newest(self, marked: _Flags) -> _Places:
        """The last place until each one, in its run, that is marked, or the head."""
        return np.maximum.accumulate(np.where(marked, self._all, self.head))

    def highest(self, times: _Times) -> _Times:
        """The latest time until each place, in its run."""
        return np.maximum.accumulate(times + self._apart) - self._apart

    def any(self, flags: _Flags) -> _Flags:
        """For each run whether there is one."""
        return np.logical_or.reduceat(flags, self.heads)

    def count(self, flags: _Flags) -> _Places:
        """For each run how many there are."""
        return np.add.reduceat(flags, self.heads, dtype=np.intp)


class _Marks(NamedTuple):
    """When ticks came, and what each of them changes.

    Attributes:
        time: ms; at heads that of the newest bid or ask.
        stamp: the newest time of a price until there.
        changed: TickFields; 0 at heads, and where a tick comes too late.
        taken: whether a tick does not come too late.
        clear: for each run whether all this is right.
    """

    time: _Times
    stamp: _Times
    changed: NDArray[np.uint32]
    taken: _Flags
    clear: _Flags

    @classmethod
    def of(cls, table: _Table, rows: Wire, before: Sequence[Quote]) -> _Marks:
        fields = table.column(rows["fields"], 0)
        quoted, dealt = fields & (_BID | _ASK) != 0, fields & _LAST != 0
        times = rows["time"].astype(np.int64) * 1000 + rows["time_ms"]
        bid_ask = np.array([quote.time_bidask_msc for quote in before])
        last = np.array([quote.time_last_msc for quote in before])

        time = table.column(times, bid_ask)
        clock = table.highest(np.where(quoted | ~table.body, time, -1))
        taken = table.body & ~(quoted & (time < clock))
        changed = (fields & _VOLUME) * taken
        for mark in (_BID, _ASK, _LAST):
            if (marked := fields & mark).any():
                prices = rows[_FIELDS[mark]]
                # what is no number fails every comparison
                priced = table.column((prices != 0) & (abs(prices) < LARGEST), False)
                changed |= marked * (taken & priced)

        # times tell which ticks are late where every bid or ask that is marked has a
        # price, and there are no deals, which have a clock of their own
        empty = quoted & taken & (changed & (_BID | _ASK) == 0)
        in_all = table.column(times, np.maximum(bid_ask, last))
        back = in_all < table.highest(in_all)
        clear = ~(table.any(dealt | empty) & table.any(back))
        stamp = np.maximum(np.maximum(time, clock), last[table.run])
        return cls(time, stamp, changed, taken, clear)


class _Values(NamedTuple):
    """What is known at each place, and since which place of the run."""

    known: Mapping[int, NDArray[Any]]
    since: Mapping[int, _Places]


def _values(
    table: _Table,
    marks: _Marks,
    rows: Wire,
    before: Sequence[Quote],
    pricing: Sequence[Pricing],
) -> _Values:
    digits = np.repeat([one.digits for one in pricing], table.sizes)
    known, since = {}, {}
    for mark, name in _FIELDS.items():
        old = np.array([getattr(quote, name) for quote in before])
        marked = marks.changed & mark != 0
        if not marked.any():
            since[mark], known[mark] = table.head, old[table.run]
            continue
        told = rows[name] if mark == _VOLUME else scaled_column(rows[name], digits)
        since[mark] = table.newest(marked)
        known[mark] = table.column(told, old)[since[mark]]
    return _Values(known, since)


def _quotes(
    table: _Table, marks: _Marks, values: _Values, before: Sequence[Quote]
) -> Iterator[Quote]:
    """The quotes after the last tick of each run."""
    ends, heads, time = table.ends, table.heads, marks.time
    since = {mark: places[ends] for mark, places in values.since.items()}
    taken = table.newest(marks.taken)[ends]
    facts = zip(
        before,
        *(known[ends].tolist() for known in values.known.values()),
        np.where(taken > heads, time[taken], [q.time_msc for q in before]).tolist(),
        time[np.maximum(since[_BID], since[_ASK])].tolist(),
        np.where(
            since[_LAST] > heads, time[since[_LAST]], [q.time_last_msc for q in before]
        ).tolist(),
        marks.changed[ends].tolist(),
        (since[_BID] > heads).tolist(),
        strict=True,
    )
    for old, bid, ask, last, volume, now, clock, last_clock, changed, moved in facts:
        close = old.session.price_close
        yield Quote(
            bid,
            ask,
            last,
            volume,
            now,
            bid,
            ask,
            clock,
            last_clock,
            changed,
            percent(bid, close, old.price_change) if moved else old.price_change,
            old.session,
        )


def _official(marks: _Marks, values: _Values, told: _Flags) -> Rows:
    """What some places tell, as rows of the official structure."""
    rows = np.empty(int(np.count_nonzero(told)), TICKS)
    rows["time_msc"] = marks.stamp[told]
    rows["time"] = rows["time_msc"] // 1000
    for mark in (_BID, _ASK, _LAST):
        rows[_FIELDS[mark]] = values.known[mark][told]
    dealt = np.maximum(values.known[_VOLUME][told], 0)
    rows["volume"] = dealt // UNITS
    rows["volume_real"] = dealt / UNITS
    rows["flags"] = marks.changed[told] << 1
    return rows
