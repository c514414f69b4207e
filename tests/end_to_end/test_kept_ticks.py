"""Ticks that are kept in a folder outlive the program that saw them."""

from __future__ import annotations

from pathlib import Path

import pytest

import mt5web as mt5
from mt5web.__main__ import main
from mt5web_async.simulator.server import Simulator
from tests.waiting import eventually

FAR = 2**31 - 1


def ticks(terminal: mt5.Terminal, symbol: str = "ACME") -> list[tuple[object, ...]]:
    found = terminal.copy_ticks_range(symbol, 0, FAR, mt5.COPY_TICKS_ALL)
    assert found is not None, terminal.last_error()
    return list(map(tuple, found.tolist()))


def login(server: Simulator) -> mt5.Terminal:
    terminal = mt5.Terminal()
    assert terminal.initialize(**server.credentials), terminal.last_error()
    return terminal


def test_a_later_program_has_the_ticks_of_an_earlier_one(
    server: Simulator,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("MT5WEB_TICKS", "~/seen")
    server.quote("ACME", bid=100.0, ask=100.1, last=100.05, volume=3.0)
    first = login(server)
    assert first.symbol_select("ACME")
    for step in range(1, 4):
        server.quote("ACME", last=100.05 + step / 100, volume=1.0 + step)
    eventually(lambda: len(ticks(first)) >= 4)
    seen = ticks(first)
    first.shutdown()
    second = login(server)
    assert second.symbol_select("ACME")
    assert ticks(second)[: len(seen)] == seen
    second.shutdown()
    assert main(["ticks", "list", "ACME"]) == 0
    assert "ACME" in capsys.readouterr().out
    assert [one.name for one in tmp_path.iterdir() if one.name == "seen"] == ["seen"]
