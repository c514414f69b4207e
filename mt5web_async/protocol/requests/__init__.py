"""Payloads of the requests that are more than one record, and their readers.

A request that is one record is written with that record's
:class:`~mt5web_async.protocol.wire.Layout` itself; commands 2, 3, 4, 6, 9, 34, 41,
44 and 51 have an empty payload.
"""

from mt5web_async.protocol.responses import LOGIN_TOKEN_SIZE

from .market import ids, read_ids, read_span, span
from .opening import (
    Document,
    RealAccountApplication,
    confirm_codes,
    filetime,
    open_demo_account,
    open_real_account,
    read_open_real_account,
    read_verification_codes,
    verification_codes,
)
from .session import (
    CLIENT_ID_SIZE,
    OneTimePasswordChange,
    bind_one_time_password,
    bootstrap,
    change_password,
    client_id,
    init,
    login,
    notify,
    read_one_time_password,
    unbind_one_time_password,
    write_one_time_password,
)

__all__ = [
    "CLIENT_ID_SIZE",
    "LOGIN_TOKEN_SIZE",
    "Document",
    "OneTimePasswordChange",
    "RealAccountApplication",
    "bind_one_time_password",
    "bootstrap",
    "change_password",
    "client_id",
    "confirm_codes",
    "filetime",
    "ids",
    "init",
    "login",
    "notify",
    "open_demo_account",
    "open_real_account",
    "read_ids",
    "read_one_time_password",
    "read_open_real_account",
    "read_span",
    "read_verification_codes",
    "span",
    "unbind_one_time_password",
    "verification_codes",
    "write_one_time_password",
]
