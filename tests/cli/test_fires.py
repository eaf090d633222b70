"""`tw evaluate fires`: which files and years the command line stands for."""

from __future__ import annotations

import sys
from datetime import date
from typing import TYPE_CHECKING

import pytest

from trucewatch.cli import main
from trucewatch.cli.fires import FiresOptions, asked
from trucewatch.errors import BadInput
from trucewatch.evaluate.fires_asked import CONTROL, SINCE

if TYPE_CHECKING:
    from pathlib import Path

NAMES = (
    "fires_2001.csv.gz", "fires_2002.csv", "cir_events_2022H1.csv.gz",
    "ukr_pop_density_2020_10km.csv", "ukr_oblasts_10km.csv", "ukr_oblasts_ids.csv",
)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in NAMES:
        (tmp_path / name).write_bytes(name.encode())
    return tmp_path


def test_a_folder_stands_for_the_files_that_have_the_usual_names(folder: Path) -> None:
    found = asked(FiresOptions(), folder)

    assert list(found.fires.values()) == [b"fires_2001.csv.gz", b"fires_2002.csv"]
    assert found.events[1] == b"cir_events_2022H1.csv.gz"
    assert {kind: raw for kind, (_, raw) in found.layers.items()} == {
        "population": b"ukr_pop_density_2020_10km.csv", "regions": b"ukr_oblasts_10km.csv",
    }  # fmt: skip
    assert (found.baseline_years, found.peace_years, found.since) == ((), (), SINCE)
    assert (found.placebo, found.background, found.control) == (True, True, CONTROL)


def test_grids_are_found_beside_the_fires_but_incidents_must_be_named(folder: Path) -> None:
    fires = [folder / "fires_2001.csv.gz"]

    found = asked(FiresOptions(fires=fires, events=folder / NAMES[2]), None)

    assert set(found.layers) == {"population", "regions"}
    with pytest.raises(BadInput, match="--events: is missing"):
        asked(FiresOptions(fires=fires), None)


@pytest.mark.parametrize("form", ["several", "commas", "folder"])
def test_fires_may_be_named_in_any_usual_way(folder: Path, form: str) -> None:
    one, two = folder / "fires_2001.csv.gz", folder / "fires_2002.csv"
    options = {
        "several": FiresOptions(fires=[one], more=[two, one]),
        "commas": FiresOptions(fires=[folder / f"{one.name},{two}"]),
        "folder": FiresOptions(fires=[folder]),
    }[form]

    found = asked(options._replace(events=folder / NAMES[2]), None)

    assert list(found.fires) == [str(one), str(two)]


def test_years_are_lists_and_spans(folder: Path) -> None:
    options = FiresOptions(
        baseline_years="2012, 2018-2021,2013", peace_years="2020", since="2023-01-05",
        control="A,B", placebo=False, tested_year=2023, background=False,
    )  # fmt: skip

    found = asked(options, folder)

    assert found.baseline_years == (2012, 2013, 2018, 2019, 2020, 2021)
    assert (found.peace_years, found.tested_year) == ((2020,), 2023)
    assert (found.since, found.control) == (date(2023, 1, 5), ("A", "B"))
    assert (found.placebo, found.background) == (False, False)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (FiresOptions(baseline_years="2012-x"), "--baseline-years: is '2012-x', expected years"),
        (FiresOptions(peace_years="-3"), "--peace-years: is '-3', expected years"),
        (FiresOptions(since="24.2.2022"), "--since: is '24.2.2022', expected a date"),
    ],
)
def test_refuses_years_and_days_that_cannot_be_read(
    folder: Path, options: FiresOptions, problem: str
) -> None:
    with pytest.raises(BadInput, match=problem):
        asked(options, folder)


def test_refuses_files_that_are_not_there_or_could_be_several(folder: Path) -> None:
    (folder / "cir_events_2022H2.csv").write_bytes(b"")

    with pytest.raises(BadInput, match=r"--events: cir_events_2022H1.*could be meant"):
        asked(FiresOptions(), folder)
    with pytest.raises(BadInput, match=r"nowhere\.csv: no such file"):
        asked(FiresOptions(events=folder / "nowhere.csv"), folder)
    with pytest.raises(BadInput, match="--fires: is missing"):
        asked(FiresOptions(), folder / "empty")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("location --events e.csv", "--events: location takes none, expected fires"),
        ("location more.csv", "arguments: location takes none, expected fires"),
        ("truce --since 2022-01-01", "--since: truce takes none, expected fires"),
        ("fires", "--fires: is missing, expected files of fire pixels, or --data"),
    ],
)
def test_other_evaluations_take_none_of_its_options(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], line: str, problem: str
) -> None:
    monkeypatch.setattr(sys, "argv", ["tw", "evaluate", *line.split()])

    with pytest.raises(SystemExit) as left:
        main()

    assert left.value.code == 2
    assert problem in capsys.readouterr().err
