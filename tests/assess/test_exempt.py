"""An exemption holds only when every condition is found in the logbook or among the incidents."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import asin, cos, degrees, radians, sin, tan
from typing import Any

import numpy as np
import polars as pl
import pytest
from assess_samples import assessed, load, logbook
from hypothesis import given, settings
from hypothesis import strategies as st

from trucewatch.agreement.exemption import Asks, Condition, Exemption
from trucewatch.assess._exempt import Subject, one, tried
from trucewatch.assess._sun import ERROR_DEG, UP_DEG, altitude_deg, lowest
from trucewatch.records.assessment import Outcome
from trucewatch.records.facts import Facts
from trucewatch.records.instant import instant_text
from trucewatch.records.table import TRACK

SAMPLE = load("prohibited_act")
RULE = SAMPLE.agreement.rules[0]
FIRED = datetime(2030, 9, 20, 12, 6, tzinfo=UTC)
RING = [[-30.1, 44.9], [-29.9, 44.9], [-29.9, 45.1], [-30.1, 45.1]]


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def subject(**changed: Any) -> Subject:
    return replace(
        Subject(
            kind="incident",
            start=FIRED,
            end=FIRED + timedelta(seconds=20),
            lat_deg=45.0,
            lon_deg=-30.0,
            cov_ee_m2=1e4,
            cov_en_m2=0.0,
            cov_nn_m2=1e4,
            id="i-subject",
        ),
        **changed,
    )


def incident(name: str, start: datetime, **changed: Any) -> pl.DataFrame:
    row = SAMPLE.facts.incidents.filter(pl.col("id") == "i-on-its-face")
    given = {"id": name, "time_start": start, "time_end": start + timedelta(seconds=20)} | changed
    return row.with_columns(
        pl.lit(value, dtype=row.schema[column]).alias(column) for column, value in given.items()
    )


def act(kind: str, word: str, at: datetime, entry: int, **given: Any) -> dict[str, Any]:
    logged_at, of = given.pop("logged_at", at), given.pop("of", None)
    return {
        "act": word,
        "at": instant_text(at),
        "by": "Desk",
        "detail": given,
        "entry": entry,
        "kind": kind,
        "logged_at": instant_text(logged_at),
        "of": of,
    }


def notice(**changed: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "activity": "blast",
        "area": RING,
        "start": instant_text(FIRED - minutes(60)),
        "end": instant_text(FIRED + minutes(60)),
        "number": 1,
        "party": "ALPHA",
        "subjects": [],
        "to": ["MISSION"],
    }
    at = changed.pop("at", FIRED - timedelta(hours=50))
    return act("notification", "submitted", at, 1, **given | changed)


def call(*after: dict[str, Any], before_min: float = 3, **changed: Any) -> list[dict[str, Any]]:
    at = FIRED - minutes(before_min)
    given = {"about": "fire", "party": "BRAVO", "place": None, "to": "centre"} | changed
    return [act("contact", "called", at, 1, **given), *after]


FAILED = act("contact", "failed", FIRED - minutes(2), 2, of=1)
ORDERED = act("contact", "ordered", FIRED - minutes(2), 3, of=1, leadership="staff")
TOLD = act("contact", "coordinator_told", FIRED - minutes(1), 4, of=1, coordinator="duty")
INCOMING = incident("i-incoming", FIRED - minutes(6))


def asked(
    *asks: Asks | tuple[Asks, float],
    entries: list[dict[str, Any]] | None = None,
    incidents: pl.DataFrame | None = None,
    of: Subject | None = None,
    tracks: pl.DataFrame | None = None,
) -> tuple[str, list[bool | None]]:
    pairs = [each if isinstance(each, tuple) else (each, None) for each in asks]
    exemption = Exemption(
        id="E_1",
        activity="blast",
        conditions=tuple(Condition(asks=name, value=value) for name, value in pairs),
        text="",
        source="",
    )
    agreement = replace(SAMPLE.agreement, exemptions=(exemption,))
    facts = Facts(
        as_of=FIRED + timedelta(days=9),
        incidents=INCOMING.clear() if incidents is None else incidents,
        tracks=pl.DataFrame(schema=TRACK) if tracks is None else tracks,
        logbook=logbook(entries or []),
    )
    held, told = tried(
        of or subject(),
        rule=replace(RULE, exemptions=("E_1",)),
        version=replace(SAMPLE.version, agreement=agreement),
        facts=facts,
    )
    return held, [each.holds for each in told]


RETURN_FIRE = (
    (Asks.INCOMING_FIRE, 10.0),
    Asks.MECHANISM_TRIED_AND_FAILED,
    Asks.ORDER_OF_LEADERSHIP,
    Asks.COORDINATOR_NOTIFIED,
)


def test_scenario_12_return_fire_without_a_call_fails_on_the_second_condition() -> None:
    assert asked(*RETURN_FIRE, incidents=INCOMING) == ("", [True, False])


def test_scenario_12_with_a_failed_call_and_an_order_it_is_exempt_and_still_an_incident() -> None:
    found = assessed(SAMPLE).filter(
        (pl.col("subject") == "i-return-fire") & (pl.col("rule") == "R01")
    )

    assert asked(*RETURN_FIRE, incidents=INCOMING, entries=call(FAILED, ORDERED, TOLD)) == (
        "E_1",
        [True, True, True, True],
    )
    assert found.select("outcome", "why").rows() == [(Outcome.EXEMPT, "E_return_fire")]
    assert "i-return-fire" in SAMPLE.facts.incidents["id"]


@pytest.mark.parametrize(
    ("start", "changed", "expected"),
    [
        (FIRED - minutes(6), {}, True),
        (FIRED - minutes(11), {}, False),
        (FIRED + minutes(1), {}, False),
        (FIRED - minutes(10), {}, None),  # it ended within the 10 minutes, and began before
        (FIRED - minutes(6), {"time_end": FIRED + minutes(1)}, None),
        (FIRED - minutes(60), {"time_end": FIRED + minutes(60)}, False),
        (FIRED - minutes(6), {"lat_deg": 45.26}, True),
        (FIRED - minutes(6), {"lat_deg": 45.28}, False),  # 31 km
        (FIRED - minutes(6), {"lat_deg": None}, False),
        (FIRED - minutes(6), {"real_p": 0.4}, False),
        (FIRED - minutes(6), {"class_p": json.dumps({"armour": 1.0})}, False),
        (FIRED - minutes(6), {"id": "i-subject"}, False),
    ],
)
def test_fire_comes_in_shortly_before_and_near(
    start: datetime, changed: dict[str, Any], expected: bool | None
) -> None:
    fire = incident("i-incoming", start, **changed)

    held, holds = asked((Asks.INCOMING_FIRE, 10.0), incidents=fire)

    assert holds == [expected]
    assert bool(held) == (expected is True)


def test_of_several_fires_the_nearest_is_named_and_the_call_follows_the_first() -> None:
    near = incident("i-near", FIRED - minutes(2))
    both = pl.concat([INCOMING.with_columns(lat_deg=pl.lit(45.1)), near])
    entries = call(FAILED)
    exemption = replace(SAMPLE.agreement.exemption("E_return_fire"), id="E_demining")
    agreement = replace(SAMPLE.agreement, exemptions=(exemption,))

    _, told = tried(
        subject(),
        rule=replace(RULE, exemptions=("E_demining",)),
        version=replace(SAMPLE.version, agreement=agreement),
        facts=Facts(as_of=FIRED, incidents=both, logbook=logbook(entries)),
    )

    assert isinstance(told[0].value, dict)
    assert (told[0].value["incident"], told[0].value["of"]) == ("i-near", 2)
    assert told[1].holds is True


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        (call(FAILED), True),
        (call(), False),
        (
            call(act("contact", "answered", FIRED - minutes(2), 2, of=1, said=None, success=False)),
            True,
        ),
        (
            call(act("contact", "answered", FIRED - minutes(2), 2, of=1, said=None, success=True)),
            False,
        ),
        (call(FAILED, before_min=7), False),  # before the fire came in
        (call(act("contact", "failed", FIRED + minutes(1), 2, of=1)), False),
        (call(act("contact", "failed", FIRED + timedelta(seconds=5), 2, of=1)), None),
        (call(FAILED, place={"error_m": 100, "lat_deg": 45.1, "lon_deg": -30.0}), True),
        (call(FAILED, place={"error_m": 100, "lat_deg": 46.1, "lon_deg": -30.0}), False),
    ],
)
def test_a_call_in_between_had_no_success(
    entries: list[dict[str, Any]], expected: bool | None
) -> None:
    conditions = ((Asks.INCOMING_FIRE, 10.0), Asks.MECHANISM_TRIED_AND_FAILED)

    _, holds = asked(*conditions, entries=entries, incidents=INCOMING)

    assert holds == [True, expected]


@pytest.mark.parametrize(
    ("at", "expected"),
    [(FIRED, True), (FIRED + timedelta(seconds=10), None), (FIRED + minutes(1), False)],
)
def test_an_order_comes_before_the_fire(at: datetime, expected: bool | None) -> None:
    ordered = act("contact", "ordered", at, 3, of=1, leadership="staff")

    _, holds = asked(*RETURN_FIRE[:3], entries=call(FAILED, ordered), incidents=INCOMING)

    assert holds == [True, True, expected]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, True),
        ({"activity": "flight"}, False),
        ({"end": instant_text(FIRED + timedelta(seconds=10))}, None),
        ({"end": instant_text(FIRED - timedelta(seconds=1))}, False),
        ({"at": FIRED, "logged_at": FIRED}, True),
        ({"logged_at": FIRED + minutes(1)}, None),  # claimed before, logged after
        ({"at": FIRED + minutes(1)}, False),
    ],
)
def test_a_notice_covers_the_whole_time_and_came_before(
    changed: dict[str, Any], expected: bool | None
) -> None:
    assert asked(Asks.NOTIFIED, entries=[notice(**changed)])[1] == [expected]


@pytest.mark.parametrize("word", ["objected", "withdrawn"])
def test_a_notice_that_was_objected_to_or_withdrawn_exempts_nobody(word: str) -> None:
    given = {"party": "BRAVO"} if word == "objected" else {}
    entries = [notice(), act("notification", word, FIRED - minutes(90), 2, of=1, **given)]

    assert asked(Asks.NOTIFIED, entries=entries) == ("", [False])


@pytest.mark.parametrize(
    ("at", "logged_at", "expected"),
    [(48.0, 48.0, True), (47.99, 47.99, False), (90.0, 47.0, False)],
)
def test_of_the_lead_the_later_of_the_claimed_and_the_logged_time_decides(
    at: float, logged_at: float, expected: bool
) -> None:
    start = FIRED - minutes(60)
    entry = notice(at=start - timedelta(hours=at), logged_at=start - timedelta(hours=logged_at))

    assert asked((Asks.LEAD, 48.0), entries=[entry])[1] == [expected]


@pytest.mark.parametrize(
    ("lat_deg", "expected"), [(45.0, True), (45.1, None), (45.2, False), (None, None)]
)
def test_the_whole_uncertain_place_lies_in_the_area(
    lat_deg: float | None, expected: bool | None
) -> None:
    found = asked(Asks.INSIDE_NOTIFIED_AREA, entries=[notice()], of=subject(lat_deg=lat_deg))

    assert found == ("E_1" if expected else "", [expected])


def test_the_number_counts_the_rules_acts_in_time_and_area_up_to_this_one() -> None:
    first = incident("i-first", FIRED - minutes(30))
    this = incident("i-subject", FIRED)
    elsewhere = incident("i-elsewhere", FIRED - minutes(20), lat_deg=45.5)
    armour = incident("i-armour", FIRED - minutes(20), class_p=json.dumps({"armour": 1.0}))
    later = incident("i-later", FIRED + minutes(30))
    incidents = pl.concat([first, this, elsewhere, armour, later])

    found = {
        number: asked(
            Asks.WITHIN_NOTIFIED_NUMBER, entries=[notice(number=number)], incidents=incidents
        )[1]
        for number in (1, 2, None)
    }

    assert found == {1: [False], 2: [True], None: [None]}


def test_of_several_notices_that_of_which_most_holds_is_told_of() -> None:
    other = notice(area=[[x, y + 1] for x, y in RING]) | {"entry": 2}

    assert asked(
        Asks.NOTIFIED,
        Asks.INSIDE_NOTIFIED_AREA,
        entries=[other | {"entry": 1}, notice() | {"entry": 2}],
    ) == ("E_1", [True, True])


@pytest.mark.parametrize(
    ("party", "expected"), [("mission", True), ("MISSION", True), ("ALPHA", False)]
)
def test_the_monitors_notify_their_own(party: str, expected: bool) -> None:
    found = asked(Asks.OPERATOR_IS_MONITOR, entries=[notice(party=party)])

    assert found[1] == [expected]


def test_everybody_bound_has_to_agree() -> None:
    one_of = act("notification", "acknowledged", FIRED - minutes(90), 2, of=1, party="ALPHA")
    other = act("notification", "approved", FIRED - minutes(80), 3, of=1, party="BRAVO")

    found = [
        asked(Asks.JOINTLY_AGREED, entries=entries)[1]
        for entries in ([notice()], [notice(), one_of], [notice(), one_of, other])
    ]

    assert found == [[False], [False], [True]]


def test_a_flight_is_notified_by_its_name() -> None:
    position = {"sensor": "radar", "track": "T-7", "craft": "uav", "time": FIRED}
    place = {"lat_deg": 45.0, "lon_deg": -30.0, "sigma_m": 30.0}
    tracks = pl.DataFrame([position | place], schema=TRACK)
    flight = subject(kind="track", id="track-radar-T-7", act="flight")

    found = [
        asked(
            Asks.NOTIFIED,
            Asks.WITHIN_NOTIFIED_NUMBER,
            entries=[notice(subjects=names)],
            of=flight,
            tracks=tracks,
        )[1]
        for names in ([], ["T-7"], ["T-8"])
    ]

    assert found == [[True, True], [True, True], [False]]


def test_no_more_is_asked_of_an_exemption_after_a_condition_that_does_not_hold() -> None:
    assert asked(Asks.DAYLIGHT, Asks.NOTIFIED, Asks.JOINTLY_AGREED) == ("", [True, False])


@pytest.mark.parametrize(("hour", "expected"), [(2, False), (14, True)])
def test_scenario_3_daylight_is_no_matter_of_clocks(hour: int, expected: bool) -> None:
    when = FIRED.replace(hour=hour, minute=0)

    assert asked(Asks.DAYLIGHT, of=subject(start=when, end=when + minutes(1)))[1] == [expected]


def test_daylight_lasts_over_the_whole_time_or_is_unknown_at_sunset() -> None:
    noon = FIRED.replace(hour=14, minute=0)
    seconds = (timedelta(seconds=s) for s in range(0, 36_000, 10))
    near = (s for s in seconds if lowest(noon, noon + s, 45.0, -30.0) <= UP_DEG + ERROR_DEG / 2)
    dusk = noon + next(near)

    assert asked(Asks.DAYLIGHT, of=subject(start=noon, end=noon + timedelta(hours=12)))[1] == [
        False
    ]
    assert asked(Asks.DAYLIGHT, of=subject(start=noon, end=dusk))[1] == [None]
    assert asked(Asks.DAYLIGHT, of=subject(lat_deg=None))[1] == [None]


def test_the_sun_stands_where_published_tables_put_it() -> None:
    """Sunrise and sunset in London (51.50 N, 0.13 W) in 2025, as published, to the minute."""
    table = [(6, 21, 3, 43), (6, 21, 20, 21), (12, 21, 8, 4), (12, 21, 15, 53), (3, 20, 18, 13)]
    for month, day, hour, minute in table:
        when = datetime(2025, month, day, hour, minute, tzinfo=UTC)

        found_deg = altitude_deg(np.array([days(when)]), 51.5, -0.13)[0]

        assert found_deg == pytest.approx(UP_DEG, abs=0.2)  # the sun rises 0.16 degrees a minute


@settings(deadline=None)
@given(st.floats(-18_000, 29_000), st.floats(-80, 80), st.floats(-180, 180))
def test_the_sun_agrees_with_the_formulas_of_noaa(
    day: float, lat_deg: float, lon_deg: float
) -> None:
    found_deg = altitude_deg(np.array([day]), lat_deg, lon_deg)[0]

    assert found_deg == pytest.approx(noaa_altitude_deg(day, lat_deg, lon_deg), abs=ERROR_DEG)


def days(when: datetime) -> float:
    return (when - datetime(2000, 1, 1, 12, tzinfo=UTC)) / timedelta(days=1)


def noaa_altitude_deg(day: float, lat_deg: float, lon_deg: float) -> float:
    """By declination and the equation of time, as in the solar calculator of NOAA."""
    century = day / 36525
    mean = radians((280.46646 + century * (36000.76983 + century * 0.0003032)) % 360)
    anomaly = radians(357.52911 + century * (35999.05029 - 0.0001537 * century))
    round_off = 0.016708634 - century * (0.000042037 + 0.0000001267 * century)
    centre_deg = (
        sin(anomaly) * (1.914602 - century * (0.004817 + 0.000014 * century))
        + sin(2 * anomaly) * (0.019993 - 0.000101 * century)
        + sin(3 * anomaly) * 0.000289
    )
    node = radians(125.04 - 1934.136 * century)
    seen = radians(degrees(mean) + centre_deg - 0.00569 - 0.00478 * sin(node))
    tilt = radians(23.4392911 - 0.0130042 * century + 0.00256 * cos(node))
    declination = asin(sin(tilt) * sin(seen))
    y = tan(tilt / 2) ** 2
    equation_min = 4 * degrees(
        y * sin(2 * mean)
        - 2 * round_off * sin(anomaly)
        + 4 * round_off * y * sin(anomaly) * cos(2 * mean)
        - 0.5 * y * y * sin(4 * mean)
        - 1.25 * round_off * round_off * sin(2 * anomaly)
    )
    solar_min = ((day + 0.5) % 1) * 1440 + equation_min + 4 * lon_deg
    hour_angle = radians(solar_min / 4 - 180)
    high = sin(radians(lat_deg)) * sin(declination)
    wide = cos(radians(lat_deg)) * cos(declination)
    return degrees(asin(max(-1.0, min(1.0, high + wide * cos(hour_angle)))))


def test_one_condition_tells_all_of_them() -> None:
    held, told = tried(subject(), rule=RULE, version=SAMPLE.version, facts=Facts(as_of=FIRED))

    folded = one(held, told)

    assert (held, folded.holds, folded.refuted) == ("", True, Outcome.EXEMPT)
    assert isinstance(folded.value, list)
    assert [str(each["condition"]).split(":")[0] for each in folded.value] == [
        "E_demining",
        "E_return_fire",
    ]
