"""Imprecise reports against a plain sum over all incidents."""

from __future__ import annotations

import math

import numpy as np
import pytest

from trucewatch.fuse.likelihood import COLUMNS, S2, U2, T, X, Y
from trucewatch.fuse.soft import HIDDEN, NEAREST, SHRINK_KM2_DAY, WIDEN, Known, Source, soften

FAR2 = 4.5**2


def case(seed: int, *, reports: int = 30, incidents: int = 80) -> tuple[np.ndarray, Source, Known]:
    rng = np.random.default_rng(seed)
    at = np.zeros((reports, COLUMNS))
    place = np.zeros((incidents, COLUMNS))
    for table, sigma_km, sigma_day in ((at, 4.0, 0.7), (place, 0.4, 0.1)):
        table[:, [X, Y]] = rng.uniform(-40, 40, (len(table), 2))
        table[:, T] = 22_000 + rng.uniform(0, 8, len(table))
        table[:, S2] = (sigma_km * np.exp(rng.normal(0, 0.3, len(table)))) ** 2
        table[:, U2] = sigma_day**2
    known = Known(place, rng.uniform(0.5, 1, incidents), rng.uniform(0, 0.3, incidents))
    seen_p = rng.choice([0.0, 0.3, 0.85], reports)  # some sensors, or all of them, were silent
    source = Source(np.full(reports, 0.7), np.full(reports, 5e-6), seen_p, 0.85, 4e-3)
    return at, source, known


def twin(at: np.ndarray, source: Source, known: Known, i: int) -> tuple[np.ndarray, float, float]:
    """Chance of each incident, of an unknown one, and of a false alarm, for report i."""
    r = at[i]
    drawn, hidden, kernels = np.zeros(len(known.place)), 0.0, []
    for j, p in enumerate(known.place):
        s2, u2 = r[S2] + p[S2], r[U2] + p[U2]
        d2, dt2 = (r[X] - p[X]) ** 2 + (r[Y] - p[Y]) ** 2, (r[T] - p[T]) ** 2
        if d2 / s2 + dt2 / u2 > FAR2:
            continue
        normal = math.exp(-d2 / s2 / 2) / (2 * math.pi * s2)
        normal *= math.exp(-dt2 / u2 / 2) / math.sqrt(2 * math.pi * u2)
        kernel = math.exp(-(d2 / r[S2] + dt2 / r[U2]) / 2 / WIDEN**2)
        drawn[j] = 0.7 * known.stands_p[j] * normal
        hidden += HIDDEN * known.hidden_mean[j] * normal
        kernels.append((kernel * known.stands_p[j], kernel * HIDDEN * known.hidden_mean[j]))
    around = math.fsum(a + b for a, b in kernels) - NEAREST * max(
        (a for a, _ in kernels), default=0
    )
    volume = (2 * math.pi) ** 1.5 * WIDEN**3 * r[S2] * math.sqrt(r[U2])
    seen, usual = source.seen_p[i], source.usual_p
    density = (around + SHRINK_KM2_DAY * usual * 4e-3) / (volume * seen + SHRINK_KM2_DAY * usual)
    own = 0.7 * ((1 - seen) * density + hidden)
    total = drawn.sum() + own + 5e-6
    return drawn / total, own / total, 5e-6 / total


@pytest.mark.parametrize("seed", range(3))
def test_chances_are_those_of_the_plain_sum(seed: int) -> None:
    at, source, known = case(seed)

    found = soften(at, source, known, floor_p=0.0)

    chance = np.zeros((len(at), len(known.place)))
    chance[found.row, found.incident] = found.pair_p
    for i in range(len(at)):
        pair_p, own_p, false_p = twin(at, source, known, i)
        assert chance[i] == pytest.approx(pair_p, abs=1e-12)
        assert found.own_p[i] == pytest.approx(own_p, abs=1e-12)
        assert found.false_p[i] == pytest.approx(false_p, abs=1e-12)
    assert (chance > 0.3).any()


def test_all_that_a_report_may_be_adds_up_to_one() -> None:
    found = soften(*case(5), floor_p=0.0)

    total = np.bincount(found.row, found.pair_p, 30) + found.own_p + found.false_p

    assert total == pytest.approx(np.ones(30), abs=1e-12)


def test_more_pairs_than_there_was_room_for_are_all_found() -> None:
    at, source, known = case(6, reports=4, incidents=300)
    known.place[:, [X, Y, T]] = at[0, [X, Y, T]]

    found = soften(at, source, known, floor_p=0.0)

    assert (found.row == 0).sum() == 300


def test_a_far_incident_changes_nothing() -> None:
    at, source, known = case(7)
    far = known.place[:1] + np.array([500.0, 0, 0, 100.0, 0, 0, 0])
    wider = Known(
        np.concatenate((known.place, far)), np.append(known.stands_p, 1), np.append(known[2], 1)
    )

    found, again = (soften(at, source, k, floor_p=0.01) for k in (known, wider))

    assert [c.tolist() for c in again] == [c.tolist() for c in found]


def test_what_nobody_watched_is_as_dense_as_usual() -> None:
    at, source, known = case(8)
    nothing = Known(*(column[:0] for column in known))
    unwatched = source._replace(seen_p=np.zeros(len(at)))

    found = soften(at, unwatched, nothing, floor_p=0.01)

    assert len(found.row) == 0
    assert found.own_p == pytest.approx(0.7 * 4e-3 / (0.7 * 4e-3 + 5e-6))


def test_without_any_precise_sensor_the_density_is_the_configured_one() -> None:
    at, source, known = case(9)
    nothing = Known(*(column[:0] for column in known))
    none = source._replace(seen_p=np.zeros(len(at)), usual_p=0.0)

    found = soften(at, none, nothing, floor_p=0.01)

    assert found.own_p == pytest.approx(0.7 * 4e-3 / (0.7 * 4e-3 + 5e-6))
