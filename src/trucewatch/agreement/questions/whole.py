"""Questions about the agreement as a whole: its dates, who is bound, its words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.agreement.agreement import Status
from trucewatch.agreement.definition import Clarity
from trucewatch.agreement.party import Accession, Role
from trucewatch.agreement.questions.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trucewatch.agreement.agreement import Agreement

_NOT_JOINED = {
    Accession.INITIALLED: "has only initialled the text",
    Accession.NOT_ACCEDED: "has not acceded",
}


def about_the_whole(agreement: Agreement) -> Iterator[Finding]:
    """Yield what is unusual in dates, participants and definitions."""
    yield from _dates(agreement)
    yield from _parties(agreement)
    yield from _definitions(agreement)


def _dates(agreement: Agreement) -> Iterator[Finding]:
    if agreement.status is Status.NOT_IN_FORCE:
        text = "it is declared not in force: every assessment against it will read no_rule"
        yield Finding(code="not-in-force", where="status", text=text)
    elif agreement.expires is None:
        text = "no end is named: it stays in force until a later version ends it"
        yield Finding(code="no-end", where="expires", text=text)
    if agreement.effective is None:
        text = "no date of effect is named: it cannot come into force as written"
        yield Finding(code="no-effective-date", where="effective", text=text)


def _parties(agreement: Agreement) -> Iterator[Finding]:
    if not any(party.role is Role.PARTY for party in agreement.parties):
        text = "nobody has the role of a party: no rule binds anybody"
        yield Finding(code="no-party", where="parties", text=text)
    if not agreement.rules:
        yield Finding(code="no-rule", where="rules", text="it has no rule: nothing can be assessed")
    bound = {party for rule in agreement.rules for party in rule.who}
    for party in agreement.parties:
        if party.id in bound and party.accession in _NOT_JOINED:
            joined = _NOT_JOINED[party.accession]
            text = f"rules bind it, and it {joined}: whether it is bound at all can be disputed"
            yield Finding(code="bound-not-acceded", where=f"party {party.id}", text=text)


def _definitions(agreement: Agreement) -> Iterator[Finding]:
    """Yield terms without use; one that is recorded as undefined or disputed needs none."""
    used = {term for rule in agreement.rules for term in rule.terms}
    for term, definition in agreement.definitions.items():
        if term not in used and definition.state is Clarity.DEFINED:
            text = "it is defined, and no rule rests on it"
            yield Finding(code="unused-term", where=f"term {term}", text=text)
