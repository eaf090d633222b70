"""When tracks were in a zone: against crossings worked out one by one."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from pyproj import Geod

from trucewatch.errors import BadInput
from trucewatch.geo.area import Area
from trucewatch.geo.index import ZoneIndex
from trucewatch.geo.track import GAP, TOO_FAST, Tracks, Visits, flags, visits

SQUARE = Area.of([[(30.0, 48.0), (31.0, 48.0), (31.0, 49.0), (30.0, 49.0)]])
MINUTE_US = 60_000_000


def tracks_of(*ways: list[tuple[float, float]], step_us: int = MINUTE_US) -> Tracks:
    track = np.repeat(np.arange(len(ways)), [len(way) for way in ways])
    time_us = np.concatenate([np.arange(len(way)) * step_us for way in ways])
    spots = np.array([spot for way in ways for spot in way])
    return Tracks.of(track, time_us, *spots.T.copy(), np.zeros(len(track)))


def told(found: Visits) -> list[tuple]:
    return [
        (int(t), a / MINUTE_US, b / MINUTE_US, bool(i), bool(o))
        for t, a, b, i, o in zip(*found, strict=True)
    ]


def slow_stays(way: list[tuple[float, float]], area: Area) -> list[tuple[float, float]]:
    """Return entry and exit in steps, by cutting each leg with each edge and asking the middles."""
    index = ZoneIndex.build([area])
    cuts = [0.0]
    for leg in range(len(way) - 1):
        p, q = np.array(way[leg]), np.array(way[leg + 1])
        for edge in area.edges():
            a, b = edge[:2], edge[2:]
            system = np.column_stack([q - p, a - b])
            if abs(np.linalg.det(system)) > 1e-15:
                along, across = np.linalg.solve(system, a - p)
                if 0 <= along <= 1 and 0 <= across <= 1:
                    cuts.append(leg + along)
        cuts.append(leg + 1.0)
    cuts = sorted(set(cuts))
    stays: list[list[float]] = []
    for start, end in pairwise(cuts):
        leg, middle = int((start + end) / 2), (start + end) / 2
        spot = np.array(way[leg]) + (middle - leg) * (np.array(way[leg + 1]) - np.array(way[leg]))
        if not index.inside(spot[:1].copy(), spot[1:].copy(), 0)[0]:
            continue
        if stays and stays[-1][1] == start:
            stays[-1][1] = end
        else:
            stays.append([start, end])
    return [(start, end) for start, end in stays]


@pytest.mark.parametrize(
    ("way", "expected"),
    [
        ([(29.5, 48.5), (31.5, 48.5)], [(0.25, 0.75, True, True)]),
        ([(30.5, 48.5), (31.5, 48.5)], [(0.0, 0.5, False, True)]),
        ([(29.5, 48.5), (30.5, 48.5), (30.6, 48.5)], [(0.5, 2.0, True, False)]),
        ([(29.5, 48.5), (30.0, 48.5), (29.5, 48.5)], []),  # touches an edge
        ([(29.5, 48.5), (30.5, 47.5)], []),  # touches a corner
        ([(29.0, 48.0), (32.0, 48.0)], [(1 / 3, 2 / 3, True, True)]),  # along an edge
        ([(29.0, 48.5), (30.0, 48.5), (30.0, 48.5), (29.0, 48.5)], [(1.0, 2.0, True, True)]),
        ([(29.0, 47.0), (30.0, 48.0), (31.0, 49.0), (32.0, 50.0)], [(1.0, 2.0, True, True)]),
        ([(30.5, 48.5), (30.5, 48.5)], [(0.0, 1.0, False, False)]),
        ([(29.5, 49.5), (29.6, 49.6)], []),
    ],
)
def test_says_when_a_way_is_inside(way: list, expected: list) -> None:
    found = told(visits(tracks_of(way), SQUARE))

    assert [(0, *stay) for stay in expected] == [
        (t, pytest.approx(a, abs=1e-7), pytest.approx(b, abs=1e-7), i, o) for t, a, b, i, o in found
    ]


def test_agrees_with_a_slow_twin_on_a_ragged_zone_with_a_hole() -> None:
    rng = np.random.default_rng(5)
    angle = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    star = np.column_stack([np.cos(angle), np.sin(angle)]) * rng.uniform(0.4, 1, (40, 1))
    middle = np.array([30.0, 48.0])
    area = Area.of([star + middle, star[::-1] * 0.3 + middle])
    ways = [[tuple(s) for s in rng.uniform((29, 47), (31, 49), (8, 2)).tolist()] for _ in range(12)]

    found = told(visits(tracks_of(*ways), area))

    for number, way in enumerate(ways):
        ours = [(start, end) for t, start, end, _, _ in found if t == number]
        assert len(ours) == len(slow_stays(way, area))
        np.testing.assert_allclose(ours, slow_stays(way, area), atol=1e-7)


def test_one_track_ends_where_the_next_begins() -> None:
    found = visits(tracks_of([(29.5, 48.5), (30.5, 48.5)], [(30.5, 48.5), (31.5, 48.5)]), SQUARE)

    assert told(found) == [(0, 0.5, 1.0, True, False), (1, 0.0, 0.5, False, True)]
    assert found.inside_s().tolist() == [30.0, 30.0]


def test_nothing_is_said_about_a_gap() -> None:
    tracks = tracks_of([(30.5, 48.5), (30.6, 48.5), (30.7, 48.5), (30.8, 48.5)])
    tracks.time_us[2:] += 10 * MINUTE_US

    found = visits(tracks, SQUARE, gap_s=300.0)

    assert told(found) == [(0, 0.0, 1.0, False, False), (0, 12.0, 13.0, False, False)]


def test_more_stays_than_were_made_room_for_are_kept() -> None:
    way = [(29.5 + 2 * (k % 2), 48.5) for k in range(41)]

    found = visits(tracks_of(way), SQUARE)

    assert len(found.track) == 40
    assert found.inside_s().tolist() == [30.0] * 40


def test_flags_gaps_and_speeds_like_a_plain_loop() -> None:
    rng = np.random.default_rng(6)
    track = np.repeat(np.arange(20), 50)
    time_us = np.tile(np.cumsum(rng.integers(1, 600, 50)) * 1_000_000, 20)
    lon_deg, lat_deg = rng.uniform(30, 30.1, 1000), rng.uniform(48, 48.1, 1000)
    tracks = Tracks.of(track, time_us, lon_deg, lat_deg, np.zeros(1000))

    found = flags(tracks, gap_s=300.0, speed_m_s=30.0, slack_m=100.0)

    earth = Geod(ellps="WGS84")
    for i in range(1000):
        expected = 0
        if i and track[i] == track[i - 1]:
            since_s = (time_us[i] - time_us[i - 1]) / 1e6
            way_m = earth.inv(lon_deg[i - 1], lat_deg[i - 1], lon_deg[i], lat_deg[i])[2]
            expected = GAP * (since_s > 300) + TOO_FAST * (way_m > since_s * 30 + 100)
        assert found[i] == expected


def test_a_climb_counts_as_way() -> None:
    tracks = tracks_of([(30.0, 48.0), (30.0, 48.0)])
    tracks.alt_m[1] = 9_000.0

    assert flags(tracks, gap_s=100.0, speed_m_s=100.0).tolist() == [0, TOO_FAST]
    assert flags(tracks, gap_s=30.0, speed_m_s=151.0).tolist() == [0, GAP]


@pytest.mark.parametrize(
    ("column", "values", "text"),
    [
        ("track", [1, 0, 0], "fix 1 is not after the one before it"),
        ("time_us", [0, 5, 5], "fix 2 is not after the one before it"),
        ("lat_deg", [0.0, 95.0, 0.0], "fix 1 is nowhere on the globe"),
        ("alt_m", [0.0, 0.0, np.nan], "fix 2 is nowhere on the globe"),
        ("lon_deg", [-170.0, 170.0, 170.0], "fix 1 is over half the globe"),
        ("lon_deg", [1.0, 2.0], "columns have shapes"),
    ],
)
def test_refuses_tracks_that_cannot_be(column: str, values: list, text: str) -> None:
    columns = {name: np.zeros(3) for name in ("lon_deg", "lat_deg", "alt_m")}
    columns |= {"track": np.zeros(3, np.int64), "time_us": np.arange(3)}
    columns[column] = np.array(values)

    with pytest.raises(BadInput, match=text):
        Tracks.of(*(columns[n] for n in ("track", "time_us", "lon_deg", "lat_deg", "alt_m")))
