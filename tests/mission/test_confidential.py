"""Objects above CLEAR: sealed as noise, read with the key, left out of public products."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import polars as pl
import pytest
from tests.mission.samples import NOW, firms
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

from trucewatch.errors import BadInput, BadMission, EvidenceBroken, LogRefused
from trucewatch.evidence.log import Log
from trucewatch.evidence.sequencer import NewObject
from trucewatch.evidence.vault.vault import Vault
from trucewatch.mission import disclosure
from trucewatch.mission.check import digest_tables
from trucewatch.mission.clock import SimulatedClock
from trucewatch.mission.confidential import Plaintexts, enciphered, protected, unused_keys
from trucewatch.mission.disclosure import compartments, disclose, who
from trucewatch.mission.doctor import doctor
from trucewatch.mission.home import Home
from trucewatch.mission.ingest import ingest
from trucewatch.mission.init import Plan, create
from trucewatch.mission.linked import Said
from trucewatch.mission.listing import quarantine
from trucewatch.mission.opened import reading, writing
from trucewatch.mission.rebuild import rebuild
from trucewatch.mission.recorded import expect_as_recorded
from trucewatch.mission.report import report
from trucewatch.mission.run import run
from trucewatch.records.level import Level

if TYPE_CHECKING:
    from pathlib import Path

SAID = Said(by="C. Commissioner", reason="asked for by the expert")
DAY = date(2026, 6, 27)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A mission with one open file and one confidential file, run."""
    folder = tmp_path_factory.mktemp("made")
    clock = SimulatedClock(NOW)
    create(folder / "mission", clock=clock, plan=Plan(seed=bytes(32)))
    home = Home(folder / "mission")
    compartment(home)
    open_file(home, folder, clock=clock)
    seal(home, hotline(), clock=clock)
    run(home, clock=clock)
    return home.path


@pytest.fixture
def full(made: Path, tmp_path: Path) -> Home:
    shutil.copytree(made, tmp_path / "mission")
    return Home(tmp_path / "mission")


def key_of(home: Home) -> Path:
    return home.path / "keys" / "compartments" / "hotline.key"


def sealed_objects(home: Home) -> set[str]:
    with Log.open(home.path) as log:
        return {entry.object for _, entry in log.entries() if entry.level is Level.AMBER}


def sealed_entry(home: Home) -> int:
    with Log.open(home.path) as log:
        [index] = [i for i, entry in log.entries() if entry.level is Level.AMBER]
    return index


def test_the_log_and_the_vault_hold_no_word_of_it(full: Home) -> None:
    for word in (BEGIN, MIDDLE, END, NAME):
        found = files_with(full.path, word)

        assert [name for name in found if not name.startswith(("archive/", "desk.db"))] == []


def test_the_entry_commits_to_the_plaintext_and_names_the_ciphertext(full: Home) -> None:
    index = sealed_entry(full)
    with Log.open(full.path) as log:
        entry = log.entry(index)
        ciphertext, labels = log.object(entry.object), log.labels(entry.object)

    assert (entry.type, entry.size) == ("received/news/v1", len(hotline()))
    assert hashlib.sha256(ciphertext).hexdigest() == entry.object
    assert entry.commit is not None
    assert labels == ()
    assert who(full, str(index)).name == NAME


def test_the_same_file_again_adds_nothing(full: Home, clock: SimulatedClock) -> None:
    before = len(list((full.path / "vault").rglob("*")))

    again = seal(full, hotline(), clock=clock, name="other name.csv")

    assert (again.new, again.index) == (False, sealed_entry(full))
    assert len(list((full.path / "vault").rglob("*"))) == before


def test_a_crash_before_the_entry_leaves_an_unused_key_and_the_file_can_come_again(
    full: Home, clock: SimulatedClock
) -> None:
    raw = b"date,lon,lat,place,type,n_reports\n20260627,31.4,48.7,X,O,1\n"
    item = NewObject(type="received/news/v1", data=raw, name="x.csv")
    enciphered(Vault(full.path), item, level=Level.AMBER, compartment="hotline")
    with Log.open(full.path) as log:
        unused = unused_keys(log)
    [found] = [f for f in doctor(full, now=clock.now(), scrub=False) if f.name == "vault"]

    after = seal(full, raw, clock=clock)

    assert unused == [after.object]
    assert found.good
    assert found.text.startswith("1 of its keys are of no entry: a crash came between")
    assert after.new
    with Log.open(full.path) as log:
        assert unused_keys(log) == []


