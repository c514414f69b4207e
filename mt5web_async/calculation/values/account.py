"""What the account's records have to tell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from .symbols import TradeSettings


class Account(Protocol):
    """The account record; money is in account currency."""

    @property
    def currency(self) -> str:
        """The account currency, such as ``"USD"``."""

    @property
    def currency_digits(self) -> int:
        """Decimal places of money."""

    @property
    def leverage(self) -> int:
        """100 means 1:100."""

    @property
    def rights(self) -> int:
        """Bits of :class:`~mt5web_async.enums.Rights`."""

    @property
    def password_min(self) -> int:
        """Least length of a new password; 0 means 8."""

    @property
    def timezone_shift(self) -> int:
        """Seconds of server time before UTC, without daylight saving."""

    @property
    def daylight_mode(self) -> int:
        """Hours of daylight saving in force."""

    @property
    def balance(self) -> float:
        """Deposits, withdrawals and results of what was closed."""

    @property
    def credit(self) -> float:
        """Money that the broker lends."""

    @property
    def account_profit(self) -> float:
        """Result fixed during the day."""

    @property
    def commission_daily(self) -> float:
        """Commission due at the end of the day; negative is charged."""

    @property
    def commission_monthly(self) -> float:
        """Commission due at the end of the month; negative is charged."""

    @property
    def margin_mode(self) -> int:
        """A :class:`~mt5web_async.enums.MarginMode`; any other is netting."""

    @property
    def margin_free_mode(self) -> int:
        """What of the floating result counts as free: 0 none, 1 all, 2 gain, 3 loss."""

    @property
    def margin_free_profit_mode(self) -> int:
        """1 keeps the gain fixed during the day out of use."""

    @property
    def margin_so_mode(self) -> int:
        """A :class:`~mt5web_async.enums.StopOutMode`."""

    @property
    def margin_so_call(self) -> float:
        """Margin call below this margin level in percent, or below this equity."""

    @property
    def margin_so_so(self) -> float:
        """Stop out below this margin level in percent, or below this equity."""


class LeverageTier(Protocol):
    """One step of a floating leverage rule."""

    @property
    def range_from(self) -> float:
        """Lots or money where the step begins."""

    @property
    def range_to(self) -> float:
        """Lots or money where the step ends."""

    @property
    def margin_rate_initial(self) -> float:
        """Factor for the margin of orders."""

    @property
    def margin_rate_maintenance(self) -> float:
        """Factor for the margin of positions."""


class LeverageRule(Protocol):
    """Which symbols a floating leverage is for, and what it measures."""

    @property
    def path(self) -> str:
        """Masks of symbol paths."""

    @property
    def range_mode(self) -> int:
        """Lots or value, of all symbols or each: see section 6.9."""

    @property
    def range_currency(self) -> str:
        """Currency of values; empty: the account's."""

    @property
    def range_currency_digits(self) -> int:
        """Decimal places of values."""


class FloatingLeverage(Protocol):
    """A leverage rule with its tiers."""

    @property
    def rule(self) -> LeverageRule:
        """The rule."""

    @property
    def tiers(self) -> Sequence[LeverageTier]:
        """Its steps, lowest first."""


class SpreadHeader(Protocol):
    """A margin relief between futures (section 6.10)."""

    @property
    def margin_type(self) -> int:
        """How the relief is computed, 0 to 3."""

    @property
    def margin_initial(self) -> float:
        """Money per spread, or percent."""

    @property
    def margin_maintenance(self) -> float:
        """The same for what is already open; 0: as initial."""


class SpreadLeg(Protocol):
    """One leg of a spread."""

    @property
    def mode(self) -> int:
        """0: `symbol` is a name; 1: it is the basis of the symbols meant."""

    @property
    def symbol(self) -> str:
        """Name or basis."""

    @property
    def time_from(self) -> int:
        """Earliest expiration of symbols found by basis, s; 0: open."""

    @property
    def time_to(self) -> int:
        """Latest expiration of symbols found by basis, s; 0: open."""

    @property
    def ratio(self) -> float:
        """Lots of this leg in one spread."""


class Spread(Protocol):
    """A relief between what is bought and what is sold of two lists of legs."""

    @property
    def header(self) -> SpreadHeader:
        """Kind and size of the relief."""

    @property
    def legs_a(self) -> Sequence[SpreadLeg]:
        """One side."""

    @property
    def legs_b(self) -> Sequence[SpreadLeg]:
        """The other side."""


class AccountState(Protocol):
    """The account record and the rules that came with it."""

    @property
    def account(self) -> Account:
        """The record."""

    @property
    def settings(self) -> Sequence[TradeSettings]:
        """Overrides of symbol settings, by masks."""

    @property
    def trade_flags(self) -> int | None:
        """Bits of :class:`~mt5web_async.enums.GroupFlags`; None: not known."""

    @property
    def leverage(self) -> Sequence[FloatingLeverage]:
        """Floating leverage; the first rule that matches a symbol is its rule."""
