"""What only FIRMS files promise, and the real downloads."""

from __future__ import annotations

import csv
import gzip
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from golden import read
from trucewatch.observe import sensor

if TYPE_CHECKING:
    from pathlib import Path

    from trucewatch.records.batch import Batch

HEAD = "latitude,longitude,acq_date,acq_time,satellite,frp,scan,track,confidence"


def rows(*lines: str, head: str = HEAD) -> Batch:
    return read(sensor("firms"), "\n".join([head, *lines, ""]).encode())


def pixel(**said: str) -> Batch:
    usual = {"latitude": "45.1", "longitude": "-30.2", "acq_date": "2030-09-01"}
    usual |= {"acq_time": "0113", "satellite": "N21", "frp": "2.5", "scan": "0.4", "track": "0.3"}
    fields = usual | {"confidence": "n"} | said
    return rows(",".join(fields.values()), head=",".join(fields))


def problem(batch: Batch) -> str:
    return str(batch.refused["problem"].item())


@pytest.mark.parametrize("written", ["35", "035", "0035", "00:35", "0:35"])
def test_reads_every_spelling_of_a_clock_time(written: str) -> None:
    seen = pixel(acq_time=written).observations

    assert seen["time_start"].item() == seen["time_end"].item()
    assert seen["time_start"].item() == datetime(2030, 9, 1, 0, 35, tzinfo=UTC)
    assert seen["dedup_key"].item() == "firms|N21|2030-09-01T0035|45100000|-30200000|0"


@pytest.mark.parametrize("written", ["2400", "0060", "-5", "1:5", "12345", "noon", "1.5", "00 35"])
def test_refuses_what_is_no_clock_time(written: str) -> None:
    assert problem(pixel(acq_time=written)) == f"acq_time is {written}, must be a UTC time as HHMM"


@pytest.mark.parametrize(
    "written", ["2030-9-1", "2030-02-30", "20300901", " 2030-9-01", "+2030-9-1", "01-09-2030", ""]
)
def test_refuses_what_is_no_day(written: str) -> None:
    shown = written or "empty"

    assert problem(pixel(acq_date=written)) == f"acq_date is {shown}, must be a day as YYYY-MM-DD"


@pytest.mark.parametrize(
    ("column", "written", "expected"),
    [
        ("latitude", "90.000001", "-90 to 90"),
        ("latitude", "nan", "-90 to 90"),
        ("latitude", "north", "-90 to 90"),
        ("longitude", "-180.5", "-180 to 180"),
        ("longitude", "inf", "-180 to 180"),
        ("frp", "-0.1", "0 to 100000"),
        ("frp", "1e999", "0 to 100000"),
        ("scan", "0", "above 0, up to 10"),
        ("track", "375", "above 0, up to 10"),
        ("confidence", "101", "l, n, h or 0 to 100"),
        ("confidence", "x", "l, n, h or 0 to 100"),
        ("confidence", "nan", "l, n, h or 0 to 100"),
    ],
)
def test_refuses_a_value_out_of_range_as_written(column: str, written: str, expected: str) -> None:
    batch = pixel(**{column: written})

    assert batch.observations.is_empty()
    assert problem(batch) == f"{column} is {written}, must be {expected}"


def test_accepts_the_poles_and_the_antimeridian() -> None:
    for latitude, longitude in (("90", "180"), ("-90", "-180"), ("0", "-0.0")):
        assert pixel(latitude=latitude, longitude=longitude).refused.is_empty()


def test_shows_a_hostile_value_cut_and_without_control_characters() -> None:
    assert problem(pixel(acq_time="\x1b[31m" + "9" * 1000)) == (
        f"acq_time is ?[31m{'9' * 35}..., must be a UTC time as HHMM"
    )


def test_takes_the_position_error_from_the_row() -> None:
    seen = pixel(scan="1.2", track="0.6").observations

    assert seen["cov_ee_m2"].item() == pytest.approx(1200**2 / 12)
    assert seen["cov_nn_m2"].item() == pytest.approx(600**2 / 12)


@pytest.mark.parametrize(
    ("satellite", "east_m", "north_m"),
    [("SNPP", 800, 800), ("N21", 800, 800), ("Aqua", 4800, 2000), ("H09", 4800, 2000)],
)
def test_takes_the_widest_pixel_where_the_row_gives_none(
    satellite: str, east_m: int, north_m: int
) -> None:
    seen = pixel(satellite=satellite, scan="", track="").observations

    assert seen["cov_ee_m2"].item() == pytest.approx(east_m**2 / 12)
    assert seen["cov_nn_m2"].item() == pytest.approx(north_m**2 / 12)


@pytest.mark.parametrize(
    ("confidence", "grade"),
    [
        *(("h", "2"), ("n", "3"), ("l", "4"), ("high", "2"), ("nominal", "3"), ("low", "4")),
        *(("80", "2"), ("79", "3"), ("30", "3"), ("29.9", "4"), ("", "6")),
    ],
)
def test_grades_by_confidence(confidence: str, grade: str) -> None:
    assert pixel(confidence=confidence).observations["grade_info"].item() == grade


def test_spellings_of_one_pixel_share_a_key() -> None:
    one = pixel(latitude="45.1", longitude="-30.2", satellite="N", acq_time="113")
    other = pixel(latitude="45.100000", longitude="-30.20", satellite="Suomi NPP", acq_time="01:13")

    assert one.observations["dedup_key"].item() == other.observations["dedup_key"].item()


