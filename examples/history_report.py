"""What was traded: deals and orders of the last days, and the result."""

from datetime import datetime, timedelta

import MetaTrader5 as mt5
import pandas as pd

if not mt5.initialize():
    print("initialize() failed, error code =", mt5.last_error())
    raise SystemExit(1)

for _ in range(2):
    mt5.Buy("EURUSD", 0.1)
mt5.Close("EURUSD")

end = datetime.now() + timedelta(days=1)
start = end - timedelta(days=7)
print("orders:", mt5.history_orders_total(start, end))
print("deals:", mt5.history_deals_total(start, end))

deals = mt5.history_deals_get(start, end)
frame = pd.DataFrame([deal._asdict() for deal in deals])
frame["time"] = pd.to_datetime(frame["time"], unit="s")
print(frame[["time", "ticket", "position_id", "type", "entry", "volume", "profit"]])

trades = frame[frame["entry"] == mt5.DEAL_ENTRY_OUT]
print(f"{len(trades)} closed, result {trades['profit'].sum():.2f}")

mt5.shutdown()
