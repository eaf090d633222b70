"""What is new shows itself without reloading, also after the connection was lost; and the keys."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from trucewatch.mission.clock import SimulatedClock
from trucewatch.mission.demo_clock import clock_of
from trucewatch.mission.home import Home
from trucewatch.mission.ingest import ingest
from trucewatch.mission.passes import first_pass
from trucewatch.mission.run import run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Page
    from tests.browser.conftest import Served

pytestmark = pytest.mark.system
FIRE = """latitude,longitude,acq_date,acq_time,satellite,scan,track,confidence,frp
{lat:.4f},-29.9911,2030-09-05,0113,N21,0.39,0.36,h,96.2
"""
_PATIENCE_MS = 20_000


class Server:
    """A server of a mission of its own, which can be stopped and started again."""

    def __init__(self, home: Home) -> None:
        self.home, self._files = home, 0
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.base = f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Serve, and wait until it answers."""
        command = [sys.executable, "-m", "trucewatch", "serve", str(self.home.path)]
        self._running = subprocess.Popen(  # noqa: S603 - our own verb
            [*command, "--port", str(self.port)], stdout=subprocess.DEVNULL
        )
        for _ in range(240):
            with socket.socket() as asked:
                if asked.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.25)
        pytest.fail("the server does not answer")

    def stop(self) -> None:
        """Stop."""
        self._running.terminate()
        self._running.wait(20)

    def receive(self) -> None:
        """Receive one more fire, and have it made an incident, as the watch floor would."""
        clock = clock_of(self.home)
        assert isinstance(clock, SimulatedClock)
        self._files += 1
        path = self.home.path.parent / f"late-{self._files}.csv"
        path.write_text(FIRE.format(lat=44.9 + 0.02 * self._files))
        list(ingest(self.home, "firms", [path], clock=clock))
        run(self.home, clock=clock)


@pytest.fixture
def server(served: Served, tmp_path: Path) -> Iterator[Server]:
    home = Home(shutil.copytree(served.home, tmp_path / "home"))
    made = Server(home)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def page(server: Server, chromium: Browser) -> Iterator[Page]:
    """A page of the mission; errors of a lost connection are part of the story."""
    context = chromium.new_context(base_url=server.base)
    key = first_pass(server.home)
    context.add_cookies([{"name": "tw_pass", "value": key, "url": server.base}])
    yield context.new_page()
    context.close()


def listed(page: Page) -> int:
    """How many incidents the list says there are."""
    text = page.locator("#main .recordhead p").first.inner_text()
    return int(text.split()[0].replace(",", ""))


def test_new_incidents_are_offered_and_shown_without_reloading(page: Page, server: Server) -> None:
    page.goto("/incidents")
    page.locator("#live[data-is='on']").wait_for(timeout=_PATIENCE_MS)
    before = listed(page)
    page.evaluate("() => { window.stayed = true; }")

    server.receive()
    page.get_by_role("link", name="New incidents: 1. Show them.").click(timeout=_PATIENCE_MS)
    page.wait_for_function(
        f"() => !document.querySelector('#main .recordhead p').innerText.startsWith('{before} ')",
        timeout=_PATIENCE_MS,
    )

    assert listed(page) == before + 1
    assert page.evaluate("() => window.stayed")


def test_what_came_while_the_connection_was_lost_is_offered_after_it(
    page: Page, server: Server
) -> None:
    page.goto("/incidents")
    page.locator("#live[data-is='on']").wait_for(timeout=_PATIENCE_MS)

    server.stop()
    page.locator("#live[data-is='off']").wait_for(timeout=_PATIENCE_MS)
    said = page.locator("#live").inner_text()
    server.receive()
    server.start()

    assert said == "not connected"
    page.get_by_role("link", name="New incidents: 1. Show them.").wait_for(timeout=_PATIENCE_MS)
    page.locator("#live[data-is='on']").wait_for(timeout=_PATIENCE_MS)


def test_what_is_posted_stands_on_the_map_before_a_run(page: Page, server: Server) -> None:
    page.goto("/map?box=-30.3,44.7,-29.7,45.3")
    page.wait_for_timeout(1_000)  # the stream is there by then; the map does not say so
    page.evaluate("() => { window.stayed = true; }")
    before = page.locator("#main .m-early, .view .m-early").count()

    answer = page.request.post(
        "/api/v1/intake/firms",
        data=FIRE.format(lat=44.93).encode(),
        headers={"Authorization": f"Bearer {first_pass(server.home)}"},
    )
    page.locator(".view .m-early").wait_for(timeout=3 * _PATIENCE_MS)
    page.locator("#counts a[href='/provisional']").click()
    page.get_by_role("heading", name="Provisional incidents").wait_for(timeout=_PATIENCE_MS)

    assert answer.status == 201
    assert before == 0
    assert f"entry {answer.json()['entry']}" in page.inner_text("#main")


def test_keys_lead_through_a_list_and_can_be_switched_off(
    browse: Callable[..., BrowserContext],
) -> None:
    page = browse(mission=True, viewport={"width": 1600, "height": 900}).new_page()
    page.goto("/incidents")

    page.keyboard.press("/")
    searching = page.evaluate("() => document.activeElement.name")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("j")
    second = page.evaluate("() => document.activeElement.getAttribute('href')")
    page.keyboard.press("k")
    first = page.evaluate("() => document.activeElement.getAttribute('href')")
    page.keyboard.press("Enter")
    page.wait_for_url("**/incidents/i-*")
    opened = page.url
    page.keyboard.press("g")
    page.keyboard.press("m")
    page.wait_for_url("**/map*")

    page.set_viewport_size({"width": 390, "height": 800})
    page.keyboard.press("/")
    page.wait_for_url("**/search")

    assert searching == "q"
    assert first != second
    assert opened.endswith(first)
    page.set_viewport_size({"width": 1600, "height": 900})
    page.goto("/prefer?keys=off&back=/incidents")
    page.keyboard.press("/")
    assert page.evaluate("() => document.activeElement.tagName") == "BODY"
    page.keyboard.press("Control+k")
    assert page.evaluate("() => document.activeElement.name") == "q"


def test_the_map_draws_itself_anew_when_something_came(page: Page, server: Server) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto("/map")
    before = page.locator("#counts").inner_text()

    server.receive()
    end_s = time.monotonic() + _PATIENCE_MS / 1000
    while page.locator("#counts").inner_text() == before and time.monotonic() < end_s:
        page.wait_for_timeout(200)

    assert page.locator("#counts").inner_text() != before
