"""Depth of market: snapshots, changes, and books set by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest

from mt5web_async.enums import BookType, OrderType, TradeAction
from mt5web_async.protocol.commands import Command
from mt5web_async.protocol.records import TradeRequest
from mt5web_async.protocol.responses import BookChange, read_books
from mt5web_async.simulator import Simulator
from mt5web_async.simulator.switches import Switches
from tests.simulator.client import Client, entered, of
from tests.simulator.conftest import Start, still

from .test_bars import some

CLEAR = 2
LOT = 100_000_000

Sides = tuple[dict[int, int], dict[int, int]]


@pytest.fixture
def server() -> Iterator[Simulator]:
    with Simulator(still(catalogue=some("EURUSD", "USDJPY", "ACME"))) as running:
        yield running


class Book:
    """What a client makes of the changes that it is sent.

    Attributes:
        bids: volume by price in points, best first.
        asks: likewise.
    """

    def __init__(self) -> None:
        self._sums: dict[tuple[int, int], int] = {}

    def take(self, changes: Iterable[BookChange]) -> None:
        """Changes to this book."""
        for header, levels in changes:
            assert header.levels == len(levels)
            if header.flags & CLEAR:
                self._sums.clear()
            for level in levels:
                place = level.type, level.price
                total = self._sums.get(place, 0) + level.volume
                if level.volume == 0 or total <= 0:
                    del self._sums[place]
                else:
                    self._sums[place] = total

    def side(self, kind: BookType) -> dict[int, int]:
        """Volume by price."""
        return {price: v for (one, price), v in self._sums.items() if one == kind}

    @property
    def bids(self) -> dict[int, int]:
        return dict(sorted(self.side(BookType.BUY).items(), reverse=True))

    @property
    def asks(self) -> dict[int, int]:
        return dict(sorted(self.side(BookType.SELL).items()))

    @property
    def both(self) -> Sides:
        return self.bids, self.asks


def changes(client: Client) -> list[BookChange]:
    """All changes sent until now."""
    return of(client.drain(), Command.BOOK, read_books)


def snapshot(client: Client, symbol_id: int) -> Sides:
    """The whole book as a new subscriber gets it."""
    client.watch()
    client.drain()
    client.watch(symbol_id)
    (shot,) = changes(client)
    assert shot.header.flags & CLEAR
    book = Book()
    book.take([shot])
    return book.both


def test_a_subscription_begins_with_the_whole_book(client: Client) -> None:
    euro = client.symbol("EURUSD")
    client.quote(euro.symbol_id)
    tick = client.ticks()[-1]
    bids, asks = snapshot(client, euro.symbol_id)
    assert len(bids) == len(asks) == euro.ticks_book_depth
    assert next(iter(bids)) == tick.bid
    assert next(iter(asks)) == tick.ask
    step = euro.trade.volume_step * euro.contract_size
    for volume in (*bids.values(), *asks.values()):
        assert volume > 0
        assert volume % step == 0


@pytest.mark.parametrize("name", ["EURUSD", "ACME"])
def test_changes_lead_from_one_book_to_the_next(server: Simulator, name: str) -> None:
    with entered(server) as client, entered(server) as other:
        symbol_id = client.symbol(name).symbol_id
        client.watch(symbol_id)
        book = Book()
        for _ in range(30):
            server.advance(3)
            news = changes(client)
            assert all(change.header.symbol_id == symbol_id for change in news)
            book.take(news)
            assert book.both == snapshot(other, symbol_id)


def test_a_symbol_without_depth_has_no_book(server: Simulator, client: Client) -> None:
    client.watch(client.symbol("USDJPY").symbol_id)
    server.advance(60)
    server.depth("USDJPY", [(150.0, 1.0)], [(150.1, 1.0)])
    assert changes(client) == []


def test_the_list_replaces_the_one_before(server: Simulator, client: Client) -> None:
    euro, share = (client.symbol(name).symbol_id for name in ("EURUSD", "ACME"))
    client.watch(euro)
    client.watch(share, 4_000_000_000)
    client.drain()
    server.advance(60)
    assert {change.header.symbol_id for change in changes(client)} == {share}
    client.watch()
    server.advance(60)
    assert changes(client) == []


def test_books_and_ticks_are_subscribed_apart(
    server: Simulator, client: Client
) -> None:
    euro = client.symbol("EURUSD").symbol_id
    client.watch(euro)
    server.advance(30)
    assert {message.command for message in client.drain()} == {Command.BOOK}
    client.watch()
    client.quote(euro)
    server.advance(30)
    heard = {message.command for message in client.drain()}
    assert heard == {Command.TICKS, Command.STATISTICS}


def test_a_book_set_by_hand_is_told_in_units(server: Simulator, client: Client) -> None:
    euro = client.symbol("EURUSD")
    client.watch(euro.symbol_id)
    book = Book()
    server.depth(
        "EURUSD", [(1.1, 2.0), (1.0999, 0.5)], [(1.10005, 1.0), (1.1001, 30.0)]
    )
    book.take(changes(client))
    lot = LOT * 100_000
    assert book.both == (
        {110000: 2 * lot, 109990: lot // 2},
        {110005: lot, 110010: 30 * lot},
    )
    server.advance(30)
    assert changes(client) == []
    server.depth("EURUSD", [(1.1, 2.5)], [])
    book.take(changes(client))
    assert book.both == ({110000: 5 * lot // 2}, {})
    assert snapshot(client, euro.symbol_id) == book.both


def test_a_released_book_follows_the_quote_again(
    server: Simulator, client: Client
) -> None:
    euro = client.symbol("EURUSD").symbol_id
    automatic = snapshot(client, euro)
    server.depth("EURUSD", [(1.0, 1.0)], [])
    server.release("EURUSD")
    assert snapshot(client, euro) == automatic


def test_a_book_surrounds_a_quote_set_by_hand(
    server: Simulator, client: Client
) -> None:
    server.quote("EURUSD", bid=1.2, ask=1.2002)
    bids, asks = snapshot(client, client.symbol("EURUSD").symbol_id)
    assert (max(bids), min(asks)) == (120000, 120020)


@pytest.mark.parametrize(
    ("bids", "asks"),
    [
        ([(1.1, 0.0)], []),
        ([], [(-1.1, 1.0)]),
        ([(1.1, 1.0), (1.1, 2.0)], []),
    ],
    ids=["volume", "price", "twice"],
)
def test_a_book_that_cannot_be_is_not_set(
    server: Simulator,
    client: Client,
    bids: list[tuple[float, float]],
    asks: list[tuple[float, float]],
) -> None:
    euro = client.symbol("EURUSD").symbol_id
    before = snapshot(client, euro)
    with pytest.raises(ValueError, match="level"):
        server.depth("EURUSD", bids, asks)
    assert snapshot(client, euro) == before


# dealing from the book


def order(lots: float, kind: OrderType = OrderType.BUY) -> TradeRequest:
    """A market order that takes what there is."""
    return TradeRequest(
        1,
        TradeAction.MARKET,
        "EURUSD",
        volume=round(lots * LOT),
        type=kind,
        type_filling=1,
        type_flags=2,
    )


def test_orders_are_filled_from_the_book_and_leave_the_rest(start: Start) -> None:
    server = start(switches=Switches(book_depth=True), balance=1_000_000.0)
    with entered(server) as client:
        euro = client.symbol("EURUSD").symbol_id
        server.quote("EURUSD", bid=1.1, ask=1.1002)
        server.depth("EURUSD", [(1.1, 1.0)], [(1.1002, 1.0), (1.1003, 2.0)])
        client.trade(order(1.5))
        assert snapshot(client, euro)[1] == {110030: LOT * 150_000}
        (position,) = server.positions()
        assert position.volume == 1.5 * LOT
        client.trade(order(5.0))
        assert snapshot(client, euro)[1] == {}
        assert [one.volume for one in server.positions()] == [1.5 * LOT, 1.5 * LOT]


def test_what_was_dealt_is_told_to_those_who_watch_the_book(start: Start) -> None:
    server = start(switches=Switches(book_depth=True))
    with entered(server) as client, entered(server) as other:
        euro = client.symbol("EURUSD").symbol_id
        server.quote("EURUSD", bid=1.1, ask=1.1002)
        server.depth("EURUSD", [(1.1, 1.0)], [(1.1002, 1.0)])
        other.watch(euro)
        book = Book()
        book.take(changes(other))
        client.trade(order(0.25))
        server.advance(0.1)
        book.take(changes(other))
    assert book.asks == {110020: LOT * 75_000}


def test_an_automatic_book_fills_orders_level_by_level(start: Start) -> None:
    server = start(switches=Switches(book_depth=True), balance=10_000_000.0)
    with entered(server) as client:
        _, asks = snapshot(client, client.symbol("EURUSD").symbol_id)
        best, volume = next(iter(asks.items()))
        first = volume / LOT / 100_000
        result = client.trade(order(first + 0.01))
    assert result.answer.price > best / 100_000


def test_without_the_switch_any_volume_is_dealt_at_the_quote(
    server: Simulator, client: Client
) -> None:
    server.quote("EURUSD", bid=1.1, ask=1.1002)
    server.depth("EURUSD", [], [(1.1002, 0.01)])
    assert client.trade(order(0.5)).answer.price == 1.1002
