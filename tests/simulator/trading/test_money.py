"""Deposits, credits and commissions."""

from __future__ import annotations

from typing import Any

import pytest

from mt5web_async.enums import DealType, OrderType, Reason
from mt5web_async.protocol.records import CommissionTier
from mt5web_async.protocol.responses import CommissionRule
from mt5web_async.simulator.trading.accounts import AccountPlan, NamedCommission
from mt5web_async.simulator.trading.pushes import AccountPush

from .house import MIDNIGHT, STD, House, commission, moment, netting, vol

DAILY, MONTHLY, INSTANT = 0, 1, 2
IN_OUT, IN, OUT = 0, 1, 2
AGENT, FEE = 1, 2
PERCENT, POINTS, PROFIT_SHARE = 5, 4, 7


def test_a_deposit_is_a_deal_without_position() -> None:
    house = House()
    said = house.pay(500.00, comment="Deposit")  # case 79
    assert said.story == "D+"
    deal, held = said.deal, said.position
    assert (deal.action, deal.order, deal.position_id) == (DealType.BALANCE, 0, 0)
    assert (deal.symbol, deal.profit, deal.comment) == ("", 500.00, "Deposit")
    assert (deal.reason, held.position_id, held.symbol) == (Reason.DEALER, 0, "")
    assert house.balance == 10500.00
    assert house.positions == ()


def test_credit_is_not_balance() -> None:
    house = House()
    said = house.pay(500.00, kind=DealType.CREDIT)  # case 80
    assert said.deal.action == DealType.CREDIT
    assert (house.balance, house.account.credit) == (10000.00, 500.00)
    house.buy(1.00)
    assert house.figures.equity == 10490.00


def test_a_commission_at_once_is_part_of_the_deal() -> None:
    house = House(commissions=(commission(3.5),))
    opened = house.buy(1.00)  # case 81
    assert opened.deal.commission == -3.50
    assert house.balance == 9996.50
    house.bid(1.10060)
    assert house.close(1001).deal.commission == -3.50
    assert house.balance == 10043.00


def test_half_a_cent_is_rounded_away_from_zero() -> None:
    house = House(commissions=(commission(3.5),))
    assert house.buy(0.33).deal.commission == -1.16  # case 82


def test_a_commission_may_be_a_part_of_the_value() -> None:
    house = House(commissions=(commission(0.002, unit=PERCENT),))
    assert house.buy(1.00).deal.commission == -2.20  # case 83


def test_a_commission_may_be_points() -> None:
    house = House(commissions=(commission(5.0, unit=POINTS),))
    assert house.buy(1.00).deal.commission == -5.00  # case 84


def test_a_commission_of_the_day_is_blocked_until_its_end() -> None:
    rule = commission(3.5, charge=DAILY, entry=IN, name="Per day")
    house = House(commissions=(rule,))
    said = house.buy(1.00)  # case 85
    assert said.deal.commission == 0.0
    assert said.deal_pushes[0].group.transaction.commission_daily == -3.50
    assert (house.balance, house.account.commission_daily) == (10000.00, -3.50)
    assert house.figures.equity == 9986.50
    midnight = house.wait_until(MIDNIGHT)
    assert midnight.story == "D+"
    deal = midnight.deal
    assert (deal.action, deal.profit) == (DealType.COMMISSION_DAILY, -3.50)
    assert (deal.comment, deal.reason) == ("Per day", Reason.CLIENT)
    assert (house.balance, house.account.commission_daily) == (9996.50, 0.0)


def test_a_commission_of_the_month_waits_for_the_first() -> None:
    house = House(commissions=(commission(3.5, charge=MONTHLY),))
    house.buy(1.00)
    assert house.wait_until(moment("2026-03-31 23:59")).deals == []
    assert house.account.commission_monthly == -3.50
    deal = house.wait_until(moment("2026-04-01 00:00")).deal
    assert (deal.action, deal.profit) == (DealType.COMMISSION_MONTHLY, -3.50)
    assert house.account.commission_monthly == 0.0


