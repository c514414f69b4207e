"""The account and the terminal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from mt5web.structs import AccountInfo, TerminalInfo
from mt5web.structseq import build
from mt5web_async.calculation.account import AccountFigures
from mt5web_async.enums import GroupFlags, Rights
from mt5web_async.protocol.responses import AccountState

_TRADE_MODES: Final = {1: 0, 2: 1, 0: 2, 3: 2}  # demo, contest, real, preliminary
_NO_TRADING: Final = Rights.TRADE_DISABLED | Rights.INVESTOR | Rights.READ_ONLY
_UTF8: Final = 65001


def account_info(
    login: int, state: AccountState, figures: AccountFigures
) -> AccountInfo:
    """The account.

    Args:
        login: that was used.
        state: its record.
        figures: its money at the quotes of the moment.
    """
    account = state.account
    flags = state.trade_flags
    return build(
        AccountInfo,
        login=login,
        trade_mode=_TRADE_MODES.get(account.type, 2),
        leverage=account.leverage,
        limit_orders=0,
        margin_so_mode=account.margin_so_mode,
        trade_allowed=not account.rights & _NO_TRADING,
        trade_expert=flags is None or bool(flags & GroupFlags.EXPERTS),
        margin_mode=account.margin_mode,
        currency_digits=account.currency_digits,
        fifo_close=bool((flags or 0) & GroupFlags.FIFO_CLOSE),
        balance=figures.balance,
        credit=figures.credit,
        profit=figures.floating,
        equity=figures.equity,
        margin=figures.margin,
        margin_free=figures.margin_free,
        margin_level=figures.margin_level,
        margin_so_call=account.margin_so_call,
        margin_so_so=account.margin_so_so,
        margin_initial=figures.margin_initial,
        margin_maintenance=figures.margin_maintenance,
        assets=figures.assets,
        liabilities=figures.liabilities,
        commission_blocked=figures.commission,
        name=account.name,
        server=account.server_name,
        currency=account.currency,
        company=account.company,
    )


@dataclass(frozen=True, kw_only=True)
class Machine:
    """What a terminal info tells of this side.

    Attributes:
        trade_allowed: programs may trade.
        max_bars: most bars per request.
        path: an existing folder of the user; so are the other two.
    """

    trade_allowed: bool
    max_bars: int
    path: str
    data_path: str
    commondata_path: str


def terminal_info(
    machine: Machine, state: AccountState, *, connected: bool, ping: float
) -> TerminalInfo:
    """The terminal: what a machine without MetaTrader has is said honestly.

    Args:
        machine: this side.
        state: the account's record.
        connected: whether the trade server can be reached.
        ping: last round trip, s.
    """
    return build(
        TerminalInfo,
        community_account=False,
        community_connection=False,
        connected=connected,
        dlls_allowed=False,
        trade_allowed=machine.trade_allowed,
        tradeapi_disabled=False,
        email_enabled=False,
        ftp_enabled=False,
        notifications_enabled=False,
        mqid=False,
        build=state.account.server_build,
        maxbars=machine.max_bars,
        codepage=_UTF8,
        ping_last=round(ping * 1_000_000),
        community_balance=0.0,
        retransmission=0.0,
        company=state.account.company,
        name="mt5web",
        language="English",
        path=machine.path,
        data_path=machine.data_path,
        commondata_path=machine.commondata_path,
    )
