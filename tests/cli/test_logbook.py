"""`tw logbook`, `tw restrictions`, `tw notifications`, and assessments of more than incidents."""

from __future__ import annotations

import json
import sys
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from tests.mission.samples import news

from trucewatch.cli import main
from trucewatch.records.logbook.kinds import MACHINES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Called = Callable[..., tuple[int, str, str]]

TEXT = """\
schema: trucewatch/agreement/v1
id: trial-truce
version: 1
title: "EXERCISE: a truce for a test"
exercise: true
status: in_force
effective: 2026-06-01T00:00:00+00:00
expires: null
parties:
  - {id: ALPHA, role: party, text: one}
  - {id: BRAVO, role: party, text: other}
zones:
  - id: Z
    class: security_zone
    text: everything
    edges: straight
    polygon: [[31.0, 48.3], [31.6, 48.3], [31.6, 48.9], [31.0, 48.9]]
rules:
  - id: R01
    kind: prohibited_act
    clause: No fire.
    source: invented
    modality: F
    acts: [explosion_undetermined, artillery_fire]
    zone: Z
weapons:
  - {id: MORTAR_82, text: light mortars, calibre_mm: {from: 82, below: 83}, unit: tube}
  - {id: MORTAR_120, text: heavy mortars, calibre_mm: {from: 120, below: null}, unit: tube}
notices:
  - id: N
    activity: demining_blast
    to: [BRAVO]
    lead_h: 48
    consent: true
    confidential: false
    text: told two days before
    source: invented
"""
DENIED = (
    *("--set", "asset=Patrol 3", "--set", "hindrance=denial", "--set", "radius_m=2000"),
    *("--set", "place=48.7,31.4,50", "--set", "said=No entry without written order"),
)
WINDOW = (
    *("--set", "activity=repair", "--set", "crew=6", "--set", "guarantees_from=BRAVO,ALPHA"),
    *("--set", "place=48.7,31.4,100", "--set", "radius_m=1500", "--set", "site=Dunmarsh pump"),
    *("--set", "start=2026-06-27T03:00+03:00", "--set", "end=2026-06-28T00:00Z"),
)


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


@pytest.fixture
def mission(called: Called, tmp_path: Path) -> str:
    (tmp_path / "truce.yaml").write_text(TEXT)
    home = str(tmp_path / "M")
    assert called("init", home, "--agreement", str(tmp_path / "truce.yaml"))[0] == 0
    return home


def entered(called: Called, home: str, *words: str) -> str:
    """Enter an act and return the record's id."""
    code, out, err = called("logbook", "enter", home, *words, "--by", "L. Liaison", "--json")
    assert (code, err) == (0, "")
    return str(json.loads(out)[0]["id"])


def test_a_denial_is_entered_lifted_and_listed_to_the_minute(called: Called, mission: str) -> None:
    when = ("--at", "2026-07-01T10:55Z")
    asked = entered(called, mission, "restriction", "encountered", *when, *DENIED)

    _, told, _ = called(
        *("logbook", "enter", mission, "restriction", "lifted", "--of", asked),
        *("--at", "2026-07-01T11:38Z", "--by", "L."),
    )
    _, listed, _ = called("restrictions", mission)
    _, shown, _ = called("explain", mission, asked)

    assert told.startswith(f"Sealed: {asked} lifted, now lifted; entry ")
    assert f"{asked:18} 2026-07-01 11:38Z lifted" in listed
    assert "denial of Patrol 3" in listed
    assert "when   2026-07-01T10:55:00.000000Z to 2026-07-01T11:38:00.000000Z" in shown
    assert "said            No entry without written order" in shown
    assert "2 of 2 acts proven to be in the log" in shown


