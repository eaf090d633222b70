"""Promises of the maps: where a mark stands, what it counts, and what it never says."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from trucewatch.agreement.line import Line, LineStatus, Side
from trucewatch.agreement.parse import parse
from trucewatch.agreement.shipped import shipped_bytes
from trucewatch.agreement.zone import Edges
from trucewatch.errors import BadInput
from trucewatch.geo.plane import Plane
from trucewatch.measure.coverage.cells import Box, grid
from trucewatch.serve.maps import agreed, bars, covered, dots, ground, ink
from trucewatch.serve.maps.frame import Frame
from trucewatch.serve.tongue import tongue

START = datetime(2030, 9, 1, tzinfo=UTC)
FRAME = Frame.fit((-31.0, 44.5, -29.0, 45.5), (800, 600))


def incidents(count: int, seed: int = 1) -> pl.DataFrame:
    """Return incidents around the middle of `FRAME`, some outside, at random hours of ten days."""
    rng = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "id": [f"i-{n:06d}" for n in range(count)],
            "time": [START + timedelta(hours=int(h)) for h in rng.integers(0, 240, count)],
            "class": ["artillery_fire"] * count,
            "lon_deg": rng.normal(-30.0, 0.6, count),
            "lat_deg": rng.normal(45.0, 0.3, count),
            "cov_ee_m2": np.full(count, 1e6),
            "cov_en_m2": np.zeros(count),
            "cov_nn_m2": np.full(count, 1e4),
            "real_p": rng.uniform(0.5, 1.0, count),
            "independent": rng.integers(1, 4, count),
        },
        schema_overrides={"time": pl.Datetime("us", "UTC")},
    )


def surely(row: dict[str, object]) -> int:
    return int(row["independent"] >= 2 and row["real_p"] >= 0.9)  # type: ignore[operator]


@given(
    west=st.floats(-170, 160),
    south=st.floats(-70, 60),
    across=st.floats(0.01, 9),
    up=st.floats(0.01, 9),
)
@settings(max_examples=50, deadline=None)
def test_a_map_holds_the_box_that_it_is_asked_for(
    west: float, south: float, across: float, up: float
) -> None:
    asked = west, south, west + across, south + up

    held = Frame.fit(asked, (700, 400)).box_deg

    assert held[0] <= asked[0] + 1e-9
    assert held[1] <= asked[1] + 1e-9
    assert held[2] >= asked[2] - 1e-9
    assert held[3] >= asked[3] - 1e-9
    assert held == pytest.approx(Frame.fit(held, (700, 400)).box_deg)


def test_corners_of_a_map_are_corners_of_its_box() -> None:
    west, south, east, north = FRAME.box_deg

    x, y = FRAME.px(np.array([west, east]), np.array([north, south]))

    assert x == pytest.approx([0, 800], abs=1e-6)
    assert y == pytest.approx([0, 600], abs=1e-6)


def test_refuses_a_box_that_is_turned_round_or_off_the_map() -> None:
    with pytest.raises(BadInput, match="west below east"):
        Frame.fit((1.0, 0.0, 0.0, 1.0), (10, 10))
    with pytest.raises(BadInput, match="latitudes"):
        Frame.fit((0.0, 0.0, 1.0, 89.0), (10, 10))


def test_the_scale_bar_is_a_round_length_of_the_ground() -> None:
    from pyproj import Geod

    long_m, long_px = FRAME.scale_bar()
    west, south, east, north = FRAME.box_deg
    lat = (south + north) / 2
    lon = west + (east - west) * long_px / 800
    real_m = Geod(ellps="WGS84").inv(west, lat, lon, lat)[2]

    assert str(long_m).rstrip("0") in {"1", "2", "5"}
    assert real_m == pytest.approx(long_m, rel=0.01)


def test_a_map_zoomed_out_and_in_again_is_the_same() -> None:
    out = Frame.fit(FRAME.zoomed(2.0), (800, 600))

    assert Frame.fit(out.zoomed(0.5), (800, 600)).box_deg == pytest.approx(FRAME.box_deg)


@pytest.mark.parametrize("count", [0, 3, 400, 21_000])
def test_every_incident_in_view_is_counted_once_under_its_status(count: int) -> None:
    table = incidents(count)
    west, south, east, north = FRAME.box_deg
    inside = [
        row
        for row in table.rows(named=True)
        if west <= row["lon_deg"] <= east and south <= row["lat_deg"] <= north
    ]

    found = dots.dots(table, FRAME)

    drawn = found.rings.counts.sum(axis=0) + np.bincount(found.single["status"], minlength=2)
    assert found.total == len(inside) == drawn.sum()
    assert drawn[1] == found.by_status[1] == sum(surely(row) for row in inside)


def test_above_twenty_thousand_in_view_none_stands_alone() -> None:
    one = dots.dots(incidents(45_000), FRAME)
    few = dots.dots(incidents(1_000), FRAME)

    assert one.total > dots.AGGREGATE_FROM
    assert one.aggregated
    assert not len(one.single)
    assert not few.aggregated
    assert len(few.single)


def test_near_enough_each_stands_alone() -> None:
    close = Frame.fit((-30.02, 44.99, -29.98, 45.01), (800, 600))

    found = dots.dots(incidents(20_000), close)

    assert found.total == len(found.single) > 0


def test_the_latest_come_first() -> None:
    table = incidents(300)

    found = dots.dots(table, FRAME)

    west, south, east, north = FRAME.box_deg
    near = table.filter(
        pl.col("lon_deg").is_between(west, east) & pl.col("lat_deg").is_between(south, north)
    )
    assert found.latest["time"].to_list() == near["time"].sort(descending=True)[:20].to_list()


def test_no_two_rings_lie_on_each_other() -> None:
    found = dots.dots(incidents(5_000), FRAME)

    points = shapely.points(found.rings.x_px, found.rings.y_px)
    tree = shapely.STRtree(points)
    pairs = tree.query(points, predicate="dwithin", distance=20.0)
    assert (pairs[0] == pairs[1]).all()


def test_an_ellipse_is_where_it_lies_with_95_percent() -> None:
    table = incidents(1)

    long, short, turn = dots.shapes(table, FRAME)[0]

    per_m = float(FRAME.px_per_m(table["lat_deg"].item()))
    assert long == pytest.approx(math.sqrt(5.991464547 * 1e6) * per_m)
    assert short == pytest.approx(math.sqrt(5.991464547 * 1e4) * per_m)
    assert turn % 180 == pytest.approx(0)


def test_an_ellipse_that_points_north_east_rises_to_the_right() -> None:
    table = incidents(1).with_columns(cov_nn_m2=pl.lit(1e6), cov_en_m2=pl.lit(5e5))

    assert dots.shapes(table, FRAME)[0][2] == pytest.approx(-45)


def test_without_a_covariance_it_is_a_circle_of_the_error() -> None:
    table = incidents(1).drop(pl.selectors.starts_with("cov_")).with_columns(error_km=pl.lit(3))

    long, short, _ = dots.shapes(table, FRAME)[0]

    assert long == short == pytest.approx(3_000 * float(FRAME.px_per_m(table["lat_deg"].item())))


@pytest.mark.parametrize(("side", "way"), [(Side.LEFT, -1), (Side.RIGHT, 1)])
def test_ticks_of_a_line_point_to_the_own_side(side: Side, way: int) -> None:
    line = Line(
        id="LINE", status=LineStatus.AGREED, epoch=None, accuracy_m=None, datum_for=("ALPHA",),
        sides={"ALPHA": side}, points=((-30.8, 45.0), (-29.2, 45.0)), edges=Edges.STRAIGHT,
        since=None, until=None, text="from west to east",
    )  # fmt: skip
    text = parse(shipped_bytes("paris-type"), name="paris-type")

    drawn = str(agreed.lines(_with(text, line), (None, None), FRAME))

    ticks = re.search(r'm-tick a" d="([^"]+)"', drawn)
    assert ticks
    strokes = [
        [float(word) for word in re.findall(r"-?[\d.]+", part)] for part in ticks[1].split("M")[1:]
    ]
    assert all((end - start) * way > 0 for _, start, _, end in strokes)


def _with(text: object, line: Line) -> object:
    from dataclasses import replace

    return replace(text, lines=(line,))  # type: ignore[type-var]


def test_a_restricted_zone_is_not_for_everybody() -> None:
    text = parse(shipped_bytes("paris-type"), name="paris-type")
    hidden = {zone.id for zone in text.zones if zone.restricted}

    ours = agreed.zones_of(text, (None, None), restricted=True)
    theirs = agreed.zones_of(text, (None, None), restricted=False)

    assert hidden
    assert {zone.id for zone in ours} - {zone.id for zone in theirs} == hidden


def test_stipple_covers_the_dark_cells_and_no_other() -> None:
    plane = Plane(centre_lat_deg=45.0, centre_lon_deg=-30.0)
    box = Box(west_km=-40, south_km=-30, east_km=40, north_km=30)
    cells = grid(box, plane=plane, size_km=5, sectors={})
    share = np.random.default_rng(3).uniform(0, 1, len(cells))
    seen = covered.Watched(cells=cells, share=share, start=START, end=START + timedelta(hours=1))

    drawn = str(covered.stippled(seen, FRAME))

    dense = re.search(r'class="m-veil" d="([^"]+)"', drawn)
    assert dense
    quads = [
        np.array([[float(v) for v in point.split()] for point in part.rstrip("Z").split("L")])
        for part in dense[1].split("M")[1:]
    ]
    veil = shapely.union_all([shapely.Polygon(quad) for quad in quads])
    x, y = FRAME.px(cells.lon_deg, cells.lat_deg)
    assert (shapely.contains_xy(veil, x, y) == (share < covered.DARK_SHARE)).all()


@pytest.mark.parametrize("step_h", [0, 6, 24])
def test_the_time_bar_counts_each_incident_in_its_step(step_h: int) -> None:
    table = incidents(500)
    span = START, START + timedelta(hours=240)

    found = bars.bars(table, span, step_h)

    slow = np.zeros_like(found.counts)
    for row in table.rows(named=True):
        slow[(row["time"] - found.start) // timedelta(hours=found.step_h), surely(row)] += 1
    assert (found.counts == slow).all()
    assert step_h in {0, found.step_h}


def test_silences_that_touch_are_one_stipple() -> None:
    hour = [START + timedelta(hours=n) for n in range(6)]

    assert bars.merged([(hour[4], hour[5]), (hour[0], hour[2]), (hour[1], hour[3])]) == [
        (hour[0], hour[3]), (hour[4], hour[5]),
    ]  # fmt: skip


def test_the_time_bar_says_what_was_chosen_and_when_it_was_known() -> None:
    of = bars.bars(incidents(50), (START, START + timedelta(days=10)))
    beside = bars.Beside(
        chosen=(START + timedelta(days=2), None),
        silences=[(START, START + timedelta(days=1))],
        known=(START + timedelta(days=9), "as known"),
    )

    drawn = str(bars.drawn(of, beside, tongue("en"), "UTC"))

    for kind in ("tb-brush", "tb-out", "tb-flag-t", "tb-grid"):
        assert kind in drawn


def test_text_of_others_is_escaped_and_nothing_is_inline() -> None:
    drawn = str(ink.mark("text", "<script>", x=1.25, aria_label='"x"'))

    assert drawn == '<text x="1.2" aria-label="&#34;x&#34;">&lt;script&gt;</text>'


def test_names_that_would_lie_on_each_other_are_left_out() -> None:
    places = [
        ground.Place(names={"en": name, "uk": uk}, lon_deg=lon, lat_deg=45.0, rank=3)
        for name, uk, lon in (
            ("Ilmery", "Ільмері", -30.0), ("Orva", "Орва", -29.999), ("Far", "", -29.5),
        )
    ]  # fmt: skip

    drawn = str(ground.named(places, FRAME, "uk"))

    assert "Ільмері" in drawn
    assert "Орва" not in drawn
    assert "Far" in drawn
