"""The command line: `python -m mt5web COMMAND`."""

from __future__ import annotations

import argparse
import importlib
import logging
import os
import sys
from collections.abc import Sequence
from typing import Final

from .release import __version__

COMMANDS: Final = ("demo", "doctor", "run", "servers", "simulator", "ticks", "link")

INTERRUPTED: Final = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0 done, 1 failed, 2 wrong usage."""
    try:
        args = _parser().parse_args(argv)
        if args.verbose:
            _tell_everything()
        code: int = args.run(args)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # the reader of a pipe has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


def _tell_everything() -> None:
    """Show our own log; the root logger is left to the script that `run` runs."""
    shown = logging.StreamHandler()
    shown.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    for name in ("mt5web", "mt5web_async"):
        logger = logging.getLogger(name)
        logger.setLevel(logging.DEBUG)
        logger.addHandler(shown)
        logger.propagate = False


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m mt5web",
        description="The MetaTrader5 Python API on any system.",
    )
    parser.add_argument("--version", action="version", version=f"mt5web {__version__}")
    parser.add_argument(
        "-v", "--verbose", action="store_true", help="tell on stderr what happens"
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name in COMMANDS:
        importlib.import_module(f".commands.{name}", __package__).add_parser(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
