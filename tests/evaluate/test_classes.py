"""The evaluation of class probabilities: its form, and that it would notice a wrong sum."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from trucewatch.evaluate import classes
from trucewatch.evaluate.classes import Judged, measure
from trucewatch.evaluate.figures import holds
from trucewatch.simulate.trials import kinds, reports


@pytest.fixture(scope="module")
def measured() -> classes.Measured:
    return measure(seed=3, quick=True)


def test_class_probabilities_beat_frequencies_in_every_stratum(
    measured: classes.Measured,
) -> None:
    gains = [m for m in measured["must"] if str(m["metric"]).startswith("gain_")]

    assert len(gains) == 4 * (4 + 6)
    assert all(m["holds"] for m in gains)


def test_features_are_worth_something(measured: classes.Measured) -> None:
    metrics = measured["metrics"]

    words, features = (metrics[f"log_loss_{told}_known"] for told in ("words", "features"))

    assert (features["high"] or 9) < (words["low"] or 0)


def test_the_form_is_that_of_every_evaluation(measured: classes.Measured) -> None:
    assert set(measured) == {"name", "seed", "note", "metrics", "must"}
    assert measured["seed"] == 3
    assert all(set(figure) == {"value", "low", "high"} for figure in measured["metrics"].values())
    assert measure(seed=3, quick=True) == measured
    assert isinstance(holds(measured), bool)


def test_a_log_loss_of_frequencies_gains_nothing() -> None:
    rng = np.random.default_rng(1)
    kind = rng.choice(4, 2000, p=reports.KIND_P)
    judged = Judged(
        seed=np.repeat([0, 1], 1000),
        kind=kind,
        kind_p=np.tile(reports.KIND_P, (2000, 1)),
        seen=np.ones((2000, 6), bool),
    )

    found = classes._losses(judged, "x", rng)

    entropy = -sum(p * np.log(p) for p in reports.KIND_P)
    assert found["gain_x_more"]["value"] == pytest.approx(0, abs=1e-12)
    assert found["log_loss_x"]["value"] == pytest.approx(entropy, abs=0.05)


def test_overconfidence_shows_in_the_calibration_error() -> None:
    kind = np.repeat([0, 1], 1000)
    kind_p = np.tile([0.9, 0.1 / 3, 0.1 / 3, 0.1 / 3], (2000, 1))
    judged = Judged(
        seed=np.zeros(2000, np.int64), kind=kind, kind_p=kind_p, seen=np.ones((2000, 6), bool)
    )

    found = classes._calibration(judged, "x")

    assert found["ece_x"]["value"] == pytest.approx(0.4)
    assert found["decile_worst_x"]["value"] == pytest.approx(0.4)
    assert found["observed_x_90"]["value"] == pytest.approx(0.5)


def test_a_group_is_of_the_incident_that_most_of_its_reports_are_of() -> None:
    group = np.array([5, 5, 5, 8, 8, 9])
    of = np.array([2, 1, 1, -7, -8, 3])

    found = classes._true_incident(group, of)

    assert found.rows() == [(5, 1), (9, 3)]


def test_readings_are_spread_as_the_models_declare() -> None:
    seen, truth = reports.draw(reports.Setting(reports=9000, seed=451))

    table = kinds.with_features(seen, truth, seed=451).table.unnest("features")

    loud = table.with_columns(
        kind=pl.Series(np.where(truth.incident < 0, -1, truth.kind[np.maximum(truth.incident, 0)]))
    ).filter((pl.col("sensor") == "acoustic") & (pl.col("kind") >= 0))
    assert table.filter(pl.col("sensor") == "patrol")["peak_pa"].null_count() == len(
        table.filter(pl.col("sensor") == "patrol")
    )
    assert loud["peak_pa"].null_count() / len(loud) == pytest.approx(kinds.MISSING_P, abs=0.05)
    for k, (mean, _) in enumerate(kinds.FEATURES[0].model.normal.values()):
        middle = loud.filter(pl.col("kind") == k)["peak_pa"].log10().median()
        assert middle == pytest.approx(mean, abs=0.15)
