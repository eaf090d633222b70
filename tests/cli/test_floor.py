"""What a watch floor looks at first: `tw episodes`, `tw silences`, and `tw calibrate`."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest
from tests.mission.samples import firms

from trucewatch.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Called = Callable[..., tuple[int, str, str]]


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
    """A mission with three fires, fused."""
    home = str(tmp_path / "M")
    (tmp_path / "a.csv").write_bytes(firms(day=26))
    assert called("init", home)[0] == 0
    assert called("ingest", home, "firms", str(tmp_path / "a.csv"))[0] == 0
    assert called("run", home)[0] == 0
    return home


def test_every_incident_is_on_one_card_and_a_card_leads_to_its_incidents(
    called: Called, mission: str
) -> None:
    cards = json.loads(called("episodes", mission, "--json")[1])
    every = json.loads(called("incidents", mission, "--json")[1])

    assert sum(card["incidents"] for card in cards) == len(every) > 0
    for card in cards:
        _, out, _ = called("incidents", mission, "--episode", card["episode"], "--json")
        of_it = json.loads(out)
        assert len(of_it) == card["incidents"]
        assert {row["episode"] for row in of_it} == {card["episode"]}


def test_cards_say_that_they_are_never_counted(called: Called, mission: str) -> None:
    code, out, _ = called("episodes", mission, "--limit", "1")

    assert code == 0
    assert "never counted" in out
    assert f"tw incidents {mission} --episode EPISODE" in out


def test_no_silence_found_is_not_said_to_be_calm(called: Called, mission: str) -> None:
    code, out, _ = called("silences", mission)

    assert code == 0
    assert "no silence was found" in out
    assert "has no rhythm" in out


def test_silences_before_any_run_are_not_known(called: Called, tmp_path: Path) -> None:
    home = str(tmp_path / "N")
    called("init", home)

    code, _, err = called("silences", home)

    assert code == 2
    assert "nothing has been run" in err


def test_a_run_and_a_calibration_of_nothing_are_no_errors(called: Called, tmp_path: Path) -> None:
    home = str(tmp_path / "N")
    called("init", home)

    assert called("run", home)[0] == 0
    assert called("calibrate", home)[0] == 0


def test_a_calibration_from_few_reports_says_so_and_changes_nothing(
    called: Called, mission: str
) -> None:
    before = json.loads(called("digest", mission, "--json")[1])

    code, out, _ = called("calibrate", mission)

    assert code == 0
    assert "too few to rely on: below 1,000" in out
    assert "[fusion.sigma_scale]" not in out
    assert json.loads(called("digest", mission, "--json")[1]) == before
