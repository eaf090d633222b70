"""Sources are found from picks, whatever the order, and bad picks are refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fuse.arrivals.conftest import SETTINGS, SOURCES, picks_of

from trucewatch.errors import BadInput, BadMission
from trucewatch.fuse.arrivals import find as finding
from trucewatch.fuse.arrivals.find import find
from trucewatch.fuse.arrivals.picks import Found, Network, Picks
from trucewatch.fuse.arrivals.settings import ArrivalSettings


def taken(picks: Picks, rows: np.ndarray) -> Picks:
    return Picks(station=picks.station[rows], phase=picks.phase[rows], time_s=picks.time_s[rows])


def small() -> Network:
    along = np.arange(0.0, 101.0, 20.0)
    return Network(place_km=np.array([(east, north) for east in along for north in along]))


def same_sources(a: Found, b: Found) -> bool:
    columns = ("place_km", "time_s", "reach_km", "log_ratio", "picks")
    return all(np.array_equal(getattr(a, c), getattr(b, c)) for c in columns)


def test_finds_each_source_where_and_when_it_was(network: Network) -> None:
    picks, true = picks_of(SOURCES, network)

    found = find(picks, network, SETTINGS)

    assert len(found.time_s) == len(SOURCES)
    assert np.abs(found.place_km - SOURCES[:, :2]).max() < 2.0
    assert np.abs(found.time_s - SOURCES[:, 2]).max() < 0.5
    assert (found.log_ratio > SETTINGS.theta).all()
    assert ((SETTINGS.reach_min_km <= found.reach_km) & (found.reach_km <= 100)).all()
    for i in range(len(SOURCES)):
        assert np.mean(found.owner[true == i] == i) > 0.85  # two overlap in time and swap a few


def test_says_of_each_pick_how_late_it_is(network: Network) -> None:
    picks, _ = picks_of(SOURCES, network)

    found = find(picks, network, SETTINGS)

    owned = np.flatnonzero(found.owner >= 0)
    for p in owned:
        source = found.owner[p]
        away_km = np.hypot(*(network.place_km[picks.station[p]] - found.place_km[source]))
        speed_km_s = (SETTINGS.speed_p_km_s, SETTINGS.speed_s_km_s)[picks.phase[p]]
        due_s = found.time_s[source] + away_km / speed_km_s
        assert found.residual_s[p] == pytest.approx(picks.time_s[p] - due_s, abs=1e-9)
    assert np.isnan(found.residual_s[found.owner < 0]).all()
    assert np.array_equal(np.bincount(found.owner[owned]), found.picks)


def test_a_channel_has_one_pick_of_a_source(network: Network) -> None:
    picks, _ = picks_of(SOURCES, network, clutter=600)

    found = find(picks, network, SETTINGS)

    owned = found.owner >= 0
    keys = np.stack([found.owner, picks.station, picks.phase])[:, owned]
    assert len(np.unique(keys, axis=1).T) == owned.sum()


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_order_of_picks_changes_nothing(seed: int) -> None:
    network = small()
    picks, _ = picks_of(SOURCES, network)
    order = np.random.default_rng(seed).permutation(len(picks.time_s))

    there, here = find(picks, network, SETTINGS), find(taken(picks, order), network, SETTINGS)

    assert same_sources(there, here)
    assert np.array_equal(there.owner[order], here.owner)
    assert np.array_equal(there.residual_s[order], here.residual_s, equal_nan=True)


@settings(max_examples=10, deadline=None)
@given(st.lists(st.integers(0, 100), min_size=1, max_size=50))
def test_a_pick_given_again_adds_no_evidence(again: list[int]) -> None:
    network = small()
    picks, _ = picks_of(SOURCES, network)
    rows = np.concatenate([np.arange(len(picks.time_s)), again])

    once, twice = find(picks, network, SETTINGS), find(taken(picks, rows), network, SETTINGS)

    assert same_sources(once, twice)
    assert np.array_equal(once.owner[rows], twice.owner)


def test_ten_copies_of_few_picks_are_no_source(network: Network) -> None:
    picks, true = picks_of(SOURCES[:1], network)
    few = np.tile(np.flatnonzero(true == 0)[:6], 10)

    found = find(taken(picks, few), network, SETTINGS)

    assert len(found.time_s) == 0


def test_nothing_comes_of_nothing(network: Network) -> None:
    nothing = taken(picks_of(SOURCES, network)[0], np.zeros(0, np.int64))

    found = find(nothing, network, SETTINGS)

    assert found.place_km.shape == (0, 2)
    assert len(found.owner) == len(found.residual_s) == 0


def test_one_pick_is_no_source(network: Network) -> None:
    one = taken(picks_of(SOURCES, network)[0], np.array([3]))

    found = find(one, network, SETTINGS)

    assert found.owner.tolist() == [-1]


def test_a_source_at_the_border_of_chunks_is_found_once(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    picks, _ = picks_of(SOURCES, network)
    whole = find(picks, network, SETTINGS)

    for chunk_bins in range(5, 30):
        monkeypatch.setattr(finding, "CHUNK_BINS", chunk_bins)
        found = find(picks, network, SETTINGS)
        assert np.array_equal(found.owner, whole.owner), f"chunks of {chunk_bins} bins"


@pytest.mark.parametrize("stretch_s", [300.0, 450.0, 904.0])
def test_a_source_at_the_border_of_stretches_is_found_once(
    network: Network, monkeypatch: pytest.MonkeyPatch, stretch_s: float
) -> None:
    picks, true = picks_of(SOURCES, network)
    monkeypatch.setattr(finding, "STRETCH_MAX_S", stretch_s)

    found = find(picks, network, SETTINGS)

    assert len(found.time_s) == len(SOURCES)
    assert np.mean(found.owner[true >= 0] == true[true >= 0]) > 0.9


def test_finds_the_same_sources_three_days_apart(network: Network) -> None:
    picks, _ = picks_of(SOURCES, network)
    later = replace(picks, time_s=picks.time_s + 3 * 86_400)
    both = Picks(
        station=np.tile(picks.station, 2),
        phase=np.tile(picks.phase, 2),
        time_s=np.concatenate([picks.time_s, later.time_s]),
    )

    found = find(both, network, SETTINGS)

    assert len(found.time_s) == 2 * len(SOURCES)
    assert np.diff(found.time_s.reshape(2, -1), axis=0) == pytest.approx(3 * 86_400, abs=0.2)


def test_clutter_alone_makes_no_source(network: Network) -> None:
    picks, _ = picks_of(SOURCES[:0], network, clutter=4000)

    assert len(find(picks, network, SETTINGS).time_s) == 0


@pytest.mark.parametrize(
    ("column", "value", "problem"),
    [
        ("station", 36, "row 2: station is 36, must be 0 to 35"),
        ("station", -1, "row 2: station is -1, must be 0 to 35"),
        ("phase", 2, "row 2: phase is 2, must be 0 to 1"),
        ("time_s", np.nan, "row 2: time is nan, must be finite"),
        ("time_s", np.inf, "row 2: time is inf, must be finite"),
    ],
)
def test_refuses_a_bad_pick_by_row(
    network: Network, column: str, value: float, problem: str
) -> None:
    picks, _ = picks_of(SOURCES, network)
    getattr(picks, column)[2] = value

    with pytest.raises(BadInput, match=problem):
        find(picks, network, SETTINGS)


def test_refuses_columns_of_different_length(network: Network) -> None:
    picks, _ = picks_of(SOURCES, network)

    with pytest.raises(BadInput, match=r"must be \(n,\) each"):
        find(replace(picks, phase=picks.phase[1:]), network, SETTINGS)


def test_refuses_a_phase_that_is_no_integer(network: Network) -> None:
    picks, _ = picks_of(SOURCES, network)
    wrong = np.array(picks.phase, np.float64)

    with pytest.raises(BadInput, match="phase is of type float64, must be integers"):
        find(Picks(station=picks.station, phase=wrong, time_s=picks.time_s), network, SETTINGS)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("place_km", "problem"),
    [
        (np.zeros((0, 2)), "has 0 stations, must be 1 to 4096"),
        (np.zeros((3, 3)), r"shape of the places is \(3, 3\), must be \(n, 2\)"),
        (np.array([(0.0, np.nan)]), "station 0: place is .*, must be finite"),
    ],
)
def test_refuses_a_network_that_cannot_be_searched(place_km: np.ndarray, problem: str) -> None:
    with pytest.raises(BadInput, match=problem):
        Network(place_km=place_km)


def test_refuses_a_network_too_wide_for_its_nodes(network: Network) -> None:
    wide = Network(place_km=network.place_km * 1000)

    with pytest.raises(BadInput, match=r"nodes 7\.4 km apart, at most"):
        find(picks_of(SOURCES, network)[0], wide, SETTINGS)


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"sigma_s": 0.0}, "sigma_s is 0.0, must be 0.001 to 60"),
        ({"theta": float("nan")}, "theta is nan"),
        ({"speed_s_km_s": 7.0}, "speed_s_km_s is 7.0, must be at most speed_p_km_s"),
        ({"reach_min_km": 101.0}, "reach_min_km is 101.0, must be at most reach_max_km"),
        ({"cutoff_km": 90.0}, "reach_max_km is 100.0, must be at most cutoff_km"),
        ({"edge_km": 0.4}, "edge_km is 0.4, must be at least cutoff_km / 200"),
    ],
)
def test_refuses_settings_that_cannot_be_meant(wrong: dict[str, float], problem: str) -> None:
    with pytest.raises(BadMission, match=problem):
        ArrivalSettings(**wrong)  # type: ignore[arg-type]
