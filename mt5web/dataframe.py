"""Results as pandas data frames."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import repeat
from typing import TYPE_CHECKING, Any, Final, TypeAlias, get_type_hints

from .structseq import StructSequence

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    Result: TypeAlias = (
        StructSequence | Sequence[StructSequence] | NDArray[np.void] | np.void
    )
    """Whatever the official functions answer with, but for single numbers."""

SECONDS: Final = {
    "time",
    "time_setup",
    "time_done",
    "time_update",
    "time_expiration",
    "start_time",
    "expiration_time",
    "expiration",
}
MILLISECONDS: Final = {
    "time_msc",
    "time_setup_msc",
    "time_done_msc",
    "time_update_msc",
}

DTYPES: Final[Mapping[type, str]] = {float: "float64", bool: "bool"}
"""Of columns; ints are 64 bits wide, signed unless they are too large for that."""


def to_dataframe(
    result: Result | None, kind: type[StructSequence] | None = None
) -> pd.DataFrame:
    """Make a data frame of a result.

    Times become `datetime64[s]`, those in milliseconds `datetime64[ms]`, still on the
    trade server's clock and without a time zone; 0, which stands for no time, becomes
    NaT. All other columns keep their names and values; a nested `TradeRequest` becomes
    columns such as "request.symbol".

    Args:
        result: bars or ticks, many or one; one result such as `account_info()`; or a
            tuple or list of results of one type, such as `positions_get()`.
        kind: the type of the results; an empty tuple then has its columns.

    Returns:
        One row for each bar, tick or result, in their order.

    Raises:
        TypeError: no such result; None, which stands for a failed call, is none.
        ModuleNotFoundError: pandas is not installed.

    Example:
        >>> bars = mt5web.copy_rates_from_pos("GBPUSD", mt5web.TIMEFRAME_H1, 0, 100)
        >>> closes = mt5web.to_dataframe(bars).set_index("time")["close"]
        >>> closes.index.dtype, len(closes)
        (dtype('<M8[s]'), 100)
        >>> mt5web.to_dataframe((), mt5web.TradePosition)["volume"].sum()
        np.float64(0.0)
    """
    _require_pandas()
    import pandas as pd

    if result is None:
        raise TypeError("None is no result: the call failed, see last_error()")
    if isinstance(result, StructSequence):
        return _of_rows((result,), type(result))
    if isinstance(result, tuple | list):
        return _of_rows(result, kind or _only_kind(result))
    table: Any = result
    names = getattr(getattr(table, "dtype", None), "names", None)
    if names is None:
        raise TypeError(f"a {type(result).__name__} is no table: {result!r:.80}")
    rows = table.reshape(-1)  # a single row is a table of one
    return pd.DataFrame({name: _column(name, rows[name]) for name in names})


def _require_pandas() -> None:
    try:
        import pandas  # noqa: F401
    except ModuleNotFoundError as exc:
        raise ModuleNotFoundError(
            "to_dataframe needs pandas: pip install 'mt5web[pandas]'", name="pandas"
        ) from exc


def _only_kind(rows: Sequence[object]) -> type[StructSequence] | None:
    """The type of all rows; None when there is no row."""
    kinds = {type(row) for row in rows}
    if not kinds:
        return None
    kind = kinds.pop()
    if kinds or not issubclass(kind, StructSequence):
        raise TypeError("a table has rows of one of the result types")
    return kind


def _of_rows(
    rows: Sequence[StructSequence], kind: type[StructSequence] | None
) -> pd.DataFrame:
    import pandas as pd

    if kind is None:
        return pd.DataFrame()
    if any(type(row) is not kind for row in rows):
        raise TypeError(f"not every row is a {kind.__name__}")
    return pd.DataFrame(dict(_columns(rows, kind)))


def _columns(
    rows: Sequence[StructSequence], kind: type[StructSequence]
) -> Iterator[tuple[str, pd.Series[Any]]]:
    types = get_type_hints(kind)
    values: Iterable[tuple[Any, ...]] = zip(*rows, strict=True) if rows else repeat(())
    for name, column in zip(kind.__match_args__, values, strict=False):
        if issubclass(types[name], StructSequence):
            for inner, nested in _columns(column, types[name]):
                yield f"{name}.{inner}", nested
        else:
            yield name, _column(name, _typed(column, types[name]))


def _typed(values: tuple[Any, ...], kind: type) -> pd.Series[Any]:
    """A column of its own type, also when it has no values."""
    import pandas as pd

    if kind is int:
        large = max(values, default=0) >= 2**63
        return pd.Series(values, dtype="uint64" if large else "int64")
    return pd.Series(values, dtype=DTYPES.get(kind, "str"))


def _column(name: str, values: Any) -> pd.Series[Any]:
    if name in SECONDS:
        return _times(values, "s")
    if name in MILLISECONDS:
        return _times(values, "ms")
    import pandas as pd

    return pd.Series(values)


def _times(values: Any, unit: str) -> pd.Series[Any]:
    import pandas as pd

    return pd.Series(values.astype(f"datetime64[{unit}]")).where(values != 0)
