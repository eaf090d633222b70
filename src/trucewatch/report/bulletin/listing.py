"""The table of incidents: the first thirty, and where the others are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import polars as pl

from trucewatch.records.assessment import Outcome
from trucewatch.records.happening import HAPPENINGS
from trucewatch.report.bulletin.content import Cell, Paragraph, Section, Table, Voice
from trucewatch.report.bulletin.mark import STATUS
from trucewatch.report.bulletin.share import received, silence
from trucewatch.report.bulletin.wording import (
    coordinates_text,
    count_text,
    near_text,
    p_text,
    plural,
)

if TYPE_CHECKING:
    from datetime import datetime

    from trucewatch.report.bulletin.draft import Draft

SHOWN = 30
OUTCOME_WORDS = {
    Outcome.BREACH_ON_ITS_FACE: "breach on its face",
    Outcome.POTENTIAL_BREACH: "potential breach",
    Outcome.INDETERMINATE: "indeterminate",
    Outcome.EXEMPT: "exempt",
    Outcome.CONSISTENT: "consistent",
    Outcome.NO_RULE: "no rule",
}
OUTCOME_MARKS = {
    Outcome.BREACH_ON_ITS_FACE: "i-face",
    Outcome.POTENTIAL_BREACH: "i-potential",
    Outcome.INDETERMINATE: "i-ind",
    Outcome.EXEMPT: "i-exempt",
    Outcome.CONSISTENT: "i-consistent",
    Outcome.NO_RULE: "i-norule",
}
_RANK = {str(outcome): place for place, outcome in enumerate(OUTCOME_WORDS)}
_HEAD = ("Time", "Place", "What, likeliest", "Number", "P(real)", "Reports", "Status", "Rule")


def listing(draft: Draft) -> Section:
    """Return the incidents of the window, those that matter most first."""
    current = draft.released.incidents.filter(pl.col("window") == "current")
    if not current.height:
        words = f"None reported in this window. {silence(draft)}"
        return Section(id="incidents", title="Incidents", blocks=(Paragraph(text=words),))
    first = _ordered(current, draft.released.assessments).head(SHOWN)
    told = _told(draft.released.assessments.filter(pl.col("incident").is_in(first["id"].implode())))
    more = current.height - first.height
    rest = (
        f"{plural(more, 'more incident')} of this window: see the release table, a line each."
        if more
        else "This is every incident of the window; the release table has the same rows."
    )
    table = Table(
        caption=(
            f"{'First ' if more else ''}{plural(first.height, 'incident')}, by outcome, then "
            "P(real), then time. From and to, or within, give a 95 % interval; the place error is "
            "the long half-axis of a 95 % region. Reports: distinct ones, then how many of them "
            f"are independent of each other. {received(draft)}"
        ),
        head=_HEAD,
        rows=tuple(_row(row, told, draft) for row in first.to_dicts()),
        numeric=frozenset({3, 4}),
        stacked=((0, 6, 7), (1,), (2,), (3, 4, 5)),
    )
    return Section(
        id="incidents",
        title="Incidents",
        blocks=(table, Paragraph(text=rest, voice=Voice.NOTE)),
    )


def _ordered(current: pl.DataFrame, assessments: pl.DataFrame) -> pl.DataFrame:
    gravest = assessments.group_by("incident").agg(
        rank=pl.col("outcome").replace_strict(_RANK, return_dtype=pl.Int32).min()
    )
    return (
        current.join(gravest, left_on="id", right_on="incident", how="left")
        .with_columns(rank=pl.col("rank").fill_null(len(_RANK)), sure_p=pl.col("real_p").round(3))
        .sort("rank", "sure_p", "time", "id", descending=[False, True, False, False])
    )


def _told(assessments: pl.DataFrame) -> dict[str, list[tuple[str, Outcome, str]]]:
    told: dict[str, list[tuple[str, Outcome, str]]] = {}
    for incident, rule, outcome, why in assessments.select(
        "incident", "rule", "outcome", "why"
    ).iter_rows():
        told.setdefault(incident, []).append((rule, Outcome(outcome), why or ""))
    return told


def _row(
    row: dict[str, object], told: dict[str, list[tuple[str, Outcome, str]]], draft: Draft
) -> tuple[Cell, ...]:
    incident, state, kind = str(row["id"]), str(row["state"]), str(row["class"])
    instants: list[datetime] = [row[name] for name in ("time", "time_start", "time_end")]  # type: ignore[misc]
    time, spread = draft.clock.spread(*instants)
    shares = json.loads(str(row["class_p"]))
    independent = row["independent"]
    return (
        Cell(text=time, under=spread),
        _place(row, draft),
        Cell(
            text=f"{HAPPENINGS[kind].text}, {p_text(shares.get(kind, 0.0))}",
            under=incident,
            code=True,
        ),
        Cell(text=count_text(row["count_min"], row["count_max"], row["count_qualifier"])),  # type: ignore[arg-type]
        Cell(text=p_text(float(row["real_p"]))),  # type: ignore[arg-type]
        Cell(
            text=plural(int(str(row["members"])), "report"),
            under="independence not known"
            if independent is None
            else f"{independent:,} independent",
        ),
        Cell(text=_state(state), mark=f"i-{STATUS.get(state, 'un')}"),
        _outcome(told.get(incident, [])),
    )


def _state(state: str) -> str:
    return "unconfirmed" if state == "open" else state.replace("_", " ")


def _place(row: dict[str, object], draft: Draft) -> Cell:
    if row["lat_deg"] is None or row["lon_deg"] is None:
        return Cell(text="no place given")
    lat_deg, lon_deg = float(row["lat_deg"]), float(row["lon_deg"])  # type: ignore[arg-type]
    error = row["error_km"]
    spread = "error not known" if error is None else f"error {error} km"
    where = coordinates_text(lat_deg, lon_deg)
    name = near_text(lat_deg, lon_deg, draft.material.places)
    return Cell(text=name, under=f"{where}, {spread}") if name else Cell(text=where, under=spread)


def _outcome(told: list[tuple[str, Outcome, str]]) -> Cell:
    if not told:
        return Cell(text="not assessed", mark="i-norule")
    rule, outcome, why = min(told, key=lambda one: (_RANK[one[1]], one[0]))
    text = f"{rule}: {OUTCOME_WORDS[outcome]}" + (f" ({why})" if why else "")
    others = len(told) - 1
    under = f"and {plural(others, 'more rule')}" if others else ""
    return Cell(text=text, under=under, mark=OUTCOME_MARKS[outcome])
