from __future__ import annotations

import subprocess
import sys
import threading
from hashlib import sha256
from typing import TYPE_CHECKING

import apsw
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trucewatch.errors import BadInput, LogRefused
from trucewatch.evidence.commit import GroupCommit
from trucewatch.evidence.keys import create_keys
from trucewatch.evidence.log import Log
from trucewatch.evidence.merkle import leaf_hash, root_of
from trucewatch.evidence.sequencer import Appended, NewObject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future
    from datetime import datetime
    from pathlib import Path

    from trucewatch.evidence.keys import Keys

ORIGIN = "demo.invalid/evidence"
BAD = NewObject(type="No Type", data=b"x")


def objects(*numbers: int) -> list[NewObject]:
    return [NewObject(type="a/v1", data=b"object %d" % i) for i in numbers]


def indices(future: Future[list[Appended]]) -> list[int]:
    return [placed.index for placed in future.result(timeout=20)]


@pytest.fixture
def clock(now: datetime) -> Callable[[], datetime]:
    return lambda: now


class Gate:
    """A log whose appends wait until the gate is opened, and are counted."""

    def __init__(self, log: Log) -> None:
        self.log, self.sizes = log, list[int]()
        self.reached, self.opened = threading.Event(), threading.Event()

    def append(self, items: list[NewObject], *, now: datetime) -> list[Appended]:
        self.sizes.append(len(items))
        self.reached.set()
        assert self.opened.wait(20)
        return self.log.append(items, now=now)


@pytest.fixture
def gate(log: Log) -> Iterator[Gate]:
    gate = Gate(log)
    yield gate
    gate.opened.set()


def test_a_submission_is_durable_when_it_is_acknowledged(
    log: Log, home: Path, clock: Callable[[], datetime]
) -> None:
    with GroupCommit(log, clock) as group:
        placed = group.submit(objects(0, 1)).result(timeout=20)

        with Log.open(home) as reader:
            assert reader.size == 2
            assert [reader.entry(p.index).object for p in placed] == [p.object for p in placed]


def test_what_came_meanwhile_is_one_batch_of_bounded_size(
    gate: Gate, clock: Callable[[], datetime]
) -> None:
    with GroupCommit(gate, clock, batch_max=4) as group:  # type: ignore[arg-type]
        futures = [group.submit(objects(0))]
        assert gate.reached.wait(20)
        futures += [group.submit(objects(*range(i, i + n))) for i, n in ((1, 3), (4, 1), (5, 2))]
        futures += [group.submit(objects(*range(7, 13))), group.submit(objects(13))]
        gate.opened.set()

    assert gate.sizes == [1, 4, 2, 6, 1]
    assert [indices(f) for f in futures] == [[0], [1, 2, 3], [4], [5, 6], [*range(7, 13)], [13]]


def test_a_bad_item_fails_its_own_submitter_only(gate: Gate, clock: Callable[[], datetime]) -> None:
    with GroupCommit(gate, clock) as group:  # type: ignore[arg-type]
        first = group.submit(objects(0))
        assert gate.reached.wait(20)
        good = [group.submit(objects(i)) for i in (1, 2, 3)]
        bad = group.submit([*objects(4), BAD])
        wrong = group.submit([NewObject(type="a/v1", data="text")])  # type: ignore[arg-type]
        last = group.submit(objects(5))
        gate.opened.set()

    assert [indices(f) for f in (first, *good, last)] == [[0], [1], [2], [3], [4]]
    with pytest.raises(BadInput, match="type is 'No Type'"):
        bad.result()
    with pytest.raises(TypeError, match="must be encoded before hashing"):
        wrong.result()
    assert gate.log.size == 5


