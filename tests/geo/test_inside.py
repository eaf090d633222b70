"""The chance of being inside is exact: closed forms, Monte Carlo, and shapes nobody chose."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import owens_t
from scipy.stats import norm

from trucewatch.errors import BadInput
from trucewatch.geo.inside import inside_p, signed_distance_m

RECTANGLE = np.array([[0.0, 0.0], [10_000.0, 0.0], [10_000.0, 5_000.0], [0.0, 5_000.0]])
BENT = np.array([[0, 0], [6, 0], [6, 6], [4, 6], [4, 2], [2, 2], [2, 6], [0, 6]]) * 1_000.0
SIGMA_M = st.floats(10.0, 20_000.0)
PLACE_M = st.floats(-20_000.0, 20_000.0)
ONE = (np.array([0.0]), np.array([0.0]), np.array([[1.0, 0.0, 1.0]]))


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    """Compile once, so that no example of hypothesis takes as long."""
    one_p(0.0, 0.0, [1.0, 0.0, 1.0], RECTANGLE)


def slow_inside_p(x_m: float, y_m: float, covariance_m2: np.ndarray, ring_m: np.ndarray) -> float:
    """Every edge with Owen's function, however far it is; the ring runs counter-clockwise."""
    xx, xy, yy = covariance_m2
    low = np.linalg.cholesky(np.array([[xx, xy], [xy, yy]]))
    seen = np.linalg.solve(low, (ring_m - (x_m, y_m)).T).T
    total_p = 0.0
    for here, after in zip(seen, np.roll(seen, -1, axis=0), strict=True):
        along = (after - here) / np.hypot(*(after - here))
        offset = here[0] * along[1] - here[1] * along[0]
        for corner, sign in ((after, 1), (here, -1)):
            reach = corner @ along
            mass_p = np.arctan2(reach, abs(offset)) / (2 * np.pi)
            mass_p -= owens_t(offset, reach / abs(offset)) if offset else 0.0
            total_p += sign * np.sign(offset) * mass_p
    return float(total_p)


def rectangle_p(x_m: float, y_m: float, sigma_x_m: float, sigma_y_m: float) -> float:
    """Product of two one-dimensional masses, from the tail that keeps its digits."""
    masses = [
        norm.cdf((high - at) / sigma) - norm.cdf((low - at) / sigma)
        for low, high, at, sigma in ((0, 1e4, x_m, sigma_x_m), (0, 5e3, y_m, sigma_y_m))
    ]
    return float(masses[0] * masses[1])


def one_p(x_m: float, y_m: float, covariance_m2: list[float], polygon_m: np.ndarray) -> float:
    found = inside_p(np.array([x_m]), np.array([y_m]), np.array([covariance_m2]), polygon_m)
    return float(found[0])


@given(PLACE_M, PLACE_M, SIGMA_M, SIGMA_M)
def test_equals_the_closed_form_of_a_rectangle(
    x_m: float, y_m: float, sigma_x_m: float, sigma_y_m: float
) -> None:
    covariance = [sigma_x_m**2, 0.0, sigma_y_m**2]

    found = one_p(x_m, y_m, covariance, RECTANGLE)

    assert found == pytest.approx(rectangle_p(x_m, y_m, sigma_x_m, sigma_y_m), abs=1e-12)


@pytest.mark.parametrize(
    ("x_m", "y_m"),
    [(0.0, 0.0), (10_000.0, 5_000.0), (5_000.0, 0.0), (0.0, 2_500.0), (5_000.0, 5_000.0)],
)
def test_a_point_on_an_edge_or_corner_is_no_special_case(x_m: float, y_m: float) -> None:
    with_middles = np.insert(RECTANGLE, [1, 3], [[5_000.0, 0.0], [5_000.0, 5_000.0]], axis=0)

    found = one_p(x_m, y_m, [400.0**2, 0.0, 300.0**2], with_middles)

    assert found == pytest.approx(rectangle_p(x_m, y_m, 400.0, 300.0), abs=1e-12)


