"""Requests that open an account (commands 27, 30, 39 and 40)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from mt5web_async.errors import MalformedMessage
from mt5web_async.hidden import HiddenBytes
from mt5web_async.protocol.records import (
    DOCUMENT_HEAD,
    OPEN_ACCOUNT_REQUEST,
    REAL_ACCOUNT_TAIL,
    VERIFICATION_REQUEST_HEAD,
    DocumentHead,
    OpenAccountRequest,
    RealAccountTail,
    VerificationRequestHead,
)
from mt5web_async.protocol.wire import Buffer

_FILETIME_OF_1970: Final = 116_444_736_000_000_000
_STEPS_PER_MS: Final = 10_000


def filetime(unix_ms: int) -> int:
    """Milliseconds since 1970 as 100 ns steps since 1601, as a birth date is sent.

    >>> filetime(0)
    116444736000000000
    """
    return unix_ms * _STEPS_PER_MS + _FILETIME_OF_1970


def verification_codes(
    application: OpenAccountRequest, *, build: int, client_id: bytes
) -> bytes:
    """Command 27: has codes sent to the applicant's e-mail and phone.

    Args:
        application: who applies, still without codes.
        build: the web terminal's build.
        client_id: the installation's id.
    """
    head = VerificationRequestHead(build=build, client_id=client_id)
    written = VERIFICATION_REQUEST_HEAD.write(head) + _written(application)
    return HiddenBytes(written)


def read_verification_codes(
    body: Buffer,
) -> tuple[VerificationRequestHead, OpenAccountRequest]:
    """What command 27 asks for."""
    head = VERIFICATION_REQUEST_HEAD.read(body)
    return head, OPEN_ACCOUNT_REQUEST.read(body, VERIFICATION_REQUEST_HEAD.size)


def confirm_codes(application: OpenAccountRequest) -> bytes:
    """Command 40: the application with the codes that the applicant received."""
    return _written(application)


def open_demo_account(application: OpenAccountRequest) -> bytes:
    """Command 30."""
    return _written(application)


class Document(NamedTuple):
    """A paper of the applicant, as one or two files."""

    data_type: int = 0
    document_type: int = 0
    front_name: str = ""
    front: bytes = b""
    back_name: str = ""
    back: bytes = b""


class RealAccountApplication(NamedTuple):
    """What command 39 asks for."""

    application: OpenAccountRequest
    tail: RealAccountTail
    documents: tuple[Document, ...] = ()


def open_real_account(
    application: OpenAccountRequest,
    tail: RealAccountTail,
    documents: Iterable[Document] = (),
) -> bytes:
    """Command 39; names that the tail leaves out are the application's."""
    named = tail._replace(
        first_name=tail.first_name or application.first_name,
        second_name=tail.second_name or application.second_name,
    )
    parts = [_written(application), REAL_ACCOUNT_TAIL.write(named)]
    return HiddenBytes(b"".join([*parts, *map(_write_document, documents)]))


def read_open_real_account(body: Buffer) -> RealAccountApplication:
    """What command 39 asks for.

    Raises:
        MalformedMessage: a document announces more than there is.
    """
    application = OPEN_ACCOUNT_REQUEST.read(body)
    tail = REAL_ACCOUNT_TAIL.read(body, OPEN_ACCOUNT_REQUEST.size)
    documents = []
    offset = OPEN_ACCOUNT_REQUEST.size + REAL_ACCOUNT_TAIL.size
    while offset < len(body):
        document, offset = _read_document(body, offset)
        documents.append(document)
    return RealAccountApplication(application, tail, tuple(documents))


def _written(application: OpenAccountRequest) -> bytes:
    name = f"{application.first_name} {application.second_name}"
    return OPEN_ACCOUNT_REQUEST.write(application._replace(name=name))


def _write_document(document: Document) -> bytes:
    head = DocumentHead(
        data_type=document.data_type,
        document_type=document.document_type,
        front_name=document.front_name,
        front_size=len(document.front),
        back_name=document.back_name,
        back_size=len(document.back),
    )
    return DOCUMENT_HEAD.write(head) + document.front + document.back


def _read_document(body: Buffer, offset: int) -> tuple[Document, int]:
    head = DOCUMENT_HEAD.read(body, offset)
    start = offset + DOCUMENT_HEAD.size
    middle = start + head.front_size
    end = middle + head.back_size
    if end > len(body):
        raise MalformedMessage(
            f"files of {head.front_size} and {head.back_size} bytes announced, "
            f"{len(body) - start} bytes there"
        )
    document = Document(
        head.data_type,
        head.document_type,
        head.front_name,
        bytes(body[start:middle]),
        head.back_name,
        bytes(body[middle:end]),
    )
    return document, end
