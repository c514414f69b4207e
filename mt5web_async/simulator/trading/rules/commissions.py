"""Commissions and fees: what a deal costs, now or at the end of a day or month."""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum
from typing import Final, NamedTuple

from mt5web_async.calculation.masks import matches
from mt5web_async.calculation.volumes import lots
from mt5web_async.enums import DealEntry, DealType, Reason
from mt5web_async.protocol.records import CommissionTier, Deal, FullSymbol, Order
from mt5web_async.protocol.responses import CommissionRule

from . import money, turnover, valuation
from .desk import Desk
from .positions import Change


class Mode(IntEnum):
    """Whose income a rule's amounts are."""

    STANDARD = 0
    AGENT = 1
    FEE = 2


class Charge(IntEnum):
    """When a rule's amounts are booked."""

    DAILY = 0
    MONTHLY = 1
    INSTANT = 2


class Entry(IntEnum):
    """Which deals a rule charges."""

    IN_OUT = 0
    IN = 1
    OUT = 2


class Range(IntEnum):
    """What picks a rule's tier."""

    VOLUME = 0
    TURNOVER_MONEY = 1
    TURNOVER_LOTS = 2


class Unit(IntEnum):
    """What a tier's value is."""

    DEPOSIT = 0
    BASE = 1
    PROFIT = 2
    MARGIN = 3
    POINTS = 4
    PERCENT = 5
    CURRENCY = 6
    PERCENT_PROFIT = 7


PER_LOT: Final = 1
"""Type of a tier whose value is for one lot, not for the whole deal."""

_LATER: Final = {
    (Mode.STANDARD, Charge.DAILY): DealType.COMMISSION_DAILY,
    (Mode.STANDARD, Charge.MONTHLY): DealType.COMMISSION_MONTHLY,
    (Mode.AGENT, Charge.DAILY): DealType.COMMISSION_AGENT_DAILY,
    (Mode.AGENT, Charge.MONTHLY): DealType.COMMISSION_AGENT_MONTHLY,
}
"""The deals that book what was blocked until the end of a day or month."""

DAILY: Final = (DealType.COMMISSION_DAILY, DealType.COMMISSION_AGENT_DAILY)
MONTHLY: Final = (DealType.COMMISSION_MONTHLY, DealType.COMMISSION_AGENT_MONTHLY)


class _Named(NamedTuple):
    name: str
    rule: CommissionRule

    @property
    def mode(self) -> int:
        return self.rule.rule.mode

    @property
    def later(self) -> DealType | None:
        """The deal that books its amounts later; None: they are due at once."""
        return _LATER.get((Mode(self.mode), Charge(self.rule.rule.mode_charge)))


class _Part(NamedTuple):
    """The part of a deal that a rule charges."""

    deal: Deal
    symbol: FullSymbol
    volume: int


def charged(desk: Desk, symbol: FullSymbol, deal: Deal, change: Change) -> Deal:
    """The deal with the commission and fee that are due at once.

    What is due later is blocked on the account; an agent's share goes to the agent.
    """
    for named in _rules(desk, symbol):
        volume = _volume(named.rule, deal, change)
        if volume:
            amount = _amount(desk, named.rule, _Part(deal, symbol, volume))
            deal = _charge(desk, named, deal, amount)
    return deal


def with_blocked(desk: Desk, symbol: FullSymbol, order: Order) -> Order:
    """The pending order with the commission that its deal will block."""
    deal = Deal(price_open=order.price_order, volume=order.volume_current)
    blocked = dict.fromkeys((DealType.COMMISSION_DAILY, DealType.COMMISSION_MONTHLY), 0)
    amounts: dict[DealType, float] = {**blocked}
    for named in _rules(desk, symbol):
        if named.later in amounts and named.rule.rule.mode_entry != Entry.OUT:
            part = _Part(deal, symbol, order.volume_current)
            amounts[named.later] -= _amount(desk, named.rule, part)
    return order._replace(
        commission_daily=amounts[DealType.COMMISSION_DAILY],
        commission_monthly=amounts[DealType.COMMISSION_MONTHLY],
    )


def settle(desk: Desk, kinds: tuple[DealType, ...]) -> None:
    """Book what was blocked for these kinds of deals: one deal a rule."""
    accounts = desk.ledger.accounts
    for (name, kind), amount in sorted(accounts.blocked(desk.login).items()):
        if kind in kinds:
            accounts.block(desk.login, name, kind, 0.0)
            _show_blocked(desk)
            money.post(desk, DealType(kind), amount, name, Reason.CLIENT)


