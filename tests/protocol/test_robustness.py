"""Bytes that no honest peer sends: an error or a value, little memory, no crash."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt5web_async.errors import InvalidArgument, MalformedMessage
from mt5web_async.protocol import records as r
from mt5web_async.protocol import responses
from mt5web_async.protocol.frames import write_answer
from tests.fuzz.targets import CIPHER, READERS
from tests.memory import memory_below

from .strategies import quick, thorough
from .witness import load

Reader = Callable[[bytes], object]

WITNESSED: dict[int, list[bytes]] = {}
for entry in load("responses.json"):
    if isinstance(entry["hex"], str):
        body = bytes.fromhex(entry["hex"])
        WITNESSED.setdefault(entry["command"], []).append(body)

BY_COMMAND: dict[int, Reader] = {
    3: responses.read_account,
    4: responses.read_positions,
    5: responses.read_history,
    6: responses.read_symbols,
    8: responses.read_ticks,
    10: responses.read_transactions,
    18: r.FULL_SYMBOL.counted,
    19: r.TRADE_RESULT.read,
    20: responses.read_spreads,
    23: responses.read_books,
    28: responses.read_login,
    34: responses.unpack_symbols,
    44: r.CORPORATE_LINK.counted,
}

BOMB = b"\xff" * 4 + bytes(8192)
"""Announces four thousand million records, whose first bytes follow."""


def survives(reader: Reader, body: bytes) -> None:
    with suppress(MalformedMessage):
        reader(body)


@st.composite
def damaged(draw: st.DrawFn, bodies: list[bytes]) -> bytes:
    """An honest body that was cut, overwritten, or grew."""
    body = bytearray(draw(st.sampled_from(bodies)))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(body)))
        number = draw(st.sampled_from([0, 1, 2, 3, 255, 2**31, 2**32 - 1]))
        body[at : at + 4] = struct.pack("<I", number)
    body = body[: draw(st.integers(0, len(body)))]
    return bytes(body + draw(st.binary(max_size=16)))


@pytest.mark.parametrize("name", READERS)
@given(body=st.binary(max_size=1024))
@quick
def test_arbitrary_bytes_give_a_value_or_a_malformed_message(
    name: str, body: bytes
) -> None:
    survives(READERS[name], body)


@pytest.mark.parametrize("command", BY_COMMAND)
@given(data=st.data())
@thorough
def test_damaged_bodies_give_a_value_or_a_malformed_message(
    command: int, data: st.DataObject
) -> None:
    survives(BY_COMMAND[command], data.draw(damaged(WITNESSED[command])))


@given(st.integers(0, 100), st.data())
@thorough
def test_damaged_frames_give_a_value_or_a_malformed_message(
    size: int, data: st.DataObject
) -> None:
    frame = write_answer(CIPHER, 11, bytes(size))
    survives(READERS["frames.read_answer"], data.draw(damaged([frame])))


@given(st.binary(max_size=3000))
@quick
def test_any_inflated_bytes_give_symbols_or_a_malformed_message(inner: bytes) -> None:
    survives(responses.unpack_symbols, responses.pack_symbols(inner))


@pytest.mark.parametrize("name", READERS)
def test_an_enormous_count_costs_no_memory(name: str) -> None:
    with memory_below(2**20):
        survives(READERS[name], BOMB)


def test_a_stream_that_inflates_beyond_the_limit_is_stopped_there() -> None:
    bomb = bytes(4) + zlib.compress(bytes(32 * 2**20))
    with (
        memory_below(4 * 2**20),
        pytest.raises(MalformedMessage, match="inflate beyond 1048576"),
    ):
        responses.unpack_symbols(bomb, limit=2**20)


def test_a_stream_that_announces_too_much_is_not_begun() -> None:
    with pytest.raises(MalformedMessage, match="4294967295 bytes, limit"):
        responses.unpack_symbols(BOMB)


def test_a_stream_that_ends_early_is_malformed() -> None:
    packed = responses.pack_symbols(r.SYMBOL.write_counted([r.Symbol("EURUSD")]))
    with pytest.raises(MalformedMessage, match="end after"):
        responses.unpack_symbols(packed[:-1])


def test_bytes_behind_the_stream_are_ignored() -> None:
    packed = responses.pack_symbols(r.SYMBOL.write_counted([r.Symbol("EURUSD")]))
    assert len(responses.unpack_symbols(packed + b"more")) == 1


@pytest.mark.parametrize("size", [0, 15, 17, 33])
def test_a_key_of_another_size_is_malformed(size: int) -> None:
    with pytest.raises(MalformedMessage, match="key of 16, 24 or 32"):
        responses.read_bootstrap(bytes(2 + 64 + size))


@pytest.mark.parametrize("size", [16, 24, 32])
def test_bootstrap_is_read_as_it_was_written(size: int) -> None:
    bootstrap = responses.Bootstrap(5687, bytes(range(64)), bytes(range(size)))
    written = responses.write_bootstrap(bootstrap)
    assert responses.read_bootstrap(written) == bootstrap


def test_a_bootstrap_that_no_client_could_use_is_not_written() -> None:
    with pytest.raises(InvalidArgument, match="token of 63 and key of 16"):
        responses.write_bootstrap(responses.Bootstrap(1, bytes(63), bytes(16)))


def test_a_login_without_a_session_has_session_0() -> None:
    answer = responses.read_login(bytes(range(160)))
    assert (answer.password_token, answer.session) == (bytes(range(160)), 0)


@pytest.mark.parametrize("size", [159, 161, 167])
def test_a_login_that_ends_in_its_token_or_session_is_malformed(size: int) -> None:
    with pytest.raises(MalformedMessage, match=f"{size} bytes"):
        responses.read_login(bytes(size))
