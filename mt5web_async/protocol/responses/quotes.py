"""Ticks and changes to the depth of market (pushes 8 and 23)."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import NamedTuple

from mt5web_async.errors import MalformedMessage
from mt5web_async.protocol.records import (
    BOOK_HEADER,
    BOOK_LEVEL,
    TICK,
    BookHeader,
    BookLevel,
    Tick,
)
from mt5web_async.protocol.wire import Buffer, read_bounded_count

_U32 = struct.Struct("<I")


def read_ticks(body: Buffer) -> list[Tick]:
    """The ticks of one push 8; a partial one at the end is left out.

    For large batches ``TICK.rows(TICK.complete(body))`` gives the same as columns.
    """
    return TICK.records(TICK.complete(body))


class BookChange(NamedTuple):
    """What changes in one symbol's depth of market (push 23)."""

    header: BookHeader
    levels: tuple[BookLevel, ...]


def read_books(body: Buffer) -> list[BookChange]:
    """The changes of one push 23; a body of a count alone holds none."""
    if len(body) <= _U32.size:
        return []
    count = read_bounded_count(body, 0, BOOK_HEADER.size)
    offset = _U32.size
    changes = []
    for _ in range(count):
        header = BOOK_HEADER.read(body, offset)
        offset += BOOK_HEADER.size
        end = offset + header.levels * BOOK_LEVEL.size
        if end > len(body):
            raise MalformedMessage(
                f"{header.levels} book levels announced, "
                f"{len(body) - offset} bytes there"
            )
        levels = BOOK_LEVEL.records(memoryview(body)[offset:end])
        changes.append(BookChange(header, tuple(levels)))
        offset = end
    return changes


def write_books(changes: Sequence[BookChange]) -> bytes:
    """The way back of :func:`read_books`."""
    parts = [_U32.pack(len(changes))]
    for header, levels in changes:
        parts.append(BOOK_HEADER.write(header._replace(levels=len(levels))))
        parts.append(BOOK_LEVEL.write_all(levels))
    return b"".join(parts)
