"""Where the account comes from when a script does not name it.

Most scripts call `initialize()` bare and rely on the account that a desktop terminal
knows. Here it comes from the environment or from a profile in the user's
configuration folder::

    # config.toml
    default = "demo"

    [profiles.demo]
    server = "wss://terminal.broker.example/terminal"
    login = 5012345
    password = "secret"

    [servers]  # for names that no page told, see `python -m mt5web servers`
    "Broker-Demo" = "wss://terminal.broker.example/terminal"

    [options]
    symbols = ["EURUSD", "XAUUSD"]

    [connection]
    reconnect_pause = 30.0

What a call gives wins over the environment, and that over a profile.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import platformdirs

from mt5web_async.terminal.default_symbols import DEFAULT_SYMBOLS

from .backend import CallFailed
from .connection_settings import TABLE, ConnectionSettings
from .constants import RES_E_INTERNAL_FAIL_INIT
from .tables import Reader, path_of, read_table, table, text

SIMULATOR: Final = "simulator"
"""The server name of the embedded trade server."""


def config_path() -> Path:
    """The configuration file: `MT5WEB_CONFIG`, or the user's configuration folder."""
    folder = platformdirs.user_config_path("mt5web", appauthor=False)
    return _named("MT5WEB_CONFIG") or folder / "config.toml"


def data_path() -> Path:
    """The folder for what is kept: `MT5WEB_DATA`, or the user's data folder."""
    folder = platformdirs.user_data_path("mt5web", appauthor=False)
    return _named("MT5WEB_DATA") or folder


@dataclass(frozen=True, kw_only=True)
class Account:
    """Whom to log in, and where; what is None is not known.

    Attributes:
        server: as given: an address, a host, or a name.
        path: folder or program of a desktop terminal that stands for this account.
        otp: the one-time password that the account's generator shows now.
        otp_secret: what the generator works from, to make one-time passwords of.
    """

    login: int | None = None
    password: str | None = field(default=None, repr=False)
    server: str | None = None
    path: str | None = None
    otp: str | None = field(default=None, repr=False)
    otp_secret: str | None = field(default=None, repr=False)

    def over(self, other: Account) -> Account:
        """What is known here, and what the other knows beside it."""
        known = {
            name: getattr(other if mine is None else self, name)
            for name in Account.__dataclass_fields__
            for mine in [getattr(self, name)]
        }
        return Account(**known)


