"""Servers differ: all requests, at servers that do otherwise than is usual."""

from __future__ import annotations

import random
from typing import Any, Final

import pytest

import mt5web as mt5
from mt5web_async.enums import MarginMode, TradeAction
from mt5web_async.simulator import Simulator, SimulatorConfig
from mt5web_async.simulator.switches import Switches
from tests.end_to_end.tour import EURUSD, Tourist
from tests.waiting import eventually


def chance(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - nothing to protect


EVERYTHING: Final[dict[str, Any]] = {
    "refuse_at_once": True,
    "verbose": True,
    "result_delay": 20,
    "close_by_in_two": True,
    "tp_at_market": True,
    "limit_at_market": True,
    "fill_price_in_order": True,
    "partial_retcode": 11001,
    "price_as_market": True,
    "pending_as_placed": True,
    "compensation": True,
    "request_limit": 0,
}
UNSEEN: Final = ("compensation", "request_limit")  # what this tour does not touch
CHANGED: Final[tuple[dict[str, Any], ...]] = (
    {},
    *({name: value} for name, value in EVERYTHING.items() if name not in UNSEEN),
    *({"shuffle": chance(seed)} for seed in range(3)),
    EVERYTHING | {"shuffle": chance(11)},
)


def named(changed: dict[str, Any]) -> str:
    return "+".join(changed) if len(changed) < 3 else "everything"


def server_with(changed: dict[str, Any], **more: Any) -> Simulator:
    switches = Switches(**changed)
    return Simulator(SimulatorConfig(automatic=False, switches=switches, **more))


PENDING: Final = (
    (mt5.ORDER_TYPE_BUY_LIMIT, {"price": 1.09}),
    (mt5.ORDER_TYPE_SELL_LIMIT, {"price": 1.11}),
    (mt5.ORDER_TYPE_BUY_STOP, {"price": 1.11}),
    (mt5.ORDER_TYPE_SELL_STOP, {"price": 1.09}),
    (mt5.ORDER_TYPE_BUY_STOP_LIMIT, {"price": 1.11, "stoplimit": 1.105}),
    (mt5.ORDER_TYPE_SELL_STOP_LIMIT, {"price": 1.09, "stoplimit": 1.095}),
)
TIMES: Final = (
    {"type_time": mt5.ORDER_TIME_GTC},
    {"type_time": mt5.ORDER_TIME_DAY},
    {"type_time": mt5.ORDER_TIME_SPECIFIED},
    {"type_time": mt5.ORDER_TIME_SPECIFIED_DAY},
)


@pytest.mark.parametrize("changed", CHANGED, ids=named)
def test_a_tour_of_a_hedging_account(changed: dict[str, Any]) -> None:
    with server_with(changed) as server:
        me = Tourist(server)
        me.quote(EURUSD, 1.1, 1.1001)
        deals(me)
        levels(me)
        close_by(me)
        pending_orders(me)
        triggers(me)
        refusals(me)
        assert me.terminal.positions_total() == len(me.server.positions())
        me.terminal.shutdown()


def deals(me: Tourist) -> None:
    long = me.opened(volume=0.3, sl=1.09, tp=1.12, comment="grid 1", magic=7)
    assert (long.sl, long.tp, long.type) == (1.09, 1.12, mt5.POSITION_TYPE_BUY)
    fok = {"type_filling": mt5.ORDER_FILLING_FOK}
    short = me.opened(volume=0.2, type=mt5.ORDER_TYPE_SELL, magic=8, **fok)
    me.closed(long, volume=0.1, magic=9, comment="part")
    (rest,) = me.terminal.positions_get(ticket=long.ticket) or ()
    assert (rest.magic, rest.comment, rest.sl) == (7, "grid 1", 1.09)
    me.closed(short)
    assert me.terminal.Close(EURUSD) is True
    assert me.terminal.positions_total() == 0
    me.check_figures()


def levels(me: Tourist) -> None:
    position = me.opened(volume=0.1)
    change = {"action": mt5.TRADE_ACTION_SLTP, "position": position.ticket}
    result = me.done(**change, sl=1.08, tp=1.13)
    assert (result.order, result.deal, result.volume) == (0, 0, 0.0)
    (now,) = me.terminal.positions_get(ticket=position.ticket) or ()
    assert (now.sl, now.tp) == (1.08, 1.13)
    me.done(**change, sl=1.081)
    (now,) = me.terminal.positions_get(ticket=position.ticket) or ()
    assert (now.sl, now.tp) == (1.081, 0.0)
    me.closed(now)


def close_by(me: Tourist) -> None:
    long = me.opened(volume=0.3)
    short = me.opened(volume=0.2, type=mt5.ORDER_TYPE_SELL)
    result = me.done(
        action=mt5.TRADE_ACTION_CLOSE_BY,
        position=long.ticket,
        position_by=short.ticket,
        magic=5,
    )
    assert (result.volume, result.price) == (0.2, 1.1)
    (rest,) = me.terminal.positions_get() or ()
    assert (rest.ticket, rest.volume) == (long.ticket, 0.1)
    (order,) = me.terminal.history_orders_get(ticket=result.order) or ()
    assert (order.type, order.position_by_id) == (
        mt5.ORDER_TYPE_CLOSE_BY,
        short.ticket,
    )
    both = me.deals_of(result.order)
    assert [one.position_id for one in both] == [long.ticket, short.ticket]
    assert [(one.entry, one.magic) for one in both] == [(mt5.DEAL_ENTRY_OUT_BY, 5)] * 2
    me.closed(rest)


def pending_orders(me: Tourist) -> None:
    info = me.terminal.symbol_info_tick(EURUSD)
    assert info is not None
    for place, (kind, prices) in enumerate(PENDING):
        expiry = dict(TIMES[place % len(TIMES)])
        if expiry["type_time"] >= mt5.ORDER_TIME_SPECIFIED:
            expiry["expiration"] = info.time // 86_400 * 86_400 + 3 * 86_400
        order = me.placed(type=kind, magic=place, **expiry, **prices)
        assert order.time_expiration >= expiry.get("expiration", 0)
        nearer = round(
            prices["price"] + (0.001 if prices["price"] < 1.1 else -0.001), 5
        )
        me.done(
            **expiry,
            action=mt5.TRADE_ACTION_MODIFY,
            order=order.ticket,
            price=nearer,
            stoplimit=prices.get("stoplimit", 0.0),
        )
        (moved,) = me.terminal.orders_get(ticket=order.ticket) or ()
        assert (moved.price_open, moved.magic) == (nearer, place)
        me.removed(moved)


def triggers(me: Tourist) -> None:
    """Orders and levels that the market reaches."""
    order = me.placed(type=mt5.ORDER_TYPE_BUY_LIMIT, price=1.099, tp=1.102, magic=3)
    me.quote(EURUSD, 1.0988, 1.0989)
    eventually(lambda: me.terminal.positions_total() == 1)
    eventually(lambda: me.terminal.orders_total() == 0)
    me.check_figures()
    (position,) = me.terminal.positions_get() or ()
    better = 1.0989 if me.switches.limit_at_market else 1.099
    assert (position.ticket, position.price_open) == (order.ticket, better)
    assert (position.magic, position.tp) == (3, 1.102)
    me.quote(EURUSD, 1.1022, 1.1023)
    eventually(lambda: me.terminal.positions_total() == 0)
    me.check_figures()
    *_, last = me.terminal.history_deals_get(position=order.ticket) or ()
    price = 1.1022 if me.switches.tp_at_market else 1.102
    assert (last.reason, last.price, last.magic) == (mt5.DEAL_REASON_TP, price, 3)
    me.quote(EURUSD, 1.1, 1.1001)


def refusals(me: Tourist) -> None:
    buy = {"action": mt5.TRADE_ACTION_DEAL, "symbol": EURUSD, "price": 1.1001}
    me.refused(mt5.TRADE_RETCODE_NO_MONEY, **buy, volume=60.0)
    gone = {"position": 4711, "sl": 1.09}
    me.refused(mt5.TRADE_RETCODE_POSITION_CLOSED, **buy, position=4711, volume=0.1)
    me.refused(mt5.TRADE_RETCODE_POSITION_CLOSED, action=mt5.TRADE_ACTION_SLTP, **gone)
    result = me.refused(mt5.TRADE_RETCODE_INVALID_VOLUME, **buy, volume=0.001)
    assert (result.request_id, result.volume, result.price, result.bid) == (0, 0, 0, 0)


FEW: Final[tuple[dict[str, Any], ...]] = (
    {},
    {"refuse_at_once": True, "verbose": True},
    {"shuffle": chance(21), "fill_price_in_order": True},
    EVERYTHING | {"shuffle": chance(22)},
)


@pytest.mark.parametrize("changed", FEW, ids=named)
def test_a_tour_of_a_netting_account(changed: dict[str, Any]) -> None:
    with server_with(changed, margin_mode=MarginMode.NETTING) as server:
        me = Tourist(server)
        me.quote(EURUSD, 1.1, 1.1001)
        first = me.opened(volume=0.3, magic=1, sl=1.09, tp=1.12)
        me.deal(volume=0.1, magic=2, sl=1.08)
        (grown,) = me.terminal.positions_get() or ()
        assert (grown.volume, grown.ticket, grown.sl) == (0.4, first.ticket, 1.08)
        me.done(action=mt5.TRADE_ACTION_SLTP, symbol=EURUSD, sl=1.085)
        (levelled,) = me.terminal.positions_get() or ()
        assert (levelled.sl, levelled.tp, levelled.magic) == (1.085, 0.0, 1)
        turning = me.deal(volume=0.6, type=mt5.ORDER_TYPE_SELL, magic=3, sl=1.105)
        (turned,) = me.terminal.positions_get() or ()
        assert (turned.volume, turned.type) == (0.2, mt5.POSITION_TYPE_SELL)
        assert (turned.ticket, turned.identifier) == (turning.order, first.ticket)
        assert turned.magic == 3
        by = {"position": turned.ticket, "position_by": first.ticket}
        me.refused(mt5.TRADE_RETCODE_INVALID, action=mt5.TRADE_ACTION_CLOSE_BY, **by)
        me.quote(EURUSD, 1.1055, 1.1056)
        eventually(lambda: me.terminal.positions_total() == 0)
        me.check_figures()
        deals = me.terminal.history_deals_get(position=first.ticket) or ()
        assert [(one.entry, one.magic) for one in deals] == [
            (mt5.DEAL_ENTRY_IN, 1),
            (mt5.DEAL_ENTRY_IN, 2),
            (mt5.DEAL_ENTRY_INOUT, 3),
            (mt5.DEAL_ENTRY_OUT, 3),
        ]
        (stop,) = me.terminal.history_orders_get(ticket=deals[-1].order) or ()
        assert (stop.reason, stop.magic) == (mt5.ORDER_REASON_SL, 3)
        pending_orders(me)
        me.terminal.shutdown()


@pytest.mark.parametrize("changed", FEW, ids=named)
def test_a_tour_of_an_exchange(changed: dict[str, Any]) -> None:
    depth = {"book_depth": True}
    account = {"margin_mode": MarginMode.EXCHANGE, "balance": 100_000.0}
    with server_with(changed | depth, **account) as server:
        me = Tourist(server)
        server.depth("ACME", [(99.0, 5.0)], [(100.0, 5.0), (100.1, 10.0)])
        me.quote("ACME", 99.0, 100.0)
        stock = {"symbol": "ACME", "price": 0.0}
        whole = me.opened(volume=10.0, type_filling=mt5.ORDER_FILLING_FOK, **stock)
        assert whole.price_open == 100.05
        assert len(me.terminal.history_deals_get(position=whole.ticket) or ()) == 2
        too_much = {"type_filling": mt5.ORDER_FILLING_FOK, "volume": 50.0, **stock}
        me.order(action=mt5.TRADE_ACTION_DEAL, **too_much)
        assert me.terminal.positions_total() == 1
        partly = me.switches.partial_retcode
        server.depth("ACME", [(99.0, 4.0)], [(100.0, 5.0)])
        sale = me.deal(partly, volume=6.0, type=mt5.ORDER_TYPE_SELL, **stock)
        assert (sale.volume, sale.price) == (4.0, 99.0)
        rest_waits(me)
        me.terminal.shutdown()


def rest_waits(me: Tourist) -> None:
    """An order of the filling Return that is filled in part stays open."""
    me.server.depth("ACME", [(99.0, 2.0)], [(100.0, 5.0)])
    result = me.order(
        action=mt5.TRADE_ACTION_DEAL,
        symbol="ACME",
        type=mt5.ORDER_TYPE_SELL,
        volume=3.0,
        type_filling=mt5.ORDER_FILLING_RETURN,
        magic=4,
    )
    assert (result.retcode, result.volume) == (mt5.TRADE_RETCODE_DONE_PARTIAL, 2.0)
    (order,) = me.terminal.orders_get(ticket=result.order) or ()
    assert (order.volume_current, order.state) == (1.0, mt5.ORDER_STATE_PARTIAL)
    assert order.magic == 4
    me.removed(order)


@pytest.mark.parametrize("changed", FEW, ids=named)
@pytest.mark.parametrize("symbol", ["USDNOK", "USDSEK"])
def test_a_tour_where_a_dealer_agrees_to_prices(
    symbol: str, changed: dict[str, Any]
) -> None:
    with server_with(changed) as server:
        me = Tourist(server)
        me.quote(symbol, 10.5, 10.51)
        position = me.opened(symbol=symbol, volume=0.1, type_filling=0, magic=6)
        assert position.price_open == 10.51
        without = {"action": mt5.TRADE_ACTION_DEAL, "symbol": symbol, "volume": 0.1}
        me.refused(mt5.TRADE_RETCODE_INVALID_PRICE, **without)
        server.quote(symbol, bid=10.52, ask=10.53)
        stale = without | {"price": 10.51, "deviation": 5}
        requote = me.refused(mt5.TRADE_RETCODE_REQUOTE, **stale)
        assert (requote.bid, requote.ask) == (10.52, 10.53)
        me.deal(symbol=symbol, volume=0.1, price=requote.ask)
        me.deal(symbol=symbol, volume=0.1, price=10.5299, deviation=10)
        assert me.terminal.Close(symbol) is True
        me.terminal.shutdown()


def test_a_volume_above_the_instant_one_is_dealt_by_request() -> None:
    with server_with({"shuffle": chance(31)}) as server:
        server.change_symbol(
            "USDNOK",
            lambda one: one._replace(trade=one.trade._replace(instant_volume=10**7)),
        )
        me = Tourist(server)
        me.quote("USDNOK", 10.5, 10.51)
        for volume in 0.1, 0.2:
            me.opened(symbol="USDNOK", volume=volume, type_filling=0, magic=6)
        entries = me.terminal.sent_requests()
        actions = [entry.sending.request.action for entry in entries]
        assert actions == [TradeAction.INSTANT, TradeAction.REQUEST]
        me.terminal.shutdown()


def test_a_buy_survives_requotes_and_is_made_once() -> None:
    with server_with({"requote_rate": 0.6}) as server:
        me = Tourist(server)
        me.quote("USDNOK", 10.5, 10.51)
        for _ in range(5):
            result = me.terminal.Buy("USDNOK", 0.1)
            assert result is not None
            assert result.retcode == mt5.TRADE_RETCODE_DONE
        assert me.terminal.positions_total() == 5 == len(server.positions())
        fates = [entry.fate for entry in me.terminal.sent_requests()]
        codes = {fate.retcode for fate in fates if fate is not None}
        assert codes == {mt5.TRADE_RETCODE_REQUOTE, mt5.TRADE_RETCODE_DONE}
        me.terminal.shutdown()


LIMITED: Final = (
    ({"order_limit": 1}, mt5.TRADE_RETCODE_LIMIT_ORDERS, {"action": 5, "price": 1.09}),
    ({"position_limit": 2}, mt5.TRADE_RETCODE_LIMIT_POSITIONS, {"type": 0}),
    ({"hedging_prohibited": True}, 10046, {"type": 1}),
)


@pytest.mark.parametrize(("changed", "code", "request_"), LIMITED, ids=str)
def test_limits_of_a_server_are_told_by_their_codes(
    changed: dict[str, Any], code: int, request_: dict[str, Any]
) -> None:
    with server_with(changed) as server:
        me = Tourist(server)
        me.quote(EURUSD, 1.1, 1.1001)
        me.placed(type=mt5.ORDER_TYPE_BUY_LIMIT, price=1.09)
        me.opened(volume=0.1)
        usual = {"action": 1, "symbol": EURUSD, "volume": 0.1, "type": 2}
        me.refused(code, **(usual | {"price": 1.1001} | request_))
        me.terminal.shutdown()


def test_positions_are_closed_from_the_oldest_on_where_that_is_the_rule() -> None:
    with server_with({"fifo": True}) as server:
        me = Tourist(server)
        me.quote(EURUSD, 1.1, 1.1001)
        _, second = me.opened(volume=0.1), me.opened(volume=0.1)
        newest = {"position": second.ticket, "type": mt5.ORDER_TYPE_SELL}
        deal = {"action": 1, "symbol": EURUSD, "volume": 0.1, "price": 1.1}
        me.refused(mt5.TRADE_RETCODE_FIFO_CLOSE, **deal, **newest)
        assert me.terminal.Close(EURUSD) is True
        me.terminal.shutdown()
