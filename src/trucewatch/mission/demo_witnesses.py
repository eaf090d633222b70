"""The witnesses of a demonstration: one for each party, in the same folder, worthless as proof.

They decide and remember as any witness does; only the wire between log and witness is left out.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from trucewatch.evidence.anchor import COSIGNATURE, Anchor
from trucewatch.evidence.witness.cosignature import Cosigner
from trucewatch.evidence.witness.keeper import Keeper
from trucewatch.evidence.witness.memory import Memory, create_witness
from trucewatch.evidence.witness.policy import Group, KnownWitness, Policy, format_policy
from trucewatch.evidence.witness.request import Request, format_request

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from trucewatch.mission.clock import Clock
    from trucewatch.mission.opened import Writer

FOLDER = "witnesses"
_ALL = "every-party"


def policy_of_parties(parties: Sequence[str], *, seed: bytes) -> bytes:
    """Return the policy that asks a witness of each party, whose operators are apart.

    Args:
        parties: Names of the parties.
        seed: 32 bytes that their keys are made from.
    """
    witnesses = tuple(
        KnownWitness(name=party.lower(), verifier=Cosigner(*_named_key(party, seed)).verifier)
        for party in parties
    )
    names = tuple(witness.name for witness in witnesses)
    policy = Policy(
        quorum=_ALL,
        witnesses=witnesses,
        groups=(Group(name=_ALL, needed=len(names), members=names),),
        operators={f"operator-{name}": (name,) for name in names},
        parties=dict(zip(parties, names, strict=True)),
    )
    return format_policy(policy)


def make_witnesses(folder: Path, parties: Sequence[str], *, seed: bytes) -> None:
    """Make the witness of each party, in a folder of its own below this one."""
    folder.mkdir()
    for party in parties:
        name, key = _named_key(party, seed)
        create_witness(folder / party.lower(), name, key=key)


def cosign(writer: Writer, folder: Path, clock: Clock) -> None:
    """Have every witness sign the newest head, and keep their signatures beside the log.

    Args:
        writer: The mission, locked.
        folder: Where the witnesses are.
        clock: Says what time it is.
    """
    log, found = writer.log, []
    for path in sorted(folder.iterdir()):
        memory = Memory(path)
        memory.trust(log.verifier)
        request = Request(old=0, proof=(), note=log.checkpoint_note())
        answer = Keeper(path).answer(format_request(request), now=clock.now())
        name = memory.verifier.name
        found.append(Anchor(size=log.size, kind=COSIGNATURE, name=name, content=answer.body))
    log.add_anchors(found)


def _named_key(party: str, seed: bytes) -> tuple[str, Ed25519PrivateKey]:
    tag = b"trucewatch/demo-witness/v1\0" + party.encode() + b"\0"
    key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(tag + seed).digest())
    return f"witness-of-{party.lower()}.demo.invalid", key
