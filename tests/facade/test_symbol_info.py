"""The 96 fields of a symbol, out of what the wire brings."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from mt5web.mapping.symbols import symbol_info
from mt5web.structs import SymbolInfo
from mt5web_async.calculation.quotes import Quote, apply_statistics
from mt5web_async.calculation.spread import Pricing
from mt5web_async.enums import StatisticsFields
from mt5web_async.protocol.records import FullSymbol, Statistics, TradeSettings
from tests.facade.official import PYTHON_TYPES, TYPES, python_type

ROOT = Path(__file__).parents[2]
UNIT = 10**8

SETTINGS = TradeSettings(
    symbol_path="overridden by masks",
    trade_mode=4,
    stops_level=11,
    freeze_level=12,
    execution_mode=2,
    fill_flags=3,
    time_flags=15,
    order_flags=127,
    volume_min=1_000_000,
    volume_max=500 * UNIT,
    volume_step=2_000_000,
    volume_limit=900 * UNIT,
    margin_flags=4,
    margin_initial=13.5,
    margin_maintenance=14.5,
    margin_rate_liquidity=0.25,
    margin_hedged=15.5,
    swap_mode=9,
    swap_long=-1.5,
    swap_short=0.5,
    swap_rollover3days=7,
    permissions_flags=1,
    permissions_book_depth=16,
)

SYMBOL = FullSymbol(
    name="US500F",
    isin="US0000000001",
    description="A future",
    basis="US500",
    page="https://example.com/us500f",
    category="Index",
    exchange="CME",
    currency_base="USA",
    currency_profit="USD",
    currency_margin="EUR",
    digits=2,
    point=0.01,
    symbol_id=7,
    ticks_book_depth=32,
    chart_mode=1,
    spread=0,
    tick_size=0.25,
    contract_size=50.0,
    gtc_mode=2,
    calc_mode=33,
    price_settle=5000.25,
    price_limit_min=4500.0,
    price_limit_max=5500.0,
    price_strike=17.5,
    option_mode=3,
    face_value=18.5,
    accrued_interest=19.5,
    time_start=1_700_000_000,
    time_expiration=1_800_000_000,
    trade=SETTINGS,
)

DAY = Statistics(
    symbol_id=7,
    fields=int(sum(StatisticsFields)),
    time=1_773_136_800,
    bid=500_025,
    bid_high=500_200,
    bid_low=499_800,
    ask=500_050,
    ask_high=500_225,
    ask_low=499_825,
    last=500_000,
    last_high=500_175,
    last_low=499_775,
    volume=250_000_000,
    volume_high=3_100_000_000,
    volume_low=150_000_000,
    deals=21,
    deals_volume=22_500_000_000,
    turnover=23,
    interest=24,
    buy_orders=25,
    buy_volume=2_650_000_000,
    sell_orders=27,
    sell_volume=2_850_000_000,
    price_open=499_900,
    price_close=499_700,
    price_average=500_010,
    price_change=7,
    price_volatility=1_234,
    price_theoretical=500_030,
    time_ms=456,
    delta=100_000,
    theta=-200_000,
    gamma=300_000,
    vega=400_000,
    rho=500_000,
    omega=600_000,
    sensitivity=700_000,
)

EXPECTED: dict[str, Any] = {
    "custom": False,
    "chart_mode": 1,
    "select": True,
    "visible": False,
    "session_deals": 21,
    "session_buy_orders": 25,
    "session_sell_orders": 27,
    "volume": 2,
    "volumehigh": 31,
    "volumelow": 1,
    "time": 1_773_136_800,
    "digits": 2,
    "spread": 25,
    "spread_float": True,
    "ticks_bookdepth": 16,
    "trade_calc_mode": 33,
    "trade_mode": 4,
    "start_time": 1_700_000_000,
    "expiration_time": 1_800_000_000,
    "trade_stops_level": 11,
    "trade_freeze_level": 12,
    "trade_exemode": 2,
    "swap_mode": 9,
    "swap_rollover3days": 7,
    "margin_hedged_use_leg": True,
    "expiration_mode": 15,
    "filling_mode": 3,
    "order_mode": 127,
    "order_gtc_mode": 2,
    "option_mode": 0,
    "option_right": 0,
    "bid": 5000.25,
    "bidhigh": 5002.0,
    "bidlow": 4998.0,
    "ask": 5000.5,
    "askhigh": 5002.25,
    "asklow": 4998.25,
    "last": 5000.0,
    "lasthigh": 5001.75,
    "lastlow": 4997.75,
    "volume_real": 2.5,
    "volumehigh_real": 31.0,
    "volumelow_real": 1.5,
    "option_strike": 17.5,
    "point": 0.01,
    "trade_tick_value": 12.5,
    "trade_tick_value_profit": 12.5,
    "trade_tick_value_loss": 12.75,
    "trade_tick_size": 0.25,
    "trade_contract_size": 50.0,
    "trade_accrued_interest": 19.5,
    "trade_face_value": 18.5,
    "trade_liquidity_rate": 0.25,
    "volume_min": 0.01,
    "volume_max": 500.0,
    "volume_step": 0.02,
    "volume_limit": 900.0,
    "swap_long": -1.5,
    "swap_short": 0.5,
    "margin_initial": 13.5,
    "margin_maintenance": 14.5,
    "session_volume": 225.0,
    "session_turnover": 23.0,
    "session_interest": 24.0,
    "session_buy_orders_volume": 26.5,
    "session_sell_orders_volume": 28.5,
    "session_open": 4999.0,
    "session_close": 4997.0,
    "session_aw": 5000.1,
    "session_price_settlement": 5000.25,
    "session_price_limit_min": 4500.0,
    "session_price_limit_max": 5500.0,
    "margin_hedged": 15.5,
    "price_change": 0.07,
    "price_volatility": 1.234,
    "price_theoretical": 5000.3,
    "price_greeks_delta": 1.0,
    "price_greeks_theta": -2.0,
    "price_greeks_gamma": 3.0,
    "price_greeks_vega": 4.0,
    "price_greeks_rho": 5.0,
    "price_greeks_omega": 6.0,
    "price_sensitivity": 7.0,
    "basis": "US500",
    "category": "Index",
    "currency_base": "USA",
    "currency_profit": "USD",
    "currency_margin": "EUR",
    "bank": "",
    "description": "A future",
    "exchange": "CME",
    "formula": "",
    "isin": "US0000000001",
    "name": "US500F",
    "page": "https://example.com/us500f",
    "path": "Futures\\US500F",
}

QUOTE = apply_statistics(Quote(), DAY, Pricing.of(SYMBOL))


def info(quote: Quote = QUOTE) -> SymbolInfo:
    return symbol_info(
        SYMBOL,
        "Futures\\US500F",
        quote,
        (12.5, 12.75),
        selected=True,
        visible=False,
    )


def test_each_field_has_the_value_of_its_source() -> None:
    assert info()._asdict() == EXPECTED


@pytest.mark.parametrize("quote", [QUOTE, Quote()])
def test_each_field_has_the_type_of_the_original(quote: Quote) -> None:
    declared = [python_type(one["type"]) for one in TYPES["SymbolInfo"]["fields"]]
    assert len(declared) == 96
    types = [type(value) for value in info(quote)]
    assert types == [PYTHON_TYPES[name] for name in declared]


def test_without_a_quote_prices_and_figures_of_the_day_are_0() -> None:
    quoted, empty = info()._asdict(), info(Quote())._asdict()
    differing = {name for name in EXPECTED if quoted[name] != empty[name]}
    assert {name for name in differing if empty[name] != 0} == set()
    assert {"bid", "time", "lasthigh", "session_open", "price_greeks_rho"} < differing


def test_the_documentation_lists_the_fields_without_a_source() -> None:
    """Everything else has a value when the server fills all its fields."""
    told = (ROOT / "docs" / "market.rst").read_text("utf-8")
    by_kind = {"visible", "option_mode", "option_right"}  # not shown, no option
    unknown = {name for name, value in EXPECTED.items() if not value} - by_kind
    assert unknown == {"custom", "bank", "formula"}
    table = told.partition("list-table::")[2].partition("These come")[0]
    assert set(re.findall(r"``(\w+)``", table)) - {"False"} == unknown
