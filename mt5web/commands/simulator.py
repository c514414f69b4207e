"""`simulator`: the simulated trade server, for paper trading."""

from __future__ import annotations

import argparse
import json
import signal
import ssl
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mt5web_async.enums import MarginMode
from mt5web_async.errors import EngineError

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from mt5web_async.simulator import Simulator, SimulatorConfig

_MODES: Final = {
    "hedging": MarginMode.HEDGING,
    "netting": MarginMode.NETTING,
    "exchange": MarginMode.EXCHANGE,
}
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")


def add_parser(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "simulator",
        help="run the simulated trade server",
        description="Serves simulated trading at ws://HOST:PORT/terminal until it is "
        "interrupted. Prints address, login and password, one per line.",
    )
    _add_server(parser.add_argument_group("server"))
    _add_account(parser.add_argument_group("account"))
    _add_market(parser.add_argument_group("market"))
    parser.set_defaults(run=run)


def _add_server(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--host", default="127.0.0.1", help="address to listen at (%(default)s)")
    add("--port", type=int, default=0, help="default: any that is free")
    add("--tls-cert", type=Path, metavar="FILE", help="serve wss:// with this chain")
    add("--tls-key", type=Path, metavar="FILE", help="its key; by default in the chain")
    add("--ledger", type=Path, metavar="FILE", help="keep accounts and trades in FILE")
    add(
        "--open-unknown",
        action="store_true",
        help="open an account like the first one for every login that is not known, "
        "with the password that it comes with",
    )
    add(
        "--switch",
        action="append",
        default=[],
        metavar="NAME[=VALUE]",
        help="behave as some servers do, for instance verbose or requote_rate=0.2; "
        "may be given several times",
    )
    add(
        "--json",
        action="store_true",
        help="print server, login, password and investor_password as one line of JSON",
    )


def _add_account(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add(
        "--account",
        choices=tuple(_MODES),
        default="hedging",
        help="its kind (%(default)s)",
    )
    add("--login", type=int, default=5_000_001, help="its number (%(default)s)")
    add("--password", default="Demo-12345", help="its password (%(default)s)")
    add(
        "--balance",
        type=float,
        default=10_000.0,
        help="its first deposit (%(default)s)",
    )
    add("--currency", default="USD", help="its currency (%(default)s)")
    add("--leverage", type=int, default=100, help="%(default)s is 1:%(default)s")


def _add_market(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add(
        "--utc-offset",
        type=float,
        default=2.0,
        help="hours from UTC to server time (%(default)s)",
    )
    add("--daylight", type=int, default=0, help="hours more in summer (%(default)s)")
    add("--seed", type=int, default=1, help="of the prices (%(default)s)")
    add(
        "--market-hours",
        action="store_true",
        help="trade in the hours of real markets only",
    )
    add(
        "--more-symbols",
        type=int,
        default=0,
        help="how many further symbols there are (%(default)s)",
    )


def run(args: argparse.Namespace) -> int:
    """Serve until interrupted."""
    try:
        from mt5web_async.simulator import Simulator
    except ImportError as exc:
        return _failed(exc, 1)
    try:
        simulator = Simulator(_config(args))
    except (ValueError, OSError) as exc:
        return _failed(exc, 2)
    with _interrupts() as interrupted:
        try:
            simulator.start()
        except OSError as exc:
            return _failed(f"cannot listen at {args.host}:{args.port}: {exc}", 1)
        except (EngineError, ValueError) as exc:
            return _failed(exc, 1)
        with simulator:
            _introduce(simulator, as_json=args.json)
            interrupted.wait()
    return 0


@contextmanager
def _interrupts() -> Iterator[threading.Event]:
    """Signals to end set an event, in place of what they did before."""
    interrupted = threading.Event()
    before = {
        number: signal.signal(number, lambda *_: interrupted.set())
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield interrupted
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _failed(reason: object, code: int) -> int:
    print(f"simulator: {reason}", file=sys.stderr)
    return code


def _config(args: argparse.Namespace) -> SimulatorConfig:
    """What was asked for.

    Raises:
        ValueError: a number, currency or switch that cannot be.
        OSError: no certificate can be read.
    """
    from mt5web_async.simulator import SimulatorConfig
    from mt5web_async.simulator.switches import Switches

    return SimulatorConfig(
        host=args.host,
        port=args.port,
        tls=_tls(args.tls_cert, args.tls_key),
        login=args.login,
        password=args.password,
        margin_mode=_MODES[args.account],
        balance=args.balance,
        currency=args.currency,
        leverage=args.leverage,
        utc_offset=args.utc_offset,
        daylight=args.daylight,
        seed=args.seed,
        always_open=not args.market_hours,
        synthetic_symbols=args.more_symbols,
        ledger=args.ledger,
        open_unknown=args.open_unknown,
        switches=Switches.named(args.switch),
    )


def _tls(chain: Path | None, key: Path | None) -> ssl.SSLContext | None:
    if chain is None:
        if key is not None:
            raise ValueError("--tls-key without --tls-cert")
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(chain, key)
    except OSError as exc:
        raise OSError(f"certificate {chain}: {exc}") from exc
    return context


def _introduce(simulator: Simulator, *, as_json: bool) -> None:
    """Tell where it is and how to log in, and what may surprise."""
    config = simulator.config
    words = {
        "server": simulator.url,
        "login": simulator.login,
        "password": simulator.password,
    }
    if as_json:
        words["investor_password"] = simulator.investor_password
        print(json.dumps(words), flush=True)
    else:
        lines = (f"{name:8} {word}" for name, word in words.items())
        print("\n".join(lines), flush=True)
    if config.tls is None and config.host not in _LOOPBACK:
        print(
            f"Listening at {config.host} without TLS: anybody on the way can read "
            "passwords. See --tls-cert.",
            file=sys.stderr,
        )
    for difference in simulator.kept_differently():
        print(f"{config.ledger} has {difference}", file=sys.stderr)
    print("Ctrl-C stops it.", file=sys.stderr)
