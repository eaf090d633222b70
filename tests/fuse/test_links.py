"""What analysts say of pairs of reports is kept, and touches nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from trucewatch.errors import BadInput
from trucewatch.fuse.associate import Association, Clustered, associate, cluster
from trucewatch.fuse.distinct import distinct
from trucewatch.fuse.links import NO_LINKS, Links, checked
from trucewatch.geo.plane import Plane

if TYPE_CHECKING:
    from collections.abc import Callable

    from trucewatch.fuse.settings import FusionSettings

QUICK = hypothesis_settings(max_examples=25, deadline=None)
PAIRS = st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), max_size=8)


class Case(NamedTuple):
    """A world, and what fusion makes of it without links."""

    world: object
    table: object
    free: Association

    @property
    def settings(self) -> FusionSettings:
        return self.world.settings

    def linked(self, links: Links) -> Clustered:
        return cluster(self.free.matrix, self.free.sensor, self.free.terms, self.settings, links)


@pytest.fixture(scope="module")
def case(world: Callable[..., object]) -> Case:
    drawn = world(seed=21, incidents=120, density=0.05, width_km=15.0, days=4.0)
    table = distinct(drawn.observations, models=drawn.models, settings=drawn.settings).reports
    centre = (drawn.settings.centre_lat_deg, drawn.settings.centre_lon_deg)
    plane = Plane(centre_lat_deg=centre[0], centre_lon_deg=centre[1])
    x_m, y_m = plane.project(table["lon_deg"].to_numpy(), table["lat_deg"].to_numpy())
    table = table.with_columns(x_m=x_m, y_m=y_m)
    return Case(drawn, table, associate(table, models=drawn.models, settings=drawn.settings))


def rows(*pairs: tuple[int, int]) -> np.ndarray:
    return np.array(pairs, np.int64).reshape(-1, 2)


def near(case: Case, pairs: list[tuple[int, int]], n: int) -> np.ndarray:
    """Turn drawn numbers into pairs: by turns any two reports, and two that share an edge."""
    edges = case.free.clustered.edges
    made = [
        (a % n, b % n)
        if (a + b) % 2
        else (edges.low[a % len(edges.low)], edges.high[a % len(edges.low)])
        for a, b in pairs
    ]
    return rows(*made)


def drawn_links(case: Case, together: list[tuple[int, int]], apart: list[tuple[int, int]]) -> Links:
    """Return random links that do not contradict each other."""
    n = len(case.free.matrix)
    pairs = near(case, together, n)
    part = np.arange(n)
    for _ in pairs:
        for a, b in pairs:
            part[[a, b]] = min(part[a], part[b])
    off = near(case, apart, n)
    return Links(pairs, off[part[off[:, 0]] != part[off[:, 1]]])


@QUICK
@given(together=PAIRS, apart=PAIRS)
def test_links_are_always_kept(
    case: Case, together: list[tuple[int, int]], apart: list[tuple[int, int]]
) -> None:
    links = drawn_links(case, together, apart)

    label = case.linked(links).label

    assert (label[links.together[:, 0]] == label[links.together[:, 1]]).all()
    assert (label[links.apart[:, 0]] != label[links.apart[:, 1]]).all()
    assert (label[label] == label).all()
    assert (label <= np.arange(len(label))).all()


@QUICK
@given(together=PAIRS, apart=PAIRS)
def test_links_change_no_bit_in_components_without_them(
    case: Case, together: list[tuple[int, int]], apart: list[tuple[int, int]]
) -> None:
    links = drawn_links(case, together, apart)
    free = case.free.clustered
    touched = np.isin(free.component, free.component[np.concatenate(links[:2]).ravel()])

    found = case.linked(links)

    assert (found.label[~touched] == free.label[~touched]).all()
    assert (found.component[~touched] == free.component[~touched]).all()
    assert kept_bits(found, touched) == kept_bits(free, touched)


def kept_bits(found: Clustered, touched: np.ndarray) -> set[tuple[int, int, int]]:
    low, high, evidence = found.edges
    out = ~touched[low] & ~touched[high]
    columns = (low[out], high[out], evidence[out].view(np.int64))
    return set(zip(*(column.tolist() for column in columns), strict=True))


@QUICK
@given(together=PAIRS, apart=PAIRS, seed=st.integers(0, 2**32 - 1))
def test_links_are_sets_of_pairs(
    case: Case, together: list[tuple[int, int]], apart: list[tuple[int, int]], seed: int
) -> None:
    links = drawn_links(case, together, apart)
    rng = np.random.default_rng(seed)
    other = Links(
        *(
            rng.permuted(np.concatenate((p, p))[rng.permutation(2 * len(p))], axis=1)
            for p in links[:2]
        )
    )

    one, again = case.linked(links), case.linked(other)

    assert (one.label == again.label).all()
    assert kept_bits(one, np.zeros(len(one.label), bool)) == kept_bits(
        again, np.zeros(len(one.label), bool)
    )


def test_no_links_are_the_same_as_none(case: Case) -> None:
    free = case.free.clustered

    found = case.linked(NO_LINKS)

    assert (found.label == free.label).all()
    assert len(np.unique(free.label)) < len(free.label), "a world in which nothing joins"


def test_an_analyst_may_put_two_reports_of_an_at_most_once_sensor_together(case: Case) -> None:
    acoustic = np.flatnonzero(case.free.sensor == 0)[:2]
    links = Links(rows(tuple(acoustic)), NO_LINKS.apart)

    found = associate(case.table, models=case.world.models, settings=case.settings, links=links)

    group = (
        np.searchsorted(
            found.groups.start, np.flatnonzero(found.groups.row == acoustic[0]), side="right"
        )
        - 1
    )
    assert found.clustered.label[acoustic[0]] == found.clustered.label[acoustic[1]]
    assert np.isfinite(found.real_p).all()
    assert 0 <= found.real_p[group][0] <= 1
    assert case.free.terms.log_count[0, 2] == -np.inf, "the sensor must be one that reports once"


@QUICK
@given(seed=st.integers(0, 2**32 - 1))
def test_nothing_joins_a_closed_set_and_nothing_leaves_it(case: Case, seed: int) -> None:
    rng = np.random.default_rng(seed)
    members = rng.permutation(len(case.free.matrix))[: rng.integers(1, 6)]
    closed = np.full(len(case.free.matrix), -1)
    closed[members] = 0
    chain = np.column_stack((members[:-1], members[1:]))

    label = case.linked(Links(chain, NO_LINKS.apart, closed)).label

    assert set(np.flatnonzero(label == label[members[0]])) == set(members)


def test_clusters_that_hold_reports_put_apart_never_merge_later(case: Case) -> None:
    sizes = np.bincount(case.free.clustered.label)
    members = np.flatnonzero(case.free.clustered.label == sizes.argmax())
    assert len(members) >= 4, "a group of two shows nothing"

    for one in members[1:]:
        found = case.linked(Links(NO_LINKS.together, rows((one, members[0]))))

        assert found.label[one] != found.label[members[0]]


@pytest.mark.parametrize(
    ("together", "apart", "problem"),
    [
        ([(0, 1)], [(1, 0)], "rows 0 and 1 are put both together and apart, expected one"),
        ([(0, 1), (2, 1), (2, 3)], [(0, 3)], "rows 0 and 3 are put both together and apart"),
        ([], [(4, 4)], "rows 4 and 4 are put both together and apart"),
        ([(0, 5)], [], "row 5 is linked, expected one of the 5 precise reports, from 0"),
        ([], [(-1, 2)], "row -1 is linked, expected one of the 5 precise reports"),
        ([(1, 2), (2, 3), (3, 4)], [], "4 reports are put together with row 1, expected at most 3"),
    ],
)
def test_refuses_links_that_cannot_be_kept(
    together: list[tuple[int, int]], apart: list[tuple[int, int]], problem: str
) -> None:
    with pytest.raises(BadInput, match=f"links: {problem}"):
        checked(Links(rows(*together), rows(*apart)), 5, members_max=3)


@pytest.mark.parametrize("pairs", [np.zeros(3, np.int64), np.zeros((2, 3), int), np.zeros((2, 2))])
def test_refuses_pairs_of_another_shape_or_kind(pairs: np.ndarray) -> None:
    with pytest.raises(BadInput, match=r"links: pairs are .* expected integers \(k, 2\)"):
        checked(Links(pairs, NO_LINKS.apart), 5, members_max=3)


def test_a_row_with_itself_is_together_already() -> None:
    found = checked(Links(rows((2, 2), (3, 1), (1, 3)), NO_LINKS.apart), 5, members_max=3)

    assert found.together.tolist() == [[1, 3]]
