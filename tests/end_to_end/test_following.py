"""What converts money and relieves margin is known when it comes to count."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

import mt5web as mt5
from mt5web_async.enums import MarginMode
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.records import SpreadHeader, SpreadLeg
from mt5web_async.protocol.responses import Spread, write_spreads
from mt5web_async.simulator import Simulator, SimulatorConfig
from mt5web_async.simulator.broker import Broker
from mt5web_async.simulator.clients.session import Reply
from mt5web_async.simulator.gateway.services import SERVICES, Context, Service
from mt5web_async.simulator.gateway.services import market as services_market
from tests.calculation.scenes import UNSET, leverage
from tests.waiting import eventually

IN_YEN: Final = leverage(3, (0, 1e6, 1.0), (1e6, UNSET, 2.0), currency="JPY")
RELIEF: Final = Spread(
    SpreadHeader(spread_id=1, margin_initial=100.0),
    (SpreadLeg(symbol="BTCUSD", ratio=1.0),),
    (SpreadLeg(symbol="US500F", ratio=1.0),),
)


def subscribed(server: Simulator, name: str) -> bool:
    """Whether somebody is sent the quotes of a symbol."""

    def look(broker: Broker) -> bool:
        listings = broker.catalogue.listings
        ids = {one.symbol.name: one.symbol.symbol_id for one in listings}
        return any(ids[name] in session.quoted for session in broker.audience)

    return server.do(look)


@contextmanager
def opened(**config: Any) -> Iterator[tuple[Simulator, mt5.Terminal]]:
    """A server that quotes by hand only, and a terminal that is logged in."""
    with Simulator(SimulatorConfig(automatic=False, **config)) as server:
        terminal = mt5.Terminal()
        assert terminal.initialize(**server.credentials), terminal.last_error()
        yield server, terminal
        terminal.shutdown()


def buy(symbol: str, price: float) -> dict[str, Any]:
    return {
        "action": mt5.TRADE_ACTION_DEAL,
        "symbol": symbol,
        "volume": 1.0,
        "type": mt5.ORDER_TYPE_BUY,
        "price": price,
        "type_filling": mt5.ORDER_FILLING_IOC,
    }


def test_the_first_check_has_all_rates_that_margin_needs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """EURJPY is quoted after EURGBP and all pairs with the dollar."""
    late: list[Context] = []
    greet = services_market._greet_some
    monkeypatch.setattr(services_market, "_GREETED_AT_ONCE", 3)
    monkeypatch.setattr(services_market, "_greet_some", late.append)
    monkeypatch.setenv("MT5WEB_CONFIG", str(tmp_path / "gold_alone.toml"))
    (tmp_path / "gold_alone.toml").write_text(
        '[options]\nsymbols = ["XAUUSD"]\n', "utf-8"
    )
    with (
        opened(currency="JPY", balance=1e9) as (server, terminal),
        ThreadPoolExecutor() as pool,
    ):
        server.quote("EURGBP", bid=0.85, ask=0.8502)
        server.quote("EURJPY", bid=160.0, ask=160.02)
        pending = pool.submit(terminal.order_check, buy("EURGBP", 0.8502))
        eventually(lambda: bool(late))
        assert terminal.symbol_info_tick("EURGBP") is not None
        server.do(lambda _: greet(late[0]))
        check = pending.result()
        assert check is not None
        assert (check.retcode, check.margin) == (0, 160_020.0)


def test_a_new_leverage_rule_has_its_currency_quoted() -> None:
    with opened() as (server, _):
        assert not subscribed(server, "EURJPY")
        server.change_account(lambda state: state._replace(leverage=(IN_YEN,)))
        eventually(lambda: subscribed(server, "EURJPY"))


def test_a_symbol_in_another_currency_has_it_quoted() -> None:
    with opened() as (server, _):
        assert not subscribed(server, "USDNOK")
        server.change_symbol(
            "XAUUSD", lambda gold: gold._replace(currency_profit="NOK")
        )
        eventually(lambda: subscribed(server, "USDNOK"))


def test_margin_is_relieved_by_the_spreads_of_what_is_newly_held(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answer = Service(lambda *_: Reply(write_spreads([RELIEF])))
    monkeypatch.setitem(SERVICES, Command.SPREADS, answer)
    with opened(margin_mode=MarginMode.NETTING, balance=1e6) as (server, terminal):
        server.quote("US500F", bid=5600.0, ask=5600.25, last=5600.0)
        server.quote("BTCUSD", bid=65_000.0, ask=65_010.0)
        for name in ("US500F", "BTCUSD"):
            assert terminal.symbol_select(name, True)
        assert terminal.Sell("US500F", 1.0) is not None
        assert terminal.Buy("BTCUSD", 1.0) is not None

        def relieved() -> bool:
            account = terminal.account_info()
            return account is not None and account.margin == 100.0

        eventually(relieved)
