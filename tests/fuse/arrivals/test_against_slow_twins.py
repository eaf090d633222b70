"""Every kernel of arrivals beside a slow twin that was written from its definition."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.fuse.arrivals.conftest import SETTINGS, SOURCES, picks_of

from trucewatch.fuse.arrivals.claim import Scene, claim, reclaim
from trucewatch.fuse.arrivals.grid import grid
from trucewatch.fuse.arrivals.hearing import hearing
from trucewatch.fuse.arrivals.peaks import NEAR_BINS, NEAR_NODES, peaks
from trucewatch.fuse.arrivals.picks import Network, Tidy, tidy
from trucewatch.fuse.arrivals.rates import Clutter, clutter
from trucewatch.fuse.arrivals.refine import (
    COLUMNS,
    COUNT,
    GATE,
    NEW_STEPS,
    OLD_STEPS,
    RATIO,
    REACH,
    Fit,
    Free,
    T,
    X,
    Y,
    fit,
    refine,
)  # fmt: skip
from trucewatch.fuse.arrivals.stack import (
    CLASSES,
    INSIDE,
    WINDOW,
    Grouped,
    field,
    group,
    odds,
    stack,
    weigh,
    wipe,
)  # fmt: skip

BINS = 60
SPEED_KM_S = (SETTINGS.speed_p_km_s, SETTINGS.speed_s_km_s)


@pytest.fixture
def neat(network: Network) -> Tidy:
    return tidy(picks_of(SOURCES, network, clutter=400)[0], network)


@pytest.fixture
def rates(network: Network, neat: Tidy) -> Clutter:
    channels = 2 * len(network.place_km)
    return clutter(neat.channel, neat.time_s, channels, (-30.0, 1830.0), SETTINGS.clutter_s)


def slow_detect_p(away_km: float, reach_km: float) -> float:
    return SETTINGS.detect_p / (1 + math.exp((away_km - reach_km) / SETTINGS.edge_km))


def slow_scores(neat: Tidy, network: Network, rates: Clutter, origin_s: float) -> np.ndarray:
    """Score (node, bin) in natural-log units, of all picks, thinned as the kernel says."""
    nodes = grid(network.place_km, SETTINGS).place_km
    span_km = SETTINGS.reach_max_km - SETTINGS.reach_min_km
    kept: dict[int, float] = {}
    picks = []
    for c, t in zip(neat.channel, neat.time_s, strict=True):
        if t - kept.get(int(c), -math.inf) >= SETTINGS.bin_s / 2:
            kept[int(c)] = t
            picks.append((int(c), t))
    score = np.full((len(nodes), BINS, len(CLASSES)), 0.0)
    for n, node in enumerate(nodes):
        away_km = np.hypot(*(network.place_km - node).T)
        for k, way in enumerate(CLASSES):
            reach_km = SETTINGS.reach_min_km + way * span_km
            p = [slow_detect_p(d, reach_km) for d in away_km]
            score[n, :, k] += sum(2 * math.log(1 - q) for q in p)
            for c, t in picks:
                b = (t - origin_s - away_km[c // 2] / SPEED_KM_S[c % 2]) / SETTINGS.bin_s
                mu = rates.mean_per_s[c] * WINDOW * SETTINGS.bin_s
                gain = math.log(1 + INSIDE * p[c // 2] / ((1 - p[c // 2]) * mu))
                for first in (math.floor(b) - 1, math.floor(b)):
                    if 0 <= first < BINS:
                        score[n, first, k] += gain
    return score.max(axis=2)


def stacked(neat: Tidy, network: Network, rates: Clutter, origin_s: float, gate: float):
    """Return the field, its hits and the scale of a chunk."""
    nodes = grid(network.place_km, SETTINGS)
    heard = hearing(SETTINGS)
    weights = weigh(nodes, odds(nodes, heard), rates.mean_per_s, SETTINGS.bin_s, gate)
    memory = field(nodes, BINS)
    reach_s = (BINS + memory.lead) * SETTINGS.bin_s
    first, last = np.searchsorted(neat.time_s, (origin_s, origin_s + reach_s))
    grouped = Grouped(
        np.zeros(2 * len(network.place_km) + 1, np.int64), np.zeros(last - first, np.float32)
    )
    free = np.ones(len(neat.time_s), np.bool_)
    bins = neat.time_s / SETTINGS.bin_s
    group((neat.channel, bins), free, (first, last, origin_s / SETTINGS.bin_s), grouped)
    return memory, stack(grouped, nodes, weights, memory), weights.weight


def test_stack_scores_every_cell_as_its_slow_twin(
    network: Network, neat: Tidy, rates: Clutter
) -> None:
    origin_s, gate = SOURCES[0, 2] - neat.start_s - 40, 6.0
    slow = slow_scores(neat, network, rates, origin_s)

    memory, hits, scale = stacked(neat, network, rates, origin_s, gate)

    score = memory.score / scale
    clear = np.abs(slow - gate) > 3.0  # a pick on a border of bins may fall on either side
    off = np.abs(score - slow)[clear & (slow > gate)]
    assert hits == (score > 0).sum() > 20
    assert ((score > 0) == (slow > gate))[clear].mean() > 0.999
    assert np.quantile(off, 0.95) < 2.0  # rounding of some forty picks to steps of a lane


def test_wipe_leaves_a_field_as_new(network: Network, neat: Tidy, rates: Clutter) -> None:
    memory, hits, _ = stacked(neat, network, rates, SOURCES[0, 2] - neat.start_s - 40, 6.0)

    wipe(memory, hits)

    assert hits > 0
    assert not memory.score.any()


def test_group_sorts_by_channel_and_thins_as_its_slow_twin() -> None:
    rng = np.random.default_rng(1)
    bins = np.sort(rng.uniform(0, 100, 500))
    channel, free = rng.integers(0, 7, 500), rng.random(500) < 0.7
    grouped = Grouped(np.zeros(8, np.int64), np.zeros(400, np.float32))

    count = group((channel, bins), free, (50, 450, 3.0), grouped)

    expected = []
    for c in range(7):
        last = -math.inf
        for p in range(50, 450):
            if channel[p] == c and free[p] and bins[p] - last >= 0.5:
                last = bins[p]
                expected.append(np.float32(last - 3.0))
    assert grouped.bins[:count].tolist() == expected


def test_peaks_are_those_of_their_slow_twin() -> None:
    rng = np.random.default_rng(2)
    east, north = 9, 7
    nodes = grid(Network(place_km=np.zeros((1, 2))).place_km, SETTINGS)
    memory = field(nodes, BINS)._replace(
        score=np.where(rng.random((east * north, BINS)) < 0.1, rng.integers(1, 6, (63, BINS)), 0)
        .astype(np.int16)
    )  # fmt: skip
    node, bins = np.nonzero(memory.score)
    memory = memory._replace(node=node.astype(np.int32), bin=bins.astype(np.int32))
    lone = np.zeros(len(node), np.bool_)

    count = peaks(memory, len(node), north, lone)

    expected = []
    for n, b in zip(node, bins, strict=True):
        rivals = [
            (-int(memory.score[q, e]), int(q), e)
            for q in range(east * north)
            for e in range(b - NEAR_BINS, b + NEAR_BINS + 1)
            if abs(q // north - n // north) <= NEAR_NODES
            and abs(q % north - n % north) <= NEAR_NODES
            and 0 <= e < BINS
        ]
        inside = NEAR_BINS <= b < BINS - NEAR_BINS
        expected.append(inside and min(rivals) == (-int(memory.score[n, b]), n, b))
    assert lone.tolist() == expected
    assert count == sum(expected) > 5


def slow_fit(at: np.ndarray, neat: Tidy, network: Network, rates: Clutter) -> tuple:
    """Return log ratio, reach and picks of a source at a place and time, from the definition."""
    near: dict[tuple[int, int], tuple[float, int]] = {}
    for i, (c, t) in enumerate(zip(neat.channel, neat.time_s, strict=True)):
        s, k = divmod(int(c), 2)
        away_km = math.dist(at[:2], network.place_km[s])
        late_s = t - at[T] - away_km / SPEED_KM_S[k]
        best = near.get((s, k), (math.inf, -1))[0]
        if away_km <= SETTINGS.cutoff_km and abs(late_s) < min(GATE * SETTINGS.sigma_s, abs(best)):
            near[s, k] = (late_s, i)
    best = (-math.inf, 0.0, set[int]())
    for reach_km in hearing(SETTINGS).reach_km:
        ratio, own = 0.0, set()
        for s, place in enumerate(network.place_km):
            away_km = math.dist(at[:2], place)
            if away_km > SETTINGS.cutoff_km:
                continue
            p = slow_detect_p(away_km, reach_km)
            for k in range(2):
                if (s, k) not in near:
                    ratio += math.log(1 - p)
                    continue
                late_s, i = near[s, k]
                due_s = at[T] + away_km / SPEED_KM_S[k]
                b = int((due_s - rates.from_s) / rates.bin_s)
                z = late_s / SETTINGS.sigma_s
                density = math.exp(-z * z / 2) / (math.sqrt(2 * math.pi) * SETTINGS.sigma_s)
                of_source = p * density / rates.local_per_s[2 * s + k, b]
                ratio += math.log(1 - p + of_source)
                if of_source > 1 - p:
                    own.add(i)
        best = max(best, (ratio, reach_km, own), key=lambda b: b[0])
    return best


def fitted(at: tuple, steps: int, neat: Tidy, network: Network, rates: Clutter) -> Fit:
    memory = fit(len(network.place_km))
    memory.at[[X, Y, T]] = at
    picks = Free(neat.channel, neat.time_s, np.ones(len(neat.time_s), np.bool_))
    refine(memory, steps, network.place_km, picks, rates, hearing(SETTINGS))
    return memory


@pytest.mark.parametrize("steps", [NEW_STEPS, OLD_STEPS])
@pytest.mark.parametrize("source", range(len(SOURCES)))
def test_refine_ends_where_its_slow_twin_sees_the_same(
    network: Network, neat: Tidy, rates: Clutter, source: int, steps: int
) -> None:
    x, y, t = SOURCES[source]

    made = fitted((x + 3, y - 3, t - neat.start_s + 0.3), steps, neat, network, rates)

    ratio, reach_km, own = slow_fit(made.at, neat, network, rates)
    assert made.at[RATIO] == pytest.approx(ratio, rel=1e-4)
    assert made.at[REACH] == reach_km
    assert set(made.who[made.who >= 0].tolist()) == own
    assert made.at[COUNT] == len(own)


def test_refine_finds_the_place_of_greatest_likelihood(
    network: Network, neat: Tidy, rates: Clutter
) -> None:
    x, y, t = SOURCES[0]

    at = fitted((x + 3, y - 3, t - neat.start_s + 0.3), NEW_STEPS, neat, network, rates).at

    peak = slow_fit(at, neat, network, rates)[0]
    for axis, step in ((X, 0.7), (Y, 0.7), (T, 0.15)):
        for sign in (-1, 1):
            beside = at.copy()
            beside[axis] += sign * step
            assert slow_fit(beside, neat, network, rates)[0] < peak


def test_refine_gives_up_where_there_are_no_picks(
    network: Network, neat: Tidy, rates: Clutter
) -> None:
    quiet = neat._replace(channel=neat.channel[:2], time_s=neat.time_s[:2])

    at = fitted((50.0, 50.0, 500.0), NEW_STEPS, quiet, network, rates).at

    assert at[COUNT] == 0
    assert at[RATIO] < SETTINGS.theta


def slow_rates(neat: Tidy, channels: int, span_s: tuple[float, float]) -> np.ndarray:
    wide_s, bin_s = 3 * SETTINGS.clutter_s, SETTINGS.clutter_s
    bins = int((span_s[1] - span_s[0]) / bin_s) + 1
    count = np.zeros((channels, bins), int)
    for c, t in zip(neat.channel, neat.time_s, strict=True):
        count[c, int((t - span_s[0]) / bin_s)] += 1
    mean = np.maximum(count.sum(axis=1), 2) / (span_s[1] - span_s[0])
    rate = np.zeros((channels, bins))
    for b in range(bins):
        near = count[:, max(b - 1, 0) : b + 2].sum(axis=1)
        busier = max(1.0, near.sum() / (mean.sum() * wide_s))
        for c in range(channels):
            usual = mean[c] * busier
            expected, others = usual * wide_s, near[c] - 1
            burst = others > expected + 2.5 * math.sqrt(expected) + 1.5
            rate[c, b] = others / wide_s if burst else usual
    return rate


def test_clutter_is_that_of_its_slow_twin(network: Network, neat: Tidy) -> None:
    channels, span_s = 2 * len(network.place_km), (-30.0, 1830.0)
    burst = np.arange(40) * 1.5 + 300
    time_s = np.concatenate([neat.time_s, burst])
    busy = neat._replace(channel=np.concatenate([neat.channel, np.full(40, 5)]), time_s=time_s)

    rates = clutter(busy.channel, busy.time_s, channels, span_s, SETTINGS.clutter_s)

    slow = slow_rates(busy, channels, span_s)
    assert rates.local_per_s == pytest.approx(slow)
    assert rates.local_per_s[5].max() > 10 * rates.mean_per_s[5]


@pytest.mark.parametrize("last", [False, True])
def test_claim_and_reclaim_keep_the_books_as_their_slow_twin(
    network: Network, neat: Tidy, rates: Clutter, last: bool
) -> None:
    picks = Free(neat.channel, neat.time_s, np.ones(len(neat.time_s), np.bool_))
    owner, source = np.full(len(neat.time_s), -1), np.zeros((9, COLUMNS))
    limit_km = np.array([(-20.0, -20.0), (120.0, 120.0)])
    memory = fit(len(network.place_km))
    scene = Scene(network.place_km, limit_km, picks, owner, source, hearing(SETTINGS), memory)
    starts = np.vstack([SOURCES, SOURCES]) - (0, 0, neat.start_s)  # each is offered twice

    known = claim(scene, rates, starts, 0)
    before = owner.copy()
    members = np.argsort(owner, kind="stable")
    start = np.searchsorted(owner[members], np.arange(known + 1))
    reclaim(scene, rates, np.arange(known), (members, start), last)

    assert known == len(SOURCES)
    assert np.array_equal(picks.free, owner < 0)
    assert np.bincount(owner[owner >= 0]).tolist() == source[:known, COUNT].tolist()
    assert np.mean(owner == before) > 0.97
