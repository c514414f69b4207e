"""initialize, login, shutdown, and what happens when the connection goes away."""

from __future__ import annotations

import logging
import textwrap
import threading
from pathlib import Path

import pytest

import mt5web as mt5
from mt5web_async.simulator.server import Simulator
from tests.programs import python
from tests.waiting import eventually


def test_a_bare_initialize_without_any_account_says_what_to_set() -> None:
    terminal = mt5.Terminal()
    assert terminal.initialize() is False
    code, text = terminal.last_error()
    assert code == mt5.RES_E_INTERNAL_FAIL_INIT
    assert text.startswith("IPC initialize failed, ")
    for name in ("MT5WEB_SERVER", "MT5WEB_LOGIN", "MT5WEB_PASSWORD", "config.toml"):
        assert name in text


def test_another_login_at_the_embedded_simulator_needs_its_password() -> None:
    terminal = mt5.Terminal()
    assert terminal.initialize(server="simulator", login=17) is False
    code, text = terminal.last_error()
    assert code == mt5.RES_E_INTERNAL_FAIL_INIT
    assert "no password given for login 17; only login 5000001" in text


def test_a_bare_initialize_takes_the_account_from_the_environment(
    server: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MT5WEB_SERVER", server.url)
    monkeypatch.setenv("MT5WEB_LOGIN", str(server.login))
    monkeypatch.setenv("MT5WEB_PASSWORD", server.password)
    terminal = mt5.Terminal()
    assert terminal.initialize(), terminal.last_error()
    account = terminal.account_info()
    assert account is not None
    assert account.login == server.login
    terminal.shutdown()


def test_a_bare_initialize_takes_the_account_from_the_default_profile(
    server: Simulator, tmp_path: Path
) -> None:
    (tmp_path / "config.toml").write_text(
        textwrap.dedent(
            f"""
            default = "demo"
            [profiles.demo]
            server = "My-Demo"
            login = {server.login}
            password = "{server.password}"
            [servers]
            "My-Demo" = "{server.url}"
            """
        )
    )
    terminal = mt5.Terminal()
    assert terminal.initialize(), terminal.last_error()
    terminal.shutdown()


def test_a_wrong_password_is_an_authorization_failure(server: Simulator) -> None:
    terminal = mt5.Terminal()
    secret = "not-the-password"
    connected = terminal.initialize(
        server=server.url, login=server.login, password=secret
    )
    assert connected is False
    code, text = terminal.last_error()
    assert code == mt5.RES_E_AUTH_FAILED
    assert secret not in text
    assert terminal.account_info() is None


def test_a_server_that_is_not_there_fails_and_never_falls_back_to_the_simulator() -> (
    None
):
    terminal = mt5.Terminal()
    assert not terminal.initialize(
        server="ws://127.0.0.1:9/terminal", login=1, password="x", timeout=5000
    )
    assert terminal.last_error()[0] == mt5.RES_E_INTERNAL_FAIL_INIT
    assert terminal.terminal_info() is None


def test_plain_websockets_to_other_machines_are_refused() -> None:
    terminal = mt5.Terminal()
    assert not terminal.initialize(
        server="ws://broker.example/terminal", login=1, password="x"
    )
    assert "wss://" in terminal.last_error()[1]


def test_login_switches_the_account_and_keeps_it_when_refused(
    server: Simulator, terminal: mt5.Terminal
) -> None:
    other = server.add_account("Second-1", balance=500.0)
    assert not terminal.login(other, password="wrong")
    account = terminal.account_info()
    assert account is not None
    assert account.login == server.login
    assert terminal.login(other, password="Second-1")
    account = terminal.account_info()
    assert account is not None
    assert (account.login, account.balance) == (other, 500.0)


@pytest.mark.parametrize("server_name", ["", "Nobody-Knows-It"])
def test_a_login_that_is_not_known_well_enough_is_an_authorization_failure(
    server_name: str,
    server: Simulator,
    terminal: mt5.Terminal,
    caplog: pytest.LogCaptureFixture,
) -> None:
    given = {"server": server_name, "password": "Second-1"} if server_name else {}
    assert terminal.login(server.login + 1, **given) is False  # type: ignore[arg-type]
    assert terminal.last_error() == (-6, "Terminal: Authorization failed")
    (record,) = caplog.records
    assert (server_name or "no password given") in record.getMessage()
    account = terminal.account_info()
    assert account is not None
    assert account.login == server.login


def test_a_lost_connection_comes_back_with_positions_and_quotes(
    server: Simulator, terminal: mt5.Terminal
) -> None:
    assert terminal.Buy("EURUSD", 0.1) is not None
    before = terminal.positions_get()
    server.disconnect()
    eventually(lambda: _connected(terminal))
    after = terminal.positions_get()
    assert before is not None
    assert after is not None
    assert [one.ticket for one in after] == [one.ticket for one in before]
    server.quote("EURUSD", bid=1.5, ask=1.5001)
    eventually(lambda: _bid(terminal) == 1.5)


def test_a_restarted_server_is_found_again_with_its_books(
    server: Simulator, terminal: mt5.Terminal
) -> None:
    result = terminal.Buy("EURUSD", 0.1)
    assert result is not None
    server.restart()
    eventually(lambda: _connected(terminal))
    assert terminal.positions_get(ticket=result.order)


def test_a_deal_made_while_nobody_listened_is_in_the_history_afterwards(
    server: Simulator, terminal: mt5.Terminal
) -> None:
    assert terminal.history_deals_total(0, 2**31 - 1) == 1
    server.trouble.refuse()
    server.disconnect()
    server.deposit(250.0)
    eventually(lambda: not _connected(terminal))
    server.trouble.refuse(False)
    eventually(lambda: _connected(terminal))
    deals = terminal.history_deals_get(0, 2**31 - 1)
    assert deals is not None
    assert [deal.profit for deal in deals] == [10_000.0, 250.0]
    account = terminal.account_info()
    assert account is not None
    assert account.balance == 10_250.0


def test_a_lost_trade_server_refuses_trades_and_still_lets_read(
    server: Simulator, terminal: mt5.Terminal
) -> None:
    server.set_connected(False)
    eventually(lambda: not _connected(terminal))
    result = terminal.order_send(
        {
            "action": mt5.TRADE_ACTION_DEAL,
            "symbol": "EURUSD",
            "volume": 0.1,
            "type": mt5.ORDER_TYPE_BUY,
        }
    )
    assert result is not None
    assert result.retcode == mt5.TRADE_RETCODE_CONNECTION
    assert terminal.account_info() is not None
    server.set_connected(True)
    eventually(lambda: _connected(terminal))


def test_a_trade_whose_result_is_lost_is_reported_as_timed_out_and_sent_once(
    server: Simulator, terminal: mt5.Terminal
) -> None:

    server.trouble.lose_trade()
    tick = terminal.symbol_info_tick("EURUSD")
    assert tick is not None
    result = terminal.order_send(
        {
            "action": mt5.TRADE_ACTION_DEAL,
            "symbol": "EURUSD",
            "volume": 0.1,
            "type": mt5.ORDER_TYPE_BUY,
            "price": tick.ask,
            "type_filling": mt5.ORDER_FILLING_IOC,
        }
    )
    assert result is not None
    assert result.retcode == mt5.TRADE_RETCODE_TIMEOUT
    eventually(lambda: _connected(terminal))
    assert len(server.positions()) == 1
    assert len(terminal.positions_get() or ()) == 1


def test_nothing_is_left_after_shutdown(server: Simulator) -> None:
    before = set(threading.enumerate())
    terminal = mt5.Terminal()
    assert terminal.initialize(
        server=server.url, login=server.login, password=server.password
    )
    terminal.shutdown()
    names = {thread.name for thread in threading.enumerate()}
    left = {thread.name for thread in set(threading.enumerate()) - before}
    assert not any("mt5web-io" in name for name in left), names


def test_results_stay_valid_after_shutdown(
    server: Simulator, terminal: mt5.Terminal
) -> None:
    symbols = terminal.symbols_get()
    bars = terminal.copy_rates_from_pos("EURUSD", mt5.TIMEFRAME_M1, 0, 100)
    assert symbols
    assert bars is not None
    terminal.shutdown()
    assert symbols[0].name
    assert bars["close"].min() > 0


def test_a_script_that_never_calls_shutdown_ends_by_itself() -> None:
    code = """
    import mt5web as mt5
    assert mt5.initialize(server="simulator")
    print(mt5.account_info().balance)
    """
    done = python("-c", textwrap.dedent(code))
    assert (done.returncode, done.stdout, done.stderr) == (0, "10000.0\n", "")


def test_what_a_script_does_at_its_exit_finds_the_connection_open() -> None:
    code = """
    import atexit
    import mt5web as mt5

    @atexit.register
    def flat():
        print(mt5.Close("EURUSD"), mt5.positions_total())
        print(len(mt5.copy_rates_from_pos("EURUSD", mt5.TIMEFRAME_H1, 0, 10)))

    assert mt5.initialize(server="simulator")
    mt5.Buy("EURUSD", 0.1)
    print(mt5.positions_total())
    """
    done = python("-c", textwrap.dedent(code))
    assert (done.stdout, done.stderr) == ("1\nTrue 0\n10\n", "")


def test_a_forked_child_is_told_to_initialise_its_own_connection(
    server: Simulator,
) -> None:
    code = f"""
    import os
    import mt5web as mt5
    account = dict(
        server={server.url!r},
        login={server.login},
        password={server.password!r},
    )
    assert mt5.initialize(**account)
    child = os.fork()
    if child == 0:
        assert mt5.account_info() is None
        assert mt5.last_error()[0] == -10004, mt5.last_error()
        assert mt5.initialize(**account), mt5.last_error()
        assert mt5.account_info().balance == 10000.0
        mt5.shutdown()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert status == 0, status
    assert mt5.account_info().balance == 10000.0
    mt5.shutdown()
    """
    done = python("-c", textwrap.dedent(code))
    assert done.returncode == 0, done.stderr


def test_secrets_are_in_no_log_while_connecting_failing_and_reconnecting(
    server: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    terminal = mt5.Terminal()
    assert not terminal.initialize(
        server=server.url, login=server.login, password="Wrong-Secret-1"
    )
    assert terminal.initialize(
        server=server.url, login=server.login, password=server.password
    )
    server.disconnect()
    eventually(lambda: _connected(terminal))
    terminal.shutdown()
    for secret in (server.password, "Wrong-Secret-1"):
        for form in (
            secret,
            secret.encode().hex(),
            secret.encode("utf-16-le").hex(),
            repr(secret.encode("utf-16-le")),
        ):
            assert form not in caplog.text


def _connected(terminal: mt5.Terminal) -> bool:
    info = terminal.terminal_info()
    return info is not None and info.connected


def _bid(terminal: mt5.Terminal) -> float:
    tick = terminal.symbol_info_tick("EURUSD")
    return 0.0 if tick is None else tick.bid


def test_a_warm_connection_serves_the_next_initialize(
    server: Simulator, tmp_path: Path
) -> None:
    (tmp_path / "config.toml").write_text("[options]\nkeep_warm = 60\n")
    terminal = mt5.Terminal()
    assert terminal.initialize(**server.credentials)
    sessions = server.do(lambda broker: len(broker.audience))
    for _ in range(3):
        terminal.shutdown()
        assert terminal.account_info() is None
        assert terminal.initialize(**server.credentials)
        assert terminal.account_info() is not None
    numbers = server.do(lambda broker: [one.number for one in broker.audience])
    assert len(numbers) == sessions == 1
    assert numbers == [1]
    other = server.add_account("Second-1")
    assert terminal.initialize(server=server.url, login=other, password="Second-1")
    info = terminal.account_info()
    assert info is not None
    assert info.login == other
    terminal.backend.life.close()  # type: ignore[attr-defined]
    eventually(lambda: server.do(lambda broker: len(broker.audience)) == 0)
