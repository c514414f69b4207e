"""Bars and ticks as scripts ask for them, and what they get where there are none."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import numpy as np
import pytest

import mt5web as mt5
from mt5web_async.simulator import Simulator, SimulatorConfig
from mt5web_async.simulator.clock import ManualClock
from mt5web_async.simulator.server import Simulator as Server
from tests.facade.fake import RATES, TICKS
from tests.waiting import eventually

NOW = datetime(2026, 3, 10, 10, 17, 30)  # noqa: DTZ001
FAR = 2**31 - 1
LONG_AGO = 86_400 * 365
HOUR = mt5.TIMEFRAME_H1

INVALID = (-2, "Terminal: Invalid params")
FAILED = (-1, "Terminal: Call failed")
NOT_FOUND = (-4, "Terminal: Not found")
SUCCESS = (1, "Success")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    config = SimulatorConfig(
        clock=ManualClock(NOW),
        history_start=datetime(2025, 1, 1),  # noqa: DTZ001
        automatic=False,
    )
    with Simulator(config) as running:
        yield running


@pytest.fixture(scope="module")
def terminal(
    server: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[mt5.Terminal]:
    """One for all tests: they change nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MT5WEB_DATA", str(tmp_path_factory.mktemp("data")))
        patch.setenv("MT5WEB_CONFIG", str(tmp_path_factory.mktemp("config") / "none"))
        terminal = mt5.Terminal()
        assert terminal.initialize(**server.credentials), terminal.last_error()
        yield terminal
        terminal.shutdown()


@pytest.mark.parametrize(
    ("function", "args", "error"),
    [
        ("copy_rates_from_pos", ("NOPE", HOUR, 0, 5), FAILED),
        ("copy_rates_from", ("NOPE", HOUR, FAR, 5), NOT_FOUND),
        ("copy_rates_range", ("NOPE", HOUR, 0, FAR), NOT_FOUND),
        ("copy_rates_from_pos", ("EURUSD", HOUR, 10**9, 5), FAILED),
        ("copy_rates_from", ("EURUSD", HOUR, LONG_AGO, 5), FAILED),
        ("copy_rates_from_pos", ("EURUSD", HOUR, 0, 0), INVALID),
        ("copy_rates_from_pos", ("EURUSD", HOUR, 0, -1), INVALID),
        ("copy_rates_from_pos", ("EURUSD", HOUR, -1, 5), INVALID),
        ("copy_rates_from", ("EURUSD", HOUR, FAR, 10_000_000), INVALID),
        ("copy_rates_from", ("EURUSD", 7, FAR, 5), INVALID),
        ("copy_rates_range", ("EURUSD", 0, 0, FAR), INVALID),
        ("copy_ticks_from", ("NOPE", 0, 5, mt5.COPY_TICKS_ALL), NOT_FOUND),
        ("copy_ticks_range", ("NOPE", 0, FAR, mt5.COPY_TICKS_ALL), NOT_FOUND),
        ("copy_ticks_from", ("EURUSD", 0, 0, mt5.COPY_TICKS_ALL), INVALID),
    ],
)
def test_what_cannot_be_had_is_none_with_an_official_code(
    terminal: mt5.Terminal,
    function: str,
    args: tuple[object, ...],
    error: tuple[int, str],
) -> None:
    assert getattr(terminal, function)(*args) is None
    assert terminal.last_error() == error


@pytest.mark.parametrize(
    ("function", "args", "dtype"),
    [
        ("copy_rates_range", ("EURUSD", HOUR, 0, LONG_AGO), RATES),
        ("copy_rates_range", ("EURUSD", HOUR, FAR, 0), RATES),
        ("copy_rates_range", ("EURUSD", HOUR, FAR - 9, FAR), RATES),
        ("copy_ticks_from", ("EURUSD", FAR, 5, mt5.COPY_TICKS_ALL), TICKS),
        ("copy_ticks_range", ("EURUSD", FAR, 0, mt5.COPY_TICKS_ALL), TICKS),
    ],
)
def test_an_empty_span_is_an_empty_array(
    terminal: mt5.Terminal,
    function: str,
    args: tuple[object, ...],
    dtype: np.dtype[np.void],
) -> None:
    found = getattr(terminal, function)(*args)
    assert (found.dtype, found.shape) == (dtype, (0,))
    assert not found.flags.writeable
    assert terminal.last_error() == SUCCESS


