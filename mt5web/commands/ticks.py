"""`ticks`: list the ticks that were kept in files, and export them."""

from __future__ import annotations

import argparse
import csv
import importlib
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from mt5web.backend import CallFailed
from mt5web.settings import Settings, config_path
from mt5web_async.terminal.ticks import TICKS, TickFiles
from mt5web_async.terminal.ticks.files import day_name, servers
from mt5web_async.terminal.ticks.rows import joined, wanted_bits

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from mt5web_async.terminal.ticks.rows import Rows

_FLAGS: Final = {"all": -1, "info": 1, "trade": 2}
_HEAD: Final = ("server", "symbol", "from", "to", "ticks", "bytes")
_FAR: Final = 2**52  # ms


class _Impossible(Exception):
    """What was asked for cannot be done; the text says why."""


def add_parser(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "ticks",
        help="list and export recorded ticks",
        description="Ticks are kept in a folder when MT5WEB_TICKS names one, or the "
        "setting `ticks`. This lists what there is, and exports it.",
    )
    _add_common(parser, default=None)
    parser.set_defaults(run=run, work=_list, symbol="*")
    works = parser.add_subparsers(title="what to do", metavar="WHAT")
    listing = works.add_parser("list", help="list what there is (the default)")
    _add_common(listing, default=argparse.SUPPRESS)
    listing.add_argument(
        "symbol", nargs="?", default="*", help="name; * stands for anything"
    )
    listing.set_defaults(work=_list)
    export = works.add_parser(
        "export",
        help="write ticks of a symbol into a file",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    _add_common(export, default=argparse.SUPPRESS)
    _add_export(export)


def _add_common(parser: argparse.ArgumentParser, default: str | None) -> None:
    add = parser.add_argument
    add("--folder", type=Path, default=default, help="where the ticks are")
    add("--server", default=default, help="only those of this server")


def _add_export(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("symbol", help="its exact name")
    add(
        "-o",
        "--output",
        default="-",
        metavar="FILE",
        help="NAME.csv or NAME.parquet; - stands for CSV on standard output",
    )
    add(
        "--from",
        dest="start",
        type=_start,
        default=argparse.SUPPRESS,
        metavar="TIME",
        help="server time, as 2026-03-10 or 2026-03-10T15:30:00; included",
    )
    add(
        "--to",
        dest="end",
        type=_end,
        default=argparse.SUPPRESS,
        metavar="TIME",
        help="likewise, and included too",
    )
    add("--flags", choices=tuple(_FLAGS), default="all", help="as COPY_TICKS_...")
    parser.set_defaults(work=_export)


def run(args: argparse.Namespace) -> int:
    """List or export."""
    try:
        args.work(args)
    except (_Impossible, CallFailed, OSError) as exc:
        text = exc.text if isinstance(exc, CallFailed) else exc
        print(f"ticks: {text}", file=sys.stderr)
        return 1
    return 0


def _folder(args: argparse.Namespace) -> Path:
    given: Path | str | None = args.folder or os.environ.get("MT5WEB_TICKS")
    folder = given or Settings.read(config_path()).options.ticks
    if folder is None:
        raise _Impossible("no folder is known: set MT5WEB_TICKS, or give --folder")
    if not Path(folder).is_dir():
        raise _Impossible(f"there is no folder {folder}")
    return Path(folder)


def _servers(args: argparse.Namespace, folder: Path) -> list[str]:
    return [s for s in servers(folder) if args.server in (None, s)]


def _list(args: argparse.Namespace) -> None:
    folder = _folder(args)
    table: list[Sequence[str]] = []
    for server in _servers(args, folder):
        files = TickFiles(folder, server)
        for symbol in files.symbols():
            if fnmatchcase(symbol, args.symbol):
                there = files.recorded(symbol)
                days = day_name(there.first), day_name(there.last)
                numbers = str(there.ticks), str(there.size)
                table.append((server, symbol, *days, *numbers))
    if not table:
        print(f"no ticks in {folder}", file=sys.stderr)
        return
    table.insert(0, _HEAD)
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        texts = [text.ljust(width) for text, width in zip(row, widths, strict=True)]
        texts[-2:] = [row[-2].rjust(widths[-2]), row[-1].rjust(widths[-1])]
        print("  ".join(texts))


def _export(args: argparse.Namespace) -> None:
    folder = _folder(args)
    having = [
        files
        for files in (TickFiles(folder, s) for s in _servers(args, folder))
        if files.days(args.symbol)
    ]
    if not having:
        raise _Impossible(f"there are no ticks of {args.symbol} in {folder}")
    if len(having) > 1:
        raise _Impossible(f"several servers have ticks of {args.symbol}: give --server")
    bits = wanted_bits(_FLAGS[args.flags])
    found = having[0].between(
        args.symbol, getattr(args, "start", 0), getattr(args, "end", _FAR)
    )
    pieces = (joined([rows], bits) for rows in found)
    if args.output == "-":
        count = _write_csv(sys.stdout, pieces)
    elif Path(args.output).suffix.lower() == ".parquet":
        count = _write_parquet(Path(args.output), pieces)
    else:
        with (
            _written(Path(args.output)) as part,
            part.open("w", encoding="utf-8", newline="") as file,
        ):
            count = _write_csv(file, pieces)
    print(f"{count} ticks", file=sys.stderr)


@contextmanager
def _written(path: Path) -> Iterator[Path]:
    """A file to write into, which becomes the wanted one when it is complete."""
    part = path.with_name(path.name + ".part")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _write_csv(file: IO[str], pieces: Iterator[Rows]) -> int:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(TICKS.names or ())
    count = 0
    for rows in pieces:
        writer.writerows(rows.tolist())
        count += len(rows)
    return count


def _write_parquet(path: Path, pieces: Iterator[Rows]) -> int:
    arrow, parquet = _arrow()
    count = 0
    with _written(path) as part:
        empty = _table(arrow, joined([], 0))
        with parquet.ParquetWriter(part, empty.schema) as writer:
            for rows in pieces:
                writer.write_table(_table(arrow, rows))
                count += len(rows)
    return count


def _arrow() -> tuple[Any, Any]:
    try:
        return importlib.import_module("pyarrow"), importlib.import_module(
            "pyarrow.parquet"
        )
    except ImportError:
        raise _Impossible(
            "Parquet needs pyarrow: python -m pip install pyarrow; or export to CSV"
        ) from None


def _table(arrow: Any, rows: Rows) -> Any:
    names = TICKS.names or ()
    return arrow.table({name: rows[name].copy() for name in names})


def _start(text: str) -> int:
    return _moment(text)[0]


def _end(text: str) -> int:
    return _moment(text)[1]


def _moment(text: str) -> tuple[int, int]:
    """First and last ms that a time or a whole day stands for."""
    try:
        first = datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"'{text}' is no time such as 2026-03-10 or 2026-03-10T15:30:00"
        ) from None
    whole_day = len(text) <= len("2026-03-10")
    last = first + timedelta(days=1, milliseconds=-1) if whole_day else first
    return _msc(first), _msc(last)


def _msc(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
