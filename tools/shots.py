"""Pictures of every page, in both roles, schemes, languages and widths, into a folder.

`python -m tools.shots FOLDER --home HOME` serves a mission, follows every link from the first page,
and takes whole-page pictures named ROLE-PAGE-WIDTH-SCHEME-LANGUAGE.png. It needs Chromium.
"""

from __future__ import annotations

import argparse
import re
import shutil
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
from playwright.sync_api import sync_playwright

from tools.crawled import crawl
from trucewatch.mission.home import Home
from trucewatch.mission.passes import first_pass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

WIDTHS, SCHEMES, LANGUAGES = (1440, 390), ("light", "dark"), ("en", "uk")
_OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
_TRIES = 7  # half a second, then each twice as long as the one before


@contextmanager
def serving(home: Path) -> Iterator[str]:
    """Serve a mission at a free port of this machine.

    Yields:
        Its address.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "trucewatch", "serve", str(home), "--port", str(port)]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603 - our own verb
    try:
        with httpx.Client(transport=httpx.HTTPTransport(retries=_TRIES), timeout=60) as client:
            client.get(f"{base}/incidents").raise_for_status()
        yield base
    finally:
        running.terminate()
        running.wait(20)


def pages(base: str, key: str) -> list[str]:
    """Return the addresses of the pages that somebody with this pass, or "" for none, can reach."""
    with httpx.Client(base_url=base, cookies={"tw_pass": key} if key else {}, timeout=60) as client:

        def fetch(path: str) -> tuple[int, str, str]:
            answer = client.get(path, follow_redirects=True)
            return answer.status_code, answer.headers.get("content-type", ""), answer.text

        return [*crawl(fetch)]


def named(path: str) -> str:
    """Return a file name for an address."""
    return re.sub(r"[^A-Za-z0-9]+", "_", path).strip("_")[:80] or "portal"


def shoot(browser: Browser, base: str, key: str, paths: list[str], out: Path) -> int:
    """Take all pictures of one role; return how many pages hang over the edge."""
    over, role = 0, "mission" if key else "public"
    for width in WIDTHS:
        for scheme in SCHEMES:
            for language in LANGUAGES:
                context = browser.new_context(
                    base_url=base,
                    viewport={"width": width, "height": 900},
                    color_scheme=scheme,  # type: ignore[arg-type]
                    extra_http_headers={"Accept-Language": language},
                )
                if key:
                    context.add_cookies([{"name": "tw_pass", "value": key, "url": base}])
                page = context.new_page()
                for path in paths:
                    page.goto(path)
                    name = f"{role}-{named(path)}-{width}-{scheme}-{language}.png"
                    page.screenshot(path=out / name, full_page=True)
                    if page.evaluate(_OVERFLOW) > 0:
                        over += 1
                        sys.stdout.write(f"hangs over the edge: {name}\n")
                context.close()
    return over


def main() -> int:
    """Take the pictures; fails when a page hangs over the edge."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--home", type=Path, required=True)
    said = asked.parse_args()
    said.folder.mkdir(parents=True, exist_ok=True)
    over = 0
    with serving(said.home) as base, sync_playwright() as playwright:
        program = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for key in ("", first_pass(Home(said.home))):
            paths = pages(base, key)
            over += shoot(browser, base, key, paths, said.folder)
            sys.stdout.write(f"{'mission' if key else 'public'}: {len(paths)} pages\n")
        browser.close()
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
