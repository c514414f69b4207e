"""Which of a broker's names a fresh Market Watch shows."""

from __future__ import annotations

import pytest

from mt5web_async.terminal.default_symbols import DEFAULT_SYMBOLS, shown_by_default


@pytest.mark.parametrize("name", ["{}", "{}.m", "m{}", "{}_i", "#{}.raw", "FX-{}-ECN"])
def test_names_may_have_anything_around_them(name: str) -> None:
    names = [name.format(symbol) for symbol in reversed(DEFAULT_SYMBOLS)]
    assert shown_by_default([*names, "DE40", "BTCUSD"]) == names[::-1]


def test_of_several_names_the_plain_one_or_else_the_shortest_is_shown() -> None:
    names = ["EURUSD.pro", "EURUSD", "GBPUSD.raw", "GBPUSD.m", "GBPUSDx"]
    assert shown_by_default(names) == ["EURUSD", "GBPUSDx"]


def test_what_a_server_does_not_have_is_left_out() -> None:
    assert shown_by_default(["DE40", "USDJPY"]) == ["USDJPY"]
    assert shown_by_default([]) == []


def test_settings_name_other_symbols() -> None:
    assert shown_by_default(["EURUSD", "DE40.cash"], ["DE40"]) == ["DE40.cash"]
