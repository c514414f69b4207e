"""Exchange execution: orders that meet a book, in whole, in part or not at all."""

from __future__ import annotations

import pytest

from mt5web_async.enums import (
    ExecutionMode,
    FillFlags,
    Filling,
    MarginMode,
    OrderState,
    OrderType,
    Retcode,
    TradeAction,
)
from mt5web_async.simulator.switches import Switches

from .house import DEALT, EURUSD, STD, House, eurusd, vol

LISTED = eurusd(
    execution_mode=ExecutionMode.EXCHANGE,
    fill_flags=FillFlags.FOK | FillFlags.IOC | FillFlags.BOC,
)
MODES = pytest.mark.parametrize("mode", [MarginMode.HEDGING, MarginMode.NETTING])
RETURN, FOK, IOC, BOC = Filling.RETURN, Filling.FOK, Filling.IOC, Filling.BOC
BUY_LIMIT = OrderType.BUY_LIMIT


def house(mode: MarginMode = MarginMode.HEDGING) -> House:
    """0.60 lots are offered at 1.10010, 0.40 wanted at 1.10000."""
    made = House(LISTED, mode=mode, switches=Switches(book_depth=True))
    made.depth((1.10010, 0.60), bids=[(1.10000, 0.40)])
    return made


def test_an_order_that_the_book_fills_is_done() -> None:
    said = house().buy(0.60, type_filling=RETURN)
    assert said.story == STD
    assert said.last_order.price_order == 0.0


@MODES
def test_the_rest_of_a_market_order_stays_in_the_market(mode: MarginMode) -> None:
    made = house(mode)
    said = made.buy(1.00, type_filling=RETURN)
    assert said.story == "A0 O+0 O~3 D+ R10010"
    order = made.the_order
    assert (order.state, order.volume_current) == (OrderState.PARTIAL, vol(0.4))
    assert (order.type, order.order) == (OrderType.BUY, 1001)
    assert made.the_position.volume == vol(0.6)
    made.depth((1.10030, 1.00))
    more = made.ask(1.10030)
    assert more.story == "D+ O-4 H+4"
    held = made.the_position
    assert (held.position_id, held.volume) == (1001, vol(1))
    assert held.price_open == 1.10018


def test_a_market_order_without_any_offer_waits() -> None:
    made = house()
    made.depth()
    said = made.buy(1.00, type_filling=RETURN)
    assert said.story == "A0 O+0 O~1 R10008"
    assert said.result.answer.order == 1001
    made.depth((1.10010, 1.00))
    assert made.ask(1.10010).story == "D+ O-4 H+4"


def test_the_rest_of_a_market_order_can_be_deleted_but_not_changed() -> None:
    made = house()
    made.buy(1.00, type_filling=RETURN)
    assert made.modify(1001, 1.2).retcode == Retcode.INVALID
    said = made.remove(1001)
    assert said.story == "A0 O-2 H+2 R10009"
    assert said.last_order.volume_current == vol(0.4)


def test_a_position_has_one_closing_order_at_a_time() -> None:
    made = house()
    made.buy(0.60, type_filling=FOK)
    assert made.close(1001, type_filling=RETURN).story == "A0 O+0 O~3 D+ R10010"
    assert made.the_position.volume == vol(0.2)
    again = made.close(1001, type_filling=RETURN)
    assert again.retcode == Retcode.CLOSE_ORDER_EXIST


def test_a_closing_order_ends_with_its_position() -> None:
    made = house()
    made.buy(0.60, type_filling=FOK)
    made.close(1001, type_filling=RETURN)
    made.levels(1001, 1.0990)
    made.depth(bids=[(1.0990, 0.20)])
    assert made.bid(1.0990).story == f"{DEALT} O-2 H+2"
    assert made.positions == ()


def test_a_filling_order_lives_on_beside_its_position() -> None:
    made = house()
    made.place(BUY_LIMIT, 1.00, 1.09900, type_filling=RETURN)
    made.depth((1.09900, 0.30), bids=[(1.09890, 5.00)])
    said = made.ask(1.09900)
    assert said.story == "O~3 D+"
    assert made.the_position.position_id == made.the_order.order == 1001
    made.close(1001, type_filling=FOK)
    made.depth((1.09900, 0.70))
    again = made.ask(1.09900)
    assert again.story == "D+ O-4 H+4"
    held = made.the_position
    assert (held.position_id, held.volume) == (1001, vol(0.7))


def test_a_limit_may_meet_the_market_at_once() -> None:
    made = house()
    said = made.place(BUY_LIMIT, 0.50, 1.10020, type_filling=RETURN)
    assert said.story == "A0 O+1 D+ O-4 H+4 R10009"
    assert said.deal.price_open == 1.10010


