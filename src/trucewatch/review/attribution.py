"""What follows from the hypotheses that an analyst puts forward: an interval for each.

Every hypothesis starts alike. Its weight is the product of the likelihood ratios of its basis; as
each ratio is an interval, so is the weight, and the share of a hypothesis lies between its least
weight beside the greatest of the others and its greatest beside their least. `undetermined` has
weight 1: it stands for a culprit about whom nothing is known.

Whether a hypothesis is worth a finding is asked more strictly than its share: nothing weak helps it
there, and whatever is weak may stand against it. So no weak basis, put forward for anybody, ever
makes a candidate.

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
    from collections.abc import Mapping, Sequence

    from trucewatch.records.attribution import Attribution, Basis, Hypothesis

WEAK_RATIO_MAX = 3.0
"""Greatest likelihood ratio of all weak bases of a hypothesis together.

Ground held says little about who fired: a line can be crossed, and fire can be faked from it. Three
to one cannot carry a hypothesis past any standard of proof; it is a choice, not a measurement.
"""

LIKELY_P = 0.8
"""Least share, at the lower end, of a hypothesis that is worth a person's finding; ICD 203 calls
80 to 95 % very likely."""

_HELPED = f"without the help of what is weak it lies below {LIKELY_P:g} at the lower end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What became of one hypothesis.

    Attributes:
        who: As in the hypothesis.
        low_p: Least share among those that were not rejected; 0 for one that was.
        high_p: Greatest.
        weak: Whether all that speaks for it is weak: no basis of a strong kind has a ratio that
            surely lies above 1.
        candidate: Whether it is worth a person's finding: at least `LIKELY_P` at the lower end,
            also without the help of anything weak, and somebody. It is no finding.
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
    kinds of basis count together for at most `WEAK_RATIO_MAX` to 1, either way. A word of rejection
    takes a hypothesis out of the shares, and leaves it in what a candidate is held against.
    """
    standing = [each for each in attribution.hypotheses if not each.rejected]
    weights = {each.who: _weight(each) for each in standing}
    severe = {each.who: _severe_weight(each) for each in attribution.hypotheses}
    shares = []
    for each in attribution.hypotheses:
        low_p, high_p = _share_p(each.who, weights)
        sure_p, _ = _share_p(each.who, severe)
        somebody = each.who != UNDETERMINED
        shares.append(
            Share(
                who=each.who,
                low_p=low_p,
                high_p=high_p,
                weak=not any(b.kind not in WEAK and b.low_ratio > 1 for b in each.basis),
                candidate=somebody and not each.rejected and sure_p >= LIKELY_P,
                rejected=each.rejected,
                remarks=(
                    *_remarks(each),
                    *([_HELPED] if somebody and sure_p < LIKELY_P <= low_p else []),
                ),
            )
        )
    return tuple(shares)


def conclusion(shares: Sequence[Share]) -> str:
    """Return `candidate` when one hypothesis is worth a person's finding, else `undetermined`.

    It names nobody: a name is said by people, with reasons and to a standard of proof.
    """
    return "candidate" if any(each.candidate for each in shares) else UNDETERMINED


def _share_p(who: str, weights: Mapping[str, tuple[float, float]]) -> tuple[float, float]:
    """Return the least and the greatest share; 0 of a hypothesis that was rejected."""
    if who not in weights:
        return 0.0, 0.0
    low, high = weights[who]
    others = [pair for name, pair in weights.items() if name != who]
    return low / (low + sum(pair[1] for pair in others)), high / (
        high + sum(pair[0] for pair in others)
    )


def _weight(hypothesis: Hypothesis) -> tuple[float, float]:
    low, high, weak_low, weak_high = 1.0, 1.0, 1.0, 1.0
    for basis in _once(hypothesis.basis):
        if basis.kind in WEAK:
            weak_low, weak_high = weak_low * basis.low_ratio, weak_high * basis.high_ratio
        else:
            low, high = low * basis.low_ratio, high * basis.high_ratio
    return _capped(low * _weakly(weak_low)), _capped(high * _weakly(weak_high))


def _severe_weight(hypothesis: Hypothesis) -> tuple[float, float]:
    """Return the weight when nothing weak helps: not this one upwards, nor others downwards.

    Of one object the least counts at the lower end and the greatest at the upper. One that is put
    forward as weak, too, counts there for nothing better than 1. So each end can only move outwards
    when a weak basis is added.
    """
    low, high, weak_low, weak_high = 1.0, 1.0, 1.0, 1.0
    for object_ in sorted({basis.object for basis in hypothesis.basis}):
        of = [basis for basis in hypothesis.basis if basis.object == object_]
        strong = [basis for basis in of if basis.kind not in WEAK]
        weak = [basis for basis in of if basis.kind in WEAK]
        neutral = [1.0] if weak or not strong else []
        low *= min([basis.low_ratio for basis in strong] + neutral)
        high *= max([basis.high_ratio for basis in strong] + neutral)
        weak_low *= min([1.0, *(basis.low_ratio for basis in weak)])
        weak_high *= max([1.0, *(basis.high_ratio for basis in weak)])
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
