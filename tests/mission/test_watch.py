"""Watch reports and positions are no reports: they change no incident, no silence and no count."""

from __future__ import annotations

import zipfile
from datetime import date
from typing import TYPE_CHECKING

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from trucewatch.mission.export import export
from trucewatch.mission.home import Home
from trucewatch.mission.ingest import ingest
from trucewatch.mission.init import Plan, create
from trucewatch.mission.listing import Filter, incidents, silences
from trucewatch.mission.opened import reading, writing
from trucewatch.mission.report import material_of
from trucewatch.mission.run import run
from trucewatch.records.canonical import sha256_hex
from trucewatch.records.watch import watch_table

if TYPE_CHECKING:
    from pathlib import Path

    from trucewatch.mission.clock import SimulatedClock

WATCH = b"""asset,start,end,lat,lon,radius_m,share,cause,cloud_share
P-7,2026-06-02T08:00:00Z,2026-06-02T10:00:00Z,48.7,31.4,4000,1,watching,0.2
CAM-1,2026-06-27T08:00:00Z,2026-06-27T10:00:00Z,,,,0,outage,
CAM-1,2026-06-27T10:00:00Z,2026-06-27T11:00:00Z,,,,2,watching,
"""
POSITIONS = b"""track,craft,time,latitude,longitude,sigma_m
U7,uav,2026-06-03T00:00:01Z,48.1,31.2,20
"""


@pytest.fixture
def other(tmp_path: Path, clock: SimulatedClock) -> Home:
    create(tmp_path / "other", clock=clock, plan=Plan(seed=bytes(32)))
    return Home(tmp_path / "other")


def test_they_change_no_incident_no_silence_and_no_count(
    home: Home, other: Home, inbox: Path, clock: SimulatedClock
) -> None:
    for name, raw in (("watch", WATCH), ("positions", POSITIONS)):
        (inbox / f"{name}.csv").write_bytes(raw)
        list(ingest(other, name, [inbox / f"{name}.csv"], clock=clock))
    for each in (home, other):
        list(ingest(each, "firms", sorted(inbox.glob("firms-*.csv")), clock=clock))
        list(ingest(each, "news", [inbox / "news.csv"], clock=clock))
        run(each, clock=clock)

    every = Filter()
    assert_frame_equal(incidents(home, only=every), incidents(other, only=every))
    assert_frame_equal(silences(home), silences(other))
    told = []
    for each in (home, other):
        with writing(each, clock) as writer:
            told.append(material_of(writer, date(2026, 6, 27), "mission"))
    assert_frame_equal(told[0].reports, told[1].reports)
    assert_frame_equal(told[0].silences, told[1].silences)
    assert told[0].unlinked_n == told[1].unlinked_n
    assert told[1].refused_n == told[0].refused_n + 1  # a broken row is never left out
    assert set(told[0].reports["sensor"]) == {"firms", "news"}


def test_the_archive_keeps_them_and_the_public_never_gets_them(
    home: Home, inbox: Path, clock: SimulatedClock
) -> None:
    (inbox / "watch.csv").write_bytes(WATCH)
    list(ingest(home, "watch", [inbox / "watch.csv"], clock=clock))
    list(ingest(home, "firms", [inbox / "firms-26.csv"], clock=clock))
    run(home, clock=clock)
    clock.at = clock.at.replace(year=2036)  # however old

    export(home, inbox / "p.zip", level="public", clock=clock)
    export(home, inbox / "m.zip", level="mission", clock=clock)

    with reading(home) as (_, there):
        kept = watch_table(there.archive.family("watch"))
    assert kept.select("asset", "share", "cause", "radius_m", "cloud_share").rows() == [
        ("CAM-1", 0.0, "outage", None, None),
        ("P-7", 1.0, "watching", 4000.0, 0.2),
    ]
    assert kept["start"].dtype == pl.Datetime("us", "UTC")
    held = {}
    for name in ("p", "m"):
        with zipfile.ZipFile(inbox / f"{name}.zip") as bundle:
            held[name] = {sha256_hex(bundle.read(each)) for each in bundle.namelist()}
    assert sha256_hex(WATCH) in held["m"]
    assert sha256_hex(WATCH) not in held["p"]
