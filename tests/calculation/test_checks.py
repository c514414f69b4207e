"""The checks before sending: their order, their repairs, their bounds."""

from __future__ import annotations

from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt5web_async.calculation.checks import Checked, check_request
from mt5web_async.calculation.quotes import Quote
from mt5web_async.calculation.stops import price_valid
from mt5web_async.calculation.volumes import volume
from mt5web_async.enums import (
    CalcMode,
    ExecutionMode,
    FillFlags,
    Filling,
    MarginMode,
    OrderFlags,
    OrderState,
    OrderType,
    Retcode,
    Side,
    TradeAction,
    TradeMode,
)
from mt5web_async.protocol.records import FullSymbol, Order, Position, TradeRequest
from tests.calculation.scenes import account, buy, market, order, pair, sell, symbol

QUOTES: Final = {"EURUSD": Quote(1.08500, 1.08510)}
BID, ASK = 1.08500, 1.08510


def check(
    of: FullSymbol | None = None,
    *,
    positions: tuple[Position, ...] = (),
    orders: tuple[Order, ...] = (),
    netting: bool = False,
    quotes: dict[str, Quote] | None = None,
    **fields: Any,
) -> Checked[TradeRequest]:
    """A market buy of 1 lot unless the fields say otherwise."""
    of = of or pair("EURUSD")
    mode = MarginMode.NETTING if netting else MarginMode.HEDGING
    plain = {"action": 3, "symbol": of.name, "volume": volume(1.0)}
    shown = QUOTES if quotes is None else quotes
    moment = market(account(mode), of, quotes=shown)
    request = TradeRequest(**{**plain, **fields})
    return check_request(moment, request, positions, orders)


def code(of: FullSymbol | None = None, **scene: Any) -> Retcode | None:
    return check(of, **scene).retcode


def executed(mode: ExecutionMode, **fields: Any) -> FullSymbol:
    return pair("EURUSD", execution_mode=int(mode), **fields)


def pending(kind: OrderType, price: float, **fields: Any) -> dict[str, Any]:
    return {"action": 5, "type": int(kind), "price_order": price, **fields}


def test_of_two_mistakes_the_earlier_test_tells() -> None:
    wrong_filling_and_volume = code(type_filling=2, volume=1)
    wrong_volume_and_stops = code(volume=1, price_order=BID, sl=2.0)
    wrong_stops_and_mode = code(
        pair("EURUSD", trade_mode=int(TradeMode.SHORT_ONLY)), price_order=BID, sl=2.0
    )
    wrong_mode_and_type = code(
        pair("EURUSD", trade_mode=int(TradeMode.SHORT_ONLY), order_flags=0)
    )
    assert wrong_filling_and_volume == Retcode.INVALID_FILL
    assert wrong_volume_and_stops == Retcode.INVALID_VOLUME
    assert wrong_stops_and_mode == Retcode.INVALID_STOPS
    assert wrong_mode_and_type == Retcode.SHORT_ONLY


def test_without_quotes_nothing_is_dealt() -> None:
    assert code(quotes={}) == Retcode.PRICE_OFF


def test_a_disabled_symbol_is_refused_before_all_else() -> None:
    of = pair("EURUSD", trade_mode=int(TradeMode.DISABLED))
    assert code(of, volume=0, type_filling=2) == Retcode.TRADE_DISABLED


@pytest.mark.parametrize(
    ("flags", "filling", "mode", "allowed"),
    [
        (FillFlags.FOK, Filling.FOK, ExecutionMode.MARKET, True),
        (FillFlags.FOK, Filling.IOC, ExecutionMode.MARKET, False),
        (FillFlags.IOC, Filling.IOC, ExecutionMode.MARKET, True),
        (FillFlags.BOC, Filling.BOC, ExecutionMode.MARKET, False),
        (FillFlags.BOC, Filling.BOC, ExecutionMode.EXCHANGE, True),
        (FillFlags(0), Filling.RETURN, ExecutionMode.EXCHANGE, True),
        (FillFlags(0), Filling.RETURN, ExecutionMode.MARKET, False),
        (FillFlags(0), Filling.BOC, ExecutionMode.REQUEST, True),
    ],
)
def test_fillings_go_by_flags_and_execution(
    flags: FillFlags, filling: Filling, mode: ExecutionMode, allowed: bool
) -> None:
    of = executed(mode, fill_flags=int(flags))
    retcode = code(of, type_filling=int(filling), price_order=ASK)
    assert retcode == (None if allowed else Retcode.INVALID_FILL)


def test_dealers_fill_whole() -> None:
    checked = check(executed(ExecutionMode.INSTANT), type_filling=1, price_order=ASK)
    assert checked.request.type_filling == Filling.FOK


@pytest.mark.parametrize("filling", [Filling.FOK, Filling.IOC, Filling.BOC])
def test_stop_orders_on_exchanges_choose_no_filling(filling: Filling) -> None:
    checked = check(
        executed(ExecutionMode.EXCHANGE, fill_flags=0),
        **pending(OrderType.BUY_STOP, 1.09, type_filling=int(filling), type_time=1),
    )
    assert checked.retcode is None
    assert (checked.request.type_filling, checked.request.type_time) == (2, 0)


