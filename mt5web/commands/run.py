"""`run`: a script that says `import MetaTrader5`, as it is."""

from __future__ import annotations

import argparse
import logging
import os
import runpy
import sys
import traceback
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import mt5web
from mt5web import embedded
from mt5web.opening import EVERY_PASSWORD, EVERY_SERVER
from mt5web.settings import SIMULATOR

if TYPE_CHECKING:
    from argparse import _SubParsersAction


def add_parser(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "run",
        help="run a script written for MetaTrader5, as it is",
        description="Runs a Python script in which the name MetaTrader5 stands for "
        "mt5web. With --server every login of the script goes to that server, whatever "
        "the script names; 'simulator' starts the simulated trade server for the run, "
        "where a bare initialize() finds a demo account, and any other login gets one "
        "of its own.",
    )
    parser.add_argument(
        "--server",
        metavar="SERVER",
        help="wss://HOST/terminal, a host, a name from the configuration, or simulator",
    )
    parser.add_argument(
        "words",
        metavar="SCRIPT",
        nargs=argparse.PARSER,  # all that follows is the script's, also a "--"
        help="the file to run, and its arguments",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run the script; its exit code is the command's."""
    name: str = args.words[0]
    script = Path(name).absolute()
    if not script.is_file():
        print(f"run: there is no script {name}", file=sys.stderr)
        return 2
    if args.server:
        if not args.verbose:
            logging.getLogger("mt5web_async.simulator").setLevel(logging.WARNING)
        try:
            _send_everybody_to(args.server)
        except ImportError as exc:
            print(f"run: {exc}", file=sys.stderr)
            return 1
    try:
        mt5web.install()
    except ImportError as exc:
        print(f"run: {exc}", file=sys.stderr)
        return 1
    sys.argv = [str(script), *args.words[1:]]
    sys.path.insert(0, str(script.resolve().parent))
    try:
        runpy.run_path(str(script), run_name="__main__")
    except Exception as exc:  # noqa: BLE001 - the script's, shown as Python does
        _show(exc, script)
        return 1
    return 0


def _send_everybody_to(server: str) -> None:
    """Let every login of this process and its children go to a server."""
    if server == SIMULATOR:
        simulator = embedded.simulator(open_unknown=True)
        os.environ[EVERY_SERVER] = simulator.url
        os.environ[EVERY_PASSWORD] = simulator.password
        os.environ["MT5WEB_SERVER"] = simulator.url
        os.environ["MT5WEB_LOGIN"] = str(simulator.login)
        os.environ["MT5WEB_PASSWORD"] = simulator.password
    else:
        os.environ[EVERY_SERVER] = server
        os.environ.pop(EVERY_PASSWORD, None)


def _show(exc: Exception, script: Path) -> None:
    """Print a traceback that begins in the script."""
    frames: TracebackType | None = exc.__traceback__
    while frames is not None and frames.tb_frame.f_code.co_filename != str(script):
        frames = frames.tb_next
    traceback.print_exception(type(exc), exc, frames)
