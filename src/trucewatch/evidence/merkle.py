"""The Merkle tree of RFC 6962: hashes of leaves and nodes, roots, and checking of proofs.

Everything here is a pure function over 32-byte hashes. A proof that does not check raises; nothing
returns False that a caller could forget to look at.

Source: RFC 6962, 2.1, and RFC 9162, 2.1.3.2 and 2.1.4.2 (same tree, spelled-out checks).
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from trucewatch.errors import EvidenceBroken

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256().digest()
"""Root of the tree without leaves."""


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of a leaf; the prefix keeps leaves and nodes apart.

    Example:
        >>> leaf_hash(b"").hex()[:16]
        '6e340b9cffb37a98'
    """
    return hashlib.sha256(b"\x00" + leaf).digest()


def leaf_hashes(leaves: Iterable[bytes]) -> list[bytes]:
    """Return the hash of each leaf."""
    sha256 = hashlib.sha256  # half a million look-ups a second would show
    return [sha256(b"\x00" + leaf).digest() for leaf in leaves]


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node over its two children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def perfect_root(row: bytes) -> bytes:
    """Return the root over a power of two of equally high nodes.

    Args:
        row: Their hashes, one after the other.
    """
    sha256 = hashlib.sha256
    while len(row) > HASH_BYTES:
        pairs = range(0, len(row), 2 * HASH_BYTES)
        row = b"".join([sha256(b"\x01" + row[i : i + 2 * HASH_BYTES]).digest() for i in pairs])
    return row


def root_of(hashes: Sequence[bytes]) -> bytes:
    """Return the root over any number of leaf hashes, in order.

    Perfect subtrees are kept on a stack and folded from the right, so that it needs one pass.
    """
    return fold_right(hashes, None) or EMPTY_ROOT


def fold_right(hashes: Sequence[bytes], tail: bytes | None) -> bytes | None:
    """Return the root over equally high nodes and one lower subtree to the right of them all.

    Args:
        hashes: Roots of perfect subtrees of one size, from left to right; may be none.
        tail: Root of what is right of them, with fewer leaves than one of them; or None.

    Returns:
        The root, or None over nothing at all.
    """
    stack: list[tuple[int, bytes]] = []
    for node in hashes:
        height, root = 0, node
        while stack and stack[-1][0] == height:
            root = node_hash(stack.pop()[1], root)
            height += 1
        stack.append((height, root))
    while stack:
        left = stack.pop()[1]
        tail = left if tail is None else node_hash(left, tail)
    return tail


def split_at(size: int) -> int:
    """Return how many of `size` leaves are left of the root: the largest power of two below it.

    Example:
        >>> [split_at(size) for size in (2, 3, 4, 5, 9)]
        [1, 2, 2, 4, 8]
    """
    return 1 << ((size - 1).bit_length() - 1)


def check_inclusion(
    leaf: bytes, *, index: int, size: int, proof: Sequence[bytes], root: bytes, where: str
) -> None:
    """Check that the leaf hash is at `index` of the tree of `size` leaves under `root`.

    Args:
        leaf: Hash of the leaf (`leaf_hash`), 32 bytes.
        index: Position of the leaf, from 0.
        size: Number of leaves in the tree.
        proof: Sibling hashes from the leaf upwards.
        root: Root of the tree.
        where: How to name the proof in an error.

    Raises:
        EvidenceBroken: It is not, or the proof has the wrong length.

    Source: RFC 9162, 2.1.3.2.
    """
    if not 0 <= index < size:
        raise EvidenceBroken(where, f"entry index is {index}, must be 0 to {size - 1}")
    _check_width(proof, where)
    last, node, path = size - 1, leaf, index
    for sibling in proof:
        if last == 0:
            raise EvidenceBroken(where, f"proof has {len(proof)} hashes, too many for size {size}")
        if path & 1 or path == last:
            node = node_hash(sibling, node)
            while not path & 1 and path:
                path, last = path >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        path, last = path >> 1, last >> 1
    if last:
        raise EvidenceBroken(where, f"proof has {len(proof)} hashes, too few for size {size}")
    if node != root:
        problem = f"entry {index} leads to root {node.hex()}, the checkpoint says {root.hex()}"
        raise EvidenceBroken(where, problem)


def check_consistency(
    *, old: tuple[int, bytes], new: tuple[int, bytes], proof: Sequence[bytes], where: str
) -> None:
    """Check that the new tree begins with every leaf of the old one, in order.

    Args:
        old: Size and root of the earlier tree.
        new: Size and root of the later tree.
        proof: Hashes from `tiles.consistency_proof`; none when the old tree is empty or the same.
        where: How to name the proof in an error.

    Raises:
        EvidenceBroken: It does not, or the proof has the wrong length.

    Source: RFC 9162, 2.1.4.2; the empty and equal cases as in RFC 6962, 2.1.2.
    """
    (old_size, old_root), (new_size, new_root) = old, new
    if not 0 <= old_size <= new_size:
        raise EvidenceBroken(where, f"tree shrinks from {old_size} to {new_size} entries")
    _check_width(proof, where)
    if old_size in {0, new_size}:
        expected = EMPTY_ROOT if old_size == 0 else new_root
        if proof:
            raise EvidenceBroken(where, f"proof has {len(proof)} hashes, expected none")
        _same(old_root, expected, old_size, where)
        return
    path, last = old_size - 1, new_size - 1
    while path & 1:
        path, last = path >> 1, last >> 1
    hashes = list(proof) if path else [old_root, *proof]
    if not hashes:
        raise EvidenceBroken(where, f"proof is empty, expected one from {old_size} to {new_size}")
    found_old, found_new, last = _climb(hashes, path, last, where)
    if last:
        raise EvidenceBroken(where, f"proof has {len(proof)} hashes, too few for size {new_size}")
    _same(found_old, old_root, old_size, where)
    _same(found_new, new_root, new_size, where)


def _climb(hashes: Sequence[bytes], path: int, last: int, where: str) -> tuple[bytes, bytes, int]:
    old = new = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            raise EvidenceBroken(where, f"proof has {len(hashes)} hashes, which is too many")
        if path & 1 or path == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not path & 1 and path:
                path, last = path >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        path, last = path >> 1, last >> 1
    return old, new, last


def _same(found: bytes, expected: bytes, size: int, where: str) -> None:
    if found != expected:
        problem = f"root at size {size} is {found.hex()}, expected {expected.hex()}"
        raise EvidenceBroken(where, problem)


def _check_width(proof: Sequence[bytes], where: str) -> None:
    for row, node in enumerate(proof):
        if len(node) != HASH_BYTES:
            raise EvidenceBroken(where, f"hash {row} has {len(node)} bytes, expected {HASH_BYTES}")
