"""What the server is asked to send, whatever happens on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from mt5web_async.protocol.commands import Command
from mt5web_async.simulator import Simulator, SimulatorConfig

from .terminals import opened, until


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
