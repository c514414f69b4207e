"""Trading as clients see it, over real connections."""

from __future__ import annotations

import struct
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest

from mt5web_async.enums import OrderType, Retcode, Rights, Side, TradeAction
from mt5web_async.protocol import requests
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.frames import Answer
from mt5web_async.protocol.records import TRADE_REQUEST, Order, Position, TradeRequest
from mt5web_async.protocol.responses import (
    read_account,
    read_history,
    read_positions,
)
from mt5web_async.simulator import Simulator, SimulatorConfig
from mt5web_async.simulator.broker import Broker
from mt5web_async.simulator.clock import ManualClock
from mt5web_async.simulator.switches import Switches
from tests.simulator.client import Client, bootstrapped, entered
from tests.simulator.conftest import Start

from .house import vol
from .wire import told

NOW = 1773136800
BUY = TradeRequest(
    action_id=1000, action=TradeAction.MARKET, symbol="EURUSD", volume=vol(1)
)


@pytest.fixture
def server(start: Start) -> Simulator:
    server = start(automatic=False, switches=Switches(request_limit=0))
    server.quote("EURUSD", bid=1.10000, ask=1.10010)
    return server


def opened(client: Client) -> tuple[list[Position], list[Order]]:
    """What is open, as the server tells it when asked."""
    return read_positions(client.ask(Command.POSITIONS).payload)


def closing(position: Position) -> TradeRequest:
    return BUY._replace(type=OrderType.SELL, position=position.position_id)


def retcode_of(answer: Answer) -> int:
    (code,) = struct.unpack("<I", answer.payload)
    return int(code)


def test_all_connections_hear_of_a_deal_and_one_of_its_result(
    server: Simulator, client: Client
) -> None:
    with entered(server) as other:
        answer = client.ask(Command.TRADE, TRADE_REQUEST.write(BUY))  # case 25
        assert retcode_of(answer) == 0
        assert told(client.drain()) == "O+0 D+ O-4 H+4 R10009"
        assert told(other.drain()) == "O+0 D+ O-4 H+4"


def test_the_history_of_the_day_holds_deals_and_orders(
    server: Simulator, client: Client
) -> None:
    order = client.trade(BUY).answer.order  # case 102
    server.quote("EURUSD", bid=1.10060, ask=1.10070)
    (held,), _ = opened(client)
    client.trade(closing(held))
    answer = client.ask(Command.HISTORY, requests.span(NOW - 3600, NOW + 3600))
    deals, orders = read_history(answer.payload)
    assert [one.order for one in orders] == [order, order + 1]
    deposit, first, second = deals
    assert (deposit.symbol, deposit.profit) == ("", 10_000.0)
    assert (second.deal, second.profit) == (first.deal + 1, 50.00)
    assert {first.position_id, second.position_id} == {order}
    before = client.ask(Command.HISTORY, requests.span(0, NOW - 1))
    assert read_history(before.payload) == ([], [])


def test_a_new_connection_finds_what_is_open_at_the_prices_of_now(
    server: Simulator, client: Client
) -> None:
    ticket = client.trade(BUY).answer.order  # case 103
    server.disconnect()
    server.quote("EURUSD", bid=1.10060, ask=1.10070)
    with entered(server) as again:
        (held,), orders = opened(again)
        assert orders == []
        assert (held.position_id, held.action) == (ticket, Side.BUY)
        assert (held.price_close, held.profit) == (1.10060, 50.00)


def test_an_operator_takes_the_right_to_trade_away(
    server: Simulator, client: Client
) -> None:
    client.trade(BUY._replace(sl=1.09800))

    def bar(rights: Rights) -> None:
        def change(broker: Broker) -> None:
            state = broker.exchange.account_state(server.login)
            account = state.account._replace(rights=int(rights))
            changed = state._replace(account=account)
            broker.route(broker.exchange.change_account(server.login, changed))

        server.do(change)

    client.drain()
    bar(Rights.ENABLED | Rights.TRADE_DISABLED)  # case 104
    state = read_account(client.push(Command.ACCOUNT_CHANGED))
    assert state.account.rights & Rights.TRADE_DISABLED
    (held,), _ = opened(client)
    refused = client.trade(closing(held))
    assert refused.answer.retcode == Retcode.TRADE_DISABLED
    server.quote("EURUSD", bid=1.09790, ask=1.09800)
    assert told(client.drain()) == "O+0 D+ O-4 H+4"


@pytest.mark.parametrize("size", [0, 200, TRADE_REQUEST.size + 1])
def test_a_record_of_the_wrong_length_is_no_request(client: Client, size: int) -> None:
    answer = client.ask(Command.TRADE, bytes(size))  # case 105
    assert retcode_of(answer) == 3
    assert told(client.drain()) == ""


def test_an_unknown_action_is_no_request(client: Client) -> None:
    answer = client.ask(Command.TRADE, TRADE_REQUEST.write(BUY._replace(action=77)))
    assert retcode_of(answer) == 3
    assert told(client.drain()) == ""


