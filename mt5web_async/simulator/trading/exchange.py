"""The trade server: requests, ticks and time come in, pushes go out.

Every entry point returns the pushes in the order in which a server sends them. What
it does to the books it does as a whole or not at all.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Final

from mt5web_async.calculation.orders import live_order_price
from mt5web_async.calculation.passwords import PasswordCheck, check_password
from mt5web_async.enums import DealType, Reason, Retcode, Rights, TradeAction
from mt5web_async.errors import EngineError, NotFound, TradeRefused
from mt5web_async.protocol.records import (
    Deal,
    FullSymbol,
    Order,
    Position,
    TradeRequest,
)
from mt5web_async.protocol.responses import AccountState
from mt5web_async.simulator.market.quotes import Depth, RawQuote
from mt5web_async.simulator.switches import Switches

from .accounts import Access, AccountPlan, Terms
from .delivery import Delivery, Pace
from .ledger import Ledger
from .passwords import (
    SALT_SIZE,
    hash_password,
    password_matches,
)
from .pushes import Push, RequestAnswer, SymbolPush
from .rules import end_of_day, expiry, funds, money, on_tick, stop_out, valuation
from .rules.desk import Desk, Floor, is_waiting
from .rules.prices import Prices
from .rules.requests import Handled, failed, handle
from .rules.symbols import Symbols
from .tables.counters import TicketsExhausted

logger: Final = logging.getLogger("mt5web_async.simulator")

UNKNOWN_ACTION: Final = 3
"""Immediate answer to what is no trade request at all."""

_DAY_END: Final = "end of day"
_MS: Final = 1000
_QUOTES_KEPT_MS: Final = 10_000
_ONLOOKER: Final = Rights.INVESTOR | Rights.READ_ONLY
_ACTIONS: Final = frozenset(TradeAction)
_PAYMENTS: Final = (DealType.BALANCE, DealType.CREDIT, DealType.BONUS)


class Exchange:
    """All accounts and what they trade; used by one thread only.

    Args:
        ledger: the books.
        symbols: by name, with their own settings.
        switches: behaviour in which servers differ.

    Times are server time in ms since 1970; they never go back.

    Raises:
        NotFound: the ledger has open business in a symbol that is not listed.
    """

    def __init__(
        self, ledger: Ledger, symbols: Mapping[str, FullSymbol], switches: Switches
    ) -> None:
        self._ledger = ledger
        self._switches = switches
        self._symbols = Symbols(symbols)
        self._prices = Prices(ledger.quotes.all())
        self._floor = Floor(ledger, self._symbols, self._prices, switches)
        self._delivery = Delivery(switches)
        self._pace = Pace(switches.request_limit)
        self._unsent: list[Push] = []
        self._now = 0
        self._quotes_kept = 0
        self._next: int | None = None
        self._concerned: dict[str, list[int]] | None = None
        self._check_listed()

    def _check_listed(self) -> None:
        for login in self._ledger.accounts.logins():
            desk = self._desk(login)
            names = [one.symbol for one in desk.positions]
            names += [one.symbol for one in desk.orders]
            for name in names:
                if name not in self._symbols:
                    raise NotFound(
                        f"account {login} has open business in {name!r}, which is not "
                        "listed: list it, or use another ledger",
                        symbol=name,
                    )

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

        Raises:
            NotFound: there is no such account.
        """
        pushes = self.advance(now)
        if request.action not in _ACTIONS:
            return [*pushes, RequestAnswer(session, UNKNOWN_ACTION)]
        if not self._pace.allows(login, self._now):
            return [*pushes, RequestAnswer(session, Retcode.TOO_MANY_REQUESTS)]
        handled, out = self._handled(login, request, investor=investor)
        pushes += self._delivery.of_request(
            session, handled.result, out, self._now, checked=handled.checked
        )
        return pushes + self._work(login, stop_out.enforce) if out else pushes

    def _handled(
        self, login: int, request: TradeRequest, *, investor: bool
    ) -> tuple[Handled, list[Push]]:
        rights = self._ledger.accounts.state(login).account.rights
        if investor:
            rights |= _ONLOOKER
        try:
            with self._booking() as out:
                desk = Desk(self._floor, login, self._now, out)
                return handle(desk, request, rights), out
        except EngineError as exc:
            logger.warning("request of %d given up: %s", login, exc)
            return failed(self._desk(login), request), []

    # what the market and time do

    def tick(self, symbol: str, quote: RawQuote, now: int) -> list[Push]:
        """Let a tick reach all accounts: levels, pending orders, stop out.

        Raises:
            NotFound: there is no such symbol.
        """
        pushes = self.advance(now)
        if not self._prices.tick(self._symbols.own(symbol), quote):
            return pushes
        logins = self._concerned_by(symbol)
        for step in on_tick.STEPS:
            for login in logins:
                pushes += self._work(login, partial(step, symbol))
        return pushes

    def advance(self, now: int) -> list[Push]:
        """Let happen what time brings: expiries, ends of days, late results."""
        self._now = max(self._now, now)
        pushes, self._unsent = self._unsent, []
        while (moment := self._next_moment()) <= self._now:
            pushes += self._reach(moment)
        self._keep_quotes()
        return pushes + self._delivery.due(self._now)

    def set_depth(self, symbol: str, depth: Depth | None) -> None:
        """Replace the depth that orders are filled from; None: any volume is there."""
        self._prices.set_depth(symbol, depth)

    def depth(self, symbol: str) -> Depth | None:
        """The depth that orders are filled from at present."""
        return self._prices.depth(symbol)

    def _next_moment(self) -> int:
        """When time alone does something next, ms."""
        if self._next is None:
            ends = [
                end * _MS
                for login in self._ledger.accounts.logins()
                for order in self._ledger.orders.of(login)
                if is_waiting(order) and (end := expiry.ends(order)) is not None
            ]
            self._next = min([self._day_end(), *ends])
        return self._next

    def _day_end(self) -> int:
        end = self._ledger.marks.get(_DAY_END)
        return self._plan_day_end(self._now) if end is None else end

    def _plan_day_end(self, after: int) -> int:
        end = end_of_day.next_run(after, self._switches.end_of_day_minute)
        with self._ledger.transaction():
            self._ledger.marks.put(_DAY_END, end)
        return end

    def _reach(self, moment: int) -> list[Push]:
        """Do for all accounts what is due at a moment, ms."""
        day_ends = moment == self._day_end()
        if day_ends:
            self._plan_day_end(moment)
        self._next = None
        pushes = []
        for login in self._ledger.accounts.logins():
            pushes += self._work(login, end_of_day.expire_due, moment)
        if day_ends:
            for login in self._ledger.accounts.logins():
                pushes += self._end_day(login, moment)
        return pushes

    def _end_day(self, login: int, moment: int) -> list[Push]:
        run = partial(end_of_day.run, minute=self._switches.end_of_day_minute)
        pushes = self._work(login, run, moment)
        return pushes + self._work(login, stop_out.enforce, moment) if pushes else []

    def _keep_quotes(self) -> None:
        if self._now - self._quotes_kept >= _QUOTES_KEPT_MS:
            self._quotes_kept = self._now
            with self._ledger.transaction():
                self._ledger.quotes.put(self._prices.moved())

    def _concerned_by(self, symbol: str) -> list[int]:
        """Logins of the accounts in which a tick of the symbol may set off things."""
        if self._concerned is None:
            self._concerned = {}
            for login in self._ledger.accounts.logins():
                for name in on_tick.symbols_concerning(self._desk(login)):
                    self._concerned.setdefault(name, []).append(login)
        return self._concerned.get(symbol, [])

    # what clients are told

    def account_state(self, login: int) -> AccountState:
        """The account's record with its rules.

        Raises:
            NotFound: there is no such account.
        """
        return self._desk(login).shown

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

    @property
    def symbols_in_use(self) -> frozenset[str]:
        """The symbols whose ticks matter to some account at present."""
        self._concerned_by("")
        return frozenset(self._concerned or ())

    # what the operator does

    def knows_account(self, login: int) -> bool:
        """Whether there is such an account."""
        return login in self._ledger.accounts.logins()

    @property
    def accounts_total(self) -> int:
        """How many accounts there are."""
        return len(self._ledger.accounts.logins())

    def open_account(self, plan: AccountPlan) -> int:
        """Open an account without money and return its login.

        Raises:
            ValueError: the plan names a login that exists.
        """
        with self._ledger.transaction():
            return self._ledger.accounts.open(
                plan,
                hash_password(plan.password, secrets.token_bytes(SALT_SIZE)),
                hash_password(plan.investor_password, secrets.token_bytes(SALT_SIZE)),
            )

    def balance_operation(
        self,
        login: int,
        amount: float,
        now: int,
        kind: DealType = DealType.BALANCE,
        comment: str = "",
    ) -> list[Push]:
        """Deposit an amount, or withdraw it when it is negative.

        Args:
            login: the account's.
            amount: deposit currency.
            now: server time, ms.
            kind: balance, credit, bonus, correction or any other money deal.
            comment: of the deal.

        Raises:
            NotFound: there is no such account.
            TradeRefused: the account cannot spare what would be withdrawn.
            TicketsExhausted: there is no ticket left for the deal.
        """
        pushes = self.advance(now)
        try:
            with self._booking() as out:
                desk = Desk(self._floor, login, self._now, out)
                money.post(desk, kind, amount, comment, Reason.DEALER)
                if amount < 0 and kind in _PAYMENTS:
                    _check_free_margin(desk)
        except EngineError:
            self._unsent = pushes
            raise
        return pushes + out + self._work(login, stop_out.enforce)

    def change_account(self, login: int, state: AccountState) -> list[Push]:
        """Give an account other conditions; its money stays as it is.

        Raises:
            NotFound: there is no such account.
        """
        self.put_account(login, state)
        return self._work(login, Desk.tell_account) + self._work(
            login, stop_out.enforce
        )

    def put_account(self, login: int, state: AccountState) -> None:
        """The same without telling anybody, and without looking at its margin.

        Raises:
            NotFound: there is no such account.
        """
        present = self._ledger.accounts.state(login)
        account = state.account._replace(
            balance=present.account.balance,
            credit=present.account.credit,
            account_profit=present.account.account_profit,
            commission_daily=present.account.commission_daily,
            commission_monthly=present.account.commission_monthly,
        )
        flags = self._own_flags(state, present)
        with self._ledger.transaction():
            self._ledger.accounts.put_state(
                login, state._replace(account=account, trade_flags=flags)
            )
        self._symbols.forget(login)
        self._concerned = None

    def _own_flags(self, state: AccountState, present: AccountState) -> int:
        """An account's own permissions, without those that the switches add."""
        added = self._switches.group_flags
        return (state.trade_flags or 0) & ~added | (present.trade_flags or 0) & added

    def change_terms(self, login: int, terms: Terms) -> None:
        """Give an account other terms; clients are not told of them."""
        with self._ledger.transaction():
            self._ledger.accounts.put_terms(login, terms)

    def change_symbol(self, symbol: FullSymbol) -> list[Push]:
        """Give a symbol other settings, or add one."""
        self._symbols.put(symbol)
        self._concerned = None
        pushes: list[Push] = [SymbolPush(symbol)]
        for login in self._concerned_by(symbol.name):
            pushes += self._work(login, stop_out.enforce)
        return pushes

    # passwords

    def authenticate(self, login: int, password: str) -> Access:
        """What a login and a password open."""
        return self.lock(login)(password)

    def lock(self, login: int) -> Callable[[str], Access]:
        """Tells what a password opens, in any thread; that takes a while."""
        main, investor = self._passwords(login)

        def access(password: str) -> Access:
            if password_matches(password, main):
                return Access.MAIN
            if password_matches(password, investor):
                return Access.INVESTOR
            return Access.REFUSED

        return access

    def change_password(
        self, login: int, old: str, new: str, *, investor: bool = False
    ) -> bool:
        """Set a new main or investor password; False: it is refused.

        Args:
            login: the account's.
            old: its present main password.
            new: long enough, with all kinds of characters.
            investor: the investor password is to be set.
        """
        main, onlooker = self._passwords(login)
        shortest = self._ledger.accounts.state(login).account.password_min
        good = check_password(new, shortest) is PasswordCheck.GOOD
        if not good or not password_matches(old, main):
            return False
        stored = hash_password(new, secrets.token_bytes(SALT_SIZE))
        both = (main, stored) if investor else (stored, onlooker)
        with self._ledger.transaction():
            self._ledger.accounts.put_passwords(login, *both)
        return True

    def generator(self, login: int) -> str | None:
        """The secret of an account's generator of one-time passwords, if it has one."""
        return self._ledger.generators.get(login)

    def bind_generator(self, login: int, secret: str | None) -> None:
        """Bind a generator of one-time passwords to an account; None: free it."""
        with self._ledger.transaction():
            if secret is None:
                self._ledger.generators.drop(login)
            else:
                self._ledger.generators.put(login, secret)

    def _passwords(self, login: int) -> tuple[bytes, bytes]:
        known = self.knows_account(login)  # what is none may be too large to ask for
        stored = self._ledger.accounts.passwords(login) if known else None
        return stored or (b"", b"")

    # the books

    def _work(
        self, login: int, work: Callable[[Desk], None], now: int | None = None
    ) -> list[Push]:
        """Do what nobody asked for; without tickets it is left undone."""
        try:
            with self._booking() as out:
                moment = self._now if now is None else now
                work(Desk(self._floor, login, moment, out))
        except TicketsExhausted as exc:
            logger.warning("account %d left as it is: %s", login, exc)
            return []
        return out

    @contextmanager
    def _booking(self) -> Iterator[list[Push]]:
        """Takes pushes; what was done to the books is undone on an exception."""
        out: list[Push] = []
        with self._prices.undone_on_failure(), self._ledger.transaction():
            yield out
        if out:
            self._next = self._concerned = None

    def _desk(self, login: int) -> Desk:
        """An account to look at only."""
        return Desk(self._floor, login, self._now, [])


def _check_free_margin(desk: Desk) -> None:
    free = funds.figures(desk).margin_free
    if free < 0:
        raise TradeRefused(
            f"account {desk.login} cannot spare that: its free margin would be {free}",
            retcode=Retcode.NO_MONEY,
        )
