"""What holds for all tests."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What pages told the user is not known here, nor the other way round."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("MT5WEB_CACHE", str(folder))
    return folder
