"""Which of two claims goes before the other, by a rule that is named in every answer."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from trucewatch.records.claims.claim import Basis
from trucewatch.records.claims.source import SourceKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from trucewatch.records.claims.claim import Claim
    from trucewatch.register.known import Known

GRADE_STEPS_MIN = 2
"""By how many steps, letter and digit together, a grade must be better: one step is a matter of
the grader's taste. Chosen by the rule of the register, not fitted."""


class Rule(StrEnum):
    """The steps of the rule, in the order in which they are tried."""

    FINAL_TEXT = "final_text_over_draft"
    OFFICIAL_TEXT = "official_text_over_others"
    OWN_WORDS = "own_words_over_words_of_others"
    LATER = "later_over_earlier_of_one_speaker"
    BETTER_GRADE = "better_grade"
    LATER_STAGE = "later_stage"
    SCOPES_DIFFER = "scopes_differ"
    NONE = "none"


WHY = {
    Rule.FINAL_TEXT: "rule 1: a final text goes before a draft",
    Rule.OFFICIAL_TEXT: "rule 2: the official text goes before what others say of it",
    Rule.OWN_WORDS: "rule 3: the subject's own words go before the words of others",
    Rule.LATER: "rule 4: of one speaker, the later word goes before the earlier",
    Rule.BETTER_GRADE: "rule 5: the grade is better by two steps or more",
    Rule.LATER_STAGE: "stages follow one another in time: the later one is where it stands",
    Rule.SCOPES_DIFFER: "none is preferred: their scopes differ and they cannot be compared",
    Rule.NONE: "none is preferred: no rule tells them apart, and all stand",
}
"""Each step in words."""


class Preference(NamedTuple):
    """What the rule says of two claims.

    Attributes:
        claim: The one that goes first, by id, or None.
        rule: The step that says so.
    """

    claim: str | None
    rule: Rule


def preference(first: Claim, second: Claim, known: Known) -> Preference:
    """Return which of two claims goes before the other; both are kept, whichever it is.

    The first step that tells them apart decides: 1 a final text over a draft; 2 the official text
    of the arrangement over others; 3 the subject's own words over words of others; 4 of one
    speaker, later over earlier; 5 the better grade, first of the information, then of the source,
    if all steps together make it better by `GRADE_STEPS_MIN` or more.
    """
    for rule, goes_before in _STEPS:
        if goes_before(first, second, known):
            return Preference(first.id, rule)
        if goes_before(second, first, known):
            return Preference(second.id, rule)
    return Preference(None, Rule.NONE)


def later(one: Claim, other: Claim, known: Known) -> bool:
    """Tell whether one speaker said both, and the one after the other."""
    if known.speaker(one) != known.speaker(other):
        return False
    day, before = known.said_on(one), known.said_on(other)
    return day is not None and before is not None and day > before


def _final(one: Claim, other: Claim, _known: Known) -> bool:
    return one.basis is Basis.FINAL_TEXT and other.basis is Basis.DRAFT_TEXT


def _official(one: Claim, other: Claim, known: Known) -> bool:
    kind, against = known.sources[one.source].kind, known.sources[other.source].kind
    return kind is SourceKind.OFFICIAL_TEXT and against is not SourceKind.OFFICIAL_TEXT


def _own_words(one: Claim, other: Claim, _known: Known) -> bool:
    of_others = (Basis.WORDS_OF_OTHERS, Basis.NOT_SAID)
    return one.basis is Basis.OWN_WORDS and other.basis in of_others


def _better(one: Claim, other: Claim, _known: Known) -> bool:
    mine, theirs = _steps(one), _steps(other)
    return mine < theirs and sum(theirs) - sum(mine) >= GRADE_STEPS_MIN


def _steps(claim: Claim) -> tuple[int, int]:
    """Return steps below the best grade: of the information, of the source."""
    return int(claim.grade[1]) - 1, ord(claim.grade[0]) - ord("A")


_STEPS: tuple[tuple[Rule, Callable[[Claim, Claim, Known], bool]], ...] = (
    (Rule.FINAL_TEXT, _final),
    (Rule.OFFICIAL_TEXT, _official),
    (Rule.OWN_WORDS, _own_words),
    (Rule.LATER, later),
    (Rule.BETTER_GRADE, _better),
)
