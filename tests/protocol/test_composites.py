"""Messages of several records: what is written comes back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt5web_async.enums import TransactionKind
from mt5web_async.errors import InvalidArgument, MalformedMessage
from mt5web_async.protocol import records as r
from mt5web_async.protocol import responses
from mt5web_async.protocol.wire import Layout

from .strategies import any_record, quick


def some(layout: Layout[Any], most: int = 2) -> st.SearchStrategy[Any]:
    return st.lists(any_record(layout), max_size=most).map(tuple)


def rules(layout: Layout[Any], tiers: Layout[Any]) -> st.SearchStrategy[Any]:
    return st.lists(st.tuples(any_record(layout), some(tiers)), max_size=2)


accounts = st.builds(
    responses.AccountState,
    account=any_record(r.ACCOUNT),
    settings=some(r.TRADE_SETTINGS),
    trade_flags=st.integers(-(2**31), 2**31 - 1),
    symbols_count=st.integers(0, 2**31 - 1),
    leverage_flags=st.integers(0, 2**64 - 1),
    leverage=rules(r.LEVERAGE_RULE, r.LEVERAGE_TIER).map(
        lambda found: tuple(
            responses.FloatingLeverage(rule._replace(tier_count=len(tiers)), tiers)
            for rule, tiers in found
        )
    ),
    commissions=rules(r.COMMISSION, r.COMMISSION_TIER).map(
        lambda found: tuple(responses.CommissionRule(*pair) for pair in found)
    ),
)

deal_groups = st.builds(
    responses.DealGroup,
    transaction=any_record(r.DEAL_TRANSACTION).map(
        lambda t: t._replace(kind=int(TransactionKind.DEAL))
    ),
    deals=some(r.DEAL),
    positions=some(r.POSITION),
)

order_transactions = any_record(r.ORDER_TRANSACTION).map(
    lambda t: t._replace(kind=int(TransactionKind.ORDER))
)

book_changes = st.builds(
    lambda header, levels: responses.BookChange(
        header._replace(levels=len(levels)), levels
    ),
    any_record(r.BOOK_HEADER),
    some(r.BOOK_LEVEL),
)

spreads = st.builds(
    responses.Spread,
    header=any_record(r.SPREAD_HEADER).map(
        lambda header: header._replace(spread_id=header.spread_id or 1)
    ),
    legs_a=some(r.SPREAD_LEG),
    legs_b=some(r.SPREAD_LEG),
)

schedules = st.builds(
    responses.Schedule,
    *[
        st.tuples(
            *[
                st.lists(
                    st.builds(r.Session, st.integers(0, 1440), st.integers(1, 1440)),
                    max_size=16,
                ).map(tuple)
            ]
            * 7
        )
    ]
    * 2,
)


@given(accounts)
@quick
def test_account_comes_back(state: responses.AccountState) -> None:
    assert responses.read_account(responses.write_account(state)) == state


def test_an_account_without_flags_is_written_without_the_parts_behind_them() -> None:
    state = responses.AccountState(r.Account(balance=10.0), (r.TradeSettings(),))
    written = responses.write_account(state)
    assert len(written) == r.ACCOUNT.size + 4 + r.TRADE_SETTINGS.size
    assert responses.read_account(written) == state


def test_a_negative_number_of_leverage_tiers_is_none() -> None:
    rule = r.LeverageRule(path="*")
    state = responses.AccountState(
        r.Account(), trade_flags=0, leverage=(responses.FloatingLeverage(rule, ()),)
    )
    written = bytearray(responses.write_account(state))
    written[-8:-4] = b"\xff" * 4
    (read,) = responses.read_account(bytes(written)).leverage
    assert (read.rule.tier_count, read.tiers) == (-1, ())


@given(st.lists(deal_groups, min_size=1, max_size=2))
@quick
def test_deal_transactions_come_back(groups: list[responses.DealGroup]) -> None:
    body = b"".join(map(responses.write_deal_group, groups))
    assert responses.read_transactions(body) == groups


@given(st.lists(order_transactions, min_size=1, max_size=2))
@quick
def test_order_transactions_come_back(changes: list[r.OrderTransaction]) -> None:
    body = r.ORDER_TRANSACTION.write_all(changes)
    assert responses.read_transactions(body) == changes


def test_deal_transactions_that_end_early_are_malformed() -> None:
    group = responses.DealGroup(r.DealTransaction(kind=2))
    body = responses.write_deal_group(group)
    for cut in range(len(body)):
        with pytest.raises(MalformedMessage):
            responses.read_transactions(body[:cut])


@given(st.lists(book_changes, min_size=1, max_size=3))
@quick
def test_book_changes_come_back(changes: list[responses.BookChange]) -> None:
    assert responses.read_books(responses.write_books(changes)) == changes


def test_book_levels_beyond_the_end_are_malformed() -> None:
    change = responses.BookChange(r.BookHeader(), (r.BookLevel(), r.BookLevel()))
    with pytest.raises(MalformedMessage, match="2 book levels announced, 41 bytes"):
        responses.read_books(responses.write_books([change])[:-1])


@given(st.lists(spreads, max_size=2))
@quick
def test_spreads_come_back(found: list[responses.Spread]) -> None:
    assert responses.read_spreads(responses.write_spreads(found)) == found


def test_spreads_of_several_blocks_are_read() -> None:
    spread = responses.Spread(r.SpreadHeader(spread_id=5), (r.SpreadLeg(ratio=2.0),))
    body = responses.write_spreads([spread])
    assert responses.read_spreads(body * 2) == [spread, spread]


@given(schedules)
@quick
def test_schedule_comes_back(schedule: responses.Schedule) -> None:
    written = responses.write_schedule(schedule)
    assert len(written) == 896
    assert responses.read_schedule(written) == schedule


@pytest.mark.parametrize(
    "days", [((),) * 6, ((r.Session(1, 2),) * 17, *((),) * 6)], ids=["days", "sessions"]
)
def test_a_schedule_that_does_not_fit_is_refused(
    days: tuple[tuple[r.Session, ...], ...],
) -> None:
    with pytest.raises(InvalidArgument, match="7 days of at most 16"):
        responses.write_schedule(responses.Schedule(days, days))


def test_a_schedule_of_another_size_is_malformed() -> None:
    with pytest.raises(MalformedMessage, match="892 bytes, 896 are right"):
        responses.read_schedule(bytes(892))


def test_a_partial_tick_at_the_end_is_dropped() -> None:
    ticks = [r.Tick(symbol_id=1, bid=5.0), r.Tick(symbol_id=2)]
    assert responses.read_ticks(r.TICK.write_all(ticks) + bytes(49)) == ticks


def test_a_verification_answer_of_one_byte_needs_no_phone_code() -> None:
    assert responses.read_verification(b"\x01") == r.VerificationResponse(1, 0)


def test_a_verification_answer_of_nothing_is_malformed() -> None:
    with pytest.raises(MalformedMessage, match="0 bytes"):
        responses.read_verification(b"")
