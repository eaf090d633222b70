"""Verifying an export bundle: from its files alone, with or without the log's key from elsewhere.

1   The manifests list every file, each hashes to its line, each name is one that a bundle has, and
    the tags are those that the files lead to.
2   data/log.vkey is a key; when the caller knows the log's key, it is that one.
3   The log's key signed the head.
4   The entries lead to the head's root, and every tile is what they lead to.
5   Entries are canonical, time never runs backwards, none is there twice.
6   index.tsv is what the entries lead to; each included object hashes to its entry and has its
    size; there is no other object.
7   Each included entry has its proof, and it verifies.
8   Each included statement is signed by a key that might sign it at its place; its loose parts for
    openssl are its own.
9   What a statement cites was sealed before it, and heads that it cites are of this log.
10  Each report copy equals a sealed report, under the name that was published; README.txt is the
    text for this log, and says EXERCISE when the sealed settings do.
11  The tables beside the log are what it leads to, nothing that speaks for a party is withheld in
    the mission, and what was disclosed opens what was sealed.
12  Custody has no gap.
13  What others signed is about this log: otherwise it was rewritten.
14  What the reader was shown before, or others were, is about this log.
15  What schedules and devices' numbers promise was looked for; what is missing is named.

The first broken link is raised.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from trucewatch.errors import BadInput, EvidenceBroken
from trucewatch.evidence.bag import (
    BAG_INFO,
    BAGIT,
    DATA,
    MANIFEST,
    TAG_MANIFEST,
    Bagged,
    bag_tags,
    level_of,
    parse_manifest,
)
from trucewatch.evidence.bundle import check_layout
from trucewatch.evidence.checkpoint import open_checkpoint
from trucewatch.evidence.contents import (
    ANCHORS,
    CHECKPOINT,
    EXCULPATORY_TABLE,
    INDEX,
    KEYS,
    OBJECTS,
    PROOFS,
    PROVENANCE,
    SCRIPT,
    STATEMENTS,
    VKEY,
    WITHHELD,
    anchor_name,
    key_files,
    parse_index,
    statement_files,
)
from trucewatch.evidence.merkle import check_inclusion, leaf_hash
from trucewatch.evidence.note import parse_vkey
from trucewatch.evidence.objects import object_path
from trucewatch.evidence.outside import outside
from trucewatch.evidence.proof import parse_proof
from trucewatch.evidence.readme import README
from trucewatch.evidence.script import SCRIPT_TEXT
from trucewatch.records.canonical import sha256_hex
from trucewatch.verify.conclude import check_citations, conclude
from trucewatch.verify.findings import NOTHING, Findings, Steps
from trucewatch.verify.published import check_readme, check_reports
from trucewatch.verify.rows import broken_row
from trucewatch.verify.sealed import AnchoredHead, Sealed, tree_of
from trucewatch.verify.statements import check_signatures, statement_indices
from trucewatch.verify.tables import check_tables
from trucewatch.verify.tree import check_entries, check_tree, read_entries

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Mapping, Sequence

    from trucewatch.evidence.checkpoint import Checkpoint
    from trucewatch.evidence.entry import Entry
    from trucewatch.evidence.note import Verifier
    from trucewatch.verify.findings import Check, Given
    from trucewatch.verify.statements import Statements

_HEX64 = "[0-9a-f]{64}"
_NAME = "[A-Za-z0-9_-][A-Za-z0-9._-]*"
_SIZE = "(?:0|[1-9][0-9]{0,17})"
_KNOWN = re.compile(
    rf"README\.txt|verify\.sh|bagit\.txt|bag-info\.txt|manifest-sha256\.txt"
    rf"|tagmanifest-sha256\.txt|data/(?:log\.vkey|checkpoint|index\.tsv|withheld\.tsv"
    rf"|exculpatory\.tsv|provenance\.json|witness\.policy|tile/[a-z0-9./]+|report/[^/]+"
    rf"|objects/sha256/[0-9a-f]{{2}}/{_HEX64}|proofs/[0-9]+\.tlog-proof|roots/{_NAME}\.pem"
    rf"|anchors/{_SIZE}(?:\.checkpoint|\.{_NAME}\.tsr)|disclosures/{_HEX64}\.json"
    rf"|statements/[0-9]+\.(?:json|pae|sig)|keys/{_HEX64}\.pem)"
)
_TOKEN = re.compile(rf"{ANCHORS}({_SIZE})\.({_NAME})\.tsr")
_HEAD = re.compile(rf"{ANCHORS}({_SIZE})\.checkpoint")
_TAGS = (BAGIT, BAG_INFO, MANIFEST, TAG_MANIFEST, README, SCRIPT)
_REQUIRED = (*_TAGS, VKEY, CHECKPOINT, INDEX, WITHHELD, EXCULPATORY_TABLE, PROVENANCE)


def verify_bundle(
    files: Mapping[str, bytes],
    *,
    vkey: str | None = None,
    given: Given = NOTHING,
    told: Callable[[Check], None] | None = None,
) -> Findings:
    """Return what was checked in a bundle in which every link holds.

    A broken link is raised (`EvidenceBroken`) by a message that names the file, entry or row.

    Args:
        files: Content by relative name, from `evidence.bundle.read_bundle`.
        vkey: The log's verifier key as known from elsewhere; without it nothing shows who made the
            bundle, and `Findings.trust` says so.
        given: What else is known from elsewhere.
        told: Is called with each step as it is taken.
    """
    check_layout(files, where="bundle")
    trusted = None if vkey is None else parse_vkey(vkey, where="--key")
    steps = Steps(told)
    read = _read_log(files, trusted, steps)  # 1 to 5
    head, entries = read.head, read.entries
    with steps.check("Every object is the one that its entry names") as found:  # 6
        included = _check_objects(files, entries)
        found.append(f"{len(included):,} included, {len(entries) - len(included):,} withheld")
    with steps.check("Every proof leads from its entry to the head") as found:  # 7
        _check_proofs(files, read.contents, included, head)
        found.append(f"{len(included):,} proofs")
    with steps.check("Every statement is signed by a key that might sign it there") as found:  # 8
        statements = _check_statements(files, entries, included)
        content_of = {e.object: files.get(DATA + object_path(e.object)) for e in entries}.get
        named = outside(entries, statements.by_index, content_of)
        anchors = tuple(_anchors(files))
        found.append(f"{len(statements.by_index):,} signatures")
    sealed = Sealed(
        verifier=read.verifier,
        head=head,
        contents=read.contents,
        entries=entries,
        tree=tree_of(read.static, head.size),
        content_of=content_of,
        withheld=len(entries) - len(included),
        statements=statements,
        outside=named,
        anchors=anchors,
    )
    return _findings(files, sealed, given, steps, known=trusted is not None)


class _Read(NamedTuple):
    verifier: Verifier
    head: Checkpoint
    contents: Sequence[bytes]
    entries: Sequence[Entry]
    static: Mapping[str, bytes]


def _read_log(files: Mapping[str, bytes], trusted: Verifier | None, steps: Steps) -> _Read:
    with steps.check("Every file is as it was exported") as found:  # 1
        _check_manifests(files)
        found.append(f"{len(files):,} files")
    with steps.check("The log's key is known") as found:  # 2
        verifier = _check_key(files, trusted)
        found.append(verifier.vkey)
    with steps.check("The log's key signed the head") as found:  # 3
        head = open_checkpoint(files[CHECKPOINT], verifier, where=CHECKPOINT)
        found.append(f"{head.size:,} entries, root {head.root.hex()}")
    static = {name.removeprefix(DATA): content for name, content in files.items()}
    with steps.check("The entries lead to the head"), _below_data():  # 4
        contents = read_entries(static, head.size)
        check_tree(contents, static, head)
    with steps.check("Entries are in order, each there once"):  # 5
        entries = check_entries(contents)
        _check_tags(files, entries, head)
    return _Read(verifier, head, contents, entries, static)


@contextmanager
def _below_data() -> Iterator[None]:
    # The log's own names are those of the static files, which lie below data/ here.
    try:
        yield
    except (BadInput, EvidenceBroken) as error:
        raise EvidenceBroken(DATA + error.where, error.problem) from error


def _findings(
    files: Mapping[str, bytes], sealed: Sealed, given: Given, steps: Steps, *, known: bool
) -> Findings:
    level = level_of(files[BAG_INFO])
    check_citations(sealed, steps)  # 9
    with steps.check("What was published is what was sealed") as found:  # 10
        reports = check_reports(files, sealed)
        exercise = check_readme(files, sealed, level)
        found.append(f"{reports} copies")
    with steps.check("The tables beside the log are what it leads to") as found:  # 11
        found.extend(check_tables(files, sealed, level))
    concluded = conclude(sealed, given, steps, known=known)  # 12 to 15
    objects = {e.object for e in sealed.entries if sealed.content_of(e.object) is not None}
    return Findings(
        origin=sealed.head.origin,
        size=sealed.head.size,
        root=sealed.head.root.hex(),
        objects=len(objects),
        withheld=sealed.withheld,
        proofs=len(sealed.entries) - sealed.withheld,
        statements=len(sealed.statements.by_index),
        unknown=sealed.statements.unknown,
        reports=reports,
        checks=tuple(steps.taken),
        exercise=exercise,
        **concluded._asdict(),
    )


def _check_manifests(files: Mapping[str, bytes]) -> None:
    for name in _REQUIRED:
        if name not in files:
            raise EvidenceBroken(name, "is missing, expected it in every bundle")
    listed: dict[str, str] = {}
    for manifest in (MANIFEST, TAG_MANIFEST):
        for name, digest in parse_manifest(files[manifest], where=manifest).items():
            if name.startswith(DATA) != (manifest == MANIFEST):
                raise EvidenceBroken(manifest, f"lists {name}, expected it in the other manifest")
            listed[name] = digest
            _check_listed(files, name, digest, manifest)
    for name in sorted(files.keys() - listed.keys() - {TAG_MANIFEST}):
        manifest = MANIFEST if name.startswith(DATA) else TAG_MANIFEST
        raise EvidenceBroken(name, f"is not listed in {manifest}")
    for name in sorted(files):
        if not _KNOWN.fullmatch(name):
            raise EvidenceBroken(name, "is no file that a bundle has")


def _check_listed(files: Mapping[str, bytes], name: str, digest: str, manifest: str) -> None:
    if name not in files:
        raise EvidenceBroken(name, f"is missing, {manifest} lists it")
    found = sha256_hex(files[name])
    if found != digest:
        row = broken_row(files, name, digest)
        raise EvidenceBroken(name, f"hashes to {found}, {manifest} says {digest}{row}")


def _check_tags(files: Mapping[str, bytes], entries: Sequence[Entry], head: Checkpoint) -> None:
    level = level_of(files[BAG_INFO])
    head_at = entries[-1].logged_at if entries else None
    tags = bag_tags(files, Bagged(origin=head.origin, level=level, head_at=head_at))
    for name, content in {**tags, SCRIPT: SCRIPT_TEXT}.items():
        if files[name] != content:
            raise EvidenceBroken(name, "is not what a bundle of this log and these files says")


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
        name = DATA + object_path(entry.object)
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
    _only(files, OBJECTS, {DATA + object_path(entries[index].object) for index in included})
    return included


def _check_proofs(
    files: Mapping[str, bytes], contents: Sequence[bytes], included: Sequence[int], head: Checkpoint
) -> None:
    names = {index: f"{PROOFS}{index}.tlog-proof" for index in included}
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
    _only(files, PROOFS, set(names.values()))


def _check_statements(
    files: Mapping[str, bytes], entries: Sequence[Entry], included: Sequence[int]
) -> Statements:
    indices = set(statement_indices(entries)) & set(included)
    envelopes = {index: files[DATA + object_path(entries[index].object)] for index in indices}
    statements = check_signatures(entries, envelopes)
    expected = key_files(statements.keyring.ever)
    for index, content in envelopes.items():
        expected |= statement_files(index, content)
    for name, content in expected.items():
        if files.get(name) != content:
            raise EvidenceBroken(name, "is not what the sealed statement or its key leads to")
    _only(files, STATEMENTS, expected)
    _only(files, KEYS, expected)
    return statements


def _anchors(files: Mapping[str, bytes]) -> Iterator[AnchoredHead]:
    stamps: dict[int, dict[str, bytes]] = {}
    for name, content in sorted(files.items()):
        if found := _TOKEN.fullmatch(name):
            stamps.setdefault(int(found[1]), {})[found[2]] = content
    sizes = {int(found[1]) for name in files if (found := _HEAD.fullmatch(name))}
    for size in sorted(sizes | stamps.keys()):
        name = anchor_name(size)
        if name not in files:
            problem = f"is missing, expected the head that {', '.join(stamps[size])} stamped"
            raise EvidenceBroken(name, problem)
        yield AnchoredHead(size=size, note=files[name], stamps=stamps.get(size, {}))


def _only(files: Mapping[str, bytes], folder: str, expected: Container[str]) -> None:
    for name in sorted(files):
        if name.startswith(folder) and name not in expected:
            raise EvidenceBroken(name, "is one too many: nothing in the bundle leads to it")
