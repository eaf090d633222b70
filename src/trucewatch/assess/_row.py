"""One row of the table of assessments at a time, for subjects that are few."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from trucewatch.assess._force import in_words
from trucewatch.assess._verdict import Asked, verdict
from trucewatch.records.assessment import Outcome
from trucewatch.records.instant import instant_text
from trucewatch.records.table import ASSESSMENT

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from trucewatch.agreement.rule import Rule
    from trucewatch.agreement.version import Version
    from trucewatch.assess._verdict import Verdict
    from trucewatch.records.logbook.machine import Step

    Window = tuple[datetime, datetime | None] | None


class Row(NamedTuple):
    """What is said of one subject.

    Attributes:
        subject: Its id.
        kind: Kind of subject.
        start: When it happened or began to stand, aware.
        end: When it ended; None while it lasts.
        verdict: What follows.
        inside_p: P(where the rule forbids), or None when no place is asked for.
        measured_from: Id of the line that it is measured from, or "".
    """

    subject: str
    kind: str
    start: datetime
    end: datetime | None
    verdict: Verdict
    inside_p: float | None = None
    measured_from: str = ""


def table(rows: Iterable[Row], *, rule: Rule, version: Version) -> pl.DataFrame:
    """Return rows as `records.table.ASSESSMENT`, in their order."""
    found = [
        {
            "subject": row.subject,
            "subject_kind": row.kind,
            "rule": rule.id,
            "agreement": version.object,
            "agreement_version": version.agreement.version,
            "measured_from": row.measured_from,
            "time_start": row.start,
            "time_end": row.end,
            "outcome": str(row.verdict.outcome),
            "why": row.verdict.why,
            "inside_p": row.inside_p,
            "trace": row.verdict.trace,
        }
        for row in rows
    ]
    return pl.DataFrame(found, schema=ASSESSMENT)


def settled(asked: Sequence[Asked], *, met: Outcome, exemption: str = "") -> Verdict:
    """Return the verdict; `why` is the id of the exemption for a subject that is exempt."""
    found = verdict(asked, met=met)
    return replace(found, why=exemption) if found.outcome is Outcome.EXEMPT else found


def overlap(held: Window, start: datetime, end: datetime) -> bool:
    """Return whether some of an interval, both ends included, lies in a window."""
    if held is None:
        return False
    since, until = held
    return end >= since and (until is None or start < until)


def told(instant: datetime | None) -> str | None:
    """Return an instant as text, or None."""
    return None if instant is None else instant_text(instant)


def at(step: Step | None) -> datetime | None:
    """Return when a step was done, or None."""
    return None if step is None else step.at


def force_asked(held: Window, start: datetime, end: datetime | None, as_of: datetime) -> Asked:
    """Return whether the rule was in force at some time of what lasts; that part counts.

    Args:
        held: When the rule was in force; see `agreement.force.window`.
        start: When it began.
        end: When it ended, or None while it lasts.
        as_of: The newest time that is known of.
    """
    return Asked(
        text=f"some of its time fell under the rule ({in_words(held)}); that part counts",
        value={"from": instant_text(start), "until": told(end)},
        holds=overlap(held, start, max(start, as_of) if end is None else end),
        refuted=Outcome.NO_RULE,
    )
