"""The bar still forming, as ticks change it."""

from __future__ import annotations

import numpy as np
import pytest

from mt5web_async.enums import ChartMode
from mt5web_async.terminal.bars import BarsOptions
from mt5web_async.terminal.live_bars import MAX_TICKS
from mt5web_async.terminal.rates import Rates
from mt5web_async.terminal.timeframes import Timeframe
from mt5web_async.waiting import drive

from .bar_server import BarServer, Desk, at, minutes

M1 = minutes(("2024-05-07T08:00", "2024-05-07T10:30"))
LAST = int(M1["time"][-1])


@pytest.fixture
def server() -> BarServer:
    return BarServer({"EURUSD": M1})


def watching(server: BarServer, chart: ChartMode = ChartMode.BID) -> Desk:
    """Bars at 10:29:40 of a symbol whose ticks come in."""
    desk = Desk(server, "2024-05-07T10:29:40", BarsOptions(fresh_for=10.0))
    desk.watch("EURUSD", chart=chart)
    desk.tick("EURUSD", LAST + 20, bid=1.1, last=1.1)
    return desk


def newest(desk: Desk, timeframe: int = 1) -> Rates:
    return drive(desk.bars.rates_from_pos("EURUSD", timeframe, 0, 3))


@pytest.mark.parametrize("timeframe", [Timeframe.M1, Timeframe.M3, Timeframe.MN1])
def test_ticks_of_a_watched_symbol_change_it_without_asking(
    server: BarServer, timeframe: Timeframe
) -> None:
    desk = watching(server)
    before = newest(desk, timeframe)[-1].copy()
    desk.requests()
    desk.tick("EURUSD", LAST + 41, bid=1.5)
    desk.tick("EURUSD", LAST + 42, bid=0.9)
    desk.tick("EURUSD", LAST + 42, bid=1.2)
    after = newest(desk, timeframe)[-1]
    assert desk.requests() == []
    assert (after["high"], after["low"], after["close"]) == (1.5, 0.9, 1.2)
    assert (after["time"], after["open"]) == (before["time"], before["open"])
    assert after["tick_volume"] == before["tick_volume"] + 3
    desk.tick("EURUSD", LAST + 43, bid=1.3)
    assert newest(desk, timeframe)["close"][-1] == 1.3
    assert newest(desk, timeframe)["tick_volume"][-1] == after["tick_volume"] + 1


@pytest.mark.parametrize(
    ("seconds", "requests"), [(0, 1), (59, 1), (60, 2), (-1, 2), (-3600, 2)]
)
def test_behind_the_bar_of_the_last_tick_nothing_is_looked_for(
    server: BarServer, seconds: int, requests: int
) -> None:
    desk = Desk(server, "2024-05-07T10:29:40")
    desk.watch("EURUSD")
    desk.tick("EURUSD", LAST + seconds, bid=1.1)
    rates = drive(desk.bars.rates_range("EURUSD", 1, int(M1["time"][0]), LAST + 3600))
    assert rates.tobytes() == M1.tobytes()
    assert len(desk.requests()) == requests


def test_the_last_tick_of_a_symbol_not_watched_tells_nothing(server: BarServer) -> None:
    desk = watching(server)
    desk.watched.clear()
    rates = drive(desk.bars.rates_range("EURUSD", 1, int(M1["time"][0]), LAST + 3600))
    assert rates.tobytes() == M1.tobytes()
    assert len(desk.requests()) == 2


def test_a_tick_that_opens_another_bar_is_asked_for(server: BarServer) -> None:
    desk = watching(server)
    newest(desk)
    desk.requests()
    desk.tick("EURUSD", LAST + 60, bid=1.4)
    server.m1["EURUSD"] = np.concatenate(
        [M1, minutes(("2024-05-07T10:30", "2024-05-07T10:31"), seed=3)]
    )
    assert newest(desk).tobytes() == server.m1["EURUSD"][-3:].tobytes()
    assert [one.from_ for one in desk.requests()] == [LAST]


def test_the_server_is_asked_again_after_a_while(server: BarServer) -> None:
    desk = watching(server)
    newest(desk)
    desk.seconds += 9.9
    desk.requests()
    newest(desk)
    assert desk.requests() == []
    desk.seconds += 0.1
    newest(desk)
    assert [one.from_ for one in desk.requests()] == [LAST]


