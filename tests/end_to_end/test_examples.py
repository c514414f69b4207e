from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
LIMIT = 100


def run(*args: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "mt5web", *args],
        capture_output=True,
        text=True,
        timeout=LIMIT,
        env={**os.environ, **environment},
        check=False,
    )


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


def test_a_script_gets_its_arguments_and_its_exit_code_is_passed_on(
    tmp_path: Path,
) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import sys, MetaTrader5\n"
        "from MetaTrader5._core import Tick\n"
        "assert MetaTrader5.Tick is Tick\n"
        "print(sys.argv[1:], __name__)\n"
        "sys.exit(7)\n"
    )
    done = run("run", str(script), "--flag", "value")
    assert done.returncode == 7
    assert done.stdout == "['--flag', 'value'] __main__\n"


def test_a_script_that_fails_shows_its_own_traceback(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("import MetaTrader5\nraise ValueError('mine')\n")
    done = run("run", str(script))
    assert done.returncode == 1
    assert "ValueError: mine" in done.stderr
    assert "runpy" not in done.stderr


def test_a_script_that_is_not_there_is_a_readable_error() -> None:
    done = run("run", "nowhere.py")
    assert done.returncode == 2
    assert done.stderr == "run: there is no script nowhere.py\n"


def test_a_login_of_elsewhere_gets_an_account_on_the_simulator(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import MetaTrader5 as mt5\n"
        "account = dict(login=123456, password='x!1aA', server='MetaQuotes-Demo')\n"
        "print(mt5.initialize(**account))\n"
        "print(mt5.account_info().login)\n"
    )
    done = run("run", "--server", "simulator", str(script))
    assert done.stdout == "True\n123456\n", done.stderr


@pytest.mark.parametrize("command", [[], ["demo"], ["run"], ["simulator"]])
def test_every_command_explains_itself(command: list[str]) -> None:
    done = run(*command, "--help")
    assert done.returncode == 0
    assert done.stdout.startswith("usage: python -m mt5web")
