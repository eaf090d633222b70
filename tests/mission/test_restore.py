"""Restoring: everything is checked first, and nothing is appended before the head was compared."""

from __future__ import annotations

import itertools
import shutil
from typing import TYPE_CHECKING

import pytest
from tests.evidence.timestamp.tsa import allow_loopback
from tests.mission.faulty import FAULTS, fail_at
from tests.mission.kept import grow, policy_text, size_of, use_policy, witness
from tests.mission.lying import HUGE, NEVER, forged, lying
from tests.mission.samples import NOW
from tests.mission.sealed import compartment, hotline, long_hotline, open_file, seal

from trucewatch.errors import BadInput, BadMission, EvidenceBroken, LogRefused, NotFound
from trucewatch.evidence.hold import held, hold, release
from trucewatch.evidence.keys import create_keys
from trucewatch.evidence.log import Log
from trucewatch.evidence.vault.vault import Vault
from trucewatch.mission import restore as module
from trucewatch.mission.anchor import anchor
from trucewatch.mission.backup import backup
from trucewatch.mission.check import digest_tables, verify
from trucewatch.mission.clock import SimulatedClock
from trucewatch.mission.compare_head import RELEASED, check_head
from trucewatch.mission.demo import demo
from trucewatch.mission.erase import erase, listed_backups
from trucewatch.mission.export import export
from trucewatch.mission.extend import extend
from trucewatch.mission.home import Home
from trucewatch.mission.linked import Said
from trucewatch.mission.opened import writing
from trucewatch.mission.rebuild import rebuild
from trucewatch.mission.restore import Restored, drill, restore
from trucewatch.mission.run import run
from trucewatch.mission.snapshot import MANIFEST, hash_file, read_manifest
from trucewatch.records.level import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SAID = Said(by="C. Commissioner", reason="the disk died before anything was shown")
QUICK_S = 2.0


@pytest.fixture(autouse=True)
def _loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    allow_loopback(monkeypatch)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "backup"


@pytest.fixture
def full(home: Home, tmp_path: Path, clock: SimulatedClock) -> Home:
    compartment(home)
    open_file(home, tmp_path, clock=clock)
    seal(home, hotline(), clock=clock)
    seal(home, long_hotline(), clock=clock)
    return home


@pytest.fixture
def watched(home: Home, tmp_path: Path, clock: SimulatedClock) -> Iterator[Home]:
    with witness(home, tmp_path / "w1", "north", clock) as words:
        use_policy(home, policy_text([words], needed=1))
        with writing(home, clock):
            pass
        yield home


def append(home: Home, clock: SimulatedClock) -> None:
    with writing(home, clock):
        pass


def test_what_comes_back_is_what_was_there(
    full: Home, place: Path, tmp_path: Path, clock: SimulatedClock
) -> None:
    run(full, clock=clock)
    backup(full, place)

    done = restore(place, tmp_path / "back", keys=full.path / "keys")

    back = Home(tmp_path / "back")
    assert (done.size, done.keys, done.lost) == (size_of(full), True, ())
    assert verify(back.path, vkey=None).root == verify(full.path, vkey=None).root
    assert digest_tables(back) == digest_tables(full)
    assert listed_backups(back) == [place.resolve()]
    modes = {
        p.relative_to(back.path).parts[0]: p.stat().st_mode & 0o777
        for p in back.path.rglob("*")
        if p.is_file()
    }
    assert (modes["vault"], modes["keys"], modes["objects"]) == (0o600, 0o600, 0o440)


def test_without_keys_the_log_is_whole_and_confidential_files_are_closed(
    full: Home, place: Path, tmp_path: Path
) -> None:
    backup(full, place)

    done = restore(place, tmp_path / "back")

    assert not done.keys
    assert verify(tmp_path / "back", vkey=None).size == done.size
    assert digest_tables(Home(tmp_path / "back"))["quarantine"]["rows"] == 2


def test_keys_of_another_mission_are_refused(full: Home, place: Path, tmp_path: Path) -> None:
    backup(full, place)
    for origin in ("mission.invalid/evidence", "other.invalid/evidence"):
        create_keys(tmp_path / origin.partition("/")[0], origin=origin)

        with pytest.raises(BadMission, match=rf"key is {origin}.*; nothing was copied"):
            restore(place, tmp_path / "back", keys=tmp_path / origin.partition("/")[0])
    with pytest.raises(BadMission, match=r"none: no log.vkey, expected a mission's folder of keys"):
        restore(place, tmp_path / "back", keys=tmp_path / "none")

    assert not (tmp_path / "back").exists()


