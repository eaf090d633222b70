"""Exhibits and their custody: who had what, signed act by act, and the original never touched."""

from __future__ import annotations

import io
import shutil
import stat
import struct
import subprocess
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from PIL import ExifTags, Image, TiffImagePlugin
from tests.mission.samples import NOW

from trucewatch.errors import BadInput, BadMission, EvidenceBroken, NotFound
from trucewatch.evidence.entry import STATEMENT_PREFIX
from trucewatch.evidence.keys import public_pem
from trucewatch.evidence.log import Log
from trucewatch.evidence.sequencer import NewObject
from trucewatch.evidence.statement import (
    ASSERTED,
    CUSTODY,
    ENROLLED,
    Subject,
    key_id,
    parse_envelope,
    sign_statement,
)
from trucewatch.evidence.vault.compartment import make_compartment
from trucewatch.mission import custody, exhibit
from trucewatch.mission.chain import assertions, chain, resolved
from trucewatch.mission.check import verify
from trucewatch.mission.clock import SimulatedClock
from trucewatch.mission.custody import Actor, Deed, expect_other_basis, seal_act
from trucewatch.mission.exhibit import Taken, Tool
from trucewatch.mission.home import Home
from trucewatch.mission.init import Plan, create
from trucewatch.mission.linked import Said
from trucewatch.mission.opened import writing
from trucewatch.mission.projection import expect_known, input_size
from trucewatch.records.assertion import Assertion
from trucewatch.records.custody import Act
from trucewatch.records.exculpatory import Exculpatory
from trucewatch.records.level import Level

if TYPE_CHECKING:
    from pathlib import Path

SAID = Said(by="P. Patrol", reason="a complaint by the village")
TAKEN = Taken(place="Pelven", method="handed over")
GPS = 987_654_321
CANARIES = (b"CANARY-MAKE", b"CANARY-SERIAL", b"CANARY-GPS", b"CANARY-XMP", b"CANARY-COMMENT")
HEX = "ab" * 32


def photo() -> bytes:
    """A photograph in which the camera wrote where it was and who it is, in five places."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "CANARY-MAKE"
    exif[ExifTags.Base.BodySerialNumber] = "CANARY-SERIAL"
    place = exif.get_ifd(ExifTags.IFD.GPSInfo)
    seconds = TiffImagePlugin.IFDRational(GPS, 100_000_000)
    place[ExifTags.GPS.GPSLatitudeRef] = "N"
    place[ExifTags.GPS.GPSLatitude] = (48.0, 30.0, seconds)
    place[ExifTags.GPS.GPSProcessingMethod] = b"CANARY-GPS"
    held = io.BytesIO()
    picture = Image.linear_gradient("L").resize((64, 48))
    picture.save(held, "JPEG", exif=exif, xmp=b"<x>CANARY-XMP</x>", comment=b"CANARY-COMMENT")
    return held.getvalue()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A mission with three people who may act, one of them on the chain of custody not."""
    folder = tmp_path_factory.mktemp("built")
    home = Home(folder / "mission")
    create(home.path, clock=SimulatedClock(NOW), plan=Plan(seed=bytes(32)))
    for number, (name, may) in enumerate(
        {"o.ivanova": CUSTODY, "p.petrov": CUSTODY, "q.quist": ASSERTED}.items(), 1
    ):
        key = Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        path = home.path / f"{name}.pem"
        path.touch(mode=0o600)
        path.write_bytes(pem)
        enrol(home, name, key, may)
    make_compartment(home.path, "hotline")
    return home.path


def enrol(home: Home, name: str, key: Ed25519PrivateKey, may: str) -> None:
    public = key.public_key().public_bytes_raw()
    said = {
        "act": "enrolled",
        "by": "the desk",
        "ed25519": public.hex(),
        "keyid": key_id(public),
        "kind": "person",
        "may": [may],
        "name": name,
        "reason": "to receive exhibits",
        "sensor": None,
        "since": None,
    }
    subject = Subject(name="key", sha256=key_id(public))
    with writing(home, SimulatedClock(NOW)) as writer:
        statement = sign_statement(ENROLLED, [subject], said, key=writer.keys.desk)
        item = NewObject(type=STATEMENT_PREFIX + ENROLLED, data=statement)
        writer.log.append([item], now=NOW)


@pytest.fixture
def home(built: Path, tmp_path: Path) -> Home:
    return Home(shutil.copytree(built, tmp_path / "mission"))


