"""The official functions over the real protocol against the simulated server."""

from __future__ import annotations

import math
from typing import Any

import pytest

import mt5web as mt5
from mt5web_async.simulator.server import Simulator
from tests.waiting import eventually

EURUSD = "EURUSD"


def deal(terminal: mt5.Terminal, **more: Any) -> mt5.OrderSendResult:
    """A market deal at the price of the moment."""
    request = {
        "action": mt5.TRADE_ACTION_DEAL,
        "symbol": EURUSD,
        "volume": 0.1,
        "type": mt5.ORDER_TYPE_BUY,
        "type_filling": mt5.ORDER_FILLING_IOC,
        **more,
    }
    tick = terminal.symbol_info_tick(request["symbol"])
    assert tick is not None
    buying = request["type"] == mt5.ORDER_TYPE_BUY
    result = terminal.order_send(
        {"price": tick.ask if buying else tick.bid, "deviation": 20, **request}
    )
    assert result is not None, terminal.last_error()
    return result


def pending(terminal: mt5.Terminal, kind: int, price: float, **more: Any) -> int:
    result = terminal.order_send(
        {
            "action": mt5.TRADE_ACTION_PENDING,
            "symbol": EURUSD,
            "volume": 0.1,
            "type": kind,
            "price": price,
            "type_filling": mt5.ORDER_FILLING_RETURN,
            **more,
        }
    )
    assert result is not None
    assert result.retcode == mt5.TRADE_RETCODE_DONE, result
    return int(result.order)


def test_a_major_of_the_simulator_takes_whatever_filling_scripts_choose(
    terminal: mt5.Terminal,
) -> None:
    for filling in (
        mt5.ORDER_FILLING_FOK,
        mt5.ORDER_FILLING_IOC,
        mt5.ORDER_FILLING_RETURN,
    ):
        bought = deal(terminal, symbol="USDJPY", type_filling=filling)
        assert bought.retcode == mt5.TRADE_RETCODE_DONE, bought


def still(server: Simulator, bid: float = 1.1, ask: float = 1.1001) -> None:
    """Let the price stand."""
    server.quote(EURUSD, bid=bid, ask=ask)


def see(terminal: mt5.Terminal, bid: float) -> None:
    """Wait until the terminal knows a price."""

    def known() -> bool:
        tick = terminal.symbol_info_tick(EURUSD)
        return tick is not None and tick.bid == bid

    eventually(known)


def test_a_deal_opens_a_position_that_is_there_on_the_next_line(
    server: Simulator, terminal: mt5.Terminal
) -> None:
    still(server)
    see(terminal, 1.1)
    result = deal(terminal, sl=1.09, tp=1.12, comment="hello")
    assert result.retcode == mt5.TRADE_RETCODE_DONE
    assert result.price == 1.1001
    (position,) = terminal.positions_get(ticket=result.order) or ()
    assert position.ticket == result.order
    assert (position.volume, position.price_open) == (0.1, 1.1001)
    assert (position.sl, position.tp, position.comment) == (1.09, 1.12, "hello")
    (opening,) = terminal.history_deals_get(position=position.ticket) or ()
    assert (opening.ticket, opening.entry) == (result.deal, mt5.DEAL_ENTRY_IN)


def test_profit_equity_and_margin_follow_every_tick(
    server: Simulator, terminal: mt5.Terminal
) -> None:
    still(server)
    see(terminal, 1.1)
    deal(terminal, volume=1.0)
    for bid in (1.1, 1.101, 1.0987, 1.10555):
        still(server, bid, round(bid + 0.0001, 5))
        see(terminal, bid)
        account = terminal.account_info()
        (position,) = terminal.positions_get() or ()
        assert account is not None
        profit = round((bid - 1.1001) * 100_000, 2)
        assert position.profit == profit
        assert position.price_current == bid
        assert account.profit == profit
        assert account.equity == round(10_000 + profit, 2)
        assert account.margin == 1100.1
        assert account.margin_free == round(account.equity - account.margin, 2)
        level = account.equity / account.margin * 100
        assert math.isclose(account.margin_level, level, rel_tol=1e-9)


