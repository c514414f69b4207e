"""What groups and symbols limit beyond prices and money."""

from __future__ import annotations

from typing import Any, cast

import pytest

from mt5web_async.enums import (
    CalcMode,
    GroupFlags,
    OrderFlags,
    OrderType,
    Retcode,
    Rights,
    TradeMode,
)
from mt5web_async.errors import NotFound
from mt5web_async.simulator.switches import Switches
from mt5web_async.simulator.trading.accounts import Terms, override
from mt5web_async.simulator.trading.exchange import Exchange
from mt5web_async.simulator.trading.pushes import AccountPush

from .house import EURUSD, GROUP, NOW, STD, House, eurusd, moment, netting, vol

FIFO = int(GROUP | GroupFlags.FIFO_CLOSE)
NO_HEDGE = int(GROUP | GroupFlags.HEDGE_PROHIBIT)


@pytest.mark.parametrize(
    "details", [{"trade_flags": FIFO}, {"switches": Switches(fifo=True)}]
)
def test_the_oldest_position_is_closed_first(details: dict[str, Any]) -> None:
    house = House(**details)
    house.buy(1.00)
    house.buy(1.00)
    assert house.close(1002).retcode == Retcode.FIFO_CLOSE  # case 68
    assert house.close(1001).story == STD
    assert house.close(1002).story == STD


def test_the_age_of_the_other_side_does_not_matter() -> None:
    house = House(trade_flags=FIFO)
    house.buy(1.00)
    house.sell(1.00)
    house.sell(1.00)
    assert house.close_by(1001, 1003).retcode == Retcode.FIFO_CLOSE
    assert house.close(1002).story == STD


@pytest.mark.parametrize(
    "details",
    [{"trade_flags": NO_HEDGE}, {"switches": Switches(hedging_prohibited=True)}],
)
def test_opposite_positions_may_be_prohibited(details: dict[str, Any]) -> None:
    house = House(**details)
    house.buy(1.00)
    assert house.sell(1.00).retcode == Retcode.HEDGE_PROHIBITED  # case 69
    placed = house.place(OrderType.SELL_LIMIT, 1.00, 1.10300)
    assert placed.retcode == Retcode.HEDGE_PROHIBITED
    assert house.buy(1.00).story == STD
    assert house.close(1001).story == STD


def test_opposite_orders_are_prohibited_with_them() -> None:
    house = House(trade_flags=NO_HEDGE)
    house.place(OrderType.BUY_STOP, 1.00, 1.10200)
    assert house.sell(1.00).retcode == Retcode.HEDGE_PROHIBITED


@pytest.mark.parametrize(
    "details", [{"position_limit": 2}, {"switches": Switches(position_limit=2)}]
)
def test_pending_orders_count_as_positions_to_come(details: dict[str, Any]) -> None:
    house = House(**details)
    house.buy(1.00)
    house.place(OrderType.BUY_STOP, 1.00, 1.10200)
    assert house.buy(1.00).retcode == Retcode.LIMIT_POSITIONS  # case 70
    placed = house.place(OrderType.BUY_STOP, 1.00, 1.10300)
    assert placed.retcode == Retcode.LIMIT_POSITIONS
    assert house.close(1001).story == STD


def test_netting_accounts_count_positions_alone() -> None:
    house = netting(
        EURUSD, EURUSD._replace(name="EURUSD.x", symbol_id=102), position_limit=1
    )
    house.quote(1.1, 1.1001, name="EURUSD.x")
    house.place(OrderType.BUY_STOP, 1.00, 1.10200)
    assert house.buy(1.00).story == STD
    assert house.buy(1.00).story == STD
    refused = house.buy(1.00, symbol="EURUSD.x")
    assert refused.retcode == Retcode.LIMIT_POSITIONS


@pytest.mark.parametrize(
    "rights",
    [
        Rights.ENABLED | Rights.TRADE_DISABLED,
        Rights.ENABLED | Rights.INVESTOR,
        Rights.ENABLED | Rights.READ_ONLY,
        Rights.ENABLED | Rights.RESET_PASSWORD,
        Rights(0),
    ],
)
def test_an_account_without_the_right_trades_nothing(rights: Rights) -> None:
    house = House(account={"rights": int(rights)})
    assert house.buy(1.00).retcode == Retcode.TRADE_DISABLED


def test_a_stop_loss_needs_no_right() -> None:
    house = House()
    house.buy(1.00, sl=1.09800)
    said = house.change_account(rights=int(Rights.ENABLED | Rights.TRADE_DISABLED))
    assert said.story == "AccountPush"  # case 104
    assert house.close(1001).retcode == Retcode.TRADE_DISABLED
    assert house.bid(1.09800).story == "O+0 D+ O-4 H+4"