@pytest.mark.parametrize(
    ("level", "asked", "problem"),
    [
        (Level.CLEAR, "", r"witness.*the same bytes are entry \d+, level AMBER; expected that"),
        (Level.RED, "hotline", "level AMBER; expected that level, not RED"),
        (Level.AMBER, "patrols", "sealed in compartment hotline, asked for in patrols"),
    ],
)
def test_the_same_bytes_never_come_at_another_level(
    full: Home, clock: SimulatedClock, level: Level, asked: str, problem: str
) -> None:
    compartment(full, "patrols")

    with pytest.raises(BadInput, match=problem):
        seal(full, hotline(), clock=clock, level=level, compartment=asked)


def test_what_was_public_cannot_be_made_confidential(full: Home, clock: SimulatedClock) -> None:
    with pytest.raises(BadInput, match="level CLEAR; expected that level, not AMBER"):
        seal(full, firms(day=26), clock=clock, sensor="firms")


def test_at_clear_an_object_is_itself(full: Home, clock: SimulatedClock) -> None:
    item = NewObject(type="received/news/v1", data=b"x", name="x.csv")
    with writing(full, clock) as writer:
        assert protected(writer.log, item, level=Level.CLEAR, compartment="") is item
    with pytest.raises(BadInput, match="level is CLEAR, expected one above it"):
        enciphered(Vault(full.path), item, level=Level.CLEAR, compartment="hotline")


def test_a_rebuild_with_the_same_keys_gives_the_same_digests(full: Home) -> None:
    done = rebuild(full)

    assert set(done.compared.values()) == {"same"}
    assert digest_tables(full)["quarantine"]["rows"] == 1


def test_a_large_object_is_a_file_of_noise_and_is_read_back(
    full: Home, clock: SimulatedClock
) -> None:
    raw = long_hotline()

    appended = seal(full, raw, clock=clock)

    path = full.path / "objects" / "sha256" / appended.object[:2] / appended.object
    assert BEGIN.encode() not in path.read_bytes()
    with Log.open(full.path) as log:
        found = Plaintexts(log).read(appended.index, log.entry(appended.index))
    assert found == raw


def test_without_the_key_the_file_is_listed_and_everything_else_goes_on(full: Home) -> None:
    key_of(full).unlink()

    rebuild(full)

    index = sealed_entry(full)
    rows = quarantine(full).to_dicts()
    assert [(r["row"], r["problem"]) for r in rows] == [(-1, "no key of compartment hotline here")]
    assert digest_tables(full)["observations"]["rows"] == 6
    with Log.open(full.path) as log, pytest.raises(BadInput, match="no key of compartment hotline"):
        Plaintexts(log).expect(index, log.entry(index))


def test_a_run_that_used_the_key_cannot_be_repeated_without_it_and_that_is_said(
    full: Home, clock: SimulatedClock
) -> None:
    key_of(full).unlink()
    rebuild(full)

    with writing(full, clock) as writer:
        found = expect_as_recorded(writer.log, writer.projection)

    assert found == ("not recomputable here: no key of compartment hotline here",)


def test_another_key_is_a_clear_error(full: Home) -> None:
    key_of(full).write_text("11" * 32)

    with pytest.raises(EvidenceBroken, match=r"vault/hotline/.* compartment hotline does not open"):
        rebuild(full)


def test_a_flipped_byte_of_a_large_ciphertext_is_named(full: Home, clock: SimulatedClock) -> None:
    appended = seal(full, long_hotline(), clock=clock)
    path = full.path / "objects" / "sha256" / appended.object[:2] / appended.object
    content = bytearray(path.read_bytes())
    content[40_000] ^= 1
    path.chmod(0o640)
    path.write_bytes(content)

    with (
        Log.open(full.path) as log,
        pytest.raises(EvidenceBroken, match=f"object {appended.object} has bytes that hash to"),
    ):
        Plaintexts(log).read(appended.index, log.entry(appended.index))


def test_a_flipped_commitment_or_nonce_is_named(full: Home) -> None:
    index = sealed_entry(full)
    with Log.open(full.path) as log:
        entry = log.entry(index)
        path = full.path / "vault" / "hotline" / entry.object[:2] / f"{entry.object}.json"
        assert entry.commit is not None
        other = replace(entry, commit=hashlib.sha256(entry.commit.encode()).hexdigest())
        with pytest.raises(EvidenceBroken, match=rf"entry {index}: .* expected {other.commit}"):
            Plaintexts(log).read(index, other)
        said = json.loads(path.read_text())
        digit = "0" if said["nonce"][0] != "0" else "1"
        path.write_text(path.read_text().replace(said["nonce"], digit + said["nonce"][1:]))
        with pytest.raises(EvidenceBroken, match=rf"entry {index}: what was deciphered leads to"):
            Plaintexts(log).read(index, entry)


