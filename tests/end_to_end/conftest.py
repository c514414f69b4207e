from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

import mt5web
from mt5web import opening
from mt5web_async.simulator import Simulator, SimulatorConfig
from mt5web_async.simulator.server import Simulator as Server
from mt5web_async.terminal.terminal import TerminalOptions


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No test reads the user's configuration or writes into the user's folders."""
    monkeypatch.setenv("MT5WEB_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("MT5WEB_DATA", str(tmp_path / "data"))
    every = ("EVERY_SERVER", "EVERY_PASSWORD")
    for name in ("SERVER", "LOGIN", "PASSWORD", "JOURNAL", *every):
        monkeypatch.delenv(f"MT5WEB_{name}", raising=False)
    yield
    opening.journal.cache_clear()


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Terminals wait for what comes after an answer, however busy the machine is."""
    patient = partial(TerminalOptions, quote_timeout=60.0, figures_timeout=60.0)
    monkeypatch.setattr(opening, "TerminalOptions", patient)


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A simulator; a test may give its configuration as the fixture's parameter."""
    with Simulator(getattr(request, "param", SimulatorConfig())) as simulator:
        yield simulator


@pytest.fixture
def terminal(server: Server) -> Iterator[mt5web.Terminal]:
    """A terminal that is logged in to the simulator."""
    terminal = mt5web.Terminal()
    connected = terminal.initialize(
        server=server.url, login=server.login, password=server.password
    )
    assert connected, terminal.last_error()
    yield terminal
    terminal.shutdown()
