"""The tables that pass between the stages, as Polars schemas; the only tables there are.

Columns with a unit end in it. Times are `datetime[us, UTC]`. Positions are WGS 84 degrees
(EPSG:4326); covariances are east-north at the point, in square metres.
"""

from __future__ import annotations

import polars as pl

TIME = pl.Datetime("us", "UTC")
OBJECT = pl.Categorical()

OBSERVATION: dict[str, pl.DataType] = {
    "object": OBJECT,
    "row": pl.UInt32(),
    "sensor": pl.String(),
    "channel": pl.String(),
    "dedup_key": pl.String(),
    "time_start": TIME,
    "time_end": TIME,
    "time_sigma_s": pl.Float64(),
    "lat_deg": pl.Float64(),
    "lon_deg": pl.Float64(),
    "cov_ee_m2": pl.Float64(),
    "cov_en_m2": pl.Float64(),
    "cov_nn_m2": pl.Float64(),
    "class": pl.String(),
    "count_min": pl.UInt32(),
    "count_max": pl.UInt32(),
    "count_qualifier": pl.String(),
    "grade_source": pl.String(),
    "grade_info": pl.String(),
}
"""Observation columns that every sensor fills; a struct column `features` follows, per sensor."""

REFUSED: dict[str, pl.DataType] = {
    "row": pl.UInt32(),  # data record, from 0; null when the whole file is refused
    "line": pl.UInt32(),  # line of the unpacked file, from 1; what an error message names
    "problem": pl.String(),  # what was wrong, what was expected
}
"""Rows of a batch that were not accepted, and why."""

INCIDENT: dict[str, pl.DataType] = {
    "id": pl.String(),
    "tier": pl.UInt8(),  # 0 precise reports, 1 imprecise (settlement or day)
    "time": TIME,  # precision-weighted middle
    "time_sigma_s": pl.Float64(),
    "time_start": TIME,  # 95 % interval of when it happened
    "time_end": TIME,
    "lat_deg": pl.Float64(),
    "lon_deg": pl.Float64(),
    "cov_ee_m2": pl.Float64(),
    "cov_en_m2": pl.Float64(),
    "cov_nn_m2": pl.Float64(),
    "class": pl.String(),  # the likeliest kind
    "class_p": pl.String(),  # canonical JSON {kind: probability}, sums to 1
    "real_p": pl.Float64(),  # P(something happened: not false alarms alone)
    "members": pl.UInt32(),  # distinct reports, each repeated download counted once
    "independent": pl.UInt32(),  # independence classes among them
    "sensors": pl.UInt32(),  # kinds of sensor among them
    "count_min": pl.UInt32(),
    "count_max": pl.UInt32(),
    "count_qualifier": pl.String(),
    "state": pl.String(),  # life-cycle state, `open` until the desk says otherwise
    "priority": pl.String(),  # P1 to P4, null until triage
    "episode": pl.String(),  # incidents near each other, for people to look at; never counted
}
"""What we think happened."""

MEMBER: dict[str, pl.DataType] = {
    "incident": pl.String(),
    "object": OBJECT,
    "row": pl.UInt32(),
    "membership_p": pl.Float64(),  # P(it speaks of that incident), below .01 given as 0
    "role": pl.String(),  # `member`: counted in it; `possible`: counted in another, may be of this
    "evidence": pl.Float64(),  # log Bayes factor of joining the rest; null alone or imprecise
}
"""Which observation speaks of which incident, repeated downloads included."""

SUPERSEDED: dict[str, pl.DataType] = {
    "id": pl.String(),
    "superseded_by": pl.String(),
}
"""Ids that an observation would give but that another, earlier member of its incident took over."""

SILENCE: dict[str, pl.DataType] = {
    "sensor": pl.String(),
    "start": TIME,  # its last report before, or the first report of any sensor
    "end": TIME,  # its first report after, or the last report of any sensor
    "expected": pl.Float64(),  # reports that its own rhythm would have sent; null when unknown
}
"""When a sensor sent nothing and should have; its silence then says nothing about calm."""

