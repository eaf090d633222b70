"""Situations that only measuring can answer: contradictory claims, and fires in harvest season.

Each is told with the numbers of the design study: ground, parties and people are invented.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.measure.thermal.worlds import GRID, ordinary

from trucewatch.cli.alleged import lines
from trucewatch.cli.background import lines as fire_lines
from trucewatch.geo.plane import Plane
from trucewatch.measure.ledger.compared import Ours, side
from trucewatch.measure.ledger.estimated import estimated
from trucewatch.measure.thermal.told import LEVEL_P
from trucewatch.mission.alleged import Claims
from trucewatch.mission.alleged_ledger import Ledger
from trucewatch.mission.background import background
from trucewatch.mission.background_fit import Baseline
from trucewatch.mission.clock import SimulatedClock
from trucewatch.mission.home import Home
from trucewatch.mission.ingest import ingest
from trucewatch.mission.init import Plan, create
from trucewatch.mission.opened import reading
from trucewatch.records.alleged import read_alleged
from trucewatch.records.canonical import canonical
from trucewatch.records.table import INCIDENT

START = datetime(2030, 9, 1, tzinfo=UTC)
DAYS = 10
PLANE = Plane(centre_lat_deg=45.0, centre_lon_deg=-30.0)
CLAIMED, SEEN, AGREED, COVERED = 80, 11, 9, 0.35
HEADER = "id,time_start,time_end,lat,lon,error_m,class,count,text\n"


def place(k: int) -> tuple[float, float]:
    """Places 1 km and more apart, so that no other claim lies within the gate."""
    return 44.6 + 0.08 * (k // 10), -30.5 + 0.1 * (k % 10)


def strikes() -> bytes:
    """ALPHA's list: 80 strikes, each to 150 m and to the half hour."""
    rows = []
    for k in range(CLAIMED):
        lat_deg, lon_deg = place(k)
        at = START + timedelta(hours=2 + 2.9 * k)
        end = at + timedelta(minutes=30)
        when = f"{at:%Y-%m-%dT%H:%M:%SZ},{end:%Y-%m-%dT%H:%M:%SZ}"
        rows.append(f"A{k:03},{when},{lat_deg:.4f},{lon_deg:.4f},150,airstrike,,strike {k}\n")
    return (HEADER + "".join(rows)).encode()


def sighted(k: int, at: datetime, lat_deg: float, lon_deg: float) -> dict[str, Any]:
    return {
        "id": f"i-{k:03}", "tier": 0, "time": at, "time_sigma_s": 30.0,
        "time_start": at, "time_end": at, "lat_deg": lat_deg, "lon_deg": lon_deg,
        "cov_ee_m2": 90.0**2, "cov_en_m2": 0.0, "cov_nn_m2": 90.0**2,
        "class": "airstrike", "class_p": canonical({"airstrike": 1}).decode(), "real_p": 1.0,
        "members": 2, "independent": 2, "sensors": 2,
        "count_min": 1, "count_max": 1, "count_qualifier": "exact", "state": "open",
        "priority": None, "episode": "",
    }  # fmt: skip


def incidents() -> pl.DataFrame:
    """What the mission saw: nine of ALPHA's strikes, and two that ALPHA does not tell of."""
    rng = np.random.default_rng(14)
    rows = []
    for k in range(AGREED):
        lat_deg, lon_deg = place(8 * k)
        off = rng.normal(0, 0.0012, 2)
        at = START + timedelta(hours=2 + 2.9 * 8 * k, minutes=12)
        rows.append(sighted(k, at, lat_deg + off[0], lon_deg + off[1]))
    rows += [
        sighted(k, START + timedelta(days=3, hours=k), 45.9, -30.9 + 0.2 * k)
        for k in range(AGREED, SEEN)
    ]
    return pl.DataFrame(rows, schema=INCIDENT)


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    bravo = (
        HEADER + "B1,2030-09-01T00:00:00Z,2030-09-10T23:59:59Z,,,,airstrike,0,we struck nobody\n"
    )
    lists = {
        "ALPHA": read_alleged(strikes(), name="alpha.csv"),
        "BRAVO": read_alleged(bravo.encode(), name="bravo.csv"),
    }
    acts, end = incidents(), START + timedelta(days=DAYS)
    ours = Ours(acts, frozenset(acts["id"].to_list()), PLANE, (START, end))
    sides = tuple(
        side(party, said.acts, said.totals, ours, {each.id: COVERED for each in said.acts})
        for party, said in lists.items()
    )
    day = (acts["time"] - START).dt.total_days().to_numpy()
    hours = np.full(DAYS, 24.0)
    number = estimated(np.bincount(day, minlength=DAYS), hours, COVERED * hours, least_share=0.3)
    matched = {one.incident for each in sides for one in each.matches}
    return Ledger(
        since=START, until=end, kinds=("airstrike",), covered_kind="airstrike", estimate=number,
        off_ground=0, sides=sides, lists=(), unalleged=tuple(sorted(ours.counted - matched)),
    )  # fmt: skip


