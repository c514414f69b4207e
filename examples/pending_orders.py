"""Pending orders with an expiry: placed, moved, deleted."""

import MetaTrader5 as mt5

SYMBOL = "USDJPY"

if not mt5.initialize():
    print("initialize() failed, error code =", mt5.last_error())
    raise SystemExit(1)

mt5.symbol_select(SYMBOL, True)
info = mt5.symbol_info(SYMBOL)
tick = mt5.symbol_info_tick(SYMBOL)
tomorrow = tick.time + 24 * 3600  # the server's clock


def place(kind: int, points: int, **more: float) -> int:
    """Place an order so many points from the market; its ticket."""
    result = mt5.order_send(
        {
            "action": mt5.TRADE_ACTION_PENDING,
            "symbol": SYMBOL,
            "volume": 0.1,
            "type": kind,
            "price": round(tick.bid + points * info.point, info.digits),
            "type_time": mt5.ORDER_TIME_SPECIFIED,
            "expiration": tomorrow,
            "type_filling": mt5.ORDER_FILLING_RETURN,
            "comment": "example",
            **more,
        }
    )
    if result.retcode != mt5.TRADE_RETCODE_DONE:
        print("order_send failed, retcode =", result.retcode, result.comment)
        raise SystemExit(1)
    return int(result.order)


limit = place(mt5.ORDER_TYPE_BUY_LIMIT, -500)
stop = place(mt5.ORDER_TYPE_BUY_STOP, 500)
stop_limit = place(
    mt5.ORDER_TYPE_BUY_STOP_LIMIT,
    500,
    stoplimit=round(tick.bid + 400 * info.point, info.digits),
)
print("orders:", mt5.orders_total())
for order in mt5.orders_get(symbol=SYMBOL):
    print(order.ticket, order.type, order.price_open, "until", order.time_expiration)

(order,) = mt5.orders_get(ticket=limit)
result = mt5.order_send(
    {
        "action": mt5.TRADE_ACTION_MODIFY,
        "order": limit,
        "symbol": SYMBOL,
        "price": round(order.price_open - 100 * info.point, info.digits),
        "type_time": order.type_time,
        "expiration": order.time_expiration,
    }
)
print("moved:", result.retcode, result.comment)

for ticket in (limit, stop, stop_limit):
    result = mt5.order_send({"action": mt5.TRADE_ACTION_REMOVE, "order": ticket})
    print("deleted:", ticket, result.retcode, result.comment)
print("orders:", mt5.orders_total())

mt5.shutdown()
