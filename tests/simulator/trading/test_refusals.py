"""Of all reasons to refuse a request, the first one in the server's order counts."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import pytest

from mt5web_async.enums import (
    ExecutionMode,
    Filling,
    GroupFlags,
    OrderState,
    OrderTime,
    OrderType,
    Retcode,
    Rights,
    Side,
    TradeAction,
    TradeMode,
)
from mt5web_async.protocol.records import Order

from .house import ALWAYS, EURUSD, GROUP, LOT, NOW, House, schedule, vol, with_trade


@dataclass(frozen=True)
class Defect:
    """Something that is wrong with a request or with those it is about.

    Attributes:
        code: by which it is refused.
        trade: trade settings of the symbol.
        symbol: other fields of the symbol.
        account: fields of the account.
        plan: other conditions of the account.
        request: fields of the request.
    """

    code: Retcode
    trade: dict[str, Any] = field(default_factory=dict)
    symbol: dict[str, Any] = field(default_factory=dict)
    account: dict[str, Any] = field(default_factory=dict)
    plan: dict[str, Any] = field(default_factory=dict)
    request: dict[str, Any] = field(default_factory=dict)


NO_HEDGE = int(GROUP | GroupFlags.HEDGE_PROHIBIT)

DEFECTS = {
    "what cannot be understood": Defect(Retcode.INVALID, request={"type_time": 9}),
    "no trading": Defect(Retcode.TRADE_DISABLED, {"trade_mode": TradeMode.DISABLED}),
    "closed": Defect(Retcode.MARKET_CLOSED, symbol={"schedule": schedule(((),) * 7)}),
    "no prices": Defect(Retcode.PRICE_OFF, symbol={"name": "EURUSD.x"}),
    "filling": Defect(
        Retcode.INVALID_FILL, {"fill_flags": 0}, request={"type_filling": Filling.FOK}
    ),
    "order type": Defect(Retcode.INVALID_ORDER, {"order_flags": 0}),
    "rights": Defect(
        Retcode.TRADE_DISABLED,
        account={"rights": int(Rights.ENABLED | Rights.TRADE_DISABLED)},
    ),
    "volume": Defect(Retcode.INVALID_VOLUME, request={"lots": 0.015}),
    "price": Defect(
        Retcode.INVALID_PRICE,
        symbol={"tick_size": 0.0001},
        request={"price_order": 1.09003},
    ),
    "stops": Defect(Retcode.INVALID_STOPS, request={"sl": 1.2}),
    "expiration": Defect(
        Retcode.INVALID_EXPIRATION,
        request={"type_time": OrderTime.SPECIFIED, "time_expiration": NOW},
    ),
    "direction": Defect(Retcode.SHORT_ONLY, {"trade_mode": TradeMode.SHORT_ONLY}),
    "hedge": Defect(Retcode.HEDGE_PROHIBITED, plan={"trade_flags": NO_HEDGE}),
    "order count": Defect(Retcode.LIMIT_ORDERS, plan={"order_limit": 1}),
    "position count": Defect(Retcode.LIMIT_POSITIONS, plan={"position_limit": 2}),
    "volume limit": Defect(Retcode.LIMIT_VOLUME, {"volume_limit": LOT // 2}),
    "money": Defect(Retcode.NO_MONEY, {"margin_rates_initial": (1.0,) * 8}),
}
"""In the server's order."""


def refused(*defects: Defect) -> int:
    """The code of a buy limit with all these defects."""
    merged: dict[str, dict[str, Any]] = {}
    for name in ("trade", "symbol", "account", "plan", "request"):
        merged[name] = {
            key: value
            for defect in defects
            for key, value in getattr(defect, name).items()
        }
    symbol = with_trade(
        EURUSD._replace(schedule=schedule(ALWAYS)),
        execution_mode=ExecutionMode.EXCHANGE,
        **merged["trade"],
    )._replace(**merged["symbol"])
    house = House(symbol, balance=200.0, account=merged["account"], **merged["plan"])
    with house.ledger.transaction():
        waiting = Order(order=1, symbol=symbol.name, type=5, state=OrderState.PLACED)
        house.ledger.orders.put(house.login, waiting)
    house.hold(action=Side.SELL, volume=vol(0.01), price_open=1.1, rate_margin=1.1)
    fields = {"lots": 1.00, "price_order": 1.09, "type_filling": Filling.RETURN}
    fields |= merged["request"]
    said = house.ask_for(TradeAction.PENDING, type=OrderType.BUY_LIMIT, **fields)
    return said.retcode


def clash(one: Defect, other: Defect) -> bool:
    """Whether two defects cannot be had together."""
    return any(
        getattr(one, name).keys() & getattr(other, name).keys()
        for name in ("trade", "symbol", "account", "plan", "request")
    )


def test_without_a_defect_nothing_is_refused() -> None:
    assert refused() == Retcode.DONE


@pytest.mark.parametrize("name", DEFECTS)
def test_every_defect_is_refused_by_its_code(name: str) -> None:
    assert refused(DEFECTS[name]) == DEFECTS[name].code


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pair
        for pair in combinations(DEFECTS, 2)
        if not clash(*(DEFECTS[name] for name in pair))
    ],
)
def test_of_two_defects_the_earlier_one_counts(first: str, second: str) -> None:
    assert refused(DEFECTS[first], DEFECTS[second]) == DEFECTS[first].code


@pytest.mark.parametrize(
    "fields",
    [
        {"action": TradeAction.TRANSFER},
        {"action": TradeAction.PENDING, "type": OrderType.BUY, "price_order": 1.0},
        {"action": TradeAction.PENDING, "type": OrderType.CLOSE_BY, "price_order": 1.0},
        {"action": TradeAction.MARKET, "type": OrderType.BUY_LIMIT},
        {"action": TradeAction.MARKET, "type": 99},
        {"action": TradeAction.MARKET, "type_filling": 9},
        {"action": TradeAction.MARKET, "sl": float("nan")},
        {"action": TradeAction.MARKET, "symbol": ""},
        {"action": TradeAction.MODIFY, "price_order": 1.0},
        {"action": TradeAction.REMOVE},
        {"action": TradeAction.CLOSE_BY, "position": 1},
        {"action": TradeAction.PRICES},
    ],
)
def test_a_request_that_makes_no_sense_is_invalid(fields: dict[str, Any]) -> None:
    said = House().ask_for(lots=1.0, **fields)
    assert said.story == "A0 R10013"
    assert said.result.answer.comment == "Invalid request"


def test_a_refusal_brings_the_request_and_the_market_back() -> None:
    said = House().place(OrderType.BUY_LIMIT, 1.00, 1.2, comment="mine")
    action, answer = said.result.action, said.result.answer
    assert (action.price_order, action.comment) == (1.2, "mine")
    assert (answer.volume, answer.price) == (vol(1), 1.2)
    assert (answer.bid, answer.ask, answer.time) == (1.10000, 1.10010, NOW)
    assert (answer.deal, answer.order) == (0, 0)
