"""Verifying an export bundle: from its files alone, with or without the log's key from elsewhere.

0   SHA256SUMS lists every file, each hashes to it, and each name is one that a bundle has.
1   log.vkey is a key; when the caller knows the log's key, it is that one.
2   The log's key signed the checkpoint.
3   The entries lead to the checkpoint's root, and every tile is what they lead to.
4   Entries are canonical, time never runs backwards, none is there twice.
5   index.tsv is what the entries lead to; each included object hashes to its entry and has its
    size; there is no other object.
6   Each included entry has its proof, and it verifies.
7   Each included statement is signed by a key that the first `configured` statement lists; its
    loose parts for openssl are its own.
8   What a statement cites was sealed before it.
9   Each report copy equals a sealed report, under the name that was published; an earlier edition,
    and no other, has the beginning of its hash in front of it.
10  README.txt is the text for this log, and says EXERCISE when the sealed settings do.

The first broken link is raised.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from trucewatch.errors import EvidenceBroken
from trucewatch.evidence.checkpoint import open_checkpoint
from trucewatch.evidence.contents import (
    CHECKPOINT,
    INDEX,
    README,
    SUMS,
    VKEY,
    parse_index,
    parse_sums,
)
from trucewatch.evidence.keys import public_pem
from trucewatch.evidence.merkle import check_inclusion, leaf_hash
from trucewatch.evidence.note import parse_vkey
from trucewatch.evidence.objects import object_path
from trucewatch.evidence.proof import parse_proof
from trucewatch.evidence.statement import parse_envelope
from trucewatch.records.canonical import sha256_hex
from trucewatch.verify.findings import (
    NOT_ANCHORED,
    SELF_CONSISTENT,
    VERIFIED,
    Findings,
    broken_if_malformed,
)
from trucewatch.verify.published import check_readme, check_reports
from trucewatch.verify.rows import broken_row
from trucewatch.verify.statements import (
    Statements,
    check_signatures,
    check_subjects,
    statement_indices,
)
from trucewatch.verify.tree import check_entries, check_tree, read_entries

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    from trucewatch.evidence.checkpoint import Checkpoint
    from trucewatch.evidence.entry import Entry
    from trucewatch.evidence.note import Verifier

_HEX64 = "[0-9a-f]{64}"
_KNOWN = re.compile(
    rf"README\.txt|SHA256SUMS|log\.vkey|checkpoint|index\.tsv|tile/[a-z0-9./]+|report/[^/]+"
    rf"|objects/sha256/[0-9a-f]{{2}}/{_HEX64}|proofs/[0-9]+\.tlog-proof"
    rf"|statements/[0-9]+\.(?:json|pae|sig)|keys/{_HEX64}\.pem"
)
_REQUIRED = (README, SUMS, VKEY, CHECKPOINT, INDEX)


def verify_bundle(files: Mapping[str, bytes], *, vkey: str | None = None) -> Findings:
    """Return what was checked in a bundle in which every link holds.

    Args:
        files: Content by relative name, from `evidence.bundle.read_bundle`.
        vkey: The log's verifier key as known from elsewhere; without it nothing shows who made the
            bundle, and `Findings.trust` says so.

    A broken link is raised (`EvidenceBroken`) by a message that names the file, entry or row.
    """
    trusted = None if vkey is None else parse_vkey(vkey, where="--key")
    with broken_if_malformed():
        _check_sums(files)  # 0
        verifier = _check_key(files, trusted)  # 1
        head = open_checkpoint(files[CHECKPOINT], verifier, where=CHECKPOINT)  # 2
        contents = read_entries(files, head.size)
        check_tree(contents, files, head)  # 3
        entries = check_entries(contents)  # 4
        included = _check_objects(files, entries)  # 5
        _check_proofs(files, contents, included, head)  # 6
        statements = _check_statements(files, entries, included)  # 7
        check_subjects(entries, statements)  # 8
        reports = check_reports(files, entries, statements)  # 9
        exercise = check_readme(files, entries, statements, head)  # 10
    return Findings(
        origin=head.origin,
        size=head.size,
        root=head.root.hex(),
        objects=len({entries[index].object for index in included}),
        withheld=len(entries) - len(included),
        proofs=len(included),
        statements=len(statements.by_index),
        unknown=statements.unknown,
        reports=reports,
        trust=SELF_CONSISTENT if trusted is None else VERIFIED,
        anchoring=NOT_ANCHORED,
        exercise=exercise,
    )


def _check_sums(files: Mapping[str, bytes]) -> None:
    for name in _REQUIRED:
        if name not in files:
            raise EvidenceBroken(name, "is missing, expected it in every bundle")
    digests = parse_sums(files[SUMS])
    for name, digest in digests.items():
        if name not in files:
            raise EvidenceBroken(name, f"is missing, {SUMS} lists it")
        found = sha256_hex(files[name])
        if found != digest:
            row = broken_row(files, name, digest)
            raise EvidenceBroken(name, f"hashes to {found}, {SUMS} says {digest}{row}")
    for name in sorted(files.keys() - digests.keys() - {SUMS}):
        raise EvidenceBroken(name, f"is not listed in {SUMS}")
    for name in sorted(files):
        if not _KNOWN.fullmatch(name):
            raise EvidenceBroken(name, "is no file that a bundle has")


def _check_key(files: Mapping[str, bytes], trusted: Verifier | None) -> Verifier:
    text = files[VKEY].decode(errors="replace")
    verifier = parse_vkey(text.removesuffix("\n"), where=VKEY)
    if text != f"{verifier.vkey}\n":
        raise EvidenceBroken(VKEY, "is not one line with a key, expected NAME+KEYID+BASE64")
    if trusted is not None and trusted != verifier:
        raise EvidenceBroken(VKEY, f"key is {verifier.vkey}, expected {trusted.vkey}")
    return verifier


def _check_objects(files: Mapping[str, bytes], entries: Sequence[Entry]) -> list[int]:
    rows = parse_index(files[INDEX], entries)
    included = [index for index, row in enumerate(rows) if row.included]
    for index in included:
        entry = entries[index]
        name = object_path(entry.object)
        where = f"{name} (entry {index}, {entry.type})"
        if name not in files:
            raise EvidenceBroken(where, f"is missing, {INDEX} says that it is included")
        found = sha256_hex(files[name])
        if found != entry.object:
            row = broken_row(files, name, entry.object)
            raise EvidenceBroken(where, f"hashes to {found}, its entry says {entry.object}{row}")
        if len(files[name]) != entry.size:
            raise EvidenceBroken(
                where, f"has {len(files[name])} bytes, its entry says {entry.size}"
            )
    _only(files, "objects/", {object_path(entries[index].object) for index in included})
    return included


def _check_proofs(
    files: Mapping[str, bytes], contents: Sequence[bytes], included: Sequence[int], head: Checkpoint
) -> None:
    names = {index: f"proofs/{index}.tlog-proof" for index in included}
    for index, name in names.items():
        if name not in files:
            raise EvidenceBroken(name, "is missing, expected a proof for each included entry")
        proof = parse_proof(files[name], where=name)
        if proof.index != index:
            raise EvidenceBroken(name, f"is for entry {proof.index}, expected entry {index}")
        if proof.checkpoint_note != files[CHECKPOINT]:
            raise EvidenceBroken(name, "ends in another checkpoint than that of the bundle")
        check_inclusion(
            leaf_hash(contents[index]),
            index=index,
            size=head.size,
            proof=proof.hashes,
            root=head.root,
            where=name,
        )
    _only(files, "proofs/", set(names.values()))


def _check_statements(
    files: Mapping[str, bytes], entries: Sequence[Entry], included: Sequence[int]
) -> Statements:
    indices = set(statement_indices(entries)) & set(included)
    envelopes = {index: files[object_path(entries[index].object)] for index in indices}
    statements = check_signatures(entries, envelopes)
    expected: dict[str, bytes] = {}
    for index, content in envelopes.items():
        envelope = parse_envelope(content, where=f"entry {index}")
        expected[f"statements/{index}.json"] = content
        expected[f"statements/{index}.pae"] = envelope.pae
        expected[f"statements/{index}.sig"] = envelope.signature
    for keyid, public in statements.keys.items():
        key = Ed25519PublicKey.from_public_bytes(public)
        expected[f"keys/{keyid}.pem"] = public_pem(key)
    for name, content in expected.items():
        if files.get(name) != content:
            raise EvidenceBroken(name, "is not what the sealed statement or its key leads to")
    _only(files, "statements/", expected)
    _only(files, "keys/", expected)
    return statements


def _only(files: Mapping[str, bytes], folder: str, expected: Container[str]) -> None:
    for name in sorted(files):
        if name.startswith(folder) and name not in expected:
            raise EvidenceBroken(name, "is one too many: nothing in the bundle leads to it")
