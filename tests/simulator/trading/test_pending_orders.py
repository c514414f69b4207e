"""Pending orders: placing, changing, deleting, activation, expiry."""

from __future__ import annotations

import pytest

from mt5web_async.enums import (
    ActivationMode,
    DealEntry,
    ExecutionMode,
    Filling,
    GtcMode,
    OrderState,
    OrderTime,
    OrderType,
    Reason,
    Retcode,
    Side,
    TimeFlags,
    TradeMode,
)
from mt5web_async.simulator.switches import Switches

from .house import EURUSD, GROUP, MIDNIGHT, NOW, House, eurusd, moment, netting, vol

PLACED = "A0 O+1 R10009"
ACTIVATED = "D+ O-4 H+4"
BUY_STOP = OrderType.BUY_STOP
BUY_LIMIT = OrderType.BUY_LIMIT
NAN, INFINITY = float("nan"), float("inf")


def with_buy_stop() -> House:
    """A house with a buy stop of 0.50 at 1.10200, ticket 1001."""
    house = House()
    assert house.place(BUY_STOP, 0.50, 1.10200).story == PLACED
    return house


def test_a_pending_order_is_placed_without_margin() -> None:
    house = House()
    said = house.place(BUY_STOP, 0.50, 1.10200)  # case 26
    assert said.story == PLACED
    answer = said.result.answer
    assert (answer.order, answer.deal, answer.volume) == (1001, 0, vol(0.5))
    order = said.last_order
    assert (order.time_done, order.position_id) == (0, 0)
    assert order.volume_current == order.volume_initial == vol(0.5)
    assert order.price_current == 1.10010
    assert house.figures.margin == 0


def test_a_stop_is_dealt_at_the_market_of_the_tick_that_reaches_it() -> None:
    house = with_buy_stop()
    said = house.quote(1.10220, 1.10230)  # case 27
    assert said.story == ACTIVATED
    deal, order = said.deal, said.last_order
    assert (deal.deal, deal.price_open, deal.volume) == (501, 1.10230, vol(0.5))
    assert (order.order, order.type, order.price_order) == (1001, BUY_STOP, 1.10200)
    assert (order.position_id, order.volume_current) == (1001, 0)
    assert (order.time_done, order.price_current) == (NOW, 1.10230)
    assert house.the_position.position_id == 1001
    assert house.figures.margin == 551.15


def test_a_buy_limit_is_dealt_at_its_own_price() -> None:
    house = House()
    house.place(BUY_LIMIT, 1.00, 1.09900)
    assert house.ask(1.09901).story == ""
    said = house.ask(1.09890)  # case 28
    assert said.deal.price_open == 1.09900
    assert (said.last_order.price_order, said.last_order.price_current) == (
        1.09900,
        1.09890,
    )


def test_a_sell_limit_is_dealt_at_its_own_price() -> None:
    house = House()
    house.place(OrderType.SELL_LIMIT, 1.00, 1.10300)
    said = house.bid(1.10310)  # case 29
    assert (said.deal.action, said.deal.price_open) == (Side.SELL, 1.10300)


def test_a_limit_is_improved_where_the_server_does_so() -> None:
    house = House(switches=Switches(limit_at_market=True))
    house.place(BUY_LIMIT, 1.00, 1.09900)
    assert house.ask(1.09890).deal.price_open == 1.09890


def test_a_sell_stop_is_dealt_at_the_bid_of_the_tick() -> None:
    house = House()
    house.place(OrderType.SELL_STOP, 1.00, 1.09700)
    assert house.bid(1.09680).deal.price_open == 1.09680  # case 30


def test_a_stop_limit_becomes_a_limit_and_then_a_position() -> None:
    house = House()
    house.place(OrderType.BUY_STOP_LIMIT, 1.00, 1.10200, price_trigger=1.10150)
    turned = house.ask(1.10205)  # case 31
    assert turned.story == "O~1"
    order = turned.last_order
    assert (order.order, order.type) == (1001, BUY_LIMIT)
    assert (order.price_order, order.price_trigger) == (1.10150, 0.0)
    said = house.ask(1.10150)
    assert said.story == ACTIVATED
    assert said.deal.price_open == 1.10150
    assert said.last_order.type == BUY_LIMIT


