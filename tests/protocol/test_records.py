"""Every record as the client's own bytes lay it out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mt5web_async.protocol import records
from mt5web_async.protocol.wire import Layout

from .witness import DATA

WITNESSED = json.loads((DATA / "layouts.json").read_text("utf-8"))
DECLARED: dict[str, Layout[Any]] = {
    name.lower(): value
    for name, value in vars(records).items()
    if isinstance(value, Layout)
}


def test_no_record_is_missing_and_none_is_invented() -> None:
    assert set(DECLARED) == set(WITNESSED)


@pytest.mark.parametrize("name", WITNESSED)
def test_fields_lie_where_the_client_has_them(name: str) -> None:
    declared = [
        (field.name, field.wire.kind, field.offset, field.size)
        for field in DECLARED[name].fields
    ]
    assert declared == [
        (field["name"], field["type"], field["offset"], field["size"])
        for field in WITNESSED[name]["fields"]
    ]


@pytest.mark.parametrize("name", WITNESSED)
def test_size_is_the_same_for_both_decoders(name: str) -> None:
    layout = DECLARED[name]
    assert layout.size == layout.dtype.itemsize == WITNESSED[name]["size"]


@pytest.mark.parametrize("name", WITNESSED)
def test_columns_lie_where_the_client_has_them(name: str) -> None:
    columns = DECLARED[name].dtype.fields
    assert columns is not None
    for field in WITNESSED[name]["fields"]:
        column, offset = columns[field["name"]][:2]
        assert (column.itemsize, offset) == (field["size"], field["offset"])


@pytest.mark.parametrize("name", WITNESSED)
def test_a_record_without_arguments_is_a_valid_one(name: str) -> None:
    layout = DECLARED[name]
    assert layout.read(layout.write(layout.record())) == layout.record()
