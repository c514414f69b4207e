"""Cases computed by hand; the arithmetic stands beside each.

They are the numbered examples of docs/calculation.rst, section 12.
"""

from __future__ import annotations

from typing import Any, Final

import pytest

from mt5web_async.calculation.account import AccountFigures, account_figures
from mt5web_async.calculation.checks import Checked, check_request
from mt5web_async.calculation.market import Market
from mt5web_async.calculation.planning import margin_of, planned_profit, profit_of
from mt5web_async.calculation.profit import profit_rates
from mt5web_async.calculation.quotes import Quote
from mt5web_async.calculation.volumes import volume
from mt5web_async.enums import (
    CalcMode,
    ExecutionMode,
    Filling,
    MarginFlags,
    MarginMode,
    OrderType,
    Retcode,
    Side,
    TradeAction,
    TradeMode,
)
from mt5web_async.protocol.records import FullSymbol, Order, Position, TradeRequest
from mt5web_async.protocol.responses import FloatingLeverage
from tests.calculation.scenes import (
    UNSET,
    account,
    buy,
    leverage,
    market,
    order,
    pair,
    rates,
    sell,
    symbol,
)

BUY, SELL = OrderType.BUY, OrderType.SELL

EURUSD: Final = pair("EURUSD")
USDJPY: Final = pair("USDJPY")
GOLD: Final = symbol(
    "XAUUSD", CalcMode.CFD_LEVERAGE, contract_size=100.0, margin_hedged=100.0
)
STOCK: Final = symbol(
    "SHARE", CalcMode.EXCH_STOCKS, margin_rates_initial=rates(0.20, 0.25)
)
FUTURE: Final = symbol(
    "FUT",
    CalcMode.EXCH_FUTURES,
    tick_size=0.25,
    tick_value=12.50,
    margin_initial=13_200.0,
    margin_maintenance=12_000.0,
)
INDEX: Final = symbol(
    "INDEX", CalcMode.CFD_INDEX, contract_size=10.0, tick_size=0.1, tick_value=0.1
)
BOND: Final = symbol("BOND", CalcMode.EXCH_BONDS, face_value=1000.0)


def margin(of: FullSymbol, order_type: OrderType, lots: float, price: float) -> float:
    """Margin of an order alone on a hedging account in dollars."""
    needed = margin_of(market(account(), of), of, order_type, lots, price)
    assert needed is not None
    return needed


def profit(of: FullSymbol, side: Side, lots: float, start: float, end: float) -> float:
    """Profit on a hedging account in dollars, converted at the closing price."""
    gained = profit_of(market(account(), of), of, side, lots, start, end)
    assert gained is not None
    return gained


def market_profit(
    moment: Market, of: FullSymbol, side: Side, start: float, end: float
) -> float:
    """Profit of one lot, converted at the quotes."""
    rates = profit_rates(moment, of)
    gained = planned_profit(moment, of, side, 1.0, start, end, rates)
    assert gained is not None
    return gained


def margin_together(
    of: FullSymbol,
    positions: tuple[Position, ...],
    orders: tuple[Order, ...] = (),
    *,
    mode: MarginMode = MarginMode.HEDGING,
    checked: Order | None = None,
) -> float:
    """Margin of everything together."""
    moment = market(account(mode), of)
    return account_figures(moment, positions, orders, checked).margin


def test_01_a_long_pair_needs_its_contract_at_the_ask() -> None:
    # by hand: 100000 / 100 * 1.08512
    assert margin(EURUSD, BUY, 1, 1.08512) == 1085.12


def test_02_a_short_pair_needs_its_contract_at_the_bid() -> None:
    # by hand: 100000 / 100 * 1.08500
    assert margin(EURUSD, SELL, 1, 1.08500) == 1085.00


def test_03_a_long_pair_gains_the_difference() -> None:
    # by hand: N(1.08700 * 100000) - N(1.08512 * 100000)
    assert profit(EURUSD, Side.BUY, 1, 1.08512, 1.08700) == 188.00


def test_04_a_short_pair_gains_the_difference() -> None:
    # by hand: 108500 - 108350
    assert profit(EURUSD, Side.SELL, 1, 1.08500, 1.08350) == 150.00


