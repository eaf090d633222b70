"""Promises of the pages of intake."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import TYPE_CHECKING

import pytest
from litestar.testing import TestClient
from tests.mission.measured_samples import NOW
from tests.serve.booked_samples import booked

from trucewatch.mission.clock import SimulatedClock
from trucewatch.mission.opened import reading
from trucewatch.mission.passes import first_pass
from trucewatch.serve.app import make_app
from trucewatch.serve.pages._received import came, faults, faulty, files, newest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from litestar import Litestar
    from tests.serve.booked_samples import Booked

    from trucewatch.mission.home import Home


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Booked:
    return booked(tmp_path_factory)


@pytest.fixture(scope="module")
def officer(book: Booked) -> Iterator[TestClient[Litestar]]:
    clock = SimulatedClock(NOW + timedelta(days=4))
    with TestClient(make_app(str(book.home.path), clock=clock)) as client:
        client.cookies.set("tw_pass", first_pass(book.home))
        yield client


def words(client: TestClient[Litestar], path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    main = answer.text.split('id="main"', 1)[1].split("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def test_every_file_is_listed_with_what_was_read_and_refused(
    officer: TestClient[Litestar],
) -> None:
    text, said = officer.get("/intake").text, words(officer, "/intake")

    assert "4 files 6 rows read 2 rows or files refused" in said
    assert re.search(r"6 Sep 00:00 faults\.csv news .* 1 2 \d+ CLEAR #\d+", said)
    assert re.search(r"6 Sep 00:00 hidden\.csv news .* 1 0 \d+ AMBER #\d+", said)
    assert said.index("again.csv") < said.index("faults.csv") < said.index("news.csv")
    assert all(officer.get(each).status_code == 200 for each in re.findall(r"/objects/\w+", text))


def test_files_with_something_refused_are_found(officer: TestClient[Litestar]) -> None:
    said = words(officer, "/intake?with=refused&sensor=news")

    assert "faults.csv" in said
    assert "news.csv" not in said


def test_what_was_refused_is_told_by_file_line_and_reason(
    officer: TestClient[Litestar],
) -> None:
    said = words(officer, "/intake/refused")

    assert "2 refused rows. They stand against 6 rows that were read." in said
    assert re.search(
        r"faults\.csv news 2 latitude is 95\.2, must be -90 to 90 #\d+"
        r" 6 Sep 00:00 faults\.csv news 3 row has 4 fields, expected 6",
        said,
    )


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_pages_of_files_and_of_faults_hold_each_once_in_one_order(
    demo_home: Home, size: int
) -> None:
    with reading(demo_home) as (log, there):
        total, _ = came(there, "")
        bad = faulty(there, "")
        paged = [
            row
            for skip in range(0, total.files, size)
            for row in files(log, there, newest(there, "", skip, size))
        ]
        told = [
            each
            for skip in range(0, total.refused, size)
            for each in faults(log, there, bad, skip=skip, many=size)
        ]
        every, quarantined = there.desk.read("file"), there.desk.read("quarantine")

    assert [each.entry for each in paged] == sorted(every["entry"].to_list(), reverse=True)
    assert total.files > 3
    assert len(told) == len(quarantined) == total.refused > 0
    assert [each.entry for each in told] == sorted((e.entry for e in told), reverse=True)
    assert sorted(each.problem for each in told) == sorted(quarantined["problem"].to_list())


def test_a_slot_in_which_nothing_came_is_told_with_the_reason_given(
    officer: TestClient[Litestar],
) -> None:
    text, said = officer.get("/intake/schedule").text, words(officer, "/intake/schedule")

    assert re.search(r"7 Sep 00:00 8 Sep 00:00 news explained the <i>editor</i> was ill", said)
    assert re.search(r"8 Sep 00:00 9 Sep 00:00 news missing none was given", said)
    assert '<rect class="missing"' in text
    assert '<rect class="explained"' in text
    assert "<i>editor</i>" not in text


def test_slots_are_found_by_state(officer: TestClient[Litestar]) -> None:
    said = words(officer, "/intake/schedule?state=missing&sensor=news")

    assert "8 Sep 00:00 9 Sep 00:00" in said
    assert "editor" not in said


def test_without_a_schedule_no_absence_is_made_up(mission: TestClient[Litestar]) -> None:
    said = words(mission, "/intake/schedule")

    assert "No schedule that has a finished slot was declared" in said
    assert "No device was enrolled" in said


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("?with=everything", "with"),
        ("?page=x", "page"),
        ("/refused?page=-1", "page"),
        ("/schedule?state=lost", "state"),
    ],
)
def test_a_filter_that_cannot_be_read_is_named(
    officer: TestClient[Litestar], path: str, named: str
) -> None:
    answer = officer.get(f"/intake{path}")

    assert answer.status_code == 400
    assert named in answer.text


@pytest.mark.parametrize("path", ["", "/refused", "/schedule"])
def test_an_unknown_sensor_is_not_found(officer: TestClient[Litestar], path: str) -> None:
    assert officer.get(f"/intake{path}?sensor=nope").status_code == 404


@pytest.mark.parametrize("path", ["", "/refused", "/schedule", "?sensor=nope", "?page=x"])
def test_intake_is_for_the_mission_alone(public: TestClient[Litestar], path: str) -> None:
    assert public.get(f"/intake{path}").status_code == 403


def test_every_page_leads_the_mission_there_and_nobody_else(
    public: TestClient[Litestar], mission: TestClient[Litestar]
) -> None:
    links = {'href="/intake"', 'href="/settings"'}

    assert all(each in mission.get("/preferences").text for each in links)
    assert not any(each in public.get("/preferences").text for each in links)


@pytest.mark.parametrize("path", ["", "/refused", "/schedule"])
def test_every_page_works_in_ukrainian(officer: TestClient[Litestar], path: str) -> None:
    assert officer.get(f"/intake{path}?language=uk").status_code == 200