TRACK: dict[str, pl.DataType] = {
    "object": OBJECT,
    "row": pl.UInt32(),
    "sensor": pl.String(),
    "track": pl.String(),  # what the sensor calls the craft; no person is ever tracked
    "craft": pl.String(),  # `uav`, `aeroplane`, `helicopter`, `vessel`, `unknown`
    "time": TIME,  # of the fix
    "lat_deg": pl.Float64(),  # WGS 84
    "lon_deg": pl.Float64(),  # WGS 84
    "sigma_m": pl.Float64(),  # of the position, each axis
    "altitude_m": pl.Float64(),  # null when not measured
    "altitude_datum": pl.String(),  # `sea`, `ground`, or null
    "altitude_sigma_m": pl.Float64(),
}
"""Positions of aircraft and vessels, as trackers send them."""

WATCH: dict[str, pl.DataType] = {
    "object": OBJECT,
    "row": pl.UInt32(),
    "asset": pl.String(),  # as declared in mission.toml
    "start": TIME,  # first instant
    "end": TIME,  # first instant after it
    "lat_deg": pl.Float64(),  # WGS 84; null for the asset's declared footprint
    "lon_deg": pl.Float64(),  # WGS 84; null with the latitude
    "radius_m": pl.Float64(),  # null with the place
    "share": pl.Float64(),  # of its power, 0 to 1; 0 saw nothing
    "cause": pl.String(),  # of `observe.watch.CAUSES`: `watching` at full power, else what it lost
    "cloud_share": pl.Float64(),  # of the sky, 0 to 1; null when nobody says
}
"""When assets watched, and what they lost, as their logs and heartbeats say."""

LOSS: dict[str, pl.DataType] = {
    "asset": pl.String(),  # as declared
    "start": TIME,  # first instant
    "end": TIME,  # first instant after it
    "lat_deg": pl.Float64(),  # WGS 84; null for all that the asset watches
    "lon_deg": pl.Float64(),  # WGS 84; null with the latitude
    "radius_m": pl.Float64(),  # null with the place
    "cause": pl.String(),  # what was in its way
    "guessed": pl.Boolean(),  # a guess gives way to what the asset itself says
}
"""When assets watched nothing, as others say: the logbook, missing files, silences."""

SEEN: dict[str, pl.DataType] = {
    "incident": pl.String(),  # its id
    "asset": pl.String(),  # as declared in mission.toml
    "p": pl.Float64(),  # P(it detects the incident's class there and then); null off the grid
    "saw": pl.Boolean(),  # a report of it is a member
    "expected": pl.Boolean(),  # it should have seen it; null off the grid
}
"""Which asset saw which incident, and which should have."""

ASSESSMENT: dict[str, pl.DataType] = {
    "subject": pl.String(),  # id of an incident, of a record of the logbook, or of a track
    "subject_kind": pl.String(),  # `incident`, a kind of record, or `track`
    "rule": pl.String(),
    "agreement": pl.String(),  # SHA-256 of the sealed agreement
    "agreement_version": pl.UInt32(),
    "measured_from": pl.String(),  # id of the reference line, or ""
    "time_start": TIME,  # when the subject happened or stood
    "time_end": TIME,  # null while it lasts
    "outcome": pl.String(),  # see records.assessment.Outcome
    "why": pl.String(),  # what is missing, for `indeterminate`; id of the exemption, for `exempt`
    "inside_p": pl.Float64(),  # P(where the rule forbids), given the position error
    "trace": pl.String(),  # canonical JSON list of {condition, value, holds}
}
"""A subject set against one rule of one version of an agreement."""


def empty(schema: dict[str, pl.DataType]) -> pl.DataFrame:
    """Return a table of that schema without rows."""
    return pl.DataFrame(schema=schema)


def conform(table: pl.DataFrame, schema: dict[str, pl.DataType]) -> pl.DataFrame:
    """Return the table with exactly the columns, order and types of `schema`.

    Columns that the schema does not name are dropped, except a struct `features`.
    """
    columns = [pl.col(name).cast(kind) for name, kind in schema.items()]
    if "features" in table.columns:
        columns.append(pl.col("features"))
    return table.select(columns)
