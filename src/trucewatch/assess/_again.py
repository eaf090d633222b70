"""Assessing again after something was added: only what may have changed is worked out anew."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from trucewatch.agreement.exemption import Asks
from trucewatch.assess import kind
from trucewatch.assess._every import (
    INCIDENT_KIND,
    checked,
    every_rule,
    in_order,
    refuse_unknown_kinds,
    rules_of,
)
from trucewatch.assess._known import Known

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trucewatch.agreement.rule import Rule
    from trucewatch.agreement.version import Version
    from trucewatch.records.facts import Facts

_COMPANY = frozenset({Asks.INCOMING_FIRE, Asks.WITHIN_NOTIFIED_NUMBER})
"""Exemptions that hang on other incidents."""


def only_what_changed(
    facts: Facts, versions: Sequence[Version], before: Facts, assessed: pl.DataFrame
) -> pl.DataFrame:
    """Return what `assess_again` returns.

    Rows of an incident are taken over when nothing of it changed, nothing in the logbook did, the
    versions are those that were assessed, and the rule looks at each incident by itself: its kind
    says so (`EACH_ALONE`), and so do its exemptions. Everything else is worked out anew.
    """
    refuse_unknown_kinds(versions)
    sealed = {version.object for version in versions}
    if facts.logbook != before.logbook or sealed != set(assessed["agreement"].unique()):
        return every_rule(facts, versions)
    rules = rules_of(versions)
    by_itself = [each for each in rules if alone(*each)]
    together = [each for each in rules if not alone(*each)]
    incidents = facts.incidents.sort("id")
    same = incidents.join(before.incidents, on=incidents.columns, how="semi", nulls_equal=True)
    new = incidents.join(same, on="id", how="anti", maintain_order="left")
    gone = before.incidents.join(same, on="id", how="anti")
    known = Known(replace(facts, incidents=new), versions)
    fresh = checked(known, by_itself)
    if together:
        fresh += checked(Known(facts, versions), together)
    kept = _kept(assessed, by_itself, [*new["id"], *gone["id"]])
    return in_order([kept, *fresh], incidents)


def alone(version: Version, rule: Rule) -> bool:
    """Return whether what a rule says of an incident hangs on that incident and the logbook."""
    asks = {
        condition.asks
        for name in rule.exemptions
        for condition in version.agreement.exemption(name).conditions
    }
    return bool(getattr(kind(rule.kind), "EACH_ALONE", False)) and not asks & _COMPANY


def _kept(
    assessed: pl.DataFrame, rules: Sequence[tuple[Version, Rule]], changed: Sequence[str]
) -> pl.DataFrame:
    """Return the rows that are taken over."""
    names = [(rule.id, version.object) for version, rule in rules]
    taken = pl.DataFrame(names, schema={"rule": pl.String, "agreement": pl.String}, orient="row")
    kept = assessed.filter(
        (pl.col("subject_kind") == INCIDENT_KIND) & ~pl.col("subject").is_in(changed)
    )
    return kept.join(taken, on=["rule", "agreement"], how="semi", maintain_order="left")
