"""The server as Python code sees it."""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest

from mt5web_async.enums import AccountType, MarginMode
from mt5web_async.errors import NotFound, TradeRefused
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.responses import read_account
from mt5web_async.simulator import Simulator, SimulatorConfig
from mt5web_async.simulator.clock import ManualClock
from tests.programs import python

from .client import LIMIT, Client, bootstrapped, entered
from .conftest import TUESDAY, Start


def test_it_serves_while_the_block_lasts() -> None:
    with Simulator(SimulatorConfig(clock=ManualClock(TUESDAY))) as server:
        url = server.url
        assert url.startswith("ws://127.0.0.1:")
        assert url.endswith("/terminal")
        assert "running" in repr(server)
        with Client(url):
            pass
    assert "stopped" in repr(server)
    with pytest.raises(OSError, match="refused"):
        Client(url)


def test_its_credentials_log_in(server: Simulator) -> None:
    assert server.credentials == {
        "server": server.url,
        "login": server.login,
        "password": server.password,
    }
    with entered(server, server.login, server.password) as client:
        assert client.account().balance == 10_000.0


def test_servers_side_by_side_know_nothing_of_each_other(start: Start) -> None:
    one, other = start(login=11), start(login=22)
    assert one.url != other.url
    with bootstrapped(one) as client:
        assert client.log_in(22, other.password).result == 3
        assert client.log_in(11, one.password).result == 0


def test_it_listens_at_the_port_that_was_asked_for(start: Start) -> None:
    with Simulator(SimulatorConfig()) as free:
        port = int(free.url.split(":")[2].split("/")[0])
    assert start(port=port).url == free.url


def test_a_port_that_is_taken_is_an_error_and_leaves_nothing_running(
    server: Simulator,
) -> None:
    port = int(server.url.split(":")[2].split("/")[0])
    threads = threading.active_count()
    late = Simulator(SimulatorConfig(port=port))
    with pytest.raises(OSError, match=str(port)):
        late.start()
    assert threading.active_count() == threads
    server.stop()
    with late, bootstrapped(late):
        pass


@pytest.mark.parametrize(
    "use",
    [
        lambda server: server.deposit(1.0),
        lambda server: server.quote("EURUSD", bid=1.0),
        lambda server: server.trouble.refuse(),
        lambda server: server.advance(1.0),
        lambda server: server.disconnect(),
    ],
)
def test_a_stopped_server_says_that_it_has_to_be_started(use: object) -> None:
    assert callable(use)
    server = Simulator(SimulatorConfig(clock=ManualClock(TUESDAY)))
    with pytest.raises(RuntimeError, match="start"):
        use(server)


def test_it_can_be_used_from_many_threads_at_once(server: Simulator) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: server.deposit(1.0), range(100)))
        logins = list(pool.map(lambda _: server.add_account("Other-1234"), range(16)))
    assert len(set(logins)) == 16
    with entered(server) as client:
        assert client.account().balance == 10_100.0


def test_who_uses_it_while_it_stops_is_told_so(start: Start) -> None:
    for _ in range(5):
        server = start()
        with ThreadPoolExecutor(4) as pool:
            uses = [pool.submit(use_until_it_stops, server) for _ in range(4)]
            server.stop()
            for use in uses:
                use.result(LIMIT)


def use_until_it_stops(server: Simulator) -> None:
    with pytest.raises(RuntimeError, match="the simulator"):
        deque(iter(server.positions, None), maxlen=0)


