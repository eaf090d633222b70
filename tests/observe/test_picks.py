"""What only picks promise, and the real picks of a dense network."""

from __future__ import annotations

import csv
import gzip
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl
import pytest

from golden import source_of
from trucewatch.errors import BadInput
from trucewatch.observe import sensor

if TYPE_CHECKING:
    from pathlib import Path

    from trucewatch.records.batch import Batch

HEAD = "time,station,phase,probability"
USUAL = {"time": "2030-09-01T00:00:01.25Z", "station": "K1", "phase": "P", "probability": "0.5"}
STATIONS = "K1 45.1 -30.2; K2 45.3 -30.0"


def read(*rows: str, **settings: str) -> Batch:
    raw = "\n".join([HEAD, *rows, ""]).encode()
    source = replace(source_of(raw, sensor("picks")), settings={"stations": STATIONS, **settings})
    return sensor("picks").read(raw, source=source)


def pick(**said: str) -> str:
    return ",".join((USUAL | said).values())


def test_a_pick_names_a_station_and_no_place() -> None:
    seen = read(pick(station="K2", phase="S")).observations.row(0, named=True)

    assert (seen["channel"], seen["class"]) == ("K2", "arrival")
    assert [seen[name] for name in ("lat_deg", "lon_deg", "cov_ee_m2")] == [None] * 3
    assert seen["features"] == {
        "station_lat_deg": 45.3,
        "station_lon_deg": -30.0,
        "phase": "S",
        "probability": 0.5,
    }


@pytest.mark.parametrize(
    ("written", "microsecond"),
    [
        ("2030-09-01T00:00:01Z", 0),
        ("2030-09-01T00:00:01.5Z", 500_000),
        ("2030-09-01T00:00:01.000001Z", 1),
        ("2030-09-01 00:00:01.250+00:00", 250_000),
    ],
)
def test_reads_utc_times_to_the_microsecond(written: str, microsecond: int) -> None:
    seen = read(pick(time=written)).observations["time_start"].item()

    assert (seen.second, seen.microsecond) == (1, microsecond)


@pytest.mark.parametrize(
    "written",
    [
        "2030-09-01T00:00:01",  # no zone
        "2030-09-01T00:00:01+02:00",
        "2030-09-01T00:00Z",
        "2030-02-30T00:00:01Z",
        "2030-09-01T24:00:01Z",
        "2030-09-01T00:00:60Z",
        "2030-09-01T00:00:01.1234567Z",
        "0000-09-01T00:00:01Z",
        "1914436801",
    ],
)
def test_refuses_a_time_that_is_no_utc_time(written: str) -> None:
    problem = read(pick(time=written)).refused["problem"].item()

    assert problem == f"time is {written}, must be a UTC time such as 2030-09-01T00:00:01.25Z"


def test_refuses_a_pick_of_an_unknown_station_by_row() -> None:
    batch = read(pick(), pick(station="K9"), pick())

    problem = "station is K9, must be one of the mission's 2 stations"
    assert batch.refused.rows() == [(1, 3, problem)]
    assert batch.observations["row"].to_list() == [0, 2]


def test_refuses_every_pick_where_no_station_is_set() -> None:
    batch = read(pick(), stations=" ; \n")

    problem = "station is K1, must be one of the mission's 0 stations"
    assert batch.refused["problem"].to_list() == [problem]


def test_refuses_picks_below_the_least_probability() -> None:
    batch = read(pick(probability="0.3"), pick(probability="0.29"), probability_min="0.3")

    problem = "probability is 0.29, the mission asks for 0.3"
    assert batch.refused.rows() == [(1, 3, problem)]


def test_the_same_pick_has_the_same_key_in_any_file() -> None:
    written = pick(time="2030-09-01 00:00:01.250000+00:00", probability=".50")

    first, second = read(pick()), read(pick(station="K2"), written)

    assert second.observations["dedup_key"][1] == first.observations["dedup_key"].item()


def test_stations_may_stand_one_a_line() -> None:
    lines = "\n  K1 45.1 -30.2\n\tK2\t45.3   -30\n\n"

    assert read(pick(station="K2"), stations=lines).observations.height == 1


@pytest.mark.parametrize(
    ("stations", "problem"),
    [
        ("K1 45.1", "'K1 45.1' is no station, expected ID LATITUDE LONGITUDE"),
        ("K1 45.1 -30.2 K2 45.3 -30", "'K1 45.1 -30.2 K2 45.3 -30' is no station"),
        ("K1 4_5 -30.2", "'K1 4_5 -30.2' is no station"),
        ("K1 nan -30.2", "'K1 nan -30.2' is no station"),
        ("K|1 45.1 -30.2", "is no station"),
        ("K1 95.2 -30.2", "K1 is at 95.2, -30.2, must be -90 to 90 and -180 to 180"),
        ("K1 45.1 -180.1", "K1 is at 45.1, -180.1, must be"),
        ("K1 45.1 -30.2; K1 45.1 -30.2", "K1 is given twice, expected once"),
    ],
)
def test_refuses_stations_that_cannot_be_read(stations: str, problem: str) -> None:
    with pytest.raises(BadInput, match=f"^setting stations: .*{re.escape(problem)}"):
        read(pick(), stations=stations)


@pytest.mark.parametrize("written", ["", "1.1", "-0.1", "nan", "1e-3", "half"])
def test_refuses_a_least_probability_that_is_none(written: str) -> None:
    with pytest.raises(BadInput, match=r"^setting probability_min: is '.*', must be 0 to 1$"):
        read(pick(), probability_min=written)


@pytest.mark.shared
def test_reads_every_real_pick(shared: Path) -> None:
    folder = shared / "data" / "sensors"
    raw = gzip.decompress((folder / "picks_italy_20161014_4h.csv.gz").read_bytes())
    with (folder / "stations_italy.csv").open() as file:
        rows = [(r["station"], r["latitude"], r["longitude"]) for r in csv.DictReader(file)]
    settings = {"stations": "\n".join(" ".join(row) for row in rows)}
    source = replace(source_of(raw, sensor("picks")), settings=settings)

    batch = sensor("picks").read(raw, source=source)

    assert (batch.observations.height, batch.refused.height) == (22_212, 0)
    assert batch.observations["channel"].n_unique() == 56
    assert batch.observations["dedup_key"].is_unique().all()
    by_phase = batch.observations.group_by(pl.col("features").struct.field("phase")).len()
    assert dict(by_phase.iter_rows()) == {"P": 10_618, "S": 11_594}
