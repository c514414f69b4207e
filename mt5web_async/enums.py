"""Numbers that the protocol and the trade server give a meaning to.

Values on the wire stay plain ints; compare them with these members. Names follow
MetaTrader's own, without the prefix.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag


class Side(IntEnum):
    """Direction of a position or of a trade deal."""

    BUY = 0
    SELL = 1


class OrderType(IntEnum):
    """ENUM_ORDER_TYPE."""

    BUY = 0
    SELL = 1
    BUY_LIMIT = 2
    SELL_LIMIT = 3
    BUY_STOP = 4
    SELL_STOP = 5
    BUY_STOP_LIMIT = 6
    SELL_STOP_LIMIT = 7
    CLOSE_BY = 8


class OrderState(IntEnum):
    """ENUM_ORDER_STATE."""

    STARTED = 0
    PLACED = 1
    CANCELED = 2
    PARTIAL = 3
    FILLED = 4
    REJECTED = 5
    EXPIRED = 6
    REQUEST_ADD = 7
    REQUEST_MODIFY = 8
    REQUEST_CANCEL = 9


class Filling(IntEnum):
    """ENUM_ORDER_TYPE_FILLING."""

    FOK = 0
    IOC = 1
    RETURN = 2
    BOC = 3


class OrderTime(IntEnum):
    """ENUM_ORDER_TYPE_TIME."""

    GTC = 0
    DAY = 1
    SPECIFIED = 2
    SPECIFIED_DAY = 3


class TradeAction(IntEnum):
    """What a trade request on the wire asks for."""

    PRICES = 0
    REQUEST = 1
    INSTANT = 2
    MARKET = 3
    EXCHANGE = 4
    PENDING = 5
    SLTP = 6
    MODIFY = 7
    REMOVE = 8
    TRANSFER = 9
    CLOSE_BY = 10


class TypeFlags(IntFlag):
    """`type_flags` of a trade request."""

    CLOSING = 1
    MARKET = 2
    EXPERT = 256
    SIGNAL = 512


class DealType(IntEnum):
    """ENUM_DEAL_TYPE, with what only servers write."""

    BUY = 0
    SELL = 1
    BALANCE = 2
    CREDIT = 3
    CHARGE = 4
    CORRECTION = 5
    BONUS = 6
    COMMISSION = 7
    COMMISSION_DAILY = 8
    COMMISSION_MONTHLY = 9
    COMMISSION_AGENT_DAILY = 10
    COMMISSION_AGENT_MONTHLY = 11
    INTEREST = 12
    BUY_CANCELED = 13
    SELL_CANCELED = 14
    DIVIDEND = 15
    DIVIDEND_FRANKED = 16
    TAX = 17
    COMMISSION_AGENT = 18
    STOP_OUT_COMPENSATION = 19
    STOP_OUT_COMPENSATION_CREDIT = 20


class DealEntry(IntEnum):
    """ENUM_DEAL_ENTRY."""

    IN = 0
    OUT = 1
    INOUT = 2
    OUT_BY = 3


class Reason(IntEnum):
    """Why an order, deal or position exists, as servers number it.

    The Python API numbers reasons differently: see `api_reason`.
    """

    CLIENT = 0
    EXPERT = 1
    DEALER = 2
    SL = 3
    TP = 4
    SO = 5
    ROLLOVER = 6
    EXTERNAL_CLIENT = 7
    VARIATION_MARGIN = 8
    GATEWAY = 9
    SIGNAL = 10
    SETTLEMENT = 11
    TRANSFER = 12
    SYNC = 13
    EXTERNAL_SERVICE = 14
    MIGRATION = 15
    MOBILE = 16
    WEB = 17
    SPLIT = 18
    CORPORATE_ACTION = 19


class ActivationMode(IntEnum):
    """What made an order do something without its owner."""

    NONE = 0
    PENDING = 1
    STOP_LIMIT = 2
    EXPIRATION = 3
    STOP_OUT = 4


class MarginMode(IntEnum):
    """ENUM_ACCOUNT_MARGIN_MODE; any other number is handled as netting."""

    NETTING = 0
    EXCHANGE = 1
    HEDGING = 2


class StopOutMode(IntEnum):
    """ENUM_ACCOUNT_STOPOUT_MODE."""

    PERCENT = 0
    MONEY = 1


class AccountType(IntEnum):
    """Kind of account on the wire; the Python API numbers it differently."""

    REAL = 0
    DEMO = 1
    CONTEST = 2
    PRELIMINARY = 3


class Rights(IntFlag):
    """`rights` of the account record: the user's rights."""

    ENABLED = 1
    PASSWORD = 2
    TRADE_DISABLED = 4
    INVESTOR = 8
    TRAILING = 32
    EXPERT = 64
    REPORTS = 256
    READ_ONLY = 512
    RESET_PASSWORD = 1024


