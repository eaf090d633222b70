"""What an agreement is applied to: everything that is known up to an instant, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trucewatch.records.logbook.machine import VOIDED
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
        logbook: Records, in log order; those that were struck as a whole are among them.
    """

    as_of: datetime
    incidents: pl.DataFrame = field(default_factory=lambda: empty(INCIDENT))
    tracks: pl.DataFrame = field(default_factory=lambda: empty(TRACK))
    logbook: tuple[Record, ...] = ()

    def records(self, kind: str) -> tuple[Record, ...]:
        """Return the records of one kind that stand, in log order."""
        return tuple(record for record in self.ever(kind) if record.state != VOIDED)

    def ever(self, kind: str) -> tuple[Record, ...]:
        """Return the records of one kind, those that were struck as a whole too, in log order.

        For what an act was judged by when it happened: to strike a record later settles nothing.
        """
        return tuple(record for record in self.logbook if record.kind == kind)
