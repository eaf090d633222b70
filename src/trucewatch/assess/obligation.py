"""Duties with a deadline, and notices that are to be given ahead.

What is overdue is judged against the newest time of the log. A duty that was reported as done and
that nobody verified is not overdue for sure: it is open until somebody looks.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from trucewatch.agreement.force import window
from trucewatch.agreement.party import Role
from trucewatch.agreement.rule import After
from trucewatch.assess._due import due_of, runs_from
from trucewatch.assess._row import Row, at, force_asked, settled, table, told
from trucewatch.assess._tracks import terms_asked
from trucewatch.assess._verdict import Asked
from trucewatch.errors import NotFound
from trucewatch.records.assessment import Missing, Outcome
from trucewatch.records.instant import instant_text, parse_instant

if TYPE_CHECKING:
    from datetime import datetime

    import polars as pl

    from trucewatch.agreement.agreement import Agreement
    from trucewatch.agreement.provision import Notice
    from trucewatch.agreement.rule import Rule
    from trucewatch.agreement.version import Version
    from trucewatch.assess._known import Known
    from trucewatch.records.canonical import Json
    from trucewatch.records.facts import Facts
    from trucewatch.records.logbook.machine import Record

RULE = "rule"
"""Kind of subject of a duty that the text itself lays on everybody who is bound."""

_HOUR_S = 3_600.0


def check(known: Known, *, rule: Rule, version: Version) -> pl.DataFrame:
    """Return one assessment per duty that was asked for, per notice, and one for a dated rule.

    A duty: 1. Some of its time fell under the rule. 2. Every term is defined. 3. It is still asked
    for. 4. Nobody saw it done. 5. Its time is over, pauses left out. 6. Nobody reported it done,
    or monitors saw that it was not. A dated rule: the same of everybody who is bound.

    A notice: 1. and 2. as above. 3. It was not withdrawn. 4. It came later than the rule asks.
    Acts of which no notice was given are not looked for.

    Args:
        known: What is known.
        rule: A rule of this kind.
        version: The version that it is in.

    Returns:
        `records.table.ASSESSMENT`; `subject_kind` is `duty`, `notification` or `rule`. Never on its
        face.
    """
    facts, rows = known.facts, []
    if rule.notice:
        notice = _notice(version.agreement, rule.notice)
        rows += [
            _noticed(record, notice, facts, rule, version)
            for record in facts.records("notification")
            if record.opening.detail["activity"] == notice.activity
            and (not rule.who or record.opening.detail["party"] in rule.who)
        ]
    duties = [r for r in facts.records("duty") if r.opening.detail["rule"] == rule.id]
    rows += [_duty(record, facts, rule, version) for record in duties]
    if rule.deadline is not None and rule.deadline.after is not After.ASKED:
        dated = _dated(duties, facts, rule, version)
        rows += [] if dated is None else [dated]
    return table(rows, rule=rule, version=version)


def _duty(record: Record, facts: Facts, rule: Rule, version: Version) -> Row:
    start, verified = record.opening.at, record.last("verified")
    cancelled = record.last("cancelled")
    end = at(verified or cancelled)
    due, paused_h = _due(record, facts.as_of, rule, version.agreement)
    asked = [
        force_asked(window(version.agreement), start, end, facts.as_of),
        terms_asked(rule, version),
        Asked(
            text="it is still asked for",
            value=record.state,
            holds=cancelled is None,
            refuted=Outcome.CONSISTENT,
        ),
        Asked(
            text="nobody verified that it is done",
            value={
                "late": verified is not None and due is not None and verified.at > due,
                "verified_at": told(at(verified)),
            },
            holds=verified is None,
            refuted=Outcome.CONSISTENT,
        ),
        _over_asked(due, facts.as_of, paused_h, paused=record.state == "paused"),
        _not_done_asked(record),
    ]
    return Row(record.id, record.kind, start, end, settled(asked, met=Outcome.POTENTIAL_BREACH))


def _due(
    record: Record, as_of: datetime, rule: Rule, agreement: Agreement
) -> tuple[datetime | None, float]:
    """Return when a duty is due, and the hours for which its clock stood still.

    What runs from being asked runs from the later of the time claimed and the log's, so that
    nobody's time is cut short by a date that was typed.
    """
    paused_h = _paused_h(record, as_of)
    opening = record.opening
    due = due_of(rule, agreement)
    if rule.deadline is not None and rule.deadline.after is After.ASKED:
        asked_at = max(opening.at, opening.logged_at)
        due = asked_at + timedelta(hours=rule.deadline.within_h)
    return due and due + timedelta(hours=paused_h), paused_h


def _paused_h(record: Record, as_of: datetime) -> float:
    paused, total_s = None, 0.0
    for step in record.steps:
        if step.act == "paused":
            paused = step.at
        elif paused is not None and step.act in {"resumed", "cancelled", "verified"}:
            total_s += (step.at - paused).total_seconds()
            paused = None
    if paused is not None:
        total_s += max(0.0, (as_of - paused).total_seconds())
    return total_s / _HOUR_S


def _over_asked(
    due: datetime | None, as_of: datetime, paused_h: float, *, paused: bool = False
) -> Asked:
    over = None if due is None else as_of > due
    says = "no date to count from" if over is None else "overdue" if over else "not yet due"
    value: dict[str, Json] = {"due": told(due), "says": says}
    if paused_h or paused:
        value["paused_h"] = round(paused_h, 2)
        value["paused_now"] = paused
    return Asked(
        text=f"its time is over as of {instant_text(as_of)}",
        value=value,
        holds=over,
        refuted=Outcome.CONSISTENT,
        unknown=Missing.TIME,
    )


def _not_done_asked(record: Record) -> Asked:
    """Return whether it is known that it was not done: the newest word of it counts."""
    newest = record.last("reported", "not_done")
    reported = newest is not None and newest.act == "reported"
    return Asked(
        text="nobody reported it as done, or monitors saw that it was not",
        value="no report" if newest is None else "reported, not verified" if reported
        else "monitors saw that it is not done",
        holds=None if reported else True,
        refuted=Outcome.CONSISTENT,  # never: a report alone settles nothing
        unknown=Missing.OBSERVATION,
    )  # fmt: skip


def _dated(duties: list[Record], facts: Facts, rule: Rule, version: Version) -> Row | None:
    """Return what is said of a rule whose date is in the text; None when there is no date."""
    start = runs_from(rule, version.agreement)
    if start is None:
        return None
    due = due_of(rule, version.agreement)
    agreement = version.agreement
    bound = set(rule.who) or {p.id for p in agreement.parties if p.role is Role.PARTY}
    states: dict[str, set[str]] = {"verified": set(), "reported": set()}
    for record in duties:
        newest = record.last("verified", "reported", "not_done")
        if newest is not None and newest.act in states:
            states[newest.act].add(str(record.opening.detail["party"]))
    verified = len(bound & states["verified"])
    reported = len(bound & (states["reported"] - states["verified"]))
    value: Json = {"bound": len(bound), "reported": reported, "verified": verified}
    held = window(agreement)
    asked = [
        force_asked(held, start, None, facts.as_of),
        terms_asked(rule, version),
        Asked(
            text="not everybody who is bound was verified to have done it",
            value=value,
            holds=verified < len(bound),
            refuted=Outcome.CONSISTENT,
        ),
        _over_asked(due, facts.as_of, 0.0),
        Asked(
            text="somebody who is bound neither was verified nor reported it as done",
            value=value,
            holds=True if verified + reported < len(bound) else None,
            refuted=Outcome.CONSISTENT,  # never: a report alone settles nothing
            unknown=Missing.OBSERVATION,
        ),
    ]
    end = held[1] if held is not None and held[1] is not None and held[1] <= facts.as_of else None
    found = settled(asked, met=Outcome.POTENTIAL_BREACH)
    return Row(f"{RULE}-{rule.id}", RULE, start, end, found)


def _notice(agreement: Agreement, wanted: str) -> Notice:
    """Return the notice of that id.

    Raises:
        NotFound: There is none.
    """
    for each in agreement.provisions.notices:
        if each.id == wanted:
            return each
    known = ", ".join(each.id for each in agreement.provisions.notices) or "none"
    raise NotFound(agreement.id, f"notice is {wanted}, must be one of: {known}")


def _noticed(record: Record, notice: Notice, facts: Facts, rule: Rule, version: Version) -> Row:
    opening = record.opening
    start, end = (
        parse_instant(str(opening.detail[name]), where=record.id) for name in ("start", "end")
    )
    claimed_h, logged_h = (
        (start - time).total_seconds() / _HOUR_S for time in (opening.at, opening.logged_at)
    )
    lead_h = round(min(claimed_h, logged_h), 4)
    asked = [
        force_asked(window(version.agreement), start, end, facts.as_of),
        terms_asked(rule, version),
        Asked(
            text="the notice was not withdrawn",
            value=record.state,
            holds=record.state != "withdrawn",
            refuted=Outcome.CONSISTENT,
        ),
        Asked(
            text=f"it came later than {notice.lead_h:g} h ahead; the later of both times decides",
            value={
                "claimed_at": instant_text(opening.at),
                "claimed_h": round(claimed_h, 4),
                "lead_h": lead_h,
                "logged_at": instant_text(opening.logged_at),
                "logged_h": round(logged_h, 4),
            },
            holds=lead_h < notice.lead_h,
            refuted=Outcome.CONSISTENT,
        ),
    ]
    found = settled(asked, met=Outcome.POTENTIAL_BREACH)
    return Row(record.id, record.kind, start, end, found)
