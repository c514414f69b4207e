"""Masks of symbol names."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mt5web.groups import matches, parse
from tests.facade.official import API

VECTORS = API["group_filter"]["vectors_from_binary"]

names = st.text("ABab. #", max_size=8)
masks = st.text("ABab. #*", max_size=8)
groups = st.text("ABab*!, ", max_size=16)


def test_every_vector_of_the_original_is_reproduced() -> None:
    found = [
        (v["group"], v["name"], parse(v["group"]).selects(v["name"])) for v in VECTORS
    ]
    assert found == [(v["group"], v["name"], v["selected"]) for v in VECTORS]
    assert len(found) > 50


def test_the_documented_exclusion_excludes_one_name_only() -> None:
    assert parse("*, !EUR").selects("EURUSD")
    assert not parse("*, !EUR").selects("EUR")
    assert not parse("*,!*EUR*").selects("EURUSD")


def test_a_mask_counts_up_to_its_255th_character() -> None:
    name = "x" * 300
    assert parse("x" * 300).selects("x" * 255)
    assert not parse(name).selects(name)
    assert not parse(f"*,!{'x' * 300}").selects("x" * 254)


def test_an_exclamation_mark_alone_excludes_everything() -> None:
    assert not parse("*,!").selects("EURUSD")
    assert not parse("!,*").selects("")


@given(groups, names)
def test_the_order_of_masks_does_not_matter(group: str, name: str) -> None:
    backwards = ",".join(reversed(group.split(",")))
    assert parse(group).selects(name) == parse(backwards).selects(name)


@given(groups.filter(lambda group: "!" not in group), names)
def test_exclusion_is_the_opposite_of_inclusion(group: str, name: str) -> None:
    excluded = ",".join(f"!{mask.strip()}" for mask in group.split(",") if mask.strip())
    assert parse(group).selects(name) != parse(f"*,{excluded}").selects(name)


@given(masks, names)
def test_what_matches_would_match_with_going_back_too(mask: str, name: str) -> None:
    if matches(mask, name):
        assert thorough(mask, name)


@given(masks.filter(lambda mask: mask.count("*") == mask[-1:].count("*")), names)
def test_a_mask_with_a_star_at_its_end_only_misses_nothing(
    mask: str, name: str
) -> None:
    assert matches(mask, name) == thorough(mask, name)


def thorough(mask: str, name: str) -> bool:
    """Match a mask, trying everything."""
    if not mask:
        return not name
    if mask[0] == "*":
        return any(thorough(mask[1:], name[i:]) for i in range(len(name) + 1))
    return name[:1] == mask[0] and thorough(mask[1:], name[1:])
