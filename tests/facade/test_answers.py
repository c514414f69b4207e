"""What the official functions return, and what `last_error()` says afterwards."""

from __future__ import annotations

import errno
import logging
from typing import Any

import pytest

from mt5web.backend import CallFailed
from mt5web_async.errors import EngineError
from tests.facade.fake import ANSWERS, Setting
from tests.facade.misuse import VALID, Timeless
from tests.facade.official import API, FUNCTIONS, TEXTS

ASKING = [name for name in FUNCTIONS if name not in {"last_error", "shutdown"}]
"""The functions that need the terminal."""

TELLING = [name for name in ASKING if not name.startswith("market_book_")]
"""Those of them that tell why they failed."""

FALSE_ON_FAILURE = {"initialize", "login", "symbol_select"}

OWN_TEXTS = {
    (-7, "initialize"): API["functions"]["initialize"]["failure"]["cases"][5],
    (-7, "login"): API["functions"]["login"]["failure"]["cases"][0],
    (-8, "order_send"): API["functions"]["order_send"]["failure_special"],
}


def value(official: object) -> object:
    """An answer out of the file, which has no tuples."""
    return tuple(official) if isinstance(official, list) else official


def on_failure(name: str) -> object:
    """What a function returns when the terminal fails it."""
    if name == "version":
        return 0, 0, ""
    return False if name in FALSE_ON_FAILURE else None


def text(code: int, name: str) -> str:
    """The text of an error in a function."""
    if code == -3 and name.startswith("copy_"):
        return "No memory"
    if (code, name) in OWN_TEXTS:
        own: str = OWN_TEXTS[code, name]["last_error"][1]
        return own
    return TEXTS[code]


def told(code: int, name: str) -> int:
    """The code that is told of one that the terminal answers."""
    return -1 if (code, name) == (-4, "symbol_select") else code


def test_before_the_first_call_there_is_no_error(fresh: Setting) -> None:
    assert fresh.terminal.last_error() == tuple(API["errors"]["initial"])
    assert fresh.terminal.last_error() == (0, "")


def gated(name: str) -> dict[str, Any]:
    """What is known of a function before `initialize` has succeeded."""
    function = FUNCTIONS[name]
    gate: dict[str, Any] = function.get("build_gate", function["not_connected"])
    return gate


@pytest.mark.parametrize("name", [n for n in ASKING if n != "initialize"])
def test_before_initialize_each_function_fails_like_the_original(
    name: str, fresh: Setting
) -> None:
    expected = gated(name)
    assert fresh.call(name, *VALID[name]) == value(expected["returns"])
    assert fresh.terminal.last_error() == tuple(expected["last_error"])
    assert fresh.backend.calls == []


@pytest.mark.parametrize("name", [n for n in ASKING if n != "initialize"])
def test_without_a_connection_each_function_fails_like_the_original(
    name: str, setting: Setting
) -> None:
    setting.backend.failure = CallFailed(-10004)
    expected = FUNCTIONS[name]["not_connected"]
    assert setting.call(name, *VALID[name]) == value(expected["returns"])
    assert setting.terminal.last_error() == tuple(expected["last_error"])


def test_a_failed_first_initialize_does_not_open_the_list_of_symbols(
    fresh: Setting,
) -> None:
    fresh.backend.failure = CallFailed(-6)
    assert fresh.terminal.initialize() is False
    assert fresh.terminal.last_error() == (-6, "Terminal: Authorization failed")
    assert fresh.terminal.symbols_get() is None
    assert fresh.terminal.last_error() == (-5, TEXTS[-5])


def test_shutdown_is_true_without_a_connection(fresh: Setting) -> None:
    assert fresh.terminal.shutdown() is True
    assert fresh.terminal.last_error() == (1, "Success")


@pytest.mark.parametrize("name", ASKING)
def test_a_success_returns_what_the_terminal_answers(
    name: str, setting: Setting
) -> None:
    result = setting.call(name, *VALID[name])
    expected = ANSWERS[name]
    if expected is None:
        assert result is True
    elif isinstance(expected, tuple) and type(expected) is tuple:
        assert result == expected
        assert type(result) is tuple
    else:
        assert result is expected
    assert setting.terminal.last_error() == (1, "Success")


@pytest.mark.parametrize("name", ASKING)
def test_last_error_stays_until_the_next_call(name: str, setting: Setting) -> None:
    setting.terminal.symbol_info(5)  # type: ignore[arg-type]
    for _ in range(2):
        assert setting.terminal.last_error() == (-2, "Invalid arguments")
    setting.call(name, *VALID[name])
    assert setting.terminal.last_error() == (1, "Success")


@pytest.mark.parametrize("name", TELLING)
@pytest.mark.parametrize("code", [c for c in TEXTS if c < 0 and c != -10003])
def test_each_code_has_its_official_text(
    code: int, name: str, setting: Setting
) -> None:
    setting.backend.failure = CallFailed(code)
    result = setting.call(name, *VALID[name])
    assert result == on_failure(name)
    code = told(code, name)
    assert setting.terminal.last_error() == (code, text(code, name))


