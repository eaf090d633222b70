"""Promises of incidents of reports that no run has looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from trucewatch.fuse.incidents import fuse
from trucewatch.fuse.provisional import PROVISIONAL, RAN, Provisional
from trucewatch.fuse.silence import signs, silences

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fuse.conftest import World


def entered(table: pl.DataFrame, entry: int) -> pl.DataFrame:
    return table.with_columns(entry=pl.lit(entry, pl.Int64))


def before_and_after(made: World, held: int, pieces: int) -> tuple[Provisional, pl.DataFrame]:
    """Return what a run had looked at `held` reports of, the others in pieces, and all of them."""
    table = made.observations
    dark = silences(signs(table), sensors=list(made.models))
    found = Provisional(models=made.models, settings=made.settings)
    found.add(entered(table[:held], RAN), silences=dark)
    assert found.incidents.is_empty()
    for entry, rows in enumerate(np.array_split(np.arange(held, len(table)), pieces)):
        found.add(entered(table[rows.tolist()], entry))
    return found, table


@pytest.mark.parametrize("seed", [51, 52, 53])
@pytest.mark.parametrize("held", [0, 150])
def test_they_are_the_incidents_that_a_run_finds(
    world: Callable[..., World], seed: int, held: int
) -> None:
    made = world(seed=seed, incidents=150, width_km=30.0, days=12.0)
    found, table = before_and_after(made, held, 7)

    ran = fuse(table, models=made.models, settings=made.settings)

    new = table[held:].select("object", "row")
    touched = ran.members.filter(role="member").join(new, on=["object", "row"], how="semi")[
        "incident"
    ]
    expected = ran.incidents.filter(pl.col("id").is_in(touched.implode())).drop("episode")
    assert len(expected) > 50
    assert list(found.incidents.columns) == list(PROVISIONAL)
    assert_frame_equal(
        found.incidents.sort("time", "id").drop("episode", "entry"),
        expected.sort("time", "id"),
        check_exact=True,
    )


def test_each_names_the_newest_entry_that_it_rests_on(world: Callable[..., World]) -> None:
    made = world(seed=54, incidents=60)
    table = made.observations
    found = Provisional(models=made.models, settings=made.settings)
    found.add(entered(table[:40], 3))
    others = found.incidents["id"]

    found.add(entered(table[40:], 8))

    assert set(found.incidents["entry"]) == {3, 8}
    joined = found.incidents.filter(pl.col("id").is_in(others.implode()) & (pl.col("entry") == 8))
    assert len(joined) > 0
    assert found.incidents["entry"].is_sorted()


def test_what_a_run_has_looked_at_is_left_to_it(world: Callable[..., World]) -> None:
    made = world(seed=55, incidents=60)
    table = made.observations
    found = Provisional(models=made.models, settings=made.settings)
    found.add(entered(table[:40], 3))
    found.add(entered(table[40:], 8))

    found.ran(8)
    assert set(found.incidents["entry"]) == {8}
    found.ran(9)
    assert found.incidents.is_empty()
    found.add(entered(table, 12))
    assert found.incidents.is_empty(), "the same reports, sent again, tell nothing new"


def test_imprecise_reports_wait_for_the_run(world: Callable[..., World]) -> None:
    from dataclasses import replace

    made = world(seed=56, incidents=40)
    vague = replace(made.settings, imprecise_sensors=tuple(made.models))
    found = Provisional(models=made.models, settings=vague)

    found.add(entered(made.observations, 3))

    assert found.incidents.is_empty()
