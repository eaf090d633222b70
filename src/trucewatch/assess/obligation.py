"""Duties with a deadline, and notices that are to be given ahead.

What is overdue is judged against the newest time of the log. A duty that was reported as done and
that nobody verified is not overdue for sure: it is open until somebody looks. Nor is one that is
late by some times only, those claimed or those of the log.
Nothing that is entered later settles it, neither way: a duty that was cancelled or seen done only
after its time was over is late all the same, a notice that was withdrawn after what it tells of had
begun is judged as if it stood, and what was struck by then counts for nothing while what was struck
later leaves it open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.agreement.force import window
from trucewatch.agreement.rule import After
from trucewatch.assess._dated import dated
from trucewatch.assess._due import all_times, known
from trucewatch.assess._early import both_times, ever, struck_at
from trucewatch.assess._owed import any_holds, late, over_asked, owed, struck_by
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

_HOUR_S = 3_600.0


def check(known: Known, *, rule: Rule, version: Version) -> pl.DataFrame:
    """Return one assessment per duty that was asked for, per notice, and one for a dated rule.

    A duty: 1. Some of its time fell under the rule. 2. Every term is defined. 3. It was not
    cancelled before its time was over. 4. Nobody saw it done by then. 5. Its time is over, pauses
    left out. 6. Nobody reported it done, or monitors saw that it was not. A dated rule: the same of
    everybody who is bound, each with the clock of their own duty.

    A notice: 1. and 2. as above. 3. It was not withdrawn before its activity began. 4. It came
    later than the rule asks; one that only the log had later is `indeterminate(time)`.
    Acts of which no notice was given are not looked for.

    Either: last, that it was not struck from the logbook as a whole, asked only where it was, after
    its time was over or its activity had begun; one that was struck before has no row.

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
            for record in facts.ever("notification")
            if not struck_by(record, _instant(record, "start"))
            and record.opening.detail["activity"] == notice.activity
            and record.opening.detail["notice"] in (None, notice.id)
            and (not rule.who or record.opening.detail["party"] in rule.who)
        ]
    duties = [r for r in facts.ever("duty") if r.opening.detail["rule"] == rule.id]
    rows += [row for record in duties if (row := _duty(record, facts, rule, version))]
    if rule.deadline is not None and rule.deadline.after is not After.ASKED:
        row = dated(duties, facts, rule, version)
        rows += [] if row is None else [row]
    return table(rows, rule=rule, version=version)


def _struck_asked(record: Record, what: str) -> list[Asked]:
    """Return the condition that a record was not struck as a whole; nothing where it was not."""
    struck = struck_at(record, record.opening)
    return [] if struck is None else [
        Asked(
            text=f"it was not struck from the logbook after {what}",
            value={"struck_at": instant_text(struck)},
            holds=None,
            refuted=Outcome.CONSISTENT,  # never: to strike it settles nothing
            unknown=Missing.TIME,
        )
    ]  # fmt: skip


def _duty(record: Record, facts: Facts, rule: Rule, version: Version) -> Row | None:
    """Return what is said of a duty; None when it was struck before its time was over."""
    struck = struck_at(record, record.opening)
    as_of = struck or facts.as_of
    found = owed(record, as_of, rule, version.agreement)
    if struck is not None and (found.over is False or found.due.least is None):
        return None
    verified, cancelled = record.last("verified"), record.last("cancelled")
    start, last = record.opening.at, verified or cancelled
    surely = None if last is None else max(last.at, last.logged_at)
    done: dict[str, Json] = {
        "late": late(record, verified, rule, version.agreement),
        "logged_at": None if verified is None else instant_text(verified.logged_at),
        "verified_at": told(at(verified)),
    }
    still: dict[str, Json] = {"state": record.state}
    if cancelled is not None:
        still |= both_times(cancelled) | {
            "late": late(record, cancelled, rule, version.agreement),
            "party": cancelled.detail.get("party"),
        }
    asked = [
        force_asked(window(version.agreement), start, surely, as_of),
        terms_asked(rule, version),
        _unless("it was not cancelled before its time was over", still, answer=found.released),
        _unless("nobody verified that it was done by then", done, answer=found.done),
        over_asked(found, as_of),
        Asked(
            text="nobody reported it as done, or monitors saw that it was not",
            value=found.report,
            holds=found.silent,
            refuted=Outcome.CONSISTENT,  # never: a report alone settles nothing
            unknown=Missing.OBSERVATION,
        ),
        *_struck_asked(record, "its time was over"),
    ]
    verdict = settled(asked, met=Outcome.POTENTIAL_BREACH)
    return Row(record.id, record.kind, start, at(last), verdict)


def _unless(text: str, value: Json, *, answer: bool | None) -> Asked:
    """Return a condition that holds unless something is so that settles that all is well."""
    return Asked(
        text=text,
        value=value,
        holds=None if answer is None else not answer,
        refuted=Outcome.CONSISTENT,
        unknown=Missing.TIME,
    )


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
    start, end = (_instant(record, name) for name in ("start", "end"))
    claimed_h, logged_h = (
        (start - time).total_seconds() / _HOUR_S for time in (opening.at, opening.logged_at)
    )
    lead_h = round(min(claimed_h, logged_h), 4)
    asked = [
        force_asked(window(version.agreement), start, end, facts.as_of),
        terms_asked(rule, version),
        _withdrawn_asked(record, start),
        Asked(
            text=f"it came later than {notice.lead_h:g} h ahead, by the time claimed and the log's",
            value={
                "claimed_at": instant_text(opening.at),
                "claimed_h": round(claimed_h, 4),
                "lead_h": lead_h,
                "logged_at": instant_text(opening.logged_at),
                "logged_h": round(logged_h, 4),
            },
            holds=None if lead_h < notice.lead_h <= claimed_h else lead_h < notice.lead_h,
            refuted=Outcome.CONSISTENT,
            unknown=Missing.TIME,
        ),
        *_struck_asked(record, "its activity had begun"),
    ]
    found = settled(asked, met=Outcome.POTENTIAL_BREACH)
    return Row(record.id, record.kind, start, end, found)


def _withdrawn_asked(record: Record, start: datetime) -> Asked:
    """Return whether a notice stood when its activity began; later it cannot be taken back."""
    steps = ever(record, "withdrawn")
    by = {known(record, step, start) for step in steps}
    value: dict[str, Json] = {"state": record.state}
    if steps:
        value["acts"] = [{"act": step.act, **all_times(record, step)} for step in steps]
    return _unless(
        "the notice was not withdrawn before its activity began",
        value,
        answer=any_holds(by),
    )


def _instant(record: Record, name: str) -> datetime:
    return parse_instant(str(record.opening.detail[name]), where=record.id)
