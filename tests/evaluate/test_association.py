"""The evaluation of association: seeds, sizes, form, and that its promises can be missed."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from trucewatch.errors import BadInput
from trucewatch.evaluate import association, scored
from trucewatch.evaluate.association import (
    DENSITIES,
    QUICK,
    USUAL,
    Plan,
    measure,
    seeds_of,
    setting_of,
)
from trucewatch.evaluate.bcubed import bcubed
from trucewatch.evaluate.diagram import diagram, panels
from trucewatch.evaluate.reference import Effort
from trucewatch.evaluate.scored import f1, f1_of, known_density_f1, mended, ours, trial_of
from trucewatch.simulate.trials import reports

TUNED_ON = {101, 102, 201, 202, 203, 601, 701, *range(401, 421), *range(500, 550)}


SAID: list[str] = []


@pytest.fixture(scope="module")
def found() -> dict:
    return measure(seed=1, quick=True, say=SAID.append)


def test_no_seed_was_tuned_on_and_none_is_used_twice() -> None:
    plan, used = Plan(), []
    for seed in range(20):
        for kind in range(19):
            used += seeds_of(seed, plan, kind)

    assert len(used) == len(set(used)) == 20 * 19 * plan.seeds
    assert not set(used) & TUNED_ON
    assert plan.seeds >= 8


@pytest.mark.parametrize("density", DENSITIES)
def test_a_trial_has_about_as_many_precise_reports_as_planned(density: float) -> None:
    trial = trial_of(reports.draw(setting_of(Plan(reports=3_000), 9_200, density)))

    assert trial.table.height == pytest.approx(3_000, rel=0.08)
    assert set(trial.table["sensor"]).isdisjoint(reports.IMPRECISE)
    assert len(trial.incident) == trial.table.height


def test_f1_is_that_of_bcubed() -> None:
    rng = np.random.default_rng(2)
    true, fused = rng.integers(0, 40, 200), rng.integers(0, 40, 200)

    assert f1(true, fused) == pytest.approx(bcubed(true, fused, rng=rng).f1.value_p)


def test_ours_groups_by_incident() -> None:
    trial = trial_of(reports.draw(setting_of(Plan(reports=600), 9_201)))

    label = ours(trial)

    assert f1(trial.incident, label) > 0.93
    assert sorted(set(label.tolist())) == list(range(label.max() + 1))


def test_mended_errors_group_better_than_misdeclared_ones() -> None:
    setting = replace(setting_of(Plan(reports=1_500), 9_203), declared_ratio=0.5)
    trial = trial_of(reports.draw(setting))

    better = mended(trial)

    assert f1_of(better) > f1_of(trial) + 0.04
    assert better.table.drop("s2_m2", "u2_s2").equals(trial.table.drop("s2_m2", "u2_s2"))


def test_figures_stand_in_the_order_of_what_each_may_know(found: dict) -> None:
    value = {name: figure["value"] for name, figure in found["metrics"].items()}

    assert value["f1_every_report_alone"] + 0.2 < value[f"f1_at_{USUAL:g}"]
    assert value[f"f1_known_density_at_{USUAL:g}"] < value[f"f1_known_incidents_at_{USUAL:g}"]
    assert value[f"gap_at_{USUAL:g}"] == pytest.approx(
        value[f"f1_known_density_at_{USUAL:g}"] - value[f"f1_at_{USUAL:g}"]
    )


def test_each_figure_lies_in_its_interval(found: dict) -> None:
    measured = [f for f in found["metrics"].values() if f["low"] is not None]

    assert len(measured) > 20
    assert all(f["low"] <= f["value"] <= f["high"] for f in measured)


def test_the_same_seed_gives_the_same_figures(found: dict) -> None:
    again = measure(seed=1, quick=True)

    assert json.dumps(again) == json.dumps(found), "as text, because no number equals itself if NaN"


def test_a_quick_run_says_that_it_is_no_result(found: dict) -> None:
    assert found["note"].startswith("a few small trials, no result")


def test_tells_what_it_is_measuring(found: dict) -> None:
    assert found["name"] == "association"
    assert SAID[0] == "2 trials at 0.004 incidents per km2 and day"
    assert SAID[-1] == "classes"


def test_takes_in_memberships_and_classes_with_their_promises(found: dict) -> None:
    promised = {m["metric"] for m in found["must"]}

    assert promised <= set(found["metrics"])
    assert {"membership_ece_top", "membership_ece_none", "membership_ece_pairs"} <= promised
    assert any(name.startswith("classes_gain_") for name in promised)


def test_hands_back_deciles_that_can_be_drawn(found: dict) -> None:
    text = diagram(panels(found["deciles"]))

    assert text.count('class="t"') == 3


def test_promises_are_held_against_bounds_that_widen_with_density() -> None:
    plan = QUICK._replace(reports=300, seeds=1, effort=Effort(2, 4))

    bounds = [association._beside_references(d, plan, 1)[1][0]["bound"] for d in DENSITIES]

    assert bounds == [0.004, 0.004, 0.004, 0.01, 0.01]


def test_a_worse_grouping_misses_the_promise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scored, "ours", lambda trial: np.arange(trial.table.height))

    _, missed = association._beside_references(USUAL, QUICK, 1)

    assert [m["metric"] for m in missed if not m["holds"]] == [f"gap_at_{USUAL:g}"]


def test_refuses_a_trial_without_its_true_density() -> None:
    seen, truth = reports.draw(setting_of(Plan(reports=100), 9_202))
    blind = reports.Truth(
        incident=truth.incident, place=truth.place, kind=truth.kind, log_density=None
    )

    with pytest.raises(BadInput, match="trial: has no true density"):
        known_density_f1(trial_of((seen, blind)), 1, Effort(2, 4))
