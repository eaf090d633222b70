"""The numbers of a bulletin, all of them functions of the release table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from trucewatch.records.assessment import Missing, Outcome
from trucewatch.records.happening import HAPPENINGS
from trucewatch.report.bulletin.interval import Tally, change, tally

if TYPE_CHECKING:
    from trucewatch.report.release import Released

INCIDENT_RULE = (
    "Rule incident: one per fused incident, whatever its kind; real is the sum of P(real) with an "
    "equal-tailed 90 % Poisson-binomial interval, incidents taken as independent."
)
INCIDENT_SHORT = "Rule incident, as above; real with its 90 % interval."
OSCE_RULE = (
    "Rule osce_unit: the fewest units that reports speak of, summed over the incidents whose "
    "likeliest kind is a countable one, whether or not each is real. At least means that the upper "
    "bound is unknown, because some of them are open or give no count."
)
OUTCOMES: tuple[tuple[Outcome, str], ...] = (
    (Outcome.BREACH_ON_ITS_FACE, ""),
    (Outcome.POTENTIAL_BREACH, ""),
    *((Outcome.INDETERMINATE, why) for why in Missing),
    (Outcome.INDETERMINATE, ""),
    (Outcome.EXEMPT, ""),
    (Outcome.CONSISTENT, ""),
    (Outcome.NO_RULE, ""),
)
"""Order in which outcomes are listed, with what is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """Units counted by the `osce_unit` rule.

    Attributes:
        unit: Name of the unit, or "all".
        low: Fewest, or None when no incident gives a count.
        high: Most, or None when open.
        counted_n: Incidents of such a kind that give a count.
        uncounted_n: Incidents of such a kind that give none and add nothing.
    """

    unit: str
    low: int | None
    high: int | None
    counted_n: int
    uncounted_n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KindRow:
    """Incidents of one likeliest kind, in the window and in the one before."""

    kind: str
    current: Tally
    previous: Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeRow:
    """Incidents of one outcome against one rule; `why` is what is missing, or ""."""

    rule: str
    outcome: Outcome
    why: str
    tally: Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """All numbers.

    Attributes:
        current: Incidents of the window.
        previous: Incidents of the window before.
        change: Current less previous.
        units: The total, then each unit that occurs in either window; pairs of this window's and
            the previous one's.
        kinds: Kinds that occur in either window, in the order of `HAPPENINGS`.
        outcomes: Per rule in the order given, every outcome of `OUTCOMES` that occurs.
    """

    current: Tally
    previous: Tally
    change: Tally
    units: tuple[tuple[Units, Units], ...]
    kinds: tuple[KindRow, ...]
    outcomes: tuple[OutcomeRow, ...]

    def kind(self, *names: str) -> int:
        """Return how many incidents of the window have one of these likeliest kinds."""
        return sum(row.current.n for row in self.kinds if row.kind in names)


def figures(released: Released) -> Figures:
    """Return the numbers of a released bulletin."""
    current = released.incidents.filter(pl.col("window") == "current")
    previous = released.incidents.filter(pl.col("window") == "previous")
    return Figures(
        current=_tally(current),
        previous=_tally(previous),
        change=change(current["real_p"].to_list(), previous["real_p"].to_list()),
        units=_units(current, previous),
        kinds=_kinds(current, previous),
        outcomes=_outcomes(released.assessments, current),
    )


def _tally(incidents: pl.DataFrame) -> Tally:
    return tally(incidents["real_p"].to_list())


def _units(current: pl.DataFrame, previous: pl.DataFrame) -> tuple[tuple[Units, Units], ...]:
    unit = {kind.name: kind.osce_unit for kind in HAPPENINGS.values() if kind.osce_unit}
    named = pl.col("class").replace_strict(unit, default=None, return_dtype=pl.String)
    now, before = (
        table.with_columns(unit=named).filter(pl.col("unit").is_not_null())
        for table in (current, previous)
    )
    rows = [(_unit("all", now), _unit("all", before))]
    for name in dict.fromkeys(unit.values()):
        pair = tuple(_unit(name, table.filter(pl.col("unit") == name)) for table in (now, before))
        if any(one.counted_n or one.uncounted_n for one in pair):
            rows.append((pair[0], pair[1]))
    return tuple(rows)


def _unit(name: str, incidents: pl.DataFrame) -> Units:
    given = incidents.filter(pl.col("count_min").is_not_null())
    whole = incidents.height > 0 and incidents["count_max"].null_count() == 0
    return Units(
        unit=name,
        low=int(given["count_min"].cast(pl.UInt64).sum()) if given.height else None,
        high=int(incidents["count_max"].cast(pl.UInt64).sum()) if whole else None,
        counted_n=given.height,
        uncounted_n=incidents.height - given.height,
    )


def _kinds(current: pl.DataFrame, previous: pl.DataFrame) -> tuple[KindRow, ...]:
    found = set(current["class"]) | set(previous["class"])
    return tuple(
        KindRow(
            kind=kind,
            current=_tally(current.filter(pl.col("class") == kind)),
            previous=_tally(previous.filter(pl.col("class") == kind)),
        )
        for kind in HAPPENINGS
        if kind in found
    )


def _outcomes(assessments: pl.DataFrame, current: pl.DataFrame) -> tuple[OutcomeRow, ...]:
    real = current.select(incident="id", real_p="real_p")
    said = assessments.unique(  # under two versions, an incident may have the same outcome twice
        ["incident", "rule", "outcome", "why"], keep="first", maintain_order=True
    )
    joined = said.join(real, on="incident", how="inner", maintain_order="left")
    parts = joined.partition_by("rule", "outcome", "why", as_dict=True)
    rank = {f"{outcome}/{why}": place for place, (outcome, why) in enumerate(OUTCOMES)}
    rows = [
        OutcomeRow(
            rule=str(rule), outcome=Outcome(str(outcome)), why=str(why or ""), tally=_tally(part)
        )
        for (rule, outcome, why), part in parts.items()
    ]
    return tuple(
        sorted(rows, key=lambda row: (row.rule, rank.get(f"{row.outcome}/{row.why}", 99), row.why))
    )
