"""Promises of the pages of sensors."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import TYPE_CHECKING

import polars as pl
import pytest
from litestar.testing import TestClient
from tests.mission.measured_samples import NOW
from tests.serve.watched_samples import make

from trucewatch.mission.clock import SimulatedClock
from trucewatch.mission.configuration import in_force
from trucewatch.mission.opened import reading
from trucewatch.mission.passes import first_pass
from trucewatch.serve.app import make_app
from trucewatch.serve.pages._heard import latest, listened, refused_of
from trucewatch.store.desk import Desk
from trucewatch.store.schema import SCHEMAS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from litestar import Litestar

    from trucewatch.mission.home import Home


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = make(tmp_path_factory.mktemp("sensors"))
    silent = {
        "sensor": "news",
        "start": datetime(2030, 9, 2, 12, tzinfo=UTC),
        "end": datetime(2030, 9, 3, tzinfo=UTC),
        "expected": 7.5,
    }
    with Desk.at(home.path / "desk.db", write=True) as desk:
        desk.replace({"silence": pl.DataFrame([silent], schema=SCHEMAS["silence"][0])})
    return home


@pytest.fixture(scope="module")
def officer(watched: Home) -> Iterator[TestClient[Litestar]]:
    clock = SimulatedClock(NOW + timedelta(days=1))
    with TestClient(make_app(str(watched.path), clock=clock)) as client:
        client.cookies.set("tw_pass", first_pass(watched))
        yield client


def words(client: TestClient[Litestar], path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    main = answer.text.split('id="main"', 1)[1].split("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def test_every_sensor_is_listed_with_what_was_read_and_refused(
    officer: TestClient[Litestar],
) -> None:
    said = words(officer, "/sensors")

    assert re.search(
        r"news News-derived reports.* 5 2 available \d\d %, 1 silence a file every 24 h", said
    )
    assert "CAM-1 firms always 30 km an exercise" in said
    assert re.search(
        r"firms Satellite.* nothing yet 0 0 nothing came none declared", said
    )  # expected by an asset, though nothing came


def test_a_sensor_that_sent_nothing_says_so(officer: TestClient[Litestar]) -> None:
    said = words(officer, "/sensors/firms")

    assert "Nothing of it was read yet." in said
    assert "None of its rows was refused." in said


def test_a_silence_is_stippled_where_it_was(watched: Home, officer: TestClient[Litestar]) -> None:
    with reading(watched) as (log, there):
        found = listened(log, there, in_force(log, log.size).settings)
    news = next(each for each in found.sensors if each.name == "news")

    text = officer.get("/sensors/news").text

    assert found.start is not None
    assert found.end is not None
    whole_h = (found.end - found.start) / timedelta(hours=1)
    heard_share = sum(width for _, width in news.bar) / 100
    assert len(news.bar) == 2
    assert heard_share == pytest.approx(1 - 12 / whole_h)
    assert news.heard_share == pytest.approx(heard_share)
    assert f"{round(100 * heard_share)} %" in text
    assert text.count('class="fg"') == 2
    assert "7.5" in text


def test_the_latest_observations_are_the_latest_of_all(demo_home: Home) -> None:
    with reading(demo_home) as (_, there):
        every = there.archive.observations().filter(pl.col("sensor") == "firms")
        found = latest(there, "firms", 50)

    expected = every.with_columns(pl.col("object").cast(pl.String)).sort(
        "time_start", "object", "row", descending=True
    )
    assert found.select("object", "row").equals(expected.head(50).select("object", "row"))


@pytest.mark.parametrize("many", [1, 7, 100_000])
def test_the_latest_are_found_however_many_files_end_late(demo_home: Home, many: int) -> None:
    with reading(demo_home) as (log, there):
        every = there.archive.observations().filter(pl.col("sensor") == "news")
        found = latest(there, "news", many)
        sealed_in = {o: log.entry(e).object for o, e in found.select("object", "entry").rows()}

    expected = every.with_columns(pl.col("object").cast(pl.String)).sort(
        "time_start", "object", "row", descending=True
    )
    assert found.select("object", "row").equals(expected.head(many).select("object", "row"))
    assert all(object_ == own for object_, own in sealed_in.items())


def test_each_of_the_latest_leads_to_its_page(mission: TestClient[Litestar]) -> None:
    text = mission.get("/sensors/firms").text
    found = re.findall(r'href="(/observations/[0-9a-f]{64}/\d+)"', text)

    assert len(found) == 50
    assert mission.get(found[0]).status_code == 200


def test_what_was_refused_is_told_with_its_line_and_reason(
    officer: TestClient[Litestar],
) -> None:
    said = words(officer, "/sensors/news")

    assert "row has 4 fields, expected 6" in said
    assert "nothing is repaired in silence" in said


def test_no_more_refused_rows_are_told_than_asked_for_and_all_are_counted(watched: Home) -> None:
    with reading(watched) as (_, there):
        found, total = refused_of(there, "news", 1)
        every = there.desk.read("quarantine")

    assert (len(found), total) == (1, len(every))


def test_slots_of_a_schedule_are_told_with_what_became_of_them(
    officer: TestClient[Litestar],
) -> None:
    assert "Against its schedule" in words(officer, "/sensors/news")


def test_sensors_are_for_the_mission_alone(public: TestClient[Litestar]) -> None:
    codes = {public.get(f"/sensors{name}").status_code for name in ("", "/firms", "/nope")}

    assert codes == {403}


def test_an_unknown_sensor_is_not_found(mission: TestClient[Litestar]) -> None:
    assert mission.get("/sensors/nope").status_code == 404
