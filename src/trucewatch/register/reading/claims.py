"""Claims: where each was read, and what must agree in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.agreement.reading.form import ID, Choice, Many, OrNull, Reference, Text, Word
from trucewatch.agreement.reading.record import Filled, Maybe, Record
from trucewatch.errors import BadAgreement
from trucewatch.records.claims.claim import Basis, Claim, Relation
from trucewatch.records.claims.quantity import Qualifier, Quantity
from trucewatch.register.reading.form import CitedForm, ConditionForm, Day, Exact

if TYPE_CHECKING:
    from collections.abc import Sequence

GRADE = r"[A-F][1-6]"
CLAIM_ID = r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}"


def _quantity(filled: Filled) -> Quantity:
    quantity = Quantity(**filled.values)
    low, high, hedge = quantity.low, quantity.high, quantity.qualifier
    if high is not None and high < low:
        raise BadAgreement(filled.where("high"), f"high is {high}, must be at least low {low}")
    if hedge is Qualifier.EXACT and high != low:
        problem = f"qualifier is exact and the interval {low} to {high}, must be one number"
        raise BadAgreement(filled.where("high"), problem)
    if hedge is Qualifier.AT_LEAST and high is not None:
        problem = f"qualifier is at_least and high is {high}, must be null"
        raise BadAgreement(filled.where("high"), problem)
    return quantity


QUANTITY = Record(
    build=_quantity,
    keys={
        "low": Exact(),
        "high": OrNull(Exact()),
        "qualifier": Choice(Qualifier),
        "unit": Word(ID),
        "scope": Word(ID),
    },
)


def _claim(filled: Filled) -> Claim:
    cited = filled.values.pop("at")
    claim = Claim(
        source=cited.source, first=cited.lines.first, last=cited.lines.last, **filled.values
    )
    known = filled.names.known
    _expect(filled, "subject", claim.subject, [*known["actors"], *known["things"]])
    if claim.relation is Relation.STATED:
        _expect_answer(filled, claim)
    elif claim.attribute or claim.value:
        problem = f"attribute is given for {claim.relation}, must be given for stated alone"
        raise BadAgreement(filled.where("attribute"), problem)
    else:
        _expect(filled, "subject", claim.subject, known["actors"])
    if claim.object:
        _expect(filled, "object", claim.object, known[_OBJECTS.get(claim.relation, "objects")])
    elif claim.relation in _NEED_OBJECT:
        raise BadAgreement(filled.where(), f"object is missing, {claim.relation} must have one")
    return claim


_OBJECTS = {
    Relation.REQUIRES: "atoms",
    Relation.FULFILLED: "atoms",
    Relation.REPLIED: "claims",
}
_NEED_OBJECT = frozenset(Relation) - {
    Relation.STATED,
    Relation.ATTENDED,
    Relation.LIMITS,
    Relation.READY,
    Relation.DID_NOT_SIGN,
}


def _expect_answer(filled: Filled, claim: Claim) -> None:
    """Check that a claim that answers a question gives one of its answers."""
    known = filled.names.known
    _expect(filled, "attribute", claim.attribute, known["attributes"])
    _expect(filled, "value", claim.value, known[f"answers to {claim.attribute}"])


def _expect(filled: Filled, key: str, value: str, allowed: Sequence[str]) -> None:
    if value not in allowed:
        known = ", ".join(allowed) or "none is declared"
        problem = f"{key} is {value!r}, must be one of: {known}"
        raise BadAgreement(filled.where(key), problem)


CLAIM = Record(
    build=_claim,
    keys={
        "id": Word(CLAIM_ID),
        "at": CitedForm(),
        "subject": Word(ID),
        "relation": Choice(Relation),
        "object": Maybe(Word(CLAIM_ID)),
        "text": Text(),
        "attribute": Maybe(Word(ID)),
        "value": Maybe(Word(ID)),
        "quantity": Maybe(OrNull(QUANTITY), None),
        "domain": Maybe(Reference("domains")),
        "place": Maybe(Text()),
        "condition": Maybe(OrNull(ConditionForm()), None),
        "day": Maybe(OrNull(Day()), None),
        "said_on": Maybe(OrNull(Day()), None),
        "chain": Maybe(Many(Text()), ()),
        "basis": Maybe(Choice(Basis), Basis.NOT_SAID),
        "grade": Word(GRADE),
        "supersedes": Maybe(Word(CLAIM_ID)),
    },
)
