"""An act in a zone: location, time, act and proof each decide alone, at their exact bounds."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta, timezone
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from assess_samples import load
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod
from scipy.stats import norm

from trucewatch.agreement.rule import Modality
from trucewatch.agreement.sign import SIGNS
from trucewatch.agreement.version import Version
from trucewatch.agreement.zone import Edges
from trucewatch.assess._known import Known
from trucewatch.assess.prohibited_act import check
from trucewatch.errors import BadAgreement, BadInput
from trucewatch.records.assessment import Missing, Outcome
from trucewatch.records.happening import HAPPENINGS
from trucewatch.records.table import INCIDENT

if TYPE_CHECKING:
    from trucewatch.agreement.agreement import Agreement

SAMPLE = load("prohibited_act")
AGREEMENT = SAMPLE.agreement
RULE = AGREEMENT.rules[0]
FACE = SAMPLE.facts.incidents.filter(pl.col("id") == "i-on-its-face")
KM = 1_000.0


def checked(
    incidents: pl.DataFrame, agreement: Agreement = AGREEMENT, place: int = 0
) -> list[dict[str, object]]:
    known = Known(replace(SAMPLE.facts, incidents=incidents))
    version = Version(agreement=agreement, object="ab" * 32)
    return check(known, rule=agreement.rules[place], version=version).to_dicts()


def one(agreement: Agreement = AGREEMENT, **changed: object) -> tuple[object, object]:
    incident = FACE.with_columns(
        pl.lit(value, dtype=INCIDENT[name]).alias(name) for name, value in changed.items()
    )
    row = checked(incident, agreement)[0]
    return row["outcome"], row["why"]


def classes(**shares: float) -> str:
    return json.dumps(shares)


def north_of(lon_deg: float, lat_deg: float, away_m: float) -> tuple[float, float]:
    lon, lat, _ = Geod(ellps="WGS84").fwd(lon_deg, lat_deg, 0.0, away_m)
    return lon, lat


def test_scenario_9_a_mortar_at_14_6_km_of_15_is_indeterminate() -> None:
    """A datum along 45 N, a zone 15 km deep on its north side, an error of 1 km."""
    _, edge_lat_deg = north_of(-30.0, 45.0, 15 * KM)
    belt = ((-31.0, 45.0), (-29.0, 45.0), (-29.0, edge_lat_deg), (-31.0, edge_lat_deg))
    zone = replace(AGREEMENT.zones[0], polygon=belt)
    lon_deg, lat_deg = north_of(-30.0, 45.0, 14.6 * KM)
    incident = FACE.with_columns(
        pl.lit(lon_deg).alias("lon_deg"),
        pl.lit(lat_deg).alias("lat_deg"),
        pl.lit(KM**2).alias("cov_ee_m2"),
        pl.lit(KM**2).alias("cov_nn_m2"),
    )

    row = checked(incident, replace(AGREEMENT, zones=(zone,)))[0]

    metre_p = norm.pdf(0.4) / KM  # edges are drawn to a metre
    assert row["inside_p"] == pytest.approx(norm.cdf(0.4), abs=metre_p)  # 0.655
    assert (row["outcome"], row["why"]) == (Outcome.INDETERMINATE, Missing.LOCATION)


@settings(deadline=None)
@given(st.floats(-3, 3), st.floats(200, 5_000), st.floats(200, 5_000), st.floats(-0.9, 0.9))
def test_inside_p_is_that_of_the_true_meridian_far_from_the_centre(
    off_sigmas: float, east_m: float, north_m: float, tilt: float
) -> None:
    """The plane turns by 7 degrees at the east edge of the box; the covariance turns with it."""
    box = ((22.0, 44.0), (41.0, 44.0), (41.0, 53.0), (22.0, 53.0))
    zone = replace(AGREEMENT.zones[0], polygon=box)
    lon_deg, lat_deg, _ = Geod(ellps="WGS84").fwd(41.0, 48.5, 90.0, off_sigmas * east_m)
    incident = FACE.with_columns(
        pl.lit(lon_deg).alias("lon_deg"),
        pl.lit(lat_deg).alias("lat_deg"),
        pl.lit(east_m**2).alias("cov_ee_m2"),
        pl.lit(tilt * east_m * north_m).alias("cov_en_m2"),
        pl.lit(north_m**2).alias("cov_nn_m2"),
    )

    row = checked(incident, replace(AGREEMENT, zones=(zone,)))[0]

    assert row["inside_p"] == pytest.approx(norm.cdf(-off_sigmas), abs=3e-3)


def test_a_geodesic_zone_bulges_past_a_straight_one() -> None:
    wide = ((-40.0, 44.0), (-20.0, 44.0), (-20.0, 45.0), (-40.0, 45.0))
    straight = replace(AGREEMENT.zones[0], polygon=wide)
    place = FACE.with_columns(pl.lit(45.2).alias("lat_deg"))

    found = [
        checked(place, replace(AGREEMENT, zones=(zone,)))[0]["inside_p"]
        for zone in (straight, replace(straight, edges=Edges.GEODESIC))
    ]

    assert found == [0.0, 1.0]


def test_an_incident_without_a_place_is_indeterminate() -> None:
    row = checked(FACE.with_columns(pl.lit(None, dtype=pl.Float64).alias("lat_deg")))[0]

    assert (row["outcome"], row["why"]) == (Outcome.INDETERMINATE, Missing.LOCATION)
    assert row["inside_p"] is None
    assert json.loads(str(row["trace"]))[1]["value"] is None


@pytest.mark.parametrize(
    ("limits", "outcome"),
    [
        ({"inside_p_min": 0.5, "outside_p_max": 0.4}, Outcome.BREACH_ON_ITS_FACE),
        ({"inside_p_min": 0.6, "outside_p_max": 0.4}, Outcome.INDETERMINATE),
        ({"inside_p_min": 0.6, "outside_p_max": 0.51}, Outcome.CONSISTENT),
    ],
)
def test_the_bounds_of_location_are_those_of_the_rule(
    limits: dict[str, float], outcome: Outcome
) -> None:
    rule = replace(RULE, thresholds=replace(RULE.thresholds, **limits))

    found = one(replace(AGREEMENT, rules=(rule,)), lat_deg=45.1)

    assert found[0] == outcome


@pytest.mark.parametrize(
    ("class_p", "outcome"),
    [
        (classes(shot=0.95, undetermined=0.05), Outcome.BREACH_ON_ITS_FACE),
        (classes(shot=0.55, burst=0.4, undetermined=0.05), Outcome.BREACH_ON_ITS_FACE),
        (classes(shot=0.949, undetermined=0.051), Outcome.POTENTIAL_BREACH),
        (classes(shot=0.5, armour=0.5), Outcome.POTENTIAL_BREACH),
        (classes(shot=0.49, armour=0.51), Outcome.INDETERMINATE),
        (classes(shot=0.05, armour=0.95), Outcome.INDETERMINATE),
        (classes(shot=0.04, armour=0.96), Outcome.CONSISTENT),
        (classes(damage=1.0), Outcome.INDETERMINATE),
        (classes(thermal_anomaly=1.0), Outcome.INDETERMINATE),
    ],
)
def test_the_act_decides_at_its_bounds(class_p: str, outcome: Outcome) -> None:
    found = one(class_p=class_p)

    assert found == (outcome, Missing.WEAPON if outcome is Outcome.INDETERMINATE else "")


def test_an_undetermined_explosion_excludes_no_act() -> None:
    rule = replace(RULE, acts=("airstrike",))

    found = one(replace(AGREEMENT, rules=(rule,)), class_p=classes(explosion_undetermined=1.0))

    assert found == (Outcome.INDETERMINATE, Missing.WEAPON)


@pytest.mark.parametrize(
    ("act", "kind", "outcome"),
    [
        ("airstrike", "explosion_impact", Outcome.INDETERMINATE),
        ("explosion_impact", "airstrike", Outcome.INDETERMINATE),
        ("small_arms_fire", "shot", Outcome.INDETERMINATE),
        ("airstrike", "explosion_outgoing", Outcome.CONSISTENT),
        ("airstrike", "shot", Outcome.CONSISTENT),
        ("airstrike", "artillery_fire", Outcome.CONSISTENT),
        ("shot", "burst", Outcome.CONSISTENT),
    ],
)
def test_what_was_heard_clears_nobody_of_the_weapon_that_may_have_made_it(
    act: str, kind: str, outcome: Outcome
) -> None:
    rule = replace(RULE, acts=(act,))

    found = one(replace(AGREEMENT, rules=(rule,)), class_p=classes(**{kind: 1.0}))

    assert found == (outcome, Missing.WEAPON if outcome is Outcome.INDETERMINATE else "")


def test_every_sign_and_every_weapon_is_an_act() -> None:
    named = {*SIGNS, *(weapon for weapons in SIGNS.values() for weapon in weapons)}

    assert all(HAPPENINGS[name].act for name in named)


@pytest.mark.parametrize(
    ("changed", "outcome"),
    [
        ({"independent": 2, "real_p": 0.95}, Outcome.BREACH_ON_ITS_FACE),
        ({"independent": 1}, Outcome.POTENTIAL_BREACH),
        ({"real_p": 0.949}, Outcome.POTENTIAL_BREACH),
        ({"real_p": 0.9499999}, Outcome.BREACH_ON_ITS_FACE),  # shown as 0.95, so it decides as 0.95
    ],
)
def test_a_breach_on_its_face_needs_sources_and_certainty(
    changed: dict[str, object], outcome: Outcome
) -> None:
    assert one(**changed)[0] == outcome


@pytest.mark.parametrize(
    ("start_s", "end_s", "expected"),
    [
        (0, 0, (Outcome.BREACH_ON_ITS_FACE, "")),
        (-1, -1, (Outcome.NO_RULE, "")),
        (-1, 0, (Outcome.INDETERMINATE, Missing.TIME)),
    ],
)
def test_time_is_judged_by_the_whole_interval(
    start_s: int, end_s: int, expected: tuple[str, str]
) -> None:
    since = AGREEMENT.effective
    assert since is not None

    for agreement in (AGREEMENT, replace(AGREEMENT, expires=None)):
        found = one(
            agreement,
            time_start=since + timedelta(seconds=start_s),
            time_end=since + timedelta(seconds=end_s),
        )

        assert found == expected


@pytest.mark.parametrize(
    ("start_s", "end_s", "expected"),
    [
        (-2, -1, (Outcome.BREACH_ON_ITS_FACE, "")),
        (-1, 0, (Outcome.INDETERMINATE, Missing.TIME)),
        (0, 0, (Outcome.NO_RULE, "")),
    ],
)
def test_the_instant_at_which_it_expires_is_no_longer_in_force(
    start_s: int, end_s: int, expected: tuple[str, str]
) -> None:
    until = AGREEMENT.expires
    assert until is not None

    found = one(
        time_start=until + timedelta(seconds=start_s), time_end=until + timedelta(seconds=end_s)
    )

    assert found == expected


def test_the_offset_that_the_text_is_written_in_shifts_nothing() -> None:
    since = AGREEMENT.effective
    assert since is not None
    local = replace(AGREEMENT, effective=since.astimezone(timezone(timedelta(hours=3))))

    for agreement in (AGREEMENT, local):
        assert one(agreement, time_start=since, time_end=since)[0] == Outcome.BREACH_ON_ITS_FACE
        early = since - timedelta(seconds=1)
        assert one(agreement, time_start=early, time_end=early)[0] == Outcome.NO_RULE


def test_a_zone_that_is_not_yet_valid_has_no_rule() -> None:
    zone = replace(AGREEMENT.zones[0], since=FACE["time_end"][0] + timedelta(seconds=1))

    assert one(replace(AGREEMENT, zones=(zone,))) == (Outcome.NO_RULE, "")


def test_a_disputed_term_makes_it_indeterminate_only_inside() -> None:
    drone = replace(AGREEMENT.rules[1], id="R01")
    disputed = replace(AGREEMENT, rules=(drone,))

    assert one(disputed) == (Outcome.INDETERMINATE, Missing.DEFINITION)
    assert one(disputed, lat_deg=46.0) == (Outcome.CONSISTENT, "")


def test_the_trace_shows_what_was_asked_and_found() -> None:
    steps = json.loads(str(checked(FACE)[0]["trace"]))

    assert steps[0]["value"] == "yes"
    assert "before 2030-10-31T00:00:00.000000Z" in steps[0]["condition"]
    assert steps[1]["condition"] == "2. P(inside Z_SEC) is at least 0.95 (at most 0.05 is outside)"
    assert steps[5]["condition"] == "6. no exemption applies"
    assert [step["value"] for step in steps[3:5] + steps[6:]] == [0, 0.97, [], 0.97, 3, 0.99]


def test_nothing_is_asked_after_a_condition_that_does_not_hold() -> None:
    far = checked(FACE.with_columns(pl.lit(46.0).alias("lat_deg")))[0]

    steps = json.loads(str(far["trace"]))

    assert [step["holds"] for step in steps] == [True, False]


def test_after_an_unknown_condition_the_rest_is_listed() -> None:
    edge = checked(FACE.with_columns(pl.lit(45.1).alias("lat_deg")))[0]

    steps = json.loads(str(edge["trace"]))

    assert [step["holds"] for step in steps] == [True, None, *[True] * 8]


@settings(deadline=None)
@given(st.floats(0, 1))
def test_probabilities_in_the_trace_are_canonical_numbers(real_p: float) -> None:
    row = checked(FACE.with_columns(pl.lit(real_p).alias("real_p")))[0]

    assert json.loads(str(row["trace"]))[9]["value"] == round(np.float64(real_p), 6)


def test_refuses_a_rule_that_does_not_forbid() -> None:
    rule = replace(RULE, modality=Modality.PERMITTED)

    with pytest.raises(BadAgreement, match="rule R01: modality is P, must be F for prohibited_act"):
        one(replace(AGREEMENT, rules=(rule,)))


@pytest.mark.parametrize(
    ("class_p", "message"),
    [
        (classes(shot=0.5), r"^incident i-on-its-face: class_p: .* sum to 0.5, must be"),
        (classes(shot=0.5, dragon=0.5), r"sum to 0.5, must be 0 to 1 each and sum to 1"),
        (classes(shot=1.5, burst=-0.5), r"sum to 1, must be 0 to 1 each"),
        ("{shot", r"^class_p: not JSON of kinds"),
        (None, r"sum to 0, must be"),
    ],
)
def test_refuses_class_probabilities_that_are_none(class_p: str | None, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        one(class_p=class_p)


def test_refuses_a_position_without_an_error() -> None:
    with pytest.raises(BadInput, match="is no error ellipse, must be positive definite"):
        one(cov_ee_m2=0.0)
