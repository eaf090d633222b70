"""Adding reports piece by piece ends where fusing all of them at once does, to the last bit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from trucewatch.errors import BadInput
from trucewatch.fuse.associate import Association, associate
from trucewatch.fuse.distinct import distinct
from trucewatch.fuse.edges import find_edges
from trucewatch.fuse.groups import bounded
from trucewatch.fuse.likelihood import COLUMNS, S2, U2, T, X, Y
from trucewatch.fuse.links import NO_LINKS, Links
from trucewatch.fuse.ongoing import Ongoing, Solved
from trucewatch.fuse.renew import Reach, near
from trucewatch.geo.plane import Plane

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from trucewatch.fuse.edges import Edges
    from trucewatch.fuse.settings import FusionSettings
    from trucewatch.records.sensor import SensorModel

QUICK = hypothesis_settings(max_examples=12, deadline=None)
SEEDS = st.integers(0, 2**32 - 1)
DAY_US = 86_400_000_000
WORLDS = {
    4e-3: {"incidents": 150, "density": 4e-3, "width_km": 30.0, "days": 12.0},
    1e-1: {"incidents": 300, "density": 1e-1, "width_km": 15.0, "days": 6.0},
}


@dataclass(frozen=True)
class Case:
    """Distinct reports in canonical order, and what to fuse them with."""

    table: pl.DataFrame
    models: dict[str, SensorModel]
    settings: FusionSettings

    def at_once(
        self,
        table: pl.DataFrame | None = None,
        links: Links | None = None,
        silences: pl.DataFrame | None = None,
    ) -> Association:
        return associate(
            self.table if table is None else table,
            models=self.models,
            settings=self.settings,
            links=links,
            silences=silences,
        )

    def ongoing(self) -> Ongoing:
        return Ongoing(models=self.models, settings=self.settings)


@dataclass(frozen=True)
class Said:
    """Links between any two reports of a case, by row of all reports; not all may be there yet."""

    links: Links

    def of(self, present: np.ndarray) -> Links:
        """Return the links between reports that are there, by row among them."""
        row = np.cumsum(present) - 1
        pairs = [row[p[present[p].all(axis=1)]] for p in self.links[:2]]
        return Links(*pairs, self.links.closed[present])


def drawn(world: Callable[..., object], seed: int, density: float, **settings: object) -> Case:
    made = world(seed=seed, **WORLDS[density])
    table = distinct(made.observations, models=made.models, settings=made.settings).reports
    plane = Plane(
        centre_lat_deg=made.settings.centre_lat_deg, centre_lon_deg=made.settings.centre_lon_deg
    )
    x_m, y_m = plane.project(table["lon_deg"].to_numpy(), table["lat_deg"].to_numpy())
    placed = table.with_columns(x_m=x_m, y_m=y_m)
    return Case(placed, dict(made.models), replace(made.settings, **settings))


def random_links(case: Case, rng: np.random.Generator) -> Said:
    """Draw links that do not contradict each other, half of them along edges; one locked set."""
    n, edges = len(case.table), case.at_once().clustered.edges
    pairs = rng.integers(0, n, (12, 2))
    picked = rng.integers(0, len(edges.low), 12)
    pairs = np.concatenate((pairs, np.column_stack((edges.low[picked], edges.high[picked]))))
    pairs = rng.permutation(pairs)
    together, apart = pairs[:8], pairs[8:]
    part = np.arange(n)
    for _ in together:
        for a, b in together:
            part[[a, b]] = min(part[a], part[b])
    closed = np.where(part == part[together[0, 0]], 0, -1)
    return Said(Links(together, apart[part[apart[:, 0]] != part[apart[:, 1]]], closed))


def by_day(case: Case) -> list[np.ndarray]:
    day = case.table["middle_us"].to_numpy() // DAY_US
    return [np.flatnonzero(day == each) for each in np.unique(day)]


def pieces(case: Case, number: int, rng: np.random.Generator) -> list[np.ndarray]:
    return np.array_split(rng.permutation(len(case.table)), number)


def in_pieces(case: Case, parts: Iterable[np.ndarray], said: Said | None = None) -> Ongoing:
    ongoing, present = case.ongoing(), np.zeros(len(case.table), bool)
    for part in parts:
        present[part] = True
        ongoing.add(case.table[part], links=said.of(present) if said else None)
    return ongoing


def bits(edges: Edges) -> list[tuple[int, int, int]]:
    return sorted(zip(*(c.view(np.int64).tolist() for c in edges), strict=True))


def assert_same(one: Association, other: Association) -> None:
    assert bits(one.clustered.edges) == bits(other.clustered.edges)
    for name in ("label", "component"):
        assert getattr(one.clustered, name).tolist() == getattr(other.clustered, name).tolist()
    for name in ("matrix", "real_p", "sensor"):
        assert getattr(one, name).tobytes() == getattr(other, name).tobytes()
    assert [part.tolist() for part in one.groups] == [part.tolist() for part in other.groups]


@pytest.mark.parametrize("seed", [31, 32, 33])
@pytest.mark.parametrize("members_max", [256, 32])
@pytest.mark.parametrize("density", [4e-3, 1e-1])
@pytest.mark.parametrize("linked", [False, True])
def test_fifty_random_pieces_or_days_are_the_same_as_all_at_once(
    world: Callable[..., object], density: float, members_max: int, seed: int, linked: bool
) -> None:
    case = drawn(world, seed, density, component_members_max=members_max)
    rng = np.random.default_rng(seed)
    said = random_links(case, rng) if linked else None
    whole = case.at_once(links=said.links if said else None)

    for parts in (pieces(case, 50, rng), by_day(case), by_day(case)[::-1]):
        ongoing = in_pieces(case, parts, said)

        assert_same(ongoing.association(), whole)
        assert ongoing.reports["dedup_key"].to_list() == case.table["dedup_key"].to_list()


def test_edges_that_went_are_not_kept(case: Case) -> None:
    whole = case.at_once()
    everything = find_edges(whole.matrix, whole.sensor, whole.terms, case.settings)
    ongoing, went = case.ongoing(), set()

    for part in pieces(case, 12, np.random.default_rng(3)):
        ongoing.add(case.table[part])
        went |= set(zip(*named(ongoing), strict=True))

    low, high = (case.table["dedup_key"].gather(ends) for ends in everything[:2])
    assert sorted(zip(*named(ongoing), strict=True)) == sorted(zip(low, high, strict=True))
    assert len(went) > len(everything.low), "no edge ever went"


def named(ongoing: Ongoing) -> list[pl.Series]:
    drawn = ongoing._graph.drawn
    return [ongoing._reports["dedup_key"].gather(ends) for ends in (drawn.low, drawn.high)]


def test_a_component_is_cut_and_cut_elsewhere_when_more_of_it_is_known(
    world: Callable[..., object],
) -> None:
    case = drawn(world, 34, 1e-1, component_members_max=8)
    raw = drawn(world, 34, 1e-1).at_once().clustered.edges
    assert np.bincount(bounded(len(case.table), raw, 10**6)).max() > 8, "nothing to cut"
    ongoing = case.ongoing()

    for part in by_day(case):
        ongoing.add(case.table[part])

        assert_same(ongoing.association(), case.at_once(ongoing.reports))


@QUICK
@given(seed=SEEDS, number=st.integers(1, 9))
def test_after_every_piece_all_is_as_if_found_at_once(
    world: Callable[..., object], seed: int, number: int
) -> None:
    case, rng = drawn(world, seed % 7, 1e-1), np.random.default_rng(seed)
    case = two_channels(case) if seed % 2 else case
    said, later = (random_links(case, rng) for _ in range(2))
    ongoing, present = case.ongoing(), np.zeros(len(case.table), bool)

    for part in pieces(case, number, rng):
        present[part] = True
        links = (said, later)[rng.integers(2)].of(present) if rng.random() < 0.8 else None
        silences = random_silences(case, rng)
        ongoing.add(case.table[part], links=links, silences=silences)

        assert_same(
            ongoing.association(), case.at_once(case.table.filter(present), links, silences)
        )


def two_channels(case: Case) -> Case:
    """Let each of two channels of the thermal sensor report a happening at most once."""
    name = pl.Series(np.where(np.arange(len(case.table)) % 2, "A", "B"))
    models = {**case.models, "thermal": replace(case.models["thermal"], once_per_channel=True)}
    return replace(case, table=case.table.with_columns(channel=name), models=models)


def test_a_channel_that_reports_once_does_so_whatever_the_pieces(case: Case) -> None:
    bound = two_channels(case)
    whole = bound.at_once()
    ongoing = in_pieces(bound, pieces(bound, 20, np.random.default_rng(1)))

    assert_same(ongoing.association(), whole)
    assert len(whole.real_p) > len(case.at_once().real_p), "the rule must matter here"
    with pytest.raises(BadInput, match=r"reports: .*channel.*expected the columns of distinct"):
        bound.ongoing().add(bound.table.drop("channel"))


def random_silences(case: Case, rng: np.random.Generator) -> pl.DataFrame:
    middle_us = case.table["middle_us"].to_numpy()
    ends = np.sort(rng.choice(middle_us, (2, 2)), axis=1)
    time = pl.Datetime("us", "UTC")
    return pl.DataFrame(
        {
            "sensor": ["acoustic", "thermal"],
            "start": pl.Series(ends[:, 0]).cast(time),
            "end": pl.Series(ends[:, 1]).cast(time),
            "expected": [3.0, None],
        }
    )


@pytest.fixture(scope="module")
def case(world: Callable[..., object]) -> Case:
    return drawn(world, 41, 4e-3)


def last_day(case: Case) -> tuple[Ongoing, np.ndarray]:
    """Return what goes on before the last busy day, and the reports of that day."""
    days = by_day(case)
    busy = [len(day) > 10 for day in days]
    last = max(np.flatnonzero(busy))
    return in_pieces(case, days[:last]), days[last]


def test_a_day_more_solves_few_reports_and_leaves_the_others(case: Case) -> None:
    ongoing, day = last_day(case)
    before = ongoing.association().clustered
    keys = ongoing.reports["dedup_key"]

    solved = ongoing.add(case.table[day])

    after = ongoing.association().clustered
    row = dict(zip(ongoing.reports["dedup_key"], range(solved.held), strict=True))
    again = set(solved.rows.tolist())
    label = [row[keys[least]] for least in before.label.tolist()]
    others = [(row[key], least) for key, least in zip(keys, label, strict=True)]
    others = [(at, least) for at, least in others if at not in again]
    assert solved.new == len(day)
    assert {row[key] for key in case.table[day]["dedup_key"]} <= again
    assert len(others) > 0.5 * solved.held
    assert solved.share == len(again) / solved.held < 0.5
    assert all(after.label[at] == least for at, least in others)


def test_a_far_report_is_solved_alone_wherever_its_row_is(case: Case) -> None:
    start = case.table["time_start"][0] - timedelta(days=2)
    first = case.table[:1].with_columns(
        pl.col("x_m") + 3e5,
        time_start=pl.lit(start, pl.Datetime("us", "UTC")),
        middle_us=int(start.timestamp()) * 1_000_000,
        dedup_key=pl.lit("far"),
    )
    ongoing = in_pieces(case, [np.arange(len(case.table))])

    solved = ongoing.add(first)

    assert (solved.new, solved.rows.tolist(), solved.held) == (1, [0], len(case.table) + 1)
    assert_same(ongoing.association(), case.at_once(pl.concat([first, case.table])))


def test_an_empty_add_changes_nothing(case: Case) -> None:
    ongoing = in_pieces(case, pieces(case, 3, np.random.default_rng(0)))
    before = ongoing.association()

    solved = ongoing.add(case.table[:0])

    assert (solved.new, len(solved.rows), solved.held) == (0, 0, len(case.table))
    assert solved.share == 0
    assert_same(ongoing.association(), before)


def test_nothing_held_is_an_empty_association(case: Case) -> None:
    ongoing = case.ongoing()

    solved = ongoing.add(case.table[:0])

    assert (solved.new, len(solved.rows), solved.held, solved.share) == (0, 0, 0, 0)
    assert ongoing.reports.is_empty()
    assert ongoing.association(imprecise=2).groups.start.tolist() == [0, 1, 2]
    assert not len(ongoing.association().real_p)


def test_new_links_solve_the_components_that_they_touch_and_no_others(case: Case) -> None:
    ongoing = in_pieces(case, [np.arange(len(case.table))])
    free = ongoing.association().clustered
    low, high = free.edges.low[0], free.edges.high[0]
    links = Links(NO_LINKS.together, np.array([[high, low]]))

    put = ongoing.add(case.table[:0], links=links)
    held = ongoing.association()
    kept = ongoing.add(case.table[:0], links=links)
    lifted = ongoing.add(case.table[:0])

    component = np.flatnonzero(free.component == free.component[low])
    assert put.rows.tolist() == component.tolist()
    assert_same(held, case.at_once(links=links))
    assert len(kept.rows) == 0
    assert lifted.rows.tolist() == component.tolist()
    assert_same(ongoing.association(), case.at_once())


def test_a_lock_that_comes_and_goes_is_as_if_it_had_always_been_so(case: Case) -> None:
    ongoing = in_pieces(case, [np.arange(len(case.table))])
    free = ongoing.association().clustered
    busy = free.component == np.bincount(free.component).argmax()
    edge = np.flatnonzero(busy[free.edges.low])[0]
    pair = np.array([[free.edges.low[edge], free.edges.high[edge]]])
    closed = np.full(len(case.table), -1)
    closed[pair] = 0
    open_, locked = Links(pair, NO_LINKS.apart), Links(pair, NO_LINKS.apart, closed)

    for links in (open_, locked, open_, locked, None):
        ongoing.add(case.table[:0], links=links)

        assert_same(ongoing.association(), case.at_once(links=links))

    assert len(case.at_once(links=locked).clustered.edges.low) < len(free.edges.low)


def test_silences_that_come_and_go_alone_change_what_lies_in_them(case: Case) -> None:
    ongoing = in_pieces(case, [np.arange(len(case.table))])
    free = ongoing.association()

    for seed in range(4):
        silences = random_silences(case, np.random.default_rng(seed))
        solved = ongoing.add(case.table[:0], silences=silences)

        assert len(solved.rows) > 0
        assert_same(ongoing.association(), case.at_once(silences=silences))

    ongoing.add(case.table[:0])
    assert_same(ongoing.association(), free)


def test_a_report_given_again_is_ignored(case: Case) -> None:
    ongoing = in_pieces(case, [np.arange(100)])

    again = ongoing.add(case.table[50:100])
    more = ongoing.add(case.table[90:130])

    assert (again.new, len(again.rows), again.held) == (0, 0, 100)
    assert (more.new, more.held) == (30, 130)
    assert_same(ongoing.association(), case.at_once(case.table[:130]))


def test_imprecise_reports_are_left_aside(case: Case) -> None:
    tier = np.arange(len(case.table)) % 3 == 0
    table = case.table.with_columns(tier=pl.Series(tier).cast(pl.UInt8)).sort(
        "tier", "time_start", "dedup_key"
    )
    ongoing = case.ongoing()

    solved = ongoing.add(table)

    assert solved.new == solved.held == int((~tier).sum())
    assert_same(ongoing.association(imprecise=int(tier.sum())), case.at_once(table))


@pytest.mark.parametrize(
    ("column", "value", "problem"),
    [
        ("s2_m2", 7.0, r"has s2_m2 7\.0, expected \d+\.\d+ as when it was first given"),
        ("tier", 1, "has tier 1, expected 0 as when it was first given"),
        ("sensor", "news", "is precise and of 'news', expected one of acoustic, camera"),
        ("x_m", "east", "expected the columns of distinct reports, x_m and y_m"),
    ],
)
def test_refuses_a_report_that_cannot_be_added_and_keeps_what_it_had(
    case: Case, column: str, value: object, problem: str
) -> None:
    ongoing = in_pieces(case, [np.arange(50)])
    before = ongoing.association()

    with pytest.raises(BadInput, match=f"^reports: .*{problem}"):
        ongoing.add(case.table[40:60].with_columns(pl.lit(value).alias(column)))

    assert ongoing.reports.height == 50
    assert_same(ongoing.association(), before)


def test_refuses_a_table_with_a_key_twice_or_a_column_less(case: Case) -> None:
    key = case.table["dedup_key"][3]

    with pytest.raises(BadInput, match=f"reports: '{key}' is given twice, expected once"):
        case.ongoing().add(case.table[[3, 4, 3]])
    with pytest.raises(BadInput, match=r"reports: .*u2_s2.*expected the columns of distinct"):
        case.ongoing().add(case.table.drop("u2_s2"))


def test_links_that_cannot_be_kept_leave_everything_as_it_was(case: Case) -> None:
    ongoing = in_pieces(case, [np.arange(50)])
    before = ongoing.association()

    with pytest.raises(BadInput, match="links: row 60 is linked, expected one of the 60 precise"):
        ongoing.add(case.table[50:60], links=Links(np.array([[0, 60]]), NO_LINKS.apart))

    assert_same(ongoing.association(), before)


@QUICK
@given(seed=SEEDS)
def test_reports_of_one_time_are_in_order_of_their_keys(case: Case, seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 120
    hour = pl.Series(rng.integers(0, 9, n)) * pl.Series([3_600_000_000])
    start = case.table["time_start"].min()
    keys = rng.permutation(n).astype(str)
    table = case.table[:n].with_columns(
        time_start=pl.lit(start) + hour.cast(pl.Duration("us")), dedup_key=pl.Series(keys)
    )
    ongoing = case.ongoing()

    for part in np.array_split(rng.permutation(n), 5):
        ongoing.add(table[part])

    expected = table.sort("time_start", "dedup_key")["dedup_key"].to_list()
    assert ongoing.reports["dedup_key"].to_list() == expected


@QUICK
@given(seed=SEEDS, wide=st.booleans())
def test_whoever_is_inside_the_gate_of_a_changed_report_is_near(seed: int, wide: bool) -> None:
    rng = np.random.default_rng(seed)
    n, gate = 300, 3.5
    reports = np.zeros((n, COLUMNS))
    reports[:, [X, Y, T]] = rng.normal(0, 1, (n, 3)) * (150, 150, 40)
    reports[:, S2] = rng.choice([0.05, 0.4, 2.0], n) ** 2
    reports[:, U2] = rng.choice([1e-4, 0.2, 2.5], n) ** 2
    reports[rng.integers(n), [S2, U2]] = (80.0**2, 60.0**2) if wide else (0.1, 0.1)
    changed = rng.random(n) < 0.02
    dt2 = (reports[:, None, T] - reports[None, :, T]) ** 2
    d2 = sum((reports[:, None, c] - reports[None, :, c]) ** 2 for c in (X, Y))
    gated = dt2 <= gate**2 * (reports[:, None, U2] + reports[None, :, U2])
    gated &= d2 <= gate**2 * (reports[:, None, S2] + reports[None, :, S2])

    reach = Reach(gate * np.sqrt(reports[:, S2]) + 1e-6, gate * np.sqrt(reports[:, U2]) + 1e-8)

    found = near(reports, changed, reach)

    assert (found >= (gated & changed[None, :]).any(axis=1)).all()
    assert (found >= changed).all()
    assert wide or found.mean() < 0.3
    assert not near(reports, np.zeros(n, bool), reach).any()
    assert near(reports, np.ones(n, bool), reach).all()


def test_the_share_of_nothing_is_none() -> None:
    assert Solved(0, np.empty(0, np.int64), 0).share == 0
