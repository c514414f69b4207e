"""Requests about symbols and spans of time."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import Final

from mt5web_async.errors import MalformedMessage
from mt5web_async.protocol.wire import Buffer, pack, read_count

_SPAN: Final = struct.Struct("<ii")


def ids(symbol_ids: Iterable[int]) -> bytes:
    """Commands 7, 18, 20 and 22: a counted list of symbol ids.

    >>> ids([5, 9]).hex()
    '020000000500000009000000'
    """
    numbers = list(symbol_ids)
    return pack(struct.Struct(f"<I{len(numbers)}I"), len(numbers), *numbers)


def read_ids(body: Buffer) -> list[int]:
    """The way back of :func:`ids`; what is announced beyond the end is left out."""
    count = min(read_count(body), (len(body) - 4) // 4)
    return list(struct.unpack_from(f"<{count}I", body, 4))


def span(start: int, end: int) -> bytes:
    """Command 5: a span of server time in seconds, both ends included."""
    return pack(_SPAN, start, end)


def read_span(body: Buffer) -> tuple[int, int]:
    """The way back of :func:`span`."""
    if len(body) < _SPAN.size:
        raise MalformedMessage(f"span of {len(body)} bytes, {_SPAN.size} are right")
    start, end = _SPAN.unpack_from(body)
    return start, end
