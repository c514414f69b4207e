"""Floating leverage: which margin goes through the tiers, and how."""

from __future__ import annotations

from typing import Final

from mt5web_async.calculation.account import account_figures
from mt5web_async.calculation.leverage import Portion, tier_walk
from mt5web_async.calculation.margin import Kind
from mt5web_async.enums import MarginFlags, MarginMode, OrderType
from mt5web_async.protocol.records import LeverageRule, LeverageTier, Order, Position
from mt5web_async.protocol.responses import FloatingLeverage
from tests.calculation.scenes import (
    RATES,
    UNSET,
    account,
    buy,
    leverage,
    market,
    order,
    pair,
    rates,
    sell,
)

LOTS_TOGETHER, LOTS_EACH, VALUE_TOGETHER, VALUE_EACH = range(4)

EURUSD: Final = pair("EURUSD", margin_rates_initial=rates(t2=1.0, t3=1.0))
GBPUSD: Final = pair("GBPUSD", margin_rates_initial=rates(t2=1.0, t3=1.0))

TIERS: Final = ((0, 1, 1.0), (1, 3, 2.0), (3, UNSET, 5.0))
"""Lots beyond 3 at the last rate."""


def margin(
    rule: FloatingLeverage,
    positions: tuple[Position, ...] = (),
    orders: tuple[Order, ...] = (),
    *,
    mode: MarginMode = MarginMode.HEDGING,
    checked: Order | None = None,
    larger: bool = False,
    hedged: float = 100_000.0,
) -> float:
    flags = int(MarginFlags.LARGER_LEG) if larger else 0
    symbols = [
        one._replace(trade=one.trade._replace(margin_flags=flags, margin_hedged=hedged))
        for one in (EURUSD, GBPUSD)
    ]
    moment = market(account(mode), *symbols, quotes=RATES, rules=(rule,))
    return account_figures(moment, positions, orders, checked).margin


def two_rates() -> FloatingLeverage:
    """Orders at twice, positions at three times the margin from the first lot on."""
    tiers = (LeverageTier(0.0, 100.0, 2.0, 3.0),)
    return FloatingLeverage(LeverageRule("*", LOTS_EACH, "", 2, 1), tiers)


def test_positions_and_pending_orders_each_begin_at_the_first_tier() -> None:
    # positions 2 lots: 1000 * 1 + 1000 * 2; order 1 lot: 1100 * 1
    held, waiting = buy(EURUSD, 2, 1.0), order(EURUSD, OrderType.BUY_LIMIT, 1, 1.1)
    assert margin(leverage(LOTS_EACH, *TIERS), (held,), (waiting,)) == 4100.0


def test_a_market_order_that_adds_is_a_part_of_its_own() -> None:
    # both at the average rate of the leg: 1000 * 1.1 * 1 and 1000 * 1.1 * 1
    held, new = buy(EURUSD, 1, 1.0), order(EURUSD, OrderType.BUY, 1, 1.2)
    assert margin(leverage(LOTS_EACH, *TIERS), (held,), checked=new) == 2200.0


def test_orders_go_by_the_initial_and_positions_by_the_maintenance_rate() -> None:
    # 1000 * 3 + 1100 * 2
    held, waiting = buy(EURUSD, 1, 1.0), order(EURUSD, OrderType.BUY_LIMIT, 1, 1.1)
    assert margin(two_rates(), (held,), (waiting,)) == 5200.0


def test_symbols_of_a_rule_go_together_or_each_alone() -> None:
    # together 2 lots of 1000 + 1000; alone 1 lot each
    held = (buy(EURUSD, 1, 1.0), buy(GBPUSD, 1, 1.0))
    assert margin(leverage(LOTS_TOGETHER, *TIERS), held) == 3000.0
    assert margin(leverage(LOTS_EACH, *TIERS), held) == 2000.0


def test_values_are_measured_in_money() -> None:
    # together 200000: half at 1, half at 2; alone 100000 each, all of it at 1
    tiers = ((0, 100_000, 1.0), (100_000, UNSET, 2.0))
    held = (buy(EURUSD, 1, 1.0), buy(GBPUSD, 1, 1.0))
    assert margin(leverage(VALUE_TOGETHER, *tiers), held) == 3000.0
    assert margin(leverage(VALUE_EACH, *tiers), held) == 2000.0


def test_the_first_rule_that_matches_is_the_rule_of_a_symbol() -> None:
    moment = market(
        account(),
        EURUSD,
        rules=(
            leverage(LOTS_EACH, (0, UNSET, 7.0), masks="Metals\\*"),
            leverage(LOTS_EACH, (0, UNSET, 3.0), masks="*EUR*"),
            leverage(LOTS_EACH, (0, UNSET, 5.0)),
        ),
    )
    assert account_figures(moment, (buy(EURUSD, 1, 1.0),), ()).margin == 3000.0


def test_hedged_volume_counts_by_its_contract_size() -> None:
    # 1 lot uncovered and 1 lot hedged at half the size: 1500 over 1 + 0.5 lots
    held = (buy(EURUSD, 2, 1.0), sell(EURUSD, 1, 1.0))
    needed = margin(leverage(LOTS_EACH, *TIERS), held, hedged=50_000.0)
    assert needed == 1000.0 * 1 + 500.0 * 2


def test_of_the_larger_leg_only_its_own_side_is_measured() -> None:
    # buying 2 lots: 1000 + 1000 * 2; the lot that is sold is left out
    held = (buy(EURUSD, 2, 1.0), sell(EURUSD, 1, 1.0))
    assert margin(leverage(LOTS_EACH, *TIERS), held, larger=True) == 3000.0


def test_on_netting_accounts_the_side_that_decides_is_measured() -> None:
    # selling 3 lots against 1: 3300 - 1100, measured as 3 lots: 2200 * (1 + 2 * 2) / 3
    held, waiting = buy(EURUSD, 1, 1.0), order(EURUSD, OrderType.SELL_LIMIT, 3, 1.1)
    rule = leverage(LOTS_EACH, *TIERS)
    needed = margin(rule, (held,), (waiting,), mode=MarginMode.NETTING)
    assert needed == 733.33 + 2933.33


def test_exchange_accounts_know_no_floating_leverage() -> None:
    moment = market(
        account(MarginMode.EXCHANGE), EURUSD, rules=(leverage(LOTS_EACH, *TIERS),)
    )
    state = account_figures(moment, (buy(EURUSD, 2, 1.0),), ())
    assert state.liabilities == -200_000.0


def test_a_rule_without_tiers_adds_up() -> None:
    assert margin(leverage(LOTS_EACH), (buy(EURUSD, 2, 1.0),)) == 2000.0


def test_an_unknown_measure_gives_nothing() -> None:
    assert margin(leverage(9, *TIERS), (buy(EURUSD, 2, 1.0),)) == 0.0


def test_tiers_without_width_are_skipped_and_one_without_a_bound_is_the_last() -> None:
    tiers = [
        LeverageTier(0.0, 1.0, 1.0, 1.0),
        LeverageTier(1.0, 1.0, 9.0, 9.0),
        LeverageTier(1.0, UNSET, 2.0, 2.0),
    ]
    walked = tier_walk(tiers, Portion(3.0, 300.0), Kind.MAINTENANCE, 2)
    assert walked == 100.0 + 400.0
