"""The logbook in the log: what was entered there, act by act, and the records that it makes.

Each act is one signed statement at level CLEAR, about the agreement in force and, after it, the
objects that show the act; no public export
includes one, since parties' notices are confidential.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.errors import BadInput, EvidenceBroken
from trucewatch.evidence.entry import STATEMENT_PREFIX
from trucewatch.evidence.log import Log
from trucewatch.evidence.statement import LOGBOOK
from trucewatch.mission.configuration import opened_statements
from trucewatch.records.logbook.kinds import MACHINES
from trucewatch.records.logbook.machine import VOIDED
from trucewatch.records.logbook.reading import every, read_step

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from trucewatch.mission.home import Home
    from trucewatch.records.logbook.machine import Record
    from trucewatch.records.logbook.reading import Entered

VERSION = "/v1"
"""Follows the name of a kind of record in the type of its statements."""

SHOWN = "shown"
"""Name of the subjects of a statement that are objects which show the act."""

LOGBOOK_TYPES = frozenset(STATEMENT_PREFIX + kind for kind in LOGBOOK)
"""Types of the entries that hold its acts."""


def entered(log: Log, size: int) -> list[Entered]:
    """Return every act of the logbook in the first `size` entries, in order, each verified.

    Raises:
        EvidenceBroken: A statement is not of the form that its type has, or is not about the
            objects that it names.
    """
    found = []
    for index, statement in opened_statements(log, size, LOGBOOK_TYPES)[1]:
        kind = statement.type.removesuffix(VERSION)
        logged_at = log.entry(index).logged_at
        try:
            act = read_step(kind, statement.predicate, entry=index, logged_at=logged_at)
        except BadInput as error:  # it was readable when it was sealed
            raise EvidenceBroken(error.where, error.problem) from error
        about = tuple(subject.sha256 for subject in statement.subjects[1:])
        if about != act.step.objects:
            where, problem = f"entry {index}", f"is about {len(about)} objects and the agreement"
            raise EvidenceBroken(where, f"{problem}, expected those of `objects`")
        found.append(act)
    return found


def every_record(log: Log, size: int) -> tuple[Record, ...]:
    """Return every record of the first `size` entries, voided ones too, in log order."""
    return tuple(every(entered(log, size)).values())


def logbook(log: Log, size: int) -> tuple[Record, ...]:
    """Return the records that stand after the first `size` entries, in log order."""
    return tuple(record for record in every_record(log, size) if record.state != VOIDED)


def records_at(home: Home, instant: datetime | None) -> tuple[Record, ...]:
    """Return every record as the log has it, or as it had it at `instant`, in log order."""
    home.expect()
    with Log.open(home.path) as log:
        return every_record(log, log.size if instant is None else size_at(log, instant))


def size_at(log: Log, instant: datetime) -> int:
    """Return how many entries the log held at an instant."""
    size = 0
    for index, entry in log.entries(0, log.size):
        if entry.logged_at > instant:
            break
        size = index + 1
    return size


def record_of(records: Sequence[Record], asked: str) -> Record | None:
    """Return the record that a name such as `window-12`, or the number alone, means."""
    kind, _, number = asked.rpartition("-")
    if not number.isascii() or not number.isdigit() or (kind and kind not in MACHINES):
        return None
    found = [r for r in records if r.entry == int(number) and kind in ("", r.kind)]
    return found[0] if found else None
