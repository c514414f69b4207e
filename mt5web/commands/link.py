"""`link` and `unlink`: the name MetaTrader5 for a whole environment."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mt5web import linking
from mt5web.alias import NAME
from mt5web.release import __version__

if TYPE_CHECKING:
    from argparse import _SubParsersAction


def add_parser(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare both commands."""
    parser = commands.add_parser(
        "link",
        help="make 'import MetaTrader5' work in this environment",
        description="Puts a package MetaTrader5, which stands for mt5web, into the "
        "environment. Scripts that import MetaTrader5 then run as they are, and pip "
        "sees the requirement MetaTrader5 of other packages as satisfied. Refuses "
        "where the real package is installed.",
    )
    parser.add_argument(
        "--version",
        default=linking.OFFICIAL_VERSION,
        metavar="VERSION",
        help="that pip sees, for packages that pin one; default: %(default)s",
    )
    _add_folder(parser)
    parser.set_defaults(run=run)
    parser = commands.add_parser(
        "unlink",
        help="undo link",
        description="Removes what link wrote, and nothing else.",
    )
    _add_folder(parser)
    parser.set_defaults(run=run_unlink)


def _add_folder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--folder",
        type=Path,
        metavar="FOLDER",
        help="of installed packages; default: where mt5web is installed",
    )


def run(args: argparse.Namespace) -> int:
    """Link; the exit code is 1 where that is refused."""
    folder: Path = args.folder or linking.installed_packages()
    try:
        linking.link(args.folder, args.version)
    except linking.LinkRefused as exc:
        print(f"link: {exc}", file=sys.stderr)
        return 1
    except OSError as exc:
        print(f"link: {_cannot_write(folder, exc)}", file=sys.stderr)
        return 1
    print(f"MetaTrader5 {args.version} stands for mt5web {__version__} in {folder}")
    print("python -m mt5web unlink undoes it.")
    return 0


def run_unlink(args: argparse.Namespace) -> int:
    """Unlink; the exit code is 1 where nothing was linked, or files had to stay."""
    folder: Path = args.folder or linking.installed_packages()
    try:
        removed = linking.unlink(args.folder)
    except linking.LinkRefused as exc:
        print(f"unlink: {exc}", file=sys.stderr)
        return 1
    except OSError as exc:
        print(f"unlink: {_cannot_write(folder, exc)}", file=sys.stderr)
        return 1
    if not removed:
        print(f"unlink: nothing is linked in {folder}", file=sys.stderr)
        return 1
    rest = folder / NAME
    if rest.exists():
        print(f"unlink: kept what others wrote in {rest}", file=sys.stderr)
        return 1
    print(f"MetaTrader5 does not stand for mt5web any more in {folder}")
    return 0


def _cannot_write(folder: Path, error: OSError) -> str:
    return (
        f"cannot write into {folder}: {error.strerror}; use a virtual environment, or "
        "name a folder of packages with --folder"
    )
