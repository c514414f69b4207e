"""Closing a position by an opposite one."""

from __future__ import annotations

from mt5web_async.enums import DealEntry, OrderFlags, OrderType, Retcode, Side
from mt5web_async.simulator.switches import Switches

from .house import EURUSD, STD, House, eurusd, vol


def hedged(
    sold: float = 1.10100, lots: float = 0.40, switches: Switches | None = None
) -> House:
    """Long 1.00 at 1.10010 (1001) and short at another price (1002)."""
    house = House(switches=switches)
    house.buy(1.00)
    house.bid(sold)
    house.sell(lots)
    return house


def test_the_first_position_gets_the_whole_profit() -> None:
    house = hedged()
    said = house.close_by(1001, 1002)  # case 64
    assert said.story == STD
    order = said.last_order
    assert (order.order, order.type) == (1003, OrderType.CLOSE_BY)
    assert (order.volume_initial, order.position_id) == (vol(0.4), 1001)
    assert order.comment == "close #1001 by #1002"
    first, second = said.deals
    assert (first.deal, first.action, first.entry) == (503, Side.SELL, DealEntry.OUT_BY)
    assert (first.volume, first.price_open) == (vol(0.4), 1.10100)
    assert (first.position_id, first.profit) == (1001, 36.00)
    assert (second.deal, second.action, second.entry) == (504, 0, DealEntry.OUT_BY)
    assert (second.volume, second.price_open) == (vol(0.4), 1.10010)
    assert (second.position_id, second.profit) == (1002, 0.00)
    assert {first.comment, second.comment} == {"#1001 by #1002"}
    held = house.the_position
    assert (held.position_id, held.volume, held.price_open) == (1001, vol(0.6), 1.1001)
    assert house.balance == 10036.00
    answer = said.result.answer
    assert (answer.deal, answer.order, answer.price) == (503, 1003, 1.10100)
    assert answer.volume == vol(0.4)


def test_one_push_tells_of_both_deals() -> None:
    said = hedged().close_by(1001, 1002)
    (push,) = said.deal_pushes
    assert push.group.transaction.deal.deal == 503
    assert [deal.deal for deal in push.group.deals] == [504]
    assert push.group.transaction.position.position_id == 1001
    gone = [(one.position_id, one.volume) for one in push.group.positions]
    assert gone == [(1002, 0)]


def test_two_pushes_tell_of_them_where_servers_do_so() -> None:
    house = hedged(switches=Switches(close_by_in_two=True))
    said = house.close_by(1001, 1002)
    assert said.story == "A0 O+0 D+ D+ O-4 H+4 R10009"
    assert [deal.deal for deal in said.deals] == [503, 504]


def test_either_position_may_be_the_first() -> None:
    house = hedged()
    said = house.close_by(1002, 1001)  # case 65
    first, second = said.deals
    assert (first.action, first.price_open) == (Side.BUY, 1.10010)
    assert (first.position_id, first.profit) == (1002, 36.00)
    assert (second.action, second.price_open) == (Side.SELL, 1.10100)
    assert (second.position_id, second.profit) == (1001, 0.00)
    assert house.balance == 10036.00


def test_equal_volumes_close_both_positions() -> None:
    house = hedged(sold=1.09950, lots=1.00)
    said = house.close_by(1001, 1002)  # case 66
    assert sum(deal.profit for deal in said.deals) == -60.00
    assert house.positions == ()
    assert house.balance == 9940.00


def test_positions_of_one_side_do_not_close_each_other() -> None:
    house = House()
    house.buy(1.00)
    house.buy(1.00)
    assert house.close_by(1001, 1002).retcode == Retcode.INVALID  # case 67
    assert house.close_by(1001, 1001).retcode == Retcode.INVALID
    assert house.close_by(1001, 4711).retcode == Retcode.INVALID


def test_positions_of_different_symbols_do_not_close_each_other() -> None:
    other = EURUSD._replace(name="EURUSD.x", symbol_id=102)
    house = House(EURUSD, other)
    house.quote(1.10000, 1.10010, name="EURUSD.x")
    house.buy(1.00)
    house.sell(1.00, symbol="EURUSD.x")
    assert house.close_by(1001, 1002).retcode == Retcode.INVALID  # case 67


def test_a_symbol_may_forbid_it() -> None:
    house = hedged()
    house.change_symbol(eurusd(order_flags=OrderFlags(127) & ~OrderFlags.CLOSE_BY))
    assert house.close_by(1001, 1002).retcode == Retcode.INVALID_ORDER


def test_each_deal_takes_its_share_of_the_swap() -> None:
    house = hedged()
    for held in house.positions:
        with house.ledger.transaction():
            kept = held._replace(storage=-10.0)
            house.ledger.positions.put(house.login, kept)
    first, second = house.close_by(1001, 1002).deals
    assert (first.storage, second.storage) == (-4.00, -10.00)
    assert house.the_position.storage == -6.00
    assert house.balance == 10022.00
