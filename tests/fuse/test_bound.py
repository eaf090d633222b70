"""Analysts' words, turned into what holds between reports: later wins, and a lock stays shut."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from trucewatch.fuse.bound import Bound, Missing, Standing, bind, largest
from trucewatch.fuse.incidents import Fused, fuse
from trucewatch.fuse.links import Links, checked
from trucewatch.records.link import Act, Link

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

FILE, AGAIN = "a" * 64, "b" * 64


def copies(n: int, again: Sequence[int] = ()) -> pl.DataFrame:
    """Reports 0 to n - 1, each row of FILE one of them; some come again in AGAIN."""
    return pl.DataFrame({
        "distinct": [*range(n), *again],
        "object": [FILE] * n + [AGAIN] * len(again),
        "row": [*range(n), *again],
    }).cast({"object": pl.Categorical, "row": pl.UInt32, "distinct": pl.UInt32})  # fmt: skip


def at(*rows: int, file: str = FILE) -> tuple[tuple[str, int], ...]:
    return tuple((file, row) for row in rows)


def link(entry: int, act: str, rows: Sequence[int], against: Sequence[int] = ()) -> Link:
    return Link(act=Act(act), observations=at(*rows), against=at(*against), entry=entry)


def sets(bound: Bound) -> list[set[int]]:
    """The sets of two or more that are put together, by their least row."""
    found: list[set[int]] = []
    for low, high in bound.together.tolist():
        joined = next((s for s in found if low in s), None)
        if joined is None:
            found.append({low, high})
        else:
            joined.add(high)
    return found


def pairs(array: np.ndarray) -> set[tuple[int, int]]:
    return {(low, high) for low, high in array.tolist()}


def test_a_merge_is_a_chain() -> None:
    bound = bind([link(7, "merge", [4, 1, 3])], copies(5))

    assert bound.together.tolist() == [[1, 3], [3, 4]]
    assert (len(bound.apart), bound.closed.tolist()) == (0, [-1] * 5)
    assert bound.standing == {7: Standing.WHOLE}
    assert largest(bound) == 3


def test_a_split_is_every_pair_across() -> None:
    bound = bind([link(7, "split", [0, 3], [1, 2])], copies(4))

    assert pairs(bound.apart) == {(0, 1), (0, 2), (1, 3), (2, 3)}
    assert len(bound.together) == 0
    assert largest(bound) == 1


def test_the_later_entry_wins_pair_by_pair() -> None:
    merged, apart = link(3, "merge", [0, 1, 2]), link(5, "split", [1], [0, 2])

    bound = bind([apart, merged], copies(3))

    assert sets(bound) == [{0, 2}]  # what the split leaves of the merge, though its chain is cut
    assert pairs(bound.apart) == {(0, 1), (1, 2)}
    assert bound.standing == {3: Standing.PART, 5: Standing.WHOLE}


def test_a_later_merge_undoes_a_split() -> None:
    apart, merged = link(3, "split", [0, 1], [2, 3]), link(5, "merge", [1, 2])

    bound = bind([apart, merged], copies(4))

    assert sets(bound) == [{1, 2}]
    assert pairs(bound.apart) == {(0, 2), (0, 3), (1, 3)}
    assert bound.standing == {3: Standing.PART, 5: Standing.WHOLE}


def test_what_contradicts_only_through_a_third_report_is_settled_too() -> None:
    said = [link(1, "split", [0], [2]), link(2, "merge", [0, 1]), link(3, "merge", [1, 2])]

    bound = bind(said, copies(3))

    assert sets(bound) == [{0, 1, 2}]
    assert len(bound.apart) == 0
    assert bound.standing[1] == Standing.NONE


def test_a_lock_holds_whatever_comes_later_until_it_is_undone() -> None:
    said = [
        link(1, "lock", [0, 1]),
        link(2, "merge", [1, 2]),
        link(3, "split", [0], [1]),
        link(4, "lock", [1, 2]),
    ]

    held = bind(said, copies(4))
    freed = bind([*said, link(9, "unlock", [0, 1])], copies(4))

    assert (sets(held), held.locks) == ([{0, 1}], (1, 4))
    assert held.closed.tolist() == [0, 0, 1, -1]
    assert [held.standing[e] for e in (1, 2, 3, 4)] == ["whole", "none", "none", "part"]
    assert (sets(freed), freed.locks) == ([{1, 2}], (4,))
    assert pairs(freed.apart) == {(0, 1)}
    assert [freed.standing[e] for e in (1, 2, 3, 4, 9)] == [
        "none", "whole", "whole", "whole", "none",
    ]  # fmt: skip


def test_an_unlock_is_of_the_same_set_only() -> None:
    said = [link(1, "lock", [0, 1]), link(2, "unlock", [0]), link(3, "unlock", [0, 1, 2])]

    bound = bind(said, copies(3))

    assert bound.closed.tolist() == [0, 0, -1]


def test_a_locked_report_of_its_own_is_closed_too() -> None:
    bound = bind([link(1, "lock", [1])], copies(2))

    assert bound.closed.tolist() == [-1, 0]
    assert bound.standing == {1: Standing.WHOLE}


def test_a_repeated_download_binds_the_report_that_it_repeats() -> None:
    said = Link(act=Act.MERGE, observations=(*at(0), *at(2, file=AGAIN)), entry=1)

    bound = bind([said], copies(3, again=[2]))

    assert bound.together.tolist() == [[0, 2]]


def test_no_report_is_apart_from_itself() -> None:
    said = Link(act=Act.SPLIT, observations=at(0), against=(*at(1), *at(0, file=AGAIN)), entry=1)

    bound = bind([said], copies(2, again=[0]))

    assert pairs(bound.apart) == {(0, 1)}


def test_what_is_not_in_the_archive_any_more_is_named() -> None:
    said = [link(3, "merge", [0, 8, 1]), link(4, "split", [9], [0])]

    bound = bind(said, copies(2))

    assert sets(bound) == [{0, 1}]
    assert bound.missing == (
        Missing(entry=3, object=FILE, row=8),
        Missing(entry=4, object=FILE, row=9),
    )
    assert bound.standing == {3: Standing.WHOLE, 4: Standing.NONE}


def test_nothing_said_or_nothing_there_binds_nothing() -> None:
    silent, bare = bind([], copies(3)), bind([link(1, "lock", [0])], copies(0))

    assert (silent.together.shape, silent.apart.shape) == ((0, 2), (0, 2))
    assert silent.closed.tolist() == [-1, -1, -1]
    assert (len(bare.closed), len(bare.missing), largest(bare)) == (0, 1, 0)


N = 8
SIDES = st.lists(st.sampled_from(range(N + 1)), min_size=1, max_size=5, unique=True)


@st.composite
def sayings(draw: st.DrawFn) -> list[Link]:
    """Up to eight acts on few reports, one of which is gone; an unlock is often of a lock."""
    said: list[Link] = []
    for entry in range(draw(st.integers(0, 8))):
        act, rows, against = draw(st.sampled_from(list(Act))), draw(SIDES), draw(SIDES)
        locked = [x.observations for x in said if x.act == Act.LOCK]
        if act == Act.UNLOCK and locked and draw(st.booleans()):
            said.append(Link(act=act, observations=draw(st.sampled_from(locked)), entry=entry))
        else:
            said.append(link(entry, act, rows, against if act == Act.SPLIT else ()))
    return said


class Slow:
    """The rules as the module's docstring gives them, pair by pair, with plain sets."""

    def __init__(self, said: Sequence[Link]) -> None:
        self.groups = [{row} for row in range(N)]
        self.apart: set[tuple[int, int]] = set()
        self.closed: dict[int, int] = {}
        sides = [
            ({r for _, r in x.observations if r < N}, {r for _, r in x.against if r < N})
            for x in said
        ]
        self._lock(said, [rows for rows, _ in sides])
        for x, (rows, against) in reversed(list(zip(said, sides, strict=True))):
            if x.act == Act.MERGE:
                for j in sorted(rows):
                    for i in sorted(rows):
                        self._join(i, j) if i < j else None
            if x.act == Act.SPLIT:
                for a in rows:
                    for b in against - rows:
                        if self.group(a) is not self.group(b):
                            self.apart.add((min(a, b), max(a, b)))

    def group(self, row: int) -> set[int]:
        return next(g for g in self.groups if row in g)

    def _lock(self, said: Sequence[Link], rows: list[set[int]]) -> None:
        locks = []
        for i, x in enumerate(said):
            undone = False
            if x.act != Act.LOCK or not rows[i]:
                continue
            if any(rows[k] == rows[i] for k in locks):
                continue  # held already
            for later, y in enumerate(said[i + 1 :], i + 1):
                undone |= y.act == Act.UNLOCK and rows[later] == rows[i]
            if not undone:
                locks.append(i)
        for number, i in enumerate(locks):
            free = rows[i] - self.closed.keys()
            for row in free:
                self._join(row, min(free))
            self.closed |= dict.fromkeys(free, number)

    def _join(self, a: int, b: int) -> None:
        one, other = self.group(a), self.group(b)
        across = {(min(x, y), max(x, y)) for x in one for y in other}
        if one is other or across & self.apart:
            return
        if self.closed.get(a, -1) == self.closed.get(b, -1):
            self.groups.remove(other)
            one |= other


