"""The name MetaTrader5 for a whole environment.

`link` puts a package MetaTrader5, which stands for mt5web, into a folder of installed
packages, and beside it what pip writes about a package: pip and whatever requires
MetaTrader5 then see the requirement as satisfied. `unlink` removes what `link` wrote.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import re
import site
import sysconfig
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import Distribution, distributions
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple

from .alias import NAME, STAND_IN, is_stand_in, other_package

OFFICIAL_VERSION: Final = "5.0.6231"
"""The version of the official package that mt5web equals."""

INSTALLER: Final = "mt5web"
"""How a linked package is told from an installed one."""

_VERSION: Final = re.compile(r"[0-9]+(\.[0-9]+)*")

_METADATA: Final = """\
Metadata-Version: 2.1
Name: {name}
Version: {version}
Summary: Stands for mt5web; made by: python -m mt5web link
Requires-Dist: numpy
"""


class LinkRefused(Exception):
    """The environment is not as it has to be; the message says why."""


class Entry(NamedTuple):
    """A line of a RECORD file.

    Attributes:
        path: of a file, from the folder of packages.
        digest: "sha256=..." of its content; "" for the RECORD itself.
        size: of the file, bytes; "" for the RECORD itself.
    """

    path: str
    digest: str
    size: str


def installed_packages() -> Path:
    """The folder of installed packages: the user's if mt5web is there, too."""
    users = Path(site.getusersitepackages())
    if site.ENABLE_USER_SITE and Path(__file__).is_relative_to(users):
        return users
    return Path(sysconfig.get_path("purelib"))


def link(folder: Path | None = None, version: str = OFFICIAL_VERSION) -> list[Path]:
    """Make `import MetaTrader5` mean mt5web in an environment.

    An earlier link is replaced.

    Args:
        folder: of installed packages; by default that of this interpreter, or the
            user's if mt5web is installed there.
        version: of MetaTrader5 that pip sees, such as "5.0.33".

    Returns:
        The files written.

    Raises:
        LinkRefused: the real package is there, or the version is none.
        OSError: the folder cannot be written to.
    """
    if not _VERSION.fullmatch(version):
        raise LinkRefused(f"{version!r} is no version: give one such as 5.0.33")
    place = folder or installed_packages()
    _refuse_another(place)
    if folder is None and (other := other_package()):
        raise LinkRefused(f"there is another {NAME}: {other}")
    unlink(place)
    return list(_written(place, _files(version)))


def unlink(folder: Path | None = None) -> list[Path]:
    """Remove what `link` wrote, and nothing else.

    Files that were changed since are kept.

    Args:
        folder: of installed packages; by default that of this interpreter.

    Returns:
        The files removed; none when nothing was linked.

    Raises:
        LinkRefused: the record of what was written names files elsewhere.
        OSError: the folder cannot be written to.
    """
    place = folder or installed_packages()
    return [path for found in linked(place) for path in _removed(place, found)]


def linked(folder: Path) -> list[Distribution]:
    """The links in a folder of installed packages: one or none, usually."""
    return [found for found in _named(folder) if _is_ours(found)]


def _named(folder: Path) -> list[Distribution]:
    return [
        found
        for found in distributions(path=[str(folder)])
        if "Name" in found.metadata and found.metadata["Name"].lower() == NAME.lower()
    ]


def _is_ours(found: Distribution) -> bool:
    return (found.read_text("INSTALLER") or "").strip() == INSTALLER


def _refuse_another(folder: Path) -> None:
    for found in _named(folder):
        if not _is_ours(found):
            raise LinkRefused(f"{NAME} {found.version} is installed in {folder}")
    package = folder / NAME
    if package.exists() and not is_stand_in(package / "__init__.py"):
        raise LinkRefused(f"there is another {NAME}: {package}")


def _files(version: str) -> dict[PurePosixPath, bytes]:
    """What is written, RECORD first: what it lists can be removed at any time."""
    about = PurePosixPath(f"{NAME}-{version}.dist-info")
    files = {
        about / "METADATA": _METADATA.format(name=NAME, version=version).encode(),
        about / "INSTALLER": f"{INSTALLER}\n".encode(),
        about / "REQUESTED": b"",
        **{
            PurePosixPath(NAME, source.name): source.read_bytes()
            for source in sorted(STAND_IN.iterdir())
            if source.suffix in {".py", ".typed"}
        },
    }
    record = about / "RECORD"
    return {record: _record(files, record), **files}


def _record(files: Mapping[PurePosixPath, bytes], record: PurePosixPath) -> bytes:
    entries = [
        Entry(str(path), _digest(content), str(len(content)))
        for path, content in files.items()
    ]
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([*entries, (record, "", "")])
    return text.getvalue().encode()


def _digest(content: bytes) -> str:
    raw = base64.urlsafe_b64encode(hashlib.sha256(content).digest())
    return f"sha256={raw.decode().rstrip('=')}"


def _written(folder: Path, files: Mapping[PurePosixPath, bytes]) -> Iterator[Path]:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        yield path


def _removed(folder: Path, found: Distribution) -> list[Path]:
    """Remove the files of a link, and the folders that this leaves empty."""
    about = f"{NAME}-{found.version}.dist-info"
    entries = list(_entries(found))
    for entry in entries:
        name = PurePosixPath(entry.path)
        if name.parts[:1] not in {(NAME,), (about,)} or ".." in name.parts:
            raise LinkRefused(f"{folder / about / 'RECORD'} lists {entry.path!r}")
    gone = [path for entry in entries if (path := _unchanged(folder, entry))]
    for path in gone:
        path.unlink()
    for path in _compiled(gone):
        path.unlink()
    _remove_empty([folder / NAME / "__pycache__", folder / NAME, folder / about])
    return gone


def _entries(found: Distribution) -> Iterator[Entry]:
    for row in csv.reader((found.read_text("RECORD") or "").splitlines()):
        path, digest, size = (*row, "", "", "")[:3]
        yield Entry(path, digest, size)


def _unchanged(folder: Path, entry: Entry) -> Path | None:
    path = folder / entry.path
    if not path.is_file():
        return None
    if entry.digest and _digest(path.read_bytes()) != entry.digest:
        return None
    return path


def _compiled(sources: Iterable[Path]) -> list[Path]:
    """What Python keeps of modules in `__pycache__`."""
    return [
        compiled
        for source in sources
        if source.suffix == ".py"
        for compiled in source.parent.glob(f"__pycache__/{source.stem}.*.pyc")
    ]


def _remove_empty(folders: Iterable[Path]) -> None:
    for folder in folders:
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
