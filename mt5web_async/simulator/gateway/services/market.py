"""Symbols, subscriptions and bars."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

import numpy as np

from mt5web_async.enums import Period
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.records import (
    BAR,
    FULL_SYMBOL,
    RATES_REQUEST,
    SYMBOL,
    SYMBOL_GROUP,
    RatesRequest,
    SymbolGroup,
)
from mt5web_async.protocol.requests import read_ids
from mt5web_async.protocol.responses import pack_symbols
from mt5web_async.simulator.broker import Broker
from mt5web_async.simulator.clients.session import Reply
from mt5web_async.simulator.clock import MS
from mt5web_async.simulator.gateway.aside import aside
from mt5web_async.simulator.market.instrument import Instrument
from mt5web_async.simulator.market.periods import Bars, period_start, seconds

from .service import ERROR, Context, Service

_GREETED_AT_ONCE: Final = 50
_GREETED_TOGETHER: Final = 10


def symbols(context: Context, _: bytes) -> Reply:
    """Command 6: the symbol list."""
    listings = context.broker.catalogue.listings
    return Reply(SYMBOL.write_counted(one.short for one in listings))


def packed_symbols(context: Context, payload: bytes) -> Reply:
    """Command 34: the symbol list, packed."""
    return Reply(pack_symbols(symbols(context, payload).payload))


def groups(context: Context, _: bytes) -> Reply:
    """Command 9: the groups of symbols."""
    names = context.broker.catalogue.groups
    return Reply(SYMBOL_GROUP.write_counted(SymbolGroup(name) for name in names))


def full_symbols(context: Context, payload: bytes) -> Reply:
    """Command 18: everything about some symbols; unknown ones are left out."""
    wanted = read_ids(payload)
    if len(wanted) > context.broker.config.limits.symbols:
        return ERROR
    found = (context.broker.symbol_of(symbol_id) for symbol_id in wanted)
    return Reply(FULL_SYMBOL.write_counted(one for one in found if one is not None))


def spreads(_context: Context, _: bytes) -> Reply:
    """Command 20: there are no margin reliefs between futures."""
    return Reply()


def subscribe_quotes(context: Context, payload: bytes) -> None:
    """Command 7: from now on, ticks of these symbols and no others."""
    broker, session = context.broker, context.session
    wanted = read_ids(payload)
    now = broker.now
    session.answer(Command.SUBSCRIBE_TICKS, Reply())
    broker.desk.subscribe_quotes(session, wanted)
    broker.desk.greet(session, _GREETED_AT_ONCE, now)
    if session.newcomers:
        asyncio.get_running_loop().call_soon(_greet_some, context)


def _greet_some(context: Context) -> None:
    """Greet many newcomers without holding up all else."""
    session = context.session
    context.broker.desk.greet(session, _GREETED_TOGETHER, context.broker.now)
    if session.newcomers:
        asyncio.get_running_loop().call_soon(_greet_some, context)


def subscribe_books(context: Context, payload: bytes) -> None:
    """Command 22: from now on, the depth of these symbols and no others."""
    broker, session = context.broker, context.session
    wanted = read_ids(payload)
    now = broker.now
    session.answer(Command.SUBSCRIBE_BOOK, Reply())
    broker.desk.subscribe_books(session, wanted, now)


async def rates(context: Context, payload: bytes) -> Reply:
    """Command 11: bars; years back are put together beside all else."""
    request = RATES_REQUEST.read(payload)
    broker = context.broker
    if request.period not in Period.__members__.values():
        return ERROR
    if not broker.knows(request.symbol):
        return ERROR
    bars = await _newest(broker, request, broker.config.limits.bars)
    return Reply(_encoded(bars, broker.wake(request.symbol)))


async def _newest(broker: Broker, request: RatesRequest, most: int) -> Bars:
    """The newest bars of those asked for, without making many that are left out."""
    chart, period = broker.wake(request.symbol).chart, Period(request.period)
    first = max(request.from_, period_start(period, broker.config.history_from))
    end = min(request.to, broker.now // MS)
    reach = (most + 1) * seconds(period)
    while True:
        start = max(first, end - reach)
        past = await aside(None, chart.past, period, start, end, broker.now)
        bars = chart.finished(past, period, start, end, broker.now)
        if start == first or len(bars) >= most:
            return bars.where(slice(-most, None))
        reach *= 2


def _encoded(bars: Bars, instrument: Instrument) -> bytes:
    rows = np.empty(len(bars), BAR.dtype)
    rows["time"] = bars.time
    for name in ("open", "high", "low", "close"):
        rows[name] = getattr(bars, name) / instrument.scale
    rows["tick_volume"] = bars.ticks
    rows["real_volume"] = bars.volume
    return rows.tobytes()


MARKET: Final[Mapping[int, Service]] = {
    Command.SYMBOLS: Service(symbols),
    Command.PACKED_SYMBOLS: Service(packed_symbols),
    Command.SYMBOL_GROUPS: Service(groups),
    Command.FULL_SYMBOLS: Service(full_symbols),
    Command.SPREADS: Service(spreads),
    Command.SUBSCRIBE_TICKS: Service(subscribe_quotes),
    Command.SUBSCRIBE_BOOK: Service(subscribe_books),
    Command.RATES: Service(rates),
}
"""Services of the market."""
