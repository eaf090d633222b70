"""Erasure: no word of it is left anywhere, the log verifies, and it can be done again."""

from __future__ import annotations

import shutil
from datetime import date
from typing import TYPE_CHECKING

import polars as pl
import pytest
from tests.mission.samples import NOW
from tests.mission.sealed import (
    BEGIN,
    END,
    MIDDLE,
    NAME,
    compartment,
    files_with,
    hotline,
    long_hotline,
    open_file,
    seal,
)

from trucewatch.errors import BadInput, BadMission, LogRefused
from trucewatch.evidence.ledger import Ledger
from trucewatch.evidence.log import Log
from trucewatch.evidence.sequencer import NewObject
from trucewatch.evidence.statement import Subject, sign_statement
from trucewatch.evidence.vault import vault
from trucewatch.evidence.vault.vault import Vault
from trucewatch.mission import desk
from trucewatch.mission import erase as module
from trucewatch.mission import rebuild as rebuild_module
from trucewatch.mission.check import digest_tables, verify
from trucewatch.mission.clock import SimulatedClock
from trucewatch.mission.confidential import Plaintexts, erasures, protected
from trucewatch.mission.custody import Deed, seal_act
from trucewatch.mission.custody import seal as seal_deed
from trucewatch.mission.erase import BACKUPS, erase, finish, listed_backups, plan
from trucewatch.mission.export import export
from trucewatch.mission.home import Home
from trucewatch.mission.init import Plan, create
from trucewatch.mission.linked import Said
from trucewatch.mission.listing import quarantine
from trucewatch.mission.opened import keys_of, reading, writing
from trucewatch.mission.rebuild import rebuild
from trucewatch.mission.recorded import expect_as_recorded, findings, not_recomputable
from trucewatch.mission.report import report
from trucewatch.mission.run import run
from trucewatch.records.canonical import canonical, sha256_hex
from trucewatch.records.custody import Act
from trucewatch.records.instant import instant_text
from trucewatch.records.level import Level

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

SAID = Said(by="C. Commissioner", reason="the witness asked for it")
WORDS = (BEGIN, MIDDLE, END, NAME)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A mission with an open file, a small and a large confidential one, run and reported."""
    folder, clock = tmp_path_factory.mktemp("made"), SimulatedClock(NOW)
    create(folder / "mission", clock=clock, plan=Plan(seed=bytes(32)))
    home = Home(folder / "mission")
    compartment(home)
    open_file(home, folder, clock=clock)
    seal(home, hotline(), clock=clock)
    seal(home, long_hotline(), clock=clock)
    run(home, clock=clock)
    report(home, "daily", day=date(2026, 6, 27), level="mission", clock=clock)
    return home.path


@pytest.fixture
def full(made: Path, tmp_path: Path) -> Home:
    shutil.copytree(made, tmp_path / "mission")
    return Home(tmp_path / "mission")


@pytest.fixture(scope="module")
def erased(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with all that is confidential erased; beside it exports and a backup."""
    folder, clock = tmp_path_factory.mktemp("erased"), SimulatedClock(NOW)
    shutil.copytree(made, folder / "mission")
    home = Home(folder / "mission")
    before = export(home, folder / "before.zip", level="mission", clock=clock).path
    shutil.unpack_archive(before, folder / "before")
    list_backups(home, backup_of(home, folder / "backup"))
    for object_ in sealed(home):
        erase(home, object_, said=SAID, clock=clock)
    after = export(home, folder / "after.zip", level="mission", clock=clock).path
    shutil.unpack_archive(after, folder / "after")
    return folder


@pytest.fixture
def done(erased: Path) -> Home:
    """The mission of which all that is confidential was erased; only read it."""
    return Home(erased / "mission")


def sealed(home: Home) -> list[str]:
    """The confidential objects, in order."""
    with Log.open(home.path) as log:
        return [entry.object for _, entry in log.entries() if entry.level is Level.AMBER]


def words_in(folder: Path) -> dict[str, list[str]]:
    return {word: found for word in WORDS if (found := files_with(folder, word))}


def size_of(home: Home) -> int:
    with Log.open(home.path) as log:
        return log.size


def backup_of(home: Home, place: Path) -> Path:
    """A copy as a backup is: log, objects and vault, without keys and tables."""
    leave = shutil.ignore_patterns("keys", "archive", "desk.db*", "reports")
    shutil.copytree(home.path, place, ignore=leave)
    return place


def list_backups(home: Home, *folders: Path) -> None:
    listed = {"v": 1, "folders": [str(folder) for folder in folders]}
    (home.path / BACKUPS).write_bytes(canonical(listed))


