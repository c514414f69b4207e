"""What nobody has measured of the original, as docs/conformance.rst promises it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import mt5web
from mt5web_async.simulator import Simulator, SimulatorConfig
from mt5web_async.simulator.switches import Switches
from tests.waiting import eventually

FOUND, FAILED, BAD, UNKNOWN = 1, -1, -2, -4
NOW, MONTH = 2**31 - 1, mt5web.TIMEFRAME_MN1
EURUSD, NOPE, EXCHANGE = "EURUSD", "NOPE", "ACME"


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    filling = Switches(book_depth=True)
    with Simulator(SimulatorConfig(switches=filling)) as server:
        yield server


@pytest.fixture(scope="module")
def terminal(
    simulator: Simulator, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[mt5web.Terminal]:
    """A terminal at the simulator, with one position."""
    own: Path = tmp_path_factory.mktemp("own")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MT5WEB_CONFIG", str(own / "config.toml"))
        patch.setenv("MT5WEB_DATA", str(own))
        made = mt5web.Terminal()
        assert made.initialize(
            server=simulator.url, login=simulator.login, password=simulator.password
        )
        bought = made.Buy(EURUSD, 0.01)  # what every level of a book has
        assert bought is not None
        assert bought.retcode == mt5web.TRADE_RETCODE_DONE, bought
        yield made
        made.shutdown()


@pytest.mark.parametrize(
    ("name", "args", "keywords", "code", "rows"),
    [
        ("copy_rates_from", (EURUSD, 1, NOW, 0), {}, BAD, None),
        ("copy_rates_from", (EURUSD, 7, NOW, 1), {}, BAD, None),
        ("copy_rates_from", (EURUSD, 1, 5, 1), {}, FAILED, None),
        ("copy_rates_from", (NOPE, 1, NOW, 1), {}, UNKNOWN, None),
        ("copy_rates_from_pos", (EURUSD, 1, 0, -1), {}, BAD, None),
        ("copy_rates_from_pos", (EURUSD, 1, -1, 1), {}, BAD, None),
        ("copy_rates_from_pos", (EURUSD, MONTH, 10**9, 1), {}, FAILED, None),
        ("copy_rates_from_pos", (NOPE, 1, 0, 1), {}, FAILED, None),
        ("copy_rates_range", (EURUSD, 1, NOW, 0), {}, FOUND, 0),
        ("copy_rates_range", (NOPE, 1, 0, NOW), {}, UNKNOWN, None),
        ("copy_ticks_from", (EURUSD, 0, 0, -1), {}, BAD, None),
        ("copy_ticks_from", (NOPE, 0, 1, -1), {}, UNKNOWN, None),
        ("copy_ticks_range", (EURUSD, NOW, 0, -1), {}, FOUND, 0),
        ("copy_ticks_range", (NOPE, 0, NOW, -1), {}, UNKNOWN, None),
        ("history_deals_get", (), {"ticket": 99}, FOUND, 0),
        ("history_orders_get", (), {"ticket": 99}, FOUND, 0),
        ("history_deals_get", (), {"position": 99}, FOUND, 0),
        ("history_deals_get", (NOW, 0), {}, FOUND, 0),
        ("positions_get", (), {"symbol": NOPE}, FOUND, 0),
        ("order_calc_margin", (8, EURUSD, 1, 1), {}, BAD, None),
        ("order_calc_margin", (0, EURUSD, 0, 1), {}, BAD, None),
        ("order_calc_margin", (0, NOPE, 1, 1), {}, UNKNOWN, None),
        ("order_calc_profit", (2, EURUSD, 1, 1, 1), {}, BAD, None),
        ("order_calc_profit", (0, NOPE, 1, 1, 1), {}, UNKNOWN, None),
        ("market_book_get", (EURUSD,), {}, UNKNOWN, None),
        ("symbol_info", (NOPE,), {}, UNKNOWN, None),
        ("symbol_info_tick", (NOPE,), {}, UNKNOWN, None),
    ],
)
def test_the_answer_is_the_promised_one(
    terminal: mt5web.Terminal,
    name: str,
    args: tuple[Any, ...],
    keywords: dict[str, Any],
    code: int,
    rows: int | None,
) -> None:
    result = getattr(terminal, name)(*args, **keywords)
    assert terminal.last_error()[0] == code
    assert (None if result is None else len(result)) == rows


def test_an_unknown_symbol_can_be_neither_shown_nor_hidden(
    terminal: mt5web.Terminal,
) -> None:
    for enable in (True, False):
        assert terminal.symbol_select(NOPE, enable) is False
        assert terminal.last_error() == (FAILED, "Terminal: Call failed")


def test_a_symbol_with_a_position_cannot_be_hidden(terminal: mt5web.Terminal) -> None:
    assert terminal.symbol_select(EURUSD, False) is False
    assert terminal.last_error() == (FAILED, "Terminal: Call failed")
    info = terminal.symbol_info(EURUSD)
    assert info is not None
    assert info.visible


def test_a_symbol_in_no_use_can_be_hidden(terminal: mt5web.Terminal) -> None:
    assert terminal.symbol_select("GBPUSD", True) is True
    assert terminal.symbol_select("GBPUSD", False) is True
    info = terminal.symbol_info("GBPUSD")
    assert info is not None
    assert not info.visible


def test_deals_are_found_by_the_ticket_of_their_order_and_by_their_own(
    terminal: mt5web.Terminal,
) -> None:
    found = terminal.history_deals_get(0, NOW, group="*EUR*")
    assert found is not None
    assert len(found) == 1, found
    (deal,) = found
    for ticket in (deal.order, deal.ticket):
        assert terminal.history_deals_get(ticket=ticket) == (deal,)


def test_both_ends_of_a_history_are_included(terminal: mt5web.Terminal) -> None:
    (deal,) = terminal.history_deals_get(0, NOW, group="*EUR*") or ()
    (order,) = terminal.history_orders_get(0, NOW) or ()
    assert deal in (terminal.history_deals_get(deal.time, deal.time) or ())
    assert terminal.history_orders_get(order.time_done, order.time_done) == (order,)
    assert terminal.history_orders_total(order.time_done + 1, NOW) == 0


def test_of_an_order_with_several_deals_a_ticket_gives_the_first(
    simulator: Simulator, terminal: mt5web.Terminal
) -> None:
    simulator.quote(EXCHANGE, bid=100.0, ask=101.0)
    simulator.depth(EXCHANGE, [(100.0, 2.0)], [(101.0, 3.0)])
    result = terminal.order_send(
        action=mt5web.TRADE_ACTION_DEAL,
        symbol=EXCHANGE,
        volume=5.0,
        type=mt5web.ORDER_TYPE_BUY,
        type_filling=mt5web.ORDER_FILLING_RETURN,
    )
    assert result is not None, terminal.last_error()
    assert result.retcode == mt5web.TRADE_RETCODE_DONE_PARTIAL, result
    simulator.depth(EXCHANGE, [(100.0, 2.0)], [(101.0, 2.0)])
    simulator.quote(EXCHANGE, bid=100.0, ask=101.0)
    eventually(lambda: len(deals_of(terminal, result.order)) == 2)
    first, second = deals_of(terminal, result.order)
    assert terminal.history_deals_get(ticket=result.order) == (first,)
    assert terminal.history_deals_get(ticket=second.ticket) == (second,)


def deals_of(terminal: mt5web.Terminal, position: int) -> tuple[mt5web.TradeDeal, ...]:
    return terminal.history_deals_get(position=position) or ()
