"""Bad arguments: what the original answers to them, and in which order it looks."""

from __future__ import annotations

from typing import Any

import pytest

from mt5web.structs import TradeRequest
from tests.facade.fake import Setting, filled
from tests.facade.misuse import (
    BAD_FIELDS,
    CONDITIONS,
    OVERFLOWING_FIELDS,
    VALID,
    Given,
    Unspeakable,
)
from tests.facade.official import FUNCTIONS, Json

CONTINUED = "date given as Python int outside signed 32-bit range"

CASES: list[tuple[str, Json]] = [
    (name, row)
    for name, function in FUNCTIONS.items()
    for row in function.get("argument_errors", ())
]


def table(*, continued: bool) -> pytest.MarkDecorator:
    """The cases in which the original stops, or those in which it goes on."""
    cases = [case for case in CASES if (case[1]["condition"] == CONTINUED) is continued]
    ids = [f"{name}: {row['condition']}" for name, row in cases]
    return pytest.mark.parametrize(("name", "row"), cases, ids=ids)


def functions(**facts: object) -> list[str]:
    """The functions of which these things are known."""
    return [n for n, f in FUNCTIONS.items() if facts.items() <= f.items()]


def expected_texts(row: Json, given: Given) -> set[str]:
    """The texts that an error may have; what varies is filled in."""
    text = row["last_error"][1]
    if "<field>" in text:
        fields = given.args[0] if given.args else given.keywords
        return {text.replace("<field>", next(iter(fields)))}
    return set(text.split(" / "))


def outcome(setting: Setting, name: str, given: Given) -> tuple[Any, type | None]:
    """What a call returns, or what its SystemError comes from."""
    try:
        return setting.call(name, *given.args, **given.keywords), None
    except SystemError as error:
        return None, type(error.__cause__)


@table(continued=False)
def test_each_bad_argument_is_answered_as_by_the_original(
    name: str, row: Json, setting: Setting
) -> None:
    calls = list(CONDITIONS[row["condition"]](name))
    assert calls
    for given in calls:
        setting.terminal.shutdown()
        setting.backend.calls.clear()
        result, cause = outcome(setting, name, given)
        code, text = setting.terminal.last_error()
        assert code == row["last_error"][0], given
        assert text in expected_texts(row, given), given
        if "raises" in row:
            assert cause is not None, given
        else:
            assert cause is None, given
            assert result is row["returns"], given
        closing = [("shutdown", ())] if name == "initialize" else []
        assert setting.backend.calls == closing, given


@table(continued=True)
def test_an_int_beyond_32_bits_is_asked_for_as_minus_one_and_then_a_system_error(
    name: str, row: Json, setting: Setting
) -> None:
    for given in CONDITIONS[row["condition"]](name):
        setting.backend.calls.clear()
        result, cause = outcome(setting, name, given)
        assert (result, cause) == (None, OverflowError)
        assert list(setting.terminal.last_error()) == row["last_error"]
        (call,) = setting.backend.calls
        assert {-1, -1000} & set(flat(call.args))


def flat(args: tuple[Any, ...]) -> list[Any]:
    """Arguments with the dates of a period among them."""
    return [
        item for arg in args for item in (arg if isinstance(arg, tuple) else (arg,))
    ]


def test_every_function_has_an_example_of_a_valid_call() -> None:
    assert VALID.keys() == FUNCTIONS.keys()


@pytest.mark.parametrize("name", functions(accepts_keywords=False))
def test_what_takes_no_keywords_raises_a_type_error_for_one(
    name: str, setting: Setting
) -> None:
    before = setting.terminal.last_error()
    no_args = FUNCTIONS[name]["method_flags"] == "METH_NOARGS"
    with pytest.raises(TypeError) as caught:
        setting.call(name, *VALID[name], symbol="EURUSD")
    owner = "MetaTrader5._core." if no_args else ""
    assert str(caught.value) == f"{owner}{name}() takes no keyword arguments"
    assert setting.terminal.last_error() == before


@pytest.mark.parametrize("name", functions(accepts_keywords=True))
@pytest.mark.parametrize(
    "unknown", ["account", "self", "session", "args", "surplus", "Symbol", "not a name"]
)
def test_what_takes_keywords_ignores_unknown_ones(
    name: str, unknown: str, setting: Setting
) -> None:
    args = () if name in {"order_check", "order_send"} else VALID[name]
    assert setting.call(name, *args, **{unknown: None}) is not None
    assert setting.terminal.last_error() == (1, "Success")


@pytest.mark.parametrize("name", ["order_check", "order_send"])
def test_a_request_by_keyword_is_an_unknown_field(name: str, setting: Setting) -> None:
    setting.call(name, request={"action": 1})
    assert setting.backend.last.args == (filled(TradeRequest),)


@pytest.mark.parametrize("name", functions(method_flags="METH_NOARGS"))
def test_what_takes_no_arguments_raises_a_type_error_for_one(
    name: str, setting: Setting
) -> None:
    with pytest.raises(TypeError) as caught:
        setting.call(name, None)
    expected = f"MetaTrader5._core.{name}() takes no arguments (1 given)"
    assert str(caught.value) == expected


