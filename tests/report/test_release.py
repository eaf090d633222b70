"""What is released: nothing finer than the grid, and enough to count again."""

from __future__ import annotations

import dataclasses
import json
import math
from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trucewatch.records.happening import HAPPENINGS
from trucewatch.report.bulletin.figures import figures
from trucewatch.report.bulletin.interval import change, tally
from trucewatch.report.daily import render
from trucewatch.report.release import cell_centre, lines, release

if TYPE_CHECKING:
    from types import ModuleType

INNER = st.floats(0.01, 0.99)
LATS = st.floats(-89.9, 89.9)
LONS = st.floats(-179.9, 179.9)


def in_cell(lat_deg: float, lon_deg: float, *, up: float, along: float) -> tuple[float, float]:
    """Return another point of the same cell, from the definition of the grid in words."""
    row = math.floor((lat_deg + 90) * 110)
    columns = max(1, math.floor(39_600 * math.cos(math.radians((row + 0.5) / 110 - 90))))
    column = math.floor((lon_deg + 180) / 360 * columns)
    return (row + up) / 110 - 90, (column + along) / columns * 360 - 180


def rows(make: ModuleType, level: str = "public") -> list[dict[str, object]]:
    table = lines(release(make.sample(level)))
    return [json.loads(line) for line in table.splitlines()]


@given(LATS, LONS, INNER, INNER, st.integers(0, 59_999_999))
@settings(max_examples=60, deadline=None)
def test_every_point_of_a_cell_gives_the_same_row(
    make: ModuleType, lat_deg: float, lon_deg: float, up: float, along: float, late_us: int
) -> None:
    centre = in_cell(lat_deg, lon_deg, up=0.5, along=0.5)
    other = in_cell(lat_deg, lon_deg, up=up, along=along)
    minute = make.START + timedelta(hours=3)

    def released(place: tuple[float, float], late: timedelta) -> bytes:
        row = make.incident(
            "x", lat_deg=place[0], lon_deg=place[1], time=minute + late,
            time_start=minute, time_end=minute + timedelta(minutes=9),
        )  # fmt: skip
        return lines(release(make.material(incidents=make.incidents(row))))

    assert released(other, timedelta(microseconds=late_us)) == released(centre, timedelta())


@given(LATS, LONS)
@settings(max_examples=60, deadline=None)
def test_the_grid_is_fixed_and_a_cell_is_about_a_kilometre(lat_deg: float, lon_deg: float) -> None:
    table = pl.DataFrame({"lat_deg": [lat_deg], "lon_deg": [lon_deg]})

    centre = cell_centre(table)

    assert cell_centre(centre).equals(centre)
    north_m = abs(centre["lat_deg"][0] - lat_deg) * 111_700
    assert north_m <= 511
    row_columns = math.floor(39_600 * math.cos(math.radians(centre["lat_deg"][0])))
    wide_m = 2 * math.pi * 6_371_000 * math.cos(math.radians(centre["lat_deg"][0])) / row_columns
    assert wide_m >= 1000


@given(INNER, INNER)
@settings(max_examples=10, deadline=None)
def test_no_file_of_a_public_bulletin_tells_where_in_its_cell_an_incident_is(
    make: ModuleType, up: float, along: float
) -> None:
    def files(place: tuple[float, float]) -> object:
        row = make.incident("x", lat_deg=place[0], lon_deg=place[1], state="probable")
        return render(make.material(incidents=make.incidents(row))).files

    assert files(in_cell(45.01, -29.98, up=up, along=along)) == files(
        in_cell(45.01, -29.98, up=0.5, along=0.5)
    )


def test_public_rows_leave_out_what_is_finer_than_the_grid(make: ModuleType) -> None:
    fine = {"cov_ee_m2", "cov_en_m2", "cov_nn_m2", "time_sigma_s", "priority", "inside_p"}

    for row in rows(make):
        told: list[dict[str, object]] = row["assessments"]  # type: ignore[assignment]
        assert not fine & (set(row) | {key for one in told for key in one})
        assert str(row["time"]).endswith(":00.000000Z")


def test_both_names_of_the_antimeridian_are_one_cell() -> None:
    east, west = cell_centre(
        pl.DataFrame({"lat_deg": [48.7] * 2, "lon_deg": [180.0, -180.0]})
    ).rows()

    assert east == west
    assert -180 < east[1] < -179.9


@pytest.mark.parametrize(("sigma_m", "error_km"), [(816.0, 2), (818.0, 3)])
@pytest.mark.parametrize("axes", ["ee", "nn"])
def test_the_place_error_is_the_long_half_axis_of_95_per_cent_rounded_up(
    make: ModuleType, sigma_m: float, error_km: int, axes: str
) -> None:
    # 95 % of a circle's worth of error lies within sqrt(5.99) = 2.448 sigma.
    spread = {"cov_ee_m2": 1e4, "cov_en_m2": 0.0, "cov_nn_m2": 1e4, f"cov_{axes}_m2": sigma_m**2}
    table = make.incidents(make.incident("x", **spread))

    assert release(make.material(incidents=table)).incidents["error_km"].to_list() == [error_km]


