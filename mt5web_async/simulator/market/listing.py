"""Symbols as a broker sets them up: full records out of a few words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from mt5web_async.enums import (
    CalcMode,
    ChartMode,
    ExecutionMode,
    FillFlags,
    OrderFlags,
    SwapMode,
    TimeFlags,
    TradeMode,
)
from mt5web_async.protocol.records import FullSymbol, Session, Symbol, TradeSettings
from mt5web_async.protocol.responses import Schedule, write_schedule

from .quoting import PriceModel

LOT: Final = 100_000_000
"""One lot in the units that volumes have on the wire."""

ALL_ORDERS: Final = 127
ALL_TIMES: Final = (
    TimeFlags.GTC | TimeFlags.DAY | TimeFlags.SPECIFIED | TimeFlags.SPECIFIED_DAY
)
_WEDNESDAY: Final = 3
_WHOLE_DAY: Final = (Session(0, 1440),)

ALWAYS_OPEN: Final = Schedule((_WHOLE_DAY,) * 7, (_WHOLE_DAY,) * 7)
"""Open at any hour of every day."""

_WEEK: Final = ((), *(_WHOLE_DAY,) * 5, ())
_BREAK: Final = ((), *((Session(60, 1435),),) * 5, ())
_OFFICE: Final = ((), *((Session(990, 1380),),) * 5, ())

WEEKDAYS: Final = Schedule(_WEEK, _WEEK)
"""Monday 00:00 to Friday 24:00, as currencies are traded."""

NIGHT_BREAK: Final = Schedule(_BREAK, _BREAK)
"""Monday to Friday without an hour around midnight, as metals and indices are."""

OFFICE_HOURS: Final = Schedule(_OFFICE, _OFFICE)
"""Monday to Friday from 16:30 to 23:00, as an American exchange is open."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A symbol and how it is priced.

    Attributes:
        symbol: everything that clients are told about it.
        model: where its quotes come from.
        core: quoted from the start, not only once somebody asks for it.
    """

    symbol: FullSymbol
    model: PriceModel
    core: bool = True

    @property
    def short(self) -> Symbol:
        """What the symbol list tells of it."""
        symbol = self.symbol
        return Symbol(
            symbol.name,
            symbol.description,
            symbol.digits,
            symbol.symbol_id,
            symbol.trade.symbol_path,
            symbol.calc_mode,
            symbol.basis,
            symbol.sector,
        )

    @property
    def group(self) -> str:
        """The path of the group that holds it."""
        return self.symbol.trade.symbol_path.rpartition("\\")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What differs from one symbol to the next, in plain units.

    Attributes:
        group: path of the group.
        description: for people.
        calc_mode: how profit and margin are computed.
        currencies: base, profit and margin currency.
        contract: units of the underlying in a lot.
        tick_size: smallest price step; 0: one point.
        tick_value: its worth per lot, where `calc_mode` uses it.
        execution: how orders are executed.
        fillings: allowed filling policies.
        volumes: smallest, largest and step, lots.
        margin: fixed margin per lot; 0: computed from the price.
        margin_rate: share of the computed margin that is demanded.
        swaps: of long and short positions, points a day.
        depth: levels of the depth of market; 0: none.
        chart: price that makes the bars.
        sector: number of the economic sector.
        exchange: where it is traded.
        expires: s, server time; 0: never.
    """

    group: str
    description: str
    calc_mode: CalcMode = CalcMode.FOREX
    currencies: tuple[str, str, str]
    contract: float = 100_000.0
    tick_size: float = 0.0
    tick_value: float = 0.0
    execution: ExecutionMode = ExecutionMode.MARKET
    fillings: FillFlags = FillFlags.FOK | FillFlags.IOC
    volumes: tuple[float, float, float] = (0.01, 100.0, 0.01)
    margin: float = 0.0
    margin_rate: float = 1.0
    swaps: tuple[float, float] = (0.0, 0.0)
    depth: int = 0
    chart: ChartMode = ChartMode.BID
    sector: int = 5
    exchange: str = ""
    expires: int = 0


def listing(
    symbol_id: int, name: str, terms: Terms, model: PriceModel, schedule: Schedule
) -> Listing:
    """A symbol with these terms."""
    base, profit, margin = terms.currencies
    point = 1 / 10**model.digits
    symbol = FullSymbol(
        name=name,
        description=terms.description,
        exchange=terms.exchange,
        sector=terms.sector,
        currency_base=base,
        currency_profit=profit,
        currency_margin=margin,
        currency_base_digits=currency_digits(base),
        currency_profit_digits=currency_digits(profit),
        currency_margin_digits=currency_digits(margin),
        digits=model.digits,
        point=point,
        multiply=float(10**model.digits),
        symbol_id=symbol_id,
        ticks_book_depth=terms.depth,
        chart_mode=terms.chart,
        tick_value=terms.tick_value,
        tick_size=terms.tick_size or point,
        contract_size=terms.contract,
        calc_mode=terms.calc_mode,
        time_expiration=terms.expires,
        trade=_settings(f"{terms.group}\\{name}", terms),
        schedule=write_schedule(schedule),
    )
    return Listing(symbol, model)


def currency_digits(currency: str) -> int:
    """Decimals of an amount of this currency.

    Example:
        >>> currency_digits("USD"), currency_digits("JPY")
        (2, 0)
    """
    return 0 if currency == "JPY" else 2


def _settings(path: str, terms: Terms) -> TradeSettings:
    least, most, step = (round(lots * LOT) for lots in terms.volumes)
    long, short = terms.swaps
    rates = (terms.margin_rate, terms.margin_rate, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    return TradeSettings(
        symbol_path=path,
        trade_mode=TradeMode.FULL,
        execution_mode=terms.execution,
        fill_flags=terms.fillings,
        time_flags=ALL_TIMES,
        order_flags=OrderFlags(ALL_ORDERS),
        request_timeout=10,
        instant_timeout=7,
        volume_min=least,
        volume_max=most,
        volume_step=step,
        margin_initial=terms.margin,
        margin_rates_initial=rates,
        margin_rates_maintenance=rates,
        margin_hedged=terms.margin or terms.contract,
        swap_mode=SwapMode.POINTS if any(terms.swaps) else SwapMode.DISABLED,
        swap_long=long,
        swap_short=short,
        swap_rollover3days=_WEDNESDAY,
        permissions_flags=1,
        permissions_book_depth=terms.depth,
    )