@pytest.mark.parametrize("name", ["order_check", "order_send"])
@pytest.mark.parametrize("field", OVERFLOWING_FIELDS)
def test_a_number_too_large_for_its_field_is_a_system_error(
    name: str, field: str, setting: Setting
) -> None:
    for value in OVERFLOWING_FIELDS[field]:
        _, cause = outcome(setting, name, Given(({field: value},)))
        assert cause is OverflowError
        assert setting.terminal.last_error() == (-2, f'Invalid "{field}" argument')


@pytest.mark.parametrize("name", ["order_check", "order_send"])
def test_the_first_bad_field_of_a_request_counts(name: str, setting: Setting) -> None:
    order = FUNCTIONS[name]["request_validation"]["order"]
    request = {field: BAD_FIELDS[field][0] for field in reversed(order)}
    for field in order:
        assert setting.call(name, request) is None
        assert setting.terminal.last_error() == (-2, f'Invalid "{field}" argument')
        del request[field]


@pytest.mark.parametrize("name", ["order_check", "order_send"])
def test_the_limits_of_a_request_are_within_it(name: str, setting: Setting) -> None:
    request = {
        "action": 2**32 - 1,
        "magic": 2**64 - 1,
        "expiration": -(2**63),
        "symbol": "x" * 29,
        "comment": "\N{MONEY BAG}" * 14 + "x",
        "unknown": object(),
    }
    assert setting.call(name, request) is not None
    (sent,) = setting.backend.last.args
    given = {k: v for k, v in request.items() if k != "unknown"}
    assert {k: v for k, v in sent._asdict().items() if v} == given


def test_initialize_looks_at_its_arguments_in_the_original_order(
    fresh: Setting,
) -> None:
    keywords: dict[str, Any] = {
        "login": "5001",
        "server": 5,
        "password": 5,
        "timeout": "5",
        "path": 5,
    }
    initialize: Any = fresh.terminal.initialize
    assert initialize(5, 5, **keywords) is False
    assert fresh.terminal.last_error() == (-2, "Invalid number of arguments")
    assert initialize(5, **keywords) is False
    assert fresh.terminal.last_error() == (-2, "Invalid 1st unnamed argument")
    for name in list(keywords):
        assert initialize("terminal64.exe", **keywords) is False
        assert fresh.terminal.last_error() == (-2, f'Invalid "{name}" argument')
        del keywords[name]
    with pytest.raises(SystemError):
        initialize(portable=Unspeakable())
    assert fresh.terminal.initialize()


def test_login_looks_at_its_arguments_in_the_original_order(setting: Setting) -> None:
    keywords: dict[str, Any] = {
        "login": "5001",
        "server": 5,
        "password": 5,
        "timeout": "5",
    }
    login: Any = setting.terminal.login
    for args, ordinal in [
        (("1", 2, 3), "1st"),
        ((1, 2, 3), "2nd"),
        ((1, "", 3), "3rd"),
    ]:
        assert login(*args, **keywords) is False
        expected = f"Invalid {ordinal} unnamed argument"
        assert setting.terminal.last_error() == (-2, expected)
    for name in list(keywords):
        assert login(0, "", "", **keywords) is False
        assert setting.terminal.last_error() == (-2, f'Invalid "{name}" argument')
        del keywords[name]
    assert login(0, "", "") is False
    assert setting.terminal.last_error() == (-2, 'Invalid "login" argument')


def test_only_the_filter_that_acts_is_looked_at(setting: Setting) -> None:
    bad: dict[str, Any] = {"ticket": "1", "symbol": 5, "group": 5}
    for name in ("positions_get", "orders_get"):
        keywords = dict(bad)
        for key in bad:
            assert setting.call(name, **keywords) is None
            assert setting.terminal.last_error() == (-2, f'Invalid "{key}" argument')
            keywords[key] = {"ticket": 1, "symbol": "EURUSD", "group": "*"}[key]
            assert setting.call(name, **keywords) is not None
            del keywords[key]


def test_history_ignores_what_its_form_does_not_use(setting: Setting) -> None:
    for name in ("history_orders_get", "history_deals_get"):
        assert setting.call(name, 0, 1, ticket="x", position=None) is not None
        assert setting.call(name, ticket=1, position="x", group=5) is not None
        assert setting.call(name, position=1, group=5) is not None


@pytest.mark.parametrize("name", [n for n, f in FUNCTIONS.items() if f.get("args")])
def test_arguments_are_looked_at_before_the_connection(
    name: str, fresh: Setting
) -> None:
    condition = FUNCTIONS[name]["argument_errors"][0]["condition"]
    for given in CONDITIONS[condition](name):
        outcome(fresh, name, given)
        assert fresh.terminal.last_error()[0] == -2


def test_an_unsigned_action_is_cut_to_32_bits(setting: Setting) -> None:
    assert setting.call("order_calc_margin", 2**32 + 1, "EURUSD", 1, 1.1) == 1100.0
    assert setting.backend.last.args == (1, "EURUSD", 1.0, 1.1)
    assert setting.call("order_calc_profit", -1, "EURUSD", 1, 1, 2) == 12.5
    assert setting.backend.calls[-1].args[0] == 2**32 - 1


def test_there_are_examples_for_every_condition_and_for_no_others() -> None:
    conditions = {
        row["condition"]
        for function in FUNCTIONS.values()
        for row in function.get("argument_errors", ())
    }
    assert CONDITIONS.keys() == conditions
