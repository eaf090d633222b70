"""Promises of the stream of changes: what was missed comes at once, and nobody hears too much."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING

import pytest
from litestar.testing import TestClient

from trucewatch.access.role import Role
from trucewatch.mission.clock import SimulatedClock
from trucewatch.mission.demo_clock import clock_of
from trucewatch.mission.home import Home
from trucewatch.mission.ingest import ingest
from trucewatch.mission.passes import first_pass
from trucewatch.mission.run import run
from trucewatch.serve.app import make_app
from trucewatch.serve.watching import watch_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from litestar import Litestar

FIRE = b"""latitude,longitude,acq_date,acq_time,satellite,scan,track,confidence,frp
44.9801,-29.9911,2030-09-05,0113,N21,0.39,0.36,h,96.2
"""


@pytest.fixture
def home(demo_home: Home, tmp_path: Path) -> Home:
    """A demonstration of one's own."""
    return Home(shutil.copytree(demo_home.path, tmp_path / "home"))


@pytest.fixture
def client(home: Home) -> Iterator[TestClient[Litestar]]:
    """Anybody."""
    with TestClient(make_app(str(home.path))) as opened:
        yield opened


def told(
    client: TestClient[Litestar], since: str = "", **headers: str
) -> list[tuple[str, str, dict[str, object]]]:
    """What the stream tells of what was missed: event, id and what it says."""
    asked = {"once": "true", **({"since": since} if since else {})}
    answer = client.get("/api/v1/changes", params=asked, headers=headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    parts = re.findall(r"event: (\w+)\nid: (\S+)\ndata: (.*)\n\n", answer.text)
    return [(name, token, json.loads(text)) for name, token, text in parts]


def more(home: Home, tmp_path: Path, *, compute: bool) -> None:
    """Receive a file, and have incidents computed."""
    clock = clock_of(home)
    assert isinstance(clock, SimulatedClock)
    path = tmp_path / "late.csv"
    path.write_bytes(FIRE)
    list(ingest(home, "firms", [path], clock=clock))
    if compute:
        run(home, clock=clock)


def test_who_comes_first_learns_where_things_stand(client: TestClient[Litestar]) -> None:
    ((name, token, here),) = told(client)

    assert name == "here"
    assert token.startswith(f"{here['size']}.")
    assert set(here) == {"size", "root", "incidents"}


def test_who_comes_again_is_told_of_nothing_when_nothing_happened(
    client: TestClient[Litestar],
) -> None:
    token = told(client)[0][1]

    assert told(client, token) == []
    assert told(client, **{"Last-Event-ID": token}) == []


def test_the_mission_is_told_of_what_it_missed(
    client: TestClient[Litestar], home: Home, tmp_path: Path
) -> None:
    key = {"Authorization": f"Bearer {first_pass(home)}"}
    token, before = told(client, **key)[0][1:]
    more(home, tmp_path, compute=True)

    missed = told(client, token, **key)

    assert [name for name, _, _ in missed] == ["log", "desk"]
    assert int(str(missed[0][2]["size"])) > int(str(before["size"]))
    assert missed[1][2]["incidents"] == int(str(before["incidents"])) + 1


def test_the_public_hears_that_the_log_grew_and_of_the_desk_only_what_it_may_see(
    client: TestClient[Litestar], home: Home, tmp_path: Path
) -> None:
    token = told(client)[0][1]
    more(home, tmp_path, compute=False)

    (grown,) = told(client, token)
    run(home, clock=clock_of(home))
    later = told(client, grown[1])

    assert grown[0] == "log"
    assert set(grown[2]) == {"size", "root"}
    assert [name for name, _, _ in later] == ["log", "released"]
    assert set(later[1][2]) == {"incidents"}


@pytest.mark.parametrize("token", ["never", "-1", "5.x", "9" * 30, "5.5.5"])
def test_an_id_that_was_never_given_is_refused(client: TestClient[Litestar], token: str) -> None:
    answer = client.get("/api/v1/changes", params={"since": token, "once": "true"})

    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("since: is ")


def test_one_watcher_looks_for_all_and_ends_with_the_last(home: Home) -> None:
    app = make_app(str(home.path))
    with TestClient(app) as client:

        async def joined() -> tuple[bool, bool, bool]:
            watch = watch_of(app.state.site, app.state)
            queues = [watch.join(Role.PUBLIC) for _ in range(50)]
            during = watch.watching
            for queue in queues[:-1]:
                watch.leave(queue)
            still = watch.watching
            watch.leave(queues[-1])
            return during, still, watch.watching

        with client.portal() as portal:
            assert portal.call(joined) == (True, True, False)


def test_too_many_are_asked_to_come_later(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trucewatch.serve.watching._LISTENERS_MAX", 0)
    with TestClient(make_app(str(home.path))) as client:
        answer = client.get("/api/v1/changes", params={"once": "true"})

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "60"
