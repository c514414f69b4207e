"""What the server is asked to send, whatever happens on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from mt5web_async.protocol.commands import Command
from mt5web_async.simulator import Simulator, SimulatorConfig
from tests.faults.proxy import Fault, FaultProxy, Way

from .terminals import BOOKED, levels_of, opened, until


@pytest.fixture
def server() -> Iterator[Simulator]:
    with Simulator(SimulatorConfig(automatic=False)) as running:
        yield running


async def test_a_subscription_cancelled_in_line_is_made_up_for(
    server: Simulator,
) -> None:
    async with opened(server) as terminal:
        server.trouble.hold(Command.SUBSCRIBE_TICKS)
        first = asyncio.create_task(terminal.show(["EURUSD"]))
        await until(lambda: server.trouble.held(Command.SUBSCRIBE_TICKS) == 1)
        second = asyncio.create_task(terminal.show(["GBPUSD"]))
        await until(lambda: terminal.subscribed("GBPUSD"))
        await asyncio.sleep(0)
        second.cancel()
        await asyncio.wait([second])
        server.trouble.release(Command.SUBSCRIBE_TICKS)
        await first
        assert await terminal.quote("GBPUSD") is not None


@pytest.mark.parametrize("way", list(Way))
@pytest.mark.parametrize(
    "command",
    [Command.FULL_SYMBOLS, Command.SUBSCRIBE_TICKS, Command.SUBSCRIBE_BOOK],
)
async def test_what_is_cut_off_while_subscribing_is_done_on_the_next_connection(
    server: Simulator, command: int, way: Way
) -> None:
    with FaultProxy(server.url) as proxy:
        async with opened(server, proxy.url) as terminal:
            proxy.inject(Fault.CUT, command, way)
            await terminal.show(["EURUSD"])
            await terminal.open_book(BOOKED)
            assert proxy.injected == 1
            assert await terminal.quote("EURUSD") is not None
            await until(lambda: levels_of(terminal, BOOKED) > 0)
