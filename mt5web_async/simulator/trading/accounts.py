"""What an account is opened with, and who may enter it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Final, NamedTuple

from mt5web_async.calculation.settings import RATES, UNSET, UNSET_VOLUME, VOLUMES
from mt5web_async.enums import AccountType, GroupFlags, MarginMode, Rights
from mt5web_async.protocol.records import Account, TradeSettings
from mt5web_async.protocol.responses import (
    AccountState,
    CommissionRule,
    FloatingLeverage,
)

USUAL_RIGHTS: Final = (
    Rights.ENABLED | Rights.PASSWORD | Rights.TRAILING | Rights.EXPERT | Rights.REPORTS
)
USUAL_GROUP: Final = (
    GroupFlags.SWAPS | GroupFlags.TRAILING | GroupFlags.EXPERTS | GroupFlags.EXPIRATION
)

USUAL_ACCOUNT: Final = Account(
    type=AccountType.DEMO,
    rights=USUAL_RIGHTS,
    currency="USD",
    currency_digits=2,
    leverage=100,
    name="Demo",
    margin_mode=MarginMode.HEDGING,
    margin_free_mode=1,
    margin_so_call=100.0,
    margin_so_so=50.0,
)


def override(masks: str, **fields: Any) -> TradeSettings:
    r"""Settings of an account for some symbols; the rest stays the symbols' own.

    Args:
        masks: paths of the symbols, for instance `Forex\*,!*JPY`.
        fields: of the record, with the values that they get.

    >>> override("Forex\\*", spread_diff=4).spread_diff
    4
    """
    row = UNSET["margin_initial"]
    nothing: dict[str, Any] = {
        **UNSET,
        **dict.fromkeys(VOLUMES, UNSET_VOLUME),
        **{name: (row,) * len(getattr(TradeSettings(), name)) for name in RATES},
    }
    return TradeSettings(**{**nothing, "symbol_path": masks, **fields})


class Access(Enum):
    """What a login and password open."""

    MAIN = auto()
    INVESTOR = auto()  # sees everything, trades nothing
    REFUSED = auto()


class NamedCommission(NamedTuple):
    """A commission rule; its name becomes the comment of the deals it books."""

    name: str
    rule: CommissionRule


class Terms(NamedTuple):
    """What an account's group sets beyond what the protocol tells a client.

    Attributes:
        order_limit: pending orders that the account may have; 0: no limit.
        position_limit: positions that it may have; 0: no limit.
        agent: login that agent commissions go to; 0: nobody.
        commissions: names of the account's commission rules, in their order.
    """

    order_limit: int = 0
    position_limit: int = 0
    agent: int = 0
    commissions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPlan:
    """An account to be opened; it begins without money.

    Attributes:
        account: currency, leverage, margin mode and all else of the record.
        settings: overrides of trade settings for symbol masks.
        trade_flags: permissions of the group, :class:`GroupFlags`.
        leverage: floating leverage rules.
        commissions: commission rules; the first that matches a symbol counts.
        order_limit: see :class:`Terms`, and so the two after it.
        position_limit: likewise.
        agent: likewise.
        login: number of the account; 0: the next free one.
        password: empty: nobody can log in with it.
        investor_password: likewise.

    Raises:
        ValueError: the record holds money; it has to come as a deal.
    """

    account: Account = USUAL_ACCOUNT
    settings: tuple[TradeSettings, ...] = ()
    trade_flags: int = USUAL_GROUP
    leverage: tuple[FloatingLeverage, ...] = ()
    commissions: tuple[NamedCommission, ...] = ()
    order_limit: int = 0
    position_limit: int = 0
    agent: int = 0
    login: int = 0
    password: str = ""
    investor_password: str = ""

    def __post_init__(self) -> None:
        if self.account.balance or self.account.credit:
            raise ValueError(
                f"account with balance {self.account.balance} and credit "
                f"{self.account.credit}: open it without money, then deposit"
            )

    def __repr__(self) -> str:
        return f"AccountPlan(account={self.account!r}, login={self.login}, ...)"

    @property
    def state(self) -> AccountState:
        """The account as it begins."""
        return AccountState(
            self.account,
            self.settings,
            int(self.trade_flags),
            leverage=self.leverage,
            commissions=tuple(named.rule for named in self.commissions),
        )

    @property
    def terms(self) -> Terms:
        """What the protocol does not carry."""
        return Terms(
            self.order_limit,
            self.position_limit,
            self.agent,
            tuple(named.name for named in self.commissions),
        )
