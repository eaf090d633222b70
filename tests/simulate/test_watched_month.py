"""The watched month: rates that are known, and assets that detect exactly as they are declared."""

from __future__ import annotations

import io
import math
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from trucewatch.agreement.parse import parse
from trucewatch.evaluate.coverage_month import covered, months
from trucewatch.measure.coverage.cells import WHOLE
from trucewatch.observe import sensor
from trucewatch.records.source import Source
from trucewatch.simulate import simulate
from trucewatch.simulate.parts.acts import DAY_S
from trucewatch.simulate.parts.posts import Post
from trucewatch.simulate.parts.sightings import Seen, chances
from trucewatch.simulate.parts.watch_rows import HERE, WATCH_ROW, Leg, Lost, watch_row
from trucewatch.simulate.watched_month import (
    ACT_KINDS,
    CLOUDY,
    DENIED,
    JAMMED,
    POSTS,
    SECTORS,
    TRUE_PER_1000H,
)

if TYPE_CHECKING:
    from trucewatch.measure.coverage.grid import Coverage
    from trucewatch.simulate.world import World

SEEDS = range(31, 39)
KIND = ACT_KINDS[0]
CAMERA = Post(
    name="C", sensor="spotrep", detect_p=0.8, always=True, x_km=0, y_km=0, radius_km=10,
    half_km=5, night_ratio=0.5, cloud_ratio=0.25,
)  # fmt: skip
PATROL = Post(name="P", sensor="spotrep", detect_p=0.6, always=False)


@cache
def made(seed: int = 31) -> World:
    return simulate("watched-month", seed=seed)


@cache
def seen_by(seed: int = 31) -> Coverage:
    return covered(made(seed))


def by_day(name: str) -> list[float]:
    return seen_by().by_step_h(KIND, name).reshape(30, 24).mean(axis=1).tolist()


def act(x_km: float, y_km: float, hour: float, *, day: bool = True) -> Seen:
    at = (np.array([each]) for each in (x_km * 1000.0, y_km * 1000.0, hour * 3600.0))
    return Seen(*at, np.array([day]))


def rows(*told: tuple[object, ...]) -> pl.DataFrame:
    return pl.DataFrame(list(told), schema=WATCH_ROW, orient="row")


def test_each_asset_saw_as_many_acts_as_its_chances_let_expect() -> None:
    told = pl.concat([made(seed).sightings for seed in SEEDS])

    for post in POSTS:
        own = told.filter(asset=post.name)
        p = own["p"].to_numpy()
        spread = math.sqrt((p * (1 - p)).sum())
        assert abs(own["saw"].sum() - p.sum()) < 4 * spread, post.name
        assert p.max() <= post.detect_p
        assert p.sum() > 20


def test_a_camera_loses_by_range_night_cloud_and_outage_what_was_declared() -> None:
    nothing = rows()
    sky = rows(watch_row("C", 0, (0, 24), cloud_share=0.5))
    half = rows(watch_row("C", 0, (6, 7), lost=Lost("outage", 0.5)))

    assert chances(CAMERA, nothing, act(0, 0, 6)) == pytest.approx(0.8)
    assert chances(CAMERA, nothing, act(3, 4, 6)) == pytest.approx(0.4)
    assert chances(CAMERA, nothing, act(8, 8, 6)) == 0
    assert chances(CAMERA, nothing, act(0, 0, 6, day=False)) == pytest.approx(0.4)
    assert chances(CAMERA, sky, act(0, 0, 6)) == pytest.approx(0.8 * (1 - 0.5 * 0.75))
    assert chances(CAMERA, half, act(0, 0, 6.5)) == pytest.approx(0.4)
    assert chances(CAMERA, half, act(0, 0, 7)) == pytest.approx(0.8)


def test_a_patrol_sees_where_it_says_that_it_was_and_nothing_where_it_was_denied() -> None:
    told = rows(
        watch_row("P", 0, (6, 8), Leg(20, 0, 5)),
        watch_row("P", 0, (8, 10), Leg(30, 0, 5), Lost("denied", 0.0)),
    )

    assert chances(PATROL, told, act(22, 1, 7)) == pytest.approx(0.6)
    assert chances(PATROL, told, act(22, 1, 8)) == 0
    assert chances(PATROL, told, act(30, 1, 9)) == 0
    assert chances(PATROL, told, act(0, 0, 7)) == 0


def test_a_row_without_a_disc_speaks_of_the_declared_footprint() -> None:
    assert watch_row("C", 1, (0, 1), HERE)[3:6] == (None, None, None)
    assert watch_row("C", 1, (0, 1), Leg(1, 2, 3))[1:6] == (DAY_S, DAY_S + 3600, 1e3, 2e3, 3e3)


def test_chances_are_those_that_coverage_gives_the_cells_and_hours_of_the_acts() -> None:
    for post in POSTS:
        exact_p, by_cell_p = (np.concatenate(each) for each in zip(
            *(both_ways(post, seed) for seed in SEEDS), strict=True
        ))  # fmt: skip
        assert by_cell_p.sum() == pytest.approx(exact_p.sum(), rel=0.1), post.name
        assert np.abs(by_cell_p - exact_p).mean() < 0.04, post.name  # a cell is 5 km wide


