"""The names of the package: functions, constants, types, and how cheap they are."""

from __future__ import annotations

import json
import types
from typing import Any

import pytest

import mt5web
from mt5web import _core
from tests.facade.official import API, CONSTANTS, FUNCTIONS, TYPES
from tests.programs import python

HELPERS = API["package"]["public_names"]["helper_functions"]
HEAVY = ("pandas", "requests", "tenacity", "websocket", "asyncio", "cryptography")


def in_new_process(code: str) -> Any:
    """What a program prints, as JSON."""
    done = python("-c", code)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(("name", "value"), CONSTANTS.items())
def test_each_constant_is_there_as_a_plain_int(name: str, value: int) -> None:
    for module in (mt5web, _core):
        assert getattr(module, name) == value
        assert type(getattr(module, name)) is int


def test_there_are_no_other_constants() -> None:
    assert len(CONSTANTS) == API["constants"]["count"]
    assert {name for name in dir(mt5web) if name.isupper()} == CONSTANTS.keys()


def test_a_star_import_gives_the_official_names_and_no_others() -> None:
    names: dict[str, object] = {}
    exec("from mt5web import *", names)  # noqa: S102 - as old scripts do
    names.pop("__builtins__")
    assert names.keys() == {*CONSTANTS, *FUNCTIONS, *TYPES, *HELPERS}


def test_a_listing_shows_no_modules_of_ours() -> None:
    listed = {name for name in dir(mt5web) if not name.startswith("_")}
    calls = {"sent_requests", "watch_connection", "to_dataframe", "install"}
    assert listed == {*CONSTANTS, *FUNCTIONS, *TYPES, *HELPERS, "Terminal", *calls}
    assert {"__version__", "__file__", "_core", "_RawOrder"} <= set(dir(mt5web))
    assert all(hasattr(mt5web, name) for name in dir(mt5web))


def test_the_extension_module_has_the_names_that_it_exports() -> None:
    names: dict[str, object] = {}
    exec("from mt5web._core import *", names)  # noqa: S102 - as old scripts do
    names.pop("__builtins__")
    assert names.keys() == {*CONSTANTS, *FUNCTIONS, *TYPES}
    for name, value in names.items():
        assert value is getattr(mt5web, name)


def test_the_package_is_a_module_with_a_version_and_an_author() -> None:
    assert isinstance(mt5web, types.ModuleType)
    assert isinstance(mt5web.__version__, str)
    assert isinstance(mt5web.__author__, str)
    assert mt5web.__file__


def test_the_private_helper_that_programs_import_is_there() -> None:
    assert callable(mt5web._RawOrder)


@pytest.mark.parametrize(
    "name",
    ["history_positions_get", "connected", "wait", "MT5Initialize", "ORDER_TYPE_NONE"],
)
def test_names_that_never_existed_do_not(name: str) -> None:
    assert not hasattr(mt5web, name)


def test_version_is_a_function_whatever_has_been_imported() -> None:
    code = """if True:
        import json, importlib, pkgutil, mt5web
        for found in pkgutil.walk_packages(mt5web.__path__, "mt5web."):
            if not found.name.endswith("__main__"):
                importlib.import_module(found.name)
        print(json.dumps(mt5web.version()))
    """
    assert in_new_process(code) == [0, 0, ""]


def test_reloading_the_package_keeps_its_terminal() -> None:
    code = """if True:
        import json, importlib, mt5web as mt5
        mt5.symbol_info(5)
        function = mt5.symbol_info
        importlib.reload(mt5)
        print(json.dumps([mt5.last_error()[0], mt5.symbol_info is function]))
    """
    assert in_new_process(code) == [-2, True]


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = (
        "import sys, json, mt5web;"
        "mt5web.terminal_info(), mt5web.last_error(), mt5web.Terminal();"
        f"print(json.dumps([m for m in {HEAVY} if m in sys.modules]))"
    )
    assert in_new_process(code) == []


def test_before_initialize_a_process_sees_what_it_sees_of_the_original() -> None:
    code = """if True:
        import json, mt5web as mt5
        seen = [mt5.last_error()]
        for name in ("terminal_info", "account_info", "symbols_total", "version"):
            seen += [getattr(mt5, name)(), mt5.last_error()[0]]
        seen += [mt5.symbol_info_tick("EURUSD"), mt5.symbol_select("EURUSD", True)]
        seen += [mt5.login(5001), mt5.market_book_add("EURUSD"), mt5.shutdown()]
        print(json.dumps(seen))
    """
    expected = [[0, ""], None, -10004, None, -10004, None, -5, [0, 0, ""], -10004]
    assert in_new_process(code) == [*expected, None, False, False, False, True]
