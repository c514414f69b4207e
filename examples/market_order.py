"""A market order with stop loss and take profit, then its closing."""

import MetaTrader5 as mt5

SYMBOL = "EURUSD"
LOTS = 0.1
MAGIC = 234000

if not mt5.initialize():
    print("initialize() failed, error code =", mt5.last_error())
    raise SystemExit(1)

info = mt5.symbol_info(SYMBOL)
if not info.visible and not mt5.symbol_select(SYMBOL, True):
    print("symbol_select failed")
    raise SystemExit(1)

price = mt5.symbol_info_tick(SYMBOL).ask
request = {
    "action": mt5.TRADE_ACTION_DEAL,
    "symbol": SYMBOL,
    "volume": LOTS,
    "type": mt5.ORDER_TYPE_BUY,
    "price": price,
    "sl": price - 500 * info.point,
    "tp": price + 500 * info.point,
    "deviation": 20,
    "magic": MAGIC,
    "comment": "python script open",
    "type_time": mt5.ORDER_TIME_GTC,
    "type_filling": mt5.ORDER_FILLING_IOC,
}

check = mt5.order_check(request)
print("order_check:", check.retcode, check.comment, "margin", check.margin)
result = mt5.order_send(request)
if result.retcode != mt5.TRADE_RETCODE_DONE:
    print("order_send failed, retcode =", result.retcode, result.comment)
    raise SystemExit(1)
print("opened:", result)

(position,) = mt5.positions_get(ticket=result.order)
print("position:", position)

result = mt5.order_send(
    {
        "action": mt5.TRADE_ACTION_DEAL,
        "symbol": SYMBOL,
        "volume": LOTS,
        "type": mt5.ORDER_TYPE_SELL,
        "position": position.ticket,
        "price": mt5.symbol_info_tick(SYMBOL).bid,
        "deviation": 20,
        "magic": MAGIC,
        "comment": "python script close",
        "type_time": mt5.ORDER_TIME_GTC,
        "type_filling": mt5.ORDER_FILLING_IOC,
    }
)
if result.retcode != mt5.TRADE_RETCODE_DONE:
    print("close failed, retcode =", result.retcode, result.comment)
    raise SystemExit(1)
print("closed:", result)

for deal in mt5.history_deals_get(position=position.ticket):
    print("deal:", deal.ticket, deal.type, deal.volume, deal.price, deal.profit)

mt5.shutdown()