@pytest.mark.parametrize(
    ("entry", "amount"), [(IN_OUT, -17.50), (IN, -10.50), (OUT, -7.00)]
)
def test_a_reversal_goes_in_and_out(entry: int, amount: float) -> None:
    house = netting(commissions=(commission(3.5, entry=entry),))
    house.buy(2.00)
    assert house.sell(5.00).deal.commission == amount  # case 86


@pytest.mark.parametrize(
    ("entry", "amounts"), [(IN_OUT, (0.0, 0.0)), (IN, (0.0, 0.0)), (OUT, (-3.5, 0.0))]
)
def test_a_close_by_is_charged_as_going_out_alone(
    entry: int, amounts: tuple[float, float]
) -> None:
    house = House(commissions=(commission(3.5, entry=entry),))
    house.buy(1.00)
    house.sell(1.00)
    first, second = house.close_by(1001, 1002).deals
    assert (first.commission, second.commission) == amounts


def test_a_fee_stands_beside_the_commission() -> None:
    rules = (commission(3.5), commission(1.25, mode=FEE, charge=DAILY))
    deal = House(commissions=rules).buy(2.00).deal
    assert (deal.commission, deal.fee) == (-7.00, -2.50)


def test_the_first_matching_rule_of_a_kind_counts() -> None:
    rules = (
        commission(1.0)._replace(
            rule=commission(1.0).rule._replace(
                rule=commission(1.0).rule.rule._replace(path="Metals\\*")
            )
        ),
        commission(2.0),
        commission(3.0),
    )
    assert House(commissions=rules).buy(1.00).deal.commission == -2.00


def test_a_commission_has_a_least_and_a_largest_amount() -> None:
    house = House(commissions=(commission(3.5, minimal=1.0, maximal=5.0),))
    assert house.buy(0.01).deal.commission == -1.00
    assert house.buy(1.00).deal.commission == -3.50
    assert house.buy(2.00).deal.commission == -5.00


def test_a_commission_per_deal_does_not_look_at_the_volume() -> None:
    house = House(commissions=(commission(2.5, per_lot=False),))
    assert house.buy(2.00).deal.commission == -2.50


def test_a_share_of_the_profit_is_charged_on_gains_alone() -> None:
    rule = commission(10.0, unit=PROFIT_SHARE, per_lot=False, entry=OUT)
    house = House(commissions=(rule,))
    house.buy(1.00)
    house.buy(1.00)
    house.bid(1.10060)
    assert house.close(1001).deal.commission == -5.00
    house.bid(1.09000)
    assert house.close(1002).deal.commission == 0.0


def tiered(mode_range: int, **details: Any) -> NamedCommission:
    """3.00 a lot below 2 lots, 1.00 from there on."""
    rule = commission(3.0, mode_range=mode_range, **details)
    tiers = (
        CommissionTier(type=1, value=3.0, range_to=2.0),
        CommissionTier(type=1, value=1.0, range_from=2.0),
    )
    return NamedCommission(rule.name, CommissionRule(rule.rule.rule, tiers))


def test_tiers_go_by_the_volume_of_the_deal() -> None:
    house = House(commissions=(tiered(0),))
    assert house.buy(1.99).deal.commission == -5.97
    assert house.buy(2.00).deal.commission == -2.00


def test_tiers_go_by_the_lots_since_the_day_began() -> None:
    house = House(commissions=(tiered(2),))
    assert house.buy(1.00).deal.commission == -3.00
    assert house.buy(1.00).deal.commission == -1.00
    house.wait_until(MIDNIGHT)
    assert house.buy(1.00).deal.commission == -3.00


