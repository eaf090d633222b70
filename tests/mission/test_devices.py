"""Devices, people and desk keys are admitted and withdrawn; a device signs what it sends."""

from __future__ import annotations

import json
import stat
import subprocess
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from tests.mission.samples import firms
from typer.testing import CliRunner

from trucewatch.cli.devices import desk_key_app, device_app, person_app
from trucewatch.errors import BadInput, BadMission, NotFound
from trucewatch.evidence.keys import public_pem
from trucewatch.evidence.log import Log
from trucewatch.evidence.statement import Subject, key_id, parse_envelope, sign_statement
from trucewatch.mission.configuration import keyring_of, opened_statements
from trucewatch.mission.devices import (
    Candidate,
    enrol,
    holdings,
    read_public,
    revoke,
)
from trucewatch.mission.ingest import ingest
from trucewatch.mission.linked import Said
from trucewatch.mission.on_device import Signed, Signing, make_key, sign_file
from trucewatch.records.batch_claim import SeenHead, read_batch_claim
from trucewatch.records.canonical import parse_canonical, sha256_hex
from trucewatch.records.enrolment import Holder

if TYPE_CHECKING:
    from pathlib import Path

    import typer

    from trucewatch.mission.clock import SimulatedClock
    from trucewatch.mission.devices import Admitted
    from trucewatch.mission.home import Home
    from trucewatch.records.batch_claim import BatchClaim

SAID = Said(by="A. Analyst", reason="new camera")
CAM = (Holder.DEVICE, "cam-1")


def key(number: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)


def public(number: int) -> bytes:
    return key(number).public_key().public_bytes_raw()


