"""The desk's tables: each projection's schema, its key, and the SQL table made from both."""

from __future__ import annotations

from typing import Any

import polars as pl
import sqlalchemy as sa

from trucewatch.records.table import (
    ASSESSMENT,
    INCIDENT,
    MEMBER,
    OBJECT,
    SILENCE,
    SUPERSEDED,
    TIME,
)

FILE: dict[str, pl.DataType] = {
    "object": OBJECT,
    "type": pl.String(),  # of its entry: the same bytes may have been sealed as more than one
    "sensor": pl.String(),
    "family": pl.String(),
    "entry": pl.UInt64(),
    "bytes": pl.UInt64(),
    "accepted": pl.UInt32(),
    "refused": pl.UInt32(),
    "missing": pl.String(),  # columns that the format knows and this file lacks, comma-joined
    "archived": pl.String(),  # SHA-256 of its file in the archive, empty when there is none
    "time_min": TIME,
    "time_max": TIME,
    "lat_min_deg": pl.Float64(),
    "lat_max_deg": pl.Float64(),
    "lon_min_deg": pl.Float64(),
    "lon_max_deg": pl.Float64(),
}
"""What each received object held; with the smallest and largest values, an index of the archive."""

QUARANTINE: dict[str, pl.DataType] = {
    "object": OBJECT,
    "type": pl.String(),  # of its entry
    "row": pl.Int64(),  # data record, from 0; -1 for the whole file
    "line": pl.UInt32(),
    "problem": pl.String(),
}
"""What was received and could not be read, and why."""

LOGBOOK: dict[str, pl.DataType] = {
    "id": pl.String(),  # such as `window-12`
    "kind": pl.String(),
    "entry": pl.UInt64(),  # of the act that opened it
    "state": pl.String(),
    "opened_at": TIME,  # as claimed
    "state_at": TIME,  # of the act that brought it into its state, as claimed
    "time_start": TIME,  # see `records.logbook.standing.span`
    "time_end": TIME,
    "lat_deg": pl.Float64(),
    "lon_deg": pl.Float64(),
    "error_m": pl.Float64(),  # one standard deviation along each axis
    "summary": pl.String(),
    "detail": pl.String(),  # canonical JSON of the opening act's
    "steps": pl.String(),  # canonical JSON list, an act each, in log order
}
"""Every record of the logbook, voided ones too."""

STATE: dict[str, pl.DataType] = {"name": pl.String(), "value": pl.String()}
"""What the projections are a function of: input size and root, configuration."""

SCHEMAS: dict[str, tuple[dict[str, pl.DataType], tuple[str, ...]]] = {
    "file": (FILE, ("object", "type")),
    "quarantine": (QUARANTINE, ("object", "type", "row")),
    "incident": (INCIDENT, ("id",)),
    "members": (MEMBER, ("incident", "object", "row")),
    "superseded": (SUPERSEDED, ("id",)),
    "silence": (SILENCE, ("sensor", "start")),
    "logbook": (LOGBOOK, ("id",)),
    "assessment": (
        ASSESSMENT,
        ("subject_kind", "subject", "rule", "agreement_version", "measured_from"),
    ),
    "state": (STATE, ("name",)),
}
"""Each table's columns and the key that orders and identifies its rows."""

_SQL_TYPES: dict[type[pl.DataType], type[Any]] = {
    pl.String: sa.Text,
    pl.Categorical: sa.Text,
    pl.Float64: sa.Double,
    pl.Datetime: sa.BigInteger,  # microseconds since 1970, UTC: exact on every database
    pl.UInt8: sa.SmallInteger,
    pl.UInt32: sa.BigInteger,
    pl.UInt64: sa.BigInteger,
    pl.Int64: sa.BigInteger,
}

METADATA = sa.MetaData()


def _table(name: str) -> sa.Table:
    schema, key = SCHEMAS[name]
    columns = [
        sa.Column(column, _SQL_TYPES[type(kind)], primary_key=column in key)
        for column, kind in schema.items()
    ]
    return sa.Table(name, METADATA, *columns)


TABLES: dict[str, sa.Table] = {name: _table(name) for name in SCHEMAS}
sa.Index("members_by_observation", TABLES["members"].c.object, TABLES["members"].c.row)
sa.Index("incident_by_time", TABLES["incident"].c.time)
