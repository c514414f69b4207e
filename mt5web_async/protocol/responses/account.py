"""The account with the rules that follow it (command 3, push 14)."""

from __future__ import annotations

import struct
from typing import Final, NamedTuple, TypeVar

from mt5web_async.protocol.records import (
    ACCOUNT,
    COMMISSION,
    COMMISSION_TIER,
    LEVERAGE_RULE,
    LEVERAGE_TIER,
    TRADE_SETTINGS,
    Account,
    Commission,
    CommissionTier,
    LeverageRule,
    LeverageTier,
    TradeSettings,
)
from mt5web_async.protocol.wire import Buffer, Layout, pack, read_count, read_i32

R = TypeVar("R", bound=NamedTuple)

_I32 = struct.Struct("<i")
_U32 = struct.Struct("<I")
_U64 = struct.Struct("<Q")
_FLAGS: Final = struct.Struct("<iiQ")
"""Group flags, number of symbols, leverage flags."""


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
    """The account; what is behind the record may end anywhere.

    Of a list that the bytes end in, what is whole is taken, and nothing after it.

    Raises:
        MalformedMessage: no whole record.
    """
    state = AccountState(ACCOUNT.read(body))
    offset = ACCOUNT.size
    if _holds(body, offset, _U32):
        settings, offset = _read_listed(TRADE_SETTINGS, body, offset)
        state = state._replace(settings=settings)
    state = _with_flags(state, body, offset)
    offset += _FLAGS.size
    if _holds(body, offset, _I32):
        leverage, offset = _read_leverage(body, offset)
        state = state._replace(leverage=leverage)
    if _holds(body, offset, _U32):
        state = state._replace(commissions=_read_commissions(body, offset))
    return state


def write_account(state: AccountState) -> bytes:
    """The account with its tail.

    The browser client misreads what follows an empty list of settings; a server
    that means "none" sends one override whose mask matches nothing.
    """
    parts = [ACCOUNT.write(state.account), TRADE_SETTINGS.write_counted(state.settings)]
    if state.trade_flags is not None:
        flags = state.trade_flags, state.symbols_count, state.leverage_flags
        parts.append(pack(_FLAGS, *flags))
        parts.append(_write_leverage(state.leverage))
        parts.append(_write_commissions(state.commissions))
    return b"".join(parts)


def _holds(body: Buffer, offset: int, codec: struct.Struct) -> bool:
    return offset + codec.size <= len(body)


def _with_flags(state: AccountState, body: Buffer, offset: int) -> AccountState:
    """The numbers between the lists, as far as they are there."""
    if _holds(body, offset, _I32):
        state = state._replace(trade_flags=_I32.unpack_from(body, offset)[0])
    if _holds(body, offset + 4, _I32):
        state = state._replace(symbols_count=_I32.unpack_from(body, offset + 4)[0])
    if _holds(body, offset + 8, _U64):
        state = state._replace(leverage_flags=_U64.unpack_from(body, offset + 8)[0])
    return state


def _read_listed(
    layout: Layout[R], body: Buffer, offset: int
) -> tuple[tuple[R, ...], int]:
    """A counted list, and where it ends; beyond the bytes where they cut it."""
    start = offset + _U32.size
    count = read_count(body, offset)
    there = min(count, (len(body) - start) // layout.size)
    chunk = memoryview(body)[start : start + there * layout.size]
    return tuple(layout.records(chunk)), start + count * layout.size


def _read_leverage(
    body: Buffer, offset: int
) -> tuple[tuple[FloatingLeverage, ...], int]:
    count = read_i32(body, offset)
    offset += _I32.size
    found: list[FloatingLeverage] = []
    while len(found) < count and offset + LEVERAGE_RULE.size <= len(body):
        rule = LEVERAGE_RULE.read(body, offset)
        start = offset + LEVERAGE_RULE.size
        offset = start + max(rule.tier_count, 0) * LEVERAGE_TIER.size
        if offset > len(body):
            return tuple(found), offset
        tiers = LEVERAGE_TIER.records(memoryview(body)[start:offset])
        found.append(FloatingLeverage(rule, tuple(tiers)))
    cut = len(found) < count
    return tuple(found), len(body) if cut else offset


def _write_leverage(leverage: tuple[FloatingLeverage, ...]) -> bytes:
    parts = [_U32.pack(len(leverage))]
    for rule, tiers in leverage:
        parts.append(LEVERAGE_RULE.write(rule._replace(tier_count=len(tiers))))
        parts.append(LEVERAGE_TIER.write_all(tiers))
    return b"".join(parts)


def _read_commissions(body: Buffer, offset: int) -> tuple[CommissionRule, ...]:
    count = read_count(body, offset)
    offset += _U32.size
    found: list[CommissionRule] = []
    while len(found) < count and offset + COMMISSION.size + _U32.size <= len(body):
        rule = COMMISSION.read(body, offset)
        tiers, offset = _read_listed(COMMISSION_TIER, body, offset + COMMISSION.size)
        if offset > len(body):
            break
        found.append(CommissionRule(rule, tiers))
    return tuple(found)


def _write_commissions(commissions: tuple[CommissionRule, ...]) -> bytes:
    parts = [_U32.pack(len(commissions))]
    for rule, tiers in commissions:
        parts.append(COMMISSION.write(rule))
        parts.append(COMMISSION_TIER.write_counted(tiers))
    return b"".join(parts)
