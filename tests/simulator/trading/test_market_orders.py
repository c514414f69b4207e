"""Deals: market orders in request, instant and market execution."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mt5web_async.enums import (
    CalcMode,
    DealEntry,
    ExecutionMode,
    Filling,
    OrderState,
    OrderType,
    Reason,
    Retcode,
    Side,
    TicksFlags,
    TradeAction,
    TradeMode,
    TypeFlags,
)
from mt5web_async.simulator.market.quotes import RawQuote
from mt5web_async.simulator.switches import Switches

from .house import EURUSD, STD, House, eurusd, moment, netting, vol

INSTANT = eurusd(execution_mode=ExecutionMode.INSTANT)
REQUEST = eurusd(execution_mode=ExecutionMode.REQUEST)
DEPTH = Switches(book_depth=True)


def test_a_buy_is_dealt_at_the_ask_and_opens_a_position() -> None:
    house = House()
    said = house.buy(1.00)  # case 1
    assert said.story == STD
    order, deal, held = said.last_order, said.deal, house.the_position
    assert (order.order, order.type, order.state) == (1001, 0, OrderState.FILLED)
    assert (order.volume_initial, order.volume_current) == (vol(1), 0)
    assert (deal.deal, deal.entry, deal.volume) == (501, DealEntry.IN, vol(1))
    assert (deal.price_open, deal.profit) == (1.10010, 0.0)
    assert (held.position_id, held.action, held.volume) == (1001, Side.BUY, vol(1))
    assert held.price_open == 1.10010
    answer = said.result.answer
    assert (answer.deal, answer.order, answer.price) == (501, 1001, 1.10010)
    assert (answer.volume, answer.bid, answer.ask) == (vol(1), 1.10000, 1.10010)
    figures = house.figures
    assert (figures.margin, figures.floating) == (1100.10, -10.00)
    assert (figures.equity, figures.margin_free) == (9990.00, 8889.90)
    assert round(figures.margin_level, 2) == 908.10


def test_closing_a_position_books_its_profit() -> None:
    house = House()
    house.buy(1.00)
    house.bid(1.10060)
    said = house.close(1001)  # case 2
    assert said.story == STD
    order, deal = said.last_order, said.deal
    assert (order.order, order.type, order.position_id) == (1002, 1, 1001)
    assert (deal.deal, deal.entry, deal.price_open) == (502, DealEntry.OUT, 1.10060)
    assert (deal.profit, deal.price_close) == (50.00, 1.10010)
    assert said.position.volume == 0
    assert house.balance == 10050.00
    assert house.positions == ()


def test_closing_a_part_keeps_the_rest_at_its_price() -> None:
    house = House()
    house.buy(1.00)
    house.bid(1.10060)
    said = house.close(1001, 0.40)  # case 3
    assert (said.deal.entry, said.deal.volume) == (DealEntry.OUT, vol(0.4))
    assert said.deal.profit == 20.00
    held = house.the_position
    assert (held.position_id, held.volume, held.price_open) == (1001, vol(0.6), 1.1001)
    assert house.balance == 10020.00
    assert house.figures.margin == 660.06


def test_a_short_position_is_opened_at_the_bid_and_closed_at_the_ask() -> None:
    house = House()
    house.sell(0.50)  # case 4
    assert house.the_position.price_open == 1.10000
    house.ask(1.09910)
    said = house.close(1001)
    deal = said.deal
    assert (deal.deal, deal.action, deal.entry) == (502, Side.BUY, DealEntry.OUT)
    assert (deal.price_open, deal.profit) == (1.09910, 45.00)
    assert house.balance == 10045.00


def test_opposite_positions_stand_side_by_side_and_share_margin() -> None:
    house = House()
    house.buy(1.00)  # case 5
    house.sell(1.00)
    assert [held.position_id for held in house.positions] == [1001, 1002]
    assert house.figures.margin == 1100.05


def test_an_instant_order_whose_price_is_gone_is_requoted() -> None:
    house = House(INSTANT)
    house.quote(1.10002, 1.10012)
    said = house.buy(1.00, price_order=1.10010, deviation=1)  # case 6
    assert said.story == "A0 R10004"
    assert (said.result.answer.bid, said.result.answer.ask) == (1.10002, 1.10012)
    assert house.next_tickets == (1001, 501)


def test_a_worse_price_within_the_deviation_is_taken_without_notice() -> None:
    house = House(INSTANT)
    house.quote(1.10002, 1.10012)
    said = house.buy(1.00, price_order=1.10010, deviation=2)  # case 7
    assert said.story == STD
    assert said.deal.price_open == 1.10012
    assert said.last_order.price_order == 1.10010


def test_a_better_price_is_passed_on() -> None:
    house = House(INSTANT)
    house.quote(1.09990, 1.10000)
    assert house.buy(1.00, price_order=1.10010).deal.price_open == 1.10000


def test_a_requote_holds_for_a_while_although_the_market_moves() -> None:
    house = House(INSTANT)
    house.quote(1.10002, 1.10012)
    house.buy(1.00, price_order=1.10010, deviation=1)
    house.wait(3)
    house.quote(1.10005, 1.10015)
    said = house.buy(1.00, price_order=1.10012)  # case 8
    assert said.story == STD
    assert said.deal.price_open == 1.10012


def test_an_old_requote_is_requoted_again() -> None:
    house = House(INSTANT)
    house.quote(1.10002, 1.10012)
    house.buy(1.00, price_order=1.10010, deviation=1)
    house.wait(30)
    house.quote(1.10005, 1.10015)
    said = house.buy(1.00, price_order=1.10012)  # case 9
    assert said.story == "A0 R10004"
    assert (said.result.answer.bid, said.result.answer.ask) == (1.10005, 1.10015)


def test_a_requote_is_good_for_one_deal() -> None:
    house = House(INSTANT)
    house.quote(1.10002, 1.10012)
    house.buy(1.00, price_order=1.10010, deviation=1)
    house.quote(1.10005, 1.10015)
    assert house.buy(1.00, price_order=1.10012).retcode == Retcode.DONE
    assert house.buy(1.00, price_order=1.10012).retcode == Retcode.REQUOTE


def test_the_symbol_bounds_what_an_instant_order_may_lose_or_gain() -> None:
    house = House(
        eurusd(
            execution_mode=ExecutionMode.INSTANT,
            instant_slip_losing=2,
            instant_slip_profit=3,
        )
    )
    lost = house.buy(1.00, price_order=1.10007, deviation=10)
    assert lost.retcode == Retcode.REQUOTE
    house.wait(60)
    assert house.buy(1.00, price_order=1.10020).deal.price_open == 1.10017


@pytest.mark.parametrize(
    ("bottom", "top", "retcode"),
    [
        (1.10005, 1.10010, Retcode.DONE),
        (0.0, 1.10009, Retcode.REQUOTE),
        (1.10011, 0.0, Retcode.REQUOTE),
    ],
)
def test_bounds_take_the_place_of_the_deviation(
    bottom: float, top: float, retcode: int
) -> None:
    house = House(INSTANT)
    said = house.buy(1.00, price_order=1.10050, price_bottom=bottom, price_top=top)
    assert said.retcode == retcode


def test_prices_are_asked_for_and_then_dealt_at() -> None:
    house = House(REQUEST)
    asked = house.ask_for(TradeAction.PRICES, lots=1.00, type=OrderType.BUY)  # case 10
    assert asked.story == "A0 R10005"
    answer = asked.result.answer
    assert (answer.bid, answer.ask, answer.price) == (1.10000, 1.10010, 1.10010)
    house.quote(1.10020, 1.10030)
    said = house.buy(1.00, price_order=1.10010)
    assert said.story == STD
    assert said.deal.price_open == 1.10010


def test_a_price_answered_too_long_ago_is_requoted() -> None:
    house = House(eurusd(execution_mode=ExecutionMode.REQUEST, request_timeout=5))
    house.ask_for(TradeAction.PRICES, lots=1.00, type=OrderType.BUY)
    house.wait(5.001)
    house.quote(1.10020, 1.10030)
    said = house.buy(1.00, price_order=1.10010)
    assert said.story == "A0 R10004"
    assert said.result.answer.ask == 1.10030


def test_large_instant_orders_go_by_request() -> None:
    house = House(eurusd(execution_mode=ExecutionMode.INSTANT, instant_volume=vol(5)))
    assert house.buy(5.01, price_order=1.1001).retcode == Retcode.INVALID
    small = house.ask_for(TradeAction.PRICES, lots=5.00, type=OrderType.BUY)
    assert small.retcode == Retcode.INVALID
    large = house.ask_for(TradeAction.PRICES, lots=5.01, type=OrderType.BUY)
    assert large.retcode == Retcode.PRICES
    by_request = house.ask_for(
        TradeAction.REQUEST, lots=5.01, type=OrderType.BUY, price_order=1.1001
    )
    assert by_request.story == STD


@pytest.mark.parametrize("action", [TradeAction.REQUEST, TradeAction.INSTANT])
def test_a_symbol_is_dealt_only_in_its_own_way(action: TradeAction) -> None:
    house = House()
    said = house.ask_for(action, lots=1.00, type=OrderType.BUY, price_order=1.1001)
    assert said.retcode == Retcode.INVALID


def test_levels_of_the_book_are_dealt_one_by_one() -> None:
    house = House(switches=DEPTH)
    house.depth((1.10010, 0.60), (1.10015, 0.40))
    said = house.buy(1.00)  # case 11
    assert said.story == "A0 O+0 D+ D+ O-4 H+4 R10009"
    assert [deal.deal for deal in said.deals] == [501, 502]
    assert {deal.order for deal in said.deals} == {1001}
    held = house.the_position
    assert (held.position_id, held.volume, held.price_open) == (1001, vol(1), 1.10012)
    answer = said.result.answer
    assert (answer.price, answer.volume, answer.deal) == (1.10012, vol(1), 502)


def test_a_whole_order_is_refused_when_the_book_is_too_thin() -> None:
    house = House(switches=DEPTH)
    house.depth((1.10010, 0.60))
    said = house.buy(1.00)  # case 12
    assert said.story == "A0 O+0 O-5 H+5 R10006"
    assert said.last_order.volume_current == vol(1)
    assert said.result.answer.comment == "Request rejected"
    assert house.positions == ()


def test_an_immediate_order_takes_what_is_there_and_drops_the_rest() -> None:
    house = House(switches=DEPTH)
    house.depth((1.10010, 0.60))
    said = house.buy(1.00, type_filling=Filling.IOC)  # case 13
    assert said.story == "A0 O+0 D+ O-3 H+3 R10010"
    assert (said.deal.deal, said.deal.volume) == (501, vol(0.6))
    assert said.last_order.volume_current == vol(0.4)
    assert said.result.answer.volume == vol(0.6)


def test_what_was_dealt_is_no_longer_in_the_book() -> None:
    house = House(switches=DEPTH)
    house.depth((1.10010, 0.60), (1.10015, 0.40))
    house.buy(0.50)
    assert house.buy(0.50).result.answer.price == 1.10014


def test_an_immediate_order_that_finds_nothing_is_refused() -> None:
    house = House(switches=DEPTH)
    house.depth()
    said = house.buy(1.00, type_filling=Filling.IOC)
    assert said.story == "A0 O+0 O-5 H+5 R10006"


def test_an_order_that_the_money_does_not_carry_never_exists() -> None:
    house = House(balance=1000.00)
    said = house.buy(1.00)  # case 14
    assert said.story == "A0 R10019"
    assert (said.result.answer.deal, said.result.answer.order) == (0, 0)


@settings(max_examples=40, deadline=None)
@given(
    cents=st.integers(1_000, 500_000),
    wanted=st.lists(st.integers(1, 150), min_size=1, max_size=6),
)
def test_a_deal_is_made_exactly_when_its_margin_is_there(
    cents: int, wanted: list[int]
) -> None:
    house, held = House(balance=cents / 100), 0  # hundredths of lots
    for more in wanted:
        # 1100.10 a lot; what is held has lost its spread, 10.00 a lot
        margin = round((held + more) * 11.0010 + 1e-9, 2)
        carried = round(cents / 100 - held * 0.10 - margin, 2) >= 0
        retcode = house.buy(more / 100).retcode
        assert retcode == (Retcode.DONE if carried else Retcode.NO_MONEY)
        held += more if carried else 0


@pytest.mark.parametrize("lots", [0.005, 100.01, 0.015, 0.0])
def test_a_volume_off_the_symbols_bounds_is_refused(lots: float) -> None:
    assert House().buy(lots).retcode == Retcode.INVALID_VOLUME  # case 15


def test_a_stop_loss_above_the_bid_is_refused_without_a_price_too() -> None:
    assert House().buy(1.00, sl=1.10001).retcode == Retcode.INVALID_STOPS  # case 16


@pytest.mark.parametrize(
    ("sl", "retcode"), [(1.09981, Retcode.INVALID_STOPS), (1.09980, Retcode.DONE)]
)
def test_levels_keep_away_from_the_market(sl: float, retcode: int) -> None:
    house = House(eurusd(stops_level=20))
    assert house.buy(1.00, sl=sl).retcode == retcode  # case 17


def test_more_than_the_position_cannot_be_closed() -> None:
    house = House()
    house.buy(1.00)
    said = house.sell(1.20, position=1001)  # case 18
    assert said.retcode == Retcode.INVALID_CLOSE_VOLUME
    assert house.the_position.volume == vol(1)


def test_a_position_that_is_gone_cannot_be_closed() -> None:
    said = House().sell(1.00, position=9999)  # case 19
    assert said.retcode == Retcode.POSITION_CLOSED


def test_a_position_is_not_closed_by_its_own_side() -> None:
    house = House()
    house.buy(1.00)
    assert house.buy(1.00, position=1001).retcode == Retcode.INVALID


def test_less_than_the_minimum_can_be_closed() -> None:
    house = House(eurusd(volume_min=vol(0.5)))
    house.buy(0.60)
    assert house.buy(0.40).retcode == Retcode.INVALID_VOLUME
    assert house.close(1001, 0.20).retcode == Retcode.DONE


def test_comments_are_cut_to_what_their_field_holds() -> None:
    house = House()
    said = house.buy(1.00, comment="x" * 40)  # case 20
    cut = "x" * 31
    assert (said.last_order.comment, said.deal.comment) == (cut, cut)
    assert house.the_position.comment == cut


def test_a_closing_deal_carries_its_own_comment() -> None:
    house = House()
    house.buy(1.00, comment="in")
    assert house.close(1001, 0.5).deal.comment == ""
    assert house.close(1001, comment="out").deal.comment == "out"


def test_a_symbol_for_longs_only_still_lets_longs_be_closed() -> None:
    house = House(eurusd(trade_mode=TradeMode.LONG_ONLY))
    house.buy(1.00)
    assert house.sell(1.00).retcode == Retcode.LONG_ONLY  # case 21
    assert house.close(1001).story == STD


def test_a_symbol_for_shorts_only_refuses_to_buy() -> None:
    house = House(eurusd(trade_mode=TradeMode.SHORT_ONLY))
    assert house.buy(1.00).retcode == Retcode.SHORT_ONLY


def test_a_symbol_that_is_wound_up_can_only_be_closed() -> None:
    house = House()
    house.buy(1.00)
    house.change_symbol(eurusd(trade_mode=TradeMode.CLOSE_ONLY))
    assert house.buy(1.00).retcode == Retcode.CLOSE_ONLY  # case 22
    assert house.close(1001).story == STD


def test_on_a_saturday_nothing_is_accepted() -> None:
    house = House()
    house.buy(1.00)
    house.place(OrderType.BUY_STOP, 1.00, 1.10200)
    house.wait_until(moment("2026-03-14 12:00"))  # case 23
    said = [
        house.buy(1.00),
        house.close(1001),
        house.place(OrderType.BUY_STOP, 1.00, 1.10300),
        house.modify(1002, 1.10300),
        house.levels(1001, sl=1.09),
        house.remove(1002),
    ]
    assert {one.retcode for one in said} == {Retcode.MARKET_CLOSED}


def test_an_onlooker_trades_nothing() -> None:
    house = House()
    house.buy(1.00)
    house.place(OrderType.BUY_STOP, 1.00, 1.10200)
    before = house.positions, house.orders, house.history
    requests = [
        house.request(TradeAction.MARKET, lots=1.00),
        house.request(TradeAction.SLTP, position=1001, sl=1.09),
        house.request(TradeAction.PENDING, lots=1, type=4, price_order=1.2),
        house.request(TradeAction.MODIFY, order=1002, price_order=1.2),
        house.request(TradeAction.REMOVE, order=1002),
    ]
    for request in requests:
        said = house.send(request, investor=True)  # case 24
        assert said.story == "A0 R10017"
    assert (house.positions, house.orders, house.history) == before


@pytest.mark.parametrize(
    ("flags", "reason"),
    [
        (0, Reason.WEB),
        (TypeFlags.EXPERT, Reason.EXPERT),
        (TypeFlags.SIGNAL, Reason.SIGNAL),
    ],
)
def test_orders_tell_who_sent_them(flags: int, reason: Reason) -> None:
    house = House()
    said = house.buy(1.00, type_flags=flags)
    assert said.last_order.reason == said.deal.reason == reason
    assert house.the_position.reason == reason


def test_a_result_brings_the_request_back_as_it_was_accepted() -> None:
    said = House(INSTANT).buy(1.00, type_filling=Filling.RETURN, price_order=1.10010)
    action = said.result.action
    assert (action.action_id, action.action) == (1000, TradeAction.INSTANT)
    assert (action.type_filling, action.price_order) == (Filling.FOK, 1.10010)


def test_a_symbol_without_prices_is_not_dealt() -> None:
    other = EURUSD._replace(name="EURCHF", symbol_id=102)
    house = House(EURUSD, other)
    said = house.buy(1.00, symbol="EURCHF")
    assert said.story == "A0 R10021"


def test_an_unknown_symbol_is_an_invalid_request() -> None:
    assert House().buy(1.00, symbol="NOPE").story == "A0 R10013"


def test_an_unknown_action_is_answered_at_once() -> None:
    assert House().ask_for(77, lots=1.00).story == "A3"


def test_too_many_requests_of_one_second_are_answered_at_once() -> None:
    house = House(switches=Switches(request_limit=3))
    stories = [house.buy(0.01).story for _ in range(4)]
    assert stories == [STD, STD, STD, "A10024"]
    house.wait(1)
    assert house.buy(0.01).story == STD


def test_an_instant_order_names_its_price() -> None:
    assert House(INSTANT).buy(1.00).retcode == Retcode.INVALID_PRICE


def test_a_position_of_one_symbol_is_not_closed_by_another() -> None:
    house = House(EURUSD, EURUSD._replace(name="EURCHF", symbol_id=102))
    house.quote(1.1, 1.1001, name="EURCHF")
    house.buy(1.00)
    said = house.sell(1.00, symbol="EURCHF", position=1001)
    assert said.retcode == Retcode.INVALID


def test_a_position_may_be_named_without_its_symbol() -> None:
    house = netting()
    house.buy(1.00)
    said = house.send(house.request(6, symbol="", position=1001, sl=1.09))
    assert said.retcode == Retcode.DONE
    assert said.result.action.symbol == "EURUSD"


def test_prices_of_zero_and_below_are_no_prices() -> None:
    house = House()
    assert house.send_tick(RawQuote(0.0, -1.0)).story == ""
    assert house.buy(1.00).deal.price_open == 1.10010


def test_a_symbol_may_have_prices_below_zero() -> None:
    oil = EURUSD._replace(
        name="OIL", ticks_flags=TicksFlags.NEGATIVE_PRICES, calc_mode=CalcMode.CFD
    )
    house = House(oil, balance=1_000_000.0)
    house.quote(-1.10010, -1.10000)
    assert house.buy(1.00).deal.price_open == -1.10000
    house.quote(-1.00000, -0.99990)
    assert house.close(1001).deal.profit == 10_000.00
