"""Wording of counts, times, places and probabilities."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trucewatch.errors import BadInput
from trucewatch.report.bulletin.content import Cell
from trucewatch.report.bulletin.counts import bound_text, osce_text
from trucewatch.report.bulletin.figures import Units, figures
from trucewatch.report.bulletin.wording import Clock, count_text, near_text, p_text, quote
from trucewatch.report.daily import render
from trucewatch.report.material import NamedPlace
from trucewatch.report.release import release

if TYPE_CHECKING:
    from types import ModuleType

PELVEN = NamedPlace(name="Pelven", lat_deg=45.0, lon_deg=-30.0)


@pytest.mark.parametrize(
    ("low", "high", "qualifier", "words"),
    [
        (3, 3, "exact", "3"),
        (12, 12, "about", "about 12"),
        (10, 14, "about", "about 10 to 14"),
        (3, None, "at_least", "at least 3"),
        (3, 5, "range", "3 to 5"),
        (2, None, "several", "several, at least 2"),
        (None, 9, None, "at most 9"),
        (None, None, None, "not given"),
    ],
)
def test_a_count_keeps_its_qualifier(
    low: int | None, high: int | None, qualifier: str | None, words: str
) -> None:
    assert count_text(low, high, qualifier) == words


@given(st.floats(0, 1))
def test_a_probability_is_never_worded_as_a_certainty(share: float) -> None:
    assert p_text(share) not in {"1.00", ".00", "0"}


@pytest.mark.parametrize(
    ("lat_deg", "lon_deg", "words"),
    [
        (45.0, -30.0, "at or near Pelven"),
        (45.09, -30.0, "10 km N of Pelven"),
        (45.0, -29.873, "10 km E of Pelven"),
        (44.936, -30.09, "10 km SW of Pelven"),
        (45.5, -30.0, ""),
    ],
)
def test_a_place_is_named_by_the_nearest_settlement(
    lat_deg: float, lon_deg: float, words: str
) -> None:
    assert near_text(lat_deg, lon_deg, (PELVEN,)) == words


def test_a_window_across_a_change_of_clocks_names_both_offsets() -> None:
    clock = Clock(ZoneInfo("Europe/Kyiv"))
    start, end = datetime(2026, 10, 24, 17, tzinfo=UTC), datetime(2026, 10, 25, 17, tzinfo=UTC)

    words = clock.zone_text(start, end)

    assert words == "Europe/Kyiv (EEST, UTC+03:00, then EET, UTC+02:00)"


def test_a_time_that_is_known_to_the_day_only_is_worded_as_an_interval() -> None:
    clock = Clock(ZoneInfo("UTC"))
    start = datetime(2026, 6, 27, tzinfo=UTC)
    end = start + timedelta(days=1)

    words = clock.spread(start + timedelta(hours=12), start, end)

    assert words == ("from 27 Jun 00:00", "to 28 Jun 00:00")


@given(st.text(max_size=80))
def test_a_quotation_is_one_printable_line(text: str) -> None:
    shown = quote(text)

    assert all(letter.isprintable() or letter in "\u200c\u200d" for letter in shown)


def test_a_long_quotation_is_cut_and_says_so() -> None:
    assert quote("x" * 500) == f"{'x' * 300} [cut, 500 characters]"


def test_a_cell_without_words_is_refused() -> None:
    with pytest.raises(BadInput, match="bulletin table: a cell is empty"):
        Cell(text=" ")


def test_an_open_or_missing_count_leaves_the_upper_bound_unknown(make: ModuleType) -> None:
    shots = {"class": "shot", "class_p": '{"shot":1}'}
    counted = make.incident("a", count_min=4, count_max=6, **shots)
    silent = make.incident("b", **shots)

    closed = figures(release(make.material(incidents=make.incidents(counted)))).units
    mixed = figures(release(make.material(incidents=make.incidents(counted, silent)))).units

    assert [pair[0].unit for pair in mixed] == ["all", "shot"]
    assert osce_text(closed[0][0]) == "4 to 6"
    assert osce_text(mixed[0][0]) == "at least 4, upper bound unknown"
    assert (mixed[1][0].counted_n, mixed[1][0].uncounted_n) == (1, 1)


def test_a_lower_bound_of_zero_is_not_printed() -> None:
    nothing = Units(unit="shot", low=0, high=None, counted_n=1, uncounted_n=0)

    assert bound_text(nothing) == "no lower bound"


def test_plain_text_fits_eighty_columns(make: ModuleType) -> None:
    for level in ("public", "mission"):
        text = render(make.sample(level)).files["daily-2030-09-14.txt"].decode()
        assert max(map(len, text.splitlines())) <= 80
        assert not [line for line in text.splitlines() if line != line.rstrip()]


def test_incidents_are_listed_by_outcome_then_probability(make: ModuleType) -> None:
    text = render(make.sample()).files["daily-2030-09-14.txt"].decode()

    listed = [text.index(f"(i-{name})") for name in "baced"]

    assert listed == sorted(listed)
