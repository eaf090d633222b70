"""Every parser of bytes from outside is tried with broken inputs on every run of the tests.

Longer runs: `python -m tests.fuzz NAME --runs 1000000 --seed 1`.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.fuzz import received
from tests.fuzz.mutate import SIZE_MAX, Dice, mutated
from tests.fuzz.registry import EXEMPT, PACKAGES, PENDING, TARGETS
from tests.fuzz.target import BrokenPromiseError, Target, try_one

from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterator

SRC = Path(__file__).parents[2] / "src" / "trucewatch"
SEED = 1
READERS = ("parse_", "read_", "open_")
NAMES = [
    pytest.param(name, marks=pytest.mark.xfail(reason=PENDING[name], raises=Exception))
    if name in PENDING
    else name
    for name in TARGETS
]


@pytest.fixture(scope="module", autouse=True)
def _closed() -> Iterator[None]:
    yield
    received.close()


@pytest.mark.parametrize("name", TARGETS)
def test_every_seed_is_accepted(name: str) -> None:
    target = TARGETS[name]

    accepted = [try_one(target, raw) for raw in target.seeds()]

    assert accepted
    assert all(accepted)


@pytest.mark.parametrize("name", NAMES)
def test_broken_inputs_are_refused_in_our_words_or_read_as_they_are(name: str) -> None:
    target, dice = TARGETS[name], Dice(SEED)
    seeds = target.seeds()

    for _ in range(target.runs):
        raw = mutated(seeds, dice)
        try:
            try_one(target, raw)
        except Exception as error:
            error.add_note(f"input: {raw[:2_000]!r}")
            raise


def _public_readers() -> list[str]:
    found = []
    for package in PACKAGES:
        path = SRC / package
        for module in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            dotted = ".".join(module.relative_to(SRC).with_suffix("").parts)
            tree = ast.parse(module.read_text())
            found += [
                f"{dotted}.{node.name}"
                for node in tree.body
                if isinstance(node, ast.FunctionDef) and node.name.startswith(READERS)
            ]
    return found


def test_every_public_reader_is_tried_or_says_why_not() -> None:
    covered = {name for target in TARGETS.values() for name in target.covers}

    untried = [name for name in _public_readers() if name not in covered | EXEMPT.keys()]

    assert untried == []
    assert [name for name in EXEMPT if name not in _public_readers()] == []


def _refuse(raw: bytes) -> bytes:
    if raw:
        raise BadInput("t", "is not empty")
    return raw


def test_an_exception_that_is_none_of_ours_comes_through() -> None:
    target = Target(read=lambda raw: raw.decode("ascii"), seeds=list, raises=(BadInput,))

    with pytest.raises(UnicodeDecodeError, match="ordinal not in range"):
        try_one(target, b"\xff")


def test_what_is_written_otherwise_than_it_was_read_is_found() -> None:
    strict = Target(read=bytes.strip, write=bytes, seeds=list)
    settling = Target(read=bytes.strip, write=bytes, settles=True, seeds=list)
    drifting = Target(read=bytes, write=lambda found: found + b" ", settles=True, seeds=list)

    assert try_one(strict, b"a")
    assert try_one(settling, b" a")
    with pytest.raises(BrokenPromiseError, match="reads b' a' and writes b'a'"):
        try_one(strict, b" a")
    with pytest.raises(BrokenPromiseError, match="reads b'a ' and writes b'a  '"):
        try_one(drifting, b"a")


def test_a_refusal_in_our_words_is_no_finding() -> None:
    target = Target(read=_refuse, seeds=list)

    assert not try_one(target, b"a")
    assert try_one(target, b"")


def test_what_takes_too_long_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    spent_s = iter((0.0, 2.1))
    monkeypatch.setattr("time.process_time", lambda: next(spent_s))

    with pytest.raises(BrokenPromiseError, match=r"took 2\.1 s of CPU time, must take at most 2"):
        try_one(Target(read=bytes, seeds=list), b"")


def test_a_seed_leads_to_the_same_inputs_again_and_none_is_too_large() -> None:
    seeds = [b'{"a":[1,"b"]}', b"a\nb 7\n", b"AAECAwQFBgcICQoLDA0ODw==", bytes(SIZE_MAX)]

    first, again = ([mutated(seeds, dice) for _ in range(500)] for dice in (Dice(3), Dice(3)))

    assert first == again
    assert len(set(first)) > 300
    assert max(map(len, first)) <= SIZE_MAX
