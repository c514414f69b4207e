"""What is configured, what can be reached, and what is wrong; without secrets.

Passwords are only ever looked at to see whether they are there.
"""

from __future__ import annotations

import importlib.util
import platform
import stat
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from enum import Enum
from importlib import metadata
from pathlib import Path
from typing import Final, NamedTuple

from mt5web_async.connection.session import Session
from mt5web_async.discovery import cache_path
from mt5web_async.enums import AccountType, GroupFlags, Rights
from mt5web_async.errors import EngineError
from mt5web_async.hosts import public
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.responses import AccountState, read_account
from mt5web_async.waiting import Deadline, drive

from .alias import NAME, other_package
from .backend import CallFailed
from .opening import Target, find, session_options
from .release import __version__
from .settings import Account, Settings, config_path, data_path

_EXTRAS: Final = {
    "websockets": "the simulated trade server: pip install 'mt5web[simulator]'",
    "pandas": "data frames: pip install 'mt5web[pandas]'",
    "python_socks": "SOCKS proxies: pip install 'mt5web[proxy]'",
}

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO

_CLOSE_TIMEOUT: Final = 3.0

_KINDS: Final = frozenset(AccountType)

_LIMITS: Final = {
    Rights.TRADE_DISABLED: "trading is disabled",
    Rights.INVESTOR: "the password is the investor's: no trading",
    Rights.READ_ONLY: "read only",
    Rights.RESET_PASSWORD: "the password has to be changed first",
}


class Verdict(Enum):
    """What to think of a finding."""

    OK = "ok"
    NOTE = "note"
    WRONG = "wrong"


class Finding(NamedTuple):
    """Something that was looked at.

    Attributes:
        verdict: what to think of it.
        topic: what was looked at, one word.
        text: what was found, and what to do about it; never a secret.
    """

    verdict: Verdict
    topic: str
    text: str


def diagnose(
    environment: Mapping[str, str], *, offline: bool = False, timeout: float = 20.0
) -> Iterator[Finding]:
    """Look at everything, one after the other.

    Args:
        environment: variables that may name an account.
        offline: do not connect to the server.
        timeout: s for connecting, and for logging in.
    """
    yield Finding(Verdict.OK, "version", _version())
    yield from _extras()
    yield _name()
    yield from _variables(environment)
    yield _folder("data", data_path())
    yield _folder("cache", cache_path())
    try:
        settings = Settings.read(config_path())
    except CallFailed as exc:
        yield Finding(Verdict.WRONG, "config", exc.text or "")
        return
    yield from _configuration(settings)
    if offline:
        yield from _account(settings, environment)
        return
    try:
        target = find(Account(), settings, environment)
    except CallFailed as exc:
        yield Finding(Verdict.WRONG, "account", exc.text or "")
        return
    yield Finding(
        Verdict.OK, "account", f"login {target.who.login} at {public(target.server)}"
    )
    yield from _connection(target, settings, timeout)


def _version() -> str:
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"mt5web {__version__}, {python}, {platform.system()} {platform.machine()}"


def _extras() -> Iterator[Finding]:
    for module, purpose in _EXTRAS.items():
        if importlib.util.find_spec(module) is None:
            yield Finding(Verdict.NOTE, "extra", f"not installed, for {purpose}")


def _name() -> Finding:
    """What `import MetaTrader5` gives here."""
    if other := other_package():
        told = f"there is another {NAME}, which scripts import: {other}"
        return Finding(Verdict.NOTE, "name", told)
    try:
        told = f"{NAME} {metadata.version(NAME)} stands for mt5web"
        return Finding(Verdict.OK, "name", told)
    except metadata.PackageNotFoundError:
        told = f"'import {NAME}' needs python -m mt5web run, or link"
        return Finding(Verdict.NOTE, "name", told)


def _variables(environment: Mapping[str, str]) -> Iterator[Finding]:
    names = sorted(name for name in environment if name.startswith("MT5WEB_"))
    if names:
        yield Finding(Verdict.OK, "variables", f"set: {', '.join(names)}")


