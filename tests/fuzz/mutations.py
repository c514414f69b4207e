"""Messages as no honest peer sends them."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator, Sequence
from typing import Any, Final

from mt5web_async.protocol import records as r
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.wire import Layout

from .forger import Forged, Said

ANSWERED: Final[dict[int, Layout[Any]]] = {
    Command.ACCOUNT: r.ACCOUNT,
    Command.POSITIONS: r.POSITION,
    Command.HISTORY: r.DEAL,
    Command.SYMBOLS: r.SYMBOL,
    Command.TICKS: r.TICK,
    Command.SYMBOL_GROUPS: r.SYMBOL_GROUP,
    Command.TRANSACTIONS: r.ORDER_TRANSACTION,
    Command.RATES: r.BAR,
    Command.SYMBOLS_CHANGED: r.FULL_SYMBOL,
    Command.ACCOUNT_CHANGED: r.ACCOUNT,
    Command.STATISTICS: r.STATISTICS,
    Command.FULL_SYMBOLS: r.FULL_SYMBOL,
    Command.TRADE_RESULT: r.TRADE_RESULT,
    Command.SPREADS: r.SPREAD_HEADER,
    Command.BOOK: r.BOOK_HEADER,
}
"""What a message of a server consists of, mostly."""

ASKED: Final[dict[int, Layout[Any]]] = {
    Command.RATES: r.RATES_REQUEST,
    Command.TRADE: r.TRADE_REQUEST,
    Command.LOGIN: r.LOGIN_REQUEST,
    Command.INIT: r.INIT_REQUEST,
    Command.CHANGE_PASSWORD: r.CHANGE_PASSWORD_REQUEST,
    Command.OPEN_DEMO_ACCOUNT: r.OPEN_ACCOUNT_REQUEST,
    Command.OPEN_REAL_ACCOUNT: r.OPEN_ACCOUNT_REQUEST,
    Command.CONFIRM_CODES: r.OPEN_ACCOUNT_REQUEST,
    Command.VERIFICATION_CODES: r.VERIFICATION_REQUEST_HEAD,
    Command.ONE_TIME_PASSWORD: r.OTP_REQUEST,
}
"""What a message of a client consists of."""

_COUNTED: Final = frozenset(
    {
        Command.POSITIONS,
        Command.HISTORY,
        Command.SYMBOLS,
        Command.SYMBOL_GROUPS,
        Command.FULL_SYMBOLS,
        Command.BOOK,
    }
)
_COUNT: Final = 4

_INTEGERS: Final = (
    *(0, 1, 2, 3, 7, 8, 9, 16, 100, 255, 256, 32767, 65535, 10**9),
    *(2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**63 - 1, 2**63, 2**64 - 1),
)
_FLOATS: Final = (
    *(0.0, -0.0, 1.0, -1.0, 1e-9, 1e18, 5e-324, 1e308, -1e308),
    *(float("nan"), float("inf"), float("-inf")),
)


def mutated(chance: random.Random, said: Said) -> Sequence[Forged]:
    """What comes in place of a server's message; mostly a wrong value in it."""
    kind = chance.random()
    if kind < 0.75 and said.command in ANSWERED:
        payload = with_wrong_values(
            chance, said.payload, ANSWERED[said.command], said.command in _COUNTED
        )
        return [said._replace(payload=payload)]
    if kind < 0.85:
        return [said._replace(payload=damaged(chance, said.payload))]
    if kind < 0.88:
        return [said._replace(result=chance.randrange(256))]
    if kind < 0.91:
        return [said._replace(command=chance.choice(list(Command)))]
    if kind < 0.94:
        return [said, said]
    if kind < 0.97:
        return []
    if kind < 0.98:
        return [chance.randbytes(chance.randint(0, 60))]
    if kind < 0.985:
        return ["text"]
    return [said._replace(payload=chance.randbytes(chance.randint(0, 400)))]


def damaged(chance: random.Random, payload: bytes) -> bytes:
    """Cut, longer, or with some bytes changed."""
    kind = chance.randrange(3)
    if kind == 0:
        return payload[: chance.randint(0, len(payload))]
    if kind == 1:
        return payload + chance.randbytes(chance.randint(1, 40))
    changed = bytearray(payload)
    for _ in range(chance.randint(1, 5) if payload else 0):
        changed[chance.randrange(len(payload))] = chance.randrange(256)
    return bytes(changed)


def with_wrong_values(
    chance: random.Random, payload: bytes, layout: Layout[Any], counted: bool
) -> bytes:
    """Some fields of some records hold what they never should."""
    changed = bytearray(payload)
    start = _COUNT if counted else 0
    number = max((len(payload) - start) // layout.size, 1)
    fields = list(_fields(layout))
    for _ in range(chance.randint(1, 6)):
        offset, size, kind = chance.choice(fields)
        at = start + chance.randrange(number) * layout.size + offset
        if at + size <= len(changed):
            changed[at : at + size] = _wrong(chance, size, kind)
    return bytes(changed)


def _fields(layout: Layout[Any], base: int = 0) -> Iterator[tuple[int, int, str]]:
    for field in layout.fields:
        if field.wire.inner is not None:
            yield from _fields(field.wire.inner, base + field.offset)
        else:
            yield base + field.offset, field.size, field.wire.kind


def _wrong(chance: random.Random, size: int, kind: str) -> bytes:
    if kind.startswith("f64"):
        return b"".join(
            struct.pack("<d", chance.choice(_FLOATS)) for _ in range(size // 8)
        )
    if kind.startswith("utf16"):
        return chance.choice(
            (chance.randbytes(size), bytes(size), b"A\0" * (size // 2))
        )
    if size <= 8:
        return chance.choice(_INTEGERS).to_bytes(9, "little")[:size]
    return chance.randbytes(size)
