"""A trade server with one account and one symbol, and words to talk to it.

::

    house = House()
    said = house.buy(1.00)
    assert said.story == STD
    assert house.the_position.price_open == 1.10010
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from mt5web_async.calculation.account import AccountFigures, account_figures
from mt5web_async.calculation.market import Market, Quotes
from mt5web_async.calculation.quotes import Quote
from mt5web_async.calculation.settings import effective_symbol
from mt5web_async.enums import (
    CalcMode,
    ExecutionMode,
    FillFlags,
    MarginMode,
    OrderFlags,
    OrderType,
    Side,
    TimeFlags,
    TradeAction,
    TradeMode,
    TransactionKind,
    TransactionType,
)
from mt5web_async.protocol.records import (
    Account,
    Commission,
    CommissionTier,
    Deal,
    FullSymbol,
    Order,
    Position,
    Session,
    TradeRequest,
    TradeResult,
    TradeSettings,
)
from mt5web_async.protocol.responses import CommissionRule, Schedule, write_schedule
from mt5web_async.simulator.market.quotes import Depth, DepthLevel, RawQuote
from mt5web_async.simulator.switches import Switches
from mt5web_async.simulator.trading.accounts import (
    USUAL_ACCOUNT,
    USUAL_GROUP,
    AccountPlan,
    NamedCommission,
)
from mt5web_async.simulator.trading.exchange import Exchange
from mt5web_async.simulator.trading.ledger import Ledger
from mt5web_async.simulator.trading.pushes import (
    AccountPush,
    DealPush,
    OrdersPush,
    Push,
    RequestAnswer,
    ResultPush,
    ServerStatePush,
    SymbolPush,
)

LOT: Final = 100_000_000
NOW: Final = 1773136800
"""Tuesday, 10 March 2026, 10:00:00."""

MIDNIGHT: Final = 1773187200
"""The end of that day."""

LOGIN: Final = 100001
SESSION: Final = 7

DEALT: Final = "O+0 D+ O-4 H+4"
STD: Final = f"A0 {DEALT} R10009"

_WHOLE_DAY: Final = (Session(0, 1440),)
WEEKDAYS: Final = ((), *(_WHOLE_DAY,) * 5, ())
ALWAYS: Final = (_WHOLE_DAY,) * 7


def schedule(trades: tuple[tuple[Session, ...], ...] = WEEKDAYS) -> bytes:
    """Sessions of trading, Sunday first; quotes come at any time."""
    return write_schedule(Schedule(ALWAYS, trades))


EURUSD: Final = FullSymbol(
    name="EURUSD",
    currency_base="EUR",
    currency_profit="USD",
    currency_margin="EUR",
    currency_base_digits=2,
    currency_profit_digits=2,
    currency_margin_digits=2,
    digits=5,
    point=0.00001,
    multiply=100_000.0,
    symbol_id=101,
    contract_size=100_000.0,
    tick_size=0.00001,
    calc_mode=CalcMode.FOREX,
    trade=TradeSettings(
        symbol_path="Forex\\EURUSD",
        trade_mode=TradeMode.FULL,
        execution_mode=ExecutionMode.MARKET,
        fill_flags=FillFlags.FOK | FillFlags.IOC,
        time_flags=TimeFlags(15),
        order_flags=OrderFlags(127),
        volume_min=LOT // 100,
        volume_max=100 * LOT,
        volume_step=LOT // 100,
        margin_hedged=100_000.0,
        margin_rates_initial=(1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
        margin_rates_maintenance=(1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
        swap_rollover3days=3,
    ),
    schedule=schedule(),
)


def with_trade(symbol: FullSymbol, **settings: Any) -> FullSymbol:
    """The symbol with other trade settings."""
    return symbol._replace(trade=symbol.trade._replace(**settings))


def eurusd(**settings: Any) -> FullSymbol:
    """The usual symbol with other trade settings."""
    return with_trade(EURUSD, **settings)


def moment(text: str) -> int:
    """Seconds of "2026-03-14 12:00" on the server's clock."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def vol(lots: float) -> int:
    """Lots as volumes travel."""
    return round(lots * LOT)


