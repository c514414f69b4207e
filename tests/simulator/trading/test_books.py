"""Whatever happens, the books add up."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from mt5web_async.calculation.account import account_figures
from mt5web_async.enums import (
    DealType,
    ExecutionMode,
    FillFlags,
    Filling,
    MarginMode,
    OrderState,
    OrderTime,
    OrderType,
    Retcode,
    Side,
    SwapMode,
    TradeAction,
)
from mt5web_async.errors import TradeRefused
from mt5web_async.protocol.records import Deal, Position
from mt5web_async.simulator.switches import Switches
from mt5web_async.simulator.trading.ledger import Ledger
from mt5web_async.simulator.trading.pushes import RequestAnswer
from mt5web_async.simulator.trading.rules import funds
from mt5web_async.simulator.trading.tables.counters import TicketsExhausted

from .house import EURUSD, NOW, House, Said, commission, vol, with_trade
from .mirror import Mirror

POINT = 0.00001
LOTS = st.integers(1, 300).map(lambda steps: steps / 100)
POINTS = st.integers(-300, 300).filter(bool)
NAMES = st.sampled_from(["EURUSD", "GBPUSD"])
PENDING = st.sampled_from(
    [
        OrderType.BUY_LIMIT,
        OrderType.SELL_LIMIT,
        OrderType.BUY_STOP,
        OrderType.SELL_STOP,
        OrderType.BUY_STOP_LIMIT,
        OrderType.SELL_STOP_LIMIT,
    ]
)
FILLINGS = st.sampled_from([Filling.FOK, Filling.IOC, Filling.RETURN])
DONE_STATES = {
    OrderState.CANCELED,
    OrderState.PARTIAL,  # dealt in part, the rest dropped
    OrderState.FILLED,
    OrderState.REJECTED,
    OrderState.EXPIRED,
}


class Books(RuleBasedStateMachine):
    """An account that trades wildly, a client that listens, and the books."""

    mode = MarginMode.HEDGING
    execution = ExecutionMode.MARKET
    swap = SwapMode.POINTS
    first_order, last_ticket = 1001, 2**62
    switches = Switches(request_limit=0)
    commissions = (commission(3.5), commission(0.2, mode=2))

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        symbol = with_trade(
            EURUSD,
            execution_mode=self.execution,
            fill_flags=FillFlags.FOK | FillFlags.IOC,
            swap_mode=self.swap,
            swap_long=-7.5,
            swap_short=2.5,
        )
        pound = symbol._replace(
            name="GBPUSD", currency_base="GBP", currency_margin="GBP", symbol_id=102
        )
        self.house = House(
            symbol,
            pound,
            path=Path(self.folder.name) / "ledger.db",
            first_order=self.first_order,
            last_ticket=self.last_ticket,
            mode=self.mode,
            balance=0.0,
            switches=self.switches,
            commissions=self.commissions,
        )
        self.mirror = Mirror(self.house.login)
        self.bids = {"EURUSD": 1.10000, "GBPUSD": 1.25000}

    def teardown(self) -> None:
        self.house.ledger.close()
        self.folder.cleanup()

    def hear(self, said: Said) -> Said:
        self.mirror.hear(said)
        return said

    def asked(self, said: Said) -> None:
        """A request: taken and answered by one result, at the least."""
        self.hear(said)
        assert RequestAnswer(7, 0) in said.pushes
        assert len(said.results) == 1

    @initialize()
    def deposit(self) -> None:
        self.hear(self.house.pay(50_000.0))
        self.hear(self.house.quote(1.10000, 1.10010, name="EURUSD"))
        self.hear(self.house.quote(1.25000, 1.25010, name="GBPUSD"))

    @rule(name=NAMES, points=POINTS, spread=st.integers(0, 20))
    def price_moves(self, name: str, points: int, spread: int) -> None:
        bid = round(max(self.bids[name] + points * POINT, 0.5), 5)
        self.bids[name] = bid
        self.hear(self.house.quote(bid, round(bid + spread * POINT, 5), name=name))

    @rule(
        levels=st.lists(st.tuples(st.integers(0, 30), LOTS), max_size=4),
        name=NAMES,
    )
    def depth_changes(self, levels: list[tuple[int, float]], name: str) -> None:
        bid = self.bids[name]
        self.house.depth(
            *[(round(bid + points * POINT, 5), lots) for points, lots in levels],
            bids=[(round(bid - points * POINT, 5), lots) for points, lots in levels],
        )

    @rule(
        name=NAMES,
        side=st.sampled_from(Side),
        lots=LOTS,
        sl=st.integers(0, 200),
        tp=st.integers(0, 200),
        filling=FILLINGS,
    )
    def deal(
        self, name: str, side: Side, lots: float, sl: int, tp: int, filling: Filling
    ) -> None:
        sign = 1 if side == Side.BUY else -1
        bid, margin = self.bids[name], self.house.figures.margin
        deal = self.house.buy if side == Side.BUY else self.house.sell
        said = deal(
            lots,
            symbol=name,
            price_order=self.price(name, side),
            sl=round(bid - sign * sl * POINT, 5) if sl else 0.0,
            tp=round(bid + sign * tp * POINT, 5) if tp else 0.0,
            type_filling=filling,
        )
        self.asked(said)
        if self.mode == MarginMode.HEDGING and len(said.deals) == 1:
            self.was_carried(said, margin)

    def was_carried(self, said: Said, margin: float) -> None:
        """What was opened left no less than nothing free, but for its own cost."""
        after, (deal,) = self.house.figures, said.deals
        cost = said.position.profit + deal.commission + deal.fee
        if after.margin > margin:
            assert after.margin_free - cost >= -0.005

    @precondition(lambda self: self.house.positions)
    @rule(data=st.data(), share=st.integers(1, 100), filling=FILLINGS)
    def close(self, data: st.DataObject, share: int, filling: Filling) -> None:
        held = data.draw(st.sampled_from(self.house.positions))
        lots = max(round(held.volume / vol(1) * share / 100, 2), 0.01)
        named = {"position": held.position_id} if self.mode == 2 else {}
        deal = self.house.sell if held.action == Side.BUY else self.house.buy
        side = Side.SELL if held.action == Side.BUY else Side.BUY
        said = deal(
            lots,
            symbol=held.symbol,
            price_order=self.price(held.symbol, side),
            type_filling=filling,
            **named,
        )
        self.asked(said)

    def price(self, name: str, side: Side) -> float:
        """What an instant order names."""
        quote = self.house.quotes[name]
        return quote.ask if side == Side.BUY else quote.bid

    @rule(
        name=NAMES,
        kind=PENDING,
        lots=LOTS,
        away=st.integers(-20, 200),
        filling=FILLINGS,
        life=st.integers(0, 300_000),
    )
    def place(
        self,
        name: str,
        kind: OrderType,
        lots: float,
        away: int,
        filling: Filling,
        life: int,
    ) -> None:
        up = kind in (
            OrderType.SELL_LIMIT,
            OrderType.BUY_STOP,
            OrderType.BUY_STOP_LIMIT,
        )
        price = round(self.bids[name] + (away if up else -away) * POINT, 5)
        trigger = 0.0
        if kind >= OrderType.BUY_STOP_LIMIT:
            trigger = round(price + (-30 if up else 30) * POINT, 5)
        timed: dict[str, Any] = {}
        if life:
            end = self.house.now // 1000 + life
            timed = {"type_time": OrderTime.SPECIFIED, "time_expiration": end}
        said = self.house.place(
            kind,
            lots,
            price,
            symbol=name,
            price_trigger=trigger,
            type_filling=filling,
            **timed,
        )
        self.asked(said)

    @precondition(lambda self: self.house.orders)
    @rule(data=st.data(), points=POINTS)
    def modify(self, data: st.DataObject, points: int) -> None:
        order = data.draw(st.sampled_from(self.house.orders))
        shift = points * POINT
        trigger = round(order.price_trigger + shift, 5) if order.price_trigger else 0.0
        price = round(order.price_order + shift, 5)
        self.asked(self.house.modify(order.order, price, price_trigger=trigger))

    @precondition(lambda self: self.house.orders)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        order = data.draw(st.sampled_from(self.house.orders))
        self.asked(self.house.remove(order.order))

    @precondition(lambda self: self.house.positions)
    @rule(data=st.data(), sl=st.integers(0, 200), tp=st.integers(0, 200))
    def levels(self, data: st.DataObject, sl: int, tp: int) -> None:
        held = data.draw(st.sampled_from(self.house.positions))
        sign = 1 if held.action == Side.BUY else -1
        said = self.house.ask_for(
            TradeAction.SLTP,
            symbol=held.symbol,
            position=held.position_id,
            sl=round(held.price_close - sign * sl * POINT, 5) if sl else 0.0,
            tp=round(held.price_close + sign * tp * POINT, 5) if tp else 0.0,
        )
        self.asked(said)

    @precondition(lambda self: len(self.house.positions) > 1)
    @rule(data=st.data())
    def close_by(self, data: st.DataObject) -> None:
        first, other = (
            data.draw(st.sampled_from(self.house.positions)).position_id
            for _ in range(2)
        )
        self.asked(self.house.close_by(first, other))

    @rule(seconds=st.sampled_from([0.001, 1.0, 59.5, 3600.0, 86_400.0]))
    def time_passes(self, seconds: float) -> None:
        self.hear(self.house.wait(seconds))

    @rule(
        cents=st.integers(-10_000_00, 10_000_00),
        kind=st.sampled_from(
            [DealType.BALANCE, DealType.CREDIT, DealType.CORRECTION, DealType.BONUS]
        ),
    )
    def money_moves(self, cents: int, kind: DealType) -> None:
        before = self.house.balance, self.house.account.credit
        try:
            self.hear(self.house.pay(cents / 100, kind=kind))
        except (TradeRefused, TicketsExhausted):
            assert (self.house.balance, self.house.account.credit) == before

    @rule()
    def restart(self) -> None:
        before = self.books()
        self.house.restart()
        assert self.books() == before

    def books(self) -> tuple[object, ...]:
        """All that has to survive."""
        ledger, login = self.house.ledger, self.house.login
        return (
            ledger.accounts.state(login),
            ledger.accounts.terms(login),
            ledger.accounts.blocked(login),
            ledger.positions.of(login),
            ledger.orders.of(login),
            self.house.history,
        )

    @invariant()
    def balance_and_credit_are_the_sum_of_all_deals(self) -> None:
        deals, _ = self.house.history
        to_credit = (DealType.CREDIT, DealType.BONUS)
        credit = total(one for one in deals if one.action in to_credit)
        balance = total(one for one in deals if one.action not in to_credit)
        account = self.house.account
        assert (cents_of(account.balance), cents_of(account.credit)) == (
            balance,
            credit,
        )

    @invariant()
    def positions_are_the_sum_of_their_deals(self) -> None:
        volumes: defaultdict[int, int] = defaultdict(int)
        for deal in self.house.history[0]:
            if deal.position_id:
                volumes[deal.position_id] += signed(deal.action, deal.volume)
        open_ones = {
            one.expert_position_id: signed(one.action, one.volume)
            for one in self.house.ledger.positions.of(self.house.login)
        }
        assert {key: one for key, one in volumes.items() if one} == open_ones

    @invariant()
    def a_netting_account_has_one_position_a_symbol(self) -> None:
        names = [held.symbol for held in self.house.positions]
        assert self.mode == MarginMode.HEDGING or len(names) == len(set(names))

    @invariant()
    def what_is_kept_of_the_accounts_worth_is_what_it_is_worth(self) -> None:
        desk = self.house.exchange._desk(self.house.login)
        anew = account_figures(desk.market, desk.positions, desk.orders)
        assert funds.figures(desk) == anew

    @invariant()
    def tickets_rise_with_time(self) -> None:
        deals, done = self.house.history
        orders = sorted((*done, *self.house.orders), key=lambda order: order.order)
        made = [(one.time_create, one.time_create_ms) for one in deals]
        set_up = [(one.time_setup, one.time_setup_ms) for one in orders]
        assert made == sorted(made)
        assert set_up == sorted(set_up)

    @invariant()
    def nothing_is_open_and_done_and_no_deal_lacks_its_order(self) -> None:
        deals, done = self.house.history
        open_ones = {order.order for order in self.house.orders}
        finished = {order.order for order in done}
        assert not open_ones & finished
        assert {deal.order for deal in deals} - {0} <= open_ones | finished
        assert {order.state for order in done} <= DONE_STATES

    @invariant()
    def dealt_volume_is_what_is_no_longer_wanted(self) -> None:
        deals, done = self.house.history
        dealt: defaultdict[int, int] = defaultdict(int)
        for deal in deals:
            dealt[deal.order] += deal.volume
        for order in (*done, *self.house.orders):
            wanted = order.volume_initial - order.volume_current
            twice = 2 if order.type == OrderType.CLOSE_BY else 1
            assert dealt[order.order] == wanted * twice
            filled = order.state == OrderState.FILLED
            assert filled == (order.volume_current == 0)

    @invariant()
    def a_client_that_listens_knows_everything(self) -> None:
        ledger, login = self.house.ledger, self.house.login
        mirror, account = self.mirror, self.house.account
        assert known(mirror.positions.values()) == known(ledger.positions.of(login))
        assert list(mirror.orders.values()) == list(ledger.orders.of(login))
        deals, done = self.house.history
        assert sorted(mirror.deals) == [deal.deal for deal in deals]
        assert [mirror.done[one.order] for one in done] == done
        assert len(mirror.done) == len(done)
        if mirror.deals:
            assert mirror.money == (
                account.balance,
                account.credit,
                account.commission_daily,
                account.commission_monthly,
            )


def signed(side: int, volume: int) -> int:
    return volume if side == Side.BUY else -volume


def cents_of(amount: float) -> Decimal:
    return Decimal(str(round(amount, 2))).quantize(Decimal("0.01"))


def total(deals: Iterable[Deal]) -> Decimal:
    """Money of some deals, exact."""
    return sum(
        (
            cents_of(part)
            for deal in deals
            for part in (deal.profit, deal.storage, deal.commission, deal.fee)
        ),
        Decimal("0.00"),
    )


def known(positions: Iterable[Position]) -> list[Position]:
    """Positions by ticket, without the prices that follow the market."""
    return sorted(
        one._replace(price_close=0.0, profit=0.0, rate_profit=0.0) for one in positions
    )


class NettingBooks(Books):
    mode = MarginMode.NETTING


class ExchangeBooks(Books):
    mode = MarginMode.EXCHANGE
    execution = ExecutionMode.EXCHANGE
    switches = Switches(request_limit=0, book_depth=True)


class HedgingOnExchangeBooks(Books):
    execution = ExecutionMode.EXCHANGE
    switches = Switches(request_limit=0, book_depth=True)


CAPRICES = Switches(
    request_limit=0,
    close_by_in_two=True,
    tp_at_market=True,
    limit_at_market=True,
    fill_price_in_order=True,
    price_as_market=True,
    pending_as_placed=True,
    requote_rate=0.3,
    fifo=True,
    compensation=True,
    order_limit=5,
    position_limit=8,
    end_of_day_minute=1439,
)


class CapriciousBooks(Books):
    execution = ExecutionMode.INSTANT
    swap = SwapMode.REOPEN_CURRENT
    switches = CAPRICES
    commissions = (commission(3.5, charge=0), commission(0.2, charge=1, mode=1))


class CapriciousNettingBooks(CapriciousBooks):
    mode = MarginMode.NETTING
    execution = ExecutionMode.MARKET
    switches = replace(CAPRICES, book_depth=True, partial_retcode=11001)


class OrdersRunOut(Books):
    last_ticket = 1006


class DealsRunOut(Books):
    first_order, last_ticket = 1, 512


class DealsRunOutOnExchange(ExchangeBooks):
    first_order, last_ticket = 1, 512


@pytest.mark.parametrize(
    "machine",
    [
        Books,
        NettingBooks,
        ExchangeBooks,
        HedgingOnExchangeBooks,
        CapriciousBooks,
        CapriciousNettingBooks,
        OrdersRunOut,
        DealsRunOut,
        DealsRunOutOnExchange,
    ],
)
def test_the_books_add_up_whatever_happens(machine: type[Books]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=12,
            derandomize=True,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_a_request_without_tickets_left_changes_nothing() -> None:
    house = House(last_ticket=1001)
    assert house.buy(1.00).retcode == Retcode.DONE
    before = house.history, house.positions, house.account
    said = house.close(1001)
    assert said.story == "A0 R10011"
    assert (house.history, house.positions, house.account) == before


def test_a_stop_loss_without_tickets_left_waits() -> None:
    house = House(last_ticket=1001)
    house.buy(1.00, sl=1.09)
    assert house.bid(1.08).story == ""
    assert len(house.positions) == 1


def test_volume_of_a_deal_that_failed_is_back_in_the_book() -> None:
    house = House(last_ticket=1001, switches=Switches(book_depth=True))
    house.depth((1.10010, 1.00))
    house.buy(0.40)
    assert house.buy(0.60).story == "A0 R10011"
    depth = house.exchange._prices.depth("EURUSD")
    assert depth is not None
    assert [level.volume for level in depth.asks] == [vol(0.6)]


def test_a_server_that_starts_again_ends_the_days_it_has_missed(
    tmp_path: Path,
) -> None:
    symbol = with_trade(EURUSD, swap_mode=SwapMode.CURRENCY_DEPOSIT, swap_long=-1.0)
    house = House(symbol, path=tmp_path / "ledger.db")
    house.buy(1.00)
    house.place(
        OrderType.BUY_STOP,
        1.00,
        1.10200,
        type_time=OrderTime.SPECIFIED,
        time_expiration=NOW + 600,
    )
    house.restart()
    said = house.wait(86_400)
    assert said.story == "O-6 H+6 P~"
    assert said.orders[0].time_done == NOW + 600
    assert house.the_position.storage == -1.0


def test_a_server_that_starts_again_knows_the_prices_of_before(
    tmp_path: Path,
) -> None:
    house = House(path=tmp_path / "ledger.db")
    house.bid(1.2)
    house.wait(60)
    house.restart()
    assert house.buy(1.00).deal.price_open == 1.2001


def test_tickets_go_on_where_they_were(tmp_path: Path) -> None:
    house = House(path=tmp_path / "ledger.db")
    house.buy(1.00)
    house.ledger.close()
    ledger = Ledger(tmp_path / "ledger.db", first_order=1, first_deal=1)
    tickets = ledger.order_tickets.take(), ledger.deal_tickets.take()
    ledger.close()
    assert tickets == (1002, 502)