@pytest.mark.parametrize(
    ("flag", "fields"),
    [
        (OrderFlags.MARKET, {}),
        (OrderFlags.SL, {"sl": 1.09}),
        (OrderFlags.TP, {"tp": 1.12}),
    ],
)
def test_a_symbol_may_forbid_deals_and_levels(
    flag: OrderFlags, fields: dict[str, float]
) -> None:
    house = House(eurusd(order_flags=int(OrderFlags(127) & ~flag)))
    assert house.buy(1.00, **fields).retcode == Retcode.INVALID_ORDER


@pytest.mark.parametrize(
    ("kind", "flag"),
    [
        (OrderType.BUY_LIMIT, OrderFlags.LIMIT),
        (OrderType.BUY_STOP, OrderFlags.STOP),
        (OrderType.BUY_STOP_LIMIT, OrderFlags.STOP_LIMIT),
        (OrderType.BUY_STOP_LIMIT, OrderFlags.LIMIT),
    ],
)
def test_a_symbol_may_forbid_a_kind_of_order(kind: OrderType, flag: OrderFlags) -> None:
    house = House(eurusd(order_flags=int(OrderFlags(127) & ~flag)))
    said = house.place(kind, 1.00, 1.102, price_trigger=1.101)
    assert said.retcode == Retcode.INVALID_ORDER


def test_a_symbol_without_trading_is_not_dealt() -> None:
    house = House(eurusd(trade_mode=TradeMode.DISABLED))
    assert house.buy(1.00).retcode == Retcode.TRADE_DISABLED


def test_collateral_can_only_be_closed() -> None:
    house = House(EURUSD._replace(calc_mode=CalcMode.SERV_COLLATERAL))
    assert house.buy(1.00).retcode == Retcode.TRADE_DISABLED


@pytest.mark.parametrize(
    ("life", "retcode"),
    [
        ({"time_start": NOW + 1}, Retcode.MARKET_CLOSED),
        ({"time_start": NOW, "time_expiration": NOW + 1}, Retcode.DONE),
        ({"time_expiration": NOW}, Retcode.MARKET_CLOSED),
    ],
)
def test_a_symbol_is_traded_during_its_life(life: dict[str, Any], retcode: int) -> None:
    assert House(EURUSD._replace(**life)).buy(1.00).retcode == retcode


@pytest.mark.parametrize(
    ("time", "retcode"),
    [
        ("2026-03-13 23:59", Retcode.DONE),
        ("2026-03-14 00:00", Retcode.MARKET_CLOSED),
        ("2026-03-15 23:59", Retcode.MARKET_CLOSED),
        ("2026-03-16 00:00", Retcode.DONE),
    ],
)
def test_sessions_follow_the_days_of_the_week(time: str, retcode: int) -> None:
    house = House()
    house.wait_until(moment(time))
    assert house.buy(1.00).retcode == retcode


def test_overrides_of_the_account_count_for_the_server_too() -> None:
    marked_up = override("Forex\\*", spread_diff=10, volume_max=vol(2))
    house = House(settings=(marked_up,), balance=100_000.0)
    assert house.buy(2.01).retcode == Retcode.INVALID_VOLUME
    deal = house.buy(2.00).deal
    assert deal.price_open == 1.10015
    assert house.close(1001).deal.price_open == 1.09995


def test_new_terms_count_from_the_next_request() -> None:
    house = House()
    house.place(OrderType.BUY_STOP, 1.00, 1.10200)
    house.exchange.change_terms(house.login, Terms(order_limit=1))
    placed = house.place(OrderType.BUY_STOP, 1.00, 1.10300)
    assert placed.retcode == Retcode.LIMIT_ORDERS


def test_permissions_that_switches_add_are_shown_but_not_the_accounts_own() -> None:
    house = House(switches=Switches(fifo=True))
    shown = house.exchange.account_state(house.login)
    assert GroupFlags.FIFO_CLOSE & (shown.trade_flags or 0)
    (told,) = house.exchange.change_account(house.login, shown)
    assert told == AccountPush(house.login, shown)
    own = house.ledger.accounts.state(house.login).trade_flags
    assert own == house.plan.trade_flags


def test_other_conditions_leave_the_money_alone() -> None:
    house = House()
    stale = house.exchange.account_state(house.login)
    house.pay(500.0)
    house.exchange.change_account(house.login, stale)
    assert house.balance == 10_500.00


def test_an_order_of_a_symbol_that_became_collateral_waits() -> None:
    house = House()
    house.place(OrderType.BUY_STOP, 1.00, 1.10200)
    house.change_symbol(EURUSD._replace(calc_mode=CalcMode.SERV_COLLATERAL))
    assert house.ask(1.10200).story == ""


def test_open_business_in_a_symbol_that_is_gone_is_no_way_to_start() -> None:
    house = House()
    house.buy(1.00)
    with pytest.raises(NotFound, match="business in 'EURUSD'"):
        Exchange(house.ledger, {}, house.switches)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("partial_retcode", 10009),
        ("requote_rate", 1.01),
        ("requote_rate", -0.01),
        ("end_of_day_minute", 1440),
        ("result_delay", -1),
    ],
)
def test_a_switch_has_its_bounds(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"{name} {value}"):
        Switches(**cast(dict[str, Any], {name: value}))
