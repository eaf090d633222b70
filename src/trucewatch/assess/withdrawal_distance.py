"""Weapons kept at a distance from each party's own datum: one row per sighting and line.

A weapon is measured from every line that a party who is bound measures from. Which of them applies
is asked of the place alone: nobody's mark on the weapon is looked at, and no party is named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from trucewatch.agreement.force import window
from trucewatch.assess._datum import datums, measure
from trucewatch.assess._due import due_of
from trucewatch.assess._row import Row, settled, table
from trucewatch.assess._sighted import (
    WEAPON,
    exempt_asked,
    face_asked,
    meant_asked,
    places,
    shares_of,
    sightings,
    stood_asked,
)
from trucewatch.assess._trace import DECIMALS
from trucewatch.assess._tracks import sure, terms_asked
from trucewatch.assess._verdict import Asked
from trucewatch.records.assessment import Missing, Outcome
from trucewatch.records.instant import instant_text

if TYPE_CHECKING:
    from datetime import datetime

    import polars as pl

    from trucewatch.agreement.agreement import Agreement
    from trucewatch.agreement.line import Line
    from trucewatch.agreement.rule import Rule
    from trucewatch.agreement.version import Version
    from trucewatch.assess._datum import Datum, Measured
    from trucewatch.assess._known import Known
    from trucewatch.assess._row import Window
    from trucewatch.assess._sighted import Place, Sighted


class _Case(NamedTuple):
    """A sighting, the rule, and all that every line has in common."""

    known: Known
    seen: Sighted
    rule: Rule
    version: Version
    every: list[Datum]


def check(known: Known, *, rule: Rule, version: Version) -> pl.DataFrame:
    """Return one assessment per sighting of a weapon and line that is measured from.

    Asked in order: it stood while the rule, and the line, were in force; the withdrawal was due
    when it was last seen there (with a deadline); every term is defined; it is of the rule's
    categories; at least one was there; the line's accuracy and sides are known; the line applies;
    P(nearer than the limit); no exemption; category and assets, for on its face.

    Args:
        known: What is known.
        rule: A rule of this kind.
        version: The version that it is in.

    Returns:
        `records.table.ASSESSMENT`; `subject_kind` is `sighting`, `measured_from` the line, "" for
        who has none. `inside_p` is P(the line applies) times P(nearer than the limit).
    """
    every, lacks = datums(version.agreement, rule)
    lines = {datum.line.id: datum.line for datum in every if datum.limit_m}
    rows = []
    for seen in sightings(known.facts, [WEAPON]):
        case = _Case(known, seen, rule, version, every)
        rows += [_from(case, line) for line in lines.values()]
        rows += [_from(case, None)] if lacks else []
    return table(rows, rule=rule, version=version)


def _from(case: _Case, line: Line | None) -> Row:
    """Return what is said of a sighting when it is measured from one line, or from none."""
    known, seen, rule, version, every = case
    held = _held(version.agreement, line)
    due = due_of(rule, version.agreement)
    at = places(seen.looks(held, due))
    own = [datum for datum in every if datum.line is line and datum.limit_m]
    place, found = at[-1], None
    if line is not None and all(datum.usable for datum in own):
        shares = shares_of(seen)
        each = [(p, measure(known, p, every, own=own, shares=shares)) for p in at]
        place, found = max(each, key=lambda one: one[1].applies_p * (one[1].near_p or 0.0))
    exemption, exempt = exempt_asked(seen, place, rule, version, known.facts)
    asked = [
        stood_asked(seen, held, known.facts.as_of),
        *_due_asked(seen, rule, due),
        terms_asked(rule, version),
        *meant_asked(seen, rule),
        _baseline_asked(line, own),
        *_measured_asked(rule, line, found, place, len(at)),
        *exempt,
        *face_asked(seen, rule),
    ]
    near_p = found and found.near_p
    return Row(
        subject=seen.id,
        kind="sighting",
        start=seen.start,
        end=seen.end,
        verdict=settled(asked, met=Outcome.BREACH_ON_ITS_FACE, exemption=exemption),
        inside_p=None if found is None or near_p is None else _p(found.applies_p * near_p),
        measured_from="" if line is None else line.id,
    )


def _held(agreement: Agreement, line: Line | None) -> Window:
    """Return when the agreement was in force and the line in it valid."""
    span = window(agreement)
    if span is None or line is None:
        return span
    since = max(span[0], line.since) if line.since else span[0]
    ends = [end for end in (span[1], line.until) if end is not None]
    until = min(ends, default=None)
    return None if until is not None and until <= since else (since, until)


def _due_asked(seen: Sighted, rule: Rule, due: datetime | None) -> list[Asked]:
    if rule.deadline is None:
        return []
    last = seen.looks()[-1].at
    known = due is not None
    return [
        Asked(
            text="the withdrawal was due when it was last seen there",
            value={
                "due": instant_text(due) if due else None,
                "last_seen": instant_text(last),
                "says": "no date to count from"
                if not known
                else "not yet due"
                if due and last < due
                else "due",
            },
            holds=last >= due if due else None,
            refuted=Outcome.CONSISTENT,
            unknown=Missing.TIME,
        )
    ]


def _baseline_asked(line: Line | None, own: list[Datum]) -> Asked:
    if line is None:
        value, holds = "no line is named for somebody who is bound", None
    elif line.accuracy_m is None:
        value, holds = f"{line.id}: no text says how exact it is", None
    elif not all(datum.sign for datum in own):
        value, holds = f"{line.id}: no text says on which side of it they stand", None
    else:
        value, holds = f"{line.id}: {line.status}, to {line.accuracy_m:g} m", True
    return Asked(
        text="there is a line to measure from, with its accuracy and sides",
        value=value,
        holds=holds,
        refuted=Outcome.CONSISTENT,  # never: there is one, or nobody can measure
        unknown=Missing.BASELINE,
    )


def _measured_asked(
    rule: Rule, line: Line | None, found: Measured | None, at: Place, count: int
) -> list[Asked]:
    if line is None or found is None:
        return []
    low_p, high_p = rule.thresholds.outside_p_max, rule.thresholds.inside_p_min
    applies_p = _p(found.applies_p)
    near_p = None if found.near_p is None else _p(found.near_p)
    applies = None if low_p < applies_p < high_p else applies_p >= high_p
    bounds = f"is at least {high_p:g} (at most {low_p:g} is not)"
    return [
        Asked(
            text=f"P(measured from {line.id}: not beyond it, on ground of another line) {bounds}",
            value={
                "applies_p": applies_p,
                "distance_m": round(found.distance_m, 1),
                "says": f"{line.id} is the datum of those who stand on this side of it"
                if found.distance_m >= 0 and applies is not False
                else f"beyond {line.id}; another line applies"
                if applies is False
                else f"beyond {line.id}, on ground of no line for sure",
            },
            holds=applies,
            refuted=Outcome.CONSISTENT,
            unknown=Missing.LOCATION,
        ),
        Asked(
            text=f"P(nearer to {line.id} than the limit) {bounds}",
            value={
                "distance_m": round(found.distance_m, 1),
                "limit_m": {name: found.limit_m[name] for name in sorted(found.limit_m)},
                "line_error_m": line.accuracy_m,
                "near_p": near_p,
                "place_error_m": at.error_m,
                "places": count,
            },
            holds=None if near_p is None else sure([near_p] * count, rule),
            refuted=Outcome.CONSISTENT,
            unknown=Missing.LOCATION if near_p is not None else Missing.BASELINE,
        ),
    ]


def _p(chance_p: float) -> float:
    return round(chance_p, DECIMALS)
