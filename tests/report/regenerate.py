"""A small bulletin whose every number can be checked by eye, and how its golden files are made.

`python tests/report/regenerate.py` writes `samples/daily/LEVEL/` anew.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl

from trucewatch.records.table import ASSESSMENT, INCIDENT, TIME
from trucewatch.report import product
from trucewatch.report.material import (
    REPORT_COLUMNS,
    Hindered,
    Material,
    NamedPlace,
    RefusedRow,
    RuleRow,
    ZoneOutline,
)

SAMPLES = Path(__file__).parent / "samples" / "daily"
LEVELS = ("public", "mission")
START = datetime(2030, 9, 13, 19, 30, tzinfo=UTC)
END = START + timedelta(days=1)

# name, hours after the start, lat, lon, kind, P(kind), P(real), count, state, outcome, why
_ROWS = (
    ("a", 2.35, 45.012345, -29.987654, "thermal_anomaly", 0.82, 0.75, (None, None, None),
     "open", "indeterminate", "weapon"),
    ("b", 7.18, 45.1, -30.2, "explosion_impact", 0.9, 0.97, (2, 2, "exact"),
     "probable", "potential_breach", ""),
    ("c", 7.5, 44.9, -29.8, "small_arms_fire", 0.6, 0.5, (12, None, "at_least"),
     "open", "indeterminate", "location"),
    ("d", 16.9, 45.2, -30.4, "explosion_undetermined", 0.77, 0.995, (3, 5, "range"),
     "confirmed", "consistent", ""),
    ("e", 20.0, None, None, "artillery_fire", 0.5, 0.25, (None, None, None),
     "refuted", "indeterminate", "location"),
)  # fmt: skip


def incident(name: str, **changes: object) -> dict[str, object]:
    """Return one row of `INCIDENT`, plain but for what is given."""
    row: dict[str, object] = {
        "id": f"i-{name}", "tier": 0, "time": START + timedelta(hours=1), "time_sigma_s": 60.0,
        "lat_deg": 45.0, "lon_deg": -30.0,
        "cov_ee_m2": 250_000.0, "cov_en_m2": 20_000.0, "cov_nn_m2": 160_000.0,
        "class": "thermal_anomaly", "class_p": '{"thermal_anomaly":1}', "real_p": 0.5,
        "members": 3, "independent": 2, "count_min": None, "count_max": None,
        "count_qualifier": None, "state": "open", "priority": None,
    }  # fmt: skip
    row |= changes
    row.setdefault("time_start", row["time"])
    row.setdefault("time_end", row["time"])
    return row


HINDERED = (
    Hindered(
        hindrance="denial", start=datetime(2030, 9, 14, 10, 55, tzinfo=UTC),
        end=datetime(2030, 9, 14, 11, 38, tzinfo=UTC), lat_deg=44.991234, lon_deg=-29.987654,
        radius_m=5000.0, asset="Patrol 3", planned="visit of the depot at Pelven",
        said="No entry <without> written order",
    ),
    Hindered(
        hindrance="jamming", start=datetime(2030, 9, 14, 12, 0, tzinfo=UTC), end=None,
        lat_deg=45.05, lon_deg=-30.3, radius_m=12_000.0, asset="UAV 2", planned="", said="",
    ),
)  # fmt: skip


def incidents(*rows: dict[str, object]) -> pl.DataFrame:
    """Return a table of such rows."""
    return pl.DataFrame(list(rows), schema=INCIDENT)


def material(**changes: object) -> Material:
    """Return an empty day, but for what is given."""
    fields: dict[str, object] = {
        "mission_name": "Demo truce", "exercise": True, "level": "public",
        "day": date(2030, 9, 14), "number": 49, "window_start": START, "window_end": END,
        "time_zone": "UTC", "incidents": incidents(), "previous": incidents(),
        "assessments": pl.DataFrame(schema=ASSESSMENT), "rules": (), "agreement_title": "",
        "agreement_status": "", "in_force": False, "reports": reports(), "unlinked_n": 0,
        "refused": (), "refused_n": 0, "input_size": 41_402, "input_root": "5b" * 32,
        "origin": "demo.invalid/log", "code_version": "0.1.0",
    }  # fmt: skip
    return Material(**(fields | changes))  # type: ignore[arg-type]


def reports(*rows: tuple[object, ...]) -> pl.DataFrame:
    """Return a table of rows received."""
    types = (pl.String, pl.String, pl.UInt32, pl.UInt32, pl.UInt32, TIME, TIME)
    schema = dict(zip(REPORT_COLUMNS, types, strict=True))
    return pl.DataFrame(list(rows), schema=schema, orient="row")


def sample(level: str = "public") -> Material:
    """Return the material of the golden bulletin."""
    now = incidents(*(_incident(row) for row in _ROWS))
    before = incidents(
        incident("p", time=START - timedelta(hours=5), real_p=0.9),
        incident(
            "q", time=START - timedelta(hours=6), real_p=0.6,
            **{"class": "explosion_impact", "class_p": '{"explosion_impact":1}'},
            count_min=4, count_max=4, count_qualifier="exact",
        ),
    )  # fmt: skip
    return material(
        level=level,
        incidents=now,
        previous=before,
        assessments=_assessments(),
        rules=(
            RuleRow(
                id="R01",
                clause="There shall be no fire of any kind in the security zone.",
                zone="the security zone",
            ),
        ),
        agreement_title="Demo truce, fictional",
        agreement_status="in force",
        in_force=True,
        reports=reports(
            ("window", "firms", 12, None, 2, START, END - timedelta(hours=1)),
            ("window", "news", 0, None, 0, None, None),
            ("all", "firms", 1612, 3, 28, START - timedelta(days=13), END - timedelta(hours=1)),
            ("all", "news", 203, 0, 2, START - timedelta(days=13), START - timedelta(days=2)),
        ),
        unlinked_n=2,
        refused=(
            RefusedRow(
                file="firms-09-14.csv", line=17, problem="latitude is 95.2, must be -90 to 90"
            ),
            RefusedRow(file="firms-<b>.csv", line=None, problem="torn: \x1b[31m the last line"),
        ),
        refused_n=3,
        places=(
            NamedPlace(name="Pelven", lat_deg=45.1, lon_deg=-30.15),
            NamedPlace(name="Orva <Ferry> & Co", lat_deg=44.95, lon_deg=-29.75),
        ),
        hindered=HINDERED,
        corrections=("Bulletin 47 gave 18 incidents for 5 September; it is 17.",),
        zones=(
            ZoneOutline(
                id="Z1", ring_deg=((-30.6, 44.87), (-29.4, 44.87), (-29.4, 45.13), (-30.6, 45.13))
            ),
        ),
    )


def _incident(row: tuple[object, ...]) -> dict[str, object]:
    name, hours, lat_deg, lon_deg, kind, kind_p, real_p, count, state, _, _ = row
    time = START + timedelta(hours=float(str(hours)), seconds=7, microseconds=89)
    rest = round(1 - float(str(kind_p)), 3)
    low, high, qualifier = count  # type: ignore[misc]
    return incident(
        str(name), time=time, time_start=time - timedelta(minutes=4),
        time_end=time + timedelta(minutes=4), lat_deg=lat_deg, lon_deg=lon_deg,
        class_p=json.dumps({kind: kind_p, "undetermined": rest}), real_p=real_p, state=state,
        count_min=low, count_max=high, count_qualifier=qualifier, **{"class": kind},
    )  # fmt: skip


def _assessments() -> pl.DataFrame:
    rows = [
        {
            "subject": f"i-{row[0]}", "subject_kind": "incident", "rule": "R01",
            "agreement": "a" * 64, "agreement_version": 1, "measured_from": "",
            "outcome": row[9], "why": row[10], "inside_p": 0.6789,
            "trace": "[]",
        }
        for row in _ROWS
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=ASSESSMENT)


def main() -> None:
    """Write the golden files."""
    render = product("daily")
    for level in LEVELS:
        folder = SAMPLES / level
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in render(sample(level)).files.items():
            (folder / name).write_bytes(content)


if __name__ == "__main__":
    main()
