"""More than a thousand faults, and nothing wrong, doubled, lost or left behind."""

from __future__ import annotations

import gc
import logging
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import pytest

import mt5web as mt5
from mt5web import opening
from mt5web_async.protocol.commands import Command
from mt5web_async.simulator import Simulator, SimulatorConfig
from mt5web_async.simulator.faults import Damage, TradeLoss
from mt5web_async.simulator.trading.ledger import Ledger
from mt5web_async.terminal.fate import Executed
from mt5web_async.terminal.journal import Entry
from tests.waiting import LIMIT, eventually

from .known import FAR, Known, ask
from .proxy import FaultProxy
from .storm import Storm

SEED: Final = 3
FAULTS: Final = 1000
TERMINALS: Final = 4
THREADS: Final = 2  # of each terminal
ORDERS: Final = 60
PAUSE: Final = 0.005  # s between two questions of a thread

COMMANDS: Final = (Command.RATES, Command.HISTORY, Command.FULL_SYMBOLS)
NOTICEABLE: Final = [kind for kind in Damage if kind is not Damage.EMPTY_PAYLOAD]
"""An empty answer says that there is nothing, which nobody can tell from the truth."""

REQUEST_LIMIT: Final = 3.0
LATEST: Final = REQUEST_LIMIT + 0.5 * LIMIT  # s; the machine may be busy

CONFIG: Final = f"""
[options]
symbols = ["EURUSD", "GBPUSD"]
[connection]
connect_timeout = 2
request_timeout = {REQUEST_LIMIT}
restore_timeout = {REQUEST_LIMIT}
reconnect_pause = 0.05
ping_interval = 0.1
ping_limit = 0.5
late_answer_limit = 0.5
trades_per_second = 0
requests_per_second = 0
"""

FAILURES: Final = frozenset(
    {
        mt5.RES_S_OK,  # of another thread's call
        mt5.RES_E_FAIL,
        mt5.RES_E_NOT_FOUND,  # no quote in time
        mt5.RES_E_INTERNAL_FAIL_SEND,
        mt5.RES_E_INTERNAL_FAIL_RECEIVE,
        mt5.RES_E_INTERNAL_FAIL_CONNECT,
        mt5.RES_E_INTERNAL_FAIL_TIMEOUT,
    }
)


@pytest.fixture
def journal(own_folders: None) -> Iterator[None]:
    """One of its own."""
    opening.journal.cache_clear()
    yield
    opening.journal.cache_clear()


class Rest(NamedTuple):
    """What there is when nothing happens."""

    threads: list[str]
    blocks: int  # of memory


class Worker(threading.Thread):
    """Asks one question after the other, and sometimes trades, until told to stop."""

    def __init__(self, terminal: mt5.Terminal, known: Known, seed: int) -> None:
        super().__init__(name=f"worker-{seed}", daemon=True)
        self.answered = self.failed = 0
        self.wrong: list[str] = []
        self.longest = 0.0
        self.stop = threading.Event()
        self._terminal = terminal
        self._known = known
        self._chance = random.Random(seed)  # noqa: S311 - nothing to protect

    def run(self) -> None:
        while not self.stop.is_set():
            start = time.monotonic()
            try:
                self._ask()
            except Exception as exc:  # noqa: BLE001 - told by the test
                self.wrong.append(repr(exc))
            self.longest = max(self.longest, time.monotonic() - start)
            self.stop.wait(PAUSE)

    def _ask(self) -> None:
        question = self._known.any(self._chance)
        answer = ask(self._terminal, question)
        code, _ = self._terminal.last_error()
        if code not in FAILURES:
            self.wrong.append(f"{question}: error {code}")
        if answer is None:
            self.failed += 1
        elif answer == self._known.answers[question]:
            self.answered += 1
        else:
            self.wrong.append(f"{question}: {answer!r}")


class Trader(threading.Thread):
    """Sends orders, each of which can be told from all others."""

    def __init__(self, terminal: mt5.Terminal) -> None:
        super().__init__(name="trader", daemon=True)
        self.results: dict[str, int] = {}
        self.longest = 0.0
        self._terminal = terminal

    def run(self) -> None:
        number = 0
        while len(self.results) < ORDERS:
            number += 1
            start = time.monotonic()
            result = self._terminal.order_send(
                {
                    "action": mt5.TRADE_ACTION_DEAL,
                    "symbol": "EURUSD",
                    "type": mt5.ORDER_TYPE_BUY,
                    "volume": 0.01,
                    "magic": number,
                    "comment": f"order {number}",
                    "type_filling": mt5.ORDER_FILLING_IOC,
                }
            )
            self.longest = max(self.longest, time.monotonic() - start)
            assert result is not None
            if result.retcode == mt5.TRADE_RETCODE_CONNECTION:  # it was never sent
                time.sleep(0.01)
            else:
                self.results[f"order {number}"] = result.retcode


