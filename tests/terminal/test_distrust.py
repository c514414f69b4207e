"""A server that tells nonsense costs its nonsense, not the terminal."""

from __future__ import annotations

import asyncio
import logging
import struct
from collections.abc import Iterable
from typing import Any

import pytest

from mt5web_async.connection.credentials import Credentials
from mt5web_async.enums import BookType, TickFields
from mt5web_async.errors import MalformedMessage, NotFound
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.records import (
    FULL_SYMBOL,
    ORDER_TRANSACTION,
    STATISTICS,
    SYMBOL,
    TICK,
    Account,
    BookHeader,
    BookLevel,
    Deal,
    DealTransaction,
    FullSymbol,
    Order,
    OrderTransaction,
    Position,
    Statistics,
    Symbol,
    Tick,
    TradeSettings,
)
from mt5web_async.protocol.responses import (
    AccountState,
    BookChange,
    DealGroup,
    write_account,
    write_books,
    write_deal_group,
    write_history,
    write_positions,
)
from mt5web_async.simulator import Simulator, SimulatorConfig
from mt5web_async.terminal import account, history, model
from mt5web_async.terminal.clock import ServerClock
from mt5web_async.terminal.model import Model
from mt5web_async.terminal.terminal import Terminal
from tests.fuzz.forger import Forger, Said
from tests.waiting import LIMIT

NAN, INFINITE = float("nan"), float("inf")
BIDASK = TickFields.BID | TickFields.ASK


def known(*symbols: FullSymbol) -> Model:
    """A model that has loaded these symbols."""
    told = Model()
    listed = [Symbol(one.name, symbol_id=one.symbol_id) for one in symbols]
    told.symbols.take_list(SYMBOL.rows(SYMBOL.write_all(listed)))
    told.symbols.take_full(symbols)
    return told


def pair(name: str = "EURUSD", number: int = 1, **fields: Any) -> FullSymbol:
    plain = {"digits": 5, "point": 1e-5, "contract_size": 100_000.0}
    return FullSymbol(name=name, symbol_id=number, **{**plain, **fields})


def push(told: Model, command: int, payload: bytes) -> None:
    told.pushes()[command](memoryview(payload))


def ticks(*several: Tick) -> bytes:
    return TICK.write_all(several)


@pytest.mark.parametrize("price", [NAN, INFINITE, -INFINITE, 1e300])
def test_a_price_that_is_none_is_not_quoted(price: float) -> None:
    told = known(pair())
    honest = Tick(1, 100, BIDASK, bid=110_000.0, ask=110_012.0)
    push(told, Command.TICKS, ticks(honest, honest._replace(time=101, bid=price)))
    quote = told.quotes.get("EURUSD")
    assert quote is not None
    assert (quote.bid, quote.ask) == (1.1, 1.10012)


def test_figures_of_the_day_that_are_no_numbers_are_read_as_0() -> None:
    told = known(pair())
    figures = Statistics(1, -1, bid=NAN, ask=INFINITE, price_open=NAN, time_ms=2**62)
    push(told, Command.STATISTICS, STATISTICS.write(figures))
    quote = told.quotes.get("EURUSD")
    assert quote is not None
    assert (quote.bid, quote.session.price_open) == (0.0, 0.0)


def test_a_symbol_and_its_settings_hold_numbers_only() -> None:
    settings = TradeSettings("Forex", margin_hedged=NAN)
    told = known(pair(tick_size=NAN, trade=settings))
    symbol = told.symbols.full["EURUSD"]
    assert (symbol.tick_size, symbol.trade.margin_hedged) == (0.0, 0.0)
    told.symbols.take_overrides([TradeSettings(symbol_path="*", swap_long=-INFINITE)])
    assert told.symbols.full["EURUSD"].trade.swap_long == -1e18


def test_money_of_the_account_its_positions_and_deals_is_a_number() -> None:
    told = Model()
    state = AccountState(Account(balance=NAN, margin_so_call=INFINITE))
    told.take_account(memoryview(write_account(state)))
    assert told.holdings.account.balance == 0
    positions = write_positions([Position(7, volume=1, profit=NAN)], [Order(8, sl=NAN)])
    told.holdings.take_positions(memoryview(positions))
    assert told.holdings.positions[7].profit == told.holdings.orders[8].sl == 0
    deals = write_history([Deal(9, profit=NAN)], [])
    told.history.take(0, 9, memoryview(deals))
    assert told.history.deals(0, 9) == [Deal(9)]


