"""Promises of pages that are kept: never another role's, never older than the mission."""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING

from litestar.testing import TestClient

from trucewatch.mission.clock import SimulatedClock
from trucewatch.mission.demo_clock import clock_of
from trucewatch.mission.home import Home
from trucewatch.mission.ingest import ingest
from trucewatch.mission.run import run
from trucewatch.serve.app import make_app
from trucewatch.serve.kept import MAKERS, Kept

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from litestar import Litestar

FIRE = b"""latitude,longitude,acq_date,acq_time,satellite,scan,track,confidence,frp
44.9801,-29.9911,2030-09-05,0113,N21,0.39,0.36,h,96.2
"""


def test_a_page_that_was_kept_is_the_page(mission: TestClient[Litestar]) -> None:
    first, second = (mission.get("/incidents?sort=time") for _ in range(2))

    assert first.content == second.content
    assert first.headers["content-security-policy"] == second.headers["content-security-policy"]
    assert second.headers["content-type"] == "text/html; charset=utf-8"


def test_the_public_never_gets_the_page_that_was_kept_for_the_mission(
    mission: TestClient[Litestar], public: TestClient[Litestar]
) -> None:
    ours = mission.get("/incidents?sort=-real").text
    theirs = public.get("/incidents?sort=-real").text

    assert "Mission level" in ours
    assert "Mission level" not in theirs


def test_a_page_is_made_anew_once_something_was_received_and_run(
    demo_home: Home, tmp_path: Path
) -> None:
    home = Home(shutil.copytree(demo_home.path, tmp_path / "home"))
    clock = clock_of(home)
    assert isinstance(clock, SimulatedClock)
    with TestClient(make_app(str(home.path), clock=clock)) as client:
        client.cookies.set("tw_pass", (home.path / "keys" / "pass").read_text().split()[-1])
        before = client.get("/incidents").text
        path = tmp_path / "late.csv"
        path.write_bytes(FIRE)
        list(ingest(home, "firms", [path], clock=clock))
        run(home, clock=clock)
        after = client.get("/incidents").text

    assert before != after


def test_there_is_room_for_so_many_bytes_and_the_least_asked_for_go_first() -> None:
    kept = Kept(bytes_max=10)

    kept.put("a", "p", b"1234")
    kept.put("b", "p", b"1234")
    kept.get("a", "p")
    kept.put("c", "p", b"1234")

    assert kept.get("a", "p") == b"1234"
    assert kept.get("b", "p") is None
    kept.put("d", "p", b"12345678901")
    assert kept.get("d", "p") is None


def test_whoever_asks_while_a_page_is_made_waits_for_it() -> None:
    kept = Kept()

    mine, theirs = kept.begin("a", "p"), kept.begin("a", "p")
    assert mine is None
    assert theirs is not None
    assert not theirs.done()

    kept.end("a")
    assert theirs.done()
    assert kept.begin("a", "p") is None


def test_the_page_of_a_moment_ago_stands_in_only_while_a_newer_one_is_made() -> None:
    kept = Kept()
    kept.put(("p", 1), "p", b"old")

    idle = kept.just_now("p")
    kept.begin(("p", 2), "p")

    assert idle is None
    assert kept.just_now("p") == b"old"
    assert kept.just_now("another") is None
    kept.put(("p", 2), "p", b"new")
    kept.end(("p", 2))
    assert kept.just_now("p") is None


def test_where_many_pages_are_made_none_more_is_begun_that_was_right_just_now() -> None:
    kept = Kept()
    kept.put(("p", 1), "p", b"old")

    for number in range(MAKERS):
        kept.begin(number, number)

    assert kept.just_now("p") == b"old"


def test_a_page_of_longer_ago_stands_in_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Kept()
    kept.put(("p", 1), "p", b"old")
    kept.begin(("p", 2), "p")
    later_s = time.monotonic() + 60

    monkeypatch.setattr("trucewatch.serve.kept.time.monotonic", lambda: later_s)

    assert kept.just_now("p") is None


def test_a_page_that_cannot_be_made_lets_the_next_one_try(public: TestClient[Litestar]) -> None:
    for _ in range(3):
        assert public.get("/incidents?from=never").status_code == 400
        assert public.get("/incidents/i-nobody").status_code in {403, 404}
