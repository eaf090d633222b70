"""Promises of what is joined before a run: it never harms who posts, and its memory is bounded."""

from __future__ import annotations

from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from tests.serve.map_samples import made

from trucewatch.fuse.provisional import PROVISIONAL
from trucewatch.records.table import OBSERVATION
from trucewatch.serve import early as module
from trucewatch.serve.early import Early, Told

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from trucewatch.mission.home import Home
    from trucewatch.mission.provisional import Sealed

ROWS = pl.DataFrame({name: [None] * 3 for name in OBSERVATION}, schema=OBSERVATION)


class Held:
    """A process that answers when the test says so."""

    made = 0
    ended = False

    def __init__(self, _: object) -> None:
        type(self).made += 1
        self.asked: list[list[int]] = []
        self.answers: list[Future[Any]] = []

    def ask(self, _: str, sealed: Sequence[Sealed]) -> Future[Any]:
        self.asked.append([each.entry for each in sealed])
        self.answers.append(Future())
        return self.answers[-1]

    def answer(self) -> None:
        newest = max(self.asked[len(self.asked) - 1])
        table = {name: [None] for name in PROVISIONAL} | {"entry": [newest]}
        self.answers[-1].set_result(pl.DataFrame(table, schema=PROVISIONAL))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return made(tmp_path_factory.mktemp("early"))


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> type[Held]:
    monkeypatch.setattr(module, "Aside", Held)
    monkeypatch.setattr(module, "WAITING_ROWS_MAX", 10)
    monkeypatch.setattr(Held, "made", 0)
    return Held


def current(early: Early) -> Held:
    found: Held = early.__dict__["_aside"]
    return found


def test_what_comes_while_it_works_is_joined_together_next(home: Home, held: type[Held]) -> None:
    early = Early(home)
    for entry in (5, 6, 7):
        early.heard(entry, "firms", ROWS)

    current(early).answer()

    assert current(early).asked == [[5], [6, 7]]
    assert early.told == Told(5, 1)
    assert held.made == 1


def test_what_comes_faster_than_it_is_joined_is_left_to_the_run(
    home: Home, held: type[Held], caplog: pytest.LogCaptureFixture
) -> None:
    early = Early(home)
    for entry in range(5, 500):
        early.heard(entry, "firms", ROWS)
        assert sum(len(each.observations) for each in early._waiting) <= 10

    current(early).answer()

    assert "more was posted than can be joined" in caplog.text
    assert held.made == 2, "a new one reads the mission again"
    assert early.since(0).is_empty()


@pytest.mark.parametrize("where", ["begin", "answer"])
def test_a_failure_is_logged_and_who_posts_hears_nothing(
    home: Home,
    held: type[Held],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    where: str,
) -> None:
    def none(_: object) -> Held:
        raise OSError(11, "no process is to be had")

    early = Early(home)
    if where == "begin":
        monkeypatch.setattr(module, "Aside", none)
        early.heard(5, "firms", ROWS)
        monkeypatch.setattr(module, "Aside", held)
    else:
        early.heard(5, "firms", ROWS)
        current(early).answers[-1].set_exception(RuntimeError("its process ended"))
    early.heard(6, "firms", ROWS)
    current(early).answer()

    assert "not shown before the next run" in caplog.text
    assert early.told == Told(6, 1)


def test_a_mission_that_cannot_be_read_is_read_again(tmp_path: Path, home: Home) -> None:
    from trucewatch.errors import TruceWatchError
    from trucewatch.mission.provisional import Foreseeing

    foreseeing = Foreseeing()
    assert foreseeing(str(home.path), []).is_empty()

    with pytest.raises((TruceWatchError, OSError)):
        foreseeing(str(tmp_path / "nowhere"), [])

    assert foreseeing(str(home.path), []).is_empty()
