"""A record of the logbook in one line: since when it stands there, where, and what it says."""

from __future__ import annotations

from string import Formatter
from typing import TYPE_CHECKING

from trucewatch.records.instant import instant_text, parse_instant
from trucewatch.records.logbook.kinds import MACHINES
from trucewatch.records.logbook.machine import VOIDED
from trucewatch.records.logbook.reading import state_after

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from trucewatch.records.canonical import Json
    from trucewatch.records.logbook.machine import Record, Step


def last_change(record: Record) -> Step:
    """Return the step that brought the record into the state in which it stands."""
    states: list[str] = []
    for place, _ in enumerate(record.steps):
        states.append(
            state_after(record.kind, states[-1] if states else "", record.steps[: place + 1])
        )
    changed = [
        step
        for step, before, after in zip(record.steps, ["", *states], states, strict=False)
        if before != after
    ]
    return changed[-1]


def span(record: Record) -> tuple[datetime, datetime | None]:
    """Return when what a record tells of begins and ends; the end is None while it lasts.

    What was planned for a time has that time; anything else runs from the opening act to the one
    after which it was over.
    """
    detail, where = record.opening.detail, record.id
    if "start" in detail:
        start, end = (parse_instant(str(detail[name]), where=where) for name in ("start", "end"))
        return start, end
    over = record.state in (*MACHINES[record.kind].over, VOIDED)
    return record.opening.at, last_change(record).at if over else None


def place(record: Record) -> Mapping[str, Json] | None:
    """Return `lat_deg`, `lon_deg` and `error_m` of a record as last seen, or None without them."""
    for step in reversed(record.steps):
        found = step.detail.get("place")
        if isinstance(found, dict):
            return found
    return None


def summary(record: Record) -> str:
    """Return what the opening act says, in one line.

    Example: `demining_blast by ALPHA, 2026-07-12T08:00Z to 2026-07-12T09:00Z`.
    """
    words = {n: _words(value) for n, value in record.opening.detail.items() if value is not None}
    said = ""
    for part in MACHINES[record.kind].says:
        named = {name for _, name, _, _ in Formatter().parse(part) if name}
        said += part.format_map(words) if named <= set(words) else ""
    return said


def row(record: Record) -> dict[str, object]:
    """Return a record by column: `store.schema.LOGBOOK`, with `detail` and `steps` as JSON.

    The steps are all that were entered; `voided_by` is the entry of the act that struck one.
    """
    start, end = span(record)
    at = place(record) or {}
    return {
        "id": record.id,
        "kind": record.kind,
        "entry": record.entry,
        "state": record.state,
        "opened_at": record.opening.at,
        "state_at": last_change(record).at,
        "time_start": start,
        "time_end": end,
        **{name: _number(at.get(name)) for name in ("lat_deg", "lon_deg", "error_m")},
        "summary": summary(record),
        "detail": dict(record.opening.detail),
        "steps": [_step(step, record.voided_by(step)) for step in record.entered],
    }


def _step(step: Step, voided_by: int | None) -> dict[str, object]:
    return {
        "act": step.act,
        "at": instant_text(step.at),
        "by": step.by,
        "detail": dict(step.detail),
        "entry": step.entry,
        "logged_at": instant_text(step.logged_at),
        "note": step.note,
        "objects": list(step.objects),
        "voided_by": voided_by,
    }


def _number(value: Json) -> float | None:
    return None if value is None else float(str(value))


def _words(value: Json) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_words(each)}" for name, each in value.items())
    if isinstance(value, list):
        return ", ".join(map(_words, value))
    return str(value).replace(":00.000000Z", "Z")
