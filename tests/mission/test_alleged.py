"""Lists of alleged acts: sealed as they came, no report, and set beside what the mission saw."""

from __future__ import annotations

import shutil
import zipfile
from typing import TYPE_CHECKING

import pytest
from tests.mission.measured_samples import NOW, actor, alpha, bravo, mission
from typer.testing import CliRunner

from trucewatch.cli.alleged import lines
from trucewatch.cli.app import app
from trucewatch.errors import BadInput
from trucewatch.mission.alleged import Handed, claims_of, seal_list
from trucewatch.mission.alleged_ledger import Asked, compare
from trucewatch.mission.check import verify
from trucewatch.mission.clock import SimulatedClock
from trucewatch.mission.export import export
from trucewatch.mission.home import Home
from trucewatch.mission.listing import Filter, incidents
from trucewatch.mission.opened import reading
from trucewatch.mission.run import run
from trucewatch.records.canonical import sha256_hex
from trucewatch.records.level import Level

if TYPE_CHECKING:
    from pathlib import Path

Placed = tuple[Home, SimulatedClock]


def sealed(there: Placed, folder: Path) -> None:
    home, clock = there
    for party, raw in (("ALPHA", alpha()), ("BRAVO", bravo())):
        file = folder / f"{party}.csv"
        file.write_bytes(raw)
        seal_list(home, file, Handed(party=party), actor=actor(clock))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Path]:
    """Missions by whether they declare coverage; tests write in copies."""
    made = {}
    for declares in (False, True):
        folder = tmp_path_factory.mktemp("built")
        sealed(mission(folder, declared=declares), folder)
        made[declares] = folder / "mission"
    return made


def copied(folder: Path, to: Path) -> Placed:
    shutil.copytree(folder, to / "mission")
    return Home(to / "mission"), SimulatedClock(NOW)


@pytest.fixture
def undeclared(built: dict[bool, Path], tmp_path: Path) -> Placed:
    return copied(built[False], tmp_path)


@pytest.fixture
def declared(built: dict[bool, Path], tmp_path: Path) -> Placed:
    return copied(built[True], tmp_path)


def test_a_list_is_sealed_byte_for_byte_and_no_incident_comes_of_it(
    undeclared: Placed, tmp_path: Path
) -> None:
    home, clock = undeclared
    before = incidents(home, only=Filter())["id"].to_list()

    run(home, clock=clock)

    assert incidents(home, only=Filter())["id"].to_list() == before
    with reading(home) as (log, _):
        types = [entry.type for _, entry in log.entries(0, log.size)]
        assert types.count("alleged/alpha/v1") == 1
        assert log.object(sha256_hex(alpha())) == alpha()
    assert verify(home.path, vkey=None).unknown == ()
    export(home, tmp_path / "p.zip", level="public", clock=clock)
    with zipfile.ZipFile(tmp_path / "p.zip") as bundle:
        held = {sha256_hex(bundle.read(name)) for name in bundle.namelist()}
    assert sha256_hex(alpha()) not in held


def test_without_declared_coverage_it_says_cannot_tell(undeclared: Placed) -> None:
    found = compare(undeclared[0], Asked())

    told = "\n".join(lines(found))
    assert found.estimate.acts is None
    assert (found.estimate.count, found.estimate.coverage_share) == (3, None)
    assert "how many there were: cannot tell, nobody declared what watches" in told
    assert "the mission would have seen: cannot tell" in told
    assert "coverage" not in told.replace("nobody declared", "")


def test_claims_are_matched_and_stand_side_by_side(declared: Placed) -> None:
    found = compare(declared[0], Asked())

    alpha_said, bravo_said = found.sides
    assert (alpha_said.claimed, alpha_said.unmatched) == (3, ("A3",))
    assert [each.claim for each in alpha_said.matches] == ["A1", "A2"]
    assert [total.said for total in bravo_said.totals] == ["0"]
    assert len(found.unalleged) == 1
    assert found.estimate.coverage_share == pytest.approx(0.5, abs=0.01)
    assert found.estimate.acts is not None
    low, middle, high = found.estimate.acts
    assert low < middle < high
    assert alpha_said.visible is not None
    assert alpha_said.visible[0] == pytest.approx(1.5, abs=0.01)


