"""Answers and pushes that are more than a run of records: read and written.

What is a plain run or counted list of one record is read with that record's
:class:`~mt5web_async.protocol.wire.Layout` itself. Bytes behind the end of a
counted list are ignored: newer servers may append to a message.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mt5web_async.enums import TransactionKind
from mt5web_async.errors import MalformedMessage

from .records import (
    ACCOUNT,
    BOOK_HEADER,
    BOOK_LEVEL,
    COMMISSION,
    COMMISSION_TIER,
    DEAL,
    DEAL_TRANSACTION,
    LEVERAGE_RULE,
    LEVERAGE_TIER,
    LOGIN_RESPONSE,
    ORDER,
    ORDER_TRANSACTION,
    POSITION,
    SESSION,
    SPREAD_HEADER,
    SPREAD_LEG,
    SYMBOL,
    TRADE_SETTINGS,
    Account,
    BookHeader,
    BookLevel,
    Commission,
    CommissionTier,
    Deal,
    DealTransaction,
    LeverageRule,
    LeverageTier,
    LoginResponse,
    Order,
    OrderTransaction,
    Position,
    Session,
    SpreadHeader,
    SpreadLeg,
    TradeSettings,
)
from .wire import Buffer, read_count

TOKEN_SIZE: Final = 64
MAX_INFLATED: Final = 64 * 1024 * 1024
"""Most bytes that a packed symbol list may inflate to."""

_U16 = struct.Struct("<H")
_I32 = struct.Struct("<i")
_U32 = struct.Struct("<I")
_U64 = struct.Struct("<Q")


class Bootstrap(NamedTuple):
    """What a new connection starts with (command 0)."""

    build: int
    token: bytes
    key: bytes

    def __repr__(self) -> str:
        return f"Bootstrap(build={self.build}, token=..., key=...)"


def read_bootstrap(body: Buffer) -> Bootstrap:
    """The session's token and AES key."""
    if len(body) < 2 + TOKEN_SIZE + 16:
        raise MalformedMessage(f"bootstrap of {len(body)} bytes")
    end = 2 + TOKEN_SIZE
    return Bootstrap(_U16.unpack_from(body)[0], bytes(body[2:end]), bytes(body[end:]))


def write_bootstrap(bootstrap: Bootstrap) -> bytes:
    """The way back of :func:`read_bootstrap`."""
    return _U16.pack(bootstrap.build) + bootstrap.token + bootstrap.key


def read_login(body: Buffer) -> LoginResponse:
    """Token and session of a login; older servers leave the session out."""
    return LOGIN_RESPONSE.read(bytes(body).ljust(LOGIN_RESPONSE.size, b"\0"))


class FloatingLeverage(NamedTuple):
    """A leverage rule with its tiers."""

    rule: LeverageRule
    tiers: tuple[LeverageTier, ...]


class CommissionRule(NamedTuple):
    """A commission rule with its tiers."""

    rule: Commission
    tiers: tuple[CommissionTier, ...]


class AccountState(NamedTuple):
    """The account record and what follows it (command 3, push 14)."""

    account: Account
    settings: tuple[TradeSettings, ...] = ()
    trade_flags: int | None = None  # GroupFlags; None: the server sent no tail
    symbols_count: int = 0
    leverage_flags: int = 0
    leverage: tuple[FloatingLeverage, ...] = ()
    commissions: tuple[CommissionRule, ...] = ()


def read_account(body: Buffer) -> AccountState:
    """The account; the parts behind the record may end early."""
    state = AccountState(ACCOUNT.read(body))
    offset = ACCOUNT.size
    if offset < len(body):
        settings, offset = TRADE_SETTINGS.counted(body, offset)
        state = state._replace(settings=tuple(settings))
    if offset + 4 <= len(body):
        state = state._replace(trade_flags=_I32.unpack_from(body, offset)[0])
    if offset + 8 <= len(body):
        state = state._replace(symbols_count=_I32.unpack_from(body, offset + 4)[0])
    if offset + 16 <= len(body):
        state = state._replace(leverage_flags=_U64.unpack_from(body, offset + 8)[0])
    offset += 16
    if offset < len(body):
        leverage, offset = _read_leverage(body, offset)
        state = state._replace(leverage=leverage)
    if offset < len(body):
        state = state._replace(commissions=_read_commissions(body, offset))
    return state


