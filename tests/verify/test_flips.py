"""A thousand random flipped bits over objects, rows of the database and files of a bundle."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import apsw
import numpy as np
import pytest
from tests.verify.mending import resummed

from trucewatch.errors import BadInput, EvidenceBroken, TruceWatchError
from trucewatch.evidence.bag import DATA
from trucewatch.evidence.log import Log
from trucewatch.verify.bundle import verify_bundle
from trucewatch.verify.home import verify_home

if TYPE_CHECKING:
    from pathlib import Path

    from trucewatch.evidence.keys import Keys

Bundle = dict[str, bytes]
_IN_BUNDLE, _MENDED, _IN_HOME = 600, 250, 150
_MANIFESTS = ("manifest-sha256.txt", "tagmanifest-sha256.txt")
_ROWS = {
    "entry": ("first", "bundle"),
    "object": ("first", "bundle"),
    "tile": ("rowid", "hashes"),
    "checkpoint": ("size", "note"),
}

_SAID = {
    "entry": r"hash \d+ is|entr(y|ies) ",
    "object": "bytes that hash to|entry",
    "tile": r"tile/\d/000.*hash \d+ is",
    "checkpoint": "checkpoint",
}


def flip(content: bytes, rng: np.random.Generator) -> bytes:
    at, bit = int(rng.integers(len(content))), int(rng.integers(8))
    return content[:at] + bytes([content[at] ^ (1 << bit)]) + content[at + 1 :]


def folders(bundle: Bundle) -> list[list[str]]:
    """Return the file names of each kind, so that a rare kind is hit as often as a common one."""
    found: dict[str, list[str]] = {}
    for name, content in bundle.items():
        if content:
            found.setdefault("/".join(name.split("/")[:2]), []).append(name)
    return list(found.values())


def pick(kinds: list[list[str]], rng: np.random.Generator) -> str:
    names = kinds[int(rng.integers(len(kinds)))]
    return names[int(rng.integers(len(names)))]


def test_every_flipped_bit_of_a_bundle_is_found_and_its_file_named(
    bundle: Bundle, vkey: str
) -> None:
    rng = np.random.default_rng(11)
    kinds = folders(bundle)

    for _ in range(_IN_BUNDLE):
        name = pick(kinds, rng)
        broken = {**bundle, name: flip(bundle[name], rng)}

        with pytest.raises(EvidenceBroken) as caught:
            verify_bundle(broken, vkey=vkey)

        # A flipped manifest names the file whose line it is, or its own line.
        if name not in _MANIFESTS:
            assert caught.value.where.startswith(name), name


def test_every_flipped_bit_is_found_though_the_manifests_were_mended(
    bundle: Bundle, vkey: str
) -> None:
    rng = np.random.default_rng(12)
    made_again = {*_MANIFESTS, "bag-info.txt"}
    kinds = [
        names
        for kind in folders(bundle)
        if (names := [name for name in kind if name not in made_again])
    ]

    for _ in range(_MENDED):
        name = pick(kinds, rng)
        broken = resummed(bundle, **{name: flip(bundle[name], rng)})

        with pytest.raises(TruceWatchError, match=r"^[^:]+(:\d+)?: ") as caught:
            verify_bundle(broken, vkey=vkey)

        assert isinstance(caught.value, EvidenceBroken)
        if name.startswith((f"{DATA}objects/", f"{DATA}proofs/", f"{DATA}statements/")):
            assert caught.value.where.startswith(name)


def test_every_flipped_bit_of_a_row_is_found_and_named(
    mission: tuple[Path, Keys], tmp_path: Path
) -> None:
    rng = np.random.default_rng(13)
    home = shutil.copytree(mission[0], tmp_path / "home")
    database = home / "log.db"
    connection = apsw.Connection(str(database))
    connection.execute("PRAGMA wal_checkpoint(truncate)").fetchall()
    places = [
        (table, key, column, number)
        for table, (key, column) in _ROWS.items()
        for (number,) in connection.execute(f"SELECT {key} FROM {table}")  # noqa: S608 - our own
    ]

    for _ in range(_IN_HOME):
        table, key, column, number = places[int(rng.integers(len(places)))]
        where = f"{table} WHERE {key} = ?"
        [(kept,)] = connection.execute(f"SELECT {column} FROM {where}", (number,))  # noqa: S608
        update = f"UPDATE {table} SET {column} = ? WHERE {key} = ?"  # noqa: S608
        connection.execute(update, (flip(kept, rng), number))

        with pytest.raises((EvidenceBroken, BadInput), match=_SAID[table]), Log.open(home) as log:
            verify_home(log)

        connection.execute(update, (kept, number))
    connection.close()
    with Log.open(home) as log:
        assert verify_home(log).size == 12
