"""Labels of records that pages say through the catalogues, and that no template spells out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.access.policy import POLICY
from trucewatch.records.happening import HAPPENINGS
from trucewatch.serve import terms

if TYPE_CHECKING:
    from collections.abc import Iterator


def labels() -> Iterator[tuple[str, str]]:
    """Yield where each label comes from, and the label."""
    for kind in HAPPENINGS.values():
        yield "records.happening", kind.text
    for row in POLICY:
        yield "access.policy", row.why
    yield from terms.labels()