def test_05_a_margin_in_dollars_needs_no_rate() -> None:
    # by hand: 100000 / 100 * 1
    assert margin(USDJPY, BUY, 1, 151.905) == 1000.00


def test_06_a_long_pair_is_converted_at_its_bid() -> None:
    # by hand: 30000 JPY / 151.890
    moment = market(account(), USDJPY)
    assert market_profit(moment, USDJPY, Side.BUY, 151.905, 152.205) == 197.51


def test_07_a_planned_long_pair_is_converted_at_its_closing_price() -> None:
    # by hand: 30000 JPY / 152.205
    assert profit(USDJPY, Side.BUY, 1, 151.905, 152.205) == 197.10


def test_08_a_short_pair_is_converted_at_its_ask() -> None:
    # by hand: 30000 JPY / 151.905
    moment = market(account(), USDJPY)
    assert market_profit(moment, USDJPY, Side.SELL, 151.890, 151.590) == 197.49


def test_09_a_planned_short_pair_is_converted_at_its_closing_price() -> None:
    # by hand: 30000 JPY / 151.590
    assert profit(USDJPY, Side.SELL, 1, 151.890, 151.590) == 197.90


def test_10_gold_needs_its_value_by_leverage() -> None:
    # by hand: 100 * 2350.50 / 100
    assert margin(GOLD, BUY, 1, 2350.50) == 2350.50


def test_11_gold_gains_by_its_contract() -> None:
    # by hand: 10.00 * 100
    assert profit(GOLD, Side.BUY, 1, 2350.50, 2360.50) == 1000.00


def test_12_a_bought_share_needs_its_part_of_the_value() -> None:
    # by hand: 100 * 190 * 0.20
    assert margin(STOCK, BUY, 100, 190.00) == 3800.00


def test_13_a_sold_share_needs_another_part() -> None:
    # by hand: 100 * 189.90 * 0.25
    assert margin(STOCK, SELL, 100, 189.90) == 4747.50


def test_14_a_share_gains_the_difference() -> None:
    # by hand: 100 * 195 - 100 * 190
    assert profit(STOCK, Side.BUY, 100, 190.0, 195.0) == 500.00


def test_15_an_order_for_a_future_needs_the_initial_margin() -> None:
    # by hand: 2 * 13200
    assert margin(FUTURE, BUY, 2, 5000.25) == 26_400.00


def test_16_an_open_future_needs_the_maintenance_margin() -> None:
    # by hand: 2 * 12000
    assert margin_together(FUTURE, (buy(FUTURE, 2, 5000.25),)) == 24_000.00


def test_17_a_future_gains_by_ticks() -> None:
    # by hand: 10 / 0.25 * 12.50 * 2
    assert profit(FUTURE, Side.BUY, 2, 5000.25, 5010.25) == 1000.00


def test_18_an_index_needs_its_value_by_ticks() -> None:
    # by hand: 2 * 10 * 5001 / 0.1 * 0.1
    assert margin(INDEX, BUY, 2, 5001.0) == 100_020.00


def test_19_a_bond_needs_its_part_of_the_face_value() -> None:
    # by hand: 10 * 1000 * 98.5 / 100
    assert margin(BOND, BUY, 10, 98.50) == 9850.00


def test_20_a_bond_gains_in_percent_of_the_face_value() -> None:
    # by hand: 9950 - 9850
    assert profit(BOND, Side.BUY, 10, 98.50, 99.50) == 100.00


FORTS: Final = symbol(
    "FORTS",
    CalcMode.EXCH_FUTURES_FORTS,
    currency_base="RUB",
    currency_profit="RUB",
    currency_margin="RUB",
    contract_size=1000.0,
    tick_size=1.0,
    tick_value=1.0,
    price_settle=81_000.0,
    price_limit_min=78_000.0,
    price_limit_max=84_000.0,
    margin_initial=6200.0,
    margin_maintenance=6100.0,
    margin_rate_currency=5.0,
    margin_rates_initial=rates(t2=1.0),
)


