"""Orders asked for while the connection is down."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import mt5web as mt5
from mt5web_async.simulator.server import Simulator
from tests.faults.proxy import FaultProxy
from tests.waiting import eventually

BUY = {"action": 1, "symbol": "EURUSD", "volume": 0.3, "type": 0, "type_filling": 1}


@pytest.fixture
def proxy(server: Simulator) -> Iterator[FaultProxy]:
    with FaultProxy(server.url) as proxy:
        yield proxy


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor() as pool:
        yield pool


Connect = Callable[..., mt5.Terminal]


@pytest.fixture
def connect(server: Simulator, proxy: FaultProxy, tmp_path: Path) -> Iterator[Connect]:
    """Log in through the proxy, with settings."""
    opened = []

    def log_in(**options: Any) -> mt5.Terminal:
        lines = [f"{name} = {value}" for name, value in options.items()]
        (tmp_path / "config.toml").write_text("\n".join(["[options]", *lines]))
        opened.append(mt5.Terminal())
        account = server.credentials | {"server": proxy.url}
        assert opened[-1].initialize(**account), opened[-1].last_error()
        return opened[-1]

    yield log_in
    for terminal in opened:
        terminal.shutdown()


def connected(terminal: mt5.Terminal) -> bool:
    info = terminal.terminal_info()
    return info is not None and info.connected


def break_off(proxy: FaultProxy, terminal: mt5.Terminal) -> None:
    proxy.refusing = True
    proxy.cut()
    eventually(lambda: not connected(terminal))


def settled(sending: Future[mt5.OrderSendResult | None]) -> mt5.OrderSendResult:
    result = sending.result()
    assert result is not None
    return result


def test_an_order_fails_at_once_unless_it_is_told_to_wait(
    connect: Connect, proxy: FaultProxy
) -> None:
    terminal = connect()
    break_off(proxy, terminal)
    result = terminal.order_send(BUY)
    assert result is not None
    assert (result.retcode, result.request_id) == (mt5.TRADE_RETCODE_CONNECTION, 0)
    assert result.comment == "No connection with trade server"
    assert terminal.last_error() == (1, "Success")
    assert not terminal.sent_requests()


def test_an_order_that_waits_is_sent_once_when_the_connection_is_back(
    connect: Connect, proxy: FaultProxy, server: Simulator, pool: ThreadPoolExecutor
) -> None:
    terminal = connect(trade_wait=30)
    break_off(proxy, terminal)
    orders = [pool.submit(terminal.order_send, BUY) for _ in range(5)]
    assert not any(one.done() for one in orders)
    proxy.refusing = False
    results = [settled(one) for one in orders]
    assert {one.retcode for one in results} == {mt5.TRADE_RETCODE_DONE}
    assert len(server.positions()) == 5
    tickets = {one.order for one in results}
    assert {one.ticket for one in terminal.positions_get() or ()} == tickets


def test_an_order_that_waits_is_checked_against_the_state_after_the_waiting(
    connect: Connect, proxy: FaultProxy, server: Simulator, pool: ThreadPoolExecutor
) -> None:
    terminal, elsewhere = connect(trade_wait=30), mt5.Terminal()
    assert elsewhere.initialize(**server.credentials)
    opened = terminal.order_send(BUY)
    assert opened is not None
    closing = BUY | {"type": mt5.ORDER_TYPE_SELL, "position": opened.order}
    break_off(proxy, terminal)
    waiting = pool.submit(terminal.order_send, closing)
    part = elsewhere.order_send(closing | {"volume": 0.2})
    assert part is not None
    assert part.retcode == mt5.TRADE_RETCODE_DONE
    elsewhere.shutdown()
    proxy.refusing = False
    assert settled(waiting).retcode == mt5.TRADE_RETCODE_INVALID_VOLUME


def test_an_order_waits_no_longer_than_it_is_told_to(
    connect: Connect, proxy: FaultProxy, server: Simulator
) -> None:
    terminal = connect(trade_wait=0.2)
    break_off(proxy, terminal)
    begin = time.monotonic()
    result = terminal.order_send(BUY)
    assert result is not None
    assert result.retcode == mt5.TRADE_RETCODE_CONNECTION
    assert time.monotonic() - begin >= 0.2
    proxy.refusing = False
    eventually(lambda: connected(terminal))
    assert server.positions() == ()


def test_an_order_waits_for_a_gateway_to_find_its_trade_server(
    connect: Connect, server: Simulator, pool: ThreadPoolExecutor
) -> None:
    terminal = connect(trade_wait=30)
    server.set_connected(False)
    eventually(lambda: not connected(terminal))
    waiting = pool.submit(terminal.order_send, BUY)
    assert terminal.positions_get() == ()
    server.set_connected(True)
    assert settled(waiting).retcode == mt5.TRADE_RETCODE_DONE


def test_a_connection_that_breaks_while_an_order_is_prepared_sends_nothing(
    connect: Connect, proxy: FaultProxy, server: Simulator, pool: ThreadPoolExecutor
) -> None:
    terminal = connect(symbols=["GBPUSD"])
    proxy.stall()  # the price that the order needs does not come
    sending = pool.submit(terminal.order_send, BUY)
    proxy.cut()
    eventually(lambda: sending.done() and connected(terminal))
    assert settled(sending).retcode == mt5.TRADE_RETCODE_CONNECTION
    assert server.positions() == ()


@pytest.mark.parametrize(
    "setting", ["trade_wait = -1", "trade_timeout = 0", "trade_wait = inf"]
)
def test_impossible_limits_are_refused(tmp_path: Path, setting: str) -> None:
    (tmp_path / "config.toml").write_text(f"[options]\n{setting}\n")
    terminal = mt5.Terminal()
    assert not terminal.initialize(server="simulator")
    code, text = terminal.last_error()
    assert code == mt5.RES_E_INTERNAL_FAIL_INIT
    assert setting.split(maxsplit=1)[0] in text
