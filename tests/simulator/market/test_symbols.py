"""What can be traded: lists, groups and full records."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Any

import pytest

from mt5web_async.enums import CalcMode, ChartMode, ExecutionMode, TradeMode
from mt5web_async.protocol import responses
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.records import (
    FULL_SYMBOL,
    SYMBOL,
    SYMBOL_GROUP,
    FullSymbol,
    Symbol,
)
from mt5web_async.simulator import Simulator
from mt5web_async.simulator.config import Limits
from mt5web_async.simulator.market.catalogue import Catalogue, standard, synthetic
from tests.simulator.client import Client, entered
from tests.simulator.conftest import Start, still


@pytest.fixture(scope="module")
def server() -> Iterator[Simulator]:
    with Simulator(still()) as running:
        yield running


def listed(client: Client) -> list[Symbol]:
    """The symbol list."""
    answer = client.ask(Command.SYMBOLS)
    assert answer.result == 0
    return SYMBOL.counted(answer.payload)[0]


def every_symbol(client: Client) -> dict[str, FullSymbol]:
    """Full records by name."""
    ids = [one.symbol_id for one in listed(client)]
    return {one.name: one for one in client.full_symbols(ids)}


def test_the_list_and_the_full_records_tell_the_same(client: Client) -> None:
    full = every_symbol(client)
    assert len(full) >= 12
    for short in listed(client):
        one = full[short.name]
        assert short == Symbol(
            one.name,
            one.description,
            one.digits,
            one.symbol_id,
            one.trade.symbol_path,
            one.calc_mode,
            one.basis,
            one.sector,
        )


def test_the_account_says_how_many_symbols_there_are(client: Client) -> None:
    state = responses.read_account(client.ask(Command.ACCOUNT).payload)
    assert state.symbols_count == len(listed(client))


def test_names_and_ids_are_unique(client: Client) -> None:
    symbols = listed(client)
    assert len({one.name for one in symbols}) == len(symbols)
    assert len({one.symbol_id for one in symbols}) == len(symbols)


def test_the_packed_list_inflates_to_the_plain_one(client: Client) -> None:
    packed = bytes(client.ask(Command.PACKED_SYMBOLS).payload)
    plain = bytes(client.ask(Command.SYMBOLS).payload)
    assert struct.unpack_from("<I", packed) == (len(plain),)
    assert zlib.decompress(packed[4:]) == plain
    assert len(responses.unpack_symbols(packed)) == len(listed(client))


def test_a_long_list_is_packed_into_a_fraction(start: Start) -> None:
    with entered(start(synthetic_symbols=3000)) as client:
        packed = bytes(client.ask(Command.PACKED_SYMBOLS).payload)
        names = [one.name for one in listed(client)]
    assert len(responses.unpack_symbols(packed)) == len(names) > 3000
    assert len(packed) * 20 < len(names) * SYMBOL.size


def test_every_symbol_is_in_a_group_of_the_list(client: Client) -> None:
    groups, _ = SYMBOL_GROUP.counted(client.ask(Command.SYMBOL_GROUPS).payload)
    paths = {one.name for one in groups}
    assert len(paths) == len(groups)
    assert paths == {one.path.rpartition("\\")[0] for one in listed(client)}


def test_full_records_come_as_often_as_they_are_asked_for(client: Client) -> None:
    one, other = (symbol.symbol_id for symbol in listed(client)[:2])
    records = client.full_symbols([one, other, one])
    assert [record.symbol_id for record in records] == [one, other, one]


def test_unknown_ids_are_left_out(client: Client) -> None:
    known = listed(client)[0].symbol_id
    found = client.full_symbols([0, known, 4_000_000_000])
    assert [one.symbol_id for one in found] == [known]


def test_asking_for_nothing_gets_a_count_of_zero(client: Client) -> None:
    answer = client.ask(Command.FULL_SYMBOLS, struct.pack("<I", 0))
    assert bytes(answer.payload) == bytes(4)


def test_too_many_ids_at_once_are_refused(start: Start) -> None:
    with entered(start(limits=Limits(symbols=2))) as client:
        payload = struct.pack("<4I", 3, 101, 102, 103)
        assert client.ask(Command.FULL_SYMBOLS, payload).result == 1


def test_there_are_no_spreads_of_futures(client: Client) -> None:
    answer = client.ask(Command.SPREADS, struct.pack("<3I", 2, 101, 101))
    assert (answer.result, bytes(answer.payload)) == (0, b"")


# the catalogue


def test_the_catalogue_has_all_kinds_that_scripts_meet(client: Client) -> None:
    symbols = every_symbol(client)
    forex = {n: s for n, s in symbols.items() if s.calc_mode == CalcMode.FOREX}
    assert {symbol.digits for symbol in forex.values()} == {3, 5}
    assert [n for n in forex if "USD" not in n]  # they need a conversion
    assert symbols["XAUUSD"].calc_mode == CalcMode.CFD_LEVERAGE
    modes = {symbol.calc_mode for symbol in symbols.values()}
    assert modes >= {CalcMode.CFD_INDEX, CalcMode.EXCH_STOCKS, CalcMode.EXCH_FUTURES}
    future = symbols["US500F"]
    assert (future.tick_size, future.tick_value) == (0.25, 1.25)
    assert future.time_expiration > 1773136800
    assert [n for n, s in symbols.items() if s.ticks_book_depth]
    executions = {symbol.trade.execution_mode for symbol in symbols.values()}
    assert executions == set(ExecutionMode)


def test_records_are_consistent_in_themselves(client: Client) -> None:
    for name, symbol in every_symbol(client).items():
        assert symbol.name == name
        assert symbol.point == pytest.approx(10**-symbol.digits)
        assert symbol.multiply == 10**symbol.digits
        assert symbol.tick_size >= symbol.point
        assert symbol.contract_size > 0
        trade = symbol.trade
        assert trade.trade_mode == TradeMode.FULL
        assert 0 < trade.volume_min <= trade.volume_max
        assert trade.volume_min % trade.volume_step == 0
        assert trade.symbol_path.endswith(f"\\{name}")
        assert all(
            (symbol.currency_base, symbol.currency_profit, symbol.currency_margin)
        )


def test_what_is_traded_on_an_exchange_is_charted_by_its_trades(
    client: Client,
) -> None:
    symbols = every_symbol(client)
    assert symbols["ACME"].chart_mode == symbols["US500F"].chart_mode == ChartMode.LAST
    assert symbols["EURUSD"].chart_mode == ChartMode.BID


def test_the_market_is_open_at_any_hour_unless_asked_otherwise(
    client: Client, start: Start
) -> None:
    always = responses.read_schedule(client.symbol("EURUSD").schedule)
    assert [len(day) for day in always.trades] == [1] * 7
    assert {(s.open, s.close) for day in always.trades for s in day} == {(0, 1440)}
    with entered(start(always_open=False)) as other:
        weekdays = responses.read_schedule(other.symbol("EURUSD").schedule)
    assert [len(day) for day in weekdays.trades] == [0, 1, 1, 1, 1, 1, 0]


@pytest.mark.parametrize("now", range(1_750_000_000, 1_790_000_000, 3_456_789))
def test_the_future_expires_on_a_third_friday_a_month_or_more_ahead(now: int) -> None:
    (future,) = (
        one.symbol for one in standard(now).listings if one.symbol.name == "US500F"
    )
    expiry = future.time_expiration
    days = expiry // 86_400
    assert expiry - now >= 29 * 86_400
    assert expiry - now < 130 * 86_400
    assert (days + 3) % 7 == 4


def test_another_catalogue_can_be_served(start: Start) -> None:
    with entered(start(catalogue=synthetic(3))) as client:
        names = [one.name for one in listed(client)]
    assert names == ["SYN00001", "SYN00002", "SYN00003"]


def test_a_catalogue_may_be_empty(start: Start) -> None:
    with entered(start(catalogue=Catalogue((), ()))) as client:
        for command in (Command.SYMBOLS, Command.SYMBOL_GROUPS):
            assert bytes(client.ask(command).payload) == bytes(4)
        packed = bytes(client.ask(Command.PACKED_SYMBOLS).payload)
        assert len(responses.unpack_symbols(packed)) == 0


# changed settings


def test_changed_settings_are_told_to_everybody_and_kept(start: Start) -> None:
    server = start()
    with entered(server) as client, entered(server) as other:
        before = client.symbol("EURUSD")
        other.ask(Command.PING)
        server.change_symbol(
            "EURUSD",
            lambda symbol: symbol._replace(
                description="Fiber",
                trade=symbol.trade._replace(stops_level=30),
            ),
        )
        for one in (client, other):
            (told,) = FULL_SYMBOL.records(one.push(Command.SYMBOLS_CHANGED))
            assert (told.description, told.trade.stops_level) == ("Fiber", 30)
            assert one.symbol("EURUSD") == told
    assert told.symbol_id == before.symbol_id
    server.restart()
    with entered(server) as again:
        assert again.symbol("EURUSD") == told


@pytest.mark.parametrize(
    "change",
    [
        {"name": "EURUSDm"},
        {"symbol_id": 5},
        {"digits": 4},
        {"tick_size": 0.00005},
        {"chart_mode": ChartMode.LAST},
        {"ticks_book_depth": 0},
    ],
)
def test_what_the_prices_of_a_symbol_are_made_by_is_fixed(
    server: Simulator, change: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match="cannot change"):
        server.change_symbol("EURUSD", lambda symbol: symbol._replace(**change))
