"""What outlasts a server, and what does not."""

from __future__ import annotations

import threading
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from mt5web_async.calculation.one_time import one_time_password
from mt5web_async.enums import OrderType, TradeAction
from mt5web_async.protocol import requests, responses
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.records import TradeRequest
from mt5web_async.simulator import Simulator
from mt5web_async.simulator.clock import ManualClock

from .client import CLIENT_ID, Client, bootstrapped, entered
from .conftest import Start, still

LOT = 100_000_000
NEW = "Brand-New-1"


NOW = datetime(2026, 3, 10, 10, 0)  # noqa: DTZ001
BUY = TradeRequest(
    1, TradeAction.MARKET, "EURUSD", LOT // 10, type=OrderType.BUY, type_flags=2
)


def buy(client: Client) -> None:
    """A position of a tenth of a lot, and an order far away."""
    client.trade(BUY)
    client.trade(
        BUY._replace(
            action=TradeAction.PENDING, type=OrderType.BUY_LIMIT, price_order=0.5
        )
    )


def test_books_and_address_stay(server: Simulator) -> None:
    url = server.url
    with entered(server) as client:
        buy(client)
        history = client.ask(Command.HISTORY, requests.span(0, 2**31 - 1)).payload
        balance = client.account().balance
    held = server.positions()
    server.restart()
    assert server.url == url
    with entered(server) as client:
        again = client.ask(Command.HISTORY, requests.span(0, 2**31 - 1)).payload
        assert bytes(again) == bytes(history)
        assert client.account().balance == balance
        positions, orders = responses.read_positions(
            client.ask(Command.POSITIONS).payload
        )
    assert tuple(positions) == held
    assert [order.price_order for order in orders] == [0.5]


def test_the_market_goes_on(server: Simulator) -> None:
    server.quote("EURUSD", bid=1.5, ask=1.6)
    server.depth("EURUSD", [(1.5, 3.0)], [])
    server.restart()
    with entered(server) as client:
        euro = client.symbol("EURUSD").symbol_id
        client.quote(euro)
        (tick,) = client.ticks()
        client.watch(euro)
        ((_, levels),) = client.books()
    assert (tick.bid, tick.ask) == (150000, 160000)
    assert [level.volume for level in levels] == [3 * LOT * 100_000]


def test_pending_orders_are_still_watched(server: Simulator) -> None:
    server.quote("EURUSD", bid=1.1, ask=1.2)
    with entered(server) as client:
        buy(client)
    server.restart()
    server.quote("EURUSD", bid=0.4, ask=0.5)
    assert len(server.positions()) == 2


def test_tokens_stay_unless_they_are_to_be_forgotten(server: Simulator) -> None:
    with bootstrapped(server) as client:
        token = client.bootstrapped.token
        given = client.enter(server.login, server.password)
    secret: dict[str, Any] = {
        "token": bytes(given.password_token),
        "session": given.session,
    }
    server.restart()
    with bootstrapped(server, token) as client:
        assert client.bootstrapped.token == token
        client.enter(server.login, **secret)
    server.restart(forget_tokens=True)
    with bootstrapped(server, token) as client:
        assert client.bootstrapped.token != token
        assert client.log_in(server.login, **secret).result == 3
        client.enter(server.login, server.password)


def bind_generator(server: Simulator) -> None:
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    code = one_time_password(secret, server.do(lambda broker: broker.utc))
    with bootstrapped(server) as client:
        payload = requests.bind_one_time_password(
            server.login,
            client_id=CLIENT_ID,
            secret=secret,
            code=code,
            password=server.password,
        )
        assert client.ask(Command.ONE_TIME_PASSWORD, payload).result == 0


def test_generators_of_one_time_passwords_stay(server: Simulator) -> None:
    bind_generator(server)
    server.restart(forget_tokens=True)
    with bootstrapped(server) as client:
        assert client.log_in(server.login, server.password).result == 5