def test_each_kind_of_value_is_typed_and_kept_in_its_one_form(called: Called, mission: str) -> None:
    asked = entered(called, mission, "window", "requested", *WINDOW)
    ring = "31.4,48.7 31.5,48.7 31.4,48.8"
    entered(
        *(called, mission, "notification", "submitted", "--set", f"area={ring}"),
        *("--set", "activity=demining_blast", "--set", "party=ALPHA", "--set", "subjects="),
        *(
            "--set",
            "start=2026-07-12T08:00Z",
            "--set",
            "end=2026-07-12T09:00Z",
            "--set",
            "to=BRAVO",
        ),
    )
    declared = ("inventory", "declared", "--set", "weapons=MORTAR_82=3, MORTAR_120=12")
    entered(
        *(called, mission, *declared, "--set", "party=ALPHA", "--set", "serials=B2,A1"),
        *("--set", "site=DEPOT", "--set", "place=48.7,31.4,50"),
    )

    window = json.loads(called("logbook", "show", mission, asked, "--json")[1])
    [notice] = json.loads(called("notifications", mission, "--json")[1])
    [stock] = json.loads(called("logbook", "list", mission, "inventory", "--json")[1])

    assert window["steps"][0]["detail"]["guarantees_from"] == ["ALPHA", "BRAVO"]
    assert window["steps"][0]["detail"]["start"] == "2026-06-27T00:00:00.000000Z"
    assert window["steps"][0]["detail"]["provision"] is None
    assert notice["detail"]["area"] == [[31.4, 48.7], [31.5, 48.7], [31.4, 48.8]]
    assert notice["detail"]["number"] is None
    assert stock["detail"]["weapons"] == {"MORTAR_120": 12, "MORTAR_82": 3}
    assert stock["detail"]["serials"] == ["A1", "B2"]


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("gossip", "heard"), "kind is gossip, expected one of notification, window"),
        (("restriction", "met"), "act is met, expected one of encountered, reported"),
        (("restriction", "encountered"), "restriction encountered: lacks asset, hindrance, place"),
        (("restriction", "encountered", *DENIED, "--set", "x=1"), "has no x, expected asset"),
        (
            ("restriction", "encountered", "--set", "asset"),
            "--set: is 'asset', expected NAME=VALUE",
        ),
        (("restriction", "lifted", "--of", "window-3"), "--of: is 'window-3', expected an id such"),
        (("restriction", "encountered", *DENIED, "--set", "people=many"), "people: is 'many'"),
        (
            ("window", "requested", *WINDOW[:-1], "end=tomorrow"),
            "end: is 'tomorrow', expected a time such as",
        ),
        (
            ("window", "requested", *WINDOW[:-1], "end=2026-06-28T00:00"),
            "end: is '2026-06-28T00:00', expected a time such as",
        ),
        (
            ("inventory", "amended", "--of", "3", "--set", "serials=", "--set", "weapons=A=1,A=2"),
            "weapons: is 'A=1,A=2', expected NAME=NUMBER",
        ),
        (("contact", "answered", "--of", "3", "--set", "success=maybe"), "success: is 'maybe'"),
    ],
)
def test_what_cannot_be_entered_is_told_in_one_line(
    called: Called, mission: str, words: tuple[str, ...], problem: str
) -> None:
    code, out, err = called("logbook", "enter", mission, *words, "--by", "L. Liaison")

    assert (code, out) == (2, "")
    assert problem in err


def test_a_file_of_acts_is_entered_and_not_with_an_act_besides(
    called: Called, mission: str, tmp_path: Path
) -> None:
    line = {
        "kind": "contact", "act": "called", "at": "2026-07-01T10:00Z", "by": "P.",
        "detail": {"about": "Pelven", "party": "ALPHA", "to": "BRAVO duty officer"},
    }  # fmt: skip
    (tmp_path / "acts.jsonl").write_text(json.dumps(line) + "\n")
    file = str(tmp_path / "acts.jsonl")

    code, out, _ = called("logbook", "enter", mission, "--file", file)
    both = called("logbook", "enter", mission, "contact", "--file", file)
    gone = called("logbook", "enter", mission, "--file", f"{file}.gone")

    assert (code, out.count("Sealed: contact-")) == (0, 1)
    assert (both[0], "--file: is given with an act" in both[2]) == (2, True)
    assert (gone[0], "No such file" in gone[2]) == (2, True)


def test_the_forms_name_every_act_with_what_it_needs_and_how_it_is_typed(called: Called) -> None:
    code, out, _ = called("logbook", "forms")

    assert code == 0
    for machine in MACHINES.values():
        assert f"{machine.kind}: {machine.text}" in out
        for name, act in machine.acts.items():
            assert f"  {name}: {act.text}" in out
            assert all(f"--set {member}=" in out for member in act.form)
    one = called("logbook", "forms", "sighting")[1]
    assert "one of forces, hardware, weapon, post, minefield" in one
    assert "window" not in one
    assert called("logbook", "forms", "gossip")[0] == 2