def test_a_position_can_be_closed_in_parts(
    server: Simulator, terminal: mt5.Terminal
) -> None:
    still(server)
    see(terminal, 1.1)
    ticket = deal(terminal, volume=0.3).order
    first = deal(terminal, volume=0.1, type=mt5.ORDER_TYPE_SELL, position=ticket)
    assert first.retcode == mt5.TRADE_RETCODE_DONE
    (rest,) = terminal.positions_get(ticket=ticket) or ()
    assert rest.volume == 0.2
    deal(terminal, volume=0.2, type=mt5.ORDER_TYPE_SELL, position=ticket)
    assert terminal.positions_get(ticket=ticket) == ()
    entries = [one.entry for one in terminal.history_deals_get(position=ticket) or ()]
    assert entries == [mt5.DEAL_ENTRY_IN, mt5.DEAL_ENTRY_OUT, mt5.DEAL_ENTRY_OUT]


def test_opposite_positions_close_each_other(
    server: Simulator, terminal: mt5.Terminal
) -> None:
    still(server)
    see(terminal, 1.1)
    long = deal(terminal).order
    short = deal(terminal, type=mt5.ORDER_TYPE_SELL).order
    result = terminal.order_send(
        {
            "action": mt5.TRADE_ACTION_CLOSE_BY,
            "position": long,
            "position_by": short,
        }
    )
    assert result is not None
    assert result.retcode == mt5.TRADE_RETCODE_DONE
    assert terminal.positions_total() == 0


def test_levels_can_be_set_without_naming_the_symbol(
    server: Simulator, terminal: mt5.Terminal
) -> None:
    still(server)
    see(terminal, 1.1)
    ticket = deal(terminal).order
    result = terminal.order_send(
        {"action": mt5.TRADE_ACTION_SLTP, "position": ticket, "sl": 1.09, "tp": 1.11}
    )
    assert result is not None
    assert result.retcode == mt5.TRADE_RETCODE_DONE
    (position,) = terminal.positions_get(ticket=ticket) or ()
    assert (position.sl, position.tp) == (1.09, 1.11)


def test_a_stop_loss_closes_the_position_and_says_so(
    server: Simulator, terminal: mt5.Terminal
) -> None:
    still(server)
    see(terminal, 1.1)
    ticket = deal(terminal, sl=1.095).order
    still(server, 1.094, 1.0941)
    eventually(lambda: terminal.positions_total() == 0)
    closing = (terminal.history_deals_get(position=ticket) or ())[-1]
    assert closing.reason == mt5.DEAL_REASON_SL
    assert closing.price == 1.094
    assert closing.comment == "[sl 1.09500]"


@pytest.mark.parametrize(
    ("kind", "price", "bid"),
    [
        (mt5.ORDER_TYPE_BUY_LIMIT, 1.098, 1.0978),
        (mt5.ORDER_TYPE_SELL_LIMIT, 1.102, 1.1021),
        (mt5.ORDER_TYPE_BUY_STOP, 1.103, 1.1031),
        (mt5.ORDER_TYPE_SELL_STOP, 1.097, 1.0969),
    ],
)
def test_a_pending_order_waits_for_its_price(
    server: Simulator, terminal: mt5.Terminal, kind: int, price: float, bid: float
) -> None:
    still(server)
    see(terminal, 1.1)
    ticket = pending(terminal, kind, price)
    assert [order.ticket for order in terminal.orders_get() or ()] == [ticket]
    still(server, bid, round(bid + 0.0001, 5))
    eventually(lambda: terminal.positions_total() == 1)
    eventually(lambda: terminal.orders_total() == 0)
    (order,) = terminal.history_orders_get(ticket=ticket) or ()
    assert order.state == mt5.ORDER_STATE_FILLED