def test_a_file_keeps_generators_of_one_time_passwords(tmp_path: Path) -> None:
    ledger = tmp_path / "books.sqlite"
    with Simulator(still(ledger=ledger)) as first:
        bind_generator(first)
    with Simulator(still(ledger=ledger)) as second, bootstrapped(second) as client:
        assert client.log_in(second.login, second.password).result == 5


def test_faults_do_not_outlast_a_restart(server: Simulator) -> None:
    server.trouble.ignore()
    server.restart()
    with entered(server) as client:
        assert client.ask(Command.PING).result == 0


def test_a_file_keeps_the_books_for_the_next_server(tmp_path: Path) -> None:
    ledger = tmp_path / "books.sqlite"
    with Simulator(still(ledger=ledger)) as first, entered(first) as client:
        buy(client)
        extra = first.add_account("Other-1234", balance=77.0)
        held = first.positions()
    with Simulator(still(ledger=ledger, balance=5.0)) as second:
        assert second.positions() == held
        with entered(second, extra, "Other-1234") as client:
            assert client.account().balance == 77.0
        with entered(second) as client:
            assert client.account().balance > 5.0


def test_accounts_of_a_file_tell_of_the_server_that_they_are_at_now(
    tmp_path: Path,
) -> None:
    ledger = tmp_path / "books.sqlite"
    with Simulator(still(ledger=ledger)) as first, entered(first) as client:
        assert client.account().daylight_mode == 0
        buy(client)
    summer = still(ledger=ledger, utc_offset=3.0, daylight=1, build=6090)
    with Simulator(summer) as second, entered(second) as client:
        account = client.account()
        assert (account.timezone_shift, account.daylight_mode) == (3 * 3600, 1)
        assert account.server_build == 6090
        assert second.do(lambda broker: broker.now - broker.utc * 1000) == 4 * 3600_000


def test_a_file_keeps_changed_passwords(tmp_path: Path) -> None:
    ledger = tmp_path / "books.sqlite"
    with Simulator(still(ledger=ledger)) as first, entered(first) as client:
        payload = requests.change_password(NEW, first.password)
        assert not any(client.ask(Command.CHANGE_PASSWORD, payload).payload)
    with Simulator(still(ledger=ledger)) as second, bootstrapped(second) as client:
        assert client.log_in(second.login, second.password).result == 3
        assert client.log_in(second.login, NEW).result == 0


def test_a_file_holds_no_password(tmp_path: Path) -> None:
    ledger = tmp_path / "books.sqlite"
    with Simulator(still(ledger=ledger)) as server:
        password, investor = server.password, server.investor_password
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert written
    for secret in (password, investor):
        assert secret.encode() not in written
        assert secret.encode("utf-16-le") not in written


def test_without_a_file_a_closed_server_begins_anew(server: Simulator) -> None:
    server.deposit(500.0)
    server.close()
    server.start()
    with entered(server) as client:
        assert client.account().balance == server.config.balance


def test_new_books_use_no_ticket_of_those_before(start: Start) -> None:
    clock = ManualClock(NOW)
    server = start(clock=clock)
    with entered(server) as client:
        earlier = [client.trade(BUY).answer for _ in range(3)]
    server.close()
    clock.move(1)
    server.start()
    with entered(server) as client:
        later = client.trade(BUY).answer
    assert later.order > max(answer.order for answer in earlier)
    assert later.deal > max(answer.deal for answer in earlier)


def test_stopped_and_started_it_goes_on(server: Simulator) -> None:
    server.deposit(500.0)
    server.stop()
    server.stop()
    with pytest.raises(OSError, match="refused"):
        Client(server.url)
    server.start()
    server.start()
    with entered(server) as client:
        assert client.account().balance == server.config.balance + 500.0


def test_many_restarts_leave_nothing_behind(start: Start) -> None:
    server = start()
    threads = threading.active_count()
    for _ in range(5):
        with entered(server):
            server.restart()
    assert threading.active_count() == threads
