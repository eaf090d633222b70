"""The register as tables: every claim with its source, contradictions, provisions, tiers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.records.claims.claim import Relation
from trucewatch.records.claims.source import SourceKind
from trucewatch.register.conditions import worded
from trucewatch.register.contradictions import contradictions, disputes
from trucewatch.register.known import cited
from trucewatch.register.known import known as looked_up
from trucewatch.register.legal import LEGAL_FORCE, legal
from trucewatch.register.versions import differences
from trucewatch.report.register.document import Sheet

if TYPE_CHECKING:
    from trucewatch.records.claims.claim import Claim
    from trucewatch.records.claims.register import Register
    from trucewatch.register.known import Known
    from trucewatch.report.register.document import Cell

NOT_PUBLIC = frozenset({Relation.READY, Relation.LIMITS})
"""Relations that the public does not see: how soon somebody can act, and what it may not do."""

PRESS = "PRESS ONLY"
"""Marks what no official text and no statement has."""

_MARKS = {
    SourceKind.OFFICIAL_TEXT: "official text",
    SourceKind.STATEMENT: "statement",
    SourceKind.NEWS: "press",
    SourceKind.ANALYSIS: "press",
}
_CLAIM_COLUMNS = (
    "claim", "read_in", "said_on", "day", "subject", "relation", "object", "attribute", "value",
    "low", "high", "qualifier", "unit", "scope", "domain", "place", "condition", "text", "at",
    "outlet", "chain", "basis", "grade", "superseded_by", "replies",
)  # fmt: skip

_MEASURE_COLUMNS = (
    "measure", "kind", "text", "tiers", "adopters", "threshold", "lasts_d", "domain", "mark",
    "claims",
)  # fmt: skip


def register_sheets(register: Register, *, public: bool) -> tuple[Sheet, ...]:
    """Return the tables of a register.

    Args:
        register: The register.
        public: Whether to leave out what the public does not see; a note says how much that is.
    """
    known = looked_up(register)
    hidden = {c.id for c in register.claims if public and c.relation in NOT_PUBLIC}
    hidden |= {reply for each in hidden for reply in known.replies.get(each, ())}
    return (
        _claims(known, hidden),
        _contradictions(register, hidden),
        _provisions(known),
        _clauses(register),
        _tiers(known),
        _measures(known),
        _sources(register),
    )


def _claims(known: Known, hidden: set[str]) -> Sheet:
    shown = [each for each in known.claims.values() if each.id not in hidden]
    notes: tuple[str, ...] = (
        "Each line is what one source says, in our words; superseded claims stay.",
    )
    if hidden:
        notes += (f"Not public: {len(hidden)} claims on readiness and limits, with replies.",)
    return Sheet(
        id="claims",
        title="Claims",
        notes=notes,
        columns=_CLAIM_COLUMNS,
        rows=tuple(_claim(each, known) for each in shown),
    )


def _claim(claim: Claim, known: Known) -> tuple[Cell, ...]:
    source, said = known.sources[claim.source], known.said_on(claim)
    amount = claim.quantity
    numbers: tuple[Cell, ...] = (None,) * 5
    if amount is not None:
        high = None if amount.high is None else str(amount.high)
        numbers = (str(amount.low), high, amount.qualifier.value, amount.unit, amount.scope)
    return (
        claim.id,
        _MARKS[source.kind],
        None if said is None else said.isoformat(),
        None if claim.day is None else claim.day.isoformat(),
        claim.subject,
        claim.relation.value,
        claim.object,
        claim.attribute,
        claim.value,
        *numbers,
        claim.domain,
        claim.place,
        None if claim.condition is None else worded(claim.condition, known.atoms),
        claim.text,
        cited(claim),
        source.outlet,
        ", from ".join(claim.chain),
        claim.basis.value,
        claim.grade,
        known.superseded.get(claim.id, ""),
        " ".join(known.replies.get(claim.id, ())),
    )


def _contradictions(register: Register, hidden: set[str]) -> Sheet:
    found = [each for each in contradictions(register) if not hidden & set(each.claims)]
    rows = [
        (
            dispute.question,
            each.kind.value,
            " ".join(each.claims),
            each.text,
            each.preferred or "none",
            each.why,
        )
        for dispute in disputes(found)
        for each in dispute.found
    ]
    return Sheet(
        id="contradictions",
        title="Where claims do not go together",
        notes=(
            "All claims are kept; which one a rule prefers is no finding.",
            "Amounts of different scope are never compared, summed or averaged.",
        ),
        columns=("question", "class", "claims", "what_each_says", "preferred", "why"),
        rows=tuple(rows),
    )


def _provisions(known: Known) -> Sheet:
    rows: list[tuple[Cell, ...]] = []
    for part in known.provisions.values():
        found = legal(known.register, part.id)
        force = [each for each in found.answers if each.attribute == LEGAL_FORCE]
        rows.append(
            (
                known.instruments[part.id].id,
                part.id,
                part.number,
                part.text,
                found.official.text or "no official text states any",
                found.official.at,
                "; ".join(dict.fromkeys(f"{each.value} ({each.said.at})" for each in force)),
            )
        )
    return Sheet(
        id="provisions",
        title="Provisions, and how binding each source says they are",
        notes=("The condition of the official wording stands first.",),
        columns=(
            "instrument",
            "provision",
            "number",
            "text",
            "official_condition",
            "at",
            "legal_force",
        ),
        rows=tuple(rows),
    )


def _clauses(register: Register) -> Sheet:
    rows = tuple(
        (
            each.instrument,
            each.clause.id,
            each.clause.text,
            "removed from draft" if each.removed else ("added" if each.added else "differs"),
            each.text,
            " ".join(each.clause.of),
        )
        for each in differences(register)
    )
    return Sheet(
        id="clauses",
        title="Clauses by which versions of a text differ",
        notes=(),
        columns=("instrument", "clause", "text", "what_became_of_it", "where", "whose_promise"),
        rows=rows,
    )


def _tiers(known: Known) -> Sheet:
    rows = tuple(
        (
            each.number,
            each.id,
            each.due_h,
            each.text,
            " ".join(each.who),
            PRESS if each.press_only else "",
            " ".join(each.claims),
        )
        for each in known.register.tiers
    )
    return Sheet(
        id="tiers",
        title="Steps of the response to a determination",
        notes=(f"{PRESS}: no official text has it.",),
        columns=("number", "tier", "due_h", "text", "who", "mark", "claims"),
        rows=rows,
    )


def _measures(known: Known) -> Sheet:
    rows = tuple(
        (
            each.id,
            each.kind.value,
            each.text,
            " ".join(each.tiers),
            " ".join(each.adopters),
            each.threshold,
            each.lasts_d,
            each.domain,
            _mark(each.claims, known),
            " ".join(each.claims),
        )
        for each in known.register.measures
    )
    return Sheet(
        id="measures",
        title="What may be done in them",
        notes=(),
        columns=_MEASURE_COLUMNS,
        rows=rows,
    )


def _mark(claims: tuple[str, ...], known: Known) -> str:
    """Return the mark of what rests on press claims alone; "" when it rests on others, or none."""
    kinds = {known.sources[known.claims[each].source].kind for each in claims}
    return PRESS if kinds and kinds <= {SourceKind.NEWS, SourceKind.ANALYSIS} else ""


def _sources(register: Register) -> Sheet:
    rows = tuple(
        (
            each.id,
            _MARKS[each.kind],
            each.outlet,
            each.title,
            None if each.published is None else each.published.isoformat(),
            each.sha256,
            each.note,
        )
        for each in register.sources
    )
    return Sheet(
        id="sources",
        title="Sources",
        notes=(),
        columns=("source", "kind", "outlet", "title", "published", "sha256", "note"),
        rows=rows,
    )
