"""Proxies on the way to a server: which one there is, and getting through it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import quote, unquote, urlsplit
from urllib.request import getproxies_environment, proxy_bypass

import websocket
from websocket._http import _tunnel, proxy_info

from mt5web_async.errors import ConnectionFailed, InvalidArgument, MalformedMessage
from mt5web_async.hosts import is_loopback, public

if TYPE_CHECKING:
    from .dialling import Address
    from .stream import Stream

PROXY_KINDS: Final = ("http", "socks4", "socks4a", "socks5", "socks5h")

_USUAL_PORT: Final = 80
_USUAL_SOCKS_PORT: Final = 1080
_BRIEF: Final = 200  # characters of what a proxy or a library says


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

    @property
    def place(self) -> str:
        """Where it is, as an address that the library can connect to."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"ws://{host}:{self.port}/"

    @property
    def auth(self) -> tuple[str, str | None] | None:
        """Name and password, as the library wants them."""
        return (self.username, self.password) if self.username else None


def of_environment(address: Address) -> Proxy | None:
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


def library_proxy(proxy: Proxy | None, timeout: float) -> Any:
    """A SOCKS proxy or none in the library's words, which is not to find another."""
    if proxy is None:
        info = proxy_info()
        info.no_proxy = ["*"]
        return info
    return proxy_info(
        http_proxy_host=proxy.host,
        http_proxy_port=proxy.port,
        proxy_type=proxy.kind,
        http_proxy_auth=proxy.auth,
        http_proxy_timeout=timeout,
    )


def pass_through(stream: Stream, proxy: Proxy, address: Address) -> None:
    """Have an HTTP proxy connect a stream, which leads to it, to the address.

    Raises:
        ConnectionFailed: it does not, or not in time, or at too great a length.
    """
    host = f"[{address.host}]" if ":" in address.host else address.host
    try:
        _tunnel(cast("Any", stream), host, address.port, proxy.auth)
    except (OSError, websocket.WebSocketException, MalformedMessage) as exc:
        failure = no_way(address, proxy, exc)
    else:
        return
    raise failure


def no_way(address: Address, proxy: Proxy, error: Exception) -> ConnectionFailed:
    """What to tell of a proxy that leads nowhere.

    Raise it where the error is handled no more: the library's frames, which are part
    of what it goes back to, hold the proxy's password.
    """
    return ConnectionFailed(
        f"no way to {address.url} through {proxy}: {brief(error)}", server=address.url
    )


def brief(error: Exception) -> str:
    """What went wrong, without all that a peer may have said."""
    text = str(error)
    return text if len(text) <= _BRIEF else f"{text[:_BRIEF]}..."
