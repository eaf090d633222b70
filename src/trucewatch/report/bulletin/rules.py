"""Incidents set against the rules of the agreement: computed, and finding nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.report.bulletin.content import Cell, Paragraph, Section, Table, Voice
from trucewatch.report.bulletin.counts import tally_cells
from trucewatch.report.bulletin.figures import INCIDENT_SHORT, OUTCOMES
from trucewatch.report.bulletin.listing import OUTCOME_MARKS, OUTCOME_WORDS
from trucewatch.report.bulletin.share import silence
from trucewatch.report.bulletin.wording import NONE_REPORTED, quote

if TYPE_CHECKING:
    from trucewatch.records.assessment import Outcome
    from trucewatch.report.bulletin.draft import Draft
    from trucewatch.report.bulletin.figures import OutcomeRow

_FINDING = "Outcomes are computed. None names a party and none is a finding: people make findings."
_MISSING = {
    "location": "place not known well enough",
    "time": "time not known well enough",
    "weapon": "means not known well enough",
    "baseline": "no baseline",
    "definition": "a term is undefined",
    "altitude": "height not known well enough",
    "observation": "nobody looked, or nobody could",
    "object_list": "the holder of a confidential list has not answered",
}


def assessed(draft: Draft) -> Section:
    """Return how the incidents of the window stand against each rule."""
    material = draft.material
    title = quote(material.agreement_title)
    if not title:
        words = f"No agreement is configured, so no incident is set against a rule. {_FINDING}"
        return _section((Paragraph(text=words),))
    force = (
        "in force during this window or part of it"
        if material.in_force
        else "not in force in this window"
    )
    first = Paragraph(
        text=f"Agreement: {title}. Status: {quote(material.agreement_status) or 'not stated'}. "
        f"It was {force}. {_FINDING}"
    )
    blocks: list[Paragraph | Table] = [first]
    for rule in material.rules:
        zone = quote(rule.zone)
        where = f"Rule {quote(rule.id, limit=40)}. {f'Zone: {zone}' if zone else 'No zone named'}."
        clause = quote(rule.clause, limit=600) or "[no text]"
        blocks.append(Paragraph(text=clause, voice=Voice.SEALED, cite=where))
        blocks.append(_table(draft, rule.id))
    if not material.rules:
        blocks.append(Paragraph(text="It has no rules that this version can read."))
    return _section(tuple(blocks))


def _section(blocks: tuple[Paragraph | Table, ...]) -> Section:
    return Section(id="rules", title="Assessments, by rule", blocks=blocks)


def _table(draft: Draft, rule: str) -> Paragraph | Table:
    rows = [row for row in draft.figures.outcomes if row.rule == rule]
    if not rows:
        return Paragraph(text=f"{NONE_REPORTED.capitalize()} against this rule. {silence(draft)}")
    found = {row.outcome for row in rows}
    absent = [
        OUTCOME_WORDS[one] for one in dict.fromkeys(o for o, _ in OUTCOMES) if one not in found
    ]
    rest = f" None reported as: {', '.join(absent)}." if absent else ""
    return Table(
        caption=(f"{INCIDENT_SHORT}{rest} {silence(draft)}"),
        head=("Outcome", "Incidents", "Real, 90 %"),
        rows=tuple((_name(row), *tally_cells(row.tally)) for row in rows),
        numeric=frozenset({1, 2}),
    )


def _name(row: OutcomeRow) -> Cell:
    outcome: Outcome = row.outcome
    why = f": {_MISSING.get(row.why, row.why)}" if row.why else ""
    return Cell(text=f"{OUTCOME_WORDS[outcome]}{why}", mark=OUTCOME_MARKS[outcome])
