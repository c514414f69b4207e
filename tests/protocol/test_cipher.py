"""The encryption of a frame's body, and what a wrong key or a broken body does."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt5web_async.errors import MalformedMessage
from mt5web_async.protocol.cipher import BLOCK, BOOTSTRAP_KEY, Cipher

from .strategies import thorough

KEY = bytes(range(32))

keys = st.sampled_from([16, 24, 32]).flatmap(
    lambda n: st.binary(min_size=n, max_size=n)
)
whole_blocks = st.integers(1, 8).flatmap(
    lambda n: st.binary(min_size=BLOCK * n, max_size=BLOCK * n)
)


def decrypted(cipher: Cipher, body: bytes) -> bytes | None:
    """The plain bytes, or None where the padding shows a wrong key."""
    try:
        return bytes(cipher.decrypt(body))
    except MalformedMessage:
        return None


@given(keys, st.binary(max_size=200))
@thorough
def test_what_was_encrypted_comes_back(key: bytes, plain: bytes) -> None:
    cipher = Cipher(key)
    body = cipher.encrypt(plain)
    assert len(body) % BLOCK == 0
    assert len(body) > len(plain)
    assert bytes(cipher.decrypt(body)) == plain


@given(st.lists(st.binary(max_size=70), max_size=8), st.binary(max_size=40))
@thorough
def test_no_body_depends_on_those_before(plains: list[bytes], broken: bytes) -> None:
    used = Cipher(KEY)
    for plain in plains:
        decrypted(used, broken)  # neither does it on one that could not be read
        body = used.encrypt(plain)
        assert body == Cipher(KEY).encrypt(plain)
        assert bytes(used.decrypt(body)) == bytes(Cipher(KEY).decrypt(body)) == plain


def test_threads_may_use_a_cipher_at_once() -> None:
    cipher = Cipher(KEY)
    plains = [bytes([number % 256]) * (number % 100) for number in range(3000)]

    def there_and_back(plain: bytes) -> bytes:
        body = cipher.encrypt(plain)
        assert body == Cipher(KEY).encrypt(plain)
        return bytes(cipher.decrypt(body))

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(there_and_back, plains)) == plains


@given(whole_blocks)
@thorough
def test_only_a_whole_padding_is_taken_off(body: bytes) -> None:
    plain = decrypted(Cipher(KEY), body)
    assert plain is None or Cipher(KEY).encrypt(plain) == body


@given(keys, keys, st.binary(max_size=100))
@thorough
def test_a_wrong_key_never_gives_the_text(
    right: bytes, wrong: bytes, plain: bytes
) -> None:
    body = Cipher(right).encrypt(plain)
    found = decrypted(Cipher(wrong), body)
    assert right == wrong or found is None or Cipher(wrong).encrypt(found) == body


@given(st.binary(min_size=1, max_size=100), st.data())
@thorough
def test_a_flipped_bit_never_goes_unnoticed(plain: bytes, data: st.DataObject) -> None:
    body = bytearray(Cipher(KEY).encrypt(plain))
    bit = data.draw(st.integers(0, 8 * len(body) - 1))
    body[bit // 8] ^= 1 << bit % 8
    assert decrypted(Cipher(KEY), bytes(body)) != plain


@given(st.binary(min_size=40, max_size=100), st.integers(1, 39))
@thorough
def test_a_cut_body_never_gives_the_text(plain: bytes, cut: int) -> None:
    body = Cipher(KEY).encrypt(plain)[:-cut]
    if len(body) % BLOCK:
        with pytest.raises(MalformedMessage, match="blocks of 16"):
            Cipher(KEY).decrypt(body)
    else:
        assert decrypted(Cipher(KEY), body) != plain


@pytest.mark.parametrize("size", [0, 1, 15, 17])
def test_a_body_of_broken_blocks_is_malformed(size: int) -> None:
    with pytest.raises(MalformedMessage, match=f"{size} bytes, blocks of 16"):
        Cipher(KEY).decrypt(bytes(size))


@pytest.mark.parametrize("size", [0, 15, 31, 33])
def test_a_key_of_another_size_is_refused(size: int) -> None:
    with pytest.raises(MalformedMessage, match=f"key of {size} bytes"):
        Cipher(bytes(size))


def test_the_key_is_not_shown() -> None:
    assert BOOTSTRAP_KEY.hex()[:8] not in repr(Cipher(BOOTSTRAP_KEY))
    assert repr(BOOTSTRAP_KEY) not in repr(Cipher(BOOTSTRAP_KEY))
