"""The targets of coverage-guided fuzzing, without a guide."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from .targets import TARGETS, bear, one_input, seeds

ROOT = Path(__file__).parents[2]
SEEDS = list(seeds())


@pytest.mark.parametrize("name", sorted({name for name, _ in SEEDS}))
def test_honest_bodies_are_borne_whole_and_cut(name: str) -> None:
    for body in [body for one, body in SEEDS if one == name]:
        for end in (len(body), len(body) // 2, 5):
            bear(TARGETS[name], body[:end])


@given(st.binary(max_size=4096))
@settings(deadline=None, max_examples=100)
def test_any_input_is_borne(data: bytes) -> None:
    one_input(data)


def test_the_fuzzer_runs() -> None:
    pytest.importorskip("atheris", reason="python -m pip install -e '.[fuzz]'")
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", "responses.read_books", "-runs=2000"],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "DONE" in done.stderr