class GroupFlags(IntFlag):
    """`trade_flags` behind the account record: the group's permissions."""

    SWAPS = 1
    TRAILING = 2
    EXPERTS = 4
    EXPIRATION = 8
    SO_COMPENSATION = 64
    SO_FULLY_HEDGED = 128
    FIFO_CLOSE = 256
    HEDGE_PROHIBIT = 512


class CalcMode(IntEnum):
    """ENUM_SYMBOL_CALC_MODE, with the two that the Python package has no name for."""

    FOREX = 0
    FUTURES = 1
    CFD = 2
    CFD_INDEX = 3
    CFD_LEVERAGE = 4
    FOREX_NO_LEVERAGE = 5
    EXCH_STOCKS = 32
    EXCH_FUTURES = 33
    EXCH_FUTURES_FORTS = 34
    EXCH_OPTIONS = 35
    EXCH_OPTIONS_MARGIN = 36
    EXCH_BONDS = 37
    EXCH_STOCKS_MOEX = 38
    EXCH_BONDS_MOEX = 39
    SERV_COLLATERAL = 64


class TradeMode(IntEnum):
    """ENUM_SYMBOL_TRADE_MODE."""

    DISABLED = 0
    LONG_ONLY = 1
    SHORT_ONLY = 2
    CLOSE_ONLY = 3
    FULL = 4


class ExecutionMode(IntEnum):
    """ENUM_SYMBOL_TRADE_EXECUTION."""

    REQUEST = 0
    INSTANT = 1
    MARKET = 2
    EXCHANGE = 3


class FillFlags(IntFlag):
    """Fillings that a symbol allows."""

    FOK = 1
    IOC = 2
    BOC = 4


class TimeFlags(IntFlag):
    """Expiries that a symbol allows."""

    GTC = 1
    DAY = 2
    SPECIFIED = 4
    SPECIFIED_DAY = 8


class OrderFlags(IntFlag):
    """Orders that a symbol allows."""

    MARKET = 1
    LIMIT = 2
    STOP = 4
    STOP_LIMIT = 8
    SL = 16
    TP = 32
    CLOSE_BY = 64


class MarginFlags(IntFlag):
    """`margin_flags` of trade settings."""

    LARGER_LEG = 4
    EXCLUDE_LONG_PROFIT = 8


class TicksFlags(IntFlag):
    """`ticks_flags` of a full symbol."""

    NEGATIVE_PRICES = 8


class ChartMode(IntEnum):
    """Which price makes a symbol's bars."""

    BID = 0
    LAST = 1
    DEFAULT = 255


class SwapMode(IntEnum):
    """ENUM_SYMBOL_SWAP_MODE."""

    DISABLED = 0
    POINTS = 1
    CURRENCY_SYMBOL = 2
    CURRENCY_MARGIN = 3
    CURRENCY_DEPOSIT = 4
    INTEREST_CURRENT = 5
    INTEREST_OPEN = 6
    REOPEN_CURRENT = 7
    REOPEN_BID = 8
    CURRENCY_PROFIT = 9


class GtcMode(IntEnum):
    """ENUM_SYMBOL_ORDER_GTC_MODE."""

    GTC = 0
    DAILY = 1
    DAILY_NO_STOPS = 2


class BookType(IntEnum):
    """ENUM_BOOK_TYPE; RESET clears the book where it stands in the list."""

    RESET = 0
    SELL = 1
    BUY = 2
    SELL_MARKET = 3
    BUY_MARKET = 4


class TickFields(IntFlag):
    """`fields` of a tick: the values that are new."""

    BID = 1
    ASK = 2
    LAST = 4
    VOLUME = 8


class StatisticsFields(IntFlag):
    """`fields` of statistics: the values that are set."""

    BID = 1 << 0
    BID_HIGH = 1 << 1
    BID_LOW = 1 << 2
    ASK = 1 << 3
    ASK_HIGH = 1 << 4
    ASK_LOW = 1 << 5
    LAST = 1 << 6
    LAST_HIGH = 1 << 7
    LAST_LOW = 1 << 8
    VOLUME = 1 << 9
    VOLUME_HIGH = 1 << 10
    VOLUME_LOW = 1 << 11
    BUY_VOLUME = 1 << 12
    SELL_VOLUME = 1 << 13
    BUY_ORDERS = 1 << 14
    SELL_ORDERS = 1 << 15
    DEALS = 1 << 16
    DEALS_VOLUME = 1 << 17
    TURNOVER = 1 << 18
    INTEREST = 1 << 19
    PRICE_OPEN = 1 << 20
    PRICE_CLOSE = 1 << 21
    PRICE_AVERAGE = 1 << 22
    PRICE_CHANGE = 1 << 23
    PRICE_VOLATILITY = 1 << 24
    PRICE_THEORETICAL = 1 << 25
    DELTA = 1 << 34
    THETA = 1 << 35
    GAMMA = 1 << 36
    VEGA = 1 << 37
    RHO = 1 << 38
    OMEGA = 1 << 39
    SENSITIVITY = 1 << 40


class TransactionKind(IntEnum):
    """What the records of one transaction push are."""

    ORDER = 0
    HISTORY_ORDER = 1
    DEAL = 2


