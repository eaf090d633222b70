"""What must be found again when reports are added, so that all is as if found at once.

A report is changed when it is new or a bit of its matrix row is another, as where the density of
its surroundings grew. An edge hangs on its two reports alone, so only those at changed reports are
looked for again. What a heap, the reports that edges or links connect, is solved to hangs on its
reports and links alone, so only heaps in which one of these is not as before are solved again. All
else keeps every bit.

Reports go by numbers that never change, in order of arrival: a late report shifts the rows of the
canonical order, so nothing is kept by row. Two reports keep their order, so what was least stays
least.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from trucewatch.fuse.associate import cluster, real_p_of
from trucewatch.fuse.edges import Edges, find_edges
from trucewatch.fuse.groups import connect
from trucewatch.fuse.likelihood import COLUMNS, S2, SINGLE, U2, T, Terms, X, Y
from trucewatch.fuse.links import NO_LINKS, Links

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trucewatch.fuse.settings import FusionSettings

_CELL_KM, _CELL_D = 8.0, 1.0  # of the search for what is near; speed only, as the next three
_MARKS = 1 << 18
_CELLS_MAX = 4096
_SCATTER = (73_856_093, 19_349_663, 83_492_791)  # odd and large, so that cells spread over marks
_SLACK_KM, _SLACK_D = 1e-6, 1e-8  # far more than rounding, so that it never decides
_NO_NUMBERS = np.empty(0, np.int64)


class Rules(NamedTuple):
    """What the reports are judged by; it never changes."""

    terms: Terms
    settings: FusionSettings


class Graph(NamedTuple):
    """Precise reports by number, and what was found of them; all that names a report is a number.

    Attributes:
        matrix: Columns of `likelihood`.
        sensor: Row in the sensors' terms.
        links: What analysts say; `closed` has a number for every report.
        heap: Some member of each report's heap, the same one for all of them: the reports that
            edges or links connect, whatever keeps them apart. A heap is solved by itself.
        drawn: Every edge of `edges.find_edges`; `low` comes before `high` in canonical order.
        edges: Those inside components, as `associate.Clustered` has them.
        part: Least member of each report's component.
        label: Least report of each report's incident.
        real_p: P(not false alarms alone) of the incidents, each at its least report.
    """

    matrix: NDArray[np.float64]
    sensor: NDArray[np.int64]
    links: Links
    heap: NDArray[np.int64]
    drawn: Edges
    edges: Edges
    part: NDArray[np.int64]
    label: NDArray[np.int64]
    real_p: NDArray[np.float64]


class Now(NamedTuple):
    """What is known of the reports now, by number; the first ones are those known before.

    Attributes:
        matrix: Columns of `likelihood`, all of them filled.
        changed: Whether each is new or has another bit in a column before the last.
        sensor: Row in the sensors' terms.
        once: Channels that report at most once, as `channels.once` has them.
        links: As in `Graph`.
        order: The numbers in canonical order.
    """

    matrix: NDArray[np.float64]
    changed: NDArray[np.bool_]
    sensor: NDArray[np.int64]
    once: NDArray[np.int64]
    links: Links
    order: NDArray[np.int64]


class Reach(NamedTuple):
    """How far each report reaches, in space along each axis and in time."""

    km: NDArray[np.float64]
    d: NDArray[np.float64]


_NO_EDGES = Edges(_NO_NUMBERS, _NO_NUMBERS, np.empty(0))
NOTHING = Graph(
    matrix=np.empty((0, COLUMNS)),
    sensor=_NO_NUMBERS,
    links=NO_LINKS,
    heap=_NO_NUMBERS,
    drawn=_NO_EDGES,
    edges=_NO_EDGES,
    part=_NO_NUMBERS,
    label=_NO_NUMBERS,
    real_p=np.empty(0),
)


def renewed(old: Graph, now: Now, rules: Rules) -> tuple[Graph, NDArray[np.int64]]:
    """Return the graph of what is known now, and who was solved again, in canonical order."""
    before = _grown(old, now)
    found = _found(now, rules)
    again = _again(before, now, found)
    graph = before._replace(
        links=now.links,
        drawn=_joined(_picked(before.drawn, ~_touches(before.drawn, now.changed)), found),
        edges=_picked(before.edges, ~again[before.edges.low]),
    )
    numbers = now.order[again[now.order]]
    if not len(numbers):
        return graph, numbers
    return graph._replace(edges=_joined(graph.edges, _solve(graph, now, numbers, rules))), numbers


def _grown(old: Graph, now: Now) -> Graph:
    """Return the former graph on today's matrix; new reports are alone and in no locked set.

    Its columns are its own, to be written to.
    """
    more = np.arange(len(old.label), len(now.matrix))
    none_p = np.zeros(len(more))
    return Graph(
        matrix=now.matrix,
        sensor=now.sensor,
        links=old.links._replace(closed=np.append(old.links.closed, np.full(len(more), -1))),
        heap=np.append(old.heap, more),
        drawn=old.drawn,
        edges=old.edges,
        part=np.append(old.part, more),
        label=np.append(old.label, more),
        real_p=np.append(old.real_p, none_p),
    )


def _found(now: Now, rules: Rules) -> Edges:
    """Return the edges at changed reports.

    Inside the gate two reports differ by at most `gate` times the sum of their standard errors.
    """
    matrix, gate = now.matrix, rules.settings.gate
    reach_km = gate * np.sqrt(matrix[:, S2]) + _SLACK_KM
    reach_d = gate * np.sqrt(matrix[:, U2]) + _SLACK_D
    close = near(matrix, now.changed, Reach(reach_km, reach_d))
    numbers = now.order[close[now.order]]
    edges = find_edges(matrix[numbers], now.sensor[numbers], rules.terms, rules.settings)
    edges = Edges(numbers[edges.low], numbers[edges.high], edges.evidence)
    return _picked(edges, _touches(edges, now.changed))


def _touches(edges: Edges, some: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return np.asarray(some[edges.low] | some[edges.high])


def _picked(edges: Edges, some: NDArray[np.bool_]) -> Edges:
    return Edges(edges.low[some], edges.high[some], edges.evidence[some])


def _joined(some: Edges, others: Edges) -> Edges:
    return Edges(
        np.append(some.low, others.low),
        np.append(some.high, others.high),
        np.append(some.evidence, others.evidence),
    )


def _again(before: Graph, now: Now, found: Edges) -> NDArray[np.bool_]:
    """Return the reports of all heaps that may not be what they were.

    Those are the former heaps of changed reports, of all ends of edges that came or went, and of
    those that other links hold. An edge that went had both ends in one heap. What are heaps now lie
    inside unions of these.
    """
    some = now.changed | (before.links.closed != now.links.closed)
    some[found.low] = True
    some[found.high] = True
    for one, other in zip(before.links[:2], now.links[:2], strict=True):
        some[_differing(one, other)] = True
    hit = np.zeros(len(some), bool)
    hit[before.heap[some]] = True
    return np.asarray(hit[before.heap])


def _differing(one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return who is in a pair of the one set and not of the other; pairs are (k, 2)."""
    pairs, times = np.unique(np.concatenate((one, other)), axis=0, return_counts=True)
    return np.asarray(pairs[times == 1].ravel())