def test_no_guess_at_a_plaintext_can_be_held_against_log_or_vault(
    full: Home, clock: SimulatedClock
) -> None:
    secret, kind = b"position 73115", "received/news/v1"
    appended = seal(full, secret, clock=clock)
    everything = b"\n".join(
        path.read_bytes() + str(path).encode()
        for path in sorted(full.path.rglob("*"))
        if path.is_file() and "keys" not in path.parts
    )
    seen = set(re.findall(rb"[0-9a-f]{64}", everything))
    seen |= {hashlib.sha256(appended.object.encode()).hexdigest().encode()}

    def marks(guess: bytes) -> set[bytes]:
        inner = hashlib.sha256(guess)
        salted = hashlib.sha256(b"trucewatch/commit/v1\0" + bytes(32) + inner.digest())
        typed = hashlib.sha256(kind.encode() + b"\0" + inner.digest())
        return {h.hexdigest().encode() for h in (inner, salted, typed)}

    assert not any(marks(b"position %05d" % n) & seen for n in range(100_000))
    assert not any(hashlib.sha256(b"position %05d" % n).digest() in everything for n in (73115, 1))
    known = bytes.fromhex((full.path / "keys" / "known.key").read_text())
    message = kind.encode() + b"\0" + hashlib.sha256(secret).digest()
    assert hmac.new(known, message, "sha256").hexdigest().encode() in seen  # the key alone leads


def test_the_public_bulletin_counts_no_incident_that_rests_on_a_confidential_report(
    full: Home, clock: SimulatedClock
) -> None:
    inner = report(full, "daily", day=DAY, level="mission", clock=clock)
    outer = report(full, "daily", day=DAY, level="public", clock=clock)

    table = outer.paths["daily-2026-06-27.release.jsonl"].read_bytes()
    numbers = json.loads(outer.paths["daily-2026-06-27.json"].read_bytes())
    inner_table = inner.paths["daily-2026-06-27.release.jsonl"].read_bytes()
    left_out = inner_table.count(b'"window":"current"')
    assert left_out == 1
    assert table.count(b'"window":"current"') == 0
    words = " ".join(outer.text.split())
    assert "1 incident rests on confidential reports and is not counted here." in words
    assert numbers["confidential"]["value"] == left_out
    assert "confidential" not in inner.text
    assert [row["sensor"] for row in numbers["reports"]] == ["firms", "firms"]
    assert numbers["refused"]["value"] == 0
    for path in outer.paths.values():
        assert not {w for w in (BEGIN, MIDDLE, END, NAME) if w.encode() in path.read_bytes()}


def test_an_incident_with_one_confidential_member_is_left_out_whatever_else_it_rests_on(
    full: Home, clock: SimulatedClock, tmp_path: Path
) -> None:
    (tmp_path / "open.csv").write_bytes(firms(day=27))
    list(ingest(full, "firms", [tmp_path / "open.csv"], clock=clock))
    hidden = seal(full, firms(day=27, n=2, sat="N20"), clock=clock, sensor="firms").object
    run(full, clock=clock)

    inner = report(full, "daily", day=DAY, level="mission", clock=clock)
    outer = report(full, "daily", day=DAY, level="public", clock=clock)

    with reading(full) as (log, there):
        members = there.desk.read("members").with_columns(pl.col("object").cast(pl.String))
        [cited] = [log.object(e.object) for _, e in log.entries() if e.type == "cited/v1"]
    of = members.group_by("incident").agg(pl.col("object").unique())["object"].to_list()
    assert any(hidden in objects and len(objects) > 1 for objects in of)
    table = "daily-2026-06-27.release.jsonl"
    shown, known = (len(r.paths[table].read_bytes().splitlines()) for r in (outer, inner))
    left_out = sum(1 for o in of if {hidden, *sealed_objects(full)} & set(o))
    assert 0 < shown == known - left_out
    assert cited
    assert not any(object_.encode() in cited for object_ in sealed_objects(full))


