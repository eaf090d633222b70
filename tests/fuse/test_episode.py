"""A busy night is a handful of cards, and no chain of incidents runs along a front."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trucewatch.errors import BadInput
from trucewatch.fuse.episode import episodes
from trucewatch.geo.plane import Plane
from trucewatch.records.incident import incident_id
from trucewatch.records.table import INCIDENT, empty

PLANE = Plane(centre_lat_deg=45.0, centre_lon_deg=-30.0)
START = datetime(2030, 9, 1, 20, tzinfo=UTC)
US = timedelta(microseconds=1)


def incidents(at: np.ndarray, *, sigma_m=100.0, sigma_s=10.0, tier=0) -> pl.DataFrame:
    """Return an incident at each row of `at`: x and y in the plane (m), time after START (s)."""
    n = len(at)
    lon, lat = PLANE.unproject(at[:, 0].copy(), at[:, 1].copy())
    time_us = (
        np.rint(at[:, 2] * 1e6).astype(np.int64) + (START - datetime.fromtimestamp(0, UTC)) // US
    )
    table = pl.DataFrame(
        {
            "id": [incident_id(f"key-{i}") for i in range(n)],
            "tier": np.broadcast_to(tier, n),
            "time": pl.Series(time_us).cast(INCIDENT["time"]),
            "time_sigma_s": np.broadcast_to(sigma_s, n).astype(float),
            "lat_deg": lat,
            "lon_deg": lon,
            "cov_ee_m2": np.broadcast_to(sigma_m, n).astype(float) ** 2,
            "cov_nn_m2": np.broadcast_to(sigma_m, n).astype(float) ** 2,
        }
    )
    missing = [pl.lit(None, kind).alias(k) for k, kind in INCIDENT.items() if k not in table]
    return table.with_columns(missing).select(list(INCIDENT))


def slow(table: pl.DataFrame, reach_m, gap_s, extent_m, span_s) -> list[str]:
    """All pairs, sorted; joined one by one unless what they make is too wide or too long."""
    rows = table.with_row_index("place").sort("time", "id").to_dicts()
    x, y = PLANE.project(*(np.array([r[k] for r in rows]) for k in ("lon_deg", "lat_deg")))
    t = [(r["time"] - START) // US for r in rows]
    pairs = []
    for i, a in enumerate(rows):
        for j, b in enumerate(rows[:i]):
            s2 = sum((r["cov_ee_m2"] + r["cov_nn_m2"]) / 2 for r in (a, b))
            u2 = sum((r["time_sigma_s"] * 1e6) ** 2 for r in (a, b))
            far, long = reach_m + 2 * math.sqrt(s2), gap_s * 1e6 + 2 * math.sqrt(u2)
            d2 = (x[i] - x[j]) * (x[i] - x[j]) + (y[i] - y[j]) * (y[i] - y[j])
            dt2 = float(t[i] - t[j]) * float(t[i] - t[j])
            if d2 <= far * far and dt2 <= long * long and a["tier"] == b["tier"] == 0:
                pairs.append((d2 / (far * far) + dt2 / (long * long), j, i))
    group = [{i} for i in range(len(rows))]
    for _, j, i in sorted(pairs):
        both = group[i] | group[j]
        dx, dy, dt = (max(v[k] for k in both) - min(v[k] for k in both) for v in (x, y, t))
        if dx * dx + dy * dy <= extent_m**2 and dt <= span_s * 1e6:
            for k in both:
                group[k] = both
    named = {r["place"]: "e-" + rows[min(group[k])]["id"][2:] for k, r in enumerate(rows)}
    return [named[place] for place in range(len(rows))]


def night(seed: int) -> pl.DataFrame:
    """367 undetermined and 110 classified explosions at five places in two hours, none fused."""
    rng = np.random.default_rng(seed)
    place = rng.integers(0, 5, 477)
    centre = np.array([(0, 0), (14e3, 3e3), (31e3, -5e3), (45e3, 8e3), (62e3, 0)])
    camera = rng.random(477) < 0.7  # the others are of the array
    sigma_m, sigma_s = np.where(camera, 100.0, 350.0), np.where(camera, 120.0, 2.0)
    at = np.c_[centre[place] + rng.normal(0, 900, (477, 2)), rng.random(477) * 7200]
    kind = np.where(np.arange(477) < 367, "explosion_undetermined", "explosion_impact")
    return incidents(at, sigma_m=sigma_m, sigma_s=sigma_s).with_columns(pl.Series("class", kind))


def front(n: int) -> np.ndarray:
    """Return n places along a front of 100 km in one night, with no gap anywhere."""
    rng = np.random.default_rng(11)
    return rng.random((n, 3)) * (100e3, 8e3, 36_000)


def boxes(at: np.ndarray, label: pl.Series) -> tuple[float, float]:
    """Return the greatest diagonal (m) and the greatest span (s) of an episode."""
    table = pl.DataFrame({"x": at[:, 0], "y": at[:, 1], "t": at[:, 2], "e": label})
    spread = table.group_by("e").agg(pl.col("x", "y", "t").max() - pl.col("x", "y", "t").min())
    return float(np.hypot(spread["x"], spread["y"]).max()), float(spread["t"].max())


@pytest.mark.parametrize("seed", range(810, 815))
def test_a_night_of_477_explosions_is_at_most_20_cards(seed: int) -> None:
    table = night(seed)

    found = episodes(table, plane=PLANE)

    assert len(found) == 477
    assert found.null_count() == 0
    assert 5 <= found.n_unique() <= 20


def test_an_episode_bears_the_name_of_its_least_incident() -> None:
    table = incidents(np.array([(0, 0, 60.0), (100, 0, 0.0), (200, 0, 0.0), (50e3, 0, 0.0)]))

    found = episodes(table, plane=PLANE)

    least = min(table["id"][1], table["id"][2])
    assert found.name == "episode"
    assert found.to_list() == ["e-" + least[2:]] * 3 + ["e-" + table["id"][3][2:]]


def test_the_order_of_rows_changes_nothing() -> None:
    table = incidents(front(1500)).with_row_index("n")
    mixed = table.sample(fraction=1.0, shuffle=True, seed=5)

    straight = episodes(table.drop("n"), plane=PLANE)
    back = episodes(mixed.drop("n"), plane=PLANE)

    assert mixed.with_columns(e=back).sort("n")["e"].to_list() == straight.to_list()
    assert straight.n_unique() < 1500


def test_a_front_does_not_become_one_episode() -> None:
    at = front(10_000)
    table = incidents(at)

    bounded = episodes(table, plane=PLANE, span_s=7200.0)
    free = episodes(table, plane=PLANE, extent_m=1e6, span_s=1e6)

    assert free.n_unique() == 1  # without limits it would be one
    extent_m, span_s = boxes(at, bounded)
    assert 5_000 < extent_m <= 10_001  # the plane and back costs less than a metre
    assert 3600 < span_s <= 7200
    assert bounded.value_counts()["count"].max() < 1000


@pytest.mark.parametrize("within", [True, False])
@pytest.mark.parametrize("axis", [0, 2], ids=["space", "time"])
def test_neighbours_may_differ_by_two_sigma_more_than_the_limit(*, axis: int, within: bool) -> None:
    allowed = {0: 3000 + 2 * math.hypot(200, 200), 2: 3600 + 2 * math.hypot(50, 50)}[axis]
    at = np.zeros((2, 3))
    at[1, axis] = allowed + (-1 if within else 1)

    found = episodes(incidents(at, sigma_m=200.0, sigma_s=50.0), plane=PLANE)

    assert (found.n_unique() == 1) is within


def test_an_imprecise_incident_is_an_episode_of_its_own() -> None:
    table = incidents(np.zeros((4, 3)), tier=np.array([0, 1, 1, 0]))

    found = episodes(table, plane=PLANE).to_list()

    assert found[0] == found[3]
    assert len({found[0], found[1], found[2]}) == 3


def test_no_incidents_are_no_episodes() -> None:
    assert episodes(empty(INCIDENT), plane=PLANE).to_list() == []


def test_what_stands_at_one_place_at_one_time_is_one_episode() -> None:
    assert episodes(incidents(np.zeros((5000, 3))), plane=PLANE).n_unique() == 1


AT = st.tuples(
    st.integers(0, 12), st.integers(0, 3), st.integers(0, 12), st.integers(0, 3), st.booleans()
)


@settings(max_examples=150, deadline=None)
@given(
    drawn=st.lists(AT, min_size=1, max_size=60),
    extent_m=st.sampled_from([0.0, 2500.0, 6000.0, 1e6]),
    span_s=st.sampled_from([0.0, 4000.0, 9000.0, 1e6]),
)
def test_agrees_with_the_slow_twin_where_much_is_equally_close(drawn, extent_m, span_s) -> None:
    x, y, t, sigma, vague = np.array(drawn).T
    at = np.c_[x * 1200.0, y * 1200.0, t * 1500.0]
    table = incidents(at, sigma_m=sigma * 400.0, sigma_s=sigma * 600.0, tier=vague)
    limits = {"reach_m": 1500.0, "gap_s": 1500.0, "extent_m": extent_m, "span_s": span_s}

    found = episodes(table, plane=PLANE, **limits)

    assert found.to_list() == slow(table, **limits)


@pytest.mark.parametrize("seed", range(820, 824))
def test_agrees_with_the_slow_twin_on_a_crowded_front(seed: int) -> None:
    rng = np.random.default_rng(seed)
    at = rng.random((400, 3)) * (30e3, 9e3, 20_000)
    table = incidents(at, sigma_m=rng.random(400) * 1500, sigma_s=rng.random(400) * 3000)
    limits = {"reach_m": 3000.0, "gap_s": 3600.0, "extent_m": 8000.0, "span_s": 9000.0}

    found = episodes(table, plane=PLANE, **limits)

    assert found.to_list() == slow(table, **limits)


@pytest.mark.parametrize(
    ("limit", "value"),
    [("reach_m", 0.0), ("gap_s", math.nan), ("extent_m", -1.0), ("span_s", math.inf)],
)
def test_refuses_a_limit_out_of_its_range(limit: str, value: float) -> None:
    with pytest.raises(BadInput, match=f"episodes: {limit} is {value}, must be"):
        episodes(incidents(np.zeros((1, 3))), plane=PLANE, **{limit: value})


def test_refuses_a_table_without_its_columns() -> None:
    with pytest.raises(BadInput, match="expected the columns of the Incident table"):
        episodes(incidents(np.zeros((1, 3))).drop("time"), plane=PLANE)


def test_refuses_an_error_that_is_not_a_number() -> None:
    table = incidents(np.zeros((3, 3)), sigma_m=np.array([1.0, math.nan, 1.0]))

    with pytest.raises(BadInput, match=f"incident {table['id'][1]}: has a null or an error"):
        episodes(table, plane=PLANE)


def test_refuses_an_incident_given_twice() -> None:
    table = incidents(np.zeros((1, 3)))

    with pytest.raises(BadInput, match="is given twice, expected once"):
        episodes(pl.concat([table, table]), plane=PLANE)
