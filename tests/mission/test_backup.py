"""Backups: of one moment while others write, without what was erased, and whole or refused."""

from __future__ import annotations

import errno
import json
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Never

import apsw
import pytest
from tests.mission.faulty import FAULTS, fail_at
from tests.mission.kept import grow, size_of
from tests.mission.samples import firms
from tests.mission.sealed import (
    BEGIN,
    NAME,
    compartment,
    files_with,
    hotline,
    long_hotline,
    open_file,
    seal,
)

from trucewatch.errors import BadMission, EvidenceBroken, LogRefused, NotFound, TruceWatchError
from trucewatch.evidence.log import Log
from trucewatch.evidence.objects import LARGE_BYTES
from trucewatch.evidence.vault.vault import Vault
from trucewatch.mission import backup as module
from trucewatch.mission.backup import backup, backups
from trucewatch.mission.check import verify
from trucewatch.mission.custody import seal_act
from trucewatch.mission.erase import erase, listed_backups
from trucewatch.mission.home import Home
from trucewatch.mission.linked import Said
from trucewatch.mission.opened import writing
from trucewatch.mission.restore import restore
from trucewatch.mission.snapshot import BEGUN, MANIFEST, hash_file, manifest_bytes, read_manifest
from trucewatch.records.canonical import canonical
from trucewatch.records.level import Level

if TYPE_CHECKING:
    from pathlib import Path

    from trucewatch.mission.clock import SimulatedClock

