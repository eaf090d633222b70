"""Fusion that goes on: reports are added as they come, and only what they touch is solved again.

Whatever the order and the pieces in which reports came, the result is that of `associate` on all of
them at once, bit for bit. See `renew` for what is solved again and why that is enough.

Sources that answer late are no other case: a late report finds its place in the canonical order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from trucewatch.errors import BadInput
from trucewatch.fuse.associate import Association, Clustered, matrix_of
from trucewatch.fuse.channels import once
from trucewatch.fuse.density import CELL_D, CELL_KM
from trucewatch.fuse.distinct import PRECISE
from trucewatch.fuse.edges import Edges
from trucewatch.fuse.groups import grouped
from trucewatch.fuse.likelihood import terms, weigh_alone
from trucewatch.fuse.links import NO_LINKS, Links, checked
from trucewatch.fuse.renew import NOTHING, Graph, Now, Reach, Rules, differs, near, renewed
from trucewatch.records.table import SILENCE, empty

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from trucewatch.fuse.settings import FusionSettings
    from trucewatch.records.sensor import SensorModel

_COLUMNS: dict[str, pl.DataType] = {
    "dedup_key": pl.String(),
    "tier": pl.UInt8(),
    "time_start": pl.Datetime("us", "UTC"),
    "middle_us": pl.Int64(),
    "sensor": pl.String(),
    "x_m": pl.Float64(),
    "y_m": pl.Float64(),
    "s2_m2": pl.Float64(),
    "u2_s2": pl.Float64(),
}
_WHERE = "reports"
_SUPPORT = 1.6
"""Reach in cells: reports whose cells are two apart differ by up to 3, which is less than twice."""


class Solved(NamedTuple):
    """What adding reports took.

    Attributes:
        new: Precise reports that were not held before.
        rows: Precise reports that were solved again, the new ones among them: rows of the canonical
            order after adding, ascending. The incidents and components of all others are as before.
        held: Precise reports held now.
    """

    new: int
    rows: NDArray[np.int64]
    held: int

    @property
    def share(self) -> float:
        """Part of the precise reports that was solved again; 0 when none is held."""
        return len(self.rows) / max(1, self.held)


class Ongoing:
    """The precise reports so far, and their grouping.

    Args:
        models: Detection model of every sensor.
        settings: The mission's. Neither changes while reports are added.
    """

    def __init__(self, *, models: Mapping[str, SensorModel], settings: FusionSettings) -> None:
        self._models, self._settings = models, settings
        self._sharp = sorted(set(models) - set(settings.imprecise_sensors))
        sharp_terms = terms(models, self._sharp, members_max=settings.component_members_max)
        self._rules = Rules(sharp_terms, settings)
        bound = any(model.once_per_channel for model in models.values())
        self._columns = {**_COLUMNS, "channel": pl.String()} if bound else _COLUMNS
        self._reports = pl.DataFrame(schema=self._columns)  # in order of arrival
        self._order = np.empty(0, np.int64)  # the same by canonical row
        self._silences = empty(SILENCE)
        self._graph: Graph = NOTHING

    @property
    def order(self) -> NDArray[np.int64]:
        """The numbers of the precise reports, counted as they came, in canonical order."""
        return self._order

    @property
    def reports(self) -> pl.DataFrame:
        """The precise reports in canonical order, the columns that matter here."""
        return self._reports[self._order]

    def add(
        self,
        reports: pl.DataFrame,
        *,
        links: Links | None = None,
        silences: pl.DataFrame | None = None,
    ) -> Solved:
        """Take in distinct reports, in any order, and solve again what they touch.

        Links and silences are said anew each time, as to `associate`: what holds of everything that
        is held after adding. A report that is held already is ignored. When something is refused,
        nothing has changed.

        Args:
            reports: `distinct.Distinct.reports` with their places, `x_m` and `y_m`; may be empty.
                Imprecise ones are left aside. `channel` is looked at where a model asks for it.
            links: What analysts say of pairs of precise reports, by row of the canonical order
                after adding; refused as `links.checked` says.
            silences: When sensors were silent beyond chance, if known.

        Returns:
            What was solved again.
        """
        fresh = self._fresh(reports)
        held = pl.concat([self._reports, fresh])
        order = _in_order(held, self._order)
        silences = empty(SILENCE) if silences is None else silences
        sensor = self._sensor(fresh)
        matrix, changed = self._matrix(held, sensor, silences)
        now = Now(
            matrix, changed, sensor, once(held, self._models), self._numbered(links, order), order
        )
        graph, numbers = renewed(self._graph, now, self._rules)
        self._reports, self._order, self._silences, self._graph = held, order, silences, graph
        return Solved(fresh.height, _rows(order)[numbers], held.height)

    def association(self, *, imprecise: int = 0) -> Association:
        """Return what `associate` returns of all precise reports so far and of imprecise ones.

        Args:
            imprecise: How many of the latter there are; they are not held here.
        """
        graph, order = self._graph, self._order
        row, n = _rows(order), len(order)
        label = row[graph.label][order]
        heads = order[label == np.arange(n)]
        edges = Edges(row[graph.edges.low], row[graph.edges.high], graph.edges.evidence)
        alone = np.arange(n, n + imprecise)
        return Association(
            groups=grouped(np.concatenate((label, alone))),
            real_p=graph.real_p[heads],
            clustered=Clustered(label, edges, row[graph.part][order]),
            matrix=graph.matrix[order],
            sensor=graph.sensor[order],
            terms=self._rules.terms,
        )

    def _fresh(self, reports: pl.DataFrame) -> pl.DataFrame:
        """Return the precise reports that are not held.

        Raises:
            BadInput: A key is given twice.
        """
        table = _conformed(reports, self._columns, self._sharp)
        twice = table.filter(pl.col("dedup_key").is_duplicated())
        if twice.height:
            key = twice["dedup_key"].min()
            raise BadInput(_WHERE, f"{key!r} is given twice, expected once")
        perhaps = self._reports["dedup_key"].hash().is_in(table["dedup_key"].hash().implode())
        if perhaps.any():
            held = self._reports.filter(perhaps)
            known = table.join(held, on="dedup_key", how="inner", suffix="_held")
            _refuse_another(known)
            table = table.join(known, on="dedup_key", how="anti")
        return table.filter(pl.col("tier") == PRECISE)

    def _matrix(
        self, held: pl.DataFrame, sensor: NDArray[np.int64], silences: pl.DataFrame
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Return the matrix of all reports, and who is new or has another bit in it.

        A density hangs on the reports in neighbouring cells and on the silences at its time. So
        only reports two cells from what is new are looked at, with and without it: where the two
        differ, all neighbours were looked at, and the second is the matrix of all reports at once.
        """
        old = self._graph.matrix
        n, total = len(old), held.height
        matrix = np.concatenate((old, self._matrix_of(held[n:], silences)))
        new = np.arange(total) >= n
        new |= _inside(held["middle_us"].to_numpy(), _differing(self._silences, silences))
        reach = Reach(np.full(total, _SUPPORT * CELL_KM), np.full(total, _SUPPORT * CELL_D))
        some = np.flatnonzero(near(matrix, new, reach))
        before = self._matrix_of(held[some[some < n]], self._silences)
        after = self._matrix_of(held[some], silences)
        other = np.ones(len(some), bool)
        other[: len(before)] = differs(before, after)
        changed = np.zeros(total, bool)
        changed[some[other]] = True
        renewed_rows = after[other]
        weigh_alone(renewed_rows, sensor[changed], self._rules.terms)
        matrix[changed] = renewed_rows
        return matrix, changed

    def _matrix_of(self, reports: pl.DataFrame, silences: pl.DataFrame) -> NDArray[np.float64]:
        return matrix_of(reports, models=self._models, settings=self._settings, silences=silences)

    def _sensor(self, fresh: pl.DataFrame) -> NDArray[np.int64]:
        """Return where each report's sensor stands among the terms."""
        row = fresh["sensor"].cast(pl.Enum(self._sharp)).to_physical().to_numpy()
        return np.append(self._graph.sensor, row.astype(np.int64))

    def _numbered(self, links: Links | None, order: NDArray[np.int64]) -> Links:
        """Return links by number."""
        n = len(order)
        by_row = checked(
            NO_LINKS if links is None else links,
            n,
            members_max=self._settings.component_members_max,
        )
        closed = np.full(n, -1)
        if len(by_row.closed):
            closed[order] = by_row.closed
        return Links(order[by_row.together], order[by_row.apart], closed)


