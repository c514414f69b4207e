"""What accounts of the simulated broker are opened with."""

from __future__ import annotations

from mt5web_async.enums import AccountType, MarginMode
from mt5web_async.protocol.records import Account

from .config import SimulatorConfig
from .market.listing import currency_digits
from .trading.accounts import USUAL_ACCOUNT, AccountPlan


def account_plan(
    config: SimulatorConfig,
    *,
    name: str,
    password: str,
    investor_password: str = "",
    login: int = 0,
    kind: AccountType = AccountType.DEMO,
    currency: str = "",
    leverage: int = 0,
    margin_mode: MarginMode | None = None,
) -> AccountPlan:
    """An account as this broker keeps them; what is left out is as configured."""
    currency = currency or config.currency
    account = USUAL_ACCOUNT._replace(
        type=kind,
        currency=currency,
        currency_digits=currency_digits(currency),
        leverage=leverage or config.leverage,
        name=name,
        margin_mode=config.margin_mode if margin_mode is None else margin_mode,
    )
    return AccountPlan(
        account=as_kept_here(config, account),
        login=login,
        password=password,
        investor_password=investor_password,
    )


def as_kept_here(config: SimulatorConfig, account: Account) -> Account:
    """The account with what it tells of its server."""
    return account._replace(
        server_build=config.build,
        server_name=config.server_name,
        company=config.company,
        timezone_shift=round(config.utc_offset * 3600),
        daylight_mode=config.daylight,
    )
