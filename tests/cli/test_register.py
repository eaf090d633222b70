"""`tw register` and `tw report`: the scenarios of a coordination cell, through the command line."""

from __future__ import annotations

import csv
import json
import re
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import load_workbook
from tests.mission.register_samples import FIRST, MAPPING, MORE, TABLE

from trucewatch.cli import main
from trucewatch.mission.clock import SystemClock
from trucewatch.mission.custody import Actor
from trucewatch.mission.home import Home
from trucewatch.mission.init import create
from trucewatch.mission.linked import Said
from trucewatch.mission.register_load import claims_file, load
from trucewatch.mission.register_marked import NOT_ADOPTED

if TYPE_CHECKING:
    from collections.abc import Callable

    Called = Callable[..., tuple[int, str, str]]


@pytest.fixture
def called(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Called:
    """Call the command line with some words: exit code, output, errors."""
    monkeypatch.chdir(tmp_path)

    def call(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["tw", *words])
        with pytest.raises(SystemExit) as left:
            main()
        out, err = capsys.readouterr()
        return int(left.value.code or 0), out, err

    return call


def files(folder: Path) -> None:
    for name, text in (
        ("first.yaml", FIRST),
        ("more.yaml", MORE),
        ("map.yaml", MAPPING),
        ("table.csv", TABLE),
    ):
        (folder / name).write_text(text)


def made(folder: Path, asked: str) -> str:
    """Make a mission with a register; return its folder."""
    clock = SystemClock()
    create(folder / "M", clock=clock)
    who = Actor(said=Said(by="R. Keeper", reason="as read"), clock=clock)
    load(Home(folder / "M"), claims_file(asked), actor=who)
    return str(folder / "M")


@pytest.fixture
def mission(tmp_path: Path) -> str:
    """A mission with a small register, and files beside it."""
    files(tmp_path)
    return made(tmp_path, str(tmp_path / "first.yaml"))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The same for tests that only read."""
    folder = tmp_path_factory.mktemp("small")
    files(folder)
    return made(folder, str(folder / "first.yaml"))


@pytest.fixture(scope="module")
def paris(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A mission with the register of press claims that is shipped, for tests that only read."""
    return made(tmp_path_factory.mktemp("paris"), "paris-2026")


def answer(called: Called, *words: str) -> Any:
    code, out, err = called(*words, "--json")
    assert (code, err) == (0, "")
    told = json.loads(out)
    assert NOT_ADOPTED in told["marked"]
    return told["answer"]


def flat(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def test_scenario_22_who_committed_to_what_if_the_first_tier_fails(
    called: Called, paris: str
) -> None:
    found = answer(called, "register", "who-if", paris, "--tier", "1", "--met", "ceasefire=no")
    code, out, _ = called("register", "who-if", paris, "--tier", "1", "--met", "ceasefire=no")

    by_actor = {each["actor"]["id"]: each for each in found["actors"]}
    belgium = by_actor["BEL"]["promises"][0]
    assert (belgium["said"]["claim"]["domain"], belgium["said"]["at"]) == ("sea", "003:38-40")
    assert belgium["binding"]
    assert belgium["met"] == "no"
    steps = {actor: [s["atom"] for s in each["outstanding"]] for actor, each in by_actor.items()}
    assert steps["GBR"] == ["commons_vote"]
    assert steps["DEU"] == ["bundestag_vote"]
    [germany] = [d for d in by_actor["DEU"]["disputes"] if "multinational_force" in d["question"]]
    relations = {p["said"]["claim"]["id"]: p["said"]["claim"]["relation"]
                 for p in (*by_actor["DEU"]["promises"], *by_actor["DEU"]["refusals"])}  # fmt: skip
    assert {relations[claim] for claim in germany["claims"]} == {"ruled_out", "offered"}
    assert by_actor["USA"]["removed"][0]["clause"]["id"] == "us-support-if-attacked"
    assert all(each["said"]["at"] for one in by_actor.values() for each in one["promises"])
    assert code == 0
    usa = flat(out).partition("United States (USA)")[2]
    assert "removed from draft: The United States commits to support the force if that is" in usa
    assert "by press alone: no official text has it" in flat(out)


def test_scenario_22_of_one_domain(called: Called, paris: str) -> None:
    found = answer(called, "register", "who-if", paris, "--tier", "1", "--domain", "sea")

    domains = {p["said"]["claim"]["domain"] for a in found["actors"] for p in a["promises"]}
    assert domains <= {"", "sea"}
    assert found["nobody"]


def test_scenario_23_a_contribution_gap(called: Called, mission: str, tmp_path: Path) -> None:
    assert called("confidential", "key", mission, "support")[0] == 0
    code, told, _ = called(
        *("register", "import", mission, "table.csv", "--mapping", "map.yaml"),
        *("--compartment", "support", "--by", "R. Keeper"),
    )
    assert (code, "Accepted: 3 rows; refused: 0 rows" in told) == (0, True)

    gaps = json.loads(called("register", "gaps", mission, "--json")[1])
    _, shown, _ = called("register", "gaps", mission)
    public, _, refusal = called("report", mission, "gaps")
    report = json.loads(called("report", mission, "gaps", "--level", "mission", "--json")[1])

    [line] = [each for each in gaps["answer"]["gaps"] if each["id"] == "p1"]
    assert (line["pledged_low"], line["verified"], line["gap_low"]) == ("40", "12", "28")
    assert gaps["handling"] == "AMBER+STRICT"
    assert shown.count("id p1;") == 1
    assert (public, "never public" in refusal) == (1, True)
    paths = {Path(path).suffix: Path(path) for path in report["paths"].values()}
    rows = list(csv.DictReader(paths[".csv"].read_text().splitlines()))
    assert [row["gap_low"] for row in rows if row["id"] == "p1"] == ["28"]
    book = load_workbook(paths[".xlsx"])
    assert [r[0] for r in book["gaps"].iter_rows(values_only=True)].count("p1") == 1


def test_nobody_is_reminded_twice_within_the_interval(called: Called, mission: str) -> None:
    Path("due.yaml").write_text(MAPPING.replace("field: done", "field: due"))
    Path("due.csv").write_text(
        TABLE.splitlines()[0] + "\np1,Betaland,pledged,,UAV sensor-days,40,2026-01-31,open,\n"
    )
    words = ("import", mission, "due.csv", "--mapping", "due.yaml", "--level", "CLEAR")
    assert called("register", *words)[0] == 0
    remind = ("register", "gaps", mission, "--remind-every", "30")

    _, first, _ = called(*remind)
    [hint] = [line for line in first.splitlines() if line.startswith("  tw ")]
    code, _, err = called(*shlex.split(hint)[1:])
    _, second, _ = called(*remind)

    assert "BBB: p1 is overdue by" in first
    assert (code, err) == (0, "")
    assert "No reminder is due" in second


def test_a_dry_run_lists_what_is_refused_and_is_an_answer_of_no(
    called: Called, mission: str
) -> None:
    Path("bad.csv").write_text(f"{TABLE}p9,Nowhere,pledged,,Boats,1,,open,\n")
    words = ("register", "import", mission, "bad.csv", "--mapping", "map.yaml")

    code, out, _ = called(*words, "--dry-run")
    loaded, _, err = called(*words, "--level", "CLEAR")

    assert code == 1
    assert "row 5, Donor: is 'Nowhere', which the mapping gives no meaning" in out
    assert (loaded, "bad.csv: row 5: Donor is 'Nowhere'" in err) == (2, True)


def test_what_is_loaded_is_told_and_known_as_of_then(called: Called, mission: str) -> None:
    _, told, _ = called("register", "load", mission, "more.yaml")
    files = answer(called, "register", "list", mission, "files")
    before = answer(called, "register", "list", mission, "--as-of", files[0]["logged_at"])
    said = answer(called, "register", "list", mission, "--before", "2026-06-10")
    now = answer(called, "register", "list", mission)

    assert "sea-2 supersedes sea-1; both are kept" in told
    assert "New contradictions: 1 over 1 question" in told
    assert "yes-1 (G2:2) says offered" in flat(told)
    assert [len(each) for each in (before, said, now)] == [5, 5, 7]


def test_a_bad_file_is_refused_by_line(called: Called, mission: str) -> None:
    Path("bad.yaml").write_text(MORE.replace("offered", "promised"))

    code, _, err = called("register", "load", mission, "bad.yaml")
    tried, _, same = called("register", "load", mission, "bad.yaml", "--dry-run")

    assert (code, tried) == (2, 2)
    assert err.startswith("tw: bad.yaml:17: ")
    assert same == err


def test_a_claim_is_entered_superseded_and_replied_to(called: Called, mission: str) -> None:
    entered = called(
        *("register", "claim", mission, "--at", "H1:4", "--subject", "CCC", "--by", "R. Keeper"),
        *("--relation", "pledged", "--object", "watch", "--text", "It pledges aircraft."),
        *("--quantity", "low=2", "--quantity", "qualifier=at_least", "--quantity", "unit=aircraft"),
        *("--quantity", "scope=CCC", "--domain", "air", "--condition", "quiet", "--grade", "B3"),
        *("--source", "outlet=Herald", "--source", "title=x", "--source", "kind=news"),
        *("--source", "published=2026-06-25", "--source", "lines=8", "--chain", "an envoy"),
        *("--said-on", "2026-06-24", "--id", "air-1", "--supersedes", "no-1"),
    )
    replied = called(
        *("register", "reply", mission, "air-1", "--text", "It denies that.", "--by", "R. Keeper"),
        *("--day", "2026-06-28", "--title", "Letter of its ministry", "--grade", "A2"),
    )

    found = answer(called, "register", "show", mission, "air-1")
    _, shown, _ = called("register", "show", mission, "air-1")
    assert (entered[0], replied[0]) == (0, 0)
    claim = found["said"]["claim"]
    assert (claim["quantity"]["low"], claim["quantity"]["high"]) == ("2", None)
    assert (claim["first"], claim["chain"], claim["condition"]) == (4, ["an envoy"], "quiet")
    assert [each["claim"]["id"] for each in found["supersedes"]] == ["no-1"]
    assert [each["claim"]["text"] for each in found["replies"]] == ["It denies that."]
    assert "reply:" in shown
    assert "made part of the register by entry" in shown


def test_says_how_binding_a_provision_is_by_its_number(called: Called, paris: str) -> None:
    found = answer(called, "register", "show", paris, "4")
    _, out, _ = called("register", "show", paris, "4")

    assert found["provision"]["id"] == "PD2026-4"
    assert {"binding", "to_be_finalised"} <= {each["value"] for each in found["answers"]}
    lines = out.splitlines()
    first = next(line for line in lines if line.startswith("  Official condition: "))
    assert lines.index(first) < next(n for n, line in enumerate(lines) if "legal_force of" in line)


def test_says_what_is_known_of_germany(called: Called, paris: str) -> None:
    code, out, _ = called("register", "show", paris, "germany")

    assert code == 0
    assert out.startswith("EXERCISE\n")
    assert "000:10 UA.News" in flat(out)
    assert "preferred: S16-a; rule 3" in flat(out)
    assert "The Bundestag decides" in out


def test_finds_contradictions_and_the_time_line(called: Called, paris: str) -> None:
    every = answer(called, "register", "contradictions", paris)
    some = answer(called, "register", "contradictions", paris, "--about", "DEU")
    kind = answer(called, "register", "contradictions", paris, "--kind", "draft_against_final")
    moments = answer(called, "register", "timeline", paris)
    code, _, err = called("register", "contradictions", paris, "--kind", "other")
    _, out, _ = called("register", "contradictions", paris, "--about", "DEU")
    _, days, _ = called("register", "timeline", paris, "--before", "2026-01-01")

    assert 0 < len(some) < len(every)
    assert {each["kind"] for each in kind} == {"draft_against_final"}
    assert (code, "expected one of draft_against_final, newer" in err) == (2, True)
    assert f"{len(some)} contradictions over" in out
    days_told = [moment["day"] or "9999" for moment in moments]
    assert days_told == sorted(days_told)
    assert "2026-01-06  said" not in days


def test_the_report_is_written_published_and_copied(called: Called, mission: str) -> None:
    code, out, _ = called("report", mission, "register", "--out", "page.html")

    assert code == 0
    assert re.search(r"^Sealed: entry \d+$", out, re.MULTILINE)
    assert NOT_ADOPTED in Path("page.html").read_text()
    assert called("verify", mission)[0] == 0


def test_exports_the_register_as_one_file(called: Called, mission: str) -> None:
    code, out, _ = called("register", "export", mission, "--out", "all.json")
    again, _, err = called("register", "export", mission, "--out", "all.json")

    told = json.loads(Path("all.json").read_text())
    assert (code, "all.json: 5 claims" in out) == (0, True)
    assert told["register"]["instruments"][0]["provisions"][0]["condition"] == {"all": ["quiet"]}
    assert told["marked"][-1] == NOT_ADOPTED
    assert (again, "expected a new name in a folder" in err) == (2, True)


@pytest.mark.parametrize("what", ["claims", "actors", "instruments", "sources", "files"])
def test_lists_each_part_of_the_register(called: Called, small: str, what: str) -> None:
    code, out, _ = called("register", "list", small, what)

    assert code == 0
    number = {"claims": 5, "actors": 3, "instruments": 1, "sources": 2, "files": 1}[what]
    assert out.endswith(f"{number} {what.removesuffix('s') if number == 1 else what}\n")


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("show", "nobody"), "register small-pact: is 'nobody', expected an actor, a provision"),
        (("list", "planes"), "WHAT: is 'planes', expected one of claims, actors"),
        (("list", "--of", "ZZZ"), "--of: is 'ZZZ', expected one of AAA, BBB, CCC"),
        (("who-if", "--tier", "1", "--met", "quiet"), "--met: is 'quiet', expected ATOM=yes"),
        (("who-if", "--tier", "9"), "tier: is '9', must be one of: one"),
        (("who-if", "--tier", "1", "--met", "storm=yes"), "met: condition is 'storm', must be"),
        (("load", "none.yaml"), "none.yaml: cannot be read"),
        (("import", "no.csv", "--mapping", "map.yaml"), "no.csv: cannot be read"),
        (("import", "table.csv", "--mapping", "map.yaml"), "--compartment: is '' at level AMBER"),
        (
            ("reply", "none", "--text", "x", "--day", "2026-06-01", "--title", "y", "--by", "z"),
            "claim: is 'none', expected the id of a claim",
        ),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(
    called: Called, small: str, tmp_path: Path, words: tuple[str, ...], problem: str
) -> None:
    files(tmp_path)

    code, out, err = called("register", words[0], small, *words[1:])

    assert (code, out) == (2, "")
    assert err.startswith(f"tw: {problem}")


def test_says_how_to_begin_when_there_is_no_register(called: Called) -> None:
    called("init", "E")

    code, _, err = called("register", "list", "E")

    assert code == 2
    assert "Load one with: tw register load HOME NAME" in err
