"""A post, a bunker or a minefield that may not stand in a zone: one interval per thing.

Sightings of one matter under one name at one place are one thing; one without a name is a thing of
its own. It is one state for as long as it stands, however often it is seen, and is never counted by
days.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.assess._row import table
from trucewatch.assess._standing import standing
from trucewatch.assess._things import things

if TYPE_CHECKING:
    import polars as pl

    from trucewatch.agreement.rule import Rule
    from trucewatch.agreement.version import Version
    from trucewatch.assess._known import Known


def check(known: Known, *, rule: Rule, version: Version) -> pl.DataFrame:
    """Return one assessment per thing of the rule's matters; see `_standing.standing`.

    Args:
        known: What is known.
        rule: A rule of this kind.
        version: The version that it is in.

    Returns:
        `records.table.ASSESSMENT`; `subject_kind` is `sighting`, `subject` the record that tells
        of it first.
    """
    rows = [
        standing(known, seen, rule=rule, version=version)
        for seen in things(known.facts, rule.matters)
    ]
    return table(rows, rule=rule, version=version)
