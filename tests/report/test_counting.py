"""The five counts of one table: by hand, against published totals, and against a known truth."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trucewatch.agreement.rule import COUNTING_RULES
from trucewatch.report.bulletin.five import RULE_WORDS
from trucewatch.report.counting.rules import counted, counts_of
from trucewatch.report.counting.shelling import GAP, PLACE_KM, ROUNDS, apart_km, shellings
from trucewatch.report.counting.table import Row
from trucewatch.report.daily import render

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

NOON = datetime(2030, 9, 13, 12, tzinfo=UTC)
HERE, BESIDE, AWAY = (45.004545, -30.0), (45.013636, -30.0), (45.022727, -30.0)


def row(
    name: str,
    *,
    at_h: float = 0.0,
    for_h: float = 0.1,
    units: tuple[int | None, int | None] = (30, 30),
    place: tuple[float, float] | None = HERE,
    kind: str = "explosion_impact",
) -> Row:
    start = NOON + timedelta(hours=at_h)
    return Row(
        window="current",
        id=name,
        kind=kind,
        start=start,
        end=start + timedelta(hours=for_h),
        place_deg=place,
        count_min=units[0],
        count_max=units[1],
        assessments=(),
        said={},
    )


def test_thirty_discharges_within_the_hour_are_one_shelling() -> None:
    assert shellings([row("a")]) == (1, 1)
    assert shellings([row("a", units=(29, 29))]) == (0, 0)
    assert shellings([row("a", units=(15, 15)), row("b", at_h=0.5, units=(15, 15))]) == (1, 1)
    assert shellings([]) == (0, 0)


def test_a_gap_of_an_hour_ends_a_shelling() -> None:
    parts = [row("a", units=(15, 15)), row("b", at_h=1.1, units=(15, 15))]

    assert shellings(parts) == (0, 0)
    assert shellings([row("a"), row("b", at_h=1.1)]) == (2, 2)
    assert shellings([row("a"), row("b", at_h=1.0)]) == (1, 2)  # as little as 54 minutes apart


def test_cells_that_touch_are_one_place_and_others_are_not() -> None:
    parts = [row("a", units=(15, 15)), row("b", units=(15, 15), place=BESIDE)]

    assert shellings(parts) == (1, 1)
    assert shellings([parts[0], row("b", units=(15, 15), place=AWAY)]) == (0, 0)
    chained = [*parts, row("c", units=(1, 1), place=AWAY)]
    assert shellings(chained) == (1, 1)
    assert apart_km(parts[0], parts[1]) < PLACE_KM < apart_km(parts[0], chained[2])
    assert shellings([row("a"), row("b", place=None)]) == (2, 2)


def test_what_is_not_known_widens_the_interval_and_is_never_made_a_number() -> None:
    assert shellings([row("a", units=(3, None))]) == (0, 1)  # brief: it can be one at most
    assert shellings([row("a", for_h=24, units=(3, None))]) == (0, None)
    assert shellings([row("a", for_h=24, units=(70, 70))]) == (0, 2)
    assert shellings([row("a", units=(None, None))]) == (0, 1)
    assert shellings([row("a", units=(20, 40))]) == (0, 1)


@pytest.mark.parametrize("kind", ["shot", "flare", "airstrike", "mine_or_ied", "thermal_anomaly"])
def test_what_no_gun_fired_is_no_discharge(kind: str) -> None:
    assert shellings([row("a", kind=kind)]) == (0, 0)


def test_places_on_both_sides_of_the_date_line_are_near() -> None:
    west, east = (0.0, 179.995), (0.0, -179.995)

    assert apart_km(row("a", place=west), row("b", place=east)) == pytest.approx(1.11, abs=0.01)


# What follows knows every discharge: its place, one of a few far apart, and its minute.
WORLD = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 400)), min_size=1, max_size=120)


def true_shellings(world: Sequence[tuple[int, int]]) -> int:
    """Count as the joint force did, from single discharges."""
    found = 0
    for place in {place for place, _ in world}:
        minutes = sorted(minute for at, minute in world if at == place)
        runs = [[minutes[0]]]
        for before, after in pairwise(minutes):
            if after - before < 60:
                runs[-1].append(after)
            else:
                runs.append([after])
        found += sum(len(run) >= ROUNDS for run in runs)
    return found


@given(WORLD, st.data())
@settings(max_examples=300, deadline=None)
def test_the_interval_holds_the_true_number_of_shellings(
    world: list[tuple[int, int]], data: st.DataObject
) -> None:
    told: dict[tuple[int, int], list[int]] = {}
    for place, minute in world:  # each discharge is told in one of a few incidents of its place
        told.setdefault((place, data.draw(st.integers(0, 5))), []).append(minute)
    rows = []
    for (place, number), minutes in told.items():
        most = data.draw(st.sampled_from([None, len(minutes), len(minutes) + 7]))
        least = data.draw(st.sampled_from([None, len(minutes), len(minutes) // 2]))
        vague = data.draw(st.integers(0, 40))
        first, last = min(minutes) - vague, max(minutes) + vague
        rows.append(
            row(f"{place}-{number}", at_h=first / 60, for_h=(last - first) / 60,
                units=(least, most), place=(45.0 + place, -30.0))
        )  # fmt: skip

    low, high = shellings(rows)

    assert low <= true_shellings(world)
    assert high is None or true_shellings(world) <= high


@given(st.permutations(range(6)))
def test_the_order_of_rows_does_not_matter(order: list[int]) -> None:
    rows = [row(str(i), at_h=i / 3, units=(12, 12)) for i in range(6)]

    assert shellings([rows[i] for i in order]) == shellings(rows)


# Published cumulative totals of a past monitoring mission: explosions, projectiles in flight,
# muzzle flashes, illumination flares, bursts and shots, and their sum as printed.
PUBLISHED = (
    (398, 17, 7, 21, 1_177, 1_620),
    (2_660, 911, 90, 54, 2_579, 6_294),
    (10_065, 4_877, 227, 107, 15_800, 31_076),
)


@pytest.mark.parametrize("line", PUBLISHED)
def test_counts_units_as_the_published_totals_were_counted(line: tuple[int, ...]) -> None:
    kinds = ("explosion_undetermined", "projectile_in_flight", "muzzle_flash", "flare", "burst")
    rows = [row(kind, kind=kind, units=(n, n)) for kind, n in zip(kinds, line[:-1], strict=True)]

    _, units, *_ = counts_of(rows)

    assert (units.low, units.high, units.qualifier) == (line[-1], line[-1], "exact")


def test_gives_every_rule_that_an_agreement_may_name_in_one_order() -> None:
    counts = counts_of([row("a")])

    assert tuple(count.rule for count in counts) == tuple(RULE_WORDS) == COUNTING_RULES


def test_a_rule_that_nothing_here_counts_says_so_and_is_never_nought() -> None:
    for rows in ([], [row("a")]):
        *_, crossing, ruled = counts_of(rows)

        assert (crossing.low, crossing.high, crossing.qualifier) == (None, None, "not_counted")
        assert crossing.text == "not counted: no sensor here reports crossings"
        assert (ruled.low, ruled.high, ruled.qualifier) == (None, None, "not_counted")
        assert ruled.text == "not counted: no body rules in this version"


def test_counts_crossings_once_a_kind_is_one() -> None:
    rows = [row("a", kind="raid"), row("b")]

    assert counts_of(rows, crossings={"raid"})[3].text == "1"


@pytest.mark.parametrize(
    ("ends", "qualifier", "text"),
    [
        ((0, 0), "exact", "none by this rule"),
        ((3, 3), "exact", "3"),
        ((0, 2), "range", "at most 2"),
        ((2, 1_200), "range", "2 to 1,200"),
        ((61, None), "at_least", "at least 61"),
        ((0, None), "at_least", "not known: no lower and no upper bound"),
    ],
)
def test_words_an_interval_as_it_is(
    ends: tuple[int, int | None], qualifier: str, text: str
) -> None:
    count = counted("osce_unit", *ends)

    assert (count.qualifier, count.text) == (qualifier, text)


def test_all_five_stand_in_page_text_and_numbers_with_their_words(make: ModuleType) -> None:
    files = render(make.sample()).files

    page, text = (files[f"daily-2030-09-14.{end}"].decode() for end in ("html", "txt"))
    told = json.loads(files["daily-2030-09-14.json"])
    assert [one["rule"] for one in told["counts"]] == list(COUNTING_RULES)
    assert sorted(told["rules"]) == sorted(COUNTING_RULES)
    joined = " ".join(text.split())
    for one in told["counts"]:
        assert one["current"]["text"].split(":")[0] in joined
        assert f"<td>{one['rule']}" in page or f">{one['rule']}<" in page
    for words in told["rules"].values():
        assert words in joined
        assert words.partition(":")[0] in page


def test_agrees_with_the_figures_that_the_bulletin_makes_in_another_way(make: ModuleType) -> None:
    told = json.loads(render(make.sample()).files["daily-2030-09-14.json"])

    incident, units, *_ = told["counts"]
    for window in ("current", "previous"):
        every = told["units"][0][window]
        assert incident[window]["low"] == told["incidents"][window]["value"]
        assert (units[window]["low"], units[window]["high"]) == (every["low"], every["high"])


def test_the_constants_are_those_of_the_name() -> None:
    assert (timedelta(minutes=60), 30) == (GAP, ROUNDS)
