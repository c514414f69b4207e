"""Connections, logins and passwords."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from typing import Final

from mt5web_async.calculation.one_time import is_current
from mt5web_async.enums import Rights
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.records import (
    CHANGE_PASSWORD_REQUEST,
    LOGIN_REQUEST,
    LOGIN_RESPONSE,
    LoginRequest,
)
from mt5web_async.protocol.requests import read_one_time_password
from mt5web_async.protocol.responses import TOKEN_SIZE, Bootstrap, write_bootstrap
from mt5web_async.simulator.broker import Broker
from mt5web_async.simulator.clients.session import Reply, Stage
from mt5web_async.simulator.clients.tokens import Entry
from mt5web_async.simulator.gateway.aside import aside
from mt5web_async.simulator.plans import account_plan
from mt5web_async.simulator.trading.accounts import Access

from .service import ERROR, Context, Result, Service, i32

logger: Final = logging.getLogger("mt5web_async.simulator")

PROBE: Final = 52
"""A command without content; answered only right after the bootstrap."""

_PASSWORD_REFUSED: Final = 1
_NO_LOGIN: Final = 2**63


def bootstrap(context: Context, payload: bytes) -> Reply | None:
    """Command 0: token and key of the connection."""
    session, broker = context.session, context.broker
    if session.stage is not Stage.CONNECTED:
        return ERROR
    asked = payload[:TOKEN_SIZE]
    if broker.config.older and not broker.tokens.is_announced(asked):
        session.finish()
        return None
    token, key = broker.tokens.connect(asked)
    shown = key
    if broker.faults.takes_wrong_key():
        shown = secrets.token_bytes(len(key))
    answer = write_bootstrap(Bootstrap(broker.config.build, token, shown))
    if broker.config.older:  # the client has the key
        answer = answer[: -len(shown)]
    session.answer(Command.BOOTSTRAP, Reply(answer))
    session.use_key(key)
    return None


async def login(context: Context, payload: bytes) -> Reply:
    """Command 28: by password, or by the token of an earlier login."""
    request = LOGIN_REQUEST.read(payload)
    broker, session = context.broker, context.session
    if not broker.connected:
        return Reply(result=Result.NO_TRADE_SERVER)
    entry = await _entry(broker, request)
    if entry.access is Access.REFUSED:
        logger.info("login %d refused", request.login)
        return Reply(result=Result.INVALID_ACCOUNT)
    doubt = _second_factor(broker, entry, request)
    if doubt is not Result.OK:
        logger.info("login %d: %s", request.login, doubt.name)
        return Reply(result=doubt)
    if session.stage is Stage.LOGGED_IN:
        session.leave()
    session.enter(entry.login, entry.access)
    logger.info("login %d, %s, session %d", entry.login, entry.access, session.number)
    return Reply(LOGIN_RESPONSE.write(broker.tokens.admit(entry)))


def logout(context: Context, _: bytes) -> Reply:
    """Command 2: the connection stays, without an account."""
    context.session.leave()
    return Reply()


def ping(_context: Context, _: bytes) -> Reply:
    """Command 51: still here."""
    return Reply()


def probe(context: Context, _: bytes) -> Reply | None:
    """Command 52: answered when nothing but the bootstrap came before."""
    return Reply() if context.session.received == 2 else None


def notify(_context: Context, _: bytes) -> Reply:
    """Command 42: a notification is asked for; nobody is there to get it."""
    return Reply()


def change_password(context: Context, payload: bytes) -> Reply:
    """Command 24: a new main or investor password."""
    request = CHANGE_PASSWORD_REQUEST.read(payload)
    broker, session = context.broker, context.session
    if session.access is not Access.MAIN:
        return Reply(i32(_PASSWORD_REFUSED))
    changed = broker.exchange.change_password(
        session.login,
        request.old_password,
        request.new_password,
        investor=bool(request.investor),
    )
    if changed:
        access = Access.INVESTOR if request.investor else Access.MAIN
        broker.tokens.revoke(Entry(session.login, access))
        if access is Access.MAIN:
            _satisfied(broker, session.login)
    return Reply(i32(0 if changed else _PASSWORD_REFUSED))


def _satisfied(broker: Broker, login: int) -> None:
    """An account that had to change its password has done so."""
    account = broker.exchange.account_state(login).account
    if account.rights & Rights.RESET_PASSWORD:
        rights = int(account.rights & ~Rights.RESET_PASSWORD)
        broker.change_account(
            login,
            lambda state: state._replace(account=account._replace(rights=rights)),
        )


def one_time_password(context: Context, payload: bytes) -> Reply:
    """Command 43: set up or remove a generator of one-time passwords."""
    request, token = read_one_time_password(payload)
    broker = context.broker
    entry = broker.tokens.entry(token) if token else None
    if not token:
        access = broker.exchange.authenticate(request.login, request.password)
        entry = Entry(request.login, access)
    if entry is None or entry != Entry(request.login, Access.MAIN):
        return Reply(result=Result.INVALID_ACCOUNT)
    if request.otp_secret:
        return _bind(broker, entry, request.otp_secret, request.otp_secret_check)
    return _unbind(broker, entry, request.otp)


async def _entry(broker: Broker, request: LoginRequest) -> Entry:
    if any(request.password_token):
        known = broker.tokens.entry(request.password_token, request.session)
        if known is not None and known.login == request.login:
            return known
        return Entry(request.login, Access.REFUSED)
    if broker.config.open_unknown:
        _open_unknown(broker, request)
    if broker.config.common_password and _opens_all(broker, request):
        return Entry(request.login, Access.MAIN)
    # a hash that is slow to make must not hold up everybody else
    lock = broker.exchange.lock(request.login)
    return Entry(request.login, await aside(broker.hashing, lock, request.password))


def _opens_all(broker: Broker, request: LoginRequest) -> bool:
    known = broker.exchange.knows_account(request.login)
    return known and request.password == broker.config.password


def _open_unknown(broker: Broker, request: LoginRequest) -> None:
    possible = 0 < request.login < _NO_LOGIN and request.password
    if not possible or broker.is_full or broker.exchange.knows_account(request.login):
        return
    plan = account_plan(
        broker.config,
        name=broker.config.name,
        login=request.login,
        password=request.password,
    )
    broker.open_account(plan, broker.config.balance)


def _second_factor(broker: Broker, entry: Entry, request: LoginRequest) -> Result:
    """Whether a one-time password is missing; tokens and onlookers need none."""
    if any(request.password_token) or entry.access is not Access.MAIN:
        return Result.OK
    secret = broker.exchange.generator(entry.login)
    if secret is None:
        return Result.TWO_FACTOR_NEEDED if broker.config.two_factor else Result.OK
    if not request.otp:
        return Result.ONE_TIME_PASSWORD_NEEDED
    current = is_current(request.otp, secret, broker.utc)
    return Result.OK if current else Result.WRONG_ONE_TIME_PASSWORD


def _bind(broker: Broker, entry: Entry, secret: str, code: str) -> Reply:
    try:
        current = is_current(code, secret, broker.utc)
    except ValueError:
        return ERROR
    if not current:
        return Reply(result=Result.WRONG_ONE_TIME_PASSWORD)
    broker.exchange.bind_generator(entry.login, secret)
    return Reply()


def _unbind(broker: Broker, entry: Entry, code: str) -> Reply:
    secret = broker.exchange.generator(entry.login)
    if secret is None or not is_current(code, secret, broker.utc):
        return Reply(result=Result.WRONG_ONE_TIME_PASSWORD)
    broker.exchange.bind_generator(entry.login, None)
    return Reply()


_BEFORE: Final = Stage.BOOTSTRAPPED

SESSIONS: Final[Mapping[int, Service]] = {
    Command.BOOTSTRAP: Service(bootstrap, Stage.CONNECTED),
    Command.LOGIN: Service(login, _BEFORE),
    Command.LOGOUT: Service(logout, _BEFORE),
    Command.PING: Service(ping, _BEFORE),
    PROBE: Service(probe, _BEFORE),
    Command.NOTIFY: Service(notify, _BEFORE),
    Command.CHANGE_PASSWORD: Service(change_password),
    Command.ONE_TIME_PASSWORD: Service(one_time_password, _BEFORE),
}
"""Services of connections and logins."""
