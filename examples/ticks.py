"""Live ticks: the latest one, and those seen since the start of the script."""

import time

import MetaTrader5 as mt5
import pandas as pd

SYMBOL = "EURUSD"

if not mt5.initialize():
    print("initialize() failed, error code =", mt5.last_error())
    raise SystemExit(1)

mt5.symbol_select(SYMBOL, True)
first = mt5.symbol_info_tick(SYMBOL)
print("first tick:", first)

deadline = time.monotonic() + 30
seen = first
changes = 0
while changes < 3 and time.monotonic() < deadline:
    tick = mt5.symbol_info_tick(SYMBOL)
    if tick.time_msc != seen.time_msc:
        print(f"{tick.time_msc}: bid {tick.bid} ask {tick.ask} flags {tick.flags}")
        seen = tick
        changes += 1
    time.sleep(0.02)

ticks = mt5.copy_ticks_range(SYMBOL, first.time, seen.time + 1, mt5.COPY_TICKS_ALL)
print(len(ticks), "ticks recorded")
print(pd.DataFrame(ticks).tail())

mt5.shutdown()
