"""One detonation with known truth, and the text its detections come in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pytest
from pyproj import Geod

from trucewatch.errors import BadInput
from trucewatch.evaluate.infrasound import (
    UTTR_LAT_DEG,
    UTTR_LON_DEG,
    UTTR_TIME,
    World,
    heard,
    measure,
    read_groups,
)
from trucewatch.fuse.locate.bearing import ArrayDetection
from trucewatch.fuse.locate.celerity import FLAT, MIX3
from trucewatch.fuse.locate.grid import locate_by_celerity

if TYPE_CHECKING:
    from pathlib import Path

GOOD = "42.5\t-109.5\t2004-06-02T17:42:14.0\t-125.5\t75.0\t4\n"


@pytest.fixture
def text(shared: Path) -> str:
    return (shared / "data/sensors/infrasound_detections_set2.dat").read_text(encoding="utf-8")


@pytest.mark.shared
def test_region_and_interval_hold_the_detonation(text: str) -> None:
    found = locate_by_celerity(read_groups(text)[0], prior=MIX3, bearing_sigma_deg=5.0)

    interval = found.origin_time(0.9)
    assert found.level_p(UTTR_LAT_DEG, UTTR_LON_DEG) < 0.9
    assert interval.since <= UTTR_TIME <= interval.until
    assert found.area_km2(0.9) <= 14_750


@pytest.mark.shared
def test_measures_every_bound_and_gives_every_number_an_interval(text: str) -> None:
    measured = measure(seed=11, text=text, quick=True)

    metrics, musts = measured["metrics"], measured["must"]
    assert all(m["low"] <= m["value"] <= m["high"] for m in metrics.values())
    assert {must["metric"] for must in musts} <= set(metrics)
    assert [m["holds"] for m in musts if str(m["metric"]).startswith("uttr")] == [True] * 3
    areas = [metrics[f"uttr_area_km2_mix3_{s}_deg"]["value"] for s in (3, 5, 7)]
    assert areas == sorted(areas)


def test_reads_groups_apart_and_turns_bearings_to_0_up_to_360() -> None:
    text = f"# Lat Lon\n\n{GOOD}{GOOD.replace('-125.5', '17.5')}\n\n# next\n{GOOD}"

    first, second = read_groups(text)

    assert [d.bearing_deg for d in first] == [234.5, 17.5]
    assert second[0] == ArrayDetection(
        time=datetime(2004, 6, 2, 17, 42, 14, tzinfo=UTC),
        lat_deg=42.5,
        lon_deg=-109.5,
        bearing_deg=234.5,
    )


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("\t4\n", "\n", "has 5 fields, expected 6"),
        ("42.5", "42,5", "latitude is '42,5', must be a number"),
        ("42.5", "95.2", r"latitude is 95\.2, must be -90 to 90"),
        ("-109.5", "nan", "longitude is 'nan', must be finite"),
        ("-125.5", "-185.5", r"back-azimuth is -185\.5, must be -180 to 360"),
        ("2004-06-02T", "02.06.2004T", r"time is '02\.06\.2004T17:42:14\.0', must be UTC as 2004"),
        ("75.0", "high", "F-statistic is 'high', must be a number"),
    ],
)
def test_refuses_a_bad_line_by_its_number(old: str, new: str, problem: str) -> None:
    text = f"# remark\n{GOOD}{GOOD.replace(old, new)}"

    with pytest.raises(BadInput, match=f"set.dat:3: {problem}"):
        read_groups(text, where="set.dat")


def test_refuses_a_time_of_another_zone() -> None:
    with pytest.raises(BadInput, match=r"time is '2004-06-02T17:42:14\+02:00', must be UTC"):
        read_groups(GOOD.replace("14.0", "14+02:00"))


def test_refuses_a_text_without_detections() -> None:
    with pytest.raises(BadInput, match="detections: has no detection, expected at least 1"):
        read_groups("# Lat Lon\n\n")


def test_simulated_signals_have_the_celerities_and_bearings_of_their_world() -> None:
    rng = np.random.default_rng(5)
    arrays = read_groups(GOOD + GOOD.replace("42.5", "38.5"))[0]
    world = World(name="flat", prior=FLAT, bearing_sigma_deg=3.0)
    earth = Geod(ellps="WGS84")
    celerities, off = [], []

    for _ in range(400):
        lat, lon, signals = heard(rng, arrays, world)
        for s in signals:
            to_source, _, metres = earth.inv(s.lon_deg, s.lat_deg, lon, lat)
            celerities.append(metres / 1e3 / (s.time - UTTR_TIME).total_seconds())
            off.append((s.bearing_deg - to_source + 180) % 360 - 180)

    assert 0.22 < min(celerities) < 0.221
    assert 0.339 < max(celerities) < 0.34
    assert np.mean(celerities) == pytest.approx(0.28, abs=0.004)
    assert np.median(np.abs(off)) == pytest.approx(0.6745 * 3.0, rel=0.1)
    assert 0.005 < np.mean(np.abs(off) > 15) < 0.04
