"""What pages told, kept in the user's cache folder for a while."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import logging
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import platformdirs

from .endpoint import Endpoint
from .reading import json_of, mapping, number, read_broker, read_servers, text

log = logging.getLogger("mt5web_async.discovery")

DEFAULT_EXPIRY: Final = 24 * 3600.0
"""How long what a page told is believed, in s."""

_FORMAT: Final = 1
_LARGEST_FILE: Final = 8 * 1024 * 1024


def cache_path() -> Path:
    """The folder: `MT5WEB_CACHE`, or one in the user's cache folder."""
    given = os.environ.get("MT5WEB_CACHE")
    folder = platformdirs.user_cache_path("mt5web", appauthor=False)
    return (Path(given).expanduser() if given else folder) / "servers"


class EndpointCache:
    """Endpoints in files, one for each page; a file that is broken is no file.

    Args:
        folder: where the files are; None: :func:`cache_path`.
        expiry: s that an entry is believed; 0: never.
        clock: s since 1970.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        expiry: float = DEFAULT_EXPIRY,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.folder = cache_path() if folder is None else folder
        self._expiry = expiry
        self._clock = clock

    def get(self, page: str) -> Endpoint | None:
        """What this page told, unless that is too long ago."""
        entry = self._read(self._file(page))
        if entry is None or entry.get("asked") != page:
            return None
        age = self._clock() - number(entry.get("time"))
        # from the future: the clock has been set back, so the age is not known
        return _endpoint(entry) if 0 <= age < self._expiry else None

    def put(self, page: str, endpoint: Endpoint) -> None:
        """Keep what this page told; a folder that cannot be written costs nothing."""
        entry = {
            "format": _FORMAT,
            "asked": page,
            "time": int(self._clock()),
            "url": endpoint.url,
            "page": endpoint.page,
            "build": endpoint.build,
            "login": endpoint.login,
            "older": endpoint.older,
            "broker": dataclasses.asdict(endpoint.broker),
            "servers": [_told(server) for server in endpoint.servers],
        }
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            _replace(self._file(page), json.dumps(entry, indent=1))
        except OSError as exc:
            log.warning("cannot keep what %s told: %s", page, exc)

    def named(self, server: str) -> Iterator[Endpoint]:
        """Endpoints that ever offered a server of this name, the newest first."""
        try:
            files = sorted(self.folder.glob("*.json"), key=_written, reverse=True)
        except OSError:
            return
        for file in files:
            entry = self._read(file)
            endpoint = None if entry is None else _endpoint(entry)
            if endpoint is not None and endpoint.server(server) is not None:
                yield endpoint

    def _file(self, page: str) -> Path:
        digest = hashlib.sha256(page.encode()).hexdigest()
        return self.folder / f"{digest[:32]}.json"

    def _read(self, file: Path) -> dict[str, Any] | None:
        try:
            if file.stat().st_size > _LARGEST_FILE:
                return None
            entry = json_of(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError):
            return None
        if entry is None or entry.get("format") != _FORMAT:
            return None
        return dict(entry)


def _told(server: Any) -> dict[str, Any]:
    """A server in the words of a page, so that it is read like one."""
    told = dataclasses.asdict(server)
    return {"server": told.pop("name"), **told}


def _endpoint(entry: dict[str, Any]) -> Endpoint | None:
    url, page = text(entry.get("url")), text(entry.get("page"))
    if not url or not page:
        return None
    kinds = {
        text(told.get("server")): told.get("demo")
        for told in map(mapping, entry.get("servers") or ())
    }
    servers = tuple(
        dataclasses.replace(server, demo=kinds.get(server.name))
        for server in read_servers(entry)
    )
    return Endpoint(
        url=url,
        page=page,
        build=number(entry.get("build")),
        login=number(entry.get("login")),
        broker=read_broker(entry),
        servers=servers,
        older=entry.get("older") is True,
    )


def _replace(file: Path, content: str) -> None:
    """Write the file whole or not at all, whoever else writes it at the time."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=file.stem, suffix=".part")
    part = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(content)
        part.replace(file)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _written(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0
