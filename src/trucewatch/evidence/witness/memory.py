"""What a witness keeps on its disk: its key, the logs it watches, what it signed and refused.

FOLDER/witness.pem          the key, 0600
FOLDER/witness.vkey         the same key as others need it
FOLDER/logs/ID+KEY.vkey     keys of the logs that it watches; ID is the SHA-256 of the origin
FOLDER/heads/ID             newest head that it cosigned; empty when it never did
FOLDER/refused/ID/WHY-...   heads that a log signed and this witness refused: evidence
FOLDER/lock                 held by the one process that serves

A head that is gone or damaged stops the witness: what it does not remember it could contradict.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from trucewatch.errors import BadInput, EvidenceBroken, LogRefused, NotFound
from trucewatch.evidence.checkpoint import parse_checkpoint_text
from trucewatch.evidence.note import parse_note, parse_vkey
from trucewatch.evidence.objects import sync_folder, write_durably
from trucewatch.evidence.witness.cosignature import (
    Cosigner,
    open_cosignatures,
    parse_witness_vkey,
)
from trucewatch.records.canonical import canonical, sha256_hex

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from trucewatch.evidence.checkpoint import Checkpoint
    from trucewatch.evidence.note import Verifier
    from trucewatch.evidence.witness.cosignature import CosignatureVerifier

KEPT_MAX = 1_000
"""Refused heads kept for each log and reason. The first are kept: they show how it began, and
whoever holds a log's key could otherwise push the telling one out."""

_PRIVATE, _PUBLIC = "witness.pem", "witness.vkey"
_LOGS, _HEADS, _REFUSED = "logs", "heads", "refused"
_READABLE = 0o644


