"""Who gets whose ticks, statistics and depth of market."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple

from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.records import STATISTICS, TICK
from mt5web_async.protocol.responses import BookChange, write_books
from mt5web_async.simulator.market.book import Levels, difference, snapshot
from mt5web_async.simulator.market.chart import day_start
from mt5web_async.simulator.market.instrument import Instrument
from mt5web_async.simulator.market.market import Sent

from .audience import Audience
from .session import Session

_STATISTICS_MS: Final = 1000


class _Told(NamedTuple):
    """When statistics were last sent."""

    time: int  # ms, server time
    day: int  # s


class QuoteDesk:
    """Tells sessions what happens to the symbols that they subscribed.

    Args:
        audience: the sessions.
        wake: the instrument of a symbol id, quoted from then on; None: no such id.
        awake: the instruments that are quoted, by name.
    """

    def __init__(
        self,
        audience: Audience,
        wake: Callable[[int], Instrument | None],
        awake: Mapping[str, Instrument],
    ) -> None:
        self._audience = audience
        self._wake = wake
        self._awake = awake
        self._told: dict[str, _Told] = {}
        self._moved: dict[str, Instrument] = {}
        self._stale: dict[str, Instrument] = {}
        self._books: dict[int, Levels] = {}

    def subscribe_quotes(self, session: Session, ids: Iterable[int]) -> None:
        """This list takes the place of the session's last one.

        Symbols that are new in it wait among the session's newcomers.
        """
        wanted = dict.fromkeys(ids)
        session.quoted &= wanted.keys()
        session.newcomers.clear()
        session.newcomers.extend(i for i in wanted if i not in session.quoted)

    def greet(self, session: Session, count: int, now: int) -> None:
        """Send some newcomers' first tick and statistics.

        Args:
            session: that subscribed them.
            count: how many at most.
            now: ms, server time.
        """
        ids = [session.newcomers.popleft() for _ in range(count) if session.newcomers]
        woken = (self._wake(symbol_id) for symbol_id in ids)
        quoted = [one for one in woken if one is not None and one.quote is not None]
        session.quoted.update(ids)
        if not quoted:
            return
        ticks = [one.quote.record(one.symbol.symbol_id) for one in quoted if one.quote]
        session.send(Command.TICKS, TICK.write_all(ticks))
        statistics = [one.statistics(now) for one in quoted]
        session.send(Command.STATISTICS, STATISTICS.write_all(statistics))

    def subscribe_books(self, session: Session, ids: Iterable[int], now: int) -> None:
        """This list takes the place of the session's last one; its books are sent."""
        watched = self._all(other.booked for other in self._audience)
        wanted = set(ids)
        added = sorted(wanted - session.booked)
        session.booked = wanted
        shots = []
        for symbol_id in added:
            instrument = self._wake(symbol_id)
            if instrument is not None and instrument.symbol.ticks_book_depth:
                if symbol_id not in watched:
                    self._books[symbol_id] = instrument.levels
                shots.append(snapshot(symbol_id, now, self._books[symbol_id]))
        if shots:
            session.send(Command.BOOK, write_books(shots))

    def moved(self, sent: Sent) -> None:
        """A tick was applied."""
        symbol = sent.instrument.symbol
        record = TICK.write(sent.tick.record(symbol.symbol_id))
        self._audience.tick(symbol.symbol_id, record)
        self._moved[symbol.name] = sent.instrument
        self._stale[symbol.name] = sent.instrument

    def reshaped(self, instrument: Instrument) -> None:
        """A depth of market was changed by hand."""
        self._moved[instrument.symbol.name] = instrument

    def settle(self, now: int) -> None:
        """Send what has gathered: ticks, books, and statistics that are due."""
        self._audience.flush()
        self._send_books(now)
        self._send_statistics(now)

    def _send_books(self, now: int) -> None:
        moved, self._moved = self._moved, {}
        watched = self._all(session.booked for session in self._audience)
        changes: dict[int, BookChange] = {}
        for instrument in moved.values():
            symbol_id = instrument.symbol.symbol_id
            if symbol_id not in watched or not instrument.symbol.ticks_book_depth:
                continue
            before, levels = self._books.get(symbol_id, {}), instrument.levels
            change = difference(symbol_id, now, before, levels)
            self._books[symbol_id] = levels
            if change is not None:
                changes[symbol_id] = change
        for session in self._audience if changes else ():
            chosen = [changes[i] for i in changes if i in session.booked]
            if chosen:
                session.send(Command.BOOK, write_books(chosen))

    def _send_statistics(self, now: int) -> None:
        watched = self._all(session.quoted for session in self._audience)
        records: dict[int, bytes] = {}
        for name, instrument in list(self._stale.items()):
            symbol_id = instrument.symbol.symbol_id
            if not self._is_due(name, instrument, now):
                continue
            del self._stale[name]
            if symbol_id in watched:
                self._told[name] = _Told(now, day_start(now))
                records[symbol_id] = STATISTICS.write(instrument.statistics(now))
        for session in self._audience if records else ():
            chosen = [records[i] for i in records if i in session.quoted]
            if chosen:
                session.send(Command.STATISTICS, b"".join(chosen))

    def _is_due(self, name: str, instrument: Instrument, now: int) -> bool:
        told = self._told.get(name)
        if told is None or instrument.quote is None:
            return True
        new_day = day_start(instrument.quote.time) != told.day
        return new_day or now - told.time >= _STATISTICS_MS

    @staticmethod
    def _all(sets: Iterable[set[int]]) -> set[int]:
        return set().union(*sets)
