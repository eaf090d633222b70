"""What must not change an incident: order, files, copies, and what happens far away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from trucewatch.fuse import incidents
from trucewatch.fuse.incidents import Fused, fuse
from trucewatch.records.table import SILENCE, empty

if TYPE_CHECKING:
    from collections.abc import Callable

QUICK = hypothesis_settings(max_examples=12, deadline=None)
SEEDS = st.integers(min_value=0, max_value=2**32 - 1)
WORLD = {"incidents": 60, "density": 0.02, "width_km": 20.0, "days": 5.0}


def fused(world: object, observations: pl.DataFrame) -> Fused:
    return fuse(observations, models=world.models, settings=world.settings)


def bits(table: pl.DataFrame) -> list[tuple[object, ...]]:
    """Every value of a table; floats by their bits, categories by their text."""
    texts = [pl.col(name).cast(pl.String) for name in ("object",) if name in table.columns]
    floats = pl.selectors.float().reinterpret(signed=False)
    return table.with_columns(*texts, floats).rows()


def same(one: Fused, other: Fused) -> bool:
    names = ("incidents", "members", "superseded", "silences", "unlinked")
    return all(bits(getattr(one, name)) == bits(getattr(other, name)) for name in names)


@QUICK
@given(seed=SEEDS)
def test_order_of_rows_changes_no_bit(world: Callable[..., object], seed: int) -> None:
    drawn = world(seed=seed % 50, **WORLD)
    order = np.random.default_rng(seed).permutation(drawn.observations.height)

    assert same(fused(drawn, drawn.observations), fused(drawn, drawn.observations[order]))


@QUICK
@given(seed=SEEDS)
def test_copies_in_another_file_add_members_but_no_evidence(
    world: Callable[..., object], seed: int
) -> None:
    drawn = world(seed=seed % 50, **WORLD)
    first = "0" if seed % 2 else "f"  # before or after the file that brought them first
    copies = drawn.observations.with_columns(
        object=pl.lit(first * 64, drawn.observations["object"].dtype)
    )

    once = fused(drawn, drawn.observations)
    twice = fused(drawn, pl.concat([drawn.observations, copies]))

    assert bits(once.incidents) == bits(twice.incidents)
    assert bits(once.superseded) == bits(twice.superseded)
    assert twice.members.height == 2 * once.members.height
    key = ["incident", "row", "membership_p"]
    assert bits(twice.members.select(key).unique().sort(key)) == bits(
        once.members.select(key).sort(key)
    )


@QUICK
@given(seed=SEEDS)
def test_division_into_files_changes_no_bit(world: Callable[..., object], seed: int) -> None:
    drawn = world(seed=seed % 50, **WORLD)
    rng = np.random.default_rng(seed)
    files = pl.Series(
        [letter * 64 for letter in rng.choice(list("0123456789abcdef"), drawn.observations.height)]
    )
    divided = drawn.observations.with_columns(object=files.cast(drawn.observations["object"].dtype))

    one, other = fused(drawn, drawn.observations), fused(drawn, divided)

    assert bits(one.incidents) == bits(other.incidents)
    assert bits(one.superseded) == bits(other.superseded)
    key = ["incident", "row", "membership_p"]
    assert bits(one.members.select(key).sort(key)) == bits(other.members.select(key).sort(key))


@QUICK
@given(seed=SEEDS)
def test_what_happens_far_away_changes_no_bit(world: Callable[..., object], seed: int) -> None:
    drawn = world(seed=seed % 50, **WORLD)
    far = world(seed=seed % 50 + 100, **WORLD).observations.with_columns(
        pl.col("lat_deg") + 4,
        pl.col("dedup_key") + "-far",
        object=pl.lit("f" * 64, drawn.observations["object"].dtype),
    )

    # Far reports are signs of life, so they may end a silence, which is of the whole sensor.
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(incidents, "silences", lambda *_, **__: empty(SILENCE))
        alone = fused(drawn, drawn.observations)
        both = fused(drawn, pl.concat([far, drawn.observations]))

    assert set(bits(alone.incidents)) <= set(bits(both.incidents))
    assert both.incidents.height > alone.incidents.height


@QUICK
@given(seed=SEEDS)
def test_every_report_is_a_member_once_and_every_figure_is_sound(
    world: Callable[..., object], seed: int
) -> None:
    drawn = world(seed=seed % 50, **WORLD)

    found = fused(drawn, drawn.observations)

    counted = found.members.filter(pl.col("role") == "member")
    assert sorted(counted["row"]) == list(range(drawn.observations.height))
    assert found.members.select("incident", "row").is_unique().all()
    table = found.incidents
    assert table["id"].is_unique().all()
    assert set(found.members["incident"]) == set(table["id"])
    assert table["members"].sum() == drawn.observations.height
    assert ((table["independent"] >= 1) & (table["independent"] <= table["members"])).all()
    assert table["real_p"].is_between(0, 1, closed="none").all()
    assert found.members["membership_p"].is_between(0, 1).all()
    of_one = found.members.group_by("row").agg(pl.col("membership_p").sum())
    assert (of_one["membership_p"] < 1 + 1e-9).all()
    definite = table["cov_ee_m2"] * table["cov_nn_m2"] > table["cov_en_m2"] ** 2
    assert (definite & (table["cov_ee_m2"] > 0)).all()
    assert ((table["time_start"] < table["time"]) & (table["time"] < table["time_end"])).all()
    assert not set(found.superseded["id"]) & set(table["id"])
    assert set(found.superseded["superseded_by"]) <= set(table["id"])


@pytest.mark.parametrize("seed", [11, 12, 13])
def test_groups_are_nearer_the_truth_than_single_reports(
    world: Callable[..., object], score: Callable[[np.ndarray, np.ndarray], float], seed: int
) -> None:
    drawn = world(seed=seed, incidents=1000)

    members = fused(drawn, drawn.observations).members
    members = members.filter(pl.col("role") == "member").sort("row")

    label = members["incident"].rank("dense").to_numpy()
    assert score(drawn.truth, label) > score(drawn.truth, np.arange(len(drawn.truth))) + 0.2
