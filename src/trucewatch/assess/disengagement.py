"""Steps that follow upon days of silence: the count of days, the execution, and what follows it.

Silence is what was reported: whether anybody could have heard is not looked at. The row of a
sequence says how far it has come. Once its time for the execution is over, what is in the zone and
may not be there gets rows of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

from trucewatch.agreement.force import window
from trucewatch.agreement.party import Role
from trucewatch.assess._act import act_share_p
from trucewatch.assess._place import points_inside_p
from trucewatch.assess._row import Row, force_asked, overlap, settled, table, told
from trucewatch.assess._sighted import (
    inside_asked,
    meant_asked,
    places,
    points,
    sightings,
)
from trucewatch.assess._steps import Breach, Course, course
from trucewatch.assess._tracks import terms_asked
from trucewatch.assess._verdict import Asked
from trucewatch.errors import NotFound
from trucewatch.records.assessment import Missing, Outcome
from trucewatch.records.instant import instant_text

if TYPE_CHECKING:
    from datetime import datetime

    from trucewatch.agreement.agreement import Agreement
    from trucewatch.agreement.provision import Sequence
    from trucewatch.agreement.rule import Rule
    from trucewatch.agreement.version import Version
    from trucewatch.agreement.zone import Zone
    from trucewatch.assess._known import Known
    from trucewatch.assess._sighted import Sighted
    from trucewatch.records.canonical import Json

SEQUENCE = "sequence"
"""Kind of subject of the sequence itself."""

REPORTED = "silence is what was reported: coverage is not looked at"
"""What every count of days carries."""


def check(known: Known, *, rule: Rule, version: Version) -> pl.DataFrame:
    """Return one assessment of the sequence, and one per happening or sighting that comes after it.

    The sequence: 1. Some of its time fell under the rule. 2. Every term is defined. 3. Its time is
    over: the silence came and the days of the execution passed, or the days of the whole did.
    4. It was not carried out: something was seen to stand there afterwards, or a duty under the
    rule says so. Without either it is open.

    What comes after: 1. The time of the execution was over. 2. P(inside the zone). 3. Every term is
    defined. 4. It is what the rule speaks of. Never on its face.

    Args:
        known: What is known.
        rule: A rule of this kind.
        version: The version that it is in.

    Returns:
        `records.table.ASSESSMENT`; `subject_kind` is `sequence`, `incident` or `sighting`.

    Raises `NotFound` for a sequence that the agreement has not.
    """
    sequence = _sequence(version.agreement, rule.sequence)
    zone = version.agreement.zone(sequence.zone)
    held = window(version.agreement, zone)
    if held is None:
        return table([], rule=rule, version=version)
    breaches = _breaches(known, rule, version, zone)
    case = _Case(
        known=known,
        rule=rule,
        version=version,
        sequence=sequence,
        zone=zone,
        held=held,
        sure=course(sequence, held[0], [each for each in breaches if each.sure]),
        may_be=course(sequence, held[0], breaches),
    )
    stand = _sighted(case)
    happened = [_happened(case, each) for each in breaches if _follows(case, each)]
    return table([_sequenced(case, stand), *happened, *stand], rule=rule, version=version)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """A sequence under one version, and how far it has come.

    Attributes:
        known: What is known.
        rule: The rule.
        version: The version that it is in.
        sequence: The sequence.
        zone: Its zone.
        held: When the agreement is in force and the zone in it valid.
        sure: Its course by the incidents that surely break the silence.
        may_be: Its course by all that may.
    """

    known: Known
    rule: Rule
    version: Version
    sequence: Sequence
    zone: Zone
    held: tuple[datetime, datetime | None]
    sure: Course
    may_be: Course

    @property
    def until(self) -> datetime:
        """Up to when it is judged."""
        as_of, end = self.known.facts.as_of, self.held[1]
        return as_of if end is None else min(as_of, end)

    @property
    def over(self) -> bool | None:
        """Whether the time of the execution is over; None when that hangs on what may be."""
        ends = {_past(course.end, course, self.until) for course in (self.sure, self.may_be)}
        return ends.pop() if len(ends) == 1 else None

    @property
    def total_end(self) -> datetime | None:
        """When the days of the whole are over; None when no text bounds them."""
        days = self.sequence.total_max_days
        return None if days is None else self.held[0] + timedelta(days=days)


def _past(end: datetime | None, course: Course, instant: datetime) -> bool | None:
    """Return whether an instant lies after the execution; None when no text bounds that."""
    if instant < course.reached:
        return False
    return None if end is None else instant >= end


def _sequence(agreement: Agreement, wanted: str) -> Sequence:
    """Return the sequence of that id.

    Raises:
        NotFound: There is none.
    """
    for each in agreement.provisions.sequences:
        if each.id == wanted:
            return each
    known = ", ".join(each.id for each in agreement.provisions.sequences) or "none"
    raise NotFound(agreement.id, f"sequence is {wanted}, must be one of: {known}")


def _breaches(known: Known, rule: Rule, version: Version, zone: Zone) -> list[Breach]:
    """Return incidents that break the silence of the zone, or may; by time."""
    limits = rule.thresholds
    held = window(version.agreement, zone)
    table_ = known.facts.incidents.select(
        "id",
        "time_start",
        "time_end",
        "real_p",
        known.incident_inside_p(version, zone).alias("inside_p"),
        *act_share_p(known.shares, rule.acts),
    ).filter(
        pl.col("inside_p") > limits.outside_p_max,
        pl.col("other_p") <= limits.act_p_on_its_face,
        pl.col("real_p") >= limits.act_p_potential,
    )
    found = []
    for row in table_.sort("time_end", "id").iter_rows(named=True):
        if not overlap(held, row["time_start"], row["time_end"]):
            continue
        inside = row["inside_p"] >= limits.inside_p_min
        sure = inside and row["act_p"] >= limits.act_p_potential
        found.append(
            Breach(
                row["id"],
                row["time_start"],
                row["time_end"],
                row["inside_p"],
                row["act_p"],
                row["other_p"],
                sure,
            )
        )
    return found


def _sequenced(case: _Case, stand: list[Row]) -> Row:
    """Return what is said of the sequence itself."""
    facts, since = case.known.facts, case.held[0]
    asked = [
        force_asked(case.held, since, None, facts.as_of),
        terms_asked(case.rule, case.version),
        _time_asked(case),
        _undone_asked(case, stand),
    ]
    end = case.held[1] if case.until == case.held[1] else None
    found = settled(asked, met=Outcome.POTENTIAL_BREACH)
    return Row(f"{SEQUENCE}-{case.sequence.id}", SEQUENCE, since, end, found)


def _time_asked(case: _Case) -> Asked:
    """Return whether the time of the sequence is over, with how far it has come."""
    sequence, sure, may_be = case.sequence, case.sure, case.may_be
    total_end = case.total_end
    overdue = total_end is not None and case.until >= total_end
    value: dict[str, Json] = {
        "counted_from": instant_text(sure.counted_from),
        "execution_from": instant_text(sure.reached),
        "execution_until": told(sure.end),
        "reciprocal": sequence.reciprocal,
        "restarted_by": [*sure.restarts],
        "restarts": len(sure.restarts),
        "says": REPORTED,
        "silence_days": sure.silent_days(case.until),
        "silence_days_if_all_possible_count": may_be.silent_days(case.until),
        "silence_days_needed": sequence.silence_days,
        "synchronous": sequence.synchronous,
        "total_overdue": overdue,
        "total_until": told(total_end),
    }
    return Asked(
        text="the time for the execution, or for the whole, is over",
        value=value,
        holds=True if overdue else case.over,
        refuted=Outcome.CONSISTENT,
        unknown=Missing.TIME if sure == may_be else Missing.LOCATION,
    )


def _undone_asked(case: _Case, stand: list[Row]) -> Asked:
    """Return whether it is known that the sequence was not carried out."""
    rule, agreement = case.rule, case.version.agreement
    duties = [r for r in case.known.facts.records("duty") if r.opening.detail["rule"] == rule.id]
    newest = [(r.opening.detail["party"], r.last("verified", "not_done")) for r in duties]
    verified = {party for party, step in newest if step is not None and step.act == "verified"}
    undone = [step for _, step in newest if step is not None and step.act == "not_done"]
    bound = set(rule.who) or {p.id for p in agreement.parties if p.role is Role.PARTY}
    standing = [r.subject for r in stand if r.verdict.outcome is Outcome.POTENTIAL_BREACH]
    never = case.until < case.sure.reached
    holds: bool | None = None
    if standing or undone or never:
        holds = True
    elif bound <= verified:
        holds = False
    return Asked(
        text="it was not carried out: something stands there, or monitors say so, or silence never "
        "came",
        value={
            "bound": len(bound),
            "seen_not_done": len(undone),
            "silence_never_came": never,
            "stands": [*standing],
            "verified": len(bound & verified),
        },
        holds=holds,
        refuted=Outcome.CONSISTENT,
        unknown=Missing.OBSERVATION,
    )


def _follows(case: _Case, breach: Breach) -> bool:
    """Return whether an incident may have come when the execution was over."""
    return _after(case, breach) is not False


def _after(case: _Case, breach: Breach) -> bool | None:
    answers = {
        _past(course.end, course, instant)
        for course in (case.sure, case.may_be)
        for instant in (breach.start, breach.end)
    }
    return answers.pop() if len(answers) == 1 else None


def _after_asked(case: _Case, *, holds: bool | None) -> Asked:
    ends = [told(course.end) for course in (case.sure, case.may_be)]
    return Asked(
        text=f"it came when the time for the execution of {case.sequence.id} was over",
        value={"over_from": ends[0], "over_from_if_all_possible_count": ends[1]},
        holds=holds,
        refuted=Outcome.CONSISTENT,
        unknown=Missing.TIME if case.sure == case.may_be else Missing.LOCATION,
    )


def _happened(case: _Case, breach: Breach) -> Row:
    """Return what is said of an incident that came afterwards."""
    rule = case.rule
    potential_p = rule.thresholds.act_p_potential
    asked = [
        _after_asked(case, holds=_after(case, breach)),
        inside_asked(rule, case.zone, [breach.inside_p]),
        terms_asked(rule, case.version),
        Asked(
            text=f"P(act of the rule) is at least {potential_p:g}",
            value=breach.act_p,
            holds=True if breach.act_p >= potential_p else None,
            refuted=Outcome.CONSISTENT,  # never: what is surely another act is not asked
            unknown=Missing.WEAPON,
        ),
    ]
    return Row(
        subject=breach.id,
        kind="incident",
        start=breach.start,
        end=breach.end,
        verdict=settled(asked, met=Outcome.POTENTIAL_BREACH),
        inside_p=None if case.zone.restricted else breach.inside_p,
    )


def _sighted(case: _Case) -> list[Row]:
    """Return what is said of what stood in the zone, or may have, when the execution was over."""
    found = []
    for seen in sightings(case.known.facts, case.rule.matters):
        stood = _stood(case, seen)
        end = case.sure.end or case.sure.reached
        at = places(seen.looks((end, case.held[1])))
        chances_p = points_inside_p(points(at), case.version, case.zone).to_list()
        if stood is False or max(chances_p) <= case.rule.thresholds.outside_p_max:
            continue
        asked = [
            _after_asked(case, holds=stood),
            inside_asked(case.rule, case.zone, chances_p),
            terms_asked(case.rule, case.version),
            *meant_asked(seen, case.rule),
        ]
        found.append(
            Row(
                subject=seen.id,
                kind="sighting",
                start=seen.start,
                end=seen.end,
                verdict=settled(asked, met=Outcome.POTENTIAL_BREACH),
                inside_p=None if case.zone.restricted else max(chances_p),
            )
        )
    return found


def _stood(case: _Case, seen: Sighted) -> bool | None:
    """Return whether something stood when the execution was over."""
    until, as_of = case.held[1], case.known.facts.as_of
    answers = set()
    for each in (case.sure, case.may_be):
        since = each.reached if each.end is None else each.end
        ended = until is not None and until <= since
        stood = False if ended else seen.stood((since, until), as_of)
        answers.add(None if stood and each.end is None else stood)
    return answers.pop() if len(answers) == 1 else None