def test_before_an_erasure_the_words_are_where_projections_keep_them(full: Home) -> None:
    found = words_in(full.path)

    assert {"desk.db"} < set(found[MIDDLE])
    assert {name.partition("/")[0] for name in found[MIDDLE]} == {"desk.db", "reports"}
    assert {name.partition("/")[0] for name in found[BEGIN]} == {"archive"}


def test_no_word_is_left_in_any_file_export_or_backup(erased: Path, done: Home) -> None:
    assert words_in(erased) == {}
    for object_ in sealed(done):
        assert Vault(done.path).traces(object_) == []
        assert Vault(erased / "backup").traces(object_) == []
        assert files_with(erased / "after", object_)


def test_the_log_still_verifies_and_the_ciphertext_stays(done: Home) -> None:
    assert verify(done.path, vkey=None).size == size_of(done)
    with Log.open(done.path) as log:
        found = [len(log.object(object_)) for object_ in sealed(done)]
    assert found == [len(hotline()), len(long_hotline())]


def test_it_is_listed_why_it_cannot_be_read(done: Home) -> None:
    with Log.open(done.path) as log:
        tombstones = sorted(erasures(log).values())

    rows = quarantine(done).to_dicts()

    assert len(set(tombstones)) == 2
    assert sorted(row["problem"] for row in rows) == [f"erased by entry {e}" for e in tombstones]
    assert digest_tables(done)["observations"]["rows"] == 6


def test_earlier_digests_say_why_they_cannot_be_computed_again(done: Home) -> None:
    with Log.open(done.path) as log:
        tombstones = erasures(log)
        [found] = not_recomputable(log)
        kind = log.entry(found.entry).type

    first, second = sorted(tombstones.values())
    assert (kind, found.erased) == ("statement/computed/v1", tombstones)
    assert findings(done) == [
        f"entry {found.entry}, a run of {found.input_size} entries: {found.text}"
    ]
    assert found.text == f"not recomputable: erased by entry {first}, erased by entry {second}"


def test_a_rebuild_and_a_run_after_it_find_nothing_and_a_report_can_be_made(
    done: Home, tmp_path: Path, clock: SimulatedClock
) -> None:
    shutil.copytree(done.path, tmp_path / "mission")
    home = Home(tmp_path / "mission")

    again = rebuild(home)
    ran = run(home, clock=clock)
    told = report(home, "daily", day=date(2026, 6, 27), level="public", clock=clock)

    assert (set(again.compared.values()), ran.new) == ({"same"}, False)
    assert "confidential" not in told.text
    assert words_in(home.path) == {}


def test_tables_that_a_run_recorded_before_are_not_compared(
    full: Home, clock: SimulatedClock
) -> None:
    with writing(full, clock) as writer:
        seal_act(writer, "erased", sealed(full)[:1], by="A", reason="b", detail={})

        found = expect_as_recorded(writer.log, writer.projection)

    assert found == (f"not recomputable: erased by entry {size_of(full) - 1}",)


def test_the_plan_says_what_goes_and_changes_nothing(full: Home) -> None:
    before = size_of(full)

    going = plan(full, sealed(full)[0][:16])

    [doomed] = going.objects
    assert (doomed.object, doomed.level, doomed.name) == (sealed(full)[0], "AMBER", NAME)
    assert going.tombstone is None
    assert going.incidents
    written = sorted(str(path) for path in (full.reports / "mission").iterdir())
    assert written == list(going.reports) != []
    assert (size_of(full), len(words_in(full.path))) == (before, 4)


def test_without_tables_the_plan_says_that_incidents_are_not_known(
    full: Home, clock: SimulatedClock
) -> None:
    full.desk.unlink()

    assert plan(full, sealed(full)[0]).incidents is None
    erase(full, sealed(full)[0], said=SAID, clock=clock)
    assert plan(full, sealed(full)[1]).incidents


def test_a_disk_that_does_not_let_go_of_a_report_is_said(
    full: Home, clock: SimulatedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Path) -> None:
        raise OSError(30, "Read-only file system")

    with monkeypatch.context() as patch:
        patch.setattr(module, "sync_folder", refuse)
        with pytest.raises(LogRefused, match=r"reports/mission/.* cannot be removed \(Read-only"):
            erase(full, sealed(full)[0], said=SAID, clock=clock)

    assert erase(full, sealed(full)[0], said=SAID, clock=clock).reports


def test_a_clear_object_cannot_be_erased(full: Home, clock: SimulatedClock) -> None:
    before = size_of(full)

    for act in (lambda: plan(full, "0"), lambda: erase(full, "0", said=SAID, clock=clock)):
        with pytest.raises(BadInput, match="entry 0: level is CLEAR: it was public"):
            act()

    assert size_of(full) == before


