"""From a server as scripts name it to the address of its WebSocket."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlsplit

from mt5web_async.discovery import Discovery, DiscoveryOptions
from mt5web_async.errors import (
    ConnectionFailed,
    EngineError,
    NoTerminal,
    TerminalDisabled,
)
from mt5web_async.hosts import is_loopback, public

from .settings import SIMULATOR, config_path, failed

if TYPE_CHECKING:
    from .settings import Settings

log = logging.getLogger("mt5web")

_PAGES: Final = {"https": "wss", "http": "ws"}


class Address(NamedTuple):
    """Where a server can be reached.

    Attributes:
        url: of its WebSocket.
        page: of an older host, which announces every connection there; "": it is none.
    """

    url: str
    page: str = ""


def address_of(server: str, settings: Settings) -> Address:
    """The address that a host, a URL, or a server's name stands for; asks nobody.

    The settings' own names come first, then what `python -m mt5web servers` found
    out. The embedded server has no address before it runs: its name stays.

    Raises:
        CallFailed: it is none of them.
    """
    server = settings.named(server)
    if server == SIMULATOR:
        return Address(server)
    known = _known(server, settings)
    if known is not None and "://" not in server:
        return known
    url = _url(server)
    if url is None:
        raise failed(
            f"no address is known for server '{server}': let python -m mt5web servers "
            f"ask the page of its broker, add it to [servers] in {config_path()}, or "
            "give wss://HOST/terminal"
        )
    return known if known is not None and known.url == url else Address(url)


def address_instead_of(
    address: Address, failure: EngineError, settings: Settings, timeout: float
) -> Address:
    """The address of a host that could not be connected to, after asking its page.

    Args:
        address: that was tried.
        failure: what came of it.
        settings: how hosts are reached.
        timeout: s.

    Raises:
        EngineError: the failure, or what the page tells about it.
    """
    if address.page:
        raise failure
    discovery = discovery_for(settings, timeout)
    try:
        found = discovery.find(address.url, fresh=True)
    except TerminalDisabled as disabled:
        raise disabled from failure
    except NoTerminal as exc:
        raise ConnectionFailed(f"{failure}; and {exc}", server=exc.server) from failure
    except EngineError as exc:
        log.info("asking the page of %s: %s", public(address.url), exc)
        raise failure from None
    if found.url != address.url:
        raise ConnectionFailed(
            f"{failure}; its page says that the server is at {found.url}: give that",
            server=address.url,
        ) from failure
    if not found.older:
        raise failure
    return Address(found.url, found.page)


def discovery_for(settings: Settings, timeout: float = 20.0) -> Discovery:
    """What asks pages, in the way that servers are reached."""
    return Discovery(
        DiscoveryOptions(
            timeout=timeout,
            ca_file=settings.connection.ca_file,
            allow_insecure=settings.options.allow_insecure,
            proxy=settings.connection.proxy,
        )
    )


def _known(server: str, settings: Settings) -> Address | None:
    """What a page told before."""
    try:
        endpoint = discovery_for(settings).known(server)
    except EngineError:  # no host and no page: told by whoever connects to it
        return None
    if endpoint is None:
        return None
    return Address(endpoint.url, endpoint.page if endpoint.older else "")


def _url(server: str) -> str | None:
    """The WebSocket of a host or page; other URLs stay as they are."""
    scheme, separator, rest = server.rpartition("://")
    host = rest.split("/", maxsplit=1)[0]
    if separator:
        return f"{_PAGES[scheme]}://{host}/terminal" if scheme in _PAGES else server
    if is_loopback(_name(host)):
        return f"ws://{host}/terminal"
    return f"wss://{host}/terminal" if "." in host and " " not in host else None


def _name(host: str) -> str | None:
    """A host without its port and brackets."""
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None