@pytest.mark.parametrize(
    ("order_type", "price", "needed"),
    [
        (BUY, 81_000.0, 28_050.00),  # 3 * (6200 + (84000 - 81000) * 1.05)
        (SELL, 81_000.0, 27_750.00),  # 3 * (6100 + (81000 - 78000) * 1.05)
        (OrderType.BUY_LIMIT, 80_500.0, 17_025.00),  # 3 * (6200 - 500 * 1.05)
    ],
)
def test_21_a_forts_order_pays_for_the_way_to_the_limit(
    order_type: OrderType, price: float, needed: float
) -> None:
    moment = market(account(MarginMode.NETTING, currency="RUB"), FORTS)
    assert margin_of(moment, FORTS, order_type, 3.0, price) == needed


def test_21_a_forts_position_pays_for_its_way_from_settlement() -> None:
    # by hand: 3 * (6200 + 500 * 1.05)
    moment = market(account(MarginMode.NETTING, currency="RUB"), FORTS)
    held = buy(FORTS, 3, 81_500.0, rate_margin=1.0)
    assert account_figures(moment, (held,), ()).margin == 20_175.00


def test_21_a_forts_future_gains_by_ticks() -> None:
    # by hand: (81700 - 81500) * 3
    moment = market(account(currency="RUB"), FORTS)
    assert profit_of(moment, FORTS, Side.BUY, 3.0, 81_500.0, 81_700.0) == 600.00


def test_21_a_hedging_account_pays_the_plain_margin() -> None:
    # by hand: 3 * 6200
    moment = market(account(currency="RUB"), FORTS)
    assert margin_of(moment, FORTS, BUY, 3.0, 81_000.0) == 18_600.00


GBPJPY: Final = pair("GBPJPY")
IN_EUROS: Final = market(account(currency="EUR"), GBPJPY)


def test_22_a_margin_is_converted_by_the_reversed_pair() -> None:
    # by hand: 1000 GBP * 1 / 0.85750, and / 0.85765
    assert margin_of(IN_EUROS, GBPJPY, BUY, 1.0, 192.0) == 1166.18
    assert margin_of(IN_EUROS, GBPJPY, SELL, 1.0, 192.0) == 1165.98


def test_22_a_profit_is_converted_by_the_reversed_pair() -> None:
    # by hand: 50000 JPY / 164.800, and / 164.830
    assert market_profit(IN_EUROS, GBPJPY, Side.BUY, 192.0, 192.5) == 303.40
    assert market_profit(IN_EUROS, GBPJPY, Side.SELL, 192.5, 192.0) == 303.34


AUDCAD: Final = pair("AUDCAD")
IN_FRANCS: Final = market(account(currency="CHF"), AUDCAD)


def test_23_a_margin_goes_through_the_dollar() -> None:
    # by hand: 1000 * 0.65512 * 0.88020
    assert margin_of(IN_FRANCS, AUDCAD, BUY, 1.0, 0.8937) == 576.64


def test_23_a_profit_goes_through_the_dollar() -> None:
    # rates 1 / 1.36400 * 0.88020 and 1 / 1.36420 * 0.88000; 300 CAD at the first
    assert profit_rates(IN_FRANCS, AUDCAD).buy == pytest.approx(0.6453079, abs=5e-8)
    assert profit_rates(IN_FRANCS, AUDCAD).sell == pytest.approx(0.6450667, abs=5e-8)
    assert market_profit(IN_FRANCS, AUDCAD, Side.BUY, 0.8937, 0.8967) == 193.59


