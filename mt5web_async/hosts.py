"""What can be told from a host's name or from an address, without asking anybody."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit


def is_loopback(host: str | None) -> bool:
    """Whether a host is this machine itself, whatever name services say.

    >>> [is_loopback(h) for h in ("localhost", "127.0.0.2", "::1", "LOCALHOST.")]
    [True, True, True, True]
    >>> is_loopback("localhost.example"), is_loopback("127.0.0.1.example")
    (False, False)

    Args:
        host: without a port; an IPv6 address without its brackets.
    """
    if not host:
        return False
    if host.lower().removesuffix(".") == "localhost":
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped.is_loopback
    return address.is_loopback


def public(address: str) -> str:
    """An address as it may be shown: without user, password, query and fragment.

    >>> public("wss://me:secret@broker.example/terminal?key=1")
    'wss://broker.example/terminal'
    """
    if "://" not in address:
        return address
    try:
        parts = urlsplit(address)
    except ValueError:
        return f"{address.partition('://')[0]}://..."
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