def write_account(state: AccountState) -> bytes:
    """The account with its tail.

    The browser client misreads what follows an empty list of settings; a server
    that means "none" sends one override whose mask matches nothing.
    """
    parts = [ACCOUNT.write(state.account), TRADE_SETTINGS.write_counted(state.settings)]
    if state.trade_flags is not None:
        parts.append(_I32.pack(state.trade_flags))
        parts.append(_I32.pack(state.symbols_count))
        parts.append(_U64.pack(state.leverage_flags))
        parts.append(_I32.pack(len(state.leverage)))
        for rule, tiers in state.leverage:
            parts.append(LEVERAGE_RULE.write(rule._replace(tier_count=len(tiers))))
            parts.append(LEVERAGE_TIER.write_all(tiers))
        parts.append(_U32.pack(len(state.commissions)))
        for commission, steps in state.commissions:
            parts.append(COMMISSION.write(commission))
            parts.append(COMMISSION_TIER.write_counted(steps))
    return b"".join(parts)


def _read_leverage(
    body: Buffer, offset: int
) -> tuple[tuple[FloatingLeverage, ...], int]:
    count, offset = read_count(body, offset), offset + 4
    found = []
    for _ in range(_plausible(count, LEVERAGE_RULE.size, body, offset)):
        rule = LEVERAGE_RULE.read(body, offset)
        offset += LEVERAGE_RULE.size
        end = offset + max(rule.tier_count, 0) * LEVERAGE_TIER.size
        if end > len(body):
            raise MalformedMessage(f"{rule.tier_count} leverage tiers announced")
        tiers = LEVERAGE_TIER.records(memoryview(body)[offset:end])
        found.append(FloatingLeverage(rule, tuple(tiers)))
        offset = end
    return tuple(found), offset


def _read_commissions(body: Buffer, offset: int) -> tuple[CommissionRule, ...]:
    count, offset = read_count(body, offset), offset + 4
    found = []
    for _ in range(_plausible(count, COMMISSION.size, body, offset)):
        rule = COMMISSION.read(body, offset)
        tiers, offset = COMMISSION_TIER.counted(body, offset + COMMISSION.size)
        found.append(CommissionRule(rule, tuple(tiers)))
    return tuple(found)


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
    # 32 + MAX_WBITS: gzip or zlib, by the stream's own header
    inflater = zlib.decompressobj(32 + zlib.MAX_WBITS)
    try:
        inflated = inflater.decompress(memoryview(body)[4:], limit + 1)
    except zlib.error as exc:
        raise MalformedMessage(f"packed symbols cannot be inflated: {exc}") from None
    if len(inflated) > limit:
        raise MalformedMessage(f"packed symbols inflate beyond {limit} bytes")
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


def read_schedule(schedule: bytes) -> Schedule:
    """The sessions of a full symbol's `schedule`, unused slots left out."""
    slots = SESSION.records(schedule)
    days = [
        tuple(s for s in slots[i : i + _SLOTS] if s != Session())
        for i in range(0, len(slots), _SLOTS)
    ]
    return Schedule(tuple(days[:_DAYS]), tuple(days[_DAYS:]))


def write_schedule(schedule: Schedule) -> bytes:
    """The way back of :func:`read_schedule`."""
    return b"".join(
        SESSION.write_all(day).ljust(_SLOTS * SESSION.size, b"\0")
        for day in (*schedule.quotes, *schedule.trades)
    )


