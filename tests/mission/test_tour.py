"""The tour: each stop shows what it claims, by the product's own functions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

import trucewatch.mission.tour
from trucewatch.agreement.lint import lint
from trucewatch.agreement.parse import parse
from trucewatch.agreement.shipped import shipped_bytes
from trucewatch.cli.app import app
from trucewatch.errors import BadInput, BadMission
from trucewatch.mission.tour import Tour, stops, tour
from trucewatch.mission.tour_stop import WIDTH
from trucewatch.mission.tour_swap import Exchange, stop_swap
from trucewatch.mission.tour_text import stop_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trucewatch.mission.home import Home
    from trucewatch.mission.tour_stop import Stop
    from trucewatch.records.canonical import Json

PAGE = Path(__file__).parents[2] / "docs" / "tutorial" / "five-minute-tour.md"
STOPS = 6


@pytest.fixture(scope="module")
def toured(tmp_path_factory: pytest.TempPathFactory) -> list[Stop]:
    """A whole tour; tests only read it."""
    folder = tmp_path_factory.mktemp("toured")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return list(tour(Tour(path=Path("demo")), say=lambda _: None))


@pytest.fixture
def found(toured: list[Stop]) -> dict[int, Any]:
    """What each stop found, by its number."""
    return {stop.number: stop.found for stop in toured}


@pytest.fixture
def there(
    toured: list[Stop], tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The folder in which the tour was made, as the working folder."""
    del toured
    folder = next(tmp_path_factory.getbasetemp().glob("toured*"))
    monkeypatch.chdir(folder)
    return folder


def said(stop: Stop) -> str:
    return "\n".join(line.text for line in stop.lines)


def pasted(folder: Path, text: bytes) -> Path:
    path = folder / "pasted.txt"
    path.write_bytes(text)
    return path


# First stop


def test_the_shipped_paragraph_has_rules_that_nobody_could_monitor() -> None:
    stop = stop_text(1, None)

    codes = stop.found["codes"]
    assert isinstance(codes, list)
    assert {"unobservable-rule", "unaccepted-means", "unclear-term"} <= {*codes}
    assert stop.found["questions"] == len(codes)
    assert stop.found["clauses"] == 6
    assert "cannot  rule R2: no declared means could observe it" in said(stop)


def test_a_pasted_agreement_is_asked_what_the_linter_asks(tmp_path: Path) -> None:
    raw = shipped_bytes("minsk-type")

    stop = stop_text(1, pasted(tmp_path, raw))

    expected = [each.code for each in lint(parse(raw, name="minsk-type"))]
    codes = stop.found["codes"]
    assert isinstance(codes, list)
    assert sorted(map(str, codes)) == sorted(expected)


def test_pasted_sentences_are_told_what_they_leave_out(tmp_path: Path) -> None:
    text = b"The parties cease fire.\nThey withdraw 15 km from 12 May on; all heavy arms go."

    stop = stop_text(1, pasted(tmp_path, text))

    assert stop.found["clauses"] == 3
    assert stop.found["not_in_the_text"] == ["a place in degrees", "an hour with its time zone"]
    codes = stop.found["codes"]
    assert isinstance(codes, list)
    assert "no-effective-date" in codes


def test_sentences_that_name_place_and_hour_are_not_told_that_they_do_not(tmp_path: Path) -> None:
    text = b"From 06:00 UTC on 2030-05-12 none fires within 300 m of 45.02 N 30.11 W."

    stop = stop_text(1, pasted(tmp_path, text))

    assert stop.found["not_in_the_text"] == []


@pytest.mark.parametrize(
    ("text", "problem"), [(b"", "0 sentences"), (b"\xff\xfe", "not UTF-8"), (b"a. " * 201, "201")]
)
def test_refuses_what_is_no_text(tmp_path: Path, text: bytes, problem: str) -> None:
    path = pasted(tmp_path, text)

    with pytest.raises(BadInput, match=problem):
        stop_text(1, path)


def test_refuses_a_text_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="No such file"):
        stop_text(1, tmp_path / "none.txt")


# Second stop


def test_five_sensors_become_one_incident(found: dict[int, Any]) -> None:
    night = found[2]

    assert night["reports"] == 5
    assert len(night["seen_by"]) == 5
    assert night["outcomes"]["R02"] == "potential breach"


