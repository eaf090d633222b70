"""Log entries: what was sealed, when, under which hash; never its content.

An entry is the RFC 8785 form of
`{v: 1, type, object, size, level, commit?, logged_at}`. All its values come from small alphabets,
so the canonical bytes have exactly one shape, and one regular expression is the whole grammar; a
test holds it against `records.canonical`.

Types are paths that end in a version: `received/SENSOR/v1` (bytes from a sensor),
`configuration/mission/v1`, `configuration/agreement/v1`, `report/PRODUCT/v1`, `release/v1`,
`statement/NAME/v1` (a signed envelope). A type lives forever.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Never

from trucewatch.errors import BadInput
from trucewatch.records.instant import instant_text, parse_instant
from trucewatch.records.level import Level

if TYPE_CHECKING:
    from datetime import datetime

ENTRY_BYTES_MAX = 1024
STATEMENT_PREFIX = "statement/"
_SIZE_MAX = 2**53 - 1  # largest integer that every JSON reader keeps
_KEYS = frozenset({"v", "type", "object", "size", "level", "logged_at"})

_HEX64 = r"[0-9a-f]{64}"
_TYPE = r"[a-z][a-z0-9_]*(?:/[a-z0-9_]+)*/v[1-9][0-9]*"
_TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z"
_SIZE = r"0|[1-9][0-9]{0,15}"
_LEVEL = "|".join(re.escape(level) for level in Level)
_GRAMMAR = re.compile(
    rf'\{{(?:"commit":"({_HEX64})",)?"level":"({_LEVEL})",'
    rf'"logged_at":"({_TIME})","object":"({_HEX64})",'
    rf'"size":({_SIZE}),"type":"({_TYPE})","v":1\}}'.encode()
)
_FORMS = {
    "type": re.compile(_TYPE),
    "object": re.compile(_HEX64),
    "commit": re.compile(_HEX64),
    "level": re.compile(_LEVEL),
    "logged_at": re.compile(_TIME),
}


_LEVELS = {level.encode(): level for level in Level}
_time_text = lru_cache(maxsize=16)(instant_text)  # a batch shares one time


@lru_cache(maxsize=16)
def _time(text: bytes) -> datetime:
    return parse_instant(text.decode(), where="logged_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the log.

    Attributes:
        type: Path-like name with a version, such as `received/firms/v1`.
        object: SHA-256 of the object's bytes as stored, lowercase hex.
        size: Number of those bytes.
        level: Who may see the object.
        logged_at: When the log acknowledged it; never earlier than the entry before.
        commit: Salted commitment to the plaintext, for an encrypted object above CLEAR.
    """

    type: str
    object: str
    size: int
    level: Level
    logged_at: datetime
    commit: str | None = None


def entry_bytes(entry: Entry) -> bytes:
    """Return the canonical bytes of an entry: what the log hashes.

    A value that no entry may have is refused (`BadInput`), so that none is ever logged.
    """
    commit = f'"commit":"{entry.commit}",' if entry.commit is not None else ""
    data = (
        f'{{{commit}"level":"{entry.level}","logged_at":"{_time_text(entry.logged_at)}",'
        f'"object":"{entry.object}","size":{entry.size},"type":"{entry.type}","v":1}}'
    ).encode(errors="replace")
    where = f"entry of type {entry.type!r}"
    match = _GRAMMAR.fullmatch(data)
    if match is None:
        _name_the_defect(data, where)
    _check(entry, len(data), where)
    return data


class EntryForm:
    """The bytes of entries that differ in object and size alone; what they share is checked once.

    Args:
        entry: Any entry of that type, level and time without a commitment; a value that no entry
            may have is refused (`BadInput`).
    """

    def __init__(self, entry: Entry) -> None:
        data = entry_bytes(entry).decode()
        cut = f'{entry.object}","size":{entry.size}'
        self._head, _, self._tail = data.partition(cut)
        self._entry = entry
        self._room = ENTRY_BYTES_MAX - len(data) + len(str(entry.size))

    def fill(self, digest: str, size: int) -> bytes:
        """Return the canonical bytes of the entry of one object.

        Args:
            digest: SHA-256 of the object's bytes as computed, lowercase hex.
            size: Number of those bytes.
        """
        text = str(size)
        if len(text) > self._room:
            return entry_bytes(replace(self._entry, object=digest, size=size))  # refuses it
        return f'{self._head}{digest}","size":{text}{self._tail}'.encode()


def parse_entry(data: bytes, *, where: str) -> Entry:
    """Return the entry in some bytes, which must be its canonical form.

    Raises:
        BadInput: They are not; the message names the defect.
    """
    match = _GRAMMAR.fullmatch(data)
    if match is None:
        _name_the_defect(data, where)
    commit, level, logged_at, digest, size, kind = match.groups()
    try:
        time = _time(logged_at)
    except BadInput as error:
        raise BadInput(where, error.problem) from error
    entry = Entry(
        type=kind.decode(),
        object=digest.decode(),
        size=int(size),
        level=_LEVELS[level],
        logged_at=time,
        commit=None if commit is None else commit.decode(),
    )
    _check(entry, len(data), where)
    return entry


def is_entry_type(name: str) -> bool:
    """Return whether a text is the name of an entry type.

    Example:
        >>> is_entry_type("received/firms/v1"), is_entry_type("received/firms")
        (True, False)
    """
    return _FORMS["type"].fullmatch(name) is not None


def _check(entry: Entry, length: int, where: str) -> None:
    if length > ENTRY_BYTES_MAX:
        raise BadInput(where, f"entry has {length} bytes, must be at most {ENTRY_BYTES_MAX}")
    if entry.size > _SIZE_MAX:
        raise BadInput(where, f"size is {entry.size}, must be at most {_SIZE_MAX}")
    if entry.commit is not None and entry.level is Level.CLEAR:
        raise BadInput(where, "commit is given at level CLEAR, expected only above it")


def _name_the_defect(data: bytes, where: str) -> Never:
    # Only ever called for bytes that the grammar refused, so it always finds something to say.
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BadInput(where, f"entry is not JSON ({error})") from error
    if not isinstance(value, dict) or not _KEYS <= value.keys() <= _KEYS | {"commit"}:
        found = sorted(value) if isinstance(value, dict) else type(value).__name__
        problem = f"entry has {found}, expected {sorted(_KEYS)} and perhaps 'commit'"
        raise BadInput(where, problem)
    for name, form in _FORMS.items():
        text = value.get(name)
        if name in value and not (isinstance(text, str) and form.fullmatch(text)):
            raise BadInput(where, f"{name} is {str(text)[:80]!r}, expected {form.pattern}")
    if type(value["size"]) is not int or not 0 <= value["size"] <= _SIZE_MAX:
        raise BadInput(where, f"size is {value['size']!r}, must be an integer, 0 to {_SIZE_MAX}")
    if type(value["v"]) is not int or value["v"] != 1:
        raise BadInput(where, f"v is {value['v']!r}, expected 1")
    raise BadInput(where, "JSON is not in canonical form, expected RFC 8785 bytes")
