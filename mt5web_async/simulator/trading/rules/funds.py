"""Whether the account's money carries what it wants to do."""

from __future__ import annotations

from mt5web_async.calculation.account import AccountFigures, account_figures
from mt5web_async.calculation.margin import working_order
from mt5web_async.calculation.netting import order_margin as margin_alone
from mt5web_async.calculation.orders import order_side
from mt5web_async.calculation.portfolio import Portfolio
from mt5web_async.protocol.records import Order

from . import valuation
from .dealing import market_type
from .desk import Desk


def figures(desk: Desk) -> AccountFigures:
    """Equity, margin and all else as they are now.

    Only what has changed since they were last asked for is computed again.
    """
    held = desk.ledger.positions.by_ticket(desk.login)
    waiting = desk.ledger.orders.by_ticket(desk.login)
    portfolios = desk.floor.portfolios
    if desk.login in portfolios:
        portfolio = portfolios[desk.login].then(desk.market, held, waiting)
    else:
        portfolio = Portfolio.of(desk.market, held, waiting)
    portfolios[desk.login] = portfolio
    return portfolio.figures


def suffice(desk: Desk, order: Order) -> bool:
    """Whether the account can bear an order that it does not have yet, or a change.

    It can when its margin does not grow, or when some of it stays free.

    Args:
        desk: the account's.
        order: with the ticket of the order that it would replace; 0: it is new.
    """
    before = figures(desk)
    after = account_figures(desk.market, desk.positions, desk.orders, checked=order)
    return after.margin <= before.margin or after.margin_free >= 0


def suffice_to_activate(desk: Desk, order: Order, price: float) -> bool:
    """Whether the account can bear that an order is dealt at a price."""
    symbol, side = desk.symbol(order.symbol), order_side(order.type)
    activated = order._replace(
        type=market_type(side),
        price_order=price,
        price_current=price,
        margin_rate=valuation.margin_rate(desk, symbol, side, price),
    )
    return suffice(desk, activated)


def order_margin(desk: Desk, order: Order) -> float:
    """The margin of an order by itself, deposit currency."""
    market, symbol = desk.market, desk.symbol(order.symbol)
    working = working_order(market, symbol, order, checking=False)
    return margin_alone(market, symbol, working) if working else 0.0
