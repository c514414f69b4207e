from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mt5web_async.simulator import Simulator
from mt5web_async.simulator.server import Simulator as Server


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The configuration file; nothing is there that is the user's."""
    path = tmp_path / "config.toml"
    for name in (
        "SERVER",
        "LOGIN",
        "PASSWORD",
        "EVERY_SERVER",
        "EVERY_PASSWORD",
        "TICKS",
    ):
        monkeypatch.delenv(f"MT5WEB_{name}", raising=False)
    monkeypatch.setenv("MT5WEB_CONFIG", str(path))
    monkeypatch.setenv("MT5WEB_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("MT5WEB_CACHE", str(tmp_path / "cache"))
    return path


@pytest.fixture
def server() -> Iterator[Server]:
    with Simulator() as simulator:
        yield simulator
