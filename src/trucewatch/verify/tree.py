"""Recomputing a log from its entries: every tile, the root, and what the entries themselves say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.errors import EvidenceBroken
from trucewatch.evidence.entry import Entry, parse_entry
from trucewatch.evidence.merkle import HASH_BYTES, leaf_hashes, root_of
from trucewatch.evidence.tiles import (
    ENTRIES,
    TILE_WIDTH,
    grow,
    pack_entries,
    parse_tile_path,
    tile_path,
    tiles_of,
    unpack_entries,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trucewatch.evidence.checkpoint import Checkpoint

TILE_FOLDER = "tile/"


def read_entries(files: Mapping[str, bytes], size: int) -> list[bytes]:
    """Return the bytes of every entry from the entry bundles.

    Raises:
        EvidenceBroken: A bundle is missing, or holds another number of entries.
    """
    entries: list[bytes] = []
    for level, index, width in tiles_of(size):
        if level:
            break
        name = tile_path(ENTRIES, index, width)
        if name not in files:
            raise EvidenceBroken(name, "is missing, expected every entry bundle of the log")
        bundle = unpack_entries(files[name], where=name)
        if len(bundle) != width:
            raise EvidenceBroken(name, f"holds {len(bundle)} entries, expected {width}")
        entries += bundle
    return entries


def check_tree(entries: Sequence[bytes], files: Mapping[str, bytes], head: Checkpoint) -> None:
    """Check that the entries lead to the root, and that every tile is what they lead to.

    Args:
        entries: Bytes of all entries.
        files: Every file; those below `tile/` must be exactly the tiles and bundles of the log.
        head: The signed head.

    Raises:
        EvidenceBroken: A tile is missing, is one too many, or differs; or the root does.
    """
    leaves = leaf_hashes(entries)
    _, tiles = grow((), 0, leaves)
    expected = {
        tile_path(level, index, len(hashes) // HASH_BYTES): hashes
        for (level, index), hashes in tiles.items()
    }
    for name, hashes in expected.items():
        _check_tile(name, files.get(name), hashes)
    bundles = {tile_path(ENTRIES, i, w) for level, i, w in tiles_of(head.size) if level == 0}
    for name in files:
        if name.startswith(TILE_FOLDER) and name not in expected and name not in bundles:
            raise EvidenceBroken(name, f"is no tile of a log of {head.size} entries")
    _check_root(leaves, head)


def check_published(entries: Sequence[bytes], files: Mapping[str, bytes], head: Checkpoint) -> None:
    """Check static files that were written at some size, against the entries of the whole log.

    Partial tiles of earlier sizes may still lie beside the newer ones.

    Args:
        entries: Bytes of all entries.
        files: What lies below `HOME/log`, the checkpoint left out.
        head: The head that is published with them; not larger than the log.

    Raises:
        EvidenceBroken: A tile is missing or differs, or the root does.
    """
    leaves = leaf_hashes(entries[: head.size])
    _check_root(leaves, head)
    for level, index, width in tiles_of(head.size):
        for kind in (level, ENTRIES) if level == 0 else (level,):
            name = tile_path(kind, index, width)
            if name not in files:
                raise EvidenceBroken(name, f"is missing at size {head.size}")
    _, tiles = grow((), 0, leaves)
    for name, found in files.items():
        place = parse_tile_path(name)
        if place is None:
            raise EvidenceBroken(name, "is no tile, expected only tiles")
        level_or_entries, index, width = place
        if isinstance(level_or_entries, int):
            hashes = tiles.get((level_or_entries, index), b"")[: width * HASH_BYTES]
            _check_tile(name, found, hashes)
        else:
            start = index * TILE_WIDTH
            _check_bundle(name, found, entries[start : min(start + width, head.size)])


def check_entries(entries: Sequence[bytes]) -> list[Entry]:
    """Return the entries, each in canonical form, none earlier than the one before, none twice.

    Raises:
        EvidenceBroken: Time runs backwards, or the same object is there twice as the same type.
    """
    parsed: list[Entry] = []
    seen: dict[tuple[str, str], int] = {}
    for index, content in enumerate(entries):
        where = f"entry {index}"
        entry = parse_entry(content, where=where)
        if parsed and entry.logged_at < parsed[-1].logged_at:
            earlier, later = entry.logged_at.isoformat(), parsed[-1].logged_at.isoformat()
            raise EvidenceBroken(where, f"logged_at is {earlier}, must not be before {later}")
        first = seen.setdefault((entry.object, entry.type), index)
        if first != index:
            problem = f"object {entry.object} is in entry {first} as {entry.type} already"
            raise EvidenceBroken(where, f"{problem}, expected it once")
        parsed.append(entry)
    return parsed


def _check_tile(name: str, found: bytes | None, expected: bytes) -> None:
    if found is None:
        raise EvidenceBroken(name, "is missing, expected every tile of the log")
    if len(found) != len(expected):
        raise EvidenceBroken(name, f"has {len(found)} bytes, expected {len(expected)}")
    if found != expected:
        at = next(i for i in range(len(found)) if found[i] != expected[i]) // HASH_BYTES
        start = at * HASH_BYTES
        ours, theirs = expected[start : start + HASH_BYTES], found[start : start + HASH_BYTES]
        problem = f"hash {at} is {theirs.hex()}, the entries lead to {ours.hex()}"
        raise EvidenceBroken(name, problem)


def _check_bundle(name: str, found: bytes, expected: Sequence[bytes]) -> None:
    if found != pack_entries(expected):
        rows = zip(unpack_entries(found, where=name), expected, strict=False)
        at = next((i for i, (row, entry) in enumerate(rows) if row != entry), len(expected))
        raise EvidenceBroken(name, f"differs from the log at row {at} of {len(expected)}")


def _check_root(leaves: Sequence[bytes], head: Checkpoint) -> None:
    root = root_of(leaves)
    if len(leaves) != head.size or root != head.root:
        problem = f"says size {head.size}, root {head.root.hex()}"
        ours = f"the entries lead to size {len(leaves)}, root {root.hex()}"
        raise EvidenceBroken("checkpoint", f"{problem}; {ours}")
