"""Hosts and URLs as people give them, and the addresses they stand for."""

from __future__ import annotations

import re
from typing import Final, NamedTuple
from urllib.parse import SplitResult, urlsplit

from mt5web_async.errors import InsecureConnection, InvalidArgument
from mt5web_async.hosts import is_loopback, public

TERMINAL: Final = "/terminal"

_SAFE: Final = {"https": "https", "wss": "https", "http": "http", "ws": "http"}
_HOST: Final = re.compile(r"[\w.:\[\]-]+", re.ASCII)


class Place(NamedTuple):
    """A host with the page that was asked for.

    Attributes:
        page: address of the page, without user, query and fragment.
        root: ``https://HOST``, what the other addresses begin with.
    """

    page: str
    root: str

    @property
    def terminal(self) -> str:
        """Where the page of a web terminal usually is."""
        return self.root + TERMINAL

    @property
    def websocket(self) -> str:
        """Where its WebSocket is."""
        return "ws" + self.root.removeprefix("http") + TERMINAL

    @property
    def is_local(self) -> bool:
        """Whether this machine itself is meant."""
        return is_loopback(split(self.root).hostname)


def place_of(where: str, *, allow_insecure: bool = False) -> Place | None:
    """What a host or URL stands for; None: it may be the name of a server.

    Raises:
        InsecureConnection: plain HTTP to another machine.
        InvalidArgument: a URL that leads to no page.
    """
    if "://" not in where:
        host, slash, path = where.partition("/")
        if not _HOST.fullmatch(host):
            return None
        local = is_loopback(split(f"//{host}").hostname)
        if not local and "." not in host and ":" not in host:
            return None
        where = f"{'http' if local else 'https'}://{host}{slash}{path}"
    parts = split(where)
    scheme = _SAFE.get(parts.scheme)
    if scheme is None:
        raise InvalidArgument(
            f"{parts.scheme}:// is no address of a page; https:// or wss:// are right"
        )
    root = f"{scheme}://{parts.netloc.rpartition('@')[2]}"
    check_security(root, allow_insecure=allow_insecure)
    path = parts.path.rstrip("/")
    return Place(root + (path or TERMINAL), root)


def check_security(url: str, *, allow_insecure: bool) -> None:
    """Refuse to talk in plain text to another machine.

    Raises:
        InsecureConnection: it would.
    """
    plain = urlsplit(url).scheme not in {"https", "wss"}
    if plain and not is_loopback(split(url).hostname) and not allow_insecure:
        raise InsecureConnection(
            f"{public(url)} is not encrypted; use https://, or allow_insecure=True if "
            "you trust everything on the way",
            server=public(url),
        )


def split(url: str) -> SplitResult:
    """The parts of a URL.

    Raises:
        InvalidArgument: it is none, or names no host.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises for what is no number
    except ValueError as exc:
        raise InvalidArgument(f"not the address of a page: {exc}") from None
    if not parts.hostname:
        raise InvalidArgument("not the address of a page: it names no host")
    return parts
