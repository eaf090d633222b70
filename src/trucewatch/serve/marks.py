"""Marks: how sure we are, and what a rule says; a word first, then a shape, then a colour."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from trucewatch.records.assessment import Outcome
from trucewatch.serve.nav import N_

if TYPE_CHECKING:
    from collections.abc import Mapping

LIKELY_P = 0.9
"""P(real) from which several independent reports are called to agree; a choice of wording alone."""
_SEVERAL = 2


class Mark(NamedTuple):
    """One mark: message, glyph, kind of tag."""

    text: str
    glyph: str
    kind: str


_OUTCOMES = {
    Outcome.BREACH_ON_ITS_FACE: Mark(N_("breach on its face"), "breach", "warn"),
    Outcome.POTENTIAL_BREACH: Mark(N_("potential breach"), "potential", "warn"),
    Outcome.INDETERMINATE: Mark(N_("indeterminate"), "ind", ""),
    Outcome.EXEMPT: Mark(N_("exempt"), "exempt", ""),
    Outcome.CONSISTENT: Mark(N_("consistent"), "ok", ""),
    Outcome.NO_RULE: Mark(N_("no rule"), "norule", "plain"),
}


def outcome_mark(outcome: str) -> Mark:
    """Return the mark of an outcome."""
    return _OUTCOMES[Outcome(outcome)]


def certainty(incident: Mapping[str, object]) -> Mark:
    """Return how sure the software is of an incident; people have confirmed none of it."""
    several = int(str(incident["independent"])) >= _SEVERAL
    if several and float(str(incident["real_p"])) >= LIKELY_P:
        return Mark(N_("several agree"), "pr", "strong")
    return Mark(N_("unconfirmed"), "un", "")
