"""Equity, free margin and stop out of an account."""

from __future__ import annotations

from typing import Any, Final

import pytest

from mt5web_async.calculation.account import (
    AccountFigures,
    StopOut,
    account_figures,
    stop_out,
)
from mt5web_async.calculation.quotes import Quote
from mt5web_async.enums import (
    ActivationMode,
    CalcMode,
    GroupFlags,
    MarginFlags,
    MarginMode,
    OrderType,
    StopOutMode,
)
from tests.calculation.scenes import (
    account,
    buy,
    market,
    order,
    pair,
    rates,
    sell,
    symbol,
)

EURUSD: Final = pair("EURUSD", margin_rates_initial=rates(t4=0.5, t6=0.5, t2=0.25))
HALF: Final[dict[str, Any]] = {"margin_so_call": 100.0, "margin_so_so": 50.0}


@pytest.mark.parametrize(
    ("level", "state"),
    [
        (100.0, StopOut.NONE),
        (99.9, StopOut.MARGIN_CALL),
        (50.0, StopOut.MARGIN_CALL),
        (49.9, StopOut.STOP_OUT),
    ],
)
def test_an_account_is_stopped_out_below_its_levels(
    level: float, state: StopOut
) -> None:
    percent = AccountFigures(margin=100.0, margin_level=level)
    money = AccountFigures(margin=100.0, equity=level)
    by_money = account(margin_so_mode=int(StopOutMode.MONEY), **HALF)
    assert stop_out(account(**HALF), 0, percent) == state
    assert stop_out(by_money, 0, money) == state


def test_an_exchange_account_is_stopped_out_below_its_margins() -> None:
    owner = account(MarginMode.EXCHANGE)

    def state(equity: float) -> StopOut:
        figures = AccountFigures(
            equity=equity, margin=10.0, margin_initial=100.0, margin_maintenance=50.0
        )
        return stop_out(owner, 0, figures)

    assert [state(x) for x in (100.0, 99.0, 50.0, 49.0)] == [0, 1, 1, 2]


@pytest.mark.parametrize("mode", StopOutMode)
@pytest.mark.parametrize(
    ("flags", "equity", "profit", "state"),
    [
        (int(GroupFlags.SO_FULLY_HEDGED), -1.0, -5.0, StopOut.STOP_OUT),
        (int(GroupFlags.SO_FULLY_HEDGED), 0.0, -5.0, StopOut.NONE),
        (int(GroupFlags.SO_FULLY_HEDGED), -1.0, 0.0, StopOut.NONE),
        (0, -1.0, -5.0, StopOut.NONE),
    ],
)
def test_an_account_that_is_hedged_in_full_may_be_stopped_out(
    mode: StopOutMode, flags: int, equity: float, profit: float, state: StopOut
) -> None:
    owner = account(margin_so_mode=int(mode), **HALF)
    figures = AccountFigures(equity=equity, profit=profit)
    assert stop_out(owner, flags, figures) == state
    netting = account(MarginMode.NETTING, **HALF)
    assert stop_out(netting, flags, figures) == StopOut.NONE


@pytest.mark.parametrize("mode", [MarginMode.HEDGING, MarginMode.NETTING])
@pytest.mark.parametrize(
    ("fixed", "gain", "blocked"), [(300.0, 1, 300.0), (300.0, 0, 0.0), (-300.0, 1, 0.0)]
)
def test_the_gain_of_the_day_may_be_kept_out_of_use(
    mode: MarginMode, fixed: float, gain: int, blocked: float
) -> None:
    owner = account(mode, account_profit=fixed, margin_free_profit_mode=gain)
    state = account_figures(market(owner), (), ())
    assert state.equity == state.margin_free == 10_000.0 - blocked


def test_the_profit_of_long_positions_may_be_kept_out_of_use() -> None:
    flags = int(MarginFlags.EXCLUDE_LONG_PROFIT)
    of = pair("EURUSD", margin_flags=flags, margin_hedged=0.0)
    held = (buy(of, 1, 1.08), sell(of, 0.5, 1.09))
    state = account_figures(market(account(), of), held, ())
    assert (state.profit, state.profit_excluded) == (744.0, 500.0)
    assert state.margin_free == 10_000.0 + 744.0 - 540.0 - 500.0
    assert state.margin_level == (10_744.0 - 500.0) / 540.0 * 100


