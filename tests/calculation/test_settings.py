"""Settings of symbols with what an account overrides."""

from __future__ import annotations

import sys
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mt5web_async.calculation.masks import matches
from mt5web_async.calculation.settings import effective_symbol, trade_enabled
from mt5web_async.enums import CalcMode, TradeMode
from mt5web_async.protocol.records import TradeSettings
from tests.calculation.scenes import pair, symbol

I32, U32, U64, F64 = 2**31 - 1, 2**32 - 1, 2**64 - 1, sys.float_info.max

SIGNED = (
    "spread_diff",
    "spread_diff_balance",
    "stops_level",
    "freeze_level",
    "swap_rollover3days",
)


def unset(name: str, default: object) -> object:
    """What stands in a field of an override that is not set."""
    if isinstance(default, tuple):
        return (F64,) * len(default)
    if isinstance(default, float):
        return F64
    if "volume" in name:
        return U64
    return I32 if name in SIGNED else U32


def override(masks: str, **fields: Any) -> TradeSettings:
    """An override with nothing set but these fields."""
    nothing = {n: unset(n, v) for n, v in TradeSettings._field_defaults.items()}
    return TradeSettings(**{**nothing, "symbol_path": masks, **fields})


EURUSD = pair("EURUSD", symbol_path="Forex\\EURUSD", spread_diff=1)


def test_an_override_that_sets_nothing_changes_nothing() -> None:
    assert effective_symbol(EURUSD, [override("*")]) == EURUSD


def test_an_override_for_others_changes_nothing() -> None:
    assert effective_symbol(EURUSD, [override("Metals\\*", spread_diff=9)]) == EURUSD


def test_the_last_match_alone_counts() -> None:
    first = override("*", spread_diff=5, margin_initial=100.0)
    last = override("Forex\\*", spread_diff=7)
    trade = effective_symbol(EURUSD, [first, last]).trade
    assert (trade.spread_diff, trade.margin_initial) == (7, 0.0)


def test_elements_of_a_row_are_set_one_by_one() -> None:
    rates = (F64, 3.0, *(F64,) * 6)
    trade = effective_symbol(EURUSD, [override("*", margin_rates_initial=rates)]).trade
    assert trade.margin_rates_initial == (1.0, 3.0, *(0.0,) * 6)


def test_overrides_never_reach_the_settings_that_they_change() -> None:
    before = EURUSD.trade
    effective_symbol(EURUSD, [override("*", spread_diff=5)])
    assert EURUSD.trade == before


def test_a_zero_is_set_but_not_for_volumes() -> None:
    given = override("*", spread_diff=0, volume_min=0)
    trade = effective_symbol(EURUSD, [given]).trade
    assert (trade.spread_diff, trade.volume_min) == (0, EURUSD.trade.volume_min)


def test_collateral_is_enabled_for_closing_only() -> None:
    full, closing = (
        symbol("C", CalcMode.SERV_COLLATERAL, trade_mode=int(mode))
        for mode in (TradeMode.FULL, TradeMode.CLOSE_ONLY)
    )
    assert (trade_enabled(full), trade_enabled(closing)) == (False, True)


texts = st.text(alphabet="AB\\", min_size=1, max_size=12)


@given(texts, st.integers(0, 12), st.integers(0, 12))
def test_a_star_stands_for_any_run(path: str, start: int, end: int) -> None:
    start, end = sorted((min(start, len(path)), min(end, len(path))))
    assert matches(path[:start] + "*" + path[end:], path)


@given(texts)
def test_an_exclusion_wins_wherever_it_stands(path: str) -> None:
    assert matches("*", path)
    assert not matches(f"*,!{path}", path)
    assert not matches(f"!{path},*", path)
    assert not matches("!ZZZ", path)