def test_a_tombstone_of_a_clear_object_hides_nothing(full: Home, clock: SimulatedClock) -> None:
    with writing(full, clock) as writer:
        index, entry = next(
            (i, e) for i, e in writer.log.entries() if e.type.startswith("received/")
        )
        said = {"act": "erased", "at": instant_text(NOW), "by": "A", "reason": "b", "detail": {}}
        subject = Subject(name=entry.type, sha256=entry.object)
        envelope = sign_statement("custody/v1", [subject], said, key=writer.keys.desk)
        writer.log.append([NewObject(type="statement/custody/v1", data=envelope)], now=NOW)

        assert erasures(writer.log) == {}
        assert Plaintexts(writer.log).read(index, entry)


KILLED = {
    "after the tombstone": (module, "seal_act", 1),
    "between two files of the vault": (vault, "destroy_file", 2),
    "after the keys": (module, "_destroy", 1),
    "after the labels": (Log, "forget_labels", 1),
    "between the reports and the tables": (module, "_remove", 1),
    "after the tables": (module, "_remove", 2),
    "between archive and desk": (rebuild_module, "_swap", 1),
    "after the rebuild": (module, "rebuild", 1),
}


@pytest.mark.parametrize("place", KILLED)
def test_an_erasure_that_was_killed_is_finished_by_doing_it_again(
    full: Home, clock: SimulatedClock, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    target, step, calls = KILLED[place]
    real, made = getattr(target, step), []

    def killed(*given: object, **named: object) -> object:
        found = real(*given, **named)
        made.append(step)
        if len(made) == calls:
            raise KeyboardInterrupt
        return found

    small, large = sealed(full)
    with writing(full, clock) as writer:
        seal_act(writer, "erased", [small], by="A", reason="b", detail={})
    Vault(full.path).destroy(small)
    with monkeypatch.context() as patch:
        patch.setattr(target, step, killed)
        with pytest.raises(KeyboardInterrupt):
            erase(full, large, said=SAID, clock=clock)

    first = size_of(full)
    done = erase(full, large, said=SAID, clock=clock)

    assert (size_of(full), done.entry) == (first, first - 1)
    assert words_in(full.path) == {}
    assert digest_tables(full)["observations"]["rows"] == 6
    assert (full.path / "desk.db").is_file()


def test_a_run_in_the_middle_of_an_erasure_reads_it_no_more(
    full: Home, clock: SimulatedClock
) -> None:
    with writing(full, clock) as writer:
        seal_act(writer, "erased", sealed(full), by="A", reason="b", detail={})

    done = run(full, clock=clock)

    assert (done.new, done.observations) == (True, 6)
    assert files_with(full.path / "archive", BEGIN) == []


def test_a_backup_out_of_reach_is_named_and_done_later(
    full: Home, tmp_path: Path, clock: SimulatedClock
) -> None:
    place = backup_of(full, tmp_path / "backup")
    place.rename(tmp_path / "away")
    list_backups(full, place)
    object_ = sealed(full)[0]

    done = erase(full, object_, said=SAID, clock=clock)
    still = finish(full, clock=clock)
    (tmp_path / "away").rename(place)
    later = finish(full, clock=clock)

    assert done.pending == (str(place),)
    assert still == ([], [str(place)])
    assert len(later[0]) == 3
    assert later[1] == []
    assert Vault(place).traces(object_) == []
    assert len(Vault(place).objects()) == 1
    assert finish(full, clock=clock) == ([], [])


def test_a_backup_that_refuses_stays_pending(
    full: Home, tmp_path: Path, clock: SimulatedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = backup_of(full, tmp_path / "backup")
    list_backups(full, place)
    real = Vault.destroy

    def refuse(self: Vault, object_: str, known: Mapping[bytes, Sequence[Path]]) -> list[str]:
        if self.home == place:
            raise LogRefused(str(place), "cannot be destroyed (Read-only file system)")
        return real(self, object_, known)

    monkeypatch.setattr(Vault, "destroy", refuse)

    assert erase(full, sealed(full)[0], said=SAID, clock=clock).pending == (str(place),)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"[]", "expected a list of folders"),
        (b'{"folders":["/a"]}', "has folders, expected folders and v 1"),
        (b'{"folders":"/a","v":1}', "expected folders and v 1"),
        (b'{"folders":["a"],"v":1}', "folder is 'a', expected a whole path"),
        (b"\xff", "expected a list of folders"),
    ],
)
def test_refuses_a_list_of_backups_of_another_form_before_anything_is_sealed(
    full: Home, clock: SimulatedClock, content: bytes, problem: str
) -> None:
    (full.path / BACKUPS).write_bytes(content)
    before = size_of(full)

    with pytest.raises(BadMission, match=rf"backups\.json: .*{problem}"):
        erase(full, sealed(full)[0], said=SAID, clock=clock)

    assert size_of(full) == before