SAID = Said(by="C. Commissioner", reason="the witness asked for it")
WRITER = """
import sys
from pathlib import Path
from trucewatch.evidence.log import Log
from trucewatch.evidence.sequencer import NewObject
from trucewatch.mission.clock import SystemClock
from trucewatch.mission.home import Home
from trucewatch.mission.opened import keys_of
home = Path(sys.argv[1])
with Log.open(home, signer=keys_of(Home(home)).log) as log:
    for i in range(1_000_000):
        large = b"%d " % i * (20_000 if i % 20 == 0 else 1)
        log.append([NewObject(type="other/v1", data=large)], now=SystemClock().now())
        if i % 20 == 0:
            log.write_static()
        if i == 40:
            print("ready", flush=True)
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "backup"


@pytest.fixture
def full(home: Home, tmp_path: Path, clock: SimulatedClock) -> Home:
    """A mission with an open file, a small confidential one and a large one."""
    compartment(home)
    open_file(home, tmp_path, clock=clock)
    seal(home, hotline(), clock=clock)
    seal(home, long_hotline(), clock=clock)
    return home


def confidential(home: Home) -> list[str]:
    with Log.open(home.path) as log:
        return [entry.object for _, entry in log.entries() if entry.level is Level.AMBER]


def picture(folder: Path) -> dict[str, str]:
    """The hash of every file; a reader of the database may touch its shared memory."""
    return {
        path.relative_to(folder).as_posix(): hash_file(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith("-shm")
    }


def test_a_backup_lists_the_hash_of_every_file(full: Home, place: Path) -> None:
    done = backup(full, place)

    manifest = read_manifest(place)
    there = {p: h for p, h in picture(place).items() if p not in {MANIFEST, "lock"}}
    assert dict(manifest.files) == there
    assert (place / MANIFEST).read_bytes() == manifest_bytes(manifest)
    with Log.open(full.path) as log:
        head = log.checkpoint()
    assert (done.size, done.root) == (head.size, head.root.hex())
    assert (done.new_entries, done.new_objects) == (head.size, 1)


def test_the_form_of_a_manifest_never_changes(tmp_path: Path) -> None:
    raw = (
        b'{"files":{"log.db":"' + b"a" * 64 + b'","mission.toml":"' + b"b" * 64 + b'"},'
        b'"keys":false,"logged_at":"2026-07-10T12:00:00.000000Z","origin":"demo.invalid/evidence",'
        b'"root":"' + b"c" * 64 + b'","size":7,"v":1}'
    )
    (tmp_path / MANIFEST).write_bytes(raw)

    manifest = read_manifest(tmp_path)

    assert (manifest.size, manifest.files["log.db"]) == (7, "a" * 64)
    assert manifest_bytes(manifest) == raw


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("../x", "lists '../x'"),
        ("/etc/passwd", "lists '/etc/passwd'"),
        ("HELD", "lists 'HELD'"),
        ("odd/x", "lists 'odd/x'"),
        ("log/.hidden", "lists 'log/.hidden'"),
        ("archive", "lists 'archive'"),
    ],
)
def test_a_manifest_that_names_other_places_is_refused(
    full: Home, place: Path, name: str, problem: str
) -> None:
    backup(full, place)
    said = json.loads((place / MANIFEST).read_bytes())
    said["files"][name] = "0" * 64
    (place / MANIFEST).write_bytes(canonical(said))

    with pytest.raises(EvidenceBroken, match=problem):
        read_manifest(place)


def test_a_second_backup_copies_only_what_is_new(
    full: Home, place: Path, inbox: Path, clock: SimulatedClock
) -> None:
    backup(full, place)
    [large] = (place / "objects").rglob("*/??/*")
    made = large.stat().st_mtime_ns
    assert [each.behind for each in backups(full)] == [0]
    size = grow(full, inbox, clock)
    assert [each.behind for each in backups(full)] == [1]

    done = backup(full, place)

    assert (done.size, done.new_entries, done.new_objects) == (size, 1, 0)
    assert large.stat().st_mtime_ns == made
    assert verify(place, vkey=None).size == size


def test_a_backup_is_listed_and_one_out_of_reach_is_named(
    full: Home, place: Path, tmp_path: Path
) -> None:
    backup(full, place)
    backup(full, tmp_path / "second")
    shutil.rmtree(tmp_path / "second")

    first, second = backups(full)

    assert (first.folder, first.size, first.problem) == (place.resolve(), size_of(full), "")
    assert (second.size, second.problem) == (
        None,
        f"{tmp_path / 'second'}: no {MANIFEST}, expected a finished backup",
    )


def test_keys_stay_at_home_unless_they_are_asked_for(
    full: Home, place: Path, tmp_path: Path
) -> None:
    secret = (full.path / "keys" / "log.pem").read_text()

    plain = backup(full, place)
    keyed = backup(full, tmp_path / "keyed", with_keys=True)

    assert (plain.keys, keyed.keys) == (False, True)
    assert not (place / "keys").exists()
    assert files_with(place, secret) == []
    assert files_with(tmp_path / "keyed", secret) == ["keys/log.pem"]
    for path in (tmp_path / "keyed" / "keys").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0
    assert (place / "vault").stat().st_mode & 0o077 == 0


def test_nothing_readable_of_a_confidential_file_is_in_it(full: Home, place: Path) -> None:
    backup(full, place)

    assert files_with(place, BEGIN) == []
    assert files_with(place, NAME) == []
    assert set(Vault(place).objects()) == set(confidential(full))


def test_an_erased_key_is_removed_by_the_erasure_and_never_copied_again(
    full: Home, place: Path, tmp_path: Path, clock: SimulatedClock
) -> None:
    backup(full, place)
    gone, stays = confidential(full)

    erase(full, gone, said=SAID, clock=clock)
    assert Vault(place).traces(gone) == []
    backup(full, place)
    backup(full, tmp_path / "second")

    for folder in (place, tmp_path / "second"):
        assert Vault(folder).traces(gone) == []
        assert Vault(folder).objects() == [stays]


def test_a_tombstone_alone_keeps_the_key_out_and_takes_it_out(
    full: Home, place: Path, tmp_path: Path, clock: SimulatedClock
) -> None:
    backup(full, place)
    gone, stays = confidential(full)
    with writing(full, clock) as writer:  # an erasure that was cut short after its first step
        seal_act(writer, "erased", [gone], by="A", reason="b", detail={})

    done = backup(full, place)
    backup(full, tmp_path / "second")

    assert len(done.erased) == 3
    for folder in (place, tmp_path / "second"):
        assert Vault(folder).traces(gone) == []
        assert Vault(folder).objects() == [stays]


def test_an_erasure_that_overtakes_the_copying_wins(
    full: Home, place: Path, clock: SimulatedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = confidential(full)[0]
    real, done = module.copy_durably, []

    def copy(source: Path, target: Path, *, mode: int) -> str:
        if gone in source.name and not done:
            done.append(real(source, target, mode=mode))
            with writing(full, clock) as writer:
                seal_act(writer, "erased", [gone], by="A", reason="b", detail={})
            return done[0]
        return real(source, target, mode=mode)

    monkeypatch.setattr(module, "copy_durably", copy)

    backup(full, place)

    assert len(done) == 1
    assert Vault(place).traces(gone) == []


def test_the_copy_is_of_one_moment_while_another_process_appends(
    full: Home, place: Path, tmp_path: Path
) -> None:
    arguments = [sys.executable, "-c", WRITER, str(full.path)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE) as writer:  # noqa: S603
        try:
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"ready\n"

            first = backup(full, place)
            second = backup(full, place)

            assert writer.poll() is None
        finally:
            writer.kill()
    assert 40 < first.size <= second.size <= size_of(full)
    found = verify(place, vkey=None)
    assert (found.size, found.root) == (second.size, second.root)


@pytest.mark.parametrize("where", ["home", "inside", "around", "other", "mission"])
def test_a_place_that_is_not_for_backups_is_refused(full: Home, tmp_path: Path, where: str) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "letter.txt").write_text("dear")
    shutil.copytree(full.path, tmp_path / "else")
    place = {
        "home": full.path,
        "inside": full.path / "backup",
        "around": tmp_path,
        "other": other,
        "mission": tmp_path / "else",
    }[where]
    before = picture(tmp_path)

    with pytest.raises(
        BadMission, match=r"expected a (folder on another disk|new or empty folder)"
    ):
        backup(full, place)

    assert picture(tmp_path) == before


def test_a_backup_never_goes_back(
    full: Home, place: Path, tmp_path: Path, inbox: Path, clock: SimulatedClock
) -> None:
    shutil.copytree(full.path, tmp_path / "older")
    older = Home(tmp_path / "older")
    grow(full, inbox, clock)
    backup(full, place)
    kept = read_manifest(place)

    with pytest.raises(LogRefused, match="was rolled back; a backup never goes back"):
        backup(older, place)
    grow(older, inbox, clock, day=27)
    with pytest.raises(LogRefused, match="the log here had"):
        backup(older, place)

    assert read_manifest(place) == kept
    assert restore(place, tmp_path / "back").size == kept.size


def test_a_large_object_that_is_gone_is_named_unless_the_backup_has_it(
    full: Home, place: Path, tmp_path: Path
) -> None:
    backup(full, place)
    [large] = (full.path / "objects").rglob("*/??/*")
    assert large.stat().st_size >= LARGE_BYTES
    large.unlink()

    backup(full, place)
    with pytest.raises(EvidenceBroken, match=f"{large.name}: is gone from the store"):
        backup(full, tmp_path / "second")

    assert not (tmp_path / "second" / MANIFEST).exists()


def test_an_edited_entry_is_found_before_the_old_backup_is_replaced(
    full: Home, place: Path
) -> None:
    backup(full, place)
    kept = picture(place)
    connection = apsw.Connection(str(full.path / "log.db"))
    [(bundle,)] = connection.execute("SELECT bundle FROM entry WHERE first = 0").fetchall()
    changed = bundle.replace(b"AMBER", b"GREEN") if b"AMBER" in bundle else bundle[:-9] + b"9" * 9
    connection.execute("UPDATE entry SET bundle = ? WHERE first = 0", (changed,))
    connection.close()

    with pytest.raises(TruceWatchError, match=r"root|entry"):
        backup(full, place)

    now = picture(place)
    assert {name: now[name] for name in kept if name != BEGUN} == kept


@pytest.fixture
def grown(full: Home, place: Path, inbox: Path, clock: SimulatedClock) -> Home:
    """A mission with a backup that lacks its last entry."""
    backup(full, place)
    grow(full, inbox, clock)
    return full


@pytest.mark.parametrize("function", FAULTS)
def test_a_disk_that_fails_at_any_step_leaves_a_backup_that_is_whole_or_refused(
    grown: Home, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, function: str
) -> None:
    whole, size = picture(grown.path), size_of(grown)
    failures, done = 0, None
    for at in range(1, 500, 5):
        with monkeypatch.context() as patch:
            fail_at(patch, function, at)
            try:
                done = backup(grown, place)
                break
            except LogRefused as error:
                problem = str(error)
        assert "No space left" in problem
        failures += 1
        back = tmp_path / f"back-{at}"
        try:
            found = restore(place, back).size
        except (EvidenceBroken, NotFound):
            found = None
        assert (back / "log.db").exists() == (found in {size - 1, size})
    assert done is not None
    assert failures > 2
    assert picture(grown.path) == whole
    assert restore(place, tmp_path / "back").size == size


def test_a_first_backup_that_failed_is_begun_again(
    full: Home, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full_disk(*_: object, **__: object) -> Never:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(module, "copy_durably", full_disk)
        with pytest.raises(LogRefused, match="No space left on device"):
            backup(full, place)
    assert (place / BEGUN).is_file()
    assert listed_backups(full) == [place.resolve()]

    assert backup(full, place).size == size_of(full)
    assert not (place / BEGUN).exists()


def test_what_the_settings_name_is_in_it(full: Home, place: Path) -> None:
    backup(full, place)

    assert (place / "mission.toml").read_bytes() == full.settings.read_bytes()
    assert (place / "agreement.yaml").read_bytes() == (full.path / "agreement.yaml").read_bytes()
    assert firms(day=26) not in (place / "mission.toml").read_bytes()
