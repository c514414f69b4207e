"""From an address to a connected socket, directly or through a proxy."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import websocket
from websocket._http import (
    ProxyConnectionError,
    ProxyError,
    ProxyTimeoutError,
    proxy_info,
)
from websocket._http import connect as library_connect
from websocket._socket import sock_opt

from mt5web_async.errors import ConnectionFailed, InsecureConnection, InvalidArgument

if TYPE_CHECKING:
    from pathlib import Path

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
PROXY_KINDS: Final = ("http", "socks4", "socks4a", "socks5", "socks5h")


@dataclass(frozen=True, kw_only=True)
class Proxy:
    """A proxy on the way to the server.

    Attributes:
        kind: ``http``, ``socks4``, ``socks4a``, ``socks5`` or ``socks5h``; the SOCKS
            kinds need the package python-socks (extra ``proxy``).
        username: with `password`, if the proxy asks for them.

    Raises:
        InvalidArgument: there is no such kind, or no host and port.
    """

    host: str
    port: int
    kind: str = "http"
    username: str | None = None
    password: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not self.host or not 0 < self.port < 1 << 16:
            raise InvalidArgument(
                f"proxy {self.host!r}:{self.port} is no host and port"
            )
        if self.kind not in PROXY_KINDS:
            raise InvalidArgument(
                f"proxy kind {self.kind!r}; {', '.join(PROXY_KINDS)} exist"
            )


@dataclass(frozen=True, slots=True)
class Address:
    """A WebSocket's address that may be used.

    Attributes:
        url: as it was given.
        host: to connect to, and to find in the certificate.
        secure: whether TLS protects the connection.
        origin: what a browser would name as the page's address.
    """

    url: str
    host: str
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
            host, _ = parts.hostname, parts.port
        except ValueError:
            parts, host = urlsplit(""), None
        if parts.scheme not in {"ws", "wss"} or not host or "@" in parts.netloc:
            raise ConnectionFailed(
                f"{url!r} is no WebSocket address; wss://host/terminal would be",
                server=url,
            )
        secure = parts.scheme == "wss"
        if not (secure or host in LOOPBACK or allow_insecure):
            raise InsecureConnection(
                f"{url} sends passwords in the open; use wss:// or allow_insecure=True",
                server=url,
            )
        page = "https" if secure else "http"
        return cls(url, host, secure, f"{page}://{parts.netloc}")


def dial(address: Address, proxy: Proxy | None, timeout: float) -> socket.socket:
    """A socket that is connected to the address; TLS has still to be started.

    Without a proxy the environment's (``https_proxy`` and the like) is used.

    Raises:
        ConnectionFailed: there is no way there.
        OSError: likewise.
    """
    options = sock_opt([], {"context": _LaterTls()})
    options.timeout = timeout
    try:
        connected, _ = library_connect(
            address.url, options, proxy_info(**_proxy_options(proxy, timeout)), None
        )
    except (ProxyError, ProxyConnectionError, ProxyTimeoutError) as exc:
        raise ConnectionFailed(
            f"no way to {address.url} through {proxy}: {exc}", server=address.url
        ) from exc
    except (ValueError, websocket.WebSocketException) as exc:
        raise ConnectionFailed(
            f"cannot connect to {address.url}: {exc}", server=address.url
        ) from exc
    made: socket.socket = connected
    return made


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


def _proxy_options(proxy: Proxy | None, timeout: float) -> dict[str, object]:
    if proxy is None:
        return {}
    auth = (proxy.username, proxy.password) if proxy.username else None
    return {
        "http_proxy_host": proxy.host,
        "http_proxy_port": proxy.port,
        "proxy_type": proxy.kind,
        "http_proxy_auth": auth,
        "http_proxy_timeout": timeout,
    }
