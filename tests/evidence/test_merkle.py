from __future__ import annotations

import functools
import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trucewatch.errors import BadInput, EvidenceBroken
from trucewatch.evidence.merkle import (
    EMPTY_ROOT,
    check_consistency,
    check_inclusion,
    leaf_hash,
    leaf_hashes,
    node_hash,
    perfect_root,
    root_of,
)
from trucewatch.evidence.tiles import Tree, grow

# Leaves and roots of the reference implementation of Certificate Transparency (RFC 6962).
LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657",
          "606162636465666768696a6b6c6d6e6f"]  # fmt: skip
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
SIZE = 600
HASHES = [leaf_hash(b"%d" % i) for i in range(SIZE)]


@pytest.mark.parametrize("height", range(9))
def test_a_perfect_root_is_that_of_its_nodes_two_by_two(height: int) -> None:
    nodes = HASHES[: 1 << height]

    found = perfect_root(b"".join(nodes))

    while len(nodes) > 1:
        nodes = [node_hash(nodes[i], nodes[i + 1]) for i in range(0, len(nodes), 2)]
    assert found == nodes[0]


def test_hashes_of_leaves_are_those_of_each() -> None:
    assert leaf_hashes(b"%d" % i for i in range(SIZE)) == HASHES


@functools.cache
def slow_root(start: int, stop: int) -> bytes:
    """MTH of RFC 6962, 2.1, word for word."""
    n = stop - start
    if n == 0:
        return hashlib.sha256(b"").digest()
    if n == 1:
        return HASHES[start]
    k = 1
    while k * 2 < n:
        k *= 2
    return node_hash(slow_root(start, start + k), slow_root(start + k, stop))


def slow_path(index: int, start: int, stop: int) -> list[bytes]:
    """PATH of RFC 6962, 2.1.1."""
    n = stop - start
    if n == 1:
        return []
    k = 1
    while k * 2 < n:
        k *= 2
    if index < k:
        return [*slow_path(index, start, start + k), slow_root(start + k, stop)]
    return [*slow_path(index - k, start + k, stop), slow_root(start, start + k)]


def slow_proof(old: int, start: int, stop: int, *, whole: bool) -> list[bytes]:
    """SUBPROOF of RFC 6962, 2.1.2."""
    n = stop - start
    if old == n:
        return [] if whole else [slow_root(start, stop)]
    k = 1
    while k * 2 < n:
        k *= 2
    if old <= k:
        left = slow_proof(old, start, start + k, whole=whole)
        return [*left, slow_root(start + k, stop)]
    return [
        *slow_proof(old - k, start + k, stop, whole=False),
        slow_root(start, start + k),
    ]


def tree() -> Tree:
    _, tiles = grow((), 0, HASHES)
    return Tree(lambda level, index, _: tiles[level, index], SIZE)


@pytest.mark.parametrize("size", range(9))
def test_gives_the_roots_of_the_reference_implementation(size: int) -> None:
    leaves = [leaf_hash(bytes.fromhex(text)) for text in LEAVES[:size]]

    root = root_of(leaves)

    assert root.hex() == ROOTS[size]


def test_gives_the_root_of_the_recursive_definition_at_every_size() -> None:
    reader = tree()

    fast = [(root_of(HASHES[:size]), reader.root(size)) for size in range(SIZE + 1)]

    assert fast == [(slow_root(0, size), slow_root(0, size)) for size in range(SIZE + 1)]


def test_inclusion_proofs_are_those_of_the_recursive_definition_and_check() -> None:
    reader = tree()
    pairs = [(i, n) for n in range(1, 70) for i in range(n)]
    pairs += [(i, n) for n in (127, 255, 256, 257, 511, 512, 513, 600) for i in range(0, n, 13)]
    pairs += [(n - 1, n) for n in range(70, SIZE + 1)]

    for index, size in pairs:
        proof = reader.inclusion_proof(index, size)

        assert proof == slow_path(index, 0, size)
        check_inclusion(
            HASHES[index], index=index, size=size, proof=proof, root=slow_root(0, size), where="t"
        )