@given(st.floats(-4.0, 4.0), st.floats(0.0, 6.28), SIGMA_M, SIGMA_M, st.floats(-0.99, 0.99))
def test_equals_the_closed_form_of_a_half_plane(
    off_sigmas: float, bearing_rad: float, sigma_x_m: float, sigma_y_m: float, tilt: float
) -> None:
    covariance = [sigma_x_m**2, tilt * sigma_x_m * sigma_y_m, sigma_y_m**2]
    across = np.array([np.cos(bearing_rad), np.sin(bearing_rad)])
    xx, xy, yy = covariance
    sigma_m = np.sqrt(across @ np.array([[xx, xy], [xy, yy]]) @ across)
    far_m = 15 * (sigma_x_m + sigma_y_m)
    box = np.array([[-far_m, -far_m], [0, -far_m], [0, far_m], [-far_m, far_m]])
    box[:, 0] += np.where(box[:, 0] == 0, off_sigmas * sigma_m, 0)
    turn = np.array([across, [-across[1], across[0]]])

    found = one_p(0.0, 0.0, covariance, box @ turn)

    assert found == pytest.approx(norm.cdf(off_sigmas), abs=1e-9)


@given(st.integers(0, 2**32 - 1), st.integers(3, 12))
def test_inside_and_outside_of_any_star_shaped_zone_sum_to_one(seed: int, corners: int) -> None:
    rng = np.random.default_rng(seed)
    angles = np.sort(rng.uniform(0, 2 * np.pi, corners))
    if np.diff(angles, append=angles[0] + 2 * np.pi).max() > 3:
        angles = np.linspace(0, 6, corners)
    star = rng.uniform(1, 9, corners)[:, None] * np.column_stack([np.cos(angles), np.sin(angles)])
    frame = np.array([[-10, -20], [10, -20], [10, 20], [-10, 20]])
    spot = (*rng.normal(0, 5, 2), [4.0, 1.0, 3.0])
    whole_p = one_p(*spot, frame)

    slit_p = sum(
        one_p(*spot, np.array(list(piece.exterior.coords)[:-1]))
        for half in (shapely.box(-10, -20, 0, 20), shapely.box(0, -20, 10, 20))
        for piece in pieces(shapely.Polygon(frame).difference(shapely.Polygon(star)) & half)
    )

    assert one_p(*spot, star) + slit_p == pytest.approx(whole_p, abs=1e-9)


def pieces(shape: shapely.Geometry) -> list[shapely.Polygon]:
    return [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]


def test_agrees_with_monte_carlo_in_a_bent_zone() -> None:
    rng = np.random.default_rng(5)
    n = 200_000
    for x_m, y_m, covariance in (
        (3_000.0, 3_000.0, [1.0e6, 0.5e6, 2.0e6]),
        (2_000.0, 4_000.0, [0.2e6, -0.3e6, 4.0e6]),
        (7_000.0, 1_000.0, [9.0e6, 2.0e6, 1.0e6]),
    ):
        xx, xy, yy = covariance
        drawn = rng.multivariate_normal([x_m, y_m], [[xx, xy], [xy, yy]], n)
        drawn_p = shapely.contains_xy(shapely.Polygon(BENT), drawn[:, 0], drawn[:, 1]).mean()

        found = one_p(x_m, y_m, covariance, BENT)

        assert found == pytest.approx(drawn_p, abs=4.5 * np.sqrt(0.25 / n))


def test_direction_of_turn_first_corner_and_extra_corners_change_nothing() -> None:
    rng = np.random.default_rng(6)
    x_m, y_m = rng.uniform(-2e3, 8e3, (2, 500))
    covariance = np.column_stack([np.full(500, 2e6), np.full(500, -5e5), np.full(500, 1e6)])
    middles = (BENT + np.roll(BENT, -1, axis=0)) / 2

    found = inside_p(x_m, y_m, covariance, BENT)

    for same in (BENT[::-1], np.roll(BENT, 3, axis=0), np.stack([BENT, middles], 1).reshape(-1, 2)):
        np.testing.assert_allclose(inside_p(x_m, y_m, covariance, same), found, atol=1e-12)


def test_a_far_point_is_surely_out_and_a_deep_one_surely_in() -> None:
    near_p = inside_p(
        np.array([5_000.0, -1e7]), np.zeros(2) + 2_500, np.array([[1e4, 0, 1e4]] * 2), RECTANGLE
    )

    assert near_p.tolist() == [1.0, 0.0]


