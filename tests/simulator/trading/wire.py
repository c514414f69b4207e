"""Pushes as they lie on the wire, in short."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.frames import Answer
from mt5web_async.protocol.records import TRADE_RESULT
from mt5web_async.protocol.responses import DealGroup, read_transactions
from mt5web_async.simulator.trading.pushes import DealPush, OrdersPush, ResultPush

from .house import words


def told(messages: Iterable[Answer]) -> str:
    """All transactions and results, as :attr:`Said.story` has them."""
    return " ".join(word for one in messages for word in _words(one))


def _words(message: Answer) -> Iterator[str]:
    body = bytes(message.payload)
    if message.command == Command.TRADE_RESULT:
        yield from words(ResultPush(0, TRADE_RESULT.read(body)))
    if message.command == Command.TRANSACTIONS:
        for one in read_transactions(body):
            if isinstance(one, DealGroup):
                yield from words(DealPush(0, one))
            else:
                yield from words(OrdersPush(0, (one,)))
