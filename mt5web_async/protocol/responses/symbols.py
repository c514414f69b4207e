"""Symbol lists, sessions and spreads (commands 6, 18, 20 and 34, push 13)."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mt5web_async.errors import InvalidArgument, MalformedMessage
from mt5web_async.protocol.records import (
    SESSION,
    SPREAD_HEADER,
    SPREAD_LEG,
    SYMBOL,
    Session,
    SpreadHeader,
    SpreadLeg,
)
from mt5web_async.protocol.wire import Buffer, read_bounded_count, read_count

MAX_INFLATED: Final = 64 * 1024 * 1024
"""Most bytes that a packed symbol list may inflate to."""

_U32 = struct.Struct("<I")
_ANY_HEADER: Final = 32 + zlib.MAX_WBITS
"""Makes zlib take gzip and zlib streams, by their own headers."""


def read_symbols(body: Buffer) -> NDArray[np.void]:
    """The symbol list as columns of the SYMBOL layout: shape (n,), read-only."""
    chunk, _ = SYMBOL.counted_bytes(body)
    return SYMBOL.rows(chunk)


def unpack_symbols(body: Buffer, limit: int = MAX_INFLATED) -> NDArray[np.void]:
    """The symbol list out of a gzip or zlib stream (command 34).

    Raises:
        MalformedMessage: no readable stream, or one that inflates beyond `limit`;
            command 6 gives the same list unpacked.
    """
    size = read_count(body)
    if size > limit:
        raise MalformedMessage(f"packed symbols of {size} bytes, limit {limit}")
    inflater = zlib.decompressobj(_ANY_HEADER)
    try:
        inflated = inflater.decompress(memoryview(body)[_U32.size :], limit + 1)
    except zlib.error as exc:
        raise MalformedMessage(f"packed symbols cannot be inflated: {exc}") from None
    if len(inflated) > limit:
        raise MalformedMessage(f"packed symbols inflate beyond {limit} bytes")
    if not inflater.eof:
        raise MalformedMessage(f"packed symbols end after {len(inflated)} bytes")
    return read_symbols(inflated)


def pack_symbols(body: bytes) -> bytes:
    """The answer to command 34 for the answer to command 6."""
    return _U32.pack(len(body)) + zlib.compress(body)


class Schedule(NamedTuple):
    """When a symbol is quoted and traded, by day of the week, Sunday first."""

    quotes: tuple[tuple[Session, ...], ...]
    trades: tuple[tuple[Session, ...], ...]


_DAYS: Final = 7
_SLOTS: Final = 16
_DAY: Final = _SLOTS * SESSION.size
_UNUSED: Final = Session()


def read_schedule(schedule: bytes) -> Schedule:
    """The sessions of a full symbol's `schedule`, unused slots left out."""
    if len(schedule) != 2 * _DAYS * _DAY:
        raise MalformedMessage(
            f"schedule of {len(schedule)} bytes, {2 * _DAYS * _DAY} are right"
        )
    days = [
        tuple(s for s in SESSION.records(schedule[at : at + _DAY]) if s != _UNUSED)
        for at in range(0, len(schedule), _DAY)
    ]
    return Schedule(tuple(days[:_DAYS]), tuple(days[_DAYS:]))


def write_schedule(schedule: Schedule) -> bytes:
    """The way back of :func:`read_schedule`."""
    for days in schedule:
        if len(days) != _DAYS or any(len(day) > _SLOTS for day in days):
            raise InvalidArgument(
                f"{[len(day) for day in days]} sessions a day; "
                f"{_DAYS} days of at most {_SLOTS} are right"
            )
    return b"".join(
        SESSION.write_all(day).ljust(_DAY, b"\0")
        for day in (*schedule.quotes, *schedule.trades)
    )


class Spread(NamedTuple):
    """A margin relief between the bought and the sold of two lists of legs."""

    header: SpreadHeader
    legs_a: tuple[SpreadLeg, ...] = ()
    legs_b: tuple[SpreadLeg, ...] = ()


def read_spreads(body: Buffer) -> list[Spread]:
    """Spreads of futures (command 20); a slot without an id holds no legs."""
    spreads = []
    offset = 0
    while offset < len(body):
        offset += _U32.size  # the block's first number has no known meaning
        count = read_bounded_count(body, offset, SPREAD_HEADER.size)
        offset += _U32.size
        for _ in range(count):
            header = SPREAD_HEADER.read(body, offset)
            offset += SPREAD_HEADER.size
            if header.spread_id == 0:
                continue
            legs_a, offset = SPREAD_LEG.counted(body, offset)
            legs_b, offset = SPREAD_LEG.counted(body, offset)
            spreads.append(Spread(header, tuple(legs_a), tuple(legs_b)))
    return spreads


def write_spreads(spreads: Sequence[Spread]) -> bytes:
    """One block of :func:`read_spreads`; none is an empty answer."""
    if not spreads:
        return b""
    parts = [_U32.pack(0), _U32.pack(len(spreads))]
    for header, legs_a, legs_b in spreads:
        parts.append(SPREAD_HEADER.write(header))
        parts.append(SPREAD_LEG.write_counted(legs_a))
        parts.append(SPREAD_LEG.write_counted(legs_b))
    return b"".join(parts)
