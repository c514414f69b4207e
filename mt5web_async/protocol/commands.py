"""The command numbers of the protocol."""

from __future__ import annotations

from enum import IntEnum
from typing import Final


class Command(IntEnum):
    """What a message is about; an answer carries its request's number."""

    BOOTSTRAP = 0
    LOGOUT = 2
    ACCOUNT = 3
    POSITIONS = 4
    HISTORY = 5
    SYMBOLS = 6
    SUBSCRIBE_TICKS = 7
    TICKS = 8
    SYMBOL_GROUPS = 9
    TRANSACTIONS = 10
    RATES = 11
    TRADE = 12
    SYMBOLS_CHANGED = 13
    ACCOUNT_CHANGED = 14
    TRADE_SERVER_STATE = 15
    STATISTICS = 17
    FULL_SYMBOLS = 18
    TRADE_RESULT = 19
    SPREADS = 20
    SUBSCRIBE_BOOK = 22
    BOOK = 23
    CHANGE_PASSWORD = 24
    VERIFICATION_CODES = 27
    LOGIN = 28
    INIT = 29
    OPEN_DEMO_ACCOUNT = 30
    PACKED_SYMBOLS = 34
    OPEN_REAL_ACCOUNT = 39
    CONFIRM_CODES = 40
    TRADER_PARAMETERS = 41
    NOTIFY = 42
    ONE_TIME_PASSWORD = 43
    CORPORATE_LINKS = 44
    PING = 51


PUSHES: Final = frozenset(
    {
        Command.TICKS,
        Command.TRANSACTIONS,
        Command.SYMBOLS_CHANGED,
        Command.ACCOUNT_CHANGED,
        Command.TRADE_SERVER_STATE,
        Command.STATISTICS,
        Command.TRADE_RESULT,
        Command.BOOK,
    }
)
"""Commands that a server sends unasked; nobody waits for an answer to them."""


def describe(command: int) -> str:
    """The number with its name, for messages: ``"11 RATES"``."""
    try:
        return f"{command} {Command(command).name}"
    except ValueError:
        return str(command)
