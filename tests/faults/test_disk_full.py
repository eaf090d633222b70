"""The disk is full: what was acknowledged is there, the rest was refused, and room is enough."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from tests.faults.small_disk import small_disk
from tests.faults.whole import NOW, Shown, expect_whole, found, some

from trucewatch.errors import LogRefused
from trucewatch.evidence.commit import GroupCommit
from trucewatch.evidence.log import Log

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.faults.small_disk import SmallDisk

ROUNDS = 4
ROOM = 3 * 4096
NO_ROOM = r"is full|No space left|File too large|disk I/O error"


@pytest.fixture(params=[True, False], ids=["a file system", "a limit"])
def disk(
    request: pytest.FixtureRequest, tmp_path: Path, record_property: pytest.FixtureDef[object]
) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "disk", mount=request.param) as made:
        record_property("ran on", "a file system" if made.mounted else "a limit")  # type: ignore[operator]
        yield made


def refused_at(log: Log, shown: Shown, number: int, *, large: int) -> int:
    """Append until the disk refuses; return the number of the batch that was refused."""
    while True:
        try:
            shown.take(log.append(some(number, small=9, large=large), now=NOW))
            shown.heads.add(log.checkpoint_note())
        except LogRefused:
            return number
        number += 1


@pytest.mark.parametrize("large", [0, 1])
def test_a_disk_that_fills_up_refuses_and_goes_on_without_a_restart(
    disk: SmallDisk, large: int
) -> None:
    home, shown, number = disk.folder / "home", Shown(), 0
    signer = found(home).log
    with Log.open(home, signer=signer) as log:
        for turn in range(ROUNDS):
            shown.take(log.append(some(number, large=large), now=NOW))
            disk.fill(room=turn * ROOM)  # to be refused at some call or other of a commit
            number = refused_at(log, shown, number + 1, large=large)
            with pytest.raises(LogRefused, match=NO_ROOM):
                log.append(some(number, small=9, large=large), now=NOW)
            disk.fill()  # what a refused file left was taken away again
            with pytest.raises(LogRefused, match=NO_ROOM):
                log.write_static()
            assert log.size == len(shown.places)
            disk.free()

            shown.take(log.append(some(number, small=9, large=large), now=NOW))
            log.write_static()

    assert expect_whole(home, shown) == len(shown.places)


def test_each_submitter_is_told_of_a_full_disk_and_the_group_goes_on(disk: SmallDisk) -> None:
    home, shown = disk.folder / "home", Shown()
    signer = found(home).log
    with (
        Log.open(home, signer=signer) as log,
        GroupCommit(log, lambda: NOW) as group,
        ThreadPoolExecutor(4) as submitters,
    ):
        for turn in range(ROUNDS):
            disk.fill()
            futures = list(
                submitters.map(lambda i: group.submit(some(i)), range(turn * 8, turn * 8 + 8))
            )
            for future in futures:
                with pytest.raises(LogRefused, match=NO_ROOM):
                    future.result(timeout=60)
            disk.free()
            for future in [group.submit(some(i)) for i in range(turn * 8, turn * 8 + 8)]:
                shown.take(future.result(timeout=60))

    assert expect_whole(home, shown) == len(shown.places) == ROUNDS * 8 * 4
