"""A small mission to try verbs on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.mission.samples import NOW, firms, news

from trucewatch.mission.clock import SimulatedClock
from trucewatch.mission.home import Home
from trucewatch.mission.init import Plan, create

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock(NOW)


@pytest.fixture
def home(tmp_path: Path, clock: SimulatedClock) -> Home:
    create(tmp_path / "mission", clock=clock, plan=Plan(seed=bytes(32)))
    return Home(tmp_path / "mission")


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    (folder / "firms-26.csv").write_bytes(firms(day=26))
    (folder / "firms-27.csv").write_bytes(firms(day=27, n=8, sat="N20"))
    (folder / "news.csv").write_bytes(news(day=27))
    return folder
