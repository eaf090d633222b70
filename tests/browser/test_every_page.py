"""Every page there is, as the tools of accessibility see it: wide and light, narrow and dark."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from tools.crawled import crawl, pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import BrowserContext, Page

pytestmark = pytest.mark.system
GRAVE = {"serious", "critical"}
SEALED = ".html"
"""Ends the files of bulletins, whose policy lets nothing run in them, not even a tool."""
NARROW_PX = 390
PAGES_LEAST = {"mission": 60, "public": 20}
_OVER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
_LOST = """() => [...document.querySelectorAll('main, section, table, ul, ol, dl, svg')]
    .filter(e => e.checkVisibility() && !e.textContent.trim() && !e.querySelector('*'))
    .map(e => e.outerHTML.slice(0, 80))"""
"""Boxes in which there is nothing."""


def wrong(page: Page, axe: Axe) -> Iterator[str]:
    """Yield what is wrong with a page as it stands."""
    for each in axe.run(page).response["violations"]:
        if each["impact"] in GRAVE:
            yield f"{each['id']}: {each['nodes'][0]['html'][:160]}"
    if (over_px := page.evaluate(_OVER)) > 0:
        yield f"hangs {over_px} px over the edge"
    yield from (f"empty: {box}" for box in page.evaluate(_LOST))


def pages(context: BrowserContext) -> list[str]:
    """Return what can be reached from the first page."""

    def fetch(path: str) -> tuple[int, str, str]:
        answer = context.request.get(path)
        return answer.status, answer.headers.get("content-type", ""), answer.text()

    return [path for path in crawl(fetch) if not path.endswith(SEALED)]


def first_of_each_kind(paths: list[str]) -> list[str]:
    found: dict[str, str] = {}
    for path in paths:
        found.setdefault(pattern(path), path)
    return list(found.values())


@pytest.mark.parametrize("role", ["mission", "public"])
def test_no_page_has_a_grave_fault_or_hangs_over(
    browse: Callable[..., BrowserContext], role: str
) -> None:
    ours = role == "mission"
    context = browse(mission=ours, reduced_motion="reduce")
    paths = pages(context)
    paths = [*paths, "/provisional"] if ours else first_of_each_kind(paths)
    page, axe, found = context.new_page(), Axe(), []

    for path in paths:
        page.set_viewport_size({"width": 1440, "height": 900})
        page.emulate_media(color_scheme="light")
        page.goto(path)
        found += [f"{path} wide: {each}" for each in wrong(page, axe)]
        page.emulate_media(color_scheme="dark")
        page.set_viewport_size({"width": NARROW_PX, "height": 844})
        page.wait_for_function("w => document.documentElement.clientWidth === w", arg=NARROW_PX)
        found += [f"{path} narrow and dark: {each}" for each in wrong(page, axe)]

    assert len(paths) >= PAGES_LEAST[role]
    assert not found, "\n".join(found)
