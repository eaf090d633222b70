"""What is promised of every function that reads bytes from outside, and how it is tried."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trucewatch.errors import TruceWatchError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

CPU_S_MAX = 2.0
"""For any input of at most 64 KiB."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """One way in for bytes from outside.

    Attributes:
        read: Reads them.
        seeds: Makes valid examples; by our own writers where there are any.
        write: Writes again what was read, where there is one form to write; else None.
        settles: Whether what is written may differ from what was read, if it is then read and
            written alike for ever: a format with comments and free white space.
        covers: The public functions, by module and name, that are reached.
        raises: What may come out. A function whose promise is to raise nothing has none.
        runs: How often it is tried in each run of the tests.
    """

    read: Callable[[bytes], Any]
    seeds: Callable[[], Sequence[bytes]]
    write: Callable[[Any], bytes] | None = None
    settles: bool = False
    covers: tuple[str, ...] = ()
    raises: tuple[type[Exception], ...] = (TruceWatchError,)
    runs: int = 2_000


class BrokenPromiseError(Exception):
    """What was read and written again differs, or it took too long."""


def try_one(target: Target, raw: bytes) -> bool:
    """Return whether the bytes were accepted, once every promise was found kept.

    Raises:
        BrokenPromiseError: One was not; any exception that is not allowed comes through.
    """
    began_s = time.process_time()
    try:
        found = target.read(raw)
    except target.raises as error:
        str(error).encode()  # it can be printed
        return False
    finally:
        spent_s = time.process_time() - began_s
        if spent_s > CPU_S_MAX:
            msg = f"took {spent_s:.1f} s of CPU time, must take at most {CPU_S_MAX}"
            raise BrokenPromiseError(msg)
    if target.write is not None:
        _check_written(target, target.write, raw, target.write(found))
    return True


def _check_written(
    target: Target, write: Callable[[Any], bytes], raw: bytes, written: bytes
) -> None:
    if target.settles:
        raw, written = written, write(target.read(written))
    if written != raw:
        msg = f"reads {raw[:200]!r} and writes {written[:200]!r}, expected the same"
        raise BrokenPromiseError(msg)
