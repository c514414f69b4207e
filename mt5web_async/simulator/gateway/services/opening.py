"""Applications for accounts."""

from __future__ import annotations

import secrets
import string
from collections.abc import Mapping
from typing import Final

from mt5web_async.enums import AccountType
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.records import (
    CORPORATE_LINK,
    INIT_REQUEST,
    OPEN_ACCOUNT_REQUEST,
    OPEN_ACCOUNT_RESPONSE,
    TRADER_PARAMETERS,
    VERIFICATION_RESPONSE,
    OpenAccountRequest,
    OpenAccountResponse,
    TraderParameters,
    VerificationResponse,
)
from mt5web_async.protocol.requests import (
    read_open_real_account,
    read_verification_codes,
)
from mt5web_async.simulator.broker import Broker
from mt5web_async.simulator.clients.session import Reply, Stage
from mt5web_async.simulator.plans import account_plan

from .service import Context, Result, Service

NO_DEMO_ACCOUNTS: Final = 1025
WRONG_CODE: Final = 1031

_NOT_OPENED: Final = 1
_USUAL_DEPOSIT: Final = 100_000.0
_LARGEST_DEPOSIT: Final = 1e12
_USUAL_LEVERAGE: Final = 100


def init(_context: Context, payload: bytes) -> Reply:
    """Command 29: a client that is about to apply."""
    INIT_REQUEST.read(payload)
    return Reply()


def trader_parameters(context: Context, _: bytes) -> Reply:
    """Command 41: where the client seems to be."""
    currency = context.broker.config.currency
    return Reply(TRADER_PARAMETERS.write(TraderParameters(currency=currency)))


def corporate_links(context: Context, _: bytes) -> Reply:
    """Command 44: links that the broker shows."""
    return Reply(CORPORATE_LINK.write_counted(context.broker.config.links))


def verification_codes(context: Context, payload: bytes) -> Reply:
    """Command 27: codes are asked for; the answer says which ones are needed."""
    _, application = read_verification_codes(payload)
    return _checked(application) or _codes_needed(context.broker)


def confirm_codes(context: Context, payload: bytes) -> Reply:
    """Command 40: which codes are still needed after these."""
    application = OPEN_ACCOUNT_REQUEST.read(payload)
    needed = context.broker.config.verification
    email = bool(needed.email) and application.email_code != needed.email
    phone = bool(needed.phone) and application.phone_code != needed.phone
    return Reply(VERIFICATION_RESPONSE.write(VerificationResponse(email, phone)))


def open_demo_account(context: Context, payload: bytes) -> Reply:
    """Command 30: an account to try things out, with its deposit."""
    application = OPEN_ACCOUNT_REQUEST.read(payload)
    if not context.broker.config.demo_accounts:
        return _refused(NO_DEMO_ACCOUNTS)
    deposit = application.deposit or _USUAL_DEPOSIT
    if not 0 < deposit <= _LARGEST_DEPOSIT:
        return _refused(_NOT_OPENED)
    return _opened(context.broker, application, AccountType.DEMO, deposit)


def open_real_account(context: Context, payload: bytes) -> Reply:
    """Command 39: an account that waits for its deposit."""
    application = read_open_real_account(payload).application
    return _opened(context.broker, application, AccountType.PRELIMINARY, 0.0)


def _codes_needed(broker: Broker) -> Reply:
    needed = broker.config.verification
    answer = VerificationResponse(bool(needed.email), bool(needed.phone))
    return Reply(VERIFICATION_RESPONSE.write(answer))


def _checked(application: OpenAccountRequest) -> Reply | None:
    """The refusal of an address that cannot be one; an absent one passes."""
    if application.email and "@" not in application.email:
        return Reply(result=Result.INVALID_EMAIL)
    if application.phone and not any(c.isdigit() for c in application.phone):
        return Reply(result=Result.INVALID_PHONE)
    return None


def _opened(
    broker: Broker, application: OpenAccountRequest, kind: AccountType, deposit: float
) -> Reply:
    needed = broker.config.verification
    given = (application.email_code, application.phone_code)
    wrong = _checked(application)
    if wrong is not None:
        return wrong
    if (needed.email or given[0], needed.phone or given[1]) != given:
        return _refused(WRONG_CODE)
    if broker.is_full:
        return _refused(_NOT_OPENED)
    password, investor = _new_password(), _new_password()
    plan = account_plan(
        broker.config,
        name=application.name.strip(),
        kind=kind,
        leverage=application.leverage or _USUAL_LEVERAGE,
        password=password,
        investor_password=investor,
    )
    login = broker.open_account(plan, deposit)
    answer = OpenAccountResponse(0, login, password, investor)
    return Reply(OPEN_ACCOUNT_RESPONSE.write(answer))


def _refused(code: int) -> Reply:
    return Reply(OPEN_ACCOUNT_RESPONSE.write(OpenAccountResponse(code)))


def _new_password() -> str:
    """A password with all kinds of characters that one must have."""
    kinds = (string.ascii_lowercase, string.ascii_uppercase, string.digits, "!#-+=?")
    chosen = [secrets.choice(kinds[place % 4]) for place in range(12)]
    secrets.SystemRandom().shuffle(chosen)
    return "".join(chosen)


_BEFORE: Final = Stage.BOOTSTRAPPED

OPENING: Final[Mapping[int, Service]] = {
    Command.INIT: Service(init, _BEFORE),
    Command.TRADER_PARAMETERS: Service(trader_parameters, _BEFORE),
    Command.CORPORATE_LINKS: Service(corporate_links, _BEFORE),
    Command.VERIFICATION_CODES: Service(verification_codes, _BEFORE),
    Command.CONFIRM_CODES: Service(confirm_codes, _BEFORE),
    Command.OPEN_DEMO_ACCOUNT: Service(open_demo_account, _BEFORE),
    Command.OPEN_REAL_ACCOUNT: Service(open_real_account, _BEFORE),
}
"""Services of account opening."""
