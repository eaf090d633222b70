"""Picks of stations, from a sealed file to an incident that rests on each of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from trucewatch.geo.plane import Plane
from trucewatch.mission.clock import SimulatedClock
from trucewatch.mission.explain import explain
from trucewatch.mission.home import Home
from trucewatch.mission.ingest import ingest
from trucewatch.mission.init import Plan, create
from trucewatch.mission.listing import Filter, incidents, silences
from trucewatch.mission.opened import reading
from trucewatch.mission.rebuild import rebuild
from trucewatch.mission.run import run
from trucewatch.simulate.trials.picks import draw

if TYPE_CHECKING:
    from pathlib import Path

START = datetime(2030, 9, 1, tzinfo=UTC)
BOX_MIDDLE_KM = 110.0


@pytest.fixture(scope="module")
def listening(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, int]:
    """A mission with a hundred stations, half an hour of picks, and how many sources they heard."""
    world, truth = draw(per_day=500, ratio=1.0, seed=20, length_h=0.5)
    folder = tmp_path_factory.mktemp("picks")
    plane = Plane(centre_lat_deg=45.0, centre_lon_deg=-30.0)
    east_km, north_km = (np.asarray(world.station_km) - BOX_MIDDLE_KM).T
    lon_deg, lat_deg = plane.unproject(east_km * 1000, north_km * 1000)
    stations = "; ".join(
        f"K{i} {lat:.6f} {lon:.6f}"
        for i, (lat, lon) in enumerate(zip(lat_deg, lon_deg, strict=True))
    )
    clock = SimulatedClock(START + timedelta(days=2))
    plan = Plan(seed=bytes(32), sensors={"picks": {"stations": stations}})
    create(folder / "home", clock=clock, plan=plan)
    home = Home(folder / "home")
    list(ingest(home, "picks", [_written(folder, world)], clock=clock))
    run(home, clock=clock)
    heard = np.bincount(truth.source[truth.source >= 0])
    return home, int((heard >= 10).sum())


def _written(folder: Path, world: object) -> Path:
    lines = ["time,station,phase,probability"]
    lines += [
        f"{(START + timedelta(seconds=float(t))).isoformat()},K{s},{'PS'[p]},0.9"
        for t, s, p in zip(world.time_s, world.station, world.phase, strict=True)
    ]
    path = folder / "picks.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_each_source_is_one_incident_that_rests_on_all_its_picks(
    listening: tuple[Home, int],
) -> None:
    home, sources = listening

    found = incidents(home, only=Filter())
    walked = explain(home, found["id"][0])

    assert found.height == sources
    assert (found["members"] == 1).all(), "picks are no reports of their own"
    assert len(walked.links) >= 10
    assert all(link.proven and ",K" in link.text for link in walked.links)


def test_picks_of_no_source_are_in_no_incident(listening: tuple[Home, int]) -> None:
    home, _ = listening

    with reading(home) as (_, there):
        members, seen = there.desk.read("members"), there.observations()

    assert members.select("object", "row").is_unique().all()
    assert 0 < members.height < seen.height
    assert (seen["class"] == "arrival").all()
    assert seen["lat_deg"].is_null().all()


def test_a_rebuild_finds_the_same_sources(listening: tuple[Home, int]) -> None:
    home, _ = listening

    assert set(rebuild(home).compared.values()) == {"same"}


def test_a_sensor_that_is_not_used_is_not_called_silent(listening: tuple[Home, int]) -> None:
    home, _ = listening

    assert silences(home).filter(pl.col("sensor") != "picks").is_empty()