def test_a_sell_stop_limit_mirrors_a_buy_stop_limit() -> None:
    house = House()
    house.place(OrderType.SELL_STOP_LIMIT, 1.00, 1.09800, price_trigger=1.09850)
    assert house.bid(1.09800).last_order.type == OrderType.SELL_LIMIT
    assert house.bid(1.09850).deal.price_open == 1.09850


def test_several_orders_of_one_tick_are_activated_by_ticket() -> None:
    house = House()
    house.place(BUY_STOP, 0.10, 1.10300)
    house.place(BUY_STOP, 0.20, 1.10200)
    said = house.ask(1.10300)
    assert [deal.order for deal in said.deals] == [1001, 1002]


def test_a_limit_on_the_wrong_side_of_the_market_is_refused() -> None:
    house = House()
    said = house.place(BUY_LIMIT, 1.00, 1.10020)  # case 32
    assert said.retcode == Retcode.INVALID_PRICE


@pytest.mark.parametrize(
    ("price", "retcode"), [(1.09991, Retcode.INVALID_PRICE), (1.09990, Retcode.DONE)]
)
def test_a_new_price_keeps_the_stops_level(price: float, retcode: int) -> None:
    house = House(eurusd(stops_level=20))
    assert house.place(BUY_LIMIT, 1.00, price).retcode == retcode  # case 33


@pytest.mark.parametrize(
    ("kind", "price", "trigger"),
    [
        (OrderType.SELL_LIMIT, 1.09990, 0.0),
        (BUY_STOP, 1.10000, 0.0),
        (OrderType.SELL_STOP, 1.10010, 0.0),
        (OrderType.BUY_STOP_LIMIT, 1.10200, 1.10300),
        (OrderType.SELL_STOP_LIMIT, 1.09800, 1.09700),
        (OrderType.BUY_STOP_LIMIT, 1.10200, 0.0),
        (BUY_STOP, 0.0, 0.0),
        (BUY_STOP, -1.0, 0.0),
        (BUY_STOP, 1.1e9, 0.0),
    ],
)
def test_prices_that_cannot_wait_are_refused(
    kind: OrderType, price: float, trigger: float
) -> None:
    said = House().place(kind, 1.00, price, price_trigger=trigger)
    assert said.retcode == Retcode.INVALID_PRICE


def test_prices_off_the_tick_are_refused() -> None:
    house = House(EURUSD._replace(tick_size=0.00005))
    assert house.place(BUY_STOP, 1.00, 1.10201).retcode == Retcode.INVALID_PRICE
    assert house.place(BUY_STOP, 1.00, 1.10205).retcode == Retcode.DONE
    wrong = house.place(BUY_STOP, 1.00, 1.10205, sl=1.09001)
    assert wrong.retcode == Retcode.INVALID_STOPS


def test_limits_keep_within_the_prices_of_the_day() -> None:
    house = House(EURUSD._replace(price_limit_min=1.05, price_limit_max=1.15))
    assert house.place(BUY_LIMIT, 1.00, 1.04999).retcode == Retcode.INVALID_PRICE
    assert house.place(BUY_LIMIT, 1.00, 1.05000).retcode == Retcode.DONE


@pytest.mark.parametrize(
    ("price", "sl", "retcode"),
    [
        (NAN, 0.0, Retcode.INVALID),
        (1.10200, NAN, Retcode.INVALID),
        (INFINITY, 0.0, Retcode.INVALID_PRICE),
        (1.10200, -INFINITY, Retcode.INVALID_STOPS),
    ],
)
def test_what_is_no_number_is_no_request_and_what_has_no_end_no_price(
    price: float, sl: float, retcode: int
) -> None:
    house = House()
    assert house.place(BUY_STOP, 1.00, price, sl=sl).retcode == retcode
    house.place(BUY_STOP, 1.00, 1.10200)
    assert house.modify(1001, price, sl=sl).retcode == retcode