def test_the_drone_that_should_have_seen_it_is_named(found: dict[int, Any]) -> None:
    silent = found[2]["silent"]

    assert [each["asset"] for each in silent] == ["UAV-1"]
    assert silent[0]["chance_p"] >= 0.5
    assert silent[0]["taken"] == ""
    assert "UAV-1" not in found[2]["seen_by"]


def test_the_announced_blast_is_exempt_by_its_notice_alone(found: dict[int, Any]) -> None:
    night = found[2]

    assert night["blast_outcomes"]["R01"].startswith("exempt")
    assert night["blast_unannounced"]["R01"] == "potential breach"


def test_the_night_is_played_in_order_and_lasts_as_long_as_it_did(toured: list[Stop]) -> None:
    played = [line.text for line in toured[1].lines if line.text.startswith("  1")]

    lasted_s = sum(line.after_s for line in toured[1].lines)
    assert played == sorted(played)
    assert 11 * 3600 < lasted_s < 13 * 3600


# Third stop


def test_a_provider_that_goes_dark_turns_the_answer_into_cannot_tell(found: dict[int, Any]) -> None:
    dark = found[3]["dark"]

    assert found[3]["lit"]["answer"] == "holding"
    assert (dark["answer"], dark["why"]) == ("cannot tell", "too little covered")
    assert dark["covered_share"] < found[3]["coverage_min_share"]
    assert "missing" in dark["lost"]


def test_what_the_dark_provider_alone_saw_is_not_known_there(found: dict[int, Any]) -> None:
    assert found[3]["lit"]["reports_that_night"] == 5
    assert found[3]["dark"]["reports_that_night"] == 0
    assert found[3]["dark"]["incidents"] < found[3]["lit"]["incidents"]


# Fourth stop


def test_the_changed_byte_and_the_deleted_report_are_both_named(found: dict[int, Any]) -> None:
    tried = {each["name"]: each for each in found[4]["tried"]}

    assert found[4]["untouched"].startswith("verified")
    assert sorted(tried) == ["deleted", "deleted-and-fitted", "edited", "edited-and-fitted"]
    assert all(each["problem"].startswith(each["touched"]) for each in tried.values())
    assert tried["deleted"]["touched"].endswith(".html")


def test_a_forger_who_makes_every_list_fit_is_named_by_the_log(found: dict[int, Any]) -> None:
    tried = {each["name"]: each["problem"] for each in found[4]["tried"]}

    assert "received/spotrep/v1" in tried["edited-and-fitted"]
    assert "its entry says" in tried["edited-and-fitted"]
    assert "report/daily/v1" in tried["deleted-and-fitted"]


def test_one_byte_alone_differs(found: dict[int, Any], there: Path) -> None:
    tried = next(each for each in found[4]["tried"] if each["name"] == "edited")
    path = there / "demo" / "tour" / "edited" / tried["touched"]
    other = there / "demo" / "tour" / "deleted" / tried["touched"]

    edited, sealed = path.read_bytes(), other.read_bytes()

    assert len(edited) == len(sealed)
    assert sum(a != b for a, b in zip(edited, sealed, strict=True)) == 1


# Fifth stop


def test_exchanged_parties_mirror_every_outcome(found: dict[int, Any]) -> None:
    swap = found[5]

    assert swap["parties"] == ["ALPHA", "BRAVO"]
    assert swap["mirrored"]["rows"] == sum(swap["outcomes"].values())
    assert swap["mirrored"]["differ"] == 0
    assert swap["lean_mirrored"]["differ"] == 0


def test_the_comparison_sees_a_text_that_leans(found: dict[int, Any]) -> None:
    assert found[5]["lean_kept"]["differ"] > 0


def test_an_exchange_done_twice_is_none_at_all() -> None:
    exchange = Exchange("ALPHA", "BRAVO")
    told: Json = {"ALPHA": ["of BRAVO, not ALPHABET", 3, None], "by": "ALPHA-BRAVO"}

    once = exchange.json(told)

    assert once == {"BRAVO": ["of ALPHA, not ALPHABET", 3, None], "by": "BRAVO-ALPHA"}
    assert exchange.json(once) == told


