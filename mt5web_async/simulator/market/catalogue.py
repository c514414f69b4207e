"""The symbols that the simulated broker offers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final, NamedTuple

from mt5web_async.calculation.settings import is_forex
from mt5web_async.enums import CalcMode, ChartMode, ExecutionMode, FillFlags
from mt5web_async.protocol.records import FullSymbol
from mt5web_async.protocol.responses import Schedule
from mt5web_async.simulator.clock import DAY_S

from .listing import (
    ALWAYS_OPEN,
    NIGHT_BREAK,
    OFFICE_HOURS,
    WEEKDAYS,
    Listing,
    Terms,
    listing,
)
from .quoting import PriceModel
from .worth import Asset

_FIRST_ID: Final = 101
_EPOCH: Final = date(1970, 1, 1)
_FRIDAY: Final = 4


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What can be quoted and traded.

    Attributes:
        assets: things whose worth moves the prices.
        listings: the symbols, in the order of their list.
    """

    assets: tuple[Asset, ...]
    listings: tuple[Listing, ...]

    @property
    def groups(self) -> list[str]:
        """Paths of the groups that hold symbols, in the order of the list."""
        return list(dict.fromkeys(one.group for one in self.listings))

    @property
    def currencies(self) -> set[str]:
        """The currencies that profits are made in, and that these are converted to."""
        symbols = [one.symbol for one in self.listings]
        profits = {one.currency_profit for one in symbols}
        return profits | {one.currency_base for one in symbols if is_forex(one)}

    def with_symbol(self, symbol: FullSymbol) -> Catalogue:
        """The same with other settings of one symbol, found by its name."""
        listings = (
            replace(one, symbol=symbol) if one.symbol.name == symbol.name else one
            for one in self.listings
        )
        return replace(self, listings=tuple(listings))


ASSETS: Final = (
    Asset("USD", 1.0, 0.0030),
    Asset("EUR", 1.10, 0.0035),
    Asset("GBP", 1.29, 0.0040),
    Asset("JPY", 1 / 148, 0.0045),
    Asset("CHF", 1.13, 0.0035),
    Asset("AUD", 0.67, 0.0050),
    Asset("CAD", 0.735, 0.0032),
    Asset("NZD", 0.61, 0.0050),
    Asset("NOK", 0.094, 0.0050),
    Asset("SEK", 0.096, 0.0050),
    Asset("XAU", 2600.0, 0.0080),
    Asset("XAG", 30.0, 0.0150),
    Asset("BTC", 65_000.0, 0.0250),
    Asset("US500", 5600.0, 0.0090),
    Asset("DE40", 19_500.0, 0.0100),
    Asset("ACME", 180.0, 0.0150),
)


class _Pair(NamedTuple):
    name: str
    description: str
    spread: int = 12  # points
    swaps: tuple[float, float] = (-5.0, -3.0)
    depth: int = 0
    execution: ExecutionMode = ExecutionMode.MARKET


_MAJORS: Final = (
    _Pair("EURUSD", "Euro vs US Dollar", 10, (-7.5, 2.5), depth=10),
    _Pair("GBPUSD", "Great Britain Pound vs US Dollar", 12, (-4.5, -1.5)),
    _Pair(
        "USDJPY",
        "US Dollar vs Japanese Yen",
        12,
        (11.5, -22.0),
        # takes every filling; many a script that is copied around needs that here
        execution=ExecutionMode.INSTANT,
    ),
    _Pair("USDCHF", "US Dollar vs Swiss Franc", 14, (6.5, -12.0)),
    _Pair("AUDUSD", "Australian Dollar vs US Dollar", 12, (-3.5, 0.5)),
    _Pair("USDCAD", "US Dollar vs Canadian Dollar", 14, (1.5, -6.5)),
    _Pair("NZDUSD", "New Zealand Dollar vs US Dollar", 15, (-2.5, -1.0)),
)
_CROSSES: Final = (
    _Pair("EURGBP", "Euro vs Great Britain Pound", 14, (-6.0, 1.0)),
    _Pair("EURJPY", "Euro vs Japanese Yen", 16, (7.0, -15.0), depth=10),
    _Pair("GBPJPY", "Great Britain Pound vs Japanese Yen", 22, (14.0, -26.0)),
    _Pair("EURCHF", "Euro vs Swiss Franc", 18, (2.5, -7.5)),
    _Pair("AUDJPY", "Australian Dollar vs Japanese Yen", 18, (6.0, -14.0)),
)
_EXOTICS: Final = (
    _Pair(
        "USDNOK",
        "US Dollar vs Norwegian Krone",
        450,
        (-20.0, -35.0),
        execution=ExecutionMode.INSTANT,
    ),
    _Pair(
        "USDSEK",
        "US Dollar vs Swedish Krona",
        420,
        (15.0, -70.0),
        execution=ExecutionMode.REQUEST,
    ),
)


