"""A real server, a real Chromium, and a demonstration to look at."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright
from tools.shots import serving

from trucewatch.mission.demo import demo
from trucewatch.mission.home import Home
from trucewatch.mission.passes import first_pass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext

FLAGS = (
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass(frozen=True)
class Served:
    """Where the mission is served, and the pass that opens it."""

    base: str
    key: str
    home: Path


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A demonstration with a broken window of silence, served by a process of its own."""
    path: Path = tmp_path_factory.mktemp("browsed") / "demo"
    demo(path, days=26, seed=1, say=lambda _: None)
    with serving(path) as base:
        yield Served(base=base, key=first_pass(Home(path)), home=path)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, or a skip that says what is missing."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*FLAGS])
        yield browser
        browser.close()


@pytest.fixture
def browse(chromium: Browser, served: Served) -> Iterator[Callable[..., BrowserContext]]:
    """Make a window of the public, or of the mission with `mission=True`; errors in it fail."""
    opened: list[BrowserContext] = []
    wrong: list[str] = []

    def window(*, mission: bool = False, **options: object) -> BrowserContext:
        context = chromium.new_context(base_url=served.base, **options)  # type: ignore[arg-type]
        if mission:
            context.add_cookies([{"name": "tw_pass", "value": served.key, "url": served.base}])
        context.on("request", lambda r: _expect_own(r.url, served.base, wrong))
        context.on("weberror", lambda e: wrong.append(str(e.error)))
        context.on("console", lambda m: wrong.append(m.text) if m.type == "error" else None)
        opened.append(context)
        return context

    yield window
    for context in opened:
        context.close()
    assert not wrong


def _expect_own(address: str, base: str, wrong: list[str]) -> None:
    if not address.startswith((base, "data:", "blob:")):
        wrong.append(f"a request left for {address}")
