"""What an agreement is applied to: everything that is known up to an instant, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trucewatch.records.table import INCIDENT, TRACK, empty

if TYPE_CHECKING:
    from datetime import datetime

    import polars as pl

    from trucewatch.records.logbook.machine import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """One state of knowledge.

    Attributes:
        as_of: The newest time of the log; what is overdue is judged against it, never a clock.
        incidents: `records.table.INCIDENT`, any order, each id once.
        tracks: `records.table.TRACK`, any order.
        logbook: Records as they stand, in log order; voided ones are left out.
    """

    as_of: datetime
    incidents: pl.DataFrame = field(default_factory=lambda: empty(INCIDENT))
    tracks: pl.DataFrame = field(default_factory=lambda: empty(TRACK))
    logbook: tuple[Record, ...] = ()

    def records(self, kind: str) -> tuple[Record, ...]:
        """Return the records of one kind, in log order."""
        return tuple(record for record in self.logbook if record.kind == kind)
