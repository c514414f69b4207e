"""What became of requests whose answers were lost."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt5web_async.enums import (
    DealEntry,
    OrderState,
    OrderTime,
    OrderType,
    Reason,
    Retcode,
    TradeAction,
)
from mt5web_async.protocol.records import (
    Deal,
    Order,
    Position,
    TradeRequest,
)
from mt5web_async.terminal.fate import (
    AccountKey,
    Executed,
    NotExecuted,
    Sending,
    Unknown,
)
from mt5web_async.terminal.settlement import settle, settle_all
from mt5web_async.terminal.traces import Known

T = 1_773_136_800  # s
LOT = 100_000_000
ACCOUNT = AccountKey("Demo", 7)
LATER = (T + 1000) * 1000
BUY = TradeRequest(
    action_id=1000,
    action=TradeAction.MARKET,
    symbol="EURUSD",
    volume=LOT,
    digits=5,
    type=OrderType.BUY,
    comment="grid 1",
)
LIMIT = BUY._replace(
    action=TradeAction.PENDING, type=OrderType.BUY_LIMIT, price_order=1.1
)


def sent(request: TradeRequest = BUY, at: int = T, **more: Any) -> Sending:
    more.setdefault("newest_order", 1000)
    return Sending(account=ACCOUNT, time_msc=at * 1000, request=request, **more)


def order(ticket: int = 1001, **more: Any) -> Order:
    known: dict[str, Any] = {
        "symbol": "EURUSD",
        "type": OrderType.BUY,
        "volume_initial": LOT,
        "state": OrderState.FILLED,
        "comment": "grid 1",
        "reason": Reason.WEB,
        "time_setup": T + 1,
    }
    return Order(order=ticket, **(known | more))


def deal(ticket: int = 501, of_order: int = 1001, **more: Any) -> Deal:
    known: dict[str, Any] = {
        "symbol": "EURUSD",
        "volume": LOT,
        "price_open": 1.1,
        "position_id": of_order,
        "comment": "grid 1",
        "reason": Reason.WEB,
        "time_create": T + 1,
    }
    return Deal(deal=ticket, order=of_order, **(known | more))


def position(ticket: int = 1001, **more: Any) -> Position:
    known: dict[str, Any] = {
        "order": ticket,
        "symbol": "EURUSD",
        "volume": LOT,
        "comment": "grid 1",
        "reason": Reason.WEB,
        "time_create": T + 1,
    }
    return Position(position_id=ticket, **(known | more))


def known(*history: Order, now_msc: int = LATER, **more: Any) -> Known:
    more.setdefault("since", T - 5000)
    return Known(now_msc=now_msc, history=history, **more)


FILLED = known(order(), deals=[deal()], positions=[position()])


def test_a_filled_order_shows_that_its_request_was_executed() -> None:
    assert settle(sent(), FILLED) == Executed(
        retcode=Retcode.DONE,
        order=1001,
        deal=501,
        position=1001,
        volume=LOT,
        price=1.1,
        settled=True,
    )


def test_several_deals_of_one_order_give_the_average_price() -> None:
    deals = [
        deal(501, volume=LOT // 4, price_open=1.1),
        deal(502, volume=LOT // 4, price_open=1.3),
    ]
    fate = settle(sent(), known(order(volume_current=LOT // 2), deals=deals))
    assert isinstance(fate, Executed)
    assert (fate.retcode, fate.deal) == (Retcode.DONE_PARTIAL, 502)
    assert fate.volume == LOT // 2
    assert fate.price == pytest.approx(1.2)


def test_deals_are_enough_when_the_order_is_not_known() -> None:
    fate = settle(sent(), known(deals=[deal()]))
    assert isinstance(fate, Executed)
    assert (fate.order, fate.deal, fate.volume) == (1001, 501, LOT)


def test_a_position_is_enough_when_history_is_not_known() -> None:
    fate = settle(sent(), known(since=None, positions=[position()]))
    assert isinstance(fate, Executed)
    assert (fate.order, fate.position) == (1001, 1001)


def test_a_refused_order_shows_that_nothing_was_executed() -> None:
    rejected = order(state=OrderState.REJECTED, volume_current=LOT)
    fate = settle(sent(), known(rejected))
    assert isinstance(fate, NotExecuted)
    assert (fate.retcode, fate.order) == (Retcode.REJECT, 1001)


def test_an_order_under_way_leaves_the_fate_open() -> None:
    started = order(state=OrderState.STARTED)
    fate = settle(sent(), known(orders=[started]))
    assert isinstance(fate, Unknown)
    assert fate.order == 1001


def test_an_order_passed_on_to_an_exchange_is_placed() -> None:
    placed = order(state=OrderState.PLACED, volume_current=LOT)
    fate = settle(sent(), known(orders=[placed]))
    assert isinstance(fate, Executed)
    assert (fate.retcode, fate.volume) == (Retcode.PLACED, 0)


@pytest.mark.parametrize(
    "facts",
    [
        known(now_msc=(T + 100) * 1000),
        known(since=None),
        known(since=T + 1),
    ],
    ids=["a server may still hold it", "no history", "not all of the history"],
)
def test_without_a_sign_the_fate_stays_unknown(facts: Known) -> None:
    assert isinstance(settle(sent(), facts), Unknown)


def test_without_a_sign_after_all_time_it_was_not_executed() -> None:
    fate = settle(sent(), known())
    assert isinstance(fate, NotExecuted)
    assert (fate.retcode, fate.settled) == (Retcode.TIMEOUT, True)


def test_patience_can_be_shorter() -> None:
    facts = known(now_msc=(T + 100) * 1000)
    assert isinstance(settle(sent(), facts, patience=30), NotExecuted)


@pytest.mark.parametrize(
    "other",
    [
        {"symbol": "GBPUSD"},
        {"type": OrderType.SELL},
        {"volume_initial": LOT // 2},
        {"ticket": 999},
        {"reason": Reason.SL},
        {"reason": Reason.MOBILE},
        {"comment": "manual"},
        {"position_id": 55},
        {"time_setup": T - 9000},
    ],
    ids=str,
)
def test_an_order_that_cannot_be_its_own_is_no_sign(other: dict[str, Any]) -> None:
    assert isinstance(settle(sent(), known(order(**other))), NotExecuted)


@pytest.mark.parametrize(
    "doubtful",
    [
        {"comment": "gri"[:2] + "d by another hand"},
        {"time_setup": T + 2000},
    ],
    ids=str,
)
def test_an_order_that_may_be_its_own_forbids_a_verdict(
    doubtful: dict[str, Any],
) -> None:
    request = BUY._replace(comment="grid of the long name")
    fate = settle(sent(request), known(order(**doubtful)))
    assert isinstance(fate, Unknown)
    assert fate.order == 1001


def test_a_server_may_change_the_end_of_a_comment() -> None:
    fate = settle(sent(), known(order(comment="grid [gw]")))
    assert isinstance(fate, Executed)


def test_an_order_of_another_request_is_no_sign() -> None:
    assert isinstance(settle(sent(), FILLED, claimed={1001}), NotExecuted)


def test_clocks_count_for_little_when_tickets_tell_new_from_old() -> None:
    early = known(order(time_setup=T - 600))
    assert isinstance(settle(sent(), early), Executed)
    assert isinstance(settle(sent(newest_order=0), early), Unknown)


CLOSE = BUY._replace(type=OrderType.SELL, position=900)


def test_a_closing_order_is_known_by_its_position() -> None:
    closed = order(type=OrderType.SELL, position_id=900)
    out = deal(action=1, entry=DealEntry.OUT, position_id=900)
    fate = settle(sent(CLOSE), known(closed, deals=[out]))
    assert isinstance(fate, Executed)
    assert (fate.order, fate.position) == (1001, 900)


def test_closing_one_position_is_no_sign_of_closing_another() -> None:
    closed = order(type=OrderType.SELL, position_id=901)
    assert isinstance(settle(sent(CLOSE), known(closed)), NotExecuted)


def test_an_opening_order_is_no_sign_of_closing() -> None:
    opened = order(type=OrderType.SELL, position_id=1001)
    assert isinstance(settle(sent(CLOSE), known(opened)), NotExecuted)


def test_on_netting_accounts_the_identifier_may_differ_from_the_ticket() -> None:
    closed = order(type=OrderType.SELL, position_id=800)
    fate = settle(sent(CLOSE, hedging=False), known(closed))
    assert isinstance(fate, Executed)


def test_a_position_is_told_by_its_ticket_not_by_its_identifier() -> None:
    turned = position(1001, expert_position_id=800)
    facts = known(order(), deals=[deal(position_id=800)], positions=[turned])
    fate = settle(sent(hedging=False), facts)
    assert isinstance(fate, Executed)
    assert fate.position == 1001


PENDING: dict[str, Any] = {
    "type": OrderType.BUY_LIMIT,
    "price_order": 1.1,
    "volume_current": LOT,
}


@pytest.mark.parametrize(
    ("facts", "volume"),
    [
        (known(orders=[order(**PENDING, state=OrderState.PLACED)]), 0),
        (known(order(**PENDING, state=OrderState.CANCELED)), 0),
        (known(order(**PENDING | {"volume_current": 0}), deals=[deal()]), LOT),
    ],
    ids=["open", "deleted since", "filled since"],
)
def test_a_pending_order_was_placed_whatever_became_of_it(
    facts: Known, volume: int
) -> None:
    fate = settle(sent(LIMIT), facts)
    assert isinstance(fate, Executed)
    assert (fate.retcode, fate.order, fate.volume) == (Retcode.DONE, 1001, volume)


def test_a_pending_order_at_another_price_forbids_a_verdict() -> None:
    moved = order(**PENDING | {"price_order": 1.2}, state=OrderState.PLACED)
    assert isinstance(settle(sent(LIMIT), known(orders=[moved])), Unknown)


STOP_LIMIT = LIMIT._replace(
    type=OrderType.BUY_STOP_LIMIT, price_order=1.2, price_trigger=1.1
)
PLACED = order(
    type=OrderType.BUY_STOP_LIMIT,
    price_order=1.2,
    price_trigger=1.1,
    volume_current=LOT,
    state=OrderState.PLACED,
)
ACTIVATED = PLACED._replace(
    type=OrderType.BUY_LIMIT, price_order=1.1, price_trigger=0.0
)


@pytest.mark.parametrize("found", [PLACED, ACTIVATED], ids=["placed", "activated"])
def test_a_stop_limit_is_known_before_and_after_its_activation(found: Order) -> None:
    fate = settle(sent(STOP_LIMIT), known(orders=[found]))
    assert isinstance(fate, Executed)
    moved = found._replace(price_order=1.05)
    assert isinstance(settle(sent(STOP_LIMIT), known(orders=[moved])), Unknown)
    change = STOP_LIMIT._replace(action=TradeAction.MODIFY, order=1001)
    assert isinstance(settle(sent(change), known(orders=[found])), Executed)
    assert isinstance(settle(sent(change), known(orders=[moved])), NotExecuted)


@pytest.mark.parametrize("request_", [BUY, LIMIT], ids=["deal", "pending"])
def test_an_order_whose_rest_was_refused_was_executed_in_part(
    request_: TradeRequest,
) -> None:
    rejected = order(
        type=request_.type,
        price_order=request_.price_order,
        state=OrderState.REJECTED,
        volume_current=LOT // 2,
    )
    fate = settle(sent(request_), known(rejected, deals=[deal(volume=LOT // 2)]))
    assert isinstance(fate, Executed)
    assert (fate.deal, fate.volume) == (501, LOT // 2)


LEVELS = BUY._replace(action=TradeAction.SLTP, position=900, sl=1.0, tp=1.5)


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        (known(positions=[position(900, sl=1.0, tp=1.5)]), Executed),
        (known(positions=[position(900, sl=1.0, tp=1.4)]), NotExecuted),
        (known(positions=[position(900)], now_msc=T * 1000), Unknown),
        (known(deals=[deal(position_id=900, sl=1.0, tp=1.5)]), Executed),
        (known(deals=[deal(position_id=900)]), NotExecuted),
        (known(), Unknown),
    ],
    ids=["set", "not set", "not yet", "closed with", "closed without", "gone"],
)
def test_levels_are_seen_at_the_position(facts: Known, kind: type[object]) -> None:
    assert isinstance(settle(sent(LEVELS), facts), kind)


def test_on_netting_accounts_levels_belong_to_the_symbol() -> None:
    request = LEVELS._replace(position=0)
    facts = known(positions=[position(3, symbol="X"), position(900, sl=1.0, tp=1.5)])
    fate = settle(sent(request, hedging=False), facts)
    assert isinstance(fate, Executed)
    assert fate.position == 900


CHANGE = LIMIT._replace(action=TradeAction.MODIFY, order=900, sl=1.0)
CHANGED = order(900, **PENDING, sl=1.0)
UNCHANGED = order(900, **PENDING, sl=0.9)


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        (known(orders=[CHANGED]), Executed),
        (known(orders=[UNCHANGED]), NotExecuted),
        (known(orders=[UNCHANGED], now_msc=T * 1000), Unknown),
        (known(orders=[CHANGED._replace(type_time=OrderTime.DAY)]), NotExecuted),
        (known(CHANGED), Executed),
        (known(UNCHANGED), NotExecuted),
        (known(), Unknown),
    ],
    ids=["done", "not", "not yet", "expiry", "filled with", "filled without", "gone"],
)
def test_changes_are_seen_at_the_order(facts: Known, kind: type[object]) -> None:
    assert isinstance(settle(sent(CHANGE), facts), kind)


REMOVE = BUY._replace(action=TradeAction.REMOVE, order=900)


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        (known(order(900, state=OrderState.CANCELED)), Executed),
        (known(order(900, state=OrderState.FILLED)), NotExecuted),
        (known(orders=[order(900)]), NotExecuted),
        (known(orders=[order(900)], now_msc=T * 1000), Unknown),
        (known(), Unknown),
    ],
    ids=["deleted", "filled", "open", "still open", "gone"],
)
def test_a_deletion_is_seen_at_the_order(facts: Known, kind: type[object]) -> None:
    assert isinstance(settle(sent(REMOVE), facts), kind)


def test_a_close_by_is_known_by_its_order() -> None:
    request = TradeRequest(
        action=TradeAction.CLOSE_BY, symbol="EURUSD", position=900, position_by=901
    )
    made = order(type=OrderType.CLOSE_BY, position_id=900, comment="close #900 by #901")
    deals = [
        deal(501, entry=DealEntry.OUT_BY, position_id=900),
        deal(502, entry=DealEntry.OUT_BY, position_id=901),
    ]
    fate = settle(sent(request), known(made, deals=deals))
    assert isinstance(fate, Executed)
    assert (fate.order, fate.deal) == (1001, 502)
    another = request._replace(position_by=902)
    assert isinstance(settle(sent(another), known(made)), NotExecuted)


def test_asking_for_prices_executes_nothing() -> None:
    request = BUY._replace(action=TradeAction.PRICES)
    assert isinstance(settle(sent(request), known(since=None)), NotExecuted)


def test_twins_get_their_orders_in_the_order_of_sending() -> None:
    twins = [sent(magic=1), sent(magic=2)]
    facts = known(order(1001), order(1002))
    assert [f.order for f in settle_all(twins, facts)] == [1001, 1002]
    first, second = settle_all(twins, known(order(1001)))
    assert isinstance(first, Executed)
    assert isinstance(second, NotExecuted)


def test_an_order_may_be_that_of_a_request_whose_answer_is_awaited() -> None:
    (fate,) = settle_all([sent(missed=True)], known(order()), awaited=[sent()])
    assert isinstance(fate, Unknown)
    assert fate.order == 0


def test_an_order_is_given_to_nobody_while_its_twin_is_under_way() -> None:
    (fate,) = settle_all([sent()], known(order()), awaited=[sent()])
    assert fate == Unknown(why="order 1001 may be its own", order=1001)


def test_an_order_may_be_that_of_another_process_that_may_yet_hear_of_it() -> None:
    here, there = sent(magic=1), sent(magic=2)
    soon = known(order(), now_msc=(T + 100) * 1000)
    early = settle_all([here, there], soon, elsewhere=[there])
    assert [type(fate) for fate in early] == [Unknown, Unknown]
    assert isinstance(settle_all([there], soon, elsewhere=[there])[0], Executed)
    late = settle_all([here, there], known(order()), elsewhere=[there])
    assert [type(fate) for fate in late] == [Executed, NotExecuted]


def test_an_order_is_rather_that_of_a_request_not_looked_for_before() -> None:
    fates = settle_all([sent(missed=True), sent()], known(order()))
    assert [type(fate) for fate in fates] == [NotExecuted, Executed]
    assert isinstance(settle(sent(missed=True), known(order())), Executed)


def test_a_better_comment_wins_over_an_earlier_order() -> None:
    plain = sent(BUY._replace(comment=""))
    named = sent(BUY._replace(comment="grid 1"))
    facts = known(order(1001, comment=""), order(1002))
    assert [f.order for f in settle_all([named, plain], facts)] == [1002, 1001]


def test_a_request_is_given_the_order_that_followed_it() -> None:
    early, late = sent(at=T), sent(at=T + 60)
    fates = settle_all([early, late], known(order(time_setup=T + 61)))
    assert [type(fate) for fate in fates] == [NotExecuted, Executed]


# the server as a model: requests arrive or not, others trade meanwhile

COMMENTS = ("", "alpha", "beta", "gamma")
requests = st.builds(
    BUY._replace,
    symbol=st.sampled_from(["EURUSD", "XAUUSD"]),
    type=st.sampled_from([OrderType.BUY, OrderType.SELL]),
    volume=st.sampled_from([LOT, 2 * LOT]),
    comment=st.sampled_from(COMMENTS),
)


def executed_as(sending: Sending, ticket: int, late: int) -> tuple[Order, Deal]:
    request, at = sending.request, sending.time_msc // 1000 + late
    same = {"symbol": request.symbol, "comment": request.comment}
    made = order(
        ticket,
        **same,
        type=request.type,
        volume_initial=request.volume,
        time_setup=at,
        position_id=ticket,
    )
    done = deal(
        ticket,
        ticket,
        **same,
        action=request.type,
        volume=request.volume,
        time_create=at,
    )
    return made, done


histories = st.lists(st.tuples(requests, st.booleans(), st.integers(0, 20)), max_size=8)


@given(histories)
def test_what_is_told_is_what_the_server_did(
    lived: list[tuple[TradeRequest, bool, int]],
) -> None:
    sendings = [sent(r, at=T + 30 * i) for i, (r, _, _) in enumerate(lived)]
    orders, deals, truth = [], [], []
    for index, (_, arrived, late) in enumerate(lived):
        if arrived:
            made, done = executed_as(sendings[index], 1001 + index, late)
            orders.append(made)
            deals.append(done)
        truth.append(1001 + index if arrived else 0)
    fates = settle_all(sendings, known(*orders, deals=deals))
    told = [fate.order if isinstance(fate, Executed) else 0 for fate in fates]
    assert sorted(filter(None, told)) == sorted(filter(None, truth))
    for fate, sending in zip(fates, sendings, strict=True):
        if isinstance(fate, Executed):
            (made,) = [o for o in orders if o.order == fate.order]
            assert (made.symbol, made.type) == (
                sending.request.symbol,
                sending.request.type,
            )
            assert fate.volume == sending.request.volume
    distinct = [r._replace(comment="") for r, _, _ in lived]
    if len(set(distinct)) == len(distinct):
        assert told == truth


few = st.integers(0, 3)
any_orders = st.builds(
    Order,
    order=st.integers(999, 1005),
    symbol=st.sampled_from(["", "EURUSD"]),
    type=st.integers(0, 9),
    volume_initial=st.sampled_from([0, LOT, -1]),
    volume_current=st.sampled_from([0, LOT]),
    state=st.integers(0, 10),
    reason=st.integers(0, 25),
    comment=st.sampled_from(["", "grid 1", "grid"]),
    position_id=st.sampled_from([0, 900, 1001]),
    time_setup=st.sampled_from([0, T, T + 100, 2**32 - 1]),
    price_order=st.floats(),
)
any_deals = st.builds(
    Deal,
    deal=few,
    order=st.integers(999, 1005),
    symbol=st.just("EURUSD"),
    action=few,
    entry=st.integers(0, 4),
    volume=st.sampled_from([0, LOT]),
    position_id=st.sampled_from([0, 900, 1001]),
    time_create=st.sampled_from([0, T]),
    price_open=st.floats(),
)
any_positions = st.builds(
    Position,
    position_id=st.sampled_from([0, 900, 1001]),
    order=st.sampled_from([0, 900, 1001]),
    symbol=st.just("EURUSD"),
    action=few,
    volume=st.sampled_from([0, LOT]),
    sl=st.floats(),
    time_create=st.just(T),
)
any_requests = st.builds(
    BUY._replace,
    action=st.integers(0, 12),
    type=st.integers(0, 9),
    position=st.sampled_from([0, 900]),
    order=st.sampled_from([0, 1001]),
    digits=st.sampled_from([0, 5, 2**32 - 1]),
    price_order=st.floats(),
)


@given(
    st.lists(any_requests, max_size=4),
    st.builds(
        Known,
        now_msc=st.sampled_from([T * 1000, LATER]),
        positions=st.lists(any_positions, max_size=3),
        orders=st.lists(any_orders, max_size=3),
        history=st.lists(any_orders, max_size=3),
        deals=st.lists(any_deals, max_size=3),
        since=st.sampled_from([None, 0, T]),
    ),
    st.booleans(),
)
def test_nothing_is_too_strange_to_be_judged(
    asked: list[TradeRequest], facts: Known, hedging: bool
) -> None:
    sendings = [sent(request, hedging=hedging) for request in asked]
    fates = settle_all(sendings, facts)
    assert len(fates) == len(sendings)
    made = [
        fate.order
        for fate, s in zip(fates, sendings, strict=True)
        if isinstance(fate, Executed) and s.request.action in {1, 2, 3, 4, 5, 10}
    ]
    assert len(set(made)) == len(made), "no order is given to two requests"


@given(st.integers(0, 180), st.lists(any_requests, min_size=1, max_size=3))
def test_nothing_is_called_not_executed_while_a_server_may_hold_it(
    waited: int, asked: list[TradeRequest]
) -> None:
    facts = replace(known(), now_msc=(T + waited) * 1000)
    for request, fate in zip(
        asked, settle_all([sent(r) for r in asked], facts), strict=True
    ):
        assert isinstance(fate, Unknown) or request.action == TradeAction.PRICES