@dataclass(frozen=True, kw_only=True)
class Options:
    """How terminals behave; the table [options].

    Attributes:
        symbols: that the Market Watch shows at first, without the prefix or suffix of
            the broker.
        trade_allowed: programs may trade; if not, requests end with code 10027.
        trade_wait: s that a trade request waits for a connection that is down, before
            it is checked; 0: it ends with code 10031 at once.
        trade_timeout: s to wait for the result of a trade request; then its outcome is
            unknown.
        max_bars: a request for so many bars or more is refused.
        allow_insecure: accept `ws://` to other machines than this one.
        keep_warm: s that a connection outlives `shutdown`, for programs that call
            `initialize` and `shutdown` around every request.
        magic_in_comment: write magic numbers into comments, for other machines.
        journal: file that keeps trade requests; MT5WEB_JOURNAL wins. None: one in the
            data folder.
        ticks: folder that keeps the ticks seen; MT5WEB_TICKS wins. None: they are
            kept in memory only.
    """

    symbols: tuple[str, ...] = DEFAULT_SYMBOLS
    trade_allowed: bool = True
    trade_wait: float = 0.0
    trade_timeout: float = 180.0
    max_bars: int = 10_000_000
    allow_insecure: bool = False
    keep_warm: float = 0.0
    magic_in_comment: bool = False
    journal: Path | None = None
    ticks: Path | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.trade_wait < float("inf"):
            raise ValueError(f"trade_wait = {self.trade_wait}: must be 0 s or more")
        if not 0 < self.trade_timeout < float("inf"):
            raise ValueError(
                f"trade_timeout = {self.trade_timeout}: s above 0 are right"
            )


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The configuration file, read.

    Attributes:
        options: how terminals behave.
        connection: how their connections do.
        default: name of the profile for bare calls.
        profiles: accounts by name.
        servers: addresses by the name that brokers give their servers.
    """

    options: Options = field(default_factory=Options)
    connection: ConnectionSettings = field(default_factory=ConnectionSettings)
    default: str | None = None
    profiles: Mapping[str, Account] = field(default_factory=dict)
    servers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Settings:
        """Read the file; none is as good as an empty one.

        Raises:
            CallFailed: it is no TOML, or holds something else than it should.
        """
        try:
            file = tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return cls()
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
            raise failed(f"cannot read {path}: {exc}") from exc
        return _checked(file, path)

    def account(self, given: Account, environment: Mapping[str, str]) -> Account:
        """The account for a call: what it gives, the environment, a profile.

        One source completes another only if both can mean the same account: a
        password never goes to another login or server than it is kept for.
        """
        known = given
        for source in (_from_environment(environment), *self._profiles(given)):
            if self._same(known, source):
                known = known.over(source)
        return known

    def _profiles(self, given: Account) -> list[Account]:
        """The profiles that may complete an account, best first."""
        profiles = self.profiles.values()
        by_path = [p for p in profiles if p.path and p.path == given.path]
        by_login = [p for p in profiles if p.login == given.login]
        default = [self.profiles[self.default]] if self.default else []
        if not default and len(profiles) == 1:
            default = list(profiles)
        return [*by_path, *by_login, *default]

    def _same(self, one: Account, other: Account) -> bool:
        logins = {one.login, other.login} - {None}
        servers = {self.named(s) for s in (one.server, other.server) if s}
        return len(logins) <= 1 and len(servers) <= 1

    def named(self, server: str) -> str:
        """What a name in the settings stands for; the name itself if it is none."""
        profile = self.profiles.get(server)
        if profile is not None and server not in self.servers:
            server = profile.server or server
        return self.servers.get(server, server)


def failed(detail: str) -> CallFailed:
    """The failure of an initialize: code -10003 and what to do."""
    return CallFailed(RES_E_INTERNAL_FAIL_INIT, detail)


def complete(account: Account) -> Account:
    """The account, if a login can be made of it.

    Raises:
        CallFailed: something is missing; the text says how to give it.
    """
    missing = [
        name for name in ("server", "login", "password") if not getattr(account, name)
    ]
    if missing and account.server != SIMULATOR:
        variables = ", ".join(f"MT5WEB_{name.upper()}" for name in missing)
        raise failed(
            f"no {', no '.join(missing)} given: set {variables}, or a profile in "
            f"{config_path()}, or give {', '.join(missing)} in the call"
        )
    return account


def _from_environment(environment: Mapping[str, str]) -> Account:
    login = environment.get("MT5WEB_LOGIN") or None
    if login is not None and not login.isdecimal():
        raise failed(f"MT5WEB_LOGIN is '{login}'; an account number is needed")
    return Account(
        login=None if login is None else int(login),
        password=environment.get("MT5WEB_PASSWORD") or None,
        server=environment.get("MT5WEB_SERVER") or None,
        otp=environment.get("MT5WEB_OTP") or None,
        otp_secret=environment.get("MT5WEB_OTP_SECRET") or None,
    )


def tick_folder(options: Options) -> Path | None:
    """The folder that keeps the ticks seen; None: none does."""
    return _named("MT5WEB_TICKS") or options.ticks


def journal_path(options: Options) -> Path:
    """The file of the journal."""
    kept = _named("MT5WEB_JOURNAL") or options.journal
    return kept or data_path() / "journal.sqlite3"


def _named(variable: str) -> Path | None:
    """The file or folder that an environment variable names."""
    path = os.environ.get(variable)
    return path_of(path) if path else None


def _checked(file: Mapping[str, Any], path: Path) -> Settings:
    try:
        _check_names(file)
        profiles = {n: _profile(p) for n, p in table(file, "profiles").items()}
        servers = {n: text(a) for n, a in table(file, "servers").items()}
        default = text(file["default"]) if "default" in file else None
        options = Options(**read_table(file, "options", Options(), _SPECIAL))
        connection = ConnectionSettings.read(file)
    except (TypeError, ValueError) as exc:
        raise failed(f"{path}: {exc}") from exc
    if default is not None and default not in profiles:
        raise failed(f"{path}: default profile '{default}' is not in [profiles]")
    return Settings(
        options=options,
        connection=connection,
        default=default,
        profiles=profiles,
        servers=servers,
    )


def _check_names(file: Mapping[str, Any]) -> None:
    unknown = sorted(set(file) - _NAMES)
    if unknown:
        right = ", ".join(sorted(_NAMES))
        raise ValueError(f"unknown table or setting {unknown[0]!r}: {right} are known")


def _symbols(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError(f"symbols = {value!r} should be a list of names")
    return tuple(map(text, value))


_SPECIAL: Final[Mapping[str, Reader]] = {
    "symbols": _symbols,
    "journal": path_of,
    "ticks": path_of,
}


_NAMES: Final = frozenset({"default", "profiles", "servers", "options", TABLE})

_PROFILE: Final = frozenset({"server", "login", "password", "path", "otp_secret"})


def _profile(fields: object) -> Account:
    if not isinstance(fields, dict):
        raise TypeError("a profile should be a table")
    unknown = sorted(set(fields) - _PROFILE)
    if unknown:
        raise ValueError(f"unknown setting {unknown[0]!r} in a profile")
    login = fields.get("login")
    if login is not None and (not isinstance(login, int) or login <= 0):
        raise ValueError(f"login {login!r} is no account number")
    texts = {k: _profile_text(k, v) for k, v in fields.items() if k != "login"}
    return Account(login=login, **texts)


def _profile_text(name: str, value: object) -> str:
    """Like :func:`text`, but a password without its quotes is not shown."""
    if not isinstance(value, str):
        raise TypeError(f"{name} in a profile should be text in quotes")
    return value
