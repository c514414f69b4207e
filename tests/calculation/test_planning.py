"""What cannot be planned is not known, and is no money."""

from __future__ import annotations

import pytest

from mt5web_async.calculation.planning import margin_of, profit_of, tick_values
from mt5web_async.calculation.quotes import Quote
from mt5web_async.enums import CalcMode, MarginMode, OrderType, Side
from tests.calculation.scenes import account, market, pair, symbol

SHARE = symbol(
    "SHARE", CalcMode.EXCH_STOCKS, currency_profit="NOK", currency_margin="USD"
)
QUOTED = {"SHARE": Quote(99.0, 101.0, 100.0)}


@pytest.mark.parametrize("mode", [CalcMode.EXCH_STOCKS, CalcMode.EXCH_OPTIONS])
def test_margin_of_what_is_valued_in_unquoted_money_is_not_known(
    mode: CalcMode,
) -> None:
    of = SHARE._replace(calc_mode=int(mode))
    moment = market(account(MarginMode.EXCHANGE), of, quotes=QUOTED)
    assert margin_of(moment, of, OrderType.BUY, 1.0, 100.0) is None
    assert profit_of(moment, of, Side.BUY, 1.0, 100.0, 110.0) is None


def test_margin_is_known_without_the_rate_of_profits_where_it_needs_none() -> None:
    moment = market(account(), SHARE, quotes=QUOTED)
    assert margin_of(moment, SHARE, OrderType.BUY, 2.0, 100.0) == 200.0


def test_a_tick_of_a_future_is_worth_what_its_record_says() -> None:
    of = symbol("FUT", CalcMode.EXCH_FUTURES, tick_size=0.1, tick_value=3.0)
    assert tick_values(market(account(), of), of) == (3.0, 3.0)
    without_size = of._replace(tick_size=0.0)
    assert tick_values(market(account(), of), without_size) == (0.03, 0.03)


def test_a_tick_of_a_pair_wins_at_the_cheap_rate_and_loses_at_the_dear_one() -> None:
    # by hand: 100000 * 0.001 JPY at 1 / 151.905 and 1 / 151.890
    of = pair("USDJPY", tick_size=0.001)
    won, lost = tick_values(market(account(), of), of)
    assert won == pytest.approx(100 / 151.905, rel=1e-15)
    assert lost == pytest.approx(100 / 151.890, rel=1e-15)
