"""Margin call and stop out."""

from __future__ import annotations

from typing import Any

import pytest

from mt5web_async.calculation.account import StopOut
from mt5web_async.enums import (
    ActivationMode,
    DealType,
    GroupFlags,
    MarginFlags,
    MarginMode,
    OrderState,
    OrderType,
    Reason,
    Rights,
    Side,
    StopOutMode,
)
from mt5web_async.errors import TradeRefused
from mt5web_async.protocol.records import FullSymbol
from mt5web_async.simulator.switches import Switches

from .house import DEALT, EURUSD, GROUP, House, eurusd, moment, vol

LIMIT_MARGIN = (1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def strained(symbol: FullSymbol = EURUSD, **details: Any) -> House:
    """Balance 2000.00, long 1.00 at 1.10010 and 0.50 at 1.10110; margin 1650.65."""
    return strain(House(symbol, balance=2000.0, **details))


def strain(house: House) -> House:
    """The same positions put into any house."""
    house.hold(action=Side.BUY, volume=vol(1), price_open=1.1001, rate_margin=1.1001)
    house.hold(action=Side.BUY, volume=vol(0.5), price_open=1.1011, rate_margin=1.1011)
    return house


def test_a_margin_call_is_not_told() -> None:
    house = strained()
    assert house.figures.margin == 1650.65
    house.bid(1.09811)  # case 71
    assert (house.figures.equity, house.figures.stop_out) == (1651.50, StopOut.NONE)
    assert house.bid(1.09810).story == ""
    figures = house.figures
    assert (figures.equity, figures.stop_out) == (1650.00, StopOut.MARGIN_CALL)
    assert round(figures.margin_level, 2) == 99.96


def test_nothing_happens_above_the_stop_out_level() -> None:
    house = strained()
    assert house.bid(1.09261).story == ""  # case 72
    assert house.figures.equity == 826.50
    assert round(house.figures.margin_level, 2) == 50.07


def test_the_largest_loss_is_closed_until_the_level_is_back() -> None:
    house = strained()
    said = house.bid(1.09260)  # case 73
    assert said.story == DEALT
    order, deal = said.last_order, said.deal
    assert (order.reason, deal.reason) == (Reason.SO, Reason.SO)
    assert (deal.position_id, deal.price_open) == (1001, 1.09260)
    assert deal.profit == -750.00
    assert deal.comment == order.comment == "[so 49.98%/825.00/1650.65]"
    assert house.balance == 1250.00
    figures = house.figures
    assert (figures.equity, figures.margin) == (825.00, 550.55)
    assert round(figures.margin_level, 2) == 149.85
    assert [held.position_id for held in house.positions] == [1002]


def with_pending() -> House:
    house = House(eurusd(margin_rates_initial=LIMIT_MARGIN), balance=2000.0)
    house.place(OrderType.BUY_LIMIT, 1.00, 1.09000)
    strain(house)
    assert house.figures.margin == 2740.65
    return house


def test_the_margin_of_pending_orders_counts_too() -> None:
    house = with_pending()
    assert house.bid(1.09640).story == ""  # case 74
    assert house.figures.equity == 1395.00
    assert round(house.figures.margin_level, 2) == 50.90


def test_pending_orders_go_before_positions() -> None:
    house = with_pending()
    said = house.bid(1.09500)  # case 75
    assert said.story == "O-2 H+2"
    order = said.last_order
    assert order.activation_mode == ActivationMode.STOP_OUT
    assert order.comment == "[so 43.24%/1185.00/2740.65]"
    assert order.state == OrderState.CANCELED
    assert len(house.positions) == 2
    assert round(house.figures.margin_level, 2) == 71.79


def test_a_gap_closes_everything_and_leaves_a_debt() -> None:
    house = strained()
    said = house.bid(1.08000)  # case 76
    assert said.story == f"{DEALT} {DEALT}"
    first, second = said.deals
    assert (first.position_id, first.profit) == (1001, -2010.00)
    assert first.comment == "[so -64.52%/-1065.00/1650.65]"
    assert (second.position_id, second.profit) == (1002, -1055.00)
    assert second.comment == "[so -193.44%/-1065.00/550.55]"
    assert house.balance == -1065.00


@pytest.mark.parametrize(
    "details",
    [
        {"trade_flags": int(GROUP | GroupFlags.SO_COMPENSATION)},
        {"switches": Switches(compensation=True)},
    ],
)
def test_a_debt_is_made_good_where_the_group_does_so(details: dict[str, Any]) -> None:
    house = strained(**details)
    said = house.bid(1.08000)  # case 76
    assert said.story == f"{DEALT} {DEALT} D+"
    deal = said.deals[-1]
    assert deal.action == DealType.STOP_OUT_COMPENSATION
    assert (deal.profit, deal.symbol, deal.order) == (1065.00, "", 0)
    assert house.balance == 0.00


def test_limits_may_be_amounts_of_money() -> None:
    house = House(
        balance=2000.0,
        account={
            "margin_so_mode": StopOutMode.MONEY,
            "margin_so_call": 1000.0,
            "margin_so_so": 500.0,
        },
    )
    house.buy(1.00)
    assert house.bid(1.08510).story == ""  # case 77
    assert house.figures.equity == 500.00
    said = house.bid(1.08509)
    assert said.deal.profit == -1501.00
    assert said.deal.comment == "[so 499.00/499.00/1100.10]"
    assert house.balance == 499.00


def test_a_fully_hedged_account_is_stopped_out_below_zero() -> None:
    house = House(
        eurusd(margin_hedged=0.0),
        balance=100.0,
        trade_flags=int(GROUP | GroupFlags.SO_FULLY_HEDGED),
    )
    house.hold(action=Side.BUY, volume=vol(1), price_open=1.1001)
    house.hold(action=Side.SELL, volume=vol(1), price_open=1.1)
    said = house.quote(1.09900, 1.10101)  # case 78
    assert [(one.position_id, one.profit) for one in said.deals] == [
        (1001, -110.00),
        (1002, -101.00),
    ]
    assert house.balance == -111.00


def test_of_equal_losses_the_later_position_goes_first() -> None:
    house = House(balance=2000.0)
    for _ in range(2):
        house.hold(
            action=Side.BUY, volume=vol(0.8), price_open=1.1001, rate_margin=1.1001
        )
    said = house.bid(1.09300)
    assert [deal.position_id for deal in said.deals] == [1002]


def test_fifo_accounts_lose_their_oldest_losing_position() -> None:
    house = strained(trade_flags=int(GROUP | GroupFlags.FIFO_CLOSE))
    with house.ledger.transaction():
        small = house.positions[0]._replace(volume=vol(0.5))
        house.ledger.positions.put(house.login, small)
        large = house.positions[1]._replace(volume=vol(1))
        house.ledger.positions.put(house.login, large)
    said = house.bid(1.09250)
    assert said.deals[0].position_id == 1001


def test_a_disabled_account_is_left_alone() -> None:
    house = strained()
    house.change_account(rights=int(Rights.PASSWORD))
    assert house.bid(1.08000).story == ""


def test_positions_outside_their_session_are_passed_over() -> None:
    house = strained()
    house.wait_until(moment("2026-03-14 12:00"))
    assert house.bid(1.08000).story == ""
    house.wait_until(moment("2026-03-16 00:00"))
    assert house.bid(1.08000).story == f"{DEALT} {DEALT}"


def test_a_large_netting_position_is_closed_in_pieces() -> None:
    house = House(eurusd(volume_max=vol(1)), balance=4000.0, mode=MarginMode.NETTING)
    house.hold(action=Side.BUY, volume=vol(2.5), price_open=1.1001, rate_margin=1.1001)
    said = house.bid(1.08900)
    assert [deal.volume for deal in said.deals] == [vol(1)]
    assert house.the_position.volume == vol(1.5)
    assert house.the_position.comment == "[so 44.54%]"
    assert said.position.comment == "[so 44.54%]"


def test_a_withdrawal_that_strains_the_account_is_refused() -> None:
    house = House()
    house.buy(1.00)
    with pytest.raises(TradeRefused):
        house.pay(-9000.0)
    assert house.balance == 10_000.00
    house.pay(-8000.0)
    assert house.balance == 2000.00


def test_a_loss_of_credit_can_stop_an_account_out() -> None:
    house = House(balance=100.0)
    house.pay(2000.0, kind=DealType.CREDIT)
    house.buy(1.00)
    said = house.pay(-1600.0, kind=DealType.CORRECTION)
    assert said.story == f"D+ {DEALT}"
    assert house.positions == ()


def test_a_charge_for_the_day_can_stop_an_account_out() -> None:
    house = strained(eurusd(swap_mode=4, swap_long=-600.0))
    house.bid(1.09500)
    said = house.wait_until(moment("2026-03-11 00:00"))
    assert said.story.startswith(f"P~ P~ {DEALT}")


def test_positions_that_nobody_takes_are_passed_over() -> None:
    house = strained(switches=Switches(book_depth=True))
    house.depth(bids=[(1.08, 0.60)])
    said = house.bid(1.08000)
    assert [deal.position_id for deal in said.deals] == [1002]
    house.depth(bids=[(1.07990, 1.00)])
    assert [deal.position_id for deal in house.bid(1.07990).deals] == [1001]


def test_a_piece_that_nobody_takes_leaves_no_mark() -> None:
    house = House(
        eurusd(volume_max=vol(1)),
        balance=4000.0,
        mode=MarginMode.NETTING,
        switches=Switches(book_depth=True),
    )
    house.hold(action=Side.BUY, volume=vol(2.5), price_open=1.1001, rate_margin=1.1001)
    house.depth()
    assert house.bid(1.08900).story == ""
    assert house.the_position.comment == ""


def test_positions_whose_profit_is_excluded_are_passed_over() -> None:
    house = strained(eurusd(margin_flags=MarginFlags.EXCLUDE_LONG_PROFIT))
    assert house.bid(1.08000).story == ""


def test_a_credit_below_zero_is_made_good_too() -> None:
    house = strained(switches=Switches(compensation=True))
    house.pay(-100.0, kind=DealType.CREDIT)
    deals = house.bid(1.08000).deals
    assert [(one.action, one.profit) for one in deals[2:]] == [
        (DealType.STOP_OUT_COMPENSATION, 1065.00),
        (DealType.STOP_OUT_COMPENSATION_CREDIT, 100.00),
    ]
    assert (house.balance, house.account.credit) == (0.0, 0.0)


def test_a_change_of_the_accounts_limits_counts_at_once() -> None:
    house = strained()
    house.bid(1.09500)
    said = house.change_account(margin_so_so=80.0)
    assert said.story == f"AccountPush {DEALT}"


def test_a_change_of_the_symbols_margin_counts_at_once() -> None:
    house = strained()
    house.bid(1.09500)
    said = house.change_symbol(
        eurusd(margin_rates_initial=(2.0,) * 8, margin_rates_maintenance=(2.0,) * 8)
    )
    assert said.story == f"SymbolPush {DEALT}"
