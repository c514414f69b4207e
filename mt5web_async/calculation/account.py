"""The state of an account: equity, margin, margin level, stop out (section 7).

:func:`account_figures` computes everything from plain values. A
:class:`~mt5web_async.calculation.portfolio.Portfolio` gives the same figures and
computes only what has changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import NamedTuple, TypeVar

from mt5web_async.enums import GroupFlags, MarginMode, StopOutMode

from .leverage import Portions, rule_margin
from .market import Market
from .relief import Exposure, spread_relief
from .rounding import normalize
from .settings import margin_mode
from .symbol_figures import SymbolFigures, group_by_symbol, symbol_figures
from .values import Account, FloatingLeverage, Order, Position

OrderT = TypeVar("OrderT", bound=Order)


class StopOut(IntEnum):
    """How far an account has come."""

    NONE = 0
    MARGIN_CALL = 1
    STOP_OUT = 2


class AccountFigures(NamedTuple):
    """The state of an account; money in account currency.

    Attributes:
        balance, credit: as the record has them.
        profit: of all positions, swaps not included.
        storage: swaps of all positions.
        floating: profit and swaps.
        commission: commissions of the day and the month that are not yet charged.
        assets, liabilities, collateral: section 6; liabilities are not positive.
        equity: what the account is worth.
        margin: what positions and orders need.
        margin_free: what is left for new ones.
        margin_level: percent, not rounded; 0 without margin.
        margin_initial, margin_maintenance: on exchange accounts.
        profit_excluded: profit of long positions that may not be used.
        stop_out: how far it has come.
    """

    balance: float = 0.0
    credit: float = 0.0
    profit: float = 0.0
    storage: float = 0.0
    floating: float = 0.0
    commission: float = 0.0
    assets: float = 0.0
    liabilities: float = 0.0
    collateral: float = 0.0
    equity: float = 0.0
    margin: float = 0.0
    margin_free: float = 0.0
    margin_level: float = 0.0
    margin_initial: float = 0.0
    margin_maintenance: float = 0.0
    profit_excluded: float = 0.0
    stop_out: StopOut = StopOut.NONE


def account_figures(
    market: Market,
    positions: Iterable[Position],
    orders: Iterable[Order],
    checked: Order | None = None,
) -> AccountFigures:
    """The state of an account, computed from the beginning.

    Args:
        market: account, symbols, quotes and rules.
        positions: all open positions.
        orders: all open orders.
        checked: an order that the account is to be computed with: it takes the place
            of the order of its ticket, or is a further one (6.4).
    """
    before = tuple(orders)
    after = before if checked is None else with_order(before, checked)
    checking = checked is not None
    figures = [
        symbol_figures(market, group, checking=checking)
        for group in group_by_symbol(positions, after)
    ]
    commission = 0.0 if checked is None else added_commission(before, checked)
    return combined(market, figures, commission, checking=checking)


def with_order(orders: Sequence[OrderT], one: OrderT) -> tuple[OrderT, ...]:
    """The orders with one in place of that of its ticket, or behind the others."""
    replaced = tuple(one if order.order == one.order else order for order in orders)
    return replaced if one in replaced else (*orders, one)


def added_commission(orders: Iterable[Order], checked: Order) -> float:
    """Commission that an order being checked adds to the account's (6.4)."""
    added = checked.commission_daily + checked.commission_monthly
    for order in orders:
        if order.order == checked.order:
            return added - order.commission_daily - order.commission_monthly
    return added


def combined(
    market: Market,
    symbols: Sequence[SymbolFigures],
    commission: float = 0.0,
    *,
    checking: bool = False,
) -> AccountFigures:
    """The state of an account out of the parts of its symbols.

    Args:
        market: the account and its rules.
        symbols: their parts, in the order in which the symbols appear.
        commission: to add to what the account record has.
        checking: an order is being checked.
    """
    account, digits = market.account, market.account.currency_digits
    due = account.commission_daily + account.commission_monthly + commission
    figures = AccountFigures(
        balance=account.balance,
        credit=account.credit,
        profit=_total((one.results.profit for one in symbols), digits),
        storage=_total((one.results.storage for one in symbols), digits),
        commission=normalize(due, digits),
        assets=_total((one.margin.assets for one in symbols), digits),
        liabilities=_total((one.margin.liabilities for one in symbols), digits),
        collateral=_total((one.margin.collateral for one in symbols), digits),
    )
    floating = normalize(figures.profit + figures.storage, digits)
    figures = figures._replace(floating=floating)
    if margin_mode(account) == MarginMode.EXCHANGE:
        figures = _exchange_state(figures, symbols, digits)
    else:
        figures = _retail_state(market, figures, symbols, checking=checking)
    return figures._replace(stop_out=stop_out(account, market.trade_flags, figures))


def _total(amounts: Iterable[float], digits: int) -> float:
    """A sum that is rounded after each addition."""
    total = 0.0
    for amount in amounts:
        if amount:  # most are 0, and rounding twice is rounding once
            total = normalize(total + amount, digits)
    return total


def _exchange_state(
    figures: AccountFigures, symbols: Sequence[SymbolFigures], digits: int
) -> AccountFigures:
    """Equity, free margin and level of an exchange account.

    `equity = balance + floating + credit + assets + liabilities + commission`,
    `margin_free = equity - margin`, `margin_level = equity / maintenance * 100`.
    """
    floating = _total((one.results.floating for one in symbols), digits)
    parts = (floating, figures.credit, figures.assets, figures.liabilities)
    equity = _steps(figures.balance, (*parts, figures.commission), digits)
    margin = _total((one.margin.margin for one in symbols), digits)
    maintenance = _total((one.margin.maintenance for one in symbols), digits)
    return figures._replace(
        equity=equity,
        margin=margin,
        margin_free=normalize(equity - margin, digits),
        margin_level=equity / maintenance * 100 if maintenance else 0.0,
        margin_initial=_total((one.margin.initial for one in symbols), digits),
        margin_maintenance=maintenance,
    )