def test_an_order_of_the_day_ends_with_it() -> None:
    house = House()
    placed = house.place(BUY_STOP, 1.00, 1.10200, type_time=OrderTime.DAY)  # case 34
    assert placed.last_order.time_expiration == 1773100800
    assert house.wait_until(MIDNIGHT - 1).story == ""
    said = house.wait(1)
    assert said.story == "O-6 H+6"
    order = said.last_order
    assert (order.time_done, order.volume_current) == (MIDNIGHT, vol(1))
    assert (order.position_id, order.activation_mode) == (0, ActivationMode.EXPIRATION)


def test_an_order_ends_at_its_second_before_a_tick_of_that_second() -> None:
    house = House()
    house.place(  # case 35
        BUY_STOP,
        1.00,
        1.10200,
        type_time=OrderTime.SPECIFIED,
        time_expiration=1773145800,
    )
    house.now = 1773145800_000
    said = house.ask(1.10300)
    assert said.story == "O-6 H+6"
    assert said.last_order.time_done == 1773145800
    assert house.positions == ()


def test_time_that_passes_at_once_ends_orders_at_their_own_seconds() -> None:
    house = House()
    for price, end in ((1.102, NOW + 60), (1.103, NOW + 30)):
        house.place(
            BUY_STOP, 1, price, type_time=OrderTime.SPECIFIED, time_expiration=end
        )
    said = house.wait(3600)
    done = [(order.order, order.time_done) for order in said.orders[::2]]
    assert done == [(1002, NOW + 30), (1001, NOW + 60)]


def test_an_order_lives_through_its_last_day() -> None:
    house = House()
    placed = house.place(  # case 36
        BUY_STOP,
        1.00,
        1.10200,
        type_time=OrderTime.SPECIFIED_DAY,
        time_expiration=moment("2026-03-12 15:00"),
    )
    assert placed.last_order.time_expiration == moment("2026-03-12 15:00")
    assert house.wait_until(1773360000 - 1).story == ""
    said = house.wait(1)
    assert said.story == "O-6 H+6"
    assert said.last_order.time_done == 1773360000


@pytest.mark.parametrize("past", [NOW, NOW - 1, 0])
def test_an_expiry_in_the_past_is_refused(past: int) -> None:
    said = House().place(  # case 37
        BUY_STOP, 1.00, 1.10200, type_time=OrderTime.SPECIFIED, time_expiration=past
    )
    assert said.retcode == Retcode.INVALID_EXPIRATION


def test_an_expiry_that_the_symbol_does_not_know_is_refused() -> None:
    house = House(eurusd(time_flags=TimeFlags.GTC))
    said = house.place(BUY_STOP, 1.00, 1.10200, type_time=OrderTime.DAY)
    assert said.retcode == Retcode.INVALID_EXPIRATION
    assert house.place(BUY_STOP, 1.00, 1.10200).retcode == Retcode.DONE


def test_an_expiry_that_the_group_does_not_grant_is_refused() -> None:
    house = House(trade_flags=int(GROUP) & ~8)
    said = house.place(BUY_STOP, 1.00, 1.10200, type_time=OrderTime.DAY)
    assert said.retcode == Retcode.INVALID_EXPIRATION


def test_prices_and_levels_of_an_order_are_changed() -> None:
    house = with_buy_stop()
    house.wait(5)
    said = house.modify(1001, 1.10250, sl=1.09900)  # case 38
    assert said.story == "A0 O~1 R10009"
    order = said.last_order
    assert (order.price_order, order.sl, order.tp) == (1.10250, 1.09900, 0.0)
    assert (order.time_setup, order.volume_initial) == (NOW, vol(0.5))
    answer = said.result.answer
    assert (answer.order, answer.deal, answer.volume) == (1001, 0, 0)


