"""What follows from the hypotheses that an analyst puts forward: an interval for each.

Every hypothesis starts alike. Its weight is the product of the likelihood ratios of its basis; as
each ratio is an interval, so is the weight, and the share of a hypothesis lies between its least
weight beside the greatest of the others and its greatest beside their least. `undetermined` has
weight 1: it stands for a culprit about whom nothing is known.

The answer hangs on no party's name or order: swapping two names swaps their lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.records.attribution import (
    RATIO_MAX,
    RATIO_MIN,
    UNDETERMINED,
    WEAK,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trucewatch.records.attribution import Attribution, Basis, Hypothesis

WEAK_RATIO_MAX = 3.0
"""Greatest likelihood ratio of all weak bases of a hypothesis together.

Ground held says little about who fired: a line can be crossed, and fire can be faked from it. Three
to one cannot carry a hypothesis past any standard of proof; it is a choice, not a measurement.
"""

LIKELY_P = 0.8
"""Least share, at the lower end, of a hypothesis that is worth a person's finding; ICD 203 calls
80 to 95 % very likely."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What became of one hypothesis.

    Attributes:
        who: As in the hypothesis.
        low_p: Least share among those that were not rejected; 0 for one that was.
        high_p: Greatest.
        weak: Whether all that it rests on is weak.
        candidate: Whether it is worth a person's finding: at least `LIKELY_P` at the lower end,
            not weak, and somebody. It is no finding.
        rejected: Why it is no longer considered, or "".
        remarks: What a reader must know of its basis.
    """

    who: str
    low_p: float
    high_p: float
    weak: bool
    candidate: bool
    rejected: str
    remarks: tuple[str, ...]


def weigh(attribution: Attribution) -> tuple[Share, ...]:
    """Return the share of every hypothesis, in their order; rejected ones are kept.

    One object counts once for a hypothesis: the entry of it whose ratio lies nearest to 1. Weak
    kinds of basis count together for at most `WEAK_RATIO_MAX` to 1, either way.
    """
    standing = [each for each in attribution.hypotheses if not each.rejected]
    weights = {each.who: _weight(each) for each in standing}
    low_sum = sum(low for low, _ in weights.values())
    high_sum = sum(high for _, high in weights.values())
    shares = []
    for each in attribution.hypotheses:
        low_p, high_p = 0.0, 0.0
        if each.who in weights:
            low, high = weights[each.who]
            low_p = low / (low + high_sum - high)
            high_p = high / (high + low_sum - low)
        weak = all(basis.kind in WEAK for basis in each.basis)
        sure = low_p >= LIKELY_P and not weak and each.who != UNDETERMINED
        shares.append(
            Share(
                who=each.who,
                low_p=low_p,
                high_p=high_p,
                weak=weak,
                candidate=sure,
                rejected=each.rejected,
                remarks=_remarks(each),
            )
        )
    return tuple(shares)


def conclusion(shares: Sequence[Share]) -> str:
    """Return `candidate` when one hypothesis is worth a person's finding, else `undetermined`.

    It names nobody: a name is said by people, with reasons and to a standard of proof.
    """
    return "candidate" if any(each.candidate for each in shares) else UNDETERMINED


def _weight(hypothesis: Hypothesis) -> tuple[float, float]:
    low, high, weak_low, weak_high = 1.0, 1.0, 1.0, 1.0
    for basis in _once(hypothesis.basis):
        if basis.kind in WEAK:
            weak_low, weak_high = weak_low * basis.low_ratio, weak_high * basis.high_ratio
        else:
            low, high = low * basis.low_ratio, high * basis.high_ratio
    return _capped(low * _weakly(weak_low)), _capped(high * _weakly(weak_high))


def _weakly(ratio: float) -> float:
    return min(max(ratio, 1 / WEAK_RATIO_MAX), WEAK_RATIO_MAX)


def _capped(ratio: float) -> float:
    return min(max(ratio, RATIO_MIN), RATIO_MAX)


def _once(basis: Sequence[Basis]) -> list[Basis]:
    """Return one basis of each object: the one that says least."""
    least: dict[str, Basis] = {}
    for each in basis:
        found = least.get(each.object)
        if found is None or _says(each) < _says(found):
            least[each.object] = each
    return list(least.values())


def _says(basis: Basis) -> float:
    """Return how far from 1 a ratio reaches, either way."""
    return max(basis.high_ratio, 1 / basis.low_ratio)


def _remarks(hypothesis: Hypothesis) -> tuple[str, ...]:
    remarks = []
    kinds = sorted({str(basis.kind) for basis in hypothesis.basis if basis.kind in WEAK})
    if kinds:
        remarks.append(
            f"{' and '.join(kinds)}: weak basis, counted at most {WEAK_RATIO_MAX:g} to 1"
        )
    if len(_once(hypothesis.basis)) < len(hypothesis.basis):
        remarks.append("one object was put forward more than once, and counted once")
    return tuple(remarks)
