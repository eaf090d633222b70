"""Two nights on the watch floor, and a week in which the lead sensor is dark."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from trucewatch.fuse.incidents import fuse
from trucewatch.fuse.settings import FusionSettings
from trucewatch.records.happening import HAPPENINGS
from trucewatch.records.sensor import SensorModel

if TYPE_CHECKING:
    from collections.abc import Callable

    Observed = Callable[..., pl.DataFrame]

NIGHT = datetime(2030, 9, 3, 20, 0, tzinfo=UTC)
LAT_DEG_PER_M = 1 / 111_132
LON_DEG_PER_M = 1 / 78_847  # at 45 N
SOUNDS = ("explosion_undetermined", "explosion_impact", "explosion_outgoing", "explosion_airburst")


def model(**given: object) -> SensorModel:
    ordinary: dict[str, object] = {
        "detection_p": 0.3,
        "repeats_mean": 0.0,
        "false_alarms_per_km2_day": 1e-5,
        "spread_m": 0.0,
        "spread_s": 0.0,
        "channel_gap_s": 600.0,
        "meaning_p": {
            name: {name: 0.9, "undetermined": 0.1}
            for name in (*SOUNDS, "thermal_anomaly", "airstrike")
        },
        "source": "invented for tests",
    }
    return SensorModel(**{**ordinary, **given})


MODELS = {
    "array": model(),
    "camera": model(repeats_mean=1.0, once_per_channel=True),
    "pixel": model(spread_m=300.0, spread_s=600.0, repeats_mean=0.5),
    "channel": model(repeats_mean=1.0),
}
SETTINGS = FusionSettings(
    centre_lat_deg=45.0,
    centre_lon_deg=-30.0,
    incidents_per_km2_day=4e-3,
    imprecise_sensors=("channel",),
)


def east(*metres: float) -> list[float]:
    return [-30.0 + m * LON_DEG_PER_M for m in metres]


def north(*metres: float) -> list[float]:
    return [45.0 + m * LAT_DEG_PER_M for m in metres]


def test_a_night_of_explosions_is_few_cards_and_every_one_is_still_there(
    observed: Observed,
) -> None:
    """Scenario 1: 367 undetermined, 110 classified explosions; 4 cameras, 1 array; 2 hours."""
    rng = np.random.default_rng(1)
    kinds = rng.permutation([SOUNDS[0]] * 367 + [*SOUNDS[1:]] * 36 + [SOUNDS[1]] * 2)
    place = rng.integers(0, 5, 477)  # the array hears a fifth place
    heard = observed(
        477,
        sensor=["array" if p == 4 else "camera" for p in place],
        channel=[f"post-{p}" for p in place],
        time_start=[NIGHT + timedelta(seconds=float(s)) for s in rng.uniform(0, 7200, 477)],
        time_sigma_s=2.0,
        lat_deg=north(*rng.normal(0, 400, 477)),
        lon_deg=east(*(place * 9000 + rng.normal(0, 400, 477))),
        cov_ee_m2=200.0**2,
        cov_nn_m2=200.0**2,
        count_min=1,
        count_max=1,
        count_qualifier="exact",
        **{"class": kinds.tolist()},
    )

    fused = fuse(heard, models=MODELS, settings=SETTINGS)

    assert fused.incidents["episode"].n_unique() <= 20
    units = fused.incidents.filter(
        pl.col("class").is_in([k for k, h in HAPPENINGS.items() if h.osce_unit == "explosion"])
    )
    assert units["count_min"].sum() == units["count_max"].sum() == 477
    counted = fused.members.filter(pl.col("role") == "member")
    assert sorted(counted["row"]) == list(range(477))
    assert fused.unlinked.is_empty()


def blast(observed: Observed) -> pl.DataFrame:
    """Two cameras of one post, an array, a pixel, a message and its repost; 90 s, 1.5 km."""
    return observed(
        6,
        sensor=["camera", "camera", "array", "pixel", "channel", "channel"],
        channel=["post-1 east", "post-1 west", "array-1", "N21", "telegram", "telegram"],
        dedup_key=["c1", "c2", "a", "p", "told", "told"],
        object=["a" * 64] * 5 + ["b" * 64],
        time_start=[NIGHT + timedelta(seconds=s) for s in (0, 2, 5, 40, 85, 85)],
        time_sigma_s=[3.0, 3.0, 2.0, 20.0, 300.0, 300.0],
        lat_deg=north(0, 80, -150, 200, 900, 900),
        lon_deg=east(0, 60, 120, -250, 1100, 1100),
        cov_ee_m2=[1e4, 1e4, 9e4, 4e4, 2.25e6, 2.25e6],
        cov_nn_m2=[1e4, 1e4, 9e4, 4e4, 2.25e6, 2.25e6],
        **{
            "class": [*SOUNDS[:1] * 3, "thermal_anomaly", "airstrike", "airstrike"],
        },
    )


def test_one_blast_seen_by_five_is_one_incident(observed: Observed) -> None:
    """Scenario 2."""
    seen = blast(observed)

    fused = fuse(seen, models=MODELS, settings=SETTINGS)

    [incident] = fused.incidents.rows(named=True)
    assert incident["members"] == 5, "the repost is a copy, not a sixth report"
    counted = fused.members.filter(pl.col("role") == "member")
    assert counted.join(seen, on=["object", "row"])["dedup_key"].n_unique() == 5
    procedures = counted.join(seen, on=["object", "row"])["sensor"].n_unique()
    assert procedures == 4
    best = min(seen["cov_ee_m2"])
    assert incident["cov_ee_m2"] < best
    assert incident["cov_nn_m2"] < best
    assert incident["real_p"] > 0.999


def test_one_camera_does_not_film_one_blast_twice(observed: Observed) -> None:
    twice = blast(observed).with_columns(channel=pl.lit("post-1 east"))

    fused = fuse(twice, models=MODELS, settings=SETTINGS)

    of_cameras = fused.members.join(twice, on=["object", "row"]).filter(
        (pl.col("sensor") == "camera") & (pl.col("role") == "member")
    )
    assert of_cameras["incident"].n_unique() == 2


@pytest.fixture(scope="module")
def stream(observed: Observed) -> pl.DataFrame:
    """Forty days of pixels twice a day over steady ground, and a message on every happening."""
    rng = np.random.default_rng(3)
    days = np.repeat(np.arange(40), 6)
    n = len(days)
    x, y = rng.uniform(-40_000, 40_000, (2, n))
    hour = rng.choice([9.5, 21.5], n)
    pixels = observed(
        n,
        sensor="pixel",
        channel="N21",
        dedup_key=[f"pixel-{i}" for i in range(n)],
        time_start=[
            NIGHT + timedelta(days=int(d), hours=float(h)) for d, h in zip(days, hour, strict=True)
        ],
        lat_deg=north(*y),
        lon_deg=east(*x),
        time_sigma_s=60.0,
    )
    told = observed(
        n,
        sensor="channel",
        channel="telegram",
        dedup_key=[f"told-{i}" for i in range(n)],
        object="c" * 64,
        time_start=[
            NIGHT + timedelta(days=int(d), hours=float(h))
            for d, h in zip(days, rng.uniform(0, 24, n), strict=True)
        ],
        lat_deg=north(*rng.uniform(-40_000, 40_000, n)),
        lon_deg=east(*rng.uniform(-40_000, 40_000, n)),
        cov_ee_m2=9e6,
        cov_nn_m2=9e6,
        time_sigma_s=20_000.0,
        **{"class": "airstrike"},
    )
    return pl.concat([pixels, told])


def test_a_dark_week_of_the_lead_sensor_does_not_look_calm(stream: pl.DataFrame) -> None:
    start, end = NIGHT + timedelta(days=20), NIGHT + timedelta(days=27)
    inside = pl.col("time_start").is_between(start, end)
    dark = stream.filter(~(inside & (pl.col("sensor") == "pixel")))

    lit_up = fuse(stream, models=MODELS, settings=SETTINGS)
    fused = fuse(dark, models=MODELS, settings=SETTINGS)

    [gap] = fused.silences.filter(pl.col("sensor") == "pixel").rows(named=True)
    assert abs(gap["start"] - start) < timedelta(days=1.5)
    assert abs(gap["end"] - end) < timedelta(days=1.5)
    assert gap["expected"] == pytest.approx(42, rel=0.35)
    assert lit_up.silences.filter(pl.col("sensor") == "pixel").is_empty()
    told = [_told(found, gap["start"], gap["end"]) for found in (lit_up, fused)]
    assert told[1]["n"] >= told[0]["n"]
    assert told[1]["real_p"] >= told[0]["real_p"], "not to be seen is no evidence of calm"


def _told(fused: object, start: datetime, end: datetime) -> dict[str, float]:
    week = fused.incidents.filter((pl.col("tier") == 1) & pl.col("time").is_between(start, end))
    return week.select(pl.len().alias("n"), pl.col("real_p").mean()).row(0, named=True)