def test_an_exception_in_its_thread_reaches_the_caller(server: Simulator) -> None:
    with pytest.raises(ZeroDivisionError):
        server.do(lambda broker: len(broker.audience) // 0)
    with pytest.raises(NotFound):
        server.deposit(5.0, login=1)
    with entered(server) as client:
        assert client.ask(Command.PING).result == 0


def test_what_is_asked_of_it_is_done_when_it_returns(server: Simulator) -> None:
    with entered(server) as client:
        server.deposit(250.0)
        assert client.account().balance == 10_250.0
        server.deposit(-50.0)
        assert client.account().balance == 10_200.0


def test_more_than_there_is_cannot_be_withdrawn(server: Simulator) -> None:
    with pytest.raises(TradeRefused, match="cannot spare"):
        server.deposit(-20_000.0)
    with entered(server) as client:
        assert client.account().balance == 10_000.0


def test_further_accounts_have_their_own_conditions(server: Simulator) -> None:
    login = server.add_account(
        "Other-1234",
        investor_password="Looks-1234",
        login=808,
        balance=50.0,
        margin_mode=MarginMode.NETTING,
        currency="JPY",
        leverage=500,
    )
    assert login == 808
    with entered(server, 808, "Other-1234") as client:
        account = client.account()
    assert (
        account.type,
        account.balance,
        account.margin_mode,
        account.currency,
        account.currency_digits,
        account.leverage,
    ) == (AccountType.DEMO, 50.0, MarginMode.NETTING, "JPY", 0, 500)
    with entered(server, 808, "Looks-1234"):
        pass


def test_a_login_that_is_taken_cannot_be_opened_again(server: Simulator) -> None:
    with pytest.raises(ValueError, match=str(server.login)):
        server.add_account("Other-1234", login=server.login)


@pytest.mark.parametrize(
    ("mode", "number"),
    [
        (MarginMode.NETTING, 0),
        (MarginMode.EXCHANGE, 1),
        (MarginMode.HEDGING, 2),
    ],
)
def test_the_first_account_has_the_margin_mode_that_was_chosen(
    start: Start, mode: MarginMode, number: int
) -> None:
    with entered(start(margin_mode=mode)) as client:
        assert client.account().margin_mode == number


def test_changed_conditions_are_pushed_and_kept(server: Simulator) -> None:
    with entered(server) as client:
        client.account()
        server.change_account(
            lambda state: state._replace(
                account=state.account._replace(leverage=50, balance=1e9)
            )
        )
        told = read_account(client.push(Command.ACCOUNT_CHANGED)).account
        assert told == client.account()
    assert (told.leverage, told.balance) == (50, 10_000.0)


def test_an_account_may_begin_without_money(start: Start) -> None:
    with entered(start(balance=0.0)) as client:
        assert client.account().balance == 0.0


def test_a_market_that_cannot_move_on_is_told_in_the_log_and_tried_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Broken(ManualClock):
        """Fails until it is mended."""

        broken = False
        seen = threading.Event()

        def now(self) -> int:
            if self.broken:
                self.seen.set()
                raise OSError("no time today")
            return super().now()

    clock = Broken(datetime(2026, 3, 10))  # noqa: DTZ001
    with Simulator(SimulatorConfig(clock=clock, pace=0.001)) as server:
        clock.broken = True
        assert clock.seen.wait(30)
        clock.broken = False
        with entered(server) as client:
            assert client.account().balance
    assert "could not move on" in caplog.text
    assert "no time today" in caplog.text


def printed(script: str) -> str:
    """What a fresh interpreter prints."""
    done = python("-c", script)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_missing_websockets_says_what_to_install() -> None:
    told = printed(
        "import sys; sys.modules['websockets'] = None\n"
        "import mt5web_async.simulator as simulator\n"
        "try: simulator.Simulator\n"
        "except ImportError as exc: print(exc)\n"
    )
    assert "pip install 'mt5web[simulator]'" in told


def test_importing_the_package_loads_no_server() -> None:
    loaded = printed(
        "import sys, mt5web_async.simulator\n"
        "loaded = {name.partition('.')[0] for name in sys.modules}\n"
        "print(loaded & {'websockets', 'numpy', 'sqlite3'})\n"
    )
    assert loaded.strip() == "set()"


def test_the_package_has_two_names() -> None:
    import mt5web_async.simulator as package

    assert package.__all__ == ["Simulator", "SimulatorConfig"]
    with pytest.raises(AttributeError, match="Nothing"):
        package.__getattr__("Nothing")