def test_a_failing_disk_fails_the_batch_and_the_next_one_goes_on(
    gate: Gate, clock: Callable[[], datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(sql: str, rows: object = None) -> None:
        raise apsw.FullError("no space is left")

    with GroupCommit(gate, clock) as group:  # type: ignore[arg-type]
        first = group.submit(objects(0))
        assert gate.reached.wait(20)
        failing = [group.submit(objects(i)) for i in (1, 2)]
        with monkeypatch.context() as patch:
            patch.setattr(gate.log._ledger, "write", broken)
            gate.opened.set()
            for future in (first, *failing):
                with pytest.raises(LogRefused, match="no space is left"):
                    future.result(timeout=20)
        again = group.submit(objects(0, 1, 2))

        assert indices(again) == [0, 1, 2]
    assert gate.sizes == [1, 2, 3]


def test_closing_seals_what_was_taken_and_takes_no_more(
    gate: Gate, clock: Callable[[], datetime]
) -> None:
    group = GroupCommit(gate, clock, batch_max=2)  # type: ignore[arg-type]
    futures = [group.submit(objects(i)) for i in range(7)]
    gate.opened.set()

    group.close()

    assert [indices(f) for f in futures] == [[i] for i in range(7)]
    with pytest.raises(LogRefused, match="no more is taken"):
        group.submit(objects(9))
    group.close()


def test_a_submission_that_was_called_off_is_not_sealed(
    gate: Gate, clock: Callable[[], datetime]
) -> None:
    with GroupCommit(gate, clock) as group:  # type: ignore[arg-type]
        group.submit(objects(0))
        assert gate.reached.wait(20)
        second = group.submit(objects(1))

        assert second.cancel()
        gate.opened.set()

    assert second.cancelled()
    assert (gate.sizes, gate.log.size) == ([1], 1)


def test_a_lone_submitter_does_not_wait_for_company(
    log: Log, clock: Callable[[], datetime]
) -> None:
    with GroupCommit(log, clock, wait_max_ms=3_600_000) as group:
        placed = [indices(group.submit(objects(i))) for i in range(5)]

    assert placed == [[i] for i in range(5)]


def test_the_log_is_lent_between_two_batches(
    log: Log, home: Path, clock: Callable[[], datetime]
) -> None:
    with GroupCommit(log, clock) as group:
        before = group.submit(objects(0)).result(timeout=20)
        with group.alone() as lent:
            meanwhile = group.submit(objects(1))
            lent.write_static()
            assert not meanwhile.done()
            assert lent.size == 1
        after = meanwhile.result(timeout=20)

    assert [before[0].index, after[0].index] == [0, 1]
    assert log.published()["checkpoint"] == log.checkpoint_note(1)


def test_a_submission_of_nothing_is_acknowledged(log: Log, clock: Callable[[], datetime]) -> None:
    with GroupCommit(log, clock) as group:
        assert group.submit([]).result(timeout=20) == []


class Stopped(BaseException):
    pass


def test_what_ends_the_thread_is_told_to_all_who_wait_and_to_those_who_come(
    gate: Gate, clock: Callable[[], datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(items: list[NewObject], *, now: datetime) -> list[Appended]:
        raise Stopped(len(items))

    with GroupCommit(gate, clock, batch_max=4) as group:  # type: ignore[arg-type]
        first = group.submit(objects(0))
        assert gate.reached.wait(20)
        waiting = [group.submit(objects(*range(i, i + 3))) for i in (1, 4, 7)]
        called_off = group.submit(objects(10))
        assert called_off.cancel()
        monkeypatch.setattr(gate, "append", stop)
        gate.opened.set()

        for future in waiting:
            with pytest.raises(LogRefused, match=r"writing thread was ended by Stopped\(3\)"):
                future.result(timeout=20)
        with pytest.raises(LogRefused, match=r"writing thread was ended by Stopped\(3\)"):
            group.submit(objects(11))

    assert indices(first) == [0]
    assert called_off.cancelled()
    assert gate.log.size == 1


def test_what_ends_the_thread_between_two_batches_is_told_too(
    log: Log, clock: Callable[[], datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(company: int) -> None:
        raise Stopped(company)

    with GroupCommit(log, clock) as group:
        monkeypatch.setattr(group, "_take", stop)
        assert indices(group.submit(objects(0))) == [0]
        group._thread.join(20)

        with pytest.raises(LogRefused, match="writing thread was ended by Stopped"):
            group.submit(objects(1))


def test_a_program_that_does_not_close_it_ends_all_the_same(log: Log, home: Path) -> None:
    code = (
        "from trucewatch.evidence.commit import GroupCommit\n"
        "group = GroupCommit(None, None); print('ended')"
    )

    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], capture_output=True, timeout=60, check=False
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, b"ended\n", b"")


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    work=st.lists(
        st.lists(st.lists(st.integers(0, 30), max_size=4), max_size=5), min_size=1, max_size=6
    ),
    batch_max=st.integers(1, 8),
)
def test_every_submitter_gets_the_places_of_its_own_items_in_order(
    tmp_path_factory: pytest.TempPathFactory,
    clock: Callable[[], datetime],
    work: list[list[list[int]]],
    batch_max: int,
) -> None:
    home = tmp_path_factory.mktemp("home")
    keys: Keys = create_keys(home / "keys", origin=ORIGIN, seed=bytes(range(32)))
    got: list[list[list[Appended]]] = [[] for _ in work]

    def submitter(mine: int, group: GroupCommit) -> None:
        futures = [group.submit(objects(*numbers)) for numbers in work[mine]]
        got[mine] = [future.result(timeout=20) for future in futures]

    with Log.create(home, origin=ORIGIN, signer=keys.log) as log:
        with GroupCommit(log, clock, batch_max=batch_max, wait_max_ms=1) as group:
            threads = [
                threading.Thread(target=submitter, args=(i, group)) for i in range(len(work))
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        sealed = [entry.object for _, entry in log.entries()]
        leaves = [leaf_hash(log.entry_bytes(i)) for i in range(log.size)]

        assert log.checkpoint().root == root_of(leaves)
    wanted = [
        [[sha256(b"object %d" % i).hexdigest() for i in numbers] for numbers in lists]
        for lists in work
    ]
    assert [[[sealed[p.index] for p in ps] for ps in lists] for lists in got] == wanted
    assert sorted(sealed) == sorted({d for lists in wanted for ds in lists for d in ds})
    for lists in got:
        new = [placed.index for places in lists for placed in places if placed.new]
        assert new == sorted(new)
    assert sum(p.new for lists in got for ps in lists for p in ps) == len(sealed)
