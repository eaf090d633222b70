"""What stands in a bundle beside the log itself: its tables of entries, and the names of its files.

Each table is a function of the log and of the choices of who exported, so that a checker writes it
again and compares. A change of their form is a new layout number (`evidence.bag`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from trucewatch.errors import BadInput
from trucewatch.evidence.bag import DATA, text_lines
from trucewatch.evidence.keys import public_pem
from trucewatch.evidence.statement import EXCULPATORY, parse_envelope
from trucewatch.records.exculpatory import read_exculpatory

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trucewatch.evidence.entry import Entry
    from trucewatch.evidence.statement import Statement

SCRIPT = "verify.sh"
VKEY = f"{DATA}log.vkey"
CHECKPOINT = f"{DATA}checkpoint"
INDEX = f"{DATA}index.tsv"
WITHHELD = f"{DATA}withheld.tsv"
EXCULPATORY_TABLE = f"{DATA}exculpatory.tsv"
PROVENANCE = f"{DATA}provenance.json"
POLICY = f"{DATA}witness.policy"
OBJECTS = f"{DATA}objects/"
PROOFS = f"{DATA}proofs/"
STATEMENTS = f"{DATA}statements/"
KEYS = f"{DATA}keys/"
REPORTS = f"{DATA}report/"
ANCHORS = f"{DATA}anchors/"
ROOTS = f"{DATA}roots/"
DISCLOSURES = f"{DATA}disclosures/"

MARKED = f"statement/{EXCULPATORY}"
"""Entry type of what marks objects as speaking for a party."""

_COLUMNS = ("entry", "type", "object", "size", "included", "why_not")
_WITHHELD_COLUMNS = ("entry", "type", "object", "level", "reason")
_MARK_COLUMNS = ("object", "included", "party", "entry", "reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexRow:
    """What index.tsv adds to an entry.

    Attributes:
        included: Whether the bundle holds its object.
        why_not: The reason when it does not, else "".
    """

    included: bool
    why_not: str


def index_text(entries: Sequence[Entry], rows: Sequence[IndexRow]) -> bytes:
    """Return index.tsv: one line per entry of the log, after a header."""
    lines = [_COLUMNS]
    for index, (entry, row) in enumerate(zip(entries, rows, strict=True)):
        included = "yes" if row.included else "no"
        size = str(entry.size)
        lines.append((str(index), entry.type, entry.object, size, included, row.why_not))
    return _table(lines)


def parse_index(data: bytes, entries: Sequence[Entry]) -> list[IndexRow]:
    """Return what index.tsv says of each entry, once the rest of it was compared with the log.

    Raises:
        BadInput: Another number of lines, or a line that the log does not lead to.
    """
    lines = text_lines(data, where=INDEX)
    if len(lines) != 1 + len(entries):
        raise BadInput(INDEX, f"{len(lines)} lines, expected {1 + len(entries)}")
    rows = []
    for line in lines[1:]:
        fields = line.split("\t")
        included, why = (fields[-2], fields[-1]) if len(fields) == len(_COLUMNS) else ("", "")
        rows.append(IndexRow(included=included == "yes", why_not=why))
    expect_table(INDEX, data, index_text(entries, rows))
    for index, row in enumerate(rows):
        if row.included == bool(row.why_not) or not row.why_not.isprintable():
            where = f"{INDEX}:{index + 2}"
            problem = f"entry {index} is {'' if row.included else 'not '}included"
            raise BadInput(where, f"{problem} with reason {row.why_not[:80]!r}")
    return rows


def withheld_text(entries: Sequence[Entry], rows: Sequence[IndexRow]) -> bytes:
    """Return withheld.tsv: one line per entry whose object is not included, after a header."""
    lines = [_WITHHELD_COLUMNS]
    for index, (entry, row) in enumerate(zip(entries, rows, strict=True)):
        if not row.included:
            lines.append((str(index), entry.type, entry.object, str(entry.level), row.why_not))
    return _table(lines)


def exculpatory_text(
    level: str,
    entries: Sequence[Entry],
    rows: Sequence[IndexRow],
    statements: Mapping[int, Statement],
) -> bytes:
    """Return exculpatory.tsv: what was marked as speaking for a party, and whether it is here.

    At level public it gives the number of marks and nothing else: who is spoken for, and by what,
    can harm those who spoke. The log shows the number to everybody.

    Args:
        level: Whom the bundle is made for.
        entries: All entries of the log.
        rows: Which of them are included.
        statements: Statements at hand, by entry.
    """
    marks = [index for index, entry in enumerate(entries) if entry.type == MARKED]
    if level == "public":
        return _table([("marks",), (str(len(marks)),)])
    here = {entry.object for entry, row in zip(entries, rows, strict=True) if row.included}
    lines = [_MARK_COLUMNS]
    for index in marks:
        if index not in statements:
            continue  # nobody may withhold one here; who verifies says so by its entry
        mark = read_exculpatory(statements[index].predicate, entry=index)
        for subject in statements[index].subjects:
            included = "yes" if subject.sha256 in here else "no"
            lines.append((subject.sha256, included, mark.party, str(index), mark.reason))
    return _table(lines)


def expect_table(where: str, found: bytes, expected: bytes) -> None:
    """Check that a table is the one that the log leads to.

    Raises:
        BadInput: A line differs, or there is another number of them; the message names it.
    """
    if found == expected:
        return
    lines, wanted = text_lines(found, where=where), text_lines(expected, where=where)
    for number, (line, other) in enumerate(zip(lines, wanted, strict=False), 1):
        if line != other:
            at, problem = f"{where}:{number}", f"line is {line[:160]!r}, expected {other[:160]!r}"
            raise BadInput(at, problem)
    raise BadInput(where, f"{len(lines)} lines, expected {len(wanted)}")


def anchor_name(size: int, name: str = "") -> str:
    """Return the file name of the head that others signed, or of an authority's time stamp.

    Example:
        >>> anchor_name(12), anchor_name(12, "tsa-one")
        ('data/anchors/12.checkpoint', 'data/anchors/12.tsa-one.tsr')
    """
    return f"{ANCHORS}{size}.{name}.tsr" if name else f"{ANCHORS}{size}.checkpoint"


def statement_files(index: int, content: bytes) -> dict[str, bytes]:
    """Return the files of a statement: its envelope, what was signed, and the signature."""
    envelope = parse_envelope(content, where=f"entry {index}")
    name = f"{STATEMENTS}{index}"
    return {
        f"{name}.json": content,
        f"{name}.pae": envelope.pae,
        f"{name}.sig": envelope.signature,
    }


def key_files(keys: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files of raw Ed25519 public keys, by key id."""
    return {
        f"{KEYS}{keyid}.pem": public_pem(Ed25519PublicKey.from_public_bytes(public))
        for keyid, public in keys.items()
    }


def _table(lines: Sequence[Sequence[str]]) -> bytes:
    return "".join("\t".join(fields) + "\n" for fields in lines).encode()
