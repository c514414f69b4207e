"""One account at one moment: what the rules read, and how they change it.

Every change of the books goes through a :class:`Desk`, which writes it to the
ledger and adds the push that tells the clients.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from mt5web_async.calculation.market import Market
from mt5web_async.calculation.portfolio import Portfolio
from mt5web_async.calculation.quotes import Quote
from mt5web_async.calculation.rounding import normalize
from mt5web_async.enums import (
    DealType,
    MarginMode,
    OrderState,
    TransactionKind,
    TransactionType,
)
from mt5web_async.protocol.records import (
    Account,
    Deal,
    DealTransaction,
    FullSymbol,
    Order,
    OrderTransaction,
    Position,
    TradeSettings,
)
from mt5web_async.protocol.responses import AccountState, DealGroup
from mt5web_async.simulator.switches import Switches
from mt5web_async.simulator.trading.accounts import Terms
from mt5web_async.simulator.trading.ledger import Ledger
from mt5web_async.simulator.trading.order_states import OrderEvent, next_state
from mt5web_async.simulator.trading.pushes import (
    AccountPush,
    DealPush,
    OrdersPush,
    Push,
)

from .offers import Offers
from .prices import Prices
from .symbols import Symbols

_TO_CREDIT = (DealType.CREDIT, DealType.BONUS, DealType.STOP_OUT_COMPENSATION_CREDIT)


Portfolios: TypeAlias = dict[int, Portfolio[Position, Order]]
"""What each account was last worth, by login."""


@dataclass(frozen=True, slots=True)
class Floor:
    """What all accounts of the server share."""

    ledger: Ledger
    symbols: Symbols
    prices: Prices
    switches: Switches
    offers: Offers = field(default_factory=Offers)
    portfolios: Portfolios = field(default_factory=dict)


class Desk:
    """One account at one moment.

    Args:
        floor: what all accounts share.
        login: the account's.
        now: server time, ms.
        out: takes the pushes, in their order.
    """

    def __init__(self, floor: Floor, login: int, now: int, out: list[Push]) -> None:
        self.floor = floor
        self.login = login
        self.now = now
        self.out = out
        self.ledger = floor.ledger
        self.switches = floor.switches

    @property
    def seconds(self) -> int:
        """Server time, s."""
        return self.now // 1000

    @property
    def ms(self) -> int:
        """What the second has on top, ms."""
        return self.now % 1000

    @property
    def state(self) -> AccountState:
        """The account with its rules."""
        return self.ledger.accounts.state(self.login)

    @property
    def shown(self) -> AccountState:
        """The same as clients are told of it."""
        return self.state._replace(
            trade_flags=int(self.flags), symbols_count=len(self.floor.symbols)
        )

    @property
    def account(self) -> Account:
        """The account's record."""
        return self.state.account

    @property
    def terms(self) -> Terms:
        """What its group sets beyond the record."""
        return self.ledger.accounts.terms(self.login)

    @property
    def flags(self) -> int:
        """The group's permissions, :class:`GroupFlags`."""
        return (self.state.trade_flags or 0) | self.switches.group_flags

    @property
    def hedging(self) -> bool:
        """Whether a symbol may have many positions."""
        return self.account.margin_mode == MarginMode.HEDGING

    @property
    def digits(self) -> int:
        """Of the deposit currency."""
        return self.account.currency_digits

    @property
    def positions(self) -> tuple[Position, ...]:
        """Open positions by ascending ticket."""
        return self.ledger.positions.of(self.login)

    @property
    def orders(self) -> tuple[Order, ...]:
        """Open orders by ascending ticket."""
        return self.ledger.orders.of(self.login)

    def positions_of(self, symbol: str) -> tuple[Position, ...]:
        """Open positions of one symbol by ascending ticket."""
        return self.ledger.positions.of_symbol(self.login, symbol)

    def orders_of(self, symbol: str) -> tuple[Order, ...]:
        """Open orders of one symbol by ascending ticket."""
        return self.ledger.orders.of_symbol(self.login, symbol)

    def position(self, ticket: int) -> Position | None:
        """A position, if it is open."""
        return self.ledger.positions.get(self.login, ticket)

    def order(self, ticket: int) -> Order | None:
        """An order, if it is open."""
        return self.ledger.orders.get(self.login, ticket)

    def symbol(self, name: str) -> FullSymbol:
        """A symbol with the trade settings that count for this account.

        Raises:
            NotFound: there is no such symbol.
        """
        return self.floor.symbols.of(self.login, self.state.settings, name)

    def quote(self, symbol: FullSymbol) -> Quote | None:
        """The symbol's prices with this account's mark-up; None without any."""
        return self.floor.prices.quote(symbol)

    @property
    def market(self) -> Market:
        """All that profit and margin depend on, as they are now."""
        view = AccountView(self.floor, self.login, self.state.settings)
        return Market(
            self.account,
            view,
            view,
            self.floor.symbols.pairs,
            self.state.leverage,
            (),
            self.flags,
        )

    def money(self, amount: float) -> float:
        """An amount rounded to the deposit currency."""
        return normalize(amount, self.digits)

    def put_account(self, account: Account) -> None:
        """Replace the account's record; tells nobody."""
        self.ledger.accounts.put_state(self.login, self.state._replace(account=account))

    def add_order(self, order: Order) -> None:
        """A new open order."""
        self.ledger.orders.put(self.login, order)
        self._tell_order(TransactionKind.ORDER, TransactionType.ADD, order)

    def change_order(self, order: Order, event: OrderEvent) -> Order:
        """An open order after an event that leaves it open."""
        changed = order._replace(state=next_state(order.state, event))
        self.ledger.orders.put(self.login, changed)
        self._tell_order(TransactionKind.ORDER, TransactionType.UPDATE, changed)
        return changed

    def end_order(self, order: Order, event: OrderEvent) -> Order:
        """An order after an event that ends it: it goes to the history."""
        done = order._replace(
            state=next_state(order.state, event),
            time_done=self.seconds,
            time_done_ms=self.ms,
        )
        self.ledger.orders.archive(self.login, done)
        self._tell_order(TransactionKind.ORDER, TransactionType.DELETE, done)
        self._tell_order(TransactionKind.HISTORY_ORDER, TransactionType.ADD, done)
        return done

    def keep_position(self, position: Position) -> None:
        """Write a position, or its end when it has no volume; tells nobody."""
        if position.volume:
            self.ledger.positions.put(self.login, position)
        elif self.position(position.position_id):
            self.ledger.positions.drop(self.login, position.position_id)

    def change_position(self, position: Position) -> None:
        """A position that changed without a deal."""
        self.keep_position(position)
        self._tell_deal(TransactionType.UPDATE, Deal(), position)

    def record_deal(self, deal: Deal) -> None:
        """A deal and what it does to the money; tells nobody."""
        self.ledger.deals.add(self.login, deal)
        self.put_account(after_deal(self.account, deal))

    def tell_deal(
        self,
        deal: Deal,
        position: Position,
        deals: Iterable[Deal] = (),
        positions: Iterable[Position] = (),
    ) -> None:
        """Tell of a recorded deal, of the position after it, and of what else moved."""
        self._tell_deal(TransactionType.ADD, deal, position, deals, positions)

    def tell_account(self) -> None:
        """Tell of the account's record with all its rules."""
        self.out.append(AccountPush(self.login, self.shown))

    def _tell_order(
        self, kind: TransactionKind, what: TransactionType, order: Order
    ) -> None:
        number = self.ledger.accounts.next_transaction(self.login)
        record = OrderTransaction(kind, number, what, order)
        self.out.append(OrdersPush(self.login, (record,)))

    def _tell_deal(
        self,
        what: TransactionType,
        deal: Deal,
        position: Position,
        deals: Iterable[Deal] = (),
        positions: Iterable[Position] = (),
    ) -> None:
        account = self.account
        record = DealTransaction(
            TransactionKind.DEAL,
            self.ledger.accounts.next_transaction(self.login),
            what,
            deal,
            position,
            account.balance,
            account.credit,
            account.commission_daily,
            account.commission_monthly,
            account.account_profit,
        )
        group = DealGroup(record, tuple(deals), tuple(positions))
        self.out.append(DealPush(self.login, group))


