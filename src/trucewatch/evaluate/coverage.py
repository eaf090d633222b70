"""Score rates corrected for coverage, and estimates by recapture, on simulated watches.

Rates: how often 90 % intervals hold the true rate, over a grid of rates, chances of detection and
schedules; what happens without the correction, with a chance of detection declared wrongly, and
with clustered fire. Recapture: how wrong two dependent lists are, against what theory says. Month:
the same on whole simulated months, with coverage worked out from watch reports.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.evaluate import coverage_month, coverage_rates, coverage_recapture
from trucewatch.evaluate.figures import Measured, merged

if TYPE_CHECKING:
    from collections.abc import Iterator


def measure(*, seed: int, quick: bool = False) -> Measured:
    """Return how often intervals cover, and how wrong dependent lists are.

    Args:
        seed: Of all watches.
        quick: A few watches, to see that it works.
    """
    runs = coverage_rates.RUNS_QUICK if quick else coverage_rates.RUNS
    metrics, musts = merged(
        [
            coverage_rates.measured(seed, runs),
            coverage_recapture.measured(seed, quick=quick),
            coverage_month.measured(seed, quick=quick),
        ]
    )
    return {
        "name": "coverage",
        "seed": seed,
        "note": " ".join(_note(runs)),
        "metrics": metrics,
        "must": musts,
    }


def _note(runs: int) -> Iterator[str]:
    yield f"{len(coverage_rates.GRID)} scenarios of {runs:,} simulated watches each;"
    yield "the true rate is drawn within a factor of 1.5 of the scenario's,"
    yield "as intervals of few whole counts cover unevenly at one rate (fixed_rate, few_seen);"
    yield "each chance of detection is estimated from 40 trials."
    yield "month_: watched months of three sectors and the whole, coverage from watch reports."
    yield "Ranges over scenarios have the least and the most as low and high."
