"""When and in which order the sender and the others hear of a request."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mt5web_async.enums import ExecutionMode, OrderType, Retcode, TransactionKind
from mt5web_async.simulator.switches import Switches
from mt5web_async.simulator.trading.delivery import Pace, shuffled
from mt5web_async.simulator.trading.pushes import (
    DealPush,
    OrdersPush,
    Push,
    RequestAnswer,
    ResultPush,
)

from .house import DEALT, NOW, SESSION, STD, House, eurusd

SEEDS = st.integers(0, 2**32 - 1)


def test_refusals_may_be_answered_at_once() -> None:
    house = House(balance=1000.0, switches=Switches(refuse_at_once=True))
    assert house.buy(1.00).story == "A10019"
    assert house.buy(1.00, symbol="NOPE").story == "A10013"
    assert house.buy(0.50).story == STD


def test_what_comes_with_prices_is_never_answered_at_once() -> None:
    instant = eurusd(execution_mode=ExecutionMode.INSTANT)
    house = House(instant, switches=Switches(refuse_at_once=True))
    assert house.buy(1.00, price_order=1.0).story == "A0 R10004"


def test_a_refusal_with_an_order_is_never_answered_at_once() -> None:
    house = House(switches=Switches(refuse_at_once=True, book_depth=True))
    house.depth()
    assert house.buy(1.00).story == "A0 O+0 O-5 H+5 R10006"


def test_interim_results_may_precede_the_final_one() -> None:
    house = House(switches=Switches(verbose=True))
    said = house.buy(1.00)
    assert said.story == f"A0 {DEALT} R10002 R10003 R10009"
    assert [one.answer.order for one in said.results] == [0, 0, 1001]
    assert house.buy(0.005).story == "A0 R10002 R10014"


def test_results_may_be_late() -> None:
    house = House(switches=Switches(result_delay=1500))
    assert house.buy(1.00).story == f"A0 {DEALT}"
    assert house.wait(1.499).story == ""
    late = house.wait(0.001)
    assert late.story == "R10009"
    assert late.result.answer.time == NOW


def test_a_late_result_comes_before_what_follows_it() -> None:
    house = House(switches=Switches(result_delay=1000))
    house.buy(1.00, sl=1.09)
    house.now += 2000
    assert house.bid(1.08900).story == f"R10009 {DEALT}"


def test_results_may_show_the_fill_price_for_bid_and_ask() -> None:
    answer = House(switches=Switches(price_as_market=True)).buy(1.00).result.answer
    assert (answer.bid, answer.ask) == (1.10010, 1.10010)


@pytest.mark.parametrize(("rate", "requoted"), [(0.0, 0), (0.25, 5), (1.0, 20)])
def test_good_prices_are_requoted_at_a_rate(rate: float, requoted: int) -> None:
    switches = Switches(requote_rate=rate, request_limit=0)
    house = House(eurusd(execution_mode=ExecutionMode.INSTANT), switches=switches)
    codes = []
    for _ in range(20):
        codes.append(house.buy(0.01, price_order=1.10010).retcode)
        house.wait(60)
    assert codes.count(Retcode.REQUOTE) == requoted


def test_a_requote_of_bad_luck_is_accepted_at_its_price() -> None:
    switches = Switches(requote_rate=1.0)
    house = House(eurusd(execution_mode=ExecutionMode.INSTANT), switches=switches)
    assert house.buy(1.00, price_order=1.10010).retcode == Retcode.REQUOTE
    assert house.buy(1.00, price_order=1.10010).story == STD


def assert_legal(pushes: tuple[Push, ...]) -> None:
    """Answer first; orders come, go and are history; balances in their order."""
    assert isinstance(pushes[0], RequestAnswer)
    told = [
        (one.order.order, one.kind, one.transaction_type, one.transaction_id)
        for push in pushes
        if isinstance(push, OrdersPush)
        for one in push.transactions
    ]
    for ticket in {one[0] for one in told}:
        own = [one for one in told if one[0] == ticket]
        assert own == sorted(own, key=lambda one: one[3])
        assert own[-1][1] == TransactionKind.HISTORY_ORDER
    deals = [
        push.group.transaction.transaction_id
        for push in pushes
        if isinstance(push, DealPush)
    ]
    assert all(first < second for first, second in pairwise(deals))
    codes = [p.result.answer.retcode for p in pushes if isinstance(p, ResultPush)]
    assert codes == [10002, 10003, Retcode.DONE]


@settings(deadline=None, max_examples=60)
@given(SEEDS)
def test_mixed_pushes_keep_their_meaning(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311
    house = House(switches=Switches(verbose=True, shuffle=chance, book_depth=True))
    house.depth((1.10010, 0.60), (1.10015, 0.40))
    said = house.buy(1.00)
    assert_legal(said.pushes)
    assert sorted(said.story.split()[1:]) == sorted(
        ["O+0", "D+", "D+", "O-4", "H+4", "R10002", "R10003", "R10009"]
    )


def test_every_order_of_one_deal_that_servers_have_shown_comes_up() -> None:
    house = House(switches=Switches(request_limit=0))
    pushes = house.buy(1.00).pushes[1:]
    chance = random.Random(1)  # noqa: S311
    seen = set()
    for _ in range(500):
        mixed = shuffled(pushes, chance)
        seen.add(" ".join(type(one).__name__[0] for one in mixed))
    assert {"O D O O R", "O O D O R", "O O O D R", "O D O R"} <= seen


def test_transactions_are_numbered_from_one() -> None:
    house = House(balance=0.0)
    house.pay(10_000.0)
    house.place(OrderType.BUY_STOP, 1.00, 1.10200)
    said = house.ask(1.10200)
    numbers = [
        one.transaction_id
        for push in said
        if isinstance(push, OrdersPush)
        for one in push.transactions
    ]
    assert said.deal_pushes[0].group.transaction.transaction_id == 3
    assert numbers == [4, 5]


@settings(deadline=None)
@given(st.lists(st.integers(0, 400), min_size=1, max_size=200))
def test_no_second_holds_more_requests_than_the_limit(pauses: list[int]) -> None:
    pace, now, taken = Pace(5), 0, []
    for pause in pauses:
        now += pause
        if pace.allows(SESSION, now):
            taken.append(now)
        else:
            assert len([one for one in taken if now - one < 1000]) == 5
    for first, sixth in zip(taken, taken[5:], strict=False):
        assert sixth - first >= 1000