def test_a_folder_that_is_not_empty_is_left_alone(full: Home, place: Path) -> None:
    backup(full, place)
    before = hash_file(full.path / "log.db")

    with pytest.raises(BadMission, match="is not empty, expected a new or empty folder"):
        restore(place, full.path)

    assert hash_file(full.path / "log.db") == before
    assert held(full.path) is None


def test_every_changed_or_missing_file_is_named(full: Home, place: Path, tmp_path: Path) -> None:
    backup(full, place)
    number = itertools.count()
    for name in read_manifest(place).files:
        path = place / name
        content = path.read_bytes()
        path.chmod(0o600)
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        with pytest.raises(EvidenceBroken, match=f"^{name}: hashes to"):
            restore(place, tmp_path / f"back-{next(number)}")
        path.unlink()
        if not name.startswith("vault/"):
            with pytest.raises(EvidenceBroken, match=f"^{name}: is missing in the backup"):
                restore(place, tmp_path / f"back-{next(number)}")
        path.write_bytes(content)
    assert next(number) > 10
    assert restore(place, tmp_path / "back").lost == ()


def test_a_forged_manifest_over_a_changed_database_does_not_help(
    full: Home, place: Path, tmp_path: Path
) -> None:
    backup(full, place)
    said = (place / MANIFEST).read_bytes()
    database = place / "log.db"
    before, content = hash_file(database), database.read_bytes()
    assert b'"level":"AMBER"' in content
    database.write_bytes(content.replace(b'"level":"AMBER"', b'"level":"GREEN"'))
    (place / MANIFEST).write_bytes(said.replace(before.encode(), hash_file(database).encode()))

    with pytest.raises(EvidenceBroken, match=r"lead to|root|hash"):
        restore(place, tmp_path / "back")

    with pytest.raises(LogRefused, match="was not finished"):
        check_head(Home(tmp_path / "back"), clock=SimulatedClock(NOW), nobody=SAID)


def test_a_restored_log_takes_nothing_until_it_was_compared(
    watched: Home, place: Path, tmp_path: Path, inbox: Path, clock: SimulatedClock
) -> None:
    size = grow(watched, inbox, clock)
    anchor(watched, clock=clock, timeout_s=QUICK_S)
    backup(watched, place, with_keys=True)
    restore(place, tmp_path / "back")
    back = Home(tmp_path / "back")
    with pytest.raises(LogRefused, match=f"restored from a backup of size {size}: compare"):
        append(back, clock)

    done = check_head(back, clock=clock, timeout_s=QUICK_S)

    assert (done.released, done.problem, done.held) == (True, "", "")
    assert "witness north: cosigned" in (back.path / RELEASED).read_text()
    assert grow(back, inbox, clock, day=27) == size + 1
    assert anchor(back, clock=clock, timeout_s=QUICK_S).reached


def test_an_older_backup_stays_held_and_the_witness_says_both_sizes(
    watched: Home, place: Path, tmp_path: Path, inbox: Path, clock: SimulatedClock
) -> None:
    older = grow(watched, inbox, clock)
    backup(watched, place, with_keys=True)
    newer = grow(watched, inbox, clock, day=27)
    anchor(watched, clock=clock, timeout_s=QUICK_S)
    restore(place, tmp_path / "back")
    back = Home(tmp_path / "back")

    done = check_head(back, clock=clock, timeout_s=QUICK_S)

    said = f"north.example/w: says that it has cosigned size {newer}, this log has {older}"
    assert not done.released
    assert done.overruled == ()
    assert f"it is kept in contradicting/{newer}-north.checkpoint" in done.held
    assert said in done.problem
    assert said in done.held
    with pytest.raises(LogRefused, match=said):
        append(back, clock)
    assert not (back.path / RELEASED).exists()


