"""Payloads of the requests that are more than one record."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import Final

from .records import (
    DOCUMENT_HEAD,
    LOGIN_REQUEST,
    OPEN_ACCOUNT_REQUEST,
    REAL_ACCOUNT_TAIL,
    VERIFICATION_REQUEST_HEAD,
    DocumentHead,
    LoginRequest,
    OpenAccountRequest,
    RealAccountTail,
    VerificationRequestHead,
)
from .responses import TOKEN_SIZE
from .wire import Buffer, read_count

LOGIN_TOKEN_SIZE: Final = 160
"""Bytes of the token that logs in again in place of the password."""

_MAX_URL: Final = 128


def bootstrap(token: bytes = b"") -> bytes:
    """Command 0: zeros, or the token that the last connection got."""
    return token[:TOKEN_SIZE].ljust(TOKEN_SIZE, b"\0")


def login(
    login: int,
    *,
    client_id: bytes,
    password: str = "",
    token: bytes = b"",
    session: int = 0,
    otp: str = "",
    url: str = "",
) -> bytes:
    """Command 28: with the password, or with the token of an earlier login."""
    return LOGIN_REQUEST.write(
        LoginRequest(
            login=login,
            password="" if token else password,
            password_token=token,
            session=session,
            otp=otp,
            client_id=client_id,
            url_length=min(len(url), _MAX_URL),
            url=url,
        )
    )


def ids(symbol_ids: Iterable[int]) -> bytes:
    """Commands 7, 18, 20 and 22: a counted list of symbol ids."""
    numbers = list(symbol_ids)
    return struct.pack(f"<I{len(numbers)}I", len(numbers), *numbers)


def read_ids(body: Buffer) -> list[int]:
    """The way back of :func:`ids`; what is announced beyond the end is left out."""
    count = min(read_count(body), (len(body) - 4) // 4)
    return list(struct.unpack_from(f"<{count}I", body, 4))


def span(start: int, end: int) -> bytes:
    """Command 5: a span of server time in seconds, both ends included."""
    return struct.pack("<ii", start, end)


def read_span(body: Buffer) -> tuple[int, int]:
    """The way back of :func:`span`."""
    start, end = struct.unpack_from("<ii", body)
    return start, end


def notify(number: int) -> bytes:
    """Command 42."""
    return struct.pack("<I", number)


def verification_codes(
    head: VerificationRequestHead, application: OpenAccountRequest
) -> bytes:
    """Command 27."""
    return VERIFICATION_REQUEST_HEAD.write(head) + OPEN_ACCOUNT_REQUEST.write(
        application
    )


def open_real_account(
    application: OpenAccountRequest,
    tail: RealAccountTail,
    documents: Iterable[tuple[DocumentHead, bytes, bytes]] = (),
) -> bytes:
    """Command 39; a document is its head and its front and back files."""
    parts = [OPEN_ACCOUNT_REQUEST.write(application), REAL_ACCOUNT_TAIL.write(tail)]
    for head, front, back in documents:
        sized = head._replace(front_size=len(front), back_size=len(back))
        parts += [DOCUMENT_HEAD.write(sized), front, back]
    return b"".join(parts)
