"""Trials of the first generator: what fusion may see, and that each option does what it says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from trucewatch.simulate.trials.reports import (
    IMPRECISE,
    KIND_P,
    KINDS,
    SENSORS,
    START_US,
    Setting,
    draw,
    models,
)

SETTING = Setting(reports=6_000, seed=9_100)
SEEN = {
    "sensor": pl.String, "class": pl.String, "tier": pl.UInt8, "x_m": pl.Float64,
    "y_m": pl.Float64, "middle_us": pl.Int64, "s2_m2": pl.Float64, "u2_s2": pl.Float64,
    "dedup_key": pl.String,
}  # fmt: skip
DAY_US = 86_400_000_000


@pytest.fixture(scope="module")
def drawn():
    return draw(SETTING)


def places(table: pl.DataFrame) -> np.ndarray:
    day = (table["middle_us"].to_numpy() - START_US) / DAY_US
    return np.c_[table["x_m"].to_numpy() / 1000, table["y_m"].to_numpy() / 1000, day]


def test_what_fusion_sees_holds_no_truth(drawn) -> None:
    reports, _ = drawn

    assert dict(reports.table.schema) == SEEN


def test_the_truth_has_a_row_for_each_report(drawn) -> None:
    reports, truth = drawn
    false = truth.incident < 0

    assert len(truth.incident) == reports.table.height
    assert truth.incident.max() < len(truth.place) == len(truth.kind)
    assert (truth.incident[false] == -1 - np.flatnonzero(false)).all()


def test_about_as_many_reports_as_were_asked_for(drawn) -> None:
    reports, _ = drawn

    assert 0.8 < reports.table.height / SETTING.reports < 1.1


def test_rows_stand_in_canonical_order(drawn) -> None:
    table = drawn[0].table

    assert_frame_equal(table, table.sort("tier", "middle_us", "dedup_key"))
    assert table["dedup_key"].is_unique().all()
    assert set(table.filter(pl.col("tier") == 1)["sensor"]) == set(IMPRECISE)


def test_a_seed_gives_one_world_and_another_seed_another(drawn) -> None:
    again, truth = draw(SETTING)

    assert_frame_equal(again.table, drawn[0].table)
    assert np.array_equal(truth.incident, drawn[1].incident)
    assert not draw(replace(SETTING, seed=9_101))[0].table.equals(drawn[0].table)


def test_errors_are_as_large_as_declared(drawn) -> None:
    reports, truth = drawn
    true = truth.incident >= 0
    off = places(reports.table)[true] - truth.place[truth.incident[true]]
    s_km = np.sqrt(reports.table["s2_m2"].to_numpy()[true]) / 1000
    u_day = np.sqrt(reports.table["u2_s2"].to_numpy()[true]) / 86_400

    normal = off / np.c_[s_km, s_km, u_day]

    assert normal.std(axis=0) == pytest.approx([1, 1, 1], abs=0.05)
    assert normal.mean(axis=0) == pytest.approx([0, 0, 0], abs=0.05)


def test_each_sensor_sees_and_repeats_as_its_model_says(drawn) -> None:
    reports, truth = drawn
    declared = models()

    for name in SENSORS:
        of = truth.incident[(reports.table["sensor"] == name).to_numpy()]
        seen, times = np.unique(of[of >= 0], return_counts=True)
        error = 4 * np.sqrt(0.25 / len(truth.place))
        assert len(seen) / len(truth.place) == pytest.approx(declared[name].detection_p, abs=error)
        assert times.mean() - 1 == pytest.approx(declared[name].repeats_mean, abs=0.15)


def test_kinds_are_as_frequent_as_stated(drawn) -> None:
    share = np.bincount(drawn[1].kind, minlength=len(KINDS)) / len(drawn[1].kind)

    assert share == pytest.approx(KIND_P, abs=0.05)


def test_meanings_are_probabilities_of_known_kinds() -> None:
    for model in models().values():
        for said, meant in model.meaning_p.items():
            assert sum(meant.values()) == pytest.approx(1)
            assert set(meant) <= {*KINDS, "undetermined"}
            assert (
                said == "undetermined"
                or max(meant, key=lambda kind: meant[kind]) == said
                or (meant[said] > KIND_P[KINDS.index(said)])
            )


def test_the_true_density_is_that_of_the_incidents(drawn) -> None:
    truth = drawn[1]
    assert truth.log_density is not None
    length_km = len(truth.place) / (SETTING.incidents_per_km2_day * 60 * 30)
    low, high = np.array([0, -40, 0]), np.array([length_km, 40, 30])
    at = low + np.random.default_rng(4).random((200_000, 3)) * (high - low)
    edges = [np.linspace(0, length_km, 9), [-40, -8, 8, 40], np.linspace(0, 30, 7)]

    density = np.exp(truth.log_density(*at.T)) * np.prod(high - low) / len(at)

    expected = np.histogramdd(at, edges, weights=density)[0]
    counted = np.histogramdd(truth.place, edges)[0]
    misfit = ((counted - expected) ** 2 / expected).mean()
    assert counted.sum() == pytest.approx(expected.sum(), rel=0.05)
    assert 0.6 < misfit < 1.6


@pytest.mark.parametrize("ratio", [0.5, 2.0])
def test_misdeclared_errors_change_what_is_declared_alone(drawn, ratio: float) -> None:
    reports, truth = draw(replace(SETTING, declared_ratio=ratio))

    told = ["s2_m2", "u2_s2"]
    assert_frame_equal(reports.table.drop(told), drawn[0].table.drop(told))
    assert np.array_equal(truth.incident, drawn[1].incident)
    for column in told:
        share = reports.table[column] / drawn[0].table[column]
        assert share.to_numpy() == pytest.approx(ratio**2)


def test_a_missing_sensor_leaves_the_others_as_they_were(drawn) -> None:
    reports, _ = draw(replace(SETTING, missing=("thermal",)))

    kept = drawn[0].table.filter(pl.col("sensor") != "thermal").drop("dedup_key")
    by = ["tier", "middle_us", "x_m"]
    assert "thermal" in reports.models
    assert_frame_equal(reports.table.drop("dedup_key").sort(by), kept.sort(by))


def test_clocks_are_off_by_one_shift_for_each_sensor(drawn) -> None:
    reports, _ = draw(replace(SETTING, clock_offset_s=3600.0))
    by = ["sensor", "x_m", "y_m"]

    both = drawn[0].table.join(reports.table, on=by).group_by("sensor").agg(
        shift_s=(pl.col("middle_us_right") - pl.col("middle_us")).median() / 1e6,
        spread_s=(pl.col("middle_us_right") - pl.col("middle_us")).std() / 1e6,
    )  # fmt: skip

    assert both.height == len(SENSORS)
    assert (both["spread_s"] < 1e-3).all()
    assert both["shift_s"].n_unique() == len(SENSORS)
    assert 600 < (both["shift_s"] ** 2).mean() ** 0.5 < 8_000


def near_another(at: np.ndarray) -> float:
    """Return the share of places with another within 5 km and 5 hours."""
    away = np.abs(at[:, None] - at[None])
    near = (away[..., :2].max(axis=2) < 5) & (away[..., 2] < 5 / 24)
    return float((near.sum(axis=1) > 1).mean())


def test_bursts_cluster_false_alarms_and_keep_their_number() -> None:
    quiet = Setting(reports=4_000, seed=9_102, incidents_per_km2_day=2e-4)
    counts, shares = [], []
    for bursts_mean in (0.0, 4.0):
        reports, truth = draw(replace(quiet, bursts_mean=bursts_mean))
        false = truth.incident < 0
        counts.append(int(false.sum()))
        shares.append(near_another(places(reports.table)[false]))

    assert counts[1] == pytest.approx(counts[0], rel=0.25)
    assert shares[0] < 0.1 < 0.7 < shares[1]


def test_a_quiet_and_a_busy_front_have_the_density_asked_for() -> None:
    for density in (1e-3, 2e-2):
        _, truth = draw(Setting(reports=3_000, seed=9_103, incidents_per_km2_day=density))
        span = np.ptp(np.sort(truth.place[:, 0])[10:-10])
        assert len(truth.place) / (span * 60 * 30) == pytest.approx(density, rel=0.35)
