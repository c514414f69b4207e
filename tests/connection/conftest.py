"""A simulated server, and a proxy in front of it that does harm."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterator

import pytest

from mt5web_async.simulator import Simulator, SimulatorConfig
from tests.faults.proxy import FaultProxy


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run tests that are coroutines, each in a loop of its own."""
    test = pyfuncitem.obj
    if not inspect.iscoroutinefunction(test):
        return None
    wanted = inspect.signature(test).parameters
    asyncio.run(test(**{name: pyfuncitem.funcargs[name] for name in wanted}))
    return True


@pytest.fixture
def server() -> Iterator[Simulator]:
    with Simulator(SimulatorConfig(automatic=False)) as running:
        yield running


@pytest.fixture
def proxy(server: Simulator) -> Iterator[FaultProxy]:
    with FaultProxy(server.url) as running:
        yield running
