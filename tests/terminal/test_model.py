"""What a terminal knows is what a full computation gives, whatever comes in."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable, Mapping
from typing import Final

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from mt5web_async.calculation.account import account_figures
from mt5web_async.calculation.portfolio import Portfolio
from mt5web_async.enums import (
    CalcMode,
    MarginMode,
    OrderType,
    Side,
    StatisticsFields,
    TickFields,
    TransactionKind,
    TransactionType,
)
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.records import (
    FULL_SYMBOL,
    ORDER_TRANSACTION,
    STATISTICS,
    SYMBOL,
    TICK,
    Deal,
    DealTransaction,
    Order,
    OrderTransaction,
    Position,
    Statistics,
    Symbol,
    Tick,
)
from mt5web_async.protocol.responses import (
    AccountState,
    DealGroup,
    FloatingLeverage,
    write_account,
    write_deal_group,
    write_positions,
)
from mt5web_async.terminal.model import Model
from tests.calculation.scenes import (
    UNSET,
    account,
    leverage,
    order,
    pair,
    position,
    rates,
    symbol,
)

ALL: Final = rates(t2=1.0, t3=1.0, t4=1.0, t5=1.0, t6=1.0, t7=1.0)
PAIRS: Final = ("EURUSD", "GBPUSD", "USDJPY", "EURGBP", "USDCHF")
LISTED: Final = tuple(
    one._replace(symbol_id=number)
    for number, one in enumerate(
        (
            *(pair(n, margin_rates_initial=ALL, margin_hedged=1e5) for n in PAIRS),
            symbol(
                "DAX",
                CalcMode.CFD,
                currency_profit="EUR",
                currency_margin="EUR",
                margin_rates_initial=ALL,
            ),
            symbol(
                "SHARE",
                CalcMode.EXCH_STOCKS,
                margin_rates_initial=ALL,
                margin_rate_liquidity=1.0,
            ),
            symbol("COLL", CalcMode.SERV_COLLATERAL, margin_rate_liquidity=0.9),
        ),
        101,
    )
)
BY_NAME: Final = {one.name: one for one in LISTED}
MARKED: Final = int(TickFields.BID | TickFields.ASK | TickFields.LAST)
RULES: Final = (
    (),
    (leverage(3, (0, 1e5, 1.0), (1e5, UNSET, 2.0), masks="*EUR*", currency="GBP"),),
    (leverage(0, (0, 1, 1.0), (1, UNSET, 3.0)),),
)
names = st.sampled_from(sorted(BY_NAME))
prices = st.integers(50_000, 200_000)


def log_in(
    model: Model,
    state: AccountState,
    held: Mapping[int, Position],
    waiting: Mapping[int, Order],
) -> None:
    """The answers to what is asked after a login."""
    model.take_account(memoryview(write_account(state)))
    listed = [
        Symbol(name=one.name, symbol_id=one.symbol_id, calc_mode=one.calc_mode)
        for one in LISTED
    ]
    model.symbols.take_list(SYMBOL.rows(SYMBOL.write_all(listed)))
    snapshot = write_positions(held.values(), waiting.values())
    model.holdings.take_positions(memoryview(snapshot))


class Terminal(RuleBasedStateMachine):
    """A model under pushes and answers in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.pushes = self.model.pushes()
        self.listed = dict(BY_NAME)
        self.loaded: set[str] = set()
        self.held: dict[int, Position] = {}
        self.waiting: dict[int, Order] = {}
        self.tickets = 1000
        self.time = 100
        self.state = AccountState(account())

    def push(self, command: Command, payload: bytes) -> None:
        self.pushes[command](memoryview(payload))

    def ticket(self) -> int:
        self.tickets += 1
        return self.tickets

    # a connection

    @initialize(mode=st.sampled_from(MarginMode), money=st.sampled_from(("USD", "CHF")))
    def begin(self, mode: MarginMode, money: str) -> None:
        self.state = AccountState(account(mode, currency=money))
        self.connect()

    @rule()
    def connect(self) -> None:
        """A new connection: everything is asked for anew, and nothing is quoted."""
        model = self.model
        model.begin()
        log_in(model, self.state, self.held, self.waiting)
        self.load(self.loaded)

    @rule(wanted=st.sets(names, max_size=3))
    def load(self, wanted: Iterable[str]) -> None:
        """Symbols become known, some of them after what is held of them."""
        self.loaded.update(wanted)
        records = [self.listed[name] for name in wanted]
        payload = FULL_SYMBOL.write_counted(records)
        self.model.take_counted_full_symbols(memoryview(payload))

    # what is pushed

    @rule(moved=st.dictionaries(names, st.tuples(prices, st.integers(0, 9))))
    def tick(self, moved: dict[str, tuple[int, int]]) -> None:
        self.time += 1
        ticks = [
            Tick(
                symbol_id=self.listed[name].symbol_id,
                time=self.time,
                fields=MARKED,
                bid=price,
                ask=price + spread,
                last=price,
            )
            for name, (price, spread) in moved.items()
        ]
        self.push(Command.TICKS, TICK.write_all(ticks))

    @rule(name=names, price=prices)
    def session_figures(self, name: str, price: int) -> None:
        fields = int(StatisticsFields.BID | StatisticsFields.BID_HIGH)
        of = self.listed[name].symbol_id
        record = Statistics(symbol_id=of, fields=fields, bid=price, bid_high=price)
        self.push(Command.STATISTICS, STATISTICS.write(record))

    def deal(self, after: Position, balance: float) -> None:
        transaction = DealTransaction(
            kind=TransactionKind.DEAL,
            deal=Deal(deal=self.ticket()),
            position=after,
            balance=balance,
        )
        owner = self.state.account._replace(balance=balance)
        self.state = self.state._replace(account=owner)
        self.push(Command.TRANSACTIONS, write_deal_group(DealGroup(transaction)))

    @rule(
        name=names, side=st.sampled_from(Side), lots=st.integers(1, 300), price=prices
    )
    def open(self, name: str, side: Side, lots: int, price: int) -> None:
        of = self.listed[name]
        present = [one for one in self.held.values() if one.symbol == name]
        hedging = self.state.account.margin_mode == MarginMode.HEDGING
        ticket = present[0].position_id if present and not hedging else self.ticket()
        opened = price / 10**of.digits
        after = position(
            of, side, lots / 100, opened, position_id=ticket, rate_margin=0.9
        )
        self.held[ticket] = after
        self.deal(after, self.state.account.balance)

    @precondition(lambda self: self.held)
    @rule(result=st.integers(-50, 50), data=st.data())
    def close(self, result: int, data: st.DataObject) -> None:
        ticket = data.draw(st.sampled_from(sorted(self.held)))
        gone = self.held.pop(ticket)._replace(volume=0)
        self.deal(gone, self.state.account.balance + result)

    @rule(name=names, kind=st.sampled_from(tuple(OrderType)[:8]), price=prices)
    def place(self, name: str, kind: OrderType, price: int) -> None:
        of = self.listed[name]
        wanted = price / 10**of.digits
        one = order(of, kind, 0.5, wanted, order=self.ticket(), price_trigger=wanted)
        self.waiting[one.order] = one
        self.change_order(one, TransactionType.ADD)

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        ticket = data.draw(st.sampled_from(sorted(self.waiting)))
        self.change_order(self.waiting.pop(ticket), TransactionType.DELETE)

    def change_order(self, one: Order, kind: TransactionType) -> None:
        transaction = OrderTransaction(transaction_type=kind, order=one)
        self.push(Command.TRANSACTIONS, ORDER_TRANSACTION.write(transaction))

    @rule(
        name=names,
        factor=st.sampled_from((0.0, 0.5, 1.0, 2.0)),
        diff=st.sampled_from((0, 6, -3)),
    )
    def change_symbol(self, name: str, factor: float, diff: int) -> None:
        of = self.listed[name]
        factors = (factor, factor, *ALL[2:])
        trade = of.trade._replace(margin_rates_initial=factors, spread_diff=diff)
        self.listed[name] = changed = of._replace(trade=trade)
        self.loaded.add(name)
        self.push(Command.SYMBOLS_CHANGED, FULL_SYMBOL.write(changed))

    @rule(
        by=st.sampled_from((1, 30, 500)),
        free=st.integers(0, 3),
        rules=st.sampled_from(RULES),
        hedged=st.sampled_from((0.0, 5e4)),
        money=st.integers(-100, 100),
    )
    def change_account(
        self,
        by: int,
        free: int,
        rules: tuple[FloatingLeverage, ...],
        hedged: float,
        money: int,
    ) -> None:
        """Leverage, free margin, floating leverage, an override, a deposit."""
        owner = self.state.account._replace(
            leverage=by,
            margin_free_mode=free,
            balance=self.state.account.balance + money,
        )
        override = BY_NAME["EURUSD"].trade._replace(
            symbol_path="*EURUSD", margin_hedged=hedged
        )
        self.state = AccountState(owner, (override,), 0, leverage=rules)
        self.push(Command.ACCOUNT_CHANGED, write_account(self.state))

    # what must hold

    @invariant()
    def the_model_has_what_the_server_told(self) -> None:
        now = self.model.holdings.now
        assert dict(now.positions) == self.held
        assert dict(now.orders) == self.waiting
        assert now.state.account == self.state.account
        assert self.model.symbols.full.keys() == self.loaded

    @invariant()
    def live_figures_are_those_of_a_full_computation(self) -> None:
        live, now = self.model.portfolio(), self.model.holdings.now
        market = self.model.market()
        held, waiting = now.positions.values(), now.orders.values()
        assert live.figures == account_figures(market, held, waiting)
        anew = Portfolio[Position, Order].of(market, now.positions, now.orders)
        assert live.positions == anew.positions