def test_swaps_count_as_floating_but_not_as_profit() -> None:
    state = account_figures(
        market(account(), EURUSD), (buy(EURUSD, 1, 1.08, storage=-7.5),), ()
    )
    assert (state.profit, state.storage, state.floating) == (500.0, -7.5, 492.5)
    assert state.equity == 10_492.5


def test_a_symbol_that_is_not_loaded_keeps_its_last_profit() -> None:
    unknown = buy(pair("NZDUSD"), 1, 0.6, profit=12.5)
    state = account_figures(market(account()), (unknown,), ())
    assert (state.profit, state.margin) == (12.5, 0.0)


def test_without_a_quote_the_last_profit_stays() -> None:
    held = (buy(EURUSD, 1, 1.08, profit=3.25),)
    quotes: dict[str, Quote] = {}
    state = account_figures(market(account(), EURUSD, quotes=quotes), held, ())
    assert state.profit == 3.25


def check(**fields: Any) -> float:
    """Margin of the account with an order of 1 lot being checked."""
    checked = order(EURUSD, fields.pop("kind"), 1, 1.0, **fields)
    return account_figures(market(account(), EURUSD), (), (), checked).margin


def test_an_activated_order_counts_as_what_it_becomes() -> None:
    stop, stop_limit = OrderType.BUY_STOP, OrderType.BUY_STOP_LIMIT
    activated = int(ActivationMode.PENDING)
    limited = int(ActivationMode.STOP_LIMIT)
    assert check(kind=stop) == 500.0
    assert check(kind=stop, activation_mode=activated) == 1000.0
    assert check(kind=stop_limit, price_trigger=1.0) == 500.0
    becomes = check(kind=stop_limit, price_trigger=1.0, activation_mode=limited)
    assert becomes == 250.0


def test_a_checked_order_takes_the_place_of_its_ticket() -> None:
    old = order(EURUSD, OrderType.BUY_STOP, 1, 1.0, commission_daily=-2.0)
    new = old._replace(volume_current=2 * old.volume_current, commission_daily=-5.0)
    state = account_figures(market(account(), EURUSD), (), (old,), new)
    assert (state.margin, state.commission) == (1000.0, -3.0)


def test_commissions_of_a_new_order_are_added() -> None:
    new = order(
        EURUSD, OrderType.BUY_STOP, 1, 1.0, commission_daily=-2, commission_monthly=-1
    )
    owner = account(commission_daily=-4.0)
    state = account_figures(market(owner, EURUSD), (), (), new)
    assert (state.commission, state.equity) == (-7.0, 9993.0)


def test_a_negative_price_is_a_price_where_it_is_allowed() -> None:
    oil = symbol("OIL", CalcMode.CFD, ticks_flags=8, contract_size=100.0)
    quotes = {"OIL": Quote(-2.0, -1.5)}
    state = account_figures(
        market(account(), oil, quotes=quotes), (buy(oil, 1, 1.0),), ()
    )
    assert state.profit == -300.0


def test_short_collateral_is_owed() -> None:
    # 2 * 2000, and 10000 - 4000
    of = symbol("COLL", CalcMode.SERV_COLLATERAL, margin_rate_liquidity=0.9)
    moment = market(account(), of, quotes={"COLL": Quote(2000.0, 2000.0)})
    state = account_figures(moment, (sell(of, 2, 1900.0),), ())
    assert (state.liabilities, state.collateral) == (-4000.0, -4000.0)
    assert state.equity == 6000.0


def test_a_position_of_an_unknown_side_does_not_break_the_account() -> None:
    strange = buy(EURUSD, 1, 1.08)._replace(action=7)
    for mode in MarginMode:
        moment = market(account(mode), EURUSD)
        assert account_figures(moment, (strange,), ()).profit == 500.0
