"""Whatever is traded, the figures are those of a second computation.

500 random operations on each kind of account: ticks, deals, pending orders of every
type and what becomes of them, partial and whole closing, closing by, reversals,
deposits, credit, other leverage and other settings of symbols, nights with swaps, and
commissions by the day.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any, Final

import pytest

import mt5web as mt5
from mt5web_async.enums import DealType, MarginMode, OrderType
from mt5web_async.protocol.records import (
    Account,
    Commission,
    CommissionTier,
    FullSymbol,
    Order,
    Position,
)
from mt5web_async.protocol.responses import AccountState, CommissionRule
from mt5web_async.simulator import Simulator, SimulatorConfig
from mt5web_async.simulator.broker import Broker
from mt5web_async.simulator.clock import DAY_S, ManualClock
from mt5web_async.simulator.switches import Switches
from tests.second_opinion import SecondOpinion, Shown
from tests.waiting import eventually

STEPS: Final = 500
MONDAY: Final = datetime(2026, 3, 9, 10, 0)  # noqa: DTZ001 - server time
START: Final = {
    "EURUSD": 1.1,
    "USDJPY": 150.0,
    "EURGBP": 0.85,
    "XAUUSD": 2000.0,
    "GBPUSD": 1.29,
    "US500F": 5600.0,
    "ACME": 180.0,
}
TRADED: Final = tuple(name for name in START if name != "GBPUSD")
PENDING: Final = tuple(OrderType)[2:8]
ALL_FACTORS: Final = (1.0, 1.0, 0.5, 0.5, 1.0, 0.25, 1.0, 2.0)
BY_THE_DAY: Final = CommissionRule(
    Commission(path="*"),
    (
        CommissionTier(type=1, value=3.0, range_to=0.3),
        CommissionTier(type=1, value=2.0, range_from=0.3),
    ),
)
"""Per lot, less for more."""


def on_tick(name: str, price: float) -> float:
    """The nearest price that the symbol can have."""
    ticks = {"US500F": 0.25, "USDJPY": 1e-3, "XAUUSD": 0.01, "ACME": 0.01}
    tick = ticks.get(name, 1e-5)
    return round(round(price / tick) * tick, 5)


class Session:
    """A random trader, and what the server knows of it."""

    def __init__(
        self, server: Simulator, terminal: mt5.Terminal, chance: random.Random
    ) -> None:
        self.server, self.terminal, self.chance = server, terminal, chance
        self.prices = dict(START)
        self.shown: dict[str, Shown] = {}
        self.symbols: dict[str, FullSymbol] = {}
        self.done: set[str] = set()

    # what the server knows

    def known(self) -> tuple[Account, list[Position], list[Order]]:
        """Account, positions and orders as the server has them."""
        login = self.server.login

        def look(broker: Broker) -> tuple[Account, list[Position], list[Order]]:
            exchange = broker.exchange
            self.symbols = {name: exchange.symbol(name) for name in START}
            account = exchange.account_state(login).account
            return account, [*exchange.positions(login)], [*exchange.orders(login)]

        return self.server.do(look)

    def quote(self, name: str, price: float) -> None:
        """Set a price; what is dealt on an exchange has a last price too."""
        bid, ask = on_tick(name, price), on_tick(name, price * 1.0002)
        last = ask if name in ("US500F", "ACME") else None
        self.server.quote(name, bid=bid, ask=ask, last=last)
        self.prices[name] = price
        self.shown[name] = Shown(bid, ask, last or 0.0)

    # what may be done

    def tick(self) -> bool:
        name = self.chance.choice(list(START))
        self.quote(name, self.prices[name] * (1 + self.chance.uniform(-3e-3, 3e-3)))
        return True

    def send(self, **request: Any) -> bool:
        """Whether the server did what was asked."""
        result = self.terminal.order_send(request)
        assert result is not None, self.terminal.last_error()
        return result.retcode in (mt5.TRADE_RETCODE_DONE, mt5.TRADE_RETCODE_PLACED)

    def volume(self, name: str) -> float:
        if name in ("US500F", "ACME"):
            return float(self.chance.randrange(1, 4))
        return self.chance.randrange(1, 60) / 100

    def deal(self, name: str, side: int, volume: float, position: int = 0) -> bool:
        shown = self.shown[name]
        return self.send(
            action=mt5.TRADE_ACTION_DEAL,
            symbol=name,
            volume=volume,
            type=side,
            price=shown.bid if side else shown.ask,
            position=position,
            type_filling=mt5.ORDER_FILLING_IOC,
        )

    def market(self) -> bool:
        name = self.chance.choice(TRADED)
        return self.deal(name, self.chance.randrange(2), self.volume(name))

    def place(self) -> bool:
        name, kind = self.chance.choice(TRADED), self.chance.choice(PENDING)
        return self.send(
            action=mt5.TRADE_ACTION_PENDING,
            symbol=name,
            volume=self.volume(name),
            type=int(kind),
            type_filling=mt5.ORDER_FILLING_RETURN,
            **self.levels(name, kind),
        )

    def levels(self, name: str, kind: int) -> dict[str, float]:
        """A price on the right side of the market, and a limit price behind it."""
        shown, away = self.shown[name], self.chance.uniform(1e-3, 2e-2)
        below = kind in (OrderType.BUY_LIMIT, OrderType.SELL_STOP, 7)
        price = on_tick(name, shown.bid * (1 - away if below else 1 + away))
        if kind < OrderType.BUY_STOP_LIMIT:
            return {"price": price}
        limit = price * (1.001 if kind % 2 else 0.999)
        return {"price": price, "stoplimit": on_tick(name, limit)}

    def modify(self) -> bool:
        order = self.any_of(self.terminal.orders_get())
        return order is not None and self.send(
            action=mt5.TRADE_ACTION_MODIFY,
            order=order.ticket,
            **self.levels(order.symbol, order.type),
        )

    def delete(self) -> bool:
        order = self.any_of(self.terminal.orders_get())
        return order is not None and self.send(
            action=mt5.TRADE_ACTION_REMOVE, order=order.ticket
        )

    def protect(self) -> bool:
        held = self.any_of(self.terminal.positions_get())
        if held is None:
            return False
        sign, price = 1 - 2 * held.type, held.price_current
        return self.send(
            action=mt5.TRADE_ACTION_SLTP,
            symbol=held.symbol,
            position=held.ticket,
            sl=on_tick(held.symbol, price * (1 - sign * 0.01)),
            tp=on_tick(held.symbol, price * (1 + sign * 0.01)),
        )

    def close(self) -> bool:
        held = self.any_of(self.terminal.positions_get())
        return held is not None and self.deal(
            held.symbol, 1 - held.type, held.volume, held.ticket
        )

    def close_in_part(self) -> bool:
        held = self.any_of(self.terminal.positions_get())
        least = 1.0 if held and held.symbol in ("US500F", "ACME") else 0.01
        return held is not None and self.deal(
            held.symbol, 1 - held.type, least, held.ticket
        )

    def close_by(self) -> bool:
        positions = self.terminal.positions_get() or ()
        pairs = [
            (one.ticket, other.ticket)
            for one in positions
            for other in positions
            if one.symbol == other.symbol and one.type != other.type
        ]
        if not pairs:
            return False
        one, other = self.chance.choice(pairs)
        by = mt5.TRADE_ACTION_CLOSE_BY
        return self.send(action=by, position=one, position_by=other)

    def reverse(self) -> bool:
        held = self.any_of(self.terminal.positions_get())
        return held is not None and self.deal(
            held.symbol, 1 - held.type, round(held.volume + self.volume(held.symbol), 2)
        )

    def any_of(self, these: tuple[Any, ...] | None) -> Any:
        return self.chance.choice(these) if these else None

    def deposit(self) -> bool:
        self.server.deposit(round(self.chance.uniform(-50, 200), 2))
        return True

    def credit(self) -> bool:
        amount, login = float(self.chance.randrange(1, 50)), self.server.login

        def lend(broker: Broker) -> None:
            kind = DealType.CREDIT
            paid = broker.exchange.balance_operation(login, amount, broker.now, kind)
            broker.route(paid)

        self.server.do(lend)
        return True

    def change_account(self) -> bool:
        leverage = self.chance.choice((30, 100, 200, 500))
        free = self.chance.randrange(4)

        def change(state: AccountState) -> AccountState:
            account = state.account._replace(leverage=leverage, margin_free_mode=free)
            return state._replace(account=account)

        self.server.change_account(change)
        return True

    def change_symbol(self) -> bool:
        name = self.chance.choice(TRADED)
        factors = (self.chance.choice((1.0, 0.5, 2.0)),) * 2 + ALL_FACTORS[2:]
        flags = self.chance.choice((0, 0, 4, 8))
        part = self.chance.choice((0.0, 0.5, 1.0))

        def change(symbol: FullSymbol) -> FullSymbol:
            trade = symbol.trade._replace(
                margin_rates_initial=factors,
                margin_flags=flags,
                margin_hedged=part * symbol.contract_size,
                margin_rate_liquidity=part,
            )
            return symbol._replace(trade=trade)

        self.server.change_symbol(name, change)
        return True

    def night(self) -> bool:
        """To the next morning, with swaps and the commissions of the day."""
        self.server.advance(DAY_S)
        for name in START:
            self.quote(name, self.prices[name])
        return True


OPERATIONS: Final[dict[str, int]] = {
    "tick": 26,
    "market": 14,
    "place": 10,
    "modify": 5,
    "delete": 3,
    "protect": 5,
    "close": 4,
    "close_in_part": 6,
    "close_by": 4,
    "reverse": 6,
    "deposit": 4,
    "credit": 2,
    "change_account": 4,
    "change_symbol": 5,
    "night": 2,
}
"""By how often they are chosen."""


@contextmanager
def trading(mode: MarginMode) -> Iterator[Session]:
    """A trader on a fresh account."""
    config = SimulatorConfig(
        automatic=False,
        clock=ManualClock(MONDAY),
        margin_mode=mode,
        balance=1_000_000.0,
        switches=Switches(request_limit=0),
    )
    with Simulator(config) as server:
        terminal = mt5.Terminal()
        assert terminal.initialize(**server.credentials), terminal.last_error()
        session = Session(server, terminal, random.Random(7))  # noqa: S311
        for name, price in START.items():
            session.quote(name, price)
            assert terminal.symbol_select(name, True)
        charged = (BY_THE_DAY,)
        server.change_account(lambda state: state._replace(commissions=charged))
        yield session
        terminal.shutdown()


@pytest.mark.parametrize("mode", list(MarginMode))
def test_figures_are_those_of_a_second_computation(mode: MarginMode) -> None:
    with trading(mode) as session:
        names, weights = list(OPERATIONS), list(OPERATIONS.values())
        for _ in range(STEPS):
            (name,) = session.chance.choices(names, weights)
            operation: Callable[[], bool] = getattr(session, name)
            if operation():
                session.done.add(name)
            agree(session)
        wanted = {*OPERATIONS, "swaps", "commissions"}
        if mode != MarginMode.HEDGING:
            wanted.remove("close_by")
        assert session.done == wanted


def agree(session: Session) -> None:
    """The terminal shows what the second computation gives, soon."""
    account, positions, orders = session.known()
    opinion = SecondOpinion(account, session.symbols, session.shown)
    figures = opinion.account(positions, orders)
    session.done.update(
        what
        for what, seen in (
            ("swaps", any(one.storage for one in positions)),
            ("commissions", figures["commission_blocked"] != 0),
        )
        if seen
    )
    profits = {one.position_id: opinion.profit(one) for one in positions}

    def quoted() -> bool:
        ticks = {name: session.terminal.symbol_info_tick(name) for name in START}
        return session.shown == {
            name: Shown(tick.bid, tick.ask, tick.last)
            for name, tick in ticks.items()
            if tick is not None
        }

    def differences() -> dict[str, tuple[Any, Any]]:
        info, held = session.terminal.account_info(), session.terminal.positions_get()
        assert info is not None
        assert held is not None
        shown: dict[str, Any] = {name: getattr(info, name) for name in figures}
        found = {
            name: (shown[name], value)
            for name, value in figures.items()
            if shown[name] != pytest.approx(value, rel=1e-12, abs=1e-9)
        }
        gains = {one.ticket: one.profit for one in held}
        return found if gains == profits else {**found, "profits": (gains, profits)}

    eventually(quoted)
    with suppress(AssertionError):
        eventually(lambda: not differences())
    assert differences() == {}
    plan(session, opinion)


def plan(session: Session, opinion: SecondOpinion) -> None:
    """Profit and margin of a deal that is only thought of."""
    chance, name = session.chance, session.chance.choice(TRADED)
    of, shown, side = opinion.symbols[name], session.shown[name], chance.randrange(2)
    lots, start = session.volume(name), on_tick(name, shown.bid * 0.99)
    profit = session.terminal.order_calc_profit(side, name, lots, start, shown.bid)
    assert profit == opinion.planned(of, side == 0, lots, start, shown.bid)
    needed = opinion.planned_margin(of, side, lots, start)

    def margin() -> float | None:
        return session.terminal.order_calc_margin(side, name, lots, start)

    # new leverage or settings of a symbol without positions show nowhere else
    with suppress(AssertionError):
        eventually(lambda: margin() == needed)
    assert margin() == needed
