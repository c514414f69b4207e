"""MetaQuotes' web terminal and mt5web on one account: the same to the cent."""

from __future__ import annotations

import pytest

import mt5web as mt5
from mt5web_async.calculation.account import AccountFigures
from mt5web_async.enums import MarginMode
from mt5web_async.simulator import Simulator
from tests.simulator.browser import Browser
from tests.simulator.browser.trader import PRICES, Trader
from tests.simulator.client import bootstrapped
from tests.simulator.conftest import still
from tests.waiting import eventually

STEPS = 60


@pytest.mark.parametrize("mode", list(MarginMode))
def test_both_show_the_same_account_after_every_step(mode: MarginMode) -> None:
    config = still(automatic=False, margin_mode=mode, balance=100_000.0)
    with Simulator(config) as server, bootstrapped(server) as client:
        browser = Browser(client)
        trader = Trader(server, browser, seed=23)
        terminal = mt5.Terminal()
        assert terminal.initialize(**server.credentials)
        for name in PRICES:
            assert terminal.symbol_select(name, True)
        for _ in range(STEPS):
            trader.act()
            trader.settle()
            figures, tickets = browser.figures, set(browser.trades.positions)
            eventually(lambda: shown(terminal, tickets) == computed(figures))  # noqa: B023
        terminal.shutdown()


def shown(terminal: mt5.Terminal, tickets: set[int]) -> tuple[float, ...] | None:
    """What mt5web shows once it knows of the positions."""
    info, held = terminal.account_info(), terminal.positions_get()
    if info is None or {one.ticket for one in held or ()} != tickets:
        return None
    return (
        info.balance,
        info.profit,
        info.equity,
        info.margin,
        info.margin_free,
        info.assets,
        info.liabilities,
    )


def computed(figures: AccountFigures) -> tuple[float, ...]:
    """The same of the web terminal."""
    return (
        figures.balance,
        figures.floating,
        figures.equity,
        figures.margin,
        figures.margin_free,
        figures.assets,
        figures.liabilities,
    )