@pytest.fixture
def desk(clock: SimulatedClock) -> Actor:
    return Actor(said=SAID, clock=clock)


def as_person(home: Home, desk: Actor, name: str) -> Actor:
    said = Said(by=name, reason="to examine it")
    return replace(desk, said=said, key=home.path / f"{name}.pem")


@pytest.fixture
def picture(home: Home, desk: Actor, tmp_path: Path) -> str:
    """A photograph that was collected, by its hash."""
    (tmp_path / "photo.jpg").write_bytes(photo())
    [placed] = exhibit.collect(home, [tmp_path / "photo.jpg"], TAKEN, actor=desk)
    return placed.object


def size_of(home: Home) -> int:
    with Log.open(home.path) as log:
        return log.size


def content(home: Home, object_: str) -> bytes:
    with Log.open(home.path) as log:
        return log.object(object_)


def acts_of(home: Home, object_: str) -> list[tuple[str, str]]:
    """What was done with an object that somebody signed for, and who had it then."""
    return [(s.act, s.custodian) for s in chain(home, object_).steps if s.acted is not None]


def test_exhibits_are_sealed_with_who_collected_them_where(
    home: Home, desk: Actor, tmp_path: Path
) -> None:
    for name in ("letter.txt", "tape.raw"):
        (tmp_path / name).write_text(name)
    at = NOW.replace(hour=7)

    letter, tape = exhibit.collect(
        home,
        [tmp_path / "letter.txt", tmp_path / "tape.raw"],
        replace(TAKEN, at=at),
        actor=desk,
    )

    assert (letter.entry + 1, letter.name, letter.statement) == (
        tape.entry, "letter.txt", tape.entry + 1,
    )  # fmt: skip
    found = chain(home, letter.object)
    assert [(s.act, s.entry) for s in found.steps] == [
        ("received", letter.entry), ("sealed", letter.entry), ("collected", letter.statement),
    ]  # fmt: skip
    acted = found.steps[-1].acted
    assert acted is not None
    assert (acted.custody.at, found.steps[-1].logged_at) == (at, NOW)
    assert acted.custody.detail == {"method": "handed over", "place": "Pelven"}
    assert {s.sha256 for s in acted.subjects} == {letter.object, tape.object}
    assert found.sealed[letter.entry].type == "exhibit/v1"
    assert (found.custodian, content(home, letter.object)) == ("desk", b"letter.txt")


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("empty", "empty: is empty, expected a file with content"),
        ("folder", "folder: is no file, expected a file with content"),
        ("missing", "missing: is no file, expected a file with content"),
        ("twice", "collected: names an object twice, expected each once"),
    ],
)
def test_what_is_no_exhibit_is_refused_and_nothing_sealed(
    home: Home, desk: Actor, tmp_path: Path, name: str, problem: str
) -> None:
    for text in ("good", "twice"):
        (tmp_path / text).write_text("good")
    (tmp_path / "empty").touch()
    (tmp_path / "folder").mkdir()
    before = size_of(home)

    with pytest.raises(BadInput, match=problem):
        exhibit.collect(home, [tmp_path / "good", tmp_path / name], TAKEN, actor=desk)

    assert size_of(home) == before


def test_the_same_exhibit_is_collected_once(
    home: Home, desk: Actor, picture: str, tmp_path: Path
) -> None:
    assert picture
    with pytest.raises(BadInput, match=r"collected: collected of object .{12} after collected, ex"):
        exhibit.collect(home, [tmp_path / "photo.jpg"], TAKEN, actor=desk)