@hypothesis_settings(max_examples=300, deadline=None)
@given(sayings())
def test_agrees_with_the_slow_twin(said: list[Link]) -> None:
    slow = Slow(said)

    bound = bind(said, copies(N))

    assert sorted(map(sorted, sets(bound))) == sorted(sorted(g) for g in slow.groups if len(g) > 1)
    assert pairs(bound.apart) == slow.apart
    assert bound.closed.tolist() == [slow.closed.get(row, -1) for row in range(N)]
    assert largest(bound) == max(map(len, slow.groups))


@hypothesis_settings(max_examples=100, deadline=None)
@given(sayings(), st.randoms(use_true_random=False))
def test_never_contradicts_itself_and_hangs_on_no_order(said: list[Link], dice: object) -> None:
    table = copies(N, again=[1, 4])
    shuffled = dice.sample(said, len(said))

    bound, other = bind(said, table), bind(shuffled, table[::-1])

    checked(Links(bound.together, bound.apart), N, members_max=N)  # refuses a contradiction
    assert np.array_equal(bound.together, other.together)
    assert np.array_equal(bound.apart, other.apart)
    assert np.array_equal(bound.closed, other.closed)
    assert (bound.standing, bound.missing) == (other.standing, other.missing)


@hypothesis_settings(max_examples=100, deadline=None)
@given(sayings(), st.permutations(range(N)))
def test_the_numbers_of_the_reports_do_not_matter_when_nothing_is_ambiguous(
    said: list[Link], number: list[int]
) -> None:
    whole = [x for x in said if x.act in {Act.LOCK, Act.UNLOCK}]
    table = copies(N)
    other = table.with_columns(distinct=pl.Series(number, dtype=pl.UInt32))

    bound, renumbered = bind(whole, table), bind(whole, other)

    assert renumbered.closed[number].tolist() == bound.closed.tolist()
    assert renumbered.standing == bound.standing


