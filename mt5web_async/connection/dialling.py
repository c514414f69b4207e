"""From an address to a connected socket, directly or through a proxy."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, unquote, urlsplit
from urllib.request import getproxies_environment, proxy_bypass

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
from mt5web_async.hosts import is_loopback, public

if TYPE_CHECKING:
    from pathlib import Path

PROXY_KINDS: Final = ("http", "socks4", "socks4a", "socks5", "socks5h")

_TROUBLES: Final = (
    ProxyError,
    ProxyConnectionError,
    ProxyTimeoutError,
    websocket.WebSocketException,
    ValueError,
    OSError,
)
_USUAL_PORT: Final = 80
_USUAL_SOCKS_PORT: Final = 1080
_NO_HOST: Final = "\0"  # an empty list would make the library ask the environment


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

    @classmethod
    def of(cls, url: str) -> Proxy:
        """The proxy at an address, all of which has to be there.

        >>> Proxy.of("socks5h://me:hush@proxy.example:1080")
        Proxy(host='proxy.example', port=1080, kind='socks5h', username='me')

        Raises:
            InvalidArgument: it is none; its password is not shown.
        """
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            host = port = None
        if not host or not port:
            raise InvalidArgument(
                f"{public(url)!r} is no address of a proxy; http://proxy.example:3128 "
                "would be, with user:password@ before the host if need be"
            )
        return cls(
            host=host,
            port=port,
            kind=parts.scheme,
            username=None if parts.username is None else unquote(parts.username),
            password=None if parts.password is None else unquote(parts.password),
        )

    @property
    def url(self) -> str:
        """Its address, password and all: never to be shown."""
        user = "" if self.username is None else quote(self.username, safe="")
        secret = "" if self.password is None else f":{quote(self.password, safe='')}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        at = "@" if user or secret else ""
        return f"{self.kind}://{user}{secret}{at}{host}:{self.port}"


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
        return cls(url, host, secure, f"{page}://{parts.netloc}")


def dial(address: Address, proxy: Proxy | None, timeout: float) -> socket.socket:
    """A socket that is connected to the address; TLS has still to be started.

    Without a proxy the environment's (``https_proxy`` and the like) is used, except
    to this machine.

    Raises:
        ConnectionFailed: there is no way there.
    """
    options = sock_opt([], {"context": _LaterTls()})
    options.timeout = timeout
    proxy = proxy or _of_environment(address)
    try:
        connected, _ = library_connect(
            address.url, options, _proxy_info(proxy, timeout), None
        )
    except _TROUBLES as exc:
        if proxy is None:
            raise ConnectionFailed(
                f"cannot connect to {address.url}: {exc}", server=address.url
            ) from exc
        failure = f"no way to {address.url} through {proxy}: {exc}"
    else:
        made: socket.socket = connected
        return made
    # without what it goes back to: the library's frames hold the proxy's password
    raise ConnectionFailed(failure, server=address.url)


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


def _of_environment(address: Address) -> Proxy | None:
    """The proxy that the environment names for an address.

    Raises:
        ConnectionFailed: what it names is none.
    """
    if is_loopback(address.host) or proxy_bypass(address.host):
        return None
    named = getproxies_environment()
    url = named.get("https" if address.secure else "http") or named.get("all")
    if not url:
        return None
    try:
        return Proxy.of(_completed(url))
    except InvalidArgument as exc:
        raise ConnectionFailed(
            f"no way to {address.url}: in the environment, {exc}", server=address.url
        ) from exc


def _completed(url: str) -> str:
    """A proxy's address with what is usual in place of what is left out."""
    url = url if "://" in url else f"http://{url}"
    try:
        parts = urlsplit(url)
        complete = bool(parts.port) or not parts.hostname
    except ValueError:
        return url  # refused by whoever takes it
    if complete:
        return url
    port = _USUAL_SOCKS_PORT if parts.scheme.startswith("socks") else _USUAL_PORT
    return f"{parts.scheme}://{parts.netloc.rstrip(':')}:{port}"


def _proxy_info(proxy: Proxy | None, timeout: float) -> Any:
    """The proxy in the library's words, which is not to look for another."""
    if proxy is None:
        info = proxy_info()
        info.no_proxy = ["*"]
        return info
    return proxy_info(
        http_proxy_host=proxy.host,
        http_proxy_port=proxy.port,
        proxy_type=proxy.kind,
        http_proxy_auth=(proxy.username, proxy.password) if proxy.username else None,
        http_proxy_timeout=timeout,
        http_no_proxy=[_NO_HOST],
    )
