"""Stop loss and take profit of positions."""

from __future__ import annotations

from typing import Any

from mt5web_async.enums import CalcMode, GroupFlags, Reason, Retcode, Side
from mt5web_async.protocol.records import FullSymbol, Session
from mt5web_async.simulator.switches import Switches

from .house import (
    DEALT,
    EURUSD,
    GROUP,
    NOW,
    STD,
    House,
    eurusd,
    moment,
    netting,
    schedule,
    vol,
)


def with_levels(symbol: FullSymbol = EURUSD, **details: Any) -> House:
    """A house with a long position, ticket 1001, SL 1.09800 and TP 1.10500."""
    house = House(symbol, **details)
    house.buy(1.00)
    assert house.levels(1001, 1.09800, 1.10500).retcode == Retcode.DONE
    return house


def test_levels_are_given_to_a_position() -> None:
    house = House()
    house.buy(1.00)
    house.wait(5)
    said = house.levels(1001, 1.09800, 1.10500)  # case 47
    assert said.story == "A0 P~ R10009"
    held = said.position
    assert (held.sl, held.tp, held.time_update) == (1.09800, 1.10500, NOW)
    assert said.deals == []
    answer = said.result.answer
    assert (answer.order, answer.deal, answer.volume) == (0, 0, 0)
    assert house.levels(1001, 1.09800, 1.10500).retcode == Retcode.NO_CHANGES


def test_levels_are_taken_away_by_zeros() -> None:
    house = with_levels()
    assert house.levels(1001).retcode == Retcode.DONE
    assert (house.the_position.sl, house.the_position.tp) == (0.0, 0.0)


def test_a_stop_loss_closes_at_the_market_once_it_is_reached() -> None:
    house = with_levels()
    assert house.bid(1.09805).story == ""  # case 48
    said = house.bid(1.09790)
    assert said.story == DEALT
    order, deal = said.last_order, said.deal
    assert (order.reason, order.type, order.position_id) == (Reason.SL, 1, 1001)
    assert (order.price_order, order.price_current) == (1.09800, 1.09790)
    assert (deal.price_open, deal.profit) == (1.09790, -220.00)
    assert (deal.reason, deal.sl, deal.tp) == (Reason.SL, 1.09800, 1.10500)
    assert deal.comment == order.comment == "[sl 1.09800]"
    assert house.balance == 9780.00


def test_a_stop_loss_that_is_met_exactly_closes_there() -> None:
    house = with_levels()
    said = house.bid(1.09800)  # case 49
    assert said.deal.profit == -210.00
    assert house.balance == 9790.00


def test_a_take_profit_closes_at_its_level() -> None:
    house = with_levels()
    deal = house.bid(1.10520).deal  # case 50
    assert (deal.reason, deal.price_open) == (Reason.TP, 1.10500)
    assert (deal.profit, deal.comment) == (490.00, "[tp 1.10500]")
    assert house.balance == 10490.00


def test_a_take_profit_closes_at_the_market_where_servers_do_so() -> None:
    house = with_levels(switches=Switches(tp_at_market=True))
    assert house.bid(1.10520).deal.price_open == 1.10520


def test_the_stop_loss_of_a_short_looks_at_the_ask() -> None:
    house = House()
    house.sell(1.00, sl=1.10300)
    assert house.quote(1.10290, 1.10295).story == ""  # case 51
    deal = house.ask(1.10320).deal
    assert (deal.action, deal.price_open, deal.profit) == (Side.BUY, 1.1032, -320.0)


def test_the_take_profit_of_a_short_is_dealt_at_its_level() -> None:
    house = House()
    house.sell(1.00, tp=1.09500)
    deal = house.ask(1.09490).deal  # case 52
    assert (deal.price_open, deal.profit) == (1.09500, 500.00)


def test_a_position_close_to_its_level_is_frozen() -> None:
    house = with_levels()
    house.change_symbol(eurusd(freeze_level=50))
    house.bid(1.10460)  # case 53
    assert house.levels(1001, 1.09000, 1.10500).retcode == Retcode.FROZEN
    assert house.close(1001).retcode == Retcode.FROZEN
    house.bid(1.10449)
    assert house.close(1001).story == STD


def test_a_level_reached_outside_the_session_waits_for_the_next_one() -> None:
    day = (Session(0, 720),)
    house = with_levels(EURUSD._replace(schedule=schedule(((), *(day,) * 5, ()))))
    house.wait_until(moment("2026-03-10 13:00"))
    assert house.bid(1.09700).story == ""  # case 54
    house.wait_until(moment("2026-03-11 00:00"))
    deal = house.bid(1.09750).deal
    assert (deal.price_open, deal.profit) == (1.09750, -260.00)


def test_a_stop_loss_comes_before_a_take_profit() -> None:
    house = House()
    house.hold(action=0, volume=vol(1), price_open=1.1, sl=1.1010, tp=1.1005)
    assert house.history[0][-1].reason == Reason.SL


def test_levels_of_a_position_that_is_gone_cannot_be_set() -> None:
    house = House()
    assert house.levels(4711, 1.09).retcode == Retcode.POSITION_CLOSED
    unnamed = house.send(house.request(6, symbol="", position=4711, sl=1.09))
    assert unnamed.retcode == Retcode.POSITION_CLOSED
    assert house.levels(0, 1.09).retcode == Retcode.INVALID


def test_levels_of_a_netting_position_are_set_by_symbol() -> None:
    house = netting()
    house.buy(1.00)
    assert house.levels(0, 1.09000).retcode == Retcode.DONE
    assert house.the_position.sl == 1.09000


def test_levels_on_the_wrong_side_are_refused() -> None:
    house = House()
    house.buy(1.00)
    assert house.levels(1001, 1.10001).retcode == Retcode.INVALID_STOPS
    assert house.levels(1001, 0.0, 1.09999).retcode == Retcode.INVALID_STOPS
    assert house.levels(1001, -1.0).retcode == Retcode.INVALID_STOPS


def test_a_level_that_stays_is_not_looked_at_again() -> None:
    house = with_levels()
    house.change_symbol(eurusd(stops_level=300))
    assert house.levels(1001, 1.09800, 1.11).retcode == Retcode.DONE
    assert house.levels(1001, 1.09810, 1.11).retcode == Retcode.INVALID_STOPS


def test_fifo_accounts_give_all_positions_of_a_side_the_same_levels() -> None:
    house = House(trade_flags=int(GROUP | GroupFlags.FIFO_CLOSE))
    house.buy(1.00)
    house.buy(1.00)
    house.sell(1.00)
    assert house.levels(1001, 1.09000).story == "A0 P~ P~ R10009"
    assert [held.sl for held in house.positions] == [1.09, 1.09, 0.0]


def test_levels_that_find_too_little_volume_are_tried_again() -> None:
    house = with_levels(switches=Switches(book_depth=True))
    house.depth(bids=[(1.09790, 0.40)])
    assert house.bid(1.09790).story == ""
    house.depth(bids=[(1.09780, 1.00)])
    assert house.bid(1.09780).deal.price_open == 1.09780


def test_symbols_priced_by_deals_are_stopped_by_the_last_price() -> None:
    stock = EURUSD._replace(calc_mode=CalcMode.EXCH_STOCKS)
    house = House(stock)
    house.quote(last=1.10005)
    house.buy(0.10)
    house.levels(1001, 1.09800)
    assert house.quote(1.09700, 1.09710).story == ""
    assert house.quote(last=1.09790).deal.price_open == 1.09700