def test_14_each_claim_is_matched_to_one_incident_at_most(ledger: Ledger) -> None:
    alpha, bravo = ledger.sides

    assert (alpha.claimed, len(alpha.matches), len(alpha.unmatched)) == (80, 9, 71)
    assert [(m.claim, m.incident) for m in alpha.matches] == [
        (f"A{8 * k:03}", f"i-{k:03}") for k in range(AGREED)
    ]
    assert len(alpha.unalleged) == 2
    assert (bravo.claimed, bravo.matches) == (0, ())
    assert [(t.said, t.count.low, t.count.high) for t in bravo.totals] == [("0", 0, 0)]
    assert ledger.unalleged == ("i-009", "i-010")


def test_14_the_missions_own_number_has_coverage_and_an_interval(ledger: Ledger) -> None:
    number = ledger.estimate

    assert (number.count, number.coverage_share) == (11, pytest.approx(0.35))
    assert number.acts is not None
    low, middle, high = number.acts
    # Gamma of shape 11.5 over .35: its 5, 50 and 95 % points
    assert (low, middle, high) == pytest.approx((18.7, 31.9, 50.2), abs=0.1)
    assert number.weighed_mean == pytest.approx(11 / 0.35)


def test_14_claims_stand_side_by_side_and_no_average_is_told(ledger: Ledger) -> None:
    sealed = [
        Claims(party=p, acts=(), totals=(), entries=((7, START),), corrected=(), unread=())
        for p in ("ALPHA", "BRAVO")
    ]

    told = "\n".join(lines(replace(ledger, lists=tuple(sealed))))

    for words in (
        "The mission saw 11 incidents",
        "coverage 35 %",
        "matched 9 of 80, unmatched 71",
        "0 airstrike, 2030-09-01 00:00 to 2030-09-10 23:59, in numbers alone",
        "2 incidents that nobody alleges",
        "may be true",
    ):
        assert words in told
    assert "40" not in told  # the mean of 80 and 0
    for word in ("false", "lie", "denied"):
        assert word not in told


def test_14_had_all_happened_the_mission_would_have_seen_more(ledger: Ledger) -> None:
    alpha, _ = ledger.sides

    assert alpha.visible is not None
    mean, low, high = alpha.visible
    assert mean == pytest.approx(28.0)
    assert low <= 28 <= high
    assert low > len(alpha.matches)  # so not all of it can have happened as told, and been covered
    assert alpha.by_chance[2] <= 1


def test_14_without_declared_coverage_nobody_can_tell_how_many() -> None:
    number = estimated(np.array([11]), np.array([240.0]), None, least_share=0.3)

    assert number.acts is None
    assert number.coverage_share is None
    assert "nobody declared" in number.why


FIRMS = (
    "latitude,longitude,acq_date,acq_time,sat,frp,bright_ti4,bright_ti5,scan,track,"
    "confidence,daynight,version\n"
)
HARVEST = date(2030, 7, 2)
CLEAR, OVERCAST = 0.1, 1.0


def pixels(cube: np.ndarray, year: int, days: range) -> list[tuple[date, float, float]]:
    """Fire pixels of a year of counts, in the middle of their cells and a little apart."""
    found = []
    for day in days:
        for row, column in zip(*np.nonzero(cube[day]), strict=True):
            for k in range(int(cube[day, row, column])):
                lat_deg = GRID.south_deg + (row + 0.3 + 0.01 * k) * GRID.step_deg
                lon_deg = GRID.west_deg + (column + 0.5) * GRID.step_deg
                found.append((date(year, 1, 1) + timedelta(days=day), lat_deg, lon_deg))
    return found


