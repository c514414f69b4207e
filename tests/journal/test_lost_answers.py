"""The journal's account of requests without an answer equals the server's ledger."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import mt5web as mt5
from mt5web import opening
from mt5web_async.simulator import Simulator, SimulatorConfig
from mt5web_async.simulator.faults import TradeLoss
from mt5web_async.simulator.trading.ledger import Ledger
from mt5web_async.terminal.fate import Executed
from tests.waiting import eventually

REQUESTS = 100
FAR = 2**31 - 1


@pytest.fixture(autouse=True)
def own_journal(own_folders: None) -> Iterator[None]:
    opening.journal.cache_clear()
    yield
    opening.journal.cache_clear()


def connected(terminal: mt5.Terminal) -> bool:
    info = terminal.terminal_info()
    return info is not None and info.connected


def some_request(
    terminal: mt5.Terminal, chance: random.Random, magic: int
) -> dict[str, Any]:
    tick = terminal.symbol_info_tick("EURUSD")
    assert tick is not None
    positions = terminal.positions_get() or ()
    common = {"symbol": "EURUSD", "magic": magic, "comment": chance.choice(["", "x"])}
    kind = chance.choice(["open", "open", "close", "levels", "pending"])
    below = round(0.9 - magic * 0.00001, 5)  # of no other request
    if kind == "close" and positions:
        return common | {
            "action": mt5.TRADE_ACTION_DEAL,
            "type": mt5.ORDER_TYPE_SELL,
            "position": positions[0].ticket,
            "price": tick.bid,
            "volume": positions[0].volume,
            "type_filling": mt5.ORDER_FILLING_IOC,
        }
    if kind == "levels" and positions:
        return common | {
            "action": mt5.TRADE_ACTION_SLTP,
            "position": positions[-1].ticket,
            "sl": below,
        }
    if kind == "pending":
        return common | {
            "action": mt5.TRADE_ACTION_PENDING,
            "type": mt5.ORDER_TYPE_BUY_LIMIT,
            "price": below,
            "volume": 0.1,
            "type_filling": mt5.ORDER_FILLING_RETURN,
        }
    return common | {
        "action": mt5.TRADE_ACTION_DEAL,
        "type": mt5.ORDER_TYPE_BUY,
        "price": tick.ask,
        "volume": 0.1,
        "type_filling": mt5.ORDER_FILLING_IOC,
    }


@pytest.mark.timeout(600)
def test_after_a_hundred_lost_answers_the_journal_equals_the_ledger(
    tmp_path: Path,
) -> None:
    ledger = tmp_path / "ledger.sqlite3"
    chance = random.Random(11)  # noqa: S311 - nothing to protect
    reached: set[int] = set()
    with Simulator(SimulatorConfig(balance=1_000_000, ledger=ledger)) as server:
        terminal = mt5.Terminal()
        assert terminal.initialize(**server.credentials)
        for magic in range(1, REQUESTS + 1):
            when = chance.choice([TradeLoss.AFTER, TradeLoss.AFTER, TradeLoss.BEFORE])
            request = some_request(terminal, chance, magic)
            server.trouble.lose_trade(when)
            result = terminal.order_send(request)
            assert result is not None
            assert result.retcode == mt5.TRADE_RETCODE_TIMEOUT
            if when is TradeLoss.AFTER:
                reached.add(magic)
            eventually(lambda: connected(terminal))
        entries = terminal.sent_requests(2 * REQUESTS)
        assert len(entries) == REQUESTS, "no request was sent twice"
        done = {e.sending.magic for e in entries if isinstance(e.fate, Executed)}
        assert done == reached
        told = {
            entry.fate.order: entry.sending.magic
            for entry in entries
            if isinstance(entry.fate, Executed) and entry.fate.order
        }
        shown = {
            order.ticket: order.magic
            for order in (
                *(terminal.history_orders_get(0, FAR) or ()),
                *(terminal.orders_get() or ()),
            )
        }
        assert shown == told
        terminal.shutdown()
    assert sorted(told) == orders_made(ledger)


def test_of_like_requests_of_two_terminals_each_order_is_given_to_one(
    tmp_path: Path,
) -> None:
    chance = random.Random(5)  # noqa: S311
    with Simulator(SimulatorConfig(balance=1_000_000, automatic=False)) as server:
        server.quote("EURUSD", bid=1.1, ask=1.1001)
        both = mt5.Terminal(), mt5.Terminal()
        for terminal in both:
            assert terminal.initialize(**server.credentials)
        buy = {"action": 1, "symbol": "EURUSD", "volume": 0.1, "type": 0}
        with ThreadPoolExecutor(2) as pool:
            for magic in range(1, 21):
                server.trouble.lose_trade(chance.choice(list(TradeLoss)))
                request = buy | {"magic": magic}
                sent = [pool.submit(one.order_send, request) for one in both]
                results = [one.result() for one in sent]
                codes = sorted(one.retcode for one in results if one is not None)
                assert codes == [mt5.TRADE_RETCODE_DONE, mt5.TRADE_RETCODE_TIMEOUT]
                eventually(lambda: all(connected(terminal) for terminal in both))
        made = sorted(position.position_id for position in server.positions())

        def told() -> list[int]:
            fates = [entry.fate for entry in both[0].sent_requests(100)]
            assert len(fates) == 40
            return sorted(f.order for f in fates if isinstance(f, Executed))

        eventually(lambda: told() == made)
        magics = [position.magic for position in both[1].positions_get() or ()]
        assert set(magics) == set(range(1, 21))
        for terminal in both:
            terminal.shutdown()


def orders_made(path: Path) -> list[int]:
    """Tickets of all orders in a server's ledger."""
    with closing(Ledger(path)) as ledger:
        (login,) = ledger.accounts.logins()
        made = (*ledger.orders.history(login, 0, FAR), *ledger.orders.of(login))
    return sorted(order.order for order in made)


def test_a_journal_that_cannot_be_kept_stops_no_trade(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    occupied = tmp_path / "a file where the folder would be"
    occupied.touch()
    monkeypatch.setenv("MT5WEB_DATA", str(occupied))
    with Simulator(SimulatorConfig()) as server:
        terminal = mt5.Terminal()
        assert terminal.initialize(**server.credentials)
        assert "magic numbers and lost answers are not kept" in caplog.text
        result = terminal.Buy("EURUSD", 0.1)
        assert result is not None
        assert result.retcode == mt5.TRADE_RETCODE_DONE
        assert terminal.sent_requests() == ()
        terminal.shutdown()
