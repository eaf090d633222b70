"""The filter: one object for address, API, export and saved search, the same words in each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl

from trucewatch.errors import BadInput
from trucewatch.records.assessment import Outcome
from trucewatch.records.happening import HAPPENINGS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_CORNERS = 4
SORTS = {
    "time": "time",
    "real": "real_p",
    "reports": "members",
    "kind": "class",
}
"""What lists can be sorted by, and the column that holds it; a `-` in front turns it round."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What somebody looks for; "" and None ask for nothing.

    Attributes:
        start: Happened at this instant or later.
        end: Happened before this instant.
        kind: Likeliest kind of happening.
        outcome: Some rule has this outcome for it.
        rule: The outcome is of this rule; alone: the rule says anything but `no_rule`.
        real_p: P(real) is at least this.
        box_deg: Lies within west, south, east, north.
        sort: One of `SORTS`, with a `-` for the other way round.
    """

    start: datetime | None = None
    end: datetime | None = None
    kind: str = ""
    outcome: str = ""
    rule: str = ""
    real_p: float | None = None
    box_deg: tuple[float, float, float, float] | None = None
    sort: str = "-time"

    def words(self) -> dict[str, str]:
        """Return it as the words of an address, without what asks for nothing."""
        said = {
            "from": _instant_words(self.start),
            "to": _instant_words(self.end),
            "kind": self.kind,
            "outcome": self.outcome,
            "rule": self.rule,
            "real": "" if self.real_p is None else f"{self.real_p:g}",
            "box": ",".join(f"{edge:.5f}" for edge in self.box_deg or ()),
            "sort": "" if self.sort == "-time" else self.sort,
        }
        return {name: value for name, value in said.items() if value}

    def of(self, incidents: pl.DataFrame, assessments: pl.DataFrame) -> pl.DataFrame:
        """Return the incidents that it leaves, sorted.

        Args:
            incidents: As somebody sees them (`mission.shown`).
            assessments: Likewise.
        """
        table = incidents.filter(self._plain()) if self._conditions() else incidents
        if self.outcome or self.rule:
            said = pl.col("subject_kind") == "incident"
            if self.outcome:
                said &= pl.col("outcome") == self.outcome
            if self.rule:
                said &= pl.col("rule") == self.rule
            if not self.outcome:
                said &= pl.col("outcome") != Outcome.NO_RULE
            subjects = assessments.filter(said)
            table = table.join(subjects, left_on="id", right_on="subject", how="semi")
        down = self.sort.startswith("-")
        column = SORTS[self.sort.lstrip("-")]
        return table.sort(column, "id", descending=[down, False], nulls_last=True)

    def within(self, span: timedelta, end: datetime) -> Sought:
        """Return the same for a span of time that ends then."""
        return replace(self, start=end - span, end=end)

    def _conditions(self) -> list[pl.Expr]:
        found = []
        if self.start is not None:
            found.append(pl.col("time") >= self.start)
        if self.end is not None:
            found.append(pl.col("time") < self.end)
        if self.kind:
            found.append(pl.col("class") == self.kind)
        if self.real_p is not None:
            found.append(pl.col("real_p") >= self.real_p)
        if self.box_deg is not None:
            west, south, east, north = self.box_deg
            found.append(pl.col("lon_deg").is_between(west, east))
            found.append(pl.col("lat_deg").is_between(south, north))
        return found

    def _plain(self) -> pl.Expr:
        return pl.all_horizontal(self._conditions())


NAMES = ("from", "to", "kind", "outcome", "rule", "real", "box", "sort")
"""Its words in an address."""


def sought(query: Mapping[str, str]) -> Sought:
    """Return what an address asks for; other words in it are left alone.

    Raises:
        BadInput: A value cannot be read; the message names it.
    """
    value = {name: query.get(name, "").strip() for name in NAMES}
    for name, known in (
        ("kind", list(HAPPENINGS)),
        ("outcome", [str(each) for each in Outcome]),
        ("sort", [f"{way}{each}" for each in SORTS for way in ("", "-")]),
    ):
        if value[name] and value[name] not in known:
            problem = f"{value[name]!r} is not known, expected one of {', '.join(known)}"
            raise BadInput(name, problem)
    return Sought(
        start=instant("from", value["from"]),
        end=instant("to", value["to"]),
        kind=value["kind"],
        outcome=value["outcome"],
        rule=value["rule"],
        real_p=_number("real", value["real"], (0, 1)),
        box_deg=_box(value["box"]),
        sort=value["sort"] or "-time",
    )


def instant(name: str, text: str) -> datetime | None:
    """Return a time of an address, in UTC unless it says an offset; None where it says none.

    Raises:
        BadInput: It cannot be read; the message names it.
    """
    if not text:
        return None
    try:
        read = datetime.fromisoformat(text)
        return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        problem = f"is {text[:80]!r}, expected a time such as 2030-09-01T06:00:00Z"
        raise BadInput(name, problem) from error


def _instant_words(time: datetime | None) -> str:
    return "" if time is None else time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _number(name: str, text: str, ends: tuple[float, float]) -> float | None:
    if not text:
        return None
    try:
        read = float(text)
    except ValueError as error:
        raise BadInput(name, f"is {text!r}, expected a number") from error
    if not ends[0] <= read <= ends[1]:
        raise BadInput(name, f"is {text}, must be {ends[0]:g} to {ends[1]:g}")
    return read


def _box(text: str) -> tuple[float, float, float, float] | None:
    if not text:
        return None
    edges = [_number("box", part, (-180, 180)) for part in text.split(",")]
    if len(edges) != _CORNERS or None in edges:
        raise BadInput("box", f"is {text!r}, expected west,south,east,north in degrees")
    west, south, east, north = (float(edge) for edge in edges if edge is not None)
    return west, south, east, north


def chosen(at: int, rows: Sequence[object] | pl.DataFrame, size: int) -> tuple[int, int]:
    """Return a page that exists, and the last one, of a list cut into pages of that size."""
    last = max(1, -(-len(rows) // size))
    return min(max(1, at), last), last
