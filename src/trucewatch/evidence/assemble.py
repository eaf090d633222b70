"""Making an export bundle from a log: all of the log, and the objects that may be released.

A BagIt bag (RFC 8493), layout 2. Tags:

bagit.txt, bag-info.txt        the format, and what the bag is of
manifest-sha256.txt            every file under data/
tagmanifest-sha256.txt         every other file
README.txt, verify.sh          how to check it without our code

Under data/:

log.vkey, checkpoint           the log's key and its head, signed by it and by witnesses
tile/...                       every hash tile and entry bundle: the whole log, nothing removed
objects/sha256/ab/...          included objects
proofs/N.tlog-proof            one per included entry
statements/N.json, .pae, .sig  and keys/KEYID.pem
index.tsv, withheld.tsv        every entry; those whose object is not included, and why not
exculpatory.tsv                what was marked as speaking for a party
report/NAME                    copies of published files under readable names
anchors/SIZE.checkpoint        a head that others signed, and their lines under it
anchors/SIZE.NAME.tsr          an authority's time stamp over the log's own note of that head
witness.policy, roots/NAME.pem whom the sealed settings name for both
provenance.json                what was made of what (W3C PROV-JSON)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from trucewatch.errors import BadInput
from trucewatch.evidence.anchor import TIMESTAMP
from trucewatch.evidence.bag import DATA, Bagged, bag_tags
from trucewatch.evidence.bundle import check_names
from trucewatch.evidence.checkpoint import open_checkpoint
from trucewatch.evidence.contents import (
    CHECKPOINT,
    EXCULPATORY_TABLE,
    INDEX,
    MARKED,
    PROOFS,
    PROVENANCE,
    REPORTS,
    SCRIPT,
    VKEY,
    WITHHELD,
    IndexRow,
    anchor_name,
    exculpatory_text,
    index_text,
    key_files,
    statement_files,
    withheld_text,
)
from trucewatch.evidence.entry import STATEMENT_PREFIX
from trucewatch.evidence.keyring import Keyring
from trucewatch.evidence.objects import object_path
from trucewatch.evidence.outside import outside
from trucewatch.evidence.proof import LogProof, format_proof
from trucewatch.evidence.provenance import provenance_text
from trucewatch.evidence.readme import README, is_demo, readme_text
from trucewatch.evidence.script import SCRIPT_TEXT
from trucewatch.evidence.statement import CONFIGURED
from trucewatch.evidence.tiles import Tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from trucewatch.evidence.entry import Entry
    from trucewatch.evidence.log import Log
    from trucewatch.evidence.statement import Statement


class Choices(NamedTuple):
    """What whoever exports decides.

    Attributes:
        level: Whom the bundle is for: `public` or `mission`.
        include: Says for each entry why its object is not included, or None to include it. A
            statement can only go with the first `configured` one, which lists who may sign.
        reports: SHA-256 by readable name of published files to copy; each must be included.
        exercise: Whether to mark the bundle as worthless as proof; one of a demo always is.
    """

    level: str
    include: Callable[[int, Entry], str | None]
    reports: Mapping[str, str]
    exercise: bool


def assemble(log: Log, choices: Choices) -> dict[str, bytes]:
    """Return the files of a bundle over the log's newest checkpoint.

    The same log and choices give the same bytes.

    Args:
        log: The log, open for reading at least.
        choices: What goes in, and for whom.

    Raises:
        BadInput: A statement without the one that lists its key, a report that is not included, or
            a mark for a party that a bundle of the mission would withhold.
    """
    note = log.cosigned_note()
    size = open_checkpoint(note, log.verifier, where=CHECKPOINT).size
    entries = [entry for _, entry in log.entries(0, size)]
    rows = [_row(choices.include(index, entry)) for index, entry in enumerate(entries)]
    _expect_marks(entries, rows, choices.level)
    files = {f"{DATA}{name}": content for name, content in log.static_files(size)}
    files[VKEY] = f"{log.verifier.vkey}\n".encode()
    files[CHECKPOINT] = note
    files[INDEX] = index_text(entries, rows)
    files[WITHHELD] = withheld_text(entries, rows)
    files |= dict(_anchored(log, size))
    included = [index for index, row in enumerate(rows) if row.included]
    files |= dict(_objects(log, entries, included, note))
    statements = _add_statements(files, entries, included)
    named = outside(entries, statements, lambda digest: files.get(DATA + object_path(digest)))
    files |= named.files
    files[EXCULPATORY_TABLE] = exculpatory_text(choices.level, entries, rows, statements)
    files[PROVENANCE] = provenance_text(log.origin, entries, statements)
    for name, digest in choices.reports.items():
        if DATA + object_path(digest) not in files:
            raise BadInput(name, f"object {digest} is not included, expected a released report")
        files[REPORTS + name] = files[DATA + object_path(digest)]
    files |= _tags(log, files, entries, choices)
    check_names(files, where="bundle")
    return files


def _row(why_not: str | None) -> IndexRow:
    if why_not is None:
        return IndexRow(included=True, why_not="")
    if not why_not or not why_not.isprintable():
        problem = f"reason is {why_not[:80]!r}, expected one line of text"
        raise BadInput("bundle", problem)
    return IndexRow(included=False, why_not=why_not)


def _expect_marks(entries: Sequence[Entry], rows: Sequence[IndexRow], level: str) -> None:
    for index, (entry, row) in enumerate(zip(entries, rows, strict=True)):
        if level != "public" and entry.type == MARKED and not row.included:
            where = f"entry {index}"
            problem = f"{MARKED} is withheld, expected what speaks for a party in every {level}"
            raise BadInput(where, f"{problem} bundle")


def _anchored(log: Log, size: int) -> Iterator[tuple[str, bytes]]:
    for anchor in log.anchors():
        if anchor.size <= size:
            yield anchor_name(anchor.size), log.cosigned_note(anchor.size)
            if anchor.kind == TIMESTAMP:
                yield anchor_name(anchor.size, anchor.name), anchor.content


def _objects(
    log: Log, entries: Sequence[Entry], included: Sequence[int], note: bytes
) -> Iterator[tuple[str, bytes]]:
    tree = Tree(log.read_tile, len(entries))
    for index in included:
        digest = entries[index].object
        yield DATA + object_path(digest), log.object(digest)
        hashes = tuple(tree.inclusion_proof(index, len(entries)))
        proof = LogProof(index=index, hashes=hashes, checkpoint_note=note)
        yield f"{PROOFS}{index}.tlog-proof", format_proof(proof)


def _add_statements(
    files: dict[str, bytes], entries: Sequence[Entry], included: Sequence[int]
) -> dict[int, Statement]:
    indices = [i for i in included if entries[i].type.startswith(STATEMENT_PREFIX)]
    if not indices:
        return {}
    first = next((i for i, entry in enumerate(entries) if entry.type == CONFIGURED), None)
    if first is None or first not in indices:
        problem = f"statement in entry {indices[0]} is included without the first of configured/v1"
        raise BadInput("bundle", f"{problem}, which lists the keys that may sign")
    keyring, statements = Keyring(), {}
    for index in indices:
        content = files[DATA + object_path(entries[index].object)]
        statements[index] = keyring.open(index, entries[index].type, content)
        files |= statement_files(index, content)
    files |= key_files(keyring.ever)
    return statements


def _tags(
    log: Log, files: Mapping[str, bytes], entries: Sequence[Entry], choices: Choices
) -> dict[str, bytes]:
    readme = readme_text(
        origin=log.origin,
        size=len(entries),
        level=choices.level,
        exercise=choices.exercise or is_demo(log.origin),
    )
    told = {README: readme, SCRIPT: SCRIPT_TEXT}
    head_at = entries[-1].logged_at if entries else None
    bagged = Bagged(origin=log.origin, level=choices.level, head_at=head_at)
    return told | bag_tags({**files, **told}, bagged)