def _rows(order: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where each number stands in an order."""
    row = np.empty_like(order)
    row[order] = np.arange(len(order))
    return row


def _differing(one: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """Return the silences that are in one table only."""
    if one.equals(other):
        return other.clear()
    said = [each.select("sensor", "start", "end").unique() for each in (one, other)]
    return pl.concat(said).filter(~pl.struct(pl.all()).is_duplicated())


def _inside(time_us: NDArray[np.int64], silences: pl.DataFrame) -> NDArray[np.bool_]:
    """Return which times lie in any silence, its ends among it."""
    inside = np.zeros(len(time_us), bool)
    start_us, end_us = (silences[name].dt.timestamp("us").to_numpy() for name in ("start", "end"))
    for first_us, last_us in zip(start_us, end_us, strict=True):
        inside |= (time_us >= first_us) & (time_us <= last_us)
    return inside


def _conformed(
    reports: pl.DataFrame, columns: Mapping[str, pl.DataType], sharp: list[str]
) -> pl.DataFrame:
    try:
        table = reports.select(pl.col(name).cast(kind) for name, kind in columns.items())
    except pl.exceptions.PolarsError as error:
        problem = (
            f"{str(error).splitlines()[0]}, expected the columns of distinct reports, x_m and y_m"
        )
        raise BadInput(_WHERE, problem) from error
    strange = table.filter((pl.col("tier") == PRECISE) & ~pl.col("sensor").is_in(sharp))
    if strange.height:
        key, sensor = strange.select("dedup_key", "sensor").row(0)
        problem = f"{key!r} is precise and of {sensor!r}, expected one of {', '.join(sharp)}"
        raise BadInput(_WHERE, problem)
    return table


def _refuse_another(known: pl.DataFrame) -> None:
    """Refuse a report that is held and says something else now.

    Raises:
        BadInput: There is one.
    """
    for name in known.columns:
        if f"{name}_held" in known.columns:
            other = known.filter(pl.col(name).ne_missing(pl.col(f"{name}_held")))
            if other.height:
                key, new, old = other.select("dedup_key", name, f"{name}_held").row(0)
                problem = f"{key!r} has {name} {new}, expected {old} as when it was first given"
                raise BadInput(_WHERE, problem)


def _in_order(reports: pl.DataFrame, order: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the rows of a table by time, then key.

    Args:
        reports: `dedup_key`, `time_start`.
        order: The same of the first rows, known before. Only where a later row has the time of
            another are texts compared.
    """
    start_us = reports["time_start"].to_physical().to_numpy()
    late = np.arange(len(order), len(start_us))
    whole = np.concatenate((order, late))
    whole = whole[np.argsort(start_us[whole], kind="stable")]
    times = np.unique(start_us[late])
    first, end = (np.searchsorted(start_us[whole], times, side=side) for side in ("left", "right"))
    step = np.zeros(len(whole) + 1, np.int64)
    step[first[end - first > 1]] += 1
    step[end[end - first > 1]] -= 1
    tied = np.cumsum(step[:-1]) > 0
    numbered = reports[whole[tied]].select("time_start", "dedup_key", number=pl.Series(whole[tied]))
    whole[tied] = numbered.sort("time_start", "dedup_key")["number"].to_numpy()
    return whole