def _solve(graph: Graph, now: Now, numbers: NDArray[np.int64], rules: Rules) -> Edges:
    """Write what is found of whole heaps, given in canonical order; return the edges inside."""
    matrix, sensor = graph.matrix[numbers], graph.sensor[numbers]
    place = np.full(len(graph.label), -1)
    place[numbers] = np.arange(len(numbers))
    links = _local(graph.links, place, numbers)
    found = cluster(matrix, sensor, rules.terms, rules.settings, links, once=now.once[numbers])
    heads = found.label == np.arange(len(numbers))
    graph.label[numbers], graph.part[numbers] = numbers[found.label], numbers[found.component]
    graph.real_p[numbers[heads]] = real_p_of(matrix, sensor, found, rules.terms)
    heap = np.arange(len(numbers))
    inside = place[graph.drawn.low] >= 0
    connect(heap, place[graph.drawn.low[inside]], place[graph.drawn.high[inside]])
    connect(heap, *np.ascontiguousarray(links.together.T))
    graph.heap[numbers] = numbers[heap]
    return Edges(numbers[found.edges.low], numbers[found.edges.high], found.edges.evidence)


def _local(links: Links, place: NDArray[np.int64], numbers: NDArray[np.int64]) -> Links:
    """Return the links among some reports by their places; one put apart may lie elsewhere."""
    together, apart = (place[pairs] for pairs in links[:2])
    inside = (apart >= 0).all(axis=1)
    return Links(together[together[:, 0] >= 0], apart[inside], links.closed[numbers])


