"""Promises of the response room: who was asked for what, what came of it, and who was not asked."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from litestar.testing import TestClient
from tests.mission.response_samples import DETERMINED, Floor, floor

from trucewatch.mission.clock import SimulatedClock
from trucewatch.mission.home import Home
from trucewatch.mission.init import Plan, create
from trucewatch.mission.passes import first_pass
from trucewatch.mission.respond import Given, Wanted, ask, consult, request, say, turn
from trucewatch.serve.app import make_app

if TYPE_CHECKING:
    from collections.abc import Iterator

    from litestar import Litestar

SAID = "reports are sent <b>hourly</b>"


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Floor:
    """A response of the harbour exercise, seven hours after the determination."""
    made = floor(tmp_path_factory.mktemp("room"), register="harbour-accord")
    made.start(1)
    first = ask(made.home, Wanted(actor="ARV", measure="watch-reports"), made.at(2)).done.id
    ask(made.home, Wanted(actor="COR", measure="watch-reports"), made.at(2.5))
    say(made.home, Given(act="reported", of=first, detail={"said": SAID}), made.at(4))
    seen = Given(act="verified", of=first, detail={"asset": "Patrol 3", "report": None})
    say(made.home, seen, made.at(5))
    held = consult(made.home, ("ARV", "BRO"), "what follows", made.at(5.2)).id
    stated = {"actor": "ARV", "said": "We send what we promised."}
    say(made.home, Given(act="stated", of=held, detail=stated), made.at(5.3))
    request(made.home, "BRO", "how many pilots can come", made.at(5.5))
    turn(made.home, "tier_raised", made.because(7, "no answer of the other side"))
    first_pass(made.home)
    return made


@pytest.fixture
def ours(room: Floor) -> Iterator[TestClient[Litestar]]:
    """A browser of the mission."""
    with TestClient(make_app(str(room.home.path), clock=room.clock)) as client:
        client.cookies.set("tw_pass", first_pass(room.home))
        yield client


def text(client: TestClient[Litestar], path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text[-400:]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text.split('id="main"')[-1]))


def part(shown: str, start: str, end: str) -> str:
    begin = shown.index(start)
    return shown[begin : shown.index(end, begin)]


def test_the_room_shows_what_was_determined_and_which_clocks_run(
    ours: TestClient[Litestar],
) -> None:
    shown = text(ours, "/response")

    assert "fire on the pumping station the commission" in shown
    assert "tier in force: lantern" in shown
    clocks = part(shown, "Tiers and their clocks", "Evidence")
    assert re.search(r"bell .* met first done after 4 hr", clocks)
    assert re.search(r"lantern .* runs 1.7 days left", clocks)
    assert "boom press only" in clocks
    assert "no answer of the other side S. Secretary" in shown


def test_it_tells_what_each_reported_apart_from_what_others_saw(
    ours: TestClient[Litestar],
) -> None:
    asked = part(text(ours, "/response"), "Who was asked for what", "Who could, and was not asked")

    arvenia, corlund = asked.split("Corlund", 1)
    assert "pledged, 12 watchers T2" in arvenia
    assert "seen to be done, Patrol 3" in arvenia
    assert "under no promise; nobody is bound by being asked" in corlund
    assert "nothing on file" in corlund
    assert "missed" in corlund


def test_words_of_parties_are_never_markup(ours: TestClient[Litestar]) -> None:
    page = ours.get("/response").text

    assert "reports are sent &lt;b&gt;hourly&lt;/b&gt;" in page
    assert SAID not in page


def test_it_names_who_could_and_was_not_asked(ours: TestClient[Litestar]) -> None:
    shown = text(ours, "/response")
    others = part(shown, "Who could, and was not asked", "Consultations")

    assert "Broska" in others
    assert "Tarn League" in others
    assert "Arvenia" not in re.sub(r"text|condition", "", others).split("Broska")[0]
    assert "not known whether its condition is met" in others


def test_consultations_and_requests_are_there(ours: TestClient[Litestar]) -> None:
    shown = text(ours, "/response")

    assert re.search(r"what follows Arvenia ?, Broska", shown)
    assert "We send what we promised. Arvenia" in shown
    assert re.search(r"Broska ?: how many pilots can come requested", shown)


def test_as_our_log_had_it_nothing_later_is_shown(ours: TestClient[Litestar]) -> None:
    shown = text(ours, f"/response?asof={(DETERMINED + timedelta(hours=3)):%Y-%m-%dT%H:%MZ}")

    assert "tier in force: bell" in shown
    assert "Patrol 3" not in shown
    assert "hourly" not in shown


def test_the_public_is_refused_whatever_it_asks_for(room: Floor) -> None:
    with TestClient(make_app(str(room.home.path), clock=room.clock)) as client:
        answers = [client.get(path) for path in ("/response", "/response/x", "/response?asof=x")]
        first = client.get("/register").text

    assert {answer.status_code for answer in answers} == {403}
    assert not any("pumping" in answer.text for answer in answers)
    assert 'href="/response"' not in first


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [("/response/response-1", 404, "which was not started"), ("/response?asof=soon", 400, "asof")],
)
def test_refuses_what_is_not_there_and_names_the_field(
    ours: TestClient[Litestar], path: str, status: int, said: str
) -> None:
    answer = ours.get(path)

    assert answer.status_code == status
    assert said in answer.text


def test_one_response_has_an_address_of_its_own(ours: TestClient[Litestar], room: Floor) -> None:
    name = room.shown().id

    assert "fire on the pumping station" in text(ours, f"/response/{name}")


def test_where_nothing_was_started_it_says_what_to_do(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("quiet")
    quiet = floor(folder, register="harbour-accord").home
    bare = Home(folder / "bare")
    plan = Plan(seed=bytes(32), agreement="demo-truce")
    create(bare.path, clock=SimulatedClock(DETERMINED), plan=plan)

    told = []
    for home in (quiet, bare):
        key = first_pass(home)
        with TestClient(make_app(str(home.path))) as client:
            client.cookies.set("tw_pass", key)
            told.append(client.get("/response").text)

    assert "tw respond start HOME" in told[0]
    assert "tw register load HOME" in told[1]