@pytest.mark.parametrize(
    ("long", "short", "new", "hedged", "needed"),
    [
        (1, 1, 0, 0, 0.00),
        (1, 1, 0, 50_000, 542.50),  # 0.5 lot at (1.08 + 1.09) / 2
        (1, 1, 0, 100_000, 1085.00),
        (2, 1, 0, 0, 1080.00),  # 1 lot uncovered at 1.08
        (2, 1, 0, 50_000, 1621.67),  # 1080 + 500 * (2 * 1.08 + 1.09) / 3
        (2, 1, 0, 100_000, 2163.33),
        (2, 1, 1, 0, 0.00),
        (2, 1, 1, 50_000, 1085.00),  # 2 lots hedged at 1.085, half the size
        (2, 1, 1, 100_000, 2170.00),
        (1, 0, 3, 0, 2180.00),  # 2 lots uncovered at 1.09
        (1, 0, 3, 50_000, 2723.75),  # 2180 + 500 * (1.08 + 3 * 1.09) / 4
        (1, 0, 3, 100_000, 3267.50),
    ],
)
def test_24_hedged_volume_needs_its_own_margin(
    long: float, short: float, new: float, hedged: float, needed: float
) -> None:
    of = pair("EURUSD", margin_hedged=hedged)
    held = (buy(of, long, 1.08), *((sell(of, short, 1.09),) if short else ()))
    checked = order(of, SELL, new, 1.09) if new else None
    assert margin_together(of, held, checked=checked) == needed


@pytest.mark.parametrize(("long", "needed"), [(2, 2160.00), (1, 1090.00)])
def test_24_the_larger_leg_decides_alone(long: float, needed: float) -> None:
    # by hand: max(2 * 1080, 1090) and max(1080, 1090)
    flags = MarginFlags.LARGER_LEG
    of = pair("EURUSD", margin_hedged=100_000.0, margin_flags=int(flags))
    held = (buy(of, long, 1.08), sell(of, 1, 1.09))
    assert margin_together(of, held) == needed


def test_24_hedged_gold_is_valued_at_the_average() -> None:
    # by hand: 100 * (2340 + 2350) / 2 / 100
    held = (buy(GOLD, 1, 2340.0), sell(GOLD, 1, 2350.0))
    assert margin_together(GOLD, held) == 2345.00


WITH_PENDING: Final = pair("EURUSD", margin_rates_initial=rates(t2=1.0, t3=1.0, t5=0.5))
PENDING: Final = (
    order(WITH_PENDING, OrderType.BUY_LIMIT, 1, 1.07),
    order(WITH_PENDING, OrderType.SELL_STOP, 2, 1.06),
)


def test_25_pending_orders_of_both_sides_add_up_on_hedging_accounts() -> None:
    # by hand: 1080 + 1070 + 2 * 1060 * 0.5
    held = (buy(WITH_PENDING, 1, 1.08),)
    assert margin_together(WITH_PENDING, held, PENDING) == 3210.00


def test_25_the_side_that_needs_more_decides_on_netting_accounts() -> None:
    # buying 1080 + 1070; selling 1060 - N(1060 / 2 * 1)
    held = (buy(WITH_PENDING, 1, 1.08),)
    needed = margin_together(WITH_PENDING, held, PENDING, mode=MarginMode.NETTING)
    assert needed == 2150.00


def test_25_opposite_orders_pay_for_what_exceeds_the_position() -> None:
    # by hand: max(1080, 3300 - 1100)
    held = (buy(WITH_PENDING, 1, 1.08),)
    orders = (order(WITH_PENDING, OrderType.SELL_LIMIT, 3, 1.10),)
    needed = margin_together(WITH_PENDING, held, orders, mode=MarginMode.NETTING)
    assert needed == 2200.00


@pytest.mark.parametrize(
    ("free_mode", "free"), [(0, 9957.00), (1, 10_691.86), (2, 10_691.86), (3, 9957.00)]
)
def test_26_the_state_of_an_account(free_mode: int, free: float) -> None:
    # profit 1000 - 255; floating 745 + 2.20 - 12.34; margin 0.5 * 1000 * 1.08;
    # equity 10000 + 734.86 + 500 - 3; free 10000 - 540 + 500 - 3 (+ 734.86)
    of = pair("EURUSD")
    quotes = {"EURUSD": Quote(1.0900, 1.0901)}
    held = (
        buy(of, 1, 1.08, storage=-12.34),
        sell(of, 0.5, 1.085, storage=2.20),
    )
    owner = account(credit=500.0, commission_daily=-3.0, margin_free_mode=free_mode)
    state = account_figures(market(owner, of, quotes=quotes), held, ())
    assert state == AccountFigures(
        balance=10_000.00,
        credit=500.00,
        profit=745.00,
        storage=-10.14,
        floating=734.86,
        commission=-3.00,
        equity=11_231.86,
        margin=540.00,
        margin_free=free,
        margin_level=state.margin_level,
    )
    assert state.margin_level == pytest.approx(2079.974074074, abs=1e-9)