def test_no_change_is_no_change() -> None:
    house = with_buy_stop()
    assert house.modify(1001, 1.10200).retcode == Retcode.NO_CHANGES  # case 39


def test_an_expiry_is_a_change_and_the_same_expiry_is_none() -> None:
    house = with_buy_stop()
    later = {"type_time": OrderTime.SPECIFIED, "time_expiration": NOW + 3600}
    assert house.modify(1001, 1.10200, **later).retcode == Retcode.DONE
    assert house.modify(1001, 1.10200, **later).retcode == Retcode.NO_CHANGES
    assert house.wait(3600).story == "O-6 H+6"


def test_a_deleted_order_goes_to_the_history() -> None:
    house = with_buy_stop()
    said = house.remove(1001)  # case 40
    assert said.story == "A0 O-2 H+2 R10009"
    order = said.last_order
    assert (order.volume_current, order.position_id) == (vol(0.5), 0)
    assert said.result.answer.order == 1001
    assert house.orders == ()
    assert [one.state for one in house.history[1]] == [OrderState.CANCELED]


@pytest.mark.parametrize("ticket", [0, 4711])
def test_an_order_that_is_not_there_cannot_be_deleted(ticket: int) -> None:
    assert House().remove(ticket).retcode == Retcode.INVALID


def test_an_order_close_to_the_market_is_frozen() -> None:
    house = with_buy_stop()
    house.change_symbol(eurusd(freeze_level=50))
    house.ask(1.10160)  # case 41
    assert house.remove(1001).retcode == Retcode.FROZEN
    assert house.modify(1001, 1.10300).retcode == Retcode.FROZEN
    house.ask(1.10149)
    assert house.remove(1001).retcode == Retcode.DONE


def test_an_order_is_rejected_when_the_money_does_not_carry_it() -> None:
    house = House(balance=1000.00)
    house.place(BUY_STOP, 1.00, 1.10200)
    said = house.ask(1.10200)  # case 42
    assert said.story == "O-5 H+5"
    assert house.positions == ()


def test_levels_of_an_order_become_those_of_its_position() -> None:
    house = House()
    house.place(BUY_STOP, 1.00, 1.10200, sl=1.09900, tp=1.10800)
    said = house.ask(1.10200)  # case 43
    held = house.the_position
    assert (held.sl, held.tp) == (1.09900, 1.10800)
    assert (said.deal.sl, said.deal.tp) == (1.09900, 1.10800)


def test_levels_already_passed_fire_on_the_next_tick() -> None:
    house = House()
    house.place(BUY_STOP, 1.00, 1.10200, sl=1.10190)
    assert house.quote(1.10180, 1.10200).story == ACTIVATED
    assert house.quote(1.10180, 1.10200).story == "O+0 D+ O-4 H+4"
    assert house.positions == ()


def test_an_account_has_only_so_many_pending_orders() -> None:
    house = House(order_limit=2)
    for price in (1.10200, 1.10300):
        house.place(BUY_STOP, 1.00, price)
    said = house.place(BUY_STOP, 1.00, 1.10400)  # case 44
    assert said.retcode == Retcode.LIMIT_ORDERS


def test_one_direction_of_a_symbol_has_a_volume_limit() -> None:
    house = House(eurusd(volume_limit=vol(5)), balance=100_000.0)
    house.buy(3.00)
    accepted = house.place(BUY_LIMIT, 2.00, 1.09900)  # case 45
    assert accepted.retcode == Retcode.DONE
    refused = house.place(BUY_LIMIT, 0.01, 1.09900)
    assert refused.retcode == Retcode.LIMIT_VOLUME
    other = house.place(OrderType.SELL_LIMIT, 5.00, 1.10300)
    assert other.retcode == Retcode.DONE
    assert house.close(1001).retcode == Retcode.DONE


