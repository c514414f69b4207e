"""The trade server: requests, ticks and time come in, pushes go out.

Every entry point changes the ledger in one transaction and returns the pushes in the
order in which a server sends them.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Final

from mt5web_async.calculation.orders import live_order_price
from mt5web_async.enums import DealType, Reason, Retcode, Rights, TradeAction
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
from .pushes import AccountPush, Push, RequestAnswer, ResultPush, SymbolPush
from .quotes import Depth, RawQuote
from .rules import (
    end_of_day,
    money,
    pending,
    protection,
    stop_out,
    valuation,
)
from .rules.desk import Desk, Floor
from .rules.prices import Prices
from .rules.requests import handle
from .rules.symbols import Symbols
from .switches import Switches

_DAY_END: Final = "end of day"
_SECOND_MS: Final = 1000
_INTERIM: Final = (10002, 10003)
_SHORTEST_PASSWORD: Final = 8


class Exchange:
    """All accounts and what they trade.

    Args:
        ledger: the books.
        symbols: by name, with their own settings.
        switches: behaviour in which servers differ.
    """

    def __init__(
        self, ledger: Ledger, symbols: Mapping[str, FullSymbol], switches: Switches
    ) -> None:
        self._ledger = ledger
        self._switches = switches
        self._symbols = Symbols(symbols)
        self._prices = Prices(ledger.quotes.all())
        self._floor = Floor(ledger, self._symbols, self._prices, switches)
        self._held: deque[tuple[int, Push]] = deque()
        self._recent: dict[int, deque[int]] = {}
        self._second = 0
        self._now = 0

    # what clients do

    def submit(
        self,
        session: int,
        login: int,
        request: TradeRequest,
        now: int,
        *,
        investor: bool = False,
    ) -> list[Push]:
        """Carry out a trade request.

        Args:
            session: the connection that asked; answer and result go there.
            login: its account.
            request: what it asks for.
            now: server time, ms.
            investor: it is there to look on only.
        """
        if not self._within_rate(login, now):
            return [RequestAnswer(session, Retcode.TOO_MANY_REQUESTS)]
        if request.action not in tuple(TradeAction):
            return [RequestAnswer(session, Retcode.INVALID)]
        out: list[Push] = []
        with self._ledger.transaction():
            desk = Desk(self._floor, login, now, out)
            rights = desk.account.rights | (Rights.INVESTOR if investor else 0)
            handled = handle(desk, request, rights)
        result = handled.result
        if self._switches.refuse_at_once and not handled.checked:
            return [RequestAnswer(session, result.answer.retcode)]
        results: list[Push] = []
        if self._switches.verbose:
            for code in _INTERIM:
                answer = result.answer._replace(retcode=code)
                results.append(ResultPush(session, result._replace(answer=answer)))
        results.append(ResultPush(session, result))
        return [RequestAnswer(session, 0), *self._arranged(out, results, now)]

    def _arranged(self, out: list[Push], results: list[Push], now: int) -> list[Push]:
        """Transactions and results in the order in which they are sent."""
        if self._switches.result_delay:
            due = now + self._switches.result_delay
            self._held.extend((due, result) for result in results)
            return out
        chance = self._switches.shuffle
        if chance is None:
            return [*out, *results]
        place = chance.randint(0, len(out))
        return [*out[:place], *results, *out[place:]]

    def _within_rate(self, login: int, now: int) -> bool:
        limit = self._switches.request_limit
        recent = self._recent.setdefault(login, deque())
        while recent and recent[0] <= now - _SECOND_MS:
            recent.popleft()
        recent.append(now)
        return not limit or len(recent) <= limit

    # what the market and time do

    def tick(self, symbol: str, quote: RawQuote, now: int) -> list[Push]:
        """Let a tick reach all accounts: levels, pending orders, stop out."""
        self._now = now
        if not self._prices.tick(self._symbols.own(symbol), quote):
            return []
        out: list[Push] = []
        touched = [login for login in self._logins() if self._is_busy(login)]
        if touched:
            with self._ledger.transaction():
                for login in touched:
                    self._react(Desk(self._floor, login, now, out), symbol)
        return out

    def advance(self, now: int) -> list[Push]:
        """Let happen what time brings: ends of days, expiries, late results."""
        self._now = now
        out: list[Push] = []
        while self._held and self._held[0][0] <= now:
            out.append(self._held.popleft()[1])
        if now // _SECOND_MS == self._second:
            return out
        self._second = now // _SECOND_MS
        with self._ledger.transaction():
            self._end_days(now, out)
            for login in self._logins():
                if self._ledger.orders.of(login):
                    end_of_day.expire_due(Desk(self._floor, login, now, out))
            self._ledger.quotes.put(self._prices.moved())
        return out

    def set_depth(self, symbol: str, depth: Depth | None) -> None:
        """Replace the depth that orders are filled from."""
        self._prices.set_depth(symbol, depth)

    def _react(self, desk: Desk, name: str) -> None:
        symbol = desk.symbol(name)
        quote = desk.quote(symbol)
        if quote is not None:
            protection.close_stopped(desk, symbol, quote)
            protection.close_profitable(desk, symbol, quote)
            pending.activate_due(desk, symbol, quote)
        if desk.positions:
            stop_out.enforce(desk)

    def _end_days(self, now: int, out: list[Push]) -> None:
        minute = self._switches.end_of_day_minute
        due = self._ledger.marks.get(_DAY_END)
        if due is None:
            due = end_of_day.next_run(now, minute)
            self._ledger.marks.put(_DAY_END, due)
        while due <= now:
            for login in self._logins():
                desk = Desk(self._floor, login, due, out)
                end_of_day.run(desk, minute)
                if desk.positions:
                    stop_out.enforce(desk)
            due = end_of_day.next_run(due, minute)
            self._ledger.marks.put(_DAY_END, due)

    def _logins(self) -> tuple[int, ...]:
        return self._ledger.accounts.logins()

    def _is_busy(self, login: int) -> bool:
        return bool(self._ledger.positions.of(login) or self._ledger.orders.of(login))

    # what clients are told

    def account_state(self, login: int) -> AccountState:
        """The account's record with its rules.

        Raises:
            NotFound: there is no such account.
        """
        state = self._ledger.accounts.state(login)
        return state._replace(symbols_count=len(self._symbols))

    def positions(self, login: int) -> tuple[Position, ...]:
        """Open positions at present prices, by ascending ticket."""
        desk = self._desk(login)
        return tuple(valuation.at_market(desk, one) for one in desk.positions)

    def orders(self, login: int) -> tuple[Order, ...]:
        """Open orders at present prices, by ascending ticket."""
        desk = self._desk(login)
        market = desk.market
        return tuple(
            order._replace(
                price_current=live_order_price(market, desk.symbol(order.symbol), order)
            )
            for order in desk.orders
        )

    def history(
        self, login: int, start: int, end: int
    ) -> tuple[list[Deal], list[Order]]:
        """Deals made and orders done from `start` to `end`, s, both included."""
        return (
            self._ledger.deals.history(login, start, end),
            self._ledger.orders.history(login, start, end),
        )

    def symbol(self, name: str) -> FullSymbol:
        """A symbol with its own settings.

        Raises:
            NotFound: there is no such symbol.
        """
        return self._symbols.own(name)

    # what the broker does

    def open_account(self, plan: AccountPlan) -> int:
        """Open an account without money and return its login.

        Raises:
            ValueError: the plan names a login that exists.
        """
        with self._ledger.transaction():
            return self._ledger.accounts.open(
                plan,
                hash_password(plan.password, os.urandom(SALT_SIZE)),
                hash_password(plan.investor_password, os.urandom(SALT_SIZE)),
            )

    def balance_operation(
        self,
        login: int,
        amount: float,
        now: int,
        kind: DealType = DealType.BALANCE,
        comment: str = "",
    ) -> list[Push]:
        """Deposit an amount, or withdraw it when it is negative."""
        out: list[Push] = []
        with self._ledger.transaction():
            desk = Desk(self._floor, login, now, out)
            money.post(desk, kind, amount, comment, Reason.DEALER)
            if desk.positions:
                stop_out.enforce(desk)
        return out

    def change_account(self, login: int, state: AccountState) -> list[Push]:
        """Give an account other conditions; its money stays."""
        with self._ledger.transaction():
            self._ledger.accounts.put_state(login, state)
            self._symbols.forget(login)
        return [AccountPush(login, self.account_state(login))]

    def change_symbol(self, symbol: FullSymbol) -> list[Push]:
        """Give a symbol other settings, or add one."""
        self._symbols.put(symbol)
        return [SymbolPush(symbol)]

    def knows_account(self, login: int) -> bool:
        """Whether there is such an account."""
        return login in self._logins()

    def authenticate(self, login: int, password: str) -> Access:
        """What a login and a password open."""
        main, investor = self._ledger.accounts.passwords(login) or (b"", b"")
        if password_matches(password, main):
            return Access.MAIN
        if password_matches(password, investor):
            return Access.INVESTOR
        return Access.REFUSED

    def change_password(
        self, login: int, old: str, new: str, *, investor: bool = False
    ) -> bool:
        """Set a new main or investor password; False: it is refused.

        Args:
            login: the account's.
            old: its present main password.
            new: long enough, with three kinds of characters.
            investor: the investor password is to be set.
        """
        state = self._ledger.accounts.state(login)
        shortest = state.account.password_min or _SHORTEST_PASSWORD
        main, onlooker = self._ledger.accounts.passwords(login) or (b"", b"")
        if not password_matches(old, main) or not _is_good(new, shortest):
            return False
        stored = hash_password(new, os.urandom(SALT_SIZE))
        both = (main, stored) if investor else (stored, onlooker)
        with self._ledger.transaction():
            self._ledger.accounts.put_passwords(login, *both)
        return True

    def _desk(self, login: int) -> Desk:
        return Desk(self._floor, login, self._now, [])


def _is_good(password: str, shortest: int) -> bool:
    kinds: Iterable[bool] = (
        any(c.islower() for c in password),
        any(c.isupper() for c in password),
        any(c.isdigit() for c in password),
        any(not c.isalnum() for c in password),
    )
    return len(password) >= shortest and sum(kinds) >= 3
