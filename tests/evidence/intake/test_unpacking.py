"""Unpacking for ordinary ingest: the same bytes and words as `unpack`, from a worker."""

from __future__ import annotations

import gzip
import lzma
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.evidence.intake import samples

from trucewatch.errors import BadInput
from trucewatch.evidence.intake import unpacking
from trucewatch.evidence.intake.unpacking import unpack_safely
from trucewatch.evidence.intake.worker import UNPACK, Worker
from trucewatch.evidence.unpack import unpack

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKED = {
    "a.gz": gzip.compress(samples.TEXT),
    "a.xz": lzma.compress(samples.TEXT),
    "a.zip": samples.zipped(("\u00e9.csv", samples.TEXT)),
}


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker(UNPACK) as held:
        yield held


@pytest.mark.parametrize("name", PACKED)
def test_gives_back_what_was_packed(name: str, worker: Worker) -> None:
    assert unpack_safely(PACKED[name], name=name, worker=worker) == samples.TEXT


def test_needs_no_worker_of_the_caller() -> None:
    assert unpack_safely(PACKED["a.gz"], name="a.gz") == samples.TEXT


def test_many_blocks_come_out_in_order(worker: Worker) -> None:
    content = np.random.default_rng(4).bytes(5_000_003)

    assert unpack_safely(gzip.compress(content, 1), name="a.gz", worker=worker) == content


def test_a_plain_file_starts_no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "Worker", None)
    raw = samples.TEXT

    assert unpack_safely(raw, name="a.csv") is raw


@pytest.mark.parametrize("name", PACKED)
@pytest.mark.parametrize("cut", [3, 9])
def test_refuses_in_the_same_words(name: str, cut: int, worker: Worker) -> None:
    raw = PACKED[name][:-cut] if name != "a.zip" else samples.zipped(("a", b""), ("b", b""))

    with pytest.raises(BadInput, match="cannot be unpacked") as alone:
        unpack(raw, name=name)
    with pytest.raises(BadInput, match="cannot be unpacked") as safely:
        unpack_safely(raw, name=name, worker=worker)

    assert str(safely.value) == str(alone.value)


def test_refuses_a_bomb_in_the_same_words(worker: Worker) -> None:
    raw = gzip.compress(bytes(8 << 20))

    with pytest.raises(BadInput, match="unpacks to over 1") as alone:
        unpack(raw, name="a.gz")
    with pytest.raises(BadInput, match="unpacks to over 1") as safely:
        unpack_safely(raw, name="a.gz", worker=worker)

    assert str(safely.value) == str(alone.value)


def test_the_jobs_do_what_unpack_does() -> None:
    unpacking.rehearse()

    assert b"".join(unpacking.JOBS["unpack"](PACKED["a.xz"]).blocks) == samples.TEXT