def commission(
    value: float,
    *,
    unit: int = 0,
    per_lot: bool = True,
    charge: int = 2,
    entry: int = 0,
    name: str = "Commission",
    **rule: Any,
) -> NamedCommission:
    """A rule with one tier for all symbols; at once, in and out, unless said."""
    tier = {
        key: rule.pop(key) for key in ("minimal", "maximal", "currency") if key in rule
    }
    return NamedCommission(
        name,
        CommissionRule(
            Commission(path="*", mode_charge=charge, mode_entry=entry, **rule),
            (CommissionTier(mode=unit, type=int(per_lot), value=value, **tier),),
        ),
    )


@dataclass(frozen=True)
class Said:
    """What the server sent for something that happened."""

    pushes: tuple[Push, ...]

    def __iter__(self) -> Iterator[Push]:
        return iter(self.pushes)

    @property
    def story(self) -> str:
        """All pushes in short: answers, orders with their state, deals, results."""
        return " ".join(word for push in self.pushes for word in words(push))

    @property
    def results(self) -> list[TradeResult]:
        return [push.result for push in self.pushes if isinstance(push, ResultPush)]

    @property
    def result(self) -> TradeResult:
        """The one result."""
        (result,) = self.results
        return result

    @property
    def retcode(self) -> int:
        """The code of the one result, after an answer that promised it."""
        assert self.pushes[0] == RequestAnswer(SESSION, 0)
        return self.result.answer.retcode

    @property
    def deal_pushes(self) -> list[DealPush]:
        return [push for push in self.pushes if isinstance(push, DealPush)]

    @property
    def deals(self) -> list[Deal]:
        """All deals, in the order in which they were told."""
        return [
            deal
            for push in self.deal_pushes
            for deal in (push.group.transaction.deal, *push.group.deals)
            if deal.deal
        ]

    @property
    def deal(self) -> Deal:
        """The one deal."""
        (deal,) = self.deals
        return deal

    @property
    def position(self) -> Position:
        """The position as the last push about one shows it."""
        return self.deal_pushes[-1].group.transaction.position

    @property
    def orders(self) -> list[Order]:
        """Every order record, in the order in which it was told."""
        return [
            transaction.order
            for push in self.pushes
            if isinstance(push, OrdersPush)
            for transaction in push.transactions
        ]

    @property
    def last_order(self) -> Order:
        """The order as it was told last."""
        return self.orders[-1]


def words(push: Push) -> Iterator[str]:
    """A push in short."""
    match push:
        case RequestAnswer(_, retcode):
            yield f"A{retcode}"
        case ResultPush(_, result):
            yield f"R{result.answer.retcode}"
        case OrdersPush(_, transactions):
            for one in transactions:
                kind = "H" if one.kind == TransactionKind.HISTORY_ORDER else "O"
                sign = "+~-"[one.transaction_type]
                yield f"{kind}{sign}{int(one.order.state)}"
        case DealPush(_, group):
            added = group.transaction.transaction_type == TransactionType.ADD
            yield "D+" if added else "P~"
        case AccountPush() | SymbolPush() | ServerStatePush():
            yield type(push).__name__