def test_a_symbol_that_is_not_watched_is_asked_for_every_time(
    server: BarServer,
) -> None:
    desk = watching(server)
    newest(desk)
    desk.watched.clear()
    desk.requests()
    newest(desk)
    newest(desk)
    assert [one.from_ for one in desk.requests()] == [LAST, LAST]


def test_a_symbol_that_was_not_watched_for_a_while_is_asked_for(
    server: BarServer,
) -> None:
    desk = watching(server)
    newest(desk)
    desk.bars.keep_ticks(["XAUUSD"])
    desk.tick("EURUSD", LAST + 41, bid=1.1)
    desk.requests()
    newest(desk)
    assert [one.from_ for one in desk.requests()] == [LAST]
    newest(desk)
    assert desk.requests() == []


def test_more_ticks_than_are_kept_make_it_ask(server: BarServer) -> None:
    desk = watching(server)
    newest(desk)
    desk.requests()
    for _ in range(MAX_TICKS + 1):
        desk.tick("EURUSD", LAST + 41, bid=1.1)
    newest(desk)
    assert len(desk.requests()) == 1


def test_a_new_connection_asks(server: BarServer) -> None:
    desk = watching(server)
    newest(desk)
    desk.bars.forget()
    desk.requests()
    assert newest(desk).tobytes() == M1[-3:].tobytes()
    assert desk.requests()


@pytest.mark.parametrize(
    ("chart", "depth", "expected"),
    [
        (ChartMode.BID, 0, [1.2, 1.2, 1.4]),
        (ChartMode.LAST, 0, [None, 1.3, 1.5]),
        (ChartMode.DEFAULT, 0, [1.2, 1.3, 1.5]),
        (ChartMode.DEFAULT, 5, [None, 1.3, 1.5]),
    ],
)
def test_the_symbol_says_which_price_makes_bars(
    server: BarServer, chart: ChartMode, depth: int, expected: list[float | None]
) -> None:
    desk = watching(server, chart)
    full = desk.model.symbols.full["EURUSD"]
    desk.model.symbols.take_full([full._replace(ticks_book_depth=depth)])
    before = newest(desk)["close"][-1]
    desk.tick("EURUSD", LAST + 30, bid=1.2)
    closes = [newest(desk)["close"][-1]]
    desk.tick("EURUSD", LAST + 31, last=1.3, volume=1)
    closes.append(newest(desk)["close"][-1])
    desk.tick("EURUSD", LAST + 32, bid=1.4, last=1.5)
    closes.append(newest(desk)["close"][-1])
    assert closes == [before if one is None else one for one in expected]


def test_traded_volume_adds_up(server: BarServer) -> None:
    desk = watching(server, ChartMode.LAST)
    before = newest(desk)["real_volume"][-1]
    for volume in (2, 3):
        desk.tick("EURUSD", LAST + 30, last=1.2, volume=volume)
    assert newest(desk)["real_volume"][-1] == before + 5


def test_a_late_tick_of_an_earlier_bar_changes_nothing(server: BarServer) -> None:
    desk = watching(server)
    desk.model.quotes.forget()
    desk.tick("EURUSD", LAST - 30, bid=1.1)
    before = newest(desk).tobytes()
    desk.tick("EURUSD", LAST - 20, bid=9.0)
    assert newest(desk).tobytes() == before


def test_a_range_that_ends_before_it_does_not_have_it(server: BarServer) -> None:
    desk = watching(server)
    newest(desk)
    desk.tick("EURUSD", LAST + 41, bid=1.5)
    before = at("2024-05-07T10:28:59")
    rates = drive(desk.bars.rates_range("EURUSD", 1, before - 119, before))
    assert rates.tobytes() == M1[-3:-1].tobytes()


def test_bars_that_ended_are_those_of_the_server_not_of_the_ticks(
    server: BarServer,
) -> None:
    desk = watching(server)
    newest(desk)
    desk.tick("EURUSD", LAST + 50, bid=7.0)
    assert newest(desk)["high"][-1] == 7.0
    changed = M1.copy()
    changed["high"][-1] = 7.5
    more = minutes(("2024-05-07T10:30", "2024-05-07T10:31"), seed=3)
    server.m1["EURUSD"] = np.concatenate([changed, more])
    desk.tick("EURUSD", LAST + 61, bid=1.0)
    assert newest(desk)["high"].tolist()[-2:] == [7.5, more["high"][0]]
