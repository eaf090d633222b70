"""Weapons kept from each party's own datum: which line applies, and how near is too near."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from assess_samples import load, logbook
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod
from scipy.stats import norm

from trucewatch.agreement.line import Side
from trucewatch.agreement.rule import After
from trucewatch.assess._known import Known
from trucewatch.assess.withdrawal_distance import check
from trucewatch.records.facts import Facts
from trucewatch.records.instant import instant_text

if TYPE_CHECKING:
    from trucewatch.agreement.agreement import Agreement

SAMPLE = load("withdrawal_distance")
RULE = SAMPLE.agreement.rules[0]
SEEN_AT = datetime(2030, 9, 20, tzinfo=UTC)
LINE_A_DEG, LINE_B_DEG, MIDDLE_DEG = 45.02, 44.98, 45.0
KM = 1_000.0


def away(lat_deg: float, north_m: float) -> float:
    return float(Geod(ellps="WGS84").fwd(-30.0, lat_deg, 0.0, north_m)[1])


def sighting(lat_deg: float, error_m: float, **weapons: float) -> list[dict[str, Any]]:
    at = instant_text(SEEN_AT)
    detail = {
        "asset": "uav 1",
        "matter": "weapon",
        "name": None,
        "number_max": 1,
        "number_min": 1,
        "place": {"error_m": error_m, "lat_deg": lat_deg, "lon_deg": -30.0},
        "weapons": weapons,
    }
    told = {"act": "seen", "at": at, "by": "A", "detail": detail, "entry": 1, "logged_at": at}
    return [told | {"kind": "sighting"}]


def judged(
    lat_deg: float,
    error_m: float = 100.0,
    agreement: Agreement = SAMPLE.agreement,
    **weapons: float,
) -> dict[str, dict[str, Any]]:
    entries = sighting(lat_deg, error_m, **(weapons or {"TANK": 1.0}))
    facts = Facts(as_of=SEEN_AT + timedelta(days=9), logbook=logbook(entries))
    version = replace(SAMPLE.version, agreement=agreement)
    found = check(Known(facts), rule=agreement.rules[0], version=version)
    return {row["measured_from"]: row for row in found.to_dicts()}


def said(row: dict[str, Any]) -> tuple[str, str]:
    return row["outcome"], row["why"]


def with_lines(**changed: Any) -> Agreement:
    lines = tuple(replace(line, **changed) for line in SAMPLE.agreement.lines)
    return replace(SAMPLE.agreement, lines=lines)


@pytest.mark.parametrize("accuracy_m", [0.0, 100.0])
def test_a_mortar_at_14_6_km_of_15_is_indeterminate_at_about_two_thirds(accuracy_m: float) -> None:
    lat_deg = away(LINE_A_DEG, 14.6 * KM)

    row = judged(lat_deg, KM, with_lines(accuracy_m=accuracy_m), MORTAR=1.0)["LINE_A"]

    near = json.loads(row["trace"])[8]
    assert said(row) == ("indeterminate", "location")
    assert row["inside_p"] == pytest.approx(0.66, abs=0.01)
    assert row["inside_p"] == pytest.approx(
        norm.cdf(400 / (KM**2 + accuracy_m**2) ** 0.5), abs=1e-4
    )
    assert near["condition"].startswith("9. P(nearer to LINE_A than the limit) is at least 0.95")
    assert near["value"]["near_p"] == row["inside_p"]
    assert near["value"]["distance_m"] == pytest.approx(14_600, abs=5)
    assert near["value"]["limit_m"]["MORTAR"] == 15_000
    assert "violation" not in row["trace"]


def test_one_position_measured_from_two_lines_gives_two_outcomes_and_says_why() -> None:
    rows = judged(away(LINE_A_DEG, 5 * KM))

    why_a, why_b = (
        json.loads(rows[line]["trace"])[7]["value"]["says"] for line in ("LINE_A", "LINE_B")
    )
    assert said(rows["LINE_A"]) == ("potential_breach", "")
    assert said(rows["LINE_B"]) == ("consistent", "")
    assert why_a == "LINE_A is the datum of those who stand on this side of it"
    assert why_b == "beyond LINE_B; another line applies"
    assert "ALPHA" not in rows["LINE_A"]["trace"] + rows["LINE_B"]["trace"]


def test_between_the_lines_both_apply_as_it_may_be_anybodys() -> None:
    rows = judged(MIDDLE_DEG)

    assert {line: said(row) for line, row in rows.items()} == {
        "LINE_A": ("potential_breach", ""),
        "LINE_B": ("potential_breach", ""),
    }


def test_ground_of_nobody_for_sure_leaves_the_line_open() -> None:
    rows = judged(LINE_B_DEG, 500.0)

    assert said(rows["LINE_A"]) == ("indeterminate", "location")
    assert said(rows["LINE_B"]) == ("potential_breach", "")


def test_without_accuracy_nothing_is_measured() -> None:
    rows = judged(away(LINE_A_DEG, 5 * KM), agreement=with_lines(accuracy_m=None))

    assert {said(row) for row in rows.values()} == {("indeterminate", "baseline")}
    assert {row["inside_p"] for row in rows.values()} == {None}


def test_without_sides_nothing_is_measured() -> None:
    rows = judged(away(LINE_A_DEG, 5 * KM), agreement=with_lines(sides={}))

    assert {said(row) for row in rows.values()} == {("indeterminate", "baseline")}


def test_who_has_no_line_leaves_a_row_that_says_so() -> None:
    agreement = replace(SAMPLE.agreement, lines=SAMPLE.agreement.lines[:1])

    rows = judged(away(LINE_A_DEG, 5 * KM), agreement=agreement)
    far = judged(away(LINE_B_DEG, -5 * KM), agreement=agreement)

    assert said(rows["LINE_A"]) == ("potential_breach", "")
    assert said(rows[""]) == ("indeterminate", "baseline")
    assert said(far["LINE_A"]) == ("consistent", "")


def test_one_line_for_both_parties_applies_on_either_side() -> None:
    both = replace(SAMPLE.agreement.lines[0], datum_for=("ALPHA", "BRAVO"))
    agreement = replace(SAMPLE.agreement, lines=(both,))

    north, on, south = (
        judged(away(LINE_A_DEG, km * KM), agreement=agreement)["LINE_A"] for km in (5, 0, -5)
    )

    assert {said(row) for row in (north, on, south)} == {("potential_breach", "")}


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        ({"TRUCK": 1.0}, ("consistent", "")),
        ({"TANK": 0.4}, ("indeterminate", "weapon")),
        ({"TANK": 0.5}, ("potential_breach", "")),
    ],
)
def test_the_category_decides(shares: dict[str, float], expected: tuple[str, str]) -> None:
    found = judged(away(LINE_A_DEG, 5 * KM), 100.0, SAMPLE.agreement, **shares)

    assert said(found["LINE_A"]) == expected


def test_categories_with_other_limits_share_the_chance() -> None:
    tank, mortar, truck = SAMPLE.agreement.weapons
    far = tuple(replace(each, distance_m=25 * KM) for each in mortar.withdrawal)
    weapons = (tank, replace(mortar, withdrawal=far), truck)
    agreement = replace(SAMPLE.agreement, weapons=weapons)

    row = judged(away(LINE_A_DEG, 20 * KM), agreement=agreement, TANK=0.6, MORTAR=0.4)["LINE_A"]

    assert said(row) == ("indeterminate", "location")
    assert row["inside_p"] == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("days", "expected"),
    [(20, ("consistent", "")), (19, ("potential_breach", ""))],
)
def test_what_is_not_yet_due_is_consistent(days: float, expected: tuple[str, str]) -> None:
    assert RULE.deadline is not None
    rule = replace(RULE, deadline=replace(RULE.deadline, within_h=days * 24))
    agreement = replace(SAMPLE.agreement, rules=(rule,))

    row = judged(away(LINE_A_DEG, 5 * KM), agreement=agreement)["LINE_A"]

    assert said(row) == expected


def test_a_deadline_without_a_date_to_count_from_leaves_it_open() -> None:
    assert RULE.deadline is not None
    agreement = replace(
        SAMPLE.agreement,
        rules=(replace(RULE, deadline=replace(RULE.deadline, after=After.SIGNED)),),
        provisions=replace(SAMPLE.agreement.provisions, signed=None),
    )

    row = judged(away(LINE_A_DEG, 5 * KM), agreement=agreement)["LINE_A"]

    assert said(row) == ("indeterminate", "time")


def test_a_line_measures_only_while_it_is_valid() -> None:
    agreement = with_lines(since=SEEN_AT + timedelta(days=20))

    rows = judged(away(LINE_A_DEG, 5 * KM), agreement=agreement)

    assert {said(row) for row in rows.values()} == {("no_rule", "")}


@settings(max_examples=30, deadline=None)
@given(north_km=st.floats(-40, 40), error_m=st.floats(10, 3_000))
def test_turning_the_ground_round_turns_the_lines_and_nothing_else(
    north_km: float, error_m: float
) -> None:
    one, other = SAMPLE.agreement.lines
    # The ground of the sample is its own mirror image at the line's middle point: LINE_A turned
    # round by half a circle is LINE_B. Here it is the labels that change places.
    turned = (
        replace(one, datum_for=("BRAVO",), sides={"ALPHA": Side.RIGHT, "BRAVO": Side.LEFT}),
        replace(other, datum_for=("ALPHA",), sides={"ALPHA": Side.RIGHT, "BRAVO": Side.LEFT}),
    )
    agreement = replace(SAMPLE.agreement, lines=turned)
    lat_deg = away(MIDDLE_DEG, north_km * KM)

    plain = judged(lat_deg, error_m)

    assert judged(lat_deg, error_m, agreement) == plain
