"""What is kept of a trade request, and what can become of it.

A request is noted as :class:`Sending` before it leaves. What becomes of it is one of
three: it was executed, it was not, or nobody knows (yet).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

from mt5web_async.enums import Retcode, TradeAction
from mt5web_async.protocol.records import TradeRequest, TradeResult

MAKES_ORDER: Final = frozenset(
    {
        TradeAction.REQUEST,
        TradeAction.INSTANT,
        TradeAction.MARKET,
        TradeAction.EXCHANGE,
        TradeAction.PENDING,
        TradeAction.CLOSE_BY,
    }
)
"""Actions that make an order of their own; the others change what is there."""

SUCCESSES: Final = frozenset(
    {
        Retcode.PRICES,
        Retcode.PLACED,
        Retcode.DONE,
        Retcode.DONE_PARTIAL,
        Retcode.DONE_PARTIAL_CANCELED,
    }
)
"""Codes of requests that the server did what they ask for."""


class AccountKey(NamedTuple):
    """An account: tickets mean something together with it only."""

    server: str
    login: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """A request that is about to be sent, or was.

    Attributes:
        account: who sends it.
        time_msc: server time of the moment before it is sent, ms.
        request: as it goes out, with its action id.
        magic: number of the program; a request cannot carry it.
        original: what the caller asked for, as JSON; for people.
        newest_order: the highest order ticket known at that moment; 0: none.
        hedging: whether the account can have several positions of a symbol.
        missed: it was looked for in vain: it can only have been executed since then.
    """

    account: AccountKey
    time_msc: int
    request: TradeRequest
    magic: int = 0
    original: str = ""
    newest_order: int = 0
    hedging: bool = True
    missed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Executed:
    """The request did what it asked for, at least in part.

    Attributes:
        order: ticket of its order; of the order it changed.
        deal: ticket of its last deal; 0: none yet.
        position: ticket of the position it opened or changed; 0: none yet.
        volume: done, 1e-8 lots.
        price: of the deals, on average; 0.0: not known.
        settled: concluded from what was found; the server's own result was lost.
    """

    retcode: int = Retcode.DONE
    order: int = 0
    deal: int = 0
    position: int = 0
    volume: int = 0
    price: float = 0.0
    settled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NotExecuted:
    """The request did nothing, and will not.

    Attributes:
        why: in words.
        order: ticket of the order that was made and refused; 0: none.
        settled: see :class:`Executed`.
    """

    retcode: int
    why: str = ""
    order: int = 0
    settled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """It may have been executed, or still be.

    Attributes:
        why: in words.
        order: ticket of the order that it is likely to have made; 0: none seen.
    """

    why: str = ""
    order: int = 0
    retcode: int = Retcode.TIMEOUT


Fate: TypeAlias = Executed | NotExecuted | Unknown


def answers(request: TradeRequest, result: TradeResult) -> bool:
    """Whether a result can be that of a request.

    Action ids count within one program, and another one of the account may have begun
    at the same number. Servers fill in what a request leaves out.
    """
    action = result.action
    named = (
        (request.symbol, action.symbol),
        (request.position, action.position),
        (request.order, action.order),
    )
    same = all(mine == theirs for mine, theirs in named if mine and theirs)
    return same and request.action_id == action.action_id


def told(sending: Sending, result: TradeResult) -> Executed | NotExecuted:
    """The fate that a final result tells."""
    answer = result.answer
    if answer.retcode not in SUCCESSES:
        return NotExecuted(
            retcode=answer.retcode, why=answer.comment, order=answer.order
        )
    request = sending.request
    opens = sending.hedging and answer.deal and not request.position
    return Executed(
        retcode=answer.retcode,
        order=answer.order,
        deal=answer.deal,
        position=answer.order if opens else request.position,
        volume=answer.volume if answer.deal else 0,
        price=answer.price if answer.deal else 0.0,
    )
