"""Whatever is traded, the client's figures are those of the server."""

from __future__ import annotations

import random
from typing import Any

import pytest

import mt5web as mt5
from mt5web_async.calculation.account import AccountFigures
from mt5web_async.enums import MarginMode
from mt5web_async.simulator import Simulator, SimulatorConfig
from mt5web_async.simulator.rules import funds
from tests.waiting import eventually

DIGITS = {"EURUSD": 5, "USDJPY": 3, "EURGBP": 5, "XAUUSD": 2, "GBPUSD": 5}
SYMBOLS = ("EURUSD", "USDJPY", "EURGBP", "XAUUSD")
STEPS = 170


def figures(server: Any, login: int) -> AccountFigures:
    """The account as the trade server computes it."""
    result: AccountFigures = server.do(
        lambda broker: funds.figures(broker.exchange._desk(login))
    )
    return result


def quote(server: Any, name: str, price: float) -> None:
    digits = DIGITS[name]
    server.quote(name, bid=round(price, digits), ask=round(price * 1.0002, digits))


def money(info: mt5.AccountInfo) -> tuple[float, ...]:
    return (info.balance, info.equity, info.margin, info.margin_free)


@pytest.mark.parametrize("mode", list(MarginMode))
def test_account_info_equals_the_server_after_every_step(mode: MarginMode) -> None:
    chance = random.Random(7)  # noqa: S311 - a repeatable session
    config = SimulatorConfig(automatic=False, margin_mode=mode, balance=100_000.0)
    with Simulator(config) as server:
        prices = {"EURUSD": 1.1, "USDJPY": 150.0, "EURGBP": 0.85, "XAUUSD": 2000.0}
        prices["GBPUSD"] = 1.29
        for name, price in prices.items():
            quote(server, name, price)
        terminal = mt5.Terminal()
        assert terminal.initialize(**server.credentials)
        for name in SYMBOLS:
            assert terminal.symbol_select(name, True)
        for _ in range(STEPS):
            act(chance, terminal, server, prices)
            expected = figures(server, server.login)
            wanted = (
                expected.balance,
                expected.equity,
                expected.margin,
                expected.margin_free,
            )

            def agrees(wanted: tuple[float, ...] = wanted) -> bool:
                info = terminal.account_info()
                return info is not None and money(info) == wanted

            eventually(agrees)
        terminal.shutdown()


def act(
    chance: random.Random, terminal: mt5.Terminal, server: Any, prices: dict[str, float]
) -> None:
    """A tick, a deal, a pending order, a change or a closing."""
    name = chance.choice(SYMBOLS)
    match chance.randrange(6):
        case 0 | 1:
            moved = chance.choice(list(prices))
            prices[moved] *= 1 + chance.uniform(-0.002, 0.002)
            quote(server, moved, prices[moved])
        case 2:
            trade = chance.choice((terminal.Buy, terminal.Sell))
            trade(name, round(chance.uniform(0.01, 0.5), 2))
        case 3:
            terminal.Close(name)
        case 4:
            place(chance, terminal, name)
        case 5:
            for order in terminal.orders_get() or ():
                terminal.order_send(
                    {"action": mt5.TRADE_ACTION_REMOVE, "order": order.ticket}
                )


def place(chance: random.Random, terminal: mt5.Terminal, name: str) -> None:
    tick, info = terminal.symbol_info_tick(name), terminal.symbol_info(name)
    assert tick is not None
    assert info is not None
    terminal.order_send(
        {
            "action": mt5.TRADE_ACTION_PENDING,
            "symbol": name,
            "volume": 0.1,
            "type": mt5.ORDER_TYPE_BUY_LIMIT,
            "price": round(tick.bid * chance.uniform(0.98, 0.999), info.digits),
            "type_filling": mt5.ORDER_FILLING_RETURN,
        }
    )