def test_a_stop_limit_becomes_a_limit_order_first(
    server: Simulator, terminal: mt5.Terminal
) -> None:
    still(server)
    see(terminal, 1.1)
    ticket = pending(terminal, mt5.ORDER_TYPE_BUY_STOP_LIMIT, 1.103, stoplimit=1.101)
    still(server, 1.1031, 1.1032)
    eventually(
        lambda: (
            (terminal.orders_get(ticket=ticket) or ())[0].type
            == mt5.ORDER_TYPE_BUY_LIMIT
        )
    )
    still(server, 1.1008, 1.1009)
    eventually(lambda: terminal.positions_total() == 1)


def test_an_order_can_be_moved_and_deleted(
    server: Simulator, terminal: mt5.Terminal
) -> None:
    still(server)
    see(terminal, 1.1)
    ticket = pending(terminal, mt5.ORDER_TYPE_BUY_LIMIT, 1.09)
    moved = terminal.order_send(
        {"action": mt5.TRADE_ACTION_MODIFY, "order": ticket, "price": 1.08}
    )
    assert moved is not None
    assert moved.retcode == mt5.TRADE_RETCODE_DONE
    (order,) = terminal.orders_get(ticket=ticket) or ()
    assert order.price_open == 1.08
    deleted = terminal.order_send({"action": mt5.TRADE_ACTION_REMOVE, "order": ticket})
    assert deleted is not None
    assert deleted.retcode == mt5.TRADE_RETCODE_DONE
    assert terminal.orders_get() == ()
    (done,) = terminal.history_orders_get(ticket=ticket) or ()
    assert done.state == mt5.ORDER_STATE_CANCELED


@pytest.mark.parametrize(
    ("more", "retcode"),
    [
        ({"volume": 0.001}, mt5.TRADE_RETCODE_INVALID_VOLUME),
        ({"volume": 60.0}, mt5.TRADE_RETCODE_NO_MONEY),
        ({"sl": 1.2}, mt5.TRADE_RETCODE_INVALID_STOPS),
        ({"symbol": "NOSUCH"}, mt5.TRADE_RETCODE_INVALID),
        ({"type_filling": mt5.ORDER_FILLING_RETURN}, mt5.TRADE_RETCODE_INVALID_FILL),
    ],
)
def test_a_request_that_cannot_be_carried_out_is_refused_with_its_code(
    server: Simulator, terminal: mt5.Terminal, more: dict[str, Any], retcode: int
) -> None:
    still(server)
    see(terminal, 1.1)
    request: dict[str, Any] = {
        "action": mt5.TRADE_ACTION_DEAL,
        "symbol": EURUSD,
        "volume": 0.1,
        "type": mt5.ORDER_TYPE_BUY,
        "price": 1.1001,
        "type_filling": mt5.ORDER_FILLING_FOK,
        **more,
    }
    result = terminal.order_send(request)
    assert result is not None
    assert result.retcode == retcode
    assert terminal.positions_total() == 0
    check = terminal.order_check(request)
    assert check is not None
    assert check.retcode == retcode


@pytest.mark.parametrize(
    "request_",
    [
        {"action": mt5.TRADE_ACTION_DEAL, "symbol": EURUSD, "volume": 0.1},
        {"action": mt5.TRADE_ACTION_SLTP, "symbol": EURUSD, "sl": 1.0},
        {"action": mt5.TRADE_ACTION_SLTP, "sl": 1.0},
    ],
)
def test_that_a_position_is_gone_is_for_the_server_to_say(
    server: Simulator, terminal: mt5.Terminal, request_: dict[str, Any]
) -> None:
    still(server)
    see(terminal, 1.1)
    result = terminal.order_send(request_ | {"position": 12345})
    assert result is not None
    assert result.retcode == mt5.TRADE_RETCODE_POSITION_CLOSED
    assert result.request_id > 0
    assert len(terminal.sent_requests()) == 1