def test_what_a_witness_showed_once_holds_when_it_is_silent_and_no_name_overrules_it(
    home: Home, place: Path, tmp_path: Path, inbox: Path, clock: SimulatedClock
) -> None:
    with witness(home, tmp_path / "w1", "north", clock) as north:
        with witness(home, tmp_path / "w2", "south", clock) as south:
            use_policy(home, policy_text([north, south], needed=2))
            grow(home, inbox, clock)
            backup(home, place, with_keys=True)
            shutil.copytree(home.path, tmp_path / "alive")
            alive = Home(tmp_path / "alive")
            grow(alive, inbox, clock, day=27)
            use_policy(alive, policy_text([south], needed=1))  # north never sees the newer head
            grow(alive, inbox, clock, day=27)
            anchor(alive, clock=clock, timeout_s=QUICK_S)
            restore(place, tmp_path / "back")
            back = Home(tmp_path / "back")
            assert "has cosigned size" in check_head(back, clock=clock, timeout_s=QUICK_S).problem

        silent = check_head(back, clock=clock, timeout_s=QUICK_S)
        said = check_head(back, clock=clock, nobody=SAID, timeout_s=QUICK_S)
        release(back.path)  # whoever removes the file HELD does not remove the proof
        hold(back.path, "somebody looked")
        again = check_head(back, clock=clock, nobody=SAID, timeout_s=QUICK_S)

    for done in (silent, said, again):
        assert not done.released
    assert "has cosigned size" in silent.problem
    assert "south.checkpoint is a head of size" in again.problem
    assert not (back.path / RELEASED).exists()


@pytest.fixture
def claimed(home: Home, place: Path, tmp_path: Path, clock: SimulatedClock) -> Iterator[Home]:
    """A restored mission; one of its two witnesses claims more and shows a forged head."""
    with (
        witness(home, tmp_path / "w1", "north", clock) as north,
        lying(HUGE, (200, forged(home))) as liar,
    ):
        use_policy(home, policy_text([north, liar], needed=2))
        append(home, clock)
        backup(home, place, with_keys=True)
        restore(place, tmp_path / "back")
        yield Home(tmp_path / "back")


def test_a_claim_is_overruled_by_the_others_and_that_is_written_down(
    claimed: Home, clock: SimulatedClock
) -> None:
    done = check_head(claimed, clock=clock, timeout_s=QUICK_S)

    words = "the claim of witness liar is overruled by 1 other that cosigned"
    assert (done.released, done.ahead, done.overruled) == (True, (), (words,))
    assert words in (claimed.path / RELEASED).read_text()
    append(claimed, clock)


@pytest.mark.parametrize("told", [HUGE, NEVER])
def test_a_claim_that_could_have_been_the_quorum_keeps_it_held_until_a_name_overrules_it(
    home: Home, place: Path, tmp_path: Path, clock: SimulatedClock, told: tuple[int, bytes]
) -> None:
    with lying(told, (404, b"")) as liar:
        use_policy(home, policy_text([liar], needed=1))
        append(home, clock)
        backup(home, place, with_keys=True)
        restore(place, tmp_path / "back")
        back = Home(tmp_path / "back")

        alone = check_head(back, clock=clock, timeout_s=QUICK_S)
        named = check_head(back, clock=clock, nobody=SAID, timeout_s=QUICK_S)

    assert (alone.released, alone.ahead, alone.overruled) == (False, (), ())
    assert "too many witnesses are silent or show nothing" in alone.problem
    assert "a claim, not a proof" in alone.problem
    assert "liar" not in alone.held
    assert named.released
    words = f"the claim of witness liar is overruled by {SAID.by}"
    assert named.overruled == (words,)
    assert words in (back.path / RELEASED).read_text()


def test_a_head_that_proves_another_history_is_no_matter_of_growing(
    claimed: Home, tmp_path: Path, inbox: Path, clock: SimulatedClock
) -> None:
    shutil.copytree(claimed.path, tmp_path / "other")
    other = Home(tmp_path / "other")
    release(other.path)
    size = grow(other, inbox, clock, day=27)
    note = (other.path / "log" / "checkpoint").read_bytes()
    release(claimed.path)
    for _ in range(2):
        grow(claimed, inbox, clock)
    (claimed.path / "contradicting").mkdir()
    (claimed.path / "contradicting" / f"{size}-north.checkpoint").write_bytes(note)
    hold(claimed.path, f"contradicted by a signed head at size {size - 1}: long ago")

    done = check_head(claimed, clock=clock, nobody=SAID, timeout_s=QUICK_S)

    assert not done.released
    assert f"{size}-north.checkpoint has another root at size {size}" in done.problem


