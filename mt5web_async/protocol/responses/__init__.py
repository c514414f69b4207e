"""Answers and pushes that are more than a run of records: read and written.

What is a plain run or counted list of one record is read with that record's
:class:`~mt5web_async.protocol.wire.Layout` itself. Bytes behind the end of a
counted list are ignored: newer servers may append to a message.
"""

from mt5web_async.protocol.wire import read_count as read_u32
from mt5web_async.protocol.wire import read_i32

from .account import (
    AccountState,
    CommissionRule,
    FloatingLeverage,
    read_account,
    write_account,
)
from .quotes import BookChange, read_books, read_ticks, write_books
from .session import (
    KEY_SIZES,
    LOGIN_TOKEN_SIZE,
    TOKEN_SIZE,
    Bootstrap,
    read_bootstrap,
    read_login,
    read_verification,
    write_bootstrap,
)
from .symbols import (
    MAX_INFLATED,
    Schedule,
    Spread,
    pack_symbols,
    read_schedule,
    read_spreads,
    read_symbols,
    unpack_symbols,
    write_schedule,
    write_spreads,
)
from .trade import (
    DealGroup,
    read_history,
    read_positions,
    read_transactions,
    write_deal_group,
    write_history,
    write_positions,
)

__all__ = [
    "KEY_SIZES",
    "LOGIN_TOKEN_SIZE",
    "MAX_INFLATED",
    "TOKEN_SIZE",
    "AccountState",
    "BookChange",
    "Bootstrap",
    "CommissionRule",
    "DealGroup",
    "FloatingLeverage",
    "Schedule",
    "Spread",
    "pack_symbols",
    "read_account",
    "read_books",
    "read_bootstrap",
    "read_history",
    "read_i32",
    "read_login",
    "read_positions",
    "read_schedule",
    "read_spreads",
    "read_symbols",
    "read_ticks",
    "read_transactions",
    "read_u32",
    "read_verification",
    "unpack_symbols",
    "write_account",
    "write_books",
    "write_bootstrap",
    "write_deal_group",
    "write_history",
    "write_positions",
    "write_schedule",
    "write_spreads",
]
