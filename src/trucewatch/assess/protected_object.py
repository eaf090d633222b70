"""An act that is forbidden within a distance of protected objects, such as a strike at a hub.

Objects are discs of a zone, or on a list that its holder keeps and never shows. Conditions are
those of `prohibited_act`, asked in the same order, with two differences.

A zone that is `restricted`: neither the trace nor `inside_p` gives a number, since the chances of
many incidents would draw the perimeter; the trace says "restricted" and whether it holds.

A confidential list: where the objects lie is not known here, so nothing is asked of the place.
After P(act of the rule) it is asked whether the holder of the list says that an object is near:
software never knows, which gives `indeterminate(object_list)`. The trace says who holds the list
and to which commitment, so that the question can be put and the answer checked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from trucewatch.agreement.force import window
from trucewatch.agreement.party import Role
from trucewatch.assess._force import force, force_condition
from trucewatch.assess._judge import Where, in_zone, judged
from trucewatch.assess._trace import Condition, json_text
from trucewatch.errors import BadAgreement, NotFound
from trucewatch.records.assessment import Missing, Outcome

if TYPE_CHECKING:
    from trucewatch.agreement.agreement import Agreement
    from trucewatch.agreement.provision import ObjectList
    from trucewatch.agreement.rule import Rule
    from trucewatch.agreement.version import Version
    from trucewatch.assess._known import Known

EACH_ALONE = True
"""What is said of an incident does not hang on other incidents, but for exemptions that say so."""


def check(known: Known, *, rule: Rule, version: Version) -> pl.DataFrame:
    """Return one assessment per incident that the version is set against.

    Args:
        known: What is known.
        rule: A rule of this kind.
        version: The version that it is in.

    Returns:
        `records.table.ASSESSMENT`, in the order of the incidents. `inside_p` is null for a
        restricted zone and for a confidential list.

    Raises:
        BadAgreement: The rule has neither a zone nor a list, or both, or does not forbid.
    """
    if bool(rule.zone) == bool(rule.object_list):
        where = f"{version.agreement.id}: rule {rule.id}"
        found = "both a zone and an object_list" if rule.zone else "no zone and no object_list"
        raise BadAgreement(where, f"has {found}, must have one of them")
    place = _listed(known, rule, version) if rule.object_list else in_zone(known, rule, version)
    return judged(known, rule=rule, version=version, where=place)


def _listed(known: Known, rule: Rule, version: Version) -> Where:
    """Return that the rule holds near objects whose places are not known here."""
    in_force_over = window(version.agreement)
    columns = force(known.facts.incidents, in_force_over).with_columns(
        pl.lit(None, dtype=pl.Float64).alias("inside_p")
    )
    listed = _list(version.agreement, rule.object_list)
    near = Condition(
        text=f"by the holder of {listed.id}, an object of it lies within {rule.radius_m:g} m",
        value=json_text(_held(version.agreement, listed)),
        holds=pl.lit(None, dtype=pl.Boolean),  # a record of answers will decide it here
        refuted=Outcome.CONSISTENT,
        unknown=Missing.OBJECT_LIST,
    )
    return Where(columns, (force_condition(in_force_over),), (near,))


def _list(agreement: Agreement, name: str) -> ObjectList:
    """Return the list of that id.

    Raises:
        NotFound: There is none.
    """
    lists = agreement.provisions.object_lists
    for each in lists:
        if each.id == name:
            return each
    known = ", ".join(each.id for each in lists) or "none"
    raise NotFound(agreement.id, f"object_list is {name}, must be one of: {known}")


def _held(agreement: Agreement, listed: ObjectList) -> str:
    """Return who holds a list, and the commitment to it; a party is not named."""
    parties = {party.id for party in agreement.parties if party.role is Role.PARTY}
    holder = "a party" if listed.held_by in parties else listed.held_by
    commitment = f"commitment {listed.commitment}" if listed.commitment else "no commitment"
    return f"no answer is known; held by {holder}, {commitment}"
