"""What the exchange hands out: typed records, and to whom each goes.

An entry point of the exchange returns its pushes in the order in which a server
sends them. The gateway turns each into one message.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from mt5web_async.protocol.records import FullSymbol, OrderTransaction, TradeResult
from mt5web_async.protocol.responses import AccountState, DealGroup


@dataclass(frozen=True, slots=True)
class RequestAnswer:
    """The answer to a trade request (command 12).

    Attributes:
        session: the connection that asked.
        retcode: 0: taken, a :class:`ResultPush` follows; anything else is final.
    """

    session: int
    retcode: int


@dataclass(frozen=True, slots=True)
class ResultPush:
    """What became of a trade request (push 19), for the connection that asked."""

    session: int
    result: TradeResult


@dataclass(frozen=True, slots=True)
class OrdersPush:
    """Orders that came, changed or went (push 10), for all sessions of the login."""

    login: int
    transactions: tuple[OrderTransaction, ...]


@dataclass(frozen=True, slots=True)
class DealPush:
    """A deal, a change of a position or of money (push 10), for all of the login."""

    login: int
    group: DealGroup


@dataclass(frozen=True, slots=True)
class AccountPush:
    """The account's conditions changed (push 14), for all sessions of the login."""

    login: int
    state: AccountState


@dataclass(frozen=True, slots=True)
class SymbolPush:
    """A symbol's settings changed (push 13), for everybody."""

    symbol: FullSymbol


@dataclass(frozen=True, slots=True)
class ServerStatePush:
    """The gateway lost or regained its trade server (push 15), for everybody.

    Attributes:
        state: 0 connected, 1 lost.
    """

    state: int


Push: TypeAlias = (
    RequestAnswer
    | ResultPush
    | OrdersPush
    | DealPush
    | AccountPush
    | SymbolPush
    | ServerStatePush
)
