"""Situations that a mission must handle, set against the shipped agreements.

Each is told with the numbers of the design study: ground, parties and people are invented.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest

from trucewatch.agreement.parse import parse
from trucewatch.agreement.shipped import shipped_bytes
from trucewatch.agreement.version import Version, successive
from trucewatch.assess import assess
from trucewatch.geo.belt import distance_to_line, line
from trucewatch.geo.plane import Covariances
from trucewatch.records.canonical import canonical, sha256_hex
from trucewatch.records.facts import Facts
from trucewatch.records.instant import instant_text
from trucewatch.records.logbook.reading import every, read_step
from trucewatch.records.logbook.standing import summary
from trucewatch.records.table import INCIDENT
from trucewatch.report.counting.raw import RawRow, five

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trucewatch.agreement.agreement import Agreement

NOON = datetime(2030, 5, 20, 12, tzinfo=UTC)
STATION = {"lat_deg": 43.502, "lon_deg": -33.500, "error_m": 20}
MARRAM = (43.510, -33.520)
M_PER_DEG = 111_100  # of latitude near 43.5 degrees, to 0.1 %


def text_of(name: str) -> bytes:
    return shipped_bytes(name)


def version_of(name: str, **changes: Any) -> Version:
    raw = text_of(name)
    agreement = replace(parse(raw, name=name), **changes)
    return Version(agreement=agreement, object=sha256_hex(raw))


def incident(
    id_: str, at: datetime, kind: str, place: tuple[float, float] = MARRAM, **changes: Any
) -> dict[str, Any]:
    """A row of INCIDENT, surely real, surely of that kind, by two sources, to 50 m and 10 s."""
    lat_deg, lon_deg = place
    return {
        "id": id_, "tier": 0, "time": at, "time_sigma_s": 5.0,
        "time_start": at - timedelta(seconds=10), "time_end": at + timedelta(seconds=10),
        "lat_deg": lat_deg, "lon_deg": lon_deg,
        "cov_ee_m2": 2500.0, "cov_en_m2": 0.0, "cov_nn_m2": 2500.0,
        "class": kind, "class_p": canonical({kind: 1}).decode(), "real_p": 1.0,
        "members": 2, "independent": 2, "sensors": 2,
        "count_min": 1, "count_max": 1, "count_qualifier": "exact", "state": "open",
        **changes,
    }  # fmt: skip


Act = tuple[str, str, datetime, dict[str, Any], int | None]


def act(kind: str, name: str, at: datetime, detail: dict[str, Any], of: int | None = None) -> Act:
    """An act of the logbook, logged as soon as it was done."""
    return kind, name, at, detail, of


def known(*acts: Act, incidents: Sequence[dict[str, Any]] = (), as_of: datetime) -> Facts:
    """What is known when acts, numbered from 0, and incidents were entered."""
    steps = [
        read_step(
            kind,
            {
                "act": name,
                "at": instant_text(at),
                "by": "watch officer",
                "detail": detail,
                "note": None,
                "objects": [],
                "of": of,
            },
            entry=entry,
            logged_at=at,
        )
        for entry, (kind, name, at, detail, of) in enumerate(acts)
    ]
    return Facts(
        as_of=as_of,
        incidents=pl.DataFrame([*incidents], schema=INCIDENT),
        logbook=tuple(every(steps).values()),
    )


def said(found: pl.DataFrame, **of: str) -> list[tuple[str, str]]:
    """Outcome and what is missing, or the exemption, of some rows."""
    return found.filter(**of).select("outcome", "why").rows()


def trace(found: pl.DataFrame, **of: str) -> list[dict[str, Any]]:
    [text] = found.filter(**of)["trace"]
    steps: list[dict[str, Any]] = json.loads(text)
    return steps


def told(found: pl.DataFrame, words: str, **of: str) -> dict[str, Any]:
    """The one step of a trace whose condition holds these words."""
    [step] = [step for step in trace(found, **of) if words in step["condition"]]
    return step


def exemption(found: pl.DataFrame, name: str, **of: str) -> dict[str, bool | None]:
    """What an exemption asked, in words, and whether it held."""
    asked = told(found, "no exemption applies", **of)["value"]
    own = [each for each in asked if each["condition"].startswith(f"{name}: ")]
    return {each["condition"].removeprefix(f"{name}: "): each["holds"] for each in own}


# 3. Demining blast


def notice(*, ahead_h: int, start: datetime = NOON, hours: int = 2) -> Act:
    detail = {
        "activity": "demining_blast",
        "area": [[-33.53, 43.505], [-33.51, 43.505], [-33.51, 43.515], [-33.53, 43.515]],
        "end": instant_text(start + timedelta(hours=hours)),
        "height_max_m": None,
        "notice": None,
        "number": 3,
        "party": "ALPHA",
        "start": instant_text(start),
        "subjects": [],
        "to": ["joint_committee"],
    }
    return act("notification", "submitted", start - timedelta(hours=ahead_h), detail)


def test_3_a_short_notice_breaches_the_duty_of_notice_and_not_the_ban_on_fire() -> None:
    blast = incident("i-blast", NOON + timedelta(hours=1), "explosion_impact")
    facts = known(notice(ahead_h=36), incidents=[blast], as_of=NOON + timedelta(days=1))

    found = assess(facts, versions=[version_of("local-truce")])

    assert said(found, rule="R03") == [("potential_breach", "")]
    assert told(found, "48 h ahead", rule="R03")["value"]["lead_h"] == 36
    assert said(found, rule="R01") == [("exempt", "E_demining")]


def test_3_a_notice_in_time_breaches_nothing() -> None:
    facts = known(notice(ahead_h=48), as_of=NOON + timedelta(days=1))

    found = assess(facts, versions=[version_of("local-truce")])

    assert said(found, rule="R03") == [("consistent", "")]


@pytest.mark.parametrize(
    ("at", "place", "failed"),
    [
        (NOON + timedelta(hours=1), (43.490, -33.470), "it lies in the area of the notice"),
        (datetime(2030, 5, 20, 4, tzinfo=UTC), MARRAM, "the sun is above"),  # 02:00 in the town
    ],
)
def test_3_a_blast_outside_the_notified_area_or_by_night_is_not_exempt(
    at: datetime, place: tuple[float, float], failed: str
) -> None:
    blast = incident("i-blast", at, "explosion_impact", place)
    submitted = notice(ahead_h=50, start=datetime(2030, 5, 20, 3, tzinfo=UTC), hours=14)
    facts = known(submitted, incidents=[blast], as_of=NOON + timedelta(days=1))

    found = assess(facts, versions=[version_of("local-truce")])

    assert said(found, rule="R01") == [("breach_on_its_face", "")]
    asked = exemption(found, "E_demining", rule="R01")
    assert [text.startswith(failed) for text, holds in asked.items() if holds is False] == [True]


# 4. Window of silence broken


def window(*, broken: bool = False) -> list[Act]:
    early = NOON - timedelta(hours=6)
    asked = {
        "activity": "repair",
        "crew": 7,
        "end": instant_text(NOON + timedelta(hours=3)),
        "guarantees_from": ["ALPHA", "BRAVO"],
        "place": STATION,
        "provision": "W_REPAIR_1",
        "radius_m": 2000,
        "site": "Marram filtration station",
        "start": instant_text(NOON - timedelta(hours=1)),
    }
    given = {"ALPHA": "commander, north bank", "BRAVO": "commander, south bank"}
    acts = [act("window", "requested", early, asked)]
    acts += [
        act("window", "guaranteed", early, {"guarantor": who, "party": party}, 0)
        for party, who in given.items()
    ]
    acts.append(act("window", "started", NOON - timedelta(hours=1), {}, 0))
    if broken:
        acts.append(act("window", "breached", NOON, {"incident": "i-bursts"}, 0))
    return acts


@pytest.mark.parametrize(
    ("away_m", "outcome"), [(1200, "breach_on_its_face"), (3000, "consistent")]
)
def test_4_fire_within_the_radius_breaks_a_window_and_each_guarantor_is_named(
    away_m: int, outcome: str
) -> None:
    place = (STATION["lat_deg"] + away_m / M_PER_DEG, STATION["lon_deg"])
    bursts = incident("i-bursts", NOON, "burst", place, count_min=6, count_max=6)
    facts = known(*window(), incidents=[bursts], as_of=NOON + timedelta(minutes=5))

    found = assess(facts, versions=[version_of("local-truce")])

    assert said(found, rule="R02") == [(outcome, "")]
    open_ = told(found, "a window of silence was open", rule="R02")["value"]
    assert open_["window"] == "window-0"
    assert open_["guaranteed_by"] == ["commander, north bank", "commander, south bank"]
    assert not {"ALPHA", "BRAVO"} & set(found.write_json().split('"'))


def test_4_the_window_stands_as_breached_once_the_desk_says_so() -> None:
    facts = known(*window(broken=True), as_of=NOON)

    [record] = facts.records("window")

    assert record.state == "breached"
    assert record.last("breached").detail == {"incident": "i-bursts"}  # type: ignore[union-attr]


def test_4_without_both_guarantees_no_window_was_open() -> None:
    one_side = [each for each in window() if each[3].get("party") != "BRAVO"][:2]
    bursts = incident("i-bursts", NOON, "burst", (STATION["lat_deg"], STATION["lon_deg"]))
    facts = known(*one_side, incidents=[bursts], as_of=NOON)

    found = assess(facts, versions=[version_of("local-truce")])

    assert said(found, rule="R02") == [("no_rule", "")]
    assert said(found, rule="R01") == [("breach_on_its_face", "")]


# 5. Patrol denied

DENIED_AT = datetime(2030, 5, 20, 10, 55, tzinfo=UTC)
REASON = 'Said: "no orders; come back on Friday"'


def denial() -> Act:
    detail = {
        "asset": "patrol 3",
        "hindrance": "denial",
        "people": 6,
        "place": {"lat_deg": 43.510, "lon_deg": -33.500, "error_m": 50},
        "planned": "inspection of the works",
        "present": "armed persons at a checkpoint",
        "radius_m": 1500,
        "said": REASON,
        "sensor": None,
    }
    return act("restriction", "encountered", DENIED_AT, detail)


def test_5_a_denial_keeps_its_minute_its_reason_and_what_it_cost_to_see() -> None:
    facts = known(denial(), as_of=DENIED_AT + timedelta(hours=3))

    found = assess(facts, versions=[version_of("local-truce")])

    assert said(found, rule="R05") == [("potential_breach", "")]  # one asset: never on its face
    assert found["time_start"].to_list() == [DENIED_AT]
    value = told(found, "the rule lists the hindrance", rule="R05")["value"]
    assert value["reason_given"] == REASON
    assert value["effect"] == {
        "ground_not_observed_within_m": 1500,
        "planned": "inspection of the works",
    }
    assert "armed persons" not in found["trace"][0]  # who stood there attributes nothing


def test_5_the_listing_of_restrictions_has_its_line() -> None:
    [record] = known(denial(), as_of=DENIED_AT).records("restriction")

    said = f"denial of patrol 3, which hindered {record.opening.detail['planned']}"
    assert (record.opening.at, summary(record)) == (DENIED_AT, said)


# 9 and 10. Distances from a line, and from whose


def off_line(agreement: Agreement, name: str, north_m: float) -> tuple[float, float]:
    """A place so far north (south, below 0) of the middle of a line, by its shortest way."""
    drawn = line(agreement.line(name).points)
    lon_deg, low_deg, high_deg = -37.99, 44.6, 45.4
    lat_deg = low_deg
    for _ in range(50):
        lat_deg = (low_deg + high_deg) / 2
        one = np.ones(1)
        away_m, _ = distance_to_line(
            one * lon_deg, one * lat_deg, Covariances(xx_m2=one, xy_m2=0 * one, yy_m2=one), drawn
        )
        low_deg, high_deg = (lat_deg, high_deg) if away_m[0] < north_m else (low_deg, lat_deg)
    return lat_deg, lon_deg


def mortar(place: tuple[float, float], error_m: float) -> Act:
    lat_deg, lon_deg = place
    detail = {
        "asset": "mission aircraft 1",
        "matter": "weapon",
        "name": None,
        "number_max": 1,
        "number_min": 1,
        "place": {"lat_deg": lat_deg, "lon_deg": lon_deg, "error_m": error_m},
        "weapons": {"MORTAR_LE120": 1},
    }
    return act("sighting", "seen", datetime(2030, 12, 1, 9, tzinfo=UTC), detail)


def measured(version: Version, place: tuple[float, float], error_m: float) -> pl.DataFrame:
    facts = known(mortar(place, error_m), as_of=datetime(2030, 12, 2, tzinfo=UTC))
    return assess(facts, versions=[version]).filter(rule="R05")


@pytest.mark.parametrize(("accuracy_m", "near_p"), [(0.0, 0.6554), (100.0, 0.6547)])
def test_9_a_mortar_at_14_6_km_give_or_take_1_is_not_called_too_near(
    accuracy_m: float, near_p: float
) -> None:
    version = version_of("minsk-type")
    exact = [replace(each, accuracy_m=accuracy_m) for each in version.agreement.lines]
    version = replace(version, agreement=replace(version.agreement, lines=tuple(exact)))

    found = measured(version, off_line(version.agreement, "LINE_A", 14_600), 1000)

    of = {"measured_from": "LINE_A"}
    assert said(found, **of) == [("indeterminate", "location")]
    value = told(found, "nearer to LINE_A than the limit", **of)["value"]
    assert value["distance_m"] == pytest.approx(14_600, abs=1)
    assert value["limit_m"]["MORTAR_LE120"] == 15_000
    assert value["near_p"] == pytest.approx(near_p, abs=0.0005)


def test_9_the_same_mortar_known_to_50_m_is_called_too_near_and_at_16_km_is_not() -> None:
    version = version_of("minsk-type")
    sure, far = (off_line(version.agreement, "LINE_A", away_m) for away_m in (14_600, 16_000))

    assert said(measured(version, sure, 50), measured_from="LINE_A") == [("potential_breach", "")]
    assert said(measured(version, far, 50), measured_from="LINE_A") == [("consistent", "")]


@pytest.mark.parametrize(
    ("north_m", "applies", "other"),
    [(10_000, "LINE_A", "LINE_B"), (-17_000, "LINE_B", "LINE_A")],
)
def test_10_one_position_reads_differently_from_each_line_and_the_trace_says_which_applied(
    north_m: float, applies: str, other: str
) -> None:
    version = version_of("minsk-type")

    found = measured(version, off_line(version.agreement, "LINE_A", north_m), 50)

    assert said(found, measured_from=applies) == [("potential_breach", "")]
    assert said(found, measured_from=other) == [("consistent", "")]
    own = told(found, f"measured from {applies}", measured_from=applies)["value"]
    assert own["says"] == f"{applies} is the datum of those who stand on this side of it"
    beyond = told(found, f"measured from {other}", measured_from=other)["value"]
    assert beyond["says"] == f"beyond {other}; another line applies"
    assert not {"ALPHA", "BRAVO"} & set(found.write_json().split('"'))


def test_10_a_distance_is_kept_from_ones_own_line_alone() -> None:
    version = version_of("minsk-type")
    place = off_line(version.agreement, "LINE_A", -17_000)  # less than 15 km from LINE_B

    found = measured(version, place, 50)

    value = told(found, "nearer to LINE_B than the limit", measured_from="LINE_B")["value"]
    assert value["distance_m"] < 15_000
    value = told(found, "measured from LINE_A", measured_from="LINE_A")["value"]
    assert value["distance_m"] == pytest.approx(-17_000, abs=1)


# 11. Agreement amended


def amended() -> tuple[Version, ...]:
    """The truce, and from 25 May a second version that forbids fire in the whole lane as well."""
    raw = text_of("local-truce")
    later = (
        raw.decode()
        .replace("\nversion: 1\n", "\nversion: 2\n")
        .replace("effective: 2030-05-02T06:00:00-02:00", "effective: 2030-05-25T06:00:00-02:00")
        .replace("[-33.560, 43.464]", "[-33.560, 43.364]")
        .replace("[-33.450, 43.464]", "[-33.450, 43.364]")
        .encode()
    )
    return successive([(parse(each, name="truce"), sha256_hex(each)) for each in (raw, later)])


def test_11_each_incident_falls_under_the_version_in_force_when_it_happened() -> None:
    south = (43.42, -33.50)  # outside the town of version 1, inside that of version 2
    before, after = datetime(2030, 5, 24, 12, tzinfo=UTC), datetime(2030, 5, 26, 12, tzinfo=UTC)
    facts = known(
        incidents=[
            incident("i-before", before, "artillery_fire", south),
            incident("i-after", after, "artillery_fire", south),
        ],
        as_of=after,
    )

    found = assess(facts, versions=amended()).filter(rule="R01")

    assert found.select("subject", "agreement_version", "outcome").rows() == [
        ("i-after", 2, "breach_on_its_face"),
        ("i-before", 1, "consistent"),
    ]


def test_11_another_version_is_tried_out_only_when_asked_and_is_marked() -> None:
    south = (43.42, -33.50)
    facts = known(incidents=[incident("i-before", NOON, "artillery_fire", south)], as_of=NOON)
    tried = replace(amended()[1], what_if=True)
    early = replace(tried.agreement, effective=amended()[0].agreement.effective)

    for version, outcome in (
        (tried, "no_rule"),  # it was not in force then, and says so
        (replace(tried, agreement=early), "breach_on_its_face"),
    ):
        found = assess(facts, versions=[version]).filter(rule="R01")

        assert found.select("agreement_version", "outcome").rows() == [(2, outcome)]

    own = assess(facts, versions=amended()).filter(rule="R01")
    assert own.select("agreement_version", "outcome").rows() == [(1, "consistent")]


# 12. Return fire

INCOMING, REPLY = NOON, NOON + timedelta(minutes=6)


def exchange() -> list[dict[str, Any]]:
    return [
        incident("i-incoming", INCOMING, "artillery_fire", (43.500, -33.500)),
        incident("i-reply", REPLY, "artillery_fire", (43.525, -33.500)),
    ]


def hotline() -> list[Act]:
    called, failed = INCOMING + timedelta(minutes=1), INCOMING + timedelta(minutes=3)
    return [
        act(
            "contact",
            "called",
            called,
            {"about": "i-incoming", "party": "BRAVO", "place": None, "to": "joint committee"},
        ),
        act("contact", "failed", failed, {}, 0),
        act("contact", "ordered", INCOMING + timedelta(minutes=5), {"leadership": "command"}, 0),
        act(
            "contact",
            "coordinator_told",
            REPLY + timedelta(minutes=10),
            {"coordinator": "head of mission"},
            0,
        ),
    ]


def test_12_return_fire_without_an_entry_in_the_hotline_log_fails_on_the_second_condition() -> None:
    facts = known(incidents=exchange(), as_of=NOON + timedelta(hours=1))

    found = assess(facts, versions=[version_of("local-truce")])

    of = {"rule": "R01", "subject": "i-reply"}
    assert said(found, **of) == [("breach_on_its_face", "")]
    assert [*exemption(found, "E_return_fire", **of).values()] == [True, False]


def test_12_with_a_failed_call_and_an_order_it_is_exempt_and_still_counted() -> None:
    facts = known(*hotline(), incidents=exchange(), as_of=NOON + timedelta(hours=1))

    found = assess(facts, versions=[version_of("local-truce")])

    assert said(found, rule="R01", subject="i-reply") == [("exempt", "E_return_fire")]
    assert said(found, rule="R01", subject="i-incoming") == [("breach_on_its_face", "")]
    asked = exemption(found, "E_return_fire", rule="R01", subject="i-reply")
    assert [*asked.values()] == [True, True, True, True]
    assert len(facts.incidents) == 2
    rows = [
        RawRow(observation="explosion", number="1", start=row["time"], end=row["time"])
        for row in facts.incidents.iter_rows(named=True)
    ]
    assert {count.rule: count.low for count in five(rows)}["osce_unit"] == 2


# 16. Storage site


def site(*, closed: list[str], declared: bool = True) -> list[Act]:
    place = {"lat_deg": 45.5, "lon_deg": -38.0, "error_m": 100}
    at = datetime(2030, 10, 1, 9, tzinfo=UTC)
    inventory = {
        "party": "ALPHA",
        "place": place,
        "serials": [],
        "site": "depot_1",
        "weapons": {"ART_100PLUS": 12},
    }
    planned = {
        "due": instant_text(at + timedelta(days=14)),
        "follows": None,
        "place": place,
        "site": "depot_1",
        "weapons": ["ART_100PLUS"],
    }
    seen = {"closed_parts": closed, "seen": {"ART_100PLUS": 9}, "serials": []}
    acts = [act("inventory", "declared", at, inventory)] if declared else []
    return [
        *acts,
        act("visit", "planned", at, planned),
        act("visit", "visited", at + timedelta(days=7), seen, len(acts)),
    ]


def counted(*acts: Act) -> pl.DataFrame:
    facts = known(*acts, as_of=datetime(2030, 10, 9, tzinfo=UTC))
    return assess(facts, versions=[version_of("minsk-type")]).filter(rule="R06")


def test_16_a_closed_hall_leaves_the_count_open_and_asks_for_another_visit() -> None:
    found = counted(*site(closed=["hall 2"]))

    assert said(found) == [("indeterminate", "observation")]
    value = told(found, "surely differs from the inventory")["value"]
    weapons = value["categories"]["ART_100PLUS"]
    assert (weapons["declared"], weapons["seen"]) == (12, 9)
    assert (weapons["missing_min"], weapons["missing_max"]) == (0, 3)
    assert weapons["says"].startswith("missing 0-3")
    assert value["obligation"] == "not verified"
    assert value["follow_up"] == "visit needed"
    assert value["closed_parts"] == ["hall 2"]


def test_16_with_every_hall_open_three_are_missing() -> None:
    found = counted(*site(closed=[]))

    assert said(found) == [("potential_breach", "")]
    value = told(found, "surely differs from the inventory")["value"]
    assert value["categories"]["ART_100PLUS"]["says"] == "missing 3"


def test_16_without_an_inventory_nothing_can_be_verified() -> None:
    found = counted(*site(closed=[], declared=False))

    assert said(found) == [("indeterminate", "baseline")]
    assert "verification impossible: no inventory" in found["trace"][0]
