"""The account and its lists of rules as they lie on the wire."""

from typing import NamedTuple

from mt5web_async.protocol.wire import (
    Layout,
    f64,
    i8,
    i32,
    text32,
    text64,
    text128,
    text256,
    u8,
    u16,
    u32,
)


class Account(NamedTuple):
    """The account (command 3, push 14); a variable part follows."""

    type: u8 = 0  # AccountType
    rights: i32 = 0  # Rights
    permissions_flags: i32 = 0  # 16: risk warning
    balance: f64 = 0.0
    credit: f64 = 0.0
    currency: text64 = ""
    currency_digits: u32 = 0
    leverage: u32 = 0
    name: text256 = ""
    server_build: u16 = 0
    server_name: text128 = ""
    company: text256 = ""
    timezone_shift: i32 = 0  # s
    daylight_mode: i8 = 0  # h
    margin_mode: u32 = 0  # MarginMode
    margin_free_mode: u32 = 0
    margin_so_call: f64 = 0.0
    margin_so_so: f64 = 0.0
    margin_so_mode: u32 = 0  # StopOutMode
    margin_virtual: f64 = 0.0
    margin_free_profit_mode: u32 = 0
    account_profit: f64 = 0.0
    commission_daily: f64 = 0.0
    commission_monthly: f64 = 0.0
    password_min: u32 = 0  # 0 means 8
    otp_status: u32 = 0


ACCOUNT = Layout(Account)


class LeverageRule(NamedTuple):
    """Floating leverage for the symbols of a mask; its tiers follow."""

    path: text256 = ""
    range_mode: u32 = 0
    range_currency: text32 = ""
    range_currency_digits: u32 = 0
    tier_count: i32 = 0


LEVERAGE_RULE = Layout(LeverageRule)


class LeverageTier(NamedTuple):
    """One step of a floating leverage rule."""

    range_from: f64 = 0.0
    range_to: f64 = 0.0
    margin_rate_initial: f64 = 0.0
    margin_rate_maintenance: f64 = 0.0


LEVERAGE_TIER = Layout(LeverageTier)


class Commission(NamedTuple):
    """A commission rule for the symbols of a mask; its tiers follow."""

    path: text256 = ""
    mode: u32 = 0  # 1: agent
    mode_range: u32 = 0
    mode_charge: u32 = 0
    mode_currency: text32 = ""
    mode_entry: u32 = 0


COMMISSION = Layout(Commission)


class CommissionTier(NamedTuple):
    """One step of a commission rule."""

    mode: u32 = 0
    type: u32 = 0
    value: f64 = 0.0
    range_from: f64 = 0.0
    range_to: f64 = 0.0
    minimal: f64 = 0.0
    maximal: f64 = 0.0
    currency: text32 = ""


COMMISSION_TIER = Layout(CommissionTier)
