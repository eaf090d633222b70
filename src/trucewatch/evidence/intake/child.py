"""The child: what a worker process does from its start to its end.

A module of jobs has `JOBS`, names to functions `(bytes, **options) -> Answer`, and `rehearse()`,
which runs each job once on bytes of our own: what libraries load late must be loaded before no file
can be opened any more.
"""

from __future__ import annotations

import importlib
import io
import os
import sys
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from trucewatch.errors import BadInput
from trucewatch.evidence.intake import frames, sandbox
from trucewatch.evidence.intake.claims import printable
from trucewatch.records.canonical import parse_canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from trucewatch.records.canonical import Json


class Answer(NamedTuple):
    """What a job answers.

    Attributes:
        facts: Canonical JSON values.
        blocks: Bytes; sent as they come, so that the worker need not hold them all.
    """

    facts: Mapping[str, object]
    blocks: Iterable[bytes] = ()


def serve(module: str, *, memory: int, limit_s: int) -> NoReturn:
    """Be the child: import, rehearse, give up all rights, greet, answer until the caller ends.

    Args:
        module: Name of the module of jobs.
        memory: Most bytes of address space beyond the imports.
        limit_s: Most seconds of processor time for one request.
    """
    jobs = importlib.import_module(module)
    jobs.rehearse()
    said_once = frames.encode({"\u00e9": [None, True, 1, 1.5, "\U0001f600"]})
    parse_canonical(said_once, where="rehearsal")
    told = io.BufferedReader(io.FileIO(0))
    said = os.dup(1)
    os.dup2(2, 1)  # what a library prints must not look like an answer
    had = sandbox.close(memory=memory, limit_s=limit_s)
    _say(said, frames.encode({"limits": sorted(had)}))

    def read(size: int) -> bytes:
        found = told.read(size)
        if len(found) < size:
            raise SystemExit
        return found

    while True:
        header, data = frames.receive(read, body_max=sys.maxsize)
        sandbox.begin_request(limit_s)
        reply = _reply(jobs.JOBS, header, data, said)
        del data
        _say(said, frames.encode(reply | {"spent": sandbox.used_s() > sandbox.LIFE_S}))


def _reply(
    jobs: Mapping[str, Callable[..., Answer]], header: dict[str, Json], data: bytes, said: int
) -> dict[str, object]:
    options = header["options"]
    try:
        answer = jobs[str(header["job"])](data, **(options if isinstance(options, dict) else {}))
        for block in answer.blocks:
            _say(said, b"{}", block)
        frames.encode(answer.facts)
    except BadInput as error:
        return {"refused": printable(error.problem)}
    except MemoryError:
        return {"refused": "needs more memory than a parser may have, expected less"}
    except Exception as error:  # noqa: BLE001 - whatever a parser raises refuses this one file
        found = f"its parser failed ({type(error).__name__}: {error}), expected an answer"
        return {"refused": printable(found)}
    return {"facts": answer.facts}


def _say(said: int, header: bytes, body: bytes = b"") -> None:
    for part in frames.parts(header, body):
        rest = memoryview(part)
        while rest:
            rest = rest[os.write(said, rest) :]