class TransactionType(IntEnum):
    """What happened to the record of a transaction."""

    ADD = 0
    UPDATE = 1
    DELETE = 2


class Period(IntEnum):
    """The nine timeframes that servers keep bars of."""

    M1 = 1
    M5 = 5
    M15 = 15
    M30 = 30
    H1 = 16385
    H4 = 16388
    D1 = 16408
    W1 = 32769
    MN1 = 49153


class Retcode(IntEnum):
    """Result codes of trade requests."""

    REQUOTE = 10004
    PRICES = 10005
    REJECT = 10006
    CANCEL = 10007
    PLACED = 10008
    DONE = 10009
    DONE_PARTIAL = 10010
    ERROR = 10011
    TIMEOUT = 10012
    INVALID = 10013
    INVALID_VOLUME = 10014
    INVALID_PRICE = 10015
    INVALID_STOPS = 10016
    TRADE_DISABLED = 10017
    MARKET_CLOSED = 10018
    NO_MONEY = 10019
    PRICE_CHANGED = 10020
    PRICE_OFF = 10021
    INVALID_EXPIRATION = 10022
    ORDER_CHANGED = 10023
    TOO_MANY_REQUESTS = 10024
    NO_CHANGES = 10025
    SERVER_DISABLES_AT = 10026
    CLIENT_DISABLES_AT = 10027
    LOCKED = 10028
    FROZEN = 10029
    INVALID_FILL = 10030
    CONNECTION = 10031
    ONLY_REAL = 10032
    LIMIT_ORDERS = 10033
    LIMIT_VOLUME = 10034
    INVALID_ORDER = 10035
    POSITION_CLOSED = 10036
    INVALID_CLOSE_VOLUME = 10038
    CLOSE_ORDER_EXIST = 10039
    LIMIT_POSITIONS = 10040
    REJECT_CANCEL = 10041
    LONG_ONLY = 10042
    SHORT_ONLY = 10043
    CLOSE_ONLY = 10044
    FIFO_CLOSE = 10045
    HEDGE_PROHIBITED = 10046
    DONE_PARTIAL_CANCELED = 11001


RETCODE_TEXTS: dict[int, str] = {
    Retcode.REQUOTE: "Requote",
    Retcode.REJECT: "Request rejected",
    Retcode.CANCEL: "Request canceled by trader",
    Retcode.PLACED: "Order placed",
    Retcode.DONE: "Request executed",
    Retcode.DONE_PARTIAL: "Request executed partially",
    Retcode.ERROR: "Request processing error",
    Retcode.TIMEOUT: "Request canceled by timeout",
    Retcode.INVALID: "Invalid request",
    Retcode.INVALID_VOLUME: "Invalid volume",
    Retcode.INVALID_PRICE: "Invalid price",
    Retcode.INVALID_STOPS: "Invalid stops",
    Retcode.TRADE_DISABLED: "Trade disabled",
    Retcode.MARKET_CLOSED: "Market closed",
    Retcode.NO_MONEY: "No money",
    Retcode.PRICE_CHANGED: "Prices changed",
    Retcode.PRICE_OFF: "No prices",
    Retcode.INVALID_EXPIRATION: "Invalid expiration",
    Retcode.ORDER_CHANGED: "Order changed",
    Retcode.TOO_MANY_REQUESTS: "Too many requests",
    Retcode.NO_CHANGES: "No changes",
    Retcode.SERVER_DISABLES_AT: "AutoTrading disabled by server",
    Retcode.CLIENT_DISABLES_AT: "AutoTrading disabled by client",
    Retcode.LOCKED: "Request locked for processing",
    Retcode.FROZEN: "Order or position frozen",
    Retcode.INVALID_FILL: "Unsupported filling mode",
    Retcode.CONNECTION: "No connection with trade server",
    Retcode.ONLY_REAL: "Only for real accounts",
    Retcode.LIMIT_ORDERS: "Orders limit reached",
    Retcode.LIMIT_VOLUME: "Volume limit reached",
    Retcode.INVALID_ORDER: "Invalid or prohibited order",
    Retcode.POSITION_CLOSED: "Position doesn't exist",
    Retcode.INVALID_CLOSE_VOLUME: "Close volume exceeds position",
    Retcode.CLOSE_ORDER_EXIST: "Close order already exists",
    Retcode.LIMIT_POSITIONS: "Positions limit reached",
    Retcode.REJECT_CANCEL: "Rejected, order canceled",
    Retcode.LONG_ONLY: "Only long positions allowed",
    Retcode.SHORT_ONLY: "Only short positions allowed",
    Retcode.CLOSE_ONLY: "Only position closing allowed",
    Retcode.FIFO_CLOSE: "Closing only by FIFO rule",
    Retcode.HEDGE_PROHIBITED: "Opposite positions prohibited",
    Retcode.DONE_PARTIAL_CANCELED: "Request executed partially",
}
"""The text of a code where the server sends none; at most 31 characters."""