class Weather:
    """The faults of a run: the proxy's by chance, the server's one after the other.

    The server doubles nothing, as the proxy does: of what comes four times, in pieces,
    nobody can tell to which request it belongs.
    """

    def __init__(self, server: Simulator, proxy: FaultProxy) -> None:
        self._server = server
        self._proxy = proxy
        self._storm = Storm(SEED)
        self._chance = random.Random(SEED)  # noqa: S311 - nothing to protect
        self._of_server = 0

    @property
    def faults(self) -> int:
        """How many there were so far."""
        return self._proxy.injected + self._of_server

    def rage(self, faults: int) -> None:
        """Return when there were so many more."""
        end = self.faults + faults
        self._proxy.happen(self._storm.fault)
        while self.faults < end:
            self._strike()
            time.sleep(0.05)
        self._proxy.calm()
        self._server.trouble.clear()

    def _strike(self) -> None:
        """One fault more; those that last end with the next one."""
        trouble, chance = self._server.trouble, self._chance
        command = chance.choice(COMMANDS)
        strikes: list[Callable[[], object]] = [
            trouble.wrong_key,
            trouble.lose_trade,
            lambda: trouble.lose_trade(TradeLoss.BEFORE),
            lambda: trouble.damage(chance.choice(NOTICEABLE)),
            lambda: trouble.fail(command, chance.choice([1, 2])),
            lambda: trouble.delay(command, 0.05),
            lambda: setattr(self._proxy, "refusing", True),
            lambda: setattr(self._proxy, "accept_delay", 0.05),
            self._proxy.cut,
        ]
        self._proxy.refusing, self._proxy.accept_delay = False, 0.0
        for one in COMMANDS:
            trouble.fail(one, 0)
            trouble.delay(one, 0)
        chance.choice(strikes)()
        self._of_server += 1


def connected(url: str, server: Simulator) -> mt5.Terminal:
    terminal = mt5.Terminal()
    account = server.credentials | {"server": url}
    assert terminal.initialize(**account), terminal.last_error()
    return terminal


def is_up(terminal: mt5.Terminal) -> bool:
    info = terminal.terminal_info()
    return info is not None and info.connected


def has_bars(terminal: mt5.Terminal) -> bool:
    return terminal.copy_rates_from_pos("EURUSD", mt5.TIMEFRAME_M1, 0, 1) is not None


def at_rest(terminals: list[mt5.Terminal]) -> Rest:
    """Threads and memory once all is well again."""
    eventually(lambda: all(map(is_up, terminals)))
    for terminal in terminals:
        eventually(partial(has_bars, terminal))
    gc.collect()
    # the server's own pool grows by the way
    names = [t.name for t in threading.enumerate() if not t.name.startswith("asyncio")]
    return Rest(sorted(names), sys.getallocatedblocks())


def sent_orders(terminal: mt5.Terminal) -> list[Entry]:
    """What the journal knows of the trader's requests."""
    entries = terminal.sent_requests(10 * ORDERS)
    return [e for e in entries if e.sending.request.comment.startswith("order")]


def comments(path: Path) -> list[str]:
    """Those of the trader's orders in a server's books."""
    with closing(Ledger(path)) as ledger:
        (login,) = ledger.accounts.logins()
        orders = ledger.orders.history(login, 0, FAR)
    return [one.comment for one in orders if one.comment.startswith("order")]


@pytest.fixture
def quiet() -> Iterator[None]:
    """Nothing is logged: the test would keep it all in memory."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.usefixtures("journal", "quiet")
def test_more_than_a_thousand_faults_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(CONFIG)
    ledger = tmp_path / "ledger.sqlite3"
    config = SimulatorConfig(automatic=False, balance=1e6, ledger=ledger)
    with Simulator(config) as server, FaultProxy(server.url) as proxy:
        known = Known(server)
        terminals = [connected(proxy.url, server) for _ in range(TERMINALS)]
        trader = Trader(terminals[0])
        workers = [
            Worker(terminal, known, seed)
            for seed, terminal in enumerate(terminals * THREADS)
        ]
        weather = Weather(server, proxy)
        for thread in (*workers, trader):
            thread.start()
        weather.rage(FAULTS // 4)
        trader.join(LIMIT)
        before = at_rest(terminals)
        weather.rage(FAULTS)
        after = at_rest(terminals)
        for worker in workers:
            worker.stop.set()
        for worker in workers:
            worker.join(LIMIT)
        entries = sent_orders(terminals[0])
        for terminal in terminals:
            terminal.shutdown()
    assert [worker.wrong for worker in workers if worker.wrong] == []
    assert all(worker.answered > worker.failed for worker in workers)
    assert max(trader.longest, *(worker.longest for worker in workers)) < LATEST
    assert after.threads == before.threads
    assert after.blocks < 1.1 * before.blocks
    assert weather.faults > FAULTS

    made = Counter(comments(ledger))
    executed = {
        e.sending.request.comment for e in entries if isinstance(e.fate, Executed)
    }
    sent = Counter(entry.sending.request.comment for entry in entries)
    assert set(made.values()) == set(sent.values()) == {1}, "an order was doubled"
    assert executed == set(made), "an order was lost from sight"
    done = {c for c, code in trader.results.items() if code == mt5.TRADE_RETCODE_DONE}
    assert done <= executed
    assert set(trader.results.values()) <= {
        mt5.TRADE_RETCODE_DONE,
        mt5.TRADE_RETCODE_TIMEOUT,
    }
