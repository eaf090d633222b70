"""The parts of a world, each against something known from elsewhere."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from trucewatch.simulate.demo import GROUND, world
from trucewatch.simulate.parts.acts import DAY_S
from trucewatch.simulate.parts.damage import interrupted, with_damaged_row
from trucewatch.simulate.parts.filed import Filed, linked
from trucewatch.simulate.parts.ground import fold
from trucewatch.simulate.parts.overpass import NODES_S, PERIOD_S, passes, pixel_km
from trucewatch.simulate.parts.sky import clear, sky
from trucewatch.simulate.parts.streams import STREAMS, stream
from trucewatch.simulate.parts.thermal import View, false_alarms, pixels, reported


def fire_table(*, power_mw: float, x_m: float = 1_000.0, radius_m: float = 50.0) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "incident": pl.Series([0], dtype=pl.UInt32),
            "x_m": [x_m],
            "y_m": [2_000.0],
            "start_s": [0.0],
            "end_s": [3 * DAY_S],
            "power_mw": [power_mw],
            "radius_m": [radius_m],
        }
    )


def view() -> View:
    cloudless = sky(days=3, rng=np.random.default_rng(0))
    cloudless.cover[:] = -100.0
    return View(ground=GROUND, passes=passes(GROUND, days=3), weather=cloudless, days=3)


def sample() -> Filed:
    rows = pl.DataFrame({"report": [4, 5, 6], "incident": [1, None, 0]})
    return Filed(
        name="a.csv",
        sensor="firms",
        content=b"h1,h2\n1,2\n3,4\n5,6\n",
        received_at=datetime(2030, 9, 2, tzinfo=UTC),
        links=linked(rows, name="a.csv", sensor="firms"),
    )


def test_metres_become_degrees_as_on_the_ellipsoid() -> None:
    geod = Geod(ellps="WGS84")
    x_m, y_m = np.array([0.0, 30_000.0, -60_000.0]), np.array([40_000.0, 0.0, 0.0])

    lat_deg, lon_deg = GROUND.degrees(x_m, y_m)

    away_m = geod.inv([-30.0] * 3, [45.0] * 3, lon_deg, lat_deg)[2]
    assert away_m == pytest.approx(np.hypot(x_m, y_m), rel=2e-4)


@given(st.floats(-1e6, 1e6), st.floats(0.1, 1e4))
def test_folding_always_lands_inside(value: float, half: float) -> None:
    folded = fold(np.array([value]), (-half, half))

    assert -half * (1 + 1e-9) <= folded[0] <= half * (1 + 1e-9)


def test_pixels_have_the_published_sizes_at_nadir_and_edge() -> None:
    scan_km, track_km = pixel_km(np.deg2rad([0.0, 31.5, 31.7, 56.06]))

    assert scan_km[0] == pytest.approx(0.371, abs=1e-3)
    assert track_km[0] == pytest.approx(0.388, abs=1e-3)
    assert scan_km[2] < scan_km[1]  # fewer samples are joined beyond the step
    assert scan_km[3] == pytest.approx(0.80, abs=0.04)
    assert track_km[3] == pytest.approx(0.79, abs=0.06)


def test_each_satellite_passes_at_night_and_after_noon_every_day() -> None:
    table = passes(GROUND, days=30)

    sun_h = (table["time_s"] / 3600 + GROUND.centre_lon_deg / 15) % 24
    table = table.with_columns(sun_h=sun_h, day=pl.col("time_s") // DAY_S)
    ascending, descending = table.filter("ascending"), table.filter(~pl.col("ascending"))

    assert ascending["sun_h"].is_between(11.0, 15.0).all()
    assert descending["sun_h"].is_between(0.0, 4.0).all()
    counts = table.group_by("satellite", "day", "ascending").len()
    assert len(counts) == len(NODES_S) * 30 * 2
    assert set(counts["len"]) <= {1, 2}


def test_orbits_repeat_after_sixteen_days() -> None:
    table = passes(GROUND, days=32)
    shift_s = 227 * PERIOD_S

    early = table.filter(pl.col("time_s") < shift_s)
    late = table.filter(pl.col("time_s") >= shift_s)

    assert (late["time_s"] - shift_s).to_numpy() == pytest.approx(early["time_s"].to_numpy())
    assert late["scan_km"].to_numpy() == pytest.approx(early["scan_km"].to_numpy())


def test_clouds_hide_the_share_that_the_day_has() -> None:
    weather = sky(days=40, rng=np.random.default_rng(5))
    rng = np.random.default_rng(6)
    weather.cover[:] = 0.674_49  # three quarters
    n = 20_000

    seen = clear(
        weather,
        rng.uniform(-2e6, 2e6, n),
        rng.uniform(-2e6, 2e6, n),
        rng.uniform(0, 40 * DAY_S, n),
    )

    assert seen.mean() == pytest.approx(0.25, abs=0.02)


def test_a_strong_fire_shows_in_every_pass_and_a_weak_one_in_none() -> None:
    eye = view()

    strong = reported(eye, pixels(eye, fire_table(power_mw=50), rng=stream(1, "pixels")),
                      rng=stream(1, "pixels"))  # fmt: skip
    weak = reported(eye, pixels(eye, fire_table(power_mw=0.05), rng=stream(1, "pixels")),
                    rng=stream(1, "pixels"))  # fmt: skip

    assert strong.select("time_s", "satellite").n_unique() == len(eye.passes)
    assert len(strong) > len(eye.passes)
    assert len(weak) == 0


def test_pixels_share_out_the_power_of_a_fire() -> None:
    eye = view()

    hot = pixels(eye, fire_table(power_mw=10.0), rng=stream(1, "pixels"))

    per_pass = hot.group_by("pass").agg(pl.col("power_mw").sum())["power_mw"]
    assert per_pass.log().mean() == pytest.approx(np.log(10.0), abs=0.2)
    assert len(hot) == 9 * len(eye.passes)


def test_pixels_lie_around_the_fire_within_a_pixel_or_two() -> None:
    eye = view()
    lat_deg, lon_deg = GROUND.degrees(np.array([1_000.0]), np.array([2_000.0]))

    table = reported(eye, pixels(eye, fire_table(power_mw=30), rng=stream(1, "pixels")),
                     rng=stream(2, "pixels"))  # fmt: skip

    _, _, away_m = Geod(ellps="WGS84").inv(
        table["lon_deg"], table["lat_deg"],
        np.full(len(table), lon_deg[0]), np.full(len(table), lat_deg[0]),
    )  # fmt: skip
    assert max(away_m) < 2_000
    assert float(np.median(away_m)) < 600


def test_two_fires_in_one_pixel_are_one_report_of_the_hotter() -> None:
    eye = view()
    small = fire_table(power_mw=5.0).with_columns(incident=pl.lit(1, dtype=pl.UInt32))
    both = pl.concat([fire_table(power_mw=80.0), small])

    table = reported(eye, pixels(eye, both, rng=stream(1, "pixels")), rng=stream(2, "pixels"))

    assert set(table["incident"]) == {0}
    keys = table.select("time_s", "satellite", "lat_deg", "lon_deg")
    assert keys.n_unique() == len(table)


def test_false_alarms_name_no_incident() -> None:
    eye = view()

    hot = false_alarms(eye, false_per_km2_day=1e-3, rng=stream(1, "false alarms"))
    table = reported(eye, hot, rng=stream(1, "pixels"))

    assert 15 <= len(table) <= 45  # 28.8 expected
    assert table["incident"].null_count() == len(table)


def test_a_sky_of_cloud_hides_every_fire() -> None:
    eye = view()
    eye.weather.cover[:] = 100.0

    hot = pixels(eye, fire_table(power_mw=50), rng=stream(1, "pixels"))

    assert len(hot) == 0
    assert len(reported(eye, hot, rng=stream(1, "pixels"))) == 0


def test_each_part_has_a_stream_of_its_own() -> None:
    firsts = {stream(1, name).random() for name in STREAMS}

    assert len(firsts) == len(STREAMS)
    assert stream(1, "sky").random() != stream(2, "sky").random()


@pytest.mark.parametrize("row", [0, 1, 3, 99])
def test_a_damaged_row_moves_the_links_of_the_later_ones(row: int) -> None:
    damaged = with_damaged_row(sample(), "x", row=row)

    lines = damaged.content.decode().splitlines()[1:]
    placed = min(row, 3)
    assert lines.index("x") == placed
    assert damaged.links["row"].to_list() == [0, 1, 2, 3]
    assert damaged.links["damaged"].to_list() == [i == placed for i in range(4)]
    assert damaged.links.filter(~pl.col("damaged"))["report"].to_list() == [4, 5, 6]
    assert damaged.content.endswith(b"\n")


def test_an_interrupted_download_has_no_sound_row() -> None:
    torn = interrupted(sample())

    assert not torn.content.endswith(b"\n")
    assert sample().content.startswith(torn.content)
    assert torn.links["damaged"].all()
    assert len(torn.links) == len(torn.content.decode().splitlines()) - 1
    assert torn.received_at < sample().received_at
    assert torn.name == "a-interrupted.csv"


def test_the_press_names_settlements_and_letters_only() -> None:
    news = [c for s, c in world(seed=4, days=30).files.values() if s == "news"]
    rows = [line.split(",") for c in news for line in c.decode().splitlines()[1:]]
    whole = [r for r in rows if len(r) == 6]

    assert {r[3] for r in whole} == {s.name for s in GROUND.settlements}
    assert {"S", "D", "A", "F", "O"} <= {r[4] for r in whole} <= set("SDAFOC")
    assert all(int(r[5]) >= 1 for r in whole)
    assert len(rows) - len(whole) == 1