def test_bars_are_counted_back_from_the_running_one(terminal: mt5.Terminal) -> None:
    running = int(datetime(2026, 3, 10, 10, tzinfo=UTC).timestamp())
    bars = terminal.copy_rates_from_pos("EURUSD", HOUR, 0, 3)
    assert bars is not None
    assert bars["time"].tolist() == [running - 7200, running - 3600, running]
    assert bars.dtype == RATES
    assert bars.flags.owndata
    assert not bars.flags.writeable
    same = terminal.copy_rates_from("EURUSD", HOUR, running + 1800, 3)
    ranged = terminal.copy_rates_range("EURUSD", HOUR, running - 7200, running)
    assert same is not None
    assert ranged is not None
    assert bars.tobytes() == same.tobytes() == ranged.tobytes()


def test_more_bars_than_there_are_is_all_of_them(terminal: mt5.Terminal) -> None:
    asked = terminal.copy_rates_from_pos("EURUSD", mt5.TIMEFRAME_D1, 0, 248_684)
    whole = terminal.copy_rates_range("EURUSD", mt5.TIMEFRAME_D1, 0, FAR)
    assert asked is not None
    assert whole is not None
    assert 365 < len(asked) == len(whole)
    last = terminal.copy_rates_from_pos("EURUSD", mt5.TIMEFRAME_D1, len(whole) - 1, 9)
    assert last is not None
    assert last.tobytes() == whole[:1].tobytes()


def test_threads_that_ask_for_different_symbols_get_their_own_bars(
    terminal: mt5.Terminal,
) -> None:
    symbols = ["EURUSD", "GBPUSD", "USDJPY", "XAUUSD", "ACME", "BTCUSD"]
    timeframes = [mt5.TIMEFRAME_M1, mt5.TIMEFRAME_M3, mt5.TIMEFRAME_M15]
    whole = {
        (symbol, timeframe): terminal.copy_rates_from_pos(symbol, timeframe, 0, 400)
        for symbol in symbols
        for timeframe in timeframes
    }
    together = threading.Barrier(6)

    def ask(number: int) -> None:
        together.wait(30)
        for step in range(12):
            symbol = symbols[(number + step) % len(symbols)]
            timeframe = timeframes[step % len(timeframes)]
            bars = terminal.copy_rates_from_pos(
                symbol, timeframe, step, 25 * (step + 1)
            )
            expected = whole[symbol, timeframe]
            assert bars is not None
            assert expected is not None
            end = len(expected) - step
            start = max(end - 25 * (step + 1), 0)
            assert bars.tobytes() == expected[start:end].tobytes()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(ask, range(6)))


def test_ticks_are_recorded_from_the_first_question_on(
    server: Server, terminal: mt5.Terminal
) -> None:
    assert terminal.copy_ticks_from("DE40", 0, 10, mt5.COPY_TICKS_ALL) is not None
    shown = terminal.symbol_info("DE40")
    assert shown is not None
    assert (shown.visible, shown.select) == (False, True)
    server.quote("DE40", bid=18_000.5, ask=18_001.5)
    server.advance(1)
    server.quote("DE40", bid=18_002.5)

    def prices(flags: int) -> list[tuple[float, float, int]]:
        ticks = terminal.copy_ticks_range("DE40", 0, FAR, flags)
        assert ticks is not None
        return [(row["bid"], row["ask"], int(row["flags"])) for row in ticks[-2:]]

    expected = [(18_000.5, 18_001.5, 2 | 4), (18_002.5, 18_001.5, 2)]
    eventually(lambda: prices(mt5.COPY_TICKS_ALL) == expected)
    assert prices(mt5.COPY_TICKS_INFO) == expected
    assert prices(mt5.COPY_TICKS_TRADE) == []
