"""Words that must stand in every bulletin, and words that must not."""

from __future__ import annotations

import dataclasses
import json
import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from importlib import resources
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from trucewatch.report.bulletin.wording import WITHHELD
from trucewatch.report.daily import render
from trucewatch.report.material import NamedPlace, RefusedRow, RuleRow

if TYPE_CHECKING:
    from types import ModuleType

KEPT = "violation"
ZERO = re.compile(r"(?<![\w.,:+/-])0(?![\w.,:/-]|\u00b0)")
LEVELS = pytest.mark.parametrize("level", ["public", "mission"])


def texts(material: object) -> dict[str, str]:
    return {name: content.decode() for name, content in render(material).files.items()}  # type: ignore[arg-type]


def page_and_text(material: object) -> tuple[str, str]:
    page, text, *_ = texts(material).values()
    return page, text


class Cells(HTMLParser):
    """Collects the text of every table cell."""

    def __init__(self) -> None:
        super().__init__()
        self.cells: list[str] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in {"td", "th"}:
            self.cells.append("")
            self.inside = True

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag not in {"td", "th"}

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.cells[-1] += data


def cells(page: str) -> list[str]:
    parser = Cells()
    parser.feed(page)
    return [text.strip() for text in parser.cells]


@LEVELS
def test_the_word_kept_for_determinations_occurs_nowhere(make: ModuleType, level: str) -> None:
    for name, text in texts(make.sample(level)).items():
        assert KEPT not in text.casefold(), name
    templates = resources.files("trucewatch.report.bulletin").joinpath("templates")
    for path in templates.iterdir():
        assert KEPT not in path.read_text("utf-8").casefold(), path.name


def test_text_from_outside_that_uses_the_kept_word_is_withheld_and_said_to_be(
    make: ModuleType,
) -> None:
    word = "A Ceasefire VIOLATION"
    loaded = dataclasses.replace(
        make.sample("mission"),
        mission_name=word, agreement_title=word, agreement_status=word, origin=word,
        code_version=word, corrections=(word,),
        rules=(RuleRow(id="R01", clause=word, zone=word),),
        refused=(RefusedRow(file=word, line=1, problem=word),),
        places=(NamedPlace(name=word, lat_deg=45.0, lon_deg=-30.0),),
    )  # fmt: skip

    files = texts(loaded)

    for name, text in files.items():
        assert KEPT not in text.casefold(), name
    assert WITHHELD in files["daily-2030-09-14.html"]


@LEVELS
def test_an_exercise_says_so_on_every_file_and_line(make: ModuleType, level: str) -> None:
    page, text, numbers, table, sheet, places = texts(make.sample(level)).values()

    assert page.count("EXERCISE") >= 4
    assert '@top-left { content: "EXERCISE"; }' in page
    assert "EXERCISE" in text.splitlines()[0]
    assert "EXERCISE" in text.splitlines()[-1]
    assert json.loads(numbers)["notice"] == "EXERCISE"
    assert all(json.loads(line)["notice"] == "EXERCISE" for line in table.splitlines())
    assert all(line.startswith("EXERCISE,") for line in sheet.splitlines()[1:])
    assert json.loads(places)["notice"] == "EXERCISE"


def test_a_mission_that_is_no_exercise_does_not_say_so(make: ModuleType) -> None:
    for name, text in texts(dataclasses.replace(make.sample(), exercise=False)).items():
        assert "EXERCISE" not in text, name


@LEVELS
@pytest.mark.parametrize("full", [True, False])
def test_no_cell_is_empty_or_a_bare_zero(make: ModuleType, level: str, *, full: bool) -> None:
    material = make.sample(level) if full else make.material(level=level)
    page, text = page_and_text(material)

    found = cells(page)

    assert found
    assert not {"", "0", "0.0", "-", "None", "nan"} & set(found)
    assert not ZERO.findall(re.sub(r"\(\d+ to \d+\)|interval \S+ to", "", text))


def test_an_empty_day_says_none_reported_and_that_coverage_is_unknown(make: ModuleType) -> None:
    page, text = page_and_text(make.material())

    for words in (
        "No incident was reported in this window.",
        "none reported",
        "Coverage unknown",
        "no report in a countable form exists",
        "Withdrawal of weapons: nothing reported; coverage unknown.",
        "Movement of monitors: no hindrance entered; coverage unknown.",
        "Casualties and damage: nothing reported; coverage unknown.",
        "No agreement was in force in this window, so nothing in it is set against a rule",
        "No report was received.",
    ):
        assert words in page
        assert words in " ".join(text.split())


