"""`tw rebuild`: compute every projection again from the log, beside the old one, then swap."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.errors import BadMission
from trucewatch.evidence.log import Log
from trucewatch.mission.opened import keys_of
from trucewatch.mission.projection import Projection, input_size, project
from trucewatch.store.digest import differences, digests

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from trucewatch.mission.home import Home


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """What a rebuild found.

    Attributes:
        digests: For each table, its digest, rows and sums as rebuilt.
        compared: For each table, `same`, `within tolerance` or `different` from what was there, or
            `behind` when that was made of fewer inputs than the log has; empty when nothing was
            there.
        size: Entries of the log that were used.
    """

    digests: Mapping[str, Mapping[str, object]]
    compared: Mapping[str, str]
    size: int


def rebuild(home: Home) -> Rebuilt:
    """Replace archive and desk by what the log says; append nothing."""
    home.expect()
    beside = home.path / "rebuilding"
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir()
    with Log.open(home.path, signer=keys_of(home).log) as log:
        before, of_size = _digests_at(home.archive, home.desk)
        with Projection.at(beside / "archive", beside / "desk.db", write=True) as fresh:
            project(log, log.size, fresh)
            after = digests(fresh.archive, fresh.desk)
        _swap(beside / "archive", home.archive)
        _swap(beside / "desk.db", home.desk)
        size = log.size
        behind = of_size < input_size(log, size)
    shutil.rmtree(beside, ignore_errors=True)
    compared = differences(before, after) if before else {}
    if behind:  # such tables cannot agree, and nothing is wrong with them
        compared = {n: "behind" if said == "different" else said for n, said in compared.items()}
    return Rebuilt(digests=after, compared=compared, size=size)


def _digests_at(archive: Path, desk: Path) -> tuple[dict[str, dict[str, object]], int]:
    """Return the digests of the tables that are there, and of how many entries they are."""
    if not desk.is_file():
        return {}, 0
    try:
        with Projection.at(archive, desk, write=False) as there:
            state = there.desk.state()
            found = digests(there.archive, there.desk) if state else {}
            return found, int(state.get("input_size", "0"))
    except (BadMission, ValueError):  # damaged: nothing to compare with, and that is what we mend
        return {}, 0


def _swap(fresh: Path, place: Path) -> None:
    """Put `fresh` where `place` is, by rename; the old one goes once the new one is there."""
    old = place.with_name(place.name + ".old")
    if old.is_dir():
        shutil.rmtree(old)
    old.unlink(missing_ok=True)
    if place.exists():
        place.rename(old)
    if fresh.exists():
        fresh.rename(place)
    if old.is_dir():
        shutil.rmtree(old)
    old.unlink(missing_ok=True)
