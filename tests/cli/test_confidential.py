"""`tw confidential` and `tw erase` on the command line: what they print and exit with."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import typer
from tests.mission.sealed import NAME, compartment, hotline, open_file, seal
from typer.testing import CliRunner

from trucewatch.cli.confidential import VERBS, app
from trucewatch.errors import BadInput
from trucewatch.evidence.log import Log
from trucewatch.mission.clock import SystemClock
from trucewatch.mission.erase import BACKUPS
from trucewatch.mission.home import Home
from trucewatch.mission.init import Plan, create
from trucewatch.records.canonical import canonical

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

WHY = ("--by", "C. Commissioner", "--reason", "the witness asked for it")

root = typer.Typer()
root.add_typer(app, name="confidential")
for verb in VERBS:
    root.command()(verb)


def called(*words: object) -> Result:
    return CliRunner().invoke(root, [str(word) for word in words], catch_exceptions=True)


def printed(*words: object) -> Any:
    done = called(*words, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.output)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    clock = SystemClock()
    create(tmp_path / "mission", clock=clock, plan=Plan(seed=bytes(32)))
    mission = Home(tmp_path / "mission")
    compartment(mission)
    open_file(mission, tmp_path, clock=clock)
    seal(mission, hotline(), clock=clock)
    return mission.path


def last_entry(home: Path) -> int:
    with Log.open(home) as log:
        return log.size - 1


def test_a_compartment_is_made_listed_and_never_made_again(home: Path) -> None:
    made = called("confidential", "key", home, "patrols")
    listed = printed("confidential", "compartments", home)
    again = called("confidential", "key", home, "patrols")

    assert "patrols.key: made, 0600" in made.output
    assert [(each["name"], each["key_here"], each["objects"]) for each in listed] == [
        ("hotline", True, 1),
        ("patrols", True, 0),
    ]
    assert "keys are never overwritten" in str(again.exception)


def test_who_can_see_an_object_is_printed_for_people_and_programs(home: Path) -> None:
    text = called("confidential", "who", home, last_entry(home)).output
    found = printed("confidential", "who", home, last_entry(home))

    assert "who          level AMBER: whoever holds the key of compartment hotline\n" in text
    assert (found["name"], found["readable"], found["compartment"]) == (NAME, True, "hotline")


def test_a_disclosure_is_written_and_its_entry_printed(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "key.json"

    done = printed("confidential", "disclose", home, last_entry(home), "--out", out, *WHY)

    assert (done["entry"], out.is_file()) == (last_entry(home), True)


def test_without_yes_an_erasure_only_says_what_would_go(home: Path) -> None:
    before = last_entry(home)

    done = called("erase", home, before)

    assert done.exit_code == 0
    assert f"AMBER, entry {before}, {NAME}" in done.output
    assert "Nothing was changed." in done.output
    assert last_entry(home) == before


def test_an_erasure_prints_what_it_did_and_exits_1_while_a_backup_is_out_of_reach(
    home: Path, tmp_path: Path
) -> None:
    entry, away = last_entry(home), tmp_path / "away"
    (home / BACKUPS).write_bytes(canonical({"v": 1, "folders": [str(away)]}))

    done = called("erase", home, entry, "--yes", *WHY)
    later = called("erase", home, "--pending")

    assert (done.exit_code, later.exit_code) == (1, 1)
    assert f"Sealed: entry {entry + 1}, erased" in done.output
    assert f"pending    {away}: cannot be reached" in later.output
    (home / BACKUPS).unlink()
    assert printed("erase", home, "--pending") == {"destroyed": [], "pending": []}
    assert f"It was erased by entry {entry + 1}" in called("erase", home, entry).output


def test_an_erasure_of_nothing_or_in_nobodys_name_is_refused(home: Path) -> None:
    nothing, nobody = called("erase", home), called("erase", home, last_entry(home), "--yes")

    assert isinstance(nothing.exception, BadInput)
    assert "by: is '', expected text" in str(nobody.exception)
