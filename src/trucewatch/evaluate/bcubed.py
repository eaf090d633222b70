"""B-cubed: how well a grouping of reports agrees with the true grouping, report by report.

For one report, precision is the share of its fused group that is of the same true incident, and
recall the share of its true incident that is in the same fused group. Both are averaged over all
reports; F1 is the harmonic mean of the two averages.

Source: Bagga and Baldwin 1998. Checked against the definition, pair by pair, in tests.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trucewatch.evaluate.share import Share

_REPEATS = 1_000  # bootstrap samples; the interval's ends then vary by about 0.1 of its width
_ENDS = (0.025, 0.975)

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class BCubed:
    """The three figures.

    Attributes:
        precision: Are groups pure?
        recall: Are incidents whole?
        f1: Harmonic mean of both.
    """

    precision: Share
    recall: Share
    f1: Share


def bcubed(true: Ints, fused: Ints, *, rng: np.random.Generator) -> BCubed:
    """Return B-cubed precision, recall and F1 of a grouping, with bootstrap intervals.

    Whole true incidents are drawn again, not single reports, because reports of one incident stand
    and fall together. The figures of each report are kept as they are in the full table.

    Args:
        true: True group of each report, any integers; a false alarm is a group of its own.
        fused: Fused group of each report; a report in no incident is a group of its own.
        rng: Random numbers of the bootstrap.
    """
    if len(true) == 0:
        nothing = Share(value_p=None, low_p=0.0, high_p=1.0)
        return BCubed(precision=nothing, recall=nothing, f1=nothing)
    true = np.unique(true, return_inverse=True)[1]
    precision_p, recall_p = per_report(true, fused)
    units = int(true.max()) + 1
    sums = np.stack(
        [
            np.bincount(true, minlength=units).astype(np.float64),
            np.bincount(true, precision_p, units),
            np.bincount(true, recall_p, units),
        ]
    )
    drawn = np.empty((_REPEATS, 3))
    for repeat in range(_REPEATS):
        times = np.bincount(rng.integers(0, units, units), minlength=units)
        drawn[repeat] = sums @ times
    value_p = _figures(sums.sum(axis=1)[None])[0]
    low_p, high_p = np.quantile(_figures(drawn), _ENDS, axis=0)
    shares = [
        Share(value_p=float(v), low_p=float(lo), high_p=float(hi))
        for v, lo, hi in zip(value_p, low_p, high_p, strict=True)
    ]
    return BCubed(precision=shares[0], recall=shares[1], f1=shares[2])


def per_report(true: Ints, fused: Ints) -> tuple[Floats, Floats]:
    """Return the precision and the recall of each report, (n,) each."""
    true = np.unique(true, return_inverse=True)[1]
    fused = np.unique(fused, return_inverse=True)[1]
    pair = true * (int(fused.max(initial=0)) + 1) + fused
    _, which, size = np.unique(pair, return_inverse=True, return_counts=True)
    both = size[which]
    return both / np.bincount(fused)[fused], both / np.bincount(true)[true]


def _figures(sums: Floats) -> Floats:
    """Return precision, recall and F1 (k, 3) from counts and summed figures (k, 3)."""
    precision_p, recall_p = sums[:, 1] / sums[:, 0], sums[:, 2] / sums[:, 0]
    return np.stack(
        [precision_p, recall_p, 2 * precision_p * recall_p / (precision_p + recall_p)], axis=1
    )