def archive(cubes: dict[int, np.ndarray]) -> bytes:
    """The three-column archive of whole years."""
    rows = [
        f"{lat_deg:.5f},{lon_deg:.5f},{day},VIIRS\n"
        for year, cube in cubes.items()
        for day, lat_deg, lon_deg in pixels(cube, year, range(365))
    ]
    return ("latitude,longitude,acq_date,instrument\n" + "".join(rows)).encode()


@pytest.fixture(scope="module")
def season(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, Baseline]:
    """A mission in harvest time: fires as in ordinary years, and 60 pixels at two places."""
    folder = tmp_path_factory.mktemp("season")
    clock = SimulatedClock(datetime(2030, 7, 10, tzinfo=UTC))
    create(folder / "mission", clock=clock, plan=Plan(agreement="demo-truce", seed=bytes(32)))
    home = Home(folder / "mission")
    cubes = ordinary(13, (2021, 2022, 2023, 2024, 2030))
    now = cubes.pop(2030)
    place_in_year = HARVEST.timetuple().tm_yday - 1
    before = sum(cubes.values()).sum(axis=0)
    for row, column in (np.argwhere(before == each)[0] for each in (before.min(), before.max())):
        now[place_in_year + 1, row, column] = 60
    rows = [
        f"{lat_deg:.5f},{lon_deg:.5f},{day},1030,N21,2.5,320.1,290.2,0.41,0.37,n,D,2.0NRT\n"
        for day, lat_deg, lon_deg in pixels(now, 2030, range(place_in_year + 2))
    ]
    (folder / "firms.csv").write_text(FIRMS + "".join(rows))
    list(ingest(home, "firms", [folder / "firms.csv"], clock=clock))
    skies = {
        HARVEST: CLEAR,
        HARVEST + timedelta(days=1): CLEAR,
        HARVEST - timedelta(days=1): OVERCAST,
    }
    watch = "asset,start,end,lat,lon,radius_m,share,cause,cloud_share\n" + "".join(
        f"SAT-1,{day}T00:00:00Z,{day}T23:59:59Z,,,,1,watching,{cloud}\n"
        for day, cloud in skies.items()
    )
    (folder / "watch.csv").write_text(watch)
    list(ingest(home, "watch", [folder / "watch.csv"], clock=clock))
    return home, Baseline(fires={"archive.csv": archive(cubes)}, layers={})


def silent(_: str) -> None:
    """Take progress and print nothing."""


def test_13_a_harvest_as_in_ordinary_years_is_not_above_the_background(
    season: tuple[Home, Baseline],
) -> None:
    home, baseline = season

    found = background(home, baseline, day=HARVEST, say=silent)

    assert found.pixels > 20  # it burns
    assert len(found.above) <= 2  # of 400 cells, 232 off the ground that burns
    assert found.not_above > 100
    told = "\n".join(fire_lines(found))
    assert "not above the background" in told
    assert "No incident comes of this list" in told


def test_13_no_incident_is_raised_and_nothing_is_sealed(season: tuple[Home, Baseline]) -> None:
    home, baseline = season
    with reading(home) as (log, there):
        before = log.size, len(there.desk.read("incident"))

    background(home, baseline, day=HARVEST, say=silent)

    with reading(home) as (log, there):
        assert (log.size, len(there.desk.read("incident"))) == before


def test_13_a_cloudy_day_is_no_observation_and_never_a_zero(season: tuple[Home, Baseline]) -> None:
    home, baseline = season

    found = background(home, baseline, day=HARVEST - timedelta(days=1), say=silent)

    assert found.not_above == 0
    assert found.cannot_tell["no observation possible: cloud"] > 100
    told = "\n".join(fire_lines(found))
    assert "no observation possible: cloud" in told
    assert "not above the background: 0 cells" in told
    assert "no fire seen under cloud is not no fire" in told


def test_13_a_day_of_which_nothing_came_cannot_be_told(season: tuple[Home, Baseline]) -> None:
    home, baseline = season

    found = background(home, baseline, day=date(2030, 7, 8), say=silent)

    assert found.not_above == 0
    assert found.cannot_tell == {"nothing was received of that day": 400}


def test_13_a_fire_where_it_never_burns_is_above_it(season: tuple[Home, Baseline]) -> None:
    home, baseline = season

    found = background(home, baseline, day=HARVEST + timedelta(days=1), say=silent)

    assert [cell.pixels for cell in found.above if cell.pixels == 60] == [60]
    assert found.above[0].tail_p <= LEVEL_P
    assert found.cannot_tell["a static source"] > 0  # the other 60 pixels lie on one
