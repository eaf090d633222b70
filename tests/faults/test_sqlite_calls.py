"""A fault at each call that SQLite makes for the log, and a power cut at each of them."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, TypeVar

import pytest
from tests.faults.disk import Cut, Disk, How
from tests.faults.draws import Draws
from tests.faults.whole import NOW, Shown, expect_whole, found, keys_in, some

from trucewatch.errors import LogRefused
from trucewatch.evidence import ledger
from trucewatch.evidence.log import Log

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BATCHES = 5
SMALL = 9
CALLS = 50
CUTS = (Cut.NONE, Cut.ALL, Cut.SOME, Cut.SOME)
TRIES_MAX = 2
NOT_COPIED = shutil.ignore_patterns("log.db*")  # what the disk has of these, it says itself


@pytest.fixture(autouse=True)
def _small_write_ahead_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "_WAL_PAGES", 12)  # so that pages are moved home every few batches


@pytest.fixture
def template(tmp_path: Path) -> Path:
    home = tmp_path / "template"
    found(home)
    return home


T = TypeVar("T")


class Service:
    """A writer that asks again when it is refused, and counts how often that was."""

    def __init__(self) -> None:
        self.refusals = 0

    def work(self, home: Path, shown: Shown, batches: int, first: int = 0) -> None:
        """Append some batches, each until it is taken, and let a reader see each head."""
        log = self._until_taken(lambda: Log.open(home, signer=keys_in(home).log))
        for number in range(first, first + batches):
            items = some(number, small=SMALL, large=0)
            placed = self._until_taken(lambda: log.append(items, now=NOW))  # noqa: B023
            shown.take(placed)
            shown.heads.add(log.checkpoint_note())
            with self._until_taken(lambda: Log.open(home)) as reader:
                shown.heads.add(reader.checkpoint_note())
        self._until_taken(log.close)

    def _until_taken(self, deed: Callable[[], T]) -> T:
        for _ in range(TRIES_MAX):
            try:
                return deed()
            except LogRefused:
                self.refusals += 1
        return deed()


@pytest.mark.parametrize("how", How, ids=lambda how: how.name)
def test_a_fault_at_each_call_is_survived_without_a_restart(
    tmp_path: Path, template: Path, how: How
) -> None:
    at, service = 0, Service()
    while True:
        home, shown = tmp_path / f"{at}", Shown()
        shutil.copytree(template, home)
        with Disk(home / "log.db", at, how) as disk:
            service.work(home, shown, BATCHES)
        if not disk.reached:
            break
        after = tmp_path / f"{at}-after"
        shutil.copytree(home, after, ignore=NOT_COPIED)
        disk.cut_power(after, Cut.SOME, Draws(at))

        assert expect_whole(home, shown) == len(shown.places) == BATCHES * SMALL
        assert expect_whole(after, shown) == BATCHES * SMALL
        shutil.rmtree(home)
        shutil.rmtree(after)
        at += 1

    assert at >= CALLS
    assert service.refusals >= CALLS // 2  # not every failure stands in the way of a batch


@pytest.mark.parametrize("cut", [0, 1, 2, 3], ids=lambda i: f"{i}-{CUTS[i].name}")
def test_a_power_cut_at_each_call_takes_nothing_that_was_acknowledged(
    tmp_path: Path, template: Path, cut: int
) -> None:
    home, shown, draws = tmp_path / "home", Shown(), Draws(cut)
    shutil.copytree(template, home)
    cuts: list[tuple[Path, Shown]] = []

    with Disk(home / "log.db") as disk:

        def watch() -> None:
            after = tmp_path / f"{len(cuts)}"
            shutil.copytree(home, after, ignore=NOT_COPIED)
            disk.cut_power(after, CUTS[cut], draws)
            cuts.append((after, Shown(dict(shown.places), set(shown.heads))))

        disk.watch = watch
        Service().work(home, shown, BATCHES)

    assert len(cuts) >= CALLS
    for after, then in cuts:
        size = expect_whole(after, then)
        Service().work(after, then, 1, first=BATCHES)  # goes on, with what nobody has sent yet
        assert expect_whole(after, then) == size + SMALL
        shutil.rmtree(after)
