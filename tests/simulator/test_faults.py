"""Faults that a server can be told to have."""

from __future__ import annotations

import struct

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from mt5web_async.enums import OrderType, TradeAction
from mt5web_async.errors import MalformedMessage
from mt5web_async.protocol import requests
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.records import LOGIN_RESPONSE, TRADE_REQUEST, TradeRequest
from mt5web_async.simulator import Simulator
from mt5web_async.simulator.faults import Damage, TradeLoss
from tests.waiting import eventually

from .client import Client, bootstrapped, entered

BROKEN_OFF = 1006
LOT = 100_000_000
BUY = TRADE_REQUEST.write(
    TradeRequest(1, TradeAction.MARKET, "EURUSD", LOT // 10, type=OrderType.BUY)
)


def next_commands(client: Client, count: int) -> list[int]:
    """Commands of the next messages."""
    return [client.receive().command for _ in range(count)]


def test_ignored_commands_are_never_answered(server: Simulator, client: Client) -> None:
    server.trouble.ignore(Command.ACCOUNT, Command.SYMBOLS)
    for command in (Command.ACCOUNT, Command.SYMBOLS, Command.PING):
        client.send(command)
    assert next_commands(client, 1) == [Command.PING]
    server.trouble.hear()
    assert client.account().balance
    assert client.drain() == []


def test_a_server_may_ignore_everything(server: Simulator, client: Client) -> None:
    client.account()
    server.trouble.ignore()
    client.send(Command.SYMBOLS)
    with Client(server.url) as stranger:
        stranger.send(Command.BOOTSTRAP, requests.bootstrap())
        server.deposit(5.0)  # pushes still come
        assert client.push(Command.TRANSACTIONS)


def test_an_ignored_trade_request_is_not_carried_out(
    server: Simulator, client: Client
) -> None:
    server.trouble.ignore(Command.TRADE)
    client.send(Command.TRADE, BUY)
    client.ask(Command.PING)
    assert server.positions() == ()


def test_a_silent_server_sends_nothing_and_does_its_work(
    server: Simulator, client: Client
) -> None:
    client.ask(Command.PING)
    server.trouble.silence()
    client.send(Command.TRADE, BUY)
    eventually(lambda: len(server.positions()) == 1)
    server.trouble.silence(False)
    client.send(Command.PING)
    assert next_commands(client, 1) == [Command.PING]


def test_held_answers_come_when_they_are_released(
    server: Simulator, client: Client
) -> None:
    server.trouble.hold(Command.ACCOUNT)
    for command in (Command.ACCOUNT, Command.ACCOUNT, Command.PING):
        client.send(command)
    assert next_commands(client, 1) == [Command.PING]
    assert server.trouble.held(Command.ACCOUNT) == 2
    assert server.trouble.release(Command.ACCOUNT) == 2
    assert next_commands(client, 2) == [Command.ACCOUNT, Command.ACCOUNT]
    assert server.trouble.held(Command.ACCOUNT) == 0
    assert client.account().balance


def test_a_request_whose_answer_is_held_is_carried_out(
    server: Simulator, client: Client
) -> None:
    server.trouble.hold(Command.TRADE)
    client.send(Command.TRADE, BUY)
    assert client.push(Command.TRADE_RESULT)
    assert len(server.positions()) == 1


def test_late_answers_come_late_and_do_not_hold_up_others(
    server: Simulator, client: Client
) -> None:
    server.trouble.delay(Command.ACCOUNT, 0.2)
    client.send(Command.ACCOUNT)
    client.send(Command.PING)
    assert next_commands(client, 2) == [Command.PING, Command.ACCOUNT]
    server.trouble.delay(Command.ACCOUNT, 0)
    client.send(Command.ACCOUNT)
    client.send(Command.PING)
    assert next_commands(client, 2) == [Command.ACCOUNT, Command.PING]


def test_a_command_may_fail_with_any_result(server: Simulator, client: Client) -> None:
    server.trouble.fail(Command.SYMBOLS, 9)
    answer = client.ask(Command.SYMBOLS)
    assert (answer.result, len(answer.payload)) == (9, 0)
    server.trouble.fail(Command.SYMBOLS, 0)
    assert client.ask(Command.SYMBOLS).result == 0


def test_an_answer_may_come_twice(server: Simulator, client: Client) -> None:
    server.trouble.double(Command.ACCOUNT)
    for command in (Command.ACCOUNT, Command.ACCOUNT):
        client.send(command)
    assert next_commands(client, 3) == [Command.ACCOUNT] * 3
    assert client.drain() == []


@pytest.mark.parametrize("damage", [Damage.GARBAGE, Damage.CUT_FRAME, Damage.VERSION])
def test_a_spoilt_frame_cannot_be_read(
    server: Simulator, client: Client, damage: Damage
) -> None:
    server.trouble.damage(damage, Command.ACCOUNT)
    assert client.ask(Command.PING).result == 0
    client.send(Command.ACCOUNT)
    with pytest.raises(MalformedMessage):
        client.receive()
    assert client.account().balance


@pytest.mark.parametrize("damage", [Damage.CUT_PAYLOAD, Damage.EMPTY_PAYLOAD])
def test_a_spoilt_payload_comes_in_a_frame_in_order(
    server: Simulator, client: Client, damage: Damage
) -> None:
    whole = len(client.ask(Command.ACCOUNT).payload)
    server.trouble.damage(damage)
    spoilt = len(client.ask(Command.ACCOUNT).payload)
    assert spoilt == (whole - 3 if damage is Damage.CUT_PAYLOAD else 0)
    assert len(client.ask(Command.ACCOUNT).payload) == whole


def test_text_may_come_in_place_of_bytes(server: Simulator, client: Client) -> None:
    server.trouble.damage(Damage.TEXT, Command.PING)
    client.send(Command.PING)
    assert client.receive_any() == "text"


def test_a_wrong_key_decrypts_nothing(server: Simulator) -> None:
    server.trouble.wrong_key()
    with bootstrapped(server) as client:
        client.send(Command.PING)
        assert client.closing_code() == 1002
    with bootstrapped(server) as client:
        assert client.ask(Command.PING).result == 0


@pytest.mark.parametrize(
    ("when", "positions"), [(TradeLoss.BEFORE, 0), (TradeLoss.AFTER, 1)]
)
def test_a_connection_may_break_around_a_trade_request(
    server: Simulator, client: Client, when: TradeLoss, positions: int
) -> None:
    server.trouble.lose_trade(when)
    client.send(Command.TRADE, BUY)
    with pytest.raises(ConnectionClosed):  # without a word before it
        client.receive_any()
    assert len(server.positions()) == positions


def test_of_a_trade_whose_connection_broke_other_connections_hear(
    server: Simulator, client: Client
) -> None:
    with entered(server) as other:
        server.trouble.lose_trade()
        client.send(Command.TRADE, BUY)
        assert other.push(Command.TRANSACTIONS)


def test_a_trade_loss_concerns_one_request(server: Simulator, client: Client) -> None:
    server.trouble.lose_trade()
    client.send(Command.TRADE, BUY)
    client.closing_code()
    with entered(server) as again:
        assert bytes(again.ask(Command.TRADE, BUY).payload) == struct.pack("<I", 0)


def test_all_connections_can_be_broken_off(server: Simulator) -> None:
    with entered(server) as one, bootstrapped(server) as other:
        server.disconnect()
        assert one.closing_code() == other.closing_code() == BROKEN_OFF
    with entered(server) as again:
        assert again.ask(Command.PING).result == 0


def test_new_connections_can_be_refused(server: Simulator, client: Client) -> None:
    server.trouble.refuse()
    with pytest.raises(InvalidStatus, match="503"):
        Client(server.url)
    assert client.ask(Command.PING).result == 0
    server.trouble.refuse(False)
    with bootstrapped(server):
        pass


def test_everything_can_be_put_right_at_once(server: Simulator, client: Client) -> None:
    trouble = server.trouble
    trouble.hold(Command.LOGIN)
    payload = requests.login(
        server.login, client_id=bytes(16), password=server.password
    )
    client.send(Command.LOGIN, payload)
    client.ask(Command.PING)
    trouble.refuse()
    trouble.ignore()
    trouble.fail(Command.ACCOUNT)
    trouble.delay(Command.ACCOUNT, 100)
    trouble.double(Command.ACCOUNT)
    trouble.damage(Damage.TEXT)
    trouble.wrong_key(5)
    trouble.lose_trade()
    trouble.damage(Damage.GARBAGE)
    trouble.silence()
    trouble.clear()
    client.send(Command.PING)
    answers = [client.receive() for _ in range(2)]
    assert [answer.command for answer in answers] == [Command.LOGIN, Command.PING]
    assert LOGIN_RESPONSE.read(answers[0].payload).session
    with entered(server) as other:
        assert other.account().balance
        assert bytes(other.ask(Command.TRADE, BUY).payload) == bytes(4)
