"""Threads trade through a line that breaks again and again: nothing is doubled."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

import mt5web as mt5
from mt5web import opening
from mt5web_async.protocol.commands import Command
from mt5web_async.simulator import Simulator, SimulatorConfig
from mt5web_async.simulator.trading.ledger import Ledger
from mt5web_async.terminal.fate import Executed, NotExecuted
from tests.faults.proxy import Fault, FaultProxy, Way
from tests.waiting import eventually

THREADS, REQUESTS = 4, 100
STEP = 0.01  # lots; a request is known by its volume
TOLD = (Command.TRADE, Command.TRANSACTIONS, Command.TRADE_RESULT)


@pytest.fixture(autouse=True)
def own_journal(own_folders: None, tmp_path: Path) -> Iterator[None]:
    (tmp_path / "config.toml").write_text("[options]\ntrade_wait = 60\n")
    yield
    opening.journal.cache_clear()


def breaking(chance: random.Random) -> Callable[[Way, int], Fault | None]:
    """Breaks the line around trades, in one way or another."""

    def fault(way: Way, command: int) -> Fault | None:
        often = 0.12 if way is Way.ANSWER and command in TOLD else 0.0
        if way is Way.REQUEST and command == Command.TRADE:
            often = 0.1
        if chance.random() >= often:
            return None
        return chance.choice([Fault.CUT, Fault.TRUNCATE, Fault.CORRUPT])

    return fault


def volumes(path: Path) -> list[int]:
    """What was dealt, as numbers of requests, from a server's ledger."""
    with closing(Ledger(path)) as ledger:
        (login,) = ledger.accounts.logins()
        deals = ledger.deals.history(login, 0, 2**31 - 1)
    return sorted(round(deal.volume / 1e8 / STEP) for deal in deals if deal.order)


@pytest.mark.timeout(600)
def test_trades_over_a_line_that_breaks_are_made_once_and_accounted_for(
    tmp_path: Path,
) -> None:
    books = tmp_path / "ledger.sqlite3"
    config = SimulatorConfig(balance=10_000_000, ledger=books, automatic=False)
    with Simulator(config) as server, FaultProxy(server.url) as proxy:
        server.quote("EURUSD", bid=1.1, ask=1.1001)
        terminal = mt5.Terminal()
        assert terminal.initialize(**server.credentials | {"server": proxy.url})
        proxy.happen(breaking(random.Random(3)))  # noqa: S311

        def trade(number: int) -> int:
            result = terminal.order_send(
                {
                    "action": mt5.TRADE_ACTION_DEAL,
                    "symbol": "EURUSD",
                    "type": mt5.ORDER_TYPE_BUY,
                    "type_filling": mt5.ORDER_FILLING_IOC,
                    "volume": round(number * STEP, 2),
                    "magic": number,
                }
            )
            assert result is not None
            return result.retcode

        numbers = range(1, REQUESTS + 1)
        with ThreadPoolExecutor(THREADS) as pool:
            codes = dict(zip(numbers, pool.map(trade, numbers), strict=True))
        proxy.calm()
        made = {round(p.volume / 1e8 / STEP) for p in server.positions()}

        def accounted() -> bool:
            entries = terminal.sent_requests(2 * REQUESTS)
            told = [e.sending.magic for e in entries if isinstance(e.fate, Executed)]
            return sorted(told) == sorted(made)

        eventually(accounted)
        shown = {p.magic: p.volume for p in terminal.positions_get() or ()}
        assert shown == {number: round(number * STEP, 2) for number in made}
        for entry in terminal.sent_requests(2 * REQUESTS):
            if isinstance(entry.fate, NotExecuted):
                assert entry.sending.magic not in made
        terminal.shutdown()
    assert volumes(books) == sorted(made), "nothing was dealt twice"
    assert {n for n in codes if codes[n] == mt5.TRADE_RETCODE_DONE} <= made
    assert not {n for n in codes if codes[n] == mt5.TRADE_RETCODE_CONNECTION} & made
    lost = {n for n in codes if codes[n] == mt5.TRADE_RETCODE_TIMEOUT}
    assert len(lost) > REQUESTS / 5
    assert set(codes.values()) <= {
        mt5.TRADE_RETCODE_DONE,
        mt5.TRADE_RETCODE_CONNECTION,
        mt5.TRADE_RETCODE_TIMEOUT,
    }
