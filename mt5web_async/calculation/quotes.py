"""Quotes, and what ticks and session figures make of them (section 3).

A quote never changes: applying a record gives a new one. A symbol has two quotes, a
live and a delayed one; :func:`tick_delayed` and :func:`statistics_delayed` tell which
one a record belongs to.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from mt5web_async.enums import CalcMode, StatisticsFields, TickFields

from .plausible import LARGEST
from .rounding import normalize, scaled
from .spread import Prices, Pricing, adjusted, shifted_ask, shifted_bid
from .values import FullSymbol, Statistics, Tick

DELAYED_TICK: Final = 512
DELAYED_STATISTICS: Final = 1


class SessionFigures(NamedTuple):
    """What the server tells of the day of a symbol.

    Attributes:
        bid_high, bid_low, ask_high, ask_low: effective prices; raw where the shift
            would leave nothing of them.
        last_high, last_low, price_open, price_close, price_average: prices.
        volume_high, volume_low, buy_volume, sell_volume, deals_volume: 1e-8 units.
        price_volatility: percent.
    """

    bid_high: float = 0.0
    bid_low: float = 0.0
    ask_high: float = 0.0
    ask_low: float = 0.0
    last_high: float = 0.0
    last_low: float = 0.0
    volume_high: int = 0
    volume_low: int = 0
    buy_volume: int = 0
    sell_volume: int = 0
    buy_orders: int = 0
    sell_orders: int = 0
    deals: int = 0
    deals_volume: int = 0
    turnover: int = 0
    interest: int = 0
    price_open: float = 0.0
    price_close: float = 0.0
    price_average: float = 0.0
    price_volatility: float = 0.0
    price_theoretical: float = 0.0
    delta: float = 0.0
    theta: float = 0.0
    gamma: float = 0.0
    vega: float = 0.0
    rho: float = 0.0
    omega: float = 0.0
    sensitivity: float = 0.0


class Quote(NamedTuple):
    """The prices of one symbol at one moment; 0: not known.

    Attributes:
        bid, ask: effective prices, which everything is computed from.
        last: price of the last deal.
        volume: volume of the last deal, 1e-8 units.
        time_msc: server time of the newest record, ms.
        raw_bid, raw_ask: the prices as the server sent them.
        time_bidask_msc, time_last_msc: clocks of bid and ask and of last; 0: not set.
        changed: what the last record changed; empty: there is nothing to publish.
        price_change: percent from the close of the previous session.
        session: figures of the day.
    """

    bid: float = 0.0
    ask: float = 0.0
    last: float = 0.0
    volume: int = 0
    time_msc: int = 0
    raw_bid: float = 0.0
    raw_ask: float = 0.0
    time_bidask_msc: int = 0
    time_last_msc: int = 0
    changed: int = 0
    price_change: float = 0.0
    session: SessionFigures = SessionFigures()


def tick_delayed(tick: Tick) -> bool:
    """Whether a tick belongs to the delayed quote."""
    return bool(tick.flags & DELAYED_TICK)


def statistics_delayed(record: Statistics) -> bool:
    """Whether session figures belong to the delayed quote."""
    return bool(record.flags & DELAYED_STATISTICS)


_BID: Final = int(TickFields.BID)
_ASK: Final = int(TickFields.ASK)
_LAST: Final = int(TickFields.LAST)
_VOLUME: Final = int(TickFields.VOLUME)


def apply_tick(quote: Quote, tick: Tick, pricing: Pricing) -> Quote:
    """The quote after a tick (3.1).

    A record older than what it would change is dropped whole: bid and ask have a
    clock, last has its own, and equal times are in order. A price of 0 means no
    change; a volume of 0 is a volume. If the mark-up would cross bid and ask, the raw
    prices are noted, the effective ones stay, and nothing is to be published.

    Args:
        quote: the quote so far.
        tick: prices x `10**digits`.
        pricing: digits and mark-up of the symbol.
    """
    fields, digits = tick.fields, pricing.digits
    time_msc = 1000 * tick.time + tick.time_ms
    clock, last_clock = quote.time_bidask_msc, quote.time_last_msc
    if (fields & (_BID | _ASK) and time_msc < clock) or (
        fields & _LAST and time_msc < last_clock
    ):
        return quote._replace(changed=0)
    changed = fields & _VOLUME
    raw_bid, raw_ask, last = quote.raw_bid, quote.raw_ask, quote.last
    # what is no number fails every comparison
    if fields & _BID and tick.bid and -LARGEST < tick.bid < LARGEST:
        raw_bid, clock, changed = scaled(tick.bid, digits), time_msc, changed | _BID
    if fields & _ASK and tick.ask and -LARGEST < tick.ask < LARGEST:
        raw_ask, clock, changed = scaled(tick.ask, digits), time_msc, changed | _ASK
    if fields & _LAST and tick.last and -LARGEST < tick.last < LARGEST:
        last, last_clock, changed = scaled(tick.last, digits), time_msc, changed | _LAST
    bid, ask, change = quote.bid, quote.ask, quote.price_change
    if not pricing.diff:  # as below, at a third of the cost
        bid, ask = (raw_bid, raw_ask) if changed & (_BID | _ASK) else (bid, ask)
    elif changed & (_BID | _ASK):
        prices = adjusted(Prices(raw_bid, raw_ask), pricing)
        if prices is None:
            changed = 0
        else:
            bid, ask = prices
    if changed & _BID:
        change = percent(bid, quote.session.price_close, change)
    return Quote(
        bid,
        ask,
        last,
        tick.volume if fields & _VOLUME else quote.volume,
        time_msc,
        raw_bid,
        raw_ask,
        clock,
        last_clock,
        changed,
        change,
        quote.session,
    )


def percent(bid: float, close: float, before: float) -> float:
    """The change of the price since a close; as before while that is not known."""
    return normalize((bid - close) / close * 100, 2) if close else before


def apply_statistics(quote: Quote, record: Statistics, pricing: Pricing) -> Quote:
    """The quote after session figures (3.2).

    Every field that is marked is taken as it is, 0 too. Time never goes back. Highs
    and lows are shifted by the mark-up; bid and ask are adjusted as a pair.

    Args:
        quote: the quote so far.
        record: prices x `10**digits`.
        pricing: digits and mark-up of the symbol.
    """
    fields, digits = record.fields, pricing.digits
    taken = quote._replace(
        last=scaled(record.last, digits) if fields & _S.LAST else quote.last,
        volume=record.volume if fields & _S.VOLUME else quote.volume,
        time_msc=max(quote.time_msc, 1000 * record.time + record.time_ms),
        raw_bid=scaled(record.bid, digits) if fields & _S.BID else quote.raw_bid,
        raw_ask=scaled(record.ask, digits) if fields & _S.ASK else quote.raw_ask,
        changed=sum(flag for bit, flag in _PUBLISHED if fields & bit),
        price_change=(
            scaled(record.price_change, 2)
            if fields & _S.PRICE_CHANGE
            else quote.price_change
        ),
        session=_figures(quote.session, record, pricing),
    )
    if not taken.changed & (_BID | _ASK):
        return taken
    prices = adjusted(Prices(taken.raw_bid, taken.raw_ask), pricing)
    if prices is None:
        return taken._replace(changed=0)
    return taken._replace(bid=prices.bid, ask=prices.ask)


_S: Final = StatisticsFields
_PUBLISHED: Final = (
    (int(_S.BID), _BID),
    (int(_S.ASK), _ASK),
    (int(_S.LAST), _LAST),
    (int(_S.VOLUME), _VOLUME),
)


_PRICES: Final = ("last_high", "last_low", "price_open", "price_close")
_AVERAGES: Final = ("price_average", "price_theoretical")
_GREEKS: Final = ("delta", "theta", "gamma", "vega", "rho", "omega", "sensitivity")
_PLACES: Final[dict[str, int | None]] = {
    **dict.fromkeys(("bid_high", "bid_low", "ask_high", "ask_low"), None),
    **dict.fromkeys(_PRICES + _AVERAGES, None),
    "price_volatility": 3,
    **dict.fromkeys(_GREEKS, 5),
}
"""Decimal places of scaled figures; None: the symbol's digits."""

