"""Making an export bundle from a log: all of the log, and the objects that may be released.

README.txt             how to check it, and what a proof does not prove
SHA256SUMS             every other file
log.vkey, checkpoint   the log's key and signed head
tile/...               every hash tile and entry bundle: the whole log, nothing removed
objects/sha256/ab/...  included objects
proofs/N.tlog-proof    one per included entry
statements/N.json, .pae, .sig, and keys/KEYID.pem
index.tsv              every entry, whether its object is included, and why not
report/NAME            copies of published files under readable names
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from trucewatch.errors import BadInput
from trucewatch.evidence.bundle import check_names
from trucewatch.evidence.checkpoint import open_checkpoint
from trucewatch.evidence.contents import (
    CHECKPOINT,
    INDEX,
    README,
    REPORT_FOLDER,
    SUMS,
    VKEY,
    IndexRow,
    index_text,
    is_demo,
    readme_text,
    sums_text,
)
from trucewatch.evidence.entry import STATEMENT_PREFIX
from trucewatch.evidence.keys import public_pem
from trucewatch.evidence.objects import object_path
from trucewatch.evidence.proof import LogProof, format_proof
from trucewatch.evidence.statement import CONFIGURED, open_configured, parse_envelope
from trucewatch.evidence.tiles import Tree

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from trucewatch.evidence.entry import Entry
    from trucewatch.evidence.log import Log


def assemble(
    log: Log,
    *,
    include: Callable[[int, Entry], str | None],
    reports: Mapping[str, str],
    exercise: bool,
) -> dict[str, bytes]:
    """Return the files of a bundle over the log's newest checkpoint.

    Args:
        log: The log, open for reading at least.
        include: Says for each entry why its object is not included, or None to include it. A
            statement can only go with the first `configured` one, which lists who may sign.
        reports: SHA-256 by readable name of published files to copy; each must be included.
        exercise: Whether to mark the bundle as worthless as proof; one of a demo always is.

    Returns:
        Content by relative name; the same log and choices give the same bytes.

    Raises:
        BadInput: A statement without the one that lists its key, or a report that is not included.
    """
    note = log.checkpoint_note()
    size = open_checkpoint(note, log.verifier, where=CHECKPOINT).size
    entries = [entry for _, entry in log.entries(0, size)]
    rows = [_row(include(index, entry)) for index, entry in enumerate(entries)]
    files = dict(log.static_files(size))
    files[VKEY] = f"{log.verifier.vkey}\n".encode()
    files[CHECKPOINT] = note
    files[INDEX] = index_text(entries, rows)
    files[README] = readme_text(
        origin=log.origin, size=size, exercise=exercise or is_demo(log.origin)
    )
    included = [index for index, row in enumerate(rows) if row.included]
    tree = Tree(log.read_tile, size)
    for index in included:
        digest = entries[index].object
        files[object_path(digest)] = log.object(digest)
        hashes = tuple(tree.inclusion_proof(index, size))
        proof = LogProof(index=index, hashes=hashes, checkpoint_note=note)
        files[f"proofs/{index}.tlog-proof"] = format_proof(proof)
    _add_statements(files, entries, included)
    for name, digest in reports.items():
        if object_path(digest) not in files:
            raise BadInput(name, f"object {digest} is not included, expected a released report")
        files[REPORT_FOLDER + name] = files[object_path(digest)]
    files[SUMS] = sums_text(files)
    check_names(files, where="bundle")
    return files


def _row(why_not: str | None) -> IndexRow:
    if why_not is None:
        return IndexRow(included=True, why_not="")
    if not why_not or not why_not.isprintable():
        problem = f"reason is {why_not[:80]!r}, expected one line of text"
        raise BadInput("bundle", problem)
    return IndexRow(included=False, why_not=why_not)


def _add_statements(
    files: dict[str, bytes], entries: Sequence[Entry], included: Sequence[int]
) -> None:
    indices = [i for i in included if entries[i].type.startswith(STATEMENT_PREFIX)]
    if not indices:
        return
    first = next((i for i, entry in enumerate(entries) if entry.type == CONFIGURED), None)
    if first is None or first not in indices:
        problem = f"statement in entry {indices[0]} is included without the first of configured/v1"
        raise BadInput("bundle", f"{problem}, which lists the keys that may sign")
    content = files[object_path(entries[first].object)]
    _, keys = open_configured(content, where=f"entry {first}")
    for keyid, public in keys.items():
        files[f"keys/{keyid}.pem"] = public_pem(Ed25519PublicKey.from_public_bytes(public))
    for index in indices:
        content = files[object_path(entries[index].object)]
        envelope = parse_envelope(content, where=f"entry {index}")
        files[f"statements/{index}.json"] = content
        files[f"statements/{index}.pae"] = envelope.pae
        files[f"statements/{index}.sig"] = envelope.signature
