"""After a loss the model equals the server again before anybody sees it as up."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest

from mt5web_async.connection.state import Input, Move
from mt5web_async.enums import OrderType, TradeAction
from mt5web_async.errors import NotFound
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.records import FullSymbol, TradeRequest
from mt5web_async.simulator import Simulator, SimulatorConfig
from mt5web_async.simulator.market.catalogue import Catalogue, standard
from mt5web_async.terminal.terminal import Terminal
from tests.connection.links import quick
from tests.faults.proxy import Fault, FaultProxy

from .terminals import BOOKED, came_back, levels_of, opened, until

LOT = 100_000_000


@pytest.fixture
def server() -> Iterator[Simulator]:
    with Simulator(SimulatorConfig(automatic=False)) as running:
        yield running


def bid(terminal: Terminal, name: str = "EURUSD") -> float:
    quote = terminal.model.quotes.get(name)
    return 0.0 if quote is None else quote.bid


def other_stops_level(symbol: FullSymbol) -> FullSymbol:
    return symbol._replace(trade=symbol.trade._replace(stops_level=77))


def renumbered(catalogue: Catalogue) -> Catalogue:
    """Every symbol has the id of its neighbour."""
    ids = [one.symbol.symbol_id for one in catalogue.listings]
    listings = (
        replace(one, symbol=one.symbol._replace(symbol_id=number))
        for one, number in zip(catalogue.listings, [*ids[1:], ids[0]], strict=True)
    )
    return replace(catalogue, listings=tuple(listings))


@pytest.mark.parametrize("watched", [True, False])
async def test_settings_changed_while_nobody_listened_are_known(
    server: Simulator, watched: bool
) -> None:
    async with opened(server) as terminal:
        if watched:
            await terminal.show(["EURUSD"])
        (before,) = await terminal.full_symbols(["EURUSD"])
        server.trouble.refuse()
        server.disconnect()
        server.change_symbol("EURUSD", other_stops_level)
        server.trouble.refuse(False)
        await came_back(terminal)
        (after,) = await terminal.full_symbols(["EURUSD"])
        assert (before.trade.stops_level, after.trade.stops_level) == (0, 77)


async def test_a_server_that_numbers_its_symbols_anew_mixes_no_quotes() -> None:
    first = Simulator(SimulatorConfig(automatic=False))
    with first:
        async with opened(first, options=quick(keep_password=True)) as terminal:
            await terminal.show(["EURUSD", "GBPUSD"])
            await terminal.full_symbols(["USDJPY"])  # known, and not watched
            await terminal.quoted(["EURUSD", "GBPUSD"])
            port = int(first.url.split(":")[2].split("/")[0])
            first.stop()
            second = SimulatorConfig(
                automatic=False, port=port, catalogue=renumbered(standard())
            )
            with Simulator(second) as other:
                await came_back(terminal)
                other.quote("EURUSD", bid=1.5, ask=1.50010)
                other.quote("GBPUSD", bid=1.75, ask=1.75010)
                other.quote("USDJPY", bid=99.0, ask=99.010)
                await until(lambda: bid(terminal, "GBPUSD") == 1.75)
                assert bid(terminal, "EURUSD") == 1.5
                assert terminal.model.quotes.get("USDJPY") is None
                await terminal.close()


async def test_a_symbol_that_the_server_has_no_more_is_not_found(
    server: Simulator,
) -> None:
    async with opened(server, options=quick(keep_password=True)) as terminal:
        await terminal.show(["EURUSD", "GBPUSD"])
        catalogue = standard()
        left = tuple(o for o in catalogue.listings if o.symbol.name != "GBPUSD")
        port = int(server.url.split(":")[2].split("/")[0])
        server.stop()
        config = SimulatorConfig(
            automatic=False, port=port, catalogue=replace(catalogue, listings=left)
        )
        with Simulator(config) as other:
            await came_back(terminal)
            with pytest.raises(NotFound, match="GBPUSD"):
                await terminal.full_symbols(["GBPUSD"])
            other.quote("EURUSD", bid=1.5, ask=1.50010)
            await until(lambda: bid(terminal) == 1.5)
            await terminal.close()


async def test_quotes_and_books_are_back_before_the_connection_counts_as_up(
    server: Simulator,
) -> None:
    found: list[tuple[bool, bool]] = []
    with FaultProxy(server.url) as proxy:
        async with opened(server, proxy.url) as terminal:
            await terminal.show([BOOKED])
            await terminal.open_book(BOOKED)

            def look(move: Move) -> None:
                if move.what is Input.MODEL_LOADED:
                    quoted = terminal.model.quotes.get(BOOKED) is not None
                    found.append((levels_of(terminal, BOOKED) > 0, quoted))

            await terminal.quoted([BOOKED])
            await until(lambda: levels_of(terminal, BOOKED) > 0)
            terminal.listen_moves(look)
            proxy.delay = 0.2
            proxy.inject(Fault.DELAY, Command.BOOK)
            proxy.inject(Fault.DELAY, Command.TICKS)
            proxy.cut()
            await came_back(terminal)
    assert found == [(True, True)]


def buy() -> TradeRequest:
    return TradeRequest(
        action=TradeAction.MARKET, symbol="EURUSD", volume=LOT, type_filling=1
    )


def close(ticket: int) -> TradeRequest:
    return buy()._replace(type=OrderType.SELL, position=ticket, type_flags=3)


async def test_what_is_told_while_loading_is_newer_than_the_answers(
    server: Simulator,
) -> None:
    with FaultProxy(server.url) as proxy:
        async with opened(server, proxy.url) as lost, opened(server) as trading:
            await trading.send(buy())
            (old,) = trading.model.holdings.positions
            server.trouble.hold(Command.POSITIONS)
            proxy.cut()
            await until(lambda: server.trouble.held(Command.POSITIONS) == 1)
            await trading.send(close(old))
            await trading.send(buy())
            server.deposit(50.0)
            server.trouble.release(Command.POSITIONS)
            await came_back(lost)
            assert lost.model.holdings.positions == trading.model.holdings.positions
            assert lost.model.holdings.account == trading.model.holdings.account
            assert old not in lost.model.holdings.positions


async def test_calls_that_wait_for_the_restore_see_what_it_found(
    server: Simulator,
) -> None:
    async with opened(server) as terminal:
        await terminal.know_history(0)
        server.trouble.refuse()
        server.disconnect()
        await until(lambda: not terminal.connected)
        waiting = asyncio.create_task(terminal.show(["GBPUSD"]))
        server.deposit(250.0)
        server.trouble.refuse(False)
        await waiting
        deals = terminal.model.history.deals(0, 2**31 - 1)
        assert [deal.profit for deal in deals] == [10_000.0, 250.0]


async def test_a_trade_server_that_is_lost_with_the_login_stays_lost(
    server: Simulator,
) -> None:
    async with opened(server) as terminal:
        server.trouble.hold(Command.LOGIN)
        server.disconnect()
        await until(lambda: server.trouble.held(Command.LOGIN) == 1)
        server.set_connected(False)  # told before the answer to the login
        server.trouble.release(Command.LOGIN)
        await until(lambda: terminal.facts.sessions == 2)
        assert not terminal.connected
        server.set_connected(True)
        await until(lambda: terminal.connected)
