"""The past, asked for once and again only where something may be missing."""

from __future__ import annotations

from mt5web_async.events import DealAdded
from mt5web_async.protocol.records import Deal
from mt5web_async.protocol.responses import write_history
from mt5web_async.terminal.history import FAR, OVERLAP, History

DAY = 24 * 3600
NOW = 1_000 * DAY


def deal(ticket: int, time: int) -> Deal:
    return Deal(deal=ticket, time_create=time)


def answer(*deals: Deal) -> memoryview:
    return memoryview(write_history(deals, ()))


def known(*deals: Deal, since: int = 0) -> History:
    history = History()
    assert history.missing(since) == (since, FAR)
    history.take(since, FAR, answer(*deals))
    assert history.missing(since) is None
    return history


def test_an_earlier_beginning_is_asked_for_up_to_what_is_known() -> None:
    history = known(deal(2, NOW), since=NOW - DAY)
    assert history.missing(NOW - 9 * DAY) == (NOW - 9 * DAY, NOW - DAY)
    history.take(NOW - 9 * DAY, NOW - DAY, answer(deal(1, NOW - 5 * DAY)))
    assert history.missing(NOW - 9 * DAY) is None
    assert [d.deal for d in history.deals(0, FAR)] == [1, 2]


def test_after_a_loss_only_the_end_is_asked_for_again() -> None:
    history = known(deal(1, NOW - 500 * DAY), deal(2, NOW))
    history.interrupted()
    assert history.missing(0) == (NOW - OVERLAP, FAR)
    history.take(NOW - OVERLAP, FAR, answer(deal(2, NOW), deal(3, NOW + 60)))
    assert history.missing(0) is None
    assert [d.deal for d in history.deals(0, FAR)] == [1, 2, 3]


def test_a_deal_told_between_two_losses_hides_no_gap_before_it() -> None:
    history = known(deal(1, NOW))
    history.interrupted()
    history.take_event(DealAdded(deal=deal(9, NOW + 5 * DAY)))
    history.interrupted()  # the attempt failed before history was asked for
    assert history.missing(0) == (NOW - OVERLAP, FAR)


def test_an_earlier_beginning_asked_for_after_a_loss_brings_the_end_too() -> None:
    history = known(deal(1, NOW), since=NOW - DAY)
    history.interrupted()
    assert history.missing(0) == (0, FAR)
    history.take(0, FAR, answer(deal(1, NOW), deal(2, NOW + DAY)))
    assert history.missing(0) is None
