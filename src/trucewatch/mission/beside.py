"""A run in a process of its own, beside a writer who goes on sealing what comes.

The writer holds the lock and alone appends to the log. It leaves archive and desk to the run until
that ends, and then appends the statement that the run drafted. What was sealed meanwhile is above
the prefix that the run saw, and is for the next one.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from trucewatch.evidence.log import Log
from trucewatch.evidence.sequencer import Appended
from trucewatch.mission.clock import SimulatedClock
from trucewatch.mission.configuration import in_force
from trucewatch.mission.home import Home
from trucewatch.mission.opened import Writer, keys_of
from trucewatch.mission.projection import Projection
from trucewatch.mission.run import run_with
from trucewatch.records.canonical import sha256_hex

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from typing import Self

    from trucewatch.evidence.sequencer import NewObject


GIVES_WAY = 10
"""Niceness of a run beside: it takes the processor time that those who send and read leave."""


class _Prefix(Log):
    """A log that is read up to a size, as if it ended there; what is appended is only kept."""

    ends: int | None = None
    drafted: tuple[NewObject, ...] = ()

    @classmethod
    def of(cls, home: Home, size: int) -> Self:
        found = cls.open(home.path)
        found.ends = size
        return found

    @property
    def size(self) -> int:  # type: ignore[explicit-override]
        """Number of entries of the prefix."""
        return super().size if self.ends is None else self.ends

    def append(self, items: Sequence[NewObject], *, now: datetime) -> list[Appended]:  # type: ignore[explicit-override]
        """Keep what the writer is to append; `now` is for the writer to say."""
        del now
        self.drafted += tuple(items)
        return [
            Appended(index=self.size + place, object=sha256_hex(item.data), new=True)
            for place, item in enumerate(items)
        ]


def drafted(path: str, size: int, now: datetime) -> tuple[NewObject, ...]:
    """Bring incidents and assessments up to the first `size` entries.

    Args:
        path: The mission's folder; the caller's process holds its lock.
        size: Length of the log, which may grow meanwhile.
        now: The time.

    Returns:
        What the writer is to append: the statement of what was computed, or nothing.
    """
    home = Home(Path(path))
    keys = keys_of(home)
    with (
        _Prefix.of(home, size) as log,
        Projection.at(home.archive, home.desk, write=True) as projection,
    ):
        writer = Writer(
            home=home,
            log=log,
            keys=keys,
            projection=projection,
            using=in_force(log, size),
            clock=SimulatedClock(now),
        )
        run_with(writer)
        return log.drafted


def drafting() -> Callable[[str, int, datetime], tuple[NewObject, ...]]:
    """Return `drafted`, for a process of its own."""
    return drafted