def test_a_kept_head_that_the_log_leads_to_again_is_no_newest_head_that_a_person_brought(
    full: Home, place: Path, tmp_path: Path, clock: SimulatedClock
) -> None:
    backup(full, place)
    restore(place, tmp_path / "back")
    back = Home(tmp_path / "back")
    (back.path / "contradicting").mkdir()
    note = (full.path / "log" / "checkpoint").read_bytes()
    (back.path / "contradicting" / "6-north.checkpoint").write_bytes(note)

    done = check_head(back, clock=clock)

    assert "expected the newest head that anybody has" in done.problem
    assert done.compared[0].endswith("6-north.checkpoint: size 6")


def test_a_bundle_brings_back_what_is_missing_and_the_log_is_released(
    watched: Home, place: Path, tmp_path: Path, inbox: Path, clock: SimulatedClock
) -> None:
    grow(watched, inbox, clock)
    backup(watched, place, with_keys=True)
    grow(watched, inbox, clock, day=27)
    newer = grow(watched, inbox, clock, day=27)
    anchor(watched, clock=clock, timeout_s=QUICK_S)
    bundle = export(watched, tmp_path / "b.zip", level="mission", clock=clock).path
    restore(place, tmp_path / "back")
    back = Home(tmp_path / "back")
    assert not check_head(back, clock=clock, timeout_s=QUICK_S).released

    done = extend(back, bundle)

    assert (done.before, done.size, done.missing) == (newer - 2, newer, {})
    assert done.objects == 2
    with Log.open(watched.path) as source, Log.open(back.path) as log:
        assert log.root(newer) == source.root(newer)
        assert log.checkpoint_note() == source.checkpoint_note(newer)
    assert verify(back.path, vkey=None).size == newer
    assert check_head(back, clock=clock, timeout_s=QUICK_S).released
    before, now = rebuild(back).compared, rebuild(back).compared
    assert before["observations"] == "behind"
    assert "different" not in before.values()
    assert set(now.values()) == {"same"}
    assert grow(back, inbox, clock, day=27) == newer + 1
    assert verify(back.path, vkey=None).size == newer + 1


def test_what_a_bundle_withholds_stays_missing_and_is_named(
    full: Home, place: Path, tmp_path: Path, clock: SimulatedClock
) -> None:
    backup(full, place)
    appended = seal(full, hotline() + b"20260627,31.40,48.70,Dunmarsh,O,1\n", clock=clock)
    bundle = export(full, tmp_path / "b.zip", level="public", clock=clock).path
    restore(place, tmp_path / "back")

    done = extend(Home(tmp_path / "back"), bundle)

    assert done.missing == {appended.index: appended.object}
    with pytest.raises(EvidenceBroken, match=f"object {appended.object} is gone from the store"):
        verify(tmp_path / "back", vkey=None)


def test_a_bundle_that_is_no_longer_or_of_another_history_adds_nothing(
    full: Home, place: Path, tmp_path: Path, inbox: Path, clock: SimulatedClock
) -> None:
    backup(full, place)
    same = export(full, tmp_path / "same.zip", level="mission", clock=clock).path
    restore(place, tmp_path / "back", keys=full.path / "keys")
    back = Home(tmp_path / "back")
    with pytest.raises(LogRefused, match="expected a larger one"):
        extend(back, same)
    assert check_head(back, clock=clock, nobody=SAID).released
    grow(back, inbox, clock, day=27)
    other = Home(full.path)
    grow(other, inbox, clock)
    grow(other, inbox, clock)
    forked = export(other, tmp_path / "forked.zip", level="mission", clock=clock).path
    before = verify(back.path, vkey=None).root

    with pytest.raises(EvidenceBroken, match="has another history before entry"):
        extend(back, forked)

    assert verify(back.path, vkey=None).root == before


def test_silent_witnesses_that_could_have_made_a_quorum_keep_it_held(
    home: Home, place: Path, tmp_path: Path, clock: SimulatedClock
) -> None:
    with witness(home, tmp_path / "w1", "north", clock) as north:
        with witness(home, tmp_path / "w2", "south", clock) as south:
            pass
        for needed, released in ((1, False), (2, True)):
            use_policy(home, policy_text([north, south], needed=needed))
            append(home, clock)
            backup(home, place, with_keys=True)
            back = Home(tmp_path / f"back-{needed}")
            restore(place, back.path)

            done = check_head(back, clock=clock, timeout_s=QUICK_S)

            assert done.released is released
            assert ("too many witnesses are silent" in done.problem) is not released


