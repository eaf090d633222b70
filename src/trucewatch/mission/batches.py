"""The envelope that lies beside a file: whether it verifies, and as what it is sealed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput, EvidenceBroken
from trucewatch.evidence.chain import check_sender, sent_file
from trucewatch.evidence.entry import STATEMENT_PREFIX
from trucewatch.evidence.sequencer import NewObject
from trucewatch.evidence.statement import BATCH, open_envelope
from trucewatch.evidence.vault.vault import Vault
from trucewatch.records.batch_claim import BESIDE
from trucewatch.records.canonical import sha256_hex

if TYPE_CHECKING:
    from datetime import datetime

    from trucewatch.evidence.chain import Sent
    from trucewatch.evidence.keyring import Keyring
    from trucewatch.evidence.log import Log

BATCH_TYPE = STATEMENT_PREFIX + BATCH
REFUSED_TYPE = "refused/batch/v1"
"""Entry type of an envelope that did not verify: its bytes are kept, and never read as a statement.
"""

_BYTES_MAX = 16 * 1024  # an envelope has about 1.2 KiB


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What was found of an envelope before it is sealed.

    Attributes:
        item: What to seal.
        sent: What the device said; None when it does not verify.
        problem: Why it does not verify; "" when it does.
    """

    item: NewObject
    sent: Sent | None
    problem: str


def judged(
    log: Log, keyring: Keyring, envelope: bytes, *, content: NewObject, now: datetime
) -> Envelope:
    """Return whether an envelope vouches for the file beside it, and what is to be sealed of it.

    One that was sealed as a statement before stays one, also when its key was withdrawn since.

    Args:
        log: The mission's log.
        keyring: Who may sign at its end.
        envelope: The bytes that lie beside the file.
        content: The file, as it will be sealed.
        now: The time.
    """
    digest = sha256_hex(envelope)
    name = f"{content.name}{BESIDE}"
    before = Vault(log.home).recognise(BATCH_TYPE, bytes.fromhex(digest)) or digest
    index = log.index_of(before, BATCH_TYPE)
    sensor = content.type.split("/")[1]
    try:
        sent = _sent(keyring, envelope, index=log.size, known=index is not None, now=now)
        check_content(sent, object_=sha256_hex(content.data), sensor=sensor)
    except (BadInput, EvidenceBroken) as error:
        refused = NewObject(type=REFUSED_TYPE, data=envelope, name=name)
        return Envelope(item=refused, sent=None, problem=error.problem)
    item = NewObject(type=BATCH_TYPE, data=envelope, name=name)
    return Envelope(item=item, sent=sent, problem="")


def check_content(sent: Sent, *, object_: str, sensor: str) -> None:
    """Check that what a device signed is this file, for this sensor.

    Raises:
        EvidenceBroken: It signed another file, or for another sensor.
    """
    where = f"entry {sent.claim.entry}"
    if sent.content != object_:
        problem = f"signs a file with SHA-256 {sent.content}, the file beside it has {object_}"
        raise EvidenceBroken(where, problem)
    if sent.claim.sensor != sensor:
        raise EvidenceBroken(where, f"signs for sensor {sent.claim.sensor}, expected {sensor}")


def verified(keyring: Keyring, envelope: bytes, *, index: int, logged_at: datetime) -> Sent:
    """Return what a device signed, once its key was found good and its own.

    Args:
        keyring: Who may sign before that entry.
        envelope: Bytes of the envelope.
        index: Index of its entry.
        logged_at: When the log acknowledged it.

    Raises:
        BadInput: It is too large for an envelope, or no envelope.
    """
    if len(envelope) > _BYTES_MAX:
        problem = f"envelope has {len(envelope):,} bytes, must be at most {_BYTES_MAX:,}"
        where = f"entry {index}"
        raise BadInput(where, problem)
    statement = keyring.open(index, BATCH_TYPE, envelope)
    sent = sent_file(statement, index=index, envelope=sha256_hex(envelope), logged_at=logged_at)
    check_sender(sent, keyring.good[sent.keyid])
    return sent


def _sent(keyring: Keyring, envelope: bytes, *, index: int, known: bool, now: datetime) -> Sent:
    if not known:
        return verified(keyring, envelope, index=index, logged_at=now)
    statement = open_envelope(envelope, keyring.ever, where=f"entry {index}")
    return sent_file(statement, index=index, envelope=sha256_hex(envelope), logged_at=now)
