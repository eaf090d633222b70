"""The verdict on one subject at a time: for records of the logbook and tracks, of which few are.

It follows the same rule as `_trace.settle`, which works on whole columns of incidents.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.records.assessment import Missing, Outcome
from trucewatch.records.canonical import canonical

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trucewatch.records.canonical import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One condition that was asked of one subject.

    Attributes:
        text: What is asked, with its bound, such as `P(inside Z_SEC) is at least 0.95`.
        value: What was found, as JSON.
        holds: Whether it holds; None when software cannot say.
        refuted: The outcome when it does not hold.
        unknown: What is missing when software cannot say, or None where it always can.
    """

    text: str
    value: Json
    holds: bool | None
    refuted: Outcome
    unknown: Missing | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What follows from the conditions.

    Attributes:
        outcome: See `records.assessment.Outcome`.
        why: What is missing, for `indeterminate`; else "".
        trace: Canonical JSON `[{condition, holds, value}, ...]`, numbered from 1.
    """

    outcome: Outcome
    why: str
    trace: str


def verdict(asked: Sequence[Asked], *, met: Outcome) -> Verdict:
    """Return what the first condition that does not hold, or is unknown, makes of a subject.

    What comes after a condition that was refuted is not asked and not listed. What comes after one
    that is unknown is listed up to the next that is refuted, as it helps whoever looks further.

    Args:
        asked: The conditions in order.
        met: The outcome when all hold.

    Example:
        >>> one = Asked(text="it is inside", value=0.2, holds=False, refuted=Outcome.CONSISTENT)
        >>> verdict([one], met=Outcome.POTENTIAL_BREACH).outcome
        <Outcome.CONSISTENT: 'consistent'>
    """
    told = _until_refuted(asked)
    listed: list[Json] = [
        {"condition": f"{number}. {each.text}", "holds": each.holds, "value": each.value}
        for number, each in enumerate(told, start=1)
    ]
    outcome, why = met, ""
    settling = next((each for each in told if each.holds is not True), None)
    if settling is not None and settling.holds is None:
        outcome, why = Outcome.INDETERMINATE, str(settling.unknown or "")
    elif settling is not None:
        outcome = settling.refuted
    return Verdict(outcome=outcome, why=why, trace=canonical(listed).decode())


def _until_refuted(asked: Sequence[Asked]) -> Sequence[Asked]:
    for place, each in enumerate(asked):
        if each.holds is False:
            return asked[: place + 1]
    return asked
