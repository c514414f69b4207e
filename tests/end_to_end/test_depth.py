"""The depth of market, as scripts poll it."""

from __future__ import annotations

import pytest

import mt5web as mt5
from mt5web_async.protocol.commands import Command
from mt5web_async.simulator.server import Simulator
from tests.faults.proxy import Fault, FaultProxy
from tests.waiting import eventually

BIDS = [(1.1, 2.0), (1.0999, 5.5)]
ASKS = [(1.1002, 1.0), (1.1003, 0.25)]
ROWS = [
    (mt5.BOOK_TYPE_SELL, 1.1003, 0, 0.25),
    (mt5.BOOK_TYPE_SELL, 1.1002, 1, 1.0),
    (mt5.BOOK_TYPE_BUY, 1.1, 2, 2.0),
    (mt5.BOOK_TYPE_BUY, 1.0999, 5, 5.5),
]


def rows(terminal: mt5.Terminal, symbol: str = "EURUSD") -> list[tuple[object, ...]]:
    return [tuple(row) for row in terminal.market_book_get(symbol) or ()]


@pytest.fixture
def quoted(server: Simulator) -> Simulator:
    server.quote("EURUSD", bid=1.1, ask=1.1002)
    server.depth("EURUSD", BIDS, ASKS)
    return server


def test_rows_are_sells_then_buys_in_lots_by_falling_price(
    quoted: Simulator, terminal: mt5.Terminal
) -> None:
    assert terminal.market_book_add("EURUSD") is True
    assert rows(terminal) == ROWS
    quoted.depth("EURUSD", BIDS[:1], [(1.1002, 3.0)])
    eventually(lambda: rows(terminal) == [(1, 1.1002, 3, 3.0), (2, 1.1, 2, 2.0)])


def test_the_book_is_there_on_the_line_after_the_subscription(
    quoted: Simulator,
) -> None:
    terminal = mt5.Terminal()
    with FaultProxy(quoted.url) as proxy:
        assert terminal.initialize(**quoted.credentials | {"server": proxy.url})
        proxy.inject(Fault.DELAY, Command.BOOK)
        assert terminal.market_book_add("EURUSD")
        assert rows(terminal) == ROWS
        terminal.shutdown()


def test_a_book_that_was_released_is_gone_and_can_be_had_again(
    quoted: Simulator, terminal: mt5.Terminal
) -> None:
    assert terminal.market_book_add("EURUSD")
    assert terminal.market_book_add("ACME")
    assert rows(terminal) == ROWS
    assert len(rows(terminal, "ACME")) > 0
    assert terminal.market_book_release("EURUSD") is True
    assert terminal.market_book_get("EURUSD") is None
    assert terminal.last_error()[0] == mt5.RES_E_NOT_FOUND
    assert rows(terminal, "ACME")
    assert terminal.market_book_add("EURUSD")
    assert rows(terminal) == ROWS


def test_a_book_is_whole_again_after_a_lost_connection(
    quoted: Simulator, terminal: mt5.Terminal
) -> None:
    assert terminal.market_book_add("EURUSD")
    eventually(lambda: rows(terminal) == ROWS)
    quoted.disconnect()
    quoted.depth("EURUSD", BIDS, ASKS[:1])
    eventually(lambda: rows(terminal) == ROWS[1:])


def test_a_symbol_without_depth_has_an_empty_book(terminal: mt5.Terminal) -> None:
    symbol = terminal.symbol_info("USDJPY")
    assert symbol is not None
    assert symbol.ticks_bookdepth == 0
    assert terminal.market_book_add("USDJPY") is True
    assert terminal.market_book_get("USDJPY") == ()
    assert terminal.market_book_release("USDJPY") is True


def test_releasing_is_always_safe_and_unknown_symbols_have_no_book(
    terminal: mt5.Terminal,
) -> None:
    assert terminal.market_book_release("EURUSD") is True
    assert terminal.market_book_get("EURUSD") is None
    for function in (terminal.market_book_add, terminal.market_book_release):
        assert function("NOPE") is False
        assert terminal.last_error() == (mt5.RES_S_OK, "Success")
