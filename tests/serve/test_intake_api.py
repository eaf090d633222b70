"""Promises of what sensors send over HTTP."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from litestar.testing import TestClient

from trucewatch.errors import LogRefused
from trucewatch.evidence.keys import load_private
from trucewatch.evidence.lock import WriterLock
from trucewatch.mission.check import digest_tables
from trucewatch.mission.clock import SimulatedClock
from trucewatch.mission.devices import Candidate, enrol
from trucewatch.mission.home import Home
from trucewatch.mission.ingest import ingest
from trucewatch.mission.init import Plan, create
from trucewatch.mission.linked import Said
from trucewatch.mission.on_device import Signing, sign_file
from trucewatch.mission.opened import reading, writing
from trucewatch.mission.passes import first_pass
from trucewatch.mission.run import run
from trucewatch.records.enrolment import Holder
from trucewatch.serve.api.intake import BYTES_MAX
from trucewatch.serve.app import make_app
from trucewatch.serve.taking import Full, Taking

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from litestar import Litestar

NOW = datetime(2030, 9, 20, 12, tzinfo=UTC)
HEAD = "latitude,longitude,acq_date,acq_time,satellite,scan,track"
FIRMS = "/api/v1/intake/firms"
PATIENCE_S = 60.0
KILLED_AFTER = 12


def rows(first: int, n: int = 4) -> bytes:
    """Pixels that no other call returns, given other numbers."""
    made = [
        f"{45 + k / 1e3:.5f},-29.90000,2030-09-19,0113,N21,0.4,0.4" for k in range(first, first + n)
    ]
    return "\n".join([HEAD, *made, ""]).encode()


def made(path: Path) -> Home:
    create(path, clock=SimulatedClock(NOW), plan=Plan(agreement="demo-truce", seed=bytes(32)))
    home = Home(path)
    first_pass(home)
    return home


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return made(tmp_path_factory.mktemp("posted") / "mission")


@pytest.fixture(scope="module")
def app(home: Home) -> Litestar:
    return make_app(str(home.path), clock=SimulatedClock(NOW))


@pytest.fixture
def public(app: Litestar) -> Iterator[TestClient[Litestar]]:
    with TestClient(app) as client:
        yield client


@pytest.fixture
def sensor(app: Litestar, home: Home) -> Iterator[TestClient[Litestar]]:
    with TestClient(app) as client:
        client.headers["Authorization"] = f"Bearer {first_pass(home)}"
        yield client


def size(home: Home) -> int:
    with reading(home) as (log, _):
        return log.size


def test_what_was_posted_is_in_the_log_and_on_the_desk_before_the_answer(
    sensor: TestClient[Litestar], home: Home
) -> None:
    raw = rows(0)

    answer = sensor.post(FIRMS, content=raw, headers={"X-File-Name": "n%C3%B6rd.csv"})

    told = answer.json()
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == f"/objects/{told['object']}"
    assert (told["accepted"], told["refused"], told["new"]) == (4, 0, True)
    with reading(home) as (log, there):
        assert log.object(sha256(raw).hexdigest()) == raw
        assert log.entry(told["entry"]).object == told["object"]
        assert log.labels(told["object"]) == ("nörd.csv",)
        files = there.desk.read("file")
        assert files.filter(object=told["object"])["accepted"].to_list() == [4]


def test_the_same_bytes_again_give_the_same_entry_and_add_nothing(
    sensor: TestClient[Litestar], home: Home
) -> None:
    raw = rows(100) + b"95.2,-29.9,2030-09-19,0113,N21,0.4,0.4\n"
    first = sensor.post(FIRMS, content=raw).json()
    before = size(home)

    again = sensor.post(FIRMS, content=raw)

    assert again.status_code == 200
    assert again.json() == first | {"new": False}
    assert size(home) == before


def test_posts_of_the_same_bytes_at_once_are_one_entry(
    sensor: TestClient[Litestar], home: Home
) -> None:
    before = size(home)

    with ThreadPoolExecutor(8) as many:
        answers = list(many.map(lambda _: sensor.post(FIRMS, content=rows(200)), range(8)))

    assert sorted(a.status_code for a in answers) == [200] * 7 + [201]
    assert len({a.json()["entry"] for a in answers}) == 1
    assert size(home) == before + 1


def test_a_bad_row_is_named_by_line_and_reason_and_the_others_are_read(
    sensor: TestClient[Litestar],
) -> None:
    answer = sensor.post(FIRMS, content=rows(300) + b"95.2,-29.9,2030-09-19,0113,N21,0.4,0.4\n")

    assert answer.status_code == 201
    assert answer.json()["accepted"] == 4
    [problem] = answer.json()["problems"]
    assert problem == {
        "row": 4,
        "line": 6,
        "problem": "latitude is 95.2, must be -90 to 90",
    }


def test_a_torn_batch_is_sealed_and_refused_by_line(
    sensor: TestClient[Litestar], home: Home
) -> None:
    torn = rows(400)[:-20]

    told = sensor.post(FIRMS, content=torn).json()

    assert (told["accepted"], told["refused"]) == (0, 1)
    assert told["problems"] == [
        {
            "row": None,
            "line": 5,
            "problem": "last line is torn, expected a line break at its end",
        }
    ]
    with reading(home) as (log, _):
        assert log.object(told["object"]) == torn


def test_what_no_sensor_wrote_is_kept_and_refused_as_a_whole(
    sensor: TestClient[Litestar], home: Home
) -> None:
    answer = sensor.post(FIRMS, content=b"\x1f\x8btorn", headers={"X-File-Name": "a.csv.gz"})

    told = answer.json()
    assert answer.status_code == 201
    assert (told["accepted"], told["refused"], told["problems"][0]["row"]) == (0, 1, None)
    assert told["problems"][0]["problem"]
    with reading(home) as (log, _):
        assert log.object(told["object"]) == b"\x1f\x8btorn"


def test_the_public_may_not_send_and_learns_nothing(
    public: TestClient[Litestar], home: Home
) -> None:
    before = size(home)

    answers = [public.post(f"/api/v1/intake/{name}", content=rows(500)) for name in ("firms", "x")]

    assert [a.status_code for a in answers] == [403, 403]
    assert answers[0].json() == answers[1].json()
    assert size(home) == before


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"Origin": "http://elsewhere.invalid"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://elsewhere.invalid"}, 403),
        ({"Origin": "http://testserver.local"}, 201),
        ({"Sec-Fetch-Site": "same-origin"}, 201),
    ],
)
def test_a_cookie_alone_sends_only_from_a_page_of_this_site(
    public: TestClient[Litestar], home: Home, headers: dict[str, str], status: int
) -> None:
    public.cookies.set("tw_pass", first_pass(home))
    first = 600 + 10 * int(sha256(repr(headers).encode()).hexdigest()[:4], 16)

    answer = public.post(FIRMS, content=rows(first % 40_000), headers=headers)

    assert answer.status_code == status, answer.text


def test_a_file_over_the_cap_is_refused_before_it_is_read(
    sensor: TestClient[Litestar], home: Home
) -> None:
    before = size(home)

    said = sensor.post(FIRMS, content=b"", headers={"Content-Length": str(BYTES_MAX + 1)})
    sent = sensor.post(FIRMS, content=(bytes(2**20) for _ in range(BYTES_MAX // 2**20 + 1)))

    assert [said.status_code, sent.status_code] == [413, 413]
    assert size(home) == before


@pytest.mark.parametrize(
    ("path", "headers", "status", "problem"),
    [
        ("/api/v1/intake/sonar", {}, 404, "sonar"),
        (f"{FIRMS}?run=perhaps", {}, 400, "run: is 'perhaps', expected true or false"),
        (FIRMS, {"X-File-Name": "../a.csv"}, 400, "X-File-Name: is '../a.csv'"),
        (FIRMS, {"X-File-Name": "a%0Ab"}, 400, "X-File-Name"),
        (FIRMS, {"X-Batch-Envelope": "%%"}, 400, "X-Batch-Envelope: is no base64"),
        (FIRMS, {"X-Batch-Envelope": "A" * 30_000}, 400, "X-Batch-Envelope: is too long"),
    ],
)
def test_what_is_wrong_with_a_request_is_named(
    sensor: TestClient[Litestar], path: str, headers: dict[str, str], status: int, problem: str
) -> None:
    answer = sensor.post(path, content=rows(700), headers=headers)

    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert problem in answer.json()["detail"]


def test_the_schema_says_what_an_answer_holds(public: TestClient[Litestar]) -> None:
    schema = public.get("/api/schema/openapi.json").json()

    answers = schema["paths"]["/api/v1/intake/{sensor}"]["post"]["responses"]
    assert {"200", "201"} <= set(answers)
    assert "entry" in schema["components"]["schemas"]["Taken"]["required"]


def test_nothing_posted_is_refused(sensor: TestClient[Litestar]) -> None:
    answer = sensor.post(FIRMS, content=b"")

    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("body: is empty")


def test_a_signed_file_is_taken_and_one_that_does_not_verify_is_not(
    sensor: TestClient[Litestar], home: Home, tmp_path: Path
) -> None:
    clock = SimulatedClock(NOW)
    pem = tmp_path / "cam.pem"
    key = Ed25519PrivateKey.from_private_bytes(bytes([7]) * 32)
    pem.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    pem.chmod(0o600)
    public_key = load_private(pem).public_key().public_bytes_raw()
    camera = Candidate(kind=Holder.DEVICE, name="cam-1", key=public_key, sensor="firms")
    wait_until_free(home)
    enrol(home, camera, said=Said(by="A. Analyst", reason="new camera"), clock=clock)
    file = tmp_path / "a.csv"
    file.write_bytes(rows(800))
    signing = Signing(key=pem, name="cam-1", sensor="firms", state=tmp_path / "state")
    envelope = sign_file(file, signing, clock=clock).beside.read_bytes()
    headers = {"X-Batch-Envelope": base64.b64encode(envelope).decode()}
    before = size(home)

    bad = sensor.post(FIRMS, content=rows(900), headers=headers)
    after = size(home)
    good, again = (sensor.post(FIRMS, content=rows(800), headers=headers) for _ in range(2))

    assert bad.status_code == 422
    assert bad.json()["detail"].startswith("X-Batch-Envelope: signs a file with SHA-256 ")
    assert after == before
    assert (good.status_code, again.status_code) == (201, 200)
    assert (good.json()["device"], good.json()["sequence"]) == ("cam-1", 1)
    assert again.json() == good.json() | {"new": False}
    assert size(home) == before + 2


def test_while_another_writes_the_sender_is_asked_to_come_again(
    sensor: TestClient[Litestar], home: Home
) -> None:
    wait_until_free(home)
    with writing(home, SimulatedClock(NOW)):
        answer = sensor.post(FIRMS, content=rows(1_000))
    later = sensor.post(FIRMS, content=rows(1_000))

    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "expected no other writer" in answer.json()["detail"]
    assert str(home.path) not in answer.text
    assert later.status_code == 201


def test_where_too_much_waits_the_sender_is_asked_to_come_again(
    sensor: TestClient[Litestar], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise Full

    monkeypatch.setattr(Taking, "put", full)

    answer = sensor.post(FIRMS, content=rows(1_100))

    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.json()["detail"].startswith("intake: more waits")


def test_a_run_that_was_asked_for_gives_what_the_command_gives(
    tmp_path: Path,
) -> None:
    clock = SimulatedClock(NOW)
    posted, typed = made(tmp_path / "posted"), made(tmp_path / "typed")
    files = [tmp_path / "0.csv", tmp_path / "1.csv"]
    for number, file in enumerate(files):
        file.write_bytes(rows(10 * number, 8))
    list(ingest(typed, "firms", files, clock=clock))
    run(typed, clock=clock)

    with TestClient(make_app(str(posted.path), clock=clock)) as client:
        client.headers["Authorization"] = f"Bearer {first_pass(posted)}"
        asked = [
            client.post(f"{FIRMS}?run=true", content=file.read_bytes()).json() for file in files
        ]
        wait_for(posted, asked[-1]["entry"])

    assert [a["run"] for a in asked] == [True, True]
    assert digest_tables(posted) == digest_tables(typed)
    assert not run(posted, clock=clock).new


def wait_for(home: Home, entry: int) -> None:
    """Wait until a run saw an entry, and the server has let go of the mission."""
    until = time.monotonic() + PATIENCE_S
    seen = 0
    while seen <= entry:
        assert time.monotonic() < until, "no run came"
        time.sleep(0.05)
        with reading(home) as (_, there):
            seen = int(there.desk.state().get("input_size", "0"))
    wait_until_free(home)


def wait_until_free(home: Home) -> None:
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            with WriterLock(home.path):
                return
        except LogRefused:
            assert time.monotonic() < until, "the server never lets go"
            time.sleep(0.05)


POSTING = """
import sys
from datetime import datetime
from pathlib import Path
from trucewatch.mission.clock import SimulatedClock
from trucewatch.mission.home import Home
from trucewatch.mission.posting import Post
from trucewatch.serve.early import Early
from trucewatch.serve.taking import Taking
home, now, head = sys.argv[1:]
mission = Home(Path(home))
taking = Taking(mission, SimulatedClock(datetime.fromisoformat(now)), Early(mission))
for number in range(1000):
    raw = f"{head}\\n{45 + number / 1e3},-29.9,2030-09-19,0113,N21,0.4,0.4\\n".encode()
    told = taking.put(Post(sensor="firms", raw=raw, name="a.csv"), run=False).result()
    print(told.entry, told.object, flush=True)
"""
"""The part of an answer that decides what is durable, without HTTP around it."""


def test_what_was_answered_outlives_a_kill(tmp_path: Path) -> None:
    home = made(tmp_path / "mission")
    command = [sys.executable, "-c", POSTING, str(home.path), NOW.isoformat(), HEAD]
    answered: dict[str, int] = {}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdout is not None
        for line in process.stdout:
            said = line.split()
            answered[said[1]] = int(said[0])
            if len(answered) == KILLED_AFTER:
                os.kill(process.pid, signal.SIGKILL)
                break

    with writing(home, SimulatedClock(NOW)) as writer:
        for object_, entry in answered.items():
            assert writer.log.index_of(object_, "received/firms/v1") == entry
            assert sha256(writer.log.object(object_)).hexdigest() == object_
        writer.projection.catch_up(writer.log, writer.log.size, writer.using)
        assert len(writer.projection.observations()) >= KILLED_AFTER
    assert len(answered) == KILLED_AFTER