def test_many_points_are_as_one() -> None:
    rng = np.random.default_rng(7)
    angles = np.linspace(0, 2 * np.pi, 2_000, endpoint=False)
    round_zone = 5_000 * np.column_stack([np.cos(angles), np.sin(angles)])
    x_m, y_m = rng.uniform(-6e3, 6e3, (2, 600))
    covariance = np.tile([1e6, 0.0, 1e6], (600, 1))

    together = inside_p(x_m, y_m, covariance, round_zone)

    alone = [one_p(x, y, [1e6, 0.0, 1e6], round_zone) for x, y in zip(x_m[::60], y_m[::60])]  # noqa: B905
    assert together[::60].tolist() == alone


@pytest.mark.parametrize("seed", range(8))
def test_leaving_out_edges_that_are_far_changes_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    corners, count = int(rng.integers(3, 120)), 60
    angles = np.sort(rng.uniform(0, 2 * np.pi, corners))
    reach_m = 6_000 * rng.uniform(0.3, 1, corners)
    ring_m = reach_m[:, None] * np.column_stack([np.cos(angles), np.sin(angles)])
    x_m, y_m = rng.normal(0, 5_000, (2, count))
    x_m[:10], y_m[:10] = ring_m[rng.integers(0, corners, 10)].T  # on corners
    a, b = rng.lognormal(5, 1.5, (2, count))
    covariance = np.column_stack([a * a, rng.uniform(-0.99, 0.99, count) * a * b, b * b])
    slow_p = [slow_inside_p(*each, ring_m) for each in zip(x_m, y_m, covariance, strict=True)]

    found = [inside_p(x_m, y_m, covariance, ring) for ring in (ring_m, ring_m[::-1].copy())]

    np.testing.assert_allclose(found, [slow_p, slow_p], rtol=0, atol=1e-12)


@pytest.mark.parametrize("bearing_deg", range(0, 360, 30))
def test_far_edges_sum_to_the_same_whichever_way_an_edge_is_near(bearing_deg: int) -> None:
    angles = np.radians(np.arange(0, 360, 5))
    ring_m = 1_000 * np.column_stack([np.cos(angles), np.sin(angles)])
    x_m, y_m = 980 * np.cos(np.radians(bearing_deg)), 980 * np.sin(np.radians(bearing_deg))

    found = one_p(x_m, y_m, [100.0, 0.0, 100.0], ring_m)

    assert found == pytest.approx(one_p(980.0, 0.0, [100.0, 0.0, 100.0], ring_m), abs=1e-12)


def test_no_points_are_no_trouble() -> None:
    none = np.zeros(0)

    assert len(inside_p(none, none, np.zeros((0, 3)), RECTANGLE)) == 0


def test_signed_distance_is_negative_inside() -> None:
    x_m, y_m = np.array([5_000.0, -3_000.0, 0.0]), np.array([1_000.0, -4_000.0, 2_000.0])

    assert signed_distance_m(x_m, y_m, RECTANGLE).tolist() == [-1_000.0, 5_000.0, 0.0]


@pytest.mark.parametrize(
    ("covariance", "polygon", "message"),
    [
        ([[1.0, 2.0, 1.0]], RECTANGLE, r"covariance \[1.0, 2.0, 1.0\] m\^2 of point 0 is no error"),
        ([[0.0, 0.0, 0.0]], RECTANGLE, r"is no error ellipse, must be positive definite"),
        ([[1.0, 1.0, 1.0]], RECTANGLE, r"is no error ellipse, must be positive definite"),
        ([[np.nan, 0.0, 1.0]], RECTANGLE, r"is not finite, must be a number"),
        ([[1.0, 1.0]], RECTANGLE, r"covariance has shape \(1, 2\), must be \(1, 3\)"),
        ([[1.0, 0.0, 1.0]], RECTANGLE[:2], r"polygon has shape \(2, 2\), must be \(3 or more, 2\)"),
    ],
)
def test_refuses_what_has_no_answer(
    covariance: list[list[float]], polygon: np.ndarray, message: str
) -> None:
    with pytest.raises(BadInput, match=r"^chance of being inside: .*" + message):
        inside_p(ONE[0], ONE[1], np.array(covariance), polygon)
