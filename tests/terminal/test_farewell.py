"""How a terminal ends: results that are owed first, subscriptions next, logout last."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

import pytest

from mt5web_async.connection.connection import ConnectionOptions
from mt5web_async.connection.credentials import Credentials
from mt5web_async.connection.state import State
from mt5web_async.enums import Retcode, TradeAction
from mt5web_async.errors import OutcomeUnknown
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.records import TradeRequest
from mt5web_async.simulator import Simulator, SimulatorConfig
from mt5web_async.simulator.broker import Broker
from mt5web_async.simulator.clients.session import Stage
from mt5web_async.simulator.clock import ManualClock
from mt5web_async.simulator.switches import Switches
from mt5web_async.terminal.terminal import Terminal, TerminalOptions
from tests.waiting import LIMIT

NOW = datetime(2026, 3, 10, 10, 0)  # noqa: DTZ001
BUY = TradeRequest(
    action=TradeAction.MARKET, symbol="EURUSD", volume=10_000_000, type_filling=1
)


def terminal_of(server: Simulator, close_timeout: float = LIMIT) -> Terminal:
    who = Credentials(login=server.login, password=server.password)
    connection = ConnectionOptions(close_timeout=close_timeout)
    return Terminal(server.url, who, TerminalOptions(connection=connection))


async def until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(LIMIT):
        while not happened():
            await asyncio.sleep(0.002)


def subscribed(server: Simulator) -> tuple[int, int]:
    """Symbols whose ticks and books the clients that are logged in get."""

    def count(broker: Broker) -> tuple[int, int]:
        sessions = [s for s in broker.audience if s.stage is Stage.LOGGED_IN]
        quoted = sum(len(session.quoted) for session in sessions)
        return quoted, sum(len(session.booked) for session in sessions)

    return server.do(count)


def test_subscriptions_end_before_the_logout() -> None:
    async def scenario(server: Simulator) -> None:
        terminal = terminal_of(server)
        await terminal.open()
        await terminal.show(["EURUSD", "GBPUSD"])
        await terminal.open_book("EURUSD")
        assert subscribed(server) >= (2, 1)
        server.trouble.ignore(Command.LOGOUT)
        ending = asyncio.create_task(terminal.close())
        await until(lambda: subscribed(server) == (0, 0))
        server.disconnect()
        await ending

    with Simulator(SimulatorConfig(automatic=False)) as server:
        asyncio.run(scenario(server))


@pytest.fixture
def slow() -> Simulator:
    """A server that tells results a second after the deal."""
    switches = Switches(result_delay=1000)
    return Simulator(
        SimulatorConfig(automatic=False, clock=ManualClock(NOW), switches=switches)
    )


def test_a_result_that_is_owed_is_heard_before_the_end(slow: Simulator) -> None:
    async def scenario(server: Simulator) -> None:
        terminal = terminal_of(server)
        await terminal.open()
        sending = asyncio.create_task(terminal.send(BUY))
        await until(lambda: bool(terminal.model.holdings.positions))
        ending = asyncio.create_task(terminal.close())
        await until(lambda: terminal.state is State.CLOSING)
        assert not sending.done()
        server.advance(2)
        assert (await sending).answer.retcode == Retcode.DONE
        await ending

    with slow as server:
        asyncio.run(scenario(server))


def test_a_result_that_does_not_come_leaves_an_unknown_outcome(
    slow: Simulator,
) -> None:
    async def scenario(server: Simulator) -> None:
        terminal = terminal_of(server, close_timeout=0.05)
        await terminal.open()
        sending = asyncio.create_task(terminal.send(BUY))
        await until(lambda: bool(terminal.model.holdings.positions))
        await terminal.close()
        with pytest.raises(OutcomeUnknown):
            await sending

    with slow as server:
        asyncio.run(scenario(server))
