"""Magic numbers in comments."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt5web.magic_tags import LIMIT, tag, untag

magics = st.integers(1, 2**64 - 1)
comments = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@given(magics, comments)
def test_a_tag_gives_the_number_and_the_beginning_of_the_comment_back(
    magic: int, comment: str
) -> None:
    tagged = tag(comment, magic)
    assert len(tagged.encode("utf-16-le")) <= 2 * LIMIT
    found = untag(tagged)
    assert found.magic == magic
    assert comment.startswith(found.comment)


@given(magics, st.text(st.characters(codec="ascii"), max_size=LIMIT - 14))
def test_short_comments_are_kept_whole(magic: int, comment: str) -> None:
    assert untag(tag(comment, magic)) == (comment, magic)


@given(st.text(alphabet="~#[]ab01 ", max_size=12))
def test_comments_without_a_tag_are_left_alone(comment: str) -> None:
    found = untag(comment)
    if found.magic:
        assert tag(found.comment, found.magic) == comment
    else:
        assert found.comment == comment


@pytest.mark.parametrize(
    "comment",
    [
        "",
        "~",
        "~~",
        "~abc",
        "~ysCT~one digit wrong",
        "~0ysCS~not the shortest",
        "~LygHa16AHYG0~too large",
        "close #1001 by #1002",
        "[sl 1.09800]",
        "my ~ysCS~ comment",
    ],
)
def test_what_only_looks_like_a_tag_is_a_comment(comment: str) -> None:
    assert untag(comment) == (comment, 0)


def test_no_number_needs_no_tag() -> None:
    assert tag("comment", 0) == "comment"
    assert tag("x" * 50, 0) == "x" * 50
