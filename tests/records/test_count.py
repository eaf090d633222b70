"""Counts as observers write them stay what they are: intervals with a qualifier."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trucewatch.errors import BadInput
from trucewatch.records.count import Counted, add, check_total, in_words, read_count

counts = st.builds(
    lambda low, more, kind: Counted(
        low=low,
        high=None if kind in {"at_least", "several"} else low if kind == "exact" else low + more,
        qualifier=kind,
    ),
    st.integers(0, 1000),
    st.integers(1, 50),
    st.sampled_from(["exact", "about", "at_least", "range", "several"]),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12", (12, 12, "exact")),
        ("1,177", (1177, 1177, "exact")),
        ("A", (1, 1, "exact")),
        ("three", (3, 3, "exact")),
        ("about 45", (41, 49, "about")),
        ("some 5", (4, 6, "about")),
        ("ca. 100", (90, 110, "about")),
        ("at least 11,000", (11000, None, "at_least")),
        (">= 3", (3, None, "at_least")),
        ("over 20", (21, None, "at_least")),
        ("up to six", (0, 6, "range")),
        ("3-5", (3, 5, "range")),
        ("3\u20135", (3, 5, "range")),
        ("between 3 and 5", (3, 5, "range")),
        (" Several ", (3, None, "several")),
        ("a few", (2, None, "several")),
        ("dozens", (24, None, "several")),
    ],
)
def test_reads_what_observers_write(text: str, expected: tuple[int, int | None, str]) -> None:
    found = read_count(text, where="row 1")

    assert (found.low, found.high, found.qualifier) == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "count is '', must be a number"),
        ("lots", "count is 'lots'"),
        ("1,17", "count is '1,17'"),
        ("5-3", "count is 5-3, must not end below its start"),
        ("-4", "count is '-4'"),
        ("12.5", "count is '12.5'"),
        ("5000000000", "count is 5000000000, must be at most 4294967295"),
    ],
)
def test_refuses_what_is_no_count(text: str, problem: str) -> None:
    with pytest.raises(BadInput, match=f"row 1: {problem}"):
        read_count(text, where="row 1")


@given(st.lists(counts, max_size=8))
def test_a_sum_holds_every_sum_of_its_parts_and_is_exact_only_when_all_are(
    parts: list[Counted],
) -> None:
    total = add(parts)

    assert total.low == sum(part.low for part in parts)
    assert (total.high is None) == any(part.high is None for part in parts)
    if total.high is not None:
        assert total.high == sum(part.high or 0 for part in parts)
    assert (total.qualifier == "exact") == all(part.qualifier == "exact" for part in parts)


def test_a_total_is_good_only_when_it_is_the_exact_sum_of_exact_rows() -> None:
    exact = Counted(low=1620, high=1620, qualifier="exact")
    loose = Counted(low=1600, high=1640, qualifier="about")

    said = [
        check_total(claimed, rows, where="table")
        for claimed, rows in (("1,620", exact), ("1,621", exact), ("1,620", loose))
    ]

    assert said == [
        "",
        "claimed 1,621, rows sum to 1,620: the total is not that of the rows",
        "claimed 1,620, rows sum to 1,600 to 1,640: an exact total of inexact rows",
    ]


def test_says_a_count_in_words() -> None:
    assert in_words(Counted(low=3, high=None, qualifier="several")) == "at least 3"
    assert in_words(Counted(low=1200, high=1300, qualifier="range")) == "1,200 to 1,300"
