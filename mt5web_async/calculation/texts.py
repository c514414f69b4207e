"""Numbers, times and periods as a terminal shows and names them (section 15)."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import Enum
from typing import Final

from mt5web_async.enums import Period

from .rounding import normalize
from .volumes import lots

_MILLION: Final = 1e6
_THOUSAND: Final = 1e3
_TOLERANCE: Final = 5e-9
_MOST_DECIMALS: Final = 8
_LEAST_DECIMALS: Final = 2


def stripped(text: str, most: int) -> str:
    """A number without up to `most` zeros at its end, and without a bare point.

    >>> stripped("1.1000", 2), stripped("5.00", 2)
    ('1.10', '5')
    """
    zeros = len(text) - len(text.rstrip("0"))
    return text[: len(text) - min(zeros, most)].removesuffix(".")


def volume_text(of_lots: float) -> str:
    """Lots with two decimals, or as many as it takes.

    >>> volume_text(0.1), volume_text(0.00000001)
    ('0.10', '0.00000001')
    """
    return stripped(f"{normalize(of_lots, 8):.8f}", 6)


def short_volume_text(of_lots: float) -> str:
    """Lots in thousands (K) or millions (M), where there are so many.

    >>> short_volume_text(0.29), short_volume_text(100_000)
    ('0.29', '100.00K')
    """
    if of_lots >= _MILLION:
        return stripped(f"{normalize(of_lots / _MILLION, 14):.14f}", 12) + "M"
    if of_lots >= _THOUSAND:
        return stripped(f"{normalize(of_lots / _THOUSAND, 11):.11f}", 9) + "K"
    return volume_text(of_lots)


def volume_decimals(volume: int) -> int:
    """How many decimals the lots of a volume have, zeros at the end left out.

    >>> volume_decimals(29_000_000), volume_decimals(0)
    (2, 0)
    """
    whole, _, decimals = f"{lots(volume):.8f}".rstrip("0").partition(".")
    return len(decimals) if whole else 0


def price_text(price: float, digits: int, extra: int = 0) -> str:
    """A price with its digits, and up to `extra` more where it has them.

    >>> price_text(1.1, 5), price_text(1.1000046, 5, 3)
    ('1.10000', '1.1000046')
    """
    places = digits + extra
    return stripped(f"{normalize(price, places):.{places}f}", extra)


def decimals(value: float) -> int:
    """How many decimals a number needs, 2 to 8; 8 for what is below 0.

    >>> decimals(0.005), decimals(100), decimals(-1)
    (3, 2, 8)
    """
    if value < 0:
        return _MOST_DECIMALS
    rest, tolerance, count = normalize(value, 8), _TOLERANCE, 0
    while count < _MOST_DECIMALS and abs(rest - round(rest)) > tolerance:
        rest, tolerance, count = rest * 10, tolerance * 10, count + 1
    return max(count, _LEAST_DECIMALS)


class Detail(Enum):
    """How exactly a time is shown."""

    DATE = "%Y.%m.%d"
    MINUTES = "%Y.%m.%d %H:%M"
    SECONDS = "%Y.%m.%d %H:%M:%S"
    MILLISECONDS = "%Y.%m.%d %H:%M:%S."


def time_text(time_msc: int, detail: Detail) -> str:
    """A time in ms since 1970, as it stands; empty for 0.

    >>> time_text(1_750_000_000_123, Detail.MILLISECONDS)
    '2025.06.15 15:06:40.123'
    """
    if time_msc == 0:
        return ""
    seconds, ms = divmod(time_msc, 1000)
    text = datetime.fromtimestamp(seconds, UTC).strftime(detail.value)
    return f"{text}{ms:03d}" if detail is Detail.MILLISECONDS else text


_MINUTES: Final = {
    1: Period.M1,
    5: Period.M5,
    15: Period.M15,
    30: Period.M30,
    60: Period.H1,
    240: Period.H4,
    1440: Period.D1,
    10080: Period.W1,
    43200: Period.MN1,
}


def period_of(minutes: int) -> Period | None:
    """The period whose bars are so long; None: servers keep no such bars.

    >>> period_of(240)
    <Period.H4: 16388>
    """
    return _MINUTES.get(minutes)
