"""Listeners that fail, or that ask where they must not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mt5web_async.calculation.quotes import Quote
from mt5web_async.events import DealAdded, Event
from mt5web_async.simulator import Simulator, SimulatorConfig
from mt5web_async.waiting import drive

from .terminals import opened, until


@pytest.fixture
def server() -> Iterator[Simulator]:
    with Simulator(SimulatorConfig(automatic=False)) as running:
        yield running


async def test_a_listener_that_fails_costs_neither_connection_nor_events(
    server: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[Event] = []

    def clumsy(event: Event) -> None:
        raise ValueError("clumsy")

    async with opened(server) as terminal:
        terminal.listen(clumsy)
        terminal.listen(heard.append)
        for amount in (1.0, 2.0, 3.0):
            server.deposit(amount)
        await until(lambda: len(heard) == 3)
        assert all(isinstance(event, DealAdded) for event in heard)
        assert terminal.model.holdings.account.balance == 10_006.0
        assert terminal.connected
    failures = [line for line in caplog.messages if "failed" in line]
    assert len(failures) == 2  # the first and the second: no flood


async def test_a_quote_listener_that_fails_stops_no_quotes(
    server: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    def clumsy(name: str, quote: Quote) -> None:
        raise ValueError("clumsy")

    async with opened(server) as terminal:
        terminal.model.quotes.listen(clumsy)
        await terminal.show(["EURUSD"])
        server.quote("EURUSD", bid=1.25, ask=1.25010)
        await until(
            lambda: (terminal.model.quotes.get("EURUSD") or Quote()).bid == 1.25
        )
    assert "clumsy" in caplog.text


async def test_a_listener_that_asks_the_server_is_told_at_once_that_it_cannot(
    server: Simulator,
) -> None:
    told: list[str] = []

    async with opened(server) as terminal:

        def ask(event: Event) -> None:
            try:
                drive(terminal.know_history(0))
            except RuntimeError as exc:
                told.append(str(exc))

        terminal.listen(ask)
        server.deposit(1.0)
        await until(lambda: bool(told))
        assert "wait for itself" in told[0]
        await terminal.know_history(0)
        assert terminal.connected
