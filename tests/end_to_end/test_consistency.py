"""What is read while prices move as fast as they can is of one moment."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import mt5web as mt5
from mt5web_async.simulator import Simulator, SimulatorConfig
from tests.waiting import eventually

LOOKS = 150
PRICES = {"EURUSD": 1.1, "GBPUSD": 1.3, "EURGBP": 0.85, "USDCHF": 0.9}


def move(server: Simulator, step: int) -> None:
    for name, price in PRICES.items():
        bid = round(price + step % 500 * 1e-5, 5)
        server.quote(name, bid=bid, ask=round(bid + 1e-4, 5))


def look(terminal: mt5.Terminal) -> bool:
    """Whether nothing changed meanwhile; what was read must add up if so."""
    before = terminal.account_info()
    held = terminal.positions_get()
    after = terminal.account_info()
    assert before is not None
    assert held is not None
    whole = round(before.balance + before.credit + before.profit, 2)
    assert before.equity == whole
    for name in PRICES:
        by_side = {(p.type, p.price_current) for p in held if p.symbol == name}
        assert len(by_side) == 2, by_side
        (_, bid), (_, ask) = sorted(by_side)
        assert round(ask - bid, 5) == 1e-4
    if before == after:
        result = sum(one.profit + one.swap for one in held)
        assert before.equity == round(before.balance + before.credit + result, 2)
    return before == after


def test_account_and_positions_add_up_while_prices_move() -> None:
    config = SimulatorConfig(automatic=False, currency="CHF", balance=100_000.0)
    with Simulator(config) as server:
        move(server, 0)
        terminal = mt5.Terminal()
        assert terminal.initialize(**server.credentials), terminal.last_error()
        for name in PRICES:
            assert terminal.symbol_select(name, True)
            for trade in (terminal.Buy, terminal.Sell) * 2:
                assert trade(name, 0.1) is not None
        stop = threading.Event()

        def tick() -> None:
            for step in count(1):
                if stop.is_set():
                    return
                move(server, step)

        with ThreadPoolExecutor() as pool:
            ticking = pool.submit(tick)
            readers = [
                pool.submit(lambda: [look(terminal) for _ in range(LOOKS)])
                for _ in range(3)
            ]
            try:
                for reader in readers:
                    reader.result()
            finally:
                stop.set()
            ticking.result()
        eventually(lambda: look(terminal))
        terminal.shutdown()