def _rules(desk: Desk, symbol: FullSymbol) -> Iterator[_Named]:
    """The first rule of each mode that is for the symbol."""
    seen = set()
    names = desk.terms.commissions
    for index, rule in enumerate(desk.state.commissions):
        mode = rule.rule.mode
        if mode not in seen and matches(rule.rule.path, symbol.trade.symbol_path):
            seen.add(mode)
            yield _Named(names[index] if index < len(names) else "", rule)


def _volume(rule: CommissionRule, deal: Deal, change: Change) -> int:
    """Volume that the rule charges; a close by is charged as going out only."""
    entry = rule.rule.mode_entry
    if deal.entry == DealEntry.OUT_BY:
        return change.closed if entry == Entry.OUT else 0
    opened = 0 if entry == Entry.OUT else change.opened
    closed = 0 if entry == Entry.IN else change.closed
    return opened + closed


def _charge(desk: Desk, named: _Named, deal: Deal, amount: float) -> Deal:
    if named.mode == Mode.FEE:
        return deal._replace(fee=deal.fee - amount)
    if named.mode == Mode.AGENT:
        _pay_agent(desk, named, amount)
        return deal
    if named.later is None:
        return deal._replace(commission=deal.commission - amount)
    _block(desk, named.name, named.later, -amount)
    _show_blocked(desk)
    return deal


def _pay_agent(desk: Desk, named: _Named, amount: float) -> None:
    if not desk.terms.agent:
        return
    agent = Desk(desk.floor, desk.terms.agent, desk.now, desk.out)
    if named.later is None:
        kind = DealType.COMMISSION_AGENT
        money.post(agent, kind, amount, named.name, Reason.CLIENT)
    else:
        _block(agent, named.name, named.later, amount)


def _block(desk: Desk, name: str, kind: DealType, amount: float) -> None:
    accounts = desk.ledger.accounts
    before = accounts.blocked(desk.login).get((name, kind), 0.0)
    accounts.block(desk.login, name, kind, desk.money(before + amount))


def _show_blocked(desk: Desk) -> None:
    sums = {DealType.COMMISSION_DAILY: 0.0, DealType.COMMISSION_MONTHLY: 0.0}
    for (_, kind), amount in desk.ledger.accounts.blocked(desk.login).items():
        if kind in sums:
            sums[DealType(kind)] += amount
    desk.put_account(
        desk.account._replace(
            commission_daily=desk.money(sums[DealType.COMMISSION_DAILY]),
            commission_monthly=desk.money(sums[DealType.COMMISSION_MONTHLY]),
        )
    )


def _amount(desk: Desk, rule: CommissionRule, part: _Part) -> float:
    """What the rule charges, deposit currency, positive."""
    tier = _tier(desk, rule, part)
    if tier is None:
        return 0.0
    amount = tier.value * _worth(desk, tier, part)
    if tier.minimal:
        amount = max(amount, tier.minimal)
    if tier.maximal:
        amount = min(amount, tier.maximal)
    return desk.money(amount)


def _tier(desk: Desk, rule: CommissionRule, part: _Part) -> CommissionTier | None:
    measure = _measure(desk, rule, part)
    for tier in rule.tiers:
        open_end = not tier.range_to
        if tier.range_from <= measure and (open_end or measure < tier.range_to):
            return tier
    return None


def _measure(desk: Desk, rule: CommissionRule, part: _Part) -> float:
    if rule.rule.mode_range == Range.VOLUME:
        return lots(part.deal.volume)
    since = turnover.day_start(desk)
    if rule.rule.mode_charge == Charge.MONTHLY:
        since = turnover.month_start(desk)
    if rule.rule.mode_range == Range.TURNOVER_LOTS:
        return turnover.in_lots(desk, rule.rule.path, since, part.deal)
    currency = rule.rule.mode_currency
    return turnover.in_money(desk, rule.rule.path, since, part.deal, currency)


def _worth(desk: Desk, tier: CommissionTier, part: _Part) -> float:
    """What one unit of the tier's value comes to, deposit currency."""
    symbol, deal = part.symbol, part.deal
    if tier.mode == Unit.PERCENT_PROFIT:
        return max(deal.profit, 0.0) / 100
    if tier.mode == Unit.PERCENT:
        return (
            valuation.contract_value(
                desk, symbol, deal.action, part.volume, deal.price_open
            )
            / 100
        )
    count = lots(part.volume) if tier.type == PER_LOT else 1.0
    if tier.mode == Unit.DEPOSIT:
        return count
    if tier.mode == Unit.POINTS:
        return count * valuation.point_value(desk, symbol)
    currency = {
        Unit.BASE: symbol.currency_base,
        Unit.PROFIT: symbol.currency_profit,
        Unit.MARGIN: symbol.currency_margin,
    }.get(Unit(tier.mode), tier.currency)
    return count * valuation.charge_rate(desk, symbol, currency)
