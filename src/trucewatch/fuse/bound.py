"""What analysts said of observations, turned into what holds between distinct reports.

An analyst speaks of addresses (object, row), which never change; which report an address brings,
and which other downloads bring the same one, hangs on the archive. Every rule here is a function of
the statements and of the set of reports, so neither late reports nor the order of files matter:

1. A lock holds from its entry until an unlock of the same reports, whatever is said in between. Of
   two locks that overlap the earlier one holds.
2. Merges and splits are taken from the latest to the earliest, pair by pair: a pair is put together
   or apart unless what was taken before says otherwise, directly or through other reports. So the
   later entry wins, and what it leaves of an earlier one stays in force.
3. Where a split leaves two ways to keep parts of a merge, the earlier report in canonical order
   chooses first.

The result never contradicts itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from trucewatch.fuse.groups import connect
from trucewatch.records.link import Act

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from trucewatch.records.link import Address, Link


class Standing(StrEnum):
    """How much of an act holds now."""

    WHOLE = "whole"
    PART = "part"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """An observation that an analyst spoke of and that forms no incident any more.

    Attributes:
        entry: The statement's entry.
        object: SHA-256 of the sealed object.
        row: Data record in it, from 0.
    """

    entry: int
    object: str
    row: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """What holds between reports; a row is the number of a report in canonical order.

    Attributes:
        together: Pairs of rows (k, 2), low before high: a chain through each set that is one
            incident, sorted.
        apart: Pairs of rows (k, 2), low before high, that are not of one incident; sorted.
        closed: For each report the number of the locked set that it belongs to, or -1. Nothing else
            joins such a set.
        locks: Entry of the lock of each numbered set.
        standing: How much of each statement holds, by entry.
        missing: Observations that are not among the reports any more, by entry, object and row.
    """

    together: NDArray[np.int64]
    apart: NDArray[np.int64]
    closed: NDArray[np.int64]
    locks: tuple[int, ...]
    standing: Mapping[int, Standing]
    missing: tuple[Missing, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """A link in rows: both sides sorted, each row once, none on both sides."""

    link: Link
    rows: tuple[int, ...]
    against: tuple[int, ...]


class _Sets:
    """Disjoint sets of rows that know which others they are kept apart from.

    A set is named by its least row; a row that nobody spoke of is a set of its own.
    """

    def __init__(self) -> None:
        self.closed: dict[int, int] = {}  # by row
        self._parent: dict[int, int] = {}
        self._apart: dict[int, set[int]] = {}

    def find(self, row: int) -> int:
        """Return the name of the row's set."""
        root = row
        while (above := self._parent.get(root, root)) != root:
            root = above
        while (above := self._parent.get(row, row)) != root:
            self._parent[row] = root
            row = above
        return root

    def put_together(self, a: int, b: int) -> bool:
        """Join the sets of two rows, unless they are apart or one is closed to the other."""
        a, b = sorted((self.find(a), self.find(b)))
        if a == b:
            return True
        if b in self._apart.get(a, ()) or self.closed.get(a, -1) != self.closed.get(b, -1):
            return False
        self._parent[b] = a
        for other in self._apart.pop(b, ()):
            self._apart[other].remove(b)
            self._put(a, other)
        return True

    def put_apart(self, some: Iterable[int], others: Iterable[int]) -> None:
        """Keep apart every row of one side from every one of the other, where not together."""
        far = {self.find(row) for row in others}
        for a in {self.find(row) for row in some}:
            for b in far - {a}:
                self._put(a, b)

    def _put(self, a: int, b: int) -> None:
        self._apart.setdefault(a, set()).add(b)
        self._apart.setdefault(b, set()).add(a)


def bind(links: Sequence[Link], copies: pl.DataFrame) -> Bound:
    """Return what the links say of distinct reports.

    Args:
        links: In any order; entries differ.
        copies: `distinct`, `object`, `row` of every observation that forms an incident, as
            `distinct.Distinct.copies`; a report may have several.
    """
    n = int(copies["distinct"].max() or 0) + 1 if copies.height else 0  # type: ignore[arg-type]
    in_order = sorted(links, key=lambda link: link.entry)
    row_of = _rows(in_order, copies)
    said = [_said(link, row_of) for link in in_order]
    sets = _Sets()
    locks = _close(said, sets)
    for each in reversed(said):
        if each.link.act == Act.MERGE:
            _merge(each.rows, sets)
        elif each.link.act == Act.SPLIT:
            sets.put_apart(each.rows, each.against)
    named = sorted({row for each in said for row in (*each.rows, *each.against)})
    least = np.arange(n)
    least[named] = [sets.find(row) for row in named]
    closed = np.full(n, -1)
    closed[list(sets.closed)] = list(sets.closed.values())
    return Bound(
        together=_chains(np.array(named, np.int64), least),
        apart=_pairs([e for e in said if e.link.act == Act.SPLIT], least),
        closed=closed,
        locks=locks,
        standing={e.link.entry: _standing(e, least, closed, locks) for e in said},
        missing=tuple(
            Missing(entry=link.entry, object=object_, row=row)
            for link in in_order
            for object_, row in sorted({*link.observations, *link.against})
            if (object_, row) not in row_of
        ),
    )


