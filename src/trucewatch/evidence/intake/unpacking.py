"""Unpacking for ordinary ingest, in a worker: the module of jobs and what the caller calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.evidence.intake.child import Answer
from trucewatch.evidence.intake.worker import UNPACK, Worker
from trucewatch.evidence.unpack import RATIO_MAX, SIZE_MAX, blocks, is_packed, unpack

if TYPE_CHECKING:
    from collections.abc import Callable


def unpack_safely(raw: bytes, *, name: str, worker: Worker | None = None) -> bytes:
    """Return the bytes inside a received file, as `unpack` does, with the work done elsewhere.

    A plain file comes back at once, without a worker. Refuses what `unpack` refuses, and a packed
    file of over 256 MiB. Raises LogRefused where no worker can be locked in on this machine.

    Args:
        raw: The bytes as received.
        name: How to name the file in an error; it decides nothing.
        worker: A worker of the family `UNPACK` to use again; without it one is started.
    """
    if not is_packed(raw):
        return unpack(raw, name=name)
    if worker is not None:
        return worker.ask("unpack", raw, name=name)[1]
    with Worker(UNPACK) as own:
        return own.ask("unpack", raw, name=name)[1]


def _unpack(raw: bytes, *, size_max: int = SIZE_MAX, ratio_max: int = RATIO_MAX) -> Answer:
    return Answer({}, blocks(raw, name="", size_max=size_max, ratio_max=ratio_max))


JOBS: dict[str, Callable[..., Answer]] = {"unpack": _unpack}


# An empty file of every form; the name inside the zip is not ASCII.
_EMPTY = (
    "1f8b080000000000020303000000000000000000",
    "fd377a585a000004e6d6b446000000001cdf44211fb6f37d010000000004595a",
    "504b03041400000800000000210000000000000000000000000002000000c3a9504b0102140314000008000000002100"
    "000000000000000000000000020000000000000000000000800100000000c3a9504b0506000000000100010030000000"
    "200000000000",
)


def rehearse() -> None:
    """Unpack an empty file of every form, so that nothing is left to import."""
    for empty in _EMPTY:
        b"".join(_unpack(bytes.fromhex(empty)).blocks)
    "x".encode("cp437").decode("cp437")  # names in a zip that are not marked as UTF-8