def test_refuses_to_exchange_parties_of_a_text_without_two(home: Home) -> None:
    with pytest.raises(BadMission, match="has 0 parties, expected two"):
        stop_swap(5, home)


# Sixth stop


def test_a_second_before_its_reports_came_nobody_knew(found: dict[int, Any]) -> None:
    before, after, now = found[6]["as_known_at"]

    assert (before["reports"], before["outcome"]) == (0, "")
    assert after["reports"] == now["reports"] == 5
    assert before["entries"] < after["entries"] < now["entries"]
    assert (before["claims"], now["claims"] > 0) == (0, True)


def test_empty_cells_of_promises_are_shown(toured: list[Stop], found: dict[int, Any]) -> None:
    cells = [cell for row in found[6]["promises"].values() for cell in row.values()]

    assert len(cells) == found[6]["cells"]
    assert cells.count("") > 0
    assert said(toured[5]).count(" .") == cells.count("")


def test_promises_slid_back_are_never_more_than_now(found: dict[int, Any]) -> None:
    filled = list(found[6]["days"].values())

    assert filled == sorted(filled)
    assert filled[0] < filled[-1]


# The whole


def test_six_stops_fit_a_screen(toured: list[Stop]) -> None:
    assert [stop.number for stop in toured] == [*range(1, STOPS + 1)]
    assert all(len(line.text) <= WIDTH for stop in toured for line in stop.lines)
    assert all(len(stop.lines) <= 36 for stop in toured)


def test_the_commands_of_the_stops_are_ones_that_a_reader_can_type(
    toured: list[Stop], there: Path
) -> None:
    del there
    every = [each for stop in toured for each in stop.commands]
    typed = [each for each in every if "FILE" not in each and "--as-of" not in each]

    codes = {each: CliRunner().invoke(app, each.split()).exit_code for each in typed}

    assert {code for each, code in codes.items() if each.startswith("verify ")} == {1}
    assert {code for each, code in codes.items() if not each.startswith("verify ")} == {0}


def test_refuses_a_demonstration_that_is_too_short(home: Home) -> None:
    with pytest.raises(BadMission, match="expected both"):
        next(stops(home, seed=1))


def test_what_the_page_quotes_is_what_the_tour_says(toured: list[Stop]) -> None:
    told = {line.text.strip() for stop in toured for line in stop.lines}
    blocks = PAGE.read_text().split("```text\n")[1:]
    quoted = [line.strip() for each in blocks for line in each.split("```")[0].splitlines()]

    assert quoted
    assert [line for line in quoted if line and line not in told] == []


# On the command line


@pytest.fixture
def replayed(toured: list[Stop], monkeypatch: pytest.MonkeyPatch) -> list[Tour]:
    """The tour of the module in place of a new one; what it was asked for."""
    asked: list[Tour] = []

    def same(of: Tour, *, say: object) -> Iterator[Stop]:
        del say
        asked.append(of)
        yield from toured

    monkeypatch.setattr(trucewatch.mission.tour, "tour", same)
    return asked


def invoke(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["demo", *arguments])
    return result.exit_code, result.output


def test_prints_every_stop_and_how_to_open_the_pages(
    replayed: Sequence[Tour], toured: list[Stop]
) -> None:
    code, output = invoke("--tour", "--home", "elsewhere", "--seed", "3")

    assert code == 0
    assert (replayed[0].path, replayed[0].seed) == (Path("elsewhere"), 3)
    assert all(f"{stop.number}. {stop.title}" in output for stop in toured)
    assert output.endswith("tw serve elsewhere\n")
    assert output.count("EXERCISE") >= STOPS


@pytest.mark.usefixtures("replayed")
def test_prints_the_stops_as_json(toured: list[Stop]) -> None:
    code, output = invoke("--tour", "--json")

    read = json.loads(output)
    assert code == 0
    assert [each["number"] for each in read["stops"]] == [*range(1, STOPS + 1)]
    assert read["exercise"] is True
    assert read["stops"][1]["found"]["reports"] == toured[1].found["reports"]


@pytest.mark.parametrize("option", ["--no-wait", "--json"])
def test_refuses_an_option_of_the_tour_without_it(option: str) -> None:
    code, output = invoke(option)

    assert code == 2
    assert "--tour" in output
