"""What is far is left out, what is sure is not worked out, and nobody can tell from the answer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from assess_samples import load

from trucewatch.agreement.zone import Disc, Edges
from trucewatch.assess import _known
from trucewatch.assess._known import Known
from trucewatch.assess._place import PLACE, area_inside_p, area_of, points_inside_p, shape_of
from trucewatch.errors import BadInput
from trucewatch.geo.plane import Covariances, Plane

if TYPE_CHECKING:
    from trucewatch.geo.area import Area

SAMPLE = load("prohibited_act")
ZONE = SAMPLE.agreement.zone("Z_SEC")


def points(seed: int, count: int, spread_deg: float) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    ee, nn = rng.lognormal(14, 2, (2, count))  # 1 km, within a factor of 50
    columns = {
        "lon_deg": -30 + spread_deg * rng.normal(size=count),
        "lat_deg": 45 + spread_deg * rng.normal(size=count),
        "cov_ee_m2": ee,
        "cov_en_m2": rng.uniform(-0.95, 0.95, count) * np.sqrt(ee * nn),
        "cov_nn_m2": nn,
    }
    return pl.DataFrame(columns)


def slow_inside_p(table: pl.DataFrame, area: Area) -> np.ndarray:
    """Every point worked out, on the plane in the middle of the area's box."""
    lon_deg, lat_deg, ee, en, nn = table.select(PLACE).to_numpy().T.copy()
    corners = np.concatenate([part[0] for part in area.parts])
    west, south = corners.min(axis=0)
    east, north = corners.max(axis=0)
    plane = Plane(centre_lat_deg=float(south + north) / 2, centre_lon_deg=float(west + east) / 2)
    turned = plane.to_plane(lon_deg, lat_deg, Covariances(xx_m2=ee, xy_m2=en, yy_m2=nn))
    covariance_m2 = np.column_stack([turned.xx_m2, turned.xy_m2, turned.yy_m2])
    return area.inside_p(*plane.project(lon_deg, lat_deg), covariance_m2, plane)


@pytest.mark.parametrize("name", ["Z_SEC", "Z_BELT"])
@pytest.mark.parametrize("spread_deg", [0.2, 2.0])
def test_leaving_out_what_is_far_or_sure_changes_no_digit(name: str, spread_deg: float) -> None:
    area = area_of(shape_of(SAMPLE.version, SAMPLE.agreement.zone(name)))
    table = points(1, 2_000, spread_deg)

    found = area_inside_p(table, area).to_numpy()

    np.testing.assert_array_equal(found, slow_inside_p(table, area).round(6))
    assert ((found > 0) & (found < 1)).sum() > 10


def test_all_shapes_of_a_zone_are_taken_together() -> None:
    discs = tuple(
        Disc(name=str(n), lon_deg=-30.0 + n, lat_deg=45.0, radius_m=5_000.0) for n in range(2)
    )
    zone = replace(ZONE, polygon=(), discs=discs)
    table = points(2, 3, 0.0).with_columns(
        pl.Series("lon_deg", [-30.0, -29.0, -29.5]),
        *(pl.lit(1e4).alias(name) for name in ("cov_ee_m2", "cov_nn_m2")),
        cov_en_m2=pl.lit(0.0),
    )

    assert points_inside_p(table, SAMPLE.version, zone).to_list() == [1.0, 1.0, 0.0]


def test_a_point_round_the_back_of_the_earth_is_near() -> None:
    zone = replace(ZONE, polygon=((179.0, 44.9), (179.9, 44.9), (179.9, 45.1), (179.0, 45.1)))
    table = points(3, 1, 0.0).with_columns(
        lon_deg=pl.lit(-179.99), cov_ee_m2=pl.lit(1e10), cov_en_m2=pl.lit(0.0)
    )

    assert 0 < points_inside_p(table, SAMPLE.version, zone)[0] < 1


def test_refuses_an_error_that_is_none_however_far_the_point() -> None:
    table = points(4, 1, 0.0).with_columns(lat_deg=pl.lit(-80.0), cov_ee_m2=pl.lit(0.0))

    with pytest.raises(BadInput, match="is no error ellipse, must be positive definite"):
        points_inside_p(table, SAMPLE.version, ZONE)


def test_versions_with_the_same_ground_share_it_and_others_do_not() -> None:
    bulge = replace(ZONE, edges=Edges.GEODESIC)

    shapes = {shape_of(SAMPLE.version, each) for each in (ZONE, replace(ZONE, id="Z_2"), bulge)}

    assert len(shapes) == 2


def test_rules_that_ask_at_the_same_time_wait_for_one_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[int] = []
    work = _known.area_inside_p

    def counted(table: pl.DataFrame, area: Area) -> pl.Series:
        asked.append(len(table))
        return work(table, area)

    monkeypatch.setattr(_known, "area_inside_p", counted)
    known = Known(SAMPLE.facts)

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: known.incident_inside_p(SAMPLE.version, ZONE), range(8)))

    assert asked == [len(SAMPLE.facts.incidents)]
    assert all(each is found[0] for each in found)
