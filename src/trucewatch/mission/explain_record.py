"""`tw explain` and `tw logbook show`: a record of the logbook, act by act, down to the log."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from trucewatch.errors import NotFound
from trucewatch.mission.explain import assessments_of, prove, shown
from trucewatch.mission.logbook import every_record, record_of
from trucewatch.mission.opened import reading
from trucewatch.mission.silence_kept import Broken, broken
from trucewatch.records.instant import instant_text
from trucewatch.records.logbook.standing import span, summary

if TYPE_CHECKING:
    from trucewatch.evidence.log import Log
    from trucewatch.mission.home import Home
    from trucewatch.mission.projection import Projection
    from trucewatch.records.logbook.machine import Record, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class StepShown:
    """One act, down to the log.

    Attributes:
        entry: Index of its entry.
        act: What was done.
        at: When, as claimed.
        logged_at: When the log acknowledged it.
        by: Who entered it, as typed.
        note: In their words.
        objects: SHA-256 of the sealed objects that show it.
        voided_by: Entry of the act that struck it, or None.
        detail: What the act says besides.
        proven: Whether the entry's inclusion in the log was checked just now.
    """

    entry: int
    act: str
    at: str
    logged_at: str
    by: str
    note: str
    objects: tuple[str, ...]
    voided_by: int | None
    detail: dict[str, Any]
    proven: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordExplained:
    """A record and what was made of it.

    Attributes:
        id: Such as `sighting-12`.
        kind: Kind of record, or of another subject of assessments.
        state: Where it stands; "" for a subject that is no record.
        summary: What it says, in one line.
        start: When what it tells of begins; "" for a subject that is no record.
        end: When it ends, or "" while it lasts.
        steps: Its acts, in log order, struck ones too.
        assessments: Each with its trace of conditions, as of the last run.
        broken: Of a window of silence, incidents that a rule flags in it.
        checkpoint_size: Size of the log that the entries were proven against.
        checkpoint_root: Its root, hex.
    """

    id: str
    kind: str
    state: str = ""
    summary: str = ""
    start: str = ""
    end: str = ""
    steps: tuple[StepShown, ...] = ()
    assessments: list[dict[str, Any]] = field(default_factory=list)
    broken: tuple[Broken, ...] = ()
    checkpoint_size: int = 0
    checkpoint_root: str = ""


def explain_record(home: Home, asked: str) -> RecordExplained:
    """Explain a record of the logbook, or another subject that was assessed, by its id.

    Raises:
        NotFound: No record and no assessment has this id.
    """
    with reading(home) as (log, there):
        records = every_record(log, log.size)
        record = record_of(records, asked)
        assessed = assessments_of(there, record.id if record else asked)
        if record is not None:
            return _explained(log, there, record, records, assessed)
        if not assessed:
            problem = "no record of the logbook has this id, expected one such as sighting-12"
            raise NotFound(asked, problem, advice="List them with: tw logbook list HOME")
        return RecordExplained(
            id=asked,
            kind=str(assessed[0]["subject_kind"]),
            assessments=assessed,
            checkpoint_size=log.size,
            checkpoint_root=log.root(log.size).hex(),
        )


def _explained(
    log: Log,
    there: Projection,
    record: Record,
    records: tuple[Record, ...],
    assessed: list[dict[str, Any]],
) -> RecordExplained:
    start, end = span(record)
    return RecordExplained(
        id=record.id,
        kind=record.kind,
        state=record.state,
        summary=shown(summary(record)),
        start=instant_text(start),
        end="" if end is None else instant_text(end),
        steps=tuple(_step(log, record, step) for step in record.entered),
        assessments=assessed,
        broken=broken(log, there.desk, record, records),
        checkpoint_size=log.size,
        checkpoint_root=log.root(log.size).hex(),
    )


def _step(log: Log, record: Record, step: Step) -> StepShown:
    return StepShown(
        entry=step.entry,
        act=step.act,
        at=instant_text(step.at),
        logged_at=instant_text(step.logged_at),
        by=shown(step.by),
        note=shown(step.note),
        objects=step.objects,
        voided_by=record.voided_by(step),
        detail=dict(step.detail),
        proven=prove(log, step.entry),
    )
