from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mt5web_async.discovery.reading import (
    json_of,
    parameters_of,
    read_broker,
    read_servers,
)

from .pages import PARAMETERS, page

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["broker", "servers", "server", "groups", "leverages", "name", "type"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@settings(deadline=None)
@given(ANYTHING)
def test_pages_may_say_anything(told: Any) -> None:
    parameters = parameters_of(page(told))
    if parameters is not None:
        read_broker(parameters)
        assert len({s.name for s in read_servers(parameters)}) <= len(str(told))


@settings(deadline=None)
@given(st.text())
def test_text_is_parameters_or_none(text: str) -> None:
    parameters_of("window.__terminal_params = {" + text)
    json_of(text)


def test_parameters_are_found_after_what_only_prepares_for_them() -> None:
    body = 'window.__terminal_params = {};window["__terminal_params"] = ' + json.dumps(
        PARAMETERS
    )
    assert parameters_of(body) == PARAMETERS
