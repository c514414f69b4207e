"""AES-CBC with an all-zero IV and PKCS#7 padding, as every frame's body is encrypted.

It hides nothing from someone who reads the wire, since the first key is public and
carries the next one: TLS does the protecting.
"""

from __future__ import annotations

from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher as Primitive
from cryptography.hazmat.primitives.ciphers import CipherContext, algorithms, modes

from mt5web_async.errors import MalformedMessage

BLOCK: Final = 16

_PADDINGS: Final = {n: bytes((n,)) * n for n in range(1, BLOCK + 1)}

BOOTSTRAP_KEY: Final = bytes.fromhex(
    "02de02a1a65cc794684fcbea1ecb0fd74ae657e43662c11eee885d2fd64f4964"
)
"""The public key of the first request and its answer; fixed in every client."""


class Cipher:
    """Encrypts and decrypts bodies with one key of 16, 24 or 32 bytes.

    Both methods may run in different threads at once. To begin anew costs several
    times what a small body does, so what encrypted one body goes on with the next: the
    block that it would chain to is taken out of the first block beforehand, or
    afterwards when decrypting.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) not in {16, 24, 32}:
            raise MalformedMessage(f"AES key of {len(key)} bytes; 16, 24 or 32 exist")
        self._primitive = Primitive(algorithms.AES(key), modes.CBC(bytes(BLOCK)))
        # with the block that the next one is chained to; taken while they are in use
        self._encryptors: list[tuple[CipherContext, int]] = []
        self._decryptors: list[tuple[CipherContext, int]] = []

    def __repr__(self) -> str:
        return "<Cipher>"

    def encrypt(self, plain: bytes) -> bytes:
        """Pad and encrypt."""
        padded = plain + _PADDINGS[BLOCK - len(plain) % BLOCK]
        try:
            encryptor, chained = self._encryptors.pop()
        except IndexError:
            encryptor, chained = self._primitive.encryptor(), 0
        body = encryptor.update(_chained(padded, chained) + padded[BLOCK:])
        self._encryptors.append((encryptor, int.from_bytes(body[-BLOCK:])))
        return body

    def decrypt(self, body: bytes | memoryview) -> memoryview:
        """Decrypt and take the padding off.

        Raises:
            MalformedMessage: no whole blocks, or a padding that cannot be.
        """
        size = len(body)
        if not size or size % BLOCK:
            raise MalformedMessage(f"encrypted body of {size} bytes, blocks of 16")
        try:
            decryptor, chained = self._decryptors.pop()
        except IndexError:
            decryptor, chained = self._primitive.decryptor(), 0
        # update_into wants a block of room more; it saves a copy of large bodies
        plain = bytearray(size + BLOCK)
        decryptor.update_into(body, plain)
        self._decryptors.append((decryptor, int.from_bytes(body[-BLOCK:])))
        plain[:BLOCK] = _chained(plain, chained)
        padding = plain[size - 1]
        end = size - padding
        if not 0 < padding <= BLOCK or plain[end:size] != _PADDINGS[padding]:
            raise MalformedMessage("wrong padding: not encrypted with this key")
        return memoryview(plain)[:end]


def _chained(block: bytes | bytearray, other: int) -> bytes:
    """The first block of some data, with another one added bit by bit."""
    return (int.from_bytes(block[:BLOCK]) ^ other).to_bytes(BLOCK)
