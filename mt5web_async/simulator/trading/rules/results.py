"""Outcomes of requests, as the server reports them."""

from __future__ import annotations

from typing import NamedTuple

from mt5web_async.enums import RETCODE_TEXTS, Retcode, TradeAction
from mt5web_async.protocol.records import (
    FullSymbol,
    TradeRequest,
    TradeResult,
    TradeResultAction,
    TradeResultAnswer,
)

from .desk import Desk

DEALS = (
    TradeAction.REQUEST,
    TradeAction.INSTANT,
    TradeAction.MARKET,
    TradeAction.EXCHANGE,
)
"""Actions that deal at once."""

_WITHOUT_PRICES = (TradeAction.SLTP, TradeAction.MODIFY, TradeAction.REMOVE)


class Outcome(NamedTuple):
    """What became of a request.

    Attributes:
        retcode: the result code.
        request: the request as the server took it.
        deal: ticket of the last deal.
        order: ticket of the order.
        volume: dealt, or asked for, 1e-8 lots.
        price: of the deal, or asked for.
        dealt: something was dealt.
    """

    retcode: int
    request: TradeRequest
    deal: int = 0
    order: int = 0
    volume: int = 0
    price: float = 0.0
    dealt: bool = False


def refused(request: TradeRequest, retcode: int) -> Outcome:
    """A request that was not executed."""
    return Outcome(retcode, request, volume=request.volume, price=request.price_order)


def report(desk: Desk, outcome: Outcome, symbol: FullSymbol | None) -> TradeResult:
    """The record that tells of an outcome.

    Args:
        desk: the account's.
        outcome: what happened.
        symbol: whose prices are shown; None: no symbol is known.
    """
    bid, ask, last = _prices(desk, outcome, symbol)
    answer = TradeResultAnswer(
        outcome.retcode,
        outcome.deal,
        outcome.order,
        outcome.volume,
        outcome.price,
        desk.seconds,
        bid,
        ask,
        last,
        RETCODE_TEXTS.get(outcome.retcode, ""),
    )
    return TradeResult(0, echo(outcome.request), answer)


def echo(request: TradeRequest) -> TradeResultAction:
    """The request as a result carries it back."""
    return TradeResultAction(*request[:-1])


def _prices(
    desk: Desk, outcome: Outcome, symbol: FullSymbol | None
) -> tuple[float, float, float]:
    quote = desk.quote(symbol) if symbol else None
    if quote is None or _silent(outcome):
        return 0.0, 0.0, 0.0
    if outcome.dealt and desk.switches.price_as_market:
        return outcome.price, outcome.price, quote.last
    return quote.bid, quote.ask, quote.last


def _silent(outcome: Outcome) -> bool:
    done = outcome.retcode == Retcode.DONE
    return done and outcome.request.action in _WITHOUT_PRICES
