"""A fault at each call that our code makes to write a bundle, to export, back up and restore."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from tests.faults.calls import Calls, How, each_call
from tests.mission.samples import NOW, firms

from trucewatch.errors import LogRefused, NotFound
from trucewatch.evidence.bundle import read_bundle, write_bundle
from trucewatch.evidence.hold import held
from trucewatch.evidence.log import Log
from trucewatch.mission.backup import backup
from trucewatch.mission.check import verify
from trucewatch.mission.clock import SimulatedClock
from trucewatch.mission.export import export
from trucewatch.mission.home import Home
from trucewatch.mission.ingest import ingest
from trucewatch.mission.init import Plan, create
from trucewatch.mission.opened import keys_of
from trucewatch.mission.restore import restore
from trucewatch.mission.snapshot import MANIFEST, hash_file, read_manifest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FILES = {f"folder-{i % 3}/file-{i}": b"%d" % i for i in range(5)}
LARGE_ROWS = 900  # 70 KiB: a file of its own among the objects
CLOCK = SimulatedClock(NOW)


@pytest.fixture(scope="module")
def mission(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A mission with a small and a large object."""
    folder = tmp_path_factory.mktemp("faults")
    create(folder / "mission", clock=CLOCK, plan=Plan(seed=bytes(32)))
    small, large = folder / "small.csv", folder / "large.csv"
    small.write_bytes(firms(day=1))
    large.write_bytes(firms(day=2, n=LARGE_ROWS))
    list(ingest(Home(folder / "mission"), "firms", [small, large], clock=CLOCK))
    return folder / "mission"


@pytest.fixture(scope="module")
def kept(mission: Path) -> Path:
    """A backup of it."""
    folder = mission.with_name("kept")
    backup(Home(mission), folder, with_keys=True)
    return folder


@pytest.fixture(params=list(How), ids=lambda how: how.name)
def how(request: pytest.FixtureRequest) -> How:
    found: How = request.param
    return found


@pytest.mark.parametrize("name", ["out", "out.zip"])
def test_a_fault_at_each_call_leaves_no_half_bundle(tmp_path: Path, how: How, name: str) -> None:
    def begin(place: Path) -> Callable[[], None]:
        return lambda: write_bundle(place / name, FILES)

    def check(place: Path, calls: Calls, done: bool) -> None:
        out = place / name
        if not out.exists():
            assert not done
            write_bundle(out, FILES)  # nothing that was left behind is in the way
            done = True
        assert read_bundle(out) == FILES
        calls.lose_power()
        if done or out.exists():
            assert read_bundle(out) == FILES

    assert each_call(tmp_path, begin, check, how) >= 7


def test_a_fault_at_each_call_of_an_export_is_told_and_leaves_the_mission_whole(
    tmp_path: Path, mission: Path, how: How
) -> None:
    def begin(place: Path) -> Callable[[], None]:
        shutil.copytree(mission, place / "mission")
        return lambda: deed(place)

    def deed(place: Path) -> None:
        made = export(Home(place / "mission"), place / "out.zip", level="mission", clock=CLOCK)
        if made.recorded is None:
            raise LogRefused("custody", made.not_recorded)

    def check(place: Path, _: Calls, __: bool) -> None:
        out, home = place / "out.zip", Home(place / "mission")
        if out.exists():
            verify(out, vkey=None)
            out.unlink()
        assert export(home, out, level="mission", clock=CLOCK).recorded is not None
        assert verify(out, vkey=None).size <= verify(home.path, vkey=None).size

    assert each_call(tmp_path, begin, check, how) >= 48


def test_a_fault_at_each_call_of_a_backup_leaves_it_whole_or_refused(
    tmp_path: Path, mission: Path, how: How
) -> None:
    def begin(place: Path) -> Callable[[], None]:
        shutil.copytree(mission, place / "mission")
        return lambda: deed(place)

    def deed(place: Path) -> None:
        backup(Home(place / "mission"), place / "kept", with_keys=True)

    def check(place: Path, calls: Calls, _: bool) -> None:
        deed(place)
        calls.lose_power()
        expect_kept(place / "kept")

    assert each_call(tmp_path, begin, check, how) >= 80


def test_a_fault_at_each_call_of_a_restore_leaves_no_log_that_takes_an_entry(
    tmp_path: Path, kept: Path, how: How
) -> None:
    def begin(place: Path) -> Callable[[], None]:
        return lambda: deed(place)

    def deed(place: Path) -> None:
        restore(kept, place / "restored")

    def check(place: Path, _: Calls, __: bool) -> None:
        home = Home(place / "restored")
        with pytest.raises((LogRefused, NotFound), match=r"restor|no log\.db|no such|mission"):
            Log.open(home.path, signer=keys_of(Home(kept)).log)
        if (home.path / "log.db").is_file():
            assert held(home.path)

    assert each_call(tmp_path, begin, check, how) >= 50


def expect_kept(folder: Path) -> None:
    """Check that a backup is what its manifest lists, and that its log is whole."""
    manifest = read_manifest(folder)
    for name, digest in manifest.files.items():
        assert hash_file(folder / name) == digest, name
    assert MANIFEST not in manifest.files
    assert verify(folder, vkey=None).size == manifest.size
