"""Forces, hardware or weapons that may not be in a zone: each sighting is one interval.

It runs from when it was first seen to when it was seen gone, and is open while it stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.assess._row import table
from trucewatch.assess._sighted import sightings
from trucewatch.assess._standing import standing

if TYPE_CHECKING:
    import polars as pl

    from trucewatch.agreement.rule import Rule
    from trucewatch.agreement.version import Version
    from trucewatch.assess._known import Known


def check(known: Known, *, rule: Rule, version: Version) -> pl.DataFrame:
    """Return one assessment per sighting of one of the rule's matters; see `_standing.standing`.

    Args:
        known: What is known.
        rule: A rule of this kind.
        version: The version that it is in.

    Returns:
        `records.table.ASSESSMENT`; `subject_kind` is `sighting`.
    """
    rows = [
        standing(known, seen, rule=rule, version=version)
        for seen in sightings(known.facts, rule.matters)
    ]
    return table(rows, rule=rule, version=version)
