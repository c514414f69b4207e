"""The order book, held against what MetaQuotes' own client shows of it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mt5web_async.enums import BookType
from mt5web_async.errors import MalformedMessage
from mt5web_async.protocol.records import BookHeader, BookLevel
from mt5web_async.protocol.responses import BookChange, read_books
from mt5web_async.terminal.depth import CLEAR_BOOK, MAX_LEVELS, Book, Level
from tests.protocol.witness import Json, load

LOT = 10**8
"""One lot of a symbol whose contract size is 1."""

VIEWS = [e for e in load("responses.json") if e["name"].startswith("book view")]


def level(kind: int, price: int, lots: int) -> BookLevel:
    return BookLevel(type=kind, price=price, volume=lots * LOT)


def changed(book: Book, *levels: BookLevel, flags: int = 0) -> Book:
    change = BookChange(BookHeader(time=5, time_ms=7, flags=flags), levels)
    return book.apply(change, digits=2, contract_size=1.0)


def test_an_unseen_book_is_empty() -> None:
    assert Book() == Book(time_msc=0, levels=())


@pytest.mark.parametrize("e", VIEWS, ids=[e["name"] for e in VIEWS])
def test_levels_are_what_the_client_shows(e: Json) -> None:
    symbol, book = e["symbol"], Book()
    for body in e["hex"]:
        for change in read_books(bytes.fromhex(body)):
            book = book.apply(change, symbol["digits"], symbol["trade_contract_size"])
    assert [(b.type == 1, b.type == 2, b.price, b.volume) for b in book.levels] == [
        (shown["isSell"], shown["isBuy"], shown["price"], shown["volumeLots"])
        for shown in e["parsed"]["books"]
    ]


def test_volumes_at_a_price_add_up() -> None:
    book = changed(Book(), level(1, 101, 5), level(1, 101, 2))
    assert book.levels == (Level(1, 1.01, 7.0),)
    assert changed(book, level(1, 101, -3)).levels == (Level(1, 1.01, 4.0),)


@pytest.mark.parametrize("difference", [0, -5, -6])
def test_a_level_goes_when_nothing_is_left_or_nothing_is_added(difference: int) -> None:
    book = changed(Book(), level(1, 101, 5), level(2, 99, 1))
    assert changed(book, level(1, 101, difference)).levels == (Level(2, 0.99, 1.0),)


def test_a_fall_where_nothing_was_leaves_no_level() -> None:
    assert changed(Book(), level(2, 99, -1)).levels == ()


def test_market_levels_share_the_prices_of_their_side() -> None:
    book = changed(Book(), level(1, 101, 5), level(3, 101, 2))
    assert book.levels == (Level(BookType.SELL_MARKET, 1.01, 7.0),)


def test_the_sides_do_not_share_their_prices() -> None:
    book = changed(Book(), level(2, 100, 5), level(1, 100, 3))
    assert book.levels == (Level(1, 1.0, 3.0), Level(2, 1.0, 5.0))


def test_sells_come_first_and_prices_fall() -> None:
    book = changed(Book(), *(level(1 + n % 4, 100 + n, 1) for n in range(8)))
    assert [(b.type, b.price) for b in book.levels] == [
        (3, 1.06),
        (1, 1.04),
        (3, 1.02),
        (1, 1.0),
        (4, 1.07),
        (2, 1.05),
        (4, 1.03),
        (2, 1.01),
    ]


def test_a_flagged_change_forgets_the_levels_before() -> None:
    book = changed(Book(), level(1, 101, 5))
    assert changed(book, level(2, 99, 1), flags=CLEAR_BOOK).levels == (
        Level(2, 0.99, 1.0),
    )


def test_a_reset_forgets_the_levels_before_it_in_the_list() -> None:
    reset = BookLevel(type=BookType.RESET)
    book = changed(Book(), level(1, 101, 5), reset, level(2, 99, 1))
    assert book.levels == (Level(2, 0.99, 1.0),)


def test_levels_of_an_unknown_type_are_ignored() -> None:
    assert changed(Book(), level(9, 101, 5)).levels == ()


def test_a_change_leaves_the_book_before_as_it_was() -> None:
    before = changed(Book(), level(1, 101, 5))
    changed(before, level(1, 101, 3), level(2, 99, 1))
    assert before.levels == (Level(1, 1.01, 5.0),)


def test_the_book_bears_the_time_of_its_last_change() -> None:
    assert changed(Book()).time_msc == 5007


def test_a_contract_size_of_zero_shows_units() -> None:
    change = BookChange(BookHeader(), (level(1, 101, 5),))
    book = Book().apply(change, digits=2, contract_size=0.0)
    assert book.levels == (Level(1, 1.01, 5.0),)


def test_a_book_without_end_is_not_believed() -> None:
    book = changed(Book(), *(level(1, n, 1) for n in range(MAX_LEVELS)))
    with pytest.raises(MalformedMessage, match="10001 levels"):
        changed(book, level(1, MAX_LEVELS, 1))


levels = st.builds(
    BookLevel,
    type=st.integers(0, 5),
    price=st.integers(-3, 3),
    volume=st.integers(-5, 5).map(lambda lots: lots * LOT),
)


@given(st.lists(levels, max_size=30), st.integers(0, 30))
@settings(deadline=None)
def test_it_does_not_matter_how_changes_are_cut_into_messages(
    found: list[BookLevel], at: int
) -> None:
    whole = changed(Book(), *found)
    assert changed(changed(Book(), *found[:at]), *found[at:]) == whole


@given(st.lists(levels, max_size=30), st.integers(0, 2**32 - 1), st.floats())
@settings(deadline=None)
def test_no_level_has_a_negative_volume(
    found: list[BookLevel], digits: int, contract_size: float
) -> None:
    change = BookChange(BookHeader(), tuple(found))
    book = Book().apply(change, digits, contract_size)
    assert all(b.volume >= 0 for b in book.levels)
    assert len(book.levels) == len(book.sums)
