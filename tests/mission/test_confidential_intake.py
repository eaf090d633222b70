"""Files come in above CLEAR by the sensor's settings or by word, envelopes of devices included."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from tests.mission.sealed import BEGIN, NAME, hotline

from trucewatch.errors import BadInput, LogRefused
from trucewatch.evidence.checkpoint import Checkpoint, sign_checkpoint
from trucewatch.evidence.log import Log
from trucewatch.evidence.vault.compartment import make_compartment
from trucewatch.mission.check import verify
from trucewatch.mission.devices import Candidate, enrol
from trucewatch.mission.export import export
from trucewatch.mission.ingest import Handling, handling_of, ingest
from trucewatch.mission.linked import Said
from trucewatch.mission.listing import quarantine
from trucewatch.mission.on_device import Signing, sign_file
from trucewatch.mission.opened import keys_of
from trucewatch.mission.received_ledger import ledger
from trucewatch.mission.run import run
from trucewatch.records.enrolment import Holder
from trucewatch.records.level import Level

if TYPE_CHECKING:
    from pathlib import Path

    from trucewatch.mission.clock import SimulatedClock
    from trucewatch.mission.home import Home

AMBER = Handling(level=Level.AMBER, compartment="hotline")


def file(folder: Path) -> Path:
    path = folder / NAME
    path.write_bytes(hotline())
    return path


def ingest_all(
    home: Home, sensor: str, files: list[Path], clock: SimulatedClock, handling: Handling | None
) -> None:
    assert all(each.new for each in ingest(home, sensor, files, clock=clock, handling=handling))


def words_of(home: Home) -> bytes:
    with Log.open(home.path) as log:
        return b"".join(log.object(e.object) + log.entry_bytes(i) for i, e in log.entries())


def test_settings_of_a_sensor_keep_its_files_confidential(
    home: Home, clock: SimulatedClock, tmp_path: Path
) -> None:
    text = home.settings.read_text()
    own = '\n[intake.news]\nlevel = "AMBER"\ncompartment = "hotline"\n'
    home.settings.write_text(text + own)
    make_compartment(home.path, "hotline")

    [taken] = ingest(home, "news", [file(tmp_path)], clock=clock)

    assert taken.accepted
    with Log.open(home.path) as log:
        entry = log.entry(taken.entry)
    assert (entry.level, entry.commit is not None) == (Level.AMBER, True)
    assert BEGIN.encode() not in words_of(home)
    assert quarantine(home)["file"].to_list() == [NAME]


def test_a_signed_file_above_clear_gives_away_neither_its_name_nor_its_hash(
    home: Home, clock: SimulatedClock, tmp_path: Path
) -> None:
    make_compartment(home.path, "hotline")
    key = Ed25519PrivateKey.from_private_bytes(bytes([7]) * 32)
    candidate = Candidate(
        kind=Holder.DEVICE,
        name="phone-1",
        key=key.public_key().public_bytes_raw(),
        sensor="news",
    )
    enrol(home, candidate, said=Said(by="A. Analyst", reason="new phone"), clock=clock)
    pem = tmp_path / "key.pem"
    pem.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    pem.chmod(0o600)
    path = file(tmp_path)
    signing = Signing(name="phone-1", sensor="news", key=pem, state=tmp_path / "chain")
    sign_file(path, signing, clock=clock)

    [taken] = ingest(home, "news", [path], clock=clock, handling=AMBER)
    [again] = ingest(home, "news", [path], clock=clock, handling=AMBER)

    assert taken.vouched is not None
    assert (taken.new, again.new, again.entry) == (True, False, taken.entry)
    with Log.open(home.path) as log:
        batches = [e for _, e in log.entries() if e.type == "statement/batch/v1"]
    assert [e.level for e in batches] == [Level.AMBER]
    assert NAME.encode() not in words_of(home)
    told = ledger(home)
    [device] = told.devices
    assert (device.device, device.files, device.highest, device.flags) == ("phone-1", 1, 1, ())
    assert verify(home.path, vkey=None).missing == ()


@pytest.mark.parametrize(
    ("level", "compartment", "problem"),
    [
        ("amber", "hotline", "expected one of CLEAR"),
        ("AMBER", "", "expected one above CLEAR"),
        ("CLEAR", "hotline", "none at CLEAR"),
        ("", "hotline", "expected one of CLEAR"),
    ],
)
def test_refuses_a_level_that_does_not_go_with_its_compartment(
    level: str, compartment: str, problem: str
) -> None:
    with pytest.raises(BadInput, match=problem):
        handling_of(level, compartment)


def test_says_nothing_of_levels_when_nobody_typed_one() -> None:
    assert handling_of("", "") is None
    assert handling_of("AMBER", "hotline") == AMBER


def test_the_public_gets_no_digest_that_rests_on_what_is_withheld(
    home: Home, clock: SimulatedClock, tmp_path: Path
) -> None:
    make_compartment(home.path, "hotline")
    ingest_all(home, "news", [file(tmp_path)], clock, AMBER)
    run(home, clock=clock)

    public = export(home, tmp_path / "open", level="public", clock=clock)
    whole = export(home, tmp_path / "whole", level="mission", clock=clock)

    with Log.open(home.path) as log:
        kinds = {index: entry.type for index, entry in log.entries()}
    [computed] = [index for index, kind in kinds.items() if kind == "statement/computed/v1"]
    assert public.withheld[computed] == "rests on entry 3, which is withheld"
    assert computed not in whole.withheld
    assert verify(public.path, vkey=None).missing == ()


def test_a_head_that_a_witness_showed_stops_every_writer_even_when_the_hold_is_gone(
    home: Home, clock: SimulatedClock, tmp_path: Path
) -> None:
    key = keys_of(home).log
    head = Checkpoint(origin=key.verifier.name, size=99, root=bytes(32))
    kept = home.path / "contradicting"
    kept.mkdir()
    (kept / "99-north.checkpoint").write_bytes(sign_checkpoint(head, key))

    with pytest.raises(LogRefused, match=r"99-north.checkpoint: is a head of size 99"):
        ingest_all(home, "news", [file(tmp_path)], clock, None)
