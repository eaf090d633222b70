"""Picks of one source become one report, with an honest error, whatever files brought them."""

from __future__ import annotations

import csv
import gzip
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import settings as tried
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from tests.fuse.arrivals.conftest import SETTINGS, SOURCES, picks_of

from trucewatch.errors import BadInput
from trucewatch.fuse.arrivals import error
from trucewatch.fuse.arrivals.error import errors
from trucewatch.fuse.arrivals.find import find
from trucewatch.fuse.arrivals.picks import Network, Picks
from trucewatch.fuse.distinct import distinct
from trucewatch.fuse.located import MEMBERS, UNLINKED, Located, locate_arrivals
from trucewatch.fuse.settings import FusionSettings
from trucewatch.geo.plane import Covariances, Plane
from trucewatch.observe import sensor
from trucewatch.records.source import Source
from trucewatch.records.table import OBJECT, OBSERVATION
from trucewatch.simulate.trials.picks import draw, draw_hard

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from trucewatch.simulate.trials.picks import PickTruth, PickWorld

START = datetime(2030, 9, 1, tzinfo=UTC)
CENTRE = {"centre_lat_deg": 45.0, "centre_lon_deg": -30.0}
PLANE = Plane(**CENTRE)
MIDDLE_KM = 110.0  # of the trial's box
CHI2_90 = 4.605170185988092  # 90 % point of chi-squared with 2 degrees of freedom
GRID = Network(
    place_km=np.array([(east, north) for east in range(0, 101, 20) for north in range(0, 101, 20)])
    * 1.0
)


def table(picks: Picks, network: Network, *, middle_km: float = 50.0) -> pl.DataFrame:
    """Return picks as the observations that their sensor makes."""
    lon_deg, lat_deg = PLANE.unproject(*((network.place_km - middle_km) * 1e3).T.copy())
    time_us = np.rint(picks.time_s * 1e6).astype(np.int64) + int(START.timestamp()) * 1_000_000
    at = pl.Series(time_us).cast(pl.Datetime("us", "UTC"))
    many = len(time_us)
    said = pl.DataFrame(
        {
            "time_start": at,
            "time_end": at,
            "channel": [f"K{s}" for s in picks.station],
            "station_lat_deg": lat_deg[picks.station],
            "station_lon_deg": lon_deg[picks.station],
            "phase": np.array(["P", "S"])[picks.phase],
        }
    )
    key = pl.format("picks|{}|{}|{}|0", pl.col("time_start").dt.timestamp("us"), "channel", "phase")
    full = said.with_columns(
        *(pl.lit(None, kind).alias(n) for n, kind in OBSERVATION.items() if n not in said.columns)
    ).with_columns(
        pl.lit("a" * 64).cast(OBJECT).alias("object"),
        pl.Series("row", range(many), dtype=pl.UInt32),
        pl.lit("arrival").alias("class"),
        pl.lit("picks").alias("sensor"),
        key.alias("dedup_key"),
        features=pl.struct("station_lat_deg", "station_lon_deg", "phase"),
    )
    return full.select(*OBSERVATION, "features")


def located(observations: pl.DataFrame) -> Located:
    return locate_arrivals(observations, plane=PLANE, settings=SETTINGS)


def three_sources() -> tuple[pl.DataFrame, NDArray[np.int64]]:
    picks, true = picks_of(SOURCES, GRID)
    return table(picks, GRID), true


def said(found: Located) -> pl.DataFrame:
    """What the reports say, apart from which file said it."""
    return found.reports.drop("object", "row")


def addresses(frame: pl.DataFrame) -> set[tuple[str, int]]:
    return set(frame.select(pl.col("object").cast(pl.String), "row").iter_rows())


def test_each_source_is_one_report_where_and_when_it_was() -> None:
    observations, _ = three_sources()

    reports = located(observations).reports

    x_m, y_m = PLANE.project(reports["lon_deg"].to_numpy(), reports["lat_deg"].to_numpy())
    after_s = (reports["time_start"] - START).dt.total_microseconds().to_numpy() / 1e6
    assert dict(reports.schema) == OBSERVATION
    assert np.abs(x_m / 1e3 + 50 - SOURCES[:, 0]).max() < 2
    assert np.abs(y_m / 1e3 + 50 - SOURCES[:, 1]).max() < 2
    assert np.abs(after_s - SOURCES[:, 2]).max() < 0.5
    assert reports["class"].to_list() == ["undetermined"] * 3
    assert (reports["time_sigma_s"] > 0).all()