def test_without_witnesses_a_person_brings_the_newest_head(
    full: Home, place: Path, tmp_path: Path, clock: SimulatedClock
) -> None:
    size = size_of(full)
    (tmp_path / "old").write_bytes((full.path / "log" / "checkpoint").read_bytes())
    backup(full, place, with_keys=True)
    restore(place, tmp_path / "back")
    back = Home(tmp_path / "back")
    assert "expected the newest head" in check_head(back, clock=clock).problem

    older = check_head(back, clock=clock, against=[tmp_path / "old"])

    assert older.released
    assert f"old: size {size}" in (back.path / RELEASED).read_text()


def test_a_newer_head_settles_it_whatever_is_said_afterwards(
    full: Home, place: Path, tmp_path: Path, inbox: Path, clock: SimulatedClock
) -> None:
    (tmp_path / "old").write_bytes((full.path / "log" / "checkpoint").read_bytes())
    backup(full, place, with_keys=True)
    size = grow(full, inbox, clock)
    (tmp_path / "new").write_bytes((full.path / "log" / "checkpoint").read_bytes())
    bundle = export(full, tmp_path / "b.zip", level="mission", clock=clock).path
    restore(place, tmp_path / "back")
    back = Home(tmp_path / "back")

    newer = check_head(back, clock=clock, against=[tmp_path / "old", tmp_path / "new"])
    older = check_head(back, clock=clock, against=[tmp_path / "old"])
    nobody = check_head(back, clock=clock, nobody=SAID)
    extend(back, bundle)
    grown = check_head(back, clock=clock, against=[tmp_path / "new"])

    said = f"new is a head of size {size}, this log has {size - 1}"
    for done in (newer, older, nobody):
        assert said in done.problem
        assert not done.released
    assert grown.released


def test_a_head_of_another_log_or_a_changed_one_is_no_comparison(
    full: Home, place: Path, tmp_path: Path, clock: SimulatedClock
) -> None:
    note = (full.path / "log" / "checkpoint").read_text()
    (tmp_path / "changed").write_text(note.replace("\n6\n", "\n5\n"))
    backup(full, place)
    restore(place, tmp_path / "back")

    with pytest.raises(EvidenceBroken, match="does not verify"):
        check_head(Home(tmp_path / "back"), clock=clock, against=[tmp_path / "changed"])

    assert held(tmp_path / "back") is not None


def test_the_last_resort_is_written_down_with_name_and_reason(
    full: Home, place: Path, tmp_path: Path, inbox: Path, clock: SimulatedClock
) -> None:
    backup(full, place, with_keys=True)
    restore(place, tmp_path / "back")
    back = Home(tmp_path / "back")
    with pytest.raises(BadInput, match=r"--by: is .*, expected text on one line"):
        check_head(back, clock=clock, nobody=Said(by="A\tB", reason="x"))

    assert check_head(back, clock=clock, nobody=SAID).released

    words = (back.path / RELEASED).read_text()
    assert f"by {SAID.by}, who says that nobody else has seen more: {SAID.reason}" in words
    assert "was held: restored from a backup of size 6" in words
    assert grow(back, inbox, clock) == 7


def test_an_erasure_after_the_backup_holds_after_a_restore(
    full: Home, place: Path, tmp_path: Path, clock: SimulatedClock
) -> None:
    backup(full, place)
    with Log.open(full.path) as log:
        gone = next(e.object for _, e in log.entries() if e.level is Level.AMBER)
    erase(full, gone, said=SAID, clock=clock)

    done = restore(place, tmp_path / "back", keys=full.path / "keys")

    assert len(done.lost) == 3
    assert Vault(tmp_path / "back").traces(gone) == []


@pytest.mark.parametrize("function", FAULTS)
def test_a_disk_that_fails_at_any_step_leaves_the_backup_whole_and_the_target_refused(
    full: Home, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, function: str
) -> None:
    backup(full, place)
    whole = {p: hash_file(p) for p in sorted(place.rglob("*")) if p.is_file()}
    failures, done = 0, None
    for at in range(1, 500, 7):
        back = tmp_path / f"back-{at}"
        with monkeypatch.context() as patch:
            fail_at(patch, function, at)
            try:
                done = restore(place, back)
                break
            except LogRefused as error:
                problem = str(error)
        assert "No space left" in problem
        failures += 1
        if (back / "log.db").exists():
            reason = held(back) or ""
            finished = "compare the head" in reason  # only the answer to the last write was lost
            assert finished or "was not finished" in reason
            assert not finished or verify(back, vkey=None).size == size_of(full)
    assert done is not None
    assert failures > 2
    assert {p: hash_file(p) for p in whole} == whole


