"""The account, its positions, orders and history, and trade requests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from mt5web_async.enums import Retcode
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.records import TRADE_REQUEST, Order, Position
from mt5web_async.protocol.requests import read_span
from mt5web_async.protocol.responses import (
    write_account,
    write_history,
    write_positions,
)
from mt5web_async.simulator.broker import Broker
from mt5web_async.simulator.clients.audience import as_seen_by
from mt5web_async.simulator.clients.session import Reply
from mt5web_async.simulator.faults import TradeLoss

from .service import Context, Service, u32

_MALFORMED: Final = 3
_NOBODY: Final = 8
_LARGEST: Final = 2**63 - 1  # results carry order and volume with a sign


def account(context: Context, _: bytes) -> Reply:
    """Command 3: the account with its rules."""
    context.broker.step()
    state = context.broker.exchange.account_state(context.session.login)
    return Reply(write_account(as_seen_by(context.session, state)))


def positions(context: Context, _: bytes) -> Reply:
    """Command 4: what is open."""
    broker, login = context.broker, context.session.login
    broker.step()
    held, orders = broker.exchange.positions(login), broker.exchange.orders(login)
    _wake(broker, held)
    _wake(broker, orders)
    return Reply(write_positions(held, orders))


def history(context: Context, payload: bytes) -> Reply:
    """Command 5: deals and done orders of a span of time."""
    start, end = read_span(payload)
    context.broker.step()
    deals, orders = context.broker.exchange.history(context.session.login, start, end)
    return Reply(write_history(deals, orders))


def trade(context: Context, payload: bytes) -> Reply | None:
    """Command 12: a trade request."""
    broker, session = context.broker, context.session
    if len(payload) != TRADE_REQUEST.size:
        return Reply(u32(_MALFORMED))
    request = TRADE_REQUEST.read(payload)
    if max(request.order, request.volume) > _LARGEST:
        return Reply(u32(_MALFORMED))
    if not broker.connected:
        return Reply(u32(Retcode.CONNECTION))
    if broker.faults.takes_trade_loss(TradeLoss.BEFORE):
        session.abort()
        return None
    pushes = broker.trade(session, request)
    if broker.faults.takes_trade_loss(TradeLoss.AFTER):
        session.abort()
    broker.route(pushes)
    return None


def _wake(broker: Broker, records: Iterable[Position | Order]) -> None:
    for record in records:
        if broker.knows(record.symbol):
            broker.wake(record.symbol)


TRADING: Final[Mapping[int, Service]] = {
    Command.ACCOUNT: Service(account),
    Command.POSITIONS: Service(positions),
    Command.HISTORY: Service(history),
    Command.TRADE: Service(trade, refusal=Reply(u32(_NOBODY))),
}
"""Services of trading."""
