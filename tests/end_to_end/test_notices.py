"""Functions that a program has called when its connection breaks and comes back."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

import mt5web as mt5
from mt5web_async.errors import AuthenticationFailed, ConnectionLost, EngineError
from mt5web_async.simulator import Simulator
from tests.waiting import eventually


def test_a_loss_is_told_in_order_by_functions_that_may_call_anything(
    server: Simulator, terminal: mt5.Terminal
) -> None:
    told: list[object] = []

    def restored() -> None:
        bars = terminal.copy_rates_from_pos("EURUSD", mt5.TIMEFRAME_H1, 0, 5)
        told.append(None if bars is None else len(bars))

    terminal.watch_connection(
        lost=lambda reason: told.append(type(reason)),
        reconnecting=told.append,
        restored=restored,
    )
    server.disconnect()
    eventually(lambda: len(told) == 3)
    assert told == [ConnectionLost, 1, 5]
    eventually(lambda: not notice_threads())


def test_giving_up_is_told_with_its_reason_and_initialize_helps(
    server: Simulator, terminal: mt5.Terminal
) -> None:
    reasons: list[EngineError] = []

    def begin_again(reason: EngineError) -> None:
        assert terminal.initialize(**server.credentials)
        reasons.append(reason)

    terminal.watch_connection(given_up=begin_again)
    server.restart(forget_tokens=True)
    eventually(lambda: bool(reasons))
    assert isinstance(reasons[0], AuthenticationFailed)
    assert terminal.account_info() is not None


def test_a_function_that_fails_is_logged_and_the_next_one_called(
    server: Simulator, terminal: mt5.Terminal, caplog: pytest.LogCaptureFixture
) -> None:
    back = threading.Event()

    def clumsy(_: EngineError) -> None:
        raise ValueError("clumsy")

    terminal.watch_connection(lost=clumsy, restored=back.set)
    server.disconnect()
    eventually(back.is_set)
    assert "clumsy" in caplog.text


def test_new_functions_take_the_place_of_old_ones(
    server: Simulator, terminal: mt5.Terminal
) -> None:
    told: list[str] = []
    terminal.watch_connection(restored=lambda: told.append("old"))
    terminal.watch_connection(restored=lambda: told.append("new"))
    server.disconnect()
    eventually(lambda: bool(told))
    assert told == ["new"]


def test_of_a_connection_kept_warm_nothing_is_told(
    server: Simulator, tmp_path: Path
) -> None:
    (tmp_path / "config.toml").write_text("[options]\nkeep_warm = 60\n")
    told: list[str] = []
    terminal = mt5.Terminal()
    terminal.watch_connection(restored=lambda: told.append("back"))
    assert terminal.initialize(**server.credentials)
    terminal.shutdown()
    server.disconnect()
    eventually(lambda: 2 in server.do(lambda b: [one.number for one in b.audience]))
    assert terminal.initialize(**server.credentials)
    assert told == []
    terminal.backend.life.close()  # type: ignore[attr-defined]


def notice_threads() -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name == "mt5web-notices"]
