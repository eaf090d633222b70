"""Where to look next: what is not known becomes targets, and nobody outside sees the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.mission.measured_samples import NOW, mission
from typer.testing import CliRunner

from trucewatch.cli.app import app
from trucewatch.cli.tasking import lines
from trucewatch.errors import BadInput, NotReleasable
from trucewatch.mission.entering import NewAct, enter
from trucewatch.mission.run import run
from trucewatch.mission.tasking import read_looks, tasking

if TYPE_CHECKING:
    from pathlib import Path

    from trucewatch.mission.home import Home

HEADER = "id,kind,exclusive,lat_deg,lon_deg,radius_m,time_start,time_end,detection_p,cost\n"
WINDOW = {
    "activity": "repair",
    "crew": 4,
    "end": "2030-09-08T10:00:00.000000Z",
    "guarantees_from": ["ALPHA", "BRAVO"],
    "place": {"error_m": 20, "lat_deg": 44.99, "lon_deg": -30.4},
    "provision": None,
    "radius_m": 1000,
    "site": "pumping station",
    "start": "2030-09-08T06:00:00.000000Z",
}


def looks() -> bytes:
    rows = [
        "P1-north,patrol,P1,45.0,-29.9,12000,2030-09-06T08:00:00Z,2030-09-06T16:00:00Z,0.8,4",
        "P1-south,patrol,P1,45.0,-30.2,12000,2030-09-06T08:00:00Z,2030-09-06T16:00:00Z,0.8,4",
        "F1,flight,,44.99,-30.4,20000,2030-09-08T05:00:00Z,2030-09-08T11:00:00Z,0.6,3",
        "I1,image,,10.0,10.0,5000,2030-09-06T10:00:00Z,2030-09-06T11:00:00Z,0.9,1",
    ]
    return (HEADER + "\n".join(rows) + "\n").encode()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("tasking")
    made, clock = mission(folder, declared=True)
    asked = NewAct(kind="window", act="requested", at=NOW, by="L. Liaison", detail=WINDOW)
    enter(made, [asked], clock=clock)
    run(made, clock=clock)
    (folder / "looks.csv").write_bytes(looks())
    return made


def test_what_is_not_known_becomes_targets_and_the_looks_have_reasons(home: Home) -> None:
    found = tasking(home, home.path.parent / "looks.csv", budget=7)

    assert found.targets["incidents"] == 3
    assert found.targets["windows"] == 1
    assert found.targets["ground"] > 10
    chosen = [reason.look for reason in found.chosen]
    assert "F1" in chosen  # the window that opens in two days
    assert "I1" not in chosen  # an image of nothing that is asked about
    assert len({"P1-north", "P1-south"} & set(chosen)) == 1
    assert found.cost <= 7
    assert found.best_share >= 1 - 1 / 2.7182819
    assert found.settled_nats < found.unknown_nats
    flight = next(reason for reason in found.chosen if reason.look == "F1")
    assert any("window-" in words for words, _, _ in flight.most)
    assert flight.gain_nats <= flight.gain_alone_nats


def test_it_is_said_in_words_with_a_warning_to_keep_it(home: Home) -> None:
    told = lines(tasking(home, home.path.parent / "looks.csv", budget=7))

    assert told[0].startswith("MISSION ONLY")
    assert any("surely at least" in line for line in told)
    assert "danger to people is not weighed" in told[-1]


def test_nobody_outside_the_mission_sees_it(home: Home) -> None:
    with pytest.raises(NotReleasable, match="where patrols and flights will be"):
        tasking(home, home.path.parent / "looks.csv", budget=7, level="public")
    at = ["tasking", str(home.path), "--looks", str(home.path.parent / "looks.csv")]
    done = CliRunner().invoke(app, [*at, "--budget", "7", "--level", "public"])
    fine = CliRunner().invoke(app, [*at, "--budget", "7", "--json"])
    assert isinstance(done.exception, NotReleasable)
    assert '"unknown_nats"' in fine.output


def test_ground_without_declared_coverage_is_left_out_and_said(tmp_path: Path) -> None:
    bare, _ = mission(tmp_path, declared=False)
    (tmp_path / "looks.csv").write_bytes(looks())

    found = tasking(bare, tmp_path / "looks.csv", budget=7)

    assert "ground" not in found.targets
    assert "nobody declared what watches" in found.left_out[0]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ((b"id,kind", b"kind,id"), "looks.csv:1: columns are kind,id"),
        ((b"0.8,4", b"0.8,x"), "looks.csv:2: cost is 'x'"),
        ((b"0.8,4", b"inf,4"), "looks.csv:2: detection_p is 'inf'"),
        ((b"2030-09-06T08:00:00Z", b"2030-09-06 08:00"), "looks.csv:2: time_start"),
        ((b"0.8,4", b"0.8,4,5"), "looks.csv: cannot be read"),
        ((b"P1-north", b"P1\x1b"), "looks.csv:2: id is"),
        ((b"patrol,P1,", b"patrol,"), "looks.csv:2: radius_m is"),
    ],
)
def test_refuses_a_bad_list_of_looks_by_line(
    tmp_path: Path, change: tuple[bytes, bytes], problem: str
) -> None:
    (tmp_path / "looks.csv").write_bytes(looks().replace(*change, 1))

    with pytest.raises(BadInput, match=problem):
        read_looks(tmp_path / "looks.csv")
