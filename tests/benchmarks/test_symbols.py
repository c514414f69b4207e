"""What the symbols of a large broker cost."""

from __future__ import annotations

from collections.abc import Iterator
from time import process_time
from typing import Final

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

import mt5web as mt5
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.responses import unpack_symbols
from mt5web_async.waiting import drive

from .quick_server import SYMBOLS
from .timing import at_rest, best, engine, quick_server

GROUP: Final = "SYM0123*"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with quick_server() as port:
        yield f"ws://127.0.0.1:{port}/terminal"


@pytest.fixture
def terminal(url: str) -> Iterator[mt5.Terminal]:
    terminal = mt5.Terminal()
    assert terminal.initialize(server=url, login=1, password="any")
    yield terminal
    terminal.shutdown()


def test_the_list_is_loaded_in_25_ms(benchmark: BenchmarkFixture, url: str) -> None:
    with engine(url) as terminal:

        def load() -> None:
            rows = drive(terminal.request(Command.PACKED_SYMBOLS, b"", unpack_symbols))
            terminal.model.symbols.take_list(rows)
            assert len(terminal.model.symbols) == SYMBOLS

        benchmark(load)
        assert best(load, clock=process_time) <= at_rest(25e-3)


def test_all_symbols_are_told_in_a_second(
    benchmark: BenchmarkFixture, terminal: mt5.Terminal
) -> None:
    """Well under 2 s when none is known yet, and at once every further time."""

    def every() -> None:
        assert len(terminal.symbols_get() or ()) == SYMBOLS

    first = best(every, 1, process_time)
    again = best(every, 3, process_time)
    benchmark.extra_info.update({"s at first": first, "s again": again})
    benchmark(every)
    assert first <= at_rest(1.0)
    assert again <= at_rest(0.5)


def test_a_few_of_them_cost_little_even_when_none_is_known(
    benchmark: BenchmarkFixture, terminal: mt5.Terminal
) -> None:
    """Names are filtered before anything is asked for or decoded."""

    def some(group: str = GROUP) -> None:
        assert 0 < len(terminal.symbols_get(group) or ()) <= 10

    few = best(some, 1, process_time)
    every = best(terminal.symbols_get, 1, process_time)
    benchmark(some)
    assert few <= every / 10
