from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands.cli import run

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("account_and_symbols", "XAUUSD: bid"),
        ("bars_to_pandas", "EURUSD W1"),
        ("ticks", "ticks recorded"),
        ("market_depth", "buy"),
        ("market_order", "closed: OrderSendResult(retcode=10009"),
        ("pending_orders", "moved: 10009"),
        ("history_report", "2 closed, result"),
    ],
)
def test_an_example_runs_unmodified_against_the_simulator(
    name: str, shown: str
) -> None:
    done = run("run", "--server", "simulator", str(EXAMPLES / f"{name}.py"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert shown in done.stdout
    assert "Traceback" not in done.stderr


def test_every_example_is_run_by_the_tests() -> None:
    (mark,) = test_an_example_runs_unmodified_against_the_simulator.pytestmark  # type: ignore[attr-defined]
    tested = {name for name, _ in mark.args[1]}
    assert tested == {path.stem for path in EXAMPLES.glob("*.py")}


def test_the_demo_shows_account_prices_bars_and_a_trade() -> None:
    done = run("demo")
    assert done.returncode == 0, done.stdout + done.stderr
    for part in (
        "balance 10000.00 USD",
        "Tick(time=",
        "OrderSendResult(retcode=10009",
        "TradePosition(ticket=",
        "closing deal: TradeDeal(ticket=",
    ):
        assert part in done.stdout