def read_positions(body: Buffer) -> tuple[list[Position], list[Order]]:
    """Open positions and open orders (command 4)."""
    positions, offset = POSITION.counted(body)
    orders, _ = ORDER.counted(body, offset)
    return positions, orders


def write_positions(positions: Iterable[Position], orders: Iterable[Order]) -> bytes:
    """The way back of :func:`read_positions`."""
    return POSITION.write_counted(positions) + ORDER.write_counted(orders)


def read_history(body: Buffer) -> tuple[list[Deal], list[Order]]:
    """Deals and done orders of a span of time (command 5)."""
    deals, offset = DEAL.counted(body)
    orders, _ = ORDER.counted(body, offset)
    return deals, orders


def write_history(deals: Iterable[Deal], orders: Iterable[Order]) -> bytes:
    """The way back of :func:`read_history`."""
    return DEAL.write_counted(deals) + ORDER.write_counted(orders)


class DealGroup(NamedTuple):
    """A deal transaction with the further deals and positions it moved."""

    transaction: DealTransaction
    deals: tuple[Deal, ...] = ()
    positions: tuple[Position, ...] = ()


def read_transactions(body: Buffer) -> list[OrderTransaction] | list[DealGroup]:
    """The changes of one push 10: orders, or deals."""
    if read_count(body) != TransactionKind.DEAL:
        return ORDER_TRANSACTION.records(body)
    groups = []
    offset = 0
    while offset < len(body):
        transaction = DEAL_TRANSACTION.read(body, offset)
        deals, offset = DEAL.counted(body, offset + DEAL_TRANSACTION.size)
        positions, offset = POSITION.counted(body, offset)
        groups.append(DealGroup(transaction, tuple(deals), tuple(positions)))
    return groups


def write_deal_group(group: DealGroup) -> bytes:
    """One group of :func:`read_transactions`."""
    return (
        DEAL_TRANSACTION.write(group.transaction)
        + DEAL.write_counted(group.deals)
        + POSITION.write_counted(group.positions)
    )


class BookChange(NamedTuple):
    """What changes in one symbol's depth of market (push 23)."""

    header: BookHeader
    levels: tuple[BookLevel, ...]


def read_books(body: Buffer) -> list[BookChange]:
    """The changes of one push 23."""
    if len(body) <= _U32.size:
        return []
    count, offset = read_count(body), 4
    changes = []
    for _ in range(_plausible(count, BOOK_HEADER.size, body, offset)):
        header = BOOK_HEADER.read(body, offset)
        offset += BOOK_HEADER.size
        end = offset + header.levels * BOOK_LEVEL.size
        if end > len(body):
            raise MalformedMessage(f"{header.levels} book levels announced")
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


class Spread(NamedTuple):
    """A margin relief between the bought and the sold of two lists of legs."""

    header: SpreadHeader
    legs_a: tuple[SpreadLeg, ...] = ()
    legs_b: tuple[SpreadLeg, ...] = ()


def read_spreads(body: Buffer) -> list[Spread]:
    """Spreads of futures (command 20)."""
    spreads = []
    offset = 0
    while offset < len(body):
        count, offset = read_count(body, offset + 4), offset + 8
        for _ in range(_plausible(count, SPREAD_HEADER.size, body, offset)):
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


def read_u32(body: Buffer) -> int:
    """The answer to a trade request (12), a server's state (15)."""
    return read_count(body)


def read_i32(body: Buffer) -> int:
    """The answer to a change of password (24)."""
    if len(body) < _I32.size:
        raise MalformedMessage(f"number of 4 bytes expected, {len(body)} there")
    value: int = _I32.unpack_from(body)[0]
    return value


def _plausible(count: int, size: int, body: Buffer, offset: int) -> int:
    """The count, if so many records of at least `size` bytes can follow."""
    if count * size > len(body) - offset:
        raise MalformedMessage(f"{count} records announced, {len(body)} bytes in all")
    return count
