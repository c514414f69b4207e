"""The web terminal at the simulator, from its login to the cent."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from mt5web_async.enums import MarginMode, Period, Retcode, Rights, Side
from mt5web_async.protocol.records import Commission, CommissionTier
from mt5web_async.protocol.responses import AccountState, CommissionRule
from mt5web_async.simulator import Simulator
from mt5web_async.simulator.clock import ManualClock
from mt5web_async.simulator.switches import Switches
from mt5web_async.simulator.trading.accounts import override

from .browser import Browser, PasswordMustChange
from .browser.trader import BOOKS, Trader
from .client import bootstrapped
from .conftest import Start, still

MIDNIGHT = 1773187200
"""The end of Tuesday, 10 March 2026."""

STEPS = 90
FREE = Switches(request_limit=0)
CAPRICES = Switches(
    request_limit=0,
    refuse_at_once=True,
    verbose=True,
    close_by_in_two=True,
    tp_at_market=True,
    limit_at_market=True,
    fill_price_in_order=True,
    price_as_market=True,
    pending_as_placed=True,
    requote_rate=0.3,
    compensation=True,
    end_of_day_minute=1439,
)
LIMITS = replace(
    FREE,
    fifo=True,
    hedging_prohibited=True,
    order_limit=5,
    position_limit=8,
    partial_retcode=Retcode.DONE_PARTIAL_CANCELED,
    book_depth=True,
)


def shuffled(**more: Any) -> Switches:
    return replace(FREE, shuffle=random.Random(4), **more)  # noqa: S311


def entered(server: Simulator, browser: Browser) -> Browser:
    browser.log_in(server.login, server.password)
    return browser


def book(server: Simulator, name: str) -> dict[tuple[int, int], int]:
    """The depth of market as the server has it."""
    levels = server.do(lambda broker: broker.wake(name).levels)
    return {(place.side, place.price): volume for place, volume in levels.items()}


@pytest.mark.parametrize("more", [0, 500])
def test_it_gets_in_and_finds_what_is_open(start: Start, more: int) -> None:
    server = start(synthetic_symbols=more)
    for _ in range(2):
        with bootstrapped(server) as client:
            browser = entered(server, Browser(client))
            held = len(browser.trades.positions)
            browser.show("EURUSD")
            deal = browser.window.deal("EURUSD", Side.BUY, 0.10)
            assert browser.outcome(deal) == Retcode.DONE
            assert len(browser.trades.positions) == held + 1
            browser.log_out()


def test_it_stops_at_a_password_that_must_be_changed(start: Start) -> None:
    def demand(state: AccountState) -> AccountState:
        rights = int(state.account.rights | Rights.RESET_PASSWORD)
        return state._replace(account=state.account._replace(rights=rights))

    server = start()
    server.change_account(demand)
    with bootstrapped(server) as client, pytest.raises(PasswordMustChange):
        entered(server, Browser(client))


def test_it_follows_quotes_books_and_charts_over_midnight(start: Start) -> None:
    server = start(clock=ManualClock(MIDNIGHT - 90))
    end = MIDNIGHT
    with bootstrapped(server) as client:
        browser = entered(server, Browser(client))
        browser.show(*BOOKS, "USDJPY")
        browser.watch(*BOOKS)
        periods = [Period.M1, Period.M5, Period.M15, Period.H1, Period.H4, Period.D1]
        for name in (*BOOKS, "USDJPY"):
            for period in periods:
                browser.open_chart(name, period, end - 10 * 86_400, end)
        for _ in range(12):
            server.advance(17.3)
            browser.settle()
        carried_on = [chart for chart in browser.charts if not chart.stale]
        assert len(carried_on) > 20
        for chart in carried_on:
            name, period = chart.symbol.name, chart.period
            bars = browser.bars(name, period, end - 10 * 86_400, end + 3600)
            assert bars == chart.bars
        for name in BOOKS:
            assert browser.books[name] == book(server, name)
        day = browser.quotes.by_name["EURUSD"].session
        (bar,) = browser.bars("EURUSD", Period.D1, end, end)
        assert (bar.open, bar.high, bar.low) == (
            day.price_open,
            day.bid_high,
            day.bid_low,
        )


def test_it_comes_back_to_a_trade_server_that_was_lost(start: Start) -> None:
    server = start()
    with bootstrapped(server) as client:
        browser = entered(server, Browser(client))
        browser.show("EURUSD")
        deal = browser.window.deal("EURUSD", Side.BUY, 0.10)
        server.set_connected(False)
        assert browser.outcome(deal) == Retcode.CONNECTION
        server.set_connected(True)
        browser.settle()
        assert browser.outcome(deal) == Retcode.DONE
        assert browser.losses == 1


@pytest.mark.parametrize(
    ("mode", "currency", "switches"),
    [
        (MarginMode.HEDGING, "USD", FREE),
        (MarginMode.HEDGING, "EUR", CAPRICES),
        (MarginMode.HEDGING, "USD", shuffled(book_depth=True)),
        (MarginMode.HEDGING, "USD", LIMITS),
        (MarginMode.NETTING, "JPY", FREE),
        (MarginMode.NETTING, "USD", shuffled(verbose=True, result_delay=500)),
        (MarginMode.EXCHANGE, "USD", replace(FREE, book_depth=True)),
        (MarginMode.EXCHANGE, "EUR", replace(CAPRICES, book_depth=True)),
    ],
)
def test_its_figures_are_the_servers_after_every_step(
    mode: MarginMode, currency: str, switches: Switches
) -> None:
    config = still(
        automatic=False,
        margin_mode=mode,
        currency=currency,
        switches=switches,
        balance=100_000.0 * (150 if currency == "JPY" else 1),
    )
    with Simulator(config) as server, bootstrapped(server) as client:
        server.change_account(with_terms)
        browser = Browser(client)
        trader = Trader(server, browser, seed=11)
        for _ in range(STEPS):
            trader.act()
            trader.settle()
            assert browser.figures == trader.expected
        assert trader.codes.keys() & {Retcode.DONE, Retcode.DONE_PARTIAL}
        finds_the_same_again(server, browser)


def with_terms(state: AccountState) -> AccountState:
    """Dearer currencies, commissions, and profit that is blocked until the day ends."""
    per_lot = (CommissionTier(type=1, value=3.5),)
    return state._replace(
        account=state.account._replace(margin_free_profit_mode=1),
        settings=(override("Forex\\*", spread_diff=3),),
        commissions=(
            CommissionRule(Commission(path="Forex\\*", mode_charge=0), per_lot),
            CommissionRule(Commission(path="*", mode_charge=2), per_lot),
        ),
    )


def finds_the_same_again(server: Simulator, browser: Browser) -> None:
    """Asked anew, the server tells nothing but what it has told before."""
    trades = browser.trades
    with bootstrapped(server) as client:
        late = entered(server, Browser(client))
        late.load_history(0, 2**31 - 1)
        assert late.account == browser.account
        assert late.trades.orders.keys() == trades.orders.keys()
        assert late.trades.positions.keys() == trades.positions.keys()
        assert late.trades.done == trades.done
        (deposit, *_), told = late.trades.deals, trades.deals
        assert late.trades.deals.keys() - told.keys() == {deposit}
        assert sorted(late.trades.closed_positions) == sorted(trades.closed_positions)
        assert late.figures == browser.figures
