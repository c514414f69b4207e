"""What all tests share."""

from __future__ import annotations

import asyncio
import inspect
import os
from pathlib import Path

import pytest
import trustme
from hypothesis import HealthCheck, settings

# how long an example takes says more about the machine than about the code
settings.register_profile(
    "steady",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
)
settings.register_profile(
    "searching",
    settings.get_profile("steady"),
    derandomize=False,
    max_examples=1000,
    print_blob=True,
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What pages told the user is not known here, nor the other way round."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("MT5WEB_CACHE", str(folder))
    return folder


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """An authority that nobody trusts, unless told to."""
    return trustme.CA()


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run tests that are coroutines, each in a loop of its own."""
    test = pyfuncitem.obj
    if not inspect.iscoroutinefunction(test):
        return None
    wanted = inspect.signature(test).parameters
    asyncio.run(test(**{name: pyfuncitem.funcargs[name] for name in wanted}))
    return True


@pytest.fixture
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No configuration and no data but the test's own, in its folder."""
    monkeypatch.setenv("MT5WEB_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("MT5WEB_DATA", str(tmp_path / "data"))
