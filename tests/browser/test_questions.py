"""Each user's main question is answered within a number of steps, in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.browser.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import BrowserContext

pytestmark = pytest.mark.system
NIGHT = {"from": "2030-09-18T18:00:00", "to": "2030-09-19T06:00:00"}


def test_a_watch_officer_learns_what_happened_last_night_and_who_saw_it_in_four_steps(
    browse: Callable[..., BrowserContext],
) -> None:
    walk = Walk(browse(mission=True).new_page())

    walk.open("/")
    walk.follow("Incidents")
    walk.ask("/incidents", {**NIGHT, "sort": "-reports"}, "Show")
    walk.step(walk.page.locator("#main table a").first)
    told = walk.read()

    assert walk.steps <= 4
    assert "Who saw it" in told
    assert all(name in told for name in ("CAM-PELVEN", "CAM-FERRY", "MICS", "PATROL-1"))
    assert "UAV-1" in told.partition("Who should have seen it and did not")[2]


def test_an_analyst_learns_why_an_incident_is_a_potential_breach_in_three_steps(
    browse: Callable[..., BrowserContext],
) -> None:
    walk = Walk(browse(mission=True).new_page())

    walk.open("/incidents")
    walk.ask("/incidents", {"outcome": "potential_breach"}, "Show")
    walk.step(walk.page.locator("#main table a").first)
    told = walk.read()

    assert walk.steps <= 3
    assert "potential breach" in told
    assert "In force over the whole time of the incident" in told
    assert "P(act of the rule) is at least" in told


def test_a_cell_learns_what_one_state_promised_in_three_steps(
    browse: Callable[..., BrowserContext],
) -> None:
    walk = Walk(browse().new_page())

    walk.open("/")
    walk.follow("Register")
    walk.follow("Arvenia")
    told = walk.read()

    assert walk.steps <= 3
    promised = told.partition("What it promised, and what it refused")[2]
    assert "Arvenia gives twelve watchers." in promised
    assert "ruled out" in promised


def test_a_journalist_learns_what_is_not_known_in_three_steps(
    browse: Callable[..., BrowserContext],
) -> None:
    walk = Walk(browse().new_page())

    walk.open("/")
    told = walk.read()

    assert walk.steps <= 3
    assert "cannot tell" in told.lower()
    assert "What we do not know" in told
