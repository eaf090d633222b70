"""Looks chosen under a budget: how near the best, why, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trucewatch.errors import BadInput
from trucewatch.measure.tasking.chosen import SEEDED_MAX, choose
from trucewatch.measure.tasking.looks import LOOK, TARGET, chances
from trucewatch.measure.tasking.told import reasons

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trucewatch.measure.tasking.looks import Chances

START = datetime(2030, 9, 1, tzinfo=UTC)
MUST_SHARE = 1 - np.exp(-1)


def tables(seed: int, *, looks: int, targets: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return looks and targets at random on about 110 x 110 km."""
    rng = np.random.default_rng(seed)

    def places(n: int) -> dict[str, object]:
        return {"lat_deg": 45 + rng.random(n), "lon_deg": -30 + 1.4 * rng.random(n)}

    def span(n: int, hours: int) -> dict[str, object]:
        return {"time_start": [START] * n, "time_end": [START + timedelta(hours=hours)] * n}

    found = pl.DataFrame(
        {
            "id": [f"t{k}" for k in range(targets)],
            **places(targets),
            **span(targets, 24),
            "weight": rng.gamma(0.5, 1, targets),
            "text": [f"target {k}" for k in range(targets)],
        },
        schema=TARGET,
    )
    asked = pl.DataFrame(
        {
            "id": [f"l{k}" for k in range(looks)],
            "kind": ["patrol"] * looks,
            "exclusive": [""] * looks,
            **places(looks),
            "radius_m": rng.uniform(5e3, 4e4, looks),
            **span(looks, 6),
            "detection_p": rng.uniform(0.2, 0.95, looks),
            "cost": rng.choice([1.0, 2.0, 3.0, 5.0], looks),
        },
        schema=LOOK,
    )
    return asked, found


def best_of_all(seen: Chances, budget: float) -> float:
    """Return the worth of the best set, by trying every one that fits."""

    def beyond(look: int, missed_p: NDArray[np.float64], left: float, used: set[int]) -> float:
        if look == len(seen.costs):
            return float((seen.weights * (1 - missed_p)).sum())
        without = beyond(look + 1, missed_p, left, used)
        group = int(seen.exclusive[look])
        if seen.costs[look] > left or group in used:
            return without
        with_it = missed_p.copy()
        seen.add(look, with_it)
        others = used | {group} - {-1}
        return max(without, beyond(look + 1, with_it, left - float(seen.costs[look]), others))

    return beyond(0, np.ones(len(seen.weights)), budget, set())


def alone_in_group(seen: Chances, chosen: tuple[int, ...]) -> bool:
    groups = [int(seen.exclusive[k]) for k in chosen if seen.exclusive[k] >= 0]
    return len(groups) == len(set(groups))


def test_is_near_the_best_of_every_set_for_up_to_sixteen_looks() -> None:
    shares = []
    for seed in range(100, 140):
        rng = np.random.default_rng(seed)
        seen = chances(*tables(seed, looks=int(rng.integers(4, 12)), targets=30))
        budget = float(rng.uniform(3, 12))

        best = best_of_all(seen, budget)
        shares.append(choose(seen, budget=budget).worth_nats / best if best else 1.0)

    assert min(shares) >= MUST_SHARE
    assert np.median(shares) > 0.95


def test_is_near_the_best_of_every_set_of_sixteen() -> None:
    for seed in (201, 202):
        seen = chances(*tables(seed, looks=16, targets=40))

        found = choose(seen, budget=10.0)

        assert found.worth_nats >= MUST_SHARE * best_of_all(seen, 10.0)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), budget=st.floats(0.5, 15), grouped=st.booleans())
def test_never_tells_of_a_larger_share_of_the_best_than_it_reaches(
    seed: int, budget: float, *, grouped: bool
) -> None:
    looks, targets = tables(seed, looks=8, targets=15)
    if grouped:
        looks = looks.with_columns(exclusive=pl.Series(["a", "a", "b", "b", "b", "", "", ""]))
    seen = chances(looks, targets)

    found = choose(seen, budget=budget)

    best = best_of_all(seen, budget)
    assert found.bound_nats >= best - 1e-9
    assert found.worth_nats <= best + 1e-9
    assert seen.costs[list(found.looks)].sum() <= budget
    assert alone_in_group(seen, found.looks)


def test_tells_gains_that_add_up_to_the_worth() -> None:
    looks, targets = tables(7, looks=30, targets=60)
    seen = chances(looks, targets)

    found = choose(seen, budget=8.0)
    why = reasons(found, seen, looks, targets)

    assert found.worth_nats == pytest.approx(seen.worth(found.looks))
    assert sum(found.gains) == pytest.approx(found.worth_nats)
    assert [reason.gain_nats for reason in why] == pytest.approx(list(found.gains))
    assert all(reason.gain_nats <= reason.gain_alone_nats + 1e-12 for reason in why)
    assert all(reason.most and reason.most[0][0].startswith("target") for reason in why)


def test_chooses_among_many_the_same_by_lazy_and_by_eager_gains() -> None:
    looks, targets = tables(11, looks=SEEDED_MAX + 60, targets=200)
    seen = chances(looks, targets)

    found = choose(seen, budget=12.0)

    assert found.worth_nats >= greedy_by_hand(seen, 12.0) - 1e-12


def greedy_by_hand(seen: Chances, budget: float) -> float:
    """Return the worth of plain greedy by gain per cost: the slow twin."""
    chosen: list[int] = []
    while True:
        left = [
            k
            for k in range(len(seen.costs))
            if k not in chosen and seen.costs[[*chosen, k]].sum() <= budget
        ]
        before = seen.worth(chosen)
        rates = [(seen.worth([*chosen, k]) - before) / seen.costs[k] for k in left]
        if not left or max(rates) <= 0:
            return before
        chosen.append(left[int(np.argmax(rates))])


def test_sees_a_target_only_in_its_disc_and_its_time() -> None:
    looks, targets = tables(3, looks=1, targets=3)
    looks = looks.with_columns(lat_deg=45.0, lon_deg=-30.0, radius_m=1_000.0)
    targets = targets.with_columns(
        lat_deg=pl.Series([45.008, 45.0095, 45.0]),
        lon_deg=-30.0,
        time_start=pl.Series([START, START, START + timedelta(hours=6)]),
    )

    seen = chances(looks, targets)

    assert seen.targets.tolist() == [0]  # 889 m away; the second is 1,056 m, the third too late


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (pl.lit(0.0).alias("cost"), r"l0: cost is 0\.0, must be above 0"),
        (pl.lit(1.2).alias("detection_p"), r"l0: detection_p is 1\.2, must be 0 to 1"),
        (pl.lit(float("nan")).alias("radius_m"), "l0: radius_m is nan"),
        (pl.lit("x").alias("id"), "x: id comes twice"),
    ],
)
def test_refuses_looks_that_cannot_be(change: pl.Expr, message: str) -> None:
    looks, targets = tables(1, looks=2, targets=2)

    with pytest.raises(BadInput, match=message):
        chances(looks.with_columns(change), targets)


def test_refuses_a_budget_that_is_no_number() -> None:
    seen = chances(*tables(1, looks=2, targets=2))

    with pytest.raises(BadInput, match="budget: is nan"):
        choose(seen, budget=float("nan"))


def test_chooses_nothing_where_nothing_can_be_settled() -> None:
    looks, targets = tables(1, looks=3, targets=2)

    found = choose(chances(looks, targets.with_columns(weight=0.0)), budget=5.0)

    assert found.looks == ()
    assert found.share == 1.0