@pytest.mark.parametrize("name", TELLING)
def test_an_unknown_code_keeps_its_number(name: str, setting: Setting) -> None:
    setting.backend.failure = CallFailed(-4711)
    assert setting.call(name, *VALID[name]) == on_failure(name)
    assert setting.terminal.last_error() == (-4711, TEXTS[-1])


@pytest.mark.parametrize("name", TELLING)
def test_a_text_of_the_backend_goes_before_the_official_one(
    name: str, setting: Setting
) -> None:
    setting.backend.failure = CallFailed(-1, "the market is asleep")
    setting.call(name, *VALID[name])
    assert setting.terminal.last_error() == (-1, "the market is asleep")


def test_why_there_is_no_connection_stands_behind_the_official_text(
    setting: Setting,
) -> None:
    setting.backend.failure = CallFailed(-10003, "MetaTrader 5 x64 not found")
    assert setting.terminal.initialize() is False
    expected = "IPC initialize failed, MetaTrader 5 x64 not found"
    assert setting.terminal.last_error() == (-10003, expected)


@pytest.mark.parametrize("name", ["market_book_add", "market_book_release"])
def test_a_failed_subscription_to_the_book_leaves_success_behind(
    name: str, setting: Setting
) -> None:
    setting.backend.failure = CallFailed(-4)
    assert setting.call(name, "EURUSD") is False
    assert setting.terminal.last_error() == (1, "Success")


def test_the_book_itself_tells_why_it_is_not_there(setting: Setting) -> None:
    setting.backend.failure = CallFailed(-4)
    assert setting.terminal.market_book_get("EURUSD") is None
    assert setting.terminal.last_error() == (-4, "Terminal: Not found")


@pytest.mark.parametrize(
    "name",
    ["positions_get", "orders_get", "history_orders_get", "history_deals_get"],
)
def test_an_unknown_ticket_is_no_error(name: str, setting: Setting) -> None:
    setting.backend.failure = CallFailed(-4)
    assert setting.call(name, ticket=99) == ()
    assert setting.terminal.last_error() == (1, "Success")


def test_errors_of_the_engine_become_official_codes(setting: Setting) -> None:
    def classes(base: type[EngineError]) -> list[type[EngineError]]:
        return [base, *(c for kind in base.__subclasses__() for c in classes(kind))]

    for kind in classes(EngineError):
        failure = kind.__new__(kind)
        setting.backend.failure = failure
        assert setting.terminal.account_info() is None
        code, said = setting.terminal.last_error()
        assert code == failure.code
        if code != -10003:
            assert said == TEXTS[code]


def test_running_out_of_memory_is_an_official_error(setting: Setting) -> None:
    setting.backend.failure = MemoryError()
    assert setting.call("copy_rates_from_pos", *VALID["copy_rates_from_pos"]) is None
    assert setting.terminal.last_error() == (-3, "No memory")
    assert setting.terminal.symbols_get() is None
    assert setting.terminal.last_error() == (-3, "Terminal: Out of memory")


def test_an_interrupt_reaches_the_caller(setting: Setting) -> None:
    setting.backend.failure = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        setting.terminal.account_info()


def test_a_bug_is_not_turned_into_an_answer(setting: Setting) -> None:
    setting.backend.failure = OSError(errno.EBADF, "bad descriptor")
    with pytest.raises(OSError, match="bad descriptor"):
        setting.terminal.account_info()


def test_a_pending_exception_shows_as_the_system_error_of_a_built_in(
    setting: Setting,
) -> None:
    moment = Timeless(2024, 1, 31)
    with pytest.raises(SystemError) as caught:
        setting.terminal.history_deals_total(moment, 0)
    expected = "returned a result with an exception set"
    assert str(caught.value) == f"<built-in function history_deals_total> {expected}"
    assert isinstance(caught.value.__cause__, ArithmeticError)


def test_a_failure_is_logged_with_the_name_of_the_function(
    setting: Setting, caplog: pytest.LogCaptureFixture
) -> None:
    setting.backend.failure = CallFailed(-6)
    with caplog.at_level(logging.INFO, "mt5web"):
        setting.terminal.initialize(password="secret-word")
        setting.terminal.account_info()
    warned, told = caplog.records
    assert (warned.levelname, told.levelname) == ("WARNING", "INFO")
    assert "initialize" in warned.getMessage()
    assert "secret-word" not in caplog.text


def test_terminals_have_an_error_of_their_own(setting: Setting, fresh: Setting) -> None:
    setting.terminal.symbol_info(5)  # type: ignore[arg-type]
    assert fresh.terminal.last_error() == (0, "")
    assert setting.terminal.last_error()[0] == -2
