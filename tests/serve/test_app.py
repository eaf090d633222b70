"""Promises of every answer: headers, languages, errors, and the pass."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from trucewatch.mission.passes import first_pass, passes_of
from trucewatch.serve import app as served

if TYPE_CHECKING:
    from litestar import Litestar
    from litestar.testing import TestClient

    from trucewatch.mission.home import Home

TEMPLATES = Path(served.__file__).parent / "templates"
STATIC = Path(served.__file__).parent / "static"


def test_every_answer_forbids_what_is_not_of_this_site(public: TestClient[Litestar]) -> None:
    for path in ("/incidents", "/static/app.css", "/nowhere", "/api/v1/nowhere"):
        headers = public.get(path).headers

        assert "default-src 'none'" in headers["content-security-policy"], path
        assert "unsafe" not in headers["content-security-policy"], path
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["referrer-policy"] == "no-referrer", path


@pytest.mark.parametrize("template", sorted(TEMPLATES.rglob("*.html")), ids=lambda p: p.name)
def test_a_template_holds_no_style_no_script_and_no_address_elsewhere(template: Path) -> None:
    text = template.read_text()

    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"(?:src|href|action)=[\"']?(?:https?:)?//", text)


@pytest.mark.parametrize("sheet", sorted(STATIC.glob("*.css")), ids=lambda p: p.name)
def test_a_sheet_fetches_nothing(sheet: Path) -> None:
    assert "url(http" not in sheet.read_text()
    assert "@import" not in sheet.read_text()


def test_an_unknown_page_is_said_in_words(public: TestClient[Litestar]) -> None:
    answer = public.get("/nowhere")

    assert answer.status_code == 404
    assert "This page cannot be shown" in answer.text


def test_an_unknown_resource_is_a_problem_in_json(public: TestClient[Litestar]) -> None:
    answer = public.get("/api/v1/nowhere")

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == 404


def test_a_filter_that_cannot_be_read_is_named(public: TestClient[Litestar]) -> None:
    answer = public.get("/incidents?from=yesterday")

    assert answer.status_code == 400
    assert "from" in answer.text
    assert "expected a time such as" in answer.text


def test_a_wish_is_kept_and_leads_back_to_the_page(public: TestClient[Litestar]) -> None:
    answer = public.get("/prefer?language=uk&theme=dark&back=/incidents", follow_redirects=False)

    assert answer.headers["location"] == "/incidents"
    page = public.get("/incidents").text
    assert '<html lang="uk" data-theme="dark">' in page


@pytest.mark.parametrize("back", ["//elsewhere.example", "https://elsewhere.example", "/\\x"])
def test_a_wish_leads_nowhere_else(public: TestClient[Litestar], back: str) -> None:
    answer = public.get("/prefer", params={"back": back}, follow_redirects=False)

    assert answer.headers["location"] == "/"


def test_a_pass_that_nobody_made_is_refused(public: TestClient[Litestar]) -> None:
    answer = public.get("/enter?pass=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")

    assert answer.status_code == 403


def test_a_pass_opens_what_the_public_may_not_see(
    public: TestClient[Litestar], demo_home: Home
) -> None:
    before = public.get("/incidents").text
    answer = public.get("/enter", params={"pass": first_pass(demo_home)}, follow_redirects=False)
    after = public.get("/incidents").text

    assert "httponly" in answer.headers["set-cookie"].lower()
    assert "samesite=strict" in answer.headers["set-cookie"].lower()
    assert "Mission level" in after
    assert "Mission level" not in before


def test_the_file_of_passes_is_for_its_owner_alone(demo_home: Home) -> None:
    path = demo_home.path / "keys" / "pass"

    assert path.stat().st_mode & 0o777 == 0o600
    assert len(passes_of(demo_home)) == 1