def test_a_copy_is_read_only_named_as_one_and_sealed_first(
    home: Home, desk: Actor, picture: str, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()

    done = exhibit.open_copy(home, picture[:12], folder, actor=desk)
    other = exhibit.open_copy(home, picture, folder / "for-print.jpg", actor=desk)

    path = folder / f"COPY-{picture[:12]}-photo.jpg"
    assert (done.name, path.read_bytes()) == (str(path), photo())
    assert stat.S_IMODE(path.stat().st_mode) == 0o440
    assert other.name == str(folder / f"COPY-{picture[:12]}-for-print.jpg")
    assert acts_of(home, picture)[1] == ("opened", "desk")
    with pytest.raises(
        BadInput, match=r"photo.jpg: is there already, expected a new file in a fold"
    ):
        exhibit.open_copy(home, picture, folder, actor=desk)
    with pytest.raises(BadInput, match="name: No such file or directory, expected a folder for"):
        exhibit.open_copy(home, picture, tmp_path / "none" / "name", actor=desk)
    with pytest.raises(BadInput, match=r"a.jpg: has no folder, expected a new file in a folder"):
        exhibit.open_copy(home, picture, tmp_path / "none" / "a.jpg", actor=desk)


def test_a_name_without_a_suffix_is_a_folder_that_is_made(
    home: Home, desk: Actor, picture: str, tmp_path: Path
) -> None:
    done = exhibit.open_copy(home, picture, tmp_path / "desk", actor=desk)

    assert done.name == str(tmp_path / "desk" / f"COPY-{picture[:12]}-photo.jpg")
    assert (tmp_path / "desk" / f"COPY-{picture[:12]}-photo.jpg").read_bytes() == photo()


def test_a_copy_that_cannot_be_written_was_opened_all_the_same(
    home: Home, desk: Actor, picture: str, tmp_path: Path
) -> None:
    before = size_of(home)

    with pytest.raises(BadInput, match="File name too long, expected a place") as refused:
        exhibit.open_copy(home, picture, tmp_path / ("x" * 246 + ".jpg"), actor=desk)

    assert refused.value.advice == "The log says already: opened."
    assert size_of(home) == before + 1


def test_a_transfer_needs_two_signatures_by_two_people(
    home: Home, desk: Actor, picture: str, tmp_path: Path
) -> None:
    ivanova, petrov = (as_person(home, desk, name) for name in ("o.ivanova", "p.petrov"))
    offered = custody.offer(home, [picture], "o.ivanova", actor=desk)
    before = size_of(home)

    for wrong, signer in ((desk, "desk"), (petrov, "p.petrov")):
        problem = f"accepted: accepted of object .* is signed by {signer}, expected o.ivanova"
        with pytest.raises(BadInput, match=problem):
            custody.accept(home, offered.index, actor=wrong)
    assert (size_of(home), chain(home, picture).custodian) == (before, "desk")
    custody.accept(home, offered.index, actor=ivanova)

    assert chain(home, picture).custodian == "o.ivanova"
    with pytest.raises(BadInput, match=r"opened: opened of .* by desk, expected o.ivanova"):
        exhibit.open_copy(home, picture, tmp_path, actor=desk)
    with pytest.raises(BadInput, match=f"accepts offer {offered.index}, expected one that is open"):
        custody.accept(home, offered.index, actor=ivanova)
    back = custody.offer(home, [picture], "desk", actor=ivanova)
    custody.accept(home, back.index, actor=desk)
    assert acts_of(home, picture) == [
        ("collected", "desk"), ("offered", "desk"), ("accepted", "o.ivanova"),
        ("offered", "o.ivanova"), ("accepted", "desk"),
    ]  # fmt: skip


def test_nobody_signs_without_the_right_to(
    home: Home, desk: Actor, picture: str, tmp_path: Path
) -> None:
    before = size_of(home)
    stranger = Ed25519PrivateKey.from_private_bytes(bytes([9]) * 32)
    path = tmp_path / "stranger.pem"
    path.touch(mode=0o600)
    path.write_bytes(stranger.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))

    with pytest.raises(
        BadInput, match=r"custody/v1 is signed by person q.quist, which may sign ass"
    ):
        custody.offer(home, [picture], "p.petrov", actor=as_person(home, desk, "q.quist"))
    with pytest.raises(
        BadInput, match=r"stranger.pem: signed by key .*, expected one that was adm"
    ):
        custody.offer(home, [picture], "p.petrov", actor=replace(desk, key=path))
    with pytest.raises(BadInput, match=r"opened: signed by key .*, expected one of "):
        exhibit.open_copy(home, picture, tmp_path, actor=replace(desk, key=path))
    with pytest.raises(
        BadInput, match=r"exculpatory/v1: exculpatory/v1 is signed by person q.quist"
    ):
        exhibit.exculpatory(
            home,
            [picture],
            Exculpatory(party="ALPHA", reason="shows the depot", by="Q", entry=0),
            actor=as_person(home, desk, "q.quist"),
        )

    assert size_of(home) == before


def test_openssl_verifies_every_act(home: Home, desk: Actor, picture: str, tmp_path: Path) -> None:
    make_every_act(home, desk, picture, tmp_path)

    found: dict[str, int] = {}
    with Log.open(home.path) as log:
        for index, entry in log.entries():
            if entry.type == STATEMENT_PREFIX + CUSTODY:
                act = verified_by_openssl(home, log.object(entry.object), tmp_path / str(index))
                found[act] = found.get(act, 0) + 1

    assert found.keys() == {str(act) for act in Act}