BY_LOTS: Final = leverage(0, (0, 1, 1.0), (1, 5, 2.0), (5, UNSET, 4.0))
BY_VALUE: Final = leverage(2, (0, 200_000, 1.0), (200_000, UNSET, 2.5), currency="USD")


@pytest.mark.parametrize(
    ("rule", "needed"),
    [
        (BY_LOTS, 18_360.00),  # 1080 * 1 + 4320 * 2 + 2160 * 4
        (BY_VALUE, 15_900.00),  # 7560 * 200 / 756 + 7560 * 556 / 756 * 2.5
    ],
)
def test_27_floating_leverage_of_positions(
    rule: FloatingLeverage, needed: float
) -> None:
    moment = market(account(), EURUSD, rules=(rule,))
    state = account_figures(moment, (buy(EURUSD, 7, 1.08),), ())
    assert state.margin == needed


def test_27_floating_leverage_of_an_order_alone() -> None:
    # by hand: 1090 + 1090 * 2; value 218000: 2000 + 180 * 2.5
    by_lots = market(account(), EURUSD, rules=(BY_LOTS,))
    by_value = market(account(), EURUSD, rules=(BY_VALUE,))
    assert margin_of(by_lots, EURUSD, BUY, 2.0, 1.09) == 3270.00
    assert margin_of(by_value, EURUSD, BUY, 2.0, 1.09) == 2450.00


def test_28_collateral_is_an_asset() -> None:
    # by hand: 2 * 2000 * 0.9; equity 100 + 3600
    of = symbol("COLL", CalcMode.SERV_COLLATERAL, margin_rate_liquidity=0.9)
    moment = market(account(balance=100.0), of, quotes={"COLL": Quote(2000.0, 2000.0)})
    state = account_figures(moment, (buy(of, 2, 1900.0),), ())
    assert (state.assets, state.margin) == (3600.00, 0.00)
    assert (state.equity, state.margin_free) == (3700.00, 3700.00)


EXCHANGE_STOCK: Final = symbol(
    "EXCH",
    CalcMode.EXCH_STOCKS,
    contract_size=10.0,
    margin_rates_initial=rates(0.30, 0.40, t2=1.0),
    margin_rates_maintenance=rates(0.15, 0.20),
    margin_rate_liquidity=1.0,
)


def on_exchange(
    balance: float, held: Position, *orders: Order
) -> tuple[AccountFigures, float]:
    """State and rounded margin level of an exchange account; last is 300."""
    owner = account(MarginMode.EXCHANGE, balance=balance)
    quotes = {"EXCH": Quote(0.0, 0.0, 300.0)}
    moment = market(owner, EXCHANGE_STOCK, quotes=quotes)
    state = account_figures(moment, (held,), orders)
    return state, round(state.margin_level, 2)


def test_29_a_long_stock_is_an_asset() -> None:
    # by hand: 100 * 300; 5000 + 30000; * 0.30; * 0.15; 35000 / 4500
    state, level = on_exchange(5000.0, buy(EXCHANGE_STOCK, 10, 300.0))
    assert (state.assets, state.equity) == (30_000.00, 35_000.00)
    assert (state.margin, state.margin_maintenance) == (9000.00, 4500.00)
    assert (state.margin_free, level) == (26_000.00, 777.78)


def test_29_a_short_stock_is_a_liability() -> None:
    # by hand: -100 * 300; 50000 - 30000; * 0.40; * 0.20
    state, _ = on_exchange(50_000.0, sell(EXCHANGE_STOCK, 10, 300.0))
    assert (state.liabilities, state.equity) == (-30_000.00, 20_000.00)
    assert (state.margin, state.margin_maintenance) == (12_000.00, 6000.00)
    assert state.margin_free == 8000.00


