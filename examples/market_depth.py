"""The depth of market of a symbol that has one."""

import time

import MetaTrader5 as mt5

if not mt5.initialize():
    print("initialize() failed, error code =", mt5.last_error())
    raise SystemExit(1)

symbol = next(one.name for one in mt5.symbols_get() if one.ticks_bookdepth > 0)
if not mt5.market_book_add(symbol):
    print("market_book_add failed:", mt5.last_error())
    raise SystemExit(1)

deadline = time.monotonic() + 30
book = mt5.market_book_get(symbol)
while not book and time.monotonic() < deadline:
    time.sleep(0.05)
    book = mt5.market_book_get(symbol)

print(symbol, len(book), "rows")
for row in book:
    side = "sell" if row.type == mt5.BOOK_TYPE_SELL else "buy"
    print(f"{side:>5} {row.price:12} {row.volume_dbl}")

mt5.market_book_release(symbol)
mt5.shutdown()
