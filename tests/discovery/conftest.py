from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import responses

from mt5web_async.discovery import Discovery, EndpointCache


@pytest.fixture
def web() -> Iterator[responses.RequestsMock]:
    """The World Wide Web: nothing is there but what a test puts there."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def discovery(folder: Path) -> Discovery:
    return Discovery(cache=EndpointCache(folder))
