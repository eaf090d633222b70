"""The evaluation of fires: a simulated war is told apart, a peace is not, and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest

from trucewatch.errors import BadInput
from trucewatch.evaluate.fires import BOUNDS, measure
from trucewatch.evaluate.fires_asked import Asked
from trucewatch.evaluate.fires_near import Spots, near

if TYPE_CHECKING:
    from pathlib import Path

SOUTH_DEG, WEST_DEG, ROWS, COLUMNS = 48.0, 30.0, 40, 50
PEACE, TESTED = (2001, 2002, 2003, 2004), 2005
_PLANTS = ((5, 5), (22, 25))


def world(seed: int, *, war: bool = True) -> tuple[dict[str, bytes], bytes]:
    """Return files of fires by name, and a file of incidents of the last year."""
    rng = np.random.default_rng(seed)
    files, told = {}, ["date,lat,lon"]
    for year in (*PEACE, TESTED):
        pixels = [_stubble(rng), *(_plant(rng, place) for place in _PLANTS)]
        if year == TESTED:
            hostile = _war(rng) if war else pixels[0]
            known = hostile[rng.random(len(hostile)) < (0.2 if war else 0.02)]
            told += [_line(year, one, "{date},{lat},{lon}") for one in known if one[0] >= 60]
            pixels += [hostile] if war else []
        lines = [_line(year, one, "{lat},{lon},{date}") for one in np.concatenate(pixels)]
        text = "\n".join(["latitude,longitude,acq_date", *lines, ""])
        files[f"fires_{year}.csv"] = text.encode()
    return files, "\n".join([*told, ""]).encode()


def _stubble(rng: np.random.Generator) -> np.ndarray:
    """Day, latitude, longitude of fires that come by whole regions, mostly in spring."""
    found = []
    for day in range(150):
        if rng.random() < 0.3 + 0.5 * (60 < day < 110):
            north, east = rng.uniform(0, ROWS), rng.uniform(0, COLUMNS)
            number = int(rng.poisson(25))
            spots = np.array([north, east]) + rng.normal(size=(number, 2)) * 8
            found.append(_placed(rng, day, spots))
    return np.concatenate(found)


def _plant(rng: np.random.Generator, place: tuple[int, int]) -> np.ndarray:
    days = np.flatnonzero(rng.random(150) < 0.4)
    return np.concatenate([_placed(rng, day, np.array([place]) + 0.5) for day in days])


def _war(rng: np.random.Generator) -> np.ndarray:
    """Fires of 40 cells in one part of the world, again and again from day 50 on."""
    cells = np.column_stack([rng.integers(15, 30, 40), rng.integers(18, 36, 40)])
    found = []
    for day in range(50, 150):
        burning = cells[rng.random(len(cells)) < 0.15]
        found.append(_placed(rng, day, burning + 0.5))
    return np.concatenate(found)


def _placed(rng: np.random.Generator, day: int, cells: np.ndarray) -> np.ndarray:
    spots = cells + rng.uniform(-0.3, 0.3, cells.shape)
    inside = (spots > 0).all(axis=1) & (spots < (ROWS, COLUMNS)).all(axis=1)
    spots = spots[inside] * 0.1 + (SOUTH_DEG, WEST_DEG)
    return np.column_stack([np.full(len(spots), day), spots])


def _line(year: int, one: np.ndarray, form: str) -> str:
    on = date(year, 1, 1) + timedelta(days=int(one[0]))
    return form.format(date=on.isoformat(), lat=f"{one[1]:.4f}", lon=f"{one[2]:.4f}")


GRID = b"LATITUDE,LONGITUDE,OBLAST_ID,POP_DENSITY\n" + b"".join(
    b"%.1f,%.1f,%s,%d\n" % (48 + i / 10, 30 + j / 10, b"W" if j < 14 else b"E", 10 + j)
    for i in range(41)
    for j in range(51)
)


@pytest.fixture(scope="module")
def asked() -> Asked:
    fires, events = world(1)
    layers = {"population": ("people.csv", GRID), "regions": ("regions.csv", GRID)}
    return Asked(
        fires=fires, events=("events.csv", events), layers=layers, since=None, control=("W",),
        background=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def found(asked: Asked) -> dict[str, object]:
    return dict(measure(seed=2, quick=True, asked=asked))


def value(found: dict[str, object], name: str) -> float:
    metrics = found["metrics"]
    assert isinstance(metrics, dict)
    return float(metrics[name]["value"])


def test_a_simulated_war_is_told_from_every_kind_of_other_fire(found) -> None:
    for reference in ("unlabelled", "season", "placebo"):
        assert value(found, f"auc_{reference}") > 0.7
        assert value(found, f"low_over_naive_{reference}") > 0
    assert value(found, "auc_season") > 0.9
    assert value(found, "placebo_over_peace_years") > 0.1


def test_an_incident_is_not_dated_by_the_score(found) -> None:
    assert 0.35 < value(found, "auc_shifted") < 0.65


def test_a_region_without_war_is_near_a_half(found) -> None:
    assert 0.3 < value(found, "auc_control") < 0.7


def test_more_recall_costs_more_false_alarms_and_the_years_make_up_the_mean(found) -> None:
    half, more = (value(found, f"false_alarms_day_at_recall_{r}") for r in (50, 70))
    years = [value(found, f"false_alarms_day_{y}_at_recall_70") for y in (2001, 2002, 2003, 2004)]

    assert half <= more
    assert np.mean(years) == pytest.approx(more)


def test_flagged_fires_of_the_war_are_beyond_those_of_peace_years(found) -> None:
    assert value(found, "excess_at_5") > 0.5
    assert value(found, "recall_at_5") > value(found, "flagged_unlabelled_at_5")
    flagged = [value(found, f"flagged_{year}_at_5") for year in (2001, 2002, 2003, 2004)]
    assert min(flagged) < 0.06 < max(flagged) + 0.05
    assert value(found, "labelled_in_tenth_10") > value(found, "labelled_in_tenth_01")


def test_fires_lie_at_incidents_on_their_day(found) -> None:
    assert value(found, "hit_all_day_+0") == 1.0  # every incident of this world is a fire
    assert value(found, "hit_ratio_all") > 2


def test_every_promise_is_of_a_figure_that_was_measured(found) -> None:
    promised = {one["metric"] for one in found["must"]}

    assert set(BOUNDS) <= promised
    assert promised <= set(found["metrics"])
    assert "placebo_over_peace_years" in promised
    assert found["interval"] == "5 to 95 %, blocks of 1 degree x 7 days drawn again"
    assert any("when an incident happened" in line for line in found["cannot_say"])


def test_the_same_seed_gives_the_same_figures(asked: Asked, found) -> None:
    again = measure(seed=2, quick=True, asked=asked)

    assert again["metrics"] == found["metrics"]


def test_a_peace_with_made_up_incidents_is_not_told_from_other_fires() -> None:
    fires, events = world(3, war=False)

    found = measure(
        seed=1, quick=True,
        asked=Asked(fires=fires, events=("e.csv", events), since=None, background=False),
    )  # fmt: skip

    assert 0.35 < found["metrics"]["auc_unlabelled"]["value"] < 0.65
    assert not any(one["holds"] for one in found["must"] if one["metric"] == "auc_unlabelled")
    assert found["metrics"]["auc_unlabelled"] == found["metrics"]["auc_no_people_unlabelled"]


def test_the_background_of_peace_years_is_measured_beside_the_score(asked: Asked) -> None:
    found = measure(seed=1, quick=True, asked=replace(asked, background=True))

    assert found["metrics"]["background_2004_at_05"]["value"] > 0
    assert {"background_2004_at_05", "auc_season"} <= {one["metric"] for one in found["must"]}


def test_without_placebo_and_regions_their_figures_are_left_out(asked: Asked) -> None:
    bare = replace(asked, placebo=False, layers={})

    found = measure(seed=1, quick=True, asked=bare)

    assert not [n for n in found["metrics"] if "placebo" in n or "control" in n]
    assert not [one for one in found["must"] if "placebo" in str(one["metric"])]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"baseline_years": (2001, 1999)}, r"--baseline-years: \[1999\] of the fires' years"),
        ({"baseline_years": (2001,)}, r"--baseline-years: \[2001\] of the fires' years"),
        ({"baseline_years": (2001, 2002), "peace_years": (2003,)}, r"--peace-years: \[2003\]"),
        ({"tested_year": 2004}, r"--tested-year: \[\] have both fires and incidents"),
        ({"baseline_years": (2001, TESTED)}, r"--tested-year: \[\] have both fires"),
        ({"since": date(2022, 2, 24)}, "events.csv: has no incident that counts"),
        ({"control": ("X",)}, r"--control: none of \['X'\] is among the regions"),
    ],
)
def test_refuses_years_and_regions_that_do_not_go_together(
    asked: Asked, change: dict[str, object], problem: str
) -> None:
    with pytest.raises(BadInput, match=problem):
        measure(seed=1, quick=True, asked=replace(asked, **change))  # type: ignore[arg-type]


def test_refuses_to_measure_nothing() -> None:
    with pytest.raises(BadInput, match="--fires: is missing, expected files of fire pixels"):
        measure(seed=1)


def slow_near(one: Spots, other: Spots, within_km: float, within_days: int) -> list[bool]:
    found = []
    for day, lat, lon in zip(*one, strict=True):
        hit = False
        for day2, lat2, lon2 in zip(*other, strict=True):
            p, q, d = np.radians(lat), np.radians(lat2), np.radians(lon2 - lon)
            h = np.sin((q - p) / 2) ** 2 + np.cos(p) * np.cos(q) * np.sin(d / 2) ** 2
            away = 2 * 6371.0088 * np.arcsin(np.sqrt(h))
            hit |= bool(abs(day - day2) <= within_days and away <= within_km)
        found.append(hit)
    return found


def test_near_agrees_with_every_pair_measured() -> None:
    rng = np.random.default_rng(5)
    one, other = (
        Spots(rng.integers(0, 8, n), rng.uniform(48, 48.4, n), rng.uniform(30, 30.4, n))
        for n in (80, 40)
    )

    found = near(one, other, within_km=5, within_days=1)

    assert found.tolist() == slow_near(one, other, 5, 1)
    assert 0 < found.sum() < len(found)


@pytest.mark.shared
def test_the_first_half_of_2022_keeps_what_was_promised(shared: Path) -> None:
    folder = shared / "data"
    names = ["fires_2018", "fires_2019", "fires_2020", "fires_2021", "fires_2022H1"]
    files = {f"{name}.csv.gz": (folder / f"{name}.csv.gz").read_bytes() for name in names}
    events = (folder / "cir_events_2022H1.csv.gz").read_bytes()
    people = (folder / "ukr_pop_density_2020_10km.csv").read_bytes()
    asked = Asked(
        fires=files, events=("events", events), layers={"population": ("people", people)},
        background=False,
    )  # fmt: skip

    found = measure(seed=1, quick=True, asked=asked)

    missed = [one for one in found["must"] if not one["holds"]]
    assert missed == []