def test_a_limit_takes_no_price_that_is_worse() -> None:
    made = house()
    made.depth((1.10010, 0.30), (1.10030, 0.70))
    said = made.place(BUY_LIMIT, 1.00, 1.10020, type_filling=RETURN)
    assert said.story == "A0 O+1 O~3 D+ R10009"
    assert made.the_order.volume_current == vol(0.7)


@pytest.mark.parametrize(
    ("filling", "lots", "story"),
    [
        (FOK, 0.60, "A0 O+1 D+ O-4 H+4 R10009"),
        (FOK, 0.61, "A0 O+0 O-5 H+5 R10006"),
        (IOC, 0.61, "A0 O+1 D+ O-3 H+3 R10009"),
        (BOC, 0.01, "A0 O+0 O-5 H+5 R10006"),
    ],
)
def test_a_limit_at_the_market_keeps_to_its_filling(
    filling: Filling, lots: float, story: str
) -> None:
    said = house().place(BUY_LIMIT, lots, 1.10020, type_filling=filling)
    assert said.story == story


def test_a_book_or_cancel_order_that_meets_nobody_is_booked() -> None:
    said = house().place(BUY_LIMIT, 1.00, 1.09990, type_filling=BOC)
    assert said.story == "A0 O+1 R10009"


def test_an_order_of_the_market_cannot_be_booked() -> None:
    said = house().buy(0.10, type_filling=BOC)
    assert said.story == "A0 O+0 O-5 H+5 R10006"


def test_a_stop_order_always_returns_its_rest() -> None:
    said = house().place(OrderType.BUY_STOP, 1.00, 1.10200, type_filling=FOK)
    assert said.last_order.type_filling == RETURN


@pytest.mark.parametrize("filling", [FOK, IOC, BOC])
def test_a_filling_that_the_symbol_does_not_take_is_refused(filling: Filling) -> None:
    made = House(eurusd(execution_mode=ExecutionMode.EXCHANGE, fill_flags=0))
    assert made.buy(1.00, type_filling=filling).retcode == Retcode.INVALID_FILL
    placed = made.place(BUY_LIMIT, 1.00, 1.09, type_filling=filling)
    assert placed.retcode == Retcode.INVALID_FILL
    assert made.buy(1.00, type_filling=RETURN).story == STD


@pytest.mark.parametrize("filling", [RETURN, BOC])
def test_market_execution_knows_two_fillings(filling: Filling) -> None:
    assert House().buy(1.00, type_filling=filling).retcode == Retcode.INVALID_FILL


def test_a_deal_of_the_exchange_ignores_its_price() -> None:
    made = House(LISTED)
    said = made.ask_for(
        TradeAction.EXCHANGE, lots=1.00, price_order=1.05, type_filling=RETURN
    )
    assert said.deal.price_open == 1.10010
    assert said.last_order.price_order == 0.0


def test_the_fill_price_may_be_shown_in_the_order() -> None:
    made = House(EURUSD, switches=Switches(fill_price_in_order=True))
    assert made.buy(1.00).last_order.price_order == 1.10010


def test_the_dropped_rest_may_have_a_code_of_its_own() -> None:
    code = Retcode.DONE_PARTIAL_CANCELED
    switches = Switches(book_depth=True, partial_retcode=code)
    made = House(LISTED, switches=switches)
    made.depth((1.10010, 0.60))
    assert made.buy(1.00, type_filling=IOC).retcode == code


def test_a_mark_up_shifts_the_prices_of_the_book() -> None:
    made = House(eurusd(spread_diff=10), switches=Switches(book_depth=True))
    made.depth((1.10010, 0.60), (1.10015, 0.40))
    assert [deal.price_open for deal in made.buy(1.00).deals] == [1.10015, 1.1002]


def test_a_closing_order_goes_on_until_its_position_is_gone() -> None:
    made = house()
    made.buy(0.60, type_filling=FOK)
    made.close(1001, type_filling=RETURN)
    made.depth(bids=[(1.10000, 0.50)])
    said = made.bid(1.10000)
    assert said.story == "D+ O-4 H+4"
    assert made.positions == ()


def test_a_position_with_a_closing_order_is_not_closed_by_another() -> None:
    made = house()
    made.buy(0.60, type_filling=FOK)
    made.close(1001, type_filling=RETURN)
    made.depth(bids=[(1.10000, 0.10)])
    made.sell(0.10, type_filling=FOK)
    assert made.close_by(1001, 1003).retcode == Retcode.CLOSE_ORDER_EXIST
    assert made.close_by(1003, 1001).retcode == Retcode.CLOSE_ORDER_EXIST
