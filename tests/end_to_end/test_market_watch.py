"""Which symbols are shown and quoted, and what scripts see of them."""

from __future__ import annotations

import pytest

import mt5web as mt5
from mt5web_async.protocol.records import FullSymbol
from mt5web_async.simulator.broker import Broker
from mt5web_async.simulator.server import Simulator
from tests.waiting import eventually

DEFAULT = {
    *("EURUSD", "GBPUSD", "USDJPY", "USDCHF", "AUDUSD", "USDCAD", "NZDUSD", "XAUUSD")
}


def shown(terminal: mt5.Terminal) -> set[str]:
    return {one.name for one in terminal.symbols_get() or () if one.visible}


def info(terminal: mt5.Terminal, symbol: str) -> mt5.SymbolInfo:
    found = terminal.symbol_info(symbol)
    assert found is not None, terminal.last_error()
    return found


def connected(terminal: mt5.Terminal) -> bool:
    state = terminal.terminal_info()
    return state is not None and state.connected


def test_a_fresh_terminal_shows_the_majors_and_what_is_held(
    server: Simulator, terminal: mt5.Terminal
) -> None:
    assert shown(terminal) == DEFAULT
    assert terminal.Buy("EURGBP", 0.1) is not None
    terminal.shutdown()
    assert terminal.initialize(**server.credentials)
    assert shown(terminal) == DEFAULT | {"EURGBP"}


def test_a_selected_symbol_is_quoted_and_valued_on_the_next_line(
    terminal: mt5.Terminal,
) -> None:
    before = info(terminal, "USDNOK")
    assert (before.visible, before.select, before.bid, before.time) == (False,) * 4
    assert terminal.symbol_select("USDNOK")
    tick, after = terminal.symbol_info_tick("USDNOK"), info(terminal, "USDNOK")
    assert tick is not None
    assert tick.bid > 0
    assert tick.ask > tick.bid
    assert (after.visible, after.select) == (True, True)
    # what a step of a price in NOK is worth in USD
    assert after.trade_tick_value == pytest.approx(1.0 / after.ask, rel=1e-3)


@pytest.mark.usefixtures("patience")
def test_a_selected_symbol_has_the_figures_of_its_day(terminal: mt5.Terminal) -> None:
    hidden = [one.name for one in terminal.symbols_get() or () if not one.visible]
    for name in hidden:
        assert terminal.symbol_select(name)
        day = info(terminal, name)
        assert 0 < day.session_open <= day.bidhigh, name


def test_the_rate_of_a_symbol_that_was_quoted_for_another_is_awaited(
    terminal: mt5.Terminal,
) -> None:
    for name in DEFAULT:
        assert terminal.symbol_select(name, False)
    assert terminal.symbol_select("EURGBP")
    assert info(terminal, "GBPUSD").select  # it makes dollars of pounds
    assert terminal.symbol_select("EURUSD")
    assert terminal.symbol_select("EURCHF")
    assert info(terminal, "EURCHF").trade_tick_value > 0


def test_asking_for_a_tick_quotes_a_symbol_without_showing_it(
    terminal: mt5.Terminal,
) -> None:
    tick = terminal.symbol_info_tick("AUDJPY")
    assert tick is not None
    assert tick.bid > 0
    after = info(terminal, "AUDJPY")
    assert (after.visible, after.select) == (False, True)


def test_a_hidden_symbol_has_no_prices_of_yesterday(
    server: Simulator, terminal: mt5.Terminal
) -> None:
    assert terminal.symbol_select("US500")
    assert terminal.symbol_select("US500", False)
    hidden = info(terminal, "US500")
    assert (hidden.visible, hidden.select, hidden.bid, hidden.time) == (False,) * 4
    server.quote("US500", bid=4000.0, ask=4001.0)
    tick = terminal.symbol_info_tick("US500")
    assert tick is not None
    assert (tick.bid, tick.ask) == (4000.0, 4001.0)