def test_an_act_is_struck_alone_and_shown_as_struck(called: Called, mission: str) -> None:
    asked = entered(called, mission, "restriction", "encountered", *DENIED)
    lift = ("restriction", "lifted", "--of", asked)
    _, told, _ = called("logbook", "enter", mission, *lift, "--by", "L.", "--json")
    number = str(json.loads(told)[0]["entry"])
    strike = ("restriction", "voided", "--of", asked, "--set", f"entry={number}")
    bare = called("logbook", "enter", mission, *strike, "--by", "L.")
    entered(called, mission, *strike, "--note", "of another road")

    _, shown, _ = called("logbook", "show", mission, asked)
    steps = json.loads(called("logbook", "list", mission, "--json")[1])[0]["steps"]
    _, forms, _ = called("logbook", "forms", "duty")

    assert (bare[0], "note is null, expected why" in bare[2]) == (2, True)
    assert f"{asked} is encountered" in shown
    by = int(number) + 1
    assert f"  VOIDED by entry {by}: entry {number}: lifted at " in shown
    assert "note            of another road" in shown
    assert [step["voided_by"] for step in steps] == [None, by, None]
    assert forms.count("--note=") == 2  # paused and cancelled say why
    assert "--set entry=  that of the one act to strike" in forms


def test_an_act_is_entered_with_what_shows_it(called: Called, mission: str, tmp_path: Path) -> None:
    (tmp_path / "news.csv").write_bytes(news(day=27))
    assert called("ingest", mission, "news", str(tmp_path / "news.csv"))[0] == 0
    object_ = sha256((tmp_path / "news.csv").read_bytes()).hexdigest()
    act = ("restriction", "encountered", *DENIED)

    asked = entered(called, mission, *act, "--object", object_)
    code, _, error = called("logbook", "enter", mission, *act, "--by", "L.", "--object", "0" * 64)
    _, shown, _ = called("logbook", "show", mission, asked)

    assert (code, f"object {'0' * 64} is not in the log" in error) == (2, True)
    assert f"    object          {object_}" in shown
    told = json.loads(called("logbook", "show", mission, asked, "--json")[1])
    assert told["steps"][0]["objects"] == [object_]


def test_a_notice_that_comes_late_is_told_so_and_texts_are_kept_in_one_form(
    called: Called, mission: str
) -> None:
    notice = (
        *("logbook", "enter", mission, "notification", "submitted", "--by", " Rene\u0301 "),
        *("--set", "activity=demining_blast", "--set", "party=ALPHA", "--set", "subjects="),
        *("--set", "area=31.4,48.7 31.5,48.7 31.4,48.8", "--set", "to=BRAVO"),
        *("--set", "start=2026-06-12T08:00Z", "--set", "end=2026-06-12T09:00Z"),
    )

    code, out, _ = called(*notice)
    [found] = json.loads(called("notifications", mission, "--json")[1])

    assert code == 0
    assert "Warning: logged -" in out
    assert "h ahead; N asks for 48 h" in out
    assert found["steps"][0]["by"] == "Ren\u00e9"


def test_lists_by_state_and_as_it_was_known(called: Called, mission: str) -> None:
    asked = entered(called, mission, "restriction", "encountered", *DENIED)

    assert called("restrictions", mission, "--state", "lifted")[1].startswith("no such record")
    assert asked in called("logbook", "list", mission, "--state", "encountered")[1]
    early = called("restrictions", mission, "--as-of", "2026-01-01T00:00Z")[1]
    assert "what nobody entered may have happened all the same" in early
    assert called("logbook", "list", mission, "gossip")[0] == 2


def test_assessments_are_listed_by_subject_and_tried_against_another_text(
    called: Called, mission: str, tmp_path: Path
) -> None:
    (tmp_path / "news.csv").write_bytes(news(day=27))
    assert called("ingest", mission, "news", str(tmp_path / "news.csv"))[0] == 0
    assert called("run", mission)[0] == 0
    other = tmp_path / "other.yaml"
    other.write_text(TEXT.replace("version: 1", "version: 4"))

    every = json.loads(called("assessments", mission, "--kind", "incident", "--json")[1])
    none = json.loads(called("assessments", mission, "--rule", "R99", "--json")[1])
    tried = json.loads(called("assessments", mission, "--what-if", str(other), "--json")[1])
    _, lines, _ = called("assessments", mission, "--what-if", str(other))

    assert every
    assert {row["subject_kind"] for row in every} == {"incident"}
    assert none == []
    assert {row["agreement_version"] for row in tried} == {4}
    assert all(row["what_if"] for row in tried)
    assert "what_if" not in every[0]
    told = lines.splitlines()
    assert all(line.startswith("WHAT IF  ") for line in told)
    assert len(told) == len(tried) + 2
    both = called("assessments", mission, "--what-if", str(other), "--as-of", "2026-07-01T00:00Z")
    assert (both[0], "--as-of: is given with --what-if" in both[2]) == (2, True)
    code, out, _ = called("explain", mission, every[0]["subject"])
    assert code == 0
    assert "rule R01: " in out
