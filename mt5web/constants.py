"""The official constants: plain ints, under the official names.

They stay plain ints, as in the original: programs compare them with literals, write
them to JSON and build enums of their own from whole families of names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

# Periods of a bar: minutes, or a flag with hours (0x4000), weeks (0x8000), months.
TIMEFRAME_M1: Final[int] = 1
TIMEFRAME_M2: Final[int] = 2
TIMEFRAME_M3: Final[int] = 3
TIMEFRAME_M4: Final[int] = 4
TIMEFRAME_M5: Final[int] = 5
TIMEFRAME_M6: Final[int] = 6
TIMEFRAME_M10: Final[int] = 10
TIMEFRAME_M12: Final[int] = 12
TIMEFRAME_M15: Final[int] = 15
TIMEFRAME_M20: Final[int] = 20
TIMEFRAME_M30: Final[int] = 30
TIMEFRAME_H1: Final[int] = 16385
TIMEFRAME_H2: Final[int] = 16386
TIMEFRAME_H4: Final[int] = 16388
TIMEFRAME_H3: Final[int] = 16387
TIMEFRAME_H6: Final[int] = 16390
TIMEFRAME_H8: Final[int] = 16392
TIMEFRAME_H12: Final[int] = 16396
TIMEFRAME_D1: Final[int] = 16408
TIMEFRAME_W1: Final[int] = 32769
TIMEFRAME_MN1: Final[int] = 49153

# Which ticks `copy_ticks_from` and `copy_ticks_range` return.
COPY_TICKS_ALL: Final[int] = -1  #: every tick
COPY_TICKS_INFO: Final[int] = 1  #: changes of bid or ask
COPY_TICKS_TRADE: Final[int] = 2  #: changes of last price or volume

# Bits of a tick's `flags`: what the tick changed.
TICK_FLAG_BID: Final[int] = 2  #: bid
TICK_FLAG_ASK: Final[int] = 4  #: ask
TICK_FLAG_LAST: Final[int] = 8  #: price of the last deal
TICK_FLAG_VOLUME: Final[int] = 16  #: volume of the last deal
TICK_FLAG_BUY: Final[int] = 32  #: the last deal was a buy
TICK_FLAG_SELL: Final[int] = 64  #: the last deal was a sell

# Direction of a position (`TradePosition.type`).
POSITION_TYPE_BUY: Final[int] = 0
POSITION_TYPE_SELL: Final[int] = 1

# What opened a position (`TradePosition.reason`).
POSITION_REASON_CLIENT: Final[int] = 0  #: by hand, in a desktop terminal
POSITION_REASON_MOBILE: Final[int] = 1  #: by hand, in a mobile terminal
POSITION_REASON_WEB: Final[int] = 2  #: by hand, in the web terminal
POSITION_REASON_EXPERT: Final[int] = 3  #: by a program

# Kind of an order (`TradeOrder.type`, `TradeRequest.type`).
ORDER_TYPE_BUY: Final[int] = 0  #: at the market
ORDER_TYPE_SELL: Final[int] = 1  #: at the market
ORDER_TYPE_BUY_LIMIT: Final[int] = 2  #: pending, below the ask
ORDER_TYPE_SELL_LIMIT: Final[int] = 3  #: pending, above the bid
ORDER_TYPE_BUY_STOP: Final[int] = 4  #: pending, above the ask
ORDER_TYPE_SELL_STOP: Final[int] = 5  #: pending, below the bid
#: places a buy limit at `stoplimit` once `price` is reached
ORDER_TYPE_BUY_STOP_LIMIT: Final[int] = 6
#: places a sell limit at `stoplimit` once `price` is reached
ORDER_TYPE_SELL_STOP_LIMIT: Final[int] = 7
ORDER_TYPE_CLOSE_BY: Final[int] = 8  #: closes a position by an opposite one

# What became of an order so far (`TradeOrder.state`).
ORDER_STATE_STARTED: Final[int] = 0  #: checked, not yet with the broker
ORDER_STATE_PLACED: Final[int] = 1  #: waiting
ORDER_STATE_CANCELED: Final[int] = 2  #: withdrawn by the client
ORDER_STATE_PARTIAL: Final[int] = 3  #: executed in part
ORDER_STATE_FILLED: Final[int] = 4  #: executed
ORDER_STATE_REJECTED: Final[int] = 5  #: refused
ORDER_STATE_EXPIRED: Final[int] = 6  #: its time was over
ORDER_STATE_REQUEST_ADD: Final[int] = 7  #: being placed
ORDER_STATE_REQUEST_MODIFY: Final[int] = 8  #: being changed
ORDER_STATE_REQUEST_CANCEL: Final[int] = 9  #: being withdrawn

# What may happen when the volume is not there at once (`type_filling`).
ORDER_FILLING_FOK: Final[int] = 0  #: the whole volume or nothing
ORDER_FILLING_IOC: Final[int] = 1  #: what is there; the rest is cancelled
ORDER_FILLING_RETURN: Final[int] = 2  #: what is there; the rest stays as an order
#: only into the book: refused where it would be executed at once
ORDER_FILLING_BOC: Final[int] = 3

# How long an order waits (`type_time`).
ORDER_TIME_GTC: Final[int] = 0  #: until cancelled
ORDER_TIME_DAY: Final[int] = 1  #: to the end of the trading day
ORDER_TIME_SPECIFIED: Final[int] = 2  #: to the second given in `expiration`
ORDER_TIME_SPECIFIED_DAY: Final[int] = 3  #: to the end of the day given in `expiration`

# What placed an order (`TradeOrder.reason`).
ORDER_REASON_CLIENT: Final[int] = 0  #: by hand, in a desktop terminal
ORDER_REASON_MOBILE: Final[int] = 1  #: by hand, in a mobile terminal
ORDER_REASON_WEB: Final[int] = 2  #: by hand, in the web terminal
ORDER_REASON_EXPERT: Final[int] = 3  #: by a program
ORDER_REASON_SL: Final[int] = 4  #: a stop loss was reached
ORDER_REASON_TP: Final[int] = 5  #: a take profit was reached
ORDER_REASON_SO: Final[int] = 6  #: a stop out

# Kind of a deal (`TradeDeal.type`): trades, and changes of the balance.
DEAL_TYPE_BUY: Final[int] = 0
DEAL_TYPE_SELL: Final[int] = 1
DEAL_TYPE_BALANCE: Final[int] = 2  #: deposit or withdrawal
DEAL_TYPE_CREDIT: Final[int] = 3  #: credit given or taken back
DEAL_TYPE_CHARGE: Final[int] = 4  #: fee
DEAL_TYPE_CORRECTION: Final[int] = 5  #: correction by the broker
DEAL_TYPE_BONUS: Final[int] = 6  #: bonus
DEAL_TYPE_COMMISSION: Final[int] = 7  #: commission
DEAL_TYPE_COMMISSION_DAILY: Final[int] = 8  #: commission, charged per day
DEAL_TYPE_COMMISSION_MONTHLY: Final[int] = 9  #: commission, charged per month
DEAL_TYPE_COMMISSION_AGENT_DAILY: Final[int] = 10  #: agent's commission, per day
DEAL_TYPE_COMMISSION_AGENT_MONTHLY: Final[int] = 11  #: agent's commission, per month
DEAL_TYPE_INTEREST: Final[int] = 12  #: interest on free money
DEAL_TYPE_BUY_CANCELED: Final[int] = 13  #: a buy that the broker took back
DEAL_TYPE_SELL_CANCELED: Final[int] = 14  #: a sell that the broker took back
DEAL_DIVIDEND: Final[int] = 15  #: dividend
DEAL_DIVIDEND_FRANKED: Final[int] = 16  #: dividend that the company has taxed already
DEAL_TAX: Final[int] = 17  #: tax

# What a deal does to the position (`TradeDeal.entry`).
DEAL_ENTRY_IN: Final[int] = 0  #: opens or enlarges
DEAL_ENTRY_OUT: Final[int] = 1  #: closes or reduces
DEAL_ENTRY_INOUT: Final[int] = 2  #: reverses
DEAL_ENTRY_OUT_BY: Final[int] = 3  #: closes by an opposite position

# What caused a deal (`TradeDeal.reason`).
DEAL_REASON_CLIENT: Final[int] = 0  #: by hand, in a desktop terminal
DEAL_REASON_MOBILE: Final[int] = 1  #: by hand, in a mobile terminal
DEAL_REASON_WEB: Final[int] = 2  #: by hand, in the web terminal
DEAL_REASON_EXPERT: Final[int] = 3  #: by a program
DEAL_REASON_SL: Final[int] = 4  #: a stop loss was reached
DEAL_REASON_TP: Final[int] = 5  #: a take profit was reached
DEAL_REASON_SO: Final[int] = 6  #: a stop out
DEAL_REASON_ROLLOVER: Final[int] = 7  #: reopened overnight
DEAL_REASON_VMARGIN: Final[int] = 8  #: variation margin
DEAL_REASON_SPLIT: Final[int] = 9  #: the symbol was split

# What a trade request asks for (`TradeRequest.action`).
TRADE_ACTION_DEAL: Final[int] = 1  #: a deal at the market
TRADE_ACTION_PENDING: Final[int] = 5  #: a pending order
TRADE_ACTION_SLTP: Final[int] = 6  #: other stops for a position
TRADE_ACTION_MODIFY: Final[int] = 7  #: other values for a pending order
TRADE_ACTION_REMOVE: Final[int] = 8  #: withdraw a pending order
TRADE_ACTION_CLOSE_BY: Final[int] = 10  #: close a position by an opposite one

# The price that makes the bars of a symbol (`SymbolInfo.chart_mode`).
SYMBOL_CHART_MODE_BID: Final[int] = 0
SYMBOL_CHART_MODE_LAST: Final[int] = 1

# How margin and profit are calculated (`SymbolInfo.trade_calc_mode`).
SYMBOL_CALC_MODE_FOREX: Final[int] = 0  #: currency pairs with leverage
SYMBOL_CALC_MODE_FUTURES: Final[int] = 1  #: fixed margin per lot
SYMBOL_CALC_MODE_CFD: Final[int] = 2  #: margin of the full price
SYMBOL_CALC_MODE_CFDINDEX: Final[int] = 3  #: priced by tick value
SYMBOL_CALC_MODE_CFDLEVERAGE: Final[int] = 4  #: CFD with leverage
SYMBOL_CALC_MODE_FOREX_NO_LEVERAGE: Final[int] = 5  #: currency pairs without leverage
SYMBOL_CALC_MODE_EXCH_STOCKS: Final[int] = 32
SYMBOL_CALC_MODE_EXCH_FUTURES: Final[int] = 33
SYMBOL_CALC_MODE_EXCH_OPTIONS: Final[int] = 34
SYMBOL_CALC_MODE_EXCH_OPTIONS_MARGIN: Final[int] = 36
SYMBOL_CALC_MODE_EXCH_BONDS: Final[int] = 37
SYMBOL_CALC_MODE_EXCH_STOCKS_MOEX: Final[int] = 38
SYMBOL_CALC_MODE_EXCH_BONDS_MOEX: Final[int] = 39
#: an asset that only backs the margin
SYMBOL_CALC_MODE_SERV_COLLATERAL: Final[int] = 64

# Which trades a symbol allows (`SymbolInfo.trade_mode`).
SYMBOL_TRADE_MODE_DISABLED: Final[int] = 0  #: none
SYMBOL_TRADE_MODE_LONGONLY: Final[int] = 1  #: buying
SYMBOL_TRADE_MODE_SHORTONLY: Final[int] = 2  #: selling
SYMBOL_TRADE_MODE_CLOSEONLY: Final[int] = 3  #: closing
SYMBOL_TRADE_MODE_FULL: Final[int] = 4  #: all

# How deals in a symbol are executed (`SymbolInfo.trade_exemode`).
SYMBOL_TRADE_EXECUTION_REQUEST: Final[int] = 0  #: at a price asked for first
#: at the price of the request, or a requote
SYMBOL_TRADE_EXECUTION_INSTANT: Final[int] = 1
SYMBOL_TRADE_EXECUTION_MARKET: Final[int] = 2  #: at the price the broker finds
SYMBOL_TRADE_EXECUTION_EXCHANGE: Final[int] = 3  #: on an exchange

# Unit of `swap_long` and `swap_short` (`SymbolInfo.swap_mode`).
SYMBOL_SWAP_MODE_DISABLED: Final[int] = 0
SYMBOL_SWAP_MODE_POINTS: Final[int] = 1  #: points
SYMBOL_SWAP_MODE_CURRENCY_SYMBOL: Final[int] = 2  #: money, base currency
SYMBOL_SWAP_MODE_CURRENCY_MARGIN: Final[int] = 3  #: money, margin currency
SYMBOL_SWAP_MODE_CURRENCY_DEPOSIT: Final[int] = 4  #: money, deposit currency
#: percent a year of the current price
SYMBOL_SWAP_MODE_INTEREST_CURRENT: Final[int] = 5
SYMBOL_SWAP_MODE_INTEREST_OPEN: Final[int] = 6  #: percent a year of the open price
#: reopened at the close price, in points
SYMBOL_SWAP_MODE_REOPEN_CURRENT: Final[int] = 7
SYMBOL_SWAP_MODE_REOPEN_BID: Final[int] = 8  #: reopened at the bid, in points

# Days of the week (`SymbolInfo.swap_rollover3days`: the day of triple swap).
DAY_OF_WEEK_SUNDAY: Final[int] = 0
DAY_OF_WEEK_MONDAY: Final[int] = 1
DAY_OF_WEEK_TUESDAY: Final[int] = 2
DAY_OF_WEEK_WEDNESDAY: Final[int] = 3
DAY_OF_WEEK_THURSDAY: Final[int] = 4
DAY_OF_WEEK_FRIDAY: Final[int] = 5
DAY_OF_WEEK_SATURDAY: Final[int] = 6

# Life of GTC orders and stops (`SymbolInfo.order_gtc_mode`).
SYMBOL_ORDERS_GTC: Final[int] = 0  #: until cancelled
SYMBOL_ORDERS_DAILY: Final[int] = 1  #: one trading day, orders and stops
#: one trading day, orders without their stops
SYMBOL_ORDERS_DAILY_NO_STOPS: Final[int] = 2

# Right of an option's owner (`SymbolInfo.option_right`).
SYMBOL_OPTION_RIGHT_CALL: Final[int] = 0  #: to buy
SYMBOL_OPTION_RIGHT_PUT: Final[int] = 1  #: to sell

# When an option can be exercised (`SymbolInfo.option_mode`).
SYMBOL_OPTION_MODE_EUROPEAN: Final[int] = 0  #: on the expiration day only
SYMBOL_OPTION_MODE_AMERICAN: Final[int] = 1  #: on any day until then

# Kind of account (`AccountInfo.trade_mode`).
ACCOUNT_TRADE_MODE_DEMO: Final[int] = 0
ACCOUNT_TRADE_MODE_CONTEST: Final[int] = 1
ACCOUNT_TRADE_MODE_REAL: Final[int] = 2

# Unit of `margin_so_call` and `margin_so_so` (`AccountInfo.margin_so_mode`).
ACCOUNT_STOPOUT_MODE_PERCENT: Final[int] = 0  #: margin level, percent
ACCOUNT_STOPOUT_MODE_MONEY: Final[int] = 1  #: equity, deposit currency

# How positions are kept (`AccountInfo.margin_mode`).
ACCOUNT_MARGIN_MODE_RETAIL_NETTING: Final[int] = 0  #: one position per symbol
#: one position per symbol, exchange margin
ACCOUNT_MARGIN_MODE_EXCHANGE: Final[int] = 1
#: any number of positions per symbol
ACCOUNT_MARGIN_MODE_RETAIL_HEDGING: Final[int] = 2

# Side of a row of the depth of market (`BookInfo.type`).
BOOK_TYPE_SELL: Final[int] = 1
BOOK_TYPE_BUY: Final[int] = 2
BOOK_TYPE_SELL_MARKET: Final[int] = 3
BOOK_TYPE_BUY_MARKET: Final[int] = 4

# Result of a trade request (`retcode` of `OrderSendResult` and `OrderCheckResult`).
TRADE_RETCODE_REQUOTE: Final[int] = 10004  #: the price has moved: ask again
TRADE_RETCODE_REJECT: Final[int] = 10006  #: the broker said no
TRADE_RETCODE_CANCEL: Final[int] = 10007  #: the trader withdrew it
TRADE_RETCODE_PLACED: Final[int] = 10008  #: the order was placed
TRADE_RETCODE_DONE: Final[int] = 10009  #: executed
TRADE_RETCODE_DONE_PARTIAL: Final[int] = 10010  #: executed in part
TRADE_RETCODE_ERROR: Final[int] = 10011  #: an error while processing
#: no answer in time: look at positions and orders
TRADE_RETCODE_TIMEOUT: Final[int] = 10012
TRADE_RETCODE_INVALID: Final[int] = 10013  #: incomplete or contradictory
TRADE_RETCODE_INVALID_VOLUME: Final[int] = 10014
TRADE_RETCODE_INVALID_PRICE: Final[int] = 10015
TRADE_RETCODE_INVALID_STOPS: Final[int] = 10016
TRADE_RETCODE_TRADE_DISABLED: Final[int] = 10017  #: trading is off
TRADE_RETCODE_MARKET_CLOSED: Final[int] = 10018
TRADE_RETCODE_NO_MONEY: Final[int] = 10019
TRADE_RETCODE_PRICE_CHANGED: Final[int] = 10020  #: the prices have changed
TRADE_RETCODE_PRICE_OFF: Final[int] = 10021  #: there are no quotes
TRADE_RETCODE_INVALID_EXPIRATION: Final[int] = 10022
TRADE_RETCODE_ORDER_CHANGED: Final[int] = 10023  #: the order's state has changed
TRADE_RETCODE_TOO_MANY_REQUESTS: Final[int] = 10024
TRADE_RETCODE_NO_CHANGES: Final[int] = 10025  #: nothing would change
#: the server forbids automatic trading
TRADE_RETCODE_SERVER_DISABLES_AT: Final[int] = 10026
#: this side forbids automatic trading
TRADE_RETCODE_CLIENT_DISABLES_AT: Final[int] = 10027
TRADE_RETCODE_LOCKED: Final[int] = 10028  #: being processed already
TRADE_RETCODE_FROZEN: Final[int] = 10029  #: too close to the market to be changed
#: the symbol does not allow this `type_filling`
TRADE_RETCODE_INVALID_FILL: Final[int] = 10030
TRADE_RETCODE_CONNECTION: Final[int] = 10031  #: no connection: it was not sent
TRADE_RETCODE_ONLY_REAL: Final[int] = 10032  #: for real accounts only
TRADE_RETCODE_LIMIT_ORDERS: Final[int] = 10033  #: too many pending orders
TRADE_RETCODE_LIMIT_VOLUME: Final[int] = 10034  #: too much volume in the symbol
TRADE_RETCODE_INVALID_ORDER: Final[int] = 10035  #: a type of order that is not allowed
TRADE_RETCODE_POSITION_CLOSED: Final[int] = 10036  #: the position is closed already
#: more than the position's volume
TRADE_RETCODE_INVALID_CLOSE_VOLUME: Final[int] = 10038
#: an order to close it exists already
TRADE_RETCODE_CLOSE_ORDER_EXIST: Final[int] = 10039
TRADE_RETCODE_LIMIT_POSITIONS: Final[int] = 10040  #: too many positions
#: refused on activation, and the order cancelled
TRADE_RETCODE_REJECT_CANCEL: Final[int] = 10041
TRADE_RETCODE_LONG_ONLY: Final[int] = 10042  #: the symbol can only be bought
TRADE_RETCODE_SHORT_ONLY: Final[int] = 10043  #: the symbol can only be sold
TRADE_RETCODE_CLOSE_ONLY: Final[int] = 10044  #: positions can only be closed
#: the oldest position has to be closed first
TRADE_RETCODE_FIFO_CLOSE: Final[int] = 10045

# Codes of `last_error()`.
RES_S_OK: Final[int] = 1  #: the call succeeded
RES_E_FAIL: Final[int] = -1  #: the call failed, no reason known
RES_E_INVALID_PARAMS: Final[int] = -2  #: a wrong argument
RES_E_NO_MEMORY: Final[int] = -3  #: out of memory
RES_E_NOT_FOUND: Final[int] = -4  #: no such symbol, order, position
#: versions do not fit, or `initialize` never succeeded
RES_E_INVALID_VERSION: Final[int] = -5
RES_E_AUTH_FAILED: Final[int] = -6  #: login or password refused
RES_E_UNSUPPORTED: Final[int] = -7  #: not supported, or more than a password needed
RES_E_AUTO_TRADING_DISABLED: Final[int] = -8  #: trading by programs is switched off
RES_E_INTERNAL_FAIL: Final[int] = -10000  #: an answer that does not fit
RES_E_INTERNAL_FAIL_SEND: Final[int] = -10001  #: a request could not be sent
RES_E_INTERNAL_FAIL_RECEIVE: Final[int] = -10002  #: an answer could not be received
RES_E_INTERNAL_FAIL_INIT: Final[int] = -10003  #: no connection could be made
RES_E_INTERNAL_FAIL_CONNECT: Final[int] = -10004  #: not connected
RES_E_INTERNAL_FAIL_TIMEOUT: Final[int] = -10005  #: no answer in time

if not TYPE_CHECKING:  # checkers take all of a module that has no such list
    __all__ = [name for name in dir() if name.isupper() and name != "TYPE_CHECKING"]
