"""The covered share in words: beside every count, in place of "coverage unknown"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.report.bulletin.wording import SILENCE

if TYPE_CHECKING:
    from trucewatch.report.bulletin.draft import Draft
    from trucewatch.report.watching import Rated, Watching

COMPARABLE_RATIO = 0.2
"""Counts compare while the lesser covered share is within a fifth of the greater one.

Counts go in proportion to coverage, and a fifth is what chance alone moves a count of 25 by.
"""
_PERCENT = 100
_NONE_NOT_NOTHING = "None reported does not mean that none happened."


def share_text(low_share: float, high_share: float) -> str:
    """Return a covered share between two ends; what is not quite all or none is never rounded so.

    Example:
        >>> share_text(0.712, 0.8), share_text(0.002, 0.002)
        ('71 to 80 %', 'under 1 %')
    """
    low, high = _percent(low_share), _percent(high_share)
    if low == high:
        return f"{low} %" if low != "none" else "none"
    return f"{low} to {high} %"


def _percent(told_share: float) -> str:
    if told_share <= 0:
        return "none"
    whole = round(told_share * _PERCENT)
    if whole < 1:
        return "under 1"
    return "over 99" if whole >= _PERCENT and told_share < 1 else f"{min(whole, _PERCENT)}"


def covered_text(rated: Rated) -> str:
    """Return the covered share of some hours, of the class seen least to the class seen most."""
    return share_text(rated.covered_share, covered_high_share(rated))


def covered_high_share(rated: Rated) -> float:
    """Return the covered part of the hours that passed, of the class that is seen most, 0 to 1."""
    return rated.covered_high_h / rated.passed_h if rated.passed_h > 0 else 0.0


def compares(now: Rated, before: Rated) -> bool:
    """Return whether two counts may be set side by side, by what could have been seen of them."""
    pairs = (
        (now.covered_share, before.covered_share),
        (covered_high_share(now), covered_high_share(before)),
    )
    return all(abs(a - b) <= COMPARABLE_RATIO * max(a, b) for a, b in pairs)


def covered_in_both(watching: Watching) -> str:
    """Return `covered 71 % and 23 %`: of this window and of the previous one."""
    window, before = watching.whole.window, watching.whole.before
    return f"covered {covered_text(window)} and {covered_text(before)}"


def silence(draft: Draft) -> str:
    """Return what a count, or the lack of one, is worth beside what could have been seen."""
    watching = draft.material.watching
    if watching is None:
        return SILENCE
    window, before = watching.whole.window, watching.whole.before
    return (
        f"Covered: {covered_text(window)} of this window, {covered_text(before)} of the previous "
        f"one. {_NONE_NOT_NOTHING}"
    )


def brief(draft: Draft) -> str:
    """Return `coverage unknown`, or `covered 71 % of this window`."""
    watching = draft.material.watching
    if watching is None:
        return "coverage unknown"
    return f"covered {covered_text(watching.whole.window)} of this window"


def in_both(draft: Draft) -> str:
    """Return `Coverage unknown in both.`, or how much of each window was covered."""
    watching = draft.material.watching
    if watching is None:
        return "Coverage unknown in both."
    whole = watching.whole
    said = covered_in_both(watching)
    if not compares(whole.window, whole.before):
        return f"Counts do not compare: {said}."
    return f"{said.capitalize()}."


def received(draft: Draft) -> str:
    """Return the coverage that stands under rows as received, a sentence."""
    if draft.material.watching is None:
        return "Coverage unknown."
    words = brief(draft)
    return f"{words[0].upper()}{words[1:]}."
