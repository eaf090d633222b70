"""The hostile corpus: no crash, no look outside, little memory, little time."""

from __future__ import annotations

import os
import re
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from tests.evidence.intake import hostile, samples

from trucewatch.errors import BadInput
from trucewatch.evidence.intake.inspect import Facts, inspect
from trucewatch.evidence.intake.worker import INSPECT, Worker

if TYPE_CHECKING:
    from collections.abc import Iterator

SONG = "the canary sings 7f3a"
FILES_MIN = 200
MEMORY_MAX = 512 << 20
SLOWEST_S = 10


class Seen(NamedTuple):
    """What became of one file."""

    raw: bytes
    facts: Facts
    said: str
    took_s: float


class Run(NamedTuple):
    """What became of the corpus."""

    seen: dict[str, Seen]
    children: int
    memory: int


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("outside")
    canary = folder / "canary.tif"
    canary.write_text(SONG)
    seen: dict[str, Seen] = {}
    children, memory = set[int](), 0
    with Worker(INSPECT) as worker:
        for name, raw in hostile.corpus(canary):
            assert name not in seen
            before_s = time.monotonic()
            facts = inspect(raw, worker=worker)
            said = repr(facts) + "".join(_said(worker, job, raw) for job in _others(facts))
            seen[name] = Seen(raw, facts, said, time.monotonic() - before_s)
            if worker._child is not None:
                children.add(worker._child.pid)
                memory = max(memory, _most_memory(worker._child.pid))
    assert os.listdir(folder) == ["canary.tif"]  # noqa: PTH208
    return Run(seen, len(children), memory)


def _others(facts: Facts) -> Iterator[str]:
    """Yield the jobs that were not done for the kind: a caller may send them anything."""
    yield from {"raster", "markup", "wav", "miniseed"} - set(facts.facts) - {"pdf"}
    if facts.kind in {"jpeg", "png", "webp", "gif", "tiff"}:
        yield "strip"
    if facts.kind in {"gzip", "xz", "zip"}:
        yield "unpack"


def _said(worker: Worker, job: str, raw: bytes) -> str:
    try:
        answer, body = worker.ask(job, raw)
    except BadInput as error:
        return str(error)
    return repr(answer) + body.decode("latin-1")


def _most_memory(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) << 10


def test_the_corpus_is_large_enough(run: Run) -> None:
    assert len(run.seen) >= FILES_MIN
    assert len({s.raw for s in run.seen.values()}) >= FILES_MIN


def test_nothing_outside_is_read(run: Run) -> None:
    assert not [name for name, s in run.seen.items() if SONG in s.said]


def test_no_file_takes_long_or_much(run: Run) -> None:
    slowest = max(run.seen, key=lambda name: run.seen[name].took_s)

    assert run.seen[slowest].took_s < SLOWEST_S, slowest
    assert 0 < run.memory < MEMORY_MAX
    assert run.children < FILES_MIN


def test_nothing_was_left_to_load_when_the_sandbox_closed(run: Run) -> None:
    """A parser that loads a part late finds no file; the rehearsal must have loaded it."""
    late = re.compile(r"ModuleNotFound|ImportError|PermissionError|not permitted|LookupError")
    found = {name: s.said for name, s in run.seen.items() if late.search(s.said)}

    assert not found


def test_problems_are_named_and_printable(run: Run) -> None:
    problems = {name: p for name, s in run.seen.items() for p in s.facts.problems}

    assert all(p.isprintable() and len(p) < 600 for p in problems.values())


@pytest.mark.parametrize(
    ("group", "problem"),
    [
        ("bomb png 900", r"over 50000000 pixels"),
        ("bomb gzip", r"unpacks to over|nested over 3 deep"),
        ("bomb xz", r"unpacks to over|unpacks"),
        ("bomb zip", r"unpacks to over|unpacks|nested over 3|over 10000 members|overlap"),
        ("bomb tar", r"unpacks to over|over 10000 members"),
        ("zip leads out", r"leads out of its folder"),
        ("tar leads out", r"leads out of its folder"),
        ("zip with a link", r"is a link or device"),
        ("tar with a member of type", r"is a link, device or sparse"),
        ("zip with a name twice", r"is there twice"),
        ("tar with a name twice", r"is there twice"),
        ("zip encrypted", r"is encrypted"),
        ("xml billion laughs", r"document type or entity"),
        ("xml quadratic", r"document type or entity"),
        ("xml external", r"document type or entity"),
        ("xml parameter", r"document type or entity"),
        ("xml deep", r"nested 201 deep"),
        ("xml inclusion", r"runs or loads"),
        ("xml script", r"runs or loads"),
        ("xml handler", r"runs or loads"),
        ("xml image", r"runs or loads"),
        ("xml style sheet", r"runs or loads"),
        ("xml many elements", r"over 1000000 elements"),
        ("huge png", r"pixels|is no image"),
        ("huge gif", r"pixels"),
        ("huge jpeg", r"pixels"),
        ("huge jp2", r"must be at most 200000|cannot be read"),
        ("many frames", r"frames, must be at most"),
        ("polyglot gif and html", r"is also html"),
        ("polyglot jpeg and pdf", r"is also pdf"),
        ("polyglot png and tar", r"is also tar"),
        ("polyglot pdf and zip", r"is also zip"),
        ("polyglot jpeg and zip", r"is also zip"),
        ("miniseed 3 rate", r"no number|cannot be read"),
        ("torn zip", r"cannot be read|no file"),
        ("torn gzip", r"cannot be unpacked"),
        ("torn xz", r"cannot be unpacked"),
        ("torn jpeg at 0.8", r"torn or damaged"),
        ("torn png at 0.8", r"torn or damaged"),
        ("disguise .* behind a TIFF mark", r"raster: cannot be read"),
    ],
)
def test_every_file_of_a_group_is_refused_for_its_defect(
    run: Run, group: str, problem: str
) -> None:
    of_group = {name: s.facts for name, s in run.seen.items() if re.match(group, name)}

    assert of_group
    for name, facts in of_group.items():
        assert re.search(problem, " ".join(facts.problems)), (name, facts)


def test_no_other_driver_opens_a_disguise(run: Run) -> None:
    disguised = [s for name, s in run.seen.items() if name.startswith("disguise")]

    assert disguised
    assert not [s.said for s in disguised if "'driver'" in s.said]


@pytest.mark.parametrize("name", samples.good())
def test_a_good_file_passes(name: str, worker: Worker) -> None:
    facts = inspect(samples.good()[name], worker=worker)

    assert facts.kind == name.split()[0]
    assert not facts.problems


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker(INSPECT) as held:
        yield held


def test_the_caller_lives_on_when_every_child_dies(worker: Worker) -> None:
    for _ in range(3):
        with suppress(BadInput):
            worker.ask("image", samples.picture("PNG"))
        assert worker._child is not None
        worker._child.kill()
        worker._child.wait()

    assert worker.ask("image", samples.picture("PNG"))[0]["format"] == "PNG"
