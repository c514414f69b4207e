"""Bars of several timeframes in a DataFrame."""

from datetime import datetime, timezone

import MetaTrader5 as mt5
import pandas as pd

if not mt5.initialize():
    print("initialize() failed, error code =", mt5.last_error())
    raise SystemExit(1)

for name, timeframe in (
    ("M5", mt5.TIMEFRAME_M5),
    ("H4", mt5.TIMEFRAME_H4),
    ("W1", mt5.TIMEFRAME_W1),
):
    rates = mt5.copy_rates_from_pos("EURUSD", timeframe, 0, 5)
    if rates is None:
        print("no bars:", mt5.last_error())
        raise SystemExit(1)
    frame = pd.DataFrame(rates)
    frame["time"] = pd.to_datetime(frame["time"], unit="s")
    print(f"EURUSD {name}")
    print(frame)

start = datetime(2024, 1, 8, tzinfo=timezone.utc)
end = datetime(2024, 1, 12, tzinfo=timezone.utc)
rates = mt5.copy_rates_range("EURUSD", mt5.TIMEFRAME_H1, start, end)
frame = pd.DataFrame(rates).set_index("time")
print(len(frame), "hours, highest", frame["high"].max(), "lowest", frame["low"].min())

mt5.shutdown()
