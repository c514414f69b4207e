"""Accounts that can be looked at, until the exchange is wired."""

from __future__ import annotations

import os
from collections.abc import Mapping

from mt5web_async.enums import Retcode
from mt5web_async.protocol.records import (
    Deal,
    FullSymbol,
    Order,
    Position,
    TradeRequest,
)
from mt5web_async.protocol.responses import AccountState

from .accounts import Access, AccountPlan
from .ledger import Ledger
from .passwords import SALT_SIZE, hash_password, password_matches
from .pushes import Push, RequestAnswer
from .quotes import RawQuote
from .switches import Switches


class Exchange:
    def __init__(
        self, ledger: Ledger, symbols: Mapping[str, FullSymbol], switches: Switches
    ) -> None:
        self._ledger, self._symbols = ledger, symbols

    def submit(
        self,
        session: int,
        login: int,
        request: TradeRequest,
        now: int,
        *,
        investor: bool = False,
    ) -> list[Push]:
        return [RequestAnswer(session, Retcode.TRADE_DISABLED)]

    def tick(self, symbol: str, quote: RawQuote, now: int) -> list[Push]:
        return []

    def advance(self, now: int) -> list[Push]:
        return []

    def account_state(self, login: int) -> AccountState:
        return self._ledger.accounts.state(login)._replace(
            symbols_count=len(self._symbols)
        )

    def positions(self, login: int) -> tuple[Position, ...]:
        return self._ledger.positions.of(login)

    def orders(self, login: int) -> tuple[Order, ...]:
        return self._ledger.orders.of(login)

    def history(
        self, login: int, start: int, end: int
    ) -> tuple[list[Deal], list[Order]]:
        return [], []

    def symbol(self, name: str) -> FullSymbol:
        return self._symbols[name]

    def open_account(self, plan: AccountPlan) -> int:
        salt = os.urandom(SALT_SIZE)
        with self._ledger.transaction():
            return self._ledger.accounts.open(
                plan,
                hash_password(plan.password, salt),
                hash_password(plan.investor_password, salt),
            )

    def balance_operation(self, login: int, amount: float, now: int) -> list[Push]:
        state = self._ledger.accounts.state(login)
        balance = state.account.balance + amount
        account = state.account._replace(balance=balance)
        with self._ledger.transaction():
            self._ledger.accounts.put_state(login, state._replace(account=account))
        return []

    def authenticate(self, login: int, password: str) -> Access:
        main, investor = self._ledger.accounts.passwords(login) or (b"", b"")
        if password_matches(password, main):
            return Access.MAIN
        if password_matches(password, investor):
            return Access.INVESTOR
        return Access.REFUSED