def _folder(topic: str, folder: Path) -> Finding:
    """Whether a folder can be written; a missing one is only tried for."""
    there = folder
    while not there.exists() and there != there.parent:
        there = there.parent
    try:
        with tempfile.TemporaryFile(dir=there):
            return Finding(Verdict.OK, topic, str(folder))
    except OSError as exc:
        told = f"cannot write into {folder}: {exc.strerror}"
        return Finding(Verdict.WRONG, topic, told)


def _configuration(settings: Settings) -> Iterator[Finding]:
    path = config_path()
    if not path.exists():
        yield Finding(Verdict.NOTE, "config", f"there is no {path}; none is needed")
        return
    yield Finding(Verdict.OK, "config", str(path))
    secret = any(profile.password for profile in settings.profiles.values())
    if secret and path.stat().st_mode & _OTHERS and platform.system() != "Windows":
        yield Finding(
            Verdict.NOTE, "config", f"others may read its passwords: chmod 600 {path}"
        )
    for name, profile in settings.profiles.items():
        default = ", the default" if name == settings.default else ""
        yield Finding(Verdict.OK, "profile", f"{name}{default}: {_shown(profile)}")
    for name, address in settings.servers.items():
        yield Finding(Verdict.OK, "server", f"{name} is {public(address)}")
    if not settings.options.trade_allowed:
        yield Finding(
            Verdict.NOTE, "options", "trade_allowed is false: requests end with 10027"
        )


def _shown(account: Account) -> str:
    server = "no server" if account.server is None else public(account.server)
    login = "no login" if account.login is None else f"login {account.login}"
    password = "no password" if not account.password else "a password"
    return f"{login}, {password}, {server}"


def _account(settings: Settings, environment: Mapping[str, str]) -> Iterator[Finding]:
    """What is known of the account, without finding its server."""
    try:
        account = settings.account(Account(), environment)
    except CallFailed as exc:
        yield Finding(Verdict.WRONG, "account", exc.text or "")
        return
    yield Finding(Verdict.OK, "account", _shown(account))


def _connection(
    target: Target, settings: Settings, timeout: float
) -> Iterator[Finding]:
    """Whether the server answers, and then whether it takes the login."""
    options = session_options(target, settings)
    try:
        session = Session(
            target.url,
            options=replace(options, connect_timeout=timeout),
            pushes={},
            lost=lambda _: None,
        )
    except EngineError as exc:
        yield Finding(Verdict.WRONG, "server", public_text(str(exc), target.url))
        return
    try:
        for topic, step in (("server", _reach), ("login", _log_in)):
            text, failed = _tried(step, session, target, timeout)
            yield Finding(Verdict.WRONG if failed else Verdict.OK, topic, text)
            if failed:
                return
    finally:
        drive(session.close(_CLOSE_TIMEOUT))


Step = Callable[[Session, Target, Deadline], str]


def _tried(
    step: Step, session: Session, target: Target, timeout: float
) -> tuple[str, bool]:
    try:
        return step(session, target, Deadline(timeout)), False
    except EngineError as exc:
        return public_text(str(exc), target.url), True


def public_text(text: str, url: str) -> str:
    """A text with an address as it may be shown."""
    return text.replace(url, public(url))


def _reach(session: Session, target: Target, deadline: Deadline) -> str:
    start = time.monotonic()
    drive(session.open(b"", deadline))
    took = (time.monotonic() - start) * 1000
    return f"{public(target.url)} answers within {took:.0f} ms, build {session.build}"


def _log_in(session: Session, target: Target, deadline: Deadline) -> str:
    drive(session.login(target.who, deadline))
    state = drive(
        session.request(Command.ACCOUNT, b"", read_account, deadline=deadline)
    )
    drive(session.request(Command.LOGOUT, b"", lambda _: None, deadline=deadline))
    return f"login {target.who.login} accepted: {_described(state)}"


def _described(state: AccountState) -> str:
    account = state.account
    rights = Rights(account.rights)
    kind = AccountType(account.type).name.lower() if account.type in _KINDS else "?"
    limits = [text for right, text in _LIMITS.items() if right in rights]
    experts = state.trade_flags is None or state.trade_flags & GroupFlags.EXPERTS
    if not experts or Rights.EXPERT not in rights:
        limits.append("the server forbids trading by programs")
    return "; ".join(
        [
            f"{kind} account in {account.currency} at {account.server_name}",
            *limits,
        ]
    )
