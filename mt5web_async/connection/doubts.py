"""Which answers look as if they belonged to another request.

Answers carry no number, so a server or a middlebox that sends one twice could make it
the answer to the next request of its command. What gives such an answer away is its
content: it is the last answer once more although something else was asked, or it is
not about what was asked. Answers of a few bytes ("taken", "none") all look the same
and give nothing away.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from mt5web_async.enums import Period
from mt5web_async.errors import MalformedMessage
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.records import BAR, FULL_SYMBOL, RATES_REQUEST
from mt5web_async.protocol.requests import read_ids

MATERIAL: Final = 16
"""Bytes from which on two equal answers are hardly a coincidence."""

_END: Final = 4096
_DAY: Final = 86_400
_LENGTHS: Final[Mapping[int, int]] = {
    Period.M1: 60,
    Period.M5: 300,
    Period.M15: 900,
    Period.M30: 1800,
    Period.H1: 3600,
    Period.H4: 4 * 3600,
    Period.D1: _DAY,
    Period.W1: 7 * _DAY,
    Period.MN1: 31 * _DAY,
}


class Trace(NamedTuple):
    """What is kept of an answer, to know it when it comes again.

    Fingerprints only: answers hold keys and tokens, requests hold passwords.
    """

    result: int
    size: int
    head: int
    tail: int

    @classmethod
    def of(cls, result: int, payload: memoryview) -> Trace:
        """The trace of an answer; its middle does not count."""
        head, tail = payload[:_END], payload[_END:][-_END:]
        return cls(result, len(payload), hash(bytes(head)), hash(bytes(tail)))


class Exchanged(NamedTuple):
    """The fingerprint of a request, and the trace of its answer."""

    request: int
    answer: Trace

    @classmethod
    def of(cls, request: bytes, answer: Trace) -> Exchanged:
        """What is kept of an exchange."""
        return cls(hash(request), answer)


def doubtful(
    command: int, request: bytes, answer: Trace, payload: memoryview, last: Exchanged
) -> bool:
    """Whether an answer looks as if it were not the one to this request.

    Args:
        command: what was asked.
        request: its payload.
        answer: the answer's trace.
        payload: the answer's payload.
        last: what was exchanged before it.
    """
    again = answer == last.answer and answer.size >= MATERIAL
    if again and hash(request) != last.request:
        return True
    fits = _FITS.get(command)
    return fits is not None and answer.result == 0 and not fits(request, payload)


def _bars_fit(request: bytes, answer: memoryview) -> bool:
    """Whether the bars lie at least in part where they were asked for."""
    try:
        asked = RATES_REQUEST.read(request)
        times = BAR.rows(answer)["time"]
    except MalformedMessage:
        return True  # said by whoever reads the answer
    if not len(times):
        return True
    # a server may begin with the bar that was open at that moment
    begin = asked.from_ - _LENGTHS.get(asked.period, 0)
    return bool(times[-1] >= begin and times[0] <= asked.to)


def _symbols_fit(request: bytes, answer: memoryview) -> bool:
    """Whether all symbols were asked for."""
    try:
        asked = set(read_ids(request))
        chunk, _ = FULL_SYMBOL.counted_bytes(answer)
    except MalformedMessage:
        return True
    return asked.issuperset(FULL_SYMBOL.rows(chunk)["symbol_id"].tolist())


_FITS: Final[Mapping[int, Callable[[bytes, memoryview], bool]]] = {
    Command.RATES: _bars_fit,
    Command.FULL_SYMBOLS: _symbols_fit,
}