def test_hiding_a_symbol_ends_what_converts_its_money(terminal: mt5.Terminal) -> None:
    assert terminal.symbol_select("USDNOK")
    assert terminal.symbol_select("USDNOK", False)
    assert not info(terminal, "USDNOK").select
    assert terminal.symbol_select("AUDUSD", False)
    assert not info(terminal, "AUDUSD").select


def test_a_symbol_that_is_traded_cannot_be_hidden(terminal: mt5.Terminal) -> None:
    assert terminal.symbol_select("EURGBP")
    result = terminal.Buy("EURGBP", 0.1)
    assert result is not None
    assert terminal.symbol_select("EURGBP", False) is False
    assert terminal.last_error() == (-1, "Terminal: Call failed")
    assert terminal.Close("EURGBP") is True
    assert terminal.symbol_select("EURGBP", False) is True
    assert not info(terminal, "EURGBP").visible


def test_what_is_no_symbol_is_told_with_the_official_codes(
    terminal: mt5.Terminal,
) -> None:
    assert terminal.symbol_select("NOPE") is False
    assert terminal.last_error()[0] == mt5.RES_E_FAIL
    assert terminal.symbol_select("NOPE", False) is False
    assert terminal.last_error()[0] == mt5.RES_E_FAIL
    for function in (terminal.symbol_info, terminal.symbol_info_tick):
        assert function("NOPE") is None
        assert terminal.last_error()[0] == mt5.RES_E_NOT_FOUND


def test_groups_choose_symbols(terminal: mt5.Terminal) -> None:
    def names(*group: str) -> list[str]:
        return [one.name for one in terminal.symbols_get(*group) or ()]

    assert names("*USD,!EUR*,!BTC*") == [
        *("GBPUSD", "AUDUSD", "NZDUSD", "XAUUSD", "XAGUSD")
    ]
    assert names("EURUSD") == ["EURUSD"]
    assert names("NOPE*") == []
    assert len(names()) == len(names("*")) == terminal.symbols_total()


def test_settings_that_changed_while_nobody_listened_are_known_afterwards(
    server: Simulator, terminal: mt5.Terminal
) -> None:
    def farther(symbol: FullSymbol) -> FullSymbol:
        return symbol._replace(trade=symbol.trade._replace(stops_level=77))

    assert info(terminal, "EURUSD").trade_stops_level != 77
    assert info(terminal, "DE40").trade_stops_level != 77
    server.trouble.refuse()
    server.disconnect()
    server.change_symbol("EURUSD", farther)
    server.change_symbol("DE40", farther)
    eventually(lambda: not connected(terminal))
    server.trouble.refuse(False)
    eventually(lambda: connected(terminal))
    assert info(terminal, "EURUSD").trade_stops_level == 77
    assert info(terminal, "DE40").trade_stops_level == 77


def test_settings_change_under_a_connected_terminal(
    server: Simulator, terminal: mt5.Terminal
) -> None:
    server.change_symbol("EURUSD", lambda symbol: symbol._replace(page="https://e.x/"))
    eventually(lambda: info(terminal, "EURUSD").page == "https://e.x/")


def test_a_symbol_that_the_server_tells_nothing_of_is_left_out(
    server: Simulator, terminal: mt5.Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forget(broker: Broker) -> None:
        def told(symbol_id: int) -> FullSymbol | None:
            symbol = known(symbol_id)
            return None if symbol is None or symbol.name == "DE40" else symbol

        known = broker.symbol_of
        monkeypatch.setattr(broker, "symbol_of", told)

    server.do(forget)
    names = [one.name for one in terminal.symbols_get() or ()]
    assert len(names) == (terminal.symbols_total() or 0) - 1
    assert "DE40" not in names
    assert terminal.symbol_info("DE40") is None
    assert terminal.last_error()[0] == mt5.RES_E_NOT_FOUND
