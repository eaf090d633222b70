"""Promises of the help page: every page and every key there is, and nothing that is not there."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from trucewatch.access.policy import What
from trucewatch.records.level import Level
from trucewatch.serve import look as looks
from trucewatch.serve.nav import MENU
from trucewatch.serve.pages.help import _THINGS

if TYPE_CHECKING:
    from litestar import Litestar
    from litestar.testing import TestClient

STATIC = Path(looks.__file__).parent / "static"
_NAMED = {"Escape": "Esc", " ": "Space"}
_MISSIONS = ("/logbook", "/sensors", "/response", "/intake", "/settings")


def part_of(page: str, start: str, end: str = "</section>") -> str:
    at = page.index(f'id="{start}"')
    return unescape(page[at : page.index(end, at)])


def keys_in(script: str) -> set[str]:
    """Return the keys of the tables `KEYS` and `GO` of a script, as the page writes them."""
    text = (STATIC / script).read_text()
    table = re.search(r"const KEYS = \{(.*?)\};", text, re.DOTALL)
    going = re.search(r"\bGO = \{(.*?)\}", text, re.DOTALL)
    assert table
    assert going
    plain = re.sub(r"\([^()]*\)", "", re.sub(r'\("[^"]*"\)', "", table[1]))
    found = re.findall(r"""(?:^|[,{]\s*)(?:"([^"]+)"|(\w+)):""", f"{{{plain}")
    names = {one or other for one, other in found}
    names |= set(re.findall(r"(\w): \"/", going[1])) | {"g"}
    return {_NAMED.get(name, name) for name in names}


@pytest.mark.parametrize(("script", "at"), [("live.js", 0), ("map.js", 1)])
def test_the_page_tells_the_keys_that_the_scripts_have(
    public: TestClient[Litestar], script: str, at: int
) -> None:
    part = part_of(public.get("/help").text, "keyboard")

    told = set(re.findall(r"<kbd>([^<]+)</kbd>", part.split("</table>")[at]))

    handled = keys_in(script)
    assert {"j", "k", "/", "?", "Esc", "g", "m", "r"} <= handled
    assert told - {"Ctrl", "K", "Enter"} == handled - {"Enter"}


def test_each_role_is_led_to_the_pages_that_it_may_open(
    public: TestClient[Litestar], mission: TestClient[Litestar]
) -> None:
    theirs, ours = (part_of(each.get("/help").text, "pages") for each in (public, mission))

    assert [path for path, _, _ in MENU if f'href="{path}"' not in ours] == []
    for path in _MISSIONS:
        assert f'href="{path}"' in ours
        assert f'href="{path}"' not in theirs
    for client, part in ((public, theirs), (mission, ours)):
        links = re.findall(r'href="(/[^"]*)"', part)
        assert len(links) > 8
        assert {client.get(link).status_code for link in links} == {200}


def test_every_level_and_what_everybody_sees_is_told(
    public: TestClient[Litestar], mission: TestClient[Litestar]
) -> None:
    page = public.get("/help").text
    levels, everybody = part_of(page, "levels"), part_of(page, "public")

    assert [level for level in Level if f"<dt>{level.value}</dt>" not in levels] == []
    assert set(_THINGS) == set(What)
    assert "Late and coarse, so that nobody can correct fire or find a witness by it." in everybody
    assert "<dt>incidents</dt>" in everybody
    for hidden in ("the logbook", "settings", "sensors", "files that came in"):
        assert f"<dt>{hidden}</dt>" not in everybody
    assert "holds no pass" in everybody
    assert "holds a pass" in part_of(mission.get("/help").text, "public")


def test_the_page_has_its_marks_and_needs_no_script(public: TestClient[Litestar]) -> None:
    page = public.get("/help").text

    icons = set(re.findall(r'<use href="#([\w-]+)"', part_of(page, "marks")))
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', page))
    assert len(icons) > 10
    assert icons <= drawn
    assert " style=" not in page
    assert "onclick" not in page
