"""An exemption holds only when every condition is found in the logbook or among the incidents."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import asin, cos, degrees, radians, sin, tan
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
from assess_samples import assessed, load
from hypothesis import given, settings
from hypothesis import strategies as st

from trucewatch.agreement.exemption import Asks, Condition, Exemption
from trucewatch.agreement.parse import parse
from trucewatch.agreement.provision import Notice as Duty
from trucewatch.agreement.shipped import shipped_bytes
from trucewatch.assess._consent import may_object
from trucewatch.assess._exempt import Subject, one, tried
from trucewatch.assess._notice import Notices
from trucewatch.geo.sun import ERROR_DEG, UP_DEG, altitude_deg, lowest
from trucewatch.records.assessment import Outcome
from trucewatch.records.facts import Facts
from trucewatch.records.instant import instant_text, parse_instant
from trucewatch.records.logbook.reading import every, read_step
from trucewatch.records.table import TRACK

if TYPE_CHECKING:
    from trucewatch.records.logbook.machine import Record

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


def act(kind: str, word: str, at: datetime, index: int, /, **given: Any) -> dict[str, Any]:
    logged_at, of = given.pop("logged_at", at), given.pop("of", None)
    return {
        "act": word,
        "at": instant_text(at),
        "by": "Desk",
        "detail": given,
        "entry": index,
        "kind": kind,
        "logged_at": instant_text(logged_at),
        "note": "so it was said",
        "of": of,
    }


def logbook(entries: list[dict[str, Any]]) -> tuple[Record, ...]:
    """Records as a mission has them: those that were struck as a whole are among them."""
    steps = (
        read_step(
            entry["kind"],
            {"objects": []}
            | {k: v for k, v in entry.items() if k not in {"kind", "entry", "logged_at"}},
            entry=entry["entry"],
            logged_at=parse_instant(entry["logged_at"], where="a test"),
        )
        for entry in entries
    )
    return tuple(every(steps).values())


def notice(**changed: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "activity": "blast",
        "area": RING,
        "start": instant_text(FIRED - minutes(60)),
        "end": instant_text(FIRED + minutes(60)),
        "height_max_m": None,
        "notice": None,
        "number": 1,
        "party": "ALPHA",
        "subjects": [],
        "to": ["MISSION"],
    }
    at = changed.pop("at", FIRED - timedelta(hours=50))
    return act("notification", "submitted", at, 1, **given | changed)


def call(*after: dict[str, Any], before_min: float = 3, **changed: Any) -> list[dict[str, Any]]:
    at = FIRED - minutes(before_min)
    given = {"about": "i-incoming", "party": "BRAVO", "place": None, "to": "centre"} | changed
    return [act("contact", "called", at, 1, **given), *after]


FAILED = act("contact", "failed", FIRED - minutes(2), 2, of=1)
ORDERED = act("contact", "ordered", FIRED - minutes(2), 3, of=1, leadership="staff")
TOLD = act("contact", "coordinator_told", FIRED - minutes(1), 4, of=1, coordinator="duty")
INCOMING = incident("i-incoming", FIRED - minutes(6), lat_deg=45.05)


def asked(
    *asks: Asks | tuple[Asks, float],
    entries: list[dict[str, Any]] | None = None,
    incidents: pl.DataFrame | None = None,
    of: Subject | None = None,
    tracks: pl.DataFrame | None = None,
    consent: bool | None = None,
) -> tuple[str, list[bool | None]]:
    pairs = [each if isinstance(each, tuple) else (each, None) for each in asks]
    exemption = Exemption(
        id="E_1",
        activity="blast",
        conditions=tuple(Condition(asks=name, value=value) for name, value in pairs),
        text="",
        source="",
    )
    duty = Duty(
        id="N_BLAST", activity="blast", to=("BRAVO",), lead_h=1.0, consent=bool(consent),
        confidential=False, text="", source="",
    )  # fmt: skip
    provided = replace(SAMPLE.agreement.provisions, notices=() if consent is None else (duty,))
    agreement = replace(SAMPLE.agreement, exemptions=(exemption,), provisions=provided)
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
    fire = incident("i-incoming", start, **({"lat_deg": 45.05} | changed))

    held, holds = asked((Asks.INCOMING_FIRE, 10.0), incidents=fire)

    assert holds == [expected]
    assert bool(held) == (expected is True)


def test_of_several_fires_the_nearest_is_named_and_the_call_follows_the_first() -> None:
    near = incident("i-near", FIRED - minutes(2), lat_deg=45.03)
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


DAY = timedelta(hours=24)


def late(step: dict[str, Any], logged_at: datetime) -> dict[str, Any]:
    return step | {"logged_at": instant_text(logged_at)}


@pytest.mark.parametrize(
    ("logged_at", "expected"),
    [
        (FIRED, [True, True, True, True]),
        (FIRED + timedelta(seconds=1), [True, None, None, True]),
        (FIRED + DAY, [True, None, None, True]),
        (FIRED + DAY + minutes(1), [True, None, None, None]),
    ],
)
def test_what_is_logged_after_the_reply_is_not_sure_but_of_the_coordinator(
    logged_at: datetime, expected: list[bool | None]
) -> None:
    entries = [late(step, logged_at) for step in call(FAILED, ORDERED, TOLD)]

    assert asked(*RETURN_FIRE, incidents=INCOMING, entries=entries)[1] == expected


@pytest.mark.parametrize("which", [0, 1, 2])
def test_no_call_answer_or_order_that_was_entered_after_the_reply_exempts_it(which: int) -> None:
    entries = call(FAILED, ORDERED, TOLD)
    entries[which] = late(entries[which], FIRED + minutes(1))

    held, holds = asked(*RETURN_FIRE, incidents=INCOMING, entries=entries)

    assert held == ""
    assert False not in holds


@pytest.mark.parametrize("which", [0, 1, 2, 3])
def test_each_step_of_return_fire_has_to_be_logged_in_time(which: int) -> None:
    entries = call(FAILED, ORDERED, TOLD)
    entries[which] = late(entries[which], FIRED + timedelta(days=74))

    held, holds = asked(*RETURN_FIRE, incidents=INCOMING, entries=entries)

    assert held == ""
    assert False not in holds


def test_a_success_logged_late_leaves_doubt_and_clears_nothing() -> None:
    success = act("contact", "answered", FIRED - minutes(2), 2, of=1, said=None, success=True)
    conditions = ((Asks.INCOMING_FIRE, 10.0), Asks.MECHANISM_TRIED_AND_FAILED)
    entries = call(late(success, FIRED + timedelta(days=74)))

    assert asked(*conditions, incidents=INCOMING, entries=entries)[1] == [True, None]


def strike(index: int, of: int | None, logged_at: datetime) -> dict[str, Any]:
    """The act that strikes one step of a call, or the whole of it."""
    return act("contact", "voided", logged_at, index, of=1, entry=of)


SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("struck_at", "expected"), [(FIRED + timedelta(hours=22), None), (FIRED - minutes(1), True)]
)
def test_a_success_that_was_struck_after_the_reply_is_not_undone(
    struck_at: datetime, expected: bool | None
) -> None:
    success = act("contact", "answered", FIRED - minutes(2), 2, of=1, said=None, success=True)
    failed = late(FAILED | {"entry": 4}, struck_at)
    entries = call(success, strike(3, 2, struck_at), failed, ORDERED | {"entry": 5})

    _, holds = asked(*RETURN_FIRE[:3], incidents=INCOMING, entries=entries)

    assert holds == [True, expected, True]


@pytest.mark.parametrize(
    ("which", "struck_at", "expected"),
    [
        (2, FIRED + timedelta(days=8), [True, None, True, True]),
        (3, FIRED + timedelta(days=8), [True, True, None, True]),
        (4, FIRED + timedelta(days=8), [True, True, True, None]),
        (4, FIRED + minutes(1), [True, True, True, None]),
        (None, FIRED + timedelta(days=8), [True, None, None, None]),
        (None, FIRED + SECOND, [True, None, None, None]),
        (2, FIRED - SECOND, [True, False]),
        (3, FIRED - SECOND, [True, True, False]),
        (4, FIRED - SECOND, [True, True, True, False]),
        (None, FIRED, [True, False]),
    ],
)
def test_what_is_struck_after_the_reply_leaves_doubt_and_before_it_counts_for_nothing(
    which: int | None, struck_at: datetime, expected: list[bool | None]
) -> None:
    entries = call(FAILED, ORDERED, TOLD, strike(5, which, struck_at))

    assert asked(*RETURN_FIRE, incidents=INCOMING, entries=entries) == ("", expected)


@pytest.mark.parametrize(
    ("at", "expected"), [(FIRED + DAY, True), (FIRED + DAY + minutes(1), False)]
)
def test_the_coordinator_is_told_within_a_day(at: datetime, expected: bool) -> None:
    told = act("contact", "coordinator_told", at, 4, of=1, coordinator="duty")

    _, holds = asked(*RETURN_FIRE, incidents=INCOMING, entries=call(FAILED, ORDERED, told))

    assert holds == [True, True, True, expected]


def test_a_second_order_after_the_act_does_not_hide_the_first() -> None:
    second = act("contact", "ordered", FIRED + minutes(30), 4, of=1, leadership="staff")

    _, holds = asked(*RETURN_FIRE[:3], incidents=INCOMING, entries=call(FAILED, ORDERED, second))

    assert holds == [True, True, True]


def test_both_times_of_every_step_of_return_fire_are_told() -> None:
    agreement = replace(SAMPLE.agreement, exemptions=(SAMPLE.agreement.exemption("E_return_fire"),))

    _, told = tried(
        subject(),
        rule=replace(RULE, exemptions=("E_return_fire",)),
        version=replace(SAMPLE.version, agreement=agreement),
        facts=Facts(as_of=FIRED, incidents=INCOMING, logbook=logbook(call(FAILED, ORDERED, TOLD))),
    )

    assert len(told) == 4
    assert all(isinstance(e.value, dict) and "logged_at" in e.value for e in told[1:])


@pytest.mark.parametrize(
    ("lat_deg", "variance_m2", "expected"),
    [
        (45.0, 1.0, None),  # the same spot: it may be the same battery's own fire
        (45.004, 1.0, None),  # 445 m
        (45.005, 1.0, True),  # 556 m
        (45.005, 1e5, None),  # within the error of both places
        (45.05, 1e5, True),
    ],
)
def test_fire_from_the_same_spot_is_not_surely_answered(
    lat_deg: float, variance_m2: float, expected: bool | None
) -> None:
    errors = {"cov_ee_m2": variance_m2, "cov_nn_m2": variance_m2}
    fire = incident("i-incoming", FIRED - minutes(6), lat_deg=lat_deg, **errors)
    of = subject(cov_ee_m2=1.0, cov_nn_m2=1.0)

    assert asked((Asks.INCOMING_FIRE, 10.0), incidents=fire, of=of)[1] == [expected]


@pytest.mark.parametrize(
    ("about", "expected"),
    [
        ("i-incoming", True),
        ("fire (i-incoming), two rounds", True),
        ("i-subject", True),
        ("water supply", False),
        ("i-incoming-2", False),
        ("xi-incoming", False),
    ],
)
def test_a_call_without_a_place_names_the_incident(about: str, expected: bool) -> None:
    conditions = ((Asks.INCOMING_FIRE, 10.0), Asks.MECHANISM_TRIED_AND_FAILED)

    _, holds = asked(*conditions, incidents=INCOMING, entries=call(FAILED, about=about))

    assert holds == [True, expected]


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


def said(word: str, entry: int, at_min: float, logged_min: float, **given: Any) -> dict[str, Any]:
    """A later step of the notice, at so many minutes from the act."""
    at, logged_at = FIRED + minutes(at_min), FIRED + minutes(logged_min)
    return act("notification", word, at, entry, logged_at=logged_at, of=1, **given)


def objected(entry: int, at_min: float, logged_min: float, party: str = "BRAVO") -> dict[str, Any]:
    return said("objected", entry, at_min, logged_min, party=party)


def approved(entry: int, at_min: float, logged_min: float, party: str = "BRAVO") -> dict[str, Any]:
    return said("approved", entry, at_min, logged_min, party=party)


def struck(entry: int, of: int, logged_min: float) -> dict[str, Any]:
    """The act that strikes one step."""
    return act("notification", "voided", FIRED + minutes(logged_min), entry, of=1, entry=of)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([], True),
        ([objected(2, -90, -90)], False),
        ([objected(2, -90, 5)], None),  # dated before the act, logged after
        ([objected(2, 5, 5)], True),
        ([objected(2, -90, -90, "ALPHA")], True),  # the notifier
        ([objected(2, -90, -90, "CHARLIE")], True),  # no addressee
        ([objected(2, -90, -90), approved(3, -80, -80)], True),
        ([objected(2, -90, -90), approved(3, -80, 5)], None),
        ([objected(2, -90, -90), approved(3, -95, -80)], None),  # logged later, dated earlier
        ([objected(2, -90, -90), approved(3, 5, 5)], False),
        ([objected(2, -90, -90), approved(3, -80, -80, "ALPHA")], False),
        ([objected(2, -90, -90), said("acknowledged", 3, -80, -80, party="BRAVO")], False),
        ([objected(2, -90, -90), said("closed", 3, 60, 60, number=1)], False),
        ([approved(2, -90, -90), objected(3, -80, -80)], False),
        ([said("withdrawn", 2, -90, -90, party="ALPHA")], False),
        ([said("withdrawn", 2, -90, 5, party="ALPHA")], None),
        ([said("withdrawn", 2, 5, 5, party="ALPHA")], True),
        ([objected(2, -90, -90), struck(3, 2, -80)], True),
        ([objected(2, -90, -90), struck(3, 2, 5)], None),  # to strike it settles nothing
        ([said("withdrawn", 2, -90, -90, party="ALPHA"), struck(3, 2, 5)], None),
        ([objected(2, -90, -90), approved(3, -80, -80), struck(4, 3, -70)], False),
        ([objected(2, -90, -90), approved(3, -80, -80), struck(4, 3, 5)], None),
    ],
)
def test_a_notice_is_judged_as_it_stood_when_the_act_began(
    steps: list[dict[str, Any]], expected: bool | None
) -> None:
    found = asked(Asks.NOTIFIED, entries=[notice(), *steps], consent=True)

    assert found == ("E_1" if expected else "", [expected])


@pytest.mark.parametrize("consent", [False, None])
def test_an_objection_voids_only_where_the_agreement_provides_for_it(consent: bool | None) -> None:
    entries = [notice(), objected(2, -90, -90)]

    assert asked(Asks.NOTIFIED, entries=entries, consent=consent) == ("E_1", [True])


@pytest.mark.parametrize(
    ("logged_min", "expected"), [(-80, False), (0, False), (0.1, None), (7200, None)]
)
@pytest.mark.parametrize("asks", [Asks.NOTIFIED, Asks.INSIDE_NOTIFIED_AREA, (Asks.LEAD, 48.0)])
def test_to_strike_a_whole_notice_after_the_act_settles_nothing(
    asks: Asks | tuple[Asks, float], logged_min: float, expected: bool | None
) -> None:
    strike_all = act("notification", "voided", FIRED + minutes(logged_min), 2, of=1, entry=None)

    assert asked(asks, entries=[notice()]) == ("E_1", [True])
    assert asked(asks, entries=[notice(), strike_all]) == ("", [expected])


@pytest.mark.parametrize(
    ("at_min", "logged_min", "kind", "expected"),
    [
        (-1, -1, "sighting", True),
        (0, 0, "sighting", True),
        (-1, 1, "sighting", None),
        (1, 1, "sighting", False),  # it surely stood before
        (1, 1, "incident", None),  # it may have happened after
        (61, 61, "incident", False),
    ],
)
@pytest.mark.parametrize("asks", [Asks.NOTIFIED, Asks.INSIDE_NOTIFIED_AREA])
def test_a_notice_of_what_stands_already_comes_too_late(
    asks: Asks, at_min: float, logged_min: float, kind: str, expected: bool | None
) -> None:
    entry = notice(at=FIRED + minutes(at_min), logged_at=FIRED + minutes(logged_min))
    lasting = subject(kind=kind, end=FIRED + minutes(60))

    assert asked(asks, entries=[entry], of=lasting)[1] == [expected]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["objected", "approved", "acknowledged"]),
        st.sampled_from(["ALPHA", "BRAVO"]),
        st.integers(-100, 20),
        st.integers(-100, 100),
    ),
    max_size=5,
)


@settings(deadline=None, max_examples=60)
@given(STEPS, STEPS, st.sampled_from([Asks.NOTIFIED, Asks.JOINTLY_AGREED]), st.integers(0, 3))
def test_nothing_logged_after_the_act_ever_excuses_it(
    before: list[tuple[str, str, int, int]],
    after: list[tuple[str, str, int, int]],
    asks: Asks,
    strike: int,
) -> None:
    early = sorted(before, key=lambda step: step[3])
    late = [(word, party, at, 101 + n) for n, (word, party, at, _) in enumerate(after)]
    steps = [
        said(word, entry, min(at, logged), logged, party=party)
        for entry, (word, party, at, logged) in enumerate([*early, *late], start=2)
    ]

    without = asked(asks, entries=[notice(), *steps[: len(early)]], consent=True)
    strikes = [struck(200 + n, step["entry"], 99) for n, step in enumerate(steps[:strike])]
    having = asked(asks, entries=[notice(), *steps, *strikes], consent=True)

    assert having[0] in {"", without[0]}
    if late or strikes:  # nor does it take an excuse away for sure
        assert (without[1], having[1]) != ([True], [False])


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


@pytest.mark.parametrize(
    ("least", "most", "expected"),
    [
        (None, None, True),  # a sensor counts nothing
        (2, None, True),
        (4, 4, True),
        (3, 12, None),
        (5, None, False),
        (5, 12, False),
    ],
)
def test_a_count_that_may_exceed_the_notified_number_is_not_within_it_for_sure(
    least: int | None, most: int | None, expected: bool | None
) -> None:
    this = incident("i-subject", FIRED, count_min=least, count_max=most)

    _, holds = asked(Asks.WITHIN_NOTIFIED_NUMBER, entries=[notice(number=4)], incidents=this)

    assert holds == [expected]


def test_counts_of_several_incidents_add_up() -> None:
    before = incident("i-first", FIRED - minutes(30), count_min=1, count_max=3)
    incidents = pl.concat([before, incident("i-subject", FIRED, count_min=None, count_max=None)])

    found = [
        asked(Asks.WITHIN_NOTIFIED_NUMBER, entries=[notice(number=number)], incidents=incidents)[1]
        for number in (1, 2, 3, 4)
    ]

    assert found == [[False], [None], [None], [True]]


def test_of_several_notices_that_of_which_most_holds_is_told_of() -> None:
    other = notice(area=[[x, y + 1] for x, y in RING]) | {"entry": 2}

    assert asked(
        Asks.NOTIFIED,
        Asks.INSIDE_NOTIFIED_AREA,
        entries=[other | {"entry": 1}, notice() | {"entry": 2}],
    ) == ("E_1", [True, True])


@pytest.mark.parametrize("first", [1, 2])
def test_a_notice_that_may_cover_is_told_of_before_one_that_surely_does_not(first: int) -> None:
    may = notice(at=FIRED - minutes(70), logged_at=FIRED + minutes(5)) | {"entry": first}
    not_there = notice(area=[[x, y + 1] for x, y in RING]) | {"entry": 3 - first}
    entries = sorted([may, not_there], key=lambda entry: entry["entry"])

    found = asked(Asks.NOTIFIED, Asks.INSIDE_NOTIFIED_AREA, entries=entries)

    assert found == ("", [None, None])


NOTICES = (
    notice(),
    notice(area=[[x, y + 1] for x, y in RING]),
    notice(at=FIRED - minutes(70), logged_at=FIRED + minutes(5)),
    notice(number=None),
    notice(number=0),
    notice(end=instant_text(FIRED + timedelta(seconds=5))),
    notice(at=FIRED - minutes(70)),
)
CALLS = (
    call(FAILED, ORDERED, TOLD),
    call(FAILED, ORDERED),
    call(late(FAILED, FIRED + minutes(5)), ORDERED, TOLD),
    call(FAILED, late(ORDERED, FIRED + minutes(5))),
    call(act("contact", "answered", FIRED - minutes(2), 2, of=1, said=None, success=True)),
    call(FAILED, ORDERED, TOLD, strike(5, None, FIRED + minutes(5))),
)


def goes(*records: list[dict[str, Any]], asks: tuple[Any, ...]) -> int:
    """How far an exemption goes with some records: 2 when it holds, 1 when it may, else 0."""
    entries = []
    for number, steps in enumerate(records):
        first = 1 + 10 * number
        for step in steps:
            of = None if step["of"] is None else first
            entries.append(step | {"entry": step["entry"] + 10 * number, "of": of})
    held, holds = asked(*asks, entries=entries, incidents=INCOMING)
    return 2 if held else int(False not in holds)


ABOUT_NOTICES = (Asks.NOTIFIED, (Asks.LEAD, 2.0), Asks.INSIDE_NOTIFIED_AREA, Asks.DAYLIGHT)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sampled_from(NOTICES), min_size=1, max_size=4))
def test_an_exemption_goes_as_far_as_the_notice_that_goes_furthest_in_any_order(
    notices: list[dict[str, Any]],
) -> None:
    asks = (*ABOUT_NOTICES, Asks.WITHIN_NOTIFIED_NUMBER)
    alone = [goes([each], asks=asks) for each in notices]

    assert goes(*([each] for each in notices), asks=asks) == max(alone)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sampled_from(CALLS), min_size=1, max_size=4))
def test_an_exemption_goes_as_far_as_the_call_that_goes_furthest_in_any_order(
    calls: list[list[dict[str, Any]]],
) -> None:
    alone = [goes(each, asks=RETURN_FIRE) for each in calls]

    assert goes(*calls, asks=RETURN_FIRE) == max(alone)


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


@pytest.mark.parametrize(
    ("at_min", "logged_min", "expected"), [(-80, -80, True), (-80, 5, None), (5, 5, False)]
)
def test_what_is_agreed_after_the_act_is_not_agreed(
    at_min: float, logged_min: float, expected: bool | None
) -> None:
    steps = [
        said("acknowledged", 2, -90, -90, party="ALPHA"),
        said("acknowledged", 3, at_min, logged_min, party="BRAVO"),
    ]

    assert asked(Asks.JOINTLY_AGREED, entries=[notice(), *steps])[1] == [expected]


def test_who_objected_last_has_not_agreed() -> None:
    steps = [approved(2, -90, -90, "ALPHA"), approved(3, -80, -80), objected(4, -70, -70)]

    assert asked(Asks.JOINTLY_AGREED, entries=[notice(), *steps], consent=True)[1] == [False]


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


def fixes(sensor: str, name: str, lat_deg: float = 45.0, **changed: Any) -> list[dict[str, Any]]:
    """Three fixes of a craft, a minute apart, until a minute after the act."""
    return [
        {
            "object": "0" * 64, "row": number, "sensor": sensor, "track": name, "craft": "uav",
            "time": FIRED + minutes(number - 1), "lat_deg": lat_deg, "lon_deg": -30.0,
            "sigma_m": 30.0,
        } | changed
        for number in range(3)
    ]  # fmt: skip


def flown(*asks: Asks, seen: list[dict[str, Any]], **changed: Any) -> list[bool | None]:
    entry = notice(party="MISSION", **changed)
    flight = subject(
        kind="track", id="track-radar-T-7", act="flight",
        start=FIRED - minutes(1), end=FIRED + minutes(1),
    )  # fmt: skip
    return asked(*asks, entries=[entry], of=flight, tracks=pl.DataFrame(seen, schema=TRACK))[1]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, True),
        ({"subjects": ["T-7"]}, True),
        ({"subjects": ["M-1"]}, False),  # another craft
        ({"end": instant_text(FIRED)}, None),  # not for the whole time
        ({"logged_at": FIRED + minutes(5)}, None),
        ({"at": FIRED + minutes(5)}, False),
    ],
)
def test_a_notice_of_the_monitors_is_one_of_their_own_flight_only(
    changed: dict[str, Any], expected: bool | None
) -> None:
    assert flown(Asks.OPERATOR_IS_MONITOR, seen=fixes("radar", "T-7"), **changed) == [expected]


def test_a_flight_that_leaves_the_area_of_the_notice_is_not_inside() -> None:
    seen = fixes("radar", "T-7")
    seen[0]["lat_deg"] = 45.5

    assert flown(Asks.INSIDE_NOTIFIED_AREA, seen=fixes("radar", "T-7")) == [True]
    assert flown(Asks.INSIDE_NOTIFIED_AREA, seen=seen) == [False]


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (fixes("camera", "T-7"), True),  # the same craft, seen twice
        (fixes("camera", "T-7", 45.05), False),  # two craft of one name
        (fixes("camera", "C-1"), None),  # perhaps the same
        (fixes("camera", "C-1", 45.05), False),
        (fixes("radar", "T-8"), False),  # one sensor tells its craft apart
        (fixes("camera", "C-1", 45.5), True),  # beyond the area
        (fixes("camera", "V-1", 45.05, craft="vessel"), True),
    ],
)
def test_one_craft_that_two_sensors_saw_counts_once(
    other: list[dict[str, Any]], expected: bool | None
) -> None:
    seen = [*fixes("radar", "T-7"), *other]

    assert flown(Asks.WITHIN_NOTIFIED_NUMBER, seen=seen) == [expected]


def shipped_asks(text: str, name: str) -> list[Asks]:
    exemption = parse(shipped_bytes(text), name=text).exemption(name)
    return [condition.asks for condition in exemption.conditions]


@pytest.mark.parametrize("text", ["minsk-type", "paris-type"])
def test_a_shipped_text_exempts_no_more_flights_of_monitors_than_they_notified(text: str) -> None:
    asks = shipped_asks(text, "E_monitor_uav")
    others = [fix for number in (1, 2, 3) for fix in fixes("radar", f"X-{number}")]

    assert flown(*asks, seen=fixes("radar", "T-7")) == [True] * len(asks)
    assert False in flown(*asks, seen=[*fixes("radar", "T-7"), *others])


@pytest.mark.parametrize("text", ["minsk-type", "paris-type"])
@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "E_1"),
        ({"area": [[x, y + 1] for x, y in RING]}, ""),
        ({"start": instant_text(FIRED + timedelta(seconds=5))}, ""),
    ],
)
def test_a_shipped_text_exempts_a_jointly_agreed_test_in_its_time_and_area_only(
    text: str, changed: dict[str, Any], expected: str
) -> None:
    agreed = [
        said("acknowledged", entry, -90, -90, party=party)
        for entry, party in ((2, "ALPHA"), (3, "BRAVO"))
    ]

    held, _ = asked(
        *shipped_asks(text, "E_silence_protocol_test"), entries=[notice(**changed), *agreed]
    )

    assert held == expected


HEIGHT = {"altitude_datum": "sea", "altitude_sigma_m": 10.0}


@pytest.mark.parametrize(
    ("heights_m", "expected"),
    [
        ((100.0, 150.0, 100.0), True),
        ((100.0, 400.0, 100.0), False),
        ((100.0, 300.0, 100.0), None),
        ((None, 400.0, None), False),
        ((100.0, None, 100.0), None),
        ((None, None, None), None),
    ],
)
def test_a_flight_keeps_below_the_height_of_its_notice(
    heights_m: tuple[float | None, ...], expected: bool | None
) -> None:
    seen = [
        fix | {"altitude_m": height_m} | HEIGHT
        for fix, height_m in zip(fixes("radar", "T-7"), heights_m, strict=True)
    ]

    assert below(seen, 300.0) == expected
    assert below(seen, None) is True


@pytest.mark.parametrize(
    ("levels", "height_m", "expected"),
    [
        (("sea", "sea", "sea"), 100.0, True),
        ((None, None, None), 100.0, True),
        (("ground", "ground", "ground"), 100.0, None),  # nothing says how high the ground is
        (("ground", "ground", "ground"), 400.0, None),
        (("sea", "ground", "sea"), 100.0, None),
        (("sea", "ground", "sea"), 400.0, False),
    ],
)
def test_the_height_of_a_notice_is_above_the_sea_and_not_above_the_ground(
    levels: tuple[str | None, ...], height_m: float, expected: bool | None
) -> None:
    seen = [
        fix | HEIGHT | {"altitude_m": height_m, "altitude_datum": level}
        for fix, level in zip(fixes("radar", "T-7"), levels, strict=True)
    ]

    assert below(seen, 300.0) is expected


def below(seen: list[dict[str, Any]], highest_m: float | None) -> bool | None:
    """Whether a flight is inside an area with a height; read past the form of the logbook."""
    (record,) = logbook([notice()])
    opening = replace(record.opening, detail={**record.opening.detail, "height_max_m": highest_m})
    facts = Facts(
        as_of=FIRED,
        incidents=INCOMING.clear(),
        tracks=pl.DataFrame(seen, schema=TRACK),
        logbook=(replace(record, steps=(opening,)),),
    )
    notices = Notices(facts, RULE, SAMPLE.version, pl.DataFrame)
    flight = subject(
        kind="track", id="track-radar-T-7", start=FIRED - minutes(1), end=FIRED + minutes(1)
    )
    (one_notice,) = notices.around(flight, "blast")
    condition = Condition(asks=Asks.INSIDE_NOTIFIED_AREA, value=None)
    return notices.ask(condition, one_notice, flight)[1]


def test_a_notice_names_the_duty_that_it_falls_under() -> None:
    free, bound = (
        Duty(
            id=name, activity="blast", to=("BRAVO",), lead_h=1.0, consent=consent,
            confidential=False, text="", source="",
        )
        for name, consent in (("N_FREE", False), ("N_BOUND", True))
    )  # fmt: skip
    provided = replace(SAMPLE.agreement.provisions, notices=(free, bound))
    agreement = replace(SAMPLE.agreement, provisions=provided)
    (record,) = logbook([notice()])

    def asked_of(name: str | None) -> set[str]:
        opening = replace(record.opening, detail={**record.opening.detail, "notice": name})
        return may_object(replace(record, steps=(opening,)), agreement)

    found = [asked_of(name) for name in ("N_FREE", "N_BOUND", None)]

    assert found == [set(), {"BRAVO"}, {"BRAVO"}]


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
