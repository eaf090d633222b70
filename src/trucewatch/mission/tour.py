"""`tw demo --tour`: six stops for a sceptic with five minutes and no network.

Each stop asks the product itself, on a demonstration that is made for it. No figure is written down
beforehand.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from trucewatch.mission.demo import demo
from trucewatch.mission.explain import explain
from trucewatch.mission.home import Home
from trucewatch.mission.tour_broken import stop_broken
from trucewatch.mission.tour_dark import stop_dark
from trucewatch.mission.tour_night import night_in, stop_night
from trucewatch.mission.tour_slide import stop_slide
from trucewatch.mission.tour_swap import stop_swap
from trucewatch.mission.tour_text import stop_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from trucewatch.mission.tour_stop import Stop

DAYS = 26
"""Days that hold all that the stops show: the broken window, the blast and the response."""
FOLDER = "tour"
"""Below the demonstration: the other missions and the spoiled bundles of the tour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tour:
    """What a tour is made of.

    Attributes:
        path: Folder of the demonstration; an earlier one there is replaced.
        seed: Makes the world and the keys.
        pasted: A text for the first stop, or None for the shipped one.
    """

    path: Path
    seed: int = 1
    pasted: Path | None = None


def tour(of: Tour, *, say: Callable[[str], None]) -> Iterator[Stop]:
    """Yield the stops, each worked out when it is asked for.

    Args:
        of: What it is made of.
        say: Told what goes on, one line at a time.
    """
    yield stop_text(1, of.pasted)
    demo(of.path, days=DAYS, seed=of.seed, say=say)
    yield from stops(Home(of.path), seed=of.seed)


def stops(home: Home, *, seed: int) -> Iterator[Stop]:
    """Yield the stops on a demonstration of `DAYS` days or more.

    Args:
        home: The demonstration; it is read, and the folder `FOLDER` below it is made anew.
        seed: Of its world.
    """
    night = night_in(home)
    broken = explain(home, night.broken)
    report = broken.links[0]
    folder = home.path / FOLDER
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir()
    yield stop_night(2, home, night, broken)
    yield stop_dark(3, folder, seed=seed)
    yield stop_broken(4, home, folder, report)
    yield stop_swap(5, home)
    yield stop_slide(6, home, night, datetime.fromisoformat(report.logged_at))