def standard(now: int = 0, *, always_open: bool = True) -> Catalogue:
    """The broker's usual symbols.

    Args:
        now: s, server time; the future expires some time after it.
        always_open: trading at any hour of every day, instead of the hours of the
            markets they stand for.
    """
    every = [*_currencies(), *_metals(), *_others(), *_exchange_traded(now)]
    listed = (
        listing(
            _FIRST_ID + place,
            name,
            terms,
            model,
            ALWAYS_OPEN if always_open else hours,
        )
        for place, (name, terms, model, hours) in enumerate(every)
    )
    return Catalogue(ASSETS, tuple(listed))


_Entry = tuple[str, Terms, PriceModel, Schedule]


def _currencies() -> Iterator[_Entry]:
    groups = {"Majors": _MAJORS, "Crosses": _CROSSES, "Exotics": _EXOTICS}
    for group, pairs in groups.items():
        for pair in pairs:
            yield _pair(f"Forex\\{group}", pair)


def _pair(group: str, pair: _Pair) -> _Entry:
    base, profit = pair.name[:3], pair.name[3:]
    digits = 3 if profit == "JPY" else 5
    return (
        pair.name,
        Terms(
            group=group,
            description=pair.description,
            currencies=(base, profit, base),
            execution=pair.execution,
            swaps=pair.swaps,
            depth=pair.depth,
        ),
        PriceModel(base, profit, digits, spread=pair.spread, spread_range=4),
        WEEKDAYS,
    )


def _metals() -> Iterator[_Entry]:
    for name, description, contract, digits, spread in (
        ("XAUUSD", "Gold vs US Dollar", 100.0, 2, 18),
        ("XAGUSD", "Silver vs US Dollar", 5000.0, 3, 20),
    ):
        yield (
            name,
            Terms(
                group="Metals",
                description=description,
                calc_mode=CalcMode.CFD_LEVERAGE,
                currencies=(name[:3], "USD", "USD"),
                contract=contract,
                swaps=(-32.0, 18.0),
                sector=15,
            ),
            PriceModel(name[:3], "USD", digits, spread=spread, spread_range=8),
            NIGHT_BREAK,
        )


def _others() -> Iterator[_Entry]:
    for name, description, currency, tick, spread in (
        ("US500", "US 500 Index", "USD", 1, 4),
        ("DE40", "Germany 40 Index", "EUR", 5, 10),
    ):
        yield (
            name,
            Terms(
                group="Indices",
                description=description,
                calc_mode=CalcMode.CFD_INDEX,
                currencies=(currency, currency, currency),
                contract=1.0,
                tick_size=tick / 10,
                tick_value=tick / 10,
                volumes=(0.1, 500.0, 0.1),
                margin_rate=0.05,
                swaps=(-12.0, -4.0),
                sector=14,
            ),
            PriceModel(name, "", 1, tick=tick, spread=spread, spread_range=5),
            NIGHT_BREAK,
        )
    yield (
        "BTCUSD",
        Terms(
            group="Crypto",
            description="Bitcoin vs US Dollar",
            calc_mode=CalcMode.CFD,
            currencies=("BTC", "USD", "USD"),
            contract=1.0,
            volumes=(0.01, 10.0, 0.01),
            margin_rate=0.2,
            sector=6,
        ),
        PriceModel("BTC", "USD", 2, spread=1500, spread_range=900),
        ALWAYS_OPEN,
    )