def near(
    reports: NDArray[np.float64], changed: NDArray[np.bool_], reach: Reach
) -> NDArray[np.bool_]:
    """Return who is near a changed report, the changed ones among them.

    Two are near when along x, y and time alike they differ by no more than both their reaches
    together: the boxes around them then overlap and lie in one cell together. Cells share marks by
    chance, so the answer may hold others too, which costs time only.

    Args:
        reports: Columns of `likelihood` (X, Y, T used), any order.
        changed: One for each.
        reach: One for each.
    """
    found: NDArray[np.bool_] = changed.copy()
    if not changed.all() and changed.any():
        mark_near(reports, changed, reach, found)
    return found


def differs(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which of the rows of one matrix have other bits in the other, the last column apart.

    The other may have more rows.
    """
    a, b = (columns[: len(one), :SINGLE].view(np.int64) for columns in (one, other))
    return np.asarray((a != b).any(axis=1))


@njit(cache=True)
def _fill_box(reports, reach, i, box):  # type: ignore[no-untyped-def]
    """Fill least and greatest cell along x, y and time; return how many cells that are."""
    box[0] = math.floor((reports[i, X] - reach.km[i]) / _CELL_KM)
    box[1] = math.floor((reports[i, X] + reach.km[i]) / _CELL_KM)
    box[2] = math.floor((reports[i, Y] - reach.km[i]) / _CELL_KM)
    box[3] = math.floor((reports[i, Y] + reach.km[i]) / _CELL_KM)
    box[4] = math.floor((reports[i, T] - reach.d[i]) / _CELL_D)
    box[5] = math.floor((reports[i, T] + reach.d[i]) / _CELL_D)
    return (box[1] - box[0] + 1) * (box[3] - box[2] + 1) * (box[5] - box[4] + 1)


@njit(cache=True)
def _mark_of(ix, iy, it):  # type: ignore[no-untyped-def]
    return ((ix * _SCATTER[0]) ^ (iy * _SCATTER[1]) ^ (it * _SCATTER[2])) & (_MARKS - 1)


@njit(cache=True)
def _put_marks(marks, box):  # type: ignore[no-untyped-def]
    for ix in range(box[0], box[1] + 1):
        for iy in range(box[2], box[3] + 1):
            for it in range(box[4], box[5] + 1):
                marks[_mark_of(ix, iy, it)] = True


@njit(cache=True)
def _has_mark(marks, box):  # type: ignore[no-untyped-def]
    for ix in range(box[0], box[1] + 1):
        for iy in range(box[2], box[3] + 1):
            for it in range(box[4], box[5] + 1):
                if marks[_mark_of(ix, iy, it)]:
                    return True
    return False


@njit(cache=True)
def mark_near(reports, changed, reach, found):  # type: ignore[no-untyped-def]
    """Set `found` for who is near a changed report; a box of very many cells counts as near."""
    marks, box = np.zeros(_MARKS, np.bool_), np.empty(6, np.int64)
    around = np.array([2**62, -(2**62)] * 3)
    for i in range(len(reports)):
        if not changed[i]:
            continue
        if _fill_box(reports, reach, i, box) > _CELLS_MAX:
            found[:] = True
            return
        _put_marks(marks, box)
        for axis in range(0, 6, 2):
            around[axis] = min(around[axis], box[axis])
            around[axis + 1] = max(around[axis + 1], box[axis + 1])
    for i in range(len(reports)):
        if changed[i]:
            continue
        cells = _fill_box(reports, reach, i, box)
        apart = False
        for axis in range(0, 6, 2):
            apart = apart or box[axis] > around[axis + 1] or box[axis + 1] < around[axis]
        if not apart:
            found[i] = cells > _CELLS_MAX or _has_mark(marks, box)
