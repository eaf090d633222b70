"""Memberships of a whole trial: what they add up to and what they must not depend on."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trucewatch.fuse.associate import Association, associate
from trucewatch.fuse.membership import MEMBERSHIP, NONE, Memberships, memberships
from trucewatch.fuse.settings import FusionSettings
from trucewatch.simulate.trials.reports import IMPRECISE, Setting, draw, models

FUSION = FusionSettings(
    centre_lat_deg=0.0,
    centre_lon_deg=0.0,
    incidents_per_km2_day=4e-3,
    imprecise_sensors=IMPRECISE,
)


def drawn(seed: int, reports: int = 400) -> pl.DataFrame:
    return draw(Setting(reports=reports, seed=seed))[0].table


def found_in(table: pl.DataFrame) -> tuple[Association, Memberships]:
    association = associate(table, models=models(), settings=FUSION)
    return association, memberships(association, table, models=models(), settings=FUSION)


def number_of(association: Association) -> np.ndarray:
    groups = association.groups
    number = np.empty(len(groups.row), np.int64)
    number[groups.row] = np.repeat(np.arange(len(groups.start) - 1), np.diff(groups.start))
    return number


@given(seed=st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_chances_are_chances_and_add_up(seed: int) -> None:
    table = drawn(seed, reports=150)

    association, found = found_in(table)

    assert dict(found.table.schema) == MEMBERSHIP
    total = found.table.group_by("report").agg(pl.col("p").sum())
    assert total.height == table.height
    assert found.table["p"].is_between(0.01, 1 + 1e-12).all()
    assert (total["p"] <= 1 + 1e-12).all()
    assert not found.table.select("report", "incident").is_duplicated().any()
    assert found.table["incident"].is_between(NONE, len(found.real_p) - 1).all()
    assert ((found.real_p >= 0) & (found.real_p <= 1)).all()
    assert len(found.real_p) == len(association.groups.start) - 1


@given(seed=st.integers(0, 10_000), turn=st.integers(0, 100))
@settings(max_examples=10, deadline=None)
def test_the_order_of_reports_means_nothing(seed: int, turn: int) -> None:
    table = drawn(seed, reports=150)
    mixed = table.sample(fraction=1, shuffle=True, seed=turn)

    _, found = found_in(table)
    _, again = found_in(mixed.sort("tier", "middle_us", "dedup_key"))

    assert again.table.equals(found.table)
    assert again.real_p.tobytes() == found.real_p.tobytes()


def test_a_far_part_of_the_front_changes_nothing() -> None:
    near = drawn(1)
    far = drawn(2).with_columns(
        pl.col("x_m") + 4e6,
        pl.col("middle_us") + 10**13,
        dedup_key=pl.concat_str(pl.lit("far"), "dedup_key"),
    )

    _, found = found_in(near)
    _, both = found_in(pl.concat([near, far]).sort("tier", "middle_us", "dedup_key"))

    precise = int((near["tier"] == 0).sum())
    alone = found.table.filter(pl.col("report") < precise)
    beside = both.table.filter(pl.col("report") < precise)
    assert beside.equals(alone)


def test_evidence_explains_each_merge() -> None:
    association, found = found_in(drawn(3))

    size = np.bincount(number_of(association))[number_of(association)]
    n = len(association.matrix)
    assert (np.isnan(found.evidence) == (size == 1)).all()
    assert (found.evidence[:n][size[:n] == 2] > 0).all()
    edge = dict(
        zip(
            zip(association.clustered.edges.low, association.clustered.edges.high, strict=True),
            association.clustered.edges.evidence,
            strict=True,
        )
    )
    for g in np.flatnonzero(np.bincount(number_of(association)) == 2):
        pair = tuple(np.flatnonzero(number_of(association) == g))
        assert found.evidence[list(pair)] == pytest.approx([edge[pair]] * 2, abs=1e-6)


def test_an_imprecise_report_beside_one_incident_is_most_likely_of_it() -> None:
    table = drawn(4)
    association, found = found_in(table)
    n = len(association.matrix)

    vague = found.table.filter((pl.col("report") >= n) & (pl.col("incident") != NONE))

    assert vague["incident"].max() < len(association.groups.start) - 1 - (table.height - n)
    assert (vague["p"] > 0.5).any()
