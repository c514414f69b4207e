"""What the web terminal's forms send, out of requests in the words of the API.

A script says more than a form: what the form chooses by itself (filling, prices on a
tick, levels that move with an order) is chosen here as `docs/calculation.rst` says,
and what then travels is the work of the calculation and of the record.
"""

from __future__ import annotations

from typing import Any, Final

import pytest

from mt5web_async.calculation.cases import deal_action
from mt5web_async.calculation.market import Market
from mt5web_async.calculation.requests import (
    DEAL,
    MODIFY,
    PENDING,
    REMOVE,
    SLTP,
    prepared,
)
from mt5web_async.calculation.rounding import align
from mt5web_async.enums import ExecutionMode, FillFlags, Filling, TradeAction
from mt5web_async.protocol.records import (
    TRADE_REQUEST,
    FullSymbol,
    Order,
    Position,
    TradeRequest,
)
from mt5web_async.protocol.responses import AccountState
from tests import names
from tests.calculation.test_requests import Request
from tests.calculation.vectors import quotes

TRADES: Final = [
    entry
    for entry in names.load("requests.json")
    if entry["command"] == 12
    and entry["input"]["call"] != "modifyBySymbol"
    and entry["fields"]["trade_action"] != TradeAction.PRICES
]
"""All but requests for prices, which no script can make, and changes of a position
that the entry does not show."""

SETTINGS: Final = {"trade_exemode", "trade_fill_flags", "trade_instant_volume"}
"""What stands among the fields of a symbol here."""

UNLIMITED: Final[dict[str, Any]] = {
    "trade_mode": 4,
    "time_flags": 15,
    "order_flags": 127,
    "volume_max": 10**15,
}


class Form:
    """A call of the web terminal, with what it refers to."""

    def __init__(self, given: dict[str, Any]) -> None:
        flat = given["symbol"]
        own = {k: flat[k] for k in flat if k not in SETTINGS}
        trade = {k: flat[k] for k in flat if k in SETTINGS}
        symbol = names.full_symbol({**own, "trade": trade})
        self.symbol: FullSymbol = symbol._replace(
            point=10.0**-symbol.digits, trade=symbol.trade._replace(**UNLIMITED)
        )
        self.args: dict[str, Any] = given["args"]
        self.quote: dict[str, float] = given.get("requote") or given["quote"]
        self.positions = [
            names.position(given[n]) for n in ("position", "by") if n in given
        ]
        self.orders = [names.order(given["order"])] if "order" in given else []
        self.state = AccountState(names.account(given["account"]))

    @property
    def market(self) -> Market:
        shown = {self.symbol.name: self.quote}
        return Market.of(self.state, [self.symbol], quotes([self.symbol], shown))

    @property
    def position(self) -> Position:
        return self.positions[0]

    @property
    def order(self) -> Order:
        return self.orders[0]

    def price(self, name: str, default: float = 0.0) -> float:
        value = self.args.get(name, default)
        return align(value, self.symbol.tick_size, self.symbol.digits)

    def filling(self) -> int:
        """What the form chooses for deals."""
        if self.symbol.trade.execution_mode == ExecutionMode.EXCHANGE:
            return int(self.args.get("filling", Filling.RETURN))
        if self.symbol.trade.execution_mode != ExecutionMode.MARKET:
            return int(Filling.FOK)
        allowed = self.symbol.trade.fill_flags
        return int(Filling.IOC if allowed & FillFlags.IOC else Filling.FOK)

    def moved(self, name: str) -> float:
        """A level of a changed order, which moves with its price."""
        order, ours = self.order, {"trigger": "price_trigger"}.get(name, name)
        old = float(getattr(order, ours))
        if name in self.args or not old:
            return self.price(name, old)
        by = self.args.get("price", order.price_order) - order.price_order
        if "price" not in self.args and name != "trigger":
            by = self.args.get("trigger", order.price_trigger) - order.price_trigger
        return align(old + by, self.symbol.tick_size, self.symbol.digits)


def opened(form: Form) -> Request:
    return Request(
        DEAL,
        symbol=form.symbol.name,
        volume=form.args["volume"],
        type=form.args["type"],
        price=form.args.get("price", 0.0),
        sl=form.price("sl"),
        tp=form.price("tp"),
        type_filling=form.filling(),
        comment=form.args.get("comment", ""),
    )


def closed(form: Form) -> Request:
    instant = deal_action(form.symbol, form.position.volume) == TradeAction.INSTANT
    price = form.quote["ask" if form.position.action else "bid"]
    return Request(
        DEAL,
        symbol=form.symbol.name,
        volume=form.args.get("volume", form.position.volume / 1e8),
        type=1 - form.position.action,
        price=form.args.get("price", price),
        type_filling=form.filling(),
        deviation=int(instant),
        position=form.position.position_id,
    )


def placed(form: Form) -> Request:
    args, exchange = form.args, ExecutionMode.EXCHANGE
    chosen = form.symbol.trade.execution_mode == exchange and "filling" in args
    return Request(
        PENDING,
        symbol=form.symbol.name,
        volume=args["volume"],
        type=args["type"],
        price=form.price("price"),
        stoplimit=form.price("trigger"),
        sl=form.price("sl"),
        tp=form.price("tp"),
        type_filling=args["filling"] if chosen else int(Filling.RETURN),
        type_time=args["expirationType"],
        expiration=args.get("expiration", 0) // 1000,
        comment=args.get("comment", ""),
    )


def with_levels(form: Form) -> Request:
    held = form.position
    return Request(
        SLTP,
        symbol=form.symbol.name,
        position=held.position_id,
        sl=form.price("sl", held.sl),
        tp=form.price("tp", held.tp),
    )


def changed(form: Form) -> Request:
    order = form.order
    return Request(
        MODIFY,
        order=order.order,
        price=form.price("price", order.price_order),
        stoplimit=form.moved("trigger"),
        sl=form.moved("sl"),
        tp=form.moved("tp"),
        type_time=form.args.get("expirationType", order.type_time),
        expiration=form.args.get("expiration", order.time_expiration * 1000) // 1000,
        comment=form.args.get("comment", order.comment),
    )


def deleted(form: Form) -> Request:
    return Request(REMOVE, order=form.order.order)


CALLS: Final = {
    "positionOpen": opened,
    "positionClose": closed,
    "positionModify": with_levels,
    "orderOpen": placed,
    "orderModify": changed,
    "orderDelete": deleted,
}


@pytest.mark.parametrize("entry", TRADES, ids=[e["name"] for e in TRADES])
def test_a_request_travels_as_the_form_sends_it(entry: dict[str, Any]) -> None:
    form = Form(entry["input"])
    request = CALLS[entry["input"]["call"]](form)
    blank = TradeRequest(action_id=entry["input"]["action_id"])
    checked = prepared(form.market, request, blank, form.positions, form.orders)
    assert checked.retcode is None
    assert TRADE_REQUEST.write(checked.request).hex() == entry["hex"]