@pytest.fixture(scope="module")
def drawn(world: Callable[..., object]) -> object:
    return world(seed=33, incidents=25, density=0.05, width_km=10.0, days=2.0)


def fused(drawn: object, table: pl.DataFrame, links: Sequence[Link] = ()) -> Fused:
    return fuse(table, models=drawn.models, settings=drawn.settings, links=links)


def held(found: Fused, incident: str) -> tuple[tuple[str, int], ...]:
    rows = found.members.filter(pl.col("incident") == incident)
    return tuple(rows.select(pl.col("object").cast(pl.String), "row").sort("row").iter_rows())


def incidents_of(found: Fused, addresses: Sequence[tuple[str, int]]) -> list[str]:
    rows = found.members.select("incident", pl.col("object").cast(pl.String), "row").iter_rows()
    return sorted({incident for incident, *address in rows if tuple(address) in set(addresses)})


def late_runs(drawn: object, first: pl.DataFrame, n: int) -> Iterator[pl.DataFrame]:
    """Tables of `first` with ever more late rows in random order, n of them."""
    rng = np.random.default_rng(7)
    late = drawn.observations.join(first.select("object", "row"), on=["object", "row"], how="anti")
    for _ in range(n):
        more = late.sample(int(rng.integers(0, len(late) + 1)), seed=int(rng.integers(2**31)))
        yield pl.concat([first, more]).sample(fraction=1, shuffle=True, seed=int(rng.integers(99)))


def test_a_lock_survives_a_hundred_runs_with_late_data(drawn: object) -> None:
    first = drawn.observations.sample(fraction=0.6, seed=1)
    before = fused(drawn, first)
    chosen = before.incidents.sort("members", descending=True)["id"][0]
    locked = held(before, chosen)
    said = [Link(act=Act.LOCK, observations=locked, entry=9)]
    tables = list(late_runs(drawn, first, 100))

    found = [fused(drawn, table, said) for table in tables]

    assert len(locked) > 1
    assert {tuple(incidents_of(each, locked)) for each in found} == {(chosen,)}
    assert {held(each, chosen) for each in found} == {locked}
    # The test bites: without the lock, late reports would have joined.
    assert any(held(fused(drawn, table), chosen) != locked for table in tables[:10])


def test_a_merge_of_far_incidents_holds_and_leaves_the_others_alone(drawn: object) -> None:
    before = fused(drawn, drawn.observations)
    one, other = before.incidents.sort("lat_deg")["id"][[0, -1]]
    said = [Link(act=Act.MERGE, observations=held(before, one) + held(before, other), entry=9)]

    after = fused(drawn, drawn.observations, said)

    [joined] = incidents_of(after, said[0].observations)
    assert len(held(after, joined)) == len(said[0].observations)
    assert len(after.incidents) == len(before.incidents) - 1
    untouched = pl.col("id").is_in([one, other, joined]).not_()
    # An episode only says which incidents to look at together, so it may hold others now.
    left = [each.incidents.filter(untouched).drop("episode") for each in (after, before)]
    assert left[0].equals(left[1])


def test_a_split_off_report_is_an_incident_of_its_own(drawn: object) -> None:
    before = fused(drawn, drawn.observations)
    chosen = before.incidents.sort("members", descending=True)["id"][0]
    [*stay, out] = held(before, chosen)
    said = [Link(act=Act.SPLIT, observations=(out,), against=tuple(stay), entry=9)]

    after = fused(drawn, drawn.observations, said)

    [alone] = incidents_of(after, [out])
    assert alone not in incidents_of(after, stay)
