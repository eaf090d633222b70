"""What stands in an export bundle beside the log itself: its README, index and list of hashes.

Each text is a function of the log and of the choices of who exported, so that a checker writes it
again and compares. The words of README are part of the format: a change is a new layout number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput
from trucewatch.records.canonical import sha256_hex

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trucewatch.evidence.entry import Entry

README = "README.txt"
SUMS = "SHA256SUMS"
VKEY = "log.vkey"
CHECKPOINT = "checkpoint"
INDEX = "index.tsv"
REPORT_FOLDER = "report/"

_DEMO_DOMAIN = "demo.invalid"
_COLUMNS = ("entry", "type", "object", "size", "included", "why_not")
_SUM_LINE = re.compile(r"([0-9a-f]{64})  ([^\n]+)")

_README = """\
{exercise}trucewatch evidence bundle, layout 1
Log: {origin}, {size} entries

This folder lets you check, without our software, that what is in it was sealed
in one append-only log and has not changed since.

1. Every file is as it was exported:

       sha256sum -c SHA256SUMS

2. The head of the log (checkpoint) was signed by the log's key (log.vkey).
   Both are C2SP formats: any verifier of signed notes reads them, such as
   golang.org/x/mod/sumdb/note. Compare log.vkey with the key that the mission
   gave you by another way: a key taken from here does not say who made it.

3. The whole log is here (C2SP tlog-tiles): tile/entries holds every entry,
   tile/0 and above the hashes over them. They lead to the root in checkpoint,
   so no entry was removed, added or moved since it was signed. index.tsv lists
   each entry, whether its object is included here, and if not, why.

4. objects/sha256/ab/abc... is the object whose SHA-256 is its name. Each entry
   names the SHA-256 of its object. proofs/N.tlog-proof (C2SP tlog-proof) shows
   by itself that entry N is in the log.

5. statements/N.json is a signed statement (in-toto in DSSE), sealed by entry
   N. It names the id of its key; OpenSSL 3 checks its signature:

       openssl pkeyutl -verify -pubin -inkey keys/KEYID.pem -rawin \\
         -in statements/N.pae -sigfile statements/N.sig

6. report/ holds copies of published files under readable names; each is also
   an object, under its hash.

With our software: tw verify BUNDLE --key KEY_YOU_WERE_GIVEN

What this does not prove: that anything sealed here is true. "Unchanged since
sealing" is not "true". Times are those of the log's own clock. Without
witnesses, whoever holds the log's key could show somebody else another log.
Nobody has adopted this software; this bundle carries no authority of its own.
"""

_EXERCISE = "EXERCISE EXERCISE EXERCISE: worthless as proof, nothing in it happened\n\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexRow:
    """What index.tsv adds to an entry.

    Attributes:
        included: Whether the bundle holds its object.
        why_not: The reason when it does not, else "".
    """

    included: bool
    why_not: str


def is_demo(origin: str) -> bool:
    """Return whether a log is one of `tw demo`: its key can be made again by anybody.

    Example:
        >>> is_demo("demo.invalid/evidence"), is_demo("mission.example/evidence")
        (True, False)
    """
    return origin.partition("/")[0] == _DEMO_DOMAIN


def readme_text(*, origin: str, size: int, exercise: bool) -> bytes:
    """Return README.txt."""
    mark = _EXERCISE if exercise else ""
    return _README.format(exercise=mark, origin=origin, size=size).encode()


def sums_text(files: Mapping[str, bytes]) -> bytes:
    """Return SHA256SUMS over every other file, in the format of `sha256sum -c`."""
    names = sorted(name for name in files if name != SUMS)
    return "".join(f"{sha256_hex(files[name])}  {name}\n" for name in names).encode()


def parse_sums(data: bytes) -> dict[str, str]:
    """Return digest by file name from SHA256SUMS.

    Raises:
        BadInput: A line of another form, a name twice, or names out of order.
    """
    digests: dict[str, str] = {}
    for number, line in enumerate(_lines(data, SUMS), 1):
        match = _SUM_LINE.fullmatch(line)
        where = f"{SUMS}:{number}"
        if match is None:
            raise BadInput(where, f"line is {line[:80]!r}, expected SHA-256, two spaces, name")
        if digests and match[2] <= next(reversed(digests)):
            raise BadInput(where, f"name is {match[2][:80]!r}, expected names once, in order")
        digests[match[2]] = match[1]
    return digests


def index_text(entries: Sequence[Entry], rows: Sequence[IndexRow]) -> bytes:
    """Return index.tsv: one line per entry of the log, after a header."""
    lines = ["\t".join(_COLUMNS)]
    for index, (entry, row) in enumerate(zip(entries, rows, strict=True)):
        included = "yes" if row.included else "no"
        fields = (str(index), entry.type, entry.object, str(entry.size), included, row.why_not)
        lines.append("\t".join(fields))
    return ("\n".join(lines) + "\n").encode()


def parse_index(data: bytes, entries: Sequence[Entry]) -> list[IndexRow]:
    """Return what index.tsv says of each entry, once the rest of it was compared with the log.

    Raises:
        BadInput: Another number of lines, or a line that the log does not lead to.
    """
    lines = _lines(data, INDEX)
    if len(lines) != 1 + len(entries):
        raise BadInput(INDEX, f"{len(lines)} lines, expected {1 + len(entries)}")
    rows = []
    for line in lines[1:]:
        fields = line.split("\t")
        included, why = (fields[-2], fields[-1]) if len(fields) == len(_COLUMNS) else ("", "")
        rows.append(IndexRow(included=included == "yes", why_not=why))
    expected = index_text(entries, rows).decode().split("\n")
    for number, (found, line) in enumerate(zip(lines, expected, strict=False), 1):
        if found != line:
            where = f"{INDEX}:{number}"
            raise BadInput(where, f"line is {found[:160]!r}, expected {line[:160]!r}")
    for index, row in enumerate(rows):
        if row.included == bool(row.why_not) or not row.why_not.isprintable():
            where = f"{INDEX}:{index + 2}"
            problem = f"entry {index} is {'' if row.included else 'not '}included"
            raise BadInput(where, f"{problem} with reason {row.why_not[:80]!r}")
    return rows


def _lines(data: bytes, where: str) -> list[str]:
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise BadInput(where, f"not UTF-8 at byte {error.start}") from error
    if not text.endswith("\n"):
        raise BadInput(where, "cut short, expected a newline at the end")
    return text[:-1].split("\n")
