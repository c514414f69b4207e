"""Numbers that look random and depend on nothing but where they are asked for.

Only operations that every machine computes alike are used, so that one seed means
one market everywhere.
"""

from __future__ import annotations

import hashlib
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Stream: TypeAlias = np.uint64 | NDArray[np.uint64]
"""Where numbers come from: one key, or an array of keys to go with the indexes."""

_STEP: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX_1: Final = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2: Final = np.uint64(0x94D049BB133111EB)
_UNIT_VARIANCE: Final = 3**0.5 * 2.0**-63


def key(*parts: object) -> np.uint64:
    """A key of a stream of numbers: another for every combination of parts."""
    text = "\0".join(map(str, parts)).encode()
    digest = hashlib.blake2b(text, digest_size=8).digest()
    return np.uint64(int.from_bytes(digest, "little"))


def words(stream: Stream, index: NDArray[np.int64]) -> NDArray[np.uint64]:
    """64 random bits for every index (an array of at least one dimension)."""
    x: NDArray[np.uint64] = index.view(np.uint64) * _STEP
    x += stream
    x ^= x >> np.uint64(30)
    x *= _MIX_1
    x ^= x >> np.uint64(27)
    x *= _MIX_2
    x ^= x >> np.uint64(31)
    return x


def waves(stream: Stream, index: NDArray[np.int64]) -> NDArray[np.float64]:
    """Numbers of mean 0 and variance 1, all within 1.74 of 0."""
    scaled: NDArray[np.float64]
    scaled = np.multiply(words(stream, index).view(np.int64), _UNIT_VARIANCE)
    return scaled


def shares(bits: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Four numbers from 0 to 1 (excluded) out of each of n words: shape (4, n)."""
    quarters = bits.astype("<u8", copy=False).view("<u2").reshape(-1, 4)
    scaled: NDArray[np.float64] = np.multiply(quarters.T, 2.0**-16)
    return scaled
