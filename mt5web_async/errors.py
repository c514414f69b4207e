"""Every exception of the engine, with the context that helps to act on it.

::

    EngineError
    +-- NotConnected            nobody is connected or logged in
    +-- ConnectionFailed        no connection could be made
    |   +-- InsecureConnection  the address or certificate cannot be trusted
    |   +-- HostNotFound        there is no such host
    |   +-- NoTerminal          the host serves no web terminal
    |   +-- TerminalDisabled    the web terminal is switched off
    +-- ConnectionLost          the connection broke while something was asked
    +-- RequestTimeout          no answer within the time limit
    +-- TooManyRequests         too many wait in line already
    +-- AuthenticationFailed    login or password refused
    |   +-- OneTimePasswordRequired
    |   +-- OneTimePasswordInvalid
    |   +-- TwoFactorSetupRequired
    +-- ProtocolViolation       the peer broke the protocol
    |   +-- MalformedMessage    bytes that cannot be what they should be
    +-- ServerRefused           the server answered with an error
    |   +-- ApplicationRefused  no account is opened for this application
    |   |   +-- EmailRefused
    |   |   +-- PhoneRefused
    |   |   +-- VerificationCodeInvalid
    |   |   +-- DemoAccountsDisabled
    |   +-- PasswordRefused     the password stays as it was
    +-- NotFound                no such symbol, order, position
    +-- NoBars                  the history holds no such bars
    +-- InvalidArgument         a value that cannot be sent
    |   +-- UnacceptablePassword  a new password that is no good one
    +-- JournalFailed           the journal of requests cannot be read or written
    +-- TradeError
        +-- TradeRefused        the request was not executed
        +-- OutcomeUnknown      the request was sent and its fate is not known
"""

from __future__ import annotations

from typing import ClassVar, Self


class EngineError(Exception):
    """Base of all errors of the engine.

    Args:
        message: what went wrong, with which value, and what would be right.
        command: number of the protocol command concerned.
        symbol: name of the symbol concerned.
        server: address of the server concerned.

    Attributes:
        code: the `last_error()` code that the facade reports.
    """

    code: ClassVar[int] = -10000

    def __init__(
        self,
        message: str,
        *,
        command: int | None = None,
        symbol: str | None = None,
        server: str | None = None,
    ) -> None:
        super().__init__(message)
        self.command = command
        self.symbol = symbol
        self.server = server

    def about(self, *, command: int, server: str) -> Self:
        """The same with what was not known where it was raised."""
        self.command = command if self.command is None else self.command
        self.server = server if self.server is None else self.server
        return self


class NotConnected(EngineError):
    """Nothing can be asked: there is no logged-in connection."""

    code = -10004


class ConnectionFailed(EngineError):
    """No connection could be made."""

    code = -10003


class InsecureConnection(ConnectionFailed):
    """The server cannot be trusted: no TLS, or a certificate that does not verify."""


class HostNotFound(ConnectionFailed):
    """No host has this name, or the name service cannot be asked."""


class NoTerminal(ConnectionFailed):
    """The host answers, but what it serves is no web terminal."""


class TerminalDisabled(ConnectionFailed):
    """The broker has switched its web terminal off."""


class ConnectionLost(EngineError):
    """The connection broke before the answer came.

    Args:
        message: how it broke.
        sent: whether the request had left by then.
        command: number of the command.
        server: address of the server.
    """

    code = -10002

    def __init__(
        self,
        message: str,
        *,
        sent: bool = False,
        command: int | None = None,
        server: str | None = None,
    ) -> None:
        super().__init__(message, command=command, server=server)
        self.sent = sent


class RequestTimeout(EngineError):
    """The server gave no answer within the time limit."""

    code = -10005


class AuthenticationFailed(EngineError):
    """The server refused the login."""

    code = -6


class OneTimePasswordRequired(AuthenticationFailed):
    """The account wants a one-time password beside the password."""

    code = -7


class OneTimePasswordInvalid(AuthenticationFailed):
    """The one-time password was wrong or too old."""

    code = -7


class TwoFactorSetupRequired(AuthenticationFailed):
    """The account must bind a one-time password generator first."""

    code = -7


class TooManyRequests(EngineError):
    """More requests wait in line than the engine is ready to keep."""

    code = -10000


class ProtocolViolation(EngineError):
    """The peer sent something that the protocol does not allow."""

    code = -10002


class MalformedMessage(ProtocolViolation):
    """Bytes that do not hold what they announce."""


class ServerRefused(EngineError):
    """The server answered a request with an error.

    Args:
        message: what was refused.
        result: the result byte of the answer.
        command: number of the command.
    """

    code = -1

    def __init__(
        self,
        message: str,
        *,
        result: int,
        command: int | None = None,
        symbol: str | None = None,
        server: str | None = None,
    ) -> None:
        super().__init__(message, command=command, symbol=symbol, server=server)
        self.result = result


class ApplicationRefused(ServerRefused):
    """The server opens no account for this application; `result` says why."""


class EmailRefused(ApplicationRefused):
    """The e-mail address of the application is no valid one."""


class PhoneRefused(ApplicationRefused):
    """The phone number of the application is no valid one."""


class VerificationCodeInvalid(ApplicationRefused):
    """The code from the e-mail or the phone message is missing or wrong."""


class DemoAccountsDisabled(ApplicationRefused):
    """This server opens no demo accounts."""


class PasswordRefused(ServerRefused):
    """The server kept the password as it was: mostly, the old one was wrong."""


class NotFound(EngineError):
    """There is no such symbol, order, position or server."""

    code = -4


class NoBars(EngineError):
    """The history of a symbol holds none of the bars asked for."""

    code = -1


class InvalidArgument(EngineError, ValueError):
    """A value that the protocol cannot carry or the terminal does not accept."""

    code = -2


class UnacceptablePassword(InvalidArgument):
    """A new password that is too short, too long or too simple; never shown."""


class JournalFailed(EngineError):
    """The journal of trade requests cannot be read or written."""


class TradeError(EngineError):
    """A trade request did not go through.

    Args:
        message: what happened.
        retcode: the trade server's code, such as 10019 for "No money".
    """

    code = -1

    def __init__(
        self,
        message: str,
        *,
        retcode: int,
        symbol: str | None = None,
        server: str | None = None,
    ) -> None:
        super().__init__(message, command=12, symbol=symbol, server=server)
        self.retcode = retcode


class TradeRefused(TradeError):
    """The request was not executed; the code says why."""


class OutcomeUnknown(TradeError):
    """The request was sent and no result came: it may have been executed.

    It is never sent again. Look at positions, orders and history.
    """
