"""Promises of the search: everything that a role may see, and nothing else."""

from __future__ import annotations

import re
import shutil
from html import unescape
from typing import TYPE_CHECKING

import pytest
from litestar.testing import TestClient
from tests.mission.register_samples import actor

from trucewatch.mission.clock import SimulatedClock
from trucewatch.mission.demo_clock import clock_of
from trucewatch.mission.home import Home
from trucewatch.mission.opened import reading
from trucewatch.mission.register_load import claims_file, load
from trucewatch.serve.app import make_app

if TYPE_CHECKING:
    from pathlib import Path

    from litestar import Litestar


def answers(client: TestClient[Litestar], text: str) -> dict[str, str]:
    """What a search leads to, by address, with its title."""
    page = client.get("/search", params={"q": text})
    assert page.status_code == 200
    main = page.text.partition('id="main"')[2]
    links = re.findall(r'<span class="strong"><a href="([^"]+)"[^>]*>([^<]*)<', main)
    return {unescape(path): unescape(title) for path, title in links}


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("R01", "/agreement/R01"),
        ("CAM-FERRY", "/sensors/spotrep"),
        ("#3", "/log/3"),
        ("3", "/log/3"),
        ("coverage", "/glossary#coverage"),
        ("2030-09-02", "/?date=2030-09-02"),
        ("artillery", "/incidents?kind=artillery_fire"),
    ],
)
def test_finds_what_there_is_and_leads_to_a_page(
    mission: TestClient[Litestar], text: str, path: str
) -> None:
    found = answers(mission, text)

    assert path in found
    assert mission.get(path.partition("#")[0]).status_code == 200


def test_a_place_is_found_in_both_languages_and_shown_on_the_map(
    public: TestClient[Litestar],
) -> None:
    (path,) = [p for p in answers(public, "ilmery") if p.startswith("/map")]

    assert public.get(path).status_code == 200
    assert path in answers(public, "Ільмері")


def test_an_incident_is_found_by_the_beginning_of_its_number(
    mission: TestClient[Litestar], demo_home: Home
) -> None:
    with reading(demo_home) as (_, there):
        name = there.desk.read("incident")["id"][0]

    assert f"/incidents/{name}" in answers(mission, name[:8])


def test_the_hash_of_a_sealed_file_leads_to_its_entry(
    public: TestClient[Litestar], demo_home: Home
) -> None:
    with reading(demo_home) as (log, _):
        entry = log.entry(4)

    assert "/log/4" in answers(public, f"{entry.object}  file.csv")


def test_the_public_finds_neither_sensors_nor_records_nor_the_mission_s_incidents(
    public: TestClient[Litestar], demo_home: Home
) -> None:
    with reading(demo_home) as (_, there):
        name = there.desk.read("incident")["id"][0]

    assert answers(public, name) == {}
    for text in ("spotrep", "CAM-FERRY", "restriction"):
        paths = answers(public, text)
        assert not [p for p in paths if p.startswith(("/sensors", "/logbook", "/incidents/"))]


def test_many_answers_are_cut_and_no_number_of_them_is_told(
    mission: TestClient[Litestar],
) -> None:
    page = mission.get("/search?q=i-").text
    many = mission.get("/search?q=e").text

    assert "Nothing that you may see answers to this." in page
    assert "There are more: add a word." in many
    assert len([p for p in answers(mission, "e") if p.startswith("/glossary")]) == 12


def test_what_is_typed_is_text_and_never_markup(public: TestClient[Litestar]) -> None:
    text = public.get("/search", params={"q": '"><script>alert(1)</script>'}).text

    assert "<script>alert" not in text


def test_too_long_a_text_is_refused_by_its_name(public: TestClient[Litestar]) -> None:
    answer = public.get("/search", params={"q": "x" * 201})

    assert answer.status_code == 400
    assert "has 201 letters, expected 200 at most" in answer.text


def test_what_was_promised_is_found_by_state_and_by_word(demo_home: Home, tmp_path: Path) -> None:
    home = Home(shutil.copytree(demo_home.path, tmp_path / "home"))
    clock = clock_of(home)
    assert isinstance(clock, SimulatedClock)
    load(home, claims_file("harbour-accord"), actor=actor(clock))

    with TestClient(make_app(str(home.path))) as anybody:
        assert answers(anybody, "arvenia")["/register/ARV"] == "Arvenia"
        assert "/register/claims/t2-a" in answers(anybody, "twelve watchers")
