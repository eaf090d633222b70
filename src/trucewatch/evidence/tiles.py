"""The static files of a log: hash tiles, entry bundles, and proofs read from them.

A tile holds up to 256 hashes of one tree level in eight; a bundle holds the entries of one tile of
level 0. Everything is a pure function; where tiles lie is the business of a `ReadTile`.

Source: C2SP tlog-tiles (https://c2sp.org/tlog-tiles); trees as in RFC 6962, 2.1.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

from trucewatch.errors import BadInput, EvidenceBroken
from trucewatch.evidence.merkle import (
    EMPTY_ROOT,
    HASH_BYTES,
    fold_right,
    node_hash,
    perfect_root,
    split_at,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

TILE_WIDTH = 256
TILE_BYTES = TILE_WIDTH * HASH_BYTES
_TILE_HEIGHT = 8
_PREFIX_BYTES = 2
_ENTRY_BYTES_MAX = 0xFFFF  # what the two length bytes can say
_PATH_BASE = 1000
_PATH = re.compile(
    r"tile/(entries|[0-9]|[1-5][0-9]|6[0-3])/((?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?"
)
ENTRIES = "entries"
"""What stands for the level in the path of an entry bundle."""


class ReadTile(Protocol):
    """Fetch the first `width` hashes of a tile; more may come, fewer is an error."""

    def __call__(self, level: int, index: int, width: int) -> bytes:
        """Return at least `width * 32` bytes of tile `index` at `level`."""


def tile_path(level: int | str, index: int, width: int = TILE_WIDTH) -> str:
    """Return the path of a tile, or of an entry bundle when `level` is `ENTRIES`.

    Example:
        >>> tile_path(0, 1234067)
        'tile/0/x001/x234/067'
        >>> tile_path("entries", 3, 17)
        'tile/entries/003.p/17'
    """
    name = f"{index % _PATH_BASE:03d}"
    while index >= _PATH_BASE:
        index //= _PATH_BASE
        name = f"x{index % _PATH_BASE:03d}/{name}"
    suffix = "" if width == TILE_WIDTH else f".p/{width}"
    return f"tile/{level}/{name}{suffix}"


def parse_tile_path(path: str) -> tuple[int | str, int, int] | None:
    """Return (level or "entries", index, width) of a path that `tile_path` writes, else None.

    Example:
        >>> parse_tile_path("tile/entries/x001/234.p/17")
        ('entries', 1234, 17)
    """
    match = _PATH.fullmatch(path)
    if match is None:
        return None
    level = match[1] if match[1] == ENTRIES else int(match[1])
    index = int(re.sub("[x/]", "", match[2]))
    place = level, index, int(match[3] or TILE_WIDTH)
    return place if place[2] <= TILE_WIDTH and tile_path(*place) == path else None


def tiles_of(size: int, since: int = 0) -> Iterator[tuple[int, int, int]]:
    """Yield (level, index, width) of every hash tile of a tree of `size` leaves, level by level.

    Args:
        size: Number of leaves.
        since: Size of an earlier tree whose full tiles are left out.
    """
    level = 0
    while size:
        for index in range(since // TILE_WIDTH, size // TILE_WIDTH):
            yield level, index, TILE_WIDTH
        if size % TILE_WIDTH:
            yield level, size // TILE_WIDTH, size % TILE_WIDTH
        level, size, since = level + 1, size // TILE_WIDTH, since // TILE_WIDTH


def pack_entries(entries: Iterable[bytes]) -> bytes:
    """Return an entry bundle: each entry after its length in two bytes, big end first.

    Raises:
        BadInput: An entry is too long for two length bytes.
    """
    parts: list[bytes] = []
    for entry in entries:
        length = len(entry)
        if length > _ENTRY_BYTES_MAX:
            problem = f"entry has {length} bytes, must be at most {_ENTRY_BYTES_MAX}"
            raise BadInput("entry bundle", problem)
        parts.append(length.to_bytes(_PREFIX_BYTES, "big"))
        parts.append(entry)
    return b"".join(parts)


def unpack_entries(bundle: bytes, *, where: str) -> list[bytes]:
    """Return the entries of a bundle, which must end where its last entry ends.

    Raises:
        BadInput: The bundle is cut short.
    """
    entries: list[bytes] = []
    at = 0
    while at < len(bundle):
        start = at + _PREFIX_BYTES
        at = start + int.from_bytes(bundle[at:start], "big")
        if start > len(bundle) or at > len(bundle):
            problem = f"entry {len(entries)} of the bundle ends at byte {at} of {len(bundle)}"
            raise BadInput(where, f"{problem}, expected whole entries")
        entries.append(bundle[start:at])
    return entries


def split_hashes(tile: bytes) -> list[bytes]:
    """Return the hashes of a tile, in order."""
    return [tile[i : i + HASH_BYTES] for i in range(0, len(tile), HASH_BYTES)]


def grow(
    edge: Sequence[bytes], size: int, leaves: Sequence[bytes]
) -> tuple[tuple[bytes, ...], dict[tuple[int, int], bytes]]:
    """Return the tree's new right edge and the tiles that changed, after some leaves were added.

    Args:
        edge: The partial tile of each level, empty bytes where a level has none.
        size: Number of leaves before.
        leaves: Hashes of the new leaves, in order.

    Returns:
        The new edge, and the bytes of each new or longer tile by (level, index).
    """
    changed: dict[tuple[int, int], bytes] = {}
    new_edge: list[bytes] = []
    level, hashes = 0, list(leaves)
    while hashes or level < len(edge):
        row = (edge[level] if level < len(edge) else b"") + b"".join(hashes)
        first = (size >> (_TILE_HEIGHT * level)) // TILE_WIDTH
        full = len(row) // TILE_BYTES
        if hashes:
            for i in range(0, len(row), TILE_BYTES):
                changed[level, first + i // TILE_BYTES] = row[i : i + TILE_BYTES]
        hashes = [perfect_root(changed[level, first + i]) for i in range(full)]
        new_edge.append(row[full * TILE_BYTES :])
        level += 1
    return tuple(new_edge), changed


def edge_root(edge: Sequence[bytes]) -> bytes:
    """Return the root of the tree that ends in this right edge."""
    root: bytes | None = None
    for tile in edge:
        root = fold_right(split_hashes(tile), root)
    return EMPTY_ROOT if root is None else root


class Tree:
    """Roots and proofs of a log, at any size that its tiles reach.

    Args:
        read: Where tiles come from. Each is read once for the life of this object.
        size: Number of leaves that the tiles cover.
    """

    def __init__(self, read: ReadTile, size: int) -> None:
        self._read = read
        self._size = size
        self._tiles: dict[tuple[int, int], bytes] = {}

    def root(self, size: int) -> bytes:
        """Return the root when the log had `size` leaves."""
        self._check_size(size)
        return self._span(0, size) if size else EMPTY_ROOT

    def inclusion_proof(self, index: int, size: int) -> list[bytes]:
        """Return the sibling hashes of a leaf from the bottom up, in the tree of `size` leaves.

        Raises:
            BadInput: There is no such leaf in that tree.

        Source: RFC 6962, 2.1.1.
        """
        self._check_size(size)
        if not 0 <= index < size:
            raise BadInput("inclusion proof", f"entry {index} is not in a tree of size {size}")
        proof: list[bytes] = []
        start, stop = 0, size
        while stop - start > 1:
            middle = start + split_at(stop - start)
            if index < middle:
                proof.append(self._span(middle, stop))
                stop = middle
            else:
                proof.append(self._span(start, middle))
                start = middle
        return proof[::-1]

    def consistency_proof(self, old_size: int, new_size: int) -> list[bytes]:
        """Return the hashes that show the tree of `old_size` to be the start of the later one.

        Raises:
            BadInput: The old tree is larger than the new one.

        Source: RFC 6962, 2.1.2.
        """
        self._check_size(new_size)
        if not 0 <= old_size <= new_size:
            problem = f"old size is {old_size}, must be 0 to {new_size}"
            raise BadInput("consistency proof", problem)
        if old_size in {0, new_size}:
            return []
        proof: list[bytes] = []
        start, stop, whole = 0, new_size, True
        while old_size != stop:
            middle = start + split_at(stop - start)
            if old_size <= middle:
                proof.append(self._span(middle, stop))
                stop = middle
            else:
                proof.append(self._span(start, middle))
                start, whole = middle, False
        if not whole:  # the verifier knows the old root itself
            proof.append(self._span(start, stop))
        return proof[::-1]

    def _check_size(self, size: int) -> None:
        if not 0 <= size <= self._size:
            raise BadInput("tree", f"size is {size}, must be 0 to {self._size}")

    def _span(self, start: int, stop: int) -> bytes:
        """Return the root over leaves [start, stop)."""
        count = stop - start
        if count & (count - 1) == 0 and start % count == 0:
            return self._perfect(count.bit_length() - 1, start // count)
        middle = start + split_at(count)
        return node_hash(self._span(start, middle), self._span(middle, stop))

    def _perfect(self, height: int, index: int) -> bytes:
        """Return the root of perfect subtree `index` among those `height` levels high."""
        level, rest = divmod(height, _TILE_HEIGHT)
        first = index << rest
        hashes = self._tile(level, first // TILE_WIDTH)
        at = first % TILE_WIDTH * HASH_BYTES
        return perfect_root(hashes[at : at + (HASH_BYTES << rest)])

    def _tile(self, level: int, index: int) -> bytes:
        if (level, index) not in self._tiles:
            reach = (self._size >> (_TILE_HEIGHT * level)) - index * TILE_WIDTH
            width = min(TILE_WIDTH, reach)
            tile = self._read(level, index, width)
            if len(tile) < width * HASH_BYTES:
                problem = f"{len(tile)} bytes, expected {width * HASH_BYTES}"
                raise EvidenceBroken(tile_path(level, index, width), problem)
            self._tiles[level, index] = tile
        return self._tiles[level, index]
