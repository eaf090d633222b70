from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trucewatch.errors import BadInput, EvidenceBroken
from trucewatch.evidence.merkle import leaf_hash, root_of
from trucewatch.evidence.tiles import (
    ENTRIES,
    Tree,
    edge_root,
    grow,
    pack_entries,
    parse_tile_path,
    tile_path,
    tiles_of,
    unpack_entries,
)

HASHES = [leaf_hash(b"%d" % i) for i in range(70_000)]


@pytest.mark.parametrize(
    ("place", "path"),
    [
        ((0, 0, 256), "tile/0/000"),
        ((0, 999, 1), "tile/0/999.p/1"),
        ((5, 1000, 255), "tile/5/x001/000.p/255"),
        ((63, 1_234_067, 256), "tile/63/x001/x234/067"),
        ((ENTRIES, 273, 112), "tile/entries/273.p/112"),
    ],
)
def test_writes_and_reads_the_paths_of_the_specification(
    place: tuple[int | str, int, int], path: str
) -> None:
    written, read = tile_path(*place), parse_tile_path(path)

    assert (written, read) == (path, place)


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/0", "tile/00/000", "tile/64/000", "tile/0/x000/001", "tile/0/000.p/0",
        "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/1/000", "tile/entries/x1/000", "tile/0/000/",
        "tile/-1/000", "/tile/0/000", "tile/0/\u0660\u0660\u0660",
    ],
)  # fmt: skip
def test_reads_no_other_path(path: str) -> None:
    assert parse_tile_path(path) is None


def test_a_tree_of_70000_has_the_tiles_that_the_specification_counts() -> None:
    tiles = list(tiles_of(70_000))

    assert sum(level == 0 and width == 256 for level, _, width in tiles) == 273
    assert [tile for tile in tiles if tile[2] != 256] == [(0, 273, 112), (1, 1, 17), (2, 0, 1)]
    assert [tile for tile in tiles if tile[0] == 1] == [(1, 0, 256), (1, 1, 17)]
    assert list(tiles_of(256)) == [(0, 0, 256), (1, 0, 1)]
    assert list(tiles_of(0)) == []


def test_tiles_since_an_earlier_size_leave_out_what_was_full_then() -> None:
    since = set(tiles_of(70_000, since=600))

    full_then = {tile for tile in tiles_of(600) if tile[2] == 256}
    assert since == set(tiles_of(70_000)) - full_then


def test_grows_to_the_root_across_two_levels() -> None:
    for size in (65_535, 65_536, 65_537, 70_000):
        edge, tiles = grow((), 0, HASHES[:size])

        assert edge_root(edge) == root_of(HASHES[:size])
        assert {(level, i) for level, i, _ in tiles_of(size)} == tiles.keys()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 700), max_size=6))
def test_batches_do_not_change_tiles_or_root(batches: list[int]) -> None:
    edge: tuple[bytes, ...] = ()
    tiles: dict[tuple[int, int], bytes] = {}
    size = 0
    for count in batches:
        edge, changed = grow(edge, size, HASHES[size : size + count])
        tiles |= changed
        size += count

    at_once = grow((), 0, HASHES[:size])

    assert tiles == at_once[1]
    assert edge_root(edge) == edge_root(at_once[0]) == root_of(HASHES[:size])
    for (level, index), hashes in tiles.items():
        assert len(hashes) // 32 == min(256, (size >> (8 * level)) - 256 * index)


@given(st.lists(st.binary(max_size=40), max_size=5))
def test_an_entry_bundle_reads_back(entries: list[bytes]) -> None:
    assert unpack_entries(pack_entries(entries), where="t") == entries


def test_refuses_a_bundle_that_is_cut_short() -> None:
    bundle = pack_entries([b"abc", b"de"])

    for end in (1, 4, 6, 8):
        with pytest.raises(BadInput, match="expected whole entries"):
            unpack_entries(bundle[:end], where="tile/entries/000.p/2")


def test_refuses_an_entry_that_two_bytes_cannot_measure() -> None:
    with pytest.raises(BadInput, match="65536 bytes, must be at most 65535"):
        pack_entries([bytes(65_536)])


def test_names_a_tile_that_is_too_short() -> None:
    tree = Tree(lambda *_: HASHES[0], 5)

    with pytest.raises(EvidenceBroken, match=r"tile/0/000\.p/5: 32 bytes, expected 160"):
        tree.root(5)