Terminal.TestCase.settings = settings(
    max_examples=40, stateful_step_count=25, deadline=None
)
TestAnyEvents = Terminal.TestCase


def stepped(model: Model, step: int) -> None:
    """One push that brings every symbol to the price of a step."""
    ticks = [
        Tick(one.symbol_id, 100, MARKED, 110_000 + step, 110_000 + step)
        for one in LISTED[:3]
    ]
    model.pushes()[Command.TICKS](memoryview(TICK.write_all(ticks)))


def test_one_look_never_mixes_two_states_of_the_quotes() -> None:
    """While another thread moves all quotes as fast as it can."""
    model, steps = Model(), 2_000
    opened = [position(one, side, 1.0, 1.1) for one in LISTED[:3] for side in Side]
    held = {one.position_id: one for one in opened}
    log_in(model, AccountState(account(currency="EUR")), held, {})
    model.symbols.take_full(LISTED)
    stepped(model, 0)
    mixed: list[Portfolio[Position, Order]] = []
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            portfolio = model.portfolio()
            shown = {
                round(one.price_close * 10 ** BY_NAME[one.position.symbol].digits)
                for one in portfolio.positions
            }
            figures = portfolio.figures
            profit = sum(one.profit for one in portfolio.positions)
            whole = figures.balance + figures.credit + round(profit, 2)
            if len(shown) != 1 or round(whole, 2) != figures.equity:
                mixed.append(portfolio)

    readers = [threading.Thread(target=look) for _ in range(3)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        for reader in readers:
            reader.start()
        for step in range(1, steps):
            stepped(model, step)
    finally:
        done.set()
        for reader in readers:
            reader.join()
        sys.setswitchinterval(interval)
    assert not mixed
    last = {round(one.price_close, 3) for one in model.portfolio().positions}
    assert last == {1.12, 111.999}
