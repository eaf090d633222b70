"""How well fusion groups precise reports, beside references that know more than it may.

The promise is set against the same model told the true density (`reference`): nobody who sees
reports alone can be expected to do much better, and the rest of the way to the reference that
knows the incidents is the price of not knowing them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from trucewatch.evaluate import classes, membership
from trucewatch.evaluate.figures import merged, must, named, over_seeds
from trucewatch.evaluate.reference import Effort
from trucewatch.evaluate.scale import costs
from trucewatch.evaluate.scored import (
    alone_f1,
    f1_of,
    known_density_f1,
    known_incidents_f1,
    mended,
    trial_of,
)
from trucewatch.simulate.trials import other_setting, reports, reports_other

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from trucewatch.evaluate.figures import Figure, Must
    from trucewatch.evaluate.scored import Trial

DENSITIES = (1e-4, 1e-3, 4e-3, 2e-2, 1e-1)
"""Incidents per km2 and day; 4e-3 is that of a front on a bad day."""
USUAL = 4e-3
DENSE = 1e-2  # from here on the wider bound holds
GAP_MAX, GAP_MAX_DENSE = 0.004, 0.01
MISDECLARED = (0.5, 1.0, 2.0)  # declared over real one-sigma error, all sensors, space and time
COST_MAX = 0.01
SEEDS = 8
REPORTS = 9_000  # precise ones in each trial
_APART = 100_000  # first seed of a trial: far from those that anything was tuned on
_ERRORS, _MEMBERS = len(DENSITIES), len(DENSITIES) + 1  # kinds of trials; 0 to 4 are densities
_NOTE = (
    "simulated fronts with hot spots; gap: B-cubed F1 of the same model told the true density, "
    "less ours; known: given the incidents themselves"
)


class Plan(NamedTuple):
    """How much is drawn.

    Attributes:
        densities: Incidents per km2 and day.
        seeds: Trials of each kind.
        reports: Precise reports in each.
        effort: Search of the reference.
    """

    densities: tuple[float, ...] = DENSITIES
    seeds: int = SEEDS
    reports: int = REPORTS
    effort: Effort = Effort()


QUICK = Plan(densities=(USUAL,), seeds=2, reports=600, effort=Effort(4, 12))


def measure(
    *, seed: int, quick: bool = False, say: Callable[[str], None] = lambda _: None
) -> dict[str, object]:
    """Return the figures of association, and what was promised of them.

    Args:
        seed: Every trial's seed follows from it, none equal to one used for tuning.
        quick: A few small trials, to see that it works.
        say: Told what is being measured.

    Returns:
        `figures.Measured`, and `deciles` of memberships for `diagram`.
    """
    plan = QUICK if quick else Plan()
    parts: list[tuple[dict[str, Figure], list[Must]]] = []
    for density in plan.densities:
        say(f"{plan.seeds} trials at {density:g} incidents per km2 and day")
        parts.append(_beside_references(density, plan, seed))
    say("trials that fusion was not built for")
    parts.append((_elsewhere(plan, seed), []))
    say("trials whose sensors declare wrong errors")
    parts.append(_misdeclared(plan, seed))
    say("memberships")
    belonging = membership.measure(
        seeds=seeds_of(seed, plan, _MEMBERS), reports=setting_of(plan, seed).reports
    )
    parts.append(named("membership", belonging["metrics"], belonging["must"]))
    say("classes")
    kinds = classes.measure(seed=seed, quick=quick)
    parts.append(named("classes", kinds["metrics"], kinds["must"]))
    metrics, musts = merged(parts)
    return {
        "name": "association",
        "seed": seed,
        "note": f"a few small trials, no result; {_NOTE}" if quick else _NOTE,
        "metrics": metrics,
        "must": musts,
        "deciles": belonging["deciles"],
    }


def seeds_of(seed: int, plan: Plan, kind: int) -> range:
    """Return the seeds of the trials of one kind; kinds share none."""
    first = _APART + 1000 * seed + 50 * kind
    return range(first, first + plan.seeds)


def setting_of(plan: Plan, seed: int, density_per_km2_day: float = USUAL) -> reports.Setting:
    """Return what to draw for about `plan.reports` precise reports at a density."""
    sharp = [s for name, s in reports.SENSORS.items() if name not in reports.IMPRECISE]
    true = sum(s.detection_p * (1 + s.repeats_mean) for s in sharp)
    false = sum(s.false_alarms_per_km2_day for s in sharp) / density_per_km2_day
    return reports.Setting(
        reports=round(plan.reports / (true + false) * reports.REPORTS_PER_INCIDENT),
        seed=seed,
        incidents_per_km2_day=density_per_km2_day,
    )


def _beside_references(
    density_per_km2_day: float, plan: Plan, seed: int
) -> tuple[dict[str, Figure], list[Must]]:
    """Return the figures of ours and of both references at one density."""
    seeds = seeds_of(seed, plan, DENSITIES.index(density_per_km2_day))
    drawn = (reports.draw(setting_of(plan, s, density_per_km2_day)) for s in seeds)
    score = np.array([_scores(trial_of(d), plan, s) for d, s in zip(drawn, seeds, strict=True)])
    rng = np.random.default_rng([seed, 1])
    at = f"at_{density_per_km2_day:g}"
    metrics = {
        f"f1_{at}": over_seeds(score[:, 0], rng=rng),
        f"f1_known_density_{at}": over_seeds(score[:, 1], rng=rng),
        f"f1_known_incidents_{at}": over_seeds(score[:, 2], rng=rng),
        f"gap_{at}": over_seeds(score[:, 1] - score[:, 0], rng=rng),
    }
    bound = GAP_MAX_DENSE if density_per_km2_day >= DENSE else GAP_MAX
    return metrics, [must(f"gap_{at} <= {bound}", metrics)]


def _scores(trial: Trial, plan: Plan, seed: int) -> tuple[np.float64, np.float64, np.float64]:
    """Return F1 of ours, with the true density known, and with the incidents known."""
    return f1_of(trial), known_density_f1(trial, seed, plan.effort), known_incidents_f1(trial)


def _elsewhere(plan: Plan, seed: int) -> dict[str, Figure]:
    """Return F1 at the usual density where the declared model is not the true one.

    The seeds are those of the usual density, so that each figure can be set beside it.
    """
    declared = [setting_of(plan, s) for s in seeds_of(seed, plan, DENSITIES.index(USUAL))]
    rng = np.random.default_rng([seed, 2])

    def over(score: Callable[[Trial], np.float64], trials: Iterable[Trial]) -> Figure:
        return over_seeds(np.array([score(trial) for trial in trials]), rng=rng)

    def drawn(settings: Iterable[reports.Setting]) -> Iterable[Trial]:
        return (trial_of(reports.draw(s)) for s in settings)

    others = [trial_of(reports_other.draw(_other(s))) for s in declared]
    return {
        "f1_every_report_alone": over(alone_f1, drawn(declared)),
        "f1_clocks_off_10_s": over(f1_of, drawn(replace(s, clock_offset_s=10.0) for s in declared)),
        "f1_without_thermal": over(
            f1_of, drawn(replace(s, missing=("thermal",)) for s in declared)
        ),
        "f1_false_alarms_in_bursts": over(
            f1_of, drawn(replace(s, bursts_mean=4.0) for s in declared)
        ),
        "f1_second_generator": over(f1_of, others),
        "f1_second_generator_mended": over(f1_of, map(mended, others)),
        "f1_known_incidents_second_generator": over(known_incidents_f1, others),
    }


def _misdeclared(plan: Plan, seed: int) -> tuple[dict[str, Figure], list[Must]]:
    """Return what wrong declared errors cost in F1, before and after their scales are estimated."""
    seeds = seeds_of(seed, plan, _ERRORS)
    drawn = setting_of(plan, seeds[0]).reports
    rng = np.random.default_rng([seed, 3])
    metrics: dict[str, Figure] = {}
    for ratio in MISDECLARED:
        found = costs(seeds=seeds, reports=drawn, ratio=ratio)
        at = f"sigmas_declared_x{ratio:g}"
        metrics |= {
            f"f1_{at}": over_seeds(found.misdeclared, rng=rng),
            f"f1_{at}_mended": over_seeds(found.mended, rng=rng),
            f"cost_{at}_mended": over_seeds(found.right - found.mended, rng=rng),
        }
    rules = (f"cost_sigmas_declared_x{ratio:g}_mended <= {COST_MAX}" for ratio in MISDECLARED)
    return metrics, [must(rule, metrics) for rule in rules]


def _other(setting: reports.Setting) -> other_setting.Setting:
    return other_setting.Setting(
        reports=setting.reports,
        seed=setting.seed,
        incidents_per_km2_day=setting.incidents_per_km2_day,
    )
