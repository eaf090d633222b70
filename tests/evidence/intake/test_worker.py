"""The worker: whatever a file does to its parser, the caller sees one refused file."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from trucewatch.errors import BadInput, LogRefused
from trucewatch.evidence.intake import frames, sandbox
from trucewatch.evidence.intake import worker as module
from trucewatch.evidence.intake.worker import UNPACK, Family, Worker, limits

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = str(Path(__file__).parent)
MISBEHAVE = Family("misbehave", source=HERE, limit_s=2, answer_max=1 << 24)
MIB = 1 << 20


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker(MISBEHAVE) as held:
        yield held


def test_this_machine_gives_up_files_network_and_processes() -> None:
    had = set(limits())

    assert had >= sandbox.REQUIRED
    assert {sandbox.MEMORY, sandbox.PROCESSOR, sandbox.NO_PROCESSES, sandbox.NO_PRIVILEGES} <= had


@pytest.mark.parametrize("size", [0, 1, 1 << 16, (1 << 16) + 1, 3 * MIB + 17])
def test_bytes_go_there_and_come_back_whole(worker: Worker, size: int) -> None:
    raw = bytes(i % 251 for i in range(size))

    assert worker.ask("echo", raw) == ({"size": size}, raw)


def test_a_child_serves_many_requests(worker: Worker) -> None:
    worker.ask("echo", b"1")
    first = worker._child

    worker.ask("echo", b"2")

    assert worker._child is first


@pytest.mark.parametrize("family", ["AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK", "AF_PACKET"])
@pytest.mark.parametrize("kind", ["SOCK_STREAM", "SOCK_DGRAM", "SOCK_RAW"])
def test_no_socket_can_be_opened(worker: Worker, family: str, kind: str) -> None:
    with pytest.raises(BadInput, match="PermissionError"):
        worker.ask("connect", b"", family=family, kind=kind)


@pytest.mark.parametrize(
    "job", ["pair", "fork", "run", "replace", "kill", "trace", "remember"], ids=str
)
def test_nothing_outside_the_process_can_be_reached(worker: Worker, job: str) -> None:
    with pytest.raises(BadInput, match=r"PermissionError|Operation not permitted"):
        worker.ask(job, b"")


@pytest.mark.parametrize("job", ["read", "write", "look", "remove"])
def test_no_file_can_be_read_written_or_seen(worker: Worker, tmp_path: Path, job: str) -> None:
    canary = tmp_path / "canary"
    canary.write_text("canary sings")

    with pytest.raises(BadInput, match=r"PermissionError|Operation not permitted") as refused:
        worker.ask(job, b"", path=str(canary))

    assert "sings" not in str(refused.value)
    assert canary.read_text() == "canary sings"


def test_no_folder_can_be_listed(worker: Worker) -> None:
    with pytest.raises(BadInput, match=r"PermissionError|Operation not permitted"):
        worker.ask("inspect_folder", b"", path="/")


def test_a_thread_can_be_started(worker: Worker) -> None:
    """Libraries have threads of their own; they are bound as well."""
    assert worker.ask("thread", b"")[0] == {"seen": 1}


@pytest.mark.parametrize("job", ["unlimit", "starve"])
def test_limits_can_not_be_lifted_or_set_for_others(worker: Worker, job: str) -> None:
    with pytest.raises(BadInput, match=r"failed \((ValueError|PermissionError)"):
        worker.ask(job, b"", **({"pid": os.getpid()} if job == "starve" else {}))


def test_memory_ends_at_its_limit(worker: Worker) -> None:
    assert worker.ask("allocate", b"", size=400 * MIB)[0] == {"size": 400 * MIB}
    with pytest.raises(BadInput, match=r"^big: needs more memory than a parser may have"):
        worker.ask("allocate", b"", name="big", size=600 * MIB)


def test_processor_time_ends_at_its_limit() -> None:
    with Worker(MISBEHAVE._replace(limit_s=1)) as held:
        held.ask("echo", b"")
        held._family = MISBEHAVE._replace(limit_s=8)  # the caller would wait; the kernel does not

        with pytest.raises(BadInput, match=r"used more than 8 s of processor time"):
            held.ask("spin", b"")


def test_waiting_ends_at_its_limit_and_a_fresh_child_answers() -> None:
    with Worker(MISBEHAVE._replace(limit_s=1)) as held:
        held.ask("echo", b"")
        first = held._child

        with pytest.raises(BadInput, match=r"^slow: took longer than 1 s to parse, must"):
            held.ask("sleep", b"", name="slow")

        assert held.ask("echo", b"next")[1] == b"next"
        assert held._child is not first


@pytest.mark.parametrize(
    ("job", "problem"),
    [
        ("crash", f"its parser ended with signal {int(signal.SIGSEGV)}, expected an answer"),
        ("leave", "its parser ended with status 3, expected an answer"),
        ("flood", "its parser ended with signal 9, expected an answer"),
        ("chatter", "its parser ended with signal 9, expected an answer"),
        ("babble", "its parser ended with signal 9, expected an answer"),
    ],
)
def test_one_crash_is_one_refused_file(worker: Worker, job: str, problem: str) -> None:
    with pytest.raises(BadInput, match=f"^bad: {problem}$"):
        worker.ask(job, b"", name="bad")
    assert worker.ask("echo", b"next")[1] == b"next"


def test_what_a_library_prints_is_no_answer(worker: Worker) -> None:
    assert worker.ask("shout", b"")[0] == {"said": True}


def test_facts_that_are_no_json_are_refused(worker: Worker) -> None:
    with pytest.raises(BadInput, match="without NaN"):
        worker.ask("lie", b"")


def test_a_problem_can_not_deceive_a_terminal(worker: Worker) -> None:
    with pytest.raises(BadInput, match=r"\?\[2Jall is well\?") as refused:
        worker.ask("deceive", b"")

    assert str(refused.value).isprintable()


def test_an_unknown_job_is_refused(worker: Worker) -> None:
    with pytest.raises(BadInput, match="KeyError: 'fly'"):
        worker.ask("fly", b"")


def test_refuses_a_file_above_the_cap_without_a_child() -> None:
    held = Worker(UNPACK._replace(request_max=10))

    with pytest.raises(BadInput, match=r"^a: has 11 bytes, must be at most 10$"):
        held.ask("unpack", b"12345678901", name="a")
    assert held._child is None


def test_inherits_no_secret(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SECRET", "canary")
    held_open = os.open(tmp_path / "key", os.O_CREAT | os.O_RDWR)
    os.set_inheritable(held_open, True)

    with Worker(MISBEHAVE) as held:
        seen, _ = held.ask("at_start", b"")
    os.close(held_open)

    assert set(seen["environment"]) <= {*module._ENVIRONMENT, "LC_CTYPE"}
    assert seen["files"][:3] == [0, 1, 2]
    assert len(seen["files"]) == 4  # the fourth lists them


def test_threads_wait_for_one_another(worker: Worker) -> None:
    seen: dict[int, bytes] = {}

    def ask(number: int) -> None:
        seen[number] = worker.ask("echo", bytes([number]) * 100_000)[1]

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert seen == {n: bytes([n]) * 100_000 for n in range(6)}


def test_an_interrupt_ends_the_child(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with Worker(MISBEHAVE) as held:
        held.ask("echo", b"")
        monkeypatch.setattr(held, "_answer", interrupt)

        with pytest.raises(KeyboardInterrupt, match=r"^$"):
            held.ask("echo", b"")

        assert held._child is None


def test_a_worn_child_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    with Worker(MISBEHAVE) as held:
        held.ask("echo", b"")
        monkeypatch.setattr(held, "_answer", lambda _: ({"facts": {}, "spent": True}, []))

        held.ask("echo", b"")

        assert held._child is None


def test_closing_ends_the_child() -> None:
    held = Worker(MISBEHAVE)
    held.ask("echo", b"")
    child = held._child

    held.close()

    assert child is not None
    assert child.returncode == -signal.SIGKILL


def test_refuses_to_parse_where_nothing_can_be_given_up() -> None:
    with (
        Worker(Family("unlocked", source=HERE)) as held,
        pytest.raises(LogRefused, match="cannot give up files and network, expected that it can"),
    ):
        held.ask("echo", b"")
    assert held._child is None


def test_says_that_a_worker_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        Worker(Family("not_there", source=HERE)) as held,
        pytest.raises(LogRefused, match="the worker does not start"),
    ):
        held.limits()

    monkeypatch.setattr(sys, "executable", "/nonexistent")
    with Worker(MISBEHAVE) as held, pytest.raises(LogRefused, match="does not start"):
        held.limits()


def test_a_frame_has_caps_and_one_form() -> None:
    def reader(raw: bytes) -> object:
        at = iter(raw)
        return lambda size: bytes(next(at) for _ in range(size))

    whole = b"".join(frames.parts(frames.encode({"a": 1}), b"xyz"))

    assert frames.receive(reader(whole), body_max=3) == ({"a": 1}, b"xyz")
    with pytest.raises(BadInput, match="7 and 3 bytes, must be at most 1048576 and 2"):
        frames.receive(reader(whole), body_max=2)
    with pytest.raises(BadInput, match="not in canonical form"):
        frames.receive(reader(b"".join(frames.parts(b'{"a": 1}', b""))), body_max=2)
    with pytest.raises(BadInput, match="must be at most 1048576"):
        frames.encode({"a": "x" * (1 << 20)})
