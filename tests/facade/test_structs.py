"""The result types: struct sequences with the official fields."""

from __future__ import annotations

import copy
import pickle
import time
from typing import Any, get_type_hints

import pytest

import mt5web
from mt5web import structs
from mt5web.structseq import StructSequence, build, maker
from tests.facade.fake import filled
from tests.facade.official import PYTHON_TYPES, TYPES, Json, python_type


def kind(name: str) -> Any:
    """A type by its name."""
    return getattr(mt5web, name)


def numbered(name: str) -> Any:
    """A struct sequence whose items are their numbers."""
    return kind(name)(range(TYPES[name]["n_fields"]))


@pytest.fixture(params=TYPES)
def name(request: pytest.FixtureRequest) -> str:
    """Each type in turn."""
    return str(request.param)


@pytest.fixture
def official(name: str) -> Json:
    """What is known about it."""
    return TYPES[name]


def test_there_are_the_official_types_and_no_others() -> None:
    assert set(structs.__all__) == TYPES.keys()


def test_fields_stand_in_their_official_order(name: str, official: Json) -> None:
    value = numbered(name)
    for index, field in enumerate(official["field_order"]):
        assert getattr(value, field) == value[index] == index
    assert kind(name).__match_args__ == tuple(official["field_order"])
    assert len(value) == official["n_fields"]


def test_fields_are_annotated_with_their_types(name: str, official: Json) -> None:
    hints = get_type_hints(kind(name))
    for field in official["fields"]:
        expected = python_type(field["type"])
        found = hints[field["name"]]
        assert found is PYTHON_TYPES.get(expected, mt5web.TradeRequest)
        assert found.__name__ == expected


def test_the_numbers_of_fields_are_told_as_by_the_original(
    name: str, official: Json
) -> None:
    for teller in (kind(name), numbered(name)):
        assert teller.n_fields == official["n_fields"]
        assert teller.n_sequence_fields == official["n_sequence_fields"]
        assert teller.n_unnamed_fields == 0


def test_the_docstring_begins_with_the_official_text(name: str, official: Json) -> None:
    assert kind(name).__doc__.startswith(official["doc"])


def test_what_named_tuples_have_is_absent(name: str) -> None:
    for absent in ("_fields", "_replace", "_make", "__dict__"):
        assert not hasattr(numbered(name), absent)


def test_a_value_is_a_tuple(name: str) -> None:
    value = numbered(name)
    plain = tuple(range(len(value)))
    assert isinstance(value, tuple)
    assert value == plain
    assert hash(value) == hash(plain)
    assert value < (*plain[:-1], 1000)
    assert [*value] == [*plain]
    assert type(value[:2]) is tuple
    assert value in {plain}


def test_the_repr_names_the_fields(name: str, official: Json) -> None:
    pairs = [f"{field}={i}" for i, field in enumerate(official["field_order"])]
    assert repr(numbered(name)) == f"{name}({', '.join(pairs)})"


def test_a_dict_has_the_fields_in_order(name: str, official: Json) -> None:
    as_dict = numbered(name)._asdict()
    assert type(as_dict) is dict
    assert list(as_dict.items()) == [
        (field, i) for i, field in enumerate(official["field_order"])
    ]


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_values_can_be_pickled_and_copied(name: str, protocol: int) -> None:
    value = filled(kind(name))
    again = pickle.loads(pickle.dumps(value, protocol))  # noqa: S301 - our own
    for same in (again, copy.copy(value), copy.deepcopy(value)):
        assert same == value
        assert type(same) is kind(name)


def test_fields_cannot_be_changed(name: str, official: Json) -> None:
    value = numbered(name)
    with pytest.raises(AttributeError):
        setattr(value, official["field_order"][0], 1)
    with pytest.raises(AttributeError):
        value.note = "mine"


def test_types_cannot_be_derived_from(name: str) -> None:
    with pytest.raises(TypeError, match="is not an acceptable base type"):
        type("Mine", (kind(name),), {})


def test_a_value_is_built_from_one_sequence_of_all_fields(name: str) -> None:
    n = TYPES[name]["n_fields"]
    for wrong in (range(n - 1), range(n + 1), ()):
        with pytest.raises(TypeError, match=f"takes an {n}-sequence"):
            kind(name)(wrong)
    with pytest.raises(TypeError, match="constructor requires a sequence"):
        kind(name)(5)
    with pytest.raises(TypeError):
        kind(name)(*range(n))
    with pytest.raises(TypeError, match="takes a dict as second arg"):
        kind(name)(range(n), 5)
    assert kind(name)(iter(range(n))) == numbered(name)


def test_errors_are_worded_like_those_of_the_standard_library() -> None:
    for wrong in [(), 5]:
        with pytest.raises(TypeError) as theirs:
            time.struct_time(wrong)  # type: ignore[arg-type]
        with pytest.raises(TypeError) as ours:
            mt5web.BookInfo(wrong)  # type: ignore[arg-type]
        said = str(theirs.value).replace("time.struct_time", "BookInfo")
        assert str(ours.value) == said.replace("at least 9-sequence", "4-sequence")


def test_a_nested_request_stays_one_in_the_dict() -> None:
    result = filled(mt5web.OrderSendResult)
    assert type(result._asdict()["request"]) is mt5web.TradeRequest


def test_the_dict_of_a_wrong_object_is_none_and_an_error() -> None:
    as_dict: Any = mt5web.Tick._asdict
    assert as_dict((1, 2)) is None
    assert mt5web.last_error() == (-2, "Invalid object type")
    short = tuple.__new__(mt5web.Tick, (1, 2))
    assert short._asdict() is None
    assert mt5web.last_error() == (-2, "Invalid tuple size")


def test_a_dict_does_not_change_the_last_error() -> None:
    mt5web.symbol_info(5)  # type: ignore[arg-type]
    numbered("Tick")._asdict()
    assert mt5web.last_error() == (-2, "Invalid arguments")


def test_values_can_be_matched() -> None:
    match mt5web.BookInfo((1, 1.5, 3, 3.5)):
        case mt5web.BookInfo(type=1, price=price):
            assert price == 1.5
        case _:
            pytest.fail("no match")


def test_building_by_names_is_strict() -> None:
    built = build(mt5web.BookInfo, volume=3, type=1, price=1.1, volume_dbl=3.5)
    assert built == (1, 1.1, 3, 3.5)
    with pytest.raises(TypeError, match="missing volume, volume_dbl; unknown amount"):
        build(mt5web.BookInfo, type=1, price=1.1, amount=3)


def test_the_quick_constructor_makes_the_same_values() -> None:
    quick = maker(mt5web.BookInfo)((1, 1.1, 3, 3.5))
    assert quick == mt5web.BookInfo((1, 1.1, 3, 3.5))
    assert isinstance(quick, StructSequence)
