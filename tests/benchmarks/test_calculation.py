"""What a tick costs, against computing the whole account, measured in one run.

Ratios, where a machine's speed cancels out, and the one promise that is in seconds.
Run with ``pytest --benchmark-only``.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count, permutations
from random import Random
from typing import Final

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from mt5web_async.calculation.account import AccountFigures, account_figures
from mt5web_async.calculation.market import Market, Pairs, Quotes
from mt5web_async.calculation.portfolio import Portfolio
from mt5web_async.calculation.quotes import Quote
from mt5web_async.enums import Side
from mt5web_async.protocol.records import Order, Position
from tests.calculation.scenes import account, pair, position

from .timing import best, times_faster

POSITIONS: Final = 1_000
SYMBOLS: Final = 50
MILLISECOND: Final = 1e-3
CURRENCIES: Final = ("EUR", "GBP", "AUD", "USD", "CAD", "CHF", "JPY", "NOK")

NAMES: Final = tuple("".join(two) for two in permutations(CURRENCIES, 2))[:SYMBOLS]
PAIRS: Final = {name: pair(name, margin_hedged=100_000.0) for name in NAMES}
ALL_PAIRS: Final = Pairs(NAMES)


class Screen:
    """An account under quotes that tick."""

    def __init__(self) -> None:
        random = Random(1)  # noqa: S311 - any volumes will do
        held = (
            position(
                PAIRS[NAMES[number % SYMBOLS]],
                Side(random.randrange(2)),
                random.randrange(1, 100) / 100,
                1.1,
            )
            for number in range(POSITIONS)
        )
        self.held: Mapping[int, Position] = {one.position_id: one for one in held}
        self.waiting: Mapping[int, Order] = {}
        self.quotes = dict.fromkeys(NAMES, Quote(1.1, 1.1001))
        self.owner = account(balance=1e6)
        self.portfolio = Portfolio.of(self.market, self.held, self.waiting)
        self._moves = count(1)

    @property
    def market(self) -> Market:
        return Market(self.owner, PAIRS, Quotes(self.quotes), ALL_PAIRS)

    def tick(self, name: str) -> AccountFigures:
        """Move a quote and look at the account."""
        move = next(self._moves) * 1e-5
        self.quotes = {**self.quotes, name: Quote(1.1 + move, 1.1001 + move)}
        self.portfolio = self.portfolio.ticked(self.market)
        return self.portfolio.figures

    def anew(self) -> AccountFigures:
        """Look at the account as if for the first time."""
        return account_figures(self.market, self.held.values(), ())


@pytest.fixture
def screen() -> Screen:
    return Screen()


@pytest.mark.parametrize(
    ("name", "times"),
    [
        ("EURGBP", 10.0),  # converts nothing but is converted
        ("EURUSD", 6.0),  # converts what is paid in euros
    ],
)
def test_a_tick_costs_a_small_part_of_the_whole_account(
    benchmark: BenchmarkFixture, screen: Screen, name: str, times: float
) -> None:
    figures = benchmark(screen.tick, name)
    assert figures == screen.anew()
    assert best(lambda: screen.tick(name), 30) < MILLISECOND
    assert times_faster(screen.anew, lambda: screen.tick(name)) > times


def test_an_account_that_nothing_touched_costs_next_to_nothing(
    benchmark: BenchmarkFixture, screen: Screen
) -> None:
    def again() -> AccountFigures:
        return screen.portfolio.figures

    benchmark(again)
    assert times_faster(screen.anew, again) > 1_000


def test_all_positions_are_listed_faster_than_they_are_valued(
    benchmark: BenchmarkFixture, screen: Screen
) -> None:
    listed = benchmark(lambda: screen.portfolio.positions)
    assert len(listed) == POSITIONS
    assert times_faster(screen.anew, lambda: screen.portfolio.positions) > 3
