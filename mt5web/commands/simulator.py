"""`simulator`: the simulated trade server, for paper trading."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from mt5web_async.enums import MarginMode

if TYPE_CHECKING:
    from argparse import _SubParsersAction

_MODES = {
    "hedging": MarginMode.HEDGING,
    "netting": MarginMode.NETTING,
    "exchange": MarginMode.EXCHANGE,
}


def add_parser(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "simulator",
        help="run the simulated trade server",
        description="Serves simulated trading at ws://HOST:PORT/terminal until it is "
        "interrupted. Prints address, login and password, one per line.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen at")
    add("--port", type=int, default=0, help="0: any that is free")
    add("--account", choices=tuple(_MODES), default="hedging", help="kind of account")
    add("--balance", type=float, default=10_000.0, help="first deposit")
    add("--currency", default="USD", help="of the account")
    add("--leverage", type=int, default=100, help="100 stands for 1:100")
    add("--utc-offset", type=float, default=2.0, help="hours of server time from UTC")
    add("--seed", type=int, default=1, help="of the prices")
    add(
        "--market-hours",
        action="store_true",
        help="trade in the hours of real markets only",
    )
    add(
        "--ledger",
        type=Path,
        default=argparse.SUPPRESS,
        metavar="FILE",
        help="keep accounts and trades in FILE",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Serve until interrupted."""
    try:
        from mt5web_async.simulator import Simulator, SimulatorConfig
    except ImportError as exc:
        print(f"simulator: {exc}", file=sys.stderr)
        return 1
    try:
        config = SimulatorConfig(
            host=args.host,
            port=args.port,
            margin_mode=_MODES[args.account],
            balance=args.balance,
            currency=args.currency,
            leverage=args.leverage,
            utc_offset=args.utc_offset,
            seed=args.seed,
            always_open=not args.market_hours,
            ledger=getattr(args, "ledger", None),
        )
    except ValueError as exc:
        print(f"simulator: {exc}", file=sys.stderr)
        return 2
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    try:
        with Simulator(config) as simulator:
            print(f"server   {simulator.url}")
            print(f"login    {simulator.login}")
            print(f"password {simulator.password}", flush=True)
            print("Ctrl-C stops it.", file=sys.stderr)
            done.wait()
    except (OSError, OverflowError) as exc:
        print(f"simulator: cannot listen at port {args.port}: {exc}", file=sys.stderr)
        return 1
    return 0
