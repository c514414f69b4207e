"""Calls that the official package refuses, for every condition it is known to have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np

from tests.facade.official import FUNCTIONS


class Given(NamedTuple):
    """What a function is called with."""

    args: tuple[Any, ...] = ()
    keywords: Mapping[str, Any] = {}


class Unspeakable:
    """An object without a truth value, number or anything else."""

    def __bool__(self) -> bool:
        raise ArithmeticError("neither")

    def __index__(self) -> int:
        raise ArithmeticError("no number")

    def __float__(self) -> float:
        raise ArithmeticError("no number")


class Timeless(datetime):
    """A datetime whose moment cannot be told."""

    def timestamp(self) -> float:
        raise ArithmeticError("no time")


Calls: TypeAlias = Callable[[str], Iterable[Given]]

VALID: Final[Mapping[str, tuple[Any, ...]]] = {
    "initialize": (),
    "shutdown": (),
    "login": (5001,),
    "version": (),
    "terminal_info": (),
    "account_info": (),
    "copy_ticks_from": ("EURUSD", 1_700_000_000, 10, -1),
    "copy_ticks_range": ("EURUSD", 1_700_000_000, 1_700_000_600, -1),
    "copy_rates_from": ("EURUSD", 1, 1_700_000_000, 10),
    "copy_rates_from_pos": ("EURUSD", 1, 0, 10),
    "copy_rates_range": ("EURUSD", 1, 1_700_000_000, 1_700_000_600),
    "positions_total": (),
    "positions_get": (),
    "orders_total": (),
    "orders_get": (),
    "history_orders_total": (1_700_000_000, 1_700_000_600),
    "history_orders_get": (1_700_000_000, 1_700_000_600),
    "history_deals_total": (1_700_000_000, 1_700_000_600),
    "history_deals_get": (1_700_000_000, 1_700_000_600),
    "order_check": ({"action": 1},),
    "order_send": ({"action": 1},),
    "order_calc_margin": (0, "EURUSD", 1.0, 1.1),
    "order_calc_profit": (0, "EURUSD", 1.0, 1.1, 1.2),
    "symbol_info": ("EURUSD",),
    "symbol_info_tick": ("EURUSD",),
    "symbol_select": ("EURUSD",),
    "symbols_total": (),
    "symbols_get": (),
    "market_book_add": ("EURUSD",),
    "market_book_release": ("EURUSD",),
    "market_book_get": ("EURUSD",),
    "last_error": (),
}
"""Positional arguments that every function accepts."""

NO_TEXT: Final = (None, 5, 1.5, True, b"EURUSD", ["EURUSD"], np.array(["EURUSD"]))
UNSENDABLE: Final = ("EUR\0USD", "EUR\ud800")
NO_INT: Final = (None, "5", 5.0, np.float64(5), np.int64(5), np.uint8(5), Decimal(5))
NO_INDEX: Final = (None, "5", 5.0, np.float64(5), Decimal(5), Unspeakable())
NO_REAL: Final = (None, "1.5", 1, True, np.float32(1.5), np.int64(1), Decimal("1.5"))
NO_NUMBER: Final = (None, "1.5", b"1.5", [1.5], 10**400, Unspeakable())
NO_DATE: Final = (
    None,
    "2024-01-31",
    date(2024, 1, 31),
    timedelta(days=1),
    np.datetime64("2024-01-31"),
    np.int64(1_700_000_000),
    np.float32(1.7e9),
    Decimal(1_700_000_000),
)
TIMELESS: Final = (Timeless(2024, 1, 31, tzinfo=UTC),)
BEYOND_32_BITS: Final = (2**31, -(2**31) - 1, 1_700_000_000_000)
BEYOND_U32: Final = (-1, 2**32)
BEYOND_U64: Final = (-1, 2**64)
BEYOND_I64: Final = (-(2**63) - 1, 2**63)


def too_long(limit: int) -> tuple[str, ...]:
    """Texts one UTF-16 unit longer than the limit, or two."""
    return "x" * (limit + 1), "\N{MONEY BAG}" * (limit // 2 + 1)


def bad_text(limit: int) -> tuple[Any, ...]:
    """What is no text of at most so many UTF-16 units."""
    return *NO_TEXT, *UNSENDABLE, *too_long(limit)


def changed(function: str, position: int, values: Iterable[Any]) -> Iterator[Given]:
    """Valid calls but for one positional argument."""
    valid = VALID[function]
    for value in values:
        yield Given((*valid[:position], value, *valid[position + 1 :]))


def keyword(name: str, values: Iterable[Any], *args: Any) -> Calls:
    """Calls with one keyword."""
    return lambda _: [Given(args, {name: value}) for value in values]


def positions(function: str, *names: str) -> list[int]:
    """Where arguments of these names stand."""
    accepted = [argument["name"] for argument in FUNCTIONS[function]["args"]]
    return [accepted.index(name) for name in names if name in accepted]


def wherever(names: Sequence[str], values: Iterable[Any]) -> Calls:
    """Valid calls but for one of the named arguments."""

    def calls(function: str) -> Iterator[Given]:
        for position in positions(function, *names):
            yield from changed(function, position, values)

    return calls


def wrong_number(*numbers: int) -> Calls:
    """Calls with so many positional arguments."""
    return lambda _: [Given(("EURUSD",) * number) for number in numbers]


def either(*several: Calls) -> Calls:
    """All the calls of several conditions."""
    return lambda function: [given for calls in several for given in calls(function)]


def bad_fields(_: str) -> Iterator[Given]:
    """Requests with one bad field, as a dict and as keywords."""
    for name, values in BAD_FIELDS.items():
        for value in values:
            yield Given(({name: value},))
            yield Given((), {name: value})


WHOLE_FIELDS: Final = ("action", "type", "type_filling", "type_time")
LONG_FIELDS: Final = ("magic", "order", "deviation", "position", "position_by")
REAL_FIELDS: Final = ("volume", "price", "stoplimit", "sl", "tp")

BAD_FIELDS: Final[Mapping[str, Sequence[Any]]] = {
    **dict.fromkeys((*WHOLE_FIELDS, *LONG_FIELDS), NO_INT),
    **dict.fromkeys(REAL_FIELDS, NO_REAL),
    "expiration": (*NO_INT, datetime(2024, 1, 31, tzinfo=UTC)),
    "symbol": bad_text(29),
    "comment": bad_text(29),
}
"""Values that a field of a request refuses."""

OVERFLOWING_FIELDS: Final[Mapping[str, Sequence[int]]] = {
    **dict.fromkeys(WHOLE_FIELDS, BEYOND_U32),
    **dict.fromkeys(LONG_FIELDS, BEYOND_U64),
    "expiration": BEYOND_I64,
}
"""Numbers that a field of a request cannot hold."""

SYMBOL: Final = wherever(["symbol"], bad_text(29))
DATES: Final = ("date_from", "date_to")
C_INTS: Final = ("timeframe", "start_pos", "count", "flags")
PRICES: Final = ("volume", "price", "price_open", "price_close")

CONDITIONS: Final[Mapping[str, Calls]] = {
    "more than 1 positional argument": wrong_number(2, 3),
    "positional path not a str or too long": lambda _: map(
        Given, ((value,) for value in bad_text(257))
    ),
    "login not an int": keyword("login", NO_INT),
    "login negative or > 2**64-1": keyword("login", BEYOND_U64),
    "server not a str or too long": keyword("server", bad_text(253)),
    "password not a str or too long": keyword("password", bad_text(253)),
    "timeout not an int": keyword("timeout", NO_INT),
    "timeout negative or > 2**32-1": keyword("timeout", BEYOND_U32),
    "path keyword not a str or too long": either(
        keyword("path", bad_text(257)), keyword("path", (None, 5), "by position")
    ),
    "more than 3 positional arguments": lambda _: [Given((5001, "secret", "Demo", 5))],
    "positional #1 not an int": lambda name: changed(name, 0, NO_INT),
    "positional #1 negative / too large": lambda name: changed(name, 0, BEYOND_U64),
    "positional #2 not a str or too long": lambda _: [
        Given((5001, value)) for value in bad_text(253)
    ],
    "positional #3 not a str or too long": lambda _: [
        Given((5001, "secret", value)) for value in bad_text(253)
    ],
    "login keyword not an int, or login missing, or login == 0": either(
        keyword("login", (*NO_INT, 0, False)),
        lambda _: [Given(), Given((0,)), Given((), {"password": "secret"})],
    ),
    "server bad": keyword("server", bad_text(253), 5001),
    "password bad": keyword("password", bad_text(253), 5001),
    "timeout bad": keyword("timeout", NO_INT, 5001),
    "number of positional arguments is not exactly 4": wrong_number(0, 1, 3, 5),
    "PyArg_ParseTuple rejects an item (wrong type / int out of 32-bit range)": wherever(
        C_INTS, (*NO_INDEX, *BEYOND_32_BITS)
    ),
    "symbol is not a str (or subclass), or is longer than 29 UTF-16 code units": SYMBOL,
    "a date argument is not int/float/datetime": wherever(DATES, NO_DATE),
    "datetime.timestamp() raises": wherever(DATES, TIMELESS),
    "date given as Python int outside signed 32-bit range": wherever(
        DATES, BEYOND_32_BITS
    ),
    "any positional argument": wrong_number(1, 2),
    "ticket not an int": keyword("ticket", NO_INT),
    "ticket negative / too large": keyword("ticket", BEYOND_U64),
    "symbol not a str or too long (looked at only when ticket is absent)": keyword(
        "symbol", bad_text(29)
    ),
    "group not a str or too long (looked at only when ticket and symbol are absent)": (
        keyword("group", bad_text(1997))
    ),
    "not exactly 2 positional arguments": wrong_number(0, 1, 3),
    "date form, bad date": wherever(DATES, NO_DATE),
    "date form, group not a str or too long": lambda name: [
        Given(VALID[name], {"group": value}) for value in bad_text(1997)
    ],
    "no keyword arguments and not exactly 2 positional (this includes no arguments"
    " at all, 1, or 3 positional)": wrong_number(0, 1, 3),
    "keywords present but neither ticket nor position (e.g. only group=, or"
    " date_from=/date_to= as keywords)": lambda _: [
        Given((), {"group": "*"}),
        Given((), {"date_from": 0, "date_to": 1}),
        Given((0,), {"date_to": 1}),
    ],
    "ticket= or position= together with 1 or 3+ positional arguments": lambda _: [
        Given((0,), {"ticket": 1}),
        Given((0, 1, 2), {"position": 1}),
    ],
    "position not an int": keyword("position", NO_INT),
    "ticket/position negative or too large": either(
        keyword("ticket", BEYOND_U64), keyword("position", BEYOND_U64)
    ),
    "keyword arguments present together with a positional argument (an empty ** dict"
    " passed on by C-level call counts as present)": lambda _: [
        Given(({"action": 1},), {"symbol": "EURUSD"}),
        Given(({}, {}), {"symbol": "EURUSD"}),
    ],
    "no keywords and not exactly 1 positional argument": wrong_number(0, 2),
    "request is not a dict": lambda _: [
        Given((value,)) for value in (None, 5, "action", [("action", 1)], object())
    ],
    "bad field": bad_fields,
    "wrong number of positional arguments": wrong_number(0, 1, 3, 6),
    "PyArg_ParseTuple rejects an item (wrong type)": either(
        wherever(["action"], NO_INT), wherever(PRICES, NO_NUMBER)
    ),
    "not exactly 1 positional argument, or symbol is not a str (or subclass), or is"
    " longer than 29 UTF-16 code units": either(wrong_number(0, 2), SYMBOL),
    "0 or more than 2 positional arguments, or symbol is not a str (or subclass), or is"
    " longer than 29 UTF-16 code units": either(wrong_number(0, 3), SYMBOL),
    "positional not a str or too long": lambda _: [
        Given((value,)) for value in bad_text(1997)
    ],
    "group not a str or too long": either(
        keyword("group", bad_text(1997)), keyword("group", (None, 5), "*")
    ),
}
"""Calls for each condition under which official_api.json knows of an error."""
