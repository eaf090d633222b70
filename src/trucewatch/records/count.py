"""Counts as observers write them: "about 45", "at least 11", "several"; never a bare number.

Each is an interval and a qualifier. What a word means is chosen here, once, and said; nothing is
turned into a number in silence, and a sum keeps what its parts did not know.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterable

ABOUT_SHARE_TENTHS = 1
"""`About n` is taken as n less and more a tenth, at least one; a choice, no mission's rule."""

COUNT_MAX = 4_294_967_295  # counts enter unsigned 32-bit columns

_WORDS = (
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)
_VAGUE = {"a few": 2, "few": 2, "multiple": 2, "several": 3, "many": 3, "a dozen": 12, "dozens": 24}
"""Fewest that a vague word means; it has no most."""

_N = r"(\d{1,3}(?:,\d{3})+|\d{1,10})"
_FORMS = (
    (re.compile(rf"{_N}"), "exact"),
    (re.compile(rf"(?:about|around|some|approximately|approx\.?|ca\.?|~) ?{_N}"), "about"),
    (re.compile(rf"(?:at least|not less than|no fewer than|>=|≥) ?{_N}"), "at_least"),
    (re.compile(rf"(?:over|more than|>) ?{_N}"), "over"),
    (re.compile(rf"(?:up to|at most|no more than|<=|≤) ?{_N}"), "at_most"),
    (re.compile(rf"(?:between )?{_N} ?(?:-|\u2013|to|and) ?{_N}"), "range"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How many, as far as is known.

    Attributes:
        low: Fewest.
        high: Most, or None when that is open.
        qualifier: `exact`, `about`, `at_least`, `range` or `several`.
    """

    low: int
    high: int | None
    qualifier: str


def read_count(text: str, *, where: str) -> Counted:
    """Return the count that an observer wrote.

    A number alone is exact. `About n` is n less and more a tenth, at least one either way. `At
    least n` has no most, `over n` begins above n, `up to n` begins at 0. `Several` is three or
    more, `a few` and `multiple` two or more. A word from one to twelve, and `a` or `an`, is that
    number.

    Args:
        text: As it was written; upper case and spaces around it are passed over.
        where: How to name it in an error.

    Raises:
        BadInput: It is no count; a range that ends before it begins; or it is too large.

    Example:
        >>> read_count("about 45", where="row 3")
        Counted(low=41, high=49, qualifier='about')
    """
    said = re.sub(r"\s+", " ", text.strip().lower())
    for place, word in enumerate(_WORDS, start=1):
        said = re.sub(rf"\b{word}\b", str(place), said)
    said = re.sub(r"^an? (?!few|dozen)", "1 ", said)
    said = "1" if said in {"a", "an"} else said
    if said in _VAGUE:
        return Counted(low=_VAGUE[said], high=None, qualifier="several")
    for form, qualifier in _FORMS:
        match = form.fullmatch(said)
        if match:
            return _counted(qualifier, [int(n.replace(",", "")) for n in match.groups()], where)
    expected = "a number, about n, at least n, over n, up to n, n-m, several or a few"
    raise BadInput(where, f"count is {text[:40]!r}, must be {expected}")


def add(counts: Iterable[Counted]) -> Counted:
    """Return the sum of counts; it is exact only when all of them are.

    Example:
        >>> add([Counted(low=3, high=3, qualifier="exact"), read_count("several", where="b")])
        Counted(low=6, high=None, qualifier='at_least')
    """
    all_of_them = list(counts)
    low = sum(each.low for each in all_of_them)
    highs = [each.high for each in all_of_them]
    if None in highs:
        return Counted(low=low, high=None, qualifier="at_least")
    high = sum(each or 0 for each in highs)
    kinds = {each.qualifier for each in all_of_them}
    if kinds <= {"exact"}:
        return Counted(low=low, high=high, qualifier="exact")
    return Counted(
        low=low, high=high, qualifier="about" if kinds <= {"exact", "about"} else "range"
    )


def check_total(claimed: str, counted: Counted, *, where: str) -> str:
    """Return what is to be said of a total that somebody published beside a sum of rows.

    Args:
        claimed: As it was published.
        counted: The sum of the rows.
        where: How to name it in an error.

    Returns:
        "" when the total is the exact sum of exact rows; else why it is inexact.
    """
    total = read_count(claimed, where=where)
    if total.qualifier == "exact" and (total.low, total.high) == (counted.low, counted.high):
        return ""
    rows = in_words(counted)
    if total.qualifier != "exact":
        return f"claimed {claimed.strip()}, rows sum to {rows}: a total rounded, not counted"
    if counted.low <= total.low and (counted.high is None or total.low <= counted.high):
        return f"claimed {claimed.strip()}, rows sum to {rows}: an exact total of inexact rows"
    return f"claimed {claimed.strip()}, rows sum to {rows}: the total is not that of the rows"


def in_words(counted: Counted) -> str:
    """Return a count in words.

    Example:
        >>> in_words(Counted(low=11453, high=11453, qualifier="exact"))
        '11,453'
    """
    if counted.high is None:
        return f"at least {counted.low:,}"
    if counted.low == counted.high:
        return f"{counted.low:,}"
    return f"{counted.low:,} to {counted.high:,}"


def _counted(qualifier: str, numbers: list[int], where: str) -> Counted:
    if max(numbers) > COUNT_MAX:
        raise BadInput(where, f"count is {max(numbers)}, must be at most {COUNT_MAX}")
    first, last = numbers[0], numbers[-1]
    match qualifier:
        case "about":
            slack = max(first * ABOUT_SHARE_TENTHS // 10, 1)
            return Counted(low=max(first - slack, 0), high=first + slack, qualifier="about")
        case "at_least":
            return Counted(low=first, high=None, qualifier="at_least")
        case "over":
            return Counted(low=first + 1, high=None, qualifier="at_least")
        case "at_most":
            return Counted(low=0, high=first, qualifier="range")
        case _:
            if last < first:
                raise BadInput(where, f"count is {first}-{last}, must not end below its start")
            return Counted(low=first, high=last, qualifier=qualifier)