def test_a_key_holds_the_microdegrees_as_written() -> None:
    key = (
        pixel(longitude="32.000001").observations["dedup_key"].item()
    )  # times 1e6 it is a hair less

    assert key.split("|")[4] == "32000001"


def test_keeps_the_name_of_a_satellite_that_it_does_not_know() -> None:
    assert pixel(satellite="N22").observations["channel"].item() == "N22"


def test_refuses_a_file_that_names_the_satellite_in_two_columns() -> None:
    assert problem(pixel(sat="N21")) == "header names 'satellite' twice, expected once"


def test_counts_equal_pixels_within_one_file() -> None:
    line = "45.1,-30.2,2030-09-01,0113,N21,2.5,0.4,0.3,n"
    keys = rows(line, "45.2,-30.2,2030-09-01,0113,N21,2.5,0.4,0.3,n", line, line).observations

    assert keys["dedup_key"].str.tail(2).to_list() == ["|0", "|0", "|1", "|2"]


def test_a_day_without_a_clock_is_that_utc_day() -> None:
    batch = rows("45.1,-30.2,2030-09-01,VIIRS", head="latitude,longitude,acq_date,instrument")
    seen = batch.observations

    assert seen["time_end"].item() - seen["time_start"].item() == timedelta(days=1)
    assert seen["time_sigma_s"].item() == pytest.approx(86_400 / 12**0.5)
    assert seen["channel"].item() == "VIIRS"
    assert batch.missing[:2] == ("acq_time", "satellite")


numbers = st.floats(-90, 90).map(lambda v: f"{v:.6f}")
odd = st.sampled_from(["", "95.2", "nan", "x", "-0", "+1.5", "1e1", " 3"])


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.tuples(numbers | odd, numbers | odd), min_size=1, max_size=8))
def test_the_short_way_and_the_long_way_read_the_same(pairs: list[tuple[str, str]]) -> None:
    """A quoted field sends a file the long way, through single lines."""
    tail = "2030-09-01,0113,N21,2.5,0.4,0.3,n"
    plain = rows(*(f"{a},{b},{tail}" for a, b in pairs))
    quoted = rows(*(f'"{a}",{b},{tail}' for a, b in pairs))

    assert quoted.observations.drop("object").equals(plain.observations.drop("object"))
    assert quoted.refused.equals(plain.refused)


# ---- real downloads


def slow_twin(row: dict[str, str]) -> dict[str, object]:
    """One row of the full schema, by the csv module and plain arithmetic."""
    clock = row["acq_time"].zfill(4)
    time = datetime.strptime(f"{row['acq_date']} {clock}+0000", "%Y-%m-%d %H%M%z")
    lat_deg, lon_deg = float(row["latitude"]), float(row["longitude"])
    key = f"{row['sat']}|{row['acq_date']}T{clock}|{round(lat_deg * 1e6)}|{round(lon_deg * 1e6)}"
    return {
        "dedup_key": f"firms|{key}|0",
        "time_start": time,
        "time_end": time,
        "lat_deg": lat_deg,
        "lon_deg": lon_deg,
        "cov_ee_m2": pytest.approx((float(row["scan"]) * 1000) ** 2 / 12),
        "cov_nn_m2": pytest.approx((float(row["track"]) * 1000) ** 2 / 12),
        "grade_info": {"h": "2", "n": "3", "l": "4"}[row["confidence"]],
    }


@pytest.mark.shared
def test_accepts_every_row_of_a_real_download(shared: Path) -> None:
    raw = gzip.decompress((shared / "data/viirs_nrt_20260625_20260628.csv.gz").read_bytes())
    batch = read(sensor("firms"), raw)
    twins = list(csv.DictReader(raw.decode().splitlines()))

    assert batch.refused.is_empty()
    assert batch.observations.height == len(twins) == 6_250
    assert batch.observations["dedup_key"].is_unique().all()
    for at in np.random.default_rng(7).choice(len(twins), 200, replace=False):
        twin = slow_twin(twins[at])
        assert {name: batch.observations[name][int(at)] for name in twin} == twin


@pytest.mark.shared
@pytest.mark.parametrize("year", ["2012", "2016", "2018", "2020", "2022H1"])
def test_accepts_every_row_of_the_real_archive(shared: Path, year: str) -> None:
    raw = gzip.decompress((shared / f"data/fires_{year}.csv.gz").read_bytes())
    seen = read(sensor("firms"), raw)
    twins = list(csv.reader(raw.decode().splitlines()))[1:]
    table = seen.observations

    assert seen.refused.is_empty()
    assert table.height == len(twins)
    assert table["channel"].to_list() == [twin[3] for twin in twins]
    assert table.filter(pl.col("time_end") - pl.col("time_start") != timedelta(days=1)).is_empty()
    for at in np.random.default_rng(7).choice(len(twins), 200, replace=False):
        latitude, longitude, day, _ = twins[at]
        lat_deg, lon_deg, start = table.select("lat_deg", "lon_deg", "time_start").row(int(at))
        assert (lat_deg, lon_deg) == (float(latitude), float(longitude))
        assert start == datetime.fromisoformat(f"{day}T00:00:00+00:00")
