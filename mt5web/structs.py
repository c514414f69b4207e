"""The eleven result types of the official package, field for field.

Times ending in `_msc` are milliseconds, the others seconds since 1970 on the trade
server's clock; volumes are lots, prices as quoted, money in the deposit currency,
unless a field says otherwise. Whatever has no value is 0, 0.0 or "".
"""

from __future__ import annotations

from typing import final

from .structseq import StructSequence

__all__ = [
    "AccountInfo",
    "BookInfo",
    "OrderCheckResult",
    "OrderSendResult",
    "SymbolInfo",
    "TerminalInfo",
    "Tick",
    "TradeDeal",
    "TradeOrder",
    "TradePosition",
    "TradeRequest",
]


@final
class TradePosition(StructSequence, doc="Trade position structure"):
    """An open position; `positions_get` lists them."""

    __slots__ = ()

    ticket: int
    time: int  #: opened
    time_msc: int
    time_update: int  #: changed last
    time_update_msc: int
    type: int  #: POSITION_TYPE_...
    magic: int  #: number of the program that opened it
    identifier: int  #: stays the same when the ticket changes
    reason: int  #: POSITION_REASON_...
    volume: float
    price_open: float
    sl: float
    tp: float
    price_current: float  #: at which it would be closed now
    swap: float
    profit: float  #: without swap and commission
    symbol: str
    comment: str
    external_id: str  #: ticket on an exchange


@final
class TradeOrder(StructSequence, doc="Trade order structure"):
    """A pending or historical order; `orders_get`, `history_orders_get` list them."""

    __slots__ = ()

    ticket: int
    time_setup: int
    time_setup_msc: int
    time_done: int  #: executed or cancelled; 0 while it waits
    time_done_msc: int
    time_expiration: int
    type: int  #: ORDER_TYPE_...
    type_time: int  #: ORDER_TIME_...
    type_filling: int  #: ORDER_FILLING_...
    state: int  #: ORDER_STATE_...
    magic: int  #: number of the program that placed it
    position_id: int  #: of the position that it opened or changed
    position_by_id: int  #: of the opposite position, for ORDER_TYPE_CLOSE_BY
    reason: int  #: ORDER_REASON_...
    volume_initial: float
    volume_current: float  #: not executed yet
    price_open: float
    sl: float
    tp: float
    price_current: float
    price_stoplimit: float  #: where a stop limit places its limit order
    symbol: str
    comment: str
    external_id: str  #: ticket on an exchange


@final
class TradeDeal(StructSequence, doc="Trade deal structure"):
    """An executed deal or a change of the balance; `history_deals_get` lists them."""

    __slots__ = ()

    ticket: int
    order: int  #: that was executed; 0 for changes of the balance
    time: int
    time_msc: int
    type: int  #: DEAL_TYPE_...
    entry: int  #: DEAL_ENTRY_...
    magic: int  #: number of the program whose order it was
    position_id: int  #: of the position that it opened, changed or closed
    reason: int  #: DEAL_REASON_...
    volume: float
    price: float
    commission: float
    swap: float
    profit: float  #: of the closed part; the amount, for changes of the balance
    fee: float
    symbol: str  #: "" for changes of the balance
    comment: str
    external_id: str  #: ticket on an exchange


@final
class TradeRequest(StructSequence, doc="Trade request structure"):
    """What was asked of the trade server: the echo in a result.

    It is not what `order_send` takes: that is a dict with these keys, or the keys as
    keyword arguments.
    """

    __slots__ = ()

    action: int  #: TRADE_ACTION_...
    magic: int
    order: int  #: ticket of the order to change or remove
    symbol: str
    volume: float
    price: float
    stoplimit: float
    sl: float
    tp: float
    deviation: int  #: accepted distance from the price, points
    type: int  #: ORDER_TYPE_...
    type_filling: int  #: ORDER_FILLING_...
    type_time: int  #: ORDER_TIME_...
    expiration: int  #: seconds
    comment: str
    position: int  #: ticket of the position to change or close
    position_by: int  #: ticket of the opposite position


@final
class OrderSendResult(StructSequence, doc="order_send result structure"):
    """What the trade server made of a request."""

    __slots__ = ()

    retcode: int  #: TRADE_RETCODE_...
    deal: int  #: ticket, when a deal was made
    order: int  #: ticket; of a new position too
    volume: float  #: executed
    price: float  #: executed at
    bid: float
    ask: float
    comment: str  #: of the broker, else the text of the retcode
    request_id: int
    retcode_external: int  #: code of an exchange
    request: TradeRequest


@final
class OrderCheckResult(StructSequence, doc="order_check result structure"):
    """What the account would look like after a request."""

    __slots__ = ()

    retcode: int  #: 0 when the request could be sent, else TRADE_RETCODE_...
    balance: float
    equity: float
    profit: float  #: floating
    margin: float
    margin_free: float
    margin_level: float  #: percent
    comment: str
    request: TradeRequest


@final
class Tick(StructSequence, doc="This is a structure for storing latest symbol prices"):
    """The latest prices of a symbol."""

    __slots__ = ()

    time: int
    bid: float
    ask: float
    last: float  #: price of the last deal
    volume: int  #: of the last deal, whole part
    time_msc: int
    flags: int  #: TICK_FLAG_... bits: what this tick changed
    volume_real: float  #: of the last deal