def test_the_members_of_a_report_are_its_picks_and_the_rest_is_listed_apart() -> None:
    observations, true = three_sources()

    found = located(observations)

    for source, key in enumerate(found.reports["dedup_key"]):
        mine = found.members.filter(pl.col("dedup_key") == key)["row"].to_numpy()
        assert np.mean(np.isin(np.flatnonzero(true == source), mine)) > 0.85
    assert addresses(found.members) | addresses(found.unlinked) == addresses(observations)
    assert found.members.height + found.unlinked.height == observations.height
    assert (dict(found.members.schema), dict(found.unlinked.schema)) == (MEMBERS, UNLINKED)


def test_a_report_has_the_address_of_its_least_pick() -> None:
    observations, _ = three_sources()
    keys = dict(observations.select("row", "dedup_key").iter_rows())

    found = located(observations)

    for report in found.reports.iter_rows(named=True):
        mine = found.members.filter(pl.col("dedup_key") == report["dedup_key"])
        least = min(keys[row] for row in mine["row"])
        assert report["dedup_key"] == f"located:{least}"
        assert keys[report["row"]] == least


@tried(max_examples=8, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_order_and_division_into_files_change_no_report(seed: int) -> None:
    observations, _ = three_sources()
    rng = np.random.default_rng(seed)
    order = rng.permutation(observations.height)
    files = pl.Series("object", np.array(["b" * 64, "c" * 64])[rng.integers(0, 2, len(order))])

    found = located(observations[order].with_columns(files.cast(OBJECT)))

    assert_frame_equal(said(found), said(located(observations)), check_exact=True)


@tried(max_examples=8, deadline=None)
@given(st.integers(0, 150), st.integers(0, 150))
def test_a_pick_in_two_downloads_is_one_pick_and_both_are_members(start: int, length: int) -> None:
    observations, _ = three_sources()
    again = observations[start : start + length].with_columns(
        pl.lit("b" * 64).cast(OBJECT).alias("object")
    )
    alone = located(observations)

    found = located(pl.concat([again, observations]))

    copies = alone.members.join(again.select("row"), on="row", how="semi").height
    assert_frame_equal(said(found), said(alone), check_exact=True)
    assert found.members.height == alone.members.height + copies
    assert found.members.height + found.unlinked.height == observations.height + again.height


def test_a_pick_twice_in_one_file_is_one_pick() -> None:
    observations, _ = three_sources()
    twice = observations.with_columns(
        pl.col("row") + observations.height, pl.col("dedup_key").str.replace(r"0$", "1")
    )

    found = located(pl.concat([observations, twice]))

    assert_frame_equal(said(found), said(located(observations)), check_exact=True)


def test_a_pick_whose_station_moved_between_downloads_is_still_one_pick() -> None:
    observations, _ = three_sources()
    there = pl.col("features").struct
    moved = observations.with_columns(
        pl.lit("b" * 64).cast(OBJECT).alias("object"),
        there.with_fields(there.field("station_lat_deg") + 0.001).alias("features"),
    )

    found = located(pl.concat([moved, observations]))

    assert_frame_equal(said(found), said(located(observations)), check_exact=True)


@pytest.mark.parametrize("features", [True, False])
def test_nothing_comes_of_no_picks(features: bool) -> None:
    other = three_sources()[0].with_columns(pl.lit("undetermined").alias("class"))

    found = located(other if features else other.drop("features"))

    assert (dict(found.reports.schema), found.reports.height) == (OBSERVATION, 0)
    assert (dict(found.members.schema), found.members.height) == (MEMBERS, 0)
    assert (dict(found.unlinked.schema), found.unlinked.height) == (UNLINKED, 0)


def test_picks_of_nothing_make_no_report() -> None:
    observations = table(picks_of(SOURCES[:0], GRID, clutter=500)[0], GRID)

    found = located(observations)

    assert (found.reports.height, found.members.height) == (0, 0)
    assert addresses(found.unlinked) == addresses(observations)
    assert dict(found.reports.schema) == OBSERVATION


def test_observations_of_other_classes_change_nothing() -> None:
    observations, _ = three_sources()
    other = observations.with_columns(
        pl.lit("thermal_anomaly").alias("class"), pl.col("row") + observations.height
    )

    found = located(pl.concat([observations, other]))

    assert_frame_equal(found.reports, located(observations).reports, check_exact=True)
    assert addresses(found.unlinked) <= addresses(observations)


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"phase": "X"}, "phase is 'X', must be P or S"),
        ({"phase": None}, "phase is None, must be P or S"),
        ({"station_lat_deg": 95.2}, "station is at 95.2 N, -29.* E, expected -90 to 90"),
        ({"station_lon_deg": None}, "station is at .* N, None E, expected"),
        ({"station_lon_deg": float("nan")}, "station is at .* N, nan E, expected"),
    ],
)
def test_refuses_a_pick_that_cannot_be_used_by_row(wrong: dict[str, object], problem: str) -> None:
    observations, _ = three_sources()
    features = {name: pl.lit(value).alias(name) for name, value in wrong.items()}
    changed = pl.col("features").struct.with_fields(*features.values())
    bad = observations.with_columns(
        pl.when(pl.col("row") == 7).then(changed).otherwise("features").alias("features")
    )

    with pytest.raises(BadInput, match=f"^observation aaaaaaaaaaaa:7: {problem}"):
        located(bad)


