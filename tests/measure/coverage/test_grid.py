"""Coverage obeys its laws, and the kernels agree with a slow twin."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trucewatch.errors import BadInput
from trucewatch.geo.area import Area
from trucewatch.geo.plane import Plane
from trucewatch.measure.coverage.asset import Asset, Detection, Disc
from trucewatch.measure.coverage.cells import Box, Steps, grid
from trucewatch.measure.coverage.discs import parts
from trucewatch.measure.coverage.grid import Coverage, coverage
from trucewatch.records.table import LOSS, WATCH, empty

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

START = datetime(2030, 9, 1, tzinfo=UTC)
STEPS = Steps(start=START, count=6, step_h=2.0)
PLANE = Plane(centre_lat_deg=45.0, centre_lon_deg=0.0)
BOX = Box(west_km=-20.0, south_km=-10.0, east_km=20.0, north_km=10.0)
EAST = Area.of([[(0.0, 44.9), (0.3, 44.9), (0.3, 45.1), (0.0, 45.1)]])
CELLS = grid(BOX, plane=PLANE, size_km=5.0, sectors={"east": EAST})
DAY = STEPS.by_day(CELLS)
KIND = "explosion_impact"
PLACES = [(None, None, None), (45.02, 0.05, 4_000.0), (44.97, -0.12, 9_000.0)]
MODEL = Detection(detects={"*": 0.6}, half_km=8.0, night_ratio=0.5, cloud_ratio=0.2, source="made")
PLAIN = Detection(detects={KIND: 0.6}, source="made")
ASSETS = (
    Asset(
        name="cam",
        sensor="picks",
        footprint=Disc(lat_deg=45.0, lon_deg=0.1, radius_km=12.0),
        always=True,
        detection=MODEL,
    ),
    Asset(name="patrol", sensor="watch", footprint=None, always=False, detection=PLAIN),
    Asset(name="sat", sensor="firms", footprint=None, always=True, detection=PLAIN),
)


def row(asset: str, start_q: int, quarters: int, **more: Any) -> tuple[Any, ...]:
    """Return a row of WATCH; times in quarters of an hour from the start."""
    said = {"place": 0, "share": 1.0, "cause": "watching", "cloud_share": None} | more
    start = START + timedelta(minutes=15 * start_q)
    end = start + timedelta(minutes=15 * quarters)
    place = PLACES[said["place"]]
    return (None, 0, asset, start, end, *place, said["share"], said["cause"], said["cloud_share"])


def watch_of(rows: list[tuple[Any, ...]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=WATCH, orient="row") if rows else empty(WATCH)


def loss(asset: str, start_q: int, quarters: int, **more: Any) -> tuple[Any, ...]:
    said = {"place": 0, "cause": "denial", "guessed": False} | more
    start = START + timedelta(minutes=15 * start_q)
    end = start + timedelta(minutes=15 * quarters)
    return (asset, start, end, *PLACES[said["place"]], said["cause"], said["guessed"])


def losses_of(rows: list[tuple[Any, ...]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=LOSS, orient="row") if rows else empty(LOSS)


def made(
    watch: list[tuple[Any, ...]],
    losses: list[tuple[Any, ...]] | None = None,
    assets: tuple[Asset, ...] = ASSETS,
    **more: Any,
) -> Coverage:
    tables = watch_of(watch), losses_of(losses or [])
    return coverage(assets, *tables, cells=CELLS, steps=STEPS, **more)


SPANS = st.tuples(st.integers(-4, 50), st.integers(1, 20))
SHARES = st.sampled_from([
    {"share": 1.0, "cause": "watching"},
    {"share": 0.0, "cause": "outage"},
    {"share": 0.25, "cause": "jamming"},
    {"share": 0.5, "cause": "cloud"},
])  # fmt: skip
CLOUDS = st.sampled_from([None, 0.0, 0.3, 1.0])


@st.composite
def a_row(draw: st.DrawFn) -> tuple[Any, ...]:
    asset = draw(st.sampled_from(["cam", "patrol"]))
    place = draw(st.sampled_from([0, 1, 2]))
    more = draw(SHARES) | {"place": place, "cloud_share": draw(CLOUDS)}
    return row(asset, *draw(SPANS), **more)


@st.composite
def a_loss(draw: st.DrawFn) -> tuple[Any, ...]:
    cause, guessed = draw(st.sampled_from([("denial", False), ("silent", True), ("cloud", False)]))
    asset, place = draw(st.sampled_from(["cam", "patrol"])), draw(st.sampled_from([0, 1]))
    return loss(asset, *draw(SPANS), place=place, cause=cause, guessed=guessed)


ROWS = st.lists(a_row(), max_size=6)
LOSSES = st.lists(a_loss(), max_size=3)
law = settings(max_examples=25, deadline=None, derandomize=True)


def slow(asset: Asset, watch: pl.DataFrame, losses: pl.DataFrame, step: int, cell: int) -> Floats:
    """Return power, hours without loss, and hours by cause, second by plain Python."""
    day = DAY[step, cell]
    first = START + timedelta(hours=STEPS.step_h * step)
    last = first + timedelta(hours=STEPS.step_h)
    own = [r for r in watch.iter_rows(named=True) if r["asset"] == asset.name]
    told = [r for r in losses.iter_rows(named=True) if r["asset"] == asset.name]
    times = {first, last} | {r[side] for r in own + told for side in ("start", "end")}
    cuts = sorted(time for time in times if first <= time <= last)
    power, full, by_cause = 0.0, 0.0, dict.fromkeys(("outage", "denial", "night", "cloud"), 0.0)
    for begin, end in pairwise(cuts):
        hours = (end - begin) / timedelta(hours=1)
        now = [r for r in own if r["start"] <= begin and end <= r["end"]]
        other = [r for r in told if r["start"] <= begin and end <= r["end"]]
        grants = [seen(asset, r, cell) for r in now] + ([on(asset, cell)] if asset.always else [])
        share = max((g[0] for g in grants), default=0.0)
        could = max((g[0] * g[1] for g in grants), default=0.0)
        if could == 0:
            continue
        speaks = any(seen(asset, r, cell)[0] > 0 for r in now)
        takes: dict[str, float] = {}
        for r in now:
            if r["cause"] != "watching":
                part = (1 - r["share"]) * min(1.0, seen(asset, r, cell)[0] / share)
                takes[r["cause"]] = max(takes.get(r["cause"], 0.0), part)
        for r in other:
            if not (r["guessed"] and speaks):
                placed = r["lat_deg"] is not None
                part = min(1.0, seen(asset, r, cell)[0] / share) if placed else 1.0
                takes[r["cause"]] = max(takes.get(r["cause"], 0.0), part)
        left = 1 - max(takes.values(), default=0.0)
        if not day:
            takes["night"] = 1 - asset.detection.night_ratio
            left *= asset.detection.night_ratio
        skies = [sky(r) for r in now if seen(asset, r, cell)[0] > 0 and sky(r) is not None]
        dark = max(skies, default=0.0) * (1 - asset.detection.cloud_ratio)
        takes["cloud"] = max(takes.get("cloud", 0.0), dark)
        left *= 1 - dark
        power += could * left * hours / STEPS.step_h
        full += could * hours
        for cause, taken in takes.items():
            if taken:
                part = could * (1 - left) * hours * taken / sum(takes.values())
                by_cause[cause] = by_cause.get(cause, 0.0) + part
    return np.array([power, full, sum(by_cause.values()), by_cause["outage"], by_cause["denial"],
                     by_cause["night"], by_cause["cloud"]])  # fmt: skip


def sky(r: dict[str, Any]) -> float | None:
    return r["cloud_share"] or 0.0 if r["cause"] == "cloud" else r["cloud_share"]


def seen(asset: Asset, r: dict[str, Any], cell: int) -> tuple[float, float]:
    if r["lat_deg"] is None:
        return on(asset, cell)
    return on(
        asset,
        cell,
        Disc(lat_deg=r["lat_deg"], lon_deg=r["lon_deg"], radius_km=r["radius_m"] / 1000),
    )


@lru_cache
def placed_on(disc: Disc) -> tuple[Floats, Floats]:
    return parts([disc], CELLS)


def on(asset: Asset, cell: int, disc: Disc | None = None) -> tuple[float, float]:
    disc = disc or asset.footprint
    if disc is None:
        return 1.0, 1.0
    part, range_km = placed_on(disc)
    half_km = asset.detection.half_km
    return part[0, cell], 0.5 ** (range_km[0, cell] / half_km) if half_km else 1.0


@settings(max_examples=12, deadline=None, derandomize=True)
@given(rows=ROWS, losses=LOSSES, step=st.integers(0, 5), drawn=st.integers(0, 31))
def test_kernels_agree_with_a_slow_twin(
    rows: list[Any], losses: list[Any], step: int, drawn: int
) -> None:
    found = made(rows, losses)

    for asset, own in zip(found.assets, found.watched, strict=True):
        slow_steps = np.array([
            slow(asset, watch_of(rows), losses_of(losses), each, drawn) for each in range(6)
        ])  # fmt: skip
        at = np.flatnonzero(own.reach == drawn)
        power = own.power[step, at[0]] if len(at) else 0.0
        books = own.lost_h[:, at[0]] if len(at) else np.zeros(len(found.causes))
        full_h = own.full_h[at[0]] if len(at) else 0.0
        assert power == pytest.approx(slow_steps[step, 0], abs=1e-12)
        assert full_h == pytest.approx(slow_steps[:, 1].sum(), abs=1e-9)
        assert books.sum() == pytest.approx(slow_steps[:, 2].sum(), abs=1e-9)
        for column, cause in enumerate(("outage", "denial", "night", "cloud"), start=3):
            if cause in found.causes:
                lost_h = books[found.causes.index(cause)]
                assert lost_h == pytest.approx(slow_steps[:, column].sum(), abs=1e-9), cause


@law
@given(rows=ROWS, losses=LOSSES)
def test_p_is_a_probability_and_hours_add_up(rows: list[Any], losses: list[Any]) -> None:
    found = made(rows, losses)
    p, books = found.p(KIND), found.by_asset()
    lost = found.lost().group_by("asset", "sector").agg(pl.col("hours").sum())

    joined = books.join(lost, on=["asset", "sector"], how="left").fill_null(0.0)

    assert ((p >= 0) & (p <= 1)).all()
    np.testing.assert_allclose(books["watched_h"] + books["lost_h"], books["full_h"], atol=1e-9)
    np.testing.assert_allclose(joined["lost_h"], joined["hours"], atol=1e-9)
    assert (books["full_h"] <= STEPS.hours_h + 1e-9).all()


@law
@given(rows=ROWS, losses=LOSSES)
def test_more_assets_never_lower_p(rows: list[Any], losses: list[Any]) -> None:
    fewer = made(rows, losses, ASSETS[:2])

    assert (made(rows, losses).p(KIND) >= fewer.p(KIND)).all()
    assert fewer.strangers == ()


@law
@given(rows=st.lists(a_row(), max_size=5), cause=st.sampled_from(["outage", "denied"]))
def test_share_0_equals_no_asset(rows: list[Any], cause: str) -> None:
    dead = [each for each in rows if each[2] == "cam"]
    dead += [row("cam", 0, 48, share=0.0, cause=cause)]
    dead += [row("cam", 0, 48, share=0.0, cause=cause, place=place) for place in (1, 2)]

    with_it, without = made(dead), made([], assets=ASSETS[1:])

    np.testing.assert_allclose(with_it.p(KIND), without.p(KIND), atol=1e-12)


@law
@given(rows=st.lists(a_row(), min_size=1, max_size=5), losses=LOSSES, drawn=st.data())
def test_splitting_a_watch_report_in_two_changes_nothing(
    rows: list[Any], losses: list[Any], drawn: st.DataObject
) -> None:
    which = drawn.draw(st.integers(0, len(rows) - 1))
    whole = rows[which]
    cut = whole[3] + (whole[4] - whole[3]) * drawn.draw(st.floats(0.01, 0.99))
    split = [*rows[:which], (*whole[:4], cut, *whole[5:]), (*whole[:3], cut, *whole[4:])]
    split += rows[which + 1 :]

    assert_same(made(rows, losses), made(split, losses))


@law
@given(rows=ROWS, losses=LOSSES, seed=st.integers(0, 9))
def test_order_and_repetition_of_rows_do_not_matter(
    rows: list[Any], losses: list[Any], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    mixed = [rows[k] for k in rng.permutation(len(rows))] + rows[:1]
    turned = [losses[k] for k in rng.permutation(len(losses))]

    assert_same(made(rows, losses), made(mixed, turned, ASSETS[::-1]))


def assert_same(first: Coverage, second: Coverage) -> None:
    np.testing.assert_allclose(first.p(KIND), second.p(KIND), atol=1e-12)
    for one, other in zip(first.watched, second.watched, strict=True):
        np.testing.assert_allclose(one.lost_h, other.lost_h, atol=1e-9)
        np.testing.assert_allclose(one.unknown_h, other.unknown_h, atol=1e-9)


@law
@given(rows=ROWS, losses=LOSSES)
def test_mirrored_ground_has_mirrored_coverage(rows: list[Any], losses: list[Any]) -> None:
    def flip(table: pl.DataFrame) -> pl.DataFrame:
        return table.with_columns(-pl.col("lon_deg"))

    def flipped(asset: Asset) -> Asset:
        disc = asset.footprint and replace(asset.footprint, lon_deg=-asset.footprint.lon_deg)
        return replace(asset, footprint=disc)

    # The sun rises in the east on both, so night takes nothing here.
    assets = [replace(a, detection=replace(a.detection, night_ratio=1.0)) for a in ASSETS]
    watch, told = watch_of(rows), losses_of(losses)
    one = coverage(assets, watch, told, cells=CELLS, steps=STEPS)
    mirrored = [flipped(asset) for asset in assets]

    other = coverage(mirrored, flip(watch), flip(told), cells=CELLS, steps=STEPS)

    shape = (STEPS.count, -1, CELLS.columns)
    np.testing.assert_allclose(
        one.p(KIND).reshape(shape), other.p(KIND).reshape(shape)[:, :, ::-1], atol=1e-9
    )


@law
@given(rows=ROWS)
def test_losses_never_raise_p(rows: list[Any]) -> None:
    taken = made(rows, [loss("cam", 0, 30), loss("patrol", 8, 20, place=1)])

    assert (taken.p(KIND) <= made(rows).p(KIND) + 1e-12).all()


def test_an_hour_of_outage_costs_an_hour() -> None:
    sat = ASSETS[2]

    found = made([row("sat", 4, 4, share=0.0, cause="outage")], assets=(sat,))

    assert found.hours(KIND) == pytest.approx(0.6 * 11)
    assert found.share(KIND, "east") == pytest.approx(0.6 * 11 / 12)
    assert found.lost("outage").filter(sector="")["hours"].item() == pytest.approx(1.0)
    assert found.lost("night").is_empty()  # at night it sees as well
    assert found.by_step_h(KIND).tolist() == pytest.approx([0.6 * h for h in (1, *[2] * 5)])


def test_a_silence_is_believed_only_where_the_asset_says_nothing() -> None:
    quiet = loss("sat", 0, 48, cause="silent", guessed=True)

    silent = made([], [quiet], ASSETS[2:])
    alive = made([row("sat", 0, 24)], [quiet], ASSETS[2:])
    denied = made([row("sat", 0, 24)], [loss("sat", 0, 48)], ASSETS[2:])

    assert [c.hours(KIND) for c in (silent, alive, denied)] == pytest.approx([0.0, 3.6, 0.0])


def test_a_patrol_that_nobody_heard_of_covers_nothing() -> None:
    patrol = ASSETS[1:2]

    assert made([], assets=patrol).hours(KIND) == 0
    assert made([], [loss("patrol", 0, 48)], patrol).by_asset()["full_h"].sum() == 0
    assert made([row("patrol", 0, 8, place=1)], assets=patrol).hours(KIND) > 0


def test_two_causes_share_an_hour_by_what_each_would_have_taken() -> None:
    rows = [
        row("sat", 0, 4, share=0.25, cause="jamming"),
        row("sat", 0, 4, share=0.5, cause="outage"),
    ]

    lost = made(rows, assets=ASSETS[2:]).lost().filter(sector="")

    assert lost.select("cause", "hours").rows() == [
        ("jamming", pytest.approx(0.75 * 0.6)),
        ("outage", pytest.approx(0.75 * 0.4)),
    ]


def test_an_unknown_sky_gives_both_ends() -> None:
    detection = replace(PLAIN, cloud_ratio=0.25)
    sat = (replace(ASSETS[2], detection=detection),)
    rows = [row("sat", 0, 24, cloud_share=0.5)]

    high, low = (made(rows, assets=sat, cloud_unknown_share=share) for share in (0.0, 1.0))

    assert high.hours(KIND) == pytest.approx(0.6 * (6 * 0.625 + 6))
    assert low.hours(KIND) == pytest.approx(0.6 * (6 * 0.625 + 6 * 0.25))
    assert high.by_asset()["cloud_unknown_h"].to_list() == pytest.approx([6.0, 6.0])


def test_a_share_lost_to_cloud_is_not_taken_twice() -> None:
    sat = (replace(ASSETS[2], detection=replace(PLAIN, cloud_ratio=0.25)),)

    found = made([row("sat", 0, 48, share=0.4, cause="cloud")], assets=sat, cloud_unknown_share=1.0)

    assert found.share(KIND) == pytest.approx(0.6 * 0.4)
    assert found.by_asset()["cloud_unknown_h"].to_list() == [0.0, 0.0]


def test_a_class_that_is_not_named_is_never_detected() -> None:
    assert made([], assets=ASSETS[2:]).p("armour").max() == 0
    assert made([], assets=ASSETS[:1]).p("armour").max() > 0  # it has `*`


def test_names_the_assets_that_nobody_declared() -> None:
    found = made([row("ghost", 0, 4)], [loss("nobody", 0, 4)])

    assert found.strangers == ("ghost", "nobody")


@pytest.mark.parametrize(
    ("rows", "more", "message"),
    [
        ([], {"assets": ASSETS + ASSETS[:1]}, "assets: 'cam' is declared twice, expected once"),
        ([], {"cloud_unknown_share": 1.5}, "cloud_unknown_share: is 1.5, must be 0 to 1"),
        ([row("cam", 4, -2)], {}, "watch of cam from .* expected a time"),
        ([row("cam", 4, 2, share=0.5)], {}, "has share 0.5 and cause watching"),
        ([row("cam", 4, 2, cause="outage")], {}, "has share 1.0 and cause outage"),
        (
            [row("patrol", 0, 4)],
            {"assets": (replace(ASSETS[1], detection=MODEL),)},
            "watch of patrol: a report names no place, expected one",
        ),
    ],
)
def test_refuses_what_cannot_be(rows: list[Any], more: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        made(rows, **more)


def test_power_is_looked_up_by_asset_step_and_cell() -> None:
    found = made([row("patrol", 0, 8, place=1)])
    cell = CELLS.at(np.array([0.05, 0.2]), np.array([45.02, 45.08]))

    assert found.power_at("sat", np.array([0, 5]), cell).tolist() == [1.0, 1.0]
    near, far = found.power_at("patrol", np.array([0, 0]), cell)
    assert near > 0 == far
    with pytest.raises(BadInput, match="asset: 'radar' is not known, expected one of cam, patrol"):
        found.power_at("radar", np.array([0]), cell[:1])