def test_daily_symbols_lose_orders_and_levels_at_midnight() -> None:
    house = House(EURUSD._replace(gtc_mode=GtcMode.DAILY))
    house.buy(1.00, sl=1.09, tp=1.12)
    house.place(BUY_STOP, 1.00, 1.10200)
    said = house.wait_until(MIDNIGHT)  # case 46
    assert said.story == "O-6 H+6 P~"
    assert (said.position.sl, said.position.tp) == (0.0, 0.0)
    assert (house.the_position.sl, house.the_position.tp) == (0.0, 0.0)


def test_other_daily_symbols_lose_their_orders_alone() -> None:
    house = House(EURUSD._replace(gtc_mode=GtcMode.DAILY_NO_STOPS))
    house.buy(1.00, sl=1.09)
    house.place(BUY_STOP, 1.00, 1.10200)
    assert house.wait_until(MIDNIGHT).story == "O-6 H+6"
    assert house.the_position.sl == 1.09


def test_orders_outside_the_session_wait_for_the_next_one() -> None:
    house = with_buy_stop()
    house.wait_until(moment("2026-03-14 12:00"))
    assert house.ask(1.10300).story == ""
    house.wait_until(moment("2026-03-16 00:00"))
    assert house.ask(1.10250).deal.price_open == 1.10250


def test_orders_of_a_symbol_for_longs_only_wait_when_they_would_sell() -> None:
    house = House()
    house.place(OrderType.SELL_STOP, 1.00, 1.09800)
    house.change_symbol(eurusd(trade_mode=TradeMode.LONG_ONLY))
    assert house.bid(1.09700).story == ""
    house.change_symbol(EURUSD)
    assert house.bid(1.09700).story == ACTIVATED


def test_where_longs_alone_are_allowed_a_sell_order_is_refused() -> None:
    house = House(eurusd(trade_mode=TradeMode.LONG_ONLY))
    said = house.place(OrderType.SELL_STOP, 1.00, 1.09800)
    assert said.retcode == Retcode.LONG_ONLY


def test_where_closing_alone_is_allowed_a_netting_order_may_do_it() -> None:
    house = netting()
    house.buy(2.00)
    house.change_symbol(eurusd(trade_mode=TradeMode.CLOSE_ONLY))
    assert house.place(BUY_LIMIT, 1.00, 1.09).retcode == Retcode.CLOSE_ONLY
    assert house.place(OrderType.SELL_LIMIT, 3.00, 1.11).retcode == Retcode.CLOSE_ONLY
    assert house.place(OrderType.SELL_LIMIT, 2.00, 1.11).retcode == Retcode.DONE
    assert house.bid(1.11).deal.entry == DealEntry.OUT


def test_a_pending_order_always_returns_its_rest_to_the_market() -> None:
    said = House().place(BUY_STOP, 1.00, 1.10200, type_filling=Filling.FOK)
    assert said.last_order.type_filling == Filling.RETURN


def test_placed_orders_may_be_answered_as_placed() -> None:
    house = House(switches=Switches(pending_as_placed=True))
    assert house.place(BUY_STOP, 1.00, 1.10200).story == "A0 O+1 R10008"


def test_reason_and_comment_of_an_order_pass_to_its_position() -> None:
    house = House()
    house.place(BUY_STOP, 1.00, 1.10200, comment="mine", type_flags=256)
    house.ask(1.10200)
    held = house.the_position
    assert (held.comment, held.reason) == ("mine", Reason.EXPERT)


def test_orders_that_need_margin_are_refused_without_it() -> None:
    rates = (1.0,) * 8
    house = House(eurusd(margin_rates_initial=rates), balance=1000.0)
    assert house.place(BUY_STOP, 1.00, 1.10200).retcode == Retcode.NO_MONEY
    assert house.place(BUY_STOP, 0.90, 1.10200).retcode == Retcode.DONE


def test_an_order_in_instant_execution_is_placed_like_any_other() -> None:
    house = House(eurusd(execution_mode=ExecutionMode.INSTANT))
    assert house.place(BUY_STOP, 1.00, 1.10200).story == PLACED
    assert house.ask(1.10200).story == ACTIVATED