def test_limit_orders_on_exchanges_need_the_flag_of_their_filling() -> None:
    of = executed(ExecutionMode.EXCHANGE, fill_flags=int(FillFlags.IOC))
    limit = pending(OrderType.BUY_LIMIT, 1.05)
    assert code(of, **limit, type_filling=1) is None
    assert code(of, **limit, type_filling=0) == Retcode.INVALID_FILL


def test_less_than_the_minimum_will_do_to_close_but_not_off_the_step() -> None:
    held = buy(pair("EURUSD"), 0.03, 1.08)
    of = pair("EURUSD", volume_min=volume(1.0))
    closing: dict[str, Any] = {
        "positions": (held,),
        "position": held.position_id,
        "type": 1,
    }
    assert code(of, **closing, volume=volume(0.03)) is None
    off_step = code(of, **closing, volume=volume(0.025))
    assert off_step == Retcode.INVALID_VOLUME


def test_without_a_step_any_volume_will_do() -> None:
    assert code(pair("EURUSD", volume_step=0), volume=volume(0.123456)) is None


@pytest.mark.parametrize(
    ("mode", "side", "retcode"),
    [
        (TradeMode.LONG_ONLY, Side.BUY, None),
        (TradeMode.LONG_ONLY, Side.SELL, Retcode.LONG_ONLY),
        (TradeMode.SHORT_ONLY, Side.SELL, None),
        (TradeMode.SHORT_ONLY, Side.BUY, Retcode.SHORT_ONLY),
        (TradeMode.CLOSE_ONLY, Side.BUY, Retcode.CLOSE_ONLY),
        (TradeMode.FULL, Side.SELL, None),
    ],
)
def test_the_trade_mode_says_what_may_be_opened(
    mode: TradeMode, side: Side, retcode: Retcode | None
) -> None:
    assert code(pair("EURUSD", trade_mode=int(mode)), type=int(side)) == retcode


def test_collateral_is_not_traded() -> None:
    of = symbol("COLL", CalcMode.SERV_COLLATERAL)
    assert code(of, quotes={"COLL": Quote(1.0, 1.0)}) == Retcode.TRADE_DISABLED


def test_without_a_price_levels_are_not_looked_at() -> None:
    assert code(sl=5.0, tp=0.1) is None


def test_levels_that_the_position_has_already_may_stay() -> None:
    of = pair("EURUSD", stops_level=100)
    held = buy(of, 1, 1.08, sl=1.08499)
    adding: dict[str, Any] = {"positions": (held,), "netting": True, "price_order": ASK}
    assert code(of, **adding, sl=1.08499) is None
    assert code(of, **adding, sl=1.08498) == Retcode.INVALID_STOPS


def test_levels_of_what_is_closed_do_not_count() -> None:
    of = pair("EURUSD", stops_level=100)
    held = sell(of, 1, 1.08, sl=1.08511)
    closing: dict[str, Any] = {"positions": (held,), "netting": True}
    wrong = code(of, **closing, price_order=ASK, sl=1.08511)
    assert wrong == Retcode.INVALID_STOPS


def test_an_order_may_stay_where_the_market_has_come_to() -> None:
    near = order(pair("EURUSD"), OrderType.BUY_LIMIT, 1, 1.08505, sl=1.08)
    of = pair("EURUSD", stops_level=100)
    scene: dict[str, Any] = {"orders": (near,), "action": 7, "order": near.order}
    assert code(of, **scene, price_order=1.08505, sl=1.079) is None
    assert code(of, **scene, price_order=1.08504) == Retcode.INVALID_PRICE


def test_an_expiry_alone_is_a_change() -> None:
    old = order(
        pair("EURUSD"),
        OrderType.BUY_LIMIT,
        1,
        1.05,
        type_time=2,
        time_expiration=2_000_000_000,
    )
    scene: dict[str, Any] = {
        "orders": (old,),
        "action": 7,
        "order": old.order,
        "price_order": 1.05,
        "type_time": 2,
    }
    assert code(**scene, time_expiration=2_000_000_000) == Retcode.NO_CHANGES
    assert code(**scene, time_expiration=2_000_000_001) is None


@pytest.mark.parametrize("state", OrderState)
def test_only_working_orders_are_changed_or_deleted(state: OrderState) -> None:
    placed = order(pair("EURUSD"), OrderType.BUY_LIMIT, 1, 1.05, state=int(state))
    working = state in (OrderState.PLACED, OrderState.PARTIAL)
    expected = None if working else Retcode.INVALID
    scene: dict[str, Any] = {"orders": (placed,), "order": placed.order}
    assert code(**scene, action=7, price_order=1.051) == expected
    assert code(**scene, action=8) == expected


