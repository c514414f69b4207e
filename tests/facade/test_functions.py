"""The official functions as objects: like the built-in ones of the original."""

from __future__ import annotations

import asyncio
import copy
import functools
import inspect
import multiprocessing
import pickle
import pydoc
import threading
from concurrent.futures import ProcessPoolExecutor
from typing import Any
from unittest import mock

import pytest

import mt5web
from mt5web import _core
from tests.facade.fake import Setting
from tests.facade.official import FUNCTIONS


@pytest.fixture(params=FUNCTIONS)
def name(request: pytest.FixtureRequest) -> str:
    """Each function in turn."""
    return str(request.param)


@pytest.fixture
def function(name: str) -> Any:
    """It, as a program finds it."""
    return getattr(mt5web, name)


def test_a_function_has_its_official_name(name: str, function: Any) -> None:
    assert (function.__name__, function.__qualname__) == (name, name)
    assert function.__module__ == "mt5web._core"
    assert repr(function) == f"<built-in function {name}>"


def test_a_docstring_begins_with_the_official_text(name: str, function: Any) -> None:
    official = FUNCTIONS[name]["doc"]
    assert function.__doc__.startswith(official)
    assert len(function.__doc__) > len(official) + 40
    assert inspect.getdoc(function) == function.__doc__


def test_a_function_is_the_same_object_everywhere(name: str, function: Any) -> None:
    assert function is getattr(_core, name)
    assert function is getattr(mt5web, name)


def test_a_function_stored_in_a_class_does_not_become_a_method(function: Any) -> None:
    class Wrapper:
        stored = function

    assert Wrapper().stored is function
    assert Wrapper.stored is function


def test_a_stored_function_is_called_with_its_own_arguments_only(
    setting: Setting,
) -> None:
    class Wrapper:
        info = setting.terminal.symbol_info

    assert Wrapper().info("EURUSD") is not None
    assert setting.backend.last.args == ("EURUSD",)


def test_a_function_is_pickled_by_its_name(name: str, function: Any) -> None:
    pickled = pickle.dumps(function)
    assert pickle.loads(pickled) is function  # noqa: S301 - our own
    assert copy.copy(function) is copy.deepcopy(function) is function


def test_a_function_of_another_terminal_is_not_mistaken_for_the_modules() -> None:
    with pytest.raises(pickle.PicklingError):
        pickle.dumps(mt5web.Terminal().account_info)


def test_a_function_has_a_signature_without_the_terminal(function: Any) -> None:
    parameters = inspect.signature(function).parameters
    assert "session" not in parameters


def test_a_function_can_be_wrapped_replaced_and_documented(
    name: str, function: Any
) -> None:
    @functools.wraps(function)
    def wrapper(*args: Any, **keywords: Any) -> Any:
        return function(*args, **keywords)

    assert wrapper.__name__ == name
    assert wrapper.__doc__ == function.__doc__
    with mock.patch.object(mt5web, name, autospec=True) as replaced:
        assert getattr(mt5web, name) is replaced
    assert FUNCTIONS[name]["summary"] in pydoc.plain(pydoc.render_doc(function))


def test_functions_can_be_passed_to_other_processes() -> None:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        assert pool.submit(mt5web.last_error).result() == (0, "")
        assert pool.submit(mt5web.symbol_info, "EURUSD").result() is None
        assert pool.submit(mt5web.last_error).result() == (-10004, "No IPC connection")


def test_functions_can_be_passed_to_threads(setting: Setting) -> None:
    async def asked() -> Any:
        return await asyncio.to_thread(setting.terminal.symbol_info, "EURUSD")

    assert asyncio.run(asked()).name == "EURUSD"


def test_the_last_error_is_that_of_all_threads(setting: Setting) -> None:
    bad: Any = 5
    thread = threading.Thread(target=setting.terminal.symbol_info, args=(bad,))
    thread.start()
    thread.join()
    assert setting.terminal.last_error() == (-2, "Invalid arguments")


def test_an_outcome_is_never_seen_half_way(setting: Setting) -> None:
    """While one thread is in a call, others see how the last finished one ended."""
    entered, leave = threading.Event(), threading.Event()

    def slowly(symbol: str) -> str:
        entered.set()
        assert leave.wait(30)
        return symbol

    setting.backend.answers["symbol_info"] = slowly
    setting.terminal.symbol_info_tick(5)  # type: ignore[arg-type]
    thread = threading.Thread(target=setting.terminal.symbol_info, args=("EURUSD",))
    thread.start()
    assert entered.wait(30)
    assert setting.terminal.last_error() == (-2, "Invalid arguments")
    leave.set()
    thread.join()
    assert setting.terminal.last_error() == (1, "Success")


def test_functions_of_one_terminal_are_equal_as_bound_methods_are() -> None:
    one, other = mt5web.Terminal(), mt5web.Terminal()
    assert one.account_info == one.account_info
    assert len({one.account_info, one.account_info, other.account_info}) == 2
    assert one.account_info != one.terminal_info
    assert one.account_info != "account_info"


def test_terminals_have_the_official_functions(function: Any, name: str) -> None:
    own = getattr(mt5web.Terminal(), name)
    assert own.__name__ == name
    assert own.__doc__ == function.__doc__
