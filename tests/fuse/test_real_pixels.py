"""Four days of real satellite pixels."""

from __future__ import annotations

import gzip
import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from pyproj import Geod

from trucewatch.fuse.incidents import fuse
from trucewatch.fuse.settings import FusionSettings
from trucewatch.observe import sensor
from trucewatch.records.source import Source

if TYPE_CHECKING:
    from pathlib import Path

    from trucewatch.records.batch import Batch

NAME = "viirs_nrt_20260625_20260628.csv.gz"
SETTINGS = FusionSettings(centre_lat_deg=48.5, centre_lon_deg=31.0, incidents_per_km2_day=4e-3)


def read(shared: Path) -> Batch:
    raw = gzip.decompress((shared / "data" / NAME).read_bytes())
    source = Source(
        name=NAME,
        object=hashlib.sha256(raw).hexdigest(),
        logged_at=datetime(2026, 7, 1, tzinfo=UTC),
    )
    return sensor("firms").read(raw, source=source)


@pytest.mark.shared
def test_real_pixels_become_compact_incidents_of_several_overpasses(shared: Path) -> None:
    pixels = read(shared).observations
    models = {"firms": sensor("firms").MODEL}

    fused = fuse(pixels, models=models, settings=SETTINGS)

    counted = fused.members.filter(pl.col("role") == "member")
    assert counted.height == pixels.height
    assert fused.incidents["members"].sum() == pixels["dedup_key"].n_unique()
    assert 0.15 < fused.incidents.height / pixels.height < 0.6
    assert (fused.incidents["independent"] > 1).sum() > 100
    joined = counted.join(pixels, on=["object", "row"]).join(
        fused.incidents, left_on="incident", right_on="id", suffix="_incident"
    )
    _, _, off_m = Geod(ellps="WGS84").inv(
        *(joined[name] for name in ("lon_deg", "lat_deg", "lon_deg_incident", "lat_deg_incident"))
    )
    assert np.quantile(off_m, 0.99) < 1500
    hours = (joined["time_start"] - joined["time"]).dt.total_seconds().abs() / 3600
    assert hours.max() < 24


@pytest.mark.shared
def test_real_pixels_in_any_order_are_the_same_incidents(shared: Path) -> None:
    pixels = read(shared).observations
    models = {"firms": sensor("firms").MODEL}
    order = np.random.default_rng(1).permutation(pixels.height)

    one = fuse(pixels, models=models, settings=SETTINGS)
    other = fuse(pixels[order], models=models, settings=SETTINGS)

    assert one.incidents.equals(other.incidents)
    text = pl.col("object").cast(pl.String)
    assert one.members.with_columns(text).equals(other.members.with_columns(text))
