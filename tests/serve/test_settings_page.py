"""Promises of the page of the settings."""

from __future__ import annotations

import re
from dataclasses import fields
from html import unescape
from shutil import copytree
from typing import TYPE_CHECKING

import pytest
from litestar.testing import TestClient

from trucewatch.mission.configuration import in_force
from trucewatch.mission.home import Home
from trucewatch.mission.opened import reading
from trucewatch.mission.passes import first_pass
from trucewatch.mission.settings import named_sections, sections
from trucewatch.serve.app import make_app
from trucewatch.serve.pages._configured import kinds_of_section, meanings, plain_sections

if TYPE_CHECKING:
    from pathlib import Path

    from litestar import Litestar


@pytest.fixture
def copied(demo_home: Home, tmp_path: Path) -> Home:
    """A copy of the demonstration, to be changed."""
    copytree(demo_home.path, tmp_path / "copied")
    return Home(tmp_path / "copied")


def said_by(text: str) -> str:
    main = text.split('id="main"', 1)[1].split("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def said_of(home: Home) -> str:
    with TestClient(make_app(str(home.path))) as client:
        client.cookies.set("tw_pass", first_pass(home))
        return said_by(client.get("/settings").text)


def test_every_key_stands_there_with_what_is_in_force_and_what_it_means(
    demo_home: Home, mission: TestClient[Litestar]
) -> None:
    said = said_by(mission.get("/settings").text)

    assert "report_cutoff 19:30 Local time at which a report day ends, HH:MM." in said
    assert "theta 1 by default Least evidence" in said
    assert "tolerated_per_1000h * = 500 Incidents per 1,000" in said
    assert "[coverage.CAM-PELVEN]" in said
    for name, kind in sections().items():
        assert f"[{name}]" in said
        assert all(f" {each.name} " in said for each in fields(kind) if each.init)


def test_every_key_has_a_meaning() -> None:
    for kind in {**sections(), **named_sections()}.values():
        known = meanings(kind)

        assert set(known) == {each.name for each in fields(kind)}
        assert all(known.values())
        assert not any("Source:" in each or "`" in each for each in known.values())


def test_the_entry_that_sealed_it_is_named_and_proven(
    demo_home: Home, mission: TestClient[Litestar]
) -> None:
    with reading(demo_home) as (log, _):
        using = in_force(log, log.size)
    text = mission.get("/settings").text

    assert f'href="/log/{using.entry}">#{using.entry}</a>' in text
    assert f"/objects/{using.settings_object}" in text
    assert f"/objects/{using.agreement_object}" in text
    assert "In the log proven just now" in said_by(text)
    assert "sealed for the first time" in said_by(text)


def test_what_is_shown_is_what_was_sealed_and_not_what_lies_there(copied: Home) -> None:
    copied.settings.write_text(copied.settings.read_text().replace('"19:30"', '"18:00"'))

    said = said_of(copied)

    assert "report_cutoff 19:30" in said
    assert "differ from what is in force, and are sealed with the next write: mission.toml." in said


def test_a_file_that_cannot_be_sealed_is_named_with_the_reason(copied: Home) -> None:
    copied.settings.write_text(copied.settings.read_text().replace('"19:30"', '"25:00"'))

    said = said_of(copied)

    assert "report_cutoff 19:30" in said
    assert "nothing can be written until that is mended. mission.toml: [mission]:" in said
    assert "'25:00', expected HH:MM" in said
    assert str(copied.path) not in said


def test_a_page_whose_folder_is_as_sealed_warns_of_nothing(mission: TestClient[Litestar]) -> None:
    said = said_by(mission.get("/settings").text)

    assert "differ from what is in force" not in said
    assert "cannot be sealed" not in said


def test_sections_hold_each_key_once_and_say_which_the_file_gives(demo_home: Home) -> None:
    with reading(demo_home) as (log, _):
        using = in_force(log, log.size)
        raw = log.object(using.settings_object)

    plain = {each.name: each for each in plain_sections(using.settings, raw)}
    kinds = {each.name: each for each in kinds_of_section(using.settings, raw)}

    given = {key.name for key in plain["holding"].keys if key.given}
    assert given == {"tolerated_per_1000h", "coverage_min_share", "counts"}
    assert set(plain) == set(sections())
    assert [each.name for each in kinds["coverage"].members] == sorted(
        f"coverage.{each}" for each in using.settings.coverage
    )
    assert not kinds["timestamp"].members


def test_the_settings_are_for_the_mission_alone(public: TestClient[Litestar]) -> None:
    answer = public.get("/settings")

    assert answer.status_code == 403
    assert "witness.policy" not in answer.text


def test_the_page_works_in_ukrainian(mission: TestClient[Litestar]) -> None:
    assert mission.get("/settings?language=uk").status_code == 200
