"""Language, keys, links to a view: in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import BrowserContext, Page

pytestmark = pytest.mark.system
MOST_TABS = 60


def focus(page: Page, selector: str) -> None:
    """Go on with the tab key until something of this selector has the focus."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
    pytest.fail(f"{selector} cannot be reached with the tab key")


def test_the_language_is_switched_on_a_page_and_stays(
    browse: Callable[..., BrowserContext],
) -> None:
    page = browse(mission=True).new_page()

    page.goto("/incidents?kind=artillery_fire")
    page.get_by_role("link", name="Українська").click()

    assert page.locator("html").get_attribute("lang") == "uk"
    assert page.url.endswith("/incidents?kind=artillery_fire")
    assert page.get_by_role("heading", name="Інциденти").is_visible()
    page.goto("/sensors")
    assert page.locator("html").get_attribute("lang") == "uk"


def test_an_incident_is_found_with_the_keyboard_alone(
    browse: Callable[..., BrowserContext],
) -> None:
    page = browse(mission=True).new_page()

    page.goto("/")
    focus(page, "a[href='/incidents']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/incidents")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    focus(page, "#main table a")
    page.keyboard.press("Enter")
    page.wait_for_url("**/incidents/i-*")

    assert "Who saw it" in page.locator("#main").inner_text()


def test_a_copied_link_shows_the_same_view_to_somebody_else(
    browse: Callable[..., BrowserContext],
) -> None:
    page = browse(mission=True, viewport={"width": 1440, "height": 900}).new_page()
    page.goto("/map")
    page.locator("#ask select[name='kind']").select_option("artillery_fire")
    with page.expect_response(lambda answer: "/map/view" in answer.url):
        page.locator("#ask button").click()
    with page.expect_response(lambda answer: "/map/view" in answer.url):
        page.locator("#drawer a[href*='selected=']").first.click()
    page.wait_for_function("() => !document.querySelector('#main').hasAttribute('aria-busy')")

    link = page.get_by_role("link", name="Link to this view").get_attribute("href")
    other = browse(mission=True, viewport={"width": 1440, "height": 900}).new_page()
    other.goto(link or "")

    assert "kind=artillery_fire" in (link or "")
    assert "selected=" in (link or "")
    for part in ("#counts", "#drawer"):
        assert other.locator(part).inner_text() == page.locator(part).inner_text()


def test_motion_stops_for_those_who_asked_for_less(browse: Callable[..., BrowserContext]) -> None:
    page = browse(mission=True, reduced_motion="reduce").new_page()

    page.goto("/map")
    moving = page.evaluate(
        "() => document.getAnimations().filter(a => a.playState === 'running').length"
    )

    assert moving == 0


@pytest.mark.parametrize("path", ["/incidents", "/map"])
@pytest.mark.parametrize("language", ["en", "uk"])
def test_the_top_of_a_page_fits_at_every_width(
    browse: Callable[..., BrowserContext], language: str, path: str
) -> None:
    page = browse(mission=True, extra_http_headers={"Accept-Language": language}).new_page()
    page.goto(path)
    over = {}

    for width in (320, 390, 600, 899, 901, 1024, 1100, 1279, 1280, 1366, 1440, 1481, 1701, 1920):
        page.set_viewport_size({"width": width, "height": 800})
        over[width] = page.evaluate(
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )

    assert {width: px for width, px in over.items() if px > 0} == {}
