"""Servers' certificates of an authority that only the tests know."""

from __future__ import annotations

import datetime
import ssl

import trustme


def tls_of(
    authority: trustme.CA, host: str, *, until: datetime.datetime | None = None
) -> ssl.SSLContext:
    """What a server proves with that it is this host."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(host, not_after=until).configure_cert(context)
    return context
