"""`demo`: a tour of the package against the simulated trade server."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, NoReturn

import mt5web as mt5

if TYPE_CHECKING:
    from argparse import _SubParsersAction

_SYMBOL = "EURUSD"
_LOTS = 0.1


class _TourFailed(Exception):
    """A step did not do what it should have done."""


def add_parser(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "demo",
        help="trade once with the simulated trade server",
        description="Starts the simulated trade server, logs in, reads prices, opens "
        "a position and closes it, and stops the server.",
    )
    parser.set_defaults(run=run)


def run(_args: argparse.Namespace) -> int:
    """Do the tour."""
    try:
        if not mt5.initialize(server="simulator"):
            _fail("initialize")
        _account()
        _prices()
        _trade()
    except _TourFailed as exc:
        print(f"demo: {exc}", file=sys.stderr)
        return 1
    finally:
        mt5.shutdown()
    print("\nThat was a round trip over a real WebSocket, with the server in here.")
    print("Next: python -m mt5web run --server simulator YOUR_SCRIPT.py")
    return 0


def _fail(step: str) -> NoReturn:
    raise _TourFailed(f"{step} failed: {mt5.last_error()}")


def _title(text: str) -> None:
    print(f"\n-- {text}")


def _account() -> None:
    _title("mt5.account_info()")
    account = mt5.account_info()
    if account is None:
        _fail("account_info")
    print(f"login {account.login} at {account.server}, {account.company}")
    print(
        f"balance {account.balance:.2f} {account.currency}, equity "
        f"{account.equity:.2f}, leverage 1:{account.leverage}"
    )


def _prices() -> None:
    _title(f'mt5.symbol_info_tick("{_SYMBOL}")')
    tick = mt5.symbol_info_tick(_SYMBOL)
    if tick is None:
        _fail("symbol_info_tick")
    print(tick)
    _title(f'mt5.copy_rates_from_pos("{_SYMBOL}", mt5.TIMEFRAME_H1, 0, 10)')
    bars = mt5.copy_rates_from_pos(_SYMBOL, mt5.TIMEFRAME_H1, 0, 10)
    if bars is None or len(bars) == 0:
        _fail("copy_rates_from_pos")
    try:
        print(mt5.to_dataframe(bars).to_string(index=False))
    except ImportError:
        print(bars.dtype.names, *bars, sep="\n")


def _trade() -> None:
    _title(f"mt5.order_send(buy {_LOTS} {_SYMBOL})")
    info = mt5.symbol_info(_SYMBOL)
    if info is None:
        _fail("symbol_info")
    request = {
        "action": mt5.TRADE_ACTION_DEAL,
        "symbol": _SYMBOL,
        "volume": _LOTS,
        "type": mt5.ORDER_TYPE_BUY,
        "price": info.ask,
        "sl": round(info.ask - 300 * info.point, info.digits),
        "tp": round(info.ask + 300 * info.point, info.digits),
        "deviation": 20,
        "magic": 20,
        "comment": "demo",
        "type_time": mt5.ORDER_TIME_GTC,
        "type_filling": mt5.ORDER_FILLING_IOC,
    }
    result = mt5.order_send(request)
    if result is None or result.retcode != mt5.TRADE_RETCODE_DONE:
        _fail(f"order_send: {result}, last_error")
    print(result)
    _title(f"mt5.positions_get(ticket={result.order})")
    positions = mt5.positions_get(ticket=result.order)
    if not positions:
        _fail("positions_get")
    print(positions[0])
    _title(f'mt5.Close("{_SYMBOL}")')
    if not mt5.Close(_SYMBOL):
        _fail("Close")
    deals = mt5.history_deals_get(position=result.order)
    if not deals or deals[-1].entry != mt5.DEAL_ENTRY_OUT:
        _fail("history_deals_get")
    print("closing deal:", deals[-1])
    account = mt5.account_info()
    if account is None:
        _fail("account_info")
    print(f"balance {account.balance:.2f} {account.currency}")
