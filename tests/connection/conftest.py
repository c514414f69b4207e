"""A simulated server, and a proxy in front of it that does harm."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mt5web_async.simulator import Simulator, SimulatorConfig
from tests.faults.proxy import FaultProxy


@pytest.fixture
def server() -> Iterator[Simulator]:
    with Simulator(SimulatorConfig(automatic=False)) as running:
        yield running


@pytest.fixture
def proxy(server: Simulator) -> Iterator[FaultProxy]:
    with FaultProxy(server.url) as running:
        yield running