def test_a_drill_on_a_demonstration_passes_and_leaves_nothing(
    tmp_path: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modes = []

    def noted(folder: Path, path: Path, *, told: Callable[[str], None]) -> Restored:
        modes.append((path.parent.parent, path.parent.stat().st_mode & 0o777))
        return restore(folder, path, told=told)

    monkeypatch.setattr(module, "restore", noted)
    demo(tmp_path / "demo", days=3, seed=1, say=lambda _: None)
    home = Home(tmp_path / "demo")
    backup(home, place)
    run(home, clock=SimulatedClock(NOW))
    ticks = itertools.count()

    done = drill(place, seconds=lambda: float(next(ticks)), home=home)

    assert (done.problem, done.lag_entries, done.not_compared) == ("", 0, ())
    assert [step.name for step in done.steps] == [
        "reading the manifest",
        "copying and hashing every file",
        "verifying the whole log",
        "computing the tables again",
        "removing it again",
    ]
    assert [step.took_s for step in done.steps] == [1.0] * 5
    assert modes == [(place.parent, 0o700)]
    assert list(place.parent.glob("trucewatch-drill-*")) == []


def test_a_drill_is_made_where_it_is_told_and_removed_after_an_error(
    full: Home, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup(full, place)
    within, beside = tmp_path / "within", sorted(tmp_path.iterdir())
    within.mkdir()
    seen = []

    def fail(folder: Path, path: Path, *, told: Callable[[str], None]) -> Restored:
        seen.append(path.parent.parent)
        restore(folder, path, told=told)
        raise KeyboardInterrupt("stopped")

    monkeypatch.setattr(module, "restore", fail)

    with pytest.raises(KeyboardInterrupt, match="stopped"):
        drill(place, seconds=lambda: 0.0, within=within)
    with pytest.raises(LogRefused, match="expected a disk that accepts it"):
        drill(place, seconds=lambda: 0.0, within=tmp_path / "none")

    assert (seen, list(within.iterdir())) == ([within], [])
    assert sorted(tmp_path.iterdir()) == sorted([*beside, within])


def test_heads_that_witnesses_showed_come_back_and_are_compared(
    full: Home, place: Path, tmp_path: Path, inbox: Path, clock: SimulatedClock
) -> None:
    shutil.copytree(full.path, tmp_path / "newer")
    size = grow(Home(tmp_path / "newer"), inbox, clock)
    note = (tmp_path / "newer" / "log" / "checkpoint").read_bytes()
    (full.path / "contradicting").mkdir()
    (full.path / "contradicting" / f"{size}-north.checkpoint").write_bytes(note)

    backup(full, place)
    restore(place, tmp_path / "back")
    done = check_head(Home(tmp_path / "back"), clock=clock, nobody=SAID)

    kept = tmp_path / "back" / "contradicting" / f"{size}-north.checkpoint"
    assert kept.read_bytes() == note
    assert f"is a head of size {size}, this log has {size - 1}" in done.problem
    assert not done.released


def test_a_drill_says_what_fails_and_what_would_be_lost(
    full: Home, place: Path, inbox: Path, clock: SimulatedClock
) -> None:
    backup(full, place)
    grow(full, inbox, clock)
    assert drill(place, seconds=lambda: 0.0, home=full).lag_entries == 1
    [large] = (place / "objects").rglob("*/??/*")
    large.unlink()

    done = drill(place, seconds=lambda: 0.0, home=full)

    assert f"{large.name}: is missing in the backup" in done.problem
    assert (done.size, done.lag_entries) == (0, None)


def test_a_drill_of_no_folder_is_a_slip_and_no_failed_backup(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="none: no such folder, expected a backup"):
        drill(tmp_path / "none", seconds=lambda: 0.0)


def test_a_drill_of_a_backup_of_a_rewritten_log_fails(
    full: Home, place: Path, tmp_path: Path, inbox: Path, clock: SimulatedClock
) -> None:
    shutil.copytree(full.path, tmp_path / "other")
    grow(full, inbox, clock)
    backup(full, place)
    other = Home(tmp_path / "other")
    grow(other, inbox, clock, day=27)

    done = drill(place, seconds=lambda: 0.0, home=other)

    assert "had another root at size 7: one was rewritten" in done.problem