def test_only_a_period_or_a_class_may_be_asked_for(declared: Placed) -> None:
    home = declared[0]
    whole = compare(home, Asked())

    later = compare(home, Asked(since=whole.until.replace(day=4, hour=0)))
    strikes = compare(home, Asked(kind="airstrike"))

    assert [side.claimed for side in later.sides] == [1, 0]
    assert later.estimate.count == 1
    assert strikes.kinds == ("airstrike",)
    with pytest.raises(BadInput, match="class of act"):
        compare(home, Asked(kind="thermal_anomaly"))


def test_a_later_list_corrects_an_earlier_one_and_both_stay(
    declared: Placed, tmp_path: Path
) -> None:
    home, clock = declared
    again = alpha().replace(b"at the mill", b"at the ford").replace(b"45.0010", b"44.9010")
    (tmp_path / "again.csv").write_bytes(again)

    seal_list(home, tmp_path / "again.csv", Handed(party="ALPHA"), actor=actor(clock))

    with reading(home) as (log, _):
        said = claims_of(log, log.size, ["ALPHA", "BRAVO"])[0]
    assert len(said.entries) == 2
    assert said.corrected == ("A1", "A2", "A3")
    assert said.acts[0].lat_deg == 44.9010


@pytest.mark.parametrize(
    ("party", "raw", "problem"),
    [
        ("GAMMA", alpha(), "expected one of ALPHA, BRAVO"),
        ("alpha", alpha(), "expected one of ALPHA, BRAVO"),
        ("ALPHA", alpha(), "byte for byte"),
        ("ALPHA", alpha()[:-1], "whole lines"),
        ("ALPHA", alpha().replace(b"45.0010", b"95.2"), "list.csv:2: lat is '95.2'"),
    ],
)
def test_refuses_a_list_and_seals_nothing(
    undeclared: Placed, tmp_path: Path, party: str, raw: bytes, problem: str
) -> None:
    home, clock = undeclared
    (tmp_path / "list.csv").write_bytes(raw)
    with reading(home) as (log, _):
        size = log.size

    with pytest.raises(BadInput, match=problem):
        seal_list(home, tmp_path / "list.csv", Handed(party=party), actor=actor(clock))

    with reading(home) as (log, _):
        assert log.size == size


def test_refuses_a_compartment_at_clear(undeclared: Placed, tmp_path: Path) -> None:
    home, clock = undeclared
    (tmp_path / "list.csv").write_bytes(alpha().replace(b"A3", b"A4"))
    handed = Handed(party="ALPHA", level=Level.CLEAR, compartment="desk")

    with pytest.raises(BadInput, match="expected a level above"):
        seal_list(home, tmp_path / "list.csv", handed, actor=actor(clock))


def test_the_verbs_print_and_give_json(declared: Placed, tmp_path: Path) -> None:
    home, _ = declared
    (tmp_path / "list.csv").write_bytes(alpha().replace(b"A3", b"A4"))
    run_ = CliRunner().invoke

    done = run_(app, ["alleged", "seal", str(home.path), "ALPHA", str(tmp_path / "list.csv"),
                      "--by", "L. Liaison"])  # fmt: skip
    told = run_(app, ["alleged", "compare", str(home.path)])
    as_json = run_(app, ["alleged", "compare", str(home.path), "--json"])

    assert done.exit_code == told.exit_code == as_json.exit_code == 0
    assert "ALPHA alleges 3 acts and 0 totals" in done.output
    assert "matched 2 of 4, unmatched 2" in told.output
    assert '"covered_kind": "artillery_fire"' in as_json.output
