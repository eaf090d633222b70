"""What the rules say of incidents, counted as somebody may see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

import polars as pl

from trucewatch.access.policy import What
from trucewatch.errors import NotFound
from trucewatch.records.assessment import Missing, Outcome
from trucewatch.report.counting.rules import NOT_COUNTED, counts_of
from trucewatch.report.counting.table import Row
from trucewatch.serve.marks import outcome_mark
from trucewatch.serve.nav import N_
from trucewatch.serve.pages._told import against

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trucewatch.agreement.rule import Rule
    from trucewatch.serve.ask import Asking
    from trucewatch.serve.marks import Mark
    from trucewatch.serve.pages._told import Against

NEWEST = 6
SAYS = (
    Outcome.BREACH_ON_ITS_FACE,
    Outcome.POTENTIAL_BREACH,
    Outcome.INDETERMINATE,
    Outcome.EXEMPT,
    Outcome.CONSISTENT,
)
"""Outcomes of a rule that speaks of an incident, what a person reads first coming first."""
LACKS = {
    Missing.LOCATION: N_("the place"),
    Missing.TIME: N_("the time"),
    Missing.WEAPON: N_("the act or the weapon"),
    Missing.BASELINE: N_("how it was before"),
    Missing.DEFINITION: N_("what a term means"),
    Missing.ALTITUDE: N_("the altitude"),
    Missing.OBSERVATION: N_("whether anybody looked"),
    Missing.OBJECT_LIST: N_("an answer of the holder of a list"),
}
"""What is not known well enough where a rule cannot tell."""


class Tally(NamedTuple):
    """Incidents of one outcome.

    Attributes:
        mark: Of the outcome.
        incidents: How many.
        in_share: Of all that the rule speaks of.
        units: The same by the counting rule of the text, in words; "" where it has none.
        href: To these incidents.
    """

    mark: Mark
    incidents: int
    in_share: float
    units: str
    href: str


class Lately(NamedTuple):
    """One incident under a rule: its row, the mark, and where its conditions are shown."""

    row: dict[str, Any]
    mark: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """What one rule says.

    Attributes:
        rows: By outcome; those that nothing has are there with 0.
        total: Incidents that the rule speaks of; one may stand under several outcomes.
        several: Whether one does.
        lacks: What is missing where the rule cannot tell, a message, and for how many incidents.
        silent: Incidents of which the rule does not speak.
        href: To all that it speaks of.
        href_silent: To those of which it does not.
        others: Tracks and records of the logbook that were assessed, by kind; the mission's alone.
        newest: The latest incidents.
    """

    rows: tuple[Tally, ...]
    total: int
    several: bool
    lacks: tuple[tuple[str, int], ...]
    silent: int
    href: str
    href_silent: str
    others: tuple[tuple[str, int], ...]
    newest: tuple[Lately, ...]


def outcomes(ask: Asking, rule: Rule) -> Outcomes:
    """Return what a rule says of the incidents that who asks may see."""
    ask.expect(What.ASSESSMENT)
    seen = ask.shown
    own = seen.assessments.filter(pl.col("rule") == rule.id)
    told = own.filter(pl.col("subject_kind") == "incident")
    by = {name: told.filter(pl.col("outcome") == name)["subject"].unique() for name in Outcome}
    speaks = told.filter(pl.col("outcome") != Outcome.NO_RULE)
    total = speaks["subject"].n_unique()
    rows = tuple(
        Tally(
            mark=outcome_mark(name),
            incidents=len(by[name]),
            in_share=len(by[name]) / total if total else 0.0,
            units=_units(ask, rule, by[name]),
            href=_link(rule, outcome=str(name)),
        )
        for name in SAYS
    )
    lacking = told.filter(pl.col("outcome") == Outcome.INDETERMINATE)
    lacks = lacking.group_by("why").agg(pl.col("subject").n_unique().alias("n"))
    others = own.filter(pl.col("subject_kind") != "incident", pl.col("outcome") != Outcome.NO_RULE)
    kinds = others.group_by("subject_kind").agg(pl.col("subject").n_unique().alias("n"))
    return Outcomes(
        rows=rows,
        total=total,
        several=sum(each.incidents for each in rows) > total,
        lacks=tuple(
            (LACKS.get(why, why), n)
            for why, n in lacks.sort("n", "why", descending=[True, False]).iter_rows()
        ),
        silent=len(by[Outcome.NO_RULE].filter(~by[Outcome.NO_RULE].is_in(_listed(speaks)))),
        href=_link(rule),
        href_silent=_link(rule, outcome=str(Outcome.NO_RULE)),
        others=tuple(kinds.sort("subject_kind").iter_rows()),
        newest=tuple(_newest(seen.incidents, speaks)),
    )


def every_rule(ask: Asking) -> dict[str, dict[str, int]]:
    """Return how many incidents have each outcome, by rule, as who asks may see them."""
    ask.expect(What.ASSESSMENT)
    told = ask.shown.assessments.filter(pl.col("subject_kind") == "incident")
    counted = told.group_by("rule", "outcome").agg(pl.col("subject").n_unique().alias("n"))
    found: dict[str, dict[str, int]] = {}
    for rule, outcome, n in counted.sort("rule", "outcome").iter_rows():
        found.setdefault(rule, {})[outcome] = n
    return found


def traced(ask: Asking, rule: Rule) -> tuple[dict[str, Any], list[Against]] | None:
    """Return one incident and the conditions of a rule for it; None where they are not shown.

    It is the one that the address names, else the latest of those that a person should read first.

    Raises:
        NotFound: The rule says nothing of the incident that the address names.
    """
    if not ask.may(What.OBSERVATION):
        return None
    seen, name = ask.shown, ask.value("incident")
    told = seen.assessments.filter(
        pl.col("rule") == rule.id,
        pl.col("subject_kind") == "incident",
        pl.col("outcome") != Outcome.NO_RULE,
    )
    if name:
        told = told.filter(pl.col("subject") == name)
        if not len(told):
            raise NotFound(name, f"is no incident that {rule.id} speaks of")
    if not len(told):
        return None
    order = pl.col("outcome").replace_strict(list(SAYS), list(range(len(SAYS))), default=len(SAYS))
    rows = seen.incidents.join(
        told.select("subject", order.alias("nth")), left_on="id", right_on="subject"
    )
    first = rows.sort("nth", "time", "id", descending=[False, True, False]).row(0, named=True)
    return first, against(ask, told.filter(pl.col("subject") == first["id"]))


def _newest(incidents: pl.DataFrame, told: pl.DataFrame) -> Iterator[Lately]:
    pairs = told.select("subject", "outcome").unique(maintain_order=True)
    rows = incidents.join(pairs, left_on="id", right_on="subject")
    latest = rows.sort("time", "id", "outcome", descending=[True, False, False]).head(NEWEST)
    for row in latest.iter_rows(named=True):
        yield Lately(row, outcome_mark(row["outcome"]))


def _link(rule: Rule, **more: str) -> str:
    return f"/incidents?{urlencode({'rule': rule.id, **more})}"


def _listed(told: pl.DataFrame) -> list[str]:
    return told["subject"].unique().to_list()


def _units(ask: Asking, rule: Rule, subjects: pl.Series) -> str:
    """Return incidents by the counting rule of the text, in words."""
    if rule.counting_rule in {"", "incident"} or not len(subjects):
        return ""
    chosen = ask.shown.incidents.filter(pl.col("id").is_in(subjects.to_list()))
    found = {each.rule: each for each in counts_of(list(_rows(chosen)))}.get(rule.counting_rule)
    say, number = ask.tongue.words.gettext, ask.tongue.number
    if found is None or found.qualifier == NOT_COUNTED or found.low is None:
        return say(N_("not counted"))
    if found.high is None:
        return say(N_("at least %(low)s")) % {"low": number(found.low)}
    if found.low == found.high:
        return number(found.low)
    return say(N_("%(low)s to %(high)s")) % {"low": number(found.low), "high": number(found.high)}


def _rows(incidents: pl.DataFrame) -> Iterator[Row]:
    for each in incidents.sort("time", "id").iter_rows(named=True):
        lat_deg, lon_deg = each["lat_deg"], each["lon_deg"]
        yield Row(
            window="",
            id=each["id"],
            kind=each["class"],
            start=each["time_start"].astimezone(UTC),
            end=each["time_end"].astimezone(UTC),
            place_deg=None if lat_deg is None else (lat_deg, lon_deg),
            count_min=each["count_min"],
            count_max=each["count_max"],
            assessments=(),
            said={},
        )
