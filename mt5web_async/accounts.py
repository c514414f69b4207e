r"""Opening accounts, passwords and what else a broker offers around an account.

::

    async with visit(url) as accounts:
        application = Application(group="demo\\standard", first_name="Emmy", ...)
        needed = await accounts.send_codes(application)
        ...
        account = await accounts.open_demo(application)

Opening an account and binding a generator of one-time passwords need a connection,
but no login; a change of password needs the login that it is for::

    terminal = await connect(url, login, old)
    await Accounts(terminal.session()).change_password(new, old)
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Final, TypeVar

from mt5web_async.calculation.passwords import (
    USUAL_LENGTH,
    PasswordCheck,
    check_password,
)
from mt5web_async.connection.exchange import Handler
from mt5web_async.connection.session import Session, SessionOptions
from mt5web_async.errors import (
    ApplicationRefused,
    AuthenticationFailed,
    DemoAccountsDisabled,
    EmailRefused,
    EngineError,
    OneTimePasswordInvalid,
    OneTimePasswordRequired,
    PasswordRefused,
    PhoneRefused,
    ServerRefused,
    TwoFactorSetupRequired,
    UnacceptablePassword,
    VerificationCodeInvalid,
)
from mt5web_async.hidden import hidden
from mt5web_async.protocol import requests, responses
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.records import (
    CORPORATE_LINK,
    OPEN_ACCOUNT_RESPONSE,
    TRADER_PARAMETERS,
    CorporateLink,
    OpenAccountResponse,
    TraderParameters,
)
from mt5web_async.waiting import Deadline

from .applications import (
    Applicant,
    Application,
    CodesNeeded,
    Document,
    OpenedAccount,
)

T = TypeVar("T")

LONGEST_PASSWORD: Final = 32
"""Of what the protocol carries, in UTF-16 units."""

_CLOSE_TIMEOUT: Final = 3.0

_APPLICATION_REFUSALS: Final[dict[int, tuple[type[ApplicationRefused], str]]] = {
    7: (EmailRefused, "the e-mail address is refused: give one that can be reached"),
    8: (PhoneRefused, "the phone number is refused: give it with its country's code"),
    1025: (
        DemoAccountsDisabled,
        "this server opens no demo accounts: ask the broker for one",
    ),
    1031: (
        VerificationCodeInvalid,
        "a code is missing or wrong: put what send_codes() brings into the application",
    ),
}

_GENERATOR_REFUSALS: Final[dict[int, tuple[type[AuthenticationFailed], str]]] = {
    3: (AuthenticationFailed, "invalid account or password"),
    5: (
        OneTimePasswordRequired,
        "the one-time password is missing or wrong: pass what the generator shows now",
    ),
    6: (
        TwoFactorSetupRequired,
        "the account has no generator yet: bind_one_time_password() sets one up",
    ),
    201: (
        OneTimePasswordInvalid,
        "the code is not the generator's: pass what it shows now, with clocks right",
    ),
}


_WRONG: Final = {
    PasswordCheck.EMPTY: "is empty",
    PasswordCheck.TOO_SHORT: "has fewer than {least} characters",
    PasswordCheck.TOO_SIMPLE: (
        "needs a digit, an upper-case and a lower-case letter, and another character"
    ),
}


class Accounts:
    """What a server does for accounts, over one connected session.

    Args:
        session: open; logged in for what concerns one account.
        client_id: 16 bytes that stay the same for one installation.
        build: of the web terminal's page; 0: the server's own.
        timeout: s that an answer may take.

    Every method raises RequestTimeout when no answer comes in time, ConnectionLost
    when the connection breaks, and ServerRefused for refusals without a name.

    Example:
        >>> import asyncio
        >>> from mt5web_async.simulator import Simulator
        >>> application = Application(group="demo", deposit=2500.0)
        >>> async def logins(server):
        ...     async with visit(server.url) as accounts:
        ...         opened = await accounts.open_demo(application)
        ...     return server.login, opened.login
        >>> with Simulator() as server:
        ...     asyncio.run(logins(server))
        (5000001, 5000002)
    """

    def __init__(
        self,
        session: Session,
        *,
        client_id: bytes = bytes(requests.CLIENT_ID_SIZE),
        build: int = 0,
        timeout: float = 30.0,
    ) -> None:
        self._session = session
        self._client_id = client_id
        self._build = build
        self._timeout = timeout

    def __repr__(self) -> str:
        return f"<Accounts {self._session.url}>"

    # opening an account

    async def introduce(self) -> None:
        """Say that an application is to come (command 29)."""
        payload = requests.init(client_id=self._client_id)
        await self._ask(Command.INIT, payload, _nothing)

    async def trader_parameters(self) -> TraderParameters:
        """Country and currency that the server takes the client for (command 41)."""
        return await self._ask(Command.TRADER_PARAMETERS, b"", TRADER_PARAMETERS.read)

    async def send_codes(self, application: Application) -> CodesNeeded:
        """Have codes sent to the applicant's e-mail address and phone (command 27).

        Returns:
            which of them have to be given back, in the application.

        Raises:
            EmailRefused: the address is no valid one.
            PhoneRefused: the number is no valid one.
        """
        payload = requests.verification_codes(
            application.record(),
            build=self._build or self._session.build,
            client_id=self._client_id,
        )
        return await self._apply(Command.VERIFICATION_CODES, payload, _codes_needed)

    async def confirm_codes(self, application: Application) -> CodesNeeded:
        """Test the codes in an application (command 40).

        Returns:
            which of them are still missing or wrong.
        """
        payload = requests.confirm_codes(application.record())
        return await self._apply(Command.CONFIRM_CODES, payload, _codes_needed)

    async def open_demo(self, application: Application) -> OpenedAccount:
        """Open a demo account (command 30).

        Raises:
            ApplicationRefused: it is not opened; subclasses tell what to do.
        """
        payload = requests.open_demo_account(application.record())
        return await self._open(Command.OPEN_DEMO_ACCOUNT, payload)

    async def open_real(
        self,
        application: Application,
        applicant: Applicant,
        documents: Iterable[Document] = (),
    ) -> OpenedAccount:
        """Apply for a real account, with papers (command 39).

        Raises:
            ApplicationRefused: it is not opened; subclasses tell what to do.
        """
        payload = requests.open_real_account(
            application.record(), applicant.record(), documents
        )
        return await self._open(Command.OPEN_REAL_ACCOUNT, payload)

    # what a broker shows

    async def links(self) -> tuple[CorporateLink, ...]:
        """Links that the broker shows to its clients (command 44)."""
        return await self._ask(
            Command.CORPORATE_LINKS,
            b"",
            lambda body: tuple(CORPORATE_LINK.counted(body)[0]),
        )

    async def notify(self, number: int = 0) -> None:
        """Ask the server to send a notification (command 42)."""
        await self._ask(Command.NOTIFY, requests.notify(number), _nothing)

    async def spreads(self, ids: Sequence[int]) -> list[responses.Spread]:
        """Margin reliefs between futures (command 20); needs a login.

        Args:
            ids: of the symbols.
        """
        return await self._ask(
            Command.SPREADS, requests.ids(ids), responses.read_spreads
        )

    # passwords

    async def change_password(
        self, new: str, old: str, *, investor: bool = False, minimum: int = 0
    ) -> None:
        """Change the password of the account that is logged in (command 24).

        Tokens of earlier logins may end with the old password.

        Args:
            new: has to have a digit, an upper-case and a lower-case letter, and
                another character.
            old: the main password, also where the investor password is changed.
            investor: change the password for looking on.
            minimum: the account's `password_min`; 0 stands for 8.

        Raises:
            UnacceptablePassword: the new password is no good one; nothing was sent.
            PasswordRefused: the server did not change it.
        """
        new, old = hidden(new), hidden(old)
        _require_good(new, minimum)
        payload = requests.change_password(new, old, investor=investor)
        result = await self._ask(Command.CHANGE_PASSWORD, payload, responses.read_i32)
        if result != 0:
            raise PasswordRefused(
                f"the password was not changed (code {result}): check the old one, and "
                "that the login is not one for looking on",
                result=result,
                command=Command.CHANGE_PASSWORD,
                server=self._session.url,
            )

    async def bind_one_time_password(
        self,
        login: int,
        *,
        secret: str,
        code: str,
        password: str = "",
        token: bytes = b"",
    ) -> None:
        """Set up a generator of one-time passwords (command 43).

        From then on a login needs what the generator shows beside the password.

        Args:
            login: the account; nobody has to be logged in.
            secret: what the generator works from, base32; keep it safe.
            code: what the generator shows now.
            password: the account's main password.
            token: of an earlier login, in place of the password.

        Raises:
            OneTimePasswordInvalid: the code does not belong to the secret.
            AuthenticationFailed: wrong account or password.
        """
        secret, code = hidden(secret), hidden(code)
        password, token = hidden(password), hidden(token)
        payload = requests.bind_one_time_password(
            login,
            client_id=self._client_id,
            secret=secret,
            code=code,
            password=password,
            token=token,
        )
        await self._set_generator(payload, login)

    async def unbind_one_time_password(
        self, login: int, *, code: str, password: str = "", token: bytes = b""
    ) -> None:
        """Remove the generator of one-time passwords (command 43).

        Args:
            login: the account; nobody has to be logged in.
            code: what the generator shows now.
            password: the account's main password.
            token: of an earlier login, in place of the password.

        Raises:
            OneTimePasswordInvalid: the code is not the generator's.
            AuthenticationFailed: wrong account or password.
        """
        code, password = hidden(code), hidden(password)
        token = hidden(token)
        payload = requests.unbind_one_time_password(
            login,
            client_id=self._client_id,
            code=code,
            password=password,
            token=token,
        )
        await self._set_generator(payload, login)

    async def _ask(self, command: Command, payload: bytes, read: Handler[T]) -> T:
        return await self._session.request(
            command, payload, read, deadline=Deadline(self._timeout)
        )

    async def _apply(self, command: Command, payload: bytes, read: Handler[T]) -> T:
        try:
            return await self._ask(command, payload, read)
        except ServerRefused as exc:
            if exc.result not in _APPLICATION_REFUSALS:
                raise
            raise self._application_refused(command, exc.result) from None

    async def _open(self, command: Command, payload: bytes) -> OpenedAccount:
        answer = await self._apply(command, payload, _opened)
        if answer.code != 0:
            raise self._application_refused(command, answer.code)
        return OpenedAccount(
            login=answer.login,
            password=str(answer.password),
            investor_password=str(answer.investor_password),
        )

    def _application_refused(self, command: Command, code: int) -> ApplicationRefused:
        kind, text = _APPLICATION_REFUSALS.get(
            code, (ApplicationRefused, "the server opens no account: ask the broker")
        )
        return kind(
            f"{text} (code {code})",
            result=code,
            command=command,
            server=self._session.url,
        )

    async def _set_generator(self, payload: bytes, login: int) -> None:
        command = Command.ONE_TIME_PASSWORD
        try:
            await self._ask(command, payload, _nothing)
        except ServerRefused as exc:
            if exc.result not in _GENERATOR_REFUSALS:
                raise
            kind, text = _GENERATOR_REFUSALS[exc.result]
            raise kind(
                f"login {login}: {text}", command=command, server=self._session.url
            ) from None


@asynccontextmanager
async def visit(
    url: str,
    *,
    options: SessionOptions | None = None,
    build: int = 0,
    timeout: float = 30.0,
) -> AsyncIterator[Accounts]:
    """Connect to a server without a login, for as long as the block takes.

    Args:
        url: the WebSocket's address, see :mod:`mt5web_async.discovery`.
        options: how the connection behaves.
        build: of the web terminal's page; 0: the server's own.
        timeout: s for connecting, and for every answer.

    Raises:
        ConnectionFailed: the server cannot be reached.
    """
    options = options or SessionOptions()
    session = Session(url, options=options, pushes={}, lost=_ignore)
    try:
        await session.open(b"", Deadline(timeout))
        client_id = options.client_id
        yield Accounts(session, client_id=client_id, build=build, timeout=timeout)
    finally:
        await session.close(_CLOSE_TIMEOUT)


def _nothing(_: memoryview) -> None:
    """Of an answer, only its coming matters."""


def _ignore(_: EngineError) -> None:
    """A lost connection fails what is asked; nobody else has to know."""


def _codes_needed(body: memoryview) -> CodesNeeded:
    needed = responses.read_verification(body)
    return CodesNeeded(bool(needed.email), bool(needed.phone))


def _opened(body: memoryview) -> OpenAccountResponse:
    return OPEN_ACCOUNT_RESPONSE.read(body)


def _require_good(password: str, minimum: int) -> None:
    wrong = _WRONG.get(check_password(password, minimum))
    if len(password.encode("utf-16-le", "surrogatepass")) > 2 * LONGEST_PASSWORD:
        wrong = f"has more than {LONGEST_PASSWORD} characters"
    if wrong is not None:
        least = minimum or USUAL_LENGTH
        raise UnacceptablePassword(f"the new password {wrong.format(least=least)}")


__all__ = [
    "LONGEST_PASSWORD",
    "Accounts",
    "Applicant",
    "Application",
    "CodesNeeded",
    "Document",
    "OpenedAccount",
    "visit",
]
