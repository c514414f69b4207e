"""The package's own terminal at the simulator: both ends understand each other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import numpy as np
import pytest

from mt5web_async.connection.credentials import Credentials
from mt5web_async.enums import BookType, Period
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.records import BAR, RATES_REQUEST, RatesRequest
from mt5web_async.simulator import Simulator
from mt5web_async.terminal.terminal import Terminal
from tests.waiting import LIMIT

from .client import entered
from .market.test_bars import DAY, NOW


@asynccontextmanager
async def opened(server: Simulator) -> AsyncIterator[Terminal]:
    """A terminal that is logged in."""
    who = Credentials(login=server.login, password=server.password)
    async with Terminal(server.url, who) as terminal:
        await terminal.open(LIMIT)
        yield terminal


def run(work: Callable[[], Awaitable[None]]) -> None:
    """Run a coroutine to its end."""

    async def all_of_it() -> None:
        await asyncio.wait_for(work(), 4 * LIMIT)

    asyncio.run(all_of_it())


async def eventually(happened: Callable[[], bool]) -> None:
    """Wait until the condition holds."""
    async with asyncio.timeout(LIMIT):
        while not happened():
            await asyncio.sleep(0.005)


def test_every_symbol_is_loaded_and_quoted(server: Simulator) -> None:
    async def work() -> None:
        listings = server.do(lambda broker: broker.catalogue.listings)
        names = [one.symbol.name for one in listings]
        async with opened(server) as terminal:
            assert list(terminal.model.symbols.names) == names
            records = await terminal.full_symbols(names)
            assert records == [one.symbol for one in listings]
            await terminal.show(names)
            for name in names:
                quote = await terminal.quote(name)
                assert quote is not None
                assert 0 < quote.bid <= quote.ask
                assert (quote.last > 0) == (name in {"ACME", "US500F"})

    run(work)


def test_a_quote_by_hand_reaches_the_model(server: Simulator) -> None:
    async def work() -> None:
        async with opened(server) as terminal:
            await terminal.show(["EURUSD"])
            server.quote("EURUSD", bid=1.23456, ask=1.23466)

            def arrived() -> bool:
                quote = terminal.model.quotes.get("EURUSD")
                return quote is not None and (quote.bid, quote.ask) == (
                    1.23456,
                    1.23466,
                )

            await eventually(arrived)

    run(work)


@pytest.mark.parametrize("period", Period)
def test_bars_of_every_period_arrive_as_they_are_sent(
    server: Simulator, period: Period
) -> None:
    payload = RATES_REQUEST.write(RatesRequest("EURJPY", period, NOW - 60 * DAY, NOW))
    with entered(server) as client:
        expected = client.bars("EURJPY", period, NOW - 60 * DAY, NOW)

    async def work() -> None:
        async with opened(server) as terminal:
            rows = await terminal.request(
                Command.RATES, payload, lambda body: BAR.rows(bytes(body))
            )
            assert len(rows) == len(expected) > 0
            assert (np.diff(rows["time"]) > 0).all()
            assert [tuple(row) for row in rows[-3:].tolist()] == expected[-3:]

    run(work)


def test_the_book_is_the_servers_book_after_many_changes(server: Simulator) -> None:
    async def work() -> None:
        async with opened(server) as terminal:
            await terminal.open_book("EURUSD")
            for _ in range(20):
                server.advance(2)
            server.depth("EURUSD", [(1.1, 2.5)], [(1.1001, 0.5), (1.1002, 30.0)])

            def levels() -> list[tuple[int, float, float]]:
                book = terminal.book("EURUSD")
                return [] if book is None else [(*one,) for one in book.levels]

            await eventually(lambda: len(levels()) == 3)
            assert sorted(levels()) == [
                (BookType.SELL, 1.1001, 0.5),
                (BookType.SELL, 1.1002, 30.0),
                (BookType.BUY, 1.1, 2.5),
            ]

    run(work)


def test_money_and_conditions_reach_the_model(server: Simulator) -> None:
    async def work() -> None:
        async with opened(server) as terminal:
            server.deposit(250.0)
            server.change_account(
                lambda state: state._replace(account=state.account._replace(leverage=7))
            )
            model = terminal.model

            def arrived() -> bool:
                account = model.holdings.account
                return (account.balance, account.leverage) == (10_250.0, 7)

            await eventually(arrived)

    run(work)