def test_without_backups_there_are_none(full: Home) -> None:
    assert listed_backups(full) == []


def derived(home: Home, parent: str, raw: bytes, level: Level, clock: SimulatedClock) -> str:
    with writing(home, clock) as writer:
        inside = "" if level is Level.CLEAR else "hotline"
        item = NewObject(type="derived/v1", data=raw, name="copy.txt")
        new = protected(writer.log, item, level=level, compartment=inside)
        detail = {"parent": parent, "tool": "pen", "version": "1", "parameters": "none"}
        object_ = sha256_hex(new.data)
        deed = Deed(act=Act.DERIVED, objects=(object_,), by="A", reason="b", detail=detail)
        seal_deed(writer, deed, new=[new])
        return object_


def test_copies_go_with_the_original_and_those_that_were_public_are_named(
    full: Home, clock: SimulatedClock
) -> None:
    parent = sealed(full)[0]
    child = derived(full, parent, BEGIN.encode() + b" copied", Level.AMBER, clock)
    grandchild = derived(full, child, END.encode() + b" copied", Level.RED, clock)
    public = derived(full, parent, b"somebody called", Level.CLEAR, clock)

    going = plan(full, parent)
    done = erase(full, parent, said=SAID, clock=clock)

    assert [(each.object, each.parent) for each in going.objects] == [
        (parent, ""),
        (child, parent),
        (grandchild, child),
    ]
    assert (going.kept, done.objects) == ((public,), (parent, child, grandchild))
    with Log.open(full.path) as log:
        assert set(erasures(log)) == {parent, child, grandchild}
        assert log.object(public) == b"somebody called"
        assert log.labels(public) == ("copy.txt",)


def test_labels_leave_no_copy_in_the_free_space_of_the_database(
    full: Home, clock: SimulatedClock
) -> None:
    keys = keys_of(full)
    with Log.open(full.path, signer=keys.log) as log:
        many = [
            NewObject(type="exhibit/v1", data=b"%d" % n, name=f"{n:04}-{'long' * 20}.jpg")
            for n in range(400)
        ]
        secret = NewObject(type="exhibit/v1", data=b"secret", name=NAME, level=Level.RED)
        object_ = log.append([*many[:200], secret, *many[200:]], now=clock.now())[200].object
        assert files_with(full.path, NAME)

        removed = log.forget_labels(object_)

        assert (removed, log.labels(object_)) == (1, ())
        assert log.labels(log.entry(log.size - 1).object) == (many[-1].name,)
        assert [f for f in files_with(full.path, NAME) if f.startswith("log")] == []
        log.check_database()


def test_a_reader_that_keeps_the_old_names_alive_is_said(
    full: Home, clock: SimulatedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trucewatch.evidence.ledger._BUSY_MS", 1)
    reader = Ledger(full.path / "log.db", mode="read")
    try:
        reader.write("BEGIN")
        reader.checkpoint_size()
        with pytest.raises(LogRefused, match=r"log\.db: is being read, so removed names stay"):
            erase(full, sealed(full)[0], said=SAID, clock=clock)
    finally:
        reader.close()

    erase(full, sealed(full)[0], said=SAID, clock=clock)
    erase(full, sealed(full)[1], said=SAID, clock=clock)
    assert words_in(full.path) == {}


def test_the_same_file_may_come_again_under_another_key(full: Home, clock: SimulatedClock) -> None:
    object_ = sealed(full)[0]
    erase(full, object_, said=SAID, clock=clock)

    again = seal(full, hotline(), clock=clock)

    assert (again.new, again.object == object_) == (True, False)


def test_an_analysts_act_on_an_erased_report_stays_and_is_named(
    full: Home, clock: SimulatedClock
) -> None:
    small, large = sealed(full)
    with reading(full) as (_, there):
        members = there.desk.read("members").with_columns(pl.col("object").cast(pl.String))
        members = members.filter(role="member")
    mine = members.filter(object=small)["incident"].unique().sort().to_list()
    others = sorted({*members["incident"]} - {*mine})
    merged = desk.merge(full, [mine[0], others[0]], said=SAID, clock=clock)

    going = plan(full, small)
    erase(full, small, said=SAID, clock=clock)

    assert going.cited == (merged.entry,)
    assert not run(full, clock=clock).new
    assert plan(full, large).incidents