@pytest.mark.parametrize("column", ["dedup_key", "time_start", "channel"])
def test_refuses_a_pick_without_key_time_or_station(column: str) -> None:
    observations, _ = three_sources()
    bad = observations.with_columns(pl.when(pl.col("row") != 7).then(column).alias(column))

    with pytest.raises(BadInput, match=r"^observation aaaaaaaaaaaa:7: time is .* expected all"):
        located(bad)


@pytest.mark.parametrize("lacks", ["features", "dedup_key", "class"])
def test_refuses_a_table_that_lacks_a_column(lacks: str) -> None:
    with pytest.raises(BadInput, match=f"{lacks}.*, expected the columns of picks"):
        located(three_sources()[0].drop(lacks))


def test_refuses_picks_without_their_features() -> None:
    bare = three_sources()[0].with_columns(features=pl.struct(pl.lit(1.5).alias("frp_mw")))

    with pytest.raises(BadInput, match=r"station_lat_deg.*, expected the columns of picks"):
        located(bare)


def test_refuses_a_pick_whose_feature_is_of_another_type() -> None:
    there = pl.col("features").struct
    wrong = three_sources()[0].with_columns(
        there.with_fields(pl.lit("north").alias("station_lat_deg")).alias("features")
    )

    with pytest.raises(BadInput, match=r"^observations: .*, expected the columns of picks"):
        located(wrong)


# ---- errors


def errors_slow(
    picks: Picks, network: Network, owner: NDArray[np.int64], place: NDArray
) -> NDArray:
    """Return one source's covariance from the covariance of its picks, written out in full."""
    speed = (SETTINGS.speed_p_km_s, SETTINGS.speed_s_km_s)
    mine = {(picks.station[p], picks.phase[p]): picks.time_s[p] for p in np.flatnonzero(owner)}
    keys = sorted(mine)
    slope, travel, late = [], [], []
    for s, k in keys:
        away = place[:2] - network.place_km[s]
        slope.append([*(away / np.hypot(*away) / speed[k]), 1.0])
        travel.append(np.hypot(*away) / speed[k])
        late.append(mine[s, k] - place[2] - travel[-1])
    own, both = np.zeros((2, len(keys), len(keys)))
    for i, (s, _) in enumerate(keys):
        for j, (q, _) in enumerate(keys):
            own[i, j] = (i == j) * SETTINGS.sigma_s**2
            own[i, j] += (s == q) * error.PATH_RATIO**2 * travel[i] * travel[j]
            both[i, j] = own[i, j] + error.REGION_RATIO**2 * travel[i] * travel[j]
    a, r = np.array(slope), np.array(late)
    normal = a.T @ np.linalg.inv(both) @ a + np.diag([SETTINGS.cutoff_km**-2.0] * 2 + [0.0])
    chi2 = r @ np.linalg.inv(own) @ r
    scale = (error.PRIOR_PICKS + chi2) / (error.PRIOR_PICKS + len(keys) - 3)
    span_s = SETTINGS.cutoff_km / SETTINGS.speed_s_km_s
    every = set(zip(picks.station, picks.phase, picks.time_s, strict=True))
    near = sum(abs(t - place[2]) <= span_s for _, _, t in every) - len(keys)
    rate = near / (2 * span_s) / (2 * len(network.place_km))
    return np.linalg.inv(normal) * scale * (1 + error.CROWD_S * rate)


def test_errors_agree_with_the_covariance_written_out_in_full() -> None:
    picks, _ = picks_of(SOURCES, GRID)
    copies = np.r_[0 : len(picks.time_s), 5:60]
    picks = Picks(
        station=picks.station[copies], phase=picks.phase[copies], time_s=picks.time_s[copies]
    )
    found = find(picks, GRID, SETTINGS)

    fast = errors(found, picks, GRID, SETTINGS)

    for i in range(len(SOURCES)):
        place = np.array([*found.place_km[i], found.time_s[i]])
        slow = errors_slow(picks, GRID, found.owner == i, place)
        assert fast[i] == pytest.approx(slow, rel=1e-6, abs=1e-9)