def test_the_log_verifies_with_every_act_in_it(
    home: Home, desk: Actor, picture: str, tmp_path: Path
) -> None:
    make_every_act(home, desk, picture, tmp_path)

    found = {check.name: check.found for check in verify(home.path, vkey=None).checks}

    assert found["Custody has no gap"] == "13 acts on 3 objects, 1 erased"


def make_every_act(home: Home, desk: Actor, picture: str, tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("a letter")
    secret = replace(TAKEN, level=Level.AMBER, compartment="hotline")
    [placed] = exhibit.collect(home, [letter], secret, actor=desk)
    for act in (Act.RECEIVED, Act.SEALED):
        custody.record(home, act, [placed.object], actor=desk, detail={}, at=NOW.replace(hour=8))
    exhibit.open_copy(home, picture, tmp_path, actor=desk)
    custody.record(home, Act.COPIED, [picture], actor=desk, detail={"to": "the commission"})
    (tmp_path / "crop.jpg").write_bytes(b"a crop")
    tool = Tool(name="crop", version="2", parameters="10,10,20,20")
    exhibit.derive(home, picture, tmp_path / "crop.jpg", tool, actor=desk)
    offered = custody.offer(home, [picture], "o.ivanova", actor=desk)
    custody.accept(home, offered.index, actor=as_person(home, desk, "o.ivanova"))
    custody.record(home, Act.VERIFIED, [picture], actor=desk, detail={"outcome": "hash agrees"})
    custody.record(home, Act.WITHHELD, [picture], actor=desk, detail={"from": "the public"})
    with writing(home, desk.clock) as writer:
        given = {"level": "mission", "manifest": HEX, "to": "the commission"}
        seal_act(writer, "exported", [picture], by="A", reason="asked for", detail=given)
        seal_act(writer, "erased", [placed.object], by="A", reason="asked for", detail={})


def verified_by_openssl(home: Home, sealed: bytes, folder: Path) -> str:
    """Have stock openssl check a statement; return the act that its plain JSON names."""
    envelope = parse_envelope(sealed, where="test")
    keys = {"desk": home.path / "keys" / "desk.pem", "person": home.path / "o.ivanova.pem"}
    folder.mkdir()
    (folder / "pae").write_bytes(envelope.pae)
    (folder / "sig").write_bytes(envelope.signature)
    said = []
    for name, path in keys.items():
        key = custody.Actor(said=SAID, clock=SimulatedClock(NOW), key=path).private()
        assert key is not None
        if key_id(key.public_key().public_bytes_raw()) == envelope.keyid:
            (folder / "key.pem").write_bytes(public_pem(key.public_key()))
            said.append(name)
    command = "openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in pae -sigfile sig"
    done = subprocess.run(  # noqa: S603 - a fixed program on our own files
        command.split(), cwd=folder, capture_output=True, text=True, check=False
    )
    assert "Signature Verified Successfully" in done.stdout
    act = str(envelope.payload).split('"act":"')[1].split('"')[0]
    assert said == ["person" if act == "accepted" else "desk"]
    return act


def test_what_the_camera_wrote_stays_in_the_original_alone(
    home: Home, desk: Actor, picture: str
) -> None:
    before = content(home, picture)
    place = struct.pack(">I", GPS), struct.pack("<I", GPS)

    copy = exhibit.strip(home, picture, actor=desk)

    stripped = content(home, copy.object)
    assert all(canary in before for canary in CANARIES)
    assert any(packed in before for packed in place)
    assert not [c for c in (*CANARIES, *place) if c in stripped]
    assert content(home, picture) == before == photo()
    with Image.open(io.BytesIO(stripped)) as image:
        assert (image.size, image.format, dict(image.getexif())) == ((64, 48), "JPEG", {})
    acted = chain(home, copy.object).steps[-1].acted
    assert acted is not None
    assert (acted.custody.detail["parent"], acted.custody.detail["tool"]) == (
        picture, "trucewatch strip",
    )  # fmt: skip
    assert chain(home, picture).steps[-1].acted == acted
    with pytest.raises(BadInput, match=r"derived: working copy .* was derived or used by entry"):
        exhibit.strip(home, picture, actor=desk)


def test_a_copy_of_a_confidential_exhibit_is_as_confidential(
    home: Home, desk: Actor, tmp_path: Path
) -> None:
    (tmp_path / "photo.jpg").write_bytes(photo())
    (tmp_path / "crop.jpg").write_bytes(b"CANARY-CROP")
    secret = replace(TAKEN, level=Level.RED, compartment="hotline")

    [placed] = exhibit.collect(home, [tmp_path / "photo.jpg"], secret, actor=desk)
    tool = Tool(name="crop", version="2", parameters="10,10,20,20")
    copy = exhibit.derive(home, placed.object, tmp_path / "crop.jpg", tool, actor=desk)
    opened = exhibit.open_copy(home, copy.object, tmp_path / "a.jpg", actor=desk)

    assert CANARIES[0] not in content(home, placed.object)
    assert b"CANARY-CROP" not in content(home, copy.object)
    assert [e.level for e in chain(home, copy.object).sealed.values()] == [Level.RED]
    with open(opened.name, "rb") as file:  # noqa: PTH123 - the path as it is printed
        assert file.read() == b"CANARY-CROP"
    with pytest.raises(BadInput, match="level: is CLEAR in compartment hotline, expected a level"):
        exhibit.collect(
            home, [tmp_path / "crop.jpg"], replace(secret, level=Level.CLEAR), actor=desk
        )


def test_a_working_copy_has_other_bytes_and_one_parent(
    home: Home, desk: Actor, picture: str, tmp_path: Path
) -> None:
    before = size_of(home)
    tool = Tool(name="crop", version="2", parameters="none")

    with pytest.raises(BadInput, match=r"photo.jpg: has the original's own bytes, expected other"):
        exhibit.derive(home, picture, tmp_path / "photo.jpg", tool, actor=desk)
    (tmp_path / "crop.jpg").write_bytes(b"a crop")
    with pytest.raises(BadInput, match="version: is '', expected text on one line"):
        exhibit.derive(home, picture, tmp_path / "crop.jpg", replace(tool, version=""), actor=desk)

    assert size_of(home) == before


@pytest.mark.parametrize(
    ("act", "detail", "problem"),
    [
        ("lost", {}, "act: is 'lost', expected one of collected, received"),
        ("opened", {"to": "x"}, "opened: says to, expected"),
        ("copied", {"to": "two\nlines"}, r"to: is 'two\\nlines', expected text on one line"),
        ("erased", {}, "erased: erased of object .{12}, sealed at CLEAR for all to see"),
        ("accepted", {"from": "a", "to": "desk", "offer": "0"}, "accepts offer 0, expected one"),
    ],
)
def test_an_act_that_a_verifier_would_refuse_is_never_sealed(
    home: Home, desk: Actor, picture: str, act: str, detail: dict[str, str], problem: str
) -> None:
    before = size_of(home)

    with (
        writing(home, desk.clock) as writer,
        pytest.raises(BadInput, match=problem),
    ):
        seal_act(writer, act, [picture], by="A", reason="B", detail=detail)

    assert size_of(home) == before


def test_an_act_is_not_claimed_for_the_future(home: Home, desk: Actor, picture: str) -> None:
    with pytest.raises(BadInput, match=r"copied: copied is claimed for .*, must not be after"):
        custody.record(
            home,
            Act.COPIED,
            [picture],
            actor=desk,
            detail={"to": "them"},
            at=NOW.replace(year=2027),
        )


def test_an_act_that_was_sealed_behind_our_back_is_broken_evidence(
    home: Home, desk: Actor, picture: str
) -> None:
    deed = Deed(act=Act.OPENED, objects=(picture,), by="A", reason="B")
    with writing(home, desk.clock) as writer:
        key = as_person(home, desk, "o.ivanova").private()
        assert key is not None
        said = {"act": "opened", "at": "2026-07-10T12:00:00.000000Z", "by": deed.by,
                "detail": {}, "reason": deed.reason}  # fmt: skip
        subject = Subject(name="exhibit/v1", sha256=picture)
        statement = sign_statement(CUSTODY, [subject], said, key=key)
        item = NewObject(type=STATEMENT_PREFIX + CUSTODY, data=statement)
        [placed] = writer.log.append([item], now=NOW)

    with pytest.raises(EvidenceBroken, match=f"entry {placed.index}: opened of .* by o.ivanova"):
        chain(home, picture)


def test_an_assertion_is_marked_and_never_the_only_basis(
    home: Home, desk: Actor, picture: str, tmp_path: Path
) -> None:
    (tmp_path / "words.txt").write_text("our sources are certain")
    said = Assertion(
        provider="Ministry of Solvia",
        conclusion="the shot came from the north",
        held_by="its own archive",
        control="may be quoted, not shown",
        about_from=NOW,
        about_until=None,
        by="P. Patrol",
        entry=0,
    )

    words = exhibit.assertion(home, tmp_path / "words.txt", said, actor=desk)

    sealed = replace(said, entry=words.statement)
    assert chain(home, words.object).assertions == [sealed]
    (tmp_path / "short.txt").write_text("certain")
    tool = Tool(name="excerpt", version="1", parameters="the last word")
    copy = exhibit.derive(home, words.object, tmp_path / "short.txt", tool, actor=desk)
    with Log.open(home.path) as log:
        assert assertions(log, log.size) == {words.object: sealed}
        assert assertions(log, words.statement) == {}
        expect_other_basis(log, [words.object, picture])
        for alone in ([words.object], [copy.object], [words.object, copy.object], []):
            with pytest.raises(BadInput, match=r"responsibility: all .* are conclusions without"):
                expect_other_basis(log, alone)
    with pytest.raises(BadInput, match="statement: held_by is '', expected text on one line"):
        exhibit.assertion(home, tmp_path / "words.txt", replace(said, held_by=""), actor=desk)


def test_what_speaks_for_a_party_is_marked(home: Home, desk: Actor, picture: str) -> None:
    mark = Exculpatory(party="ALPHA", reason="shows the battery in its depot", by="A", entry=0)

    done = exhibit.exculpatory(home, [picture], mark, actor=desk)

    assert chain(home, picture).marks == [replace(mark, entry=done.index)]


def test_nobody_is_marked_for_whom_the_agreement_does_not_name(
    desk: Actor, tmp_path: Path, clock: SimulatedClock
) -> None:
    create(tmp_path / "M", clock=clock, plan=Plan(seed=bytes(32), agreement="demo-truce"))
    home, before = Home(tmp_path / "M"), size_of(Home(tmp_path / "M"))
    mark = Exculpatory(party="ALHPA", reason="a slip of the key", by="A", entry=0)

    with pytest.raises(BadInput, match="party: is 'ALHPA', expected one of ALPHA, BRAVO"):
        exhibit.exculpatory(home, ["0"], mark, actor=desk)

    assert size_of(home) == before


def test_an_object_is_named_by_an_entry_or_by_12_digits(home: Home, picture: str) -> None:
    with Log.open(home.path) as log:
        index = log.indices_of(picture)[0]

        assert {resolved(log, a) for a in (picture, picture[:12], str(index))} == {picture}
        for asked, problem in (
            (picture[:11], "is neither an entry nor 12 hex digits of an object"),
            ("0" * 12, "begins 0 objects of the log, expected one"),
            (HEX, "begins 0 objects of the log, expected one"),
            ("photo.jpg", "is neither an entry nor 12 hex digits of an object"),
            ("999", "entry 999 does not exist, must be 0 to"),
        ):
            with pytest.raises(NotFound, match=problem):
                resolved(log, asked)


def test_no_act_but_an_erasure_changes_a_run(
    home: Home, desk: Actor, picture: str, tmp_path: Path
) -> None:
    with Log.open(home.path) as log:
        before = input_size(log, log.size)

    make_every_act(home, desk, picture, tmp_path)

    with Log.open(home.path) as log:
        expect_known(log, log.size)
        assert input_size(log, log.size - 1) == before  # the last act erases: that does


def test_facts_are_told_as_claims_and_two_faces_named(
    home: Home, desk: Actor, tmp_path: Path
) -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as packed:
        packed.writestr("other.txt", "another face")
    (tmp_path / "both.jpg").write_bytes(photo() + held.getvalue())
    [both] = exhibit.collect(home, [tmp_path / "both.jpg"], TAKEN, actor=desk)

    found = exhibit.inspect(home, both.object)

    claimed = found.facts["image"]["claimed"]
    assert isinstance(claimed, dict)
    assert (found.kind, claimed["make"]) == ("jpeg", "CANARY-MAKE")
    assert claimed["lat_deg"] == pytest.approx(48.5 + GPS / 1e8 / 3600, abs=1e-6)
    assert found.facts["credentials"] == {"present": False}
    assert found.problems == ("is also zip, expected one kind of file",)


def test_a_key_that_others_can_read_is_not_used(home: Home, desk: Actor, picture: str) -> None:
    path = home.path / "o.ivanova.pem"
    path.chmod(0o644)

    with pytest.raises(BadMission, match="mode is 0644, must be 0600"):
        custody.offer(home, [picture], "desk", actor=replace(desk, key=path))
