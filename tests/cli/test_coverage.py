"""`tw coverage` and `tw holding`: text and JSON say the same, and never more than is known."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from tests.mission.covered_samples import CAMERA, made
from tests.mission.measured_samples import mission
from typer.testing import CliRunner

from trucewatch.cli.app import app
from trucewatch.cli.coverage_lines import holding_lines
from trucewatch.errors import BadInput, BadMission
from trucewatch.mission.is_holding import Changed, is_holding

if TYPE_CHECKING:
    from pathlib import Path

    from trucewatch.mission.home import Home

DAY = ("--date", "2030-09-03")
COVERAGE = re.compile(r"sector Z_SEC: .* ([0-9.]+) h, ([0-9.]+) %")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return made(tmp_path_factory.mktemp("denied"), denied=True)


def tw(*words: str) -> str:
    done = CliRunner().invoke(app, list(words))
    if done.exception is not None:
        raise done.exception
    assert done.exit_code == 0
    return done.stdout


def both(verb: str, home: Home, *words: str) -> tuple[str, dict[str, Any]]:
    return tw(verb, str(home.path), *words), json.loads(tw(verb, str(home.path), *words, "--json"))


def test_coverage_says_the_same_in_text_and_json(home: Home) -> None:
    text, found = both("coverage", home, *DAY)

    [(hours, percent)] = COVERAGE.findall(text)
    of = next(each for each in found["classes"] if each["sector"] == "Z_SEC")
    assert (f"{of['low_h']:.2f}", f"{100 * of['low_share']:.3g}") == (hours, percent)
    assert (hours, percent) == ("16.80", "70")
    assert text.startswith("MISSION ONLY")
    assert "CAMERA, sector Z_SEC: watched 21.00, lost 3.00" in text
    assert "CAMERA, sector Z_SEC: denial 3.00" in text
    for sentence in found["told"]:
        assert sentence in text


def test_coverage_is_of_a_span_a_zone_and_a_class_and_draws_a_map(
    home: Home, tmp_path: Path
) -> None:
    span = ("--from", "2030-09-03T11:00Z", "--until", "2030-09-03T15:00Z")
    drawn = tmp_path / "map.svg"

    text, found = both(
        "coverage", home, *span, "--zone", "Z_SEC", "--class", "shot", "--map", str(drawn)
    )

    assert "sector Z_SEC: shot 0.80 h, 20 %" in text
    assert "whole ground" not in text
    assert found["passed_h"] == 4
    assert drawn.read_text().startswith("<svg")


def test_coverage_refuses_half_a_span_and_a_map_in_no_folder(home: Home, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="expected --from and --until together"):
        tw("coverage", str(home.path), "--from", "2030-09-03T11:00Z")
    with pytest.raises(BadInput, match="expected --from and --until together, or --date alone"):
        tw("coverage", str(home.path), "--from", "2030-09-03T11:00Z", "--until",
           "2030-09-03T12:00Z", *DAY)  # fmt: skip
    with pytest.raises(BadInput, match="is no place for a file"):
        tw("coverage", str(home.path), "--map", str(tmp_path / "none" / "map.svg"))


def test_holding_says_the_same_in_text_and_json(home: Home) -> None:
    text, found = both("holding", home, *DAY)

    whole = found["watching"]["whole"]
    assert (whole["answer"], whole["why"]) == ("cannot tell", "evidence too weak")
    assert text.count("Cannot tell: the evidence does not suffice yet") == 2
    period, window = whole["period"], whole["window"]
    assert (
        f"1 incident, 1 in no rate, {period['middle_per_1000h']:,.2f} per 1,000 covered hours "
        f"(95 %: {period['low_per_1000h']:,.2f} to {period['high_per_1000h']:,.2f})" in text
    )
    assert f"at most {window['high_per_1000h']:,.2f} per 1,000 covered hours (95 %)" in text
    assert "tolerated: 20 per 1,000 covered hours" in text
    assert "covered 16.80 of 24 h, 70 % at least" in text
    assert "lost this day, asset-hours: denial 3.00" in text
    entry = found["declared_entry"]
    assert f"declared in mission.toml, entry {entry} of the log" in text
    assert found["beforehand"] is True
    assert "before the period began" in text


def test_no_rate_is_told_without_its_ends(home: Home) -> None:
    text = tw("holding", str(home.path), *DAY)

    for line in text.splitlines():
        if "per 1,000 covered hours" in line and "tolerated" not in line:
            assert re.search(r"\([0-9.]+ %: [0-9.,]+ to [0-9.,]+\)|at most [0-9.,]+", line), line


def test_without_a_tolerance_it_says_so_and_ends_well(tmp_path: Path) -> None:
    bare = made(tmp_path, CAMERA.replace("tolerated_per_1000h = 20\n", ""), denied=False)

    text, found = both("holding", bare, *DAY)

    assert text.count("Cannot tell: no tolerance was declared") == 2
    assert "Tolerance: none was declared" in text
    assert found["declared_entry"] is None
    assert found["changed"] is None


@pytest.mark.parametrize("verb", ["coverage", "holding"])
def test_without_declared_assets_it_says_what_to_write(tmp_path: Path, verb: str) -> None:
    bare, _ = mission(tmp_path, declared=False)

    with pytest.raises(BadMission, match="nobody declared what watches") as refused:
        tw(verb, str(bare.path))

    assert "[coverage.CAMERA-1]" in refused.value.advice


def test_it_says_whether_the_tolerance_was_declared_beforehand(home: Home) -> None:
    found = is_holding(home, day=None)
    late = replace(found, beforehand=False)

    assert found.beforehand
    assert "before the period began" in "\n".join(holding_lines(found))
    assert "AFTER the period began" in "\n".join(holding_lines(late))


def test_a_change_of_the_rate_is_one_sentence_with_its_ends(home: Home) -> None:
    found = is_holding(home, day=None)
    assert found.changed is None
    since = found.watching.whole.period.start
    changed = Changed(
        within_d=7,
        chance_p=0.97,
        since=since,
        before_per_1000h=(1.0, 2.0, 3.0),
        after_per_1000h=(10.0, 20.0, 30.0),
    )

    [told] = [
        line
        for line in holding_lines(replace(found, changed=changed))
        if line.startswith("The rate changed")
    ]

    assert "with probability 0.97" in told
    assert "from 2.00 (90 %: 1.00 to 3.00) to 20.00 (90 %: 10.00 to 30.00)" in told
