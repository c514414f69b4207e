"""After a loss the model equals the server again before anybody sees it as up."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mt5web_async.protocol.commands import Command
from mt5web_async.simulator import Simulator, SimulatorConfig

from .terminals import came_back, opened, until


@pytest.fixture
def server() -> Iterator[Simulator]:
    with Simulator(SimulatorConfig(automatic=False)) as running:
        yield running


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
