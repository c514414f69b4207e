"""Symbols, quotes, bars and depth of market as they lie on the wire."""

from typing import Annotated, NamedTuple

from mt5web_async.protocol.wire import (
    Layout,
    f64,
    i32,
    i64,
    nested,
    rates7,
    rates8,
    raw,
    text8,
    text16,
    text32,
    text64,
    text128,
    text256,
    text512,
    u8,
    u16,
    u32,
    u64,
)


class Tick(NamedTuple):
    """Price changes of one symbol; pushed as a flat run (command 8)."""

    symbol_id: u32 = 0
    time: i32 = 0  # s, server time
    fields: u32 = 0  # TickFields: what is new
    bid: f64 = 0.0  # x 10**digits
    ask: f64 = 0.0  # x 10**digits
    last: f64 = 0.0  # x 10**digits
    volume: i64 = 0  # 1e-8 units
    time_ms: u32 = 0  # ms to add to time
    flags: u16 = 0  # 512: a delayed quote


TICK = Layout(Tick)


class Symbol(NamedTuple):
    """What the symbol list tells of a symbol (commands 6 and 34)."""

    name: text64 = ""
    description: text128 = ""
    digits: u32 = 0
    symbol_id: u32 = 0
    path: text256 = ""  # groups by backslash, then the name
    calc_mode: u32 = 0
    basis: text64 = ""
    sector: u16 = 0


SYMBOL = Layout(Symbol)


class TradeSettings(NamedTuple):
    """Trading conditions: of a symbol, or overrides that an account has for masks.

    In an override a field at its type's maximum is not set.
    """

    symbol_path: text256 = ""  # its path, or masks by comma
    spread_diff: i32 = 0
    spread_diff_balance: i32 = 0
    trade_mode: u32 = 0  # TradeMode
    stops_level: i32 = 0
    freeze_level: i32 = 0
    execution_mode: u32 = 0  # ExecutionMode
    fill_flags: u32 = 0  # FillFlags
    time_flags: u32 = 0  # TimeFlags
    order_flags: u32 = 0  # OrderFlags
    request_flags: u32 = 0
    request_timeout: u32 = 0  # s
    instant_flags: u32 = 0
    instant_timeout: u32 = 0  # s that a requote holds
    instant_slip_profit: u32 = 0
    instant_slip_losing: u32 = 0
    instant_volume: u64 = 0  # 1e-8 lots; 0: no limit
    instant_check_mode: u32 = 0
    market_flags: u32 = 0
    exchange_flags: u32 = 0
    volume_min: u64 = 0  # 1e-8 lots
    volume_max: u64 = 0
    volume_step: u64 = 0
    volume_limit: u64 = 0
    margin_flags: u32 = 0  # MarginFlags
    margin_initial: f64 = 0.0
    margin_maintenance: f64 = 0.0
    margin_rates_initial: rates8 = (0.0,) * 8  # by order type
    margin_rates_maintenance: rates8 = (0.0,) * 8  # by order type
    margin_rate_liquidity: f64 = 0.0
    margin_hedged: f64 = 0.0
    margin_rate_currency: f64 = 0.0
    swap_mode: u32 = 0  # SwapMode
    swap_long: f64 = 0.0
    swap_short: f64 = 0.0
    swap_rollover3days: i32 = 0  # 0 Sunday .. 6 Saturday, 7 never
    permissions_flags: u32 = 0  # 1: depth of market
    permissions_book_depth: u32 = 0
    swap_rates: rates7 = (0.0,) * 7  # Sunday first


TRADE_SETTINGS = Layout(TradeSettings)


class Session(NamedTuple):
    """Minutes since midnight; both 0 where the slot is unused."""

    open: u16 = 0
    close: u16 = 0


SESSION = Layout(Session)