@pytest.mark.parametrize(
    "request_", [BUY._replace(order=2**63), BUY._replace(volume=2**63)]
)
def test_numbers_that_no_result_can_carry_are_no_request(
    client: Client, request_: TradeRequest
) -> None:
    answer = client.ask(Command.TRADE, TRADE_REQUEST.write(request_))
    assert retcode_of(answer) == 3
    assert client.trade(BUY).answer.retcode == Retcode.DONE


def test_nobody_trades_without_a_login(server: Simulator) -> None:
    with bootstrapped(server) as stranger:
        answer = stranger.ask(Command.TRADE, TRADE_REQUEST.write(BUY))
        assert retcode_of(answer) == 8


def test_nothing_is_traded_while_the_trade_server_is_lost(
    server: Simulator, client: Client
) -> None:
    server.set_connected(False)  # case 106
    assert client.push(Command.TRADE_SERVER_STATE) == struct.pack("<I", 1)
    answer = client.ask(Command.TRADE, TRADE_REQUEST.write(BUY))
    assert retcode_of(answer) == Retcode.CONNECTION
    server.set_connected(True)
    assert client.push(Command.TRADE_SERVER_STATE) == struct.pack("<I", 0)
    assert opened(client) == ([], [])
    assert client.trade(BUY).answer.retcode == Retcode.DONE


def test_a_changed_password_is_the_only_one(server: Simulator, client: Client) -> None:
    payload = requests.change_password("Brand-New-1", server.password, investor=False)
    answer = client.ask(Command.CHANGE_PASSWORD, payload)  # case 107
    assert retcode_of(answer) == 0
    with bootstrapped(server) as stranger:
        assert stranger.log_in(server.login, server.password).result == 3
        assert stranger.log_in(server.login, "Brand-New-1").result == 0


def test_an_onlooker_sees_everything_and_trades_nothing(
    server: Simulator, client: Client
) -> None:
    with entered(server, password=server.investor_password) as onlooker:
        rights = Rights(onlooker.account().rights)
        assert Rights.INVESTOR | Rights.READ_ONLY in rights
        refused = onlooker.trade(BUY)
        assert refused.answer.retcode == Retcode.TRADE_DISABLED
        client.trade(BUY)
        assert told(onlooker.drain()) == "O+0 D+ O-4 H+4"


def test_many_clients_at_once_get_their_own_results(server: Simulator) -> None:
    def trade(number: int) -> tuple[int, int]:
        request = BUY._replace(action_id=number, volume=vol(0.01), comment=str(number))
        with entered(server) as client:
            result = client.trade(request)
            return result.action.action_id, result.answer.order

    with ThreadPoolExecutor(40) as pool:
        told = list(pool.map(trade, range(1000, 1040)))
    assert [number for number, _ in told] == list(range(1000, 1040))
    held = {one.position_id: one.comment for one in server.positions()}
    assert held == {ticket: str(number) for number, ticket in told}


def test_comments_keep_within_their_field(client: Client) -> None:
    client.trade(BUY._replace(comment="ü" * 31))
    (held,), _ = opened(client)
    assert held.comment == "ü" * 31


def test_a_pending_order_is_activated_by_a_tick(
    server: Simulator, client: Client
) -> None:
    placed = client.trade(
        BUY._replace(
            action=TradeAction.PENDING, type=OrderType.BUY_STOP, price_order=1.10200
        )
    )
    assert placed.answer.retcode == Retcode.DONE
    server.quote("EURUSD", bid=1.10220, ask=1.10230)
    assert told(client.drain()) == "D+ O-4 H+4"
    (held,), _ = opened(client)
    assert (held.position_id, held.price_open) == (placed.answer.order, 1.10230)


def test_an_order_expires_while_nobody_asks(start: Start) -> None:
    server = start(automatic=False)
    server.quote("EURUSD", bid=1.10000, ask=1.10010)
    with entered(server) as client:
        client.trade(
            BUY._replace(
                action=TradeAction.PENDING,
                type=OrderType.BUY_STOP,
                price_order=1.10200,
                type_time=2,
                time_expiration=NOW + 90,
            )
        )
        client.drain()
        server.advance(90)
        assert told(client.drain()) == "O-6 H+6"


def test_open_business_survives_a_restart(server: Simulator, client: Client) -> None:
    ticket = client.trade(BUY._replace(sl=1.09800)).answer.order
    server.restart()
    with entered(server) as again:
        server.quote("EURUSD", bid=1.09900, ask=1.09910)
        (held,), _ = opened(again)
        assert held.position_id == ticket
        server.quote("EURUSD", bid=1.09790, ask=1.09800)
        assert told(again.drain()) == "O+0 D+ O-4 H+4"


def test_a_server_is_open_at_weekends_unless_told_otherwise() -> None:
    saturday = datetime(2026, 3, 14, 12, 0)  # noqa: DTZ001
    config = SimulatorConfig(clock=ManualClock(saturday), automatic=False)
    with Simulator(config) as server, entered(server) as client:
        server.quote("EURUSD", bid=1.10000, ask=1.10010)
        assert client.trade(BUY).answer.retcode == Retcode.DONE