def test_tiers_go_by_the_money_since_the_month_began() -> None:
    rule = commission(3.0, mode_range=1, charge=MONTHLY)
    tiers = (
        CommissionTier(type=1, value=3.0, range_to=200_000.0),
        CommissionTier(type=1, value=1.0, range_from=200_000.0),
    )
    house = House(
        commissions=(NamedCommission("M", CommissionRule(rule.rule.rule, tiers)),)
    )
    house.buy(1.00)
    assert house.account.commission_monthly == -3.00
    house.buy(1.00)
    assert house.account.commission_monthly == -4.00


def test_an_agent_is_paid_on_an_account_of_its_own() -> None:
    rules = (commission(2.0, mode=AGENT, name="Agent"),)
    house = House(commissions=rules, agent=500)
    house.exchange.open_account(AccountPlan(login=500))
    said = house.buy(1.00)
    assert house.balance == 10000.00
    own, agents = sorted(said.deal_pushes, key=lambda push: push.login == 500)
    assert own.group.transaction.deal.commission == 0.0
    deal = agents.group.transaction.deal
    assert (deal.action, deal.profit) == (DealType.COMMISSION_AGENT, 2.00)
    assert house.exchange.account_state(500).account.balance == 2.00


def test_an_agent_is_paid_at_the_end_of_the_day() -> None:
    rules = (commission(2.0, mode=AGENT, charge=DAILY),)
    house = House(commissions=rules, agent=500)
    house.exchange.open_account(AccountPlan(login=500))
    house.buy(1.00)
    house.wait_until(MIDNIGHT)
    deals, _ = house.exchange.history(500, 0, 2**31 - 1)
    assert [(one.action, one.profit) for one in deals] == [
        (DealType.COMMISSION_AGENT_DAILY, 2.00)
    ]


def test_a_pending_order_blocks_the_commission_that_its_deal_will_cost() -> None:
    house = House(commissions=(commission(3.5, charge=DAILY, entry=IN),))
    said = house.place(OrderType.BUY_STOP, 2.00, 1.10200)
    assert said.last_order.commission_daily == -7.00


def test_profit_of_the_day_is_blocked_where_the_group_wants_it() -> None:
    house = House(account={"margin_free_profit_mode": 1})
    house.buy(1.00)
    house.bid(1.10060)
    said = house.close(1001)
    assert said.deal_pushes[0].group.transaction.account_profit == 50.00
    assert house.account.account_profit == 50.00
    assert house.figures.margin_free == 10000.00
    (told,) = house.wait_until(MIDNIGHT)
    assert house.account.account_profit == 0.00
    assert isinstance(told, AccountPush)
    assert told.state == house.exchange.account_state(house.login)


def test_volumes_that_are_closed_in_part_are_charged_in_part() -> None:
    house = House(commissions=(commission(3.5, entry=OUT),))
    house.buy(1.00)
    assert house.close(1001, 0.40).deal.commission == -1.40
    assert house.the_position.volume == vol(0.6)


@pytest.mark.parametrize(
    ("unit", "details", "amount"),
    [
        (1, {}, -2.20),
        (2, {}, -2.00),
        (3, {}, -2.20),
        (6, {"currency": "EUR"}, -2.20),
        (6, {"currency": "USD"}, -2.00),
    ],
)
def test_a_commission_may_be_in_another_currency(
    unit: int, details: dict[str, Any], amount: float
) -> None:
    house = House(commissions=(commission(2.0, unit=unit, **details),))
    assert house.buy(1.00).deal.commission == amount


def test_a_deal_outside_all_tiers_costs_nothing() -> None:
    rule = commission(3.5).rule
    tiers = (rule.tiers[0]._replace(range_from=1.0, range_to=2.0),)
    named = NamedCommission("Tier", CommissionRule(rule.rule, tiers))
    house = House(commissions=(named,))
    assert house.buy(0.50).deal.commission == 0.0
    assert house.buy(1.50).deal.commission == -5.25


def test_an_agents_account_that_nobody_named_gets_nothing() -> None:
    house = House(commissions=(commission(2.0, mode=AGENT),))
    assert house.buy(1.00).story == STD
