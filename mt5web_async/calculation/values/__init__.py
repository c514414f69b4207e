"""The values that calculations take, by the names of their attributes only.

These protocols name what a record must have. The records of
:mod:`mt5web_async.protocol.records` have it, so they are passed as they come from the
wire; so may be anything else that has the attributes. Volumes are whole numbers of
1e-8 lot, times are seconds of server time.
"""

from .account import (
    Account,
    AccountState,
    FloatingLeverage,
    LeverageRule,
    LeverageTier,
    Spread,
    SpreadHeader,
    SpreadLeg,
)
from .record import Record
from .symbols import FullSymbol, Session, Statistics, Tick, TradeSettings
from .trading import ApiRequest, Order, Position, TradeRequest

__all__ = [
    "Account",
    "AccountState",
    "ApiRequest",
    "FloatingLeverage",
    "FullSymbol",
    "LeverageRule",
    "LeverageTier",
    "Order",
    "Position",
    "Record",
    "Session",
    "Spread",
    "SpreadHeader",
    "SpreadLeg",
    "Statistics",
    "Tick",
    "TradeRequest",
    "TradeSettings",
]