def test_market_orders_can_be_deleted_on_exchanges_only() -> None:
    waiting = order(pair("EURUSD"), OrderType.BUY, 1, 1.08)
    scene: dict[str, Any] = {"orders": (waiting,), "order": waiting.order, "action": 8}
    assert code(executed(ExecutionMode.EXCHANGE), **scene) is None
    assert code(executed(ExecutionMode.MARKET), **scene) == Retcode.INVALID


def closing_by(**scene: Any) -> Retcode | None:
    first, second = buy(pair("EURUSD"), 1, 1.08), sell(pair("EURUSD"), 2, 1.09)
    return code(
        positions=(first, second),
        action=int(TradeAction.CLOSE_BY),
        position=first.position_id,
        position_by=scene.pop("by", second.position_id),
        **scene,
    )


def test_opposite_positions_close_each_other_where_that_is_allowed() -> None:
    without = int(~OrderFlags.CLOSE_BY & 127)
    assert closing_by() is None
    assert closing_by(netting=True) == Retcode.INVALID
    assert closing_by(by=0) == Retcode.INVALID
    barred = closing_by(of=pair("EURUSD", order_flags=without))
    assert barred == Retcode.INVALID_ORDER
    disabled = pair("EURUSD", trade_mode=int(TradeMode.DISABLED))
    assert closing_by(of=disabled) == Retcode.TRADE_DISABLED


def test_two_positions_of_one_side_do_not_close_each_other() -> None:
    first, second = buy(pair("EURUSD"), 1, 1.08), buy(pair("EURUSD"), 2, 1.09)
    retcode = code(
        positions=(first, second),
        action=int(TradeAction.CLOSE_BY),
        position=first.position_id,
        position_by=second.position_id,
    )
    assert retcode == Retcode.INVALID


def test_a_sell_at_a_negative_price_is_one_where_prices_may_be_negative() -> None:
    oil = symbol("OIL", CalcMode.CFD, ticks_flags=8)
    quotes = {"OIL": Quote(-2.0, -1.9)}
    scene: dict[str, Any] = {"price_order": -2.0, "quotes": quotes}
    assert code(oil, **scene, type=1) is None
    assert code(oil, **scene, type=0) is None
    plain = oil._replace(ticks_flags=0)
    assert code(plain, **scene, type=1) == Retcode.INVALID_PRICE


def test_limits_of_the_session_bound_limit_orders_only() -> None:
    of = pair("EURUSD", price_limit_min=1.06, price_limit_max=1.10)
    assert code(of, **pending(OrderType.BUY_LIMIT, 1.06)) is None
    assert code(of, **pending(OrderType.BUY_LIMIT, 1.05)) == Retcode.INVALID_PRICE
    assert code(of, **pending(OrderType.SELL_LIMIT, 1.11)) == Retcode.INVALID_PRICE
    assert code(of, **pending(OrderType.BUY_STOP, 1.11)) is None


def test_prices_are_asked_for_where_a_dealer_answers() -> None:
    of = executed(ExecutionMode.INSTANT, instant_volume=volume(0.5))
    assert code(of, action=0) is None
    assert code(of, action=0, volume=volume(0.5)) == Retcode.INVALID
    assert code(executed(ExecutionMode.REQUEST), action=0) is None
    assert code(executed(ExecutionMode.MARKET), action=0) == Retcode.INVALID


def test_a_transfer_is_not_tested_and_what_is_unknown_is_refused() -> None:
    assert code(action=int(TradeAction.TRANSFER)) is None
    assert code(action=77) == Retcode.INVALID


def test_a_refused_request_keeps_the_repairs_before_the_refusal() -> None:
    checked = check(executed(ExecutionMode.INSTANT), action=3, volume=0, type_filling=1)
    assert checked.retcode == Retcode.INVALID_VOLUME
    assert (checked.request.action, checked.request.type_filling) == (2, 0)


@given(st.integers(1, 10**6), st.sampled_from((0.00001, 0.0005, 0.25)))
def test_every_multiple_of_the_tick_is_a_price(ticks: int, tick: float) -> None:
    of = pair("EURUSD", tick_size=tick)
    assert price_valid(of, ticks * tick)


@given(st.floats())
def test_any_number_is_a_price_or_none(price: float) -> None:
    of = pair("EURUSD", tick_size=0.00001)
    assert price_valid(of, price) in (True, False)


@given(
    st.integers(0, 300),
    st.sampled_from(tuple(OrderType)[2:6]),
    st.integers(-400, 400),
)
def test_a_pending_price_keeps_the_distance_on_its_side(
    level: int, kind: OrderType, points: int
) -> None:
    of = pair("EURUSD", stops_level=level)
    buying = kind in (OrderType.BUY_LIMIT, OrderType.BUY_STOP)
    below = kind in (OrderType.BUY_LIMIT, OrderType.SELL_STOP)
    price = round((ASK if buying else BID) + points / 1e5, 5)
    kept = -points >= level if below else points >= level
    expected = None if kept else Retcode.INVALID_PRICE
    assert code(of, **pending(kind, price)) == expected