def _steps(start: float, parts: Iterable[float], digits: int) -> float:
    """A sum that starts unrounded and is rounded after each step."""
    total = start
    for part in parts:
        total = normalize(total + part, digits)
    return total


def _retail_state(
    market: Market,
    figures: AccountFigures,
    symbols: Sequence[SymbolFigures],
    *,
    checking: bool,
) -> AccountFigures:
    """Equity, free margin and level of a hedging or netting account.

    `equity = balance + floating + credit + assets + liabilities + commission -
    blocked`; `margin_free` is the same less margin and excluded profit, with what may
    be used of the floating result; `margin_level = (equity - excluded) / margin * 100`.
    """
    account, digits = market.account, market.account.currency_digits
    margin = total_margin(market, symbols, checking=checking)
    excluded = _total((one.results.excluded for one in symbols), digits)
    blocked = blocked_profit(account)
    wealth = (figures.credit, figures.assets, figures.liabilities, figures.commission)
    usable = usable_result(account, figures.floating)
    equity = _steps(figures.balance, (figures.floating, *wealth, -blocked), digits)
    free = (-margin, *wealth, usable, -excluded, -blocked)
    return figures._replace(
        equity=equity,
        margin=margin,
        margin_free=_steps(figures.balance, free, digits),
        margin_level=(equity - excluded) / margin * 100 if margin > 0 else 0.0,
        profit_excluded=excluded,
    )


def blocked_profit(account: Account) -> float:
    """Gain fixed during the day that may not be used before its end."""
    if account.margin_free_profit_mode == 1 and account.account_profit > 0:
        return account.account_profit
    return 0.0


def usable_result(account: Account, floating: float) -> float:
    """What of the floating result counts as free margin."""
    mode = account.margin_free_mode
    gain = mode in (1, 2) and floating > 0
    loss = mode in (1, 3) and floating < 0
    return floating if gain or loss else 0.0


def total_margin(
    market: Market, symbols: Sequence[SymbolFigures], *, checking: bool
) -> float:
    """Margin of a hedging or netting account (6.5, 6.6, 6.9, 6.10).

    Symbols without floating leverage first, then rule by rule, each addition rounded;
    on netting accounts less what spreads save.
    """
    digits = market.account.currency_digits
    margin = _total(
        (one.margin.requirement.margin for one in symbols if not one.margin.portions),
        digits,
    )
    for floating, members in _ruled(market, symbols):
        margin = normalize(margin + rule_margin(floating, members, digits), digits)
    if not market.spreads or margin_mode(market.account) == MarginMode.HEDGING:
        return margin
    exposures = [exposure for one in symbols if (exposure := _exposure(one))]
    saved = spread_relief(market.spreads, exposures, digits, checking=checking)
    return normalize(margin - min(saved, margin), digits)


def _ruled(
    market: Market, symbols: Sequence[SymbolFigures]
) -> list[tuple[FloatingLeverage, list[Portions]]]:
    """The leverage rules that have symbols, with the portions of these."""
    ruled = [
        (market.leverage_of(one.symbol), one.margin.portions)
        for one in symbols
        if one.symbol is not None and one.margin.portions
    ]
    members = [
        (floating, [part for rule, part in ruled if rule is floating])
        for floating in market.leverage
    ]
    return [(floating, parts) for floating, parts in members if parts]


def _exposure(one: SymbolFigures) -> Exposure | None:
    requirement = one.margin.requirement
    if one.symbol is None or requirement.volume <= 0:
        return None
    rate = requirement.margin / requirement.volume
    return Exposure(one.symbol, requirement.side, requirement.volume, rate)


def stop_out(account: Account, trade_flags: int, figures: AccountFigures) -> StopOut:
    """How far an account has come.

    On exchange accounts equity is held against initial and maintenance margin; on
    others margin level or equity against the account's own limits. A hedging account
    that is hedged in full has no margin: with the group's flag it is stopped out when
    its equity is negative.

    Args:
        account: the account.
        trade_flags: bits of :class:`~mt5web_async.enums.GroupFlags`.
        figures: its figures; `stop_out` of them is not looked at.
    """
    if margin_mode(account) == MarginMode.EXCHANGE:
        if figures.margin <= 0 or figures.margin_maintenance <= 0:
            return StopOut.NONE
        limits = figures.margin_initial, figures.margin_maintenance
        return _below(figures.equity, *limits)
    if figures.margin == 0:
        return _hedged_in_full(account, trade_flags, figures)
    by_money = account.margin_so_mode == StopOutMode.MONEY
    measure = figures.equity if by_money else figures.margin_level
    return _below(measure, account.margin_so_call, account.margin_so_so)


def _below(measure: float, call: float, out: float) -> StopOut:
    if measure >= call:
        return StopOut.NONE
    return StopOut.STOP_OUT if measure < out else StopOut.MARGIN_CALL


def _hedged_in_full(
    account: Account, trade_flags: int, figures: AccountFigures
) -> StopOut:
    hedging = margin_mode(account) == MarginMode.HEDGING
    wanted = hedging and trade_flags & GroupFlags.SO_FULLY_HEDGED
    if wanted and figures.equity < 0 and (figures.profit or figures.storage):
        return StopOut.STOP_OUT
    return StopOut.NONE