def test_consistency_proofs_are_those_of_the_recursive_definition_and_check() -> None:
    reader = tree()
    pairs = [(m, n) for n in range(50) for m in range(n + 1)]
    pairs += [(m, n) for n in (255, 256, 257, 512, 513, 600) for m in range(0, n + 1, 11)]

    for old, new in pairs:
        proof = reader.consistency_proof(old, new)

        assert proof == ([] if old == 0 else slow_proof(old, 0, new, whole=True))
        roots = (old, slow_root(0, old)), (new, slow_root(0, new))
        check_consistency(old=roots[0], new=roots[1], proof=proof, where="t")


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_an_inclusion_proof_fails_on_any_flipped_bit(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 40))
    index = data.draw(st.integers(0, size - 1))
    proof = slow_path(index, 0, size)
    material = [HASHES[index], slow_root(0, size), *proof]
    at = data.draw(st.integers(0, len(material) - 1))
    bit = data.draw(st.integers(0, 255))
    flipped = int.from_bytes(material[at], "big") ^ (1 << bit)
    material[at] = flipped.to_bytes(32, "big")

    with pytest.raises(EvidenceBroken, match="leads to root"):
        check_inclusion(
            material[0], index=index, size=size, proof=material[2:], root=material[1], where="t"
        )


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_an_inclusion_proof_holds_for_no_other_place(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 40))
    index = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(0, 45))
    proof = slow_path(index, 0, size)

    if other == index:
        return
    with pytest.raises(EvidenceBroken, match=r"root|many|few|must be 0"):
        check_inclusion(
            HASHES[index], index=other, size=size, proof=proof, root=slow_root(0, size), where="t"
        )


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_consistency_proof_fails_on_any_flipped_bit(data: st.DataObject) -> None:
    new = data.draw(st.integers(2, 40))
    old = data.draw(st.integers(1, new - 1))
    material = [slow_root(0, old), slow_root(0, new), *slow_proof(old, 0, new, whole=True)]
    at = data.draw(st.integers(0, len(material) - 1))
    bit = data.draw(st.integers(0, 255))
    material[at] = (int.from_bytes(material[at], "big") ^ (1 << bit)).to_bytes(32, "big")

    with pytest.raises(EvidenceBroken, match="root at size"):
        check_consistency(
            old=(old, material[0]), new=(new, material[1]), proof=material[2:], where="t"
        )


def test_refuses_proofs_of_the_wrong_length() -> None:
    proof, root = slow_path(3, 0, 7), slow_root(0, 7)

    with pytest.raises(EvidenceBroken, match="too few for size 7"):
        check_inclusion(HASHES[3], index=3, size=7, proof=proof[:-1], root=root, where="t")
    with pytest.raises(EvidenceBroken, match="too many for size 7"):
        check_inclusion(HASHES[3], index=3, size=7, proof=[*proof, root], root=root, where="t")
    with pytest.raises(EvidenceBroken, match="hash 0 has 31 bytes, expected 32"):
        check_inclusion(HASHES[3], index=3, size=7, proof=[bytes(31)], root=root, where="t")
    with pytest.raises(EvidenceBroken, match="entry index is 7, must be 0 to 6"):
        check_inclusion(HASHES[3], index=7, size=7, proof=proof, root=root, where="t")


def test_refuses_consistency_proofs_of_the_wrong_length() -> None:
    proof = slow_proof(3, 0, 7, whole=True)
    old, new = (3, slow_root(0, 3)), (7, slow_root(0, 7))

    with pytest.raises(EvidenceBroken, match="too few for size 7"):
        check_consistency(old=old, new=new, proof=proof[:-1], where="t")
    with pytest.raises(EvidenceBroken, match="which is too many"):
        check_consistency(old=old, new=new, proof=[*proof, new[1]], where="t")
    with pytest.raises(EvidenceBroken, match="proof is empty, expected one from 3 to 7"):
        check_consistency(old=old, new=new, proof=[], where="t")
    with pytest.raises(EvidenceBroken, match="tree shrinks from 7 to 3"):
        check_consistency(old=new, new=old, proof=proof, where="t")


def test_trees_of_no_and_of_equal_size_need_no_proof() -> None:
    root = slow_root(0, 7)

    check_consistency(old=(0, EMPTY_ROOT), new=(7, root), proof=[], where="t")
    check_consistency(old=(7, root), new=(7, root), proof=[], where="t")

    with pytest.raises(EvidenceBroken, match="root at size 7"):
        check_consistency(old=(7, EMPTY_ROOT), new=(7, root), proof=[], where="t")
    with pytest.raises(EvidenceBroken, match="root at size 0"):
        check_consistency(old=(0, root), new=(7, root), proof=[], where="t")
    with pytest.raises(EvidenceBroken, match="1 hashes, expected none"):
        check_consistency(old=(7, root), new=(7, root), proof=[root], where="t")


def test_refuses_proofs_that_the_log_cannot_give() -> None:
    reader = tree()

    with pytest.raises(BadInput, match="entry 7 is not in a tree of size 7"):
        reader.inclusion_proof(7, 7)
    with pytest.raises(BadInput, match="size is 601, must be 0 to 600"):
        reader.root(601)
    with pytest.raises(BadInput, match="old size is 8, must be 0 to 7"):
        reader.consistency_proof(8, 7)
