"""The child's part, in this process and without its sandbox: what it answers, and what it loads."""

from __future__ import annotations

import io
import os
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.evidence.intake import hostile, samples

from trucewatch.errors import BadInput
from trucewatch.evidence.intake import child, frames, jobs, raster, sandbox
from trucewatch.evidence.intake.child import Answer
from trucewatch.evidence.intake.inspect import inspect
from trucewatch.evidence.intake.worker import INSPECT, Worker

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker(INSPECT) as held:
        yield held


def answered(job: object, data: bytes = b"", **options: object) -> tuple[dict[str, object], bytes]:
    """Return what the child replies, and what it wrote before that."""
    into, out = os.pipe()
    reply = child._reply({"job": job}, {"job": "job", "options": options}, data, out)
    os.close(out)
    with open(into, "rb") as told:  # noqa: PTH123 - a number
        return reply, told.read()


def test_replies_with_facts_and_sends_blocks_before() -> None:
    reply, said = answered(lambda raw, n: Answer({"n": n}, [raw, raw]), b"ab", n=3)

    assert reply == {"facts": {"n": 3}}
    assert said == b"".join(frames.parts(b"{}", b"ab")) * 2


def test_replies_why_a_file_is_refused() -> None:
    def refuse(_: bytes) -> Answer:
        raise BadInput("x", "is bad\n, expected good")

    def starve(_: bytes) -> Answer:
        raise MemoryError

    def fail(_: bytes) -> Answer:
        raise KeyError("a" * 1000)

    assert answered(refuse)[0] == {"refused": "is bad?, expected good"}
    assert "needs more memory" in str(answered(starve)[0]["refused"])
    assert answered(fail)[0]["refused"] == "its parser failed (KeyError: '" + "a" * 370
    assert "NaN" in str(answered(lambda _: Answer({"a": float("nan")}))[0]["refused"])


def test_serves_until_the_caller_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[bytes] = []
    request = b"".join(frames.parts(frames.encode({"job": "wav", "options": {}}), samples.sound()))
    monkeypatch.setattr(raster, "allow_only_our_drivers", lambda: None)  # others need them here
    monkeypatch.setattr(child.io, "FileIO", lambda _: io.BytesIO(request))
    monkeypatch.setattr(child.io, "BufferedReader", lambda raw: raw)
    monkeypatch.setattr(child.os, "dup", lambda n: n)
    monkeypatch.setattr(child.os, "dup2", lambda *_: None)
    monkeypatch.setattr(sandbox, "close", lambda **_: frozenset({"x"}))
    monkeypatch.setattr(sandbox, "begin_request", lambda _: None)
    monkeypatch.setattr(sandbox, "used_s", lambda: 1.0)  # this process has done much else
    monkeypatch.setattr(child, "_say", lambda _, header, body=b"": said.append(header + body))

    with pytest.raises(SystemExit, match=r"^$"):
        child.serve("trucewatch.evidence.intake.jobs", memory=1, limit_s=1)

    assert said[0] == b'{"limits":["x"]}'
    assert b'"samples":800' in said[1]
    assert b'"spent":false' in said[1]


CHEAP = [
    (name, raw)
    for name, raw in chain(
        hostile.archives(),
        hostile.markup(Path("/nonexistent/canary")),
        hostile.waveforms(),
        hostile.tiffs(),
        hostile.huge_headers(),
        hostile.torn(),
    )
    if len(raw) < 200_000
]


def test_a_parser_says_the_same_here_and_in_the_worker(worker: Worker) -> None:
    for name, raw in CHEAP:
        if name == "xml no such encoding":  # the worker cannot load it, the parser refuses it
            continue
        facts = inspect(raw, worker=worker)
        for job in ("image", "markup", "archive", "wav", "miniseed"):
            if job in facts.facts or any(p.startswith(job) for p in facts.problems):
                assert alone(job, raw) in (facts.facts.get(job), *facts.problems), name


def alone(job: str, raw: bytes) -> object:
    try:
        return dict(jobs.JOBS[job](raw).facts)
    except BadInput as error:
        return f"{job}: {child.printable(error.problem)}"