def largest(bound: Bound) -> int:
    """Return how many reports the largest set that is put together has.

    1 where none is, and 0 without reports.
    """
    least = np.arange(len(bound.closed))
    connect(least, *np.ascontiguousarray(bound.together.T))
    return int(np.bincount(least, minlength=1).max())


def _rows(links: Sequence[Link], copies: pl.DataFrame) -> dict[Address, int]:
    """Return the row of each address that the links name and that is among the copies."""
    named = {a for link in links for a in (*link.observations, *link.against)}
    if not named:
        return {}
    wanted = pl.DataFrame(
        sorted(named), schema={"object": pl.String, "row": pl.UInt32}, orient="row"
    )
    plain = copies.select(
        "distinct", pl.col("object").cast(pl.String), pl.col("row").cast(pl.UInt32)
    )
    found = plain.join(wanted, on=["object", "row"], how="semi")
    return {(object_, row): distinct for distinct, object_, row in found.iter_rows()}


def _said(link: Link, row_of: Mapping[Address, int]) -> _Said:
    rows = {row_of[a] for a in link.observations if a in row_of}
    against = {row_of[a] for a in link.against if a in row_of}
    # Of a report in two downloads one may stand on each side: no report is apart from itself.
    return _Said(link=link, rows=tuple(sorted(rows)), against=tuple(sorted(against - rows)))


def _close(said: Sequence[_Said], sets: _Sets) -> tuple[int, ...]:
    """Put together and close the sets whose lock was not undone; return the entry of each."""
    held: dict[tuple[int, ...], int] = {}
    for each in said:
        if each.link.act == Act.LOCK and each.rows:
            held.setdefault(each.rows, each.link.entry)
        elif each.link.act == Act.UNLOCK:
            held.pop(each.rows, None)
    locks: list[int] = []
    for rows, entry in sorted(held.items(), key=lambda lock: lock[1]):
        free = [row for row in rows if row not in sets.closed]
        for row in free:
            sets.put_together(free[0], row)
        sets.closed.update(dict.fromkeys(free, len(locks)))
        locks.append(entry)
    return tuple(locks)


def _merge(rows: Sequence[int], sets: _Sets) -> None:
    """Put rows together as far as nothing keeps them apart; each joins the first that it may."""
    parts: list[int] = []
    for row in rows:
        if not any(sets.put_together(part, row) for part in parts):
            parts.append(row)


def _chains(rows: NDArray[np.int64], least: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return each row with the next one of its set."""
    ordered = rows[np.lexsort((rows, least[rows]))]
    low, high = ordered[:-1], ordered[1:]
    same = least[low] == least[high]
    return np.unique(np.stack((low[same], high[same]), axis=1), axis=0)


def _pairs(splits: Sequence[_Said], least: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the pairs across the sides of each split that are not together."""
    found = [np.empty((0, 2), np.int64)]
    for each in splits:
        some, others = np.array(each.rows, np.int64), np.array(each.against, np.int64)
        pairs = np.stack(np.meshgrid(some, others, indexing="ij"), axis=-1).reshape(-1, 2)
        found.append(pairs[least[pairs[:, 0]] != least[pairs[:, 1]]])
    return np.unique(np.sort(np.concatenate(found), axis=1), axis=0)


def _standing(
    said: _Said, least: NDArray[np.int64], closed: NDArray[np.int64], locks: tuple[int, ...]
) -> Standing:
    rows, against = np.array(said.rows, np.int64), np.array(said.against, np.int64)
    if said.link.act == Act.MERGE:
        sets = len(np.unique(least[rows]))
        return _share(len(rows) - sets, len(rows) - 1)
    if said.link.act == Act.SPLIT:
        held = least[rows][:, None] != least[against][None, :]
        return _share(int(held.sum()), held.size)
    if said.link.act == Act.LOCK:
        number = locks.index(said.link.entry) if said.link.entry in locks else len(locks)
        return _share(int((closed[rows] == number).sum()), len(rows))
    return Standing.NONE if (closed[rows] >= 0).any() else _share(len(rows), len(rows))


def _share(held: int, of: int) -> Standing:
    if held <= 0:
        return Standing.NONE
    return Standing.WHOLE if held == of else Standing.PART
