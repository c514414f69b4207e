"""All symbols together: whose tick comes next, and what asking for one starts."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from mt5web_async.protocol.records import FullSymbol

from .archive import Archive
from .catalogue import Catalogue
from .instrument import Instrument
from .listing import Listing
from .quoting import Quoting
from .ticks import LiveTick
from .worth import Path

_FIXED: Final = (
    "name",
    "symbol_id",
    "digits",
    "tick_size",
    "chart_mode",
    "ticks_book_depth",
)


class Sent(NamedTuple):
    """A tick that was applied to its instrument."""

    instrument: Instrument
    tick: LiveTick


class _Next(NamedTuple):
    time: int
    place: int  # in the symbol list: the order of ticks of one instant
    turn: int  # of the stream; a stream that was left is ignored
    tick: LiveTick
    stream: Iterator[LiveTick]


class Market:
    """The prices of all symbols.

    Args:
        catalogue: the symbols.
        seed: of the whole market; the same seed gives the same prices.
        history_start: s, server time, of the midnight before which there are no bars.
        now: ms, server time.
        automatic: whether the price process quotes; otherwise only by hand.

    Attributes:
        catalogue: the symbols as they are set up at present.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        *,
        seed: int,
        history_start: int,
        now: int,
        automatic: bool = True,
    ) -> None:
        self._seed = seed
        self._now = now
        self._silent_since = None if automatic else now
        self._archive = Archive(history_start)
        self._assets = {asset.name: asset for asset in catalogue.assets}
        self._paths: dict[str, Path] = {}
        self._places = {
            one.symbol.name: place for place, one in enumerate(catalogue.listings)
        }
        self.catalogue = catalogue
        self._awake: dict[str, Instrument] = {}
        self._queue: list[_Next] = []
        self._turns: dict[str, int] = {}

    @property
    def awake(self) -> Mapping[str, Instrument]:
        """The symbols that are quoted, by name."""
        return self._awake

    @property
    def now(self) -> int:
        """Ms, server time, up to which all ticks were sent."""
        return self._now

    def knows(self, name: str) -> bool:
        """Whether there is a symbol of this name."""
        return name in self._places

    def change(self, name: str, symbol: FullSymbol) -> None:
        """Give a symbol other settings; what its prices are made by stays.

        Raises:
            KeyError: there is no such symbol.
            ValueError: something of that would change.
        """
        before = self.wake(name).symbol
        for field in _FIXED:
            was, would = getattr(before, field), getattr(symbol, field)
            if would != was:
                raise ValueError(f"{name}: {field} {was!r} cannot change to {would!r}")
        self._awake[name].symbol = symbol
        self.catalogue = self.catalogue.with_symbol(symbol)

    def wake(self, name: str) -> Instrument:
        """The instrument of a symbol, which is quoted from now on.

        Raises:
            KeyError: there is no such symbol.
        """
        if name not in self._awake:
            self._awake[name] = self._made(self._listing(self._places[name]))
        return self._awake[name]

    def run(self, until: int, *, backlog: int | None = None) -> Iterator[Sent]:
        """Apply the automatic ticks that are due, oldest first.

        Args:
            until: ms, server time; ticks of that moment are due.
            backlog: ms; what is further behind is left out, as after a laptop's
                sleep. None: nothing is.
        """
        if backlog is not None and until - self._now > backlog:
            self._skip(until - backlog)
        while self._queue and self._queue[0].time <= until:
            due = heapq.heappop(self._queue)
            name = self._listing(due.place).symbol.name
            if due.turn != self._turns[name]:
                continue
            self._push(due.place, due.turn, due.stream)
            instrument = self._awake[name]
            tick = instrument.mark(due.tick)
            instrument.apply(tick)
            self._now = max(self._now, tick.time)
            yield Sent(instrument, tick)
        self._now = max(self._now, until)

    def drive(self, name: str) -> Instrument:
        """Silence the price process of a symbol."""
        instrument = self.wake(name)
        instrument.drive(self._now)
        self._turns[name] += 1
        return instrument

    def release(self, name: str) -> None:
        """Let the price process of a symbol speak again."""
        instrument = self.wake(name)
        if instrument.driven:
            instrument.release(self._now)
            self._follow(name, instrument)

    def _listing(self, place: int) -> Listing:
        return self.catalogue.listings[place]

    def _made(self, listing: Listing) -> Instrument:
        name, model = listing.symbol.name, listing.model
        assets = [self._assets[key] for key in (model.base, model.quote) if key]
        for asset in assets:
            self._paths.setdefault(asset.name, Path(self._seed, asset))
        quoting = Quoting(self._seed, name, model, self._paths)
        silent = self._silent_since
        now = self._now if silent is None else silent
        made = Instrument(listing, quoting, self._archive, self._seed, now)
        self._turns[name] = 0
        if silent is None:
            self._follow(name, made)
        else:
            made.drive(silent)
        return made

    def _follow(self, name: str, instrument: Instrument) -> None:
        self._turns[name] += 1
        stream = instrument.upcoming(self._now)
        self._push(self._places[name], self._turns[name], stream)

    def _push(self, place: int, turn: int, stream: Iterator[LiveTick]) -> None:
        tick = next(stream, None)
        if tick is not None:
            heapq.heappush(self._queue, _Next(tick.time, place, turn, tick, stream))

    def _skip(self, until: int) -> None:
        """Leave ticks out, but for the last one of each symbol."""
        self._now = until
        for name, instrument in self._awake.items():
            if not instrument.driven:
                instrument.jump(until)
                self._follow(name, instrument)
