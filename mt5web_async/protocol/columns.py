"""Text columns of many records at once, as numpy's own text or as Python's.

A record's text is UTF-16 and opaque to numpy. Within the basic plane, widening each
unit to four bytes makes it numpy's text, many times faster than decoding record by
record. Rows for which that would not be right are found and decoded one by one.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from .wire import read_text

_SURROGATES: Final = 0xD800
_SURROGATE_BITS: Final = 0xF800


def texts(rows: NDArray[np.void], field: str) -> NDArray[np.str_]:
    """One text field of all rows: shape (n,), memory of its own.

    Every text is what :func:`~mt5web_async.protocol.wire.read_text` makes of the
    same bytes.

    >>> from mt5web_async.protocol.records import SYMBOL, Symbol
    >>> rows = SYMBOL.rows(SYMBOL.write_all([Symbol("EURUSD"), Symbol("XAUUSD")]))
    >>> texts(rows, "name").tolist()
    ['EURUSD', 'XAUUSD']

    Args:
        rows: records as :meth:`~mt5web_async.protocol.wire.Layout.rows` gives them.
        field: the name of a text field.
    """
    units = _trimmed(_units(rows, field))
    column = units.astype("<u4").view(f"<U{units.shape[1]}")[:, 0]
    for index in _exceptions(units):
        column[index] = read_text(units[index].tobytes())
    return column


def _units(rows: NDArray[np.void], field: str) -> NDArray[np.uint16]:
    """The UTF-16 units of a field: shape (n, units), a view."""
    column = rows[field]
    count = column.dtype.itemsize // 2
    units: NDArray[np.uint16] = column.view([("units", "<u2", (count,))])["units"]
    return units


def _trimmed(units: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """A copy without the columns at the end that are empty in every row."""
    used = np.flatnonzero(units.any(axis=0))
    width = int(used[-1]) + 1 if used.size else 1
    return np.ascontiguousarray(units[:, :width])


def _exceptions(units: NDArray[np.uint16]) -> NDArray[np.intp]:
    """The rows that hold surrogates, or anything behind the terminator."""
    filled = units != 0
    odd = (filled[:, 1:] > filled[:, :-1]).any(axis=1)
    if (units >= _SURROGATES).any():
        odd |= ((units & _SURROGATE_BITS) == _SURROGATES).any(axis=1)
    return np.flatnonzero(odd)