def pem_file(path: Path, number: int) -> Path:
    path.write_bytes(key(number).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    path.chmod(0o600)
    return path


def camera(number: int = 1, name: str = "cam-1", sensor: str = "firms") -> Candidate:
    return Candidate(kind=Holder.DEVICE, name=name, key=public(number), sensor=sensor)


def admitted(home: Home, clock: SimulatedClock, candidate: Candidate) -> Admitted:
    return enrol(home, candidate, said=SAID, clock=clock)


def test_an_enrolled_device_is_in_the_log_with_who_and_why(
    home: Home, clock: SimulatedClock
) -> None:
    done = admitted(home, clock, camera())

    [held] = holdings(home, [Holder.DEVICE])
    assert (held.name, held.sensor, held.may) == ("cam-1", "firms", ("batch/v1",))
    assert (held.entry, held.withdrawn) == (done.entry, None)
    assert (held.by, held.reason) == ("A. Analyst", "new camera")
    assert (held.keyid, held.ed25519) == (key_id(public(1)), public(1).hex())
    with Log.open(home.path) as log:
        assert key_id(public(1)) in keyring_of(log, log.size).good


def test_a_person_may_sign_what_was_named(home: Home, clock: SimulatedClock) -> None:
    person = Candidate(kind=Holder.PERSON, name="p-7", key=public(1), may=("custody/v1",))

    admitted(home, clock, person)

    [held] = holdings(home, [Holder.PERSON])
    assert (held.name, held.sensor, held.may) == ("p-7", "", ("custody/v1",))


def test_a_withdrawn_device_keeps_its_line_with_who_and_why(
    home: Home, clock: SimulatedClock
) -> None:
    admitted(home, clock, camera())
    stolen = Said(by="B. Chief", reason="stolen")

    done = revoke(home, CAM, said=stolen, clock=clock, since=clock.now())

    [held] = holdings(home, [Holder.DEVICE])
    assert (held.withdrawn, held.since) == (done.entry, clock.now())
    assert (held.by, held.reason) == ("B. Chief", "stolen")


def test_a_key_is_admitted_once(home: Home, clock: SimulatedClock) -> None:
    admitted(home, clock, camera())

    with pytest.raises(BadInput, match=f"cam-2: key {key_id(public(1))} was admitted before"):
        admitted(home, clock, camera(name="cam-2"))

    revoke(home, CAM, said=SAID, clock=clock)
    with pytest.raises(BadInput, match=r"cam-1: key .* was admitted before"):
        admitted(home, clock, camera())


def test_a_name_belongs_to_one_kind_and_sensor(home: Home, clock: SimulatedClock) -> None:
    admitted(home, clock, camera())

    with pytest.raises(BadInput, match="cam-1: is a device with sensor firms since entry 3"):
        admitted(home, clock, camera(2, sensor="news"))
    admitted(home, clock, camera(2))
    with pytest.raises(BadInput, match=r"cam-1: has 2 keys: .*, .*; expected --key with one"):
        revoke(home, CAM, said=SAID, clock=clock)
    assert revoke(home, CAM, said=SAID, clock=clock, key=public(1)).keyid == key_id(public(1))


REFUSED = [
    (camera(name="Cam 1"), "Cam 1: name is 'Cam 1', must be small letters"),
    (camera(sensor="none"), "none"),
    (
        Candidate(kind=Holder.PERSON, name="p", key=public(1), may=("enrolled/v1",)),
        "p: person may sign enrolled/v1, expected",
    ),
    (
        Candidate(kind=Holder.DEVICE, name="cam", key=bytes(32), sensor="firms"),
        "cam: key 0000.* has small order",
    ),
]


@pytest.mark.parametrize(("candidate", "problem"), REFUSED)
def test_what_the_log_could_not_read_back_is_not_sealed(
    home: Home, clock: SimulatedClock, candidate: Candidate, problem: str
) -> None:
    with pytest.raises((BadInput, NotFound), match=problem):
        admitted(home, clock, candidate)

    with Log.open(home.path) as log:
        assert log.size == 3


def test_only_what_is_good_can_be_withdrawn(home: Home, clock: SimulatedClock) -> None:
    with pytest.raises(NotFound, match="cam-1: is no device with this key or any"):
        revoke(home, CAM, said=SAID, clock=clock)


def test_the_desk_cannot_withdraw_the_key_that_it_signs_with(
    home: Home, clock: SimulatedClock
) -> None:
    with pytest.raises(BadInput, match=r"desk: is the key in keys/desk\.pem"):
        revoke(home, (Holder.DESK, "desk"), said=SAID, clock=clock)


def test_desk_keys_rotate_and_each_signs_in_its_interval(home: Home, clock: SimulatedClock) -> None:
    old = home.path / "keys" / "desk.pem"
    admitted(home, clock, Candidate(kind=Holder.DESK, name="desk-2", key=public(2)))
    kept = old.read_bytes()

    pem_file(old, 2)
    revoke(home, (Holder.DESK, "desk"), said=SAID, clock=clock)
    admitted(home, clock, camera())

    assert [(each.name, each.withdrawn) for each in holdings(home, [Holder.DESK])] == [
        ("desk", 4),
        ("desk-2", None),
    ]
    with Log.open(home.path) as log:
        _, found = opened_statements(log, log.size, {"statement/enrolled/v1"})
        assert [each.keyid == key_id(public(2)) for _, each in found] == [False, True, True]
    old.write_bytes(kept)
    with pytest.raises(BadMission, match=r"keys/desk.pem: key is .*, expected"):
        admitted(home, clock, camera(3, name="cam-3"))


def test_a_public_key_is_hex_or_pem(tmp_path: Path) -> None:
    path = tmp_path / "cam.pub.pem"
    path.write_bytes(public_pem(key(1).public_key()))

    assert read_public(str(path)) == read_public(public(1).hex()) == public(1)


def test_refuses_what_is_no_public_key(tmp_path: Path) -> None:
    private = pem_file(tmp_path / "cam.pem", 1)
    (tmp_path / "text.pem").write_text("no key")
    other = X25519PrivateKey.generate().public_key()
    pem = other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "other.pem").write_bytes(pem)

    with pytest.raises(BadInput, match=r"cam\.pem: is a private key, expected the public one"):
        read_public(str(private))
    with pytest.raises(BadInput, match=r"text\.pem: is no PEM"):
        read_public(str(tmp_path / "text.pem"))
    with pytest.raises(BadInput, match="key is X25519PublicKey, expected Ed25519"):
        read_public(str(tmp_path / "other.pem"))
    with pytest.raises(BadInput, match="nowhere: No such file or directory"):
        read_public("nowhere")


@pytest.fixture
def signing(tmp_path: Path) -> Signing:
    return Signing(
        key=pem_file(tmp_path / "cam.pem", 1),
        name="cam-1",
        sensor="firms",
        state=tmp_path / "chain",
    )


def sent(inbox: Path, name: str, signing: Signing, clock: SimulatedClock) -> Signed:
    return sign_file(inbox / name, signing, clock=clock)


def claim_in(path: Path) -> BatchClaim:
    payload = parse_canonical(parse_envelope(path.read_bytes(), where="t").payload, where="t")
    predicate = payload["predicate"]
    assert isinstance(predicate, dict)
    return read_batch_claim(predicate, entry=0)


def test_a_key_pair_is_made_once_and_kept_to_its_owner(tmp_path: Path) -> None:
    made = make_key(tmp_path / "cam.pem")

    assert stat.S_IMODE(made.private.stat().st_mode) == 0o600
    assert read_public(str(made.public)).hex() == made.ed25519
    with pytest.raises(BadMission, match=r"cam\.pem: is there already"):
        make_key(tmp_path / "cam.pem")