def test_stations_on_one_line_leave_a_wide_error_across_it() -> None:
    line = Network(place_km=np.column_stack([np.linspace(0, 100, 12), np.zeros(12)]))
    picks, _ = picks_of(np.array([(50.0, 0.0, 100.0)]), line, clutter=0)
    found = find(picks, line, SETTINGS)

    covariance = errors(found, picks, line, SETTINGS)

    assert np.sqrt(covariance[0, 0, 0]) < 3
    assert 3 < np.sqrt(covariance[0, 1, 1]) <= 2 * SETTINGS.cutoff_km


def inside_90(world: PickWorld, truth: PickTruth) -> NDArray[np.bool_]:
    """Return whether the region of each report holds the source of most of its picks."""
    picks = Picks(station=world.station, phase=world.phase, time_s=world.time_s)
    network = Network(place_km=world.station_km)
    found = located(table(picks, network, middle_km=MIDDLE_KM))
    report = found.reports
    lon_deg, lat_deg = report["lon_deg"].to_numpy(), report["lat_deg"].to_numpy()
    east_north = Covariances(
        xx_m2=report["cov_ee_m2"].to_numpy(),
        xy_m2=report["cov_en_m2"].to_numpy(),
        yy_m2=report["cov_nn_m2"].to_numpy(),
    )
    turned = PLANE.to_plane(lon_deg, lat_deg, east_north)
    place_m = np.column_stack(PLANE.project(lon_deg, lat_deg))
    held = []
    for i, key in enumerate(report["dedup_key"]):
        rows = found.members.filter(pl.col("dedup_key") == key)["row"].to_numpy()
        sources, many = np.unique(truth.source[rows], return_counts=True)
        off_m = place_m[i] - (truth.place_km[sources[many.argmax()]] - MIDDLE_KM) * 1e3
        xy = turned.xy_m2[i]
        covariance = np.array([[turned.xx_m2[i], xy], [xy, turned.yy_m2[i]]])
        held.append(off_m @ np.linalg.inv(covariance) @ off_m <= CHI2_90)
    return np.array(held)


@pytest.mark.parametrize("hard", [False, True])
def test_regions_of_90_percent_hold_the_truth_as_often(hard: bool) -> None:
    make = draw_hard if hard else draw

    held = inside_90(*make(per_day=2000, ratio=1.0, seed=21, length_h=3.0))

    assert len(held) > 200
    assert 0.82 < held.mean() < 0.97  # two standard errors about .85 and .95


def test_a_bad_fit_reports_a_larger_error() -> None:
    picks, true = picks_of(SOURCES[:1], GRID, clutter=0)
    rng = np.random.default_rng(3)
    worse = replace(picks, time_s=picks.time_s + rng.normal(0, 0.5, len(true)))

    good, bad = (located(table(p, GRID)).reports for p in (picks, worse))

    assert bad["cov_ee_m2"].item() > 1.3 * good["cov_ee_m2"].item()


# ---- real picks, end to end


@pytest.mark.shared
def test_ten_minutes_of_an_aftershock_sequence_become_reports_that_fusion_takes(
    shared: Path,
) -> None:
    folder = shared / "data" / "sensors"
    lines = gzip.decompress((folder / "picks_italy_20161014_4h.csv.gz").read_bytes()).split(b"\n")
    raw = b"\n".join(
        line for line in lines if not line.startswith(b"2016") or line < b"2016-10-14T00:10"
    )
    with (folder / "stations_italy.csv").open() as file:
        rows = [(r["station"], r["latitude"], r["longitude"]) for r in csv.DictReader(file)]
    stations = "\n".join(" ".join(row) for row in rows)
    source = Source(name="a", object="a" * 64, logged_at=START, settings={"stations": stations})
    picks = sensor("picks")
    plane = Plane(centre_lat_deg=42.8, centre_lon_deg=13.2)

    seen = picks.read(raw, source=source).observations
    found = locate_arrivals(seen, plane=plane, settings=SETTINGS)
    taken = distinct(
        found.reports,
        models={"picks": picks.MODEL},
        settings=FusionSettings(
            centre_lat_deg=42.8, centre_lon_deg=13.2, incidents_per_km2_day=1e-2
        ),
    )

    members = found.members.join(seen, on=["object", "row"])
    channels = members.with_columns(pl.col("features").struct.field("phase"))
    assert seen.height == 1284
    assert found.reports.height == 13
    assert found.members.height + found.unlinked.height == 1284
    assert (found.members.group_by("dedup_key").len()["len"] >= SETTINGS.picks_min).all()
    assert not channels.select("dedup_key", "channel", "phase").is_duplicated().any()
    assert found.reports["lat_deg"].is_between(42.5, 43.0).all()
    assert found.reports["lon_deg"].is_between(12.8, 13.4).all()
    assert taken.reports.height == 13
    assert (taken.reports["tier"] == 0).all()
    assert taken.unlinked.is_empty()
