"""The log: its head, its entries with their proofs; and what was sealed, as far as one may see.

Entries are for everybody: they hold types, hashes and times, and no content.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from litestar.params import FromPath

from trucewatch.access.policy import What
from trucewatch.errors import NotFound
from trucewatch.evidence.merkle import leaf_hash
from trucewatch.serve.api._asked import PAGE, cut, resource
from trucewatch.serve.ask import Ask
from trucewatch.serve.pages._seen import hashed
from trucewatch.serve.pages.objects import readable

if TYPE_CHECKING:
    from trucewatch.evidence.log import Log

_INDEX_DIGITS_MAX = 15


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """The newest signed head of the log.

    Attributes:
        origin: Name of the log.
        size: Its entries.
        root: Root hash, hex.
        note: The signed checkpoint with its cosignatures (C2SP tlog-checkpoint).
    """

    origin: str
    size: int
    root: str
    note: str


class Consistency(msgspec.Struct, frozen=True, kw_only=True):
    """That a log of one size is the beginning of one of another (RFC 6962, 2.1.2).

    Attributes:
        old_size: Entries of the one.
        old_root: Its root hash, hex.
        new_size: Entries of the other.
        new_root: Its root hash, hex.
        proof: Hashes, hex.
    """

    old_size: int
    old_root: str
    new_size: int
    new_root: str
    proof: list[str]


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the log.

    Attributes:
        index: Its place, from 0.
        type: What the object is.
        object: SHA-256 of the object as stored.
        size_bytes: Its size.
        level: Who may see it.
        logged_at: When the log acknowledged it.
    """

    index: int
    type: str
    object: str
    size_bytes: int
    level: str
    logged_at: datetime


class Entries(msgspec.Struct, frozen=True, kw_only=True):
    """A page of entries, the newest first.

    Attributes:
        total: Entries.
        page: Which page.
        size: Entries of a page.
        next: Address of the next page, null on the last.
        items: The entries.
    """

    total: int
    page: int
    size: int
    next: str | None
    items: list[Entry]


class Proven(msgspec.Struct, frozen=True, kw_only=True):
    """An entry with the proof that it is in the log (RFC 6962, 2.1.1).

    Attributes:
        entry: The entry.
        leaf: What the log hashes: the entry in canonical form, as text.
        leaf_hash: Its hash, hex.
        size: Entries of the log that the proof is for.
        root: Root hash of that log, hex.
        proof: Hashes from the leaf up, hex.
    """

    entry: Entry
    leaf: str
    leaf_hash: str
    size: int
    root: str
    proof: list[str]


class Sealed(msgspec.Struct, frozen=True, kw_only=True):
    """A sealed object.

    Attributes:
        object: SHA-256 of its bytes as stored.
        unchanged: Whether the stored bytes hash to that, worked out for this answer.
        problem: What is wrong with them, or "".
        entries: Entries that seal it, with proofs.
        link: Its bytes.
    """

    object: str
    unchanged: bool
    problem: str
    entries: list[Proven]
    link: str


@resource("/log")
def head_json(ask: Ask) -> Head:
    """Return the newest signed head, to be compared with what others were shown."""
    ask.expect(What.LOG)
    with ask.site.reading() as (log, _):
        head = log.checkpoint()
        note = log.cosigned_note().decode()
        return Head(origin=log.origin, size=head.size, root=head.root.hex(), note=note)


@resource("/log/consistency/{old:str}/{new:str}")
def consistency_json(ask: Ask, old: FromPath[str], new: FromPath[str]) -> Consistency:
    """Return the proof that the log of one size is the beginning of that of another.

    Raises:
        NotFound: The log never had such sizes, the smaller one first.
    """
    ask.expect(What.LOG)
    with ask.site.reading() as (log, _):
        sizes = [_index(each, log.size + 1) for each in (old, new)]
        if None in sizes or not 0 < (first := sizes[0] or 0) <= (last := sizes[1] or 0):
            problem = f"are no sizes of the log, expected 1 to {log.size}, the smaller one first"
            raise NotFound("sizes", problem)
        return Consistency(
            old_size=first,
            old_root=log.root(first).hex(),
            new_size=last,
            new_root=log.root(last).hex(),
            proof=[each.hex() for each in log.consistency_proof(first, last)],
        )


@resource("/log/entries", *PAGE)
def entries_json(ask: Ask) -> Entries:
    """Return the entries, the newest first, a page at a time."""
    ask.expect(What.LOG)
    with ask.site.reading() as (log, _):
        at = cut(ask, log.size)
        newest = range(log.size - 1 - at.start, max(-1, log.size - 1 - at.start - at.size), -1)
        items = [_entry(log, index) for index in newest]
    return Entries(total=at.total, page=at.page, size=at.size, next=at.next, items=items)


@resource("/log/entries/{index:str}")
def entry_json(ask: Ask, index: FromPath[str]) -> Proven:
    """Return one entry with the proof that the log of now holds it.

    Raises:
        NotFound: The log has no such entry.
    """
    ask.expect(What.LOG)
    with ask.site.reading() as (log, _):
        found = _index(index, log.size)
        if found is None:
            raise NotFound(index[:20], f"is no entry, expected a number below {log.size}")
        return _proven(log, found)


@resource("/objects/{object_:str}")
def object_json(ask: Ask, object_: FromPath[str]) -> Sealed:
    """Return a sealed object, its bytes hashed again, with the proof of each of its entries."""
    with ask.site.reading() as (log, _):
        indices = readable(ask, log, object_)
        problem, _size = hashed(log, object_)
        return Sealed(
            object=object_,
            unchanged=not problem,
            problem=problem,
            entries=[_proven(log, index) for index in indices],
            link=f"/objects/{object_}/bytes",
        )


def _index(text: str, end: int) -> int | None:
    """Return a number of an address below an end, None where it is no such."""
    if not (text.isascii() and text.isdigit() and len(text) <= _INDEX_DIGITS_MAX):
        return None
    return int(text) if int(text) < end else None


def _entry(log: Log, index: int) -> Entry:
    entry = log.entry(index)
    return Entry(
        index=index,
        type=entry.type,
        object=entry.object,
        size_bytes=entry.size,
        level=str(entry.level),
        logged_at=entry.logged_at,
    )


def _proven(log: Log, index: int) -> Proven:
    head, leaf = log.checkpoint(), log.entry_bytes(index)
    return Proven(
        entry=_entry(log, index),
        leaf=leaf.decode(),
        leaf_hash=leaf_hash(leaf).hex(),
        size=head.size,
        root=head.root.hex(),
        proof=[each.hex() for each in log.inclusion_proof(index, head.size)],
    )


ROUTES = (head_json, consistency_json, entries_json, entry_json, object_json)
