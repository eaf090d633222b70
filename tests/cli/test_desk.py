"""`tw desk` on the command line: what it prints, what it exits with, and how it can be undone."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import sys
from typing import TYPE_CHECKING, Any

import pytest
from tests.mission.samples import firms

from trucewatch.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Called = Callable[..., tuple[int, str, str]]
WHY = ("--reason", "one fire line", "--by", "A. Analyst")


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Called:
    """Call the command line with some words: exit code, output, errors."""

    def call(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["tw", *words])
        with pytest.raises(SystemExit) as left:
            main()
        out, err = capsys.readouterr()
        return int(left.value.code or 0), out, err

    return call


@pytest.fixture(scope="module")
def built() -> list[Path]:
    return []


@pytest.fixture
def mission(
    built: list[Path],
    called: Called,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """A copy of a mission with three fires; the current folder is above it."""
    monkeypatch.chdir(tmp_path)
    if not built:
        folder = tmp_path_factory.mktemp("built")
        (folder / "a.csv").write_bytes(firms(day=26))
        home = str(folder / "M")
        for line in (["init", home], ["ingest", home, "firms", str(folder / "a.csv")]):
            assert called(*line)[0] == 0
        assert called("run", home)[0] == 0
        built.append(folder / "M")
    return shutil.copytree(built[0], tmp_path / "M")


def listed(called: Called, *words: str) -> list[dict[str, Any]]:
    code, out, _ = called(*words, "--json")
    assert code == 0
    return json.loads(out)


def ids(called: Called) -> list[str]:
    return [row["id"] for row in listed(called, "incidents", "M")]


def test_a_merge_is_sealed_and_waits_for_a_run(mission: Path, called: Called) -> None:
    one, other, _ = ids(called)

    code, out, _ = called("desk", "M", "merge", one, other, *WHY)

    assert mission.is_dir()
    assert code == 0
    first, second = out.splitlines()
    assert first == f"Sealed: entry 6, merge of {', '.join(sorted([one, other]))}, 4 observations"
    assert second == "Run: tw run M"
    assert len(ids(called)) == 3
    assert called("run", "M")[0] == 0
    assert len(ids(called)) == 2
    assert "verified (not anchored" in called("verify", "M", "--key", "M/keys/log.vkey")[1]


def test_run_does_both_at_once(mission: Path, called: Called) -> None:
    one, other, _ = ids(called)

    code, out, _ = called("desk", "M", "merge", one, other, *WHY, "--run")

    assert mission.is_dir()
    assert (code, out.splitlines()[1]) == (0, "2 incidents now; recorded as entry 7")


def test_a_split_takes_the_address_that_explain_prints(mission: Path, called: Called) -> None:
    chosen = ids(called)[0]
    printed = called("explain", "M", chosen)[1]
    address = re.findall(r"^    ([0-9a-f]{12}:[0-9]+)  entry", printed, re.MULTILINE)[0]

    done = listed(called, "desk", "M", "split", chosen, "--out", address, *WHY, "--run")

    assert mission.is_dir()
    assert (done["act"], done["incidents"], done["run"]["incidents"]) == ("split", [chosen], 4)
    assert len(ids(called)) == 4


def test_locks_can_be_undone_and_the_history_says_so(mission: Path, called: Called) -> None:
    chosen = ids(called)[0]
    assert called("desk", "M", "lock", chosen, *WHY, "--run")[0] == 0

    again = called("desk", "M", "lock", chosen, *WHY)
    undone = called("desk", "M", "unlock", chosen, "--reason", "late news", "--by", "B")

    assert mission.is_dir()
    assert again[0] == 2
    assert f"tw: {chosen}: was locked by entry 6, expected one that is open\n" in again[2]
    assert f"Unlock first: tw desk M unlock {chosen}" in again[2]
    assert undone[0] == 0
    lines = called("desk", "M", "links")[1].splitlines()
    assert lines[0].startswith("entry 6  lock by A. Analyst, 20")
    assert lines[1:5] == [
        "  reason  one fire line", f"  then    {chosen}", f"  now     {chosen}", "  not in effect",
    ]  # fmt: skip
    assert lines[-1] == "  in effect; no run has used it yet"
    assert [row["act"] for row in listed(called, "desk", "M", "links")] == ["lock", "unlock"]


def test_explain_prints_who_said_what(mission: Path, called: Called) -> None:
    chosen = ids(called)[0]

    called("desk", "M", "lock", chosen, *WHY)

    assert mission.is_dir()
    line = "  desk   lock by A. Analyst: one fire line (entry 6; waits for a run)"
    assert line in called("explain", "M", chosen)[1].splitlines()


def test_nothing_said_is_said(mission: Path, called: Called) -> None:
    assert mission.is_dir()
    assert called("desk", "M", "links")[:2] == (0, "Nothing was merged, split or locked\n")


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["merge", "i-nobody", "i-nowhere", *WHY], "tw: i-nobody: no incident has this id"),
        (
            ["merge", "i-x", "i-y", "--reason", " ", "--by", "A"],
            "tw: reason: is ' ', expected text",
        ),
        (["merge", "i-x", "i-y", "--by", "A"], "Missing option '--reason'"),
        (["lock", "i-x", "i-y", *WHY], "tw: lock: 2 incidents are given, expected one"),
        (["unlock", "i-x", "i-y", *WHY], "tw: unlock: 2 incidents are given, expected one"),
        (["glue", "i-x"], "No such command 'glue'"),
    ],
)
def test_a_refusal_exits_with_2_and_says_why(
    mission: Path, called: Called, words: list[str], problem: str
) -> None:
    code, _, err = called("desk", "M", *words)

    assert mission.is_dir()
    assert code == 2
    assert problem in " ".join(err.split())


def test_a_folder_that_is_no_mission_is_refused(mission: Path, called: Called) -> None:
    code, _, err = called("desk", "none", "links")

    assert mission.is_dir()
    assert (code, "tw: none: no mission.toml, expected a mission folder" in err) == (2, True)


def test_who_may_have_done_it_is_put_forward_of_an_incident_and_of_a_record(
    mission: Path, called: Called, tmp_path: Path
) -> None:
    details = ("asset=P1", "matter=post", "number_min=1", "place=45.01,-30.0,25", "weapons=")
    words = [word for each in details for word in ("--set", each)]
    out = called("logbook", "enter", "M", "sighting", "seen", "--by", "A", *words)[1]
    record = re.findall(r"sighting-\d+", out)[0]
    incident = ids(called)[0]
    file = tmp_path / "who.toml"
    file.write_text('[[hypothesis]]\nwho = "third_actor"\nrejected = "no such group"\n')

    for subject in (incident, record):
        words = ["desk", "M", "attribute", subject, "--file", str(file), *WHY]
        code, out, err = called(*words)
        assert (code, err) == (0, "")
        assert f"{subject}, by A. Analyst: one fire line" in out
        assert "Undetermined: none is worth a finding." in out
    told = called("desk", "M", "attributions")[1]

    assert mission.is_dir()
    assert [told.count(each) for each in (incident, record)] == [1, 1]


def test_the_advice_on_an_attribution_of_nothing_can_be_pasted(
    mission: Path, called: Called, tmp_path: Path
) -> None:
    file = tmp_path / "who.toml"
    file.write_text('[[hypothesis]]\nwho = "third_actor"\n')
    assert mission.is_dir()

    for subject in ("i-nothing", "sighting-999"):
        words = ["desk", "M", "attribute", subject, "--file", str(file), *WHY]
        code, _, err = called(*words)
        advised = shlex.split(err.splitlines()[-1].partition("with: ")[2])
        assert (code, advised[0]) == (2, "tw")
        assert called(*advised[1:])[0] == 0
