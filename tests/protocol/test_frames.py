"""Whole messages, held against the client's, and what is no message."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt5web_async.errors import InvalidArgument, MalformedMessage
from mt5web_async.protocol.cipher import Cipher
from mt5web_async.protocol.frames import (
    MAX_FRAME,
    read_answer,
    read_request,
    write_answer,
    write_request,
)

from .strategies import thorough
from .witness import Json, load

ENTRIES = [e for e in load("requests.json") if e["name"].startswith("frame")]
CIPHER = Cipher(bytes(range(16)))
SALT = b"\x34\x50"

by_vector = pytest.mark.parametrize("e", ENTRIES, ids=[e["name"] for e in ENTRIES])


def cipher_of(e: Json) -> Cipher:
    return Cipher(bytes.fromhex(e["input"]["key"]))


@by_vector
def test_request_is_the_message_that_the_client_sends(e: Json) -> None:
    given_ = e["input"]
    frame = write_request(
        cipher_of(e),
        e["command"],
        bytes.fromhex(given_["payload"]),
        salt=bytes.fromhex(given_["salt"]),
    )
    assert frame.hex() == e["hex"]


@by_vector
def test_request_is_read_as_the_client_meant_it(e: Json) -> None:
    request = read_request(cipher_of(e), bytes.fromhex(e["hex"]))
    assert request.command == e["command"]
    assert bytes(request.payload).hex() == e["input"]["payload"]


@by_vector
def test_body_decrypts_to_salt_command_and_payload(e: Json) -> None:
    body = bytes.fromhex(e["hex"])[8:]
    assert bytes(cipher_of(e).decrypt(body)).hex() == e["inner"]


@given(st.integers(0, 65535), st.integers(0, 255), st.binary(max_size=200))
@thorough
def test_answer_is_read_as_it_was_written(
    command: int, result: int, payload: bytes
) -> None:
    answer = read_answer(CIPHER, write_answer(CIPHER, command, payload, result=result))
    assert (answer.command, answer.result, bytes(answer.payload)) == (
        command,
        result,
        payload,
    )


@given(
    st.integers(0, 65535), st.binary(max_size=200), st.binary(min_size=2, max_size=2)
)
@thorough
def test_request_is_read_as_it_was_written(
    command: int, payload: bytes, salt: bytes
) -> None:
    request = read_request(CIPHER, write_request(CIPHER, command, payload, salt=salt))
    assert (request.command, bytes(request.payload)) == (command, payload)


@pytest.mark.parametrize("salt", [b"", b"1", b"123"])
def test_salt_is_two_bytes(salt: bytes) -> None:
    with pytest.raises(InvalidArgument, match=f"salt of {len(salt)} bytes"):
        write_request(CIPHER, 51, salt=salt)


def test_a_command_out_of_range_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="65536"):
        write_request(CIPHER, 65536, salt=SALT)


@pytest.mark.parametrize("cut", range(1, 24))
def test_a_cut_frame_is_malformed(cut: int) -> None:
    frame = write_answer(CIPHER, 51)
    with pytest.raises(MalformedMessage, match="frame"):
        read_answer(CIPHER, frame[:-cut])


def test_two_frames_in_one_message_are_malformed() -> None:
    frame = write_answer(CIPHER, 51)
    with pytest.raises(MalformedMessage, match="announces 16 bytes and holds 40"):
        read_answer(CIPHER, frame * 2)


def test_another_version_is_malformed() -> None:
    frame = struct.pack("<II", 16, 2) + bytes(16)
    with pytest.raises(MalformedMessage, match="version 2"):
        read_answer(CIPHER, frame)


def test_a_frame_beyond_the_limit_is_malformed() -> None:
    with pytest.raises(MalformedMessage, match="limit"):
        read_answer(CIPHER, bytes(MAX_FRAME + 1))


@pytest.mark.parametrize("size", range(5))
def test_a_body_too_short_for_an_answer_is_malformed(size: int) -> None:
    body = CIPHER.encrypt(bytes(size))
    frame = struct.pack("<II", len(body), 1) + body
    with pytest.raises(MalformedMessage, match=f"answer of {size} bytes"):
        read_answer(CIPHER, frame)


@pytest.mark.parametrize("size", range(4))
def test_a_body_too_short_for_a_request_is_malformed(size: int) -> None:
    body = CIPHER.encrypt(bytes(size))
    frame = struct.pack("<II", len(body), 1) + body
    with pytest.raises(MalformedMessage, match=f"request of {size} bytes"):
        read_request(CIPHER, frame)
