"""The totals that a past mission published, counted again from raw rows.

The rows are made up so that they sum to the published figures. The figures, and that three of the
four totals are the sum of their parts, are from the mission's reports of 13 October 2020 and of
17 January, 7 March and 23 May 2021, each counted from 00:01 on 27 July 2020.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from trucewatch.errors import BadInput
from trucewatch.records.count import check_total, in_words
from trucewatch.report.counting.raw import RawRow, five, units

SINCE = datetime(2020, 7, 27, tzinfo=UTC)
UNITS = ("explosion", "projectile in flight", "muzzle flash", "flare", "burst")
PUBLISHED = [
    ("1,620", (398, 17, 7, 21, 1177)),
    ("6,294", (2660, 911, 90, 54, 2579)),
    ("31,076", (10065, 4877, 227, 107, 15800)),
]
ROUNDED = ("at least 11,000", (3927, 1416, 116, 62, 5932))
OBSERVED = {
    "explosion": ("explosion", "impact", "outgoing", "airburst"),
    "projectile in flight": ("projectile",),
    "muzzle flash": ("muzzle flash",),
    "flare": ("flare",),
    "burst": ("burst", "shot"),
}


def rows_of(figures: tuple[int, ...], seed: int) -> list[RawRow]:
    """Rows of about thirty units each, in any order, that sum to the figures."""
    rng = np.random.default_rng(seed)
    rows = []
    for unit, sum_of_unit in zip(UNITS, figures, strict=True):
        cuts = (
            np.unique(rng.integers(1, sum_of_unit, sum_of_unit // 30)) if sum_of_unit > 30 else []
        )
        for number in np.diff([0, *cuts, sum_of_unit]):
            at = SINCE + timedelta(minutes=int(rng.integers(500_000)))
            observed = str(rng.choice(OBSERVED[unit]))
            rows.append(RawRow(observation=observed, number=f"{number:,}", start=at, end=at))
    return [rows[place] for place in rng.permutation(len(rows))]


@pytest.mark.parametrize(("claimed", "figures"), PUBLISHED)
def test_a_published_total_is_the_sum_of_its_rows(claimed: str, figures: tuple[int, ...]) -> None:
    rows = rows_of(figures, seed=figures[0])

    found = units(rows)

    assert in_words(found["total"]) == claimed
    assert found["total"].qualifier == "exact"
    assert check_total(claimed, found["total"], where="report") == ""
    shots = sum(found[unit].low for unit in ("burst", "shot") if unit in found)
    assert (*(found[unit].low for unit in UNITS[:4]), shots) == figures


def test_a_rounded_total_is_refused_as_inexact() -> None:
    claimed, figures = ROUNDED

    total = units(rows_of(figures, seed=7))["total"]

    assert check_total(claimed, total, where="report") == (
        "claimed at least 11,000, rows sum to 11,453: a total rounded, not counted"
    )


def test_rows_that_hedge_make_a_total_that_hedges() -> None:
    rows = rows_of(PUBLISHED[0][1], seed=1)
    hedged = [
        RawRow(observation="burst", number=number, start=SINCE, end=SINCE)
        for number in ("about 45", "3-5")
    ]
    open_ended = RawRow(observation="explosion", number="several", start=SINCE, end=SINCE)

    some, all_of_them = units([*rows, *hedged]), units([*rows, *hedged, open_ended])

    assert (some["total"].low, some["total"].high) == (1620 + 41 + 3, 1620 + 49 + 5)
    assert in_words(some["explosion"]) == "398"
    assert (all_of_them["total"].low, all_of_them["total"].high) == (1620 + 44 + 3, None)
    assert all_of_them["total"].qualifier == "at_least"
    assert check_total("1,667", all_of_them["total"], where="report").endswith(
        "an exact total of inexact rows"
    )


def test_the_same_rows_give_all_five_counts() -> None:
    place = (45.0, -30.0)
    shelling = [
        RawRow(
            observation="outgoing",
            number="about 12",
            start=SINCE + timedelta(minutes=20 * k),
            end=SINCE + timedelta(minutes=20 * k),
            place_deg=place,
        )
        for k in range(4)
    ]
    flight = RawRow(
        observation="crossing in the air", number="1", start=SINCE, end=SINCE, ruled=True
    )
    denied = RawRow(observation="shot", number="at least 2", start=SINCE, end=SINCE, ruled=False)

    counts = {each.rule: each for each in five([*shelling, flight, denied])}

    assert {rule: (each.low, each.high, each.qualifier) for rule, each in counts.items()} == {
        "incident": (6, 6, "exact"),
        "osce_unit": (4 * 11 + 2, None, "at_least"),
        "episode_60min_30rounds": (1, 1, "exact"),
        "crossing": (1, 1, "exact"),
        "ruled": (1, 1, "exact"),
    }


def test_what_nobody_could_count_is_not_nought() -> None:
    counts = {
        each.rule: each
        for each in five([RawRow(observation="shot", number="1", start=SINCE, end=SINCE)])
    }

    assert counts["crossing"].text == "not counted: no sensor here reports crossings"
    assert (counts["crossing"].low, counts["ruled"].low) == (None, None)


@pytest.mark.parametrize(
    ("observation", "number", "problem"),
    [
        ("thunder", "1", "row 1: observation is 'thunder', must be one of: explosion"),
        ("shot", "lots", "row 1: count is 'lots'"),
    ],
)
def test_a_row_that_cannot_be_counted_is_named(observation: str, number: str, problem: str) -> None:
    good = RawRow(observation="shot", number="1", start=SINCE, end=SINCE)
    odd = RawRow(observation=observation, number=number, start=SINCE, end=SINCE)

    with pytest.raises(BadInput, match=problem):
        five([good, odd])