def both_ways(post: Post, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The chance that a post saw each act: as the world says, and as coverage says of its cell."""
    world, truth = made(seed), made(seed).truth
    cell = seen_by(seed).cells.at(truth["lon_deg"].to_numpy(), truth["lat_deg"].to_numpy())
    step = ((truth["time"] - world.start).dt.total_seconds() // 3600).to_numpy()
    assert (cell >= 0).all()
    told = world.sightings.filter(asset=post.name)["p"].to_numpy()
    return told, post.detect_p * seen_by(seed).power_at(post.name, step, cell)


def test_the_covered_share_is_the_share_of_acts_that_were_seen() -> None:
    found = [months(made(seed), seen_by(seed)) for seed in SEEDS]

    for name in TRUE_PER_1000H:
        happened = sum(one[name].happened for one in found)
        seen = sum(one[name].seen for one in found)
        share = sum(one[name].covered_share * one[name].happened for one in found) / happened
        spread = math.sqrt(share * (1 - share) / happened)
        assert abs(seen / happened - share) < 3.5 * spread, name


def test_acts_happen_at_the_rate_that_is_told_on_lossy_days_as_on_any_other() -> None:
    truth = pl.concat([made(seed).truth for seed in SEEDS])
    day = (truth["time"] - made().start).dt.total_days()
    hours = 24 * len(SEEDS)

    for some in (range(30), DENIED, JAMMED, CLOUDY):
        count = day.is_in(list(some)).sum()
        mean = TRUE_PER_1000H[WHOLE] / 1000 * hours * len(some)
        assert abs(count - mean) < 4 * math.sqrt(1.5 * mean)  # clusters vary more than Poisson


def test_what_is_denied_jammed_or_overcast_is_missing_from_its_sector_alone() -> None:
    share = {name: np.array(by_day(name)) for name in ("WEST", "MIDDLE", "EAST")}
    plain = sorted(set(range(30)) - {*DENIED, *JAMMED, *CLOUDY})

    usual = {name: found[plain].mean() for name, found in share.items()}

    assert (share["EAST"][DENIED] < 0.3).all()
    assert usual["EAST"] > 0.4
    assert share["WEST"][DENIED] == pytest.approx(usual["WEST"], abs=0.05)
    assert (share["WEST"][JAMMED] < usual["WEST"] - 0.08).all()
    assert (share["MIDDLE"][JAMMED] < usual["MIDDLE"] - 0.08).all()
    assert share["EAST"][JAMMED] == pytest.approx(usual["EAST"], abs=0.06)
    for name in share:
        assert (share[name][CLOUDY] < usual[name] - 0.05).all()


def test_causes_of_loss_are_told_with_their_hours() -> None:
    causes = seen_by().lost().filter(pl.col("sector") == "EAST")["cause"]

    assert {"denied", "jamming", "night", "outage", "cloud"} >= set(causes) >= {"denied", "night"}
    assert seen_by().strangers == ()


def test_sensors_accept_every_row() -> None:
    world = made()

    for name, (reader, content) in world.files.items():
        source = Source(
            name=name, object="0" * 64, logged_at=world.arrivals[name], settings={}
        )  # fmt: skip
        batch = sensor(reader).read(content, source=source)
        assert batch.refused.is_empty(), name
        assert len(batch.observations) == len(world.links.filter(file=name))


def test_the_files_hold_what_each_asset_saw_and_no_more() -> None:
    world = made()
    saw = world.sightings.filter("saw")

    linked = world.links.filter(pl.col("incident").is_not_null())

    assert set(linked["sensor"]) == {"firms", "spotrep"}
    for sensor_name in ("firms", "spotrep"):
        told = linked.filter(sensor=sensor_name)["incident"]
        assert sorted(told) == sorted(saw.filter(sensor=sensor_name)["incident"])


def test_the_agreement_has_a_zone_and_a_ban_for_each_sector() -> None:
    agreement = parse(made().agreement_text, name="watched-truce")

    assert [zone.id for zone in agreement.zones] == [each.id for each in SECTORS]
    assert [rule.zone for rule in agreement.rules] == [each.id for each in SECTORS]
    assert agreement.exercise


@pytest.mark.parametrize("days", [1, 3, 40])
def test_other_lengths_are_whole(days: int) -> None:
    world = simulate("watched-month", seed=5, days=days)

    assert len(world.files) == 3 * days
    assert (world.truth["time"] - world.start).dt.total_days().max() < days
    assert world.sightings is not None
    assert len(world.sightings) == len(POSTS) * len(world.truth)


def test_all_that_a_mission_needs_is_written() -> None:
    written = made().outputs()

    assert written["settings.toml"].decode().startswith("[coverage.CAM-W]")
    assert written["agreement.yaml"].startswith(b"# EXERCISE")
    assert pl.read_parquet(io.BytesIO(written["sightings.parquet"])).equals(made().sightings)