def test_outcomes_of_the_previous_window_are_in_no_count_of_this_one(make: ModuleType) -> None:
    sample = make.sample()
    row = sample.assessments.head(1).with_columns(subject=pl.lit("i-p"))
    more = dataclasses.replace(sample, assessments=pl.concat([sample.assessments, row]))

    assert figures(release(more)) == figures(release(sample))


def test_what_is_no_incident_is_in_no_released_table(make: ModuleType) -> None:
    sample = make.sample()
    row = sample.assessments.head(1).with_columns(
        subject=pl.lit("sighting-12"), subject_kind=pl.lit("sighting")
    )
    of_same_name = row.with_columns(subject=pl.lit(sample.incidents["id"][0]))
    both = pl.concat([sample.assessments, row, of_same_name])

    released = release(dataclasses.replace(sample, assessments=both))

    assert released.assessments.equals(release(sample).assessments)


def test_an_incident_under_two_versions_is_told_under_each_and_counted_once(
    make: ModuleType,
) -> None:
    sample = make.sample()
    second = sample.assessments.with_columns(agreement_version=pl.lit(2, dtype=pl.UInt32))
    both = dataclasses.replace(sample, assessments=pl.concat([sample.assessments, second]))

    released = release(both)

    assert len(released.assessments) == 2 * len(release(sample).assessments)
    assert figures(released) == figures(release(sample))


def test_a_rounded_probability_never_becomes_a_certainty(make: ModuleType) -> None:
    sure = make.incident("x", real_p=0.99999)
    doubtful = make.incident("y", real_p=0.00001)
    both = make.material(incidents=make.incidents(sure, doubtful))

    assert release(both).incidents["real_p"].to_list() == [0.999, 0.001]


def test_a_rounded_share_of_a_kind_becomes_no_certainty_that_it_was_not(make: ModuleType) -> None:
    nearly = make.incident("x", class_p='{"shot":0.0004,"thermal_anomaly":0.9996}')
    surely = make.incident("y", class_p='{"shot":0,"thermal_anomaly":1}')
    both = make.material(incidents=make.incidents(nearly, surely))

    found = release(both).incidents.sort("id")["class_p"].to_list()

    assert found == ['{"shot":0.001,"thermal_anomaly":0.999}', '{"shot":0,"thermal_anomaly":1}']


def test_mission_rows_are_as_they_are(make: ModuleType) -> None:
    sample = make.sample("mission")

    released = release(sample).incidents.filter(pl.col("window") == "current")

    kept = [c for c in sample.incidents.columns if c in released.columns]
    assert released.select(kept).sort("id").equals(sample.incidents.select(kept).sort("id"))
    assert len(kept) == len(sample.incidents.columns)


def test_the_interval_of_time_grows_outwards_to_whole_minutes(make: ModuleType) -> None:
    start = make.START + timedelta(hours=2, seconds=30)
    row = make.incident("x", time=start, time_start=start, time_end=start)

    released = release(make.material(incidents=make.incidents(row))).incidents.row(0, named=True)

    assert released["time_start"] == make.START + timedelta(hours=2)
    assert released["time_end"] == make.START + timedelta(hours=2, minutes=1)


@pytest.mark.parametrize("level", ["public", "mission"])
def test_the_release_table_counts_again_to_the_same_numbers(make: ModuleType, level: str) -> None:
    told = json.loads(render(make.sample(level)).files["daily-2030-09-14.json"])
    table = rows(make, level)
    now = [row for row in table if row["window"] == "current"]
    before = [row for row in table if row["window"] == "previous"]

    for name, part in (("current", now), ("previous", before)):
        again = tally([row["real_p"] for row in part])  # type: ignore[misc]
        figure = told["incidents"][name]
        assert figure["value"] == again.n == len(part)
        assert figure["real"]["mean"] == pytest.approx(again.real_mean)
        assert (figure["real"]["low"], figure["real"]["high"]) == (again.low, again.high)
    gain = change([r["real_p"] for r in now], [r["real_p"] for r in before])  # type: ignore[misc]
    assert told["incidents"]["change"]["real"]["low"] == gain.low
    assert {row["kind"]: row["current"]["value"] for row in told["kinds"]} == {
        row["kind"]: sum(one["class"] == row["kind"] for one in now) for row in told["kinds"]
    }
    assert units_again(now) == (told["units"][0]["current"]["low"], None)
    assert told["release_table"]["rows"] == len(table)


def units_again(table: list[dict[str, object]]) -> tuple[int, int | None]:
    countable = [row for row in table if HAPPENINGS[str(row["class"])].osce_unit]
    low = sum(int(str(row["count_min"])) for row in countable if row["count_min"] is not None)
    tops = [row["count_max"] for row in countable]
    return low, None if None in tops else sum(tops)  # type: ignore[arg-type]


def test_outcomes_count_again_from_the_release_table(make: ModuleType) -> None:
    told = json.loads(render(make.sample()).files["daily-2030-09-14.json"])
    current = [row for row in rows(make) if row["window"] == "current"]
    found: dict[tuple[str, str, str], int] = {}
    for row in current:
        for one in row["assessments"]:  # type: ignore[attr-defined]
            key = (one["rule"], one["outcome"], one["why"])
            found[key] = found.get(key, 0) + 1

    figures = told["outcomes"]

    assert found == {(r["rule"], r["outcome"], r["why"]): r["incidents"]["value"] for r in figures}
