"""`doctor`: what is configured, what can be reached, and what is wrong."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import _SubParsersAction


def add_parser(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "doctor",
        help="find out why initialize() does not work",
        description="Looks at the installation, the configuration and the account that "
        "a bare initialize() would use, connects to its server and logs in once. "
        "Prints one finding per line, without passwords. Exit code 1: something is "
        "wrong.",
    )
    add = parser.add_argument
    add("--offline", action="store_true", help="do not connect to the server")
    add("--timeout", type=float, default=20.0, metavar="S", help="default: %(default)s")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the findings; the exit code is 1 where something is wrong."""
    from mt5web.diagnosis import Verdict, diagnose

    code = 0
    for finding in diagnose(os.environ, offline=args.offline, timeout=args.timeout):
        print(
            f"{finding.verdict.value:<6} {finding.topic:<10} {finding.text}", flush=True
        )
        if finding.verdict is Verdict.WRONG:
            code = 1
    return code
