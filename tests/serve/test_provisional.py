"""Promises of what is shown before a run has looked at it."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from litestar.testing import TestClient

from trucewatch.errors import LogRefused
from trucewatch.mission.clock import SimulatedClock
from trucewatch.mission.home import Home
from trucewatch.mission.init import Plan, create
from trucewatch.mission.opened import reading
from trucewatch.mission.passes import first_pass
from trucewatch.mission.run import run
from trucewatch.serve.app import make_app

if TYPE_CHECKING:
    from collections.abc import Iterator

    from litestar import Litestar

NOW = datetime(2030, 9, 20, 12, tzinfo=UTC)
HEAD = "latitude,longitude,acq_date,acq_time,satellite,scan,track"
PATIENCE_S = 90.0


def pixels(*lat_deg: float) -> bytes:
    made = [f"{each:.5f},-29.90000,2030-09-19,0113,N21,0.4,0.4" for each in lat_deg]
    return "\n".join([HEAD, *made, ""]).encode()


def waited(client: TestClient[Litestar], entry: int) -> dict[str, object]:
    """Return the provisional incidents once an entry is among them."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        told: dict[str, object] = client.get("/api/v1/provisional").json()
        items = told["items"]
        assert isinstance(items, list)
        if any(each["entry"] == entry for each in items):
            return told
        time.sleep(0.05)
    pytest.fail(f"entry {entry} was in no provisional incident after {PATIENCE_S} s")


def ran(home: Home) -> None:
    """Run as soon as the server has let go of the mission."""
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            run(home, clock=SimulatedClock(NOW))
        except LogRefused:
            assert time.monotonic() < until
            time.sleep(0.05)
        else:
            return


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    path = tmp_path_factory.mktemp("early") / "mission"
    create(path, clock=SimulatedClock(NOW), plan=Plan(agreement="demo-truce", seed=bytes(32)))
    home = Home(path)
    first_pass(home)
    run(home, clock=SimulatedClock(NOW))
    return home


@pytest.fixture(scope="module")
def app(home: Home) -> Litestar:
    return make_app(str(home.path), clock=SimulatedClock(NOW))


@pytest.fixture
def public(app: Litestar) -> Iterator[TestClient[Litestar]]:
    with TestClient(app) as client:
        yield client


@pytest.fixture
def mission(app: Litestar, home: Home) -> Iterator[TestClient[Litestar]]:
    with TestClient(app) as client:
        client.headers["Authorization"] = f"Bearer {first_pass(home)}"
        yield client


def post(client: TestClient[Litestar], raw: bytes) -> int:
    answer = client.post("/api/v1/intake/firms", content=raw)
    assert answer.status_code == 201, answer.text
    entry: int = answer.json()["entry"]
    return entry


def test_what_is_posted_is_shown_before_a_run_and_left_to_it_after(
    mission: TestClient[Litestar], public: TestClient[Litestar], home: Home
) -> None:
    first = post(mission, pixels(45.0, 45.2))
    waited(mission, first)
    second = post(mission, pixels(45.001, 45.4))
    told = waited(mission, second)

    items = told["items"]
    assert isinstance(items, list)
    assert sorted((each["entry"], each["reports"]) for each in items) == [
        (first, 1), (second, 1), (second, 2),
    ]  # fmt: skip
    page = mission.get("/provisional").text
    assert page.count('href="/log/') >= 3
    assert "m-early" in mission.get("/map").text
    assert "3 provisional" in re.sub(r"<[^>]+>", "", page)
    stream = mission.get("/api/v1/changes?once=true").text
    assert f"event: provisional\nid: {stream.split('id: ')[1].splitlines()[0]}" in stream
    assert f'{{"entry": {second}, "incidents": 3}}' in stream

    for path in ("/provisional", "/api/v1/provisional"):
        assert public.get(path).status_code == 403
    assert "provisional" not in public.get("/map").text
    assert "provisional" not in public.get("/api/v1/changes?once=true").text

    ran(home)
    with reading(home) as (_, there):
        found = there.desk.read("incident")
    assert {each["id"] for each in items} == set(found["id"])
    assert mission.get("/api/v1/provisional").json()["total"] == 0
    assert "Nothing was posted since the last run" in mission.get("/provisional").text
    assert 'class="m-early" d="M9' in mission.get("/map").text, "the swatch of the layer stays"


def test_reports_of_a_known_incident_say_so(mission: TestClient[Litestar], home: Home) -> None:
    waited(mission, post(mission, pixels(46.0)))
    ran(home)

    told = waited(mission, post(mission, pixels(46.001)))

    items = told["items"]
    assert isinstance(items, list)
    [one] = items
    assert one["reports"] == 2
    assert f'href="/incidents/{one["id"]}"' in mission.get("/provisional").text
    ran(home)


def test_nothing_that_was_posted_enters_a_table_before_a_run(
    mission: TestClient[Litestar], home: Home
) -> None:
    with reading(home) as (log, there):
        before, size = there.desk.read("incident"), log.size

    waited(mission, post(mission, pixels(47.0)))

    with reading(home) as (log, there):
        assert there.desk.read("incident").equals(before)
        assert log.size == size + 1, "the file alone"
    ran(home)


def test_a_file_of_positions_is_no_report(mission: TestClient[Litestar]) -> None:
    before = mission.get("/api/v1/provisional").json()["total"]
    watch = mission.post("/api/v1/intake/watch", content=b"not a watch report\n")
    assert watch.status_code == 201

    waited(mission, post(mission, pixels(48.0)))

    assert mission.get("/api/v1/provisional").json()["total"] == before + 1
