"""The pictures of the newcomer's tutorial, made again from a served demonstration.

`python -m tools.tutorial_shots HOME` serves the mission that `tw demo` put into HOME, walks to what
docs/tutorial/look-at-a-mission.md shows, and writes `docs/images/look-*.png`: light, in English, of
few colours. HOME should be the month of which the tutorial speaks: 30 days, seed 1. It needs
Chromium.
"""

from __future__ import annotations

import argparse
import io
import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PIL import Image
from playwright.sync_api import sync_playwright

from tools.shots import serving
from trucewatch.errors import BadInput
from trucewatch.mission.home import Home
from trucewatch.mission.passes import first_pass

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import FloatRect, Page

OUT = Path(__file__).parents[1] / "docs" / "images"
MOST_BYTES = 120_000
WIDTH, HEIGHT = 1200, 800
_COLOURS = 256
_EDGE = 24  # pixels kept around what is cut out of a page
NIGHT = "from=2030-09-18T18:00:00&to=2030-09-19T06:00:00"


class Picture(NamedTuple):
    """One picture: how to get to its page, and its first and last section; none is the window."""

    name: str
    reach: Callable[[Page], object]
    first: str = ""
    last: str = ""


def _opened(path: str) -> Callable[[Page], object]:
    return lambda page: page.goto(path)


def _row(path: str, name: str) -> Callable[[Page], object]:
    """Return how to follow the first link of that name on the page at a path."""

    def reach(page: Page) -> None:
        page.goto(path)
        page.locator("#main").get_by_role("link", name=re.compile(name)).first.click()
        page.wait_for_load_state()

    return reach


def _as_public(page: Page) -> None:
    kept = page.context.cookies()
    page.context.clear_cookies()
    page.goto("/")
    page.context.add_cookies(kept)  # type: ignore[arg-type]  # what it gave, it takes


def _night(page: Page) -> None:
    page.goto(f"/map?{NIGHT}")
    page.wait_for_function("() => !document.querySelector('#main').hasAttribute('aria-busy')")
    with page.expect_response(lambda answer: "/map/view" in answer.url):
        page.locator("#drawer").get_by_role("link", name=re.compile("18 Sep 23:11")).click()
    page.wait_for_function("() => !document.querySelector('#main').hasAttribute('aria-busy')")


_INCIDENT = _row(f"/incidents?outcome=potential_breach&{NIGHT}&sort=-reports", "^18 Sep 23:11")
_AGAINST = "Against the agreement"
PICTURES = (
    Picture("answer", _as_public),
    Picture("night", _night),
    Picture("incident", _INCIDENT, "Who saw it", "Who should have seen it and did not"),
    Picture("why", _INCIDENT, _AGAINST, _AGAINST),
    Picture("blast", _row("/incidents?outcome=exempt", "^21 Sep"), _AGAINST, _AGAINST),
    Picture("jamming", _row("/logbook/restrictions", "^22 Sep 00:20")),
    Picture("promise", _row("/register", "^Arvenia$")),
    Picture("response", _opened("/response")),
    Picture("bulletin", _row("/reports", "^Read the bulletin$")),
    Picture("verify", _opened("/verify")),
    Picture("keys", _opened("/preferences")),
)


def quantised(png: bytes) -> bytes:
    """Return a PNG of few colours: rare ones are kept, and flat ground stays flat."""
    whole = Image.open(io.BytesIO(png)).convert("RGB")
    few = whole.quantize(_COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    out = io.BytesIO()
    few.save(out, "PNG", optimize=True)
    return out.getvalue()


def _section(page: Page, heading: str) -> FloatRect:
    title = page.get_by_role("heading", name=heading, exact=True)
    box = page.locator("#main section").filter(has=title).bounding_box()
    if box is None:
        raise BadInput(page.url, f"has no section {heading} in sight")
    return box


def taken(page: Page, picture: Picture) -> bytes:
    """Go where a picture is taken, and return it."""
    picture.reach(page)
    page.evaluate("document.fonts.ready.then(() => true)")
    page.locator("#live[data-is=on]").wait_for(state="visible")  # else it may change under us
    if not picture.first:
        return page.screenshot()
    first, last = _section(page, picture.first), _section(page, picture.last)
    bottom = last["y"] + last["height"]
    clip: FloatRect = {
        "x": first["x"] - _EDGE,
        "y": first["y"] - _EDGE,
        "width": first["width"] + 2 * _EDGE,
        "height": bottom - first["y"] + 2 * _EDGE,
    }
    return page.screenshot(full_page=True, clip=clip)


def main() -> int:
    """Take the pictures; fails when one is larger than a page of docs may carry."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("home", type=Path)
    asked.add_argument("--out", type=Path, default=OUT)
    said, heavy = asked.parse_args(), 0
    with serving(said.home) as base, sync_playwright() as playwright:
        program = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page(
            base_url=base,
            viewport={"width": WIDTH, "height": HEIGHT},
            color_scheme="light",
            locale="en-GB",
            reduced_motion="reduce",
        )
        key = first_pass(Home(said.home))
        page.context.add_cookies([{"name": "tw_pass", "value": key, "url": base}])
        for picture in PICTURES:
            png = quantised(taken(page, picture))
            (said.out / f"look-{picture.name}.png").write_bytes(png)
            heavy += len(png) > MOST_BYTES
            sys.stdout.write(f"look-{picture.name}.png: {len(png):,} bytes\n")
        browser.close()
    return 1 if heavy else 0


if __name__ == "__main__":
    sys.exit(main())