class AccountView(Mapping[str, FullSymbol]):
    """Symbols and quotes as one account sees them.

    Args:
        floor: what all accounts share.
        login: the account's.
        overrides: its overrides of trade settings.
    """

    def __init__(
        self, floor: Floor, login: int, overrides: Sequence[TradeSettings]
    ) -> None:
        self._floor, self._login, self._overrides = floor, login, overrides

    def __getitem__(self, name: str) -> FullSymbol:
        if name not in self._floor.symbols:
            raise KeyError(name)
        return self._floor.symbols.of(self._login, self._overrides, name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._floor.symbols)

    def __len__(self) -> int:
        return len(self._floor.symbols)

    def live(self, name: str) -> Quote | None:
        """The quote of a symbol; None: there is none yet."""
        symbol = self.get(name)
        return self._floor.prices.quote(symbol) if symbol else None

    def delayed(self, name: str) -> Quote | None:
        """The same: the server knows its own prices without delay."""
        return self.live(name)


def after_deal(account: Account, deal: Deal) -> Account:
    """The account's record with a deal's money in it.

    The realised profit of the day counts only for accounts that may not trade with
    it before the day is over.
    """
    if deal.action in _TO_CREDIT:
        credit = normalize(account.credit + deal.profit, account.currency_digits)
        return account._replace(credit=credit)
    money = deal.profit + deal.storage + deal.commission + deal.fee
    account = account._replace(
        balance=normalize(account.balance + money, account.currency_digits)
    )
    if account.margin_free_profit_mode != 1 or not is_trade(deal):
        return account
    day = normalize(account.account_profit + deal.profit, account.currency_digits)
    return account._replace(account_profit=day)


def is_trade(deal: Deal) -> bool:
    """Whether the deal bought or sold, rather than moved money."""
    return deal.action in (DealType.BUY, DealType.SELL)


def is_waiting(order: Order) -> bool:
    """Whether the order waits for its price or for volume."""
    return order.state in (OrderState.PLACED, OrderState.PARTIAL)
