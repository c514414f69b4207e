"""From an address to a connected socket, directly or through a proxy."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import websocket
from websocket._http import ProxyConnectionError, ProxyError, ProxyTimeoutError
from websocket._http import connect as library_connect
from websocket._socket import sock_opt

from mt5web_async.errors import ConnectionFailed, InsecureConnection
from mt5web_async.hosts import is_loopback, public

from .proxies import Proxy, brief, library_proxy, no_way

if TYPE_CHECKING:
    from pathlib import Path

_TROUBLES: Final = (
    ProxyError,
    ProxyConnectionError,
    ProxyTimeoutError,
    websocket.WebSocketException,
    ValueError,
    OSError,
)
_PORTS: Final = {"ws": 80, "wss": 443}


@dataclass(frozen=True, slots=True)
class Address:
    """A WebSocket's address that may be used.

    Attributes:
        url: as it was given.
        host: to connect to, and to find in the certificate.
        port: likewise to connect to.
        secure: whether TLS protects the connection.
        origin: what a browser would name as the page's address.
    """

    url: str
    host: str
    port: int
    secure: bool
    origin: str

    @classmethod
    def of(cls, url: str, *, allow_insecure: bool) -> Address:
        """The address behind a URL.

        Raises:
            ConnectionFailed: it is no WebSocket address.
            InsecureConnection: it sends passwords in the open.
        """
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            parts, host, port = urlsplit(""), None, None
        shown = public(url)
        if parts.scheme not in {"ws", "wss"} or not host or "@" in parts.netloc:
            raise ConnectionFailed(
                f"{shown!r} is no WebSocket address; wss://host/terminal would be, "
                "without user and password in it",
                server=shown,
            )
        secure = parts.scheme == "wss"
        if not (secure or is_loopback(host) or allow_insecure):
            raise InsecureConnection(
                f"{shown} sends passwords in the open; use wss:// or "
                "allow_insecure=True",
                server=shown,
            )
        page = "https" if secure else "http"
        port = port or _PORTS[parts.scheme]
        return cls(url, host, port, secure, f"{page}://{parts.netloc}")


def dial(address: Address, proxy: Proxy | None, timeout: float) -> socket.socket:
    """A socket that is connected to the address, or to the HTTP proxy on the way.

    TLS has still to be started.

    Raises:
        ConnectionFailed: there is no way there.
    """
    options = sock_opt([], {"context": _LaterTls()})
    options.timeout = timeout
    url, socks = address.url, proxy
    if proxy is not None and proxy.kind == "http":
        url, socks = proxy.place, None
    try:
        connected, _ = library_connect(
            url, options, library_proxy(socks, timeout), None
        )
    except _TROUBLES as exc:
        if proxy is None:
            raise ConnectionFailed(
                f"cannot connect to {address.url}: {brief(exc)}", server=address.url
            ) from exc
        failure = no_way(address, proxy, exc)
    else:
        made: socket.socket = connected
        return made
    raise failure


def tls_context(ca_file: Path | str | None) -> ssl.SSLContext:
    """Verifies certificates against the system's authorities, or these.

    Raises:
        ConnectionFailed: the file holds no certificates.
    """
    try:
        return ssl.create_default_context(
            cafile=None if ca_file is None else str(ca_file)
        )
    except OSError as exc:
        raise ConnectionFailed(f"ca_file {ca_file}: {exc}") from exc


class _LaterTls:
    """Makes the library leave TLS to us, with our time limit."""

    def wrap_socket(self, plain: socket.socket, **_: Any) -> socket.socket:
        """The socket as it is."""
        return plain
