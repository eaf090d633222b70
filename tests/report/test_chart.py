"""The geometry of the map."""

from __future__ import annotations

import dataclasses
import math
import re
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trucewatch.report.bulletin.chart import chart
from trucewatch.report.bulletin.frame import WIDTH, frame_of
from trucewatch.report.bulletin.mark import marks_of
from trucewatch.report.material import NamedPlace, ZoneOutline

if TYPE_CHECKING:
    from types import ModuleType

BOX = ZoneOutline(id="Z", ring_deg=((22.0, 44.0), (41.0, 44.0), (41.0, 53.0), (22.0, 53.0)))


def placed(*points: tuple[float, float]) -> pl.DataFrame:
    schema = {"lat_deg": pl.Float64, "lon_deg": pl.Float64}
    return pl.DataFrame(list(points), schema=schema, orient="row")


@given(st.lists(st.tuples(st.floats(-80, 80), st.floats(-170, 170)), max_size=6))
def test_without_zones_every_incident_is_inside_the_frame(
    points: list[tuple[float, float]],
) -> None:
    frame = frame_of((), placed(*points))

    for lat_deg, lon_deg in points:
        left, top = frame.pixel(lat_deg, lon_deg)
        assert -1e-6 <= left <= WIDTH + 1e-6
        assert -1e-6 <= top <= frame.height + 1e-6
    assert 320 <= frame.height <= 720


def test_a_far_incident_does_not_move_the_frame_and_is_named_as_left_out(make: ModuleType) -> None:
    near = frame_of((BOX,), placed((48.0, 30.0)))
    far = frame_of((BOX,), placed((48.0, 30.0), (10.0, 120.0)))
    row = make.incident("x", lat_deg=10.0, lon_deg=120.0)
    material = make.material(incidents=make.incidents(row), zones=(BOX,))

    drawn = chart(material, material.incidents)

    assert far == near
    assert not drawn.marks
    assert "Not on the map: 1 placed outside its frame." in drawn.notes


def test_scale_is_the_same_in_both_directions() -> None:
    frame = frame_of((BOX,), placed())
    middle = frame.south_deg + frame.lat_span_deg / 2

    north = frame.pixel(middle, 30.0)[1] - frame.pixel(middle + 0.1, 30.0)[1]
    east = frame.pixel(middle, 30.1)[0] - frame.pixel(middle, 30.0)[0]

    assert east / north == pytest.approx(math.cos(math.radians(middle)), rel=0.01)
    assert 0.1 * 111_195 / north == pytest.approx(frame.pixel_m, rel=0.01)


@pytest.mark.parametrize(
    ("ee", "en", "nn", "slope"),
    [(9e6, 0.0, 1e6, 0.0), (5e6, 4e6, 5e6, -1.0), (5e6, -4e6, 5e6, 1.0)],
)
def test_an_ellipse_leans_as_its_covariance_does(
    make: ModuleType, ee: float, en: float, nn: float, slope: float
) -> None:
    row = make.incident("x", lat_deg=45.0, lon_deg=-30.0, cov_ee_m2=ee, cov_en_m2=en, cov_nn_m2=nn)
    table = make.incidents(row)
    frame = frame_of(
        (ZoneOutline(id="Z", ring_deg=((-31, 44.5), (-29, 44.5), (-29, 45.5))),), table
    )

    (mark,), _ = marks_of(table, frame, level="mission")

    x0, y0, rx, ry, _turn, x1, y1 = (
        float(part)
        for part in re.match(  # type: ignore[union-attr]
            r"M(\S+) (\S+)A(\S+) (\S+) (\S+) 0 1 (\S+) (\S+?)A", mark.ellipse
        ).groups()
    )
    assert (y1 - y0) / (x1 - x0) == pytest.approx(slope, abs=0.03)
    long_m2 = (ee + nn) / 2 + math.hypot((ee - nn) / 2, en)
    assert rx * frame.pixel_m == pytest.approx(math.sqrt(5.9915 * long_m2), rel=0.02)
    assert rx > ry > 0


def test_names_keep_clear_of_marks_and_of_each_other(make: ModuleType) -> None:
    row = make.incident("x", lat_deg=45.0, lon_deg=-29.99)
    twins = tuple(NamedPlace(name=f"Twin {n}", lat_deg=45.0, lon_deg=-30.0) for n in range(9))
    material = make.material(incidents=make.incidents(row), places=twins)

    drawn = chart(material, material.incidents)

    boxes = [label.box() for label in drawn.names]
    assert 1 <= len(boxes) < 9
    for place, one in enumerate(boxes):
        for other in boxes[place + 1 :]:
            apart = one[2] <= other[0] or other[2] <= one[0]
            assert apart or one[3] <= other[1] or other[3] <= one[1]


def test_a_cell_with_several_incidents_shows_their_number_and_their_states(
    make: ModuleType,
) -> None:
    rows = [
        make.incident(n, state=s)
        for n, s in zip("abcd", ["open", "open", "confirmed", "probable"], strict=True)
    ]
    material = make.material(incidents=make.incidents(*rows))

    (mark,) = chart(material, material.incidents).marks

    assert mark.n == 4
    assert mark.shares == (("co", "0 0 25 100"), ("pr", "0 25 25 100"), ("un", "0 50 50 100"))


def test_the_frame_of_nothing_is_a_small_piece_of_nowhere(make: ModuleType) -> None:
    drawn = chart(make.material(), make.incidents())

    assert not drawn.marks
    assert drawn.height >= 320
    assert dataclasses.asdict(drawn)["notes"][-1].startswith("Boundaries, names")
