"""Users that interrupt, processes that fork or end, threads that do the same thing."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator, Sized
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest

import mt5web as mt5
from mt5web_async.protocol.commands import Command
from mt5web_async.simulator import Simulator, SimulatorConfig
from tests.waiting import LIMIT, eventually, interrupted_when

Call = Callable[[mt5.Terminal], object]

BUY = {
    "action": mt5.TRADE_ACTION_DEAL,
    "symbol": "EURUSD",
    "volume": 0.1,
    "type": mt5.ORDER_TYPE_BUY,
    "type_filling": mt5.ORDER_FILLING_IOC,
}


def _rows(rates: Sized | None) -> int | None:
    return None if rates is None else len(rates)


CALLS: dict[Command, Call] = {
    Command.RATES: lambda t: _rows(t.copy_rates_from_pos("EURUSD", 1, 0, 9)),
    Command.HISTORY: lambda t: t.history_deals_get(0, 2**31 - 1),
    Command.FULL_SYMBOLS: lambda t: t.symbol_info("ACME"),
    Command.SUBSCRIBE_TICKS: lambda t: t.symbol_select("ACME", True),
    Command.SUBSCRIBE_BOOK: lambda t: t.market_book_add("EURJPY"),
    Command.TRADE: lambda t: t.order_send(BUY),
    Command.LOGOUT: lambda t: t.shutdown(),
}


@pytest.fixture(scope="module")
def running() -> Iterator[Simulator]:
    with Simulator(SimulatorConfig(automatic=False)) as simulator:
        yield simulator


@pytest.fixture
def server(running: Simulator) -> Iterator[Simulator]:
    """One for all these tests, with nobody connected and nothing wrong."""
    yield running
    running.trouble.clear()
    running.disconnect()
    eventually(lambda: sessions(running) == 0)


def io_threads() -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name == "mt5web-io"]


def sessions(server: Simulator) -> int:
    return server.do(lambda broker: len(broker.audience))


class Ended(NamedTuple):
    """What is left of a process."""

    code: int
    stdout: str
    stderr: str


def start(script: str, *arguments: str) -> subprocess.Popen[str]:
    """A script in a process of its own."""
    return subprocess.Popen(  # noqa: S603 - our own script
        [sys.executable, "-c", CONNECT + textwrap.dedent(script), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def end(process: subprocess.Popen[str], said: str = "") -> Ended:
    """Say something to it and wait for its end."""
    stdout, stderr = process.communicate(said, timeout=60)
    return Ended(process.returncode, stdout, stderr)


def account(server: Simulator) -> list[str]:
    """The arguments of a script that logs in."""
    return [server.url, str(server.login), server.password]


CONNECT = """
import os, sys, threading, time, warnings
import mt5web as mt5
url, login, password = sys.argv[1:4]
account = dict(server=url, login=int(login), password=password)
"""


# Ctrl-C


@pytest.mark.parametrize("command", CALLS, ids=lambda c: c.name)
def test_ctrl_c_ends_every_call_and_the_next_one_works(
    server: Simulator, terminal: mt5.Terminal, command: Command
) -> None:
    server.trouble.hold(command)
    with (
        interrupted_when(lambda: server.trouble.held(command) > 0),
        pytest.raises(KeyboardInterrupt),
    ):
        CALLS[command](terminal)
    server.trouble.release(command)
    if command is Command.LOGOUT:
        assert terminal.initialize(**server.credentials)
    assert CALLS[command](terminal) not in (None, False)


def test_ctrl_c_while_a_quote_is_awaited(
    server: Simulator, terminal: mt5.Terminal
) -> None:
    server.trouble.hold(Command.SUBSCRIBE_TICKS)
    with (
        interrupted_when(lambda: server.trouble.held(Command.SUBSCRIBE_TICKS) > 0),
        pytest.raises(KeyboardInterrupt),
    ):
        terminal.symbol_info_tick("EURJPY")
    server.trouble.release(Command.SUBSCRIBE_TICKS)
    assert terminal.symbol_info_tick("EURJPY") is not None


@pytest.mark.parametrize(
    "command",
    [Command.BOOTSTRAP, Command.LOGIN, Command.ACCOUNT, Command.SUBSCRIBE_TICKS],
    ids=lambda c: c.name,
)
def test_ctrl_c_while_connecting_leaves_nothing_behind(
    server: Simulator, command: Command
) -> None:
    terminal = mt5.Terminal()
    server.trouble.hold(command)
    with (
        interrupted_when(lambda: server.trouble.held(command) > 0),
        pytest.raises(KeyboardInterrupt),
    ):
        terminal.initialize(**server.credentials)
    server.trouble.release(command)
    eventually(lambda: sessions(server) == 0)
    eventually(lambda: not io_threads())
    assert terminal.initialize(**server.credentials)
    terminal.shutdown()


# time limits


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (Command.BOOTSTRAP, mt5.RES_E_INTERNAL_FAIL_INIT),
        (Command.LOGIN, mt5.RES_E_INTERNAL_FAIL_TIMEOUT),
        (Command.ACCOUNT, mt5.RES_E_INTERNAL_FAIL_TIMEOUT),
        (Command.SUBSCRIBE_TICKS, mt5.RES_E_INTERNAL_FAIL_TIMEOUT),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_a_server_that_falls_silent_while_connecting_costs_no_more_than_allowed(
    server: Simulator, command: Command, code: int
) -> None:
    terminal = mt5.Terminal()
    server.trouble.ignore(command)
    start = time.monotonic()
    assert not terminal.initialize(**server.credentials, timeout=1000)
    assert time.monotonic() - start < LIMIT / 2  # other limits are longer
    assert terminal.last_error()[0] == code
    assert terminal.terminal_info() is None
    assert not io_threads()


# threads and loops


def test_threads_that_log_in_at_once_leave_one_connection(
    server: Simulator, terminal: mt5.Terminal
) -> None:
    others = [server.add_account("Second-1") for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        calls = [
            pool.submit(terminal.login, one, password="Second-1") for one in others * 2
        ]
        assert all(call.result(LIMIT) for call in calls)
    eventually(lambda: sessions(server) == 1)
    info = terminal.account_info()
    assert info is not None
    assert info.login in others


def test_a_notebook_may_call_inside_of_its_running_loop(server: Simulator) -> None:
    async def cells() -> float:
        terminal = mt5.Terminal()
        assert terminal.initialize(**server.credentials)
        await asyncio.sleep(0)
        bars = terminal.copy_rates_from_pos("EURUSD", mt5.TIMEFRAME_H1, 0, 5)
        assert bars is not None
        account = await asyncio.to_thread(terminal.account_info)
        terminal.shutdown()
        return account.balance if account else 0.0

    assert asyncio.run(cells()) == 10_000.0
    assert not io_threads()


# processes


def test_a_child_that_connects_and_just_ends_does_so_in_peace(
    server: Simulator,
) -> None:
    script = """
        assert mt5.initialize(**account)
        warnings.simplefilter("ignore", DeprecationWarning)  # of forks beside threads
        child = os.fork()
        if child == 0:
            assert mt5.initialize(**account), mt5.last_error()
            assert mt5.account_info().balance == 10000.0
            sys.exit(0)
        _, status = os.waitpid(child, 0)
        assert status == 0, status
        assert mt5.copy_rates_from_pos("EURUSD", 1, 0, 5) is not None
    """
    assert end(start(script, *account(server))) == (0, "", "")
    eventually(lambda: sessions(server) == 0)


def test_a_child_forked_while_another_thread_connects_can_connect_too(
    server: Simulator,
) -> None:
    script = """
        server = sys.argv[4]
        def wait_in_vain():
            mt5.initialize(server=server, login=1, password="x", timeout=20000)
        threading.Thread(target=wait_in_vain, daemon=True).start()
        sys.stdin.readline()  # it does wait
        warnings.simplefilter("ignore", DeprecationWarning)  # of forks beside threads
        child = os.fork()
        if child == 0:
            assert mt5.initialize(**account), mt5.last_error()
            mt5.shutdown()
            os._exit(0)
        _, status = os.waitpid(child, 0)
        assert status == 0, status
        os._exit(0)
    """
    with Simulator(SimulatorConfig(automatic=False)) as silent:
        silent.trouble.hold(Command.BOOTSTRAP)
        forking = start(script, *account(server), silent.url)
        eventually(lambda: silent.trouble.held(Command.BOOTSTRAP) == 1)
        assert end(forking, "go on\n") == (0, "", "")


def test_a_program_that_was_stopped_keeps_its_connection(
    server: Simulator, tmp_path: Path
) -> None:
    limit = 0.5
    (tmp_path / "config.toml").write_text(
        f"[connection]\nping_interval = 0.05\nping_limit = {limit}\n"
    )
    script = """
        assert mt5.initialize(**account)
        print("connected", flush=True)
        sys.stdin.readline()
        assert mt5.copy_rates_from_pos("EURUSD", 1, 0, 5) is not None
    """
    process = start(script, *account(server))
    assert process.stdout is not None
    assert process.stdout.readline() == "connected\n"
    before = server.do(lambda b: [one.number for one in b.audience])
    process.send_signal(signal.SIGSTOP)
    time.sleep(3 * limit)  # this is what the test is about
    process.send_signal(signal.SIGCONT)
    time.sleep(2 * limit)
    assert server.do(lambda b: [one.number for one in b.audience]) == before
    assert end(process, "go on\n") == (0, "", "")


def test_a_program_may_end_while_its_threads_wait_for_answers(
    server: Simulator,
) -> None:
    script = """
        assert mt5.initialize(**account)
        def ask():
            mt5.copy_rates_from_pos("EURUSD", 1, 0, 5)
        for _ in range(4):
            threading.Thread(target=ask, daemon=True).start()
        print("asking", flush=True)
    """
    server.trouble.ignore(Command.RATES)
    done = end(start(script, *account(server)))
    assert (done.code, done.stdout) == (0, "asking\n")
    assert "Traceback" not in done.stderr


def test_a_program_may_end_while_its_server_is_gone(server: Simulator) -> None:
    script = """
        assert mt5.initialize(**account)
        print("connected", flush=True)
        while mt5.terminal_info().connected:
            time.sleep(0.01)
    """
    process = start(script, *account(server))
    assert process.stdout is not None
    assert process.stdout.readline() == "connected\n"
    server.trouble.refuse()
    server.disconnect()
    assert end(process) == (0, "", "")