class FullSymbol(NamedTuple):
    """Everything about one symbol (command 18, push 13)."""

    name: text64 = ""
    isin: text32 = ""
    description: text128 = ""
    international: text128 = ""
    basis: text64 = ""
    source: text64 = ""
    page: text512 = ""
    category: text128 = ""
    exchange: text128 = ""
    cfi: text16 = ""
    sector: u16 = 0
    industry: u16 = 0
    country: text8 = ""
    currency_base: text32 = ""
    currency_profit: text32 = ""
    currency_margin: text32 = ""
    currency_base_digits: u32 = 0
    currency_profit_digits: u32 = 0
    currency_margin_digits: u32 = 0
    color: u32 = 0
    color_background: u32 = 0
    digits: u32 = 0
    point: f64 = 0.0
    multiply: f64 = 0.0  # 10**digits
    symbol_id: u32 = 0
    ticks_flags: u32 = 0  # TicksFlags
    ticks_book_depth: u32 = 0
    chart_mode: u32 = 0  # ChartMode
    trade_flags: u32 = 0  # 1: profit at market rates
    spread: i32 = 0  # points; 0: floating
    spread_balance: i32 = 0
    tick_value: f64 = 0.0
    tick_size: f64 = 0.0
    contract_size: f64 = 0.0
    gtc_mode: u32 = 0
    calc_mode: u32 = 0
    price_settle: f64 = 0.0
    price_limit_min: f64 = 0.0
    price_limit_max: f64 = 0.0
    price_strike: f64 = 0.0
    option_mode: u32 = 0  # style * 2 + right
    face_value: f64 = 0.0
    accrued_interest: f64 = 0.0
    time_flags: u32 = 0  # unused; trade.time_flags counts
    time_start: i32 = 0
    time_expiration: i32 = 0
    trade: Annotated[TradeSettings, nested(TRADE_SETTINGS)] = TradeSettings()
    schedule: Annotated[bytes, raw(896)] = bytes(896)  # read_schedule()
    subscription_delay: u32 = 0
    subscription_status: u8 = 0  # 1 unsubscribed, 2 subscribed
    subscription_level: u8 = 0  # 0: delayed while status is 1, 2
    subscription_reserved: u16 = 0


FULL_SYMBOL = Layout(FullSymbol)


class Statistics(NamedTuple):
    """Session figures of one symbol (push 17); prices scaled by its digits."""

    symbol_id: u32 = 0
    fields: i64 = 0  # StatisticsFields: what is set
    time: i32 = 0
    digits: u32 = 0
    bid: f64 = 0.0  # x 10**digits, as all prices here
    bid_high: f64 = 0.0
    bid_low: f64 = 0.0
    ask: f64 = 0.0
    ask_high: f64 = 0.0
    ask_low: f64 = 0.0
    last: f64 = 0.0
    last_high: f64 = 0.0
    last_low: f64 = 0.0
    volume: i64 = 0  # 1e-8 units
    volume_high: i64 = 0
    volume_low: i64 = 0
    deals: u32 = 0
    deals_volume: u64 = 0
    turnover: u32 = 0
    interest: u32 = 0
    buy_orders: u32 = 0
    buy_volume: i64 = 0
    sell_orders: u32 = 0
    sell_volume: i64 = 0
    price_open: f64 = 0.0
    price_close: f64 = 0.0
    price_average: f64 = 0.0
    price_change: f64 = 0.0  # percent x 100
    price_volatility: f64 = 0.0  # x 1000
    price_theoretical: f64 = 0.0
    time_ms: i64 = 0
    delta: i64 = 0  # greeks x 100000
    theta: i64 = 0
    gamma: i64 = 0
    vega: i64 = 0
    rho: i64 = 0
    omega: i64 = 0
    sensitivity: i64 = 0
    flags: u16 = 0  # 1: delayed


STATISTICS = Layout(Statistics)


class SymbolGroup(NamedTuple):
    """The path of a group of symbols (command 9)."""

    name: text256 = ""


SYMBOL_GROUP = Layout(SymbolGroup)


class Bar(NamedTuple):
    """One bar, plain prices (command 11)."""

    time: i32 = 0
    open: f64 = 0.0  # plain price
    high: f64 = 0.0
    low: f64 = 0.0
    close: f64 = 0.0
    tick_volume: u32 = 0
    real_volume: f64 = 0.0  # sum of tick volumes / 1e8


BAR = Layout(Bar)


class BookHeader(NamedTuple):
    """Opens the changes to one symbol's depth of market (push 23)."""

    symbol_id: u32 = 0
    time: i32 = 0
    time_ms: i32 = 0
    flag_mask: u32 = 0
    flags: u32 = 0  # 2: clear the book first
    levels: u16 = 0  # level records that follow


BOOK_HEADER = Layout(BookHeader)


class BookLevel(NamedTuple):
    """A change of the volume at one price."""

    flag_mask: u32 = 0
    type: u8 = 0  # BookType; 0: clear the book here
    price: i64 = 0  # x 10**digits
    volume: i64 = 0  # difference, 1e-8 units; 0 removes


BOOK_LEVEL = Layout(BookLevel)


class SpreadHeader(NamedTuple):
    """A margin relief between futures (command 20); its legs follow."""

    spread_id: u32 = 0
    flag_mask: u32 = 0
    margin_initial: f64 = 0.0
    margin_maintenance: f64 = 0.0
    margin_type: u32 = 0


SPREAD_HEADER = Layout(SpreadHeader)


class SpreadLeg(NamedTuple):
    """One leg of a spread."""

    mode: u32 = 0  # 0 by name, 1 by basis
    flag_mask: u32 = 0
    symbol: text64 = ""
    time_from: u32 = 0
    time_to: u32 = 0
    ratio: f64 = 0.0


SPREAD_LEG = Layout(SpreadLeg)