def _exchange_traded(now: int) -> Iterator[_Entry]:
    yield (
        "ACME",
        Terms(
            group="Stocks\\US",
            description="Acme Corporation",
            calc_mode=CalcMode.EXCH_STOCKS,
            currencies=("USD", "USD", "USD"),
            contract=1.0,
            execution=ExecutionMode.EXCHANGE,
            fillings=FillFlags.FOK | FillFlags.IOC | FillFlags.BOC,
            volumes=(1.0, 10_000.0, 1.0),
            margin_rate=0.2,
            depth=10,
            chart=ChartMode.LAST,
            sector=10,
            exchange="SIMEX",
        ),
        PriceModel(
            "ACME",
            "",
            2,
            spread=2,
            spread_range=3,
            ticks=24,
            pauses=0.15,
            trades=True,
            lot=10,
        ),
        OFFICE_HOURS,
    )
    yield (
        "US500F",
        Terms(
            group="Futures",
            description="US 500 Future",
            calc_mode=CalcMode.EXCH_FUTURES,
            currencies=("USD", "USD", "USD"),
            contract=5.0,
            tick_size=0.25,
            tick_value=1.25,
            execution=ExecutionMode.EXCHANGE,
            fillings=FillFlags.FOK | FillFlags.IOC | FillFlags.BOC,
            volumes=(1.0, 1000.0, 1.0),
            margin=1200.0,
            depth=10,
            chart=ChartMode.LAST,
            sector=14,
            exchange="SIMEX",
            expires=_expiry(now),
        ),
        PriceModel(
            "US500",
            "",
            2,
            tick=25,
            spread=25,
            spread_range=25,
            ticks=40,
            pauses=0.05,
            trades=True,
        ),
        NIGHT_BREAK,
    )


def _expiry(now: int) -> int:
    """The third Friday of a quarter's last month, at least a month ahead."""
    day = _EPOCH + timedelta(seconds=now // DAY_S * DAY_S) + timedelta(days=30)
    while not (day.month % 3 == 0 and day.weekday() == _FRIDAY and 15 <= day.day <= 21):
        day += timedelta(days=1)
    return (day - _EPOCH).days * DAY_S


def synthetic(count: int, *, always_open: bool = True) -> Catalogue:
    """Many symbols of one kind, for measuring; they are quoted once asked for.

    Args:
        count: how many.
        always_open: as for :func:`standard`.
    """
    hours = ALWAYS_OPEN if always_open else OFFICE_HOURS
    numbers = range(1, count + 1)
    assets = tuple(Asset(f"SYN{n:05}", 20.0 + n % 400, 0.015) for n in numbers)
    listed = (_share(n, asset.name, hours) for n, asset in enumerate(assets, 1))
    return Catalogue(assets, tuple(listed))


def _share(number: int, name: str, hours: Schedule) -> Listing:
    terms = Terms(
        group=f"Synthetic\\{(number - 1) // 500 + 1:02}",
        description=f"Synthetic Share {number}",
        calc_mode=CalcMode.CFD,
        currencies=("USD", "USD", "USD"),
        contract=1.0,
        volumes=(1.0, 10_000.0, 1.0),
        margin_rate=0.2,
        sector=1 + number % 12,
    )
    model = PriceModel(name, "", 2, spread=3, spread_range=4, ticks=12, pauses=0.1)
    made = listing(10_000 + number, name, terms, model, hours)
    return Listing(made.symbol, model, core=False)


def together(first: Catalogue, second: Catalogue) -> Catalogue:
    """The symbols of both, those of the first at the front of the list."""
    return Catalogue(first.assets + second.assets, first.listings + second.listings)
