"""Terminals over a backend that answers what it is told to."""

from __future__ import annotations

import pytest

from tests.facade.fake import Setting, connected, unopened


@pytest.fixture
def setting() -> Setting:
    """A connected terminal."""
    return connected()


@pytest.fixture
def fresh() -> Setting:
    """A terminal before `initialize`."""
    return unopened()