def test_29_an_order_below_the_market_adds_the_way_down() -> None:
    # by hand: 100 * (300 - 295) + 200 * 295 * 0.30 + (29500 - 100 * 295)
    limit = order(EXCHANGE_STOCK, OrderType.BUY_LIMIT, 10, 295.0)
    state, _ = on_exchange(5000.0, buy(EXCHANGE_STOCK, 10, 300.0), limit)
    assert state.margin == 18_200.00


TIGHT: Final = pair("EURUSD", stops_level=50, tick_size=0.00001)
AT_30: Final = {"EURUSD": Quote(1.08500, 1.08510)}


def checked(
    of: FullSymbol,
    *positions: Position,
    mode: MarginMode = MarginMode.HEDGING,
    **fields: Any,
) -> Checked[TradeRequest]:
    """A request for 1 lot at the quotes of example 30, tested."""
    plain = {"action": 3, "symbol": "EURUSD", "volume": volume(1.0)}
    moment = market(account(mode), of, quotes=AT_30)
    return check_request(moment, TradeRequest(**{**plain, **fields}), positions, ())


INSTANT: Final[dict[str, Any]] = {"execution_mode": int(ExecutionMode.INSTANT)}
LIMIT: Final[dict[str, Any]] = {"action": 5, "type": int(OrderType.BUY_LIMIT)}


def test_30_an_instant_deal_needs_a_price() -> None:
    of = pair("EURUSD", **INSTANT)
    assert checked(of, price_order=0.0).retcode == Retcode.INVALID_PRICE
    assert checked(of, price_order=1.08510).retcode is None


def test_30_a_limit_keeps_the_stops_level_from_the_market() -> None:
    # by hand: 1.08510 - 50 * 0.00001
    assert checked(TIGHT, **LIMIT, price_order=1.08460).retcode is None
    above = checked(TIGHT, **LIMIT, price_order=1.08461)
    assert above.retcode == Retcode.INVALID_PRICE


def test_30_a_stop_loss_keeps_the_stops_level_from_the_market() -> None:
    # by hand: 1.08500 - 50 * 0.00001
    assert checked(TIGHT, price_order=1.08510, sl=1.08450).retcode is None
    above = checked(TIGHT, price_order=1.08510, sl=1.08451)
    assert above.retcode == Retcode.INVALID_STOPS


def test_30_market_execution_knows_no_return() -> None:
    retcode = checked(EURUSD, type_filling=int(Filling.RETURN)).retcode
    assert retcode == Retcode.INVALID_FILL


def test_30_a_volume_is_at_least_the_minimum_and_on_the_step() -> None:
    fine = pair("EURUSD", volume_step=volume(0.001))
    below = checked(fine, volume=volume(0.005))
    between = checked(EURUSD, volume=volume(0.015))
    assert below.retcode == between.retcode == Retcode.INVALID_VOLUME


def test_30_where_only_closing_is_allowed_a_reversal_is_refused() -> None:
    of = pair("EURUSD", trade_mode=int(TradeMode.CLOSE_ONLY))
    held = buy(of, 1, 1.08)
    netting = MarginMode.NETTING
    reversal = checked(of, held, mode=netting, type=int(SELL), volume=volume(2.0))
    assert reversal.retcode == Retcode.CLOSE_ONLY
    assert checked(of, held, mode=netting, type=int(SELL)).retcode is None


def test_30_the_limit_of_a_stop_limit_is_on_the_near_side_of_its_stop() -> None:
    stop_limit: dict[str, Any] = {"action": 5, "type": int(OrderType.BUY_STOP_LIMIT)}
    wrong = checked(EURUSD, **stop_limit, price_order=1.09, price_trigger=1.092)
    assert wrong.retcode == Retcode.INVALID_PRICE
    right = checked(EURUSD, **stop_limit, price_order=1.09, price_trigger=1.088)
    assert right.retcode is None


def test_30_a_large_instant_deal_becomes_a_request() -> None:
    of = pair("EURUSD", instant_volume=volume(0.5), **INSTANT)
    large = checked(of, price_order=1.08510)
    assert (large.retcode, large.request.action) == (None, TradeAction.REQUEST)