def test_records_of_symbols_that_are_not_listed_are_not_kept() -> None:
    told = known(pair())
    strangers = [pair(f"S{n}", n) for n in range(2, 9)]
    push(told, Command.SYMBOLS_CHANGED, FULL_SYMBOL.write_all(strangers))
    assert set(told.symbols.full) == {"EURUSD"}


def test_books_together_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "MAX_LEVELS_TOGETHER", 30)
    told = known(*(pair(f"S{n}", n) for n in range(1, 5)))
    rows = tuple(BookLevel(0, BookType.SELL, price, 10**8) for price in range(10))
    changes = [BookChange(BookHeader(n, flags=2), rows) for n in range(1, 5)]
    push(told, Command.BOOK, write_books(changes[:3]))
    with pytest.raises(MalformedMessage, match="books of 40 levels, limit 30"):
        push(told, Command.BOOK, write_books(changes[3:]))
    assert set(told.books) == {1, 2, 3}


def test_open_orders_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account, "MAX_HELD", 3)
    told = Model()

    def add(ticket: int) -> None:
        added = OrderTransaction(order=Order(ticket, symbol="EURUSD"))
        push(told, Command.TRANSACTIONS, ORDER_TRANSACTION.write(added))

    for ticket in (1, 2, 3, 3):
        add(ticket)
    with pytest.raises(MalformedMessage, match="4 open at a time, limit 3"):
        add(4)
    assert set(told.holdings.orders) == {1, 2, 3}
    positions = write_positions([Position(n, volume=1) for n in range(1, 5)], [])
    with pytest.raises(MalformedMessage, match="4 open at a time, limit 3"):
        told.holdings.take_positions(memoryview(positions))


def test_what_no_request_could_name_is_not_held() -> None:
    told = Model()
    held = [Position(n, symbol="EURUSD", volume=1) for n in (-7, 7)]
    waiting = [Order(n, symbol="EURUSD") for n in (-8, 8)]
    told.holdings.take_positions(memoryview(write_positions(held, waiting)))
    for order in waiting:
        added = OrderTransaction(order=order)
        push(told, Command.TRANSACTIONS, ORDER_TRANSACTION.write(added))
    for position in held:
        group = DealGroup(DealTransaction(kind=2, position=position))
        push(told, Command.TRANSACTIONS, write_deal_group(group))
    assert (set(told.holdings.positions), set(told.holdings.orders)) == ({7}, {8})


def test_the_history_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MAX_RECORDS", 3)
    told = Model()
    deals = write_history([Deal(n, time_create=n) for n in range(1, 5)], [])
    with pytest.raises(MalformedMessage, match="more than 3"):
        told.history.take(0, 9, memoryview(deals))
    told.history.take(0, 9, memoryview(write_history([Deal(1)], [])))
    assert told.history.deals(0, 9) == [Deal(1)]


def test_the_state_of_the_trade_server_is_told_when_it_changes(
    caplog: pytest.LogCaptureFixture,
) -> None:
    told = Model()
    for state in (0, 1, 1, 7, 0, 0):
        push(told, Command.TRADE_SERVER_STATE, struct.pack("<I", state))
    lines = [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING]
    assert lines == ["trade server lost", "trade server back"]


@pytest.mark.parametrize(
    ("shift", "hours", "seen"),
    [(2**31 - 1, 127, 2**62), (-(2**31), -128, 0), (0, 0, 2**62)],
)
def test_the_servers_clock_stays_within_what_requests_can_carry(
    shift: int, hours: int, seen: int
) -> None:
    clock = ServerClock(lambda: 1_800_000_000.0)
    clock.set_offset(shift, hours)
    clock.note(seen)
    assert 0 <= clock.now() < 2**31


def test_a_symbol_that_the_server_keeps_back_is_not_found() -> None:
    def keep_back(said: Said) -> Iterable[Said]:
        return (said._replace(payload=bytes(4)) if said.command == 18 else said,)

    async def scenario(url: str, server: Simulator) -> None:
        terminal = Terminal(
            url, Credentials(login=server.login, password=server.password)
        )
        await terminal.open(LIMIT)
        try:
            with pytest.raises(NotFound, match="tells nothing of 'XAUUSD'"):
                await terminal.full_symbols(["XAUUSD"])
            await terminal.load_symbols(["XAUUSD"])
            assert "XAUUSD" not in terminal.model.symbols.full
        finally:
            await terminal.close()

    with Simulator(SimulatorConfig(automatic=False)) as server, Forger(server.url) as f:
        f.forgery = keep_back
        asyncio.run(scenario(f.url, server))
