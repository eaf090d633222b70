"""The background in a mission: fitted once, the same from the folder of fits, and refused bare."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.mission.measured_samples import NOW
from typer.testing import CliRunner

from trucewatch.cli.app import app
from trucewatch.errors import BadInput
from trucewatch.mission.background import background
from trucewatch.mission.background_fit import Baseline, fitted
from trucewatch.mission.clock import SimulatedClock
from trucewatch.mission.home import Home
from trucewatch.mission.ingest import ingest
from trucewatch.mission.init import Plan, create

if TYPE_CHECKING:
    from pathlib import Path

YEARS = (2026, 2027, 2028, 2029)
HEADER = "latitude,longitude,acq_date,instrument\n"


def archive(years: tuple[int, ...], *, until: int = 365) -> bytes:
    """Fires at random over one square degree, a few each day."""
    rng = np.random.default_rng(21)
    rows = []
    for year in years:
        first = date(year, 1, 1).toordinal()
        for day in range(until):
            rows += [
                f"{45 + lat:.4f},{-30 + lon:.4f},{date.fromordinal(first + day)},VIIRS\n"
                for lat, lon in rng.uniform(0.01, 0.99, (rng.poisson(4), 2))
            ]
    return (HEADER + "".join(rows)).encode()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    clock = SimulatedClock(NOW)
    create(tmp_path / "mission", clock=clock, plan=Plan(agreement="demo-truce", seed=bytes(32)))
    made = Home(tmp_path / "mission")
    rows = "45.5000,-29.5000,2030-09-04,VIIRS\n45.2000,-29.1000,2030-09-05,VIIRS\n"
    (tmp_path / "fires.csv").write_text(HEADER + rows)
    list(ingest(made, "firms", [tmp_path / "fires.csv"], clock=clock))
    return made


@pytest.fixture(scope="module")
def baseline() -> Baseline:
    return Baseline(fires={"archive.csv": archive(YEARS)}, layers={})


def test_a_fit_that_was_kept_says_the_same(home: Home, baseline: Baseline) -> None:
    said: list[str] = []

    first = background(home, baseline, day=None, say=said.append)
    again = background(home, baseline, day=None, say=said.append)

    assert first == again
    assert first.day == datetime(2030, 9, 5, tzinfo=UTC).date()
    assert first.years == YEARS
    assert [line.split()[0] for line in said] == ["Fitting", "Kept"]
    assert any("before it an ordinary year stands in" in note for note in first.notes)


def test_a_fit_that_was_cut_short_is_made_again(home: Home, baseline: Baseline) -> None:
    whole = fitted(home, baseline, without=2030, say=lambda _: None)
    (kept,) = (home.path / "fits").iterdir()
    kept.write_text(kept.read_text()[:-9])

    again = fitted(home, baseline, without=2030, say=lambda _: None)

    assert (whole.kept, again.kept) == (False, False)
    assert (again.background.mean.coefficient == whole.background.mean.coefficient).all()
    assert fitted(home, baseline, without=2030, say=lambda _: None).kept


def test_other_files_are_another_fit(home: Home, baseline: Baseline) -> None:
    other = Baseline(fires={"archive.csv": archive(YEARS[:3])}, layers={})

    for each in (baseline, other):
        fitted(home, each, without=2030, say=lambda _: None)

    assert len(list((home.path / "fits").iterdir())) == 2


@pytest.mark.parametrize(
    ("raw", "without", "problem"),
    [
        (archive(YEARS, until=200), 2030, "year 2026 has fires from day 1 to day 200 alone"),
        (archive(YEARS[:2]), 2030, "has 2 whole years without 2030, expected at least 3"),
        (archive((2030,)), 2030, "has no year but 2030"),
    ],
)
def test_refuses_years_that_would_pass_for_calm(
    home: Home, raw: bytes, without: int, problem: str
) -> None:
    with pytest.raises(BadInput, match=problem):
        fitted(home, Baseline(fires={"a": raw}, layers={}), without=without, say=lambda _: None)


def test_a_mission_without_fires_is_told_so(tmp_path: Path, baseline: Baseline) -> None:
    clock = SimulatedClock(NOW)
    create(tmp_path / "bare", clock=clock, plan=Plan(agreement="demo-truce", seed=bytes(32)))

    with pytest.raises(BadInput, match="has no fires"):
        background(Home(tmp_path / "bare"), baseline, day=None, say=lambda _: None)


def test_the_verb_prints_what_cannot_be_told(home: Home, tmp_path: Path) -> None:
    (tmp_path / "archive.csv").write_bytes(archive(YEARS))
    asked = ["background", str(home.path), "--baseline", str(tmp_path / "archive.csv")]

    told = CliRunner().invoke(app, asked)
    as_json = CliRunner().invoke(app, [*asked, "--json"])
    alone = CliRunner().invoke(app, [*asked, "--weather", str(tmp_path / "archive.csv")])

    assert told.exit_code == as_json.exit_code == 0
    assert "nobody says how cloudy it was" in told.output
    assert "The p-value is no score" in told.output
    assert '"day": "2030-09-05"' in as_json.output
    assert isinstance(alone.exception, BadInput)