class Why(StrEnum):
    """Why a head that its log had signed was refused."""

    FORK = "fork"
    """Another root at the size that was cosigned: two histories, proven by the two notes alone."""
    UNPROVEN = "unproven"
    """Sent as growing from what was cosigned, and the proof does not show it."""
    ROLLBACK = "rollback"
    """Smaller than what was cosigned; late at best."""
    STALE = "stale"
    """Sent as growing from another size; says nothing against the log by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The newest head of a log that a witness cosigned.

    Attributes:
        checkpoint: Origin, size and root.
        time: When it was cosigned.
        note: The checkpoint with the log's lines and the witness's.
    """

    checkpoint: Checkpoint
    time: datetime
    note: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A head that was refused, with what it was held against.

    Attributes:
        why: What was wrong.
        note: The checkpoint with the log's own valid lines.
        old: Size from which the log said that it grew.
        proof: The hashes that were to show it.
        held: The cosigned note at that time, or "" when there was none.
        seen_at: RFC 3339 time of the request.
    """

    why: Why
    note: str
    old: int
    proof: tuple[bytes, ...]
    held: str
    seen_at: str

    @property
    def checkpoint(self) -> Checkpoint:
        """Origin, size and root of the refused head."""
        return parse_checkpoint_text(self.note.rpartition("\n\n")[0] + "\n", where="refused head")


def create_witness(
    folder: Path, name: str, *, key: Ed25519PrivateKey | None = None
) -> CosignatureVerifier:
    """Make a new witness with a key of its own; the folder is new or empty.

    Args:
        folder: Where it remembers.
        name: What it is called in its signatures.
        key: Its key, for an exercise whose keys anybody can make again; by default a random one.

    Raises:
        BadInput: The folder holds something, or cannot be made.
    """
    private = key or Ed25519PrivateKey.generate()
    verifier = Cosigner(name, private).verifier
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        if any(folder.iterdir()):
            problem = "is not empty, expected a new or empty folder; keys are never overwritten"
            raise BadInput(str(folder), problem)
        for part in (_LOGS, _HEADS, _REFUSED):
            (folder / part).mkdir()
    except OSError as error:
        raise BadInput(str(folder), f"cannot be made ({error.strerror})") from error
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_durably(folder / _PUBLIC, f"{verifier.vkey}\n".encode(), mode=_READABLE)
    write_durably(folder / _PRIVATE, pem, mode=0o600)
    return verifier


class Memory:
    """The folder of a witness. Reading needs no lock; only one keeper writes.

    Args:
        folder: Made by `create_witness`.

    Raises:
        NotFound: It is not the folder of a witness.
    """

    def __init__(self, folder: Path) -> None:
        if not (folder / _PUBLIC).is_file() or not (folder / _HEADS).is_dir():
            problem = f"no {_PUBLIC}, expected the folder of a witness"
            raise NotFound(str(folder), problem, advice="Make one: tw witness init DIR NAME")
        self.folder = folder
        vkey = _read(folder / _PUBLIC).decode(errors="replace").strip()
        self.verifier = parse_witness_vkey(vkey, where=str(folder / _PUBLIC))

    @property
    def private(self) -> Path:
        """Where the key is."""
        return self.folder / _PRIVATE

    def trust(self, log: Verifier) -> None:
        """Watch a log from now on; a log may have several keys. Durable on return.

        Raises:
            BadInput: The log has the name or the key of this witness.
            LogRefused: The disk refused.
        """
        if log.name == self.verifier.name or log.public == self.verifier.public:
            problem = f"log {log.name} has the name or key of the witness itself, expected others"
            raise BadInput("log", problem)
        name = _id(log.name)
        head = self.folder / _HEADS / name
        try:  # never cosigned is an empty file, so that a lost one is noticed
            head.touch(mode=_READABLE)
            sync_folder(head.parent)
        except OSError as error:
            raise LogRefused(str(head), f"cannot be written ({error.strerror})") from error
        path = self.folder / _LOGS / f"{name}+{log.key_id.hex()}.vkey"
        write_durably(path, f"{log.vkey}\n".encode(), mode=_READABLE)

    def logs(self, origin: str = "") -> list[Verifier]:
        """Return the keys that are trusted for one log, or for all."""
        pattern = f"{_id(origin)}+*.vkey" if origin else "*.vkey"
        found = []
        for path in sorted((self.folder / _LOGS).glob(pattern)):
            if not path.name.startswith("."):
                text = _read(path).decode(errors="replace").strip()
                found.append(parse_vkey(text, where=str(path)))
        return [log for log in found if origin in {"", log.name}]

    def head(self, origin: str) -> Head | None:
        """Return the newest cosigned head of a log that is watched, or None before the first.

        Raises:
            EvidenceBroken: It is gone, or not what this witness signed.
        """
        path = self.folder / _HEADS / _id(origin)
        if not path.is_file():
            raise EvidenceBroken(str(path), f"is gone, expected the newest head of {origin}")
        content = _read(path)
        if not content:
            return None
        head = self._opened(content, str(path))
        if head.checkpoint.origin != origin:
            problem = f"is of {head.checkpoint.origin}, expected {origin}"
            raise EvidenceBroken(str(path), problem)
        return head

    def heads(self) -> list[Head]:
        """Return the newest cosigned head of each log, by origin."""
        origins = sorted({log.name for log in self.logs()})
        return [head for head in map(self.head, origins) if head is not None]

    def keep_head(self, origin: str, note: bytes) -> None:
        """Put a newer head in the place of the last; durable on return."""
        write_durably(self.folder / _HEADS / _id(origin), note, mode=_READABLE)

    def keep_refused(self, refusal: Refusal) -> None:
        """Keep a refused head, once, unless there are `KEPT_MAX` of its kind; durable on return."""
        head = refusal.checkpoint
        folder = self.folder / _REFUSED / _id(head.origin)
        path = folder / f"{refusal.why}-{head.size}-{head.root.hex()[:16]}.json"
        if path.exists() or len(list(folder.glob(f"{refusal.why}-*.json"))) >= KEPT_MAX:
            return
        write_durably(path, _record(refusal), mode=0o444)

    def refused(self) -> list[Refusal]:
        """Return what was refused of every log, the conclusive first, then by time."""
        paths = (self.folder / _REFUSED).glob("*/*.json")
        found = [_refusal(_read(p), str(p)) for p in paths if not p.name.startswith(".")]
        order = list(Why)
        return sorted(found, key=lambda r: (r.checkpoint.origin, order.index(r.why), r.seen_at))

    def _opened(self, note: bytes, where: str) -> Head:
        try:
            times = open_cosignatures(note, [self.verifier], where=where)
            text = parse_note(note, where=where).text
        except BadInput as error:
            raise EvidenceBroken(where, error.problem) from error
        if not times:
            raise EvidenceBroken(where, f"not signed by {self.verifier.name}, expected its line")
        checkpoint = parse_checkpoint_text(text, where=where)
        return Head(checkpoint=checkpoint, time=times[self.verifier.name], note=note)


def _record(refusal: Refusal) -> bytes:
    record = {
        "held": refusal.held,
        "note": refusal.note,
        "old": str(refusal.old),
        "proof": [base64.b64encode(node).decode() for node in refusal.proof],
        "seen_at": refusal.seen_at,
        "why": str(refusal.why),
    }
    return canonical(record)


def _refusal(content: bytes, where: str) -> Refusal:
    try:
        record = json.loads(content)
        return Refusal(
            why=Why(record["why"]),
            note=record["note"],
            old=int(record["old"]),
            proof=tuple(base64.b64decode(node, validate=True) for node in record["proof"]),
            held=record["held"],
            seen_at=record["seen_at"],
        )
    except (ValueError, KeyError, TypeError) as error:
        raise EvidenceBroken(where, f"is damaged ({error}), expected a refused head") from error


def _id(origin: str) -> str:
    return sha256_hex(origin.encode())


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise LogRefused(str(path), f"cannot be read ({error.strerror})") from error
