"""Valid examples of every format, made by our own writers: small and the same on every run."""

from __future__ import annotations

import gzip
import lzma
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.evidence.intake import samples
from tests.records import (
    test_absence,
    test_assertion,
    test_batch_claim,
    test_custody,
    test_enrolment,
    test_logbook,
)
from tests.review import test_attribution
from tests.verify.conftest import export, fill

from trucewatch.evidence.checkpoint import Checkpoint, checkpoint_text, sign_checkpoint
from trucewatch.evidence.entry import Entry, entry_bytes
from trucewatch.evidence.keys import Keys, create_keys
from trucewatch.evidence.log import Log
from trucewatch.evidence.merkle import leaf_hash, root_of
from trucewatch.evidence.note import Signer
from trucewatch.evidence.proof import LogProof, format_proof
from trucewatch.evidence.receipt import format_receipt
from trucewatch.evidence.statement import Subject, list_keys, sign_statement
from trucewatch.evidence.witness.cosignature import Cosigner
from trucewatch.evidence.witness.policy import (
    Group,
    KnownLog,
    KnownWitness,
    Policy,
    format_policy,
)
from trucewatch.evidence.witness.request import Request, format_request
from trucewatch.records.canonical import canonical
from trucewatch.records.level import Level
from trucewatch.records.seat import Seat, SeatAct, seat_predicate

ORIGIN = "demo.invalid/evidence"
AT = datetime(2026, 6, 27, 16, 30, tzinfo=UTC)
LOGGED = test_logbook.LOGGED
TIME = int(AT.timestamp())
GOLDEN = Path(__file__).parents[1] / "evidence" / "timestamp" / "golden"
SAMPLES = Path(__file__).parents[1] / "observe" / "samples"
HEX = "ab" * 32