class House:
    """An exchange with its ledger, an account and the time.

    Args:
        symbols: what is listed; the first is what requests are about.
        switches: behaviour in which servers differ.
        balance: of the account; 0: nothing is paid in.
        mode: hedging, netting or exchange.
        path: of the ledger's file; None: memory.
        first_order: ticket of the first order.
        last_ticket: of orders and deals.
        account: other fields of the account record.
        plan: other fields of the account's plan.
    """

    def __init__(
        self,
        *symbols: FullSymbol,
        switches: Switches | None = None,
        balance: float = 10_000.0,
        mode: MarginMode = MarginMode.HEDGING,
        path: Path | None = None,
        first_order: int = 1001,
        last_ticket: int = 2**62,
        account: dict[str, Any] | None = None,
        **plan: Any,
    ) -> None:
        self.symbols = symbols or (EURUSD,)
        self.switches = switches or Switches(request_limit=0)
        self.path = path
        self.now = NOW * 1000
        self.ledger = Ledger(
            path or ":memory:",
            first_order=first_order,
            first_deal=501 - bool(balance),
            last_ticket=last_ticket,
        )
        self.quotes: dict[str, RawQuote] = {}
        self.exchange = self._exchange()
        self.plan = AccountPlan(
            account=USUAL_ACCOUNT._replace(margin_mode=mode, **(account or {})),
            **plan,
        )
        self.login = self.exchange.open_account(self.plan)
        if balance:
            self.pay(balance)
        if self.symbol.name == "EURUSD":
            self.quote(1.10000, 1.10010)

    def _exchange(self) -> Exchange:
        symbols = {one.name: one for one in self.symbols}
        return Exchange(self.ledger, symbols, self.switches)

    def restart(self) -> None:
        """Start again with the books of before, from the file if there is one."""
        if self.path is not None:
            self.ledger.close()
            self.ledger = Ledger(self.path)
        self.exchange = self._exchange()

    # what happens

    def quote(
        self, bid: float = 0.0, ask: float = 0.0, name: str = "", last: float = 0.0
    ) -> Said:
        """A tick; a side that is left out stays."""
        marks = (1 if bid else 0) | (2 if ask else 0) | (4 if last else 0)
        tick = RawQuote(bid, ask, last, 0, marks)
        name = name or self.symbol.name
        self.quotes[name] = self.quotes.get(name, RawQuote(fields=0)).then(tick)
        return self.send_tick(tick, name)

    def send_tick(self, tick: RawQuote, name: str = "") -> Said:
        """Any tick, even one that is none."""
        name = name or self.symbol.name
        return Said(tuple(self.exchange.tick(name, tick, self.now)))

    def bid(self, bid: float, spread: float = 0.00010) -> Said:
        """A tick with this bid and the usual spread."""
        return self.quote(bid, round(bid + spread, self.symbol.digits))

    def ask(self, ask: float, spread: float = 0.00010) -> Said:
        """A tick with this ask and the usual spread."""
        return self.quote(round(ask - spread, self.symbol.digits), ask)

    def depth(
        self, *asks: tuple[float, float], bids: Iterable[tuple[float, float]] = ()
    ) -> None:
        """Set the depth of market as (price, lots)."""
        depth = Depth.of(
            [DepthLevel(price, vol(lots)) for price, lots in bids],
            [DepthLevel(price, vol(lots)) for price, lots in asks],
        )
        self.exchange.set_depth(self.symbol.name, depth)

    def wait(self, seconds: float) -> Said:
        """Time passes."""
        self.now += round(seconds * 1000)
        return Said(tuple(self.exchange.advance(self.now)))

    def wait_until(self, seconds: int) -> Said:
        """Time passes until a moment, s."""
        return self.wait(seconds - self.now / 1000)

    def pay(self, amount: float, **details: Any) -> Said:
        """A money deal of the operator."""
        return Said(
            tuple(
                self.exchange.balance_operation(self.login, amount, self.now, **details)
            )
        )

    def send(self, request: TradeRequest, *, investor: bool = False) -> Said:
        """A trade request."""
        pushes = self.exchange.submit(
            SESSION, self.login, request, self.now, investor=investor
        )
        return Said(tuple(pushes))

    def ask_for(self, action: int, **fields: Any) -> Said:
        """A request about the symbol; `lots` is its volume."""
        return self.send(self.request(action, **fields))

    def request(self, action: int, *, lots: float = 0.0, **fields: Any) -> TradeRequest:
        """The same, not sent yet."""
        return TradeRequest(
            action_id=1000,
            action=action,
            symbol=fields.pop("symbol", self.symbol.name),
            volume=vol(lots),
            **fields,
        )

    def buy(self, lots: float, **fields: Any) -> Said:
        """A deal in the way that the symbol is executed."""
        return self._deal(OrderType.BUY, lots, fields)

    def sell(self, lots: float, **fields: Any) -> Said:
        """Likewise."""
        return self._deal(OrderType.SELL, lots, fields)

    def close(self, ticket: int, lots: float | None = None, **fields: Any) -> Said:
        """Close a position, or a part of it."""
        held = self.exchange.positions(self.login)
        (position,) = (one for one in held if one.position_id == ticket)
        side = OrderType.SELL if position.action == Side.BUY else OrderType.BUY
        volume = position.volume / LOT if lots is None else lots
        return self._deal(side, volume, {"position": ticket, **fields})

    def _deal(self, side: int, lots: float, fields: dict[str, Any]) -> Said:
        mode = ExecutionMode(self.symbol.trade.execution_mode)
        action = {
            ExecutionMode.REQUEST: TradeAction.REQUEST,
            ExecutionMode.INSTANT: TradeAction.INSTANT,
            ExecutionMode.MARKET: TradeAction.MARKET,
            ExecutionMode.EXCHANGE: TradeAction.EXCHANGE,
        }[mode]
        return self.ask_for(action, lots=lots, type=side, **fields)

    def place(self, kind: OrderType, lots: float, price: float, **fields: Any) -> Said:
        """A pending order."""
        return self.ask_for(
            TradeAction.PENDING, lots=lots, type=kind, price_order=price, **fields
        )

    def levels(self, ticket: int, sl: float = 0.0, tp: float = 0.0) -> Said:
        """Stop loss and take profit of a position."""
        return self.ask_for(TradeAction.SLTP, position=ticket, sl=sl, tp=tp)

    def modify(self, ticket: int, price: float, **fields: Any) -> Said:
        """Another price, other levels or another expiry of an order."""
        return self.ask_for(
            TradeAction.MODIFY, order=ticket, price_order=price, **fields
        )

    def remove(self, ticket: int) -> Said:
        """Delete an order."""
        return self.ask_for(TradeAction.REMOVE, order=ticket)

    def close_by(self, ticket: int, by: int) -> Said:
        """Close a position by another one."""
        return self.ask_for(TradeAction.CLOSE_BY, position=ticket, position_by=by)

    def change_symbol(self, symbol: FullSymbol) -> Said:
        """The operator changes the settings of the first symbol."""
        self.symbols = (symbol, *self.symbols[1:])
        return Said(tuple(self.exchange.change_symbol(symbol)))

    def change_account(self, **fields: Any) -> Said:
        """The operator changes the account's record."""
        state = self.exchange.account_state(self.login)
        state = state._replace(account=state.account._replace(**fields))
        return Said(tuple(self.exchange.change_account(self.login, state)))

    def hold(self, **fields: Any) -> Position:
        """Put a position into the books without any deal."""
        ticket = self.ledger.order_tickets.take()
        position = Position(
            position_id=ticket,
            order=ticket,
            symbol=self.symbol.name,
            expert_position_id=ticket,
            contract_size=self.symbol.contract_size,
            digits=self.symbol.digits,
            digits_currency=2,
            rate_profit=1.0,
            time_create=self.now // 1000,
            time_update=self.now // 1000,
        )._replace(**fields)
        with self.ledger.transaction():
            self.ledger.positions.put(self.login, position)
        self.exchange = self._exchange()
        for name, quote in self.quotes.items():
            self.exchange.tick(name, quote, self.now)
        return position

    # what is so

    @property
    def symbol(self) -> FullSymbol:
        return self.symbols[0]

    @property
    def positions(self) -> tuple[Position, ...]:
        return self.exchange.positions(self.login)

    @property
    def the_position(self) -> Position:
        (position,) = self.positions
        return position

    @property
    def orders(self) -> tuple[Order, ...]:
        return self.exchange.orders(self.login)

    @property
    def the_order(self) -> Order:
        (order,) = self.orders
        return order

    @property
    def account(self) -> Account:
        return self.exchange.account_state(self.login).account

    @property
    def balance(self) -> float:
        return self.account.balance

    @property
    def history(self) -> tuple[list[Deal], list[Order]]:
        """All deals and done orders."""
        return self.exchange.history(self.login, 0, 2**31 - 1)

    @property
    def figures(self) -> AccountFigures:
        """The account's figures, computed as a client does."""
        state = self.exchange.account_state(self.login)
        loaded = [effective_symbol(one, state.settings) for one in self.symbols]
        quotes = {
            name: Quote(one.bid, one.ask, one.last) for name, one in self.quotes.items()
        }
        market = Market.of(state, loaded, Quotes(quotes))
        return account_figures(market, self.positions, self.orders)

    @property
    def next_tickets(self) -> tuple[int, int]:
        """The tickets of the next order and the next deal; they are used up."""
        return self.ledger.order_tickets.take(), self.ledger.deal_tickets.take()


def netting(*symbols: FullSymbol, **details: Any) -> House:
    """A house with a netting account."""
    return House(*symbols, mode=MarginMode.NETTING, **details)


GROUP: Final = USUAL_GROUP
