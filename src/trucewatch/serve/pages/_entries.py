"""Entries of the log as a list: what their types mean, which of them a page shows, and a proof."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from trucewatch.errors import BadInput, NotFound
from trucewatch.evidence.checkpoint import open_checkpoint
from trucewatch.evidence.proof import LogProof, check_proof, format_proof
from trucewatch.records.form import is_hex64
from trucewatch.serve.nav import N_

if TYPE_CHECKING:
    from trucewatch.evidence.checkpoint import Checkpoint
    from trucewatch.evidence.entry import Entry
    from trucewatch.evidence.log import Log

FAMILIES = {
    "received": N_("a file that came in"),
    "statement": N_("a signed statement"),
    "report": N_("a published file"),
    "release": N_("a release table"),
    "cited": N_("what a bulletin rests on"),
    "configuration": N_("configuration"),
    "register": N_("the register of commitments"),
    "exhibit": N_("an exhibit"),
    "alleged": N_("a list of allegations"),
    "refused": N_("what was refused"),
}
"""What entries are of, by the first word of their type."""
_OTHER = N_("of another type")
_ROWS = 50
_LOOKED_MAX = 20_000
"""Entries that one page looks through for those of a type: a tenth of a second."""
_CHUNK = 1_000
_NUMBER = re.compile(r"#?(\d{1,15})", re.ASCII)
_SHOWN = 40


class Line(NamedTuple):
    """Entry `at`; `words` is a message."""

    at: int
    entry: Entry
    words: str


class Stretch(NamedTuple):
    """Some entries, the newest first.

    Attributes:
        lines: The entries.
        top: One more than the highest index that was looked at.
        older: `top` of the entries before them; 0 where there are none.
    """

    lines: list[Line]
    top: int
    older: int


class Proved(NamedTuple):
    """That an entry is under the newest head, checked before it is shown.

    Attributes:
        entry: Its bytes.
        proof: As text (C2SP tlog-proof).
        hashes: How many lead to the root.
        head: The checkpoint that it leads to.
    """

    entry: bytes
    proof: bytes
    hashes: int
    head: Checkpoint


def words_of(kind: str) -> str:
    """Return the message of what an entry of a type is of."""
    return FAMILIES.get(kind.partition("/")[0], _OTHER)


def line(log: Log, index: int) -> Line:
    """Return one entry."""
    entry = log.entry(index)
    return Line(index, entry, words_of(entry.type))


def stretch(log: Log, *, before: str, family: str) -> Stretch:
    """Return the newest entries below an index, of all types or of those of one family.

    Args:
        log: The log.
        before: An index as text, or "" for the end of the log.
        family: One of `FAMILIES`, or "".

    Raises:
        BadInput: `before` is no such number, or there is no such family.
    """
    if family and family not in FAMILIES:
        raise BadInput("type", f"is {family[:_SHOWN]!r}, expected one of {', '.join(FAMILIES)}")
    if before and not re.fullmatch(r"[1-9]\d{0,14}", before, re.ASCII):
        raise BadInput("before", f"is {before[:_SHOWN]!r}, expected the number of an entry from 1")
    top = min(int(before), log.size) if before else log.size
    lines: list[Line] = []
    stop, least = top, max(0, top - (_LOOKED_MAX if family else _ROWS))
    while stop > least and len(lines) < _ROWS:
        start = max(least, stop - _CHUNK)
        some = [Line(i, e, words_of(e.type)) for i, e in log.entries(start, stop)]
        lines += [each for each in reversed(some) if _is_of(each.entry, family)]
        stop = start
    cut = lines[:_ROWS]
    older = cut[-1].at if len(lines) >= _ROWS else least
    return Stretch(cut, top, older)


def index_of(log: Log, text: str) -> int:
    """Return the index that a text such as `12` or `#12` means.

    Raises:
        NotFound: It is no number of an entry of the log.
    """
    found = _NUMBER.fullmatch(text)
    if found is None or int(found[1]) >= log.size:
        problem = f"is no entry, the log has 0 to {log.size - 1}"
        raise NotFound(text[:_SHOWN], problem, advice="See the newest entries of the log.")
    return int(found[1])


def object_in(text: str) -> str:
    """Return the SHA-256 in what somebody pasted, such as a line of `sha256sum`; or "".

    Example:
        >>> object_in("AB" * 32 + "  file.csv") == "ab" * 32, object_in("file.csv")
        (True, '')
    """
    first = text.strip().lower().partition(" ")[0]
    return first if is_hex64(first) else ""


def proved(log: Log, index: int) -> Proved:
    """Return the proof that an entry is under the newest head.

    Raises:
        NotFound: The newest head does not reach it yet.
    """
    note = log.cosigned_note()
    head = open_checkpoint(note, log.verifier, where="checkpoint")
    if index >= head.size:
        raise NotFound("entry", f"#{index} is not under the newest head yet")
    hashes = tuple(log.inclusion_proof(index, head.size))
    text = format_proof(LogProof(index=index, hashes=hashes, checkpoint_note=note))
    entry = log.entry_bytes(index)
    check_proof(text, entry, log.verifier, where=f"entry {index}")
    return Proved(entry, text, len(hashes), head)


def _is_of(entry: Entry, family: str) -> bool:
    return not family or entry.type.partition("/")[0] == family
