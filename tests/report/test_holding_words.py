"""Whether it is holding: worded for every answer, no number bare, the same for every side."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import TYPE_CHECKING, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.report import regenerate as made

from trucewatch.measure.coverage.lost import ABSENT, MISSING, SILENT
from trucewatch.measure.coverage.watched import NIGHT
from trucewatch.observe.watch import CAUSES as WATCH_CAUSES
from trucewatch.records.logbook.restriction import HINDRANCES
from trucewatch.report.bulletin.holding import ANSWERS, WHYS
from trucewatch.report.bulletin.rate import rate_text, worth_text
from trucewatch.report.bulletin.share import compares, share_text
from trucewatch.report.bulletin.unseen import CAUSES
from trucewatch.report.daily import render
from trucewatch.report.watching import Answer, Watching, Why

if TYPE_CHECKING:
    from types import ModuleType

    from trucewatch.report.material import Material

STEM = "daily-2030-09-14"
DAYS = pytest.mark.parametrize("day", ["three-answers", "zero-day", "hardly-covered"])


def text(material: Material) -> str:
    return " ".join(render(material).files[f"{STEM}.txt"].decode().split())


def section(material: Material, start: str, end: str) -> str:
    """Return the words between two headings."""
    lines = render(material).files[f"{STEM}.txt"].decode().split(f"\n{start}\n")[1]
    return " ".join(lines.split(f"\n{end}\n")[0].split())


def asked(material: Material) -> str:
    start = "IS IT HOLDING, AND WHAT COULD HAVE BEEN SEEN"
    return section(material, start, "COUNTS, BY RULE")


def on(make: ModuleType, watching: Watching | None, **changes: object) -> Material:
    return dataclasses.replace(make.sample(), watching=watching, **changes)  # type: ignore[no-any-return]


@DAYS
@pytest.mark.parametrize("end", ["txt", "json"])
def test_writes_the_golden_files_of_days_that_were_watched(
    make: ModuleType, day: str, end: str
) -> None:
    path = make.SAMPLES / "watched" / day / f"{STEM}.{end}"

    content = render(make.watched(day)).files[path.name]

    assert content == path.read_bytes(), f"{path.name}: run tests/report/regenerate.py"


def test_every_answer_every_reason_and_every_cause_has_words() -> None:
    assert set(ANSWERS) == set(get_args(Answer))
    assert set(WHYS) == set(get_args(Why))
    assert {*WATCH_CAUSES, *HINDRANCES, NIGHT, ABSENT, MISSING, SILENT} <= set(CAUSES)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "The ceasefire is holding by the rule that was declared beforehand. Since 19:30 on "
             "15 August 2030: 3 incidents seen, 6.04 (2.67 to 18.2, 95 %) per 1,000 covered hours; "
             "up to 25 per 1,000 covered hours was declared as tolerated. Covered: 69 to 78 % of "
             "that time, and 71 to 80 % of this window."),
        ({"answer": "not holding"}, "The ceasefire is not holding by the rule"),
        ({"answer": "cannot tell", "why": "no tolerance", "tolerated_per_1000h": None},
         "We cannot tell whether the ceasefire is holding: no tolerance was declared. Since"),
        ({"answer": "cannot tell", "why": "too little covered", "coverage_min_share": 0.9},
         "whether the ceasefire is holding: 69 to 78 % of the hours were covered, and at least "
         "90 % was declared as necessary."),
        ({"answer": "cannot tell", "why": "evidence too weak"},
         "whether the ceasefire is holding: the evidence does not yet suffice."),
    ],
)  # fmt: skip
def test_the_first_point_answers_with_rate_interval_tolerance_and_coverage(
    make: ModuleType, changes: dict[str, object], words: str
) -> None:
    watching = make.watching(make.sector("Z1", **changes))

    said = section(on(make, watching), "SUMMARY", "IS IT HOLDING, AND WHAT COULD HAVE BEEN SEEN")

    assert said.startswith("------- 1. ")
    assert words in said


def test_a_zero_is_never_told_without_what_it_hides(make: ModuleType) -> None:
    said = text(make.watched("zero-day"))

    assert (
        "none seen; at the covered share a rate up to 8.46 per 1,000 covered hours could have gone "
        "unseen (95 %)"
    ) in said
    assert "Seen: none seen | Rate: up to 177 (95 %)" in said


def test_where_no_hour_was_covered_nothing_is_claimed(make: ModuleType) -> None:
    dark = make.rated(0, 0.0)

    assert rate_text(dark) == "no rate: nothing could have been seen"
    assert worth_text(dark) == "none seen, no rate: nothing could have been seen"


def test_a_class_that_nobody_could_see_leaves_the_rate_open(make: ModuleType) -> None:
    half = make.rated(3, 0.0, 0.5)

    assert rate_text(half) == "no upper bound: a class that counts could not have been seen"
    assert worth_text(half).startswith("3 incidents seen, no upper bound")


def test_without_an_agreement_in_force_nothing_is_said_of_holding(make: ModuleType) -> None:
    for material in (make.watched(day) for day in make.WATCHED):
        calm = dataclasses.replace(material, in_force=False)

        files = render(calm).files

        said = " ".join(files[f"{STEM}.txt"].decode().casefold().split())
        assert "holding by the rule" not in said
        assert "cannot tell" not in said
        assert "is it holding" not in said
        assert "tolerated" not in said
        assert "covered" in said
        assert "answer" not in files[f"{STEM}.json"].decode()


@DAYS
@pytest.mark.parametrize("level", ["public", "mission"])
def test_where_coverage_is_known_nothing_calls_it_unknown(
    make: ModuleType, day: str, level: str
) -> None:
    files = render(make.watched(day, level)).files

    for end in ("txt", "html"):
        words = " ".join(files[f"{STEM}.{end}"].decode().casefold().split())
        assert "coverage unknown" not in words
        assert "coverage is unknown" not in words
    told = json.loads(files[f"{STEM}.json"])
    assert told["coverage"]["share"]["low_share"] >= 0
    spans = {row["span"] for row in told["reports"] if row["coverage"] == "unknown"}
    assert spans == {"all"}
    del told["reports"]
    assert json.dumps(told).count('"coverage": "unknown"') == 1  # refused rows have no time


def test_days_of_another_coverage_do_not_compare(make: ModuleType) -> None:
    said = text(make.watched("hardly-covered"))

    assert "Counts do not compare: covered 23 % and 71 %." in said
    assert "Their counts do not compare: covered 23 % and 71 %." in said
    assert "Change in the number that are real" not in said
    assert "Change in the number that are real" in text(make.watched("three-answers"))


@given(st.floats(0, 1), st.floats(0, 1))
def test_whether_days_compare_does_not_hang_on_their_order(one: float, other: float) -> None:
    now, before = made.rated(1, one), made.rated(1, other)

    assert compares(now, before) == compares(before, now)
    assert compares(now, now)


@given(st.floats(0, 1))
def test_a_share_that_is_not_all_or_none_is_never_told_as_that(share: float) -> None:
    said = share_text(share, share)

    assert (said == "none") == (share == 0)
    assert (said == "100 %") == (share == 1)


NUMBER = re.compile(r"\d[\d,]*\.\d+")
BOUNDED = re.compile(
    r"(?:under )?[\d,.]+ \((?:under )?[\d,.]+ to (?:under )?[\d,.]+, [\d.]+ %\)"
    r"|up to (?:under )?[\d,.]+ \([\d.]+ %\)"
)


@DAYS
def test_no_rate_stands_without_its_interval(make: ModuleType, day: str) -> None:
    said = asked(make.watched(day))
    bare = BOUNDED.sub("", said)

    assert BOUNDED.search(said)
    assert not NUMBER.findall(bare)


@given(st.floats(0, 1e5), st.floats(0, 1e5), st.integers(1, 500))
def test_ends_are_rounded_outwards(low: float, more: float, count: int) -> None:
    one = made.rated(
        count, 0.5, middle_per_1000h=low + more / 2, low_per_1000h=low, high_per_1000h=low + more
    )

    ends = re.search(r"\((.*) to (.*), 90 %\)", rate_text(one))

    assert ends is not None
    least, most = (end.replace(",", "") for end in ends.groups())
    assert least == "under 0.01" or float(least) <= low + 1e-5
    assert most == "under 0.01" or float(most) >= low + more - 1e-5


ALL = ["Z1", "Z2", "Z3"]


@given(st.permutations(ALL))
def test_sectors_that_change_names_change_places_and_nothing_else(names: list[str]) -> None:
    day = made.three_answers()
    ones = [dataclasses.replace(one, id="") for one in day.sectors[:3]]

    def told(called: list[str]) -> str:
        pairs = zip(ones, called, strict=True)
        sectors = tuple(dataclasses.replace(one, id=name) for one, name in pairs)
        watching = dataclasses.replace(day, sectors=sectors)
        return text(dataclasses.replace(made.sample(), watching=watching))

    renamed = dict(zip(ALL, names, strict=True))
    expected = re.sub(r"\bZ[123]\b", lambda found: renamed[found[0]], told(ALL))
    assert told(names) == expected


def test_what_was_lost_is_told_in_words_where_and_why(make: ModuleType) -> None:
    said = section(
        make.watched("hardly-covered"), "WHAT COULD NOT BE SEEN", "REPORTS RECEIVED AND REFUSED"
    )

    assert "1. Z1 | 23 % access denied, as the patrol itself reports: 96 h;" in said
    assert "expected files did not come, explained: 24 h" in said
    assert "2. Z2 | none navigation or link of an asset jammed: 24 h" in said


def test_others_and_strangers_are_told_and_the_public_learns_no_name(make: ModuleType) -> None:
    public, mission = (
        render(make.watched("three-answers", level)).files for level in ("public", "mission")
    )

    for content in public.values():
        assert b"patrol-9" not in content
    said = " ".join(public[f"{STEM}.txt"].decode().split())
    assert "4 other incidents of these classes were reported by nobody whose watch is" in said
    assert "came of 2 assets that nobody declared; they count for nothing." in said
    assert b"patrol-9, uav-7" in mission[f"{STEM}.txt"]


@DAYS
def test_lines_fit_and_no_cell_is_empty(make: ModuleType, day: str) -> None:
    for level in ("public", "mission"):
        lines = render(make.watched(day, level)).files[f"{STEM}.txt"].decode().splitlines()
        assert max(map(len, lines)) <= 80


def test_names_from_outside_are_quoted(make: ModuleType) -> None:
    attack = "<img src=x>\x1b[2J"
    lost = make.three_answers().whole.lost[0]
    bad = make.sector(attack, lost=(dataclasses.replace(lost, cause=attack),))
    watching = make.watching(bad, counts=(attack,), strangers=(attack,))

    files = render(dataclasses.replace(make.sample("mission"), watching=watching)).files

    page = files[f"{STEM}.html"].decode()
    assert "<img" not in page
    assert page.count("&lt;img") >= 4
    assert "\x1b" not in files[f"{STEM}.txt"].decode()
