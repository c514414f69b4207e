"""What is known of symbols, and whether it still counts."""

from __future__ import annotations

import pytest

from mt5web_async.enums import CalcMode
from mt5web_async.errors import NotFound
from mt5web_async.protocol.records import (
    FULL_SYMBOL,
    SYMBOL,
    FullSymbol,
    Symbol,
    TradeSettings,
)
from mt5web_async.terminal.symbols import Symbols

EURUSD = Symbol("EURUSD", "Euro", 5, 1, calc_mode=CalcMode.FOREX)
GOLD = Symbol("XAUUSD", "Gold", 2, 2, calc_mode=CalcMode.CFD_LEVERAGE)


def full(symbol: Symbol, stops_level: int = 0) -> FullSymbol:
    path = f"Forex\\{symbol.name}"
    settings = TradeSettings(symbol_path=path, stops_level=stops_level)
    return FULL_SYMBOL.read(
        FULL_SYMBOL.write(
            FullSymbol(
                name=symbol.name,
                symbol_id=symbol.symbol_id,
                digits=symbol.digits,
                trade=settings,
            )
        )
    )


def listed(symbols: Symbols, *records: Symbol) -> None:
    symbols.take_list(SYMBOL.rows(SYMBOL.write_all(records)))


@pytest.fixture
def symbols() -> Symbols:
    symbols = Symbols()
    listed(symbols, EURUSD, GOLD)
    symbols.take_full([full(EURUSD)])
    return symbols


def test_the_list_tells_names_ids_and_pairs(symbols: Symbols) -> None:
    assert list(symbols.names) == ["EURUSD", "XAUUSD"]
    assert (len(symbols), symbols.id_of("XAUUSD")) == (2, 2)
    assert symbols.pairs.names == ("EURUSD",)
    with pytest.raises(NotFound, match="no symbol 'NOPE'"):
        symbols.id_of("NOPE")


def test_what_was_loaded_is_known(symbols: Symbols) -> None:
    assert (symbols.loaded("EURUSD"), symbols.loaded("XAUUSD")) == (True, False)
    symbols.take_full([full(GOLD)])
    assert symbols.loaded("XAUUSD")


def test_after_a_new_connection_nothing_is_loaded_but_all_can_still_be_read(
    symbols: Symbols,
) -> None:
    symbols.begin()
    listed(symbols, EURUSD, GOLD)
    assert not symbols.loaded("EURUSD")
    assert symbols.full["EURUSD"].digits == 5
    symbols.take_full([full(EURUSD, stops_level=9)])
    assert symbols.loaded("EURUSD")
    assert symbols.full["EURUSD"].trade.stops_level == 9


def test_a_server_may_number_its_symbols_anew(symbols: Symbols) -> None:
    """Else the ticks of one symbol would be taken for another's."""
    symbols.begin()
    listed(symbols, EURUSD._replace(symbol_id=2), GOLD._replace(symbol_id=1))
    assert not symbols.quoted
    symbols.take_full([full(GOLD._replace(symbol_id=1))])
    assert {i: quoted.name for i, quoted in symbols.quoted.items()} == {1: "XAUUSD"}
    symbols.take_overrides([])  # as when the account changes
    assert {i: quoted.name for i, quoted in symbols.quoted.items()} == {1: "XAUUSD"}


def test_a_symbol_that_a_server_has_no_more_is_forgotten(symbols: Symbols) -> None:
    listed(symbols, GOLD)
    assert "EURUSD" not in symbols
    assert "EURUSD" not in symbols.full
    with pytest.raises(NotFound):
        symbols.id_of("EURUSD")


def test_overrides_count_for_the_symbols_of_their_path(symbols: Symbols) -> None:
    symbols.take_full([full(GOLD, stops_level=3)])
    override = symbols.full["XAUUSD"].trade._replace(
        symbol_path="Forex\\EUR*", stops_level=40
    )
    symbols.take_overrides([override])
    assert symbols.full["EURUSD"].trade.stops_level == 40
    assert symbols.full["XAUUSD"].trade.stops_level == 3
    assert symbols.path_of("EURUSD") == "Forex\\EURUSD"
    symbols.take_full([full(EURUSD, stops_level=1)])  # its own settings changed
    assert symbols.full["EURUSD"].trade.stops_level == 40
