"""Comparing a log with what was shown of it before, or to others: is it still the same log?

Whoever holds the log's key can sign another history. They cannot take back a head, a receipt or a
bundle that somebody kept. Two heads by one key that do not lead to each other are proof by
themselves, whoever is right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from trucewatch.errors import BadInput, EvidenceBroken
from trucewatch.evidence.bag import DATA
from trucewatch.evidence.checkpoint import open_checkpoint
from trucewatch.evidence.contents import ANCHORS, CHECKPOINT
from trucewatch.evidence.merkle import leaf_hashes, root_of
from trucewatch.evidence.note import parse_note
from trucewatch.evidence.proof import parse_proof
from trucewatch.evidence.receipt import against_log, check_receipt
from trucewatch.verify.tree import read_entries

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trucewatch.evidence.checkpoint import Checkpoint
    from trucewatch.verify.sealed import Sealed

RECEIPT_START = b"trucewatch receipt "
"""How a receipt begins."""

_PROOF = b"c2sp.org/tlog-proof@"


class Compared(NamedTuple):
    """What a comparison showed.

    Attributes:
        found: What agrees, and what could not be compared; one sentence for each thing shown.
        missing: What reaches beyond the end of this log; one sentence each.
    """

    found: tuple[str, ...]
    missing: tuple[str, ...]


class _Said(NamedTuple):
    words: str
    missing: str = ""


def check_against(sealed: Sealed, shown: Mapping[str, bytes | Mapping[str, bytes]]) -> Compared:
    """Return what agrees with things that the same log's key signed for somebody else.

    Args:
        sealed: The log.
        shown: By name: signed heads, proofs and receipts as bytes, other bundles as their files.

    A head by the same key that these entries do not lead to is refused (`EvidenceBroken`), and so
    is a receipt for an entry in whose place another is; something of another log is no comparison
    (`BadInput`). What reaches beyond the end of this log breaks nothing, as an old bundle is whole
    for ever, but what comes after that end is missing: it may have been cut.
    """
    said: list[_Said] = []
    for name, content in shown.items():
        if not isinstance(content, bytes):
            said.append(_bundle(sealed, name, content))
        elif content.startswith(RECEIPT_START):
            said.append(_receipt(sealed, name, content))
        else:
            proof = parse_proof(content, where=name) if content.startswith(_PROOF) else None
            note = content if proof is None else proof.checkpoint_note
            said.append(_compare(sealed, name, _head(sealed, note, name)))
    missing = tuple(each.missing for each in said if each.missing)
    return Compared(found=tuple(each.words for each in said), missing=missing)


def _head(sealed: Sealed, note: bytes, where: str) -> Checkpoint:
    signers = {s.name for s in parse_note(note, where=where).signatures}
    if sealed.verifier.name not in signers:
        problem = f"is signed by {', '.join(sorted(signers))}"
        raise BadInput(where, f"{problem}, expected something of {sealed.verifier.name}")
    return open_checkpoint(note, sealed.verifier, where=where)


def _compare(
    sealed: Sealed, where: str, head: Checkpoint, entries: Sequence[bytes] | None = None
) -> _Said:
    # What a signed head shows; `entries` are those that are known to lead to it.
    ours = sealed.head
    if head.size > ours.size:
        if entries is None:
            return _beyond(sealed, where, head)
        theirs = root_of(leaf_hashes(entries[: ours.size]))
        if theirs == ours.root:
            words = f"{where}: its {head.size} entries begin with these {ours.size}"
            return _beyond(sealed, where, head)._replace(words=f"{words}: this log is older")
        raise _split(sealed, where, head, entries)
    root = sealed.tree.root(head.size)
    if root == head.root:
        return _Said(f"{where}: its head of {head.size} entries is the beginning of this log")
    if head.size == ours.size or entries is not None:
        raise _split(sealed, where, head, entries)
    problem = f"REWRITTEN: at size {head.size} the log's key signed root {head.root.hex()}"
    ours_said = f"these entries lead to {root.hex()}"
    raise EvidenceBroken(where, f"{problem}; {ours_said} under its head of {ours.size} entries")


def _beyond(sealed: Sealed, where: str, head: Checkpoint, what: str = "") -> _Said:
    # What is newer than this log, whatever it is: that the two agree cannot be told from here.
    size = sealed.head.size
    held = f"{where}: you hold a head of {head.size} entries{what}, this log ends at {size}"
    return _Said(
        words=f"{where}: its head of {head.size} entries is newer than this log and not compared",
        missing=f"{held}: it was cut, or exported before; ask for a newer one",
    )


def _split(
    sealed: Sealed, where: str, head: Checkpoint, entries: Sequence[bytes] | None
) -> EvidenceBroken:
    ours = sealed.head
    problem = f"SPLIT VIEW: the log's key signed {head.size} entries with root {head.root.hex()}"
    problem += f", and {ours.size} with root {ours.root.hex()}, and neither begins with the other"
    pairs = zip(entries or (), sealed.contents, strict=False)
    at = next((i for i, (theirs, mine) in enumerate(pairs) if theirs != mine), None)
    return EvidenceBroken(where, problem if at is None else f"{problem}; entry {at} differs first")


def _receipt(sealed: Sealed, where: str, content: bytes) -> _Said:
    receipt = check_receipt(content, sealed.verifier, where=where)
    here = sealed.contents[receipt.index : receipt.index + 1]
    if receipt.checkpoint.size > sealed.head.size and list(here) in ([], [receipt.entry]):
        what = f" and a receipt for entry {receipt.index}"
        return _beyond(sealed, where, receipt.checkpoint, what)
    if list(here) == [receipt.entry]:
        _compare(sealed, where, receipt.checkpoint)
    against_log(receipt, sealed.contents, sealed.tree.root)
    return _Said(f"{where}: entry {receipt.index} is where it was acknowledged")


def _bundle(sealed: Sealed, where: str, files: Mapping[str, bytes]) -> _Said:
    if CHECKPOINT not in files:
        raise BadInput(where, f"holds no {CHECKPOINT}, expected a bundle")
    head = _head(sealed, files[CHECKPOINT], f"{where}: {CHECKPOINT}")
    static = {name.removeprefix(DATA): content for name, content in files.items()}
    entries = read_entries(static, head.size)
    if root_of(leaf_hashes(entries)) != head.root:
        at = f"{where}: {CHECKPOINT}"
        raise EvidenceBroken(at, "its own entries lead to another root")
    for name, content in files.items():
        if name.startswith(ANCHORS) and name.endswith(".checkpoint"):
            _compare(sealed, f"{where}: {name}", _head(sealed, content, f"{where}: {name}"))
    return _compare(sealed, where, head, entries)
