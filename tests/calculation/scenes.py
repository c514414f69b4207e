"""Accounts, symbols and quotes for cases that are computed by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import count
from typing import Any, Final

from mt5web_async.calculation.market import Market, Quotes
from mt5web_async.calculation.quotes import Quote
from mt5web_async.calculation.values import FloatingLeverage
from mt5web_async.calculation.volumes import volume
from mt5web_async.enums import CalcMode, MarginMode, OrderState, OrderType, Side
from mt5web_async.protocol import responses
from mt5web_async.protocol.records import (
    Account,
    FullSymbol,
    LeverageRule,
    LeverageTier,
    Order,
    Position,
    TradeSettings,
)

UNSET: Final = 1.7976931348623157e308

RATES: Final = {
    "EURUSD": Quote(1.08500, 1.08512),
    "USDJPY": Quote(151.890, 151.905),
    "GBPUSD": Quote(1.26500, 1.26515),
    "EURGBP": Quote(0.85750, 0.85765),
    "EURJPY": Quote(164.800, 164.830),
    "AUDUSD": Quote(0.65500, 0.65512),
    "USDCHF": Quote(0.88000, 0.88020),
    "USDCAD": Quote(1.36400, 1.36420),
}
"""The quotes of the examples in docs/calculation.rst."""

_tickets = count(1)


def account(mode: MarginMode = MarginMode.HEDGING, **fields: Any) -> Account:
    """10,000 USD at 1:100, the floating result being free."""
    plain: dict[str, Any] = {
        "currency": "USD",
        "currency_digits": 2,
        "leverage": 100,
        "balance": 10_000.0,
        "margin_mode": int(mode),
        "margin_free_mode": 1,
    }
    return Account(**{**plain, **fields})


def rates(
    first: float = 1.0, second: float = 1.0, **others: float
) -> tuple[float, ...]:
    """Margin factors of market buys and sells, and of others as `t2=1.0`."""
    pending = [others.get(f"t{order_type}", 0.0) for order_type in range(2, 8)]
    return (first, second, *pending)


def symbol(name: str, mode: CalcMode, **fields: Any) -> FullSymbol:
    """A symbol in dollars; fields that its settings have go there."""
    settings = {k: v for k, v in fields.items() if k in TradeSettings._fields}
    own = {k: v for k, v in fields.items() if k not in TradeSettings._fields}
    trade: dict[str, Any] = {
        "symbol_path": f"Tests\\{name}",
        "trade_mode": 4,
        "execution_mode": 2,
        "fill_flags": 7,
        "time_flags": 15,
        "order_flags": 127,
        "volume_min": volume(0.01),
        "volume_max": volume(1000.0),
        "volume_step": volume(0.01),
        "margin_rates_initial": rates(),
    }
    plain: dict[str, Any] = {
        "name": name,
        "calc_mode": int(mode),
        "currency_base": "USD",
        "currency_profit": "USD",
        "currency_margin": "USD",
        "currency_base_digits": 2,
        "currency_profit_digits": 2,
        "currency_margin_digits": 2,
        "digits": 2,
        "point": 0.01,
        "contract_size": 1.0,
    }
    return FullSymbol(**{**plain, **own}, trade=TradeSettings(**{**trade, **settings}))


def pair(name: str, **fields: Any) -> FullSymbol:
    """A currency pair of 100,000 units."""
    digits = 3 if name[3:6] == "JPY" else 5
    plain: dict[str, Any] = {
        "currency_base": name[:3],
        "currency_profit": name[3:6],
        "currency_margin": name[:3],
        "digits": digits,
        "point": 10.0**-digits,
        "contract_size": 100_000.0,
    }
    return symbol(name, CalcMode.FOREX, **{**plain, **fields})


def market(
    account: Account,
    *symbols: FullSymbol,
    quotes: Mapping[str, Quote] = RATES,
    rules: Iterable[FloatingLeverage] = (),
    trade_flags: int = 0,
) -> Market:
    """A market with these symbols; pairs that are quoted are there too."""
    given = {one.name: one for one in symbols}
    known = {name: pair(name) for name in quotes if name in RATES} | given
    state = responses.AccountState(
        account, (), trade_flags, leverage=tuple(_rules(rules))
    )
    return Market.of(state, known.values(), Quotes(quotes))


def _rules(
    rules: Iterable[FloatingLeverage],
) -> Iterable[responses.FloatingLeverage]:
    for one in rules:
        assert isinstance(one, responses.FloatingLeverage)
        yield one


def leverage(
    mode: int, *tiers: tuple[float, float, float], masks: str = "*", currency: str = ""
) -> responses.FloatingLeverage:
    """A floating leverage rule out of (from, to, rate)."""
    steps = tuple(LeverageTier(low, high, rate, rate) for low, high, rate in tiers)
    rule = LeverageRule(masks, mode, currency, 2, len(steps))
    return responses.FloatingLeverage(rule, steps)


def position(
    of: FullSymbol, side: Side, lots: float, price: float, **fields: Any
) -> Position:
    """A position; its margin rate is the opening price where that is in dollars."""
    plain: dict[str, Any] = {
        "position_id": next(_tickets),
        "symbol": of.name,
        "action": int(side),
        "volume": volume(lots),
        "price_open": price,
        "price_close": price,
        "rate_margin": 1.0 if of.currency_margin == "USD" else price,
        "rate_profit": 1.0,
        "contract_size": of.contract_size,
        "digits": of.digits,
        "digits_currency": 2,
    }
    return Position(**{**plain, **fields})


def buy(of: FullSymbol, lots: float, price: float, **fields: Any) -> Position:
    """A long position."""
    return position(of, Side.BUY, lots, price, **fields)


def sell(of: FullSymbol, lots: float, price: float, **fields: Any) -> Position:
    """A short position."""
    return position(of, Side.SELL, lots, price, **fields)


def order(
    of: FullSymbol, order_type: OrderType, lots: float, price: float, **fields: Any
) -> Order:
    """An order."""
    plain: dict[str, Any] = {
        "order": next(_tickets),
        "symbol": of.name,
        "type": int(order_type),
        "state": int(OrderState.PLACED),
        "price_order": price,
        "price_current": price,
        "volume_initial": volume(lots),
        "volume_current": volume(lots),
        "contract_size": of.contract_size,
        "digits": of.digits,
        "digits_currency": 2,
    }
    return Order(**{**plain, **fields})
