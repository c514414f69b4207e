from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from mt5web_async.simulator import Simulator, SimulatorConfig
from mt5web_async.simulator.server import Simulator as Server

Start = Callable[[SimulatorConfig], Server]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts servers, which end with the test."""
    running: list[Server] = []

    def started(config: SimulatorConfig) -> Server:
        simulator = Simulator(config)
        simulator.start()
        running.append(simulator)
        return simulator

    yield started
    for simulator in running:
        simulator.stop()


@pytest.fixture
def server(start: Start) -> Server:
    return start(SimulatorConfig())