def test_a_hardly_likely_incident_is_not_rounded_to_nothing(make: ModuleType) -> None:
    row = make.incident("x", real_p=0.004)
    same = make.incident("y", real_p=0.004, time=make.START.replace(hour=3))

    text = page_and_text(
        make.material(incidents=make.incidents(row), previous=make.incidents(same))
    )[1]

    assert "under 0.1 expected to be real" in text
    assert "none to one decimal expected" in " ".join(text.split())
    assert "0.0" not in text


@pytest.mark.parametrize(
    ("month", "day", "since"),
    [
        (3, 31, "20:30 on 29 March 2030 to 19:30 on 30 March 2030"),
        (4, 1, "18:30 on 30 March 2030 to 19:30 on 31 March 2030"),
        (10, 27, "18:30 on 25 October 2030 to 19:30 on 26 October 2030"),
    ],
)
def test_the_previous_window_has_as_many_hours_where_clocks_change(
    make: ModuleType, month: int, day: int, since: str
) -> None:
    end = datetime(2030, month, day, 19, 30, tzinfo=ZoneInfo("Europe/Kyiv"))
    start = end - timedelta(days=1)  # by the wall clock
    material = make.material(
        window_start=start, window_end=end, time_zone="Europe/Kyiv", day=end.date()
    )
    hours = end.astimezone(UTC) - start.astimezone(UTC)

    numbers = json.loads(texts(material)[f"daily-{end:%Y-%m-%d}.json"])
    text = " ".join(page_and_text(material)[1].split())

    first, last = (
        datetime.fromisoformat(numbers["previous_window"][name]) for name in ("start", "end")
    )
    assert last - first == hours
    assert last == start
    assert f"The previous window is {since}." in text


def test_the_summary_names_the_rule_of_every_number(make: ModuleType) -> None:
    hurt = make.incident(
        "x", **{"class": "casualties_civilian", "class_p": '{"casualties_civilian":1}'}
    )
    tank = make.incident("y", **{"class": "armour", "class_p": '{"armour":1}'})

    page, text = page_and_text(make.material(incidents=make.incidents(hurt, tank), refused_n=1))

    for words in (
        "Withdrawal of weapons: 1 incident, rule incident, intervals below; coverage unknown.",
        "Casualties and damage: 1 incident, rule incident, intervals below; coverage unknown.",
        "Of what was received, 1 row or file was refused.",
    ):
        assert words in page
        assert words in " ".join(text.split())


def test_sections_stand_in_the_fixed_order(make: ModuleType) -> None:
    order = [
        "summary", "counts", "kinds", "previous", "map", "incidents", "rules", "weapons",
        "movement", "casualties", "unseen", "received", "corrections", "check",
    ]  # fmt: skip

    for material in (make.sample(), make.material()):
        page, _ = page_and_text(material)
        assert re.findall(r'<section id="(\w+)"', page) == order


@pytest.mark.parametrize(
    "words",
    [
        "Nobody has adopted this software.",
        "Unchanged since sealing does not mean true.",
        "imply no endorsement",
        "Based on information as of 19:30 on 14 September 2030",
        "All times are UTC.",
        "Coverage is unknown",
        "The absence of reports from a place or a time means nothing.",
        "tw verify BUNDLE",
        "None names a party and none is a finding",
        "5b" * 32,
    ],
)
def test_every_bulletin_says(make: ModuleType, words: str) -> None:
    page, text = page_and_text(make.sample())

    assert words in page
    assert words in " ".join(text.split())


def test_public_bulletins_do_not_list_refused_rows(make: ModuleType) -> None:
    public, mission = (texts(make.sample(level)) for level in ("public", "mission"))

    assert not any("latitude is 95.2" in text for text in public.values())
    assert "latitude is 95.2" in mission["daily-2030-09-14.html"]
    assert "3 rows or files refused" in public["daily-2030-09-14.txt"]


def test_an_agreement_not_in_force_is_said_to_bind_nobody(make: ModuleType) -> None:
    page, _ = page_and_text(dataclasses.replace(make.sample(), in_force=False))

    assert "No agreement was in force in this window" in page
    assert "It was not in force in this window." in page
    assert "Against the rules in force" not in page
