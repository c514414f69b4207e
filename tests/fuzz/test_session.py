"""A whole session with a server that may say anything."""

from __future__ import annotations

import functools
import random
import struct
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import mt5web as mt5
from mt5web import connection_settings, opening
from mt5web_async.connection.connection import ConnectionOptions
from mt5web_async.protocol.commands import PUSHES, Command
from mt5web_async.simulator import Simulator, SimulatorConfig
from mt5web_async.terminal import trade
from mt5web_async.terminal.terminal import TerminalOptions
from tests.memory import memory_below
from tests.waiting import eventually

from .forger import Forger, Forgery, Said, honest
from .mutations import mutated
from .use import CALLS, FAR, Call

BEGINNING = frozenset({Command.BOOTSTRAP, Command.LOGIN})
LOADING = frozenset(
    {Command.ACCOUNT, Command.SYMBOLS, Command.FULL_SYMBOLS, Command.POSITIONS}
)

IMPATIENT = """
[connection]
request_timeout = 0.5
late_answer_limit = 0.5
ping_interval = 0.2
ping_limit = 1
reconnect_pause = 0.05
"""
OFTEN = "[connection]\nping_interval = 0.1"


@pytest.fixture(scope="module")
def middle() -> Iterator[tuple[Simulator, Forger]]:
    with Simulator(SimulatorConfig()) as server, Forger(server.url) as forger:
        yield server, forger


@pytest.fixture(autouse=True)
def config(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The configuration file; nothing of the user's is read or written."""
    path = tmp_path / "config.toml"
    monkeypatch.setenv("MT5WEB_CONFIG", str(path))
    monkeypatch.setenv("MT5WEB_DATA", str(tmp_path / "data"))
    return path


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """What no setting sets is not waited for long either."""
    monkeypatch.setattr(trade, "VISIBLE_WITHIN", 0.2)
    options = functools.partial(ConnectionOptions, load_timeout=1.5, close_timeout=0.2)
    monkeypatch.setattr(connection_settings, "ConnectionOptions", options)
    limits = functools.partial(TerminalOptions, trade_timeout=0.5, quote_timeout=0.1)
    monkeypatch.setattr(opening, "TerminalOptions", limits)


class Liar:
    """Says something else now and then, the same for the same seed."""

    def __init__(self, seed: int, rate: float, spared: frozenset[int]) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - to be repeated
        self._rate = rate
        self._spared = spared
        self._turn_lock = threading.Lock()

    def __call__(self, said: Said) -> Iterable[Said | bytes | str]:
        with self._turn_lock:
            if said.command in self._spared or self._chance.random() >= self._rate:
                return (said,)
            return mutated(self._chance, said)


def live(
    middle: tuple[Simulator, Forger], calls: Iterable[Call], timeout: int = 60_000
) -> bool:
    """Log in, call, and log out; whether the login succeeded."""
    server, forger = middle
    terminal = mt5.Terminal()
    try:
        connected = terminal.initialize(
            server=forger.url,
            login=server.login,
            password=server.password,
            timeout=timeout,
        )
        if connected:
            for call in calls:
                call(terminal)
        return connected
    finally:
        terminal.shutdown()


def assert_nothing_left(log: pytest.LogCaptureFixture) -> None:
    """No thread of a connection, and no failure that only a log tells of."""
    eventually(lambda: not [t for t in threading.enumerate() if t.name == "mt5web-io"])
    ours = [r for r in log.records if r.name.startswith(("mt5web", "asyncio"))]
    ours = [r for r in ours if not r.name.startswith("mt5web_async.simulator")]
    assert [r.getMessage() for r in ours if r.exc_info] == []


@given(
    seed=st.integers(0, 2**32 - 1),
    rate=st.sampled_from([0.05, 0.2, 0.5]),
    spared=st.sampled_from([BEGINNING, BEGINNING | LOADING, frozenset()]),
)
@settings(
    deadline=None,
    max_examples=10,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_a_lying_server_gives_answers_or_errors_and_nothing_else(
    middle: tuple[Simulator, Forger],
    config: Path,
    hurry: None,
    caplog: pytest.LogCaptureFixture,
    seed: int,
    rate: float,
    spared: frozenset[int],
) -> None:
    _, forger = middle
    caplog.clear()
    forger.forgery = Liar(seed, rate, spared)
    calls = random.Random(seed).sample(CALLS, len(CALLS))  # noqa: S311
    config.write_text(IMPATIENT)
    live(middle, calls, timeout=3000)
    forger.forgery = honest
    config.write_text("")
    assert live(middle, [])
    assert_nothing_left(caplog)


BOMBS = (
    struct.pack("<I", 2**32 - 1) + bytes(8192),
    struct.pack("<I", 2**24 - 1) * 4096,
    b"",
)
"""Announce thousands of millions of records, or nothing at all."""


def bombed(command: int, bomb: bytes) -> Forgery:
    """All answers to a command are this."""

    def forge(said: Said) -> Iterable[Said]:
        return (said._replace(payload=bomb) if said.command == command else said,)

    return forge


@pytest.mark.parametrize(
    "command",
    [Command.POSITIONS, Command.SYMBOLS, Command.FULL_SYMBOLS, Command.HISTORY],
)
def test_enormous_counts_in_answers_cost_no_memory(
    middle: tuple[Simulator, Forger], command: int
) -> None:
    _, forger = middle
    needed = command != Command.HISTORY
    for bomb in BOMBS:
        forger.forgery = bombed(command, bomb)
        with memory_below(64 * 2**20):
            connected = live(middle, [lambda t: t.history_deals_get(0, FAR)])
        assert connected is not needed
    forger.forgery = honest


def test_enormous_counts_in_pushes_cost_no_memory(
    middle: tuple[Simulator, Forger], config: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server, forger = middle
    config.write_text(OFTEN)
    terminal = mt5.Terminal()
    assert terminal.initialize(
        server=forger.url, login=server.login, password=server.password
    )
    pushed = [Said(command, 0, bomb) for command in PUSHES for bomb in BOMBS]
    pings: list[Said] = []

    def push(said: Said) -> Iterable[Said]:
        if said.command != Command.PING:
            return (said,)
        pings.append(said)
        return (said, *pushed)

    with memory_below(64 * 2**20):
        forger.forgery = push
        eventually(lambda: len(pings) > 3)
        forger.forgery = honest
    assert terminal.account_info() is not None
    terminal.shutdown()
    assert sum("dropped" in record.getMessage() for record in caplog.records) > 8
    assert_nothing_left(caplog)
