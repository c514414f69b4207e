"""The stub of the official functions: what editors and type checkers see."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest
from mypy import api

from mt5web import _core
from tests.facade.official import FUNCTIONS
from tests.facade.stub import STUB, documented, functions

PROGRAM = """
import mt5web as mt5
import MetaTrader5

mt5.initialize("terminal64.exe", login=5001, password="x", server="Demo")
mt5.login(5001, "x", server="Demo")
reveal_type(mt5.symbol_info_tick("EURUSD"))
reveal_type(mt5.copy_rates_from_pos("EURUSD", mt5.TIMEFRAME_H1, 0, 10))
reveal_type(mt5.positions_get(symbol="EURUSD"))
reveal_type(mt5.history_deals_get(1, 2, group="*"))
reveal_type(mt5.order_send({"action": mt5.TRADE_ACTION_DEAL}))
reveal_type(mt5.last_error())
reveal_type(mt5.Terminal().account_info())
reveal_type(mt5.to_dataframe(mt5.orders_get()))
reveal_type(MetaTrader5.symbol_info("EURUSD"))
mt5.symbol_info(5)  # wrong
mt5.positions_get("EURUSD")  # wrong
mt5.initialize(account=5001)  # wrong
mt5.history_positions_get()  # wrong
"""

REVEALED = [
    "Tick | None",
    "numpy.ndarray[tuple[Any, ...], numpy.dtype[numpy.void]] | None",
    "tuple[TradePosition, ...] | None",
    "tuple[TradeDeal, ...] | None",
    "OrderSendResult | None",
    "tuple[int, str]",
    "AccountInfo | None",
    "DataFrame",
    "SymbolInfo | None",
]


def test_the_stub_has_every_function_with_its_present_docstring() -> None:
    text = STUB.read_text("utf-8")
    assert {node.name for node in functions(text)} == FUNCTIONS.keys()
    assert documented(text) == text, "run: python -m tests.facade.stub"


@pytest.mark.parametrize(
    "node", functions(STUB.read_text("utf-8")), ids=lambda node: node.name
)
def test_the_stub_knows_the_arguments_that_a_function_takes(
    node: ast.FunctionDef,
) -> None:
    function = getattr(_core, node.name)
    declared = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    names = {argument.arg for argument in declared}
    taken = {
        name
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.kind not in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL)
    }
    official = {argument["name"] for argument in FUNCTIONS[node.name].get("args", ())}
    assert names >= taken
    assert names == official


@pytest.mark.slow
def test_a_type_checker_knows_what_the_functions_take_and_return(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    monkeypatch.setenv("MYPYPATH", str(Path(_core.__file__).parent / "stand_in"))
    out, err, _ = api.run(["--strict", str(program)])
    assert err == ""
    said = out.replace("mt5web.structs.", "").replace("pandas.core.frame.", "")
    notes = [line for line in said.splitlines() if "Revealed" in line]
    found = [note.partition('type is "')[2].rstrip('"') for note in notes]
    assert found == REVEALED, out
    wrong = [i for i, line in enumerate(PROGRAM.splitlines(), 1) if "# wrong" in line]
    errors = [line for line in said.splitlines() if ": error:" in line]
    assert [int(line.split(":")[1]) for line in errors] == wrong, out