@pytest.mark.parametrize(
    "request_",
    [
        {},
        {"action": 99, "symbol": EURUSD},
        {"action": mt5.TRADE_ACTION_DEAL},
        {"action": mt5.TRADE_ACTION_DEAL, "symbol": EURUSD, "type": 2, "volume": 0.1},
        {"action": mt5.TRADE_ACTION_PENDING, "symbol": EURUSD, "volume": 0.1},
        {"action": mt5.TRADE_ACTION_SLTP, "sl": 1.0},
        {"action": mt5.TRADE_ACTION_MODIFY, "price": 1.0},
        {"action": mt5.TRADE_ACTION_REMOVE},
        {"action": mt5.TRADE_ACTION_CLOSE_BY, "position": 1},
    ],
)
def test_an_incomplete_request_is_invalid_and_goes_nowhere(
    terminal: mt5.Terminal, request_: dict[str, Any]
) -> None:
    result = terminal.order_send(request_)
    assert result is not None
    assert (result.retcode, result.comment) == (10013, "Invalid request")
    numbers = [value for value in result if isinstance(value, int | float)]
    assert numbers == [10013, 0, 0, 0.0, 0.0, 0.0, 0.0, 0, 0]
    check = terminal.order_check(request_)
    assert check is not None
    assert check[:8] == (10013, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, "Invalid request")
    assert not terminal.sent_requests()


def test_requests_that_were_sent_are_counted(terminal: mt5.Terminal) -> None:
    first, wrong, second = deal(terminal), deal(terminal, volume=0.001), deal(terminal)
    assert wrong.request_id == 0
    assert second.request_id == first.request_id + 1


def test_a_check_foretells_the_account_after_the_deal(
    server: Simulator, terminal: mt5.Terminal
) -> None:
    still(server)
    see(terminal, 1.1)
    request = {
        "action": mt5.TRADE_ACTION_DEAL,
        "symbol": EURUSD,
        "volume": 1.0,
        "type": mt5.ORDER_TYPE_BUY,
        "price": 1.1001,
        "type_filling": mt5.ORDER_FILLING_IOC,
    }
    check = terminal.order_check(request)
    assert check is not None
    assert (check.retcode, check.comment) == (0, "Done")
    needed = terminal.order_calc_margin(mt5.ORDER_TYPE_BUY, EURUSD, 1.0, 1.1001)
    assert check.margin == needed == 1100.1
    terminal.order_send(request)
    account = terminal.account_info()
    assert account is not None
    assert account.margin == check.margin


def test_a_netting_account_has_one_position_of_a_symbol(server: Simulator) -> None:
    from mt5web_async.enums import MarginMode

    login = server.add_account("Netting-1", margin_mode=MarginMode.NETTING)
    terminal = mt5.Terminal()
    assert terminal.initialize(server=server.url, login=login, password="Netting-1")
    still(server)
    see(terminal, 1.1)
    deal(terminal, volume=0.3)
    deal(terminal, volume=0.1, type=mt5.ORDER_TYPE_SELL)
    (position,) = terminal.positions_get() or ()
    assert (position.volume, position.type) == (0.2, mt5.POSITION_TYPE_BUY)
    deal(terminal, volume=0.5, type=mt5.ORDER_TYPE_SELL)
    (position,) = terminal.positions_get() or ()
    assert (position.volume, position.type) == (0.3, mt5.POSITION_TYPE_SELL)
    account = terminal.account_info()
    assert account is not None
    assert account.margin_mode == mt5.ACCOUNT_MARGIN_MODE_RETAIL_NETTING
    terminal.shutdown()


def test_two_terminals_of_one_account_see_each_others_trades(
    server: Simulator, terminal: mt5.Terminal
) -> None:
    other = mt5.Terminal()
    assert other.initialize(
        server=server.url, login=server.login, password=server.password
    )
    ticket = deal(terminal).order
    eventually(lambda: bool(other.positions_get(ticket=ticket)))
    assert other.Close(EURUSD)
    eventually(lambda: terminal.positions_get(ticket=ticket) == ())
    other.shutdown()