@final
class TerminalInfo(
    StructSequence, doc="This is a structure for storing terminal information"
):
    """The program that is connected; some fields only a desktop terminal has."""

    __slots__ = ()

    community_account: bool
    community_connection: bool
    connected: bool  #: to the trade server
    dlls_allowed: bool
    trade_allowed: bool  #: programs may trade
    tradeapi_disabled: bool
    email_enabled: bool
    ftp_enabled: bool
    notifications_enabled: bool
    mqid: bool
    build: int
    maxbars: int  #: most bars per request
    codepage: int
    ping_last: int  #: microseconds
    community_balance: float
    retransmission: float  #: percent
    company: str
    name: str
    language: str
    path: str
    data_path: str
    commondata_path: str


@final
class SymbolInfo(
    StructSequence, doc="This is a structure for storing symbol information"
):
    """A symbol: how it is traded, and what it costs now."""

    __slots__ = ()

    custom: bool
    chart_mode: int  #: SYMBOL_CHART_MODE_...
    select: bool  #: chosen in the Market Watch, or needed for a conversion
    visible: bool  #: shown in the Market Watch
    session_deals: int  #: number
    session_buy_orders: int  #: number
    session_sell_orders: int  #: number
    volume: int  #: of the last deal, whole part
    volumehigh: int
    volumelow: int
    time: int  #: of the last quote
    digits: int  #: behind the point of a price
    spread: int  #: points
    spread_float: bool
    ticks_bookdepth: int  #: rows of the depth of market; 0: none
    trade_calc_mode: int  #: SYMBOL_CALC_MODE_...
    trade_mode: int  #: SYMBOL_TRADE_MODE_...
    start_time: int  #: of trading
    expiration_time: int  #: of trading
    trade_stops_level: int  #: points
    trade_freeze_level: int  #: points
    trade_exemode: int  #: SYMBOL_TRADE_EXECUTION_...
    swap_mode: int  #: SYMBOL_SWAP_MODE_...
    swap_rollover3days: int  #: DAY_OF_WEEK_...
    margin_hedged_use_leg: bool  #: margin of the larger side only
    expiration_mode: int  #: bits: 1 GTC, 2 day, 4 specified, 8 specified day
    filling_mode: int  #: bits: 1 FOK, 2 IOC, 4 BOC
    #: bits: 1 market, 2 limit, 4 stop, 8 stop limit, 16 SL, 32 TP, 64 close by
    order_mode: int
    order_gtc_mode: int  #: SYMBOL_ORDERS_...
    option_mode: int  #: SYMBOL_OPTION_MODE_...
    option_right: int  #: SYMBOL_OPTION_RIGHT_...
    bid: float
    bidhigh: float  #: of the day, like all highs and lows
    bidlow: float
    ask: float
    askhigh: float
    asklow: float
    last: float
    lasthigh: float
    lastlow: float
    volume_real: float  #: of the last deal
    volumehigh_real: float
    volumelow_real: float
    option_strike: float
    point: float  #: 10 ** -digits
    trade_tick_value: float  #: the same as trade_tick_value_profit
    trade_tick_value_profit: float  #: money per tick size and lot, when winning
    trade_tick_value_loss: float  #: money per tick size and lot, when losing
    trade_tick_size: float  #: smallest price step
    trade_contract_size: float  #: units of one lot
    trade_accrued_interest: float
    trade_face_value: float
    trade_liquidity_rate: float
    volume_min: float
    volume_max: float
    volume_step: float
    volume_limit: float  #: most lots of positions and orders together; 0: none
    swap_long: float  #: unit: swap_mode
    swap_short: float
    margin_initial: float  #: margin currency, per lot
    margin_maintenance: float
    session_volume: float
    session_turnover: float
    session_interest: float
    session_buy_orders_volume: float
    session_sell_orders_volume: float
    session_open: float
    session_close: float
    session_aw: float  #: weighted average price
    session_price_settlement: float
    session_price_limit_min: float
    session_price_limit_max: float
    margin_hedged: float  #: margin or contract size of a hedged lot
    price_change: float  #: percent, since the last day's end
    price_volatility: float  #: percent
    price_theoretical: float
    price_greeks_delta: float
    price_greeks_theta: float
    price_greeks_gamma: float
    price_greeks_vega: float
    price_greeks_rho: float
    price_greeks_omega: float
    price_sensitivity: float
    basis: str  #: symbol that a derivative derives from
    category: str
    currency_base: str
    currency_profit: str
    currency_margin: str
    bank: str
    description: str
    exchange: str
    formula: str
    isin: str
    name: str
    page: str
    path: str  #: in the tree of symbols, with backslashes, its name last


@final
class AccountInfo(
    StructSequence, doc="This is a structure for storing account information"
):
    """The account that is logged in."""

    __slots__ = ()

    login: int
    trade_mode: int  #: ACCOUNT_TRADE_MODE_...
    leverage: int
    limit_orders: int  #: most pending orders; 0: no limit
    margin_so_mode: int  #: ACCOUNT_STOPOUT_MODE_...
    trade_allowed: bool
    trade_expert: bool  #: programs may trade
    margin_mode: int  #: ACCOUNT_MARGIN_MODE_...
    currency_digits: int
    fifo_close: bool  #: the oldest position has to be closed first
    balance: float
    credit: float
    profit: float  #: floating
    equity: float
    margin: float
    margin_free: float
    margin_level: float  #: percent
    margin_so_call: float  #: unit: margin_so_mode
    margin_so_so: float  #: unit: margin_so_mode
    margin_initial: float
    margin_maintenance: float
    assets: float
    liabilities: float
    commission_blocked: float
    name: str
    server: str
    currency: str  #: deposit currency
    company: str


@final
class BookInfo(
    StructSequence, doc="This is a structure for storing Depth of Market information"
):
    """One row of the depth of market."""

    __slots__ = ()

    type: int  #: BOOK_TYPE_...
    price: float
    volume: int  #: whole part
    volume_dbl: float
