"""Promises of the pages of the logbook."""

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
from trucewatch.mission.passes import first_pass
from trucewatch.records.logbook.kinds import MACHINES
from trucewatch.serve.app import make_app
from trucewatch.serve.pages import _logbook_words as wording

if TYPE_CHECKING:
    from collections.abc import Iterator

    from litestar import Litestar
    from tests.serve.booked_samples import Booked

LISTS = ("", "/restrictions", "/notifications", "/windows", "/visits")


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


def test_every_record_is_listed_the_struck_one_too(
    book: Booked, officer: TestClient[Litestar]
) -> None:
    text = officer.get("/logbook").text
    said = words(officer, "/logbook")

    assert all(f'href="/logbook/{each}"' in text for each in book.ids.values())
    assert f"{len(book.ids)} records." in said
    assert "struck: entered in error" in said
    assert "demining blast by BRAVO, 2030-09-04 10:00 UTC to 2030-09-04 12:00 UTC" in said


def test_records_are_found_by_kind_and_by_where_they_stand(
    book: Booked, officer: TestClient[Litestar]
) -> None:
    visits = officer.get("/logbook?kind=visit").text
    struck = officer.get("/logbook?state=struck").text
    lasting = officer.get("/logbook?state=open").text

    assert visits.count('href="/logbook/visit-') == 2
    assert "/logbook/window-" not in visits
    assert re.findall(r'href="/logbook/(\w+-\d+)"', struck) == [book.ids["contact"]]
    assert book.ids["notification"] in lasting
    assert book.ids["restriction"] not in lasting


def test_the_logbook_is_shown_as_the_log_had_it_then(
    book: Booked, officer: TestClient[Litestar]
) -> None:
    then = words(officer, "/logbook?asof=2030-09-06T00:30:00Z")
    now = words(officer, "/logbook")

    assert "0 records." in then
    assert "What nobody entered may have happened all the same." in then
    assert f"{len(book.ids)} records." in now


def test_a_restriction_is_told_with_what_was_said_word_by_word(
    officer: TestClient[Litestar],
) -> None:
    said = words(officer, "/logbook/restrictions")

    assert "access denied PATROL-1 4 people visit of the depot" in said
    assert "No entry; ask <b>the colonel</b> mines BRAVO" in said
    assert "raised with BRAVO, 2 Sep 08:00 lifted 2 Sep 13:00, after 6 hr" in said
    assert "<b>the colonel</b>" not in officer.get("/logbook/restrictions").text


def test_a_notice_is_told_with_how_long_before_it_was_given(
    officer: TestClient[Litestar],
) -> None:
    said = words(officer, "/logbook/notifications")

    assert (
        "demining blast \N{MULTIPLICATION SIGN} 2 demining team 4 BRAVO MISSION 2 Sep 08:00" in said
    )
    assert "2.1 days before MISSION: acknowledged not compared yet" in said


def test_a_window_says_who_guaranteed_it_who_refused_and_what_rules_flag(
    officer: TestClient[Litestar],
) -> None:
    said = words(officer, "/logbook/windows")

    assert "repair, Ilmery pumping station 6 people at work" in said
    assert "ALPHA, 3 Sep 10:00" in said
    assert "BRAVO refused, 3 Sep 11:00" in said
    assert re.search(r"(nothing, as of the last run|i-[a-z0-9]+|the rule cannot tell)", said)


def test_a_visit_says_what_was_counted_and_what_was_closed(
    officer: TestClient[Litestar],
) -> None:
    said = words(officer, "/logbook/visits")

    assert "DEPOT-3" in said
    assert "howitzer: 3 hall 4" in said
    assert "not visited \N{EN DASH} not today" in said
    assert "access denied" in said


def test_a_record_is_told_act_by_act_each_proven_in_the_log(
    book: Booked, officer: TestClient[Litestar]
) -> None:
    name = book.ids["restriction"]
    text = officer.get(f"/logbook/{name}").text
    said = words(officer, f"/logbook/{name}")
    entries = set(re.findall(r'href="/log/(\d+)"', text))

    assert len(entries) == 4
    assert "4 acts proven to be in the log just now. Unchanged since sealing does not mean" in said
    assert "Denial of PATROL-1" in said
    assert "45.0000, -29.9000 ± 50 m" in said
    assert "<svg" in text.split('<figure class="figmap mini">')[1]


def test_a_struck_record_stands_with_who_struck_it(
    book: Booked, officer: TestClient[Litestar]
) -> None:
    text = officer.get(f"/logbook/{book.ids['contact']}").text
    said = words(officer, f"/logbook/{book.ids['contact']}")

    assert "shots near YARD-1" in said
    assert "entered twice" in said
    assert "it was struck: entered in error" in said
    assert "Struck by entry" in said
    assert text.count('class="struck"') == 1  # and not the act that struck it


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("?kind=party", "kind"),
        ("?state=sleeping", "state"),
        ("?asof=yesterday", "asof"),
        ("?page=none", "page"),
        ("?page=0", "page"),
    ],
)
def test_a_filter_that_cannot_be_read_is_named(
    officer: TestClient[Litestar], query: str, named: str
) -> None:
    answer = officer.get(f"/logbook{query}")

    assert answer.status_code == 400
    assert named in answer.text
    assert "expected" in answer.text


@pytest.mark.parametrize("name", ["visit-99999", "party-1", "visit", "-", "visit-1e3"])
def test_a_record_that_is_not_there_is_not_found(officer: TestClient[Litestar], name: str) -> None:
    assert officer.get(f"/logbook/{name}").status_code == 404


@pytest.mark.parametrize("path", [*LISTS, "/window-1", "/nothing-1", "?kind=party"])
def test_the_public_learns_nothing_not_even_by_an_error(book: Booked, path: str) -> None:
    with TestClient(make_app(str(book.home.path))) as public:
        answer = public.get(f"/logbook{path}")

    assert answer.status_code == 403
    assert "PATROL-1" not in answer.text
    assert "expected one of" not in answer.text


def test_every_page_works_in_ukrainian(book: Booked, officer: TestClient[Litestar]) -> None:
    paths = [*LISTS, *(f"/{each}" for each in book.ids.values())]

    codes = {officer.get(f"/logbook{path}?language=uk").status_code for path in paths}

    assert codes == {200}


def test_every_kind_state_and_member_of_an_act_has_words() -> None:
    acts = [act for machine in MACHINES.values() for act in machine.acts.values()]

    assert set(wording.KINDS) == set(MACHINES)
    assert {act.state for act in acts} <= set(wording.STATES)
    assert {name for act in acts for name in act.form} <= set(wording.NAMES)
