"""A clause that people apply, such as one on good faith; software shows it and says nothing.

There is no condition and no row. The clause stands in the agreement, and reports print it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.records.table import ASSESSMENT, empty

if TYPE_CHECKING:
    import polars as pl

    from trucewatch.agreement.rule import Rule
    from trucewatch.agreement.version import Version
    from trucewatch.assess._known import Known


def check(known: Known, *, rule: Rule, version: Version) -> pl.DataFrame:
    """Return no row: nothing that is known is set against such a clause.

    Args:
        known: What is known.
        rule: A rule of this kind.
        version: The version that it is in.
    """
    return empty(ASSESSMENT)
