from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from typing import Any

import pytest

from mt5web_async.simulator import Simulator, SimulatorConfig
from mt5web_async.simulator.clock import ManualClock

from .client import Client, bootstrapped, entered

Start = Callable[..., Simulator]

TUESDAY = datetime(2026, 3, 10, 10, 0)  # noqa: DTZ001


def still(**options: Any) -> SimulatorConfig:
    """A server on a Tuesday at ten, whose clock stands still until it is moved."""
    options.setdefault("clock", ManualClock(TUESDAY))
    return SimulatorConfig(**options)


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts servers, which end with the test."""
    with ExitStack() as running:

        def started(**options: Any) -> Simulator:
            return running.enter_context(Simulator(still(**options)))

        yield started


@pytest.fixture
def server(start: Start) -> Simulator:
    return start()


@pytest.fixture
def stranger(server: Simulator) -> Iterator[Client]:
    """A connection that nobody has logged in on."""
    with bootstrapped(server) as client:
        yield client


@pytest.fixture
def client(server: Simulator) -> Iterator[Client]:
    """A connection that is logged in."""
    with entered(server) as client:
        yield client
