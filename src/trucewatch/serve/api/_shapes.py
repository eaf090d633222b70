"""Incidents and assessments as the API tells them."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from trucewatch.serve.pages._told import ellipse_of

if TYPE_CHECKING:
    from collections.abc import Mapping


class Precise(msgspec.Struct, frozen=True, kw_only=True):
    """What the mission alone is told of an incident.

    Attributes:
        time_sigma_s: One standard error of its time.
        cov_ee_m2: Covariance of its place, east with east; null without a place.
        cov_en_m2: East with north.
        cov_nn_m2: North with north.
        ellipse_long_km: Long axis, in full, of the 95 % ellipse.
        ellipse_short_km: Short axis.
        ellipse_bearing_deg: Bearing of the long axis, clockwise from north.
        sensors: Kinds of sensor among its reports.
        priority: P1 to P4, null until triage.
        episode: Of incidents near each other; never counted.
    """

    time_sigma_s: float | None
    cov_ee_m2: float | None
    cov_en_m2: float | None
    cov_nn_m2: float | None
    ellipse_long_km: float | None
    ellipse_short_km: float | None
    ellipse_bearing_deg: float | None
    sensors: int
    priority: str | None
    episode: str | None


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """What we think happened; for the public late and coarse, under the name of public products.

    Attributes:
        id: Its name.
        tier: 0 from precise reports, 1 from imprecise ones.
        time: When.
        time_start: Beginning of the 95 % interval.
        time_end: Its end.
        lat_deg: WGS 84; null without a place. For the public the middle of a cell of 1 km.
        lon_deg: Likewise.
        error_km: Long half-axis of the 95 % ellipse, rounded up; null where `precise` has it.
        kind: The likeliest kind of happening.
        kinds_p: Probability of each kind.
        real_p: P(something happened: not false alarms alone).
        reports: Distinct reports of it.
        independent: Independence classes among them.
        count_min: Fewest units.
        count_max: Most units, null when open.
        count_qualifier: How the count was given.
        state: Of its life cycle.
        link: Its page.
        precise: For the mission alone.
    """

    id: str
    tier: int
    time: datetime
    time_start: datetime
    time_end: datetime
    lat_deg: float | None
    lon_deg: float | None
    error_km: int | None
    kind: str
    kinds_p: dict[str, float]
    real_p: float
    reports: int
    independent: int
    count_min: int | None
    count_max: int | None
    count_qualifier: str | None
    state: str
    link: str
    precise: Precise | None


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """One condition of a rule.

    Attributes:
        condition: What is asked.
        value: What was found.
        holds: Whether it holds; null where nobody can tell.
    """

    condition: str
    found: Any = msgspec.field(name="value")
    holds: bool | None


class Assessment(msgspec.Struct, frozen=True, kw_only=True):
    """A subject set against one rule of one version of the agreement; software, not a finding.

    Attributes:
        subject: Id of an incident, of a record of the logbook, or of a track.
        subject_kind: `incident`, a kind of record, or `track`.
        rule: Id of the rule.
        agreement_version: Version of the agreement.
        measured_from: Id of the reference line, or "".
        time_start: When the subject happened or stood.
        time_end: Null while it lasts.
        outcome: One of `records.assessment.Outcome`.
        why: What is missing, or the exemption.
        inside_p: P(where the rule forbids); for the mission alone.
        trace: Each condition with what was found; for the mission alone.
    """

    subject: str
    subject_kind: str
    rule: str
    agreement_version: int
    measured_from: str
    time_start: datetime
    time_end: datetime | None
    outcome: str
    why: str | None
    inside_p: float | None
    trace: list[Condition] | None


_SAME = (
    "id", "tier", "time", "time_start", "time_end", "lat_deg", "lon_deg", "real_p", "independent",
    "count_min", "count_max", "count_qualifier", "state",
)  # fmt: skip


def incident_of(row: Mapping[str, Any]) -> Incident:
    """Return a row of `mission.shown`, for whichever role it was made."""
    precise = None
    if "cov_ee_m2" in row:
        ellipse = ellipse_of(row)
        long_km, short_km, bearing_deg = ellipse or (None, None, None)
        precise = Precise(
            **{name: row[name] for name in ("time_sigma_s", "sensors", "priority", "episode")},
            **{name: row[name] for name in ("cov_ee_m2", "cov_en_m2", "cov_nn_m2")},
            ellipse_long_km=long_km,
            ellipse_short_km=short_km,
            ellipse_bearing_deg=bearing_deg,
        )
    return Incident(
        **{name: row[name] for name in _SAME},
        error_km=row.get("error_km"),
        kind=row["class"],
        kinds_p=json.loads(row["class_p"]),
        reports=row["members"],
        link=f"/incidents/{row['id']}",
        precise=precise,
    )


def assessment_of(row: Mapping[str, Any]) -> Assessment:
    """Return a row of `mission.shown`, for whichever role it was made."""
    told = None if row["trace"] is None else json.loads(row["trace"])
    return msgspec.convert({**row, "trace": told}, Assessment)
