"""A small bulletin whose every number can be checked by eye, and how its golden files are made.

`python tests/report/regenerate.py` writes `samples/daily/LEVEL/` anew, and of days on which what
could have been seen is known the text and the numbers to `samples/daily/watched/DAY/`.
"""

from __future__ import annotations

import dataclasses
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
from trucewatch.report.watching import CellShare, Lost, Rated, Sector, Watching

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


def rated(count: int, *shares: float, **changes: object) -> Rated:
    """Return a rate of the window, of as many covered hours as the shares (low, high) give."""
    low_h, high_h = 24 * shares[0], 24 * shares[-1]
    least = count / high_h * 1000 if high_h else None
    fields: dict[str, object] = {
        "start": START, "end": END, "passed_h": 24.0,
        "covered_low_h": low_h, "covered_high_h": high_h, "count": count, "other_n": 0,
        "middle_per_1000h": count / low_h * 1000 if count and low_h else None,
        "low_per_1000h": None if least is None else least * 0.4,
        "high_per_1000h": (count * 2 + 3) / low_h * 1000 if low_h else None,
        "level_p": 0.9 if count else 0.95,
    }  # fmt: skip
    return Rated(**(fields | changes))  # type: ignore[arg-type]


def period(count: int, *shares: float) -> Rated:
    """Return a rate since a recommitment thirty days before the window's end."""
    start, hours = END - timedelta(days=30), 30 * 24.0
    low_h, high_h = hours * shares[0], hours * shares[-1]
    return rated(
        count, *shares, start=start, passed_h=hours, covered_low_h=low_h, covered_high_h=high_h,
        middle_per_1000h=count / low_h * 1000 if count and low_h else None,
        low_per_1000h=count / high_h * 500 if high_h else None,
        high_per_1000h=(count * 1.6 + 4.2) / low_h * 1000 if low_h else None, level_p=0.95,
    )  # fmt: skip


def sector(name: str, **changes: object) -> Sector:
    """Return a sector that is holding and well watched, but for what is given."""
    fields: dict[str, object] = {
        "id": name, "window": rated(2, 0.71, 0.8), "before": rated(1, 0.68, 0.77),
        "lost": (Lost(cause="night", hours_h=41.2), Lost(cause="cloud", hours_h=9.7)),
        "period": period(3, 0.69, 0.78), "tolerated_per_1000h": 25.0, "coverage_min_share": 0.3,
        "answer": "holding", "why": "",
    }  # fmt: skip
    return Sector(**(fields | changes))  # type: ignore[arg-type]


def cells(size_deg: float = 0.1) -> tuple[CellShare, ...]:
    """Return cells over the zone of the sample: the west well watched, the east hardly."""
    across, up = round(1.2 / size_deg), round(0.26 / size_deg)
    found = []
    for row in range(up):
        for column in range(across):
            west, south = -30.6 + column * size_deg, 44.87 + row * size_deg
            east, north = west + size_deg, south + size_deg
            ring_deg = ((west, south), (east, south), (east, north), (west, north))
            share = 0.8 - 0.7 * column / across
            found.append(CellShare(ring_deg=ring_deg, covered_share=share))
    return tuple(found)


def watching(*sectors: Sector, **changes: object) -> Watching:
    """Return what could have been seen of such sectors, of which the first is told as the whole."""
    ones = sectors or (sector("Z1"),)
    fields: dict[str, object] = {
        "counts": ("explosion_impact", "artillery_fire"),
        "whole": dataclasses.replace(ones[0], id=""), "sectors": ones, "cells": cells(),
        "alpha_p": 0.05, "strangers": (),
    }  # fmt: skip
    return Watching(**(fields | changes))  # type: ignore[arg-type]


def three_answers() -> Watching:
    """Return a day on which each answer is given somewhere, and each reason why not."""
    hurt = sector(
        "Z2",
        answer="not holding",
        window=rated(14, 0.62, 0.7),
        before=rated(9, 0.6, 0.7),
        period=period(61, 0.6, 0.72),
        lost=(),
    )
    undeclared = sector("Z3", answer="cannot tell", why="no tolerance", tolerated_per_1000h=None)
    weak = sector("Z4", answer="cannot tell", why="evidence too weak", period=period(12, 0.5, 0.6))
    whole = sector(
        "",
        answer="not holding",
        window=rated(17, 0.66, 0.75, other_n=4),
        before=rated(11, 0.64, 0.72),
        period=period(76, 0.6, 0.7),
        lost=(Lost(cause="denial", hours_h=30.0), Lost(cause="jamming", hours_h=0.4)),
    )
    ones = (sector("Z1"), hurt, undeclared, weak)
    return watching(*ones, whole=whole, strangers=("patrol-9", "uav-7"))


def zero_day() -> Watching:
    """Return a day on which none was seen."""
    quiet = sector("Z1", window=rated(0, 0.71, 0.8), period=period(0, 0.69, 0.78))
    return watching(quiet)


def hardly_covered() -> Watching:
    """Return a day on which little could have been seen, and nothing in one sector."""
    little = sector(
        "Z1",
        answer="cannot tell",
        why="too little covered",
        window=rated(1, 0.23),
        before=rated(6, 0.71),
        period=period(5, 0.21, 0.28),
        lost=(Lost(cause="denied", hours_h=96.0), Lost(cause="absent", hours_h=24.0)),
    )
    dark = sector(
        "Z2",
        answer="cannot tell",
        why="too little covered",
        window=rated(0, 0.0),
        before=rated(0, 0.0),
        period=period(0, 0.0),
        lost=(Lost(cause="jamming", hours_h=24.0),),
    )
    return watching(little, dark)


WATCHED = {
    "three-answers": three_answers,
    "zero-day": zero_day,
    "hardly-covered": hardly_covered,
}
"""Days on which what could have been seen is known, by name."""
WATCHED_ENDS = ("txt", "json")


def watched(day: str, level: str = "public") -> Material:
    """Return the material of such a day."""
    return dataclasses.replace(sample(level), watching=WATCHED[day]())


def main() -> None:
    """Write the golden files."""
    render = product("daily")
    for level in LEVELS:
        folder = SAMPLES / level
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in render(sample(level)).files.items():
            (folder / name).write_bytes(content)
    for day in WATCHED:
        folder = SAMPLES / "watched" / day
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in render(watched(day)).files.items():
            if name.rpartition(".")[2] in WATCHED_ENDS:
                (folder / name).write_bytes(content)


if __name__ == "__main__":
    main()
