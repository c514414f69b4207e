"""Netting accounts: one position a symbol."""

from __future__ import annotations

import pytest

from mt5web_async.enums import DealEntry, OrderType, Retcode, Side

from .house import MIDNIGHT, NOW, STD, House, eurusd, netting, vol


def grown() -> House:
    """A long position of 3.00, bought at two prices."""
    house = netting()
    house.buy(1.00)
    house.ask(1.10110)
    house.buy(2.00)
    return house


def test_a_second_buy_makes_the_position_larger_at_the_mean_price() -> None:
    house = netting()
    house.buy(1.00)
    house.ask(1.10110)
    said = house.buy(2.00)  # case 55
    assert said.story == STD
    held = house.the_position
    assert (held.position_id, held.volume) == (1001, vol(3))
    assert held.price_open == 1.10076667
    assert house.figures.margin == 3302.30
    entries = [(one.entry, one.position_id) for one in house.history[0][1:]]
    assert entries == [(DealEntry.IN, 1001)] * 2
    assert (said.last_order.order, said.last_order.position_id) == (1002, 1001)


def test_the_result_of_a_mean_price_is_exact() -> None:
    house = grown()
    house.bid(1.10200)
    assert house.figures.floating == 370.00  # case 56


def test_selling_less_reduces_the_position() -> None:
    house = grown()
    house.bid(1.10200)
    deal = house.sell(1.00).deal  # case 57
    assert (deal.deal, deal.entry, deal.profit) == (503, DealEntry.OUT, 123.33)
    held = house.the_position
    assert (held.position_id, held.volume) == (1001, vol(2))
    assert held.price_open == 1.10076667
    assert house.balance == 10123.33


def reversed_house() -> House:
    house = grown()
    house.bid(1.10200)
    house.sell(1.00)
    return house


def test_selling_more_turns_the_position_round() -> None:
    house = reversed_house()
    said = house.sell(5.00)  # case 58
    deal = said.deal
    assert (deal.deal, deal.entry, deal.volume) == (504, DealEntry.INOUT, vol(5))
    assert (deal.profit, deal.position_id) == (246.67, 1001)
    assert house.balance == 10370.00
    held = house.the_position
    assert (held.position_id, held.expert_position_id) == (1004, 1001)
    assert (held.action, held.volume, held.price_open) == (Side.SELL, vol(3), 1.102)
    assert house.figures.margin == 3306.00
    (push,) = said.deal_pushes
    assert push.group.transaction.position.position_id == 1004
    (old,) = push.group.positions
    assert (old.position_id, old.volume) == (1001, 0)


def test_a_turned_position_is_closed_under_its_old_identifier() -> None:
    house = reversed_house()
    house.sell(5.00)
    house.ask(1.10210)
    said = house.buy(3.00)  # case 59
    deal = said.deal
    assert (deal.deal, deal.entry, deal.profit) == (505, DealEntry.OUT, -30.00)
    assert deal.position_id == 1001
    assert (said.position.position_id, said.position.volume) == (1004, 0)
    assert house.balance == 10340.00


def test_adding_without_levels_takes_the_levels_away() -> None:
    house = netting()
    house.buy(1.00, sl=1.09, tp=1.12)
    house.buy(1.00)  # case 60
    assert (house.the_position.sl, house.the_position.tp) == (0.0, 0.0)


def test_reducing_keeps_the_levels() -> None:
    house = netting()
    house.buy(1.00, sl=1.09, tp=1.12)
    house.sell(0.40)  # case 61
    held = house.the_position
    assert (held.volume, held.sl, held.tp) == (vol(0.6), 1.09, 1.12)


def test_there_is_no_close_by_on_netting_accounts() -> None:
    house = netting()
    house.buy(1.00)
    assert house.close_by(1001, 1002).retcode == Retcode.INVALID  # case 62


def test_a_pending_order_reduces_the_position_too() -> None:
    house = netting()
    house.buy(3.00)
    house.place(OrderType.SELL_LIMIT, 1.00, 1.10300)
    said = house.bid(1.10300)  # case 63
    assert said.deal.entry == DealEntry.OUT
    assert said.last_order.position_id == 1001
    assert house.the_position.volume == vol(2)


def test_a_position_that_is_added_to_keeps_its_birthday() -> None:
    house = netting()
    house.buy(1.00, comment="first")
    house.wait(60)
    house.buy(1.00, comment="second")
    held = house.the_position
    assert (held.time_create, held.time_update) == (NOW, NOW + 60)
    assert (held.comment, held.order) == ("second", 1001)


def test_an_opposite_deal_that_lowers_the_margin_needs_no_money() -> None:
    house = netting(balance=1200.0)
    house.buy(1.00)
    house.bid(1.09500)
    assert house.figures.margin_free < 0
    assert house.sell(2.50).retcode == Retcode.NO_MONEY
    assert house.sell(0.50).retcode == Retcode.DONE


@pytest.mark.parametrize(("lots", "retcode"), [(7, 10009), (7.01, 10034)])
def test_only_what_is_opened_counts_for_the_volume_limit(
    lots: float, retcode: int
) -> None:
    house = netting(eurusd(volume_limit=vol(5)), balance=100_000.0)
    house.buy(2.00)
    assert house.sell(lots).retcode == retcode


def test_swap_moves_with_the_volume_that_is_closed() -> None:
    house = netting(eurusd(swap_mode=4, swap_long=-5.0, swap_short=-5.0))
    house.buy(1.00)
    house.wait_until(MIDNIGHT)
    assert house.sell(0.30).deal.storage == -1.50
    assert house.the_position.storage == -3.50
    assert house.sell(1.00).deal.storage == -3.50
    assert house.the_position.storage == 0.0
