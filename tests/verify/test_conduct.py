"""What a checker says of conduct: who signed when, who had what, what is missing or withheld."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import apsw
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.verify.mending import resummed

from trucewatch.errors import BadInput, EvidenceBroken
from trucewatch.evidence.assemble import Choices, assemble
from trucewatch.evidence.keys import Keys, create_keys
from trucewatch.evidence.log import Log
from trucewatch.evidence.sequencer import NewObject
from trucewatch.evidence.statement import Subject, key_id, list_keys, sign_statement
from trucewatch.evidence.vault.cipher import commitment, encipher
from trucewatch.records.canonical import canonical, sha256_hex
from trucewatch.records.level import Level
from trucewatch.verify.bundle import verify_bundle
from trucewatch.verify.home import verify_home

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from trucewatch.evidence.entry import Entry
    from trucewatch.verify.findings import Findings

ORIGIN = "log.mission.example"
NOW = datetime(2026, 6, 27, 16, 30, tzinfo=UTC)
SETTINGS = b"""\
[mission]
exercise = false
[intake.firms]
every_h = 24
start = "2026-06-28T00:00:00.000000Z"
grace_h = 1
"""
DEVICE = Ed25519PrivateKey.from_private_bytes(b"d" * 32)
PERSON = Ed25519PrivateKey.from_private_bytes(b"p" * 32)


class World:
    """A mission with one device and one person outside the desk."""

    def __init__(self, log: Log, keys: Keys) -> None:
        self.log, self.keys, self.now = log, keys, NOW
        listed = {"keys": list_keys([raw(keys.desk)]), "replaces": None}
        self.seal("configuration/mission/v1", SETTINGS)
        self.says("configured", {"mission.toml": SETTINGS}, listed)
        self.enrol(DEVICE, "device", "cam-1", ["batch/v1"], "firms")
        self.enrol(PERSON, "person", "expert", ["custody/v1"], None)

    def seal(self, kind: str, data: bytes, **more: object) -> int:
        item = NewObject(type=kind, data=data, **more)  # type: ignore[arg-type]
        return self.log.append([item], now=self.now)[0].index

    def says(
        self,
        kind: str,
        cited: dict[str, bytes],
        predicate: dict[str, object],
        key: Ed25519PrivateKey | None = None,
    ) -> int:
        subjects = [Subject(name=name, sha256=sha256_hex(data)) for name, data in cited.items()]
        envelope = sign_statement(f"{kind}/v1", subjects, predicate, key=key or self.keys.desk)
        return self.seal(f"statement/{kind}/v1", envelope)

    def enrol(
        self, key: Ed25519PrivateKey, kind: str, name: str, may: list[str], sensor: str | None
    ) -> None:
        predicate = {
            "act": "enrolled", "by": "A", "ed25519": raw(key).hex(), "keyid": key_id(raw(key)),
            "kind": kind, "may": may, "name": name, "reason": "r", "sensor": sensor, "since": None,
        }  # fmt: skip
        subject = Subject(name="key", sha256=key_id(raw(key)))
        data = sign_statement("enrolled/v1", [subject], predicate, key=self.keys.desk)
        self.seal("statement/enrolled/v1", data)

    def batch(
        self,
        data: bytes,
        sequence: int,
        previous: bytes | None,
        *,
        seen: dict[str, object] | None = None,
        key: Ed25519PrivateKey = DEVICE,
    ) -> bytes:
        self.seal("received/firms/v1", data)
        predicate = {
            "device": "cam-1", "made_at": "2026-06-27T16:30:00.000000Z", "seen": seen,
            "previous": None if previous is None else sha256_hex(previous),
            "sensor": "firms", "sequence": sequence,
        }  # fmt: skip
        subject = Subject(name="f", sha256=sha256_hex(data))
        envelope = sign_statement("batch/v1", [subject], predicate, key=key)
        self.seal("statement/batch/v1", envelope)
        return envelope

    def act(
        self,
        act: str,
        data: bytes,
        detail: dict[str, str] | None = None,
        *,
        kind: str = "exhibit/v1",
        key: Ed25519PrivateKey | None = None,
    ) -> int:
        predicate = {
            "act": act, "at": "2026-06-27T16:30:00.000000Z", "by": "A", "reason": "r",
            "detail": detail or {},
        }  # fmt: skip
        return self.says("custody", {kind: data}, predicate, key)

    def check(self, level: str = "mission", without: str = "-") -> Findings:
        """Verify the home and its bundle, which must agree, and return what the bundle says."""
        at_home = verify_home(self.log, vkey=self.log.verifier.vkey)
        found = verify_bundle(self.bundle(level, without), vkey=self.log.verifier.vkey)
        if without == "-":
            assert found.missing == at_home.missing
            assert found.erased == at_home.erased
        return found

    def bundle(self, level: str = "mission", without: str = "-") -> dict[str, bytes]:
        def include(_: int, entry: Entry) -> str | None:
            return "not today" if entry.type.startswith(without) else None

        return assemble(self.log, Choices(level, include, {}, exercise=False))


def raw(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    home = tmp_path / "home"
    home.mkdir()
    keys = create_keys(home / "keys", origin=ORIGIN, seed=bytes(range(32)))
    with Log.create(home, origin=ORIGIN, signer=keys.log) as log:
        yield World(log, keys)


def test_a_number_that_never_came_is_named(world: World) -> None:
    first = world.batch(b"1", 1, None)
    world.batch(b"3", 3, first)

    found = world.check()

    assert found.missing[0].startswith("device cam-1: gap: number 2 never came (entries 5, 7)")
    assert found.checks[-1].found.startswith("0 slots of schedules, 2 numbered files")
    assert found.verdict.startswith("verified")


def test_a_copied_key_is_named(world: World) -> None:
    world.batch(b"1", 1, None)
    world.batch(b"other", 1, None)

    assert "device cam-1: fork: number 1 came with two different files" in world.check().missing[0]


def test_a_head_that_only_a_device_was_shown_is_named(world: World) -> None:
    world.batch(b"1", 1, None, seen={"origin": ORIGIN, "size": 2, "root": "ab" * 32})

    assert "device cam-1: other_head: was shown a head of 2 entries" in world.check().missing[0]


def test_a_file_under_the_key_of_another_device_breaks_the_log(world: World) -> None:
    other = Ed25519PrivateKey.from_private_bytes(b"e" * 32)
    world.enrol(other, "device", "cam-2", ["batch/v1"], "firms")
    world.batch(b"1", 1, None, key=other)

    with pytest.raises(EvidenceBroken, match=r"is of device cam-1, .* by the key of device cam-2"):
        verify_home(world.log)


def test_a_slot_without_a_file_is_named_and_an_explanation_is_counted(world: World) -> None:
    world.now = NOW + timedelta(days=1)
    world.seal("received/firms/v1", b"day one")
    world.now = NOW + timedelta(days=4)
    world.seal("received/firms/v1", b"day four")
    absent = {
        "by": "A", "reason": "no power", "sensor": "firms",
        "slot_start": "2026-06-29T00:00:00.000000Z", "slot_end": "2026-06-30T00:00:00.000000Z",
    }  # fmt: skip
    world.says("absent", {"mission.toml": SETTINGS}, absent)

    found = world.check()

    promised = "no file for 2026-06-30T00:00Z to 2026-07-01T00:00Z, which entry 1 promises"
    assert found.missing == (f"firms: {promised}, and nobody said why",)
    assert "1 slots without a file are explained, 0 files came late" in found.remarks


def test_many_missing_slots_are_counted(world: World) -> None:
    world.now = NOW + timedelta(days=100)
    world.seal("received/firms/v1", b"late")

    missing = world.check().missing

    assert missing[0] == "firms: 99 slots without a file"
    assert missing[-1] == "... and 49 more like these"


def test_a_public_bundle_shows_missing_slots_and_says_what_it_cannot_judge(world: World) -> None:
    first = world.batch(b"1", 1, None)
    world.batch(b"3", 3, first)
    world.act("opened", b"1", kind="received/firms/v1")
    world.now = NOW + timedelta(days=3)
    world.seal("received/firms/v1", b"later")

    whole = verify_bundle(world.bundle("public"))
    public = verify_bundle(world.bundle("public", without="statement/batch"))
    no_custody = verify_bundle(world.bundle("public", without="statement/custody"))

    assert [sentence[:12] for sentence in whole.missing] == [*["firms: no fi"] * 2, "device cam-1"]
    assert [sentence[:12] for sentence in public.missing] == ["firms: no fi"] * 2
    assert "2 files that devices signed are withheld: no chain was judged" in public.remarks
    assert no_custody.checks[11].found == "1 acts are withheld: no chain was judged"


def test_custody_without_a_gap_is_counted(world: World) -> None:
    world.seal("exhibit/v1", b"photo")
    offer = world.act("offered", b"photo", {"from": "desk", "to": "expert"})
    accepted = {"from": "desk", "to": "expert", "offer": str(offer)}
    world.act("accepted", b"photo", accepted, key=PERSON)

    assert world.check().checks[11].found == "2 acts on 1 objects, 0 erased"


@pytest.mark.parametrize(
    ("act", "problem"),
    [
        (lambda w: w.act("opened", b"photo", key=PERSON), "opened of object .* signed by expert"),
        (
            lambda w: w.act("accepted", b"photo", {"from": "desk", "to": "expert", "offer": "9"}),
            "accepted of object .* is signed by desk, expected expert",
        ),
        (lambda w: w.seal("derived/v1", b"copy"), "working copy .* has no parent"),
        (
            lambda w: w.act("erased", b"photo"),
            "erased of object .* sealed at CLEAR for all to see",
        ),
    ],
)
def test_custody_with_a_gap_breaks_the_log(
    world: World, act: Callable[[World], int], problem: str
) -> None:
    world.seal("exhibit/v1", b"photo")
    act(world)

    with pytest.raises(EvidenceBroken, match=problem):
        verify_home(world.log)
    with pytest.raises(EvidenceBroken, match=problem):
        verify_bundle(world.bundle())


def secret(world: World, plain: bytes) -> tuple[bytes, bytes, bytes]:
    key, nonce = b"k" * 32, b"n" * 32
    sealed = encipher(plain, key)
    commit = commitment(bytes.fromhex(sha256_hex(plain)), nonce)
    world.seal("exhibit/v1", sealed, level=Level.RED, commit=commit)
    return sealed, key, nonce


def disclosed(plain: bytes, sealed: bytes, key: bytes, nonce: bytes) -> bytes:
    said = {
        "v": 1, "object": sha256_hex(sealed), "key": key.hex(), "nonce": nonce.hex(),
        "plaintext_sha256": sha256_hex(plain),
    }  # fmt: skip
    return canonical(said)


def test_an_erased_object_is_named_with_its_tombstone(world: World) -> None:
    sealed, _, _ = secret(world, b"a name")
    entry = world.act("erased", sealed)

    assert world.check().erased == ((sha256_hex(sealed), entry),)


def test_what_is_disclosed_opens_what_was_sealed(world: World) -> None:
    plain = b"what the witness said"
    sealed, key, nonce = secret(world, plain)
    world.seal("exhibit/v1", b"open")
    name = f"data/disclosures/{sha256_hex(sealed)}.json"
    files, good = world.bundle(), disclosed(plain, sealed, key, nonce)

    found = verify_bundle(resummed(files, **{name: good}))

    assert found.checks[10].found.endswith("1 disclosed")
    other = f"data/disclosures/{sha256_hex(b'open')}.json"
    for at, content, problem in [
        (name, disclosed(plain, sealed, b"x" * 32, nonce), "its key opens .* to another plaintext"),
        (name, disclosed(plain, sealed, key, b"x" * 32), "what was deciphered leads to commit"),
        (other, good, "expected its name and v 1"),
        (other, disclosed(b"open", b"open", key, nonce), "is not here or commits to nothing"),
        (name, good[:-1], "not JSON"),
        (name, good.replace(b'"v":1', b'"v":2'), "expected its name and v 1"),
    ]:
        with pytest.raises(EvidenceBroken, match=problem):
            verify_bundle(resummed(files, **{at: content}))


def test_nobody_withholds_what_speaks_for_a_party_from_the_mission(world: World) -> None:
    world.seal("exhibit/v1", b"photo")
    said = {"by": "A", "party": "Party One", "reason": "shows no soldiers"}
    mark = world.says("exculpatory", {"exhibit/v1": b"photo"}, said)

    with pytest.raises(BadInput, match=f"entry {mark}: .* is withheld, expected what speaks for"):
        world.bundle(without="statement/exculpatory")
    public = world.bundle("public", without="statement/exculpatory")
    relabelled = {
        name: public[name].replace(b"level public", b"level mission")
        for name in ("README.txt", "bag-info.txt")
    }
    with pytest.raises(EvidenceBroken, match=f"entry {mark}: .* is withheld, expected what speaks"):
        verify_bundle(resummed(public, **relabelled))


def test_what_speaks_for_a_party_is_listed_whether_its_object_is_here_or_not(world: World) -> None:
    world.seal("exhibit/v1", b"photo")
    said = {"by": "A", "party": "Party One", "reason": "shows no soldiers"}
    mark = world.says("exculpatory", {"exhibit/v1": b"photo"}, said)
    name, digest = "data/exculpatory.tsv", sha256_hex(b"photo")

    here, gone = world.bundle(), world.bundle(without="exhibit")

    row = f"{digest}\t%s\tParty One\t{mark}\tshows no soldiers\n".encode()
    assert here[name] == b"object\tincluded\tparty\tentry\treason\n" + row % b"yes"
    assert gone[name].endswith(row % b"no")
    assert verify_bundle(here).checks[10].found == "0 withheld, 1 marks of what speaks for a party"
    for old, new in [(b"yes", b"no"), (b"One", b"Two"), (row % b"yes", b"")]:
        with pytest.raises(EvidenceBroken, match=r"data/exculpatory\.tsv"):
            verify_bundle(resummed(here, **{name: here[name].replace(old, new)}))


def test_the_reason_why_something_is_withheld_stands_in_its_table(world: World) -> None:
    world.seal("exhibit/v1", b"photo")
    files = world.bundle("public", without="exhibit")
    name = "data/withheld.tsv"

    line = f"4\texhibit/v1\t{sha256_hex(b'photo')}\tCLEAR\tnot today\n".encode()
    assert files[name] == b"entry\ttype\tobject\tlevel\treason\n" + line
    with pytest.raises(EvidenceBroken, match=r"data/withheld\.tsv:2: line is"):
        verify_bundle(resummed(files, **{name: files[name].replace(b"today", b"ever")}))


@pytest.mark.parametrize(
    ("kind", "head", "problem"),
    [
        ("published", {"size": 2, "root": "ab" * 32}, "cites the head of 2 entries with root abab"),
        ("computed", {"size": 90, "root": "ab" * 32}, "cites a head of size 90"),
        ("computed", {"size": "2", "root": "ab" * 32}, "cites a head of size '2'"),
    ],
)
def test_a_statement_that_cites_another_history_breaks_the_log(
    world: World, kind: str, head: dict[str, object], problem: str
) -> None:
    world.says(kind, {"mission.toml": SETTINGS}, {"input": {**head, "origin": ORIGIN}})

    with pytest.raises(EvidenceBroken, match=problem):
        verify_home(world.log)


def test_a_statement_may_cite_a_head_of_another_log(world: World) -> None:
    head = {"origin": "elsewhere.example", "size": 2, "root": "ab" * 32}
    world.says("computed", {"mission.toml": SETTINGS}, {"input": head})

    assert world.check().checks[8].found == "0 heads of the log that they cite are its own"


def test_a_report_that_was_deleted_before_the_export_is_named(world: World, tmp_path: Path) -> None:
    index = world.seal("report/daily/v1", b"what we do not want to have said")
    connection = apsw.Connection(str(tmp_path / "home" / "log.db"))
    connection.execute("DELETE FROM object WHERE first = ?", (index,))
    connection.close()

    with Log.open(tmp_path / "home") as log:
        world.log = log
        with pytest.raises(EvidenceBroken, match=f"entry {index}: object [0-9a-f]+ is gone"):
            world.bundle()
        with pytest.raises(EvidenceBroken, match=f"entry {index}: object [0-9a-f]+ is gone"):
            verify_home(log)