_FIGURES: Final = tuple(
    (int(StatisticsFields[name.upper()]), name) for name in SessionFigures._fields
)


def _figures(
    session: SessionFigures, record: Statistics, pricing: Pricing
) -> SessionFigures:
    fields = record.fields
    return SessionFigures._make(
        _figure(name, getattr(record, name), pricing) if fields & bit else before
        for (bit, name), before in zip(_FIGURES, session, strict=True)
    )


def _figure(name: str, value: float, pricing: Pricing) -> float:
    """A transmitted figure as it is meant, highs and lows with the mark-up."""
    if name not in _PLACES:
        return value
    places = _PLACES[name]
    raw = scaled(value, pricing.digits if places is None else places)
    if raw == 0:
        return raw
    if name in ("bid_high", "bid_low"):
        return _above_zero(shifted_bid(raw, pricing), raw)
    if name in ("ask_high", "ask_low"):
        return _above_zero(shifted_ask(raw, pricing), raw)
    return raw


def _above_zero(shifted: float, raw: float) -> float:
    return shifted if shifted > 0 else raw


def market_prices(symbol: FullSymbol, quote: Quote) -> Prices:
    """What positions and orders are valued at (3.4).

    Exchange instruments, calculation modes 32 to 39, have one price: last.
    """
    if CalcMode.EXCH_STOCKS <= symbol.calc_mode <= CalcMode.EXCH_BONDS_MOEX:
        return Prices(quote.last, quote.last)
    return Prices(quote.bid, quote.ask)