def test_each_file_names_the_envelope_before_it(
    inbox: Path, signing: Signing, clock: SimulatedClock
) -> None:
    first = sent(inbox, "firms-26.csv", signing, clock)
    second = sent(inbox, "firms-27.csv", signing, clock)

    assert (first.sequence, second.sequence) == (1, 2)
    assert claim_in(first.beside).previous is None
    assert claim_in(second.beside).previous == sha256_hex(first.beside.read_bytes())
    assert signing.state.read_bytes() == second.beside.read_bytes()


def test_signing_the_newest_file_again_hands_out_the_same_envelope(
    inbox: Path, signing: Signing, clock: SimulatedClock
) -> None:
    first = sent(inbox, "firms-26.csv", signing, clock)
    envelope = first.beside.read_bytes()
    first.beside.unlink()  # as when power went between the chain and the envelope

    again = sent(inbox, "firms-26.csv", signing, clock)

    assert (again.sequence, again.again) == (1, True)
    assert again.beside.read_bytes() == envelope


def test_a_file_is_signed_once(inbox: Path, signing: Signing, clock: SimulatedClock) -> None:
    sent(inbox, "firms-26.csv", signing, clock)
    sent(inbox, "firms-27.csv", signing, clock)
    state = signing.state.read_bytes()

    with pytest.raises(BadInput, match=r"firms-26.csv.batch: is there already, expected none"):
        sent(inbox, "firms-26.csv", signing, clock)

    assert signing.state.read_bytes() == state


def test_a_chain_belongs_to_one_device(
    inbox: Path, tmp_path: Path, signing: Signing, clock: SimulatedClock
) -> None:
    sent(inbox, "firms-26.csv", signing, clock)
    other = Signing(key=signing.key, name="cam-2", sensor="firms", state=signing.state)

    with pytest.raises(
        BadInput, match="chain: is the chain of cam-1, sensor firms, expected cam-2"
    ):
        sent(inbox, "firms-27.csv", other, clock)
    (tmp_path / "chain").write_bytes(b"{}")
    with pytest.raises(BadInput, match="chain: envelope has other than one signature"):
        sent(inbox, "firms-27.csv", signing, clock)
    subjects = [Subject(name=name, sha256="ab" * 32) for name in ("a", "b")]
    signing.state.write_bytes(sign_statement("batch/v1", subjects, {}, key=key(1)))
    with pytest.raises(BadInput, match="chain: is no envelope of a file, expected the one that"):
        sent(inbox, "firms-27.csv", signing, clock)


def test_a_device_says_which_head_it_was_shown(
    home: Home, inbox: Path, signing: Signing, clock: SimulatedClock
) -> None:
    shown = Signing(
        key=signing.key,
        name="cam-1",
        sensor="firms",
        state=signing.state,
        seen=home.path / "log" / "checkpoint",
    )

    signed = sent(inbox, "firms-26.csv", shown, clock)

    with Log.open(home.path) as log:
        head = SeenHead(origin=log.origin, size=3, root=log.root(3).hex())
    assert claim_in(signed.beside).seen == head


def test_what_cannot_be_signed_is_said(
    inbox: Path, tmp_path: Path, signing: Signing, clock: SimulatedClock
) -> None:
    with pytest.raises(BadInput, match=r"none\.csv: No such file or directory, expected a file"):
        sent(inbox, "none.csv", signing, clock)
    lost = Signing(key=signing.key, name="cam-1", sensor="firms", state=tmp_path / "no" / "chain")
    with pytest.raises(BadInput, match="chain: No such file or directory, expected a place"):
        sent(inbox, "firms-26.csv", lost, clock)
    (tmp_path / "firms-26.csv.batch").mkdir()
    (tmp_path / "firms-26.csv").write_bytes(b"x")
    with pytest.raises(BadInput, match=r"firms-26\.csv\.batch: Is a directory, expected a file"):
        sent(tmp_path, "firms-26.csv", signing, clock)
    blind = Signing(
        key=signing.key, name="cam-1", sensor="firms", state=signing.state, seen=tmp_path / "head"
    )
    with pytest.raises(BadInput, match="head: no such file, expected a checkpoint"):
        sent(inbox, "firms-26.csv", blind, clock)


def test_a_further_key_goes_on_with_the_chain_of_the_device(
    home: Home, inbox: Path, tmp_path: Path, signing: Signing, clock: SimulatedClock
) -> None:
    admitted(home, clock, camera(1))
    sent(inbox, "firms-26.csv", signing, clock)
    list(ingest(home, "firms", [inbox / "firms-26.csv"], clock=clock))
    admitted(home, clock, camera(2))
    revoke(home, CAM, said=SAID, clock=clock, key=public(1))
    renewed = Signing(
        key=pem_file(tmp_path / "new.pem", 2), name="cam-1", sensor="firms", state=signing.state
    )

    signed = sent(inbox, "firms-27.csv", renewed, clock)
    [intake] = ingest(home, "firms", [inbox / "firms-27.csv"], clock=clock)

    assert intake.vouched is not None
    assert (signed.sequence, intake.vouched.sequence, intake.vouched.problem) == (2, 2, "")


