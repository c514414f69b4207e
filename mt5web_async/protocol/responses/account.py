"""The account with the rules that follow it (command 3, push 14)."""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

from mt5web_async.errors import MalformedMessage
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
from mt5web_async.protocol.wire import Buffer, pack, read_bounded_count

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
    """The account; the parts behind the record may end early.

    Raises:
        MalformedMessage: no whole record, or a list that announces more than is there.
    """
    state = AccountState(ACCOUNT.read(body))
    offset = ACCOUNT.size
    if _holds(body, offset, _U32):
        settings, offset = TRADE_SETTINGS.counted(body, offset)
        state = state._replace(settings=tuple(settings))
    state = _with_flags(state, body, offset)
    offset += _FLAGS.size
    if _holds(body, offset, _U32):
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


def _read_leverage(
    body: Buffer, offset: int
) -> tuple[tuple[FloatingLeverage, ...], int]:
    count = read_bounded_count(body, offset, LEVERAGE_RULE.size)
    offset += _U32.size
    found = []
    for _ in range(count):
        rule = LEVERAGE_RULE.read(body, offset)
        offset += LEVERAGE_RULE.size
        end = offset + max(rule.tier_count, 0) * LEVERAGE_TIER.size
        if end > len(body):
            raise MalformedMessage(
                f"{rule.tier_count} leverage tiers announced, "
                f"{len(body) - offset} bytes there"
            )
        tiers = LEVERAGE_TIER.records(memoryview(body)[offset:end])
        found.append(FloatingLeverage(rule, tuple(tiers)))
        offset = end
    return tuple(found), offset


def _write_leverage(leverage: tuple[FloatingLeverage, ...]) -> bytes:
    parts = [_U32.pack(len(leverage))]
    for rule, tiers in leverage:
        parts.append(LEVERAGE_RULE.write(rule._replace(tier_count=len(tiers))))
        parts.append(LEVERAGE_TIER.write_all(tiers))
    return b"".join(parts)


def _read_commissions(body: Buffer, offset: int) -> tuple[CommissionRule, ...]:
    count = read_bounded_count(body, offset, COMMISSION.size + _U32.size)
    offset += _U32.size
    found = []
    for _ in range(count):
        rule = COMMISSION.read(body, offset)
        tiers, offset = COMMISSION_TIER.counted(body, offset + COMMISSION.size)
        found.append(CommissionRule(rule, tuple(tiers)))
    return tuple(found)


def _write_commissions(commissions: tuple[CommissionRule, ...]) -> bytes:
    parts = [_U32.pack(len(commissions))]
    for rule, tiers in commissions:
        parts.append(COMMISSION.write(rule))
        parts.append(COMMISSION_TIER.write_counted(tiers))
    return b"".join(parts)
