"""A small mission whose heads others signed: two witnesses of two operators, one time authority."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tests.evidence.timestamp.tsa import make_authority, reply_to
from tests.verify.mending import resummed

from trucewatch.evidence.anchor import COSIGNATURE, TIMESTAMP, Anchor
from trucewatch.evidence.assemble import Choices, assemble
from trucewatch.evidence.keys import Keys, create_keys
from trucewatch.evidence.log import Log
from trucewatch.evidence.sequencer import NewObject
from trucewatch.evidence.statement import Subject, list_keys, sign_statement
from trucewatch.evidence.timestamp.request import timestamp_request
from trucewatch.evidence.witness.cosignature import Cosigner
from trucewatch.records.canonical import sha256_hex

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from trucewatch.evidence.entry import Entry

Bundle = dict[str, bytes]
ORIGIN = "log.mission.example"
START = datetime(2026, 6, 27, 16, 30, tzinfo=UTC)
SEEN = START + timedelta(hours=2)
SETTINGS = b"""\
[mission]
exercise = false
[witness]
policy = "witness.policy"
[timestamp.tsa-one]
url = "http://127.0.0.1:9"
roots = "tsa-one.pem"
"""


@dataclass(frozen=True)
class Outsiders:
    """Who stands outside: two witnesses and an authority in a folder."""

    witnesses: tuple[Cosigner, ...]
    folder: Path

    @property
    def policy(self) -> bytes:
        lines = [f"witness w{i} {w.verifier.vkey}\n" for i, w in enumerate(self.witnesses, 1)]
        names = "# operator one: w1\n# operator two: w2\n"
        return ("".join(lines) + "group both all w1 w2\nquorum both\n" + names).encode()

    @property
    def roots(self) -> bytes:
        return (self.folder / "ca.pem").read_bytes()

    def cosign(self, log: Log, which: Sequence[int] = (0, 1)) -> None:
        text = log.checkpoint_note().decode().rpartition("\n\n")[0] + "\n"
        time = int(SEEN.timestamp())
        lines = [(self.witnesses[i], self.witnesses[i].line(text, time=time)) for i in which]
        anchors = [
            Anchor(size=log.size, kind=COSIGNATURE, name=w.verifier.name, content=line.encode())
            for w, line in lines
        ]
        log.add_anchors(anchors)

    def stamp(self, log: Log) -> None:
        request = timestamp_request(log.checkpoint_note(), nonce=7)
        reply = reply_to(self.folder, request)
        log.add_anchors([Anchor(size=log.size, kind=TIMESTAMP, name="tsa-one", content=reply)])


def outsiders(folder: Path, seeds: Sequence[Ed25519PrivateKey]) -> Outsiders:
    make_authority(folder, "tsa-one")
    names = ("alpha.example/w", "beta.example/w")
    made = tuple(Cosigner(name, key) for name, key in zip(names, seeds, strict=True))
    return Outsiders(witnesses=made, folder=folder)


def found_mission(home: Path, keys: Keys, who: Outsiders, reports: Sequence[bytes]) -> Log:
    """Return the log of a mission that received reports, each as an entry of its own; open."""
    home.mkdir()
    log = Log.create(home, origin=ORIGIN, signer=keys.log)
    files = {"mission.toml": SETTINGS, "witness.policy": who.policy, "tsa-one.pem": who.roots}
    kinds = ("mission", "witness", "roots")
    sealed = [
        NewObject(type=f"configuration/{kind}/v1", data=data)
        for kind, data in zip(kinds, files.values(), strict=True)
    ]
    said = {"keys": list_keys([keys.desk.public_key().public_bytes_raw()]), "replaces": None}
    log.append([*sealed, signed(keys, "configured", files, said)], now=START)
    for number, report in enumerate(reports):
        now = START + timedelta(minutes=number)
        log.append([NewObject(type="received/patrol/v1", data=report)], now=now)
    return log


def signed(
    keys: Keys, kind: str, cited: dict[str, bytes], predicate: dict[str, object]
) -> NewObject:
    subjects = [Subject(name=name, sha256=sha256_hex(data)) for name, data in cited.items()]
    data = sign_statement(f"{kind}/v1", subjects, predicate, key=keys.desk)
    return NewObject(type=f"statement/{kind}/v1", data=data)


def mission_keys(folder: Path) -> Keys:
    return create_keys(folder, origin=ORIGIN, seed=bytes(range(32)))


def everything(_: int, __: Entry) -> str | None:
    return None


def bundle_of(log: Log) -> Bundle:
    return assemble(log, Choices("mission", everything, {}, exercise=False))


def with_anchors_of(files: Bundle, other: Bundle) -> Bundle:
    """Return a bundle to which somebody added the anchors of another."""
    added = {n: c for n, c in other.items() if n.startswith("data/anchors/")}
    return resummed({**files, **added})


def without_anchors(files: Bundle) -> Bundle:
    """Return a bundle whose anchors somebody dropped; the head's cosignatures with them."""
    kept = {n: c for n, c in files.items() if not n.startswith("data/anchors/")}
    bare = b"\n".join(kept["data/checkpoint"].split(b"\n")[:5]) + b"\n"
    for name in kept:
        if name == "data/checkpoint" or name.startswith("data/proofs/"):
            kept[name] = kept[name].replace(files["data/checkpoint"], bare)
    return resummed(kept)
