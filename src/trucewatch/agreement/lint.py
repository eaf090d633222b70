"""What a lawyer should look at before an agreement is used; findings are no errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.agreement.agreement import Status
from trucewatch.agreement.definition import Clarity
from trucewatch.agreement.force import window
from trucewatch.agreement.party import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trucewatch.agreement.agreement import Agreement
    from trucewatch.agreement.rule import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that the linter noticed.

    Attributes:
        code: Stable name of the check, such as `no-counting-rule`.
        where: What it is about, such as `rule R01`.
        text: What was found and what follows from it.
    """

    code: str
    where: str
    text: str


def lint(agreement: Agreement) -> tuple[Finding, ...]:
    """Return what is unusual or cannot be monitored as written, in the order of the file.

    An agreement without findings can still be a bad one: these are the checks that need no
    judgement.
    """
    return (
        *_dates(agreement),
        *_parties(agreement),
        *_definitions(agreement),
        *_zones(agreement),
        *(finding for rule in agreement.rules for finding in _rule(agreement, rule)),
    )


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


def _definitions(agreement: Agreement) -> Iterator[Finding]:
    used = {term for rule in agreement.rules for term in rule.terms}
    for term in agreement.definitions:
        if term not in used:
            text = "it is defined, and no rule rests on it"
            yield Finding(code="unused-term", where=f"term {term}", text=text)


def _zones(agreement: Agreement) -> Iterator[Finding]:
    used = {rule.zone for rule in agreement.rules}
    for zone in agreement.zones:
        if zone.id not in used:
            text = "no rule holds in it"
            yield Finding(code="zone-without-rule", where=f"zone {zone.id}", text=text)
        if window(agreement) is not None and window(agreement, zone) is None:
            text = "it is never valid while the agreement is in force"
            yield Finding(code="zone-never-valid", where=f"zone {zone.id}", text=text)


def _rule(agreement: Agreement, rule: Rule) -> Iterator[Finding]:
    where = f"rule {rule.id}"
    if not rule.counting_rule:
        text = "no counting rule is named: two bodies may count the same fire differently"
        yield Finding(code="no-counting-rule", where=where, text=text)
    for term in rule.terms:
        state = agreement.definitions[term].state
        if state is not Clarity.DEFINED:
            text = f"it rests on {term!r}, which is {state}: software will answer indeterminate"
            yield Finding(code="unclear-term", where=where, text=text)
    parties = [party.id for party in agreement.parties if party.role is Role.PARTY]
    unbound = [party for party in parties if party not in rule.who]
    if unbound:
        text = f"it binds {', '.join(rule.who)} and not {', '.join(unbound)}"
        yield Finding(code="one-sided", where=where, text=text)