def verified_by_openssl(folder: Path) -> subprocess.CompletedProcess[str]:
    command = "openssl pkeyutl -verify -pubin -inkey pub.pem -rawin -in pae -sigfile sig"
    return subprocess.run(  # noqa: S603 - a fixed program on our own files
        command.split(), cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.mark.system
def test_openssl_verifies_what_a_device_signed(
    inbox: Path, tmp_path: Path, signing: Signing, clock: SimulatedClock
) -> None:
    signed = sent(inbox, "firms-26.csv", signing, clock)
    envelope = parse_envelope(signed.beside.read_bytes(), where="t")
    (tmp_path / "pae").write_bytes(envelope.pae)
    (tmp_path / "sig").write_bytes(envelope.signature)
    (tmp_path / "pub.pem").write_bytes(public_pem(key(1).public_key()))
    good = verified_by_openssl(tmp_path)
    (tmp_path / "pae").write_bytes(envelope.pae.replace(b"cam-1", b"cam-2"))
    bad = verified_by_openssl(tmp_path)

    assert "Signature Verified Successfully" in good.stdout
    assert bad.returncode != 0
    assert sha256_hex(firms(day=26)) in envelope.payload.decode()


# The command line


def tw(group: typer.Typer, *arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(group, [str(each) for each in arguments], catch_exceptions=False)
    return done.exit_code, done.output


BY = ("--by", "A. Analyst", "--reason", "test")


def test_a_device_is_enrolled_signs_and_is_withdrawn_from_the_command_line(
    home: Home, inbox: Path, tmp_path: Path
) -> None:
    path, pem = inbox / "firms-26.csv", tmp_path / "cam.pem"
    signs = ("--key", pem, "--name", "cam-1", "--sensor", "firms", "--chain", tmp_path / "chain")

    _, made = tw(device_app, "key", pem)
    public_ = tmp_path / "cam.pub.pem"
    _, sealed = tw(
        device_app, "enrol", home.path, "cam-1", "--sensor", "firms", "--key", public_, *BY
    )
    _, signed = tw(device_app, "sign", path, *signs)
    _, again = tw(device_app, "sign", path, *signs)
    _, gone = tw(device_app, "revoke", home.path, "cam-1", *BY, "--since", "2026-07-01T00:00Z")
    _, listed = tw(device_app, "list", home.path)

    assert f"public   {public_}" in made
    assert "Sealed: entry 3, enrolled device cam-1, key " in sealed
    assert f"{path}.batch: number 1 of cam-1, the first of a new chain" in signed
    assert "signed before, handed out again" in again
    assert "Sealed: entry 4, revoked device cam-1, key " in gone
    assert "cam-1  withdrawn by entry 4" in listed
    assert "since    2026-07-01 00:00:00Z not trusted" in listed


def test_people_and_desk_keys_have_their_own_verbs(home: Home) -> None:
    _, person = tw(
        person_app, "enrol", home.path, "p-7", "--may", "seated/v1,custody/v1",
        "--key", public(1).hex(), *BY,
    )  # fmt: skip
    _, desk = tw(desk_key_app, "enrol", home.path, "desk-2", "--key", public(2).hex(), *BY)
    _, people = tw(person_app, "list", home.path)
    _, desks = tw(desk_key_app, "list", home.path)
    tw(person_app, "revoke", home.path, "p-7", *BY, "--key", public(1).hex())
    tw(desk_key_app, "revoke", home.path, "desk-2", *BY)
    _, none = tw(device_app, "list", home.path)

    assert "entry 3, enrolled person p-7" in person
    assert "entry 4, enrolled desk desk-2" in desk
    assert "may      custody/v1, seated/v1" in people
    assert "may      everything but batches" in desks
    assert none == "No key of a device was ever admitted\n"
    _, listed = tw(person_app, "list", home.path, "--json")
    assert [each["withdrawn"] for each in json.loads(listed)] == [5]


def test_every_verb_prints_json(home: Home, inbox: Path, tmp_path: Path) -> None:
    pem, path = tmp_path / "cam.pem", inbox / "firms-26.csv"
    chain = ("--name", "cam-1", "--sensor", "firms", "--chain", tmp_path / "chain", "--json")

    _, made = tw(device_app, "key", pem, "--json")
    hex_ = json.loads(made)["ed25519"]
    enrolling = ("enrol", home.path, "cam-1", "--sensor", "firms", "--key", hex_, *BY, "--json")
    _, sealed = tw(device_app, *enrolling)
    _, signed = tw(device_app, "sign", path, "--key", pem, *chain)

    assert json.loads(sealed)["keyid"] == json.loads(made)["keyid"]
    assert (json.loads(signed)["sequence"], json.loads(signed)["again"]) == (1, False)