def test_nothing_is_published_where_the_keys_are_not(full: Home, clock: SimulatedClock) -> None:
    key_of(full).unlink()

    with pytest.raises(BadMission, match=r"entry \d+: no key of compartment hotline here, so what"):
        report(full, "daily", day=DAY, level="public", clock=clock)


def test_stock_openssl_opens_what_was_disclosed(
    full: Home, clock: SimulatedClock, tmp_path: Path
) -> None:
    index = sealed_entry(full)

    entry = disclose(full, str(index), tmp_path / "key.json", said=SAID, clock=clock)

    said = json.loads((tmp_path / "key.json").read_text())
    with Log.open(full.path) as log:
        sealed, custody = log.entry(index), log.entry(entry)
        (tmp_path / "object").write_bytes(log.object(sealed.object))
    command = ["openssl", "enc", "-d", "-aes-256-ctr", "-K", said["key"], "-iv", "0" * 32]
    done = subprocess.run(  # noqa: S603 - a fixed command
        [*command, "-in", str(tmp_path / "object")], capture_output=True, check=True
    )
    inner = hashlib.sha256(done.stdout)
    salted = b"trucewatch/commit/v1\0" + bytes.fromhex(said["nonce"]) + inner.digest()
    assert done.stdout == hotline()
    assert inner.hexdigest() == said["plaintext_sha256"]
    assert hashlib.sha256(salted).hexdigest() == sealed.commit
    assert (said["v"], said["object"]) == (1, sealed.object)
    assert (custody.type, (tmp_path / "key.json").stat().st_mode & 0o777) == (
        "statement/custody/v1",
        0o600,
    )


def test_a_disclosure_overwrites_nothing_and_is_of_confidential_objects_alone(
    full: Home, clock: SimulatedClock, tmp_path: Path
) -> None:
    (tmp_path / "key.json").write_text("mine")
    with pytest.raises(BadInput, match="is there already or has no folder"):
        disclose(full, str(sealed_entry(full)), tmp_path / "key.json", said=SAID, clock=clock)

    with pytest.raises(BadInput, match="entry 0: level is CLEAR, expected one above it"):
        disclose(full, "0", tmp_path / "new.json", said=SAID, clock=clock)

    assert not (tmp_path / "new.json").exists()


def test_what_cannot_be_read_cannot_be_disclosed(
    full: Home, clock: SimulatedClock, tmp_path: Path
) -> None:
    key_of(full).unlink()
    with Log.open(full.path) as log:
        before = log.size

    with pytest.raises(BadInput, match="no key of compartment hotline here, expected an object"):
        disclose(full, str(sealed_entry(full)), tmp_path / "k.json", said=SAID, clock=clock)

    with Log.open(full.path) as log:
        assert log.size == before


def test_a_disclosure_that_the_disk_refuses_says_that_it_was_logged(
    full: Home, clock: SimulatedClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, _: bytes, *, mode: int) -> None:
        raise LogRefused(str(path), f"cannot be written with {mode:o} (disk full)")

    monkeypatch.setattr(disclosure, "write_durably", refuse)

    with pytest.raises(LogRefused, match=r"cannot be written with 600 \(disk full\)") as caught:
        disclose(full, str(sealed_entry(full)), tmp_path / "k.json", said=SAID, clock=clock)
    assert re.fullmatch(r"Entry \d+ says that it was opened.*", caught.value.advice)


def test_who_can_see_an_object_and_why_is_said(full: Home) -> None:
    index = sealed_entry(full)
    open_one, closed_one = who(full, "0"), who(full, str(index))
    key_of(full).unlink()
    without = who(full, str(index))

    assert (open_one.readable, open_one.why[:12]) == (True, "level CLEAR:")
    assert closed_one.why == "level AMBER: whoever holds the key of compartment hotline"
    assert (closed_one.compartment, closed_one.keys_here) == ("hotline", ("hotline",))
    assert (without.readable, without.why) == (False, "no key of compartment hotline here")
    assert (without.compartment, without.keys_here) == ("hotline", ())


def test_compartments_are_listed_with_what_they_hold(full: Home, clock: SimulatedClock) -> None:
    compartment(full, "patrols")
    with full.settings.open("a") as file:
        file.write('\n[intake.news]\nlevel = "AMBER"\ncompartment = "phones"\n')
    with writing(full, clock):
        pass

    found = {each.name: (each.key_here, each.objects, each.sensors) for each in compartments(full)}

    assert found == {
        "hotline": (True, 1, ()),
        "patrols": (True, 0, ()),
        "phones": (False, 0, ("news",)),
    }