def private(number: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(number.to_bytes(32, "big"))


SIGNER = Signer(ORIGIN, private(1))
DESK = private(2)
DESK_PUBLIC = DESK.public_key().public_bytes_raw()
COSIGNERS = tuple(Cosigner(f"w{n}.invalid", private(10 + n)) for n in range(3))


def entries() -> list[bytes]:
    kinds = (("received/firms/v1", Level.CLEAR), ("statement/published/v1", Level.CLEAR))
    plain = [
        entry_bytes(Entry(type=kind, object=HEX, size=7, level=level, logged_at=AT))
        for kind, level in kinds
    ]
    secret = Entry(
        type="received/news/v1", object="cd" * 32, size=2**53 - 1, level=Level.RED, logged_at=AT,
        commit=HEX,
    )  # fmt: skip
    return [*plain, entry_bytes(secret)]


def steps(kind: str) -> list[bytes]:
    """Return a predicate of every act of a kind of record."""
    return [canonical(row["predicate"]) for row in test_logbook.ROWS if row["kind"] == kind]


def acts() -> list[bytes]:
    """Return lines of a file of acts, of every kind."""
    rows = test_logbook.ROWS
    return [canonical({"kind": row["kind"], **row["predicate"]}) + b"\n" for row in rows]


def _head() -> Checkpoint:
    leaves = [leaf_hash(each) for each in entries()]
    return Checkpoint(origin=ORIGIN, size=len(leaves), root=root_of(leaves))


def head_text() -> str:
    return checkpoint_text(_head())


def checkpoint_texts() -> list[bytes]:
    empty = Checkpoint(origin="a", size=0, root=bytes(32))
    return [head_text().encode(), checkpoint_text(empty).encode()]


def lines() -> list[bytes]:
    return [w.line(head_text(), time=TIME + n).encode() for n, w in enumerate(COSIGNERS)]


def notes() -> list[bytes]:
    note = sign_checkpoint(_head(), SIGNER)
    return [note, note + b"".join(lines()), note + lines()[1]]


def proofs() -> list[bytes]:
    hashes = tuple(leaf_hash(each) for each in entries())
    many = [LogProof(index=n, hashes=hashes[:n], checkpoint_note=notes()[n]) for n in range(3)]
    return [format_proof(proof) for proof in many]


def receipts() -> list[bytes]:
    hashes = tuple(leaf_hash(each) for each in entries())
    proof = LogProof(index=0, hashes=hashes[1:], checkpoint_note=notes()[0])
    return [format_receipt(each, proof) for each in entries()]


def requests() -> list[bytes]:
    hashes = tuple(leaf_hash(each) for each in entries())
    return [
        format_request(Request(old=0, proof=(), note=notes()[0])),
        format_request(Request(old=2, proof=hashes, note=notes()[1])),
    ]


def policies() -> list[bytes]:
    known = [
        KnownWitness(name=f"w{n}", verifier=w.verifier, url="https://w.invalid/" if n else "")
        for n, w in enumerate(COSIGNERS)
    ]
    whole = Policy(
        logs=(KnownLog(verifier=SIGNER.verifier, url="https://log.invalid/"),),
        witnesses=tuple(known),
        groups=(
            Group(name="near", needed=2, members=("w0", "w1")),
            Group(name="all", needed=1, members=("near", "w2")),
        ),
        quorum="all",
        operators={"op": ("w0", "w1"), "mission": ("w2",)},
        parties={"north": "w0", "south": AT.date()},
        mission="mission",
    )
    return [format_policy(whole), format_policy(Policy(quorum="none")), b"# so\n\nquorum  none\n"]


def statements() -> list[bytes]:
    listed = {"keys": list_keys([DESK_PUBLIC]), "replaces": None}
    about = [Subject(name="mission.toml", sha256=HEX), Subject(name="b", sha256="cd" * 32)]
    kinds: list[tuple[str, dict[str, object]]] = [
        ("configured/v1", listed),
        ("published/v1", {"size": 7, "note": "\u00e9\ue000\U0001f600", "p": 0.25}),
        ("custody/v1", dict(_json(predicates("custody")[0]))),
        ("later/v9", {}),
    ]
    return [sign_statement(kind, about, said, key=DESK) for kind, said in kinds]


def _json(data: bytes) -> dict[str, object]:
    from trucewatch.records.canonical import parse_canonical

    return dict(parse_canonical(data, where="seed"))


def predicates(kind: str) -> list[bytes]:
    return [canonical(said) for said in _said()[kind]]


@cache
def _said() -> dict[str, list[object]]:
    link = {
        "act": "merge", "observations": [{"object": HEX, "row": 0}, {"object": HEX, "row": 7}],
        "against": [], "reason": "same flash", "by": "A. Analyst", "incidents": ["i-1"],
        "seen": {"size": 7, "root": HEX},
    }  # fmt: skip
    split = link | {"act": "split", "against": [{"object": "cd" * 32, "row": 2**32 - 1}]}
    accepted = Seat(
        party="north", act=SeatAct.ACCEPTED, witness=COSIGNERS[0].verifier.vkey, by="A", reason="b",
        entry=1,
    )  # fmt: skip
    offered = Seat(party="north", act=SeatAct.OFFERED, witness=None, by="A", reason="b", entry=1)
    custody = [test_custody.predicate(act) for act in test_custody.Act]
    enrolled = [test_enrolment.DEVICE, test_enrolment.PERSON, test_enrolment.DESK]
    revoked = test_enrolment.DEVICE | {"act": "revoked", "since": test_enrolment.SINCE}
    return {
        "link": [link, split],
        "seat": [seat_predicate(accepted), seat_predicate(offered)],
        "custody": [*custody],
        "registered": [{"by": "A", "reason": "b", "register": "paris-2026"}],
        "imported": [
            {
                "accepted": 9,
                "allow_refused": True,
                "by": "A",
                "reason": "b",
                "refused": 1,
                "register": "paris-2026",
            }
        ],
        "enrolment": [*enrolled, revoked],
        "absence": [test_absence.SAID],
        "assertion": [test_assertion.said()],
        "attribution": [test_attribution.said()],
        "batch_claim": [test_batch_claim.FIRST, test_batch_claim.SECOND],
        "exculpatory": [{"by": "A", "party": "north", "reason": "seen elsewhere"}],
    }


@cache
def bundle() -> tuple[dict[str, bytes], Keys]:
    """Return the files of a small bundle and the keys of its mission."""
    with TemporaryDirectory() as folder:
        home = Path(folder)
        keys = create_keys(home / "keys", origin=ORIGIN, seed=bytes(range(32)))
        with Log.create(home, origin=ORIGIN, signer=keys.log) as log:
            fill(log, keys)
            log.write_static()
            return export(log), keys


@cache
def files() -> dict[str, bytes]:
    """Return a good file of every kind that the intake knows."""
    return samples.good()


def packed() -> list[bytes]:
    text = samples.TEXT
    return [
        gzip.compress(text, mtime=0),
        gzip.compress(text, mtime=0) * 3,
        lzma.compress(text),
        samples.zipped(("a.csv", text)),
        text,
    ]


def sensor_files(name: str) -> list[bytes]:
    found = [path.read_bytes() for path in sorted((SAMPLES / name).glob("input*.csv"))]
    quoted = [b'"' + raw.replace(b",", b'","').replace(b"\n", b'"\n"')[:-1] for raw in found]
    return [*found, *quoted]
