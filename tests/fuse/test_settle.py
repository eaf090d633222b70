"""In which incident a report is counted, whatever analysts and chances say together."""

from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from trucewatch.fuse.bound import bind
from trucewatch.fuse.groups import connect
from trucewatch.fuse.membership import MEMBERSHIP, NONE, Memberships
from trucewatch.fuse.settle import COUNTED, POSSIBLE, divide, settle
from trucewatch.records.link import Act, Link

PRECISE, TOTAL = 4, 9  # rows 0 to 3 are precise, each alone; 4 to 8 are imprecise
SHA = "a" * 64
COPIES = pl.DataFrame({"distinct": range(TOTAL), "object": [SHA] * TOTAL, "row": range(TOTAL)})


def link(act: Act, rows: list[int], against: tuple[int, ...] = (), *, entry: int) -> Link:
    return Link(
        act=act,
        observations=tuple((SHA, r) for r in rows),
        against=tuple((SHA, r) for r in against),
        entry=entry,
    )


def chances(p: dict[tuple[int, int], float], label: np.ndarray | None = None) -> Memberships:
    """Memberships of imprecise reports, given P(report, least row of a precise incident)."""
    label = np.arange(PRECISE) if label is None else label
    number = {int(row): at for at, row in enumerate(np.unique(label))}
    told: dict[tuple[int, int], float] = {}
    for (row, incident), chance in p.items():
        at = (row, number[int(label[incident])])
        told[at] = told.get(at, 0.0) + chance
    pairs = [(row, at, chance) for (row, at), chance in told.items()]
    pairs += [(row, number[int(label[row])], 1.0) for row in range(PRECISE)]
    sure = {row: sum(c for (r, _), c in told.items() if r == row) for row in range(PRECISE, TOTAL)}
    pairs += [(row, NONE, 1 - chance) for row, chance in sure.items()]
    table = pl.DataFrame(pairs, schema=MEMBERSHIP, orient="row").sort("report", "incident")
    real = np.array([0.9] * len(number) + [1 - sure[row] for row in range(PRECISE, TOTAL)])
    return Memberships(table=table, real_p=real, evidence=np.full(TOTAL, np.nan))


def settled(links: list[Link], p: dict[tuple[int, int], float]) -> dict[int, int]:
    """Return the least row of the incident in which each report is counted."""
    said = divide(bind(links, COPIES), PRECISE)
    label = np.arange(PRECISE)
    connect(label, *np.ascontiguousarray(said.links.together.T))
    found = settle(label, chances(p, label), said).groups
    heads = np.repeat(found.row[found.start[:-1]], np.diff(found.start))
    return dict(zip(found.row.tolist(), heads.tolist(), strict=True))


def test_a_report_is_counted_where_it_is_likelier_than_not() -> None:
    found = settle(
        np.arange(PRECISE),
        chances({(4, 1): 0.7, (4, 2): 0.2, (5, 1): 0.4}),
        divide(bind([], COPIES), PRECISE),
    )

    roles = {(r, i): role for r, i, role in found.pairs.select("report", "incident", "role").rows()}
    assert roles[4, 1] == COUNTED
    assert roles[4, 2] == roles[5, 1] == POSSIBLE
    assert found.real_p.tolist() == [0.9, 0.9, 0.9, 0.9, 0.6, 1.0, 1.0, 1.0]


def test_a_merge_outweighs_the_chances() -> None:
    found = settled([link(Act.MERGE, [2, 4], entry=1)], {(4, 1): 0.9})

    assert found[4] == 2


def test_two_reports_kept_apart_never_join_one_incident() -> None:
    links = [link(Act.SPLIT, [4], (5,), entry=1)]

    found = settled(links, {(4, 1): 0.7, (5, 1): 0.9})

    assert (found[4], found[5]) == (4, 1), "the surer of the two stays"


def test_a_report_does_not_join_where_an_analyst_put_what_it_is_kept_apart_from() -> None:
    links = [link(Act.SPLIT, [4], (5,), entry=1), link(Act.MERGE, [1, 5], entry=2)]

    found = settled(links, {(4, 1): 0.9})

    assert (found[4], found[5]) == (4, 1)


def test_nothing_joins_a_locked_incident() -> None:
    found = settled([link(Act.LOCK, [1], entry=1)], {(4, 1): 0.9})

    assert found[4] == 4


def test_a_merged_incident_is_as_real_as_any_of_its_parts() -> None:
    said = divide(bind([link(Act.MERGE, [1, 4], entry=1)], COPIES), PRECISE)

    found = settle(np.arange(PRECISE), chances({(4, 2): 0.3}), said)

    merged = found.groups.row[found.groups.start[:-1]].tolist().index(1)
    assert found.real_p[merged] == 1 - (1 - 0.9) * (1 - 0.7)


def test_a_report_that_is_split_off_is_no_longer_possible_there() -> None:
    said = divide(bind([link(Act.SPLIT, [4], (1,), entry=1)], COPIES), PRECISE)

    found = settle(np.arange(PRECISE), chances({(4, 1): 0.75, (4, 2): 0.15}), said)

    of_it = found.pairs.filter(pl.col("report") == 4).sort("incident")
    assert of_it["incident"].to_list() == [2]
    assert of_it["membership_p"].to_list() == [0.15 / 0.25]
    assert of_it["role"].to_list() == [COUNTED]


ROWS = st.integers(0, TOTAL - 1)
ACTS = st.lists(
    st.tuples(st.sampled_from([Act.MERGE, Act.SPLIT, Act.LOCK]), st.sets(ROWS, min_size=2)),
    max_size=6,
)


@given(acts=ACTS, sure=st.lists(st.floats(0, 1), min_size=20, max_size=20))
def test_what_analysts_bind_holds_after_chances(
    acts: list[tuple[Act, set[int]]], sure: list[float]
) -> None:
    links = []
    for entry, (act, rows) in enumerate(acts):
        first, *others = sorted(rows)
        split = act == Act.SPLIT
        links.append(
            link(
                act, [first] if split else sorted(rows), tuple(others) if split else (), entry=entry
            )
        )
    weights = np.array(sure).reshape(5, 4) / 4
    weights[np.arange(5), weights.argmax(axis=1)] *= 3
    p = {(PRECISE + r, i): float(w) for (r, i), w in np.ndenumerate(weights / (1 + weights.sum()))}
    bound = bind(links, COPIES)

    found = settled(links, p)

    assert all(found[a] == found[b] for a, b in bound.together.tolist())
    assert all(found[a] != found[b] for a, b in bound.apart.tolist())
    for row in range(TOTAL):
        if bound.closed[row] >= 0:
            held = {r for r in range(TOTAL) if found[r] == found[row]}
            assert held == {r for r in range(TOTAL) if bound.closed[r] == bound.closed[row]}
