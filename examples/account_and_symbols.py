"""The account, and what its symbols cost and need."""

import MetaTrader5 as mt5

if not mt5.initialize():
    print("initialize() failed, error code =", mt5.last_error())
    raise SystemExit(1)

account = mt5.account_info()
print(f"login {account.login} at {account.server}")
for name, value in account._asdict().items():
    print(f"  {name} = {value}")

print("terminal", mt5.terminal_info().name, "version", mt5.version())
print("symbols in all:", mt5.symbols_total())

for symbol in mt5.symbols_get("*USD*"):
    print(symbol.name, symbol.description, "digits", symbol.digits)

for name in ("EURUSD", "USDJPY", "XAUUSD"):
    if not mt5.symbol_select(name, True):
        print("cannot show", name, mt5.last_error())
        continue
    info = mt5.symbol_info(name)
    margin = mt5.order_calc_margin(mt5.ORDER_TYPE_BUY, name, 1.0, info.ask)
    gain = mt5.order_calc_profit(
        mt5.ORDER_TYPE_BUY, name, 1.0, info.ask, info.ask + 100 * info.point
    )
    print(
        f"{name}: bid {info.bid} ask {info.ask} spread {info.spread}, 1 lot needs "
        f"{margin:.2f} {account.currency}, 100 points bring {gain:.2f}"
    )

mt5.shutdown()
