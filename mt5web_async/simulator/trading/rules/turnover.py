"""How much an account traded since the day or month began."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from mt5web_async.calculation.conversion import profit_rate
from mt5web_async.calculation.masks import matches
from mt5web_async.calculation.volumes import lots
from mt5web_async.enums import Side
from mt5web_async.protocol.records import Deal

from . import valuation
from .desk import Desk, is_trade
from .expiry import midnight


def day_start(desk: Desk) -> int:
    """The beginning of the server's day, s."""
    return midnight(desk.seconds)


def month_start(desk: Desk) -> int:
    """The beginning of the server's month, s."""
    today = datetime.fromtimestamp(desk.seconds, UTC)
    first = today.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return int(first.timestamp())


def in_lots(desk: Desk, masks: str, since: int, deal: Deal) -> float:
    """Lots dealt in the symbols of some masks, the present deal included."""
    return sum(lots(one.volume) for one in _deals(desk, masks, since, deal))


def in_money(desk: Desk, masks: str, since: int, deal: Deal, currency: str) -> float:
    """What those deals were worth, at the rates of now.

    Args:
        desk: the account's.
        masks: of symbol paths.
        since: s.
        deal: the present deal, not recorded yet.
        currency: to measure in; empty: the deposit currency.
    """
    worth = 0.0
    for one in _deals(desk, masks, since, deal):
        symbol = desk.symbol(one.symbol)
        value = valuation.contract_value(
            desk, symbol, one.action, one.volume, one.price_open
        )
        rate = profit_rate(
            desk.market,
            symbol,
            desk.account.currency,
            currency or desk.account.currency,
            Side.BUY,
        )
        worth += value * rate
    return worth


def _deals(desk: Desk, masks: str, since: int, deal: Deal) -> Iterator[Deal]:
    for one in (*desk.ledger.deals.history(desk.login, since, desk.seconds), deal):
        known = is_trade(one) and one.symbol in desk.floor.symbols
        if known and matches(masks, desk.symbol(one.symbol).trade.symbol_path):
            yield one
