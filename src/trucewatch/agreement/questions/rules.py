"""Questions about each rule: whom it binds, how it is counted, who could see a breach of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.agreement.definition import Clarity
from trucewatch.agreement.kinds import KINDS
from trucewatch.agreement.mechanism import Mechanism
from trucewatch.agreement.party import Role
from trucewatch.agreement.questions.finding import Finding
from trucewatch.agreement.watch import bound, needed, seen_by

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trucewatch.agreement.agreement import Agreement
    from trucewatch.agreement.rule import Rule

_EVEN_P = 0.5


def about_rules(agreement: Agreement) -> Iterator[Finding]:
    """Yield what is unusual in each rule, in the order of the file."""
    for rule in agreement.rules:
        yield from _counting(rule)
        yield from _terms(agreement, rule)
        yield from _who(agreement, rule)
        yield from _thresholds(rule)
        yield from _observed(agreement, rule)


def _counts_acts(rule: Rule) -> bool:
    return rule.kind in KINDS and "acts" in KINDS[rule.kind].needs


def _counting(rule: Rule) -> Iterator[Finding]:
    if _counts_acts(rule) and not rule.counting_rule:
        text = "no counting rule is named: two bodies may count the same fire differently"
        yield Finding(code="no-counting-rule", where=f"rule {rule.id}", text=text)


def _terms(agreement: Agreement, rule: Rule) -> Iterator[Finding]:
    for term in rule.terms:
        state = agreement.definitions[term].state
        if state is not Clarity.DEFINED:
            text = f"it rests on {term!r}, which is {state}: software will answer indeterminate"
            yield Finding(code="unclear-term", where=f"rule {rule.id}", text=text)


def _who(agreement: Agreement, rule: Rule) -> Iterator[Finding]:
    parties = [party.id for party in agreement.parties if party.role is Role.PARTY]
    free = [party for party in parties if party not in rule.who]
    if free:
        text = f"it binds {', '.join(rule.who)} and not {', '.join(free)}"
        yield Finding(code="one-sided", where=f"rule {rule.id}", text=text)


def _thresholds(rule: Rule) -> Iterator[Finding]:
    limits, where = rule.thresholds, f"rule {rule.id}"
    if not _counts_acts(rule):
        return
    if limits.independent_min == 1:
        text = "one source alone makes a breach on its face: a single error or a single lie does"
        yield Finding(code="single-source", where=where, text=text)
    for name in ("inside_p_min", "act_p_on_its_face", "real_p_on_its_face"):
        least_p = getattr(limits, name)
        if least_p <= _EVEN_P:
            text = f"{name} is {least_p:g}: it is met by what is as likely not so"
            yield Finding(code="loose-threshold", where=where, text=text)


def _observed(agreement: Agreement, rule: Rule) -> Iterator[Finding]:
    """Yield a rule that nobody could see broken, once the text says anything of its mechanism."""
    wanted = needed(rule)
    if not wanted or agreement.mechanism == Mechanism():
        return
    where, seen = f"rule {rule.id}", ", ".join(wanted)
    means = [each.means for each in seen_by(agreement, rule)]
    if not means:
        text = f"no declared means could observe it; one that shows any of these would: {seen}"
        yield Finding(code="unobservable-rule", where=where, text=text)
        return
    refusing = [
        party
        for party in bound(agreement, rule)
        if not any(party in each.accepted_by for each in means)
    ]
    if refusing:
        text = f"{', '.join(refusing)} accepts none of the means that could observe it"
        yield Finding(code="unaccepted-means", where=where, text=text)
