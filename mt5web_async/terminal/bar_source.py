"""Bars from the server, whole spans of any timeframe."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from mt5web_async.connection.exchange import Handler
from mt5web_async.enums import Period
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.records import BAR, RATES_REQUEST, RatesRequest
from mt5web_async.waiting import Deadline

from .live_bars import Mark
from .rates import Rates, joined, to_rates
from .timeframes import Timeframe, merged, next_opening, opening

log = logging.getLogger("mt5web_async.terminal")

T = TypeVar("T")

LAST_SECOND: Final = 2**31 - 1
"""The end of time of the wire's clock, s."""


class Request(Protocol):
    """Asks the server; as :meth:`mt5web_async.connection.Connection.request`."""

    def __call__(
        self, command: int, payload: bytes, handler: Handler[T], *, timeout: float
    ) -> Coroutine[Any, Any, T]:
        """Ask, and wait for what the handler makes of the answer."""


class Patience:
    """How long one call waits for the server: anew after every answer.

    Args:
        timeout: s.
        clock: in s.
    """

    def __init__(self, timeout: float, clock: Callable[[], float]) -> None:
        self._timeout = timeout
        self._clock = clock
        self.renew()

    def renew(self) -> None:
        """The server was heard of."""
        self._deadline = Deadline(self._timeout, self._clock)

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return self._deadline.left() or 0.0


class Moment(NamedTuple):
    """How things stood when an answer came.

    Attributes:
        mark: ticks after it are not in the answer.
        seen: s, server time: bars that ended before cannot change any more.
        ticked: s, server time of the last tick; None: not all ticks are coming in.
    """

    mark: Mark | None
    seen: int
    ticked: int | None = None


class Answer(NamedTuple):
    """Bars, and how things stood when they came.

    Attributes:
        rows: oldest first, each opening once.
        first: when the first part of them came.
        last: when the last part of them came.
    """

    rows: Rates
    first: Moment
    last: Moment


class BarSource:
    """Asks for spans, and goes on until the server has answered them whole.

    Servers bound their answers, and no answer tells whether it was cut. So what may
    have been cut off an answer is asked for; that ends as soon as an answer of its
    size has proved to be whole.

    Args:
        request: asks the server.
        moment: how things stand with a symbol; called in the I/O thread.
    """

    def __init__(self, request: Request, moment: Callable[[str], Moment]) -> None:
        self._request = request
        self._moment = moment
        self._proved = 0  # rows in the largest answer that was not cut

    async def fetch(
        self,
        patience: Patience,
        symbol: str,
        timeframe: Timeframe,
        start: int,
        end: int,
    ) -> Answer:
        """The bars that open from `start` to `end`, both included, s of server time.

        What the server does not have is built from what it has. Whole bars are asked
        for: timeframes made of the same bars then ask alike, and two equal answers to
        one question are nothing to wonder about.
        """
        base = Timeframe(timeframe.base)
        first = start if base is timeframe else max(opening(timeframe, start), 0)
        last = min(next_opening(timeframe, end) - 1, LAST_SECOND)
        answer = await self._fetch(patience, symbol, base, first, last)
        rows = answer.rows
        if base is not timeframe:
            rows = merged(timeframe, rows)
        return answer._replace(rows=within(rows, start, end))

    async def _fetch(
        self, patience: Patience, symbol: str, base: Timeframe, start: int, end: int
    ) -> Answer:
        rows, first = await self._ask(patience, symbol, base, start, end)
        newer = await self._newer(patience, symbol, base, (rows, first), end)
        older = await self._older(patience, symbol, base, rows, start)
        if not newer and not older:
            self._proved = max(self._proved, len(rows))
            return Answer(rows, first, first)
        parts = [*older, rows]
        for part, _ in newer:
            parts[-1] = parts[-1][:-1]
            parts.append(part)
        return Answer(joined(parts), first, newer[-1][1] if newer else first)

    async def _newer(
        self,
        patience: Patience,
        symbol: str,
        base: Timeframe,
        answer: tuple[Rates, Moment],
        end: int,
    ) -> list[tuple[Rates, Moment]]:
        """What was cut off behind some rows.

        Each part begins with the last row before it: had another bar opened since,
        that row would have changed after it was sent. Behind the bar of the last tick
        there is none.
        """
        parts: list[tuple[Rates, Moment]] = []
        rows, moment = answer
        while self._maybe_cut(rows):
            since = int(rows["time"][-1])
            following = next_opening(base, since)
            if following > end or since <= (moment.ticked or 0) < following:
                break
            rows, moment = await self._ask(patience, symbol, base, since, end)
            if len(rows) <= 1:
                break
            parts.append((rows, moment))
        return parts

    async def _older(
        self, patience: Patience, symbol: str, base: Timeframe, rows: Rates, start: int
    ) -> list[Rates]:
        """What was cut off before some rows."""
        parts: list[Rates] = []
        while self._maybe_cut(rows):
            before = int(rows["time"][0]) - 1
            if before - start < base.seconds - 1:
                break
            rows, _ = await self._ask(patience, symbol, base, start, before)
            if not len(rows):
                break
            parts.insert(0, rows)
            log.info("%s %s: bars back to %s", symbol, base.name, when(rows))
        return parts

    def _maybe_cut(self, rows: Rates) -> bool:
        """Whether there may be more; a bound may be as large as the largest answer.

        No server sends one bar where it has more.
        """
        return len(rows) >= max(self._proved, 2)

    async def _ask(
        self, patience: Patience, symbol: str, base: Timeframe, start: int, end: int
    ) -> tuple[Rates, Moment]:
        """One request."""

        def take(payload: memoryview) -> tuple[Rates, Moment]:
            bars = ordered(BAR.rows(payload), start, end)
            return to_rates(bars), self._moment(symbol)

        asked = RatesRequest(symbol, Period(base), start, end)
        answer = await self._request(
            Command.RATES, RATES_REQUEST.write(asked), take, timeout=patience.left
        )
        patience.renew()
        return answer


def when(rows: Rates) -> str:
    """When the oldest of some rows opened, for people to read."""
    opened = datetime.fromtimestamp(int(rows["time"][0]), UTC)
    return f"{opened:%Y-%m-%d %H:%M}"


def within(rows: NDArray[np.void], start: int, end: int) -> NDArray[np.void]:
    """The rows that open from `start` to `end`, of rows in order."""
    if not len(rows) or (rows["time"][0] >= start and rows["time"][-1] <= end):
        return rows  # as nearly always: a look at all times costs a millisecond
    left, right = np.searchsorted(rows["time"], [start, end + 1])
    return rows[left:right]


def ordered(rows: NDArray[np.void], start: int, end: int) -> NDArray[np.void]:
    """The rows that open from `start` to `end`, oldest first, each opening once."""
    times = np.ascontiguousarray(rows["time"])
    if (times[1:] <= times[:-1]).any():
        _, first = np.unique(times, return_index=True)
        rows = rows[first]
    return within(rows, start, end)
