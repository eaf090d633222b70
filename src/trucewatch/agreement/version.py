"""Texts that followed each other: which of them was in force when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from trucewatch.errors import BadAgreement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trucewatch.agreement.agreement import Agreement


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of an agreement as it is applied.

    Attributes:
        agreement: The text, whose `expires` is no later than when its successor takes effect.
        object: SHA-256 of the sealed file, lowercase hex.
        what_if: Whether it is tried out on what happened under another version.
    """

    agreement: Agreement
    object: str
    what_if: bool = False


def successive(texts: Sequence[tuple[Agreement, str]]) -> tuple[Version, ...]:
    """Return the versions of one agreement in order, each ended by the next one's effect.

    A text that is sealed again under the same number, before or after, takes the place of the
    earlier one. One that is not in force, or names no date of effect, ends none.

    Args:
        texts: Agreement and SHA-256 of its file, in the order in which they were sealed.

    Raises:
        BadAgreement: The texts are of two agreements, or a later version takes effect before an
            earlier one does.
    """
    newest = {agreement.version: (agreement, sealed) for agreement, sealed in texts}
    ordered = [newest[number] for number in sorted(newest)]
    for (one, _), (other, _) in pairwise(ordered):
        where = f"version {other.version}"
        if one.id != other.id:
            problem = f"id is {other.id}, must be {one.id} as in version {one.version}"
            raise BadAgreement(where, problem)
        if one.effective and other.effective and other.effective < one.effective:
            since = one.effective.isoformat()
            problem = f"takes effect {other.effective.isoformat()}, must not be before {since}"
            raise BadAgreement(where, problem)
    return tuple(
        Version(agreement=_ended(agreement, ordered[place + 1 :]), object=sealed)
        for place, (agreement, sealed) in enumerate(ordered)
    )


def _ended(agreement: Agreement, later: Sequence[tuple[Agreement, str]]) -> Agreement:
    starts = [text.effective for text, _ in later if text.effective is not None]
    ends = [*starts, *([agreement.expires] if agreement.expires else [])]
    return replace(agreement, expires=min(ends)) if ends else agreement
