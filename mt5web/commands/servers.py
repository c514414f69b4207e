"""`servers`: what a broker's page offers to connect to."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from mt5web_async.discovery import Endpoint, TradeServer


def add_parser(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "servers",
        help="list the trade servers behind a broker's web terminal",
        description="Asks the page of a web terminal for its trade servers and prints "
        "one per line: name, kind (demo, real or ?), address and build of the "
        "terminal, separated by tabs. A page that names no servers gives one line with "
        "the name '-'. What a page tells is kept for a day; afterwards the name of a "
        "server is enough.",
    )
    add = parser.add_argument
    add("where", metavar="HOST", help="a host, a page's URL, or a server's name")
    add("--fresh", action="store_true", help="ask the page even if it is known")
    add("--json", action="store_true", help="print everything known, as JSON")
    add("--timeout", type=float, default=20.0, metavar="S", help="default: %(default)s")
    add("--cache", type=Path, metavar="FOLDER", help="to keep what pages tell in")
    add("--ca-file", type=Path, metavar="FILE", help="certificates to trust")
    add(
        "--allow-insecure",
        action="store_true",
        help="ask and list other machines without encryption, too",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Ask and print; the exit code is 1 where nothing is found."""
    from mt5web_async.discovery import Discovery, DiscoveryOptions, EndpointCache
    from mt5web_async.errors import EngineError

    options = DiscoveryOptions(
        timeout=args.timeout, ca_file=args.ca_file, allow_insecure=args.allow_insecure
    )
    discovery = Discovery(options, cache=EndpointCache(args.cache))
    try:
        endpoint = discovery.find(args.where, fresh=args.fresh)
    except EngineError as exc:
        print(f"servers: {exc}", file=sys.stderr)
        return 1
    if args.json:
        print(json.dumps(asdict(endpoint), indent=2, ensure_ascii=False))
        return 0
    for server in endpoint.servers:
        print(_line(server.name, _kind(server), endpoint))
    if not endpoint.servers:
        print(_line("-", "?", endpoint))
    return 0


def _line(name: str, kind: str, endpoint: Endpoint) -> str:
    return "\t".join((name, kind, endpoint.url, str(endpoint.build or "?")))


def _kind(server: TradeServer) -> str:
    return {None: "?", True: "demo", False: "real"}[server.demo]
