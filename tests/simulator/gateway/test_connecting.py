"""From the first frame to the last, without an account."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import pytest
from websockets.exceptions import InvalidStatus

from mt5web_async.protocol import requests
from mt5web_async.protocol.cipher import BOOTSTRAP_KEY, Cipher
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.frames import read_answer
from mt5web_async.simulator import Simulator
from mt5web_async.simulator.config import Limits
from tests.simulator.client import Client, bootstrapped, entered
from tests.simulator.conftest import Start, still
from tests.waiting import eventually

UNREADABLE = 1002
BROKEN_OFF = 1006


@pytest.fixture(scope="module")
def server() -> Iterator[Simulator]:
    with Simulator(still()) as running:
        yield running


def test_a_new_connection_gets_build_token_and_key(server: Simulator) -> None:
    with Client(server.url) as client:
        given = client.bootstrap()
    assert given.build == server.config.build
    assert len(given.token) == 64
    assert any(given.token)
    assert len(given.key) == 32


def test_the_first_answer_is_encrypted_with_the_public_key_and_the_next_with_the_new(
    server: Simulator,
) -> None:
    with Client(server.url) as client:
        client.send(Command.BOOTSTRAP, requests.bootstrap())
        first = read_answer(Cipher(BOOTSTRAP_KEY), client.receive_raw())
        client.use_key(bytes(first.payload[2 + 64 :]))
        client.send(Command.PING)
        second = read_answer(Cipher(bytes(first.payload[66:])), client.receive_raw())
    assert (first.command, first.result) == (Command.BOOTSTRAP, 0)
    assert (second.command, second.result, len(second.payload)) == (51, 0, 0)


def test_frames_say_their_length_and_version(server: Simulator) -> None:
    with Client(server.url) as client:
        client.send(Command.BOOTSTRAP, requests.bootstrap())
        frame = client.receive_raw()
    length, version = struct.unpack_from("<II", frame)
    assert (length, version) == (len(frame) - 8, 1)


def test_every_connection_has_a_key_of_its_own(server: Simulator) -> None:
    with bootstrapped(server) as one, bootstrapped(server) as other:
        assert one.bootstrapped.key != other.bootstrapped.key


def test_a_token_that_is_shown_again_stays(server: Simulator) -> None:
    with bootstrapped(server) as client:
        token = client.bootstrapped.token
    with bootstrapped(server, token) as again:
        assert again.bootstrapped.token == token
        assert again.bootstrapped.key != client.bootstrapped.key


def test_a_token_of_elsewhere_is_replaced(server: Simulator) -> None:
    with bootstrapped(server, b"x" * 64) as client:
        assert client.bootstrapped.token != b"x" * 64
        assert any(client.bootstrapped.token)


def test_a_connection_that_does_not_begin_with_the_bootstrap_is_closed(
    server: Simulator,
) -> None:
    with Client(server.url) as client:
        client.send(Command.PING)
        assert client.closing_code() == UNREADABLE


def test_a_second_bootstrap_closes_the_connection(stranger: Client) -> None:
    stranger.send(Command.BOOTSTRAP, requests.bootstrap())
    assert stranger.closing_code() == UNREADABLE


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"\x10\0\0\0",
        struct.pack("<II", 16, 1) + bytes(16),
        struct.pack("<II", 32, 1) + bytes(16),
        struct.pack("<II", 16, 2) + bytes(16),
        struct.pack("<II", 0xFFFFFFFF, 1) + bytes(16),
    ],
    ids=["empty", "short", "other key", "cut", "version", "huge length"],
)
def test_what_is_no_frame_closes_the_connection_and_nothing_else(
    server: Simulator, stranger: Client, message: bytes
) -> None:
    with bootstrapped(server) as other:
        stranger.send_raw(message)
        assert stranger.closing_code() == UNREADABLE
        assert other.ask(Command.PING).result == 0


def test_text_closes_the_connection(stranger: Client) -> None:
    stranger.send_raw("hello")
    assert stranger.closing_code() == 1003


def test_a_message_beyond_the_limit_closes_the_connection(start: Start) -> None:
    server = start(limits=Limits(message=10_000))
    with bootstrapped(server) as client:
        client.send(Command.PING, bytes(20_000))
        assert client.closing_code() == 1009


def test_more_connections_than_allowed_are_turned_away(start: Start) -> None:
    server = start(limits=Limits(sessions=1))
    with bootstrapped(server) as client:
        with pytest.raises(InvalidStatus) as refusal:
            Client(server.url)
        assert client.ask(Command.PING).result == 0
    assert refusal.value.response.status_code == 503


def test_a_place_that_was_left_can_be_taken(start: Start) -> None:
    server = start(limits=Limits(sessions=1))
    for _ in range(3):
        with bootstrapped(server) as client:
            assert client.ask(Command.PING).result == 0
        server.disconnect()


def test_a_client_that_does_not_read_is_dropped(start: Start) -> None:
    server = start(synthetic_symbols=2000, limits=Limits(queue=5_000_000))
    with entered(server) as idle:
        for _ in range(20):
            idle.send(Command.SYMBOLS)
        eventually(lambda: server.do(lambda broker: len(broker.audience)) == 0)
        assert idle.closing_code() == BROKEN_OFF


def test_a_client_that_reads_nothing_for_long_is_dropped(start: Start) -> None:
    server = start(synthetic_symbols=2000, limits=Limits(patience=0.2))
    with entered(server) as idle:
        for _ in range(40):
            idle.send(Command.SYMBOLS)
        eventually(lambda: server.do(lambda broker: len(broker.audience)) == 0)
        assert idle.closing_code() == BROKEN_OFF


def test_a_ping_is_answered_by_nothing(stranger: Client) -> None:
    answer = stranger.ask(Command.PING)
    assert (answer.result, len(answer.payload)) == (0, 0)


def test_an_unknown_command_is_answered_by_an_error_and_the_connection_stays(
    stranger: Client,
) -> None:
    answer = stranger.ask(99)
    assert (answer.result, len(answer.payload)) == (1, 0)
    assert stranger.ask(Command.PING).result == 0


def test_command_52_is_answered_right_after_the_bootstrap(stranger: Client) -> None:
    assert stranger.ask(52).result == 0


def test_command_52_is_left_unanswered_later(stranger: Client) -> None:
    stranger.ask(Command.PING)
    stranger.send(52)
    stranger.send(Command.PING)
    assert stranger.receive().command == Command.PING


@pytest.mark.parametrize(
    "command",
    [
        Command.ACCOUNT,
        Command.POSITIONS,
        Command.HISTORY,
        Command.SYMBOLS,
        Command.SUBSCRIBE_TICKS,
        Command.SYMBOL_GROUPS,
        Command.RATES,
        Command.FULL_SYMBOLS,
        Command.SPREADS,
        Command.SUBSCRIBE_BOOK,
        Command.CHANGE_PASSWORD,
        Command.PACKED_SYMBOLS,
    ],
)
def test_nothing_of_an_account_is_told_before_the_login(
    stranger: Client, command: int
) -> None:
    answer = stranger.ask(command)
    assert (answer.result, len(answer.payload)) == (3, 0)


def test_a_trade_request_before_the_login_is_answered_by_a_code(
    stranger: Client,
) -> None:
    answer = stranger.ask(Command.TRADE)
    assert (answer.result, bytes(answer.payload)) == (0, struct.pack("<I", 8))


@pytest.mark.parametrize(
    "command",
    [
        Command.HISTORY,
        Command.SUBSCRIBE_TICKS,
        Command.RATES,
        Command.FULL_SYMBOLS,
        Command.SUBSCRIBE_BOOK,
        Command.CHANGE_PASSWORD,
        Command.LOGIN,
        Command.ONE_TIME_PASSWORD,
        Command.OPEN_DEMO_ACCOUNT,
    ],
)
def test_a_request_that_is_cut_short_is_answered_by_an_error(
    client: Client, command: int
) -> None:
    answer = client.ask(command, b"\1")
    assert (answer.result, len(answer.payload)) == (1, 0)
    assert client.ask(Command.PING).result == 0


def test_after_the_logout_the_connection_stays_without_an_account(
    server: Simulator, client: Client
) -> None:
    answer = client.ask(Command.LOGOUT)
    assert (answer.result, len(answer.payload)) == (0, 0)
    assert client.ask(Command.ACCOUNT).result == 3
    client.enter(server.login, server.password)
    assert client.account().name == "Demo Account"


def test_after_the_logout_nothing_is_pushed(server: Simulator, client: Client) -> None:
    symbol = client.symbol("EURUSD")
    client.quote(symbol.symbol_id)
    client.watch(symbol.symbol_id)
    client.ask(Command.LOGOUT)
    client.drain()
    server.quote("EURUSD", bid=1.1, ask=1.1001)
    server.deposit(5.0)
    assert client.drain() == []


def test_a_stopped_server_breaks_connections_off(start: Start) -> None:
    server = start()
    with bootstrapped(server) as client:
        server.stop()
        assert client.closing_code() == BROKEN_OFF
